use super::*;

/// `oflags`.
const CREATE: i64 = 1;
const DIRECTORY: i64 = 2;
const EXCLUSIVE: i64 = 4;
const TRUNCATE: i64 = 8;

#[test]
fn tmp_is_preopened() {
    let mut guest = Guest::new();
    guest.ok("fd_prestat_get", &[3, 128]);
    assert_eq!(guest.bytes(128, 8), [0, 0, 0, 0, 4, 0, 0, 0]);
    guest.ok("fd_prestat_dir_name", &[3, 128, 4]);
    assert_eq!(guest.bytes(128, 5), b"/tmp\x04"[..5].to_vec().as_slice());
    assert_eq!(guest.call("fd_prestat_dir_name", &[3, 128, 3]), 37);
    for fd in [0, 2, 4] {
        assert_eq!(guest.call("fd_prestat_get", &[fd, 128]), 8);
        assert_eq!(guest.call("fd_prestat_dir_name", &[fd, 128, 4]), 8);
    }
    assert_eq!(guest.call("fd_prestat_get", &[3, -1]), 21);
    assert_eq!(guest.call("fd_prestat_dir_name", &[3, -1, 4]), 21);
}

#[test]
fn opening_keeps_its_promises() {
    let mut guest = Guest::new();
    // Path, flags, errno; in this order, 0 is success.
    let cases = [
        ("new", 0, 44),
        ("new", CREATE, 0),
        ("new", CREATE, 0),
        ("new", CREATE | EXCLUSIVE, 20),
        ("new", DIRECTORY, 54),
        ("new/", 0, 54),
        ("new/below", CREATE, 54),
        ("other/", CREATE, 31),
        ("no/where", CREATE, 44),
        (".", DIRECTORY, 0),
        (".", TRUNCATE, 31),
        (".", 0, 31),
        ("x", CREATE | DIRECTORY, 28),
        ("x", 16, 28),
        ("", CREATE, 44),
        ("/etc/passwd", 0, 76),
        ("..", DIRECTORY, 76),
        ("../tmp/new", 0, 76),
        ("./../new", 0, 76),
        ("new\0", 0, 28),
    ];
    for (path, oflags, errno) in cases {
        let found = guest.open(path, oflags, 0).err().unwrap_or(0);
        assert_eq!(found, errno, "{path} {oflags}");
    }
    assert_eq!(guest.open("new", 0, 0x20), Err(28), "no such fdflags");
    let read_only = guest.open_with(3, ".", 0, 1 << 1, 0);
    assert!(read_only.is_ok(), "a directory can be opened for reading");
    assert_eq!(guest.open_with(3, "new", TRUNCATE, 1 << 1, 0), Err(28));
    assert_eq!(guest.open_with(1, "new", 0, -1, 0), Err(54));
    assert_eq!(guest.open_with(99, "new", 0, -1, 0), Err(8));
    assert_eq!(guest.open(&"n".repeat(256), CREATE, 0), Err(37));
    assert_eq!(guest.open(&"n/".repeat(2_100), CREATE, 0), Err(37));
    let arguments = [3, 0, MEMORY.into(), 1, CREATE, -1, -1, 0, 0];
    assert_eq!(guest.call("path_open", &arguments), 21);
    guest.put(DATA, b"\xff");
    let arguments = [3, 0, DATA.into(), 1, CREATE, -1, -1, 0, 0];
    assert_eq!(guest.call("path_open", &arguments), 25);
    guest.put(DATA, b"y");
    let arguments = [3, 0, DATA.into(), 1, CREATE, -1, -1, 0, -1];
    assert_eq!(guest.call("path_open", &arguments), 21);
    assert_eq!(
        guest.path("path_unlink_file", "y"),
        44,
        "nothing was created"
    );
}

