//! Relative paths as WASI gives them.

use super::FileError;

/// Longest path in bytes: Linux's `PATH_MAX`.
pub const MAX_PATH_BYTES: usize = 4096;

/// Longest name in bytes: Linux's `NAME_MAX`.
pub const MAX_NAME_BYTES: usize = 255;

/// A path's components, checked but not looked up.
#[derive(Debug, PartialEq, Eq)]
pub struct Path<'a> {
    /// Names and `..`; `.` is left out.
    pub components: Vec<&'a str>,
    /// Whether it can only mean a directory: it ends with `/`, `.` or `..`.
    pub directory: bool,
}

impl<'a> Path<'a> {
    /// Takes a path apart.
    ///
    /// # Errors
    /// [`FileError::NotBeneath`] for an absolute path, [`FileError::NotFound`] for an empty one,
    /// [`FileError::NameTooLong`], [`FileError::NotText`] when it is not UTF-8, [`FileError::Invalid`] when it contains
    /// a NUL.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, FileError> {
        if bytes.len() > MAX_PATH_BYTES {
            return Err(FileError::NameTooLong);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| FileError::NotText)?;
        if text.contains('\0') {
            return Err(FileError::Invalid);
        }
        if text.is_empty() {
            return Err(FileError::NotFound);
        }
        if text.starts_with('/') {
            return Err(FileError::NotBeneath);
        }
        let components: Vec<&str> = text
            .split('/')
            .filter(|name| !name.is_empty() && *name != ".")
            .collect();
        if components.iter().any(|name| name.len() > MAX_NAME_BYTES) {
            return Err(FileError::NameTooLong);
        }
        let last = text.rsplit('/').next().unwrap_or_default();
        Ok(Self {
            directory: matches!(last, "" | "." | ".."),
            components,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_come_apart() {
        type Expected<'a> = Result<(&'a [&'a str], bool), FileError>;
        let cases: [(&str, Expected<'_>); 9] = [
            ("a", Ok((&["a"], false))),
            ("a//b/./c", Ok((&["a", "b", "c"], false))),
            ("a/", Ok((&["a"], true))),
            ("a/.", Ok((&["a"], true))),
            (".", Ok((&[], true))),
            ("..", Ok((&[".."], true))),
            ("", Err(FileError::NotFound)),
            ("/etc", Err(FileError::NotBeneath)),
            ("a\0b", Err(FileError::Invalid)),
        ];
        for (text, expected) in cases {
            let found = Path::parse(text.as_bytes());
            match expected {
                Ok((components, directory)) => {
                    let path = found.unwrap();
                    assert_eq!(path.components, components, "{text}");
                    assert_eq!(path.directory, directory, "{text}");
                }
                Err(error) => assert_eq!(found, Err(error), "{text}"),
            }
        }
        assert_eq!(Path::parse(b"\xff"), Err(FileError::NotText));
        assert_eq!(Path::parse(&[b'a'; 256]), Err(FileError::NameTooLong));
        assert_eq!(Path::parse(&[b'/'; 5_000]), Err(FileError::NameTooLong));
    }
}
