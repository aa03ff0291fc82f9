//! A module with about 100 KB of code, the size of an ordinary small function, for timing what is done once per
//! module: validating, rewriting, compiling. It runs too: `run(n)` writes n log lines, reads them back
//! with patterns, groups them and prints a report, with as much of the standard library as is natural.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, VecDeque};
use std::fmt::{self, Write};

#[unsafe(no_mangle)]
extern "C" fn run(n: i32) -> i32 {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let log: String = (0..n).map(|number| log_line(number, &mut random)).collect();
    let report = match Report::of(&log) {
        Ok(report) => format!("{report:#}\n{report:?}"),
        Err(error) => format!("{error}"),
    };
    report.bytes().fold(7, |hash: i32, byte| {
        hash.wrapping_mul(31).wrapping_add(i32::from(byte))
    })
}

struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    fn choose<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len() as u64) as usize]
    }
}

fn log_line(number: i32, random: &mut Random) -> String {
    let level = random.choose(&["INFO", "info", "WARN", "Error", "DEBUG"]);
    let path = random.choose(&["/orders", "/orders/{id}", "/straße", "/health", "/users/42/photos"]);
    let (status, millis) = (random.choose(&[200, 200, 201, 404, 500]), random.below(90_000) as f64 / 100.0);
    format!(
        "{number:08x} {level:>5} {path:<18} status={status} duration={millis:.2} note={:?}\n",
        random.choose(&["", "slow", "retry \"soon\"", "Ünïcode ✓", "a\tb"])
    )
}

#[derive(Debug)]
enum Problem {
    Line { number: usize, text: String },
    Number { field: &'static str, cause: NumberProblem },
    Pattern(char),
}

#[derive(Debug)]
enum NumberProblem {
    Whole(std::num::ParseIntError),
    Decimal(std::num::ParseFloatError),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Problem::Line { number, text } => write!(f, "line {number} is not a log line: {text:?}"),
            Problem::Number { field, cause: NumberProblem::Whole(cause) } => write!(f, "{field}: {cause}"),
            Problem::Number { field, cause: NumberProblem::Decimal(cause) } => write!(f, "{field}: {cause}"),
            Problem::Pattern(at) => write!(f, "the pattern is wrong at {at:?}"),
        }
    }
}

/// A pattern in the manner of regular expressions: literals, `.`, `[a-z]`, `*`, `+`, `?`.
#[derive(Debug)]
struct Pattern(Vec<(Set, Times)>);

#[derive(Debug, Clone)]
enum Set {
    Any,
    One(char),
    Ranges(Vec<(char, char)>),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Times {
    Once,
    Optional,
    Many,
}

impl Pattern {
    fn parse(text: &str) -> Result<Pattern, Problem> {
        let mut parts = Vec::new();
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let set = match c {
                '.' => Set::Any,
                '[' => {
                    let mut ranges = Vec::new();
                    loop {
                        match chars.next() {
                            Some(']') => break,
                            Some(from) if chars.next_if_eq(&'-').is_some() => {
                                ranges.push((from, chars.next().ok_or(Problem::Pattern(from))?));
                            }
                            Some(only) => ranges.push((only, only)),
                            None => return Err(Problem::Pattern('[')),
                        }
                    }
                    Set::Ranges(ranges)
                }
                '*' | '+' | '?' => return Err(Problem::Pattern(c)),
                other => Set::One(other),
            };
            match chars.next_if(|next| "*+?".contains(*next)) {
                Some('*') => parts.push((set, Times::Many)),
                Some('+') => parts.extend([(set.clone(), Times::Once), (set, Times::Many)]),
                Some(_) => parts.push((set, Times::Optional)),
                None => parts.push((set, Times::Once)),
            }
        }
        Ok(Pattern(parts))
    }

