//! Growing: as the specification says, up to the host's limit.

use lambda_playground::guest::meter::{self, MeterCall};
use wasmi::Val;

use crate::guest::{End, Guest};

fn grow(pages: i32) -> [Val; 1] {
    [Val::I32(pages)]
}

#[test]
fn without_a_limit_it_grows_to_its_declared_maximum() {
    let mut guest = Guest::new(
        "(module (memory (export \"memory\") 1 4)
           (func (export \"run\") (param i32) (result i32) local.get 0 memory.grow)
           (func (export \"size\") (result i32) memory.size))",
    );
    assert_eq!(guest.module.initial_pages, 1);
    assert_eq!(guest.call("run", &grow(0)).bits() as i32, 1);
    assert_eq!(guest.call("run", &grow(2)).bits() as i32, 1);
    assert_eq!(guest.call("run", &grow(2)).bits() as i32, -1);
    assert_eq!(guest.call("run", &grow(-1)).bits() as i32, -1);
    assert_eq!(guest.call("run", &grow(1)).bits() as i32, 3);
    assert_eq!(guest.call("size", &[]).bits() as i32, 4);
}

#[test]
fn without_a_maximum_four_gigabytes_are_one() {
    let mut guest = Guest::new(
        "(module (memory 1) (func (export \"run\") (param i32) (result i32) local.get 0 memory.grow))",
    );
    assert_eq!(guest.call("run", &grow(65_536)).bits() as i32, -1);
}

#[test]
fn past_the_hosts_limit_the_host_is_called() {
    let mut guest = Guest::new(
        "(module (memory 1)
           (func (export \"run\") (param i32) (result i32) local.get 0 memory.grow)
           (func (export \"size\") (result i32) memory.size))",
    );
    guest.set_page_limit(5);
    assert_eq!(guest.call("run", &grow(4)).bits() as i32, 1);
    let run = guest.call("run", &grow(1));
    assert_eq!(run.end, End::Stopped(MeterCall::Memory));
    assert_eq!(run.fuel, 100, "the request is paid for, no page");
    assert_eq!(guest.call("size", &[]).bits(), 5);
    assert_eq!(
        guest.call("run", &grow(0)).bits() as i32,
        5,
        "asking for nothing is no growth"
    );
}

#[test]
fn the_limit_is_for_all_memories_together() {
    let mut guest = Guest::new(
        "(module (memory $a 1) (memory $b 2)
           (func (export \"a\") (param i32) (result i32) local.get 0 memory.grow $a)
           (func (export \"b\") (param i32) (result i32) local.get 0 memory.grow $b))",
    );
    assert_eq!(guest.module.initial_pages, 3);
    guest.set_page_limit(6);
    assert_eq!(guest.call("a", &grow(1)).bits() as i32, 1);
    assert_eq!(guest.call("b", &grow(2)).bits() as i32, 2);
    assert_eq!(
        guest.call("a", &grow(1)).end,
        End::Stopped(MeterCall::Memory)
    );
    assert_eq!(
        guest.call("b", &grow(1)).end,
        End::Stopped(MeterCall::Memory)
    );
}

#[test]
fn a_device_that_refuses_is_not_the_guests_doing() {
    let bytes = wat::parse_str(
        "(module (memory 1) (func (export \"run\") (param i32) (result i32) local.get 0 memory.grow))",
    )
    .expect("the text is WebAssembly");
    let module = meter::meter(&bytes).expect("it can be metered");
    // wasmi with too little for what the module may.
    let mut guest = Guest::from(module, 1_000).expect("it can be instantiated");
    guest.store.data_mut().limits = wasmi::StoreLimitsBuilder::new()
        .memory_size(3 << 16)
        .build();
    guest.store.limiter(|state| &mut state.limits);
    let run = guest.call("run", &grow(9));
    assert_eq!(run.end, End::Stopped(MeterCall::Device));
}

#[test]
fn tables_grow_to_their_maximum_or_ours() {
    let mut guest = Guest::new(
        "(module (table $small 1 3 externref) (table $open 1 funcref)
           (func (export \"small\") (param i32) (result i32) ref.null extern local.get 0 table.grow $small)
           (func (export \"open\") (param i32) (result i32) ref.null func local.get 0 table.grow $open))",
    );
    let run = guest.call("small", &grow(2));
    assert_eq!((run.bits() as i32, run.fuel), (1, 100 + 2));
    assert_eq!(guest.call("small", &grow(1)).bits() as i32, -1);
    assert_eq!(guest.call("open", &grow(10_000_000)).bits() as i32, -1);
    assert_eq!(guest.call("open", &grow(-1)).bits() as i32, -1);
    assert_eq!(guest.call("open", &grow(1_000)).bits() as i32, 1);
}

#[test]
fn bulk_operations_do_what_they_did() {
    let mut guest = Guest::new(
        "(module (memory (export \"memory\") 1) (data $d \"abcdef\")
           (func (export \"run\") (result i32)
             i32.const 10 i32.const 1 i32.const 3 memory.init $d
             i32.const 20 i32.const 10 i32.const 3 memory.copy
             i32.const 23 i32.const 120 i32.const 1 memory.fill
             data.drop $d
             i32.const 20 i32.load))",
    );
    assert_eq!(
        guest.call("run", &[]).bits(),
        u64::from(u32::from_le_bytes(*b"bcdx"))
    );
}

#[test]
fn several_memories_come_with_a_count_of_their_pages() {
    let mut guest = Guest::new(
        "(module (memory $a 1) (memory $b 2) (export \"meter.pages\" (memory $b))
           (func (export \"run\") (param i32) (result i32) local.get 0 memory.grow $b))",
    );
    let pages = guest.module.pages.clone().expect("there are several");
    assert_eq!(pages, "meter.pages.2");
    let run = guest.call(&pages, &[]);
    assert_eq!((run.bits(), run.fuel), (3, 0));
    guest.call("run", &grow(7));
    assert_eq!(guest.call(&pages, &[]).bits(), 10);
    let one = Guest::new("(module (memory 1))");
    assert_eq!(one.module.pages, None);
}
