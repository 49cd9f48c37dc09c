//! Who is let in: tokens with rights on every listener, and nothing beyond this machine unless
//! that was said.

use std::path::PathBuf;

use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use prost::Message;
use reqwest::StatusCode;
use spanwalk_collector::config::Listen;
use spanwalk_collector::serve::{self, Running, StartError};
use tonic::Code;
use tonic::metadata::MetadataValue;

use super::senders::spans;
use super::{config, url};

const SENDER: &str = "sender-0123456789abcdef";
const READER: &str = "reader-0123456789abcdef";

async fn guarded(directory: &std::path::Path) -> Running {
    let mut config = config(directory);
    config.tokens = Some(tokens(
        directory,
        &format!("send {SENDER}\nquery {READER}\n"),
    ));
    serve::start(config).await.unwrap()
}

fn tokens(directory: &std::path::Path, content: &str) -> PathBuf {
    let path = directory.join("tokens");
    std::fs::write(&path, content).unwrap();
    path
}

/// What each kind of caller is answered at a URL: without a token, with an unknown one, with
/// that of the sender, with that of the reader.
async fn verdicts(request: impl Fn() -> reqwest::RequestBuilder) -> [u16; 4] {
    let mut verdicts = [0; 4];
    let shown = [
        None,
        Some("another-0123456789abcdef"),
        Some(SENDER),
        Some(READER),
    ];
    for (verdict, token) in verdicts.iter_mut().zip(shown) {
        let mut request = request();
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.unwrap();
        *verdict = response.status().as_u16();
        let is_asked_for = response.headers().contains_key("www-authenticate");
        assert_eq!(is_asked_for, *verdict == 401);
        if let Some(token) = token {
            assert!(!response.text().await.unwrap().contains(token));
        }
    }
    verdicts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_listener_asks_for_a_token_with_its_right() {
    let directory = tempfile::tempdir().unwrap();
    let running = guarded(directory.path()).await;
    let client = reqwest::Client::builder().build().unwrap();
    let (http, zipkin) = (url(&running, "otlp_http"), url(&running, "zipkin"));
    let api = running.api_url().unwrap();
    for content_type in ["application/json", "application/x-protobuf"] {
        let body = match content_type {
            "application/json" => "{}",
            _ => "",
        };
        let sent = verdicts(|| {
            let request = client.post(format!("{http}/v1/traces"));
            request.header("content-type", content_type).body(body)
        });
        assert_eq!(sent.await, [401, 401, 200, 403]);
    }
    let sent = verdicts(|| client.post(format!("{zipkin}/api/v2/spans")).body("[]"));
    assert_eq!(sent.await, [401, 401, 202, 403]);
    for path in [
        "/metrics",
        "/api/v1/status",
        "/api/v1/traces",
        "/api/v1/services",
    ] {
        let asked = verdicts(|| client.get(format!("{api}{path}")));
        assert_eq!(asked.await, [401, 401, 403, 200], "{path}");
    }
    let health = verdicts(|| client.get(format!("{api}/api/v1/health")));
    assert_eq!(health.await, [200, 200, 200, 200]);
    let import = verdicts(|| {
        let delivery = "signal=spans&delivery=000000000000000000000000000000ff";
        let request = client.post(format!("{api}/api/v1/import?{delivery}"));
        request
            .header("content-type", "application/x-protobuf")
            .body(spans(1).encode_to_vec())
    });
    assert_eq!(import.await, [401, 401, 200, 403]);
    running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn grpc_senders_are_told_by_the_code() {
    let directory = tempfile::tempdir().unwrap();
    let running = guarded(directory.path()).await;
    let mut client = TraceServiceClient::connect(url(&running, "otlp_grpc"))
        .await
        .unwrap();
    for (token, code) in [
        (None, Code::Unauthenticated),
        (Some("another-0123456789abcdef"), Code::Unauthenticated),
        (Some(READER), Code::PermissionDenied),
        (Some(SENDER), Code::Ok),
    ] {
        let mut request = tonic::Request::new(spans(1));
        if let Some(token) = token {
            let value = MetadataValue::try_from(format!("Bearer {token}")).unwrap();
            request.metadata_mut().insert("authorization", value);
        }
        let answer = client.export(request).await;
        assert_eq!(
            answer.map_or_else(|status| status.code(), |_| Code::Ok),
            code
        );
    }
    running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusals_are_counted_by_listener_and_reason() {
    let directory = tempfile::tempdir().unwrap();
    let running = guarded(directory.path()).await;
    let client = reqwest::Client::builder().build().unwrap();
    let zipkin = client.post(format!("{}/api/v2/spans", url(&running, "zipkin")));
    assert_eq!(
        zipkin.send().await.unwrap().status(),
        StatusCode::UNAUTHORIZED
    );
    let metrics = format!("{}/metrics", running.api_url().unwrap());
    let asked = client.get(metrics).bearer_auth(READER);
    let text = asked.send().await.unwrap().text().await.unwrap();
    let line = r#"spanwalk_refused_requests_total{listener="zipkin",reason="unauthenticated"} 1"#;
    assert!(text.contains(line), "{text}");
    running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listener_that_others_reach_must_be_wanted() {
    let directory = tempfile::tempdir().unwrap();
    let mut config = config(directory.path());
    config.otlp_grpc = "0.0.0.0:0".parse::<Listen>().unwrap();
    let refused = serve::start(config.clone()).await.unwrap_err();
    assert!(matches!(&refused, StartError::Exposed { problems } if problems.len() == 1));
    assert!(refused.to_string().contains("--insecure"), "{refused}");
    config.is_insecure = true;
    serve::start(config).await.unwrap().stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_that_cannot_be_read_stop_the_start() {
    let directory = tempfile::tempdir().unwrap();
    let mut config = config(directory.path());
    config.tokens = Some(tokens(directory.path(), "# nobody\n"));
    let refused = serve::start(config).await.unwrap_err();
    assert!(matches!(refused, StartError::Tokens(_)), "{refused}");
}
