//! A module that is cut answers as the whole one does, whatever is in the list and whenever the later module comes.

use wasmi::{Caller, Engine, Extern, Func, Instance, Linker, Module as Runnable, Store};

use super::cut;
use crate::list::List;
use crate::module::Module;

/// Calls straight, through the table, into imports and back; a recursion across the cut; state in a global and in memory.
const WHOLE: &str = r#"(module
  (import "host" "add" (func $add (param i32 i32) (result i32)))
  (import "host" "twice" (func $twice (param i32) (result i32)))
  (memory (export "memory") 1)
  (global $count (mut i32) (i32.const 0))
  (table 3 3 funcref)
  (type $unary (func (param i32) (result i32)))
  (elem (i32.const 1) $square $long)
  (func $square (param i32) (result i32)
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (i32.store (i32.const 16) (local.get 0))
    (i32.mul (local.get 0) (local.get 0)))
  (func $long (param i32) (result i32)
    (call $add (call $twice (local.get 0)) (i32.add (i32.load (i32.const 16)) (call $even (local.get 0)))))
  (func $even (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (call $odd (i32.sub (local.get 0) (i32.const 1))))
      (else (i32.const 1))))
  (func $odd (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (call $even (i32.sub (local.get 0) (i32.const 1))))
      (else (i32.const 0))))
  (func $tiny (param i64 f64) (result f64) (local.get 1))
  (func (export "run") (param i32) (result i32)
    (drop (call $tiny (i64.const 1) (f64.const 2)))
    (i32.add
      (i32.add
        (call_indirect (type $unary) (local.get 0) (i32.const 1))
        (call_indirect (type $unary) (local.get 0) (i32.const 2)))
      (i32.add (call $odd (local.get 0)) (global.get $count))))
)"#;

const NAMES: [&str; 5] = ["square", "long", "even", "odd", "tiny"];

/// What the host of a cut module keeps: the later module's bytes, and how often it was asked for.
#[derive(Default)]
struct Host {
    later: Vec<u8>,
    first: Option<Instance>,
    loads: u32,
}

fn linker(engine: &Engine) -> Linker<Host> {
    let mut linker = Linker::new(engine);
    linker
        .func_wrap("host", "add", |left: i32, right: i32| left + right)
        .and_then(|linker| linker.func_wrap("host", "twice", |value: i32| value * 2))
        .and_then(|linker| {
            linker.func_wrap("later", "load", |mut caller: Caller<'_, Host>| {
                load(&mut caller)
            })
        })
        .expect("the names differ");
    linker
}

/// Does what the page's loader does.
fn load(caller: &mut Caller<'_, Host>) {
    let first = caller.data().first.expect("the first module runs");
    caller.data_mut().loads += 1;
    let later =
        Runnable::new(caller.engine(), &caller.data().later).expect("the later module is valid");
    let mut linker = linker(caller.engine());
    let exports: Vec<(String, Extern)> = first
        .exports(&*caller)
        .map(|export| (export.name().to_owned(), export.into_extern()))
        .collect();
    for (name, export) in exports {
        linker
            .define("first", &name, export)
            .expect("exports have names of their own");
    }
    linker
        .instantiate_and_start(&mut *caller, &later)
        .expect("all its imports are there");
    let loaded = first
        .get_global(&*caller, "later")
        .expect("the flag is exported");
    loaded
        .set(&mut *caller, wasmi::Val::I32(1))
        .expect("the flag can be set");
}

fn run(bytes: &[u8], later: Vec<u8>) -> (Vec<i32>, u32) {
    let engine = Engine::default();
    let module = Runnable::new(&engine, bytes).expect("the first module is valid");
    let mut store = Store::new(
        &engine,
        Host {
            later,
            ..Host::default()
        },
    );
    let instance = linker(&engine)
        .instantiate_and_start(&mut store, &module)
        .expect("it starts");
    store.data_mut().first = Some(instance);
    let run: Func = instance.get_func(&store, "run").expect("it is exported");
    let run = run.typed::<i32, i32>(&store).expect("its type stays");
    let answers = [0, 1, 7, 12].map(|value| run.call(&mut store, value).expect("it does not trap"));
    (answers.to_vec(), store.data().loads)
}

