//! Puts parts of an expression together where their types allow it.

use std::ops::Range;

use spanwalk_model::{SeverityLevel, StatusCode};

use super::ast::{Arithmetic, Compare, Expression, Literal};
use super::field::Field;
use super::mistake::{mismatch, not};
use super::regex::Regex;
use super::types::Type;
use crate::error::QueryError;

/// Deeper nesting is refused, of parentheses as of operators.
pub(super) const DEPTH_MAX: usize = 64;

/// An expression, and what is known of it.
#[derive(Debug, Clone)]
pub(super) struct Typed {
    /// What it says.
    pub(super) expression: Expression,
    /// The type of its value.
    pub(super) value_type: Type,
    /// Its bytes in the text.
    pub(super) range: Range<usize>,
    /// Levels of operators.
    depth: usize,
    /// Whether it depends on the span.
    pub(super) uses_span: bool,
}

impl Typed {
    /// A written value.
    pub(super) fn literal(literal: Literal, range: Range<usize>) -> Self {
        Self {
            value_type: Type::of(&literal),
            expression: Expression::Literal(literal),
            range,
            depth: 1,
            uses_span: false,
        }
    }

    /// What the span has.
    pub(super) fn field(field: Field, range: Range<usize>) -> Self {
        Self {
            value_type: field.value_type(),
            expression: Expression::Field(field),
            range,
            depth: 1,
            uses_span: true,
        }
    }

    /// The same as a part of `parts`, with one more level.
    fn joined(
        expression: Expression,
        value_type: Type,
        parts: &[&Facts],
    ) -> Result<Self, QueryError> {
        let start = parts.iter().map(|part| part.range.start).min().unwrap_or(0);
        let end = parts.iter().map(|part| part.range.end).max().unwrap_or(0);
        let depth = parts.iter().map(|part| part.depth).max().unwrap_or(0) + 1;
        if depth > DEPTH_MAX {
            return Err(too_deep(start..end));
        }
        Ok(Self {
            expression,
            value_type,
            range: start..end,
            depth,
            uses_span: parts.iter().any(|part| part.uses_span),
        })
    }

    fn facts(&self) -> Facts {
        Facts {
            range: self.range.clone(),
            depth: self.depth,
            uses_span: self.uses_span,
        }
    }
}

/// What is left of a part when its expression is taken.
struct Facts {
    range: Range<usize>,
    depth: usize,
    uses_span: bool,
}

/// The error about a place that is nested too deep.
pub(super) fn too_deep(range: Range<usize>) -> QueryError {
    QueryError::new(range, format!("nested deeper than {DEPTH_MAX} levels"))
}

/// Two values compared.
pub(super) fn compare(sign: Compare, left: Typed, right: Typed) -> Result<Typed, QueryError> {
    let (left, right) = (adapted(left, right.value_type), right);
    let right = adapted(right, left.value_type);
    let (left, right) = (with_whole_id(left, &right), right);
    let right = with_whole_id(right, &left);
    let facts = [left.facts(), right.facts()];
    let parts = [&facts[0], &facts[1]];
    if left.value_type == Type::Nil || right.value_type == Type::Nil {
        return exists(sign, left, right, &parts);
    }
    // Nothing is known of a span but whether it is there.
    let with_nil_only = left.value_type == Type::Span || right.value_type == Type::Span;
    if with_nil_only || !left.value_type.goes_with(right.value_type) {
        return Err(mismatch(&left, &right));
    }
    let is_ordered = !matches!(sign, Compare::Equal | Compare::NotEqual);
    for part in [&left, &right] {
        if is_ordered && !part.value_type.has_order() {
            let what = part.value_type.describe();
            return Err(QueryError::new(
                left.range.start..right.range.end,
                format!(
                    "{what} has no order, so `{}` says nothing of it",
                    sign.sign()
                ),
            )
            .expected("`=` or `!=`"));
        }
    }
    let expression =
        Expression::Compare(sign, Box::new(left.expression), Box::new(right.expression));
    Typed::joined(expression, Type::Bool, &parts)
}

