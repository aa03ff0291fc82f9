//! Settings as data: read, changed, said.

use super::*;
use crate::lambda::drill::Trouble;
use crate::lambda::event_source::Source;
use crate::ui::model::Setting;

fn edit(setup: &mut Setup, part: Part, key: &str, value: &str) {
    setup.set(Setting::Edit {
        part,
        key: key.to_owned(),
        value: value.to_owned(),
    });
}

/// A setup of this trigger, with one of everything.
fn full(trigger: &str) -> Setup {
    let mut setup = Setup::new();
    setup.trigger = trigger.to_owned();
    for list in [
        List::Drills,
        List::Functions,
        List::Aliases(0),
        List::Aliases(1),
    ] {
        setup.set(Setting::Add(list));
    }
    setup
}

const PARTS: [Part; 10] = [
    Part::Request,
    Part::Service,
    Part::Mapping,
    Part::Drill(0),
    Part::Function(0),
    Part::Function(1),
    Part::Model(0),
    Part::Model(1),
    Part::Version(1, 0),
    Part::Alias(0, 0),
];

/// What a setting says is what it takes: writing back what was read changes nothing.
#[test]
fn every_setting_takes_what_it_gives() {
    for trigger in [
        "direct",
        "sqs",
        "kinesis",
        "dynamodb",
        "kafka",
        "mq",
        "documentdb",
    ] {
        let setup = full(trigger);
        for part in PARTS {
            for look in looks(part) {
                let Some(value) = setup.field(part, look.key) else {
                    continue;
                };
                let mut again = setup.clone();
                assert!(
                    again.edit(part, look.key, &value),
                    "{part:?} {}: {value}",
                    look.key
                );
                assert_eq!(
                    again.field(part, look.key),
                    Some(value),
                    "{part:?} {}",
                    look.key
                );
            }
        }
    }
}

/// A choice can be chosen, whatever was chosen before.
#[test]
fn every_option_can_be_chosen() {
    for trigger in ["direct", "sqs", "kinesis", "dynamodb", "kafka", "mq"] {
        let mut setup = full(trigger);
        for part in PARTS {
            for look in looks(part) {
                if setup.field(part, look.key).is_none() {
                    continue;
                }
                for (value, _) in setup.options(part, look) {
                    edit(&mut setup, part, look.key, &value);
                    assert_eq!(
                        setup.field(part, look.key),
                        Some(value),
                        "{part:?} {}",
                        look.key
                    );
                }
            }
        }
    }
}

#[test]
fn keys_are_unique_and_nothing_unreadable_is_taken() {
    for part in PARTS {
        let mut keys: Vec<_> = looks(part).iter().map(|look| look.key).collect();
        keys.sort_unstable();
        let count = keys.len();
        keys.dedup();
        assert_eq!(keys.len(), count, "{part:?}");
    }
    let mut setup = full("sqs");
    for (part, key) in [
        (Part::Mapping, "BatchSize"),
        (Part::Mapping, "Enabled"),
        (Part::Drill(0), "per_million"),
        (Part::Drill(0), "trouble"),
        (Part::Function(1), "memory"),
        (Part::Function(1), "architecture"),
        (Part::Service, "seed"),
        (Part::Drill(7), "trouble"),
        (Part::Mapping, "no-such-setting"),
    ] {
        let before = setup.clone();
        assert!(!setup.edit(part, key, "certainly not"), "{part:?} {key}");
        assert_eq!(setup, before);
    }
}

