//! Parts of a million as people write them: per cent, with up to four decimals.

/// `12500` is `1.25`.
pub fn percent(per_million: u32) -> String {
    decimal(u64::from(per_million), 4)
}

/// `1.25` is `12500`; none when it is no number of that kind.
pub fn per_million(percent: &str) -> Option<u32> {
    u32::try_from(scaled(percent, 4)?).ok()
}

/// A whole number of `10^-places`, written with as few decimals as it takes.
pub(in crate::ui::model) fn decimal(value: u64, places: u32) -> String {
    let unit = 10_u64.pow(places);
    let (whole, rest) = (value / unit, value % unit);
    if rest == 0 {
        return whole.to_string();
    }
    let rest = format!("{rest:0places$}", places = places as usize);
    format!("{whole}.{}", rest.trim_end_matches('0'))
}

/// Reads a decimal number in units of `10^-places`. Exact: no floating point is involved; more decimals are not taken.
pub(in crate::ui::model) fn scaled(text: &str, places: u32) -> Option<u64> {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let empty = whole.is_empty() && fraction.is_empty();
    if empty || !digits(whole) || !digits(fraction) || fraction.len() > places as usize {
        return None;
    }
    let whole: u64 = if whole.is_empty() {
        0
    } else {
        whole.parse().ok()?
    };
    let fraction: u64 = format!("{fraction:0<width$}", width = places as usize)
        .parse()
        .ok()?;
    whole.checked_mul(10_u64.pow(places))?.checked_add(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn per_cent_is_exact_both_ways() {
        for (text, parts) in [
            ("0", 0),
            ("1.25", 12_500),
            ("100", 1_000_000),
            ("0.0001", 1),
        ] {
            assert_eq!(per_million(text), Some(parts), "{text}");
            assert_eq!(percent(parts), text);
        }
        for text in ["", ".", "-1", "1e3", "0.00001", "99999999999", "a"] {
            assert_eq!(per_million(text), None, "{text}");
        }
        assert_eq!(per_million(".5"), Some(5_000));
    }
}
