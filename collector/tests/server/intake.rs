//! Over the wire with clients that nobody here wrote.

use opentelemetry_proto::tonic::collector::logs::v1::logs_service_client::LogsServiceClient;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_client::MetricsServiceClient;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use prost::Message;
use spanwalk_api::{LogsResponse, SearchResponse};
use tonic::Code;
use tonic::codec::CompressionEncoding;
use tonic::transport::Endpoint;

use super::senders::{logs, spans};
use super::{config, start, status, url};

async fn channel(url: String) -> tonic::transport::Channel {
    Endpoint::new(url).unwrap().connect().await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn grpc_clients_are_answered_when_their_spans_can_be_found() {
    let directory = tempfile::tempdir().unwrap();
    let running = start(directory.path()).await;
    let channel = channel(url(&running, "otlp_grpc")).await;
    let encodings = [
        None,
        Some(CompressionEncoding::Gzip),
        Some(CompressionEncoding::Zstd),
    ];
    for (number, encoding) in (0..).zip(encodings) {
        let mut traces = TraceServiceClient::new(channel.clone());
        let mut records = LogsServiceClient::new(channel.clone());
        if let Some(encoding) = encoding {
            traces = traces.send_compressed(encoding).accept_compressed(encoding);
            records = records.send_compressed(encoding);
        }
        let answer = traces.export(spans(number)).await.unwrap().into_inner();
        assert_eq!(answer.partial_success, None);
        records.export(logs(number, "card declined")).await.unwrap();
        let stored = status(&running).await.stored;
        assert_eq!(stored.spans, u64::from(number) + 1);
        assert_eq!(stored.log_records, u64::from(number) + 1);
    }
    let api = running.api_url().unwrap();
    let query = [("q", "service:shop \"card declined\"")];
    let found: SearchResponse = get(&format!("{api}/api/v1/traces"), &query).await;
    assert_eq!(found.traces.len(), 3);
    assert_eq!(found.traces[0].root_name, "operation 2");
    let found: LogsResponse = get(&format!("{api}/api/v1/logs"), &[("q", "declined")]).await;
    assert_eq!(found.logs.len(), 3);
    running.stop().await.unwrap();
}

async fn get<T: serde::de::DeserializeOwned>(url: &str, query: &[(&str, &str)]) -> T {
    let client = reqwest::Client::builder().build().unwrap();
    let response = client.get(url).query(query).send().await.unwrap();
    let body = response.text().await.unwrap();
    serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {body}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_grpc_client_learns_what_was_wrong_by_the_code() {
    let directory = tempfile::tempdir().unwrap();
    let mut small = config(directory.path());
    small.request_bytes_max = 500;
    let running = spanwalk_collector::serve::start(small).await.unwrap();
    let channel = channel(url(&running, "otlp_grpc")).await;
    let mut request = spans(1);
    request.resource_spans[0].scope_spans[0].spans[0].name = "x".repeat(1000);
    let mut client = TraceServiceClient::new(channel.clone());
    let refused = client.export(request.clone()).await.unwrap_err();
    assert_eq!(refused.code(), Code::ResourceExhausted);
    assert!(refused.message().contains("500 bytes"), "{refused}");
    let mut client = client.send_compressed(CompressionEncoding::Gzip);
    let refused = client.export(request).await.unwrap_err();
    assert_eq!(refused.code(), Code::ResourceExhausted);
    // The connection goes on.
    client.export(spans(2)).await.unwrap();

    let mut metrics = MetricsServiceClient::new(channel);
    let answer = metrics
        .export(ExportMetricsServiceRequest::default())
        .await
        .unwrap();
    assert_eq!(answer.into_inner().partial_success, None);
    running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http_clients_may_speak_either_version() {
    let directory = tempfile::tempdir().unwrap();
    let running = start(directory.path()).await;
    let url = format!("{}/v1/traces", url(&running, "otlp_http"));
    let one = reqwest::Client::builder().http1_only().build().unwrap();
    let two = reqwest::Client::builder()
        .http2_prior_knowledge()
        .build()
        .unwrap();
    for (number, client) in (0..).zip([one, two]) {
        let response = client
            .post(&url)
            .header("content-type", "application/x-protobuf")
            .body(spans(number).encode_to_vec())
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200);
    }
    assert_eq!(status(&running).await.stored.spans, 2);
    running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_other_hosts_reach_neither_intake_nor_api() {
    let directory = tempfile::tempdir().unwrap();
    let running = start(directory.path()).await;
    let client = reqwest::Client::builder().build().unwrap();
    for url in [
        format!("{}/v1/traces", url(&running, "otlp_http")),
        format!("{}/api/v1/import", running.api_url().unwrap()),
    ] {
        for header in [("host", "evil.example"), ("origin", "http://evil.example")] {
            let response = client.post(&url).header(header.0, header.1).send();
            assert_eq!(response.await.unwrap().status(), 403, "{url} {header:?}");
        }
    }
    running.stop().await.unwrap();
}
