use super::*;

/// `oflags`.
const CREATE: i64 = 1;
const TRUNCATE: i64 = 8;
/// Rights.
const READ: i64 = 1 << 1;
const WRITE: i64 = 1 << 6;

#[test]
fn a_command_reads_its_event_and_writes_its_answer() {
    let mut guest = Guest::command(b"{\"a\":1}");
    assert_eq!(guest.read(0, 3), Ok("{\"a".to_owned()));
    assert_eq!(guest.read(0, 100), Ok("\":1}".to_owned()));
    assert_eq!(
        guest.read(0, 100),
        Ok(String::new()),
        "the end, again and again"
    );
    assert_eq!(guest.write(1, "ans"), Ok(3));
    assert_eq!(guest.write(2, "oops\n"), Ok(5));
    assert_eq!(guest.write(1, "wer\n"), Ok(4));
    assert_eq!(guest.state().wasi.take_answer(), b"answer\n");
    assert_eq!(guest.log(), ["oops"]);
}

#[test]
fn a_handler_has_no_input_and_logs_its_output() {
    let mut guest = Guest::new();
    assert_eq!(guest.read(0, 10), Ok(String::new()));
    guest.write(1, "to ").unwrap();
    guest.write(2, "to stderr\n").unwrap();
    guest.write(1, "stdout\nunfinished").unwrap();
    assert_eq!(guest.log(), ["to stderr", "to stdout", "unfinished"]);
    assert_eq!(guest.state().wasi.take_answer(), b"");
}

#[test]
fn descriptors_are_open_for_what_they_are() {
    let mut guest = Guest::new();
    assert_eq!(guest.read(1, 1), Err(8));
    assert_eq!(guest.write(0, "x"), Err(8));
    assert_eq!(guest.read(3, 1), Err(31), "a directory");
    assert_eq!(guest.write(3, "x"), Err(8));
    assert_eq!(guest.read(4, 1), Err(8));
    let fd = guest.open_with(3, "f", CREATE, WRITE, 0).unwrap();
    assert_eq!(guest.write(fd, "x"), Ok(1));
    assert_eq!(guest.read(fd, 1), Err(8));
    let fd = guest.open_with(3, "f", 0, READ, 0).unwrap();
    assert_eq!(guest.write(fd, "x"), Err(8));
    assert_eq!(guest.read(fd, 9), Ok("x".to_owned()));
    assert_eq!(guest.call("fd_filestat_set_size", &[fd, 0]), 8);
    assert_eq!(guest.call("fd_filestat_set_size", &[1, 0]), 28);
}

#[test]
fn many_buffers_are_one_stream() {
    let mut guest = Guest::new();
    let fd = guest.open("f", CREATE, 0).unwrap();
    guest.put(DATA, b"onetwothree");
    for (index, (at, len)) in (0..).zip([(0, 3), (3, 3), (6, 0), (6, 5)]) {
        guest.iovec(index, DATA + at, len);
    }
    guest.ok("fd_write", &[fd, RECORDS.into(), 4, RESULT.into()]);
    assert_eq!(guest.u32(RESULT), 11);
    guest.iovec(0, DATA + 100, 4);
    guest.iovec(1, DATA + 200, 100);
    guest.ok("fd_pread", &[fd, RECORDS.into(), 2, 3, RESULT.into()]);
    assert_eq!(guest.u32(RESULT), 8);
    assert_eq!(guest.bytes(DATA + 100, 4), b"twot");
    assert_eq!(guest.bytes(DATA + 200, 5), b"hree\0");
    guest.ok("fd_write", &[fd, RECORDS.into(), 0, RESULT.into()]);
    assert_eq!(guest.u32(RESULT), 0);
}