/// A comparison with `nil`.
fn exists(
    sign: Compare,
    left: Typed,
    right: Typed,
    parts: &[&Facts; 2],
) -> Result<Typed, QueryError> {
    let wanted = match sign {
        Compare::Equal => false,
        Compare::NotEqual => true,
        _ => {
            return Err(QueryError::new(
                left.range.start..right.range.end,
                format!(
                    "`nil` has no order, so `{}` says nothing of it",
                    sign.sign()
                ),
            )
            .expected("`= nil` or `!= nil`"));
        }
    };
    let value = if left.value_type == Type::Nil {
        right
    } else {
        left
    };
    let expression = if value.value_type == Type::Nil {
        Expression::Literal(Literal::Bool(false))
    } else {
        Expression::Exists(Box::new(value.expression), wanted)
    };
    Typed::joined(expression, Type::Bool, parts)
}

/// Where a level is asked for, words and texts that name one become levels.
fn adapted(part: Typed, other: Type) -> Typed {
    if other != Type::Level {
        return part;
    }
    let level = match &part.expression {
        Expression::Literal(Literal::Status(StatusCode::Error)) => SeverityLevel::Error,
        Expression::Literal(Literal::Text(text)) => SeverityLevel::from_text(text),
        _ => return part,
    };
    if level == SeverityLevel::Unspecified {
        return part;
    }
    Typed::literal(Literal::Level(level), part.range)
}

/// An id that is compared for equality may lack its leading zeros, and be in capitals.
fn with_whole_id(part: Typed, other: &Typed) -> Typed {
    let digits = match &other.expression {
        Expression::Field(Field::Builtin(builtin)) => builtin.id_digits(),
        _ => None,
    };
    let (Some(digits), Expression::Literal(Literal::Text(text))) = (digits, &part.expression)
    else {
        return part;
    };
    let is_hex = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_hex || text.len() > digits {
        return part;
    }
    let whole = format!("{:0>digits$}", text.to_ascii_lowercase());
    Typed::literal(Literal::Text(whole), part.range)
}

/// A text matched against a regular expression, or not.
pub(super) fn matched(left: Typed, right: Typed, wanted: bool) -> Result<Typed, QueryError> {
    let facts = [left.facts(), right.facts()];
    let sign = if wanted { "=~" } else { "!~" };
    if !left.value_type.may_be_text() {
        let what = left.value_type.describe();
        return Err(QueryError::new(
            left.range,
            format!("{what} is not a text, so `{sign}` says nothing of it"),
        )
        .expected("a text or an attribute"));
    }
    let Expression::Literal(Literal::Text(source)) = &right.expression else {
        return Err(
            QueryError::new(right.range, format!("`{sign}` needs a regular expression"))
                .expected("one in quotes, such as `\"GET .*\"`"),
        );
    };
    let regex = Regex::new(source).map_err(|message| QueryError::new(right.range, message))?;
    Typed::joined(
        Expression::Match(Box::new(left.expression), regex, wanted),
        Type::Bool,
        &[&facts[0], &facts[1]],
    )
}

/// Two numbers put together.
pub(super) fn arithmetic(sign: Arithmetic, left: Typed, right: Typed) -> Result<Typed, QueryError> {
    for part in [&left, &right] {
        if !part.value_type.may_be_number() {
            return Err(not(part, "a number", Type::Int));
        }
    }
    let facts = [left.facts(), right.facts()];
    let value_type = if left.value_type == Type::Attribute {
        right.value_type
    } else {
        left.value_type
    };
    let expression =
        Expression::Arithmetic(sign, Box::new(left.expression), Box::new(right.expression));
    Typed::joined(expression, value_type, &[&facts[0], &facts[1]])
}

