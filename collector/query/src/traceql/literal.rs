//! Numbers, durations and texts as TraceQL writes them.

use std::fmt::{Formatter, Result as Written, Write};
use std::ops::Range;

use super::ast::Literal;
use crate::error::QueryError;
use crate::units::{parse_duration, print_duration};

/// Names of the ends of 64-bit integers.
pub(super) const INT_NAMES: [(&str, i64); 2] = [("minInt", i64::MIN), ("maxInt", i64::MAX)];

/// Nanoseconds of a week and of a year of 365 days, which only this form has.
const LONG_UNITS: [(&str, u64); 2] = [("w", 7), ("y", 365)];

/// A number, with a unit or without.
pub(super) fn number(text: &str, range: Range<usize>) -> Result<Literal, QueryError> {
    let is_whole = text.bytes().all(|byte| byte.is_ascii_digit());
    if is_whole {
        return text.parse().map(Literal::Int).map_err(|_| {
            QueryError::new(range, format!("`{text}` does not fit into 64 bits"))
                .expected(format!("at most {}", i64::MAX))
        });
    }
    let looks_like_float = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b".eE+-".contains(&byte));
    if looks_like_float
        && let Ok(float) = text.parse::<f64>()
        && float.is_finite()
    {
        return Ok(Literal::Float(float));
    }
    duration(text).map(Literal::Duration).ok_or_else(|| {
        QueryError::new(
            range,
            format!("`{text}` is neither a number nor a duration"),
        )
        .expected("digits, or digits with a unit: ns, us, ms, s, m, h, d, w or y")
    })
}

/// The nanoseconds of numbers with units, one after another.
fn duration(text: &str) -> Option<i64> {
    let mut total: u64 = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits =
            rest.find(|character: char| !character.is_ascii_digit() && character != '.')?;
        let after = rest.get(digits..)?;
        let unit = after
            .find(|character: char| character.is_ascii_digit() || character == '.')
            .unwrap_or(after.len());
        let (part, next) = rest.split_at_checked(digits + unit)?;
        let days = LONG_UNITS
            .iter()
            .find(|(name, _)| after.get(..unit) == Some(name));
        let part_ns = match days {
            Some((_, days)) => {
                let count: u64 = part.get(..digits)?.parse().ok()?;
                parse_duration("1d")
                    .ok()?
                    .checked_mul(*days)?
                    .checked_mul(count)?
            }
            None => parse_duration(part).ok()?,
        };
        total = total.checked_add(part_ns)?;
        rest = next;
    }
    i64::try_from(total).ok()
}

/// A text that was read, and where it ends in the whole.
pub(super) type Read = Result<(String, usize), QueryError>;

