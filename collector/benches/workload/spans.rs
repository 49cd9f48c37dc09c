//! Spans as a system of twenty services makes them: call trees, server, client and database
//! spans with the attributes of the semantic conventions, unique and repeating values.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use spanwalk_model::{
    Event, KeyValue, Resource, Scope, Scoped, Span, SpanId, SpanKind, StatusCode, TraceId, Value,
};

const SEED: u64 = 20_261_124;
const SERVICE_COUNT: u64 = 20;
const INSTANCE_COUNT: u64 = 3;
/// 15 November 2026, 10:00 UTC.
const FIRST_NS: u64 = 1_794_736_800_000_000_000;

/// `SplitMix64` (Steele, Lea, Flood 2014).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// Most are small, few are large.
    pub(crate) fn skewed(&mut self, bound: u64) -> u64 {
        let spread = self.below(bound) + 1;
        self.below(spread)
    }
}

/// Spans without end, the same ones every time, in the order they would arrive: as they end.
pub(crate) struct Spans {
    generator: Generator,
    /// When the next trace begins.
    start_ns: u64,
    /// Spans made and not yet given, the first to end on top.
    waiting: BinaryHeap<Reverse<(u64, u64)>>,
    made: Vec<Option<Scoped<Span>>>,
}

impl Spans {
    pub(crate) fn new() -> Self {
        Self {
            generator: Generator {
                random: Random(SEED),
                origins: (0..SERVICE_COUNT * INSTANCE_COUNT).map(origin).collect(),
                spans: Vec::new(),
            },
            start_ns: FIRST_NS,
            waiting: BinaryHeap::new(),
            made: Vec::new(),
        }
    }

    /// Makes the next trace; its spans end later than any that waits and ended before it began.
    fn make_trace(&mut self) {
        self.start_ns += self.generator.random.below(20_000_000);
        self.generator.trace(self.start_ns);
        if self.waiting.is_empty() {
            self.made.clear();
        }
        for row in self.generator.spans.drain(..) {
            let place = self.made.len() as u64;
            self.waiting.push(Reverse((row.item.end_ns, place)));
            self.made.push(Some(row));
        }
    }
}

impl Iterator for Spans {
    type Item = Scoped<Span>;

    fn next(&mut self) -> Option<Scoped<Span>> {
        loop {
            let is_next_known = self
                .waiting
                .peek()
                .is_some_and(|Reverse((end_ns, _))| *end_ns < self.start_ns);
            if is_next_known {
                let Reverse((_, place)) = self.waiting.pop()?;
                return self.made.get_mut(usize::try_from(place).ok()?)?.take();
            }
            self.make_trace();
        }
    }
}

fn origin(index: u64) -> (Arc<Resource>, Arc<Scope>) {
    let (service, instance) = (index / INSTANCE_COUNT, index % INSTANCE_COUNT);
    let mut resource = Resource::default();
    for (key, value) in [
        ("service.name", format!("service-{service}")),
        ("service.version", format!("1.{}.0", service % 7)),
        (
            "service.instance.id",
            format!("service-{service}-{instance}"),
        ),
        ("host.name", format!("node-{}", index % 9)),
        ("k8s.pod.name", format!("service-{service}-7d9f-{instance}")),
        ("k8s.namespace.name", "shop".to_owned()),
        ("telemetry.sdk.language", "rust".to_owned()),
        ("telemetry.sdk.name", "opentelemetry".to_owned()),
    ] {
        resource.attributes.push(key, value);
    }
    let scope = Scope {
        name: "http-instrumentation".into(),
        version: "0.33.1".into(),
        ..Scope::default()
    };
    (Arc::new(resource), Arc::new(scope))
}

struct Generator {
    random: Random,
    origins: Vec<(Arc<Resource>, Arc<Scope>)>,
    spans: Vec<Scoped<Span>>,
}

impl Generator {
    fn trace(&mut self, start_ns: u64) {
        let high = u128::from(self.random.next()) << 64;
        let id = TraceId::from_u128(high | u128::from(self.random.next()) | 1);
        let id = id.expect("not zero");
        let service = self.random.below(3);
        self.call(id, None, service, start_ns, 0);
    }

    /// A server span with what it does; returns when it ended.
    fn call(
        &mut self,
        trace: TraceId,
        parent: Option<SpanId>,
        service: u64,
        start_ns: u64,
        depth: u32,
    ) -> u64 {
        let instance = service * INSTANCE_COUNT + self.random.below(INSTANCE_COUNT);
        let mut span = self.span(trace, parent, SpanKind::Server, start_ns);
        let id = span.span_id;
        let mut now = start_ns + 50_000 + self.random.below(400_000);
        for _ in 0..self.random.below(3) {
            now = self.database(trace, id, instance, now);
        }
        for _ in 0..self.random.below(4) {
            if depth < 4 {
                now = self.client(trace, id, instance, now, depth);
            }
        }
        span.end_ns = now + 20_000 + self.random.skewed(30_000_000);
        self.server_attributes(&mut span, service);
        let end_ns = span.end_ns;
        self.finish(span, instance);
        end_ns
    }

