//! What a ladder of memory sizes teaches: the cheapest, the fastest and the balanced size, and where memory buys nothing
//! more. Also the link format of AWS Lambda Power Tuning's chart page, so that a curve measured on AWS can be laid over.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::lambda::config::MemoryMb;
use crate::lambda::cpu;
use crate::session::tune::{Measured, Point, Verdict};
use crate::ui::words;

/// Which of the two requests is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Start {
    /// The one that finds an environment.
    #[default]
    Warm,
    /// The one that does not.
    Cold,
}

impl Start {
    /// That request.
    pub fn of(self, point: &Point) -> &Measured {
        match self {
            Self::Warm => &point.warm,
            Self::Cold => &point.cold,
        }
    }
}

/// What the caller waits for: Init, when there is one, and the handler.
pub fn latency_ns(measured: &Measured) -> u64 {
    (measured.init + measured.duration).as_nanos()
}

/// The sizes worth naming.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choices {
    /// Costs least; of several, the fastest.
    pub cheapest: MemoryMb,
    /// Answers first; of several, the cheapest.
    pub fastest: MemoryMb,
    /// The least product of time and cost: neither is paid for too dearly with the other.
    pub balanced: MemoryMb,
}

/// Chooses among the sizes at which the function answered; none when there is no such size.
pub fn choices(points: &[Point], start: Start) -> Option<Choices> {
    let answered = || {
        points
            .iter()
            .filter(move |point| start.of(point).verdict == Verdict::Answered)
    };
    let least = |key: &dyn Fn(&Measured) -> (u128, u128)| {
        answered()
            .min_by_key(|point| key(start.of(point)))
            .map(|point| point.memory)
    };
    let time = |it: &Measured| u128::from(latency_ns(it));
    let cost = |it: &Measured| u128::from(it.cost_picodollars);
    Some(Choices {
        cheapest: least(&|it| (cost(it), time(it)))?,
        fastest: least(&|it| (time(it), cost(it)))?,
        balanced: least(&|it| (time(it) * cost(it), time(it)))?,
    })
}

/// What there is to say about the curve, in sentences.
pub fn remarks(points: &[Point], start: Start, current: MemoryMb) -> Vec<String> {
    let mut said = Vec::new();
    let failed = |verdict| {
        points
            .iter()
            .filter(move |p| start.of(p).verdict == verdict)
    };
    if let Some(last) = failed(Verdict::OutOfMemory).next_back() {
        said.push(format!(
            "With {} and less it runs out of memory.",
            words::memory(last.memory)
        ));
    }
    if let Some(last) = failed(Verdict::TimedOut).next_back() {
        said.push(format!(
            "With {} it still runs into its timeout.",
            words::memory(last.memory)
        ));
    }
    if let Some(last) = failed(Verdict::CutOff).next_back() {
        said.push(format!(
            "With {} the playground's patience, not Lambda's, was at an end: raise it under Advanced.",
            words::memory(last.memory)
        ));
    }
    if failed(Verdict::Failed).next().is_some() {
        said.push("It fails at some sizes, for reasons of its own; see its log there.".to_owned());
    }
    let answered: Vec<&Point> = points
        .iter()
        .filter(|point| start.of(point).verdict == Verdict::Answered)
        .collect();
    // No faster: within half a per cent of the largest size.
    if let Some(best) = answered.last().map(|last| latency_ns(start.of(last)))
        && let Some(first) = answered
            .iter()
            .find(|point| latency_ns(start.of(point)) <= best + best / 200)
        && answered
            .last()
            .is_some_and(|last| last.memory > first.memory)
    {
        let why = if first.memory.0 >= cpu::MEMORY_PER_VCPU {
            "it has one thread, and that has a whole vCPU there"
        } else {
            "its work fits into the CPU time that this size has at once"
        };
        said.push(format!(
            "From {} on more memory buys no time: {why}.",
            words::memory(first.memory)
        ));
    }
    if let (Some(choices), Some(now)) = (
        choices(points, start),
        answered.iter().find(|point| point.memory == current),
    ) {
        let now = start.of(now);
        let mut named = vec![("cheapest", choices.cheapest), ("fastest", choices.fastest)];
        if choices.balanced != choices.cheapest && choices.balanced != choices.fastest {
            named.insert(1, ("balanced one", choices.balanced));
        }
        for (name, size) in named {
            let Some(best) = answered.iter().find(|point| point.memory == size) else {
                continue;
            };
            if size == current {
                said.push(format!("{} is already the {name}.", words::memory(size)));
            } else {
                let best = start.of(best);
                let speed = lower(&words::speed_change(latency_ns(now), latency_ns(best)));
                let cost = lower(&words::cost_change(
                    now.cost_picodollars,
                    best.cost_picodollars,
                ));
                let compared = match (speed.as_str(), cost.as_str()) {
                    ("as fast", "the same cost") => "as fast and as dear as now".to_owned(),
                    ("as fast", cost) => format!("as fast as now and {cost}"),
                    (speed, "the same cost") => format!("{speed} than now, at the same cost"),
                    (speed, cost) => format!("{speed} and {cost} than now"),
                };
                said.push(format!(
                    "The {name}, {}, is {compared}.",
                    words::memory(size)
                ));
            }
        }
    }
    said
}

