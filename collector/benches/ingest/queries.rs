//! Named queries over a store that is at rest.

use std::path::Path;
use std::time::{Duration, Instant};

use spanwalk_collector::clock::Deadline;
use spanwalk_collector::engine::Engine;
use spanwalk_collector::store::{StoreOptions, open};
use spanwalk_model::{Scoped, Span};
use spanwalk_query::parse;

/// How often each query is asked after its first time.
const REPEATS: usize = 60;
/// A slow query is asked less often, after this long, but at least this many times.
const TIME_MAX: Duration = Duration::from_secs(5);
const REPEATS_MIN: usize = 5;
/// Hits of a page.
const PAGE: usize = 20;

/// How long the answers to one query took.
pub(crate) struct Timed {
    pub(crate) name: &'static str,
    /// The first answer, with nothing read before.
    pub(crate) first: Duration,
    /// Later answers, sorted.
    pub(crate) warm: Vec<Duration>,
    /// Hits of the last answer, and items read for it.
    pub(crate) hits: usize,
    pub(crate) scanned: u64,
}

/// A query for traces: `%` stands for a number that differs from one question to the next.
const TRACES: [(&str, &str); 10] = [
    ("newest traces", ""),
    ("service, newest 20", "service:service-7"),
    ("status error, newest 20", "status:error"),
    ("attribute = value of 20 k", "enduser.id:user-%"),
    ("attribute = value of 200", "app.tenant:tenant-%"),
    ("http.route = value", "http.route:/api/7/{id}"),
    (
        "service, name, duration > 20 ms",
        "service:service-7 name:\"GET /api/3/{id}\" duration:>20ms",
    ),
    (
        "service, name, duration > 200 ms",
        "service:service-7 name:\"GET /api/3/{id}\" duration:>200ms",
    ),
    ("words of events", "\"is locked\" item"),
    ("a wildcard", "url.path:/api/7/12*"),
];

/// A query for log records.
const LOGS: [(&str, &str); 5] = [
    ("log text, a common word", "payment"),
    ("log text, two words", "payment rejected"),
    ("log text, a phrase", "\"sent to the queue on behalf\""),
    ("log text, a rare word", "user-1%"),
    ("log level and service", "level:error service:service-3"),
];

/// Asks everything; `sample` are spans that are stored.
pub(crate) fn ask(directory: &Path, sample: &[Scoped<Span>], has_logs: bool) -> Vec<Timed> {
    let store = open(directory, StoreOptions::default()).expect("the data directory");
    let engine = Engine::new(store.store());
    let mut timed = Vec::new();
    let traces: Vec<_> = sample.iter().map(|span| span.item.trace_id).collect();
    timed.push(time("trace by id", |number| {
        let id = traces.get(number % traces.len()).expect("a trace");
        let items = engine.trace(*id).expect("readable").expect("stored");
        (items.spans.len(), 1)
    }));
    for (name, text) in TRACES {
        timed.push(time(name, |number| {
            let query = parse(&text.replace('%', &number.to_string()), 0).expect("a query");
            let page = engine
                .search(&query, PAGE, None, Deadline::NEVER)
                .expect("readable");
            (page.hits.len(), page.facts.scanned)
        }));
    }
    let requests: Vec<_> = sample
        .iter()
        .filter_map(|span| span.item.attributes.get_str("request.id"))
        .collect();
    if !requests.is_empty() {
        timed.push(time("attribute = unique value", |number| {
            let request = requests.get(number % requests.len()).expect("a request");
            let query = parse(&format!("request.id:{request}"), 0).expect("a query");
            let page = engine
                .search(&query, PAGE, None, Deadline::NEVER)
                .expect("readable");
            assert_eq!(page.hits.len(), 1, "{request}");
            (page.hits.len(), page.facts.scanned)
        }));
    }
    for (name, text) in LOGS.into_iter().filter(|_| has_logs) {
        timed.push(time(name, |number| {
            let query = parse(&text.replace('%', &number.to_string()), 0).expect("a query");
            let page = engine
                .logs(&query, PAGE, None, Deadline::NEVER)
                .expect("readable");
            (page.logs.len(), page.facts.scanned)
        }));
    }
    timed.push(time("services and totals", |_| {
        (engine.services().len(), engine.stored().span_count)
    }));
    timed
}

fn time(name: &'static str, mut ask: impl FnMut(usize) -> (usize, u64)) -> Timed {
    let mut once = |number: usize| {
        let began = Instant::now();
        let found = ask(number);
        (began.elapsed(), found)
    };
    let (first, _) = once(0);
    let mut warm = Vec::with_capacity(REPEATS);
    let mut last = (0, 0);
    let began = Instant::now();
    for number in 1..=REPEATS {
        if number > REPEATS_MIN && began.elapsed() > TIME_MAX {
            break;
        }
        let (took, found) = once(number);
        warm.push(took);
        last = found;
    }
    warm.sort_unstable();
    Timed {
        name,
        first,
        warm,
        hits: last.0,
        scanned: last.1,
    }
}
