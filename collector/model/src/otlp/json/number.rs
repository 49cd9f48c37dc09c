//! Numbers as JSON writes them.

/// The JSON number at the front of the bytes.
pub(crate) fn prefix(bytes: &[u8]) -> Option<&str> {
    let mut at = usize::from(bytes.first() == Some(&b'-'));
    let whole = digits(bytes, at);
    let leading_zero = bytes.get(at) == Some(&b'0');
    if whole == 0 || (leading_zero && whole > 1) {
        return None;
    }
    at += whole;
    if bytes.get(at) == Some(&b'.') {
        let fraction = digits(bytes, at + 1);
        if fraction == 0 {
            return None;
        }
        at += 1 + fraction;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let exponent = digits(bytes, at + 1 + sign);
        if exponent == 0 {
            return None;
        }
        at += 1 + sign + exponent;
    }
    std::str::from_utf8(bytes.get(..at)?).ok()
}

fn digits(bytes: &[u8], from: usize) -> usize {
    bytes
        .get(from..)
        .unwrap_or_default()
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count()
}

/// Whether the whole text is one JSON number.
pub(crate) fn is_number(text: &str) -> bool {
    prefix(text.as_bytes()).is_some_and(|number| number.len() == text.len())
}

/// The integer that a JSON number is, also one written as `1e3` or `2.0`; `None` where it
/// has a fraction or does not fit. Computed on the digits, because a float would lose the
/// low ones of a time in nanoseconds.
pub(crate) fn integer(text: &str) -> Option<i128> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut digits = format!("{whole}{fraction}");
    let mut exponent = exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?;
    while exponent < 0 && digits.ends_with('0') {
        digits.pop();
        exponent += 1;
    }
    if digits.is_empty() || digits == "-" || digits.trim_start_matches(['-', '0']).is_empty() {
        return Some(0);
    }
    let scale = 10i128.checked_pow(u32::try_from(exponent).ok()?)?;
    digits.parse::<i128>().ok()?.checked_mul(scale)
}

/// The double that a JSON number is; `None` where it is too large.
pub(crate) fn double(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().filter(|number| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_exact_however_they_are_written() {
        for (text, expected) in [
            ("0", Some(0)),
            ("-0", Some(0)),
            ("1e3", Some(1000)),
            ("1.5E1", Some(15)),
            ("2.0", Some(2)),
            ("0.0e-5", Some(0)),
            ("100e-2", Some(1)),
            ("-12.50e1", Some(-125)),
            ("1544712660300000001", Some(1_544_712_660_300_000_001)),
            ("1.544712660300000001e18", Some(1_544_712_660_300_000_001)),
            ("1.5", None),
            ("1e-1", None),
            ("1e99", None),
            ("1e999999999999", None),
        ] {
            assert_eq!(integer(text), expected, "{text}");
        }
    }

    #[test]
    fn only_numbers_as_json_writes_them_are_numbers() {
        for text in ["0", "-1", "10.5", "1e5", "1E+5", "0.1e-3"] {
            assert!(is_number(text), "{text}");
        }
        for text in [
            "", "-", "01", "+1", ".5", "1.", "1e", "0x10", "1 ", " 1", "NaN",
        ] {
            assert!(!is_number(text), "{text}");
        }
    }
}
