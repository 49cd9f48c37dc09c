//! Filters of our language from keys and values of anybody, quoted so that no value says more
//! than itself.

use spanwalk_model::TimeRange;
use spanwalk_query::Query;

use super::params::wrong;
use super::problem::ApiError;
use crate::clock::now_ns;

/// A filter that is being put together; all of its terms have to hold, of one span.
#[derive(Debug, Default)]
pub(super) struct Filter(String);

impl Filter {
    /// A term of the language, as it stands. Never made of what came in.
    pub(super) fn term(&mut self, term: &str) {
        if !self.0.is_empty() {
            self.0.push(' ');
        }
        self.0.push_str(term);
    }

    /// A built-in field, which is of the language, has this very value.
    pub(super) fn built_in(&mut self, field: &str, value: &str) {
        self.term(&format!("{field}:{}", quoted(value)));
    }

    /// One of these attributes has this value.
    pub(super) fn one_of(&mut self, keys: &[&str], value: &str) {
        let value = quoted(value);
        let terms = keys
            .iter()
            .map(|key| format!("{}:{value}", attribute_key(key)));
        let terms: Vec<_> = terms.collect();
        self.term(&format!("({})", terms.join(" OR ")));
    }

    /// An attribute of the span, of its events, links, log records, resource or scope has this
    /// value. What other systems write as tags for want of a field is asked of the field.
    pub(super) fn tag(&mut self, key: &str, value: &str) {
        let lower = value.to_ascii_lowercase();
        match (key, lower.as_str()) {
            ("error", "true") => self.term("status:error"),
            ("error", "false") => self.term("-status:error"),
            ("otel.status_code" | "status.code", "error" | "ok" | "unset") => {
                self.term(&format!("status:{lower}"));
            }
            (
                "span.kind",
                "server" | "client" | "producer" | "consumer" | "internal" | "unspecified",
            ) => self.term(&format!("kind:{lower}")),
            ("level", "trace" | "debug" | "info" | "warn" | "error" | "fatal") => {
                self.term(&format!(
                    "(level:{lower} OR {}:{})",
                    quoted(key),
                    quoted(value)
                ));
            }
            ("message", _) => {
                let value = quoted(value);
                self.term(&format!("(log.body:{value} OR {}:{value})", quoted(key)));
            }
            _ => self.term(&format!("{}:{}", attribute_key(key), quoted(value))),
        }
    }

    /// There is an attribute with this key.
    pub(super) fn has(&mut self, key: &str) {
        self.term(&format!("has:{}", attribute_key(key)));
    }

    /// The query, in this range of time.
    ///
    /// # Errors
    /// [`ApiError::Parameter`] where the filter became too long.
    pub(super) fn finish(self, range: TimeRange) -> Result<Query, ApiError> {
        let query = spanwalk_query::parse(&self.0, now_ns())
            .map_err(|error| wrong(format!("this cannot be asked: {error}")))?;
        Ok(query.within(range))
    }
}

/// The key bare where it is plain and no word of the language, so that old names of
/// attributes find the new ones; else in quotes, which take it to the letter.
fn attribute_key(key: &str) -> String {
    let is_plain = key.starts_with(|first: char| first.is_ascii_alphabetic())
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_'));
    let is_scoped = ["resource.", "span.", "log.", "event.", "link."]
        .iter()
        .any(|scope| key.starts_with(scope));
    let is_of_language = spanwalk_query::field::INTRINSICS
        .iter()
        .any(|intrinsic| intrinsic.key == key);
    if is_plain && !is_scoped && !is_of_language {
        key.to_owned()
    } else {
        quoted(key)
    }
}

fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        if matches!(character, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;
    use spanwalk_model::{Resource, Scope, Scoped, Span, SpanId, TraceId, TraceItems};

    use super::*;

    fn trace(key: &str, value: &str) -> TraceItems {
        let ids = (TraceId::from_u128(1).unwrap(), SpanId::from_u64(1).unwrap());
        let mut span = Span::new(ids.0, ids.1);
        span.attributes.push(key, value);
        TraceItems {
            spans: vec![Scoped {
                item: span,
                resource: Arc::new(Resource::default()),
                scope: Arc::new(Scope::default()),
            }],
            logs: Vec::new(),
        }
    }

    fn finds(key: &str, value: &str, items: &TraceItems) -> bool {
        let mut filter = Filter::default();
        filter.tag(key, value);
        let query = filter.finish(TimeRange::ALL).unwrap();
        query.match_trace(items).is_some()
    }

    #[test]
    fn tags_that_stand_for_fields_are_asked_of_the_fields() {
        for (key, value, text) in [
            ("error", "true", "status:error"),
            ("error", "card declined", "error:\"card declined\""),
            ("span.kind", "server", "kind:server"),
            ("otel.status_code", "ERROR", "status:error"),
            ("http.status_code", "500", "http.status_code:500"),
            ("service", "a", "\"service\":a"),
        ] {
            let mut filter = Filter::default();
            filter.tag(key, value);
            let query = filter.finish(TimeRange::ALL).unwrap();
            assert_eq!(query.to_string(), text);
        }
    }

    proptest! {
        #[test]
        fn a_tag_asks_for_itself_and_nothing_else(
            key in "\\PC{1,12}|[\"\\\\*():. -]{1,6}",
            value in "(?s).{0,12}|[\"\\\\*():.<> \n\t-]{0,8}",
        ) {
            prop_assume!(!["error", "message", "level"].contains(&key.as_str()));
            prop_assert!(finds(&key, &value, &trace(&key, &value)));
            let (other_key, other_value) = (key.clone() + "x", value.clone() + "x");
            prop_assert!(!finds(&key, &value, &trace(&key, &other_value)));
            prop_assert!(!finds(&key, &value, &trace(&other_key, &value)));
        }
    }
}
