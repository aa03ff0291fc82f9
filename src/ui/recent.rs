//! The list of the last scenarios, as it is kept: a line each, the newest first.

/// So many are kept.
const MOST: usize = 12;

/// All together take at most so many bytes: browsers keep some megabytes, and the page keeps other things too.
const MOST_BYTES: usize = 1_000_000;

/// One scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recent {
    /// When it was last changed: milliseconds since 1970.
    pub at_ms: u64,
    /// Its function's SHA-256.
    pub module: String,
    /// Its trigger's id.
    pub trigger: String,
    /// What its function is called.
    pub name: String,
    /// The scenario, as a link.
    pub link: String,
}

/// Reads what [`write`] writes; lines that are not of it are left out.
pub fn read(text: &str) -> Vec<Recent> {
    text.lines()
        .filter_map(|line| {
            let mut parts = line.splitn(5, '\t');
            Some(Recent {
                at_ms: parts.next()?.parse().ok()?,
                module: parts.next()?.to_owned(),
                trigger: parts.next()?.to_owned(),
                name: parts.next()?.to_owned(),
                link: parts.next()?.to_owned(),
            })
        })
        .take(MOST)
        .collect()
}

/// The list as text.
pub fn write(list: &[Recent]) -> String {
    let mut text = String::new();
    for entry in list {
        let name: String = entry.name.chars().filter(|c| !c.is_control()).collect();
        let line = format!(
            "{}\t{}\t{}\t{name}\t{}\n",
            entry.at_ms, entry.module, entry.trigger, entry.link
        );
        if text.len() + line.len() <= MOST_BYTES {
            text.push_str(&line);
        }
    }
    text
}

/// The list with this one first; what was there of the same function and trigger is replaced.
pub fn with(mut list: Vec<Recent>, entry: Recent) -> Vec<Recent> {
    list.retain(|it| (&it.module, &it.trigger) != (&entry.module, &entry.trigger));
    list.insert(0, entry);
    list.truncate(MOST);
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(module: &str, trigger: &str, link: &str) -> Recent {
        Recent {
            at_ms: 5,
            module: module.to_owned(),
            trigger: trigger.to_owned(),
            name: "a b.wasm".to_owned(),
            link: link.to_owned(),
        }
    }

    #[test]
    fn what_is_worked_on_stands_once_and_first() {
        let mut list = Vec::new();
        for (module, trigger, link) in [("a", "s3", "1.x"), ("b", "s3", "1.y"), ("a", "s3", "1.z")]
        {
            list = with(read(&write(&list)), entry(module, trigger, link));
        }
        let links: Vec<_> = list.iter().map(|it| it.link.as_str()).collect();
        assert_eq!(links, ["1.z", "1.y"]);
        assert_eq!(read(&write(&list)), list);
    }

    #[test]
    fn it_stays_small_and_survives_nonsense() {
        let mut list = Vec::new();
        for number in 0..20 {
            list = with(list, entry(&number.to_string(), "s3", &"x".repeat(200_000)));
        }
        assert_eq!(list.len(), MOST);
        assert!(write(&list).len() <= MOST_BYTES);
        assert_eq!(read(&write(&list)).len(), 4);
        assert!(read("nonsense\n\n1\t2\nx\ta\tb\tc\td\n").is_empty());
    }
}
