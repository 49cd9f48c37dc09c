//! How long traces of a thousand to a million spans take to open, move in, fold and search.
//!
//! The traces are always the same: one root, calls of ten calls of a hundred operations each,
//! over twelve services, with a log record in every tenth span and an error in every
//! thousandth. Half of the innermost calls repeat one operation, so that there are runs.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use spanwalk::app::{Effect, Message, Options, Place, Reply, State, update, view};
use spanwalk::screens::walk::WalkData;
use spanwalk_model::{
    Attributes, LogRecord, Resource, Scope, Scoped, Severity, Span, SpanId, StatusCode, TraceId,
    TraceItems, Value,
};

const START_NS: u64 = 1_700_000_000_000_000_000;
const SIZE: (u16, u16) = (200, 50);
/// Spans of each trace, and the calls of its root.
const TRACES: [(&str, u64); 4] = [("1k", 1), ("10k", 10), ("100k", 100), ("1M", 1_000)];

fn trace_id() -> TraceId {
    TraceId::from_u128(0x4bf9_2f35_77b3_4da6).unwrap_or_else(|| unreachable!())
}

/// Which operation a span is: one of forty, and the same one for half of the innermost calls.
fn operation(number: u64, depth: usize) -> u64 {
    if depth == 3 && number % 100 < 50 {
        0
    } else {
        number % 40
    }
}

fn items(calls: u64) -> TraceItems {
    let resources: Vec<Arc<Resource>> = (0..12)
        .map(|number| {
            let mut attributes = Attributes::new();
            attributes.push("service.name", format!("service-{number}"));
            Arc::new(Resource {
                attributes,
                ..Resource::default()
            })
        })
        .collect();
    let scope = Arc::new(Scope::default());
    let mut items = TraceItems::default();
    let mut numbers = 1u64..;
    let mut services = resources.iter().cycle();
    let mut add = |parent: u64, start: u64, end: u64, depth: usize| -> u64 {
        let number = numbers.next().unwrap_or(u64::MAX);
        let Some(id) = SpanId::from_u64(number) else {
            return 0;
        };
        let Some(resource) = services.next() else {
            return 0;
        };
        let mut span = Span::new(trace_id(), id);
        span.parent_span_id = SpanId::from_u64(parent);
        span.name = format!("operation {} of level {depth}", operation(number, depth));
        span.start_ns = START_NS + start;
        span.end_ns = START_NS + end;
        span.attributes
            .push("http.route", format!("/path/{}", number % 100));
        span.attributes.push("row", number.cast_signed());
        if number.is_multiple_of(1_000) {
            span.status.code = StatusCode::Error;
        }
        if number.is_multiple_of(10) {
            items.logs.push(Scoped {
                item: LogRecord {
                    time_ns: START_NS + start + 1,
                    severity: Severity(9),
                    body: Some(Value::from(format!("row {number} was read"))),
                    trace_id: Some(trace_id()),
                    span_id: Some(id),
                    ..LogRecord::default()
                },
                resource: Arc::clone(resource),
                scope: Arc::clone(&scope),
            });
        }
        items.spans.push(Scoped {
            item: span,
            resource: Arc::clone(resource),
            scope: Arc::clone(&scope),
        });
        number
    };
    let root = add(0, 0, calls * 100_000_000, 0);
    for call in 0..calls {
        let from = call * 100_000_000;
        let outer = add(root, from, from + 99_000_000, 1);
        for inner in 0..10 {
            let from = from + inner * 9_000_000;
            let middle = add(outer, from, from + 8_900_000, 2);
            for leaf in 0..100 {
                let from = from + leaf * 80_000;
                add(middle, from, from + 70_000, 3);
            }
        }
    }
    items
}

/// A UI that shows nothing yet, and the request it waits for.
fn waiting(calls: u64) -> (State, Message) {
    let place = Place::trace(trace_id());
    let options = Options {
        color: true,
        ..Options::default()
    };
    let mut state = State::new(&place, &options, TimeZone::UTC, SIZE);
    let effects = update(&mut state, START_NS, Message::Continued);
    let request = effects.iter().find_map(|effect| match effect {
        Effect::Trace { request, .. } => Some(*request),
        _ => None,
    });
    let data = Arc::new(WalkData::new(items(calls)));
    let answer = Message::Answer(
        request.unwrap_or_else(|| unreachable!()),
        Reply::Trace(data),
    );
    (state, answer)
}

fn terminal() -> Terminal<TestBackend> {
    Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).unwrap_or_else(|error| match error {})
}

fn opened(calls: u64) -> State {
    let (mut state, answer) = waiting(calls);
    update(&mut state, START_NS, answer);
    state
}

fn paint(terminal: &mut Terminal<TestBackend>, state: &State) {
    let frame = terminal.draw(|frame| view(state, frame));
    let _ = black_box(frame.is_ok());
}

fn press(state: &mut State, key: &str) {
    if let Ok(key) = key.parse() {
        black_box(update(state, START_NS, Message::Key(key)));
    }
}

fn open(criterion: &mut Criterion) {
    for (name, calls) in TRACES {
        let items = items(calls);
        let mut terminal = terminal();
        criterion.bench_function(&format!("{name}: open to first paint"), |bencher| {
            bencher.iter_batched(
                || {
                    let place = Place::trace(trace_id());
                    let mut state = State::new(&place, &Options::default(), TimeZone::UTC, SIZE);
                    let effects = update(&mut state, START_NS, Message::Continued);
                    (state, effects, items.clone())
                },
                |(mut state, effects, items)| {
                    let data = Arc::new(WalkData::new(items));
                    for effect in effects {
                        if let Effect::Trace { request, .. } = effect {
                            let reply = Reply::Trace(Arc::clone(&data));
                            update(&mut state, START_NS, Message::Answer(request, reply));
                        }
                    }
                    paint(&mut terminal, &state);
                    state
                },
                BatchSize::PerIteration,
            );
        });
    }
}

fn moves(criterion: &mut Criterion) {
    for (size, calls) in TRACES {
        let mut state = opened(calls);
        let mut terminal = terminal();
        // Everything unfolded is the worst case.
        press(&mut state, "z");
        for (name, key) in [
            ("next event", "n"),
            ("next row", "j"),
            ("page down", "pgdn"),
            ("next error", "e"),
            ("fold one", "enter"),
            ("fold or unfold all", "z"),
            ("zoom to a span", "Z"),
            ("causal list or tree", "t"),
        ] {
            press(&mut state, "g");
            criterion.bench_function(&format!("{size}: {name} and paint"), |bencher| {
                bencher.iter(|| {
                    press(&mut state, key);
                    paint(&mut terminal, &state);
                });
            });
        }
    }
}

fn find(criterion: &mut Criterion) {
    for (size, calls) in TRACES {
        let mut state = opened(calls);
        let mut terminal = terminal();
        criterion.bench_function(&format!("{size}: find a text and paint"), |bencher| {
            bencher.iter(|| {
                press(&mut state, "/");
                for character in "99999".chars() {
                    press(&mut state, character.encode_utf8(&mut [0; 4]));
                }
                press(&mut state, "enter");
                paint(&mut terminal, &state);
                press(&mut state, "esc");
            });
        });
    }
}

criterion_group! {
    name = paints;
    config = Criterion::default().sample_size(10);
    targets = open, moves, find
}
criterion_main!(paints);
