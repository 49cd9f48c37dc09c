//! Items 1 to 14: transports, routes and headers.

use http::header::{ACCEPT_ENCODING, ALLOW, CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderValue, Method};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::world::{Sender, Signal, Transport, World, with_method};
use super::{gzip, zstd};
use crate::senders::spans;

pub(super) async fn item_01(transport: Transport) {
    let world = World::start(transport).await;
    for (number, encoding) in (1..).zip(["identity", "gzip", "zstd"]) {
        let message = world.traces(&spans(number));
        let sent = match encoding {
            "gzip" => gzip(&message),
            "zstd" => zstd(&message),
            _ => message,
        };
        let encoding = (encoding != "identity").then_some(encoding);
        world
            .send_encoded(Signal::Traces, &sent, encoding)
            .await
            .assert_whole();
    }
    assert_eq!(world.span_count().await, 3);
    world.stop().await;
}

pub(super) async fn item_02(transport: Transport) {
    use spanwalk_collector::config::{Config, OTLP_GRPC_PORT, OTLP_HTTP_PORT};
    assert_eq!((OTLP_GRPC_PORT, OTLP_HTTP_PORT), (4317, 4318));
    let usual = Config::new("unused");
    assert_eq!(usual.otlp_grpc.to_string(), "127.0.0.1:4317");
    assert_eq!(usual.otlp_http.to_string(), "127.0.0.1:4318");
    let world = World::start(transport).await;
    for signal in Signal::ALL {
        let empty: &[u8] = if transport == Transport::Json {
            b"{}"
        } else {
            b""
        };
        world.send(signal, empty).await.assert_whole();
    }
    world.stop().await;
}

pub(super) async fn item_03(transport: Transport) {
    let world = World::start(transport).await;
    for method in [Method::GET, Method::PUT, Method::DELETE, Method::OPTIONS] {
        let request = with_method(world.request(Signal::Traces, b"", None), method);
        let answer = world.raw(request).await;
        assert_eq!(answer.http, 405);
        assert_eq!(answer.header(ALLOW), Some("POST"));
    }
    world.stop().await;
}

pub(super) async fn item_04(transport: Transport) {
    let world = World::start(transport).await;
    for signal in Signal::ALL {
        world.send(signal, b"").await.assert_whole();
    }
    let mut request = world.request(Signal::Traces, b"", None);
    *request.uri_mut() = format!("http://{}/some.Service/Export", world.address())
        .parse()
        .unwrap();
    world.raw(request).await.assert_refused(200, 12);
    world.stop().await;
}

pub(super) async fn item_05(transport: Transport) {
    let world = World::start(transport).await;
    for (number, is_two) in [(1, false), (2, true)] {
        let message = world.traces(&spans(number));
        let mut request = world.request(Signal::Traces, &message, None);
        if is_two {
            request.headers_mut().remove("host");
            let uri = format!("http://{}/v1/traces", world.address());
            *request.uri_mut() = uri.parse().unwrap();
        }
        world.raw_as(is_two, request).await.assert_whole();
    }
    world.stop().await;
}

pub(super) async fn item_06(_: Transport) {
    // One collector, asked in both forms at one address.
    let world = World::start(Transport::Protobuf).await;
    let binary = world.traces(&spans(1));
    world.send(Signal::Traces, &binary).await.assert_whole();
    let as_json = World {
        transport: Transport::Json,
        ..world
    };
    let text = as_json.traces(&spans(2));
    as_json.send(Signal::Traces, &text).await.assert_whole();
    assert_eq!(as_json.span_count().await, 2);
    as_json.stop().await;
}

pub(super) async fn item_07(transport: Transport) {
    let world = World::start(transport).await;
    let message = world.traces(&spans(1));
    let plain = transport.content_type();
    let mut written = vec![plain.to_owned()];
    if transport.is_grpc() {
        written.push("application/grpc+proto".to_owned());
    } else {
        written.push(plain.to_uppercase());
        written.push(format!("{plain}; charset=utf-8"));
        written.push(format!("{plain};charset=UTF-8"));
    }
    for content_type in written {
        let mut request = world.request(Signal::Traces, &message, None);
        let value = HeaderValue::from_str(&content_type).unwrap();
        request.headers_mut().insert(CONTENT_TYPE, value);
        let answer = world.raw(request).await;
        answer.assert_whole();
        assert_eq!(answer.header(CONTENT_TYPE), Some(plain));
    }
    world.stop().await;
}

