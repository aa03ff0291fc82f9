//! Whatever a guest passes, the host answers or stops it.

use proptest::prelude::*;

use super::*;

/// Numbers that hurt: small ones, both ends of the memory and of the type, anything.
fn number() -> impl Strategy<Value = i64> {
    prop_oneof![
        4 => 0..12_i64,
        2 => Just(i64::from(RECORDS)),
        2 => Just(i64::from(DATA)),
        2 => (-8..8_i64).prop_map(|offset| i64::from(MEMORY) + offset),
        1 => (-8..8_i64).prop_map(|offset| i64::from(u32::MAX) + offset),
        1 => prop_oneof![Just(i64::MIN), Just(i64::MAX), Just(-1)],
        2 => 0..i64::from(MEMORY),
        1 => any::<i64>(),
    ]
}

fn calls() -> impl Strategy<Value = Vec<(usize, Vec<i64>)>> {
    let call = (0..FUNCTIONS.len(), prop::collection::vec(number(), 9));
    prop::collection::vec(call, 1..24)
}

/// Runs the calls; gives all that can be observed.
fn run(memory: &[u8], calls: &[(usize, Vec<i64>)]) -> (Vec<String>, Vec<u8>, u64) {
    let mut guest = Guest::command(b"some event");
    guest.put(RECORDS, memory);
    let mut seen = Vec::new();
    for (index, numbers) in calls {
        let function = &FUNCTIONS[*index];
        let arguments = &numbers[..function.parameters.len()];
        let name = function.name;
        let end = guest.try_call(name, arguments);
        seen.push(format!("{name} {end:?}"));
        if end.is_err() {
            break;
        }
    }
    let used = guest.state().files.borrow().used();
    assert!(used <= guest.state().files.borrow().limit());
    seen.extend(guest.log());
    let fuel = guest.state().account.clock().fuel().0;
    (seen, guest.memory.bytes, fuel)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_of_calls_is_survived_and_repeats(
        memory in prop::collection::vec(prop_oneof![3 => 0..8_u8, 1 => any::<u8>()], 4096),
        calls in calls(),
    ) {
        prop_assert_eq!(run(&memory, &calls), run(&memory, &calls));
    }
}
