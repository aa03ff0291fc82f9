//! Memory is CPU.

use super::{At, Event, Guide, Look, Play, Request, Step};
use crate::ui::sources;

pub static GUIDE: Guide = Guide {
    id: "memory-is-cpu",
    title: "Memory is CPU",
    summary: "The same work at 128 MB, 256 MB, 1,769 MB and 3,008 MB: what more memory buys, and where it stops.",
    play: || {
        const {
            Play {
                example: "primes",
                settings: r#"{"version":2,"function":{"name":"primes","memory":128,"timeout":30}}"#,
                requests: &[Request {
                    at_ms: 0,
                    trigger: "api-gateway-http",
                    event: Event::Form(&[("query", "n=200000")]),
                }],
            }
        }
    },
    steps: || {
        const {
            &[
                Step {
                    title: "128 MB: frozen most of the time",
                    text: "This function counts primes and does nothing else. At 128 MB it has a fourteenth of a CPU: in each 20 ms it runs for less than 1.5 ms and is frozen for the rest.",
                    look: Look::Time,
                    at: At::End,
                    memory: Some(128),
                    source: Some(sources::MEMORY),
                    ..Step::PLAIN
                },
                Step {
                    title: "256 MB: twice the CPU, half the time",
                    text: "Lambda gives CPU in proportion to memory. Twice the memory costs twice as much each millisecond, and half as many milliseconds are needed: the price of the run stays about the same.",
                    look: Look::Memory,
                    at: At::End,
                    memory: Some(256),
                    source: Some(sources::MEMORY),
                    ..Step::PLAIN
                },
                Step {
                    title: "1,769 MB: one whole vCPU",
                    text: "Here the function is never frozen. It is some fourteen times as fast as at 128 MB, for about the same money.",
                    look: Look::Time,
                    at: At::End,
                    memory: Some(1_769),
                    source: Some(sources::MEMORY),
                    ..Step::PLAIN
                },
                Step {
                    title: "3,008 MB: nothing more to buy",
                    text: "More memory brings a second vCPU, and this function has one thread: it is as fast as before, and costs more.",
                    look: Look::Numbers,
                    at: At::End,
                    memory: Some(3_008),
                    source: Some(sources::MEMORY),
                    ..Step::PLAIN
                },
                Step {
                    title: "Try every size",
                    text: "“Power tuning” runs the event at fourteen sizes and draws duration and cost. The best size is where the curve of duration bends and that of cost is still flat.",
                    look: Look::Tuning,
                    at: At::End,
                    memory: Some(1_769),
                    source: Some(sources::PRICING),
                    ..Step::PLAIN
                },
            ]
        }
    },
};
