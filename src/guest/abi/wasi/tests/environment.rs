use super::*;

#[test]
fn arguments_and_variables_are_c_strings() {
    let cases: [(&str, &[&str]); 2] = [
        ("args", &["function", "two words"]),
        ("environ", &["TZ=:UTC", "_X_AMZN_TRACE_ID=Root=1"]),
    ];
    for (name, expected) in cases {
        let mut guest = Guest::new();
        guest.ok(&format!("{name}_sizes_get"), &[0, 4]);
        let size: usize = expected.iter().map(|text| text.len() + 1).sum();
        assert_eq!((guest.u32(0), guest.u32(4)), (2, size as u32), "{name}");
        guest.ok(&format!("{name}_get"), &[64, 1024]);
        for (index, text) in (0..).zip(expected) {
            let at = guest.u32(64 + index * 4);
            assert_eq!(
                guest.bytes(at, text.len() as u32),
                text.as_bytes(),
                "{name}"
            );
            assert_eq!(guest.bytes(at + text.len() as u32, 1), [0], "{name}");
        }
        let out = i64::from(MEMORY) - 4;
        assert_eq!(guest.call(&format!("{name}_get"), &[64, out]), 21, "{name}");
        assert_eq!(
            guest.call(&format!("{name}_get"), &[out, 1024]),
            21,
            "{name}"
        );
        assert_eq!(
            guest.call(&format!("{name}_sizes_get"), &[0, -1]),
            21,
            "{name}"
        );
    }
}

#[test]
fn randomness_is_seeded_and_goes_on() {
    let draw = || {
        let mut guest = Guest::new();
        guest.ok("random_get", &[512, 16]);
        guest.ok("random_get", &[528, 16]);
        guest.bytes(512, 32)
    };
    assert_eq!(draw(), draw());
    let bytes = draw();
    assert_ne!(bytes[..16], bytes[16..]);
    assert_ne!(bytes[..16], [0; 16]);
    let mut guest = Guest::new();
    assert_eq!(guest.call("random_get", &[MEMORY.into(), 1]), 21);
    assert_eq!(guest.call("random_get", &[0, -1]), 21);
    guest.ok("random_get", &[MEMORY.into(), 0]);
    guest.ok("random_get", &[0, MEMORY.into()]);
}

#[test]
fn exit_ends_the_guest() {
    let mut guest = Guest::new();
    assert_eq!(guest.try_call("proc_exit", &[3]), Err(PhaseEnd::Exited(3)));
    assert_eq!(guest.try_call("proc_exit", &[0]), Err(PhaseEnd::Exited(0)));
    assert_eq!(
        guest.try_call("proc_exit", &[-1]),
        Err(PhaseEnd::Exited(-1))
    );
}