#[test]
fn larger_than_a_piece() {
    let mut guest = Guest::with(Wasi::logging, 4 << 20);
    guest.memory.bytes = vec![0; 4 << 20];
    let text: Vec<u8> = (0..1_000_000_u32).map(|i| (i / 7) as u8).collect();
    guest.put(100_000, &text);
    let fd = guest.open("big", CREATE, 0).unwrap();
    guest.iovec(0, 100_000, 1_000_000);
    guest.ok("fd_write", &[fd, RECORDS.into(), 1, RESULT.into()]);
    assert_eq!(guest.u32(RESULT), 1_000_000);
    guest.iovec(0, 2_000_000, 1_500_000);
    guest.ok("fd_pread", &[fd, RECORDS.into(), 1, 0, RESULT.into()]);
    assert_eq!(guest.u32(RESULT), 1_000_000);
    assert_eq!(guest.bytes(2_000_000, 1_000_000), text);
}

#[test]
fn bad_buffers_change_nothing() {
    let mut guest = Guest::new();
    let fd = guest.open("f", CREATE, 0).unwrap();
    guest.write(fd, "text").unwrap();
    guest.iovec(0, DATA, 4);
    guest.iovec(1, MEMORY - 1, 2);
    for name in ["fd_write", "fd_read"] {
        let before = guest.memory.bytes.clone();
        let records = i64::from(RECORDS);
        let cases = [
            ([fd, records, 2, 0], 21, "the second buffer ends outside"),
            ([fd, records, 1, -1], 21, "the count has no place"),
            (
                [fd, i64::from(MEMORY) - 7, 1, 0],
                21,
                "the iovec is outside",
            ),
            ([fd, records, 1025, 0], 28, "too many buffers"),
            ([fd, records, -1, 0], 28, "far too many buffers"),
        ];
        for (arguments, errno, why) in cases {
            assert_eq!(guest.call(name, &arguments), errno, "{name}: {why}");
        }
        assert_eq!(guest.memory.bytes, before, "{name}");
    }
    guest.ok("fd_tell", &[fd, RESULT.into()]);
    assert_eq!(guest.u64(RESULT), 4);
}

#[test]
fn more_bytes_than_a_count_can_hold_are_refused() {
    let mut guest = Guest::command(b"");
    guest.memory.bytes = vec![0; 8 << 20];
    for index in 0..1024 {
        guest.iovec(index, 0, 8 << 20);
    }
    assert_eq!(guest.call("fd_write", &[1, RECORDS.into(), 1024, 0]), 28);
}

#[test]
fn answers_end_somewhere() {
    let mut guest = Guest::command(b"");
    guest.memory.bytes = vec![b'x'; 16 << 20];
    guest.iovec(0, DATA, 15 << 20);
    let mut written = 0;
    let errno = loop {
        match guest.call("fd_write", &[1, RECORDS.into(), 1, RESULT.into()]) {
            0 => written += guest.u32(RESULT) as usize,
            errno => break errno,
        }
    };
    assert_eq!((errno, written), (22, MAX_ANSWER_BYTES));
    assert_eq!(guest.state().wasi.take_answer().len(), MAX_ANSWER_BYTES);
}

