//! Causes before effects, whatever the clocks say; steps as in a debugger.

use std::sync::Arc;

use proptest::prelude::*;
use spanwalk_model::{
    Event, LogRecord, Resource, Scope, Scoped, Severity, Span, SpanId, SpanKind, StatusCode,
    TraceId, TraceItems,
};

use super::*;
use crate::error_origin::origin;
use crate::summary::summarise;

fn trace_id() -> TraceId {
    TraceId::from_u128(7).unwrap()
}

fn scoped<T>(service: &str, item: T) -> Scoped<T> {
    let mut resource = Resource::default();
    resource.attributes.push("service.name", service);
    Scoped {
        item,
        resource: Arc::new(resource),
        scope: Arc::new(Scope::default()),
    }
}

/// Service, id, parent, kind, start, end.
type Row = (&'static str, u64, u64, SpanKind, u64, u64);

fn span((service, id, parent, kind, start_ns, end_ns): Row) -> Scoped<Span> {
    let mut span = Span::new(trace_id(), SpanId::from_u64(id).unwrap());
    span.parent_span_id = SpanId::from_u64(parent);
    span.kind = kind;
    span.name = format!("op{id}");
    span.start_ns = start_ns;
    span.end_ns = end_ns;
    scoped(service, span)
}

fn log(service: &str, span: u64, time_ns: u64, severity: i32) -> Scoped<LogRecord> {
    scoped(
        service,
        LogRecord {
            trace_id: Some(trace_id()),
            span_id: SpanId::from_u64(span),
            time_ns,
            severity: Severity(severity),
            body: Some("said".into()),
            ..LogRecord::default()
        },
    )
}

fn walked(rows: &[Row], logs: Vec<Scoped<LogRecord>>) -> (Trace, Walk) {
    let trace = Trace::build(TraceItems {
        spans: rows.iter().copied().map(span).collect(),
        logs,
    });
    let walk = Walk::of(&trace);
    (trace, walk)
}

/// The walk in short: `>1` start of span 1, `<1` its end, `*1` an event, `.1` a record.
fn line(trace: &Trace, walk: &Walk) -> String {
    let words: Vec<String> = walk
        .events()
        .iter()
        .map(|event| {
            let id = event
                .span()
                .and_then(|span| trace.span(span))
                .map_or(0, |span| span.item.span_id.to_u64());
            match event.kind {
                EventKind::SpanStart => format!(">{id}"),
                EventKind::SpanEnd => format!("<{id}"),
                EventKind::SpanEvent => format!("*{id}"),
                EventKind::Log => format!(".{id}"),
            }
        })
        .collect();
    words.join(" ")
}

const CALL: [Row; 3] = [
    ("gateway", 1, 0, SpanKind::Server, 100, 200),
    ("gateway", 2, 1, SpanKind::Client, 110, 190),
    ("orders", 3, 2, SpanKind::Server, 120, 180),
];

#[test]
fn without_trouble_the_line_follows_time() {
    let (trace, walk) = walked(
        &CALL,
        vec![log("orders", 3, 150, 9), log("gateway", 1, 195, 9)],
    );
    assert_eq!(line(&trace, &walk), ">1 >2 >3 .3 <3 <2 .1 <1");
    assert!(walk.events().iter().all(|event| !event.clock_contradiction));
}

#[test]
fn a_callee_whose_clock_is_behind_still_stands_inside_its_call() {
    let mut rows = CALL;
    rows[2].4 = 20;
    rows[2].5 = 80;
    let (trace, walk) = walked(&rows, vec![log("orders", 3, 50, 9)]);
    assert_eq!(line(&trace, &walk), ">1 >2 >3 .3 <3 <2 <1");
    let start = walk.events()[2];
    assert!(start.clock_contradiction);
    assert_eq!(start.reason, Reason::AfterParentStart);
}

#[test]
fn corrected_clocks_break_ties_and_stored_times_stay() {
    // Two calls at once; the second callee's clock is five behind, so its record seems first.
    let (trace, _) = walked(
        &[
            ("gateway", 1, 0, SpanKind::Server, 100, 200),
            ("orders", 2, 1, SpanKind::Server, 120, 180),
            ("stock", 3, 1, SpanKind::Server, 115, 170),
        ],
        Vec::new(),
    );
    let at = |id: u64| trace.index_of(SpanId::from_u64(id).unwrap()).unwrap();
    let mut offsets = vec![0; 3];
    offsets[at(3) as usize] = 15;
    let corrected = Walk::with_corrections(&trace, &Corrections::new(offsets));
    assert_eq!(line(&trace, &Walk::of(&trace)), ">1 >3 >2 <3 <2 <1");
    assert_eq!(line(&trace, &corrected), ">1 >2 >3 <2 <3 <1");
    let event = corrected
        .event(corrected.span_start(at(3)).unwrap())
        .unwrap();
    assert_eq!((event.time_ns, event.shown_ns), (115, 130));
}

#[test]
fn a_consumer_is_not_waited_for() {
    let (trace, walk) = walked(
        &[
            ("orders", 1, 0, SpanKind::Producer, 100, 110),
            ("mail", 2, 1, SpanKind::Consumer, 300, 400),
        ],
        Vec::new(),
    );
    assert_eq!(line(&trace, &walk), ">1 <1 >2 <2");
}

#[test]
fn a_record_after_the_end_of_its_span_stands_behind_it_and_says_so() {
    let (trace, walk) = walked(&CALL, vec![log("orders", 3, 185, 9)]);
    assert_eq!(line(&trace, &walk), ">1 >2 >3 <3 .3 <2 <1");
    let record = walk.event(walk.log(0).unwrap()).unwrap();
    assert_eq!(record.reason, Reason::AfterSpanEnd);
}

#[test]
fn a_record_whose_clock_counts_milliseconds_stands_inside_its_span() {
    const MS: u64 = 1_000_000;
    let rows: [Row; 3] = [
        ("shop", 1, 0, SpanKind::Server, 5 * MS, 8 * MS + 117_793),
        ("shop", 2, 1, SpanKind::Client, 5 * MS, 6 * MS + 938_864),
        ("orders", 3, 2, SpanKind::Server, 6 * MS, 6 * MS + 727_887),
    ];
    let (trace, walk) = walked(
        &rows,
        vec![log("shop", 1, 7 * MS, 13), log("orders", 3, 7 * MS, 17)],
    );
    assert_eq!(line(&trace, &walk), ">1 >2 >3 .3 <3 <2 .1 <1");
    // A whole millisecond is no rounding.
    let (trace, walk) = walked(&rows, vec![log("orders", 3, 8 * MS, 17)]);
    assert_eq!(line(&trace, &walk), ">1 >2 >3 <3 <2 .3 <1");
}

#[test]
fn records_without_a_span_stand_at_their_time() {
    let (trace, walk) = walked(&CALL, vec![log("orders", 0, 115, 9)]);
    assert_eq!(line(&trace, &walk), ">1 >2 .0 >3 <3 <2 <1");
}

#[test]
fn one_steps_into_a_call_and_out_to_the_moment_the_caller_goes_on() {
    let (trace, walk) = walked(
        &CALL,
        vec![log("gateway", 1, 195, 9), log("gateway", 2, 185, 9)],
    );
    let start = walk.span_start(trace.root().unwrap()).unwrap();
    let inside = walk.into_call(&trace, start).unwrap();
    assert_eq!(walk.service(&trace, inside), Some("orders"));
    let resumed = walk.out(&trace, inside).unwrap();
    assert_eq!(walk.event(resumed).unwrap().kind, EventKind::Log);
    let outer = walk.out(&trace, resumed).unwrap();
    assert_eq!(
        trace.log_span(walk.event(outer).unwrap().sub_index),
        Some(0)
    );
    assert_eq!(walk.out(&trace, start), None);
    assert_eq!(walk.into_call(&trace, inside), None);
}

#[test]
fn the_origin_is_the_deepest_failure_and_the_line_that_tells_of_it() {
    let mut items = TraceItems {
        spans: CALL.iter().copied().map(span).collect(),
        logs: vec![log("orders", 3, 150, 17), log("gateway", 1, 195, 17)],
    };
    for scoped in &mut items.spans {
        scoped.item.status.code = StatusCode::Error;
    }
    let trace = Trace::build(items.clone());
    let walk = Walk::of(&trace);
    let origin = origin(&trace, &walk).unwrap();
    assert_eq!(walk.log(0), Some(origin.position));
    assert_eq!(origin.chain, [1, 0]);
    let summary = summarise(&items);
    assert_eq!(summary.error_span_count, 3);
    assert_eq!(summary.first_error, "said");
    assert_eq!(summary.services[1].name, "orders");
    assert!(summary.has_root);
}

#[test]
fn an_error_that_shows_in_the_logs_alone_has_an_origin_too() {
    let (trace, walk) = walked(&CALL, vec![log("orders", 3, 150, 17)]);
    assert_eq!(origin(&trace, &walk).unwrap().span, Some(2));
    let (trace, walk) = walked(&CALL, Vec::new());
    assert_eq!(origin(&trace, &walk), None);
}

#[test]
fn a_healthy_request_has_nothing_to_say() {
    let items = TraceItems {
        spans: CALL.iter().copied().map(span).collect(),
        logs: Vec::new(),
    };
    let summary = summarise(&items);
    assert_eq!(summary.first_error, "");
    assert_eq!((summary.start_ns, summary.duration_ns), (100, 100));
}

fn arbitrary_items() -> impl Strategy<Value = TraceItems> {
    let spans = prop::collection::vec((0_u64..25, 0_u64..60, 0_u64..60, 0..6, 0_u64..60), 0..25);
    let logs = prop::collection::vec((0_u64..30, 0_u64..80, 0..24), 0..20);
    (spans, logs).prop_map(|(spans, logs)| TraceItems {
        spans: (1_u64..)
            .zip(spans)
            .map(|(id, (parent, start, end, kind, event))| {
                let services = ["a", "b", "c"];
                let service = services[usize::try_from(id % 3).unwrap()];
                let mut made = span((service, id, parent, SpanKind::from_number(kind), start, end));
                made.item.events.push(Event {
                    time_ns: event,
                    ..Event::default()
                });
                made
            })
            .collect(),
        logs: logs
            .into_iter()
            .map(|(span, time, severity)| log("a", span, time, severity))
            .collect(),
    })
}

proptest! {
    #[test]
    fn every_event_stands_once_and_no_effect_before_its_cause(items in arbitrary_items()) {
        let expected = items.spans.len() * 3 + items.logs.len();
        let trace = Trace::build(items);
        let walk = Walk::of(&trace);
        prop_assert_eq!(walk.events().len(), expected);
        for span in 0..trace.len() {
            let start = walk.span_start(span).unwrap();
            prop_assert!(start < walk.span_end(span).unwrap());
            if let Some(parent) = trace.parent(span) {
                prop_assert!(walk.span_start(parent).unwrap() < start);
            }
            for log in trace.span_logs(span) {
                prop_assert!(start < walk.log(*log).unwrap());
            }
        }
    }

    #[test]
    fn steps_lead_to_events_and_back(items in arbitrary_items()) {
        let trace = Trace::build(items);
        let walk = Walk::of(&trace);
        for position in 0..walk.len() + 2 {
            if let Some(next) = walk.next(position) {
                prop_assert_eq!(walk.previous(next), Some(position));
            }
            let steps = [
                walk.into_call(&trace, position),
                walk.out(&trace, position),
                walk.finish(position),
                walk.next_sibling(&trace, position),
                walk.previous_sibling(&trace, position),
                walk.next_in_service(&trace, position),
                walk.previous_in_service(&trace, position),
                walk.next_error(position),
                walk.previous_error(position),
            ];
            for step in steps.into_iter().flatten() {
                prop_assert!(walk.event(step).is_some());
            }
        }
        if let Some(found) = origin(&trace, &walk) {
            prop_assert!(walk.event(found.position).is_some());
        }
    }
}
