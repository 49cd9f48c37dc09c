//! Tests of attributes.

use super::{Written, comparison, literal, unordered};
use crate::ast::Test;
use crate::comparison::Number;
use crate::error::QueryError;
use crate::field::AttributeField;
use crate::token::Operator;
use crate::units::parse_duration;

pub(super) fn test(field: AttributeField, written: &Written) -> Result<Test, QueryError> {
    let value = &written.value.part;
    if written.operator == Operator::Is && (value.has_quotes || !is_number_range(written)) {
        return Ok(Test::Attribute(field, value.pattern.clone()));
    }
    let compared = comparison(written, |text, range| {
        Number::parse(text).ok_or_else(|| {
            let error = QueryError::new(range, format!("`{text}` is not a number"));
            if parse_duration(text).is_ok() {
                error.expected("a number without a unit, as the attribute holds it")
            } else {
                error.expected("a number")
            }
        })
    })?;
    Ok(Test::AttributeNumber(field, compared))
}

/// Whether the value is written as a range of numbers; other values with two dots are texts.
fn is_number_range(written: &Written) -> bool {
    written
        .value
        .part
        .pattern
        .as_literal()
        .and_then(|text| text.split_once(".."))
        .is_some_and(|(low, high)| Number::parse(low).is_some() && Number::parse(high).is_some())
}

pub(super) fn has(written: &Written) -> Result<AttributeField, QueryError> {
    let expected = "`:` and the key of an attribute";
    unordered(written, "has", expected)?;
    let value = &written.value;
    let key = literal(value, "a key").map_err(|error| error.expected(expected))?;
    if key.is_empty() {
        return Err(QueryError::new(value.range.clone(), "the key is empty").expected(expected));
    }
    Ok(if value.part.starts_quoted {
        AttributeField::exact(key)
    } else {
        AttributeField::named(key)
    })
}
