//! Items straight to the bytes of an OTLP request: no message types between, one buffer.
//!
//! Fields and numbers are those of `opentelemetry/proto/{trace,logs}/v1`, version 1; the tests
//! compare with what the generated types make of the same items.

mod record;
mod span;
#[cfg(test)]
mod tests;
mod value;
mod wire;

use std::time::{SystemTime, UNIX_EPOCH};

use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::SdkLogRecord;
use opentelemetry_sdk::trace::SpanData;

use super::Encoded;
use crate::config::Limits;
use value::Limit;

/// About what an item needs.
const ITEM_BYTES: usize = 384;
/// Scopes and resources are whole.
const UNLIMITED: Limit = Limit {
    count: usize::MAX,
    chars: None,
};

/// Turns the items of a signal into requests.
#[derive(Debug)]
pub(crate) struct Encoder {
    /// The resource's message with its key, the same in every request.
    resource: Vec<u8>,
    schema_url: String,
    /// The scope of records that name none.
    scope: InstrumentationScope,
    limits: Limits,
}

/// What a lane can export.
pub(crate) trait Encode: Sized {
    /// The request that holds `items`.
    fn encode(encoder: &Encoder, items: &[Self]) -> Encoded;
}

impl Encode for SpanData {
    fn encode(encoder: &Encoder, items: &[Self]) -> Encoded {
        let groups = grouped(items, |it| (span::scope_of(it), None));
        encoder.request(items.len(), groups, |out, it| {
            span::span(out, it, &encoder.limits);
        })
    }
}

impl Encode for SdkLogRecord {
    fn encode(encoder: &Encoder, items: &[Self]) -> Encoded {
        // A record's target names its scope.
        let groups = grouped(items, |it| (&encoder.scope, it.target().map(AsRef::as_ref)));
        encoder.request(items.len(), groups, |out, it| {
            record::record(out, it, &encoder.limits);
        })
    }
}

/// A scope, and the name that a record gives it.
type Scope<'a> = (&'a InstrumentationScope, Option<&'a str>);

/// Items of one scope stay together, in their order; scopes are few.
fn grouped<'a, T>(
    items: &'a [T],
    scope: impl Fn(&'a T) -> Scope<'a>,
) -> Vec<(Scope<'a>, Vec<&'a T>)> {
    let mut groups: Vec<(Scope<'a>, Vec<&'a T>)> = Vec::new();
    for item in items {
        let wanted = scope(item);
        match groups.iter_mut().rfind(|(scope, _)| same(*scope, wanted)) {
            Some((_, members)) => members.push(item),
            None => groups.push((wanted, vec![item])),
        }
    }
    groups
}

fn same(left: Scope<'_>, right: Scope<'_>) -> bool {
    left.1 == right.1 && (std::ptr::eq(left.0, right.0) || left.0 == right.0)
}

impl Encoder {
    pub(crate) fn new(resource: &Resource, limits: Limits) -> Self {
        let mut attributes: Vec<_> = resource
            .iter()
            .map(|(key, value)| KeyValue::new(key.clone(), value.clone()))
            .collect();
        attributes.sort_by(|left, right| left.key.cmp(&right.key));
        let mut bytes = Vec::new();
        wire::message(&mut bytes, 1, |out| {
            value::attributes(out, 1, &attributes, UNLIMITED);
        });
        Self {
            resource: bytes,
            schema_url: resource.schema_url().unwrap_or_default().to_owned(),
            scope: InstrumentationScope::builder("spanwalk-sdk").build(),
            limits,
        }
    }

    fn request<T>(
        &self,
        count: usize,
        groups: Vec<(Scope<'_>, Vec<&T>)>,
        item: impl Fn(&mut Vec<u8>, &T),
    ) -> Encoded {
        let mut out = Vec::with_capacity(self.resource.len() + count * ITEM_BYTES);
        wire::message(&mut out, 1, |out| {
            out.extend_from_slice(&self.resource);
            for (of, members) in groups {
                wire::message(out, 2, |out| {
                    wire::message(out, 1, |out| scope(out, of));
                    for member in members {
                        wire::message(out, 2, |out| item(out, member));
                    }
                    let schema_url = of.0.schema_url().unwrap_or_default();
                    wire::bytes(out, 3, schema_url.as_bytes());
                });
            }
            wire::bytes(out, 3, self.schema_url.as_bytes());
        });
        Encoded {
            bytes: out.into(),
            count: count as u64,
        }
    }
}

fn scope(out: &mut Vec<u8>, (scope, name): Scope<'_>) {
    wire::bytes(out, 1, name.unwrap_or_else(|| scope.name()).as_bytes());
    wire::bytes(out, 2, scope.version().unwrap_or_default().as_bytes());
    for it in scope.attributes() {
        value::pair(out, 3, it.key.as_str(), |out| {
            value::value(out, &it.value, UNLIMITED);
        });
    }
}

/// Nanoseconds since 1970; 0 before.
fn nanos(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
