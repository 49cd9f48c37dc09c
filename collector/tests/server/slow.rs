//! Hundreds of peers that say little or nothing, and a healthy one that is served all the same.

use prost::Message;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::senders::spans;
use super::{start, status, url};

/// Slow peers per listener.
const SLOW_COUNT: usize = 200;

/// What a slow peer says before it falls silent.
fn beginnings(address: &str) -> Vec<Vec<u8>> {
    let head = format!("POST /v1/traces HTTP/1.1\r\nHost: {address}\r\n");
    let json = "Content-Type: application/json\r\n";
    vec![
        // Nothing; half a line; half a head.
        Vec::new(),
        b"POST /v1/tr".to_vec(),
        head.clone().into_bytes(),
        // A whole head, and nothing or little of the body.
        format!("{head}{json}Content-Length: 100000\r\n\r\n").into_bytes(),
        format!("{head}{json}Transfer-Encoding: chunked\r\n\r\n5\r\n{{").into_bytes(),
        // HTTP/2: its preface, and settings with a window of nothing for answers.
        [
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".as_slice(),
            &[0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0],
        ]
        .concat(),
    ]
}

async fn slow_peers(address: &str) -> Vec<TcpStream> {
    let said = beginnings(address);
    let mut peers = Vec::new();
    for beginning in said.iter().cycle().take(SLOW_COUNT) {
        let mut peer = TcpStream::connect(address).await.unwrap();
        peer.write_all(beginning).await.unwrap();
        peers.push(peer);
    }
    peers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_peers_on_every_listener_hold_up_nobody() {
    let directory = tempfile::tempdir().unwrap();
    let running = start(directory.path()).await;
    let mut peers = Vec::new();
    for name in ["otlp_grpc", "otlp_http", "zipkin", "api"] {
        let url = url(&running, name);
        peers.extend(slow_peers(url.strip_prefix("http://").unwrap()).await);
    }
    assert_eq!(peers.len(), 4 * SLOW_COUNT);
    let client = reqwest::Client::builder().build().unwrap();
    let traces = format!("{}/v1/traces", url(&running, "otlp_http"));
    for number in 0..20 {
        let request = client
            .post(&traces)
            .header("content-type", "application/x-protobuf");
        let sent = request.body(spans(number).encode_to_vec()).send().await;
        assert_eq!(sent.unwrap().status(), 200);
    }
    let mut grpc = opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient::connect(url(&running, "otlp_grpc"))
        .await
        .unwrap();
    grpc.export(spans(20)).await.unwrap();
    let zipkin = client.post(format!("{}/api/v2/spans", url(&running, "zipkin")));
    let sent = zipkin.body(r#"[{"traceId":"7b","id":"1"}]"#).send().await;
    assert_eq!(sent.unwrap().status(), 202);
    let status = status(&running).await;
    assert_eq!(status.stored.spans, 22);
    // Held is what was declared at the one path that takes it: by every sixth peer.
    assert!(status.in_flight_bytes <= (SLOW_COUNT as u64 / 6 + 1) * 100_100);
    drop(peers);
    running.stop().await.unwrap();
}
