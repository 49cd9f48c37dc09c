//! Items 25 to 33: what is said of a request that was not taken.

use std::sync::Arc;

use axum::body::Body;
use bytes::Bytes;
use http::Request;
use http::header::CONTENT_TYPE;
use http_body_util::BodyExt;
use spanwalk_collector::admission::{Access, Budget};
use spanwalk_collector::receiver::{Receiver, ReceiverOptions};
use spanwalk_collector::redaction::{RedactionOptions, Redactor};
use spanwalk_collector::store::{self, OpenStore, StoreOptions};
use spanwalk_collector::telemetry::Telemetry;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tower::ServiceExt;

use super::answer::Answer;
use super::world::{Signal, Transport, World, framed};
use crate::senders::spans;
use crate::{start, status};

/// What can never be decoded.
fn broken(transport: Transport) -> &'static [u8] {
    match transport {
        Transport::Grpc | Transport::Protobuf => b"\x0a",
        Transport::Json => br#"{"resourceSpans":7}"#,
    }
}

pub(super) async fn item_25(transport: Transport) {
    let world = World::start(transport).await;
    let answer = world.send(Signal::Traces, broken(transport)).await;
    answer.assert_refused(400, 3);
    let details = answer.status().details;
    assert_eq!(details.len(), 1, "{details:?}");
    assert_eq!(
        details[0].type_url,
        "type.googleapis.com/google.rpc.BadRequest"
    );
    let told = String::from_utf8_lossy(&details[0].value).into_owned();
    assert!(told.contains("body") && told.contains("byte"), "{told}");
    world.stop().await;
}

/// Bytes of the largest request where the room is scarce.
const LARGEST: usize = 400_000;
/// Bytes that need more room than is left.
const TOO_MUCH_NOW: usize = 300_000;

/// A world with little room left: requests that never end hold the rest.
async fn full_world(transport: Transport) -> (World, Vec<TcpStream>) {
    let world = World::with(transport, |config| {
        config.request_bytes_max = LARGEST;
        config.in_flight_bytes_max = 2 * LARGEST + 200_000;
    })
    .await;
    let ready = world.running.ready();
    let http = ready.listeners.iter().find(|it| it.name == "otlp_http");
    let address = &http.unwrap().address;
    let mut held = Vec::new();
    for _ in 0..2 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!(
            "POST /v1/traces HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {LARGEST}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        held.push(stream);
    }
    while status(&world.running).await.in_flight_bytes < 2 * LARGEST as u64 {
        tokio::task::yield_now().await;
    }
    (world, held)
}

/// Every way to be refused that a sender can bring about, and whether it should try again.
async fn refusals(transport: Transport) -> Vec<(Answer, bool)> {
    let (world, _held) = full_world(transport).await;
    let large = vec![0; LARGEST + 1];
    let gzipped = super::gzip(&large);
    let mut refusals = Vec::new();
    for (body, encoding, is_retryable) in [
        (broken(transport), None, false),
        (large.as_slice(), None, false),
        (b"x", Some("br"), false),
        (b"no gzip", Some("gzip"), false),
        // There is no room now for what comes out of it, or for the body as it is.
        (&gzipped, Some("gzip"), true),
        (&vec![0; TOO_MUCH_NOW], None, true),
    ] {
        let answer = world.send_encoded(Signal::Traces, body, encoding).await;
        refusals.push((answer, is_retryable));
    }
    let mut elsewhere = world.request(Signal::Traces, b"", None);
    let address = world.address();
    *elsewhere.uri_mut() = if transport.is_grpc() {
        format!("http://{address}/v1.Nothing/Export")
            .parse()
            .unwrap()
    } else {
        "/v1/nothing".parse().unwrap()
    };
    refusals.push((world.raw(elsewhere).await, false));
    refusals
}

pub(super) async fn item_26(transport: Transport) {
    for (answer, is_retryable) in refusals(transport).await {
        assert_eq!(answer.is_retryable(), is_retryable, "{answer:?}");
        assert_ne!(answer.http, 500);
    }
}

pub(super) async fn item_27(transport: Transport) {
    for (answer, is_retryable) in refusals(transport).await {
        assert_eq!(answer.is_retryable(), is_retryable, "{answer:?}");
        assert_eq!(answer.hint_s().is_some(), is_retryable, "{answer:?}");
    }
}

pub(super) async fn item_28(transport: Transport) {
    let (world, held) = full_world(transport).await;
    let message = vec![0; TOO_MUCH_NOW];
    let answer = world.send(Signal::Traces, &message).await;
    assert_eq!(answer.status().code, 14);
    assert!(transport.is_grpc() || answer.http == 503);
    assert!(answer.hint_s().is_some(), "{answer:?}");
    assert_eq!(status(&world.running).await.refused["overloaded"], 1);
    // Who needs little is served meanwhile, and the others when there is room again.
    let small = world.traces(&spans(1));
    world.send(Signal::Traces, &small).await.assert_whole();
    drop(held);
    while status(&world.running).await.in_flight_bytes > 0 {
        tokio::task::yield_now().await;
    }
    let answer = world.send(Signal::Traces, &message).await;
    assert!(!answer.is_retryable(), "{answer:?}");
    world.stop().await;
}

