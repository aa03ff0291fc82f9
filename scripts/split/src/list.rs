//! The list of functions that run at first.
//!
//! Names are long and there are thousands of them, so the list holds their hashes. A compiler's own hashes of crates
//! differ from machine to machine and are left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Hashes of function names, and which points of each function were reached, of how many.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct List(BTreeMap<u32, Points>);

#[derive(Debug, Default, PartialEq, Eq)]
struct Points {
    count: usize,
    reached: BTreeSet<usize>,
}

impl List {
    /// Reads what [`List`]'s `Display` writes. Words that are nothing of it are passed over: they name nothing.
    pub fn parse(text: &str) -> Self {
        let words = text
            .lines()
            .filter(|line| !line.starts_with('#'))
            .flat_map(str::split_whitespace);
        Self(words.filter_map(parse_word).collect())
    }

    /// Takes a line of those that [`crate::probe`] writes: a name, and behind a tab its number of points, before a slash
    /// the one that was reached if the line is a point's.
    pub fn add(&mut self, line: &str) {
        let (name, point) = line.rsplit_once('\t').unwrap_or((line, "0"));
        let (reached, count) = match point.split_once('/') {
            Some((reached, count)) => (reached.parse::<usize>().ok(), count),
            None => (None, point),
        };
        let points = self.0.entry(hash(name)).or_default();
        points.count = count.parse().unwrap_or_default();
        points.reached.extend(reached);
    }

    /// Whether a function ran.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(&hash(name))
    }

    /// The points of a function that were reached; none if it had another number of them, and was another function then.
    pub fn reached(&self, name: &str, count: usize) -> Option<&BTreeSet<usize>> {
        let points = self.0.get(&hash(name))?;
        (points.count == count).then_some(&points.reached)
    }
}

/// `hash` or `hash:count:reached`, the points as bits, four a digit, the first ones first.
fn parse_word(word: &str) -> Option<(u32, Points)> {
    let mut parts = word.split(':');
    let hash = u32::from_str_radix(parts.next()?, 16).ok()?;
    let Some(count) = parts.next() else {
        return Some((hash, Points::default()));
    };
    let mut reached = BTreeSet::new();
    for (place, digit) in parts.next().unwrap_or_default().chars().enumerate() {
        let digit = digit.to_digit(16)?;
        reached.extend(
            (0..4)
                .filter(|bit| digit >> bit & 1 == 1)
                .map(|bit| 4 * place + bit),
        );
    }
    let count = count.parse().ok()?;
    Some((hash, Points { count, reached }))
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "# Written by scripts/profile: hashes of the functions that run at first, and which of their points were reached."
        )?;
        let mut line = String::new();
        for (hash, points) in &self.0 {
            let mut word = format!("{hash:08x}");
            if points.count > 0 {
                word += &format!(":{}:", points.count);
                let digits = points.reached.last().map_or(0, |last| last / 4 + 1);
                for place in 0..digits {
                    let set = |bit: &usize| points.reached.contains(&(4 * place + bit));
                    let digit: usize = (0..4).filter(set).map(|bit| 1 << bit).sum();
                    word += &format!("{digit:x}");
                }
            }
            if !line.is_empty() && line.len() + word.len() > 124 {
                writeln!(f, "{line}")?;
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line += &word;
        }
        writeln!(f, "{line}")
    }
}

/// A name without what differs between two builds of the same source: the compiler's hashes of crates, `[0123456789abcdef]`
/// behind a crate's name.
pub fn lasting(name: &str) -> String {
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
        for point in [0, 3, 4, 17] {
            list.add(&format!("branching\t{point}/20"));
        }
        list.add("straight\t0");
        list.add("never inside\t9");
        assert_eq!(List::parse(&list.to_string()), list);
    }
}
