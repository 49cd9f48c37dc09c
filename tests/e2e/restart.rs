//! What was acknowledged is there after every kind of end, and there once.
//!
//! `SPANWALK_RESTART_CYCLES` sets how often the collector is ended and started again over one
//! directory; the default is a short form.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use spanwalk_harness::{
    Collector, DataDir, Grpc, Http, Listener, Record, Step, eventually, logs_request, spans_request,
};

use crate::shop::{Checkout, DECLINED, LOGS, SPANS};

/// Which trace was sent with how many of its requests acknowledged, in the order they are sent.
type Sent = Mutex<BTreeMap<String, usize>>;

/// Requests of one checkout.
const REQUESTS: usize = 4;
/// Checkouts acknowledged in each cycle before the collector is ended.
const PER_CYCLE: usize = 40;

fn cycles() -> usize {
    let given = env::var("SPANWALK_RESTART_CYCLES").ok();
    given.map_or(3, |text| {
        text.parse().expect("SPANWALK_RESTART_CYCLES is a number")
    })
}

/// One of the requests of a checkout.
enum Request<'c> {
    Spans(&'static str, &'c [Step]),
    Logs(&'static str, &'c [Record]),
}

/// Sends new checkouts, request after request, and notes each that was acknowledged, until one
/// is not or it is over. `deliver` says whether the request was acknowledged.
fn send(sent: &Sent, is_over: &AtomicBool, deliver: impl Fn(&Request<'_>) -> bool) {
    loop {
        let checkout = Checkout::new();
        let requests: [_; REQUESTS] = [
            Request::Spans("gateway", &checkout.gateway),
            Request::Spans("payment", &checkout.payment),
            Request::Logs("gateway", &checkout.gateway_logs),
            Request::Logs("payment", &checkout.payment_logs),
        ];
        let note = |acknowledged_count| {
            sent.lock()
                .unwrap()
                .insert(checkout.id(), acknowledged_count);
        };
        note(0);
        for (request, acknowledged_count) in requests.iter().zip(1..) {
            if !deliver(request) {
                return;
            }
            note(acknowledged_count);
        }
        if is_over.load(Ordering::Relaxed) {
            return;
        }
    }
}

fn over_grpc(grpc: &Grpc, request: &Request<'_>) -> bool {
    match request {
        Request::Spans(service, steps) => grpc.spans(spans_request(service, steps)).is_ok(),
        Request::Logs(service, records) => grpc.logs(logs_request(service, records)).is_ok(),
    }
}

fn over_http(http: &Http, request: &Request<'_>) -> bool {
    let answer = match request {
        Request::Spans(service, steps) => http.spans(&spans_request(service, steps)),
        Request::Logs(service, records) => http.logs(&logs_request(service, records)),
    };
    answer.is_ok_and(|answer| answer.status == 200)
}

/// Streams until `end` was called, which is when enough is acknowledged and senders are still
/// sending.
fn stream_until(collector: Collector, sent: &Sent, end: impl FnOnce(Collector)) {
    let is_over = AtomicBool::new(false);
    let before = complete(sent);
    thread::scope(|scope| {
        let is_over = &is_over;
        for _ in 0..2 {
            let grpc = Grpc::connect(collector.url(Listener::OtlpGrpc));
            scope.spawn(move || send(sent, is_over, |request| over_grpc(&grpc, request)));
        }
        let http = Http::new(collector.url(Listener::OtlpHttp));
        scope.spawn(move || send(sent, is_over, |request| over_http(&http, request)));
        eventually("enough acknowledged requests", || {
            (complete(sent) >= before + PER_CYCLE).then_some(())
        });
        end(collector);
        is_over.store(true, Ordering::Relaxed);
    });
}

/// Checkouts of which every request was acknowledged.
fn complete(sent: &Sent) -> usize {
    sent.lock()
        .unwrap()
        .values()
        .filter(|count| **count == REQUESTS)
        .count()
}

/// Holds that everything acknowledged is there, once, and nothing that was never sent.
#[track_caller]
fn hold(collector: &Collector, sent: &Sent) {
    let api = collector.api();
    let sent = sent.lock().unwrap();
    let traces = api.search_all("");
    let mut spans = 0;
    let mut logs = 0;
    for trace in &traces {
        let acknowledged = *sent
            .get(&trace.trace_id)
            .expect("nothing that was never sent");
        let (spans_least, logs_least) = match acknowledged {
            0 => (0, 0),
            1 => (2, 0),
            2 => (SPANS, 0),
            3 => (SPANS, 1),
            _ => (SPANS, LOGS),
        };
        // A request on its way may be there or not; one that was acknowledged is there once.
        assert!(
            (spans_least..=SPANS).contains(&trace.span_count),
            "{trace:?}"
        );
        assert!((logs_least..=LOGS).contains(&trace.log_count), "{trace:?}");
        spans += trace.span_count;
        logs += trace.log_count;
    }
    let found: BTreeSet<_> = traces.iter().map(|trace| trace.trace_id.as_str()).collect();
    let lost: Vec<_> = sent
        .iter()
        .filter(|(id, count)| **count > 0 && !found.contains(id.as_str()))
        .collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    let status = api.status();
    assert_eq!(
        (status.stored.spans, status.stored.log_records),
        (spans, logs)
    );
    assert_eq!(status.stored.traces, traces.len() as u64);
    assert_eq!(status.dropped.values().sum::<u64>(), 0);
    let bodies = api.logs("\"card declined\"");
    assert!(bodies.iter().all(|log| log.body == DECLINED));
    assert!(bodies.len() >= sent.values().filter(|count| **count == REQUESTS).count());
}

#[test]
fn everything_acknowledged_is_there_once_after_kill_9() {
    let data = DataDir::new();
    let sent = Sent::default();
    for _ in 0..cycles() {
        let collector = Collector::start(&data.path());
        hold(&collector, &sent);
        stream_until(collector, &sent, Collector::kill);
    }
    let collector = Collector::start(&data.path());
    hold(&collector, &sent);
    collector.stop();
}

#[test]
fn everything_acknowledged_is_there_once_after_a_stop_in_the_middle_of_requests() {
    let data = DataDir::new();
    let sent = Sent::default();
    for _ in 0..cycles() {
        let collector = Collector::start(&data.path());
        hold(&collector, &sent);
        stream_until(collector, &sent, Collector::stop);
    }
    let collector = Collector::start(&data.path());
    hold(&collector, &sent);
    collector.stop();
}

#[test]
fn answers_are_the_same_before_and_after_each_kind_of_end() {
    let data = DataDir::new();
    let collector = Collector::start(&data.path());
    let grpc = Grpc::connect(collector.url(Listener::OtlpGrpc));
    for _ in 0..25 {
        Checkout::new().send(&grpc);
    }
    let answers = |collector: &Collector| {
        let api = collector.api();
        let mut status = api.status().stored;
        status.bytes = 0;
        let traces = api.search_all("status:error");
        let walk = api.walk(&traces.first().expect("traces were sent").trace_id);
        (
            status,
            traces,
            api.logs("level:error"),
            api.services().services,
            walk,
        )
    };
    let before = answers(&collector);
    assert_eq!(before.1.len(), 25);
    collector.kill();
    let collector = Collector::start(&data.path());
    assert_eq!(answers(&collector), before, "after kill -9");
    collector.stop();
    let collector = Collector::start(&data.path());
    assert_eq!(answers(&collector), before, "after a stop");
    collector.stop();
}
