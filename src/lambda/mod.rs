//! The service: configuration and limits, CPU model, concurrency, execution environments, invoke API, asynchronous queue,
//! destinations, logs, metrics, bills.
//!
//! State machines that mirror Lambda's documentation, one per file, each driven only by kernel events and each leaving
//! typed entries ([`event::Event`]) in the trace. Logs, metrics and bills are folds over that trace, not separate
//! bookkeeping.

pub mod async_queue;
pub mod billing;
pub mod caller;
pub mod cloud;
pub mod concurrency;
pub mod config;
pub mod cpu;
pub mod destination;
pub mod drill;
pub mod environment;
pub mod event;
pub mod event_source;
pub mod function;
pub mod function_name;
pub mod invoke;
pub mod limits;
pub mod logs;
pub mod machine;
pub mod metrics;
pub mod model;
pub mod names;
pub mod pattern;
pub mod pool;
pub mod runtime;
pub mod summary;
pub mod surroundings;
pub mod traffic;
