//! `/tmp` by itself.

use lambda_playground::guest::files::{BLOCK, FileError, Files, MAX_NODES, NodeKind, Opening};

const CREATE: Opening = Opening {
    create: true,
    exclusive: false,
    truncate: false,
    directory: false,
    write: true,
};

#[test]
fn storage_is_counted_in_blocks_and_given_back() {
    let mut files = Files::new(3 * BLOCK + 100);
    let root = files.root();
    let a = files.open(root, b"a", CREATE, 1).unwrap();
    let b = files.open(root, b"b", CREATE, 2).unwrap();
    assert_eq!(files.write(a, 0, &[1; 5_000], 3), Ok(5_000));
    assert_eq!(files.used(), 2 * BLOCK);
    assert_eq!(files.write(b, 0, &[2; 5_000], 4), Ok(4_096), "short");
    assert_eq!(files.write(b, 4_096, &[2; 1], 5), Err(FileError::NoSpace));
    assert_eq!(files.used(), 3 * BLOCK);
    files.set_size(a, 10, 6).unwrap();
    assert_eq!(files.used(), 2 * BLOCK);
    assert_eq!(files.write(b, 4_096, &[2; 1], 7), Ok(1));
    files.remove_file(root, b"a", 8).unwrap();
    assert_eq!(files.used(), 3 * BLOCK, "still open");
    files.close(a);
    assert_eq!(files.used(), 2 * BLOCK);
    files.close(b);
    let again = files
        .open(
            root,
            b"b",
            Opening {
                truncate: true,
                ..CREATE
            },
            9,
        )
        .unwrap();
    assert_eq!((files.used(), again), (0, b));
}

#[test]
fn replacing_a_file_frees_it() {
    let mut files = Files::new(1 << 20);
    let root = files.root();
    for name in ["old", "new"] {
        let id = files.open(root, name.as_bytes(), CREATE, 1).unwrap();
        files.write(id, 0, &[1; 5_000], 1).unwrap();
        files.close(id);
    }
    files.rename((root, b"new"), (root, b"old"), 2).unwrap();
    assert_eq!(files.used(), 2 * BLOCK);
    let names: Vec<_> = std::iter::successors(files.entry(root, 0).unwrap(), |entry| {
        files.entry(root, entry.next).unwrap()
    })
    .map(|entry| (entry.name, entry.kind))
    .collect();
    let expected = [
        (".".to_owned(), NodeKind::Directory),
        ("..".to_owned(), NodeKind::Directory),
        ("old".to_owned(), NodeKind::File),
    ];
    assert_eq!(names, expected);
}

#[test]
fn files_are_not_without_number() {
    let mut files = Files::new(u64::MAX);
    let root = files.root();
    for index in 1..MAX_NODES {
        let path = index.to_string();
        files.create_directory(root, path.as_bytes(), 0).unwrap();
    }
    let full = Err(FileError::NoSpace);
    assert_eq!(files.create_directory(root, b"more", 0), full);
    assert_eq!(
        files.open(root, b"more", CREATE, 0),
        Err(FileError::NoSpace)
    );
    files.remove_directory(root, b"1", 0).unwrap();
    assert_eq!(files.create_directory(root, b"more", 0), Ok(()));
}

#[test]
fn a_removed_directory_takes_nothing_more() {
    let mut files = Files::default();
    let root = files.root();
    files.create_directory(root, b"d", 0).unwrap();
    let open = Opening {
        directory: true,
        ..Opening::default()
    };
    let d = files.open(root, b"d", open, 0).unwrap();
    files.remove_directory(root, b"d", 0).unwrap();
    assert_eq!(files.status(d).map(|status| status.links), Ok(0));
    assert_eq!(files.create_directory(d, b"x", 0), Err(FileError::NotFound));
    assert_eq!(files.open(d, b"x", CREATE, 0), Err(FileError::NotFound));
    let f = files.open(root, b"f", CREATE, 0).unwrap();
    assert_eq!(
        files.rename((root, b"f"), (d, b"f"), 0),
        Err(FileError::NotFound)
    );
    assert_eq!(files.status(f).map(|status| status.links), Ok(1));
    files.close(d);
    assert_eq!(files.status(d).err(), Some(FileError::NotFound));
}
