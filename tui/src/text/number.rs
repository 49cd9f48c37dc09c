//! Counts and sizes as people read them.

/// A count with its thousands apart: `8,214`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count in at most four characters, for narrow columns: `999`, `8.2k`, `12k`, `3.4M`.
pub fn short_count(number: u64) -> String {
    const UNITS: [(u64, &str); 6] = [
        (1_000_000_000_000_000_000, "E"),
        (1_000_000_000_000_000, "P"),
        (1_000_000_000_000, "T"),
        (1_000_000_000, "G"),
        (1_000_000, "M"),
        (1_000, "k"),
    ];
    for (unit, name) in UNITS {
        if number >= unit {
            let tenths = number / (unit / 10);
            return if tenths < 100 {
                format!("{}.{}{name}", tenths / 10, tenths % 10)
            } else {
                format!("{}{name}", number / unit)
            };
        }
    }
    number.to_string()
}

/// A size in bytes: `512 B`, `3.4 MiB`.
pub fn bytes(number: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if number < 1024 {
        return format!("{number} B");
    }
    let mut scaled = number as f64 / 1024.0;
    let mut unit = "KiB";
    for name in UNITS {
        unit = name;
        if scaled < 1023.95 {
            break;
        }
        scaled /= 1024.0;
    }
    format!("{scaled:.1} {unit}")
}

/// `1 span`, `2 spans`: a count with its noun.
pub fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", count(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_000), "1,000");
        assert_eq!(count(12_345_678), "12,345,678");
        assert_eq!(counted(1, "span"), "1 span");
        assert_eq!(counted(0, "span"), "0 spans");
    }

    #[test]
    fn narrow_columns_get_at_most_four_characters() {
        for (number, text) in [
            (999, "999"),
            (8_214, "8.2k"),
            (12_999, "12k"),
            (3_400_000, "3.4M"),
        ] {
            assert_eq!(short_count(number), text);
        }
        assert_eq!(short_count(u64::MAX), "18E");
    }

    #[test]
    fn sizes_have_binary_units() {
        assert_eq!(bytes(512), "512 B");
        assert_eq!(bytes(3_565_158), "3.4 MiB");
        assert_eq!(bytes(1_048_575), "1.0 MiB");
        assert_eq!(bytes(u64::MAX), "16.0 EiB");
    }
}
