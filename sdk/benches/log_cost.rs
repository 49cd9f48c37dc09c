//! What a log record with 3 fields costs within a span: written to the exporter's queue, encoded and
//! sent, against no subscriber at all and against a span event of `tracing-opentelemetry`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a bench may end its process"
)]

mod cost;

use std::time::Duration;

use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, SdkTracerProvider};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

fn round() {
    for number in 0..cost::ROUND_COUNT / 10 {
        tracing::info_span!("request").in_scope(|| {
            for step in 0..10_u64 {
                tracing::info!(number, step, table = "orders", "asked for {step}");
            }
        });
    }
}

fn ours() {
    let guard = spanwalk_sdk::builder("bench")
        .console(false)
        .setting("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
        .init()
        .unwrap();
    cost::measure(round, || assert!(guard.flush(Duration::from_mins(1))));
    assert_eq!(
        guard.stats().records.dropped,
        0,
        "a dropped record is a cheap one"
    );
}

fn theirs() {
    let batch = BatchConfigBuilder::default()
        .with_max_queue_size(131_072)
        .build();
    let processor = BatchSpanProcessor::builder(cost::Encodes::new())
        .with_batch_config(batch)
        .build();
    let tracers = SdkTracerProvider::builder()
        .with_span_processor(processor)
        .build();
    let layer = tracing_opentelemetry::layer().with_tracer(tracers.tracer("bench"));
    tracing_subscriber::registry().with(layer).init();
    cost::measure(round, || tracers.force_flush().unwrap());
}

fn main() {
    match cost::child().as_deref() {
        Some("ours") => ours(),
        Some("theirs, as span events") => theirs(),
        Some(other) => panic!("no such variant: {other}"),
        None => cost::compare(
            "log",
            &["theirs, as span events", "ours"],
            &cost::collector(),
        ),
    }
}
