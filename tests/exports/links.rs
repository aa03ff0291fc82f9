//! Links that were made by earlier versions go on working: what they meant then, they mean now.

use lambda_playground::lambda::config::{Architecture, MemoryMb, TimeoutSeconds};
use lambda_playground::scenario::link::{SharedCode, from_link};
use lambda_playground::scenario::{Runs, VERSION, When, validate};
use lambda_playground::sim::{SimDuration, SimTime};

/// Of a scenario of version 1: one function, single requests.
const VERSION_1: &str = include_str!("../links/version-1.txt");
/// Of a scenario of version 2, as the page made it before mappings, with load and provisioned concurrency.
const VERSION_2: &str = include_str!("../links/version-2.txt");

#[test]
fn a_link_of_version_1_is_read_to_the_letter() {
    let (shared, problems) = from_link(VERSION_1.trim()).expect("it is a link");
    assert_eq!(problems, []);
    assert_eq!(shared.code, SharedCode::Example("primes".to_owned()));
    let scenario = shared.scenario;
    assert_eq!(scenario.version, VERSION);
    assert_eq!(scenario.seed, 7);
    assert_eq!(scenario.function.name, "primes");
    assert_eq!(scenario.function.memory, MemoryMb(1769));
    assert_eq!(scenario.function.timeout, TimeoutSeconds(10));
    assert_eq!(scenario.function.architecture, Architecture::Arm);
    let variable = ("STAGE".to_owned(), "docs".to_owned());
    assert_eq!(scenario.function.environment, [variable]);
    assert_eq!(scenario.arrivals.len(), 2);
    assert_eq!(scenario.arrivals[0].when, When::At(SimTime::ZERO));
    let second = When::AfterPrevious(SimDuration::from_secs(1));
    assert_eq!(scenario.arrivals[1].when, second);
    assert_eq!(scenario.arrivals[1].payload, "{\"limit\": 20000}");
    // What there was not then is as if it had been nothing special.
    assert_eq!(scenario.runs, Runs::Module);
    assert_eq!(scenario.account_concurrency, 1_000);
    assert!(validate(&scenario).is_empty());
}

#[test]
fn a_link_of_version_2_is_read_to_the_letter() {
    let (shared, problems) = from_link(VERSION_2.trim()).expect("it is a link");
    assert_eq!(problems, []);
    let scenario = shared.scenario;
    assert!(matches!(scenario.runs, Runs::Cached));
    assert_eq!(scenario.traffic.len(), 1);
    assert_eq!(scenario.traffic[0].pattern.expected(), 300);
    assert_eq!(scenario.traffic[0].qualifier.as_deref(), Some("live"));
    assert_eq!(scenario.published.provisioned[0].amount, 3);
    assert!(validate(&scenario).is_empty());
}

#[test]
fn a_damaged_link_says_so_wherever_it_is_cut() {
    let link = VERSION_2.trim();
    let whole = from_link(link);
    for cut in 0..link.len() {
        let read = from_link(&link[..cut]);
        match &read {
            Err(problem) => {
                assert!(problem.code.starts_with("link."), "{problem}");
                assert!(!problem.cure.is_empty());
            }
            // The last bits only fill the last letter.
            Ok(_) => assert_eq!(read, whole, "{cut} of {}", link.len()),
        }
    }
}
