//! What a sender is told when its request was taken.

use std::collections::BTreeMap;

use spanwalk_model::otlp::Issues;

use super::content::Signal;
use super::message::Message;

/// What became of a request that was taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Taken {
    /// Items that were rejected, one by one, by reason.
    pub(super) rejected: BTreeMap<&'static str, u64>,
    /// Why, and what was mended, in English; `None` where all is well.
    pub(super) message: Option<String>,
}

/// Why items of a signal that is not kept are rejected.
pub(super) const NOT_KEPT: &str = "not_kept";

/// Bytes of the longest message; it has one sentence per reason, of which there are few.
const MESSAGE_BYTES_MAX: usize = 16 * 1024;

impl Taken {
    /// What became of items that are kept.
    pub(super) fn of(issues: &Issues) -> Self {
        Self {
            message: issues.message(),
            rejected: issues
                .rejected
                .iter()
                .map(|(reason, count)| (reason.as_str(), *count))
                .collect(),
        }
    }

    /// What became of items of a signal that is not kept.
    pub(super) fn not_kept(signal: Signal, item_count: u64) -> Self {
        let message = (item_count > 0).then(|| {
            format!(
                "{} are not kept by spanwalk; turn their exporter off, or send them elsewhere",
                match signal {
                    Signal::Profiles => "profiles",
                    _ => "metrics",
                }
            )
        });
        Self {
            rejected: BTreeMap::from([(NOT_KEPT, item_count)]),
            message,
        }
    }

    /// Items that were rejected, whatever the reason.
    fn rejected_count(&self) -> u64 {
        self.rejected
            .values()
            .fold(0, |total, count| total.saturating_add(*count))
    }

    /// The response in protobuf. `partial_success` is left out where all is well, as the
    /// specification asks. `ExportTraceServiceResponse` and its three sisters differ in names
    /// only.
    pub(super) fn protobuf(&self) -> Vec<u8> {
        let Some(text) = self.text() else {
            return Vec::new();
        };
        let mut partial = Message::default();
        partial.uint(1, self.rejected_count());
        partial.text(2, text);
        let mut response = Message::default();
        response.message(1, &partial);
        response.into_bytes()
    }

    /// The response in JSON; `rejected_field` is what the signal calls its count, such as
    /// `rejectedSpans`.
    pub(super) fn json(&self, rejected_field: &'static str) -> Vec<u8> {
        let Some(text) = self.text() else {
            return b"{}".to_vec();
        };
        let mut partial = serde_json::Map::new();
        let rejected_count = self.rejected_count();
        if rejected_count > 0 {
            // 64-bit integers are texts in the JSON form of protobuf.
            partial.insert(rejected_field.to_owned(), rejected_count.to_string().into());
        }
        partial.insert("errorMessage".to_owned(), text.into());
        serde_json::json!({ "partialSuccess": partial })
            .to_string()
            .into_bytes()
    }

    fn text(&self) -> Option<&str> {
        let message = self.message.as_deref()?;
        let end = message.floor_char_boundary(MESSAGE_BYTES_MAX);
        message.get(..end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_success_is_an_empty_response() {
        let taken = Taken::default();
        assert!(taken.protobuf().is_empty());
        assert_eq!(taken.json("rejectedSpans"), b"{}");
    }

    #[test]
    fn a_warning_has_no_count() {
        let taken = Taken {
            rejected: BTreeMap::new(),
            message: Some("mended 1: text".to_owned()),
        };
        assert_eq!(
            String::from_utf8(taken.json("rejectedSpans")).unwrap(),
            r#"{"partialSuccess":{"errorMessage":"mended 1: text"}}"#
        );
    }

    #[test]
    fn a_message_of_any_length_becomes_a_short_response() {
        let taken = Taken {
            rejected: BTreeMap::from([("malformed", 1)]),
            message: Some("ä".repeat(MESSAGE_BYTES_MAX)),
        };
        assert!(taken.protobuf().len() < MESSAGE_BYTES_MAX + 64);
    }
}
