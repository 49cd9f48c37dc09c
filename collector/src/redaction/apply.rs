//! Walks over spans and log records.

use std::sync::Arc;

use spanwalk_model::{Attributes, LogRecord, ResourceItems, Span, Value};

use super::keys::KeyVerdict;
use super::{Hidden, Rules, text};

/// Hides what is secret in groups of items.
pub(super) fn groups<T>(
    rules: &Rules,
    groups: &mut [ResourceItems<T>],
    hidden: &mut Hidden,
    item: fn(&Rules, &mut T, &mut Hidden),
) {
    for group in groups {
        // Nobody else has what was just decoded, so that nothing is copied.
        let resource = Arc::make_mut(&mut group.resource);
        attributes(rules, &mut resource.attributes, hidden);
        for scope in &mut group.scopes {
            let described = Arc::make_mut(&mut scope.scope);
            attributes(rules, &mut described.attributes, hidden);
            for one in &mut scope.items {
                item(rules, one, hidden);
            }
        }
    }
}

/// Hides what is secret in a span.
pub(super) fn span(rules: &Rules, span: &mut Span, hidden: &mut Hidden) {
    text::hide(rules, &mut span.name, hidden);
    text::hide(rules, &mut span.status.message, hidden);
    attributes(rules, &mut span.attributes, hidden);
    for event in &mut span.events {
        text::hide(rules, &mut event.name, hidden);
        attributes(rules, &mut event.attributes, hidden);
    }
    for link in &mut span.links {
        attributes(rules, &mut link.attributes, hidden);
    }
}

/// Hides what is secret in a log record.
pub(super) fn log_record(rules: &Rules, record: &mut LogRecord, hidden: &mut Hidden) {
    if let Some(body) = &mut record.body {
        value(rules, body, hidden);
    }
    attributes(rules, &mut record.attributes, hidden);
}

fn attributes(rules: &Rules, attributes: &mut Attributes, hidden: &mut Hidden) {
    for attribute in attributes {
        keyed(rules, &attribute.key, &mut attribute.value, hidden);
    }
}

/// The value of a key.
fn keyed(rules: &Rules, key: &str, found: &mut Value, hidden: &mut Hidden) {
    let count = match rules.keys.verdict(key) {
        KeyVerdict::Kept => return value(rules, found, hidden),
        KeyVerdict::Secret => &mut hidden.secret_keys,
        KeyVerdict::Named => &mut hidden.named_keys,
    };
    if replace(rules, found) {
        *count = count.saturating_add(1);
    }
}

/// Puts a mark in the place of a value, where it is one that can hold a secret: a number or a
/// switch behind such a key counts or tells something, such as how many tokens there are.
fn replace(rules: &Rules, found: &mut Value) -> bool {
    let text = match found {
        Value::Empty | Value::Bool(_) | Value::Int(_) | Value::Double(_) => return false,
        Value::String(text) if text.is_empty() || super::digest::Mark::is_mark(text) => {
            return false;
        }
        Value::String(text) => std::mem::take(text),
        Value::Bytes(_) | Value::Array(_) | Value::Map(_) => found.to_string(),
    };
    *found = Value::String(rules.mark.of(&text));
    true
}

/// A value whose key says nothing. Values nest no deeper than decoders allow.
fn value(rules: &Rules, found: &mut Value, hidden: &mut Hidden) {
    match found {
        Value::String(content) => text::hide(rules, content, hidden),
        Value::Array(values) => {
            for one in values {
                value(rules, one, hidden);
            }
        }
        Value::Map(entries) => {
            for entry in entries {
                keyed(rules, &entry.key, &mut entry.value, hidden);
            }
        }
        Value::Empty | Value::Bool(_) | Value::Int(_) | Value::Double(_) | Value::Bytes(_) => {}
    }
}
