//! `uber-trace-id` and `uberctx-…`, the headers of Jaeger's own clients.

use opentelemetry::Context;
use opentelemetry::baggage::BaggageExt;
use opentelemetry::propagation::text_map_propagator::FieldIter;
use opentelemetry::propagation::{Extractor, Injector, TextMapPropagator};
use opentelemetry::trace::TraceContextExt;

use super::{Received, baggage, only, percent, remote_plain, short_hex, span_id, trace_id};

const NAME: &str = "uber-trace-id";
const BAGGAGE: &str = "uberctx-";
const SAMPLED: u128 = 1;
const DEBUG: u128 = 2;

#[derive(Debug)]
pub(super) struct Jaeger {
    fields: [String; 1],
}

impl Default for Jaeger {
    fn default() -> Self {
        Self {
            fields: [NAME.to_owned()],
        }
    }
}

impl TextMapPropagator for Jaeger {
    fn inject_context(&self, context: &Context, injector: &mut dyn Injector) {
        let span = context.span();
        let span = span.span_context();
        if span.is_valid() {
            let debug = Received::of(context, span).is_some_and(|it| it.debug);
            let flags = u8::from(span.is_sampled()) | (u8::from(debug) << 1);
            // The third part is the parent's id: long out of use, and always 0.
            let value = format!("{}:{}:0:{flags:x}", span.trace_id(), span.span_id());
            injector.set(NAME, value);
        }
        let members: Vec<_> = context
            .baggage()
            .iter()
            .map(|(key, (value, _))| (format!("{BAGGAGE}{key}"), percent::encode(value.as_str())))
            .collect();
        if within_limits(members.iter().map(|(key, value)| key.len() + value.len())) {
            for (key, value) in members {
                injector.set(&key, value);
            }
        }
    }

    fn extract_with_context(&self, context: &Context, extractor: &dyn Extractor) -> Context {
        let parsed = only(extractor, NAME).and_then(|text| parse(context, text));
        let context = parsed.unwrap_or_else(|| context.clone());
        let members: Vec<_> = extractor
            .keys()
            .into_iter()
            .filter_map(|name| {
                let key = name.strip_prefix(BAGGAGE)?;
                let value = extractor.get(name)?;
                baggage::is_token(key).then(|| (key.to_owned(), value.to_owned()))
            })
            .collect();
        let sizes = members.iter().map(|(key, value)| key.len() + value.len());
        if members.is_empty() || !within_limits(sizes) {
            return context;
        }
        let mut values: Vec<_> = context
            .baggage()
            .iter()
            .map(|(key, (value, _))| opentelemetry::KeyValue::new(key.clone(), value.clone()))
            .collect();
        values.extend(
            members.into_iter().map(|(key, value)| {
                opentelemetry::KeyValue::new(key, percent::decode_lossy(&value))
            }),
        );
        context.with_baggage(values)
    }

    fn fields(&self) -> FieldIter<'_> {
        FieldIter::new(&self.fields)
    }
}

fn within_limits(sizes: impl Iterator<Item = usize>) -> bool {
    let (count, bytes) = sizes.fold((0, 0), |(count, bytes), size| (count + 1, bytes + size));
    count <= baggage::MEMBERS_MAX && bytes <= baggage::BYTES_MAX
}

/// `trace:span:parent:flags`, also with percent-encoded colons.
fn parse(context: &Context, text: &str) -> Option<Context> {
    let text = percent::decode_strict(text)?;
    let mut parts = text.split(':');
    let trace_id = trace_id(short_hex(parts.next()?, 32)?)?;
    let span_id = span_id(short_hex(parts.next()?, 16)?)?;
    short_hex(parts.next()?, 16)?;
    let flags = short_hex(parts.next()?, 2)?;
    if parts.next().is_some() {
        return None;
    }
    let (sampled, debug) = (flags & SAMPLED != 0, flags & DEBUG != 0);
    Some(remote_plain(context, (trace_id, span_id), sampled, debug))
}
