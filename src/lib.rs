//! Lambda Playground: AWS Lambda, understood, tried and measured in a web page.
//!
//! A *scenario* goes in, a *trace* comes out, the page draws the trace. Guest code really runs, but time is virtual:
//! instructions are counted, and count ÷ CPU share is duration.
//!
//! # The map of the house
//!
//! Rooms import downwards only, in this order:
//!
//! | room | what it is | what it may not do |
//! |---|---|---|
//! | [`ui`] | the page, in Leptos; reads traces, sends commands | decide anything about Lambda |
//! | [`session`] | the protocol between page and worker; owns one running cloud | touch the DOM |
//! | [`export`] | files of other tools: a run or a set-up, as they read it | run anything |
//! | [`scenario`] | what the visitor set up: serialisable, versioned, validated | run anything |
//! | [`trigger`] | one file per event source: event, form, contract, what the caller sees | know the page or the kernel |
//! | [`lambda`] | the service: limits, CPU model, environments, invoke API, queue, logs, bills | read a wall clock, use floats on the clock |
//! | [`guest`] | running one module: recognise, describe, meter, bind to an ABI, run | know Lambda's queues or prices |
//! | [`sim`] | the discrete-event kernel: virtual time, event heap, seeded randomness, trace | know what it simulates |
//!
//! [`problem`] is the one vocabulary all rooms share: what is wrong with something a person gave us, where, and the cure.
//!
//! Everything below `session` builds and is tested natively, and so does what the page knows and computes; only
//! `ui::page`, the worker entries and `guest::engine::browser` need wasm32.

pub mod export;
pub mod guest;
pub mod lambda;
pub mod problem;
pub mod scenario;
pub mod session;
pub mod sim;
pub mod trigger;
pub mod ui;
