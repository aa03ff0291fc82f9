//! The reference row by row: what the other files here, which follow the engine, leave out.
//!
//! Each test names its row: the section, and the row's own words in quotes. Where the other rows are held:
//!
//! | section | rows | held in |
//! |---|---|---|
//! | 1 | limits of the configuration, environment variables, payloads | `configuration`, `responses`, `sync` |
//! | 1.1, 1.2 | memory to CPU, quotas | `lambda::cpu`, `guest::clock`, `lifecycle` |
//! | 1.4 | log groups, streams, levels | `measures`, `lambda::names`, `guest::process::log` |
//! | 2.1, 2.2, 2.3 | phases, failures, log lines | `lifecycle`, `responses`, `logs` |
//! | 2.4 | JSON system logs | `measures`, and here |
//! | 3.1, 3.2 | Invoke, Runtime API | `sync`, `responses`, `lifecycle`, and here |
//! | 4 | concurrency and scaling | `scaling`, `settings`, and here |
//! | 5 | asynchronous invocation | `asynchronous`, `destinations`, and here |
//! | 6 | event source mappings | tests/event_source, `mappings` |
//! | 8 | prices | `billing`, `measures`, and here |
//! | 9 | metrics | `measures`, `mapping_metrics`, and here |
//!
//! Rows without a test, as the playground does not simulate what they are about: handler, description, layers and package
//! size; client context; request headers; function states and the control plane's rates; response streaming; SnapStart,
//! extensions, X-Ray and the errors of storage, networks and keys (2.1, 3.1); the spans of `platform.runtimeDone` (2.4);
//! EventPollerUnit, PollingErrorCount, CommitErrorCount, SchemaRegistryErrorCount (9).

#[path = "reference/asynchronous.rs"]
mod asynchronous;
#[path = "reference/concurrency.rs"]
mod concurrency;
#[path = "reference/configuration.rs"]
mod configuration;
#[path = "reference/metrics.rs"]
mod metrics;
#[path = "reference/naming.rs"]
mod naming;
#[path = "reference/prices.rs"]
mod prices;
#[path = "reference/system_logs.rs"]
mod system_logs;