#[test]
fn a_directory_confines_what_is_opened_through_it() {
    let mut guest = Guest::new();
    assert_eq!(guest.path("path_create_directory", "d"), 0);
    guest.open("outside", CREATE, 0).unwrap();
    let fd = guest.open("d", DIRECTORY, 0).unwrap();
    assert_eq!(guest.open_with(fd, "../outside", 0, -1, 0), Err(76));
    assert_eq!(guest.open_with(fd, "in", CREATE, -1, 0), Ok(6));
    assert_eq!(guest.open_with(fd, "./x/../in", 0, -1, 0), Err(44));
    assert!(guest.open("d/in", 0, 0).is_ok());
    assert!(guest.open("d/../outside", 0, 0).is_ok());
    // What is opened can be given fewer rights than it was given itself, never more.
    let read = 1 << 1;
    let sub = guest.open_with(3, "d", DIRECTORY, read, 0).unwrap();
    let file = guest.open_with(sub, "in", 0, -1, 0).unwrap();
    assert_eq!(guest.write(file, "x"), Err(8));
}

#[test]
fn names_come_and_go() {
    let mut guest = Guest::new();
    let cases = [
        ("path_create_directory", "d", 0),
        ("path_create_directory", "d", 20),
        ("path_create_directory", "d/e/", 0),
        ("path_create_directory", "x/y", 44),
        ("path_create_directory", ".", 20),
        ("path_remove_directory", "d", 55),
        ("path_remove_directory", "x", 44),
        ("path_remove_directory", ".", 28),
        ("path_unlink_file", "d", 31),
        ("path_unlink_file", "x", 44),
        ("path_unlink_file", "..", 76),
        ("path_remove_directory", "d/e", 0),
        ("path_remove_directory", "d", 0),
    ];
    for (name, path, errno) in cases {
        let found = guest.path(name, path);
        assert_eq!(found, errno, "{name} {path}");
    }
    let fd = guest.open("f", CREATE, 0).unwrap();
    assert_eq!(guest.path("path_remove_directory", "f"), 54);
    guest.write(fd, "still").unwrap();
    assert_eq!(guest.path("path_unlink_file", "f"), 0);
    guest.ok("fd_seek", &[fd, 0, 0, RESULT.into()]);
    assert_eq!(guest.read(fd, 9), Ok("still".to_owned()), "open files stay");
    guest.ok("fd_filestat_get", &[fd, 128]);
    assert_eq!(guest.u64(128 + 24), 0, "no links");
    assert_ne!(guest.state().files.borrow().used(), 0);
    guest.ok("fd_close", &[fd]);
    assert_eq!(guest.state().files.borrow().used(), 0);
}

fn rename(guest: &mut Guest, from: &str, to: &str) -> i32 {
    guest.put(DATA, from.as_bytes());
    guest.put(DATA + 512, to.as_bytes());
    let (from_at, to_at) = (DATA.into(), (DATA + 512).into());
    let arguments = [3, from_at, from.len() as i64, 3, to_at, to.len() as i64];
    guest.call("path_rename", &arguments)
}

#[test]
fn renaming_replaces() {
    let mut guest = Guest::new();
    for path in ["d", "d/e", "empty", "full"] {
        assert_eq!(guest.path("path_create_directory", path), 0);
    }
    for path in ["f", "g", "full/x"] {
        let fd = guest.open(path, CREATE, 0).unwrap();
        guest.write(fd, path).unwrap();
        guest.ok("fd_close", &[fd]);
    }
    let cases = [
        ("none", "x", 44),
        ("f", "no/where", 44),
        ("f", "f", 0),
        ("f", "d", 31),
        ("f", "h/", 54),
        ("d", "f", 54),
        ("d", "full", 55),
        ("d", "d/e/d", 28),
        ("d", "d/e", 28),
        ("f", "../f", 76),
        (".", "x", 28),
        ("f", "g", 0),
        ("d", "empty", 0),
        ("empty/e", "e", 0),
        ("full", "e/full", 0),
    ];
    for (from, to, errno) in cases {
        assert_eq!(rename(&mut guest, from, to), errno, "{from} -> {to}");
    }
    let fd = guest.open("g", 0, 0).unwrap();
    assert_eq!(guest.read(fd, 9), Ok("f".to_owned()));
    assert_eq!(guest.open("f", 0, 0), Err(44));
    let fd = guest.open("e/full/x", 0, 0).unwrap();
    assert_eq!(guest.read(fd, 9), Ok("full/x".to_owned()));
    assert!(
        guest.open("e/full/../../g", 0, 0).is_ok(),
        "parents are right"
    );
}

