//! `baggage` by the W3C Baggage recommendation.

use opentelemetry::baggage::{BaggageExt, BaggageMetadata, KeyValueMetadata};
use opentelemetry::propagation::text_map_propagator::FieldIter;
use opentelemetry::propagation::{Extractor, Injector, TextMapPropagator};
use opentelemetry::{Context, Key, StringValue};

use super::percent;

const NAME: &str = "baggage";
/// Members over all headers at most; with one more, all are dropped: half of a baggage lies.
pub(super) const MEMBERS_MAX: usize = 64;
/// Bytes over all headers at most, commas included.
pub(super) const BYTES_MAX: usize = 8192;

#[derive(Debug)]
pub(super) struct Baggage {
    fields: [String; 1],
}

impl Default for Baggage {
    fn default() -> Self {
        Self {
            fields: [NAME.to_owned()],
        }
    }
}

impl TextMapPropagator for Baggage {
    fn inject_context(&self, context: &Context, injector: &mut dyn Injector) {
        let members: Vec<_> = context.baggage().iter().map(print).collect();
        let header = members.join(",");
        if !header.is_empty() && members.len() <= MEMBERS_MAX && header.len() <= BYTES_MAX {
            injector.set(NAME, header);
        }
    }

    fn extract_with_context(&self, context: &Context, extractor: &dyn Extractor) -> Context {
        let headers = extractor.get_all(NAME).unwrap_or_default();
        match parse(&headers) {
            Some(values) if !values.is_empty() => context.with_baggage(values),
            _ => context.clone(),
        }
    }

    fn fields(&self) -> FieldIter<'_> {
        FieldIter::new(&self.fields)
    }
}

fn print((key, (value, metadata)): (&Key, &(StringValue, BaggageMetadata))) -> String {
    let value = percent::encode(value.as_str());
    let metadata = metadata.as_str().trim();
    if metadata.is_empty() {
        format!("{key}={value}")
    } else {
        format!("{key}={value};{metadata}")
    }
}

/// The members of all headers; none when they are too many or too long. A malformed member is left out.
fn parse(headers: &[&str]) -> Option<Vec<KeyValueMetadata>> {
    let bytes: usize = headers.iter().map(|it| it.len()).sum();
    let commas = headers.len().saturating_sub(1);
    let members = || headers.iter().flat_map(|it| it.split(','));
    if bytes + commas > BYTES_MAX || members().count() > MEMBERS_MAX {
        return None;
    }
    let mut values = Vec::new();
    for member in members() {
        let (pair, metadata) = member.split_once(';').unwrap_or((member, ""));
        let Some((key, value)) = pair.split_once('=') else {
            continue;
        };
        let (key, value) = (key.trim(), value.trim());
        if is_token(key) {
            let value = percent::decode_lossy(value);
            values.push(KeyValueMetadata::new(
                key.to_owned(),
                value,
                metadata.trim(),
            ));
        }
    }
    Some(values)
}

/// A token as HTTP has it.
pub(super) fn is_token(text: &str) -> bool {
    let plain = |it: u8| it.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&it);
    !text.is_empty() && text.bytes().all(plain)
}