fn lower(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_lowercase().chain(letters).collect())
        .unwrap_or_default()
}

/// A curve measured elsewhere: memory in MB, time in milliseconds, cost in dollars.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Curve(pub Vec<(u16, f32, f32)>);

/// The chart page's link: `sizes;times;costs`, each a base64 list of little-endian numbers (int16, float32, float32), as
/// aws-lambda-power-tuning-ui's `encode.js` writes them.
pub fn to_link(points: &[Point], start: Start) -> String {
    let mut sizes = Vec::new();
    let mut times = Vec::new();
    let mut costs = Vec::new();
    for point in points {
        let measured = start.of(point);
        if measured.verdict == Verdict::Answered {
            let millis = latency_ns(measured) as f32 / 1e6;
            let dollars = measured.cost_picodollars as f32 / 1e12;
            sizes.extend_from_slice(&(point.memory.0 as i16).to_le_bytes());
            times.extend_from_slice(&millis.to_le_bytes());
            costs.extend_from_slice(&dollars.to_le_bytes());
        }
    }
    format!(
        "https://lambda-power-tuning.show/#{};{};{}",
        STANDARD.encode(sizes),
        STANDARD.encode(times),
        STANDARD.encode(costs)
    )
}

/// Reads such a link, or only what follows its `#`. None when it is none.
pub fn from_link(text: &str) -> Option<Curve> {
    let data = text.trim().rsplit('#').next()?;
    let mut lists = data
        .split(';')
        .take(3)
        .map(|list| STANDARD.decode(list.replace("%3D", "=").as_bytes()).ok());
    let (sizes, times, costs) = (lists.next()??, lists.next()??, lists.next()??);
    if sizes.is_empty()
        || sizes.len() > 512
        || times.len() != sizes.len() * 2
        || costs.len() != times.len()
    {
        return None;
    }
    let float = |bytes: &[u8]| {
        let number = f32::from_le_bytes(bytes.try_into().ok()?);
        (number.is_finite() && number >= 0.0).then_some(number)
    };
    let mut curve = sizes
        .chunks_exact(2)
        .zip(times.chunks_exact(4).zip(costs.chunks_exact(4)))
        .map(|(size, (time, cost))| {
            let size = u16::from_le_bytes(size.try_into().ok()?);
            let lambda_s = (128..=10_240).contains(&size);
            lambda_s.then_some((size, float(time)?, float(cost)?))
        })
        .collect::<Option<Vec<_>>>()?;
    curve.sort_by_key(|(size, ..)| *size);
    Some(Curve(curve))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::SimDuration;

    fn point(mb: u32, millis: u64, picodollars: u64, verdict: Verdict) -> Point {
        let warm = Measured {
            init: SimDuration::ZERO,
            duration: SimDuration::from_millis(millis),
            billed_ms: millis,
            cost_picodollars: picodollars,
            verdict,
        };
        Point {
            memory: MemoryMb(mb),
            cold: warm,
            warm,
        }
    }

    /// Twice as fast for the same money up to a whole vCPU, then only dearer.
    fn ladder() -> Vec<Point> {
        vec![
            point(128, 0, 0, Verdict::OutOfMemory),
            point(256, 800, 400, Verdict::Answered),
            point(512, 400, 400, Verdict::Answered),
            point(1_769, 100, 410, Verdict::Answered),
            point(3_008, 100, 700, Verdict::Answered),
        ]
    }

    #[test]
    fn the_three_choices() {
        assert_eq!(
            choices(&ladder(), Start::Warm),
            Some(Choices {
                cheapest: MemoryMb(512),
                fastest: MemoryMb(1_769),
                balanced: MemoryMb(1_769),
            })
        );
        assert_eq!(choices(&ladder()[..1], Start::Warm), None);
    }

    #[test]
    fn the_curve_in_words() {
        let said = remarks(&ladder(), Start::Warm, MemoryMb(512)).join(" ");
        assert!(
            said.contains("With 128 MB and less it runs out of memory."),
            "{said}"
        );
        assert!(
            said.contains("From 1,769 MB on more memory buys no time"),
            "{said}"
        );
        assert!(said.contains("512 MB is already the cheapest."), "{said}");
        assert!(said.contains("The fastest, 1,769 MB, is "), "{said}");
    }

    #[test]
    fn the_chart_pages_link_is_read_and_written() {
        let link = to_link(&ladder(), Start::Warm);
        let curve = from_link(&link).unwrap();
        assert_eq!(curve.0.len(), 4);
        assert_eq!(curve.0[0], (256, 800.0, 400e-12));
        for broken in [
            "",
            "#a;b;c",
            "https://x/#AAE=;AAAA;AAAA",
            "#gAA=;AADAfw==;AAAAAA==",
        ] {
            assert_eq!(from_link(broken), None, "{broken}");
        }
    }
}
