use super::*;
use crate::guest::abi::prices;

const EPOCH_NS: u64 = EPOCH_MS as u64 * 1_000_000;

fn read(guest: &mut Guest, clock: i64) -> u64 {
    guest.ok("clock_time_get", &[clock, 1, RESULT.into()]);
    guest.u64(RESULT)
}

#[test]
fn clocks_show_the_work_done() {
    let mut guest = Guest::new();
    let call = prices::QUERY.cpu_time().as_nanos();
    assert_eq!(read(&mut guest, 1), call);
    guest.burn(2_000);
    assert_eq!(
        read(&mut guest, 1),
        1_000 + 2 * call,
        "2 fuel are a nanosecond"
    );
    assert_eq!(read(&mut guest, 0), EPOCH_NS + 1_000 + 3 * call);
    assert_eq!(read(&mut guest, 2), 1_000 + 4 * call);
    assert_eq!(read(&mut guest, 3), 1_000 + 5 * call);
    guest.ok("clock_res_get", &[0, RESULT.into()]);
    assert_eq!(guest.u64(RESULT), 1);
    for name in ["clock_res_get", "clock_time_get"] {
        let mut arguments = vec![4, RESULT.into()];
        if name == "clock_time_get" {
            arguments.insert(1, 0);
        }
        assert_eq!(guest.call(name, &arguments), 28, "{name}");
        arguments[0] = 0;
        *arguments.last_mut().unwrap() = i64::from(MEMORY) - 7;
        assert_eq!(guest.call(name, &arguments), 21, "{name}");
    }
}

#[test]
fn a_share_of_a_cpu_slows_the_clock_but_not_the_cpu_clock() {
    let mut guest = Guest::new();
    let bandwidth = Bandwidth {
        period: crate::sim::SimDuration::from_millis(20),
        quota: crate::sim::SimDuration::from_millis(10),
    };
    let deadline = SimTime::from_nanos(1_000_000_000);
    let clock = Clock::new(SimTime::ZERO, deadline, bandwidth);
    let mut expected = clock.clone();
    guest.state().account.begin(clock);
    guest.burn(100_000_000);
    expected.work(Fuel(100_000_000) + prices::QUERY);
    let now = read(&mut guest, 1);
    assert_eq!(now, expected.now().as_nanos());
    assert_eq!(
        now, 100_000_025,
        "10 ms in each of 5 periods of 20 ms, the rest in the sixth"
    );
    assert_eq!(read(&mut guest, 2), 50_000_050);
}

/// Puts a clock subscription number `index` at [`RECORDS`].
fn clock(guest: &mut Guest, index: u32, data: u64, id: u32, timeout: u64, absolute: bool) {
    let at = RECORDS + index * 48;
    guest.put(at, &[0; 48]);
    guest.put(at, &data.to_le_bytes());
    guest.put(at + 16, &id.to_le_bytes());
    guest.put(at + 24, &timeout.to_le_bytes());
    guest.put(at + 40, &u16::from(absolute).to_le_bytes());
}

/// Puts a descriptor subscription number `index` at [`RECORDS`].
fn descriptor(guest: &mut Guest, index: u32, data: u64, kind: u8, fd: u32) {
    let at = RECORDS + index * 48;
    guest.put(at, &[0; 48]);
    guest.put(at, &data.to_le_bytes());
    guest.put(at + 8, &[kind]);
    guest.put(at + 16, &fd.to_le_bytes());
}

const EVENTS: i64 = 4096;

fn poll(guest: &mut Guest, count: i64) -> Result<u32, PhaseEnd> {
    let arguments = [RECORDS.into(), EVENTS, count, RESULT.into()];
    let errno = guest.try_call("poll_oneoff", &arguments)?;
    assert_eq!(errno, 0);
    Ok(guest.u32(RESULT))
}

/// Userdata, error and type of event number `index`.
fn event(guest: &Guest, index: u32) -> (u64, u16, u8) {
    let record = guest.bytes(EVENTS as u32 + index * 32, 32);
    (
        layout::u64_at(&record, 0),
        layout::u16_at(&record, 8),
        record[10],
    )
}