/// The text between double quotes, with the escapes of Go's strings. The range begins at the
/// opening quote; the result says where the closing one ends.
pub(super) fn quoted(text: &str, start: usize) -> Read {
    let mut found = String::new();
    let mut characters = text.get(start..).unwrap_or_default().char_indices();
    characters.next();
    while let Some((offset, character)) = characters.next() {
        match character {
            '"' => return Ok((found, start + offset + 1)),
            '\n' => break,
            '\\' => {
                let place = start + offset;
                let rest = characters.as_str();
                let (meant, length) = escaped(rest).ok_or_else(|| {
                    let end = place + 1 + rest.chars().next().map_or(0, char::len_utf8);
                    QueryError::new(place..end, "this escape is not known")
                        .expected(r#"\\, \", \n, \r, \t or another escape of Go's strings"#)
                })?;
                found.push(meant);
                if length > 0 {
                    characters.nth(length - 1);
                }
            }
            other => found.push(other),
        }
    }
    Err(not_closed(text, start, "`\"`"))
}

/// The text between backquotes, to the letter, carriage returns left out as Go does.
pub(super) fn raw(text: &str, start: usize) -> Read {
    let inner = text.get(start + 1..).unwrap_or_default();
    match inner.split_once('`') {
        Some((found, _)) => Ok((found.replace('\r', ""), start + 2 + found.len())),
        None => Err(not_closed(text, start, "a backquote")),
    }
}

/// An error about a quote that nothing closes.
pub(super) fn not_closed(text: &str, start: usize, expected: &str) -> QueryError {
    QueryError::new(start..text.len(), "the quote is not closed").expected(expected)
}

/// What stands behind a backslash, and how many characters that is. Each is ASCII.
fn escaped(rest: &str) -> Option<(char, usize)> {
    let first = rest.chars().next()?;
    let code = |from: usize, digits: usize, radix: u32| {
        let text = rest.get(from..from + digits)?;
        let is_right = text.chars().all(|digit| digit.is_digit(radix));
        let number = u32::from_str_radix(text, radix).ok().filter(|_| is_right)?;
        Some((char::from_u32(number)?, from + digits))
    };
    match first {
        'a' => Some(('\u{7}', 1)),
        'b' => Some(('\u{8}', 1)),
        'f' => Some(('\u{c}', 1)),
        'n' => Some(('\n', 1)),
        'r' => Some(('\r', 1)),
        't' => Some(('\t', 1)),
        'v' => Some(('\u{b}', 1)),
        '\\' | '"' => Some((first, 1)),
        // Single bytes stand for characters only in ASCII.
        'x' => code(1, 2, 16).filter(|(meant, _)| meant.is_ascii()),
        '0'..='7' => code(0, 3, 8).filter(|(meant, _)| meant.is_ascii()),
        'u' => code(1, 4, 16),
        'U' => code(1, 8, 16),
        _ => None,
    }
}

/// Writes a value so that it reads back as the same.
pub(super) fn write(literal: &Literal, f: &mut Formatter<'_>) -> Written {
    match literal {
        Literal::Nil => f.write_str("nil"),
        Literal::Bool(flag) => write!(f, "{flag}"),
        Literal::Int(i64::MIN) => f.write_str("minInt"),
        Literal::Int(whole) => write!(f, "{whole}"),
        // The debug form always has a point or an exponent.
        Literal::Float(number) => write!(f, "{number:?}"),
        Literal::Duration(nanoseconds) => {
            let sign = if *nanoseconds < 0 { "-" } else { "" };
            write!(f, "{sign}{}", print_duration(nanoseconds.unsigned_abs()))
        }
        Literal::Text(text) => write_quoted(text, f),
        Literal::Status(status) => f.write_str(status.as_str()),
        Literal::Kind(kind) => f.write_str(kind.as_str()),
        Literal::Level(level) => f.write_str(level.as_str()),
    }
}

/// Writes a text in double quotes.
pub(super) fn write_quoted(text: &str, f: &mut Formatter<'_>) -> Written {
    f.write_char('"')?;
    for character in text.chars() {
        match character {
            '"' | '\\' => write!(f, "\\{character}")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            control if control.is_control() => write!(f, "\\u{:04x}", u32::from(control))?,
            other => f.write_char(other)?,
        }
    }
    f.write_char('"')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Option<Literal> {
        number(text, 0..text.len()).ok()
    }

    #[test]
    fn numbers_have_points_exponents_and_units() {
        assert_eq!(read("15"), Some(Literal::Int(15)));
        assert_eq!(read(".5"), Some(Literal::Float(0.5)));
        assert_eq!(read("1e3"), Some(Literal::Float(1000.0)));
        assert_eq!(read("1h30m"), Some(Literal::Duration(5_400_000_000_000)));
        assert_eq!(read("1.5s"), Some(Literal::Duration(1_500_000_000)));
        assert_eq!(
            read("2w1d"),
            Some(Literal::Duration(15 * 86_400_000_000_000))
        );
        for wrong in [
            "5x",
            "1.2.3",
            "1e999",
            "99999999999999999999",
            "300y",
            "1w2",
            "0x10",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn escapes_are_those_of_go() {
        let read = |text: &str| quoted(text, 0).map(|(found, _)| found);
        assert_eq!(
            read(r#""a\"\\\n\x41\101\u00e9\U0001F600""#).unwrap(),
            "a\"\\\nAA\u{e9}\u{1F600}"
        );
        assert_eq!(read(r#""\q""#).unwrap_err().range, 1..3);
        assert_eq!(read(r#""\é""#).unwrap_err().range, 1..4);
        assert_eq!(read("\"a").unwrap_err().range, 0..2);
        assert_eq!(
            read("\"a\n\"").unwrap_err().message,
            "the quote is not closed"
        );
        assert_eq!(raw("`a\\n\r`", 0).unwrap(), ("a\\n".to_owned(), 6));
    }

    proptest! {
        #[test]
        fn a_written_text_is_read_again(text in any::<String>()) {
            let written = std::fmt::from_fn(|f| write_quoted(&text, f)).to_string();
            prop_assert_eq!(quoted(&written, 0).unwrap(), (text, written.len()));
        }

        #[test]
        fn a_written_number_is_read_again(float in proptest::num::f64::POSITIVE | proptest::num::f64::ZERO, duration in 0..i64::MAX) {
            prop_assume!(float.is_finite());
            for literal in [Literal::Float(float.abs()), Literal::Duration(duration)] {
                let written = std::fmt::from_fn(|f| write(&literal, f)).to_string();
                prop_assert_eq!(read(&written), Some(literal));
            }
        }
    }
}
