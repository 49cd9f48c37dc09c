//! Both transports, over their routers, against a real store. The numbers name the items of
//! the OTLP specification's rules as `docs/otlp.md` lists them.

use std::io::Write;
use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{ALLOW, CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER};
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use prost::Message as _;
use tempfile::TempDir;
use tower::ServiceExt;

use super::{Receiver, ReceiverOptions};
use crate::admission::{Access, Budget};
use crate::redaction::{RedactionOptions, Redactor};
use crate::store::{self, OpenStore, StoreOptions};
use crate::telemetry::Telemetry;
use crate::wal::{DeliveryId, Signal};

const LIMIT: usize = 100_000;
const TRACES: &str = "/v1/traces";
const GRPC_TRACES: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

pub(super) struct World {
    pub(super) receiver: Receiver,
    pub(super) telemetry: Arc<Telemetry>,
    pub(super) budget: Budget,
    store: OpenStore,
    _directory: TempDir,
}

pub(super) fn world() -> World {
    let directory = tempfile::tempdir().unwrap();
    let store = store::open(directory.path(), StoreOptions::default()).unwrap();
    let telemetry = Arc::new(Telemetry::default());
    let budget = Budget::new(10 * LIMIT);
    let receiver = Receiver::new(ReceiverOptions {
        ingest: store.ingest(),
        budget: budget.clone(),
        telemetry: Arc::clone(&telemetry),
        request_bytes_max: LIMIT,
        access: Access::open(),
        redactor: Redactor::new(&RedactionOptions::default()),
    });
    World {
        receiver,
        telemetry,
        budget,
        store,
        _directory: directory,
    }
}

impl World {
    pub(super) fn span_count(&self) -> u64 {
        self.store.store().snapshot().stored().span_count
    }

    async fn http(&self, request: Request<Body>) -> Response {
        self.receiver.http_router().oneshot(request).await.unwrap()
    }

    async fn grpc(&self, path: &str, message: &[u8], encoding: Option<&str>) -> GrpcAnswer {
        let mut framed = vec![u8::from(encoding.is_some())];
        framed.extend_from_slice(&u32::try_from(message.len()).unwrap().to_be_bytes());
        framed.extend_from_slice(message);
        self.grpc_raw(path, framed, encoding).await
    }

    async fn grpc_raw(&self, path: &str, body: Vec<u8>, encoding: Option<&str>) -> GrpcAnswer {
        let mut request = Request::post(path).header(CONTENT_TYPE, "application/grpc");
        if let Some(encoding) = encoding {
            request = request.header("grpc-encoding", encoding);
        }
        let request = request.body(Body::from(body)).unwrap();
        let response = self.receiver.grpc_router().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap();
        let trailers = body.trailers().cloned().unwrap_or_default();
        let header = |name: &str| {
            let value = trailers.get(name).or_else(|| parts.headers.get(name));
            value.map(|value| value.to_str().unwrap().to_owned())
        };
        GrpcAnswer {
            code: header("grpc-status").unwrap().parse().unwrap(),
            message: header("grpc-message").unwrap_or_default(),
            details: header("grpc-status-details-bin"),
            body: body.to_bytes(),
        }
    }
}

#[derive(Debug)]
struct GrpcAnswer {
    code: u8,
    message: String,
    details: Option<String>,
    body: Bytes,
}

fn post(content_type: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post(TRACES)
        .header(CONTENT_TYPE, content_type)
        .body(body.into())
        .unwrap()
}

fn request_of(spans: Vec<Span>) -> Vec<u8> {
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            scope_spans: vec![ScopeSpans {
                spans,
                ..ScopeSpans::default()
            }],
            ..ResourceSpans::default()
        }],
    }
    .encode_to_vec()
}

fn span(number: u8) -> Span {
    Span {
        trace_id: vec![1; 16],
        span_id: vec![number; 8],
        name: "work".to_owned(),
        start_time_unix_nano: 1_700_000_000_000_000_000,
        end_time_unix_nano: 1_700_000_000_000_000_001,
        ..Span::default()
    }
}

async fn body_of(response: Response) -> Bytes {
    response.into_body().collect().await.unwrap().to_bytes()
}

