//! Settings of requests, and of what is nobody's setting on AWS.

use super::{Input, Look, Setup, Slot, Spec};
use crate::lambda::caller::Client;

/// Whether a trigger is a direct, synchronous call, which can ask for the log's end or for a dry run.
fn asks(setup: &Setup) -> bool {
    setup.trigger == "direct"
}

/// Whether the trigger's requests go to functions, rather than through a mapping, which names its function itself.
fn goes_to_a_function(setup: &Setup) -> bool {
    setup.mapping().is_none()
}

pub(super) const REQUEST: &[Spec<Setup>] = &[
    Spec {
        look: Look {
            key: "function",
            label: "Requests go to",
            unit: "",
            help: "",
            input: Input::Functions,
        },
        slot: Slot::Own {
            get: |setup| {
                (goes_to_a_function(setup) && !setup.others.is_empty())
                    .then(|| setup.call.function.clone().unwrap_or_default())
            },
            set: |setup, name| {
                setup.call.function = (!name.is_empty()).then(|| name.to_owned());
                setup.call.qualifier = None;
                true
            },
        },
    },
    Spec {
        look: Look {
            key: "qualifier",
            label: "Version or alias",
            unit: "",
            help: "",
            input: Input::Qualifiers,
        },
        slot: Slot::Own {
            get: |setup| {
                let function = setup.function_named(setup.call.function.as_deref());
                let published = function.and_then(|index| setup.published_of(index));
                let there =
                    published.is_some_and(|it| !it.versions.is_empty() || !it.aliases.is_empty());
                (goes_to_a_function(setup) && (there || setup.call.qualifier.is_some()))
                    .then(|| setup.call.qualifier.clone().unwrap_or_default())
            },
            set: |setup, qualifier| {
                setup.call.qualifier = (!qualifier.is_empty()).then(|| qualifier.to_owned());
                true
            },
        },
    },
    Spec {
        look: Look {
            key: "log_tail",
            label: "Ask for the log's end",
            unit: "",
            help: "X-Amz-Log-Type: Tail. The answer carries the last 4 KB of the log.",
            input: Input::Switch,
        },
        slot: Slot::Own {
            get: |setup| asks(setup).then(|| setup.call.log_tail.to_string()),
            set: |setup, text| match text.parse() {
                Ok(on) => {
                    setup.call.log_tail = on;
                    true
                }
                Err(_) => false,
            },
        },
    },
    Spec {
        look: Look {
            key: "dry_run",
            label: "Dry run",
            unit: "",
            help: "X-Amz-Invocation-Type: DryRun. Lambda checks the call and runs nothing.",
            input: Input::Switch,
        },
        slot: Slot::Own {
            get: |setup| asks(setup).then(|| setup.call.dry_run.to_string()),
            set: |setup, text| match text.parse() {
                Ok(on) => {
                    setup.call.dry_run = on;
                    true
                }
                Err(_) => false,
            },
        },
    },
];

/// What is nobody's setting on AWS.
#[derive(Debug, Clone)]
pub(super) struct Service {
    client: Client,
    idle_lifetime_seconds: u32,
    duplicates_per_million: u32,
    seed: u64,
}

impl Service {
    pub fn of(setup: &Setup) -> Self {
        Self {
            client: setup.client,
            idle_lifetime_seconds: setup.idle_lifetime_seconds,
            duplicates_per_million: setup.duplicates_per_million,
            seed: setup.seed,
        }
    }

    pub fn put_into(self, setup: &mut Setup) {
        setup.client = self.client;
        setup.idle_lifetime_seconds = self.idle_lifetime_seconds;
        setup.duplicates_per_million = self.duplicates_per_million;
        setup.seed = self.seed;
    }
}

/// Tries, first wait and longest wait of a client that tries again; none when it gives up.
fn backoff(service: &mut Service) -> Option<[&mut u32; 3]> {
    match &mut service.client {
        Client::NoRetry => None,
        Client::Backoff {
            max_attempts,
            base_ms,
            cap_ms,
        } => Some([max_attempts, base_ms, cap_ms]),
    }
}

pub(super) const SERVICE: &[Spec<Service>] = &[
    Spec {
        look: Look {
            key: "max_attempts",
            label: "A client's tries",
            unit: "",
            help: "In all, the first included. The SDKs make 3.",
            input: Input::Number(1, 100),
        },
        slot: Slot::Number(|service| backoff(service).map(|[it, _, _]| it)),
    },
    Spec {
        look: Look {
            key: "base_ms",
            label: "Its first wait, at most",
            unit: "ms",
            help: "A random part of it is waited; it doubles with every try.",
            input: Input::Number(0, 3_600_000),
        },
        slot: Slot::Number(|service| backoff(service).map(|[_, it, _]| it)),
    },
    Spec {
        look: Look {
            key: "cap_ms",
            label: "Its longest wait",
            unit: "ms",
            help: "",
            input: Input::Number(0, 3_600_000),
        },
        slot: Slot::Number(|service| backoff(service).map(|[_, _, it]| it)),
    },
    Spec {
        look: Look {
            key: "idle_lifetime_seconds",
            label: "Idle environments are kept",
            unit: "s",
            help: "AWS does not say how long; minutes to tens of minutes have been seen.",
            input: Input::Number(1, 86_400),
        },
        slot: Slot::Number(|service| Some(&mut service.idle_lifetime_seconds)),
    },
    Spec {
        look: Look {
            key: "duplicates_per_million",
            label: "Asynchronous events delivered twice",
            unit: "%",
            help: "Lambda's queue delivers at least once. How often that is twice, AWS does not say.",
            input: Input::Decimal,
        },
        slot: Slot::Percent(|service| Some(&mut service.duplicates_per_million)),
    },
    Spec {
        look: Look {
            key: "seed",
            label: "Seed",
            unit: "",
            help: "Everything that is a matter of chance comes from it. Another seed is another day.",
            input: Input::Text,
        },
        slot: Slot::Own {
            get: |service| Some(service.seed.to_string()),
            set: |service, text| match text.trim().parse() {
                Ok(seed) => {
                    service.seed = seed;
                    true
                }
                Err(_) => false,
            },
        },
    },
];
