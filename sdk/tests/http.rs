//! What a service with the server layer, a client and a database tells the collector.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed test may end its process"
)]

mod receiver;

use std::process::{Command, Stdio};
use std::time::Duration;

use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use receiver::Receiver;
use spanwalk_sdk::reqwest::SendTraced;

const CHILD: &str = "SPANWALK_TEST_HTTP_CHILD";

/// The service itself: does nothing unless it is the child of the test below.
#[test]
fn service() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    let _guard = spanwalk_sdk::builder("http").init().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = axum::Router::new()
            .route("/items/{id}", axum::routing::get(answer))
            .layer(spanwalk_sdk::axum::server());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let client = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(10))
            .build()
            .unwrap();
        let get = |url: String| client.get(url).send_traced();
        let found = get(format!("http://{address}/items/7?full=1")).await;
        assert_eq!(found.unwrap().text().await.unwrap(), "7");
        let failed = get(format!("http://{address}/items/bad")).await;
        assert_eq!(failed.unwrap().status(), 500);
        let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let closed = nobody.local_addr().unwrap();
        drop(nobody);
        get(format!("http://me:secret@{closed}/"))
            .await
            .unwrap_err();
    });
}

async fn answer(
    axum::extract::Path(id): axum::extract::Path<String>,
) -> (axum::http::StatusCode, String) {
    if id == "bad" {
        return (axum::http::StatusCode::INTERNAL_SERVER_ERROR, id);
    }
    let beside = tracing::info_span!("beside", otel.kind = "internal");
    tracing::warn!(parent: &beside, "named its span");
    let query = spanwalk_sdk::db::query_span("sqlite", "select id from orders where id = ?1");
    spanwalk_sdk::task::spawn_blocking(move || {
        query.in_scope(|| tracing::info!(row_count = 1_u64, "asked"));
        spanwalk_sdk::db::returned(&query, 1);
    })
    .await
    .unwrap();
    (axum::http::StatusCode::OK, id)
}

fn run() -> Receiver {
    let receiver = Receiver::start();
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "service", "--test-threads=1"])
        .env(CHILD, "1")
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint())
        .env("OTEL_SERVICE_NAME", "http")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
    receiver
}

fn value<'a>(span: &'a Span, key: &str) -> Option<&'a Value> {
    let found = span.attributes.iter().find(|it| it.key == key)?;
    found.value.as_ref()?.value.as_ref()
}

fn text<'a>(span: &'a Span, key: &str) -> &'a str {
    match value(span, key) {
        Some(Value::StringValue(text)) => text,
        other => panic!("{key} of {} is {other:?}", span.name),
    }
}

#[test]
fn spans_and_records_say_what_happened() {
    let receiver = run();
    let spans = receiver.spans();
    let server = |path: &str| {
        spans
            .iter()
            .find(|it| {
                it.kind == SpanKind::Server as i32
                    && value(it, "url.path") == Some(&Value::StringValue(path.to_owned()))
            })
            .unwrap()
    };
    let good = server("/items/7");
    assert_eq!(good.name, "GET /items/{id}");
    assert_eq!(text(good, "http.route"), "/items/{id}");
    assert_eq!(text(good, "server.address"), "127.0.0.1");
    assert!(matches!(value(good, "server.port"), Some(Value::IntValue(port)) if *port > 0));
    assert_eq!(
        value(good, "http.response.status_code"),
        Some(&Value::IntValue(200))
    );
    let client = spans.iter().find(|it| it.span_id == good.parent_span_id);
    assert_eq!(client.unwrap().kind, SpanKind::Client as i32);
    assert_eq!(client.unwrap().trace_id, good.trace_id);

    let bad = server("/items/bad");
    assert_eq!(text(bad, "error.type"), "500");
    assert_eq!(bad.status.as_ref().unwrap().code, 2);

    let query = spans.iter().find(|it| it.name == "SELECT orders").unwrap();
    assert_eq!(query.parent_span_id, good.span_id);
    assert_eq!(
        value(query, "db.response.returned_rows"),
        Some(&Value::IntValue(1))
    );
    let records = receiver.records();
    let record = |body: &str| records.iter().find(|it| it.body_text() == body).unwrap();
    assert_eq!(record("asked").0.span_id, query.span_id);
    let beside = spans.iter().find(|it| it.name == "beside").unwrap();
    assert_eq!(record("named its span").0.span_id, beside.span_id);
    assert_eq!(record("named its span").0.trace_id, good.trace_id);
}

#[test]
fn a_request_without_an_answer_says_why_and_tells_no_secret() {
    let receiver = run();
    let spans = receiver.spans();
    let lost = spans
        .iter()
        .find(|it| value(it, "error.type") == Some(&Value::StringValue("connect".to_owned())))
        .unwrap();
    let message = &lost.status.as_ref().unwrap().message;
    assert!(message.contains("refused"), "{message}");
    assert!(!format!("{lost:?}").contains("secret"), "{lost:?}");
}
