//! Tests of built-in fields.

use std::ops::Range;

use spanwalk_model::{SeverityLevel, SpanId, SpanKind, StatusCode, TraceId};

use super::{Written, comparison, literal, unordered};
use crate::ast::Test;
use crate::error::QueryError;
use crate::field::{NumberField, TextField, TimeKey};
use crate::moment::TimeBound;
use crate::pattern::{Pattern, Piece};
use crate::suggest::nearest;
use crate::token::Operator;
use crate::units::{NotADuration, parse_duration};

const KINDS: [SpanKind; 6] = [
    SpanKind::Server,
    SpanKind::Client,
    SpanKind::Producer,
    SpanKind::Consumer,
    SpanKind::Internal,
    SpanKind::Unspecified,
];

const STATUSES: [StatusCode; 3] = [StatusCode::Error, StatusCode::Ok, StatusCode::Unset];

/// Names of levels, lowest first.
const LEVELS: [SeverityLevel; 7] = [
    SeverityLevel::Unspecified,
    SeverityLevel::Trace,
    SeverityLevel::Debug,
    SeverityLevel::Info,
    SeverityLevel::Warn,
    SeverityLevel::Error,
    SeverityLevel::Fatal,
];

pub(super) fn text(field: TextField, written: &Written) -> Result<Test, QueryError> {
    let pattern = unordered(written, field.key(), "`:` and a text")?;
    let pattern = match field {
        TextField::TraceId => id(written, pattern, TraceId::BYTES * 2, |text| {
            text.parse::<TraceId>().map(TraceId::to_hex).ok()
        })?,
        TextField::SpanId => id(written, pattern, SpanId::BYTES * 2, |text| {
            text.parse::<SpanId>().map(SpanId::to_hex).ok()
        })?,
        _ => pattern.clone(),
    };
    Ok(Test::Text(field, pattern))
}

/// A whole id in any case, or a pattern of hex digits.
fn id(
    written: &Written,
    pattern: &Pattern,
    digit_count: usize,
    parse: impl Fn(&str) -> Option<String>,
) -> Result<Pattern, QueryError> {
    let range = written.value.range.clone();
    let expected = format!("{digit_count} hex digits, not all zero, or their beginning and `*`");
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if let Some(text) = pattern.as_literal() {
        if let Some(hex) = parse(text) {
            return Ok(Pattern::literal(&hex));
        }
        let is_beginning = !text.is_empty() && is_hex(text) && text.len() < digit_count;
        return Err(
            QueryError::new(range, format!("`{text}` is not a whole id"))
                .expected(expected)
                .suggest(is_beginning.then(|| format!("{text}*"))),
        );
    }
    let mut lower = Pattern::default();
    for piece in pattern.pieces() {
        match piece {
            Piece::Any => lower.push_any(),
            Piece::Literal(text) if is_hex(text) => lower.push_text(&text.to_ascii_lowercase()),
            Piece::Literal(text) => {
                return Err(
                    QueryError::new(range, format!("`{text}` is not hex")).expected(expected)
                );
            }
        }
    }
    Ok(lower)
}

pub(super) fn number(field: NumberField, written: &Written) -> Result<Test, QueryError> {
    let compared = if field.is_duration() {
        comparison(written, duration)?
    } else {
        comparison(written, count)?
    };
    Ok(Test::Number(field, compared))
}

fn duration(text: &str, range: Range<usize>) -> Result<u64, QueryError> {
    parse_duration(text).map_err(|problem| {
        let expected = "a number and a unit: ns, us, ms, s, m, h or d";
        match problem {
            NotADuration::NoUnit => QueryError::new(range, format!("`{text}` has no unit"))
                .expected(expected)
                .suggest(Some(format!("{text}ms"))),
            NotADuration::Other => {
                QueryError::new(range, format!("`{text}` is not a duration")).expected(expected)
            }
        }
    })
}

fn count(text: &str, range: Range<usize>) -> Result<u64, QueryError> {
    let digits_only = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits_only
        .then(|| text.parse().ok())
        .flatten()
        .ok_or_else(|| {
            QueryError::new(range, format!("`{text}` is not a count")).expected("a whole number")
        })
}

pub(super) fn kind(written: &Written) -> Result<Test, QueryError> {
    let value = one_of(written, "kind", &KINDS.map(SpanKind::as_str))?;
    let kind = KINDS.into_iter().find(|kind| kind.as_str() == value);
    Ok(Test::Kind(kind.unwrap_or_default()))
}

pub(super) fn status(written: &Written) -> Result<Test, QueryError> {
    let value = one_of(written, "status", &STATUSES.map(StatusCode::as_str)).map_err(|error| {
        let looks_like_http = literal(&written.value, "a status")
            .is_ok_and(|text| text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit()));
        if looks_like_http {
            error.expected("error, ok or unset; for HTTP, `http.response.status_code:`")
        } else {
            error
        }
    })?;
    let status = STATUSES.into_iter().find(|status| status.as_str() == value);
    Ok(Test::Status(status.unwrap_or_default()))
}

/// The one of these names that the value is, in any case.
fn one_of(
    written: &Written,
    key: &str,
    names: &[&'static str],
) -> Result<&'static str, QueryError> {
    let expected = names.join(", ");
    unordered(written, key, &format!("`:` and one of {expected}"))?;
    let text = literal(&written.value, "a name of a fixed list")
        .map_err(|error| error.expected(format!("one of {expected}")))?;
    names
        .iter()
        .find(|name| name.eq_ignore_ascii_case(text))
        .copied()
        .ok_or_else(|| unknown(text, written.value.range.clone(), names))
}

fn unknown(text: &str, range: Range<usize>, names: &[&'static str]) -> QueryError {
    QueryError::new(range, format!("`{text}` is not known here"))
        .expected(format!("one of {}", names.join(", ")))
        .suggest(nearest(text, names.iter().copied()).map(str::to_owned))
}

pub(super) fn level(written: &Written) -> Result<Test, QueryError> {
    let compared = comparison(written, |text, range| {
        let level = SeverityLevel::from_text(text);
        let is_known = level != SeverityLevel::Unspecified
            || text.eq_ignore_ascii_case(SeverityLevel::Unspecified.as_str());
        if is_known {
            Ok(level)
        } else {
            Err(unknown(text, range, &LEVELS.map(SeverityLevel::as_str)))
        }
    })?;
    Ok(Test::Level(compared))
}

pub(super) fn time(key: TimeKey, written: &Written) -> Result<TimeBound, QueryError> {
    let expected = match key {
        TimeKey::Since => "a duration such as 15m, or a moment",
        TimeKey::From | TimeKey::To => {
            "now, now-15m, a date, a time such as 2026-01-31T09:00:00Z, or unix time"
        }
    };
    let range = written.value.range.clone();
    let text = literal(&written.value, "a moment").map_err(|error| error.expected(expected))?;
    if written.operator != Operator::Is {
        return Err(
            QueryError::new(super::whole(written), "a bound of time is not compared")
                .expected("`from:` for the start and `to:` for the end"),
        );
    }
    TimeBound::parse(key, text).ok_or_else(|| {
        let is_duration = key != TimeKey::Since && parse_duration(text).is_ok();
        QueryError::new(range, format!("`{text}` is not a moment"))
            .expected(expected)
            .suggest(is_duration.then(|| format!("now-{text}")))
    })
}
