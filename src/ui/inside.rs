//! Inside one invocation: the CPU quota at work, and the curve of its memory, as shapes on one axis.

use crate::lambda::config::MemoryMb;
use crate::lambda::cpu;
use crate::sim::{SimDuration, SimTime};
use crate::ui::account::{Memory, Stretch};
use crate::ui::timeline::quota::Period;
use crate::ui::words;

/// More periods than this are not drawn one by one.
const MOST_PERIODS: usize = 120;

/// One invocation's Invoke phase.
#[derive(Debug, Clone, PartialEq)]
pub struct Inside {
    /// When the phase began.
    pub from: SimTime,
    /// When it ended.
    pub to: SimTime,
    /// When the handler ran and when the quota had it frozen; empty when that cannot be told, or there are too many.
    pub periods: Vec<Period>,
    /// What the quota did, in a sentence or two.
    pub cpu: String,
    /// The memory curve.
    pub memory: Option<Memory>,
}

impl Inside {
    /// Looks into an Invoke phase that has ended; none when there is nothing to see, as in a model's.
    pub fn new(stretch: &Stretch, size: MemoryMb, memory: Option<Memory>) -> Option<Self> {
        let usage = stretch.usage?;
        let memory = memory.filter(|memory| !memory.points.is_empty());
        if usage.cpu == SimDuration::ZERO && memory.is_none() {
            return None;
        }
        let periods = stretch.periods(MOST_PERIODS);
        Some(Self {
            from: stretch.from,
            to: stretch.to,
            cpu: told(&usage, size, periods.as_deref()),
            periods: periods.unwrap_or_default(),
            memory,
        })
    }

    /// The place of an instant in a picture `width` wide.
    pub fn x(&self, at: SimTime, width: f64) -> f64 {
        let whole = self.to.since(self.from).as_nanos().max(1) as f64;
        let passed = at.max(self.from).min(self.to).since(self.from).as_nanos() as f64;
        passed / whole * width
    }

    /// The memory curve as an SVG path in a box of this size, and the share of the height at which the configured size lies.
    pub fn memory_path(&self, width: f64, height: f64) -> Option<(String, f64)> {
        let memory = self.memory.as_ref()?;
        // What came before the phase is its beginning.
        let points = memory.points.iter();
        let points = points.map(|(at, bytes)| (self.x(*at, width), *bytes));
        staircase(points, width, memory.size, height)
    }

    /// The memory curve in words.
    pub fn memory_words(&self) -> Option<String> {
        let memory = self.memory.as_ref()?;
        let megabytes = |bytes: u64| format!("{} MB", words::grouped(bytes.div_ceil(1 << 20)));
        let first = memory.points.first()?.1;
        let last = memory.points.last()?.1;
        let size = words::memory(memory.size);
        // Growth that the figures do not show is none to speak of.
        Some(if megabytes(last) != megabytes(first) {
            let steps = memory
                .points
                .windows(2)
                .filter(|pair| pair[1].1 > pair[0].1);
            let times = match steps.count() {
                1 => "once".to_owned(),
                2 => "twice".to_owned(),
                // A long curve has lost some of its points.
                64.. => "again and again".to_owned(),
                many => format!("{many} times"),
            };
            format!(
                "Memory grows {times}, from {} to {} of {size}.",
                megabytes(first),
                megabytes(last)
            )
        } else {
            format!("Memory stays at {} of {size}.", megabytes(last))
        })
    }
}

/// Memory as an SVG path: places from the left with the bytes from there on, up to the place `end`; and the share of the
/// height at which the configured size lies.
pub fn staircase(
    points: impl Iterator<Item = (f64, u64)> + Clone,
    end: f64,
    size: MemoryMb,
    height: f64,
) -> Option<(String, f64)> {
    // The configured size is in the picture only when the curve comes near it: else there would be little to see.
    let most = points.clone().map(|point| point.1).max()?.max(1);
    let size = size.bytes();
    let top = if most.saturating_mul(3) >= size {
        size.max(most)
    } else {
        most.saturating_mul(5) / 4
    };
    let y = |bytes: u64| height - height * bytes as f64 / top.max(1) as f64;
    let mut path = format!("M0 {height}");
    for (x, bytes) in points {
        path.push_str(&format!("H{x:.1}V{:.1}", y(bytes)));
    }
    path.push_str(&format!("H{end}V{height}Z"));
    Some((path, 1.0 - size as f64 / top.max(1) as f64))
}