#[test]
fn positions_move() {
    let mut guest = Guest::new();
    let fd = guest.open("f", CREATE, 0).unwrap();
    guest.write(fd, "0123456789").unwrap();
    // From, whence, where that is.
    for (offset, whence, position) in [(2, 0, 2), (3, 1, 5), (-4, 1, 1), (-3, 2, 7), (5, 2, 15)] {
        guest.ok("fd_seek", &[fd, offset, whence, RESULT.into()]);
        assert_eq!(guest.u64(RESULT), position);
        guest.ok("fd_tell", &[fd, RESULT.into()]);
        assert_eq!(guest.u64(RESULT), position);
    }
    assert_eq!(guest.read(fd, 1), Ok(String::new()), "beyond the end");
    guest.write(fd, "x").unwrap();
    guest.ok("fd_filestat_get", &[fd, 128]);
    assert_eq!(guest.u64(128 + 32), 16, "a hole before it");
    let bad = [(-1, 0), (-17, 1), (i64::MIN, 2), (i64::MAX, 1), (0, 3)];
    for (offset, whence) in bad {
        assert_eq!(
            guest.call("fd_seek", &[fd, offset, whence, 0]),
            28,
            "{offset} {whence}"
        );
    }
    assert_eq!(guest.call("fd_seek", &[1, 0, 1, 0]), 70, "a stream");
    assert_eq!(guest.call("fd_tell", &[0, 0]), 70);
    assert_eq!(guest.call("fd_seek", &[3, 0, 0, 0]), 8, "a directory");
    assert_eq!(guest.call("fd_pread", &[0, 64, 0, 0, 0]), 70);
    assert_eq!(guest.call("fd_pwrite", &[1, 64, 0, 0, 0]), 70);
    assert_eq!(guest.call("fd_seek", &[fd, 0, 0, -1]), 21);
    guest.ok("fd_tell", &[fd, RESULT.into()]);
    assert_eq!(guest.u64(RESULT), 16, "a failed call moves nothing");
}

#[test]
fn appending_writes_go_to_the_end() {
    let mut guest = Guest::new();
    let fd = guest.open("f", CREATE, 1).unwrap();
    guest.write(fd, "one").unwrap();
    guest.ok("fd_seek", &[fd, 0, 0, RESULT.into()]);
    guest.write(fd, "two").unwrap();
    guest.ok("fd_seek", &[fd, 0, 0, RESULT.into()]);
    assert_eq!(guest.read(fd, 9), Ok("onetwo".to_owned()));
    guest.ok("fd_fdstat_set_flags", &[fd, 0]);
    guest.ok("fd_seek", &[fd, 0, 0, RESULT.into()]);
    guest.write(fd, "ONE").unwrap();
    guest.put(DATA, b"***");
    guest.iovec(0, DATA, 3);
    guest.ok("fd_pwrite", &[fd, RECORDS.into(), 1, 5, RESULT.into()]);
    guest.ok("fd_seek", &[fd, 0, 0, RESULT.into()]);
    assert_eq!(guest.read(fd, 9), Ok("ONEtw***".to_owned()));
    assert_eq!(guest.call("fd_fdstat_set_flags", &[fd, 0x20]), 28);
}

#[test]
fn storage_is_bounded() {
    let mut guest = Guest::with(Wasi::logging, 8192);
    guest.memory.bytes = vec![b'x'; 65_536];
    let fd = guest.open("f", CREATE, 0).unwrap();
    guest.iovec(0, DATA, 10_000);
    let arguments = [fd, RECORDS.into(), 1, RESULT.into()];
    guest.ok("fd_write", &arguments);
    assert_eq!(guest.u32(RESULT), 8192, "what fits");
    assert_eq!(guest.call("fd_write", &arguments), 51);
    assert_eq!(guest.call("fd_allocate", &[fd, 0, 100_000]), 51);
    assert_eq!(guest.call("fd_allocate", &[fd, 0, 0]), 28);
    assert_eq!(guest.call("fd_allocate", &[fd, i64::MAX, i64::MAX]), 22);
    assert_eq!(guest.call("fd_filestat_set_size", &[fd, -1]), 22);
    guest.ok("fd_filestat_set_size", &[fd, 1 << 30]);
    guest.ok("fd_filestat_set_size", &[fd, 0]);
    guest.ok("fd_allocate", &[fd, 0, 100]);
    guest.ok("fd_filestat_get", &[fd, 128]);
    assert_eq!(guest.u64(128 + 32), 100);
    let fd = guest.open("f", TRUNCATE, 0).unwrap();
    guest.ok("fd_filestat_get", &[fd, 128]);
    assert_eq!(guest.u64(128 + 32), 0);
}

