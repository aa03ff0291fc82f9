//! The service: configuration and limits, CPU model, execution environments, invoke API, asynchronous queue, logs, bills.
//!
//! State machines that mirror Lambda's documentation, one per file, each driven only by kernel events and each leaving
//! typed entries ([`event::Event`]) in the trace. Logs and bills are folds over that trace, not separate bookkeeping.

pub mod config;
pub mod event;