    fn matches(&self, text: &str) -> bool {
        let chars: Vec<char> = text.chars().collect();
        let mut waiting = VecDeque::from([(0, 0)]);
        let mut seen = BTreeSet::new();
        while let Some((part, at)) = waiting.pop_front() {
            if !seen.insert((part, at)) {
                continue;
            }
            let Some((set, times)) = self.0.get(part) else {
                if at == chars.len() {
                    return true;
                }
                continue;
            };
            if *times != Times::Once {
                waiting.push_back((part + 1, at));
            }
            let fits = chars.get(at).is_some_and(|c| match set {
                Set::Any => true,
                Set::One(one) => c.to_lowercase().eq(one.to_lowercase()),
                Set::Ranges(ranges) => ranges.iter().any(|(from, to)| (from..=to).contains(&c)),
            });
            if fits {
                waiting.push_back((if *times == Times::Many { part } else { part + 1 }, at + 1));
            }
        }
        false
    }
}

#[derive(Debug, Default, Clone)]
struct Group {
    count: u64,
    durations: Vec<f64>,
    statuses: BTreeMap<u16, u32>,
    notes: BTreeSet<String>,
}

#[derive(Debug)]
struct Report {
    groups: HashMap<String, Group, std::hash::BuildHasherDefault<std::hash::DefaultHasher>>,
    slowest: Vec<(u64, String)>,
    by_level: BTreeMap<String, u32>,
}

impl Report {
    fn of(log: &str) -> Result<Report, Problem> {
        let interesting = Pattern::parse("/[a-zß]+.*")?;
        let mut report = Report { groups: HashMap::default(), slowest: Vec::new(), by_level: BTreeMap::new() };
        let mut heap = BinaryHeap::new();
        for (number, line) in log.lines().enumerate() {
            let bad = || Problem::Line { number, text: line.to_owned() };
            let mut words = line.split_whitespace();
            let id = words.next().ok_or_else(bad)?;
            u32::from_str_radix(id, 16)
                .map_err(|cause| Problem::Number { field: "id", cause: NumberProblem::Whole(cause) })?;
            *report.by_level.entry(words.next().ok_or_else(bad)?.to_uppercase()).or_default() += 1;
            let path = words.next().ok_or_else(bad)?;
            if !interesting.matches(path) {
                continue;
            }
            let fields: HashMap<&str, &str, std::hash::BuildHasherDefault<std::hash::DefaultHasher>> =
                words.filter_map(|word| word.split_once('=')).collect();
            let status = fields.get("status").ok_or_else(bad)?.parse()
                .map_err(|cause| Problem::Number { field: "status", cause: NumberProblem::Whole(cause) })?;
            let duration: f64 = fields.get("duration").ok_or_else(bad)?.parse()
                .map_err(|cause| Problem::Number { field: "duration", cause: NumberProblem::Decimal(cause) })?;
            let group = report.groups.entry(path.to_lowercase()).or_default();
            group.count += 1;
            group.durations.push(duration);
            *group.statuses.entry(status).or_default() += 1;
            if let Some(note) = fields.get("note").map(|note| note.trim_matches('"')) {
                group.notes.insert(note.replace('\\', "/"));
            }
            heap.push(((duration * 100.0) as u64, id.to_string()));
        }
        report.slowest = std::iter::from_fn(|| heap.pop()).take(5).collect();
        Ok(report)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let mut groups: Vec<_> = self.groups.iter().collect();
        groups.sort_by(|(a, left), (b, right)| right.count.cmp(&left.count).then_with(|| a.cmp(b)));
        for (path, group) in groups {
            let mut durations = group.durations.clone();
            durations.sort_by(f64::total_cmp);
            let mean = durations.iter().sum::<f64>() / durations.len() as f64;
            let variance = durations.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / durations.len() as f64;
            let percentile = |p: usize| durations[(durations.len() - 1) * p / 100];
            writeln!(
                f,
                "{path:·^20} {:>6} mean {mean:9.3} ± {:.1e} p50 {} p99 {:08.2} {:?}",
                group.count, variance.sqrt(), percentile(50), percentile(99), group.statuses
            )?;
            let mut notes = String::new();
            for note in &group.notes {
                write!(notes, "{note:?}, ")?;
            }
            f.pad(notes.trim_end_matches(", "))?;
        }
        f.debug_map().entries(&self.by_level).finish()?;
        f.debug_list().entries(&self.slowest).finish()
    }
}
