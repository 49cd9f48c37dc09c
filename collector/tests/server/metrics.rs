//! What the collector says of itself, in Prometheus' text and in its status.

use prost::Message;

use super::senders::spans;
use super::{start, status, url};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_came_in_is_counted_by_listener_and_in_all() {
    let directory = tempfile::tempdir().unwrap();
    let running = start(directory.path()).await;
    let client = reqwest::Client::builder().build().unwrap();
    let traces = format!("{}/v1/traces", url(&running, "otlp_http"));
    let zipkin = format!("{}/api/v2/spans", url(&running, "zipkin"));
    for (url, content_type, body) in [
        (&traces, "application/x-protobuf", spans(1).encode_to_vec()),
        (&traces, "application/json", b"{".to_vec()),
        (
            &zipkin,
            "application/json",
            br#"[{"traceId":"7b","id":"1","tags":{"db.password":"x"}},{"id":"2"}]"#.to_vec(),
        ),
    ] {
        let request = client.post(url).header("content-type", content_type);
        request.body(body).send().await.unwrap();
    }
    let api = running.api_url().unwrap();
    let response = client.get(format!("{api}/metrics")).send().await.unwrap();
    assert_eq!(
        response.headers()["content-type"],
        "text/plain; version=0.0.4"
    );
    let text = response.text().await.unwrap();
    for line in [
        r#"spanwalk_received_items_total{listener="otlp_http",signal="spans"} 1"#,
        r#"spanwalk_received_items_total{listener="zipkin",signal="spans"} 2"#,
        r#"spanwalk_rejected_items_total{listener="zipkin",reason="invalid_trace_id"} 1"#,
        r#"spanwalk_refused_requests_total{listener="otlp_http",reason="undecodable"} 1"#,
        r#"spanwalk_redacted_values_total{listener="zipkin",reason="secret_key"} 1"#,
        "spanwalk_in_flight_bytes 0",
        "spanwalk_stored_spans 2",
        r#"spanwalk_listener_up{listener="zipkin"} 1"#,
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    assert_each_family_is_described(&text);
    let status = status(&running).await;
    assert_eq!(status.received["spans"], 3);
    assert_eq!(status.refused["undecodable"], 1);
    assert_eq!(status.redacted["secret_key"], 1);
    running.stop().await.unwrap();
}

/// Every sample comes after the help and the type of its family, and is a number.
fn assert_each_family_is_described(text: &str) {
    let mut family = "";
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            family = rest.split(' ').next().unwrap();
        } else if !line.starts_with('#') {
            let name = line.split(['{', ' ']).next().unwrap();
            assert_eq!(name, family);
            let value = line.rsplit(' ').next().unwrap();
            assert!(value.parse::<f64>().is_ok(), "{line}");
        }
    }
}
