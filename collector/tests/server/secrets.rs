//! No secret that somebody sent is in any file.

use std::path::Path;

use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use prost::Message;

use super::senders::{logs, spans};
use super::{start, url};

const PLANTED: &str = "hunter2-planted-secret";

fn secret(key: &str) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue {
            value: Some(any_value::Value::StringValue(PLANTED.to_owned())),
        }),
        ..KeyValue::default()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn planted_secrets_are_in_no_file_of_the_data_directory() {
    let directory = tempfile::tempdir().unwrap();
    let running = start(directory.path()).await;
    let mut traces = spans(1);
    let group = &mut traces.resource_spans[0].scope_spans[0];
    group.spans[0].attributes = vec![secret("http.request.header.authorization")];
    // One that is rejected: nothing of it is kept, also not in the bytes of its request.
    let mut rejected = group.spans[0].clone();
    rejected.span_id = vec![1; 3];
    rejected.name = PLANTED.to_owned();
    group.spans.push(rejected);
    let records = logs(1, &format!("login: password={PLANTED} failed"));
    let zipkin = format!(r#"[{{"traceId":"7b","id":"1","tags":{{"db.password":"{PLANTED}"}}}}]"#);
    let http = url(&running, "otlp_http");
    let client = reqwest::Client::builder().build().unwrap();
    for (url, content_type, body) in [
        (
            format!("{http}/v1/traces"),
            "application/x-protobuf",
            traces.encode_to_vec(),
        ),
        (
            format!("{http}/v1/logs"),
            "application/x-protobuf",
            records.encode_to_vec(),
        ),
        (
            format!("{}/api/v2/spans", url(&running, "zipkin")),
            "application/json",
            zipkin.into_bytes(),
        ),
    ] {
        let request = client.post(url).header("content-type", content_type);
        let response = request.body(body).send().await.unwrap();
        assert!(response.status().is_success());
    }
    // In the wal, and after the stop in parts.
    assert_eq!(files_with(directory.path(), PLANTED), 0);
    assert_ne!(files_with(directory.path(), "operation 1"), 0);
    running.stop().await.unwrap();
    assert_eq!(files_with(directory.path(), PLANTED), 0);
}

/// How many files hold the text.
fn files_with(directory: &Path, text: &str) -> usize {
    let entries = std::fs::read_dir(directory).unwrap();
    entries
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            if path.is_dir() {
                return files_with(&path, text);
            }
            let content = std::fs::read(&path).unwrap();
            let needle = text.as_bytes();
            usize::from(content.windows(needle.len()).any(|part| part == needle))
        })
        .sum()
}
