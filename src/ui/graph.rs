//! A metric's graph on the timeline's axis: what is seen there is seen here, at the same places.

use crate::session::watching::Series;
use crate::sim::{SimDuration, SimTime};
use crate::ui::timeline::{Axis, Window};

/// How long a data point lasts.
pub const POINT: SimDuration = SimDuration::from_secs(1);

/// The highest value in each of `columns` columns that share a window of the axis.
pub fn columns(series: &Series, axis: &Axis, window: Window, columns: usize) -> Vec<u64> {
    let mut heights = vec![0_u64; columns];
    if window.width <= 0.0 || columns == 0 {
        return heights;
    }
    let scale = columns as f64 / window.width;
    let begin = axis.time(window.left);
    let first = series
        .points
        .partition_point(|(at, _)| *at + POINT <= begin);
    for (at, value) in series.points.iter().skip(first) {
        let from = (axis.x(*at) - window.left) * scale;
        if from >= columns as f64 {
            break;
        }
        let to = (axis.x(*at + POINT) - window.left) * scale;
        // A second cannot be missed, however narrow.
        let from = from.max(0.0) as usize;
        let to = (to.ceil().max(0.0) as usize).max(from + 1);
        for height in heights.iter_mut().take(to).skip(from) {
            *height = (*height).max(*value);
        }
    }
    heights
}

/// The value of the second in which an instant lies; none where there is no point.
pub fn value_at(series: &Series, at: SimTime) -> Option<u64> {
    let index = series.points.partition_point(|(from, _)| *from <= at);
    let (from, value) = series.points.get(index.checked_sub(1)?)?;
    (at < *from + POINT).then_some(*value)
}

/// An SVG path of columns `1` wide under a curve, in a box of the given height.
pub fn path(heights: &[u64], most: u64, height: u64) -> String {
    let mut path = format!("M0,{height}");
    let mut last = None;
    for (index, value) in heights.iter().enumerate() {
        let y = height - value.saturating_mul(height.saturating_sub(2)) / most.max(1);
        // Steps: a second has one value.
        if last != Some(y) {
            path.push_str(&format!("H{index}V{y}"));
            last = Some(y);
        }
    }
    path.push_str(&format!("H{}V{height}Z", heights.len()));
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::watching::SeriesUnit;

    fn seconds(seconds: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_secs(seconds)
    }

    fn series() -> Series {
        Series {
            metric: "Invocations".to_owned(),
            statistic: "Sum".to_owned(),
            unit: SeriesUnit::Count,
            points: vec![(seconds(0), 3), (seconds(1), 0), (seconds(500), 7)],
        }
    }

    #[test]
    fn a_graph_shows_what_the_timeline_shows() {
        let busy = [(seconds(0), seconds(1_000))];
        let axis = Axis::layout([], &busy, &Default::default(), 1_000.0);
        let whole = Window {
            left: 0.0,
            width: 1_000.0,
        };
        let heights = columns(&series(), &axis, whole, 100);
        assert_eq!(heights.iter().filter(|it| **it == 7).count(), 1);
        assert_eq!(heights.iter().max(), Some(&7));
        // What is not in sight is not drawn.
        let later = Window {
            left: 600.0,
            width: 100.0,
        };
        assert!(
            columns(&series(), &axis, later, 100)
                .iter()
                .all(|it| *it == 0)
        );
        // Enlarged, a second is as wide as it is.
        let large = Axis::layout([], &busy, &Default::default(), 100_000.0);
        let x = large.x(seconds(500));
        let near = Window {
            left: x - 100.0,
            width: 400.0,
        };
        let heights = columns(&series(), &large, near, 400);
        let wide = heights.iter().filter(|it| **it == 7).count();
        assert!((98..=102).contains(&wide), "{wide}");
    }

    #[test]
    fn a_value_lasts_a_second() {
        let series = series();
        assert_eq!(value_at(&series, seconds(500)), Some(7));
        assert_eq!(value_at(&series, seconds(501)), None);
        assert_eq!(value_at(&series, SimTime::from_nanos(999_999_999)), Some(3));
        assert_eq!(path(&[0, 7, 7, 0], 7, 48), "M0,48H0V48H1V2H3V48H4V48Z");
    }
}
