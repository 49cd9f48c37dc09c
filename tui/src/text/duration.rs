//! Durations as people read them.

/// A duration in the unit that leaves at most three digits before the point, with three
/// significant digits: `870ns`, `12.3µs`, `420ms`, `1.92s`, `2m05s`, `3h07m`, `2d04h`.
pub fn duration(nanoseconds: u64) -> String {
    const MICROSECOND: u64 = 1_000;
    const MILLISECOND: u64 = 1_000_000;
    const SECOND: u64 = 1_000_000_000;
    const MINUTE: u64 = 60 * SECOND;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    match nanoseconds {
        0..MICROSECOND => format!("{nanoseconds}ns"),
        // Each border lies where three digits would round up to the next unit.
        MICROSECOND..999_500 => scaled(nanoseconds, MICROSECOND, "µs"),
        999_500..999_500_000 => scaled(nanoseconds, MILLISECOND, "ms"),
        999_500_000..MINUTE => scaled(nanoseconds, SECOND, "s"),
        MINUTE..HOUR => two(nanoseconds, MINUTE, "m", SECOND, "s"),
        HOUR..DAY => two(nanoseconds, HOUR, "h", MINUTE, "m"),
        DAY.. => two(nanoseconds, DAY, "d", HOUR, "h"),
    }
}

/// A duration with its sign: `+420ms`, `-12.3µs`.
pub fn signed_duration(nanoseconds: i64) -> String {
    let sign = if nanoseconds < 0 { '-' } else { '+' };
    format!("{sign}{}", duration(nanoseconds.unsigned_abs()))
}

fn scaled(nanoseconds: u64, unit_ns: u64, unit: &str) -> String {
    // Integers, because a float would round some borders to four digits.
    let hundredths =
        (u128::from(nanoseconds) * 100 + u128::from(unit_ns) / 2) / u128::from(unit_ns);
    if hundredths < 1_000 {
        return format!("{}.{:02}{unit}", hundredths / 100, hundredths % 100);
    }
    let tenths = (u128::from(nanoseconds) * 10 + u128::from(unit_ns) / 2) / u128::from(unit_ns);
    if tenths < 1_000 {
        return format!("{}.{}{unit}", tenths / 10, tenths % 10);
    }
    let whole = (u128::from(nanoseconds) + u128::from(unit_ns) / 2) / u128::from(unit_ns);
    format!("{whole}{unit}")
}

fn two(nanoseconds: u64, large_ns: u64, large: &str, small_ns: u64, small: &str) -> String {
    let whole = nanoseconds / large_ns;
    let rest = nanoseconds % large_ns / small_ns;
    format!("{whole}{large}{rest:02}{small}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_and_a_unit_tell_a_duration() {
        let cases = [
            (0, "0ns"),
            (999, "999ns"),
            (1_000, "1.00µs"),
            (12_345, "12.3µs"),
            (999_499, "999µs"),
            (999_500, "1.00ms"),
            (420_000_000, "420ms"),
            (1_920_000_000, "1.92s"),
            (59_999_000_000, "60.0s"),
            (125_000_000_000, "2m05s"),
            (11_220_000_000_000, "3h07m"),
            (187_200_000_000_000, "2d04h"),
        ];
        for (nanoseconds, text) in cases {
            assert_eq!(duration(nanoseconds), text);
        }
        assert_eq!(signed_duration(-12_345), "-12.3µs");
        assert!(!duration(u64::MAX).is_empty() && !signed_duration(i64::MIN).is_empty());
    }
}
