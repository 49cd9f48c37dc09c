//! Items 15 to 19: sizes of requests and answers.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use spanwalk_collector::config::Config;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::world::{Signal, Transport, World};
use super::{gzip, zstd};
use crate::senders::spans;

const LIMIT: usize = 50_000;

async fn small_world(transport: Transport) -> World {
    World::with(transport, |config| config.request_bytes_max = LIMIT).await
}

/// A request of so many bytes.
fn message_of(world: &World, bytes: usize) -> Vec<u8> {
    let mut request = spans(1);
    let own = world.traces(&request).len();
    // The name is filled up until its length needs the same number of bytes as at the end.
    let name_of = |request: &mut ExportTraceServiceRequest, bytes: usize| {
        let span = &mut request.resource_spans[0].scope_spans[0].spans[0];
        span.name = "x".repeat(bytes);
    };
    let mut name_bytes = bytes - own;
    loop {
        name_of(&mut request, name_bytes);
        let found = world.traces(&request).len();
        match found.cmp(&bytes) {
            std::cmp::Ordering::Equal => return world.traces(&request),
            std::cmp::Ordering::Less => name_bytes += bytes - found,
            std::cmp::Ordering::Greater => name_bytes -= found - bytes,
        }
    }
}

pub(super) async fn item_15(transport: Transport) {
    assert_eq!(Config::new("unused").request_bytes_max, 64 << 20);
    let world = small_world(transport).await;
    let large = message_of(&world, LIMIT + 1);
    let packed = gzip(&large);
    assert!(packed.len() < LIMIT);
    for (body, encoding) in [(large.as_slice(), None), (packed.as_slice(), Some("gzip"))] {
        let answer = world.send_encoded(Signal::Traces, body, encoding).await;
        answer.assert_refused(413, 8);
    }
    // Random bytes do not get smaller, so that the limit of what goes over the wire holds.
    let wire = vec![0xA5; LIMIT + 1];
    let answer = world
        .send_encoded(Signal::Traces, &wire, Some("gzip"))
        .await;
    answer.assert_refused(413, 8);
    world.stop().await;
}

pub(super) async fn item_16(transport: Transport) {
    let world = small_world(transport).await;
    for (bytes, is_taken) in [(LIMIT - 1, true), (LIMIT, true), (LIMIT + 1, false)] {
        let message = message_of(&world, bytes);
        for (body, encoding) in [
            (message.clone(), None),
            (gzip(&message), Some("gzip")),
            (zstd(&message), Some("zstd")),
        ] {
            let answer = world.send_encoded(Signal::Traces, &body, encoding).await;
            if is_taken {
                answer.assert_whole();
            } else {
                answer.assert_refused(413, 8);
                assert_eq!(answer.hint_s(), None);
            }
        }
    }
    if !transport.is_grpc() {
        chunks_beyond_the_limit_are_refused(&world).await;
        a_length_that_is_too_short_cuts_the_body(&world).await;
    }
    world.stop().await;
}

async fn chunks_beyond_the_limit_are_refused(world: &World) {
    let message = message_of(world, LIMIT + 1);
    let mut said = head(world, "Transfer-Encoding: chunked");
    for piece in message.chunks(1000) {
        said.extend(format!("{:x}\r\n", piece.len()).into_bytes());
        said.extend_from_slice(piece);
        said.extend_from_slice(b"\r\n");
    }
    let told = first_line(world, &said).await;
    assert!(told.starts_with("HTTP/1.1 413 "), "{told}");
}

async fn a_length_that_is_too_short_cuts_the_body(world: &World) {
    let message = message_of(world, LIMIT);
    let mut said = head(world, "Content-Length: 20");
    said.extend_from_slice(&message[..1000]);
    let told = first_line(world, &said).await;
    assert!(told.starts_with("HTTP/1.1 400 "), "{told}");
}

fn head(world: &World, header: &str) -> Vec<u8> {
    format!(
        "POST /v1/traces HTTP/1.1\r\nHost: {}\r\nContent-Type: {}\r\n{header}\r\n\r\n",
        world.address(),
        world.transport.content_type(),
    )
    .into_bytes()
}

/// What is answered first to these bytes, which need not be a whole request.
async fn first_line(world: &World, said: &[u8]) -> String {
    let mut stream = world.connect().await;
    stream.write_all(said).await.unwrap();
    let mut heard = Vec::new();
    while !heard.contains(&b'\n') {
        let mut piece = [0; 512];
        let read = stream.read(&mut piece).await.unwrap();
        assert_ne!(read, 0, "closed without an answer");
        heard.extend_from_slice(&piece[..read]);
    }
    String::from_utf8_lossy(&heard)
        .lines()
        .next()
        .unwrap()
        .to_owned()
}

pub(super) async fn item_17(transport: Transport) {
    let world = small_world(transport).await;
    if transport.is_grpc() {
        // The prefix promises more than is taken, and the message never comes.
        let mut request = world.request(Signal::Traces, b"", None);
        let promised = u32::try_from(LIMIT + 1).unwrap().to_be_bytes();
        let prefix = [&[0], promised.as_slice()].concat();
        *request.body_mut() = http_body_util::Full::from(prefix);
        world.raw(request).await.assert_refused(413, 8);
    } else {
        // The body never comes, so that an answer proves that nobody waits for it.
        let said = head(&world, &format!("Content-Length: {}", LIMIT + 1));
        let told = first_line(&world, &said).await;
        assert!(told.starts_with("HTTP/1.1 413 "), "{told}");
    }
    world.stop().await;
}

pub(super) async fn item_18(transport: Transport) {
    let world = World::start(transport).await;
    // Many faults of all kinds: the message has a sentence for each kind, not for each fault.
    let mut request = spans(1);
    let items = &mut request.resource_spans[0].scope_spans[0].spans;
    let mut bad = items[0].clone();
    bad.span_id = vec![1; 3];
    *items = vec![bad; 20_000];
    let message = match transport {
        Transport::Json => {
            let span = r#"{"traceId":"00","spanId":"zz"}"#;
            let spans = vec![span; 20_000].join(",");
            format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{spans}]}}]}}]}}"#)
                .into_bytes()
        }
        Transport::Grpc | Transport::Protobuf => world.traces(&request),
    };
    let answer = world.send(Signal::Traces, &message).await;
    assert_eq!(answer.partial().unwrap().0, 20_000);
    assert!(answer.body.len() < 20_000, "{}", answer.body.len());
    world.stop().await;
}

pub(super) async fn item_19(transport: Transport) {
    let world = World::start(transport).await;
    // Above the 2 MB and 4 MiB at which common frameworks stop.
    let message = message_of(&world, 5 << 20);
    world.send(Signal::Traces, &message).await.assert_whole();
    // And above the 16 KiB of headers of HTTP/2.
    let message = world.traces(&spans(2));
    let mut request = world.request(Signal::Traces, &message, None);
    let long = "x".repeat(30_000).parse().unwrap();
    request.headers_mut().insert("x-long", long);
    world.raw(request).await.assert_whole();
    world.stop().await;
}
