//! Data is deferred only if nothing in the first module can refer to it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Data, Object, Refers, plain};
use crate::module::Module;

const TEXT: &str = r#"(module
  (memory 1)
  (func $kept (result i32)
    (i32.add (i32.const 1000) (i32.load offset=1110 (i32.const 0))))
  (func $moved (result i32) (i32.const 1200))
  (func $tail (result i32) (i32.const 1300)))"#;

/// Objects of 50 bytes at each hundred from 1000 to 1900.
fn data() -> Data {
    let object = |constant| Object {
        size: 50,
        constant,
        refers: BTreeSet::new(),
    };
    Data {
        objects: (10..20)
            .map(|hundred| (hundred * 100, object(true)))
            .collect(),
        functions: BTreeMap::new(),
    }
}

fn refers(addresses: &[(u32, u32)], calls: &[(&str, u32)]) -> Refers {
    Refers {
        addresses: addresses.iter().copied().collect(),
        calls: calls
            .iter()
            .map(|(name, count)| ((*name).to_owned(), *count))
            .collect(),
    }
}

/// The objects that come at first when `kept` is kept and `tail` was a part of it.
fn first(data: &Data) -> Vec<u32> {
    let bytes = wat::parse_str(TEXT).expect("the text is right");
    let module = Module::parse(&bytes).expect("it is a module");
    let deferred = data
        .deferred(&module, &[0].into(), &[0])
        .expect("the bodies can be read");
    let deferred: BTreeSet<u32> = deferred.into_iter().map(|(at, _)| at).collect();
    let objects = data.objects.keys().copied();
    objects.filter(|at| !deferred.contains(at)).collect()
}

#[test]
fn numbers_in_kept_code_may_be_addresses() {
    // One is a constant, the other lies in the middle of an object and is an offset.
    assert_eq!(first(&data()), [1000, 1100]);
}

#[test]
fn relocations_find_what_the_numbers_do_not_show() {
    let mut data = data();
    // A table that is reached from before its beginning.
    let table = refers(&[(1395, 1400)], &[]);
    data.functions.insert("kept".to_owned(), table);
    assert_eq!(first(&data), [1000, 1100, 1400]);
}

#[test]
fn what_only_a_tail_refers_to_is_deferred() {
    let mut data = data();
    let both = refers(&[(1000, 1000), (1300, 1300)], &[]);
    data.functions.insert("kept".to_owned(), both);
    assert_eq!(first(&data), [1000, 1100]);
}

#[test]
fn objects_that_are_needed_need_others() {
    let mut data = data();
    data.objects.get_mut(&1100).expect("it is there").refers = [1500].into();
    data.objects.get_mut(&1500).expect("it is there").refers = [1600, 1100].into();
    assert_eq!(first(&data), [1000, 1100, 1500, 1600]);
}

#[test]
fn what_may_change_is_there_from_the_beginning() {
    let mut data = data();
    let changing = data.objects.get_mut(&1700).expect("it is there");
    changing.constant = false;
    changing.refers = [1800].into();
    assert_eq!(first(&data), [1000, 1100, 1700, 1800]);
}

#[test]
fn inlined_functions_bring_their_data() {
    let mut data = data();
    let calls = [("gone", 1), ("moved", 0)];
    data.functions
        .insert("kept".to_owned(), refers(&[], &calls));
    let inner = [("deeper", 1), ("moved", 1)];
    data.functions
        .insert("gone".to_owned(), refers(&[(1500, 1500)], &inner));
    data.functions
        .insert("deeper".to_owned(), refers(&[(1600, 1600)], &[]));
    data.functions
        .insert("moved".to_owned(), refers(&[(1900, 1900)], &[]));
    assert_eq!(first(&data), [1000, 1100, 1500, 1600]);
}

#[test]
fn objects_that_overlap_are_one() {
    let mut data = data();
    data.objects.get_mut(&1000).expect("it is there").size = 120;
    data.join_overlapping();
    assert_eq!(data.objects.len(), 9);
    assert_eq!(data.object_at(1149), Some(1000));
    assert_eq!(data.object_at(1150), None);
}

#[test]
fn names_are_compared_without_what_tools_add() {
    assert_eq!(plain("core[0123456789abcdef]::fmt[2]"), "core::fmt");
    assert_eq!(
        plain("<[u8] as core::fmt::Debug>::fmt"),
        "<[u8] as core::fmt::Debug>::fmt"
    );
}