pub(super) async fn item_08(transport: Transport) {
    let world = World::start(transport).await;
    for content_type in [None, Some("text/plain"), Some("application/xml")] {
        let mut request = world.request(Signal::Traces, b"{}", None);
        request.headers_mut().remove(CONTENT_TYPE);
        if let Some(content_type) = content_type {
            let value = HeaderValue::from_static(content_type);
            request.headers_mut().insert(CONTENT_TYPE, value);
        }
        let answer = world.raw(request).await;
        assert_eq!(answer.http, 415);
        assert_eq!(answer.header(CONTENT_TYPE), Some("application/json"));
        let status: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(status["code"], 12);
        assert!(!status["message"].as_str().unwrap().is_empty());
    }
    world.stop().await;
}

pub(super) async fn item_09(transport: Transport) {
    let world = World::start(transport).await;
    let good = world.traces(&spans(1));
    for message in [good.as_slice(), b"\x0a"] {
        let answer = world.send(Signal::Traces, message).await;
        assert_eq!(answer.header(CONTENT_TYPE), Some(transport.content_type()));
    }
    world.stop().await;
}

pub(super) async fn item_10(transport: Transport) {
    let world = World::start(transport).await;
    let mut sender = Sender::over(world.connect().await, transport).await;
    for number in 1..=3 {
        let message = world.traces(&spans(number));
        // A failure does not end the connection either.
        let broken = world.request(Signal::Traces, b"\x0a", None);
        assert!(!sender.send(broken).await.is_taken());
        let request = world.request(Signal::Traces, &message, None);
        sender.send(request).await.assert_whole();
    }
    world.stop().await;
}

/// Writes this as it is and reads until the text was said.
async fn talk(world: &World, parts: &[(&[u8], &str)]) {
    let mut stream = world.connect().await;
    let mut heard = Vec::new();
    for (said, expected) in parts {
        stream.write_all(said).await.unwrap();
        while !String::from_utf8_lossy(&heard).contains(expected) {
            let mut piece = [0; 1024];
            let read = stream.read(&mut piece).await.unwrap();
            assert_ne!(read, 0, "{expected}: {}", String::from_utf8_lossy(&heard));
            heard.extend_from_slice(&piece[..read]);
        }
    }
}

pub(super) async fn item_11(transport: Transport) {
    let world = World::start(transport).await;
    let head = format!(
        "POST /v1/traces HTTP/1.1\r\nHost: {}\r\nContent-Type: {}\r\n",
        world.address(),
        transport.content_type()
    );
    let message = world.traces(&spans(1));
    let expects = format!(
        "{head}Expect: 100-continue\r\nContent-Length: {}\r\n\r\n",
        message.len()
    );
    talk(
        &world,
        &[(expects.as_bytes(), "100 Continue"), (&message, "200 OK")],
    )
    .await;
    let message = world.traces(&spans(2));
    let mut chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
    for piece in message.chunks(7) {
        chunked.extend(format!("{:x}\r\n", piece.len()).into_bytes());
        chunked.extend_from_slice(piece);
        chunked.extend_from_slice(b"\r\n");
    }
    chunked.extend_from_slice(b"0\r\n\r\n");
    talk(&world, &[(&chunked, "200 OK")]).await;
    assert_eq!(world.span_count().await, 2);
    // Nothing is an empty message of protobuf, and no JSON at all.
    let nothing = format!("{head}Content-Length: 0\r\n\r\n");
    let expected = match transport {
        Transport::Json => "400 Bad Request",
        Transport::Grpc | Transport::Protobuf => "200 OK",
    };
    talk(&world, &[(nothing.as_bytes(), expected)]).await;
    world.stop().await;
}

pub(super) async fn item_13(transport: Transport) {
    let world = World::start(transport).await;
    let answer = world
        .send_encoded(Signal::Traces, b"x", Some("brotli"))
        .await;
    answer.assert_refused(415, 12);
    let listed = if transport.is_grpc() {
        answer.header("grpc-accept-encoding")
    } else {
        answer.header(ACCEPT_ENCODING)
    };
    for encoding in ["identity", "gzip", "zstd"] {
        assert!(listed.unwrap().contains(encoding), "{listed:?}");
    }
    assert_eq!(answer.header(CONTENT_ENCODING), None);
    world.stop().await;
}

pub(super) async fn item_14(transport: Transport) {
    let world = World::start(transport).await;
    let message = world.traces(&spans(1));
    let gzipped = gzip(&message);
    let cut = &gzipped[..gzipped.len() / 2];
    for (body, encoding) in [
        (message.as_slice(), "gzip"),
        (cut, "gzip"),
        (message.as_slice(), "zstd"),
        (&zstd(&message)[..20], "zstd"),
    ] {
        let answer = world
            .send_encoded(Signal::Traces, body, Some(encoding))
            .await;
        answer.assert_refused(400, 3);
    }
    assert_eq!(world.span_count().await, 0);
    world.stop().await;
}