pub(super) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn spans_in_protobuf_and_json_are_stored_before_the_answer() {
    let world = world();
    let response = world
        .http(post("application/x-protobuf", request_of(vec![span(1)])))
        .await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()[CONTENT_TYPE], "application/x-protobuf");
    // Full success leaves `partial_success` unset (items 21 and 9).
    assert!(body_of(response).await.is_empty());
    assert_eq!(world.span_count(), 1);

    let json = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[
        {"traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"EEE19B7EC3C1B174","name":"a"}]}]}]}"#;
    let response = world
        .http(post("Application/JSON; charset=utf-8", json))
        .await;
    assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
    assert_eq!(body_of(response).await, "{}");
    assert_eq!(world.span_count(), 2);
    assert_eq!(world.telemetry.counts().received["spans"], 2);
    assert_eq!(world.budget.held_bytes(), 0);
}

#[tokio::test]
async fn empty_requests_succeed() {
    let world = world();
    for (content_type, body) in [
        ("application/x-protobuf", ""),
        ("application/json", "{}"),
        ("application/json", r#"{"resourceSpans":[]}"#),
        (
            "application/json",
            r#"{"resourceSpans":[{"scopeSpans":[{}]}]}"#,
        ),
    ] {
        let response = world.http(post(content_type, body)).await;
        assert_eq!(response.status(), StatusCode::OK, "{body}");
    }
    let answer = world.grpc(GRPC_TRACES, &[], None).await;
    assert_eq!((answer.code, answer.body.len()), (0, 5));
}

#[tokio::test]
async fn bad_spans_are_rejected_one_by_one() {
    let world = world();
    let bad = Span {
        span_id: vec![0; 8],
        ..span(2)
    };
    let body = request_of(vec![span(1), bad, span(3)]);
    let response = world
        .http(post("application/x-protobuf", body.clone()))
        .await;
    assert_eq!(response.status(), StatusCode::OK);
    let answer = ExportTraceServiceResponse::decode(body_of(response).await).unwrap();
    let partial = answer.partial_success.unwrap();
    assert_eq!(partial.rejected_spans, 1);
    assert!(partial.error_message.contains("span id"), "{partial:?}");
    assert_eq!(world.span_count(), 2);

    let answer = world.grpc(GRPC_TRACES, &body, None).await;
    let message = ExportTraceServiceResponse::decode(&answer.body[5..]).unwrap();
    assert_eq!(message.partial_success.unwrap().rejected_spans, 1);
    assert_eq!(world.telemetry.counts().rejected["invalid_span_id"], 2);
}

#[tokio::test]
async fn limits_hold_to_the_byte_with_every_encoding() {
    let world = world();
    let with_bytes = |bytes: usize| {
        let mut body = request_of(vec![span(1)]);
        // An unknown field of the request fills it up: two bytes of tag, three of length.
        let fill = bytes - body.len() - 5;
        body.extend_from_slice(&[0xFA, 0x7F]);
        let digit = |shift: usize| u8::try_from(fill >> shift & 0x7F).unwrap();
        body.extend([digit(0) | 0x80, digit(7) | 0x80, digit(14)]);
        body.resize(bytes, 0);
        body
    };
    for (bytes, is_taken) in [(LIMIT - 1, true), (LIMIT, true), (LIMIT + 1, false)] {
        let body = with_bytes(bytes);
        let zstd = zstd::encode_all(body.as_slice(), 1).unwrap();
        let expected = if is_taken {
            StatusCode::OK
        } else {
            StatusCode::PAYLOAD_TOO_LARGE
        };
        for (encoding, sent) in [
            ("identity", body.clone()),
            ("gzip", gzip(&body)),
            ("zstd", zstd),
        ] {
            let mut request = post("application/x-protobuf", sent.clone());
            request
                .headers_mut()
                .insert(CONTENT_ENCODING, encoding.parse().unwrap());
            let response = world.http(request).await;
            assert_eq!(response.status(), expected, "{encoding} {bytes}");
            let named = (encoding != "identity").then_some(encoding);
            let answer = world.grpc(GRPC_TRACES, &sent, named).await;
            assert_eq!(answer.code, if is_taken { 0 } else { 8 }, "{answer:?}");
            // Without `RetryInfo`, so that it is not sent again (item 16).
            assert_eq!(answer.details, None);
        }
    }
    assert_eq!(world.budget.held_bytes(), 0);
}

#[tokio::test]
async fn a_declared_length_beyond_the_limit_is_refused_before_the_body() {
    let world = world();
    let never = futures_util::stream::pending::<Result<Bytes, std::io::Error>>();
    let mut request = post("application/x-protobuf", Body::from_stream(never));
    request
        .headers_mut()
        .insert("content-length", (LIMIT + 1).into());
    let response = world.http(request).await;
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn what_cannot_be_decoded_is_refused_for_good_with_a_status() {
    let world = world();
    for (content_type, body, status) in [
        ("application/x-protobuf", "\u{a}", StatusCode::BAD_REQUEST),
        ("application/json", "{} x", StatusCode::BAD_REQUEST),
        ("application/json", "\u{feff}{}", StatusCode::BAD_REQUEST),
        ("text/plain", "{}", StatusCode::UNSUPPORTED_MEDIA_TYPE),
    ] {
        let response = world.http(post(content_type, body)).await;
        assert_eq!(response.status(), status, "{body}");
        let is_json = response.headers()[CONTENT_TYPE] == "application/json";
        let body = body_of(response).await;
        if is_json {
            let status: serde_json::Value = serde_json::from_slice(&body).unwrap();
            assert!(!status["message"].as_str().unwrap().is_empty());
        } else {
            // Field 1 is the code, field 2 the message.
            assert_eq!(&body[..2], &[8, 3]);
        }
    }
    let answer = world.grpc(GRPC_TRACES, b"\x0a", None).await;
    assert_eq!(answer.code, 3, "{answer:?}");
    let answer = world.grpc(GRPC_TRACES, b"no gzip", Some("gzip")).await;
    assert_eq!(answer.code, 3, "{answer:?}");
    let answer = world.grpc(GRPC_TRACES, b"x", Some("br")).await;
    assert_eq!(answer.code, 12, "{answer:?}");
}

#[tokio::test]
async fn grpc_frames_that_are_cut_or_too_many_are_refused() {
    let world = world();
    for body in [
        vec![],
        vec![0, 0, 0],
        vec![0, 0, 0, 0, 9, 1],
        vec![0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        vec![2, 0, 0, 0, 0],
    ] {
        let answer = world.grpc_raw(GRPC_TRACES, body.clone(), None).await;
        assert_eq!(answer.code, 3, "{body:?} {answer:?}");
    }
    let answer = world
        .grpc_raw(GRPC_TRACES, vec![0, 255, 255, 255, 255], None)
        .await;
    assert_eq!(answer.code, 8);
    let answer = world.grpc("/some.Service/Method", &[], None).await;
    assert_eq!(answer.code, 12);
    assert!(answer.message.contains("some.Service"));
}

#[tokio::test]
async fn other_methods_and_paths_say_what_is_there() {
    let world = world();
    let request = Request::get(TRACES).body(Body::empty()).unwrap();
    let response = world.http(request).await;
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(response.headers()[ALLOW], "POST");
    let request = Request::post("/v1/nothing").body(Body::empty()).unwrap();
    let response = world.http(request).await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    let body = String::from_utf8(body_of(response).await.to_vec()).unwrap();
    assert!(body.contains("/v1/traces"), "{body}");
}

#[tokio::test]
async fn without_room_the_sender_is_told_when_to_come_back() {
    let world = world();
    let _all = world.budget.admit(10 * LIMIT).unwrap();
    let body = request_of(vec![span(1)]);
    let response = world
        .http(post("application/x-protobuf", body.clone()))
        .await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    let seconds: u64 = response.headers()[RETRY_AFTER]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=30).contains(&seconds));
    let answer = world.grpc(GRPC_TRACES, &body, None).await;
    assert_eq!(answer.code, 14);
    assert!(answer.details.is_some());
    assert_eq!(world.span_count(), 0);
    assert_eq!(world.telemetry.counts().refused["overloaded"], 2);
}

#[tokio::test]
async fn after_the_stop_requests_are_refused_for_now() {
    let world = world();
    let receiver = world.receiver.clone();
    world.store.stop().unwrap();
    let request = post("application/x-protobuf", request_of(vec![span(1)]));
    let response = receiver.http_router().oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn metrics_are_answered_and_said_not_to_be_kept() {
    let world = world();
    let request = Request::post("/v1/metrics")
        .header(CONTENT_TYPE, "application/json")
        .body(Body::from(
            r#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[{},{}]}}]}]}]}"#,
        ))
        .unwrap();
    let response = world.http(request).await;
    assert_eq!(response.status(), StatusCode::OK);
    let body: serde_json::Value = serde_json::from_slice(&body_of(response).await).unwrap();
    assert_eq!(body["partialSuccess"]["rejectedDataPoints"], "2");
    let path = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";
    assert_eq!(world.grpc(path, &[], None).await.code, 0);
}

#[tokio::test]
async fn a_delivery_counts_once() {
    let world = world();
    let body = request_of(vec![span(1), span(2)]);
    for (known, stored) in [(false, 2), (true, 0)] {
        let imported = world
            .receiver
            .import(
                Signal::Spans,
                DeliveryId(7),
                &http::HeaderMap::new(),
                Body::from(body.clone()),
            )
            .await
            .unwrap();
        assert_eq!((imported.known, imported.stored), (known, stored));
    }
    assert_eq!(world.span_count(), 2);
}

#[tokio::test]
async fn log_records_without_any_time_get_that_of_their_arrival() {
    let world = world();
    let before = crate::clock::now_ns();
    let request = Request::post("/v1/logs")
        .header(CONTENT_TYPE, "application/json")
        .body(Body::from(
            r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"a"}}]}]}]}"#,
        ))
        .unwrap();
    assert_eq!(world.http(request).await.status(), StatusCode::OK);
    assert!(world.store.store().snapshot().newest_ns() >= before);
}