fn told(usage: &crate::lambda::event::Usage, size: MemoryMb, periods: Option<&[Period]>) -> String {
    let bandwidth = cpu::bandwidth(size);
    let (quota, period) = (bandwidth.quota, bandwidth.period);
    let used = words::millis(usage.cpu);
    if quota >= period {
        return format!(
            "{} is a whole vCPU or more: one thread is never frozen. It computed for {used}.",
            words::memory(size)
        );
    }
    let rule = format!(
        "At {} a thread may compute for {} of every {} ms.",
        words::memory(size),
        words::millis(quota),
        period.as_nanos() / 1_000_000
    );
    if usage.frozen == SimDuration::ZERO {
        return format!("{rule} This handler needed {used} and was never frozen.");
    }
    let frozen = words::millis(usage.frozen);
    let Some(periods) = periods else {
        return format!("{rule} This handler needed {used}, and stood frozen for {frozen}.");
    };
    let pauses = periods.iter().filter(|period| !period.running).count();
    let times = match pauses {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        many => format!("{many} times"),
    };
    // What is left of the last stretch is what one would have to save to get done a whole period earlier.
    let rest = periods
        .last()
        .filter(|period| period.running)
        .map(|period| period.to.since(period.from));
    let lever = rest.map_or_else(String::new, |rest| {
        format!(
            " With {} less to compute it would end a whole period earlier: that is why durations come in steps.",
            words::millis(rest)
        )
    });
    format!("{rule} This handler needed {used}, so it was frozen {times}, {frozen} in all.{lever}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guest::clock::Clock;
    use crate::guest::fuel::Fuel;
    use crate::lambda::event::Usage;
    use crate::ui::account::Stage;

    fn stretch(size: MemoryMb, cpu: SimDuration) -> Stretch {
        let from = SimTime::from_nanos(7_000_000);
        let mut clock = Clock::new(from, SimTime::MAX, cpu::bandwidth(size));
        clock.work(Fuel::in_cpu_time(cpu));
        Stretch {
            stage: Stage::Invoke,
            attempt: 1,
            from,
            to: clock.now(),
            usage: Some(Usage {
                duration: clock.now().since(from),
                cpu: clock.cpu(),
                frozen: clock.frozen(),
                ..Usage::default()
            }),
            repeated_init: None,
        }
    }

    #[test]
    fn the_quota_explains_the_steps() {
        let size = MemoryMb(885);
        let stretch = stretch(size, SimDuration::from_millis(25));
        let inside = Inside::new(&stretch, size, None).unwrap();
        // Half a vCPU: 10 ms run, 10 ms frozen, twice, then 5 ms.
        let running: Vec<bool> = inside.periods.iter().map(|it| it.running).collect();
        assert_eq!(running, [true, false, true, false, true]);
        assert!(inside.cpu.contains("frozen twice"), "{}", inside.cpu);
        assert!(inside.cpu.contains("less to compute"), "{}", inside.cpu);
        assert_eq!(inside.x(inside.to, 300.0), 300.0);
        let whole = Inside::new(
            &self::stretch(MemoryMb(1_769), SimDuration::from_millis(25)),
            MemoryMb(1_769),
            None,
        )
        .unwrap();
        assert!(whole.cpu.contains("never frozen"));
        assert_eq!(whole.periods.len(), 1);
    }

    #[test]
    fn memory_is_a_staircase() {
        let size = MemoryMb(128);
        let stretch = stretch(size, SimDuration::from_millis(1));
        let at = |micros: u64| stretch.from + SimDuration::from_micros(micros);
        let memory = Memory {
            points: vec![(stretch.from, 20 << 20), (at(100), 60 << 20)],
            end: stretch.to,
            size,
            peak: 60 << 20,
        };
        let inside = Inside::new(&stretch, size, Some(memory)).unwrap();
        let (path, limit) = inside.memory_path(100.0, 40.0).unwrap();
        assert!(path.starts_with("M0 40H0.0V33.8H"), "{path}");
        assert_eq!(limit, 0.0);
        assert_eq!(
            inside.memory_words().unwrap(),
            "Memory grows once, from 20 MB to 60 MB of 128 MB."
        );
        // A model computes nothing and has no memory.
        let nothing = Stretch {
            usage: Some(Usage::default()),
            ..stretch
        };
        assert_eq!(Inside::new(&nothing, size, None), None);
    }
}