    fn client(
        &mut self,
        trace: TraceId,
        parent: SpanId,
        instance: u64,
        start_ns: u64,
        depth: u32,
    ) -> u64 {
        let mut span = self.span(trace, Some(parent), SpanKind::Client, start_ns);
        let callee = self.random.below(SERVICE_COUNT);
        let sent_ns = start_ns + 100_000 + self.random.below(900_000);
        let answered_ns = self.call(trace, Some(span.span_id), callee, sent_ns, depth + 1);
        span.end_ns = answered_ns + 80_000 + self.random.below(600_000);
        let route = self.random.below(12);
        span.name = "POST".into();
        let port = 40_000 + self.random.below(20_000);
        push(&mut span, "http.request.method", "POST");
        push(&mut span, "server.address", format!("service-{callee}"));
        push(&mut span, "server.port", 8080i64);
        push(
            &mut span,
            "url.full",
            format!("http://service-{callee}:8080/api/{route}/{port}"),
        );
        push(&mut span, "http.response.status_code", 200i64);
        push(&mut span, "network.protocol.version", "1.1");
        push(&mut span, "network.peer.port", port.cast_signed());
        push(&mut span, "thread.id", self.thread());
        push(&mut span, "code.function.name", "shop::client::send");
        push(&mut span, "code.line.number", 88i64);
        let busy_ns = span.duration_ns().cast_signed() / 7;
        push(&mut span, "busy_ns", busy_ns);
        let end_ns = span.end_ns;
        self.finish(span, instance);
        end_ns
    }

    fn database(&mut self, trace: TraceId, parent: SpanId, instance: u64, start_ns: u64) -> u64 {
        let mut span = self.span(trace, Some(parent), SpanKind::Client, start_ns);
        let table = self.random.below(15);
        span.name = format!("SELECT table_{table}");
        span.end_ns = start_ns + 200_000 + self.random.skewed(9_000_000);
        push(&mut span, "db.system.name", "postgresql");
        push(&mut span, "db.namespace", "shop");
        push(&mut span, "db.collection.name", format!("table_{table}"));
        push(&mut span, "db.operation.name", "SELECT");
        let text = format!("SELECT * FROM table_{table} WHERE id = $1 AND state = $2");
        push(&mut span, "db.query.text", text);
        push(&mut span, "server.address", "postgres-0");
        push(&mut span, "server.port", 5432i64);
        let rows = self.random.skewed(200).cast_signed();
        push(&mut span, "db.response.returned_rows", rows);
        push(&mut span, "thread.id", self.thread());
        push(&mut span, "code.function.name", "shop::store::load");
        push(&mut span, "code.line.number", 141i64);
        let end_ns = span.end_ns;
        self.finish(span, instance);
        end_ns
    }

    fn server_attributes(&mut self, span: &mut Span, service: u64) {
        let route = self.random.below(12);
        let item = self.random.below(50_000);
        let user = self.random.skewed(20_000);
        span.name = format!("GET /api/{route}/{{id}}");
        push(span, "http.request.method", "GET");
        push(span, "http.route", format!("/api/{route}/{{id}}"));
        push(span, "url.path", format!("/api/{route}/{item}"));
        push(span, "url.scheme", "http");
        push(span, "network.protocol.version", "1.1");
        push(
            span,
            "client.address",
            format!("10.0.{}.{}", service, item % 60),
        );
        push(span, "user_agent.original", "shop-client/2.3");
        push(span, "enduser.id", format!("user-{user}"));
        let request = format!("{:08x}{:016x}", item, self.random.next());
        push(span, "request.id", request);
        push(span, "app.tenant", format!("tenant-{}", user % 200));
        push(span, "thread.id", self.thread());
        push(span, "code.function.name", "shop::handler::get");
        if self.random.below(100) < 3 {
            push(span, "http.response.status_code", 500i64);
            span.status.code = StatusCode::Error;
            span.status.message = format!("item {item} is locked");
            span.events.push(exception(span.end_ns, item));
        } else {
            push(span, "http.response.status_code", 200i64);
        }
    }

    fn thread(&self) -> i64 {
        (self.random.0 % 16).cast_signed()
    }

    fn span(
        &mut self,
        trace: TraceId,
        parent: Option<SpanId>,
        kind: SpanKind,
        start_ns: u64,
    ) -> Span {
        let id = SpanId::from_u64(self.random.next() | 1).expect("not zero");
        let mut span = Span::new(trace, id);
        span.parent_span_id = parent;
        span.kind = kind;
        span.start_ns = start_ns;
        span.flags = 0x101;
        span
    }

    fn finish(&mut self, span: Span, instance: u64) {
        let instance = usize::try_from(instance).expect("small");
        let (resource, scope) = &self.origins[instance % self.origins.len()];
        self.spans.push(Scoped {
            item: span,
            resource: Arc::clone(resource),
            scope: Arc::clone(scope),
        });
    }
}

fn push(span: &mut Span, key: &str, value: impl Into<Value>) {
    span.attributes.push(key, value);
}

fn exception(time_ns: u64, item: u64) -> Event {
    let attribute = |key: &str, value: String| KeyValue {
        key: key.to_owned(),
        value: Value::String(value),
    };
    let frames: Vec<String> = (0..12)
        .map(|frame| {
            format!(
                "  at shop::handler::step_{frame} (handler.rs:{})",
                frame * 17
            )
        })
        .collect();
    Event {
        time_ns,
        name: "exception".into(),
        attributes: [
            attribute("exception.type", "LockError".into()),
            attribute("exception.message", format!("item {item} is locked")),
            attribute("exception.stacktrace", frames.join("\n")),
        ]
        .into_iter()
        .collect(),
        dropped_attributes_count: 0,
    }
}
