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
    Collector, DataDir, Grpc, Http, Listener, eventually, logs_request, spans_request,
};

use crate::shop::{Checkout, DECLINED, LOGS, SPANS};

/// Which trace was sent with how many requests of it acknowledged: spans of the gateway, spans
/// of the payment, log records of both.
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

/// Sends the requests of a checkout one after another, and notes each that was acknowledged;
/// false at the first that was not.
fn send_over_grpc(grpc: &Grpc, sent: &Sent) -> bool {
    let checkout = Checkout::new();
    let id = checkout.id();
    let note = |is_acknowledged: bool| {
        let mut sent = sent.lock().unwrap();
        *sent.entry(id.clone()).or_default() += usize::from(is_acknowledged);
        is_acknowledged
    };
    note(false);
    note(
        grpc.spans(spans_request("gateway", &checkout.gateway))
            .is_ok(),
    ) && note(
        grpc.spans(spans_request("payment", &checkout.payment))
            .is_ok(),
    ) && note(
        grpc.logs(logs_request("gateway", &checkout.gateway_logs))
            .is_ok(),
    ) && note(
        grpc.logs(logs_request("payment", &checkout.payment_logs))
            .is_ok(),
    )
}

fn send_over_http(http: &Http, sent: &Sent) -> bool {
    let checkout = Checkout::new();
    let id = checkout.id();
    let note = |is_acknowledged: bool| {
        let mut sent = sent.lock().unwrap();
        *sent.entry(id.clone()).or_default() += usize::from(is_acknowledged);
        is_acknowledged
    };
    let is_ok =
        |answer: Result<spanwalk_harness::Answer, _>| answer.is_ok_and(|it| it.status == 200);
    note(false);
    note(is_ok(
        http.spans(&spans_request("gateway", &checkout.gateway)),
    )) && note(is_ok(
        http.spans(&spans_request("payment", &checkout.payment)),
    )) && note(is_ok(
        http.logs(&logs_request("gateway", &checkout.gateway_logs)),
    )) && note(is_ok(
        http.logs(&logs_request("payment", &checkout.payment_logs)),
    ))
}

/// Streams until `end` was called, which is when enough is acknowledged and senders are still
/// sending.
fn stream_until(collector: Collector, sent: &Sent, end: impl FnOnce(Collector)) {
    let is_over = AtomicBool::new(false);
    let before = complete(sent);
    thread::scope(|scope| {
        for _ in 0..2 {
            let grpc = Grpc::connect(collector.url(Listener::OtlpGrpc));
            let is_over = &is_over;
            scope.spawn(
                move || {
                    while send_over_grpc(&grpc, sent) && !is_over.load(Ordering::Relaxed) {}
                },
            );
        }
        let http = Http::new(collector.url(Listener::OtlpHttp));
        scope.spawn(|| {
            let http = http;
            while send_over_http(&http, sent) && !is_over.load(Ordering::Relaxed) {}
        });
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
