//! Walk order, critical path and the rest of the analysis, in spans per second; templates in
//! lines per second.
//!
//! The workload is made from a fixed seed: a tree of spans of eight services, each in its
//! parent, up to six children one behind the other or side by side, one log record for every
//! fourth span.

#![expect(
    clippy::unwrap_used,
    reason = "a bench whose workload is wrong shall stop"
)]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use spanwalk_analysis::critical_path::CriticalPath;
use spanwalk_analysis::diff::diff;
use spanwalk_analysis::patterns::patterns;
use spanwalk_analysis::service_map::ServiceMap;
use spanwalk_analysis::templates::Templates;
use spanwalk_analysis::walk::Walk;
use spanwalk_model::trace::Trace;
use spanwalk_model::{
    LogRecord, Resource, Scope, Scoped, Severity, Span, SpanId, SpanKind, TraceId, TraceItems,
};

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

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

fn workload(span_count: usize, seed: u64) -> Trace {
    let mut random = Seeded(seed);
    let trace_id = TraceId::from_u128(7).unwrap();
    let resources: Vec<Arc<Resource>> = (0..8)
        .map(|service| {
            let mut resource = Resource::default();
            resource
                .attributes
                .push("service.name", format!("service-{service}"));
            Arc::new(resource)
        })
        .collect();
    let scope = Arc::new(Scope::default());
    let mut items = TraceItems::default();
    // Parents that may still have children: id, service, start, end.
    let day = 1_700_000_000_000_000_000_u64;
    let mut open =
        std::collections::VecDeque::from([(0_u64, 0_usize, day, day + 3_600_000_000_000)]);
    while items.spans.len() < span_count {
        let (parent, of_parent, start, end) = open.pop_front().unwrap();
        let children = if parent == 0 { 1 } else { 1 + random.below(6) };
        let at_once = random.below(3) == 0;
        let share = (end - start) / (children + 1);
        for child in 0..children {
            if items.spans.len() >= span_count {
                break;
            }
            let id = items.spans.len() as u64 + 1;
            let mut span = Span::new(trace_id, SpanId::from_u64(id).unwrap());
            span.parent_span_id = SpanId::from_u64(parent);
            span.name = format!("operation {}", random.below(40));
            let service = if random.below(2) == 0 {
                of_parent
            } else {
                usize::try_from(random.below(8)).unwrap()
            };
            span.kind = if service == of_parent {
                SpanKind::Internal
            } else {
                SpanKind::Server
            };
            span.start_ns =
                start + if at_once { 0 } else { share * child } + random.below(share / 8 + 1);
            span.end_ns = span.start_ns + share / 2 + random.below(share / 3 + 1);
            open.push_back((id, service, span.start_ns, span.end_ns));
            if id.is_multiple_of(4) {
                items.logs.push(Scoped {
                    item: LogRecord {
                        trace_id: Some(trace_id),
                        span_id: Some(span.span_id),
                        time_ns: span.start_ns,
                        severity: Severity(9),
                        body: Some(line(&mut random).into()),
                        ..LogRecord::default()
                    },
                    resource: Arc::clone(&resources[service]),
                    scope: Arc::clone(&scope),
                });
            }
            items.spans.push(Scoped {
                item: span,
                resource: Arc::clone(&resources[service]),
                scope: Arc::clone(&scope),
            });
        }
    }
    Trace::build(items)
}

/// One of fifty templates of about 150 bytes.
fn line(random: &mut Seeded) -> String {
    let template = random.below(50);
    format!(
        "2024-03-01T10:{:02}:{:02}.{:03}Z INFO worker-{} [job{}] handled request id={:016x} for user 'u{}' from 10.0.{}.{} step alpha{template} took {} ms, state=done",
        random.below(60),
        random.below(60),
        random.below(1000),
        random.below(16),
        "abcdefgh"
            .get(..usize::try_from(template % 8).unwrap())
            .unwrap(),
        random.next(),
        random.below(10_000),
        random.below(256),
        random.below(256),
        random.below(5000),
    )
}

fn per_span(c: &mut Criterion) {
    let mut group = c.benchmark_group("spans");
    group.sample_size(10);
    for count in [1_000_usize, 100_000, 1_000_000] {
        let trace = workload(count, 7);
        group.throughput(Throughput::Elements(count as u64));
        group.bench_with_input(BenchmarkId::new("walk", count), &trace, |b, trace| {
            b.iter(|| Walk::of(black_box(trace)));
        });
        group.bench_with_input(
            BenchmarkId::new("critical_path", count),
            &trace,
            |b, trace| {
                b.iter(|| CriticalPath::of(black_box(trace)));
            },
        );
    }
    let one = workload(50_000, 7);
    group.throughput(Throughput::Elements(50_000));
    group.bench_function("patterns/50000", |b| b.iter(|| patterns(black_box(&one))));
    group.bench_function("service_map/50000", |b| {
        b.iter(|| ServiceMap::of(black_box(&one)));
    });
    let (one, other) = (workload(25_000, 7), workload(25_000, 8));
    group.bench_function("diff/25000+25000", |b| {
        b.iter(|| diff(black_box(&one), black_box(&other)));
    });
    group.finish();
}

fn per_line(c: &mut Criterion) {
    let mut random = Seeded(7);
    let lines: Vec<String> = (0..100_000).map(|_| line(&mut random)).collect();
    let mut group = c.benchmark_group("lines");
    group.sample_size(10);
    group.throughput(Throughput::Elements(lines.len() as u64));
    group.bench_function("templates/100000", |b| {
        b.iter(|| Templates::of(black_box(&lines).iter().map(String::as_str)));
    });
    group.finish();
}

criterion_group!(benches, per_span, per_line);
criterion_main!(benches);
