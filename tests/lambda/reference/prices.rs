//! Reference 8: the table of prices, and what is billed.

use lambda_playground::lambda::billing::{
    self, Item, Month, TIERS_ARM, TIERS_X86, Usage, duration_gb_second,
    provisioned_duration_gb_second, provisioned_gb_second,
};
use lambda_playground::lambda::cloud::Setup;
use lambda_playground::lambda::config::Architecture;
use lambda_playground::lambda::event::InvocationType;
use lambda_playground::lambda::traffic::Pattern;

use crate::fleet::*;
use crate::scripted::*;

const SYNC: InvocationType = InvocationType::RequestResponse;

/// 8, the table, in picodollars: "Request $0.20 per 1M", "Duration tier 1, 2, 3", "Provisioned concurrency, kept",
/// "Duration while on PC", "Ephemeral storage above 512 MB".
#[test]
fn prices_are_those_of_the_table() {
    let (x86, arm) = (Architecture::X86, Architecture::Arm);
    assert_eq!(billing::REQUEST, 200_000);
    let billion = 1_000_000_000;
    assert_eq!(
        TIERS_X86,
        [
            (6 * billion, 16_666_700),
            (15 * billion, 15_000_000),
            (u128::MAX, 13_333_400)
        ]
    );
    assert_eq!(
        TIERS_ARM,
        [
            (7_500_000_000, 13_333_400),
            (18_750_000_000, 12_000_100),
            (u128::MAX, 10_666_700)
        ]
    );
    assert_eq!(
        (duration_gb_second(x86), duration_gb_second(arm)),
        (16_666_700, 13_333_400)
    );
    assert_eq!(
        (provisioned_gb_second(x86), provisioned_gb_second(arm)),
        (4_166_700, 3_333_400)
    );
    assert_eq!(
        (
            provisioned_duration_gb_second(x86),
            provisioned_duration_gb_second(arm)
        ),
        (9_722_200, 7_777_800)
    );
    assert_eq!(
        (billing::STORAGE_GB_SECOND, billing::FREE_STORAGE_MB),
        (30_900, 512)
    );
}

/// 8, "Free each month: 1M requests, 400,000 GB-s (x86+arm)".
#[test]
fn the_free_tier_is_a_million_requests_and_400_000_gb_seconds() {
    assert_eq!(
        (
            Month::FREE_TIER.free_requests,
            Month::FREE_TIER.free_gb_seconds
        ),
        (1_000_000, 400_000)
    );
    let mut arm = function("arm", model(0, 1_000));
    arm.config.architecture = Architecture::Arm;
    let entries = play(Setup {
        requests: vec![
            at(0, call(SYNC, "x86", None)),
            at(0, call(SYNC, "arm", None)),
        ],
        ..fleet(vec![function("x86", model(0, 1_000)), arm])
    });
    assert_eq!(Usage::of(&entries).bill(Month::FREE_TIER).total(), 0);
    // One GB-second of the two that ran is left: x86 has it.
    let month = Month {
        free_requests: 1,
        free_gb_seconds: 1,
        ..Month::default()
    };
    assert_eq!(
        Usage::of(&entries).bill(month).total(),
        200_000 + 13_333_400
    );
}

/// 8, "No free tier on functions with PC": neither for what runs on it, nor for what spills over, nor for $LATEST.
#[test]
fn functions_with_provisioned_concurrency_have_no_free_tier() {
    let entries = play(Setup {
        requests: vec![
            at(0, call(SYNC, "f", None)),
            at(0, call(SYNC, "f", Some("1"))),
            at(0, call(SYNC, "f", Some("1"))),
            at(0, call(SYNC, "other", None)),
        ],
        ..fleet(vec![
            provisioning(function("f", model(0, 1_000)), 1),
            function("other", model(0, 1_000)),
        ])
    });
    let bill = Usage::of(&entries).bill(Month::FREE_TIER);
    let amount = |item| {
        let line = bill.lines.iter().find(|line| line.item == item);
        line.map(|line| line.picodollars)
    };
    assert_eq!(amount(Item::Requests), Some(3 * 200_000));
    let x86 = Architecture::X86;
    assert_eq!(amount(Item::Duration(x86, 1)), Some(2 * 16_666_700));
    assert_eq!(amount(Item::ProvisionedDuration(x86)), Some(9_722_200));
}

/// 8, "throttles are not billed and not counted as Invocations".
#[test]
fn throttles_cost_nothing() {
    let run = |requests: u32| {
        let entries = play(Setup {
            loads: vec![load(
                Pattern::Burst { count: requests },
                call(SYNC, "f", None),
            )],
            ..fleet(vec![reserving(function("f", model(0, 1_000)), 1)])
        });
        Usage::of(&entries).bill(Month::default()).total()
    };
    assert_eq!(run(10), run(1));
}

/// 8, "PC rounded up to 5 min": a second more is five minutes more.
#[test]
fn provisioned_concurrency_is_billed_by_five_minutes() {
    let kept = |until: u64| {
        let entries = play(Setup {
            requests: vec![at(until, call(SYNC, "f", Some("1")))],
            ..fleet(vec![provisioning(function("f", model(0, 0)), 1)])
        });
        let bill = Usage::of(&entries).bill(Month::default());
        let mut lines = bill.lines.into_iter();
        let line = lines.find(|line| matches!(line.item, Item::ProvisionedConcurrency(_)));
        line.map(|line| line.quantity)
    };
    assert_eq!(kept(299_000).as_deref(), Some("300 GB-seconds"));
    assert_eq!(kept(301_000).as_deref(), Some("600 GB-seconds"));
}

/// 8, "INIT billed for all since 1 Aug 2025; Billed Duration of a cold start covers init + handler": of a model too.
#[test]
fn init_is_billed() {
    let entries = play(Setup {
        requests: vec![at(0, call(SYNC, "f", None))],
        ..fleet(vec![function("f", model(400, 600))])
    });
    let bill = Usage::of(&entries).bill(Month::default());
    // 1 GB for a second, and a request.
    assert_eq!(bill.total(), 16_666_700 + 200_000);
}