#[test]
fn a_mapping_is_set_up_by_its_first_change_and_can_be_put_back() {
    let mut setup = Setup::new();
    setup.trigger = "sqs".to_owned();
    assert_eq!(setup.mappings.len(), 0);
    assert_eq!(setup.changed_fields(Part::Mapping, &[]), [""; 0]);
    edit(&mut setup, Part::Mapping, "BatchSize", "20000");
    edit(&mut setup, Part::Mapping, "Fifo", "true");
    assert_eq!(setup.mappings[0].config.batch_size, Some(20_000));
    assert_eq!(
        setup.changed_fields(Part::Mapping, &[])[..2],
        ["Batch size: 20000", "Queue name: my-queue.fifo"]
    );
    let Source::Sqs(queue) = &setup.mappings[0].source else {
        panic!("an SQS queue");
    };
    let policy = queue.redrive_policy.as_ref().unwrap();
    assert!(policy.dead_letter_target_arn.ends_with("-dlq.fifo"));
    assert!(queue.content_based_deduplication);
    // What another trigger's source has is not offered.
    assert_eq!(setup.field(Part::Mapping, "ShardCount"), None);
    setup.set(Setting::DefaultMapping);
    assert_eq!(setup.mappings.len(), 0);
}

#[test]
fn filters_are_read_json_by_json_and_line_by_line_when_they_are_none() {
    let mut setup = Setup::new();
    setup.trigger = "sqs".to_owned();
    edit(
        &mut setup,
        Part::Mapping,
        "FilterCriteria",
        "{\"body\":\n {\"a\": [1]}}\n{\"body\":{}}",
    );
    let patterns = |setup: &Setup| -> Vec<String> {
        let criteria = setup.mappings[0].config.filter_criteria.clone();
        let filters = criteria.unwrap_or_default().filters;
        filters.into_iter().map(|it| it.pattern).collect()
    };
    assert_eq!(
        patterns(&setup),
        ["{\"body\":\n {\"a\": [1]}}", "{\"body\":{}}"]
    );
    edit(
        &mut setup,
        Part::Mapping,
        "FilterCriteria",
        "{\"body\"\nnot json",
    );
    assert_eq!(patterns(&setup), ["{\"body\"", "not json"]);
    edit(&mut setup, Part::Mapping, "FilterCriteria", "");
    assert_eq!(setup.mappings[0].config.filter_criteria, None);
}

#[test]
fn a_functions_new_name_is_taken_over_by_all_who_name_it() {
    let mut setup = full("direct");
    edit(&mut setup, Part::Request, "function", "other-function");
    edit(&mut setup, Part::Drill(0), "function", "other-function");
    setup.arrive();
    edit(&mut setup, Part::Function(1), "name", "orders");
    assert_eq!(setup.call.function.as_deref(), Some("orders"));
    assert_eq!(setup.drills[0].function.as_deref(), Some("orders"));
    assert_eq!(setup.arrivals[0].function.as_deref(), Some("orders"));
    setup.set(Setting::Remove(List::Functions, 0));
    assert_eq!((setup.drills.len(), setup.arrivals.len()), (0, 0));
    assert_eq!(setup.call.function, None);
}

/// Nothing is published any more, after versions up to this one.
fn only_remembers(last_version: u32) -> crate::scenario::Published {
    crate::scenario::Published {
        last_version,
        ..crate::scenario::Published::default()
    }
}

#[test]
fn an_alias_takes_its_provisioned_concurrency_and_its_callers_along() {
    let mut setup = full("direct");
    edit(&mut setup, Part::Alias(0, 0), "provisioned", "5");
    edit(&mut setup, Part::Request, "qualifier", "live");
    setup.arrive();
    edit(&mut setup, Part::Alias(0, 0), "name", "blue");
    assert_eq!(setup.published.provisioned[0].qualifier, "blue");
    assert_eq!(setup.arrivals[0].qualifier.as_deref(), Some("blue"));
    edit(&mut setup, Part::Alias(0, 0), "additional", "2");
    edit(&mut setup, Part::Alias(0, 0), "weight", "2.5");
    assert_eq!(
        setup.published.aliases[0].additional.unwrap().per_thousand,
        25
    );
    // The version goes, and its alias with it; its number is never used again.
    setup.set(Setting::Remove(List::Versions(0), 0));
    assert_eq!(setup.published, only_remembers(1));
    assert_eq!(setup.arrivals[0].qualifier, None);
    setup.set(Setting::Add(List::Versions(0)));
    assert_eq!(setup.published.versions[0].number, 2);
}

