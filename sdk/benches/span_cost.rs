//! What a span with 4 attributes costs, in traces of 10, against `tracing-opentelemetry` with
//! OpenTelemetry's batch processor in the same run.
//!
//! Ours sends over HTTP to a server in another process; theirs encodes and sends nothing.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a bench may end its process"
)]

mod cost;

use std::time::Duration;

use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, Sampler as OtelSampler, SdkTracerProvider,
};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

fn trace_of_ten() {
    let request = tracing::info_span!(
        "request",
        method = "GET",
        route = "/orders/{id}",
        id = 7,
        ok = true
    );
    let _request = request.enter();
    for number in 0..9_i64 {
        let span = tracing::info_span!("step", table = "orders", number, ratio = 0.5, last = false);
        let _step = span.enter();
    }
}

fn round() {
    for _ in 0..cost::ROUND_COUNT / 10 {
        trace_of_ten();
    }
}

fn ours(sampler: spanwalk_sdk::Sampler) {
    let guard = spanwalk_sdk::builder("bench")
        .console(false)
        .sampler(sampler)
        .setting("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
        .init()
        .unwrap();
    cost::measure(round, || assert!(guard.flush(Duration::from_mins(1))));
    assert_eq!(
        guard.stats().spans.dropped,
        0,
        "a dropped span is a cheap one"
    );
}

fn theirs(sampler: OtelSampler) {
    let batch = BatchConfigBuilder::default()
        .with_max_queue_size(131_072)
        .build();
    let processor = BatchSpanProcessor::builder(cost::Encodes::new())
        .with_batch_config(batch)
        .build();
    let tracers = SdkTracerProvider::builder()
        .with_sampler(sampler)
        .with_span_processor(processor)
        .build();
    let layer = tracing_opentelemetry::layer().with_tracer(tracers.tracer("bench"));
    tracing_subscriber::registry().with(layer).init();
    cost::measure(round, || tracers.force_flush().unwrap());
}

fn main() {
    match cost::child().as_deref() {
        Some("ours") => ours(spanwalk_sdk::Sampler::always()),
        Some("ours, unsampled") => ours(spanwalk_sdk::Sampler::never()),
        Some("theirs") => theirs(OtelSampler::AlwaysOn),
        Some("theirs, unsampled") => theirs(OtelSampler::AlwaysOff),
        Some(other) => panic!("no such variant: {other}"),
        None => {
            let variants = ["theirs", "ours", "theirs, unsampled", "ours, unsampled"];
            cost::compare("span", &variants, &cost::collector());
        }
    }
}