/// All names of a directory, read in portions of `room` bytes, with `between` done after each.
fn list(
    guest: &mut Guest,
    fd: i64,
    room: u32,
    mut between: impl FnMut(&mut Guest, &[String]),
) -> Vec<String> {
    let (mut names, mut cookie) = (Vec::new(), 0);
    loop {
        let arguments = [fd, 2048, room.into(), cookie, RESULT.into()];
        guest.ok("fd_readdir", &arguments);
        let used = guest.u32(RESULT);
        let bytes = guest.bytes(2048, used);
        let mut rest = bytes.as_slice();
        while rest.len() >= 24 {
            let length = layout::u32_at(rest, 16) as usize;
            let Some(name) = rest.get(24..24 + length) else {
                break;
            };
            names.push(String::from_utf8(name.to_vec()).unwrap());
            cookie = layout::u64_at(rest, 0) as i64;
            rest = &rest[24 + length..];
        }
        if used < room {
            return names;
        }
        between(guest, &names);
    }
}

#[test]
fn listings_are_in_order_of_creation_in_any_portions() {
    let mut guest = Guest::new();
    for path in ["zebra", "ant"] {
        guest.open(path, CREATE, 0).unwrap();
    }
    assert_eq!(guest.path("path_create_directory", "middle"), 0);
    let names = [".", "..", "zebra", "ant", "middle"];
    for room in [40, 64, 100, 4096] {
        assert_eq!(list(&mut guest, 3, room, |_, _| {}), names, "{room}");
    }
    guest.ok("fd_readdir", &[3, 2048, 4096, 0, RESULT.into()]);
    let types: Vec<u8> = [0_u32, 25, 51, 80, 107]
        .into_iter()
        .map(|at| guest.bytes(2048 + at + 20, 1)[0])
        .collect();
    assert_eq!(types, [3, 3, 4, 4, 3]);
    // Removing what was listed must not hide what was not.
    for index in 0..50 {
        guest.open(&format!("file{index:02}"), CREATE, 0).unwrap();
    }
    let all = list(&mut guest, 3, 128, |guest, listed| {
        for path in listed.iter().filter(|name| name.starts_with("file")) {
            guest.path("path_unlink_file", path);
        }
    });
    assert_eq!(all.len(), 55);
    assert_eq!(guest.call("fd_readdir", &[1, 2048, 64, 0, 0]), 54);
    assert_eq!(guest.call("fd_readdir", &[3, 2048, -1, 0, 0]), 21);
    assert_eq!(guest.call("fd_readdir", &[3, 2048, 64, 0, -1]), 21);
    guest.ok("fd_readdir", &[3, 2048, 64, -1, RESULT.into()]);
    assert_eq!(guest.u32(RESULT), 0, "after the last");
}

#[test]
fn status_has_virtual_times() {
    let mut guest = Guest::new();
    let fd = guest.open("f", CREATE, 0).unwrap();
    let created = guest.state().realtime();
    guest.burn(2_000_000);
    guest.write(fd, "12345").unwrap();
    guest.put(DATA, b"f");
    guest.ok("path_filestat_get", &[3, 1, DATA.into(), 1, 128]);
    assert_eq!(guest.u64(128), 1, "device");
    assert_eq!(guest.bytes(128 + 16, 1), [4]);
    assert_eq!(guest.u64(128 + 24), 1, "links");
    assert_eq!(guest.u64(128 + 32), 5, "size");
    assert_eq!(guest.u64(128 + 40), created);
    let modified = guest.u64(128 + 48);
    assert!(modified >= created + 1_000_000, "{modified} {created}");
    assert_eq!(guest.u64(128 + 56), modified);
    guest.ok("fd_filestat_get", &[fd, 256]);
    assert_eq!(guest.bytes(128, 64), guest.bytes(256, 64));
    guest.put(DATA, b"none");
    assert_eq!(
        guest.call("path_filestat_get", &[3, 1, DATA.into(), 4, 128]),
        44
    );
    assert_eq!(
        guest.call("path_filestat_get", &[3, 1, DATA.into(), -1, 128]),
        37
    );
    guest.put(DATA, b"f");
    assert_eq!(
        guest.call("path_filestat_get", &[3, 1, DATA.into(), 1, -64]),
        21
    );
}
