//! Tests of attributes, wherever they stand.

use spanwalk_model::{Attributes, Value};

use super::Candidate;
use crate::comparison::Number;
use crate::field::{AttributeField, AttributeScope};
use crate::pattern::Pattern;
use crate::text;

/// Whether one of the candidate's attributes that the field names passes. Of a repeated key,
/// every value counts.
pub(super) fn any(
    candidate: &Candidate<'_>,
    field: &AttributeField,
    passes: &mut dyn FnMut(&Value) -> bool,
) -> bool {
    field.lookups.iter().any(|lookup| {
        any_in_scope(candidate, lookup.scope, &mut |attributes| {
            attributes
                .iter()
                .any(|entry| entry.key == lookup.key && passes(&entry.value))
        })
    })
}

fn any_in_scope(
    candidate: &Candidate<'_>,
    scope: AttributeScope,
    passes: &mut dyn FnMut(&Attributes) -> bool,
) -> bool {
    let wants = |one: AttributeScope| scope == AttributeScope::Any || scope == one;
    if let Some(span) = candidate.span {
        let in_span = (wants(AttributeScope::Span) && passes(&span.item.attributes))
            || (wants(AttributeScope::Resource) && passes(&span.resource.attributes))
            || (scope == AttributeScope::Any && passes(&span.scope.attributes));
        let in_parts = |passes: &mut dyn FnMut(&Attributes) -> bool| {
            (wants(AttributeScope::Event)
                && span
                    .item
                    .events
                    .iter()
                    .any(|event| passes(&event.attributes)))
                || (wants(AttributeScope::Link)
                    && span.item.links.iter().any(|link| passes(&link.attributes)))
        };
        if in_span || in_parts(passes) {
            return true;
        }
    }
    candidate.logs.iter().any(|record| {
        (wants(AttributeScope::Log) && passes(&record.item.attributes))
            || (wants(AttributeScope::Resource) && passes(&record.resource.attributes))
            || (scope == AttributeScope::Any && passes(&record.scope.attributes))
    })
}

/// Whether one of the texts that the value is found by matches.
pub(super) fn matches(value: &Value, pattern: &Pattern) -> bool {
    let mut found = false;
    text::value_texts(value, &mut |text| found = found || pattern.matches(text));
    found
}

/// The number that the value is, or that its text writes.
pub(super) fn number(value: &Value) -> Option<Number> {
    match value {
        Value::Int(whole) => Some(Number::Int(*whole)),
        Value::Double(number) => Some(Number::Double(*number)),
        Value::String(text) => Number::parse(text),
        _ => None,
    }
}