/// Both true, or one: `All` for `is_all`, else `Any`.
pub(super) fn logic(is_all: bool, left: Typed, right: Typed) -> Result<Typed, QueryError> {
    for part in [&left, &right] {
        if !part.value_type.may_be_bool() {
            return Err(not(part, "true or false", Type::Bool));
        }
    }
    let mut facts = [left.facts(), right.facts()];
    let mut parts = Vec::new();
    for (part, facts) in [left, right].into_iter().zip(&mut facts) {
        match part.expression {
            Expression::All(inner) if is_all => parts.extend(inner),
            Expression::Any(inner) if !is_all => parts.extend(inner),
            other => {
                parts.push(other);
                continue;
            }
        }
        // It is taken apart, so that a long chain has one level.
        facts.depth = facts.depth.saturating_sub(1);
    }
    let expression = if is_all {
        Expression::All(parts)
    } else {
        Expression::Any(parts)
    };
    Typed::joined(expression, Type::Bool, &[&facts[0], &facts[1]])
}

/// The opposite of what may be true; the range begins at the sign.
pub(super) fn negated(inner: Typed, start: usize) -> Result<Typed, QueryError> {
    if !inner.value_type.may_be_bool() {
        return Err(not(&inner, "true or false", Type::Bool));
    }
    let facts = inner.facts();
    let value_type = inner.value_type;
    let mut whole = Typed::joined(
        Expression::Not(Box::new(inner.expression)),
        value_type,
        &[&facts],
    )?;
    whole.range.start = start;
    Ok(whole)
}

/// A number below zero; the range begins at the sign.
pub(super) fn negative(inner: Typed, start: usize) -> Result<Typed, QueryError> {
    if !inner.value_type.may_be_number() {
        return Err(not(&inner, "a number", Type::Int));
    }
    let below = match &inner.expression {
        Expression::Literal(Literal::Int(whole)) => whole.checked_neg().map(Literal::Int),
        Expression::Literal(Literal::Float(number)) => Some(Literal::Float(-number)),
        Expression::Literal(Literal::Duration(ns)) => ns.checked_neg().map(Literal::Duration),
        _ => None,
    };
    if let Some(literal) = below {
        return Ok(Typed::literal(literal, start..inner.range.end));
    }
    let facts = inner.facts();
    let value_type = inner.value_type;
    let mut whole = Typed::joined(
        Expression::Negative(Box::new(inner.expression)),
        value_type,
        &[&facts],
    )?;
    whole.range.start = start;
    Ok(whole)
}

/// What a filter in braces may hold.
pub(super) fn condition(typed: Typed) -> Result<Expression, QueryError> {
    if typed.value_type.may_be_bool() {
        return Ok(typed.expression);
    }
    let what = typed.value_type.describe();
    Err(
        QueryError::new(typed.range, format!("{what} alone neither holds nor fails"))
            .expected("a comparison, such as `duration > 1s`"),
    )
}

/// What a set of spans may be grouped by.
pub(super) fn group(typed: Typed) -> Result<Expression, QueryError> {
    if !typed.uses_span {
        return Err(QueryError::new(
            typed.range,
            "this is the same for every span, so it makes no groups",
        )
        .expected("a field or an attribute"));
    }
    if typed.value_type == Type::Span {
        return Err(not(&typed, "a value", Type::Attribute));
    }
    Ok(typed.expression)
}

/// What an aggregate may be taken of, with its type.
pub(super) fn aggregated(typed: Typed, function: &str) -> Result<Expression, QueryError> {
    if !typed.value_type.may_be_number() {
        let what = typed.value_type.describe();
        return Err(QueryError::new(
            typed.range,
            format!("`{function}` needs a number, and this is {what}"),
        )
        .expected("`duration`, an attribute, or arithmetic with them"));
    }
    if !typed.uses_span {
        return Err(QueryError::new(
            typed.range,
            format!("this is the same for every span, so there is no `{function}` of it"),
        )
        .expected("`duration`, an attribute, or arithmetic with them"));
    }
    Ok(typed.expression)
}