pub(super) async fn item_29(transport: Transport) {
    let (world, _held) = full_world(transport).await;
    let message = vec![0; TOO_MUCH_NOW];
    let mut hints = Vec::new();
    for _ in 0..60 {
        let answer = world.send(Signal::Traces, &message).await;
        hints.push(answer.hint_s().unwrap());
    }
    assert!(
        hints.iter().all(|hint| (1..=30).contains(hint)),
        "{hints:?}"
    );
    let early = hints.iter().take(5).max().unwrap();
    let late: std::collections::BTreeSet<_> = hints.iter().skip(30).collect();
    assert!(late.len() > 3, "they are spread: {hints:?}");
    assert!(
        late.iter().any(|hint| *hint > early),
        "they grow: {hints:?}"
    );
}

/// A receiver alone, whose store and bodies can be made to fail.
struct Bare {
    receiver: Receiver,
    telemetry: Arc<Telemetry>,
    store: OpenStore,
    _directory: tempfile::TempDir,
}

impl Bare {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = store::open(directory.path(), StoreOptions::default()).unwrap();
        let telemetry = Arc::new(Telemetry::default());
        Self {
            receiver: Receiver::new(ReceiverOptions {
                ingest: store.ingest(),
                budget: Budget::new(1 << 20),
                telemetry: Arc::clone(&telemetry),
                request_bytes_max: 1 << 20,
                access: Access::open(),
                redactor: Redactor::new(&RedactionOptions::default()),
            }),
            telemetry,
            store,
            _directory: directory,
        }
    }
}

async fn ask(receiver: &Receiver, transport: Transport, body: Body) -> Answer {
    let router = match transport {
        Transport::Grpc => receiver.grpc_router(),
        Transport::Protobuf | Transport::Json => receiver.http_router(),
    };
    let request = Request::post(Signal::Traces.path(transport))
        .header(CONTENT_TYPE, transport.content_type())
        .body(body)
        .unwrap();
    let response = router.oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap();
    let mut headers = parts.headers;
    headers.extend(body.trailers().cloned().unwrap_or_default());
    Answer::new(transport, parts.status, headers, body.to_bytes())
}

fn body_of(transport: Transport) -> Vec<u8> {
    match transport {
        Transport::Grpc => framed(&prost::Message::encode_to_vec(&spans(1)), false),
        Transport::Protobuf => prost::Message::encode_to_vec(&spans(1)),
        Transport::Json => super::json::one_span(""),
    }
}

pub(super) async fn item_30(transport: Transport) {
    let bare = Bare::new();
    // A store that takes nothing more, as it is after a failed write too.
    bare.store.stop().unwrap();
    let answer = ask(&bare.receiver, transport, body_of(transport).into()).await;
    assert_eq!(answer.status().code, 14);
    assert!(
        answer.is_retryable() && answer.hint_s().is_some(),
        "{answer:?}"
    );
    assert_eq!(bare.telemetry.counts().refused["store"], 1);
}

pub(super) async fn item_31(transport: Transport) {
    for (answer, _) in refusals(transport).await {
        let expected = match answer.status().code {
            3 => vec![400],
            8 => vec![413],
            12 => vec![404, 405, 415],
            14 => vec![503],
            other => panic!("code {other}"),
        };
        assert!(expected.contains(&answer.http.as_u16()), "{answer:?}");
    }
}

pub(super) async fn item_32(transport: Transport) {
    let bare = Bare::new();
    let panics = futures_util::stream::poll_fn(
        |_| -> std::task::Poll<Option<Result<Bytes, std::io::Error>>> { panic!("of this test") },
    );
    let answer = ask(&bare.receiver, transport, Body::from_stream(panics)).await;
    answer.assert_refused(500, 13);
    assert_eq!(bare.telemetry.counts().refused["internal"], 1);
    // And it goes on.
    let answer = ask(&bare.receiver, transport, body_of(transport).into()).await;
    answer.assert_whole();
    bare.store.stop().unwrap();
}

pub(super) async fn item_33(transport: Transport) {
    let world = World::start(transport).await;
    let address = world.address();
    let World {
        running, directory, ..
    } = world;
    let sending: Vec<_> = (1..=40)
        .map(|number| {
            let address = address.clone();
            tokio::spawn(async move { is_acknowledged(&address, transport, number).await })
        })
        .collect();
    running.stop().await.unwrap();
    assert!(TcpStream::connect(&address).await.is_err());
    let mut acknowledged = 0;
    for sent in sending {
        acknowledged += u64::from(sent.await.unwrap());
    }
    let running = start(directory.path()).await;
    assert!(status(&running).await.stored.spans >= acknowledged);
    running.stop().await.unwrap();
}

/// Sends one span; whether it was taken, told with a code that makes it come again, or not
/// told at all, which does the same.
async fn is_acknowledged(address: &str, transport: Transport, number: u32) -> bool {
    let client = reqwest::Client::builder();
    let client = if transport.is_grpc() {
        client.http2_prior_knowledge()
    } else {
        client
    };
    let message = prost::Message::encode_to_vec(&spans(number));
    let body = match transport {
        Transport::Grpc => framed(&message, false),
        Transport::Protobuf => message,
        Transport::Json => super::json::span_of(number, ""),
    };
    let path = Signal::Traces.path(transport);
    let sent = client
        .build()
        .unwrap()
        .post(format!("http://{address}{path}"))
        .header(CONTENT_TYPE, transport.content_type())
        .body(body)
        .send()
        .await;
    match sent {
        Err(_) => false,
        // A failure of gRPC is in the headers, where there is no message.
        Ok(response) if transport.is_grpc() => {
            let code = response.headers().get("grpc-status").cloned();
            assert!(code.is_none_or(|code| code == "14"));
            response.bytes().await.is_ok_and(|body| body.len() == 5)
        }
        Ok(response) => {
            let status = response.status().as_u16();
            assert!(matches!(status, 200 | 503), "{status}");
            status == 200
        }
    }
}
