//! What is sent is acknowledged, counted, and found again, over every protocol.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message;
use serde_json::{Value, json};
use spanwalk_harness::{
    Api, Collector, DataDir, Grpc, Http, Listener, logs_request, now_ns, spans_request,
};

use crate::shop::{Checkout, DECLINED, LOGS, SPANS, hex};

/// Everything that can be asked for one checkout gives it, and nothing else is stored.
#[track_caller]
fn is_found(api: &Api, checkout: &Checkout) {
    let id = checkout.id();
    for query in [
        "",
        "service:payment status:error",
        "payment.card:visa",
        "\"card declined\"",
    ] {
        let found = api.search(query);
        let [trace] = found.traces.as_slice() else {
            panic!("`{query}` finds {:?}", found.traces);
        };
        assert_eq!(trace.trace_id, id);
        assert_eq!((trace.span_count, trace.error_span_count), (SPANS, 1));
        assert_eq!((trace.log_count, trace.error_log_count), (LOGS, 1));
        assert_eq!(
            (found.completeness.matched, found.completeness.estimate),
            (1, false)
        );
    }
    assert!(api.search("service:shipping").traces.is_empty());

    let document = api.trace(&id).expect("the trace is there by its id");
    assert_eq!(span_ids(&document).len(), 3, "{document}");
    assert!(api.trace("0123456789abcdef0123456789abcdef").is_none());

    let logs = api.logs(&format!("trace:{id}"));
    let bodies: Vec<_> = logs.iter().map(|log| log.body.as_str()).collect();
    assert_eq!(bodies, [DECLINED, "checkout begins"], "newest first");
    let declined = logs.first().unwrap();
    assert_eq!(
        (declined.level.as_str(), declined.service.as_str()),
        ("error", "payment")
    );
    assert_eq!(
        declined.span_id.as_deref(),
        Some(hex(&checkout.payment[0].span).as_str())
    );

    let status = api.status();
    let stored = &status.stored;
    assert_eq!((stored.spans, stored.log_records), (SPANS, LOGS));
    assert_eq!((stored.traces, stored.services), (1, 2));
    assert_eq!(status.received.get("spans"), Some(&SPANS));
    assert_eq!(status.received.get("log_records"), Some(&LOGS));
    assert_eq!(status.dropped.values().sum::<u64>(), 0);
}

/// The ids of all spans of an OTLP/JSON document.
fn span_ids(document: &Value) -> Vec<&str> {
    let list = |value: &'_ Value, key: &str| value[key].as_array().cloned().unwrap_or_default();
    let count = list(document, "resourceSpans")
        .iter()
        .flat_map(|resource| list(resource, "scopeSpans"))
        .map(|scope| list(&scope, "spans").len())
        .sum();
    let mut ids = Vec::with_capacity(count);
    collect_ids(document, &mut ids);
    assert_eq!(ids.len(), count);
    ids
}

fn collect_ids<'d>(value: &'d Value, ids: &mut Vec<&'d str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect_ids(item, ids)),
        Value::Object(fields) => {
            if fields.contains_key("startTimeUnixNano") {
                ids.extend(fields.get("spanId").and_then(Value::as_str));
            }
            fields.values().for_each(|field| collect_ids(field, ids));
        }
        _ => {}
    }
}

#[test]
fn what_comes_over_grpc_is_found_as_soon_as_it_is_acknowledged() {
    let data = DataDir::new();
    let collector = Collector::start(&data.path());
    let checkout = Checkout::new();
    checkout.send(&Grpc::connect(collector.url(Listener::OtlpGrpc)));
    is_found(&collector.api(), &checkout);
    collector.stop();
}

#[test]
fn what_comes_over_http_as_protobuf_is_found_as_soon_as_it_is_acknowledged() {
    let data = DataDir::new();
    let collector = Collector::start(&data.path());
    let checkout = Checkout::new();
    let http = Http::new(collector.url(Listener::OtlpHttp));
    let answers = [
        http.spans(&spans_request("gateway", &checkout.gateway)),
        http.spans(&spans_request("payment", &checkout.payment)),
        http.logs(&logs_request("gateway", &checkout.gateway_logs)),
        http.logs(&logs_request("payment", &checkout.payment_logs)),
    ];
    for answer in answers {
        let answer = answer.unwrap();
        assert_eq!(
            (answer.status, answer.content_type.as_str()),
            (200, "application/x-protobuf")
        );
    }
    is_found(&collector.api(), &checkout);
    collector.stop();
}

