//! The list of functions that run at first.
//!
//! Names are long and there are thousands of them, so the list holds their hashes. A compiler's own hashes of crates
//! differ from machine to machine and are left out.

use std::collections::BTreeSet;
use std::fmt;

/// Hashes of function names.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct List(BTreeSet<u32>);

impl List {
    /// Reads what [`List`]'s `Display` writes. Words that are no hashes are passed over: they name nothing.
    pub fn parse(text: &str) -> Self {
        let hashes = text
            .lines()
            .filter(|line| !line.starts_with('#'))
            .flat_map(str::split_whitespace);
        Self(
            hashes
                .filter_map(|word| u32::from_str_radix(word, 16).ok())
                .collect(),
        )
    }

    pub fn add(&mut self, name: &str) {
        self.0.insert(hash(name));
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.contains(&hash(name))
    }
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "# Written by scripts/profile: hashes of the functions that run at first."
        )?;
        let hashes: Vec<String> = self.0.iter().map(|hash| format!("{hash:08x}")).collect();
        for line in hashes.chunks(14) {
            writeln!(f, "{}", line.join(" "))?;
        }
        Ok(())
    }
}

/// A name without what differs between two builds of the same source: the compiler's hashes of crates, `[0123456789abcdef]`
/// behind a crate's name.
fn lasting(name: &str) -> String {
    let mut lasting = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(open) = rest.find('[') {
        let (before, bracket) = rest.split_at(open);
        lasting.push_str(before);
        let hash = bracket[1..]
            .bytes()
            .take_while(u8::is_ascii_hexdigit)
            .count();
        rest = match bracket.as_bytes().get(hash + 1) {
            Some(b']') if hash >= 8 => &bracket[hash + 2..],
            _ => {
                lasting.push('[');
                &bracket[1..]
            }
        };
    }
    lasting + rest
}

/// FNV-1a, 32 bits: among some ten thousand names a collision keeps a function that could have come later, no more.
fn hash(name: &str) -> u32 {
    lasting(name).bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compilers_hash_does_not_count() {
        let mut list = List::default();
        list.add("<[u8] as core[0123456789abcdef]::fmt::Debug>::fmt");
        assert!(list.has("<[u8] as core[fedcba987654321]::fmt::Debug>::fmt"));
        assert!(!list.has("<[u16] as core[0123456789abcdef]::fmt::Debug>::fmt"));
    }

    #[test]
    fn a_list_is_read_as_it_was_written() {
        let mut list = List::default();
        (0..40).for_each(|number| list.add(&format!("function {number}")));
        assert_eq!(List::parse(&list.to_string()), list);
    }
}
