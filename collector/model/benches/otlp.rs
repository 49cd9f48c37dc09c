//! Decoding and encoding OTLP, beside prost on the same bytes.
//!
//! The workload is made from a fixed seed: 5,000 spans of 20 service instances with four
//! attributes each, an event in every tenth, sizes as the HTTP instrumentations have them.
//! prost stops at its own messages, where ours stands at the model's types.

#![expect(
    clippy::unwrap_used,
    reason = "a bench whose workload is wrong shall stop"
)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;
use spanwalk_model::otlp::{json, protobuf};
use spanwalk_model::{
    Event, Resource, ResourceItems, Scope, ScopeItems, Span, SpanId, SpanKind, TraceId, Value,
};

const SPANS_PER_RESOURCE: u64 = 250;
const RESOURCES: u64 = 20;

/// `SplitMix64` (Steele, Lea, Flood 2014).
struct Seeded(u64);

impl Seeded {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

fn workload() -> Vec<ResourceItems<Span>> {
    let mut random = Seeded(7);
    (0..RESOURCES)
        .map(|number| {
            let mut resource = Resource::default();
            let attributes = &mut resource.attributes;
            attributes.push("service.name", format!("service-{}", number % 8));
            attributes.push("service.instance.id", format!("instance-{number}"));
            attributes.push("telemetry.sdk.language", "rust");
            let items = (0..SPANS_PER_RESOURCE).map(|_| span(&mut random)).collect();
            ResourceItems {
                resource: resource.into(),
                scopes: vec![ScopeItems {
                    scope: Scope {
                        name: "http".to_owned(),
                        ..Scope::default()
                    }
                    .into(),
                    items,
                }],
            }
        })
        .collect()
}

fn span(random: &mut Seeded) -> Span {
    let trace_id = TraceId::from_u128((u128::from(random.next()) << 64) | 1);
    let span_id = SpanId::from_u64(random.next() | 1);
    let mut span = Span::new(trace_id.unwrap(), span_id.unwrap());
    span.parent_span_id = SpanId::from_u64(random.next() % 3);
    span.name = String::from("GET /api/v1/products/{id}");
    span.kind = SpanKind::Server;
    span.start_ns = 1_700_000_000_000_000_000 + random.next() % 1_000_000_000;
    span.end_ns = span.start_ns + random.next() % 100_000_000;
    let attributes = &mut span.attributes;
    attributes.push("http.request.method", "GET");
    attributes.push("http.route", "/api/v1/products/{id}");
    attributes.push("http.response.status_code", 200i64);
    attributes.push(
        "url.path",
        format!("/api/v1/products/{}", random.next() % 10_000),
    );
    if random.next().is_multiple_of(10) {
        let mut event = Event {
            time_ns: span.start_ns,
            name: "cache.miss".to_owned(),
            ..Event::default()
        };
        event.attributes.push("cache.key", Value::from("product"));
        span.events.push(event);
    }
    span
}

fn otlp(criterion: &mut Criterion) {
    let spans = workload();
    let binary = protobuf::encode_traces(&spans);
    let text = json::encode_traces(&spans);
    let messages = ExportTraceServiceRequest::decode(&binary[..]).unwrap();

    let mut group = criterion.benchmark_group("otlp");
    group.throughput(Throughput::Elements(RESOURCES * SPANS_PER_RESOURCE));
    group.bench_function("decode protobuf", |bencher| {
        bencher.iter(|| protobuf::decode_traces(black_box(&binary)).unwrap());
    });
    group.bench_function("decode protobuf with prost", |bencher| {
        bencher.iter(|| ExportTraceServiceRequest::decode(black_box(&binary[..])).unwrap());
    });
    group.bench_function("decode json", |bencher| {
        bencher.iter(|| json::decode_traces(black_box(text.as_bytes())).unwrap());
    });
    group.bench_function("encode protobuf", |bencher| {
        bencher.iter(|| protobuf::encode_traces(black_box(&spans)));
    });
    group.bench_function("encode protobuf with prost", |bencher| {
        bencher.iter(|| black_box(&messages).encode_to_vec());
    });
    group.bench_function("encode json", |bencher| {
        bencher.iter(|| json::encode_traces(black_box(&spans)));
    });
    group.finish();
}

criterion_group!(benches, otlp);
criterion_main!(benches);