#[test]
fn sleeping_takes_time_and_no_cpu() {
    let mut guest = Guest::new();
    clock(&mut guest, 0, 77, 1, 5_000_000, false);
    let before = guest.state().account.clock().clone();
    assert_eq!(poll(&mut guest, 1), Ok(1));
    assert_eq!(event(&guest, 0), (77, 0, 0));
    let after = guest.state().account.clock().clone();
    assert_eq!(after.waited().as_nanos(), 5_000_000);
    let worked = after.cpu().saturating_sub(before.cpu());
    assert_eq!(after.now(), before.now() + worked + after.waited());
    assert_eq!(worked, (SYSTEM_CALL + prices::copy(48 + 32)).cpu_time());
}

#[test]
fn the_earliest_clock_wakes() {
    let mut guest = Guest::new();
    let until = EPOCH_NS + 3_000_000;
    clock(&mut guest, 0, 1, 1, 9_000_000, false);
    clock(&mut guest, 1, 2, 0, until, true);
    assert_eq!(poll(&mut guest, 2), Ok(1));
    assert_eq!(event(&guest, 0), (2, 0, 0));
    assert_eq!(guest.state().account.now().as_nanos(), 3_000_000);
    // What is past wakes at once; so do two that are due together.
    clock(&mut guest, 0, 3, 1, 1_000_000, true);
    clock(&mut guest, 1, 4, 0, EPOCH_NS, true);
    let waited = guest.state().account.clock().waited();
    assert_eq!(poll(&mut guest, 2), Ok(2));
    assert_eq!((event(&guest, 0).0, event(&guest, 1).0), (3, 4));
    assert_eq!(guest.state().account.clock().waited(), waited);
}

#[test]
fn a_sleep_past_the_deadline_is_a_timeout_at_the_deadline() {
    for timeout in [1_000_000_000, u64::MAX] {
        let mut guest = Guest::new();
        clock(&mut guest, 0, 1, 1, timeout, false);
        assert_eq!(poll(&mut guest, 1), Err(PhaseEnd::TimedOut));
        assert_eq!(guest.state().account.now().as_nanos(), 1_000_000_000);
        assert_eq!(guest.u32(RESULT), 0, "nothing is written");
    }
}

#[test]
fn descriptors_are_ready_at_once() {
    let mut guest = Guest::command(b"event");
    clock(&mut guest, 0, 1, 1, 1_000, false);
    descriptor(&mut guest, 1, 2, 1, 0);
    descriptor(&mut guest, 2, 3, 2, 1);
    descriptor(&mut guest, 3, 4, 1, 99);
    assert_eq!(poll(&mut guest, 4), Ok(3));
    assert_eq!(event(&guest, 0), (2, 0, 1));
    assert_eq!(guest.u64(EVENTS as u32 + 16), 5, "bytes of input");
    assert_eq!(event(&guest, 1), (3, 0, 2));
    assert_eq!(event(&guest, 2), (4, 8, 1), "EBADF");
    assert_eq!(guest.state().account.clock().waited().as_nanos(), 0);
    guest.read(0, 5).unwrap();
    descriptor(&mut guest, 0, 5, 1, 0);
    assert_eq!(poll(&mut guest, 1), Ok(1));
    let record = guest.bytes(EVENTS as u32, 32);
    assert_eq!((layout::u64_at(&record, 16), record[24]), (0, 1), "hang-up");
}

#[test]
fn senseless_polls_are_refused() {
    let mut guest = Guest::new();
    let records = i64::from(RECORDS);
    assert_eq!(guest.call("poll_oneoff", &[records, EVENTS, 0, 0]), 28);
    assert_eq!(guest.call("poll_oneoff", &[records, EVENTS, 4097, 0]), 28);
    assert_eq!(guest.call("poll_oneoff", &[records, EVENTS, -1, 0]), 28);
    assert_eq!(guest.call("poll_oneoff", &[65_500, EVENTS, 1, 0]), 21);
    assert_eq!(guest.call("poll_oneoff", &[records, 65_520, 1, 0]), 21);
    assert_eq!(guest.call("poll_oneoff", &[records, EVENTS, 1, 65_533]), 21);
    descriptor(&mut guest, 0, 0, 9, 0);
    assert_eq!(guest.call("poll_oneoff", &[records, EVENTS, 1, 0]), 28);
    // Waiting for CPU time would last for ever.
    clock(&mut guest, 0, 6, 2, 1_000, false);
    assert_eq!(poll(&mut guest, 1), Ok(1));
    assert_eq!(event(&guest, 0), (6, 28, 0));
}
