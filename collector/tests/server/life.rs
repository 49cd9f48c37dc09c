//! Starts, stops and restarts.

use std::net::TcpListener;

use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use spanwalk_collector::config::Listen;
use spanwalk_collector::serve::{self, StartError};

use super::senders::spans;
use super::{config, start, status, url};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_is_there_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    for round in 0..3 {
        let running = start(directory.path()).await;
        let stored = status(&running).await.stored;
        assert_eq!(stored.spans, round * 10);
        let mut client = TraceServiceClient::connect(url(&running, "otlp_grpc"))
            .await
            .unwrap();
        for number in 0..10 {
            let number = u32::try_from(round).unwrap() * 10 + number;
            client.export(spans(number)).await.unwrap();
        }
        running.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_are_being_handled_are_answered_before_the_stop() {
    let directory = tempfile::tempdir().unwrap();
    let running = start(directory.path()).await;
    let client = TraceServiceClient::connect(url(&running, "otlp_grpc"))
        .await
        .unwrap();
    let sending: Vec<_> = (0..50)
        .map(|number| {
            let mut client = client.clone();
            tokio::spawn(async move { client.export(spans(number)).await.is_ok() })
        })
        .collect();
    running.stop().await.unwrap();
    let mut acknowledged = 0;
    for sent in sending {
        acknowledged += u64::from(sent.await.unwrap());
    }
    let running = start(directory.path()).await;
    // A request may be stored and its answer lost; never the other way round.
    assert!(status(&running).await.stored.spans >= acknowledged);
    running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_taken_port_stops_no_other_listener_and_says_who_has_it() {
    let directory = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut config = config(directory.path());
    config.otlp_http = Listen::At(taken.local_addr().unwrap());
    let running = serve::start(config.clone()).await.unwrap();
    let listeners = status(&running).await.listeners;
    let http = listeners.iter().find(|it| it.name == "otlp_http").unwrap();
    assert_eq!(http.address, "");
    assert!(http.problem.contains("--otlp-http"), "{}", http.problem);
    running.stop().await.unwrap();

    config.otlp_grpc = config.otlp_http;
    config.zipkin = Listen::Off;
    config.api = Listen::Off;
    let error = serve::start(config).await.unwrap_err();
    assert!(matches!(error, StartError::NoListener { problems } if problems.len() == 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_collector_has_a_directory_and_others_find_it() {
    let directory = tempfile::tempdir().unwrap();
    assert_eq!(serve::find_running(directory.path()), None);
    let running = start(directory.path()).await;
    let error = start_again(directory.path()).await;
    assert!(
        error.contains(&format!("process {}", std::process::id())),
        "{error}"
    );
    let found = serve::find_running(directory.path()).unwrap();
    assert_eq!(&found, running.ready());
    running.stop().await.unwrap();
    assert_eq!(serve::find_running(directory.path()), None);
}

async fn start_again(directory: &std::path::Path) -> String {
    serve::start(config(directory))
        .await
        .unwrap_err()
        .to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_read_back_is_counted_as_dropped_and_stops_no_start() {
    let directory = tempfile::tempdir().unwrap();
    let running = start(directory.path()).await;
    let mut client = TraceServiceClient::connect(url(&running, "otlp_grpc"))
        .await
        .unwrap();
    for number in 0..10 {
        client.export(spans(number)).await.unwrap();
    }
    assert!(status(&running).await.dropped.is_empty());
    running.stop().await.unwrap();
    for part in std::fs::read_dir(directory.path().join("parts")).unwrap() {
        for file in std::fs::read_dir(part.unwrap().path()).unwrap() {
            std::fs::write(file.unwrap().path(), b"damaged").unwrap();
        }
    }
    let running = start(directory.path()).await;
    let status = status(&running).await;
    assert_eq!(status.dropped.get("damaged_part"), Some(&10));
    assert_eq!((status.stored.spans, status.warnings.len()), (0, 1));
    running.stop().await.unwrap();
}