#[test]
fn provisioned_concurrency_alone_makes_an_alias_and_takes_it_back() {
    let mut setup = Setup::new();
    setup.arrive();
    setup.set(Setting::Provisioned(3));
    assert_eq!(setup.arrivals[0].qualifier.as_deref(), Some("live"));
    assert_eq!(setup.provisioned(), 3);
    setup.set(Setting::Provisioned(4));
    assert_eq!(setup.published.provisioned.len(), 1);
    setup.set(Setting::Provisioned(0));
    assert_eq!(setup.published, only_remembers(1));
    assert_eq!(setup.arrivals[0].qualifier, None);
}

#[test]
fn durations_keep_their_proportions() {
    let mut setup = full("direct");
    edit(&mut setup, Part::Drill(0), "trouble", "slow");
    edit(&mut setup, Part::Drill(0), "extra_typical", "4000");
    let Trouble::SlowDownstream { extra, .. } = &setup.drills[0].trouble else {
        panic!("slow");
    };
    assert_eq!(
        *extra,
        Distribution::LogNormal {
            median_micros: 4_000_000,
            p99_micros: 20_000_000
        }
    );
    edit(&mut setup, Part::Drill(0), "extra", "constant");
    assert_eq!(setup.field(Part::Drill(0), "extra_slowest"), None);
    assert_eq!(
        setup.field(Part::Drill(0), "extra_typical").as_deref(),
        Some("4000")
    );
}

proptest::proptest! {
    /// Whatever is typed wherever, nothing panics, what is refused is told at a place, and what is set up is written and
    /// read back.
    #[test]
    fn whatever_is_typed_is_kept_or_left(
        trigger in 0_usize..4,
        edits in proptest::collection::vec((0_usize..PARTS.len(), 0_usize..40, proptest::prelude::any::<proptest::sample::Index>(), ".{0,12}"), 0..12),
        lists in proptest::collection::vec((0_usize..8, 0_usize..3, proptest::bool::ANY), 0..8),
    ) {
        let mut setup = full(["direct", "sqs", "kinesis", "kafka"][trigger]);
        for (part, key, which, text) in edits {
            let part = PARTS[part];
            let known = looks(part);
            let look = known[key % known.len()];
            let options = setup.options(part, look);
            let sensible = ["0", "-1", "7", "4294967295", "true", "1.5", "", "{\"body\":[1]}"];
            let value = match options.as_slice() {
                [] if key % 2 == 0 => sensible[which.index(sensible.len())].to_owned(),
                [] => text,
                some => some[which.index(some.len())].0.clone(),
            };
            edit(&mut setup, part, look.key, &value);
        }
        for (list, index, add) in lists {
            let list = [
                List::Drills, List::Functions, List::Loads, List::Versions(0),
                List::Versions(1), List::Aliases(0), List::Aliases(1), List::Versions(9),
            ][list];
            setup.set(if add { Setting::Add(list) } else { Setting::Remove(list, index) });
        }
        setup.arrive();
        let scenario = setup.scenario(&crate::scenario::ModuleHash(String::new()));
        for problem in crate::scenario::validate(&scenario) {
            proptest::prop_assert!(problem.place.starts_with('$'), "{:?}", problem);
        }
        let text = crate::scenario::to_json(&scenario);
        let (read, problems) = crate::scenario::from_json(&text);
        proptest::prop_assert_eq!((read, problems), (scenario.clone(), vec![]));
        let mut page = Setup::new();
        page.take_scenario(&scenario, &[]);
        proptest::prop_assert_eq!(page.scenario(&scenario.module), scenario);
    }
}

#[test]
fn only_what_is_not_as_usual_is_said_of_requests() {
    let mut setup = full("direct");
    assert_eq!(setup.changed_fields(Part::Request, &[]), [""; 0]);
    edit(&mut setup, Part::Request, "dry_run", "true");
    assert_eq!(setup.changed_fields(Part::Request, &[]), ["Dry run: on"]);
}
