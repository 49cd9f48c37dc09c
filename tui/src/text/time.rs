//! Moments as people read them.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::duration::duration;

/// What stands for a moment that is not known.
const UNKNOWN: &str = "-";

/// Date and time of day to the millisecond in the system's time zone:
/// `2026-11-23 12:04:31.912`. Zero, which means unknown, is `-`.
pub fn moment(unix_ns: u64) -> String {
    moment_in(unix_ns, &TimeZone::system())
}

/// Date and time of day to the millisecond in this time zone.
pub fn moment_in(unix_ns: u64, zone: &TimeZone) -> String {
    written(unix_ns, zone, "%Y-%m-%d %H:%M:%S%.3f")
}

/// Time of day to the second in this time zone: `12:04:31`.
pub fn time_of_day(unix_ns: u64, zone: &TimeZone) -> String {
    written(unix_ns, zone, "%H:%M:%S")
}

/// Time of day to the millisecond in this time zone: `12:04:31.912`.
pub fn time_of_day_ms(unix_ns: u64, zone: &TimeZone) -> String {
    written(unix_ns, zone, "%H:%M:%S%.3f")
}

/// The moment in at most eleven characters: the time of day to the second where it was less
/// than twenty hours ago, else the day with hour and minute: `11-23 12:04`.
pub fn short_moment(unix_ns: u64, now_ns: u64, zone: &TimeZone) -> String {
    const RECENT_NS: u64 = 20 * 3_600 * 1_000_000_000;
    if now_ns.abs_diff(unix_ns) < RECENT_NS {
        time_of_day(unix_ns, zone)
    } else {
        written(unix_ns, zone, "%m-%d %H:%M")
    }
}

/// How long ago the moment was: `12s ago`, `3h07m ago`; `now` for what is less than a second
/// ago or still to come, `-` for zero.
pub fn ago(unix_ns: u64, now_ns: u64) -> String {
    const SECOND: u64 = 1_000_000_000;
    const DAY: u64 = 86_400 * SECOND;
    // From here on nobody asks for the hours.
    const LONG: u64 = 10 * DAY;
    if unix_ns == 0 {
        return UNKNOWN.to_owned();
    }
    match now_ns.saturating_sub(unix_ns) {
        0..SECOND => "now".to_owned(),
        passed @ SECOND..60_000_000_000 => format!("{}s ago", passed / SECOND),
        passed @ LONG.. => format!("{}d ago", passed / DAY),
        passed => format!("{} ago", duration(passed)),
    }
}

fn written(unix_ns: u64, zone: &TimeZone, form: &str) -> String {
    if unix_ns == 0 {
        return UNKNOWN.to_owned();
    }
    match Timestamp::from_nanosecond(i128::from(unix_ns)) {
        Ok(timestamp) => timestamp
            .to_zoned_datetime(zone.clone())
            .strftime(form)
            .to_string(),
        // Past the calendar's end: the number is all that can be said.
        Err(_) => unix_ns.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOMENT: u64 = 1_700_000_000_912_345_678;

    #[test]
    fn moments_are_written_in_their_zone() {
        assert_eq!(moment_in(MOMENT, &TimeZone::UTC), "2023-11-14 22:13:20.912");
        assert_eq!(time_of_day(MOMENT, &TimeZone::UTC), "22:13:20");
        assert_eq!(time_of_day_ms(MOMENT, &TimeZone::UTC), "22:13:20.912");
        let later = MOMENT + 80_000_000_000_000;
        assert_eq!(short_moment(MOMENT, MOMENT + 9, &TimeZone::UTC), "22:13:20");
        assert_eq!(short_moment(MOMENT, later, &TimeZone::UTC), "11-14 22:13");
        assert_eq!(moment_in(0, &TimeZone::UTC), "-");
        assert!(!moment_in(u64::MAX, &TimeZone::UTC).is_empty());
    }

    #[test]
    fn ages_are_told_in_one_unit_or_two() {
        assert_eq!(ago(MOMENT, MOMENT), "now");
        assert_eq!(ago(MOMENT, MOMENT - 5), "now");
        assert_eq!(ago(MOMENT, MOMENT + 12_900_000_000), "12s ago");
        assert_eq!(ago(MOMENT, MOMENT + 125_000_000_000), "2m05s ago");
        assert_eq!(ago(MOMENT, MOMENT + 9 * 86_400_000_000_000), "9d00h ago");
        assert_eq!(ago(MOMENT, MOMENT + 40 * 86_400_000_000_000), "40d ago");
        assert_eq!(ago(0, MOMENT), "-");
    }
}
