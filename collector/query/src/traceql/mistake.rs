//! What is said about parts of an expression that do not go together.

use super::ast::{Expression, Literal};
use super::check::Typed;
use super::types::Type;
use crate::error::QueryError;
use crate::suggest::nearest;
use crate::units::parse_duration;

/// The error about two values that are never equal.
pub(super) fn mismatch(left: &Typed, right: &Typed) -> QueryError {
    let is_literal = |part: &Typed| matches!(part.expression, Expression::Literal(_));
    // The written value is more likely wrong than the field.
    let (wrong, other) = if is_literal(left) && !is_literal(right) {
        (left, right)
    } else {
        (right, left)
    };
    let message = format!(
        "{} cannot be compared with {}",
        other.value_type.describe(),
        wrong.value_type.describe()
    );
    QueryError::new(wrong.range.clone(), message)
        .expected(other.value_type.example())
        .suggest(meant(wrong, other.value_type))
}

/// What was meant by a written value of the wrong type.
fn meant(wrong: &Typed, wanted: Type) -> Option<String> {
    let Expression::Literal(literal) = &wrong.expression else {
        return None;
    };
    match (wanted, literal) {
        (Type::Text, Literal::Text(_) | Literal::Nil) => None,
        (Type::Text, other) => {
            let written = std::fmt::from_fn(|f| super::literal::write(other, f)).to_string();
            Some(format!("\"{written}\""))
        }
        (Type::Duration, Literal::Text(text)) => parse_duration(text).is_ok().then(|| text.clone()),
        (Type::Int | Type::Float, Literal::Text(text)) => {
            text.parse::<i64>().is_ok().then(|| text.clone())
        }
        (Type::Status, Literal::Text(text)) => word(text, &["error", "ok", "unset"]),
        (Type::Kind, Literal::Text(text)) => word(
            text,
            &[
                "server",
                "client",
                "producer",
                "consumer",
                "internal",
                "unspecified",
            ],
        ),
        (Type::Level, Literal::Text(text)) => {
            word(text, &["trace", "debug", "info", "warn", "error", "fatal"])
        }
        _ => None,
    }
}

fn word(text: &str, words: &[&'static str]) -> Option<String> {
    let lower = text.to_lowercase();
    let exact = words.iter().find(|word| **word == lower).copied();
    exact
        .or_else(|| nearest(&lower, words.iter().copied()))
        .map(str::to_owned)
}

/// The error about a part of the wrong type.
pub(super) fn not(part: &Typed, wanted: &str, wanted_type: Type) -> QueryError {
    let what = part.value_type.describe();
    QueryError::new(part.range.clone(), format!("{what} is not {wanted}"))
        .expected(wanted_type.example())
}