#[test]
fn what_a_descriptor_is_shows() {
    // Descriptor, file type, and whether it is a stream.
    let cases = [(0, 0), (1, 2), (2, 2), (3, 3), (4, 4)];
    let mut guest = Guest::new();
    assert_eq!(guest.open("f", CREATE, 1), Ok(4));
    for (fd, filetype) in cases {
        guest.ok("fd_fdstat_get", &[fd, 128]);
        assert_eq!(guest.bytes(128, 1), [filetype], "{fd}");
        guest.ok("fd_filestat_get", &[fd, 256]);
        assert_eq!(guest.bytes(256 + 16, 1), [filetype], "{fd}");
        // C takes a character device that cannot seek for a terminal.
        let seek_and_tell = 1 << 2 | 1 << 5;
        assert_eq!(guest.u64(136) & seek_and_tell != 0, fd == 4, "{fd}");
    }
    assert_eq!(guest.bytes(128 + 2, 2), [1, 0], "appends");
    let mut guest = Guest::command(b"");
    guest.ok("fd_fdstat_get", &[1, 128]);
    assert_eq!(guest.bytes(128, 1), [0], "a command's output is a pipe");
    assert_eq!(guest.call("fd_fdstat_get", &[9, 128]), 8);
    assert_eq!(guest.call("fd_fdstat_get", &[1, 65_530]), 21);
    assert_eq!(guest.call("fd_filestat_get", &[1, 65_500]), 21);
}

#[test]
fn advice_and_syncing_are_taken() {
    let mut guest = Guest::new();
    let fd = guest.open("f", CREATE, 0).unwrap();
    guest.ok("fd_advise", &[fd, 0, 10, 5]);
    assert_eq!(guest.call("fd_advise", &[fd, 0, 10, 6]), 28);
    assert_eq!(guest.call("fd_advise", &[1, 0, 10, 0]), 70);
    assert_eq!(guest.call("fd_advise", &[3, 0, 10, 0]), 8);
    for name in ["fd_sync", "fd_datasync"] {
        guest.ok(name, &[fd]);
        guest.ok(name, &[3]);
        assert_eq!(guest.call(name, &[1]), 28);
        assert_eq!(guest.call(name, &[77]), 8);
    }
}

#[test]
fn numbers_are_lowest_first_and_can_be_changed() {
    let mut guest = Guest::new();
    assert_eq!(guest.open("a", CREATE, 0), Ok(4));
    assert_eq!(guest.open("b", CREATE, 0), Ok(5));
    guest.write(5, "b").unwrap();
    guest.ok("fd_close", &[4]);
    assert_eq!(guest.call("fd_close", &[4]), 8);
    assert_eq!(guest.open("c", CREATE, 0), Ok(4));
    guest.ok("fd_renumber", &[5, 4]);
    guest.ok("fd_seek", &[4, 0, 0, RESULT.into()]);
    assert_eq!(guest.read(4, 9), Ok("b".to_owned()));
    assert_eq!(guest.read(5, 9), Err(8));
    guest.ok("fd_renumber", &[4, 4]);
    assert_eq!(guest.call("fd_renumber", &[4, 9]), 8);
    assert_eq!(guest.call("fd_renumber", &[9, 4]), 8);
    guest.ok("fd_close", &[0]);
    assert_eq!(guest.read(0, 1), Err(8));
}

#[test]
fn descriptors_run_out() {
    let mut guest = Guest::new();
    guest.open("a", CREATE, 0).unwrap();
    let errno = loop {
        match guest.open("a", 0, 0) {
            Ok(fd) => assert!(fd < 1024),
            Err(errno) => break errno,
        }
    };
    assert_eq!(errno, 33);
    assert_eq!(guest.open("new", CREATE, 0), Err(33));
    guest.ok("fd_close", &[500]);
    assert_eq!(guest.open("a", 0, 0), Ok(500));
    assert_eq!(
        guest.path("path_unlink_file", "new"),
        44,
        "nothing was created"
    );
}
