//! What hiding secrets costs, beside decoding the same spans.
//!
//! The workload is made from a fixed seed: 5,000 spans with six attributes each, a URL with a
//! query string among them, as the HTTP instrumentations have them. In the second one every
//! tenth span has a secret, so that the batch is changed and written anew.

#![expect(
    clippy::unwrap_used,
    reason = "a bench whose workload is wrong shall stop"
)]

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use spanwalk_collector::redaction::{RedactionOptions, Redactor};
use spanwalk_model::otlp::protobuf;
use spanwalk_model::{
    Resource, ResourceItems, Scope, ScopeItems, Span, SpanBatch, SpanId, SpanKind, TraceId,
};

const SPAN_COUNT: u64 = 5_000;

/// `SplitMix64` (Steele, Lea, Flood 2014): the same numbers everywhere.
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

fn workload(with_secrets: bool) -> SpanBatch {
    let mut random = Seeded(7);
    let mut resource = Resource::default();
    resource.attributes.push("service.name", "shop");
    resource.attributes.push("telemetry.sdk.language", "rust");
    let items = (0..SPAN_COUNT).map(|number| {
        let mut span = span(&mut random);
        if with_secrets && number % 10 == 0 {
            let key = "http.request.header.authorization";
            span.attributes.push(key, "Bearer 0123456789abcdef");
        }
        span
    });
    vec![ResourceItems {
        resource: resource.into(),
        scopes: vec![ScopeItems {
            scope: Scope::default().into(),
            items: items.collect(),
        }],
    }]
}

fn span(random: &mut Seeded) -> Span {
    let trace_id = TraceId::from_u128((u128::from(random.next()) << 64) | 1).unwrap();
    let span_id = SpanId::from_u64(random.next() | 1).unwrap();
    let mut span = Span::new(trace_id, span_id);
    span.name = String::from("GET /api/v1/products/{id}");
    span.kind = SpanKind::Server;
    span.start_ns = 1_700_000_000_000_000_000 + random.next() % 1_000_000_000;
    span.end_ns = span.start_ns + random.next() % 100_000_000;
    let number = random.next() % 10_000;
    let attributes = &mut span.attributes;
    attributes.push("http.request.method", "GET");
    attributes.push("http.route", "/api/v1/products/{id}");
    attributes.push("http.response.status_code", 200i64);
    attributes.push("url.path", format!("/api/v1/products/{number}"));
    attributes.push(
        "url.full",
        format!("https://shop.example:8443/api/v1/products/{number}?page=2&sort=price"),
    );
    attributes.push("user_agent.original", "Mozilla/5.0 (X11; Linux x86_64)");
    span
}

fn redaction(criterion: &mut Criterion) {
    let redactor = Redactor::new(&RedactionOptions::default());
    let (clean, secret) = (workload(false), workload(true));
    let binary = protobuf::encode_traces(&clean);
    let mut group = criterion.benchmark_group("redaction");
    group.throughput(Throughput::Elements(SPAN_COUNT));
    group.bench_function("decode protobuf", |bencher| {
        bencher.iter(|| protobuf::decode_traces(black_box(&binary)).unwrap());
    });
    group.bench_function("nothing to hide", |bencher| {
        let mut spans = clean.clone();
        bencher.iter(|| redactor.spans(black_box(&mut spans)));
    });
    group.bench_function("a secret in every tenth span, written anew", |bencher| {
        bencher.iter_batched(
            || secret.clone(),
            |mut spans| {
                redactor.spans(&mut spans);
                protobuf::encode_traces(&spans)
            },
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

criterion_group!(benches, redaction);
criterion_main!(benches);