#[test]
fn what_comes_over_http_as_json_is_found_as_soon_as_it_is_acknowledged() {
    let data = DataDir::new();
    let collector = Collector::start(&data.path());
    let checkout = Checkout::new();
    let http = Http::new(collector.url(Listener::OtlpHttp));
    let resource = |service: &str| json!({"attributes": [{"key": "service.name", "value": {"stringValue": service}}]});
    let span = |step: &spanwalk_harness::Step| {
        let attributes: Vec<_> = step
            .attributes
            .iter()
            .map(|(key, value)| json!({"key": key, "value": {"stringValue": value}}))
            .collect();
        json!({
            "traceId": hex(&step.trace),
            "spanId": hex(&step.span),
            "parentSpanId": step.parent.map(|id| hex(&id)).unwrap_or_default(),
            "name": step.name,
            "kind": 2,
            "startTimeUnixNano": step.start_ns.to_string(),
            "endTimeUnixNano": (step.start_ns + step.duration_ns).to_string(),
            "status": if step.error.is_some() { json!({"code": 2}) } else { json!({}) },
            "attributes": attributes,
        })
    };
    let record = |record: &spanwalk_harness::Record, severity: u8| {
        json!({
            "timeUnixNano": record.time_ns.to_string(),
            "severityNumber": severity,
            "body": {"stringValue": record.body},
            "traceId": hex(&record.trace),
            "spanId": hex(&record.span),
        })
    };
    let spans = json!({"resourceSpans": [
        {"resource": resource("gateway"),
         "scopeSpans": [{"spans": checkout.gateway.iter().map(span).collect::<Vec<_>>()}]},
        {"resource": resource("payment"),
         "scopeSpans": [{"spans": checkout.payment.iter().map(span).collect::<Vec<_>>()}]},
    ]});
    let logs = json!({"resourceLogs": [
        {"resource": resource("gateway"),
         "scopeLogs": [{"logRecords": [record(&checkout.gateway_logs[0], 9)]}]},
        {"resource": resource("payment"),
         "scopeLogs": [{"logRecords": [record(&checkout.payment_logs[0], 17)]}]},
    ]});
    for (path, body) in [("/v1/traces", spans), ("/v1/logs", logs)] {
        let answer = http.json(path, &body).unwrap();
        assert_eq!(
            (answer.status, answer.content_type.as_str()),
            (200, "application/json")
        );
        serde_json::from_slice::<Value>(&answer.body).expect("the answer is JSON too");
    }
    is_found(&collector.api(), &checkout);
    collector.stop();
}

#[test]
fn one_bad_span_is_rejected_by_itself_and_its_neighbours_are_stored() {
    let data = DataDir::new();
    let collector = Collector::start(&data.path());
    let mut checkout = Checkout::new();
    let mut nameless = checkout.gateway[0].clone();
    nameless.trace = [0; 16];
    checkout.gateway.push(nameless);
    let http = Http::new(collector.url(Listener::OtlpHttp));
    let answer = http
        .spans(&spans_request("gateway", &checkout.gateway))
        .unwrap();
    assert_eq!(answer.status, 200);
    let answer = ExportTraceServiceResponse::decode(answer.body.as_slice()).unwrap();
    let partial = answer.partial_success.expect("a partial success");
    assert_eq!(partial.rejected_spans, 1);
    assert!(!partial.error_message.is_empty(), "it says why");
    let status = collector.api().status();
    assert_eq!(status.stored.spans, 2);
    assert_eq!(status.rejected.values().sum::<u64>(), 1);
    collector.stop();
}

#[test]
fn what_is_no_otlp_is_refused_and_the_collector_goes_on() {
    let data = DataDir::new();
    let collector = Collector::start(&data.path());
    let http = Http::new(collector.url(Listener::OtlpHttp));
    for (content_type, body) in [
        ("application/x-protobuf", &b"\xff\xff\xff\xff\xff"[..]),
        ("application/json", b"{\"resourceSpans\": 7}"),
        ("application/json", b"{"),
    ] {
        let answer = http
            .post("/v1/traces", content_type, body.to_vec())
            .unwrap();
        assert_eq!(answer.status, 400, "{content_type} {body:?}: {answer:?}");
    }
    let answer = http
        .post("/v1/traces", "text/plain", b"spans".to_vec())
        .unwrap();
    assert_eq!(answer.status, 415);
    let checkout = Checkout::new();
    checkout.send(&Grpc::connect(collector.url(Listener::OtlpGrpc)));
    assert_eq!(collector.api().status().stored.spans, SPANS);
    collector.stop();
}

#[test]
fn times_of_any_age_are_kept_and_found_by_time() {
    let data = DataDir::new();
    let collector = Collector::start(&data.path());
    let grpc = Grpc::connect(collector.url(Listener::OtlpGrpc));
    let hour_ns = 3_600_000_000_000;
    let mut ids = Vec::new();
    for age_ns in [0, 5 * hour_ns, 400 * 24 * hour_ns] {
        let mut checkout = Checkout::new();
        for step in checkout.gateway.iter_mut().chain(&mut checkout.payment) {
            step.start_ns = now_ns() - age_ns - 1_000_000_000;
        }
        checkout.send(&grpc);
        ids.push(checkout.id());
    }
    let found = |query: &str| -> Vec<String> {
        let traces = collector.api().search_all(query);
        traces.into_iter().map(|trace| trace.trace_id).collect()
    };
    assert_eq!(found(""), ids, "newest first");
    assert_eq!(found("since:1h"), ids[..1]);
    assert_eq!(found("to:now-1h"), ids[1..]);
    assert_eq!(found("from:now-6h to:now-1h"), ids[1..2]);
    collector.stop();
}