#[test]
fn every_cut_answers_as_the_whole() {
    let bytes = wat::parse_str(WHOLE).expect("the text is right");
    let (expected, _) = run(&bytes, Vec::new());
    let module = Module::parse(&bytes).expect("it is a module");
    for choice in 0..1_u32 << NAMES.len() {
        let mut list = List::default();
        for (bit, name) in NAMES.iter().enumerate() {
            if choice >> bit & 1 == 1 {
                list.add(name);
            }
        }
        // The exported function, which has no name, now stays and now goes.
        if choice & 1 == 1 {
            list.add("");
        }
        let halves = cut(&module, &list, |_| Ok(Vec::new())).expect("it can be cut");
        let (answers, loads) = run(&halves.first, halves.later);
        assert_eq!(answers, expected, "list {choice:05b}");
        assert!(
            loads <= 1,
            "list {choice:05b}: the later module came {loads} times"
        );
    }
}

#[test]
fn nothing_is_loaded_when_everything_stays() {
    let bytes = wat::parse_str(WHOLE).expect("the text is right");
    let module = Module::parse(&bytes).expect("it is a module");
    let mut list = List::default();
    NAMES.iter().chain(&[""]).for_each(|name| list.add(name));
    let halves = cut(&module, &list, |_| Ok(Vec::new())).expect("it can be cut");
    assert_eq!(halves.stubs, 0);
    assert_eq!(run(&halves.first, halves.later).1, 0);
}

#[test]
fn a_probed_copy_tells_what_ran() {
    let bytes = wat::parse_str(WHOLE).expect("the text is right");
    let module = Module::parse(&bytes).expect("it is a module");
    let probed = crate::probe::probe(&module).expect("it can be written");
    let lines = probed.lines;
    let engine = Engine::default();
    let mut store = Store::new(&engine, Vec::new());
    let mut linker: Linker<Vec<u32>> = Linker::new(&engine);
    linker
        .func_wrap("host", "add", |left: i32, right: i32| left + right)
        .and_then(|linker| linker.func_wrap("host", "twice", |value: i32| value * 2))
        .and_then(|linker| {
            linker.func_wrap(
                "profile",
                "hit",
                |mut caller: Caller<'_, Vec<u32>>, number: u32| {
                    caller.data_mut().push(number);
                },
            )
        })
        .expect("the names differ");
    let module = Runnable::new(&engine, &probed.module[..]).expect("the probed copy is valid");
    let instance = linker
        .instantiate_and_start(&mut store, &module)
        .expect("it starts");
    let run = instance
        .get_typed_func::<i32, i32>(&store, "run")
        .expect("it is exported");
    run.call(&mut store, 0).expect("it does not trap");
    let told: Vec<&str> = store
        .data()
        .iter()
        .map(|number| lines[*number as usize].as_str())
        .collect();
    // Functions and how many points they have; points are reached behind them.
    let expected = [
        "\t0",
        "tiny\t0",
        "square\t0",
        "long\t0",
        "even\t2",
        "even\t1/2",
        "odd\t2",
        "odd\t1/2",
    ];
    assert_eq!(told, expected);
}

/// Data that only moved functions refer to comes with the later module.
#[test]
fn data_comes_with_the_code_that_needs_it() {
    let text = r#"(module
      (import "host" "add" (func $add (param i32 i32) (result i32)))
      (import "host" "twice" (func $twice (param i32) (result i32)))
      (memory (export "memory") 1)
      (table 1 1 funcref)
      (data (i32.const 64) "the first module's own words, and then those of the later one: good morning")
      (func $early (result i32) (i32.load (i32.const 64)))
      (func $late (result i32)
        (i32.add (i32.load (i32.const 128)) (i32.add (i32.load8_u (i32.const 127)) (i32.load8_u (i32.const 138)))))
      (func (export "run") (param i32) (result i32)
        (if (result i32) (local.get 0)
          (then (call $late))
          (else (call $early)))))"#;
    let bytes = wat::parse_str(text).expect("the text is right");
    let module = Module::parse(&bytes).expect("it is a module");
    let (expected, _) = run(&bytes, Vec::new());
    let mut list = List::default();
    ["", "early"].iter().for_each(|name| list.add(name));
    let hole = (94, 45);
    let halves = cut(&module, &list, |_| Ok(vec![hole])).expect("it can be cut");
    assert_eq!(halves.data, 45);
    assert!(
        !halves
            .first
            .windows(12)
            .any(|bytes| bytes == b"good morning")
    );
    let (answers, loads) = run(&halves.first, halves.later);
    assert_eq!(answers, expected);
    assert_eq!(loads, 1);
}
