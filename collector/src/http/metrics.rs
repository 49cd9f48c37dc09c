//! `GET /metrics`: the collector about itself, in the text format of Prometheus (0.0.4).

use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};

use super::problem::ApiError;
use super::{Api, ApiState, CollectorCounters, params};
use crate::store::StoredTotals;
use crate::telemetry::Family;

const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4");
const NANOS_PER_SECOND: f64 = 1e9;

pub(super) async fn metrics(State(api): State<Arc<Api>>, uri: Uri) -> Result<Response, ApiError> {
    params::none(&uri)?;
    let state = api.state.clone();
    let work = move |_| {
        let body = text(&state);
        Ok(([(header::CONTENT_TYPE, CONTENT_TYPE)], body).into_response())
    };
    api.reports.run(work).await
}

fn text(state: &ApiState) -> String {
    let counters = (state.status)();
    let mut page = Page::default();
    page.family(
        "spanwalk_info",
        "gauge",
        "The collector's version; always 1.",
    );
    let version = format!("version=\"{}\"", escaped(env!("CARGO_PKG_VERSION")));
    page.sample("spanwalk_info", &version, 1.0);
    page.one(
        "spanwalk_start_time_seconds",
        "gauge",
        "When the collector started, seconds since the epoch.",
        state.about.started_ns as f64 / NANOS_PER_SECOND,
    );
    page.counters(&counters);
    page.one(
        "spanwalk_in_flight_bytes",
        "gauge",
        "Bytes that requests in flight hold.",
        counters.in_flight_bytes as f64,
    );
    page.one(
        "spanwalk_in_flight_bytes_max",
        "gauge",
        "Bytes that requests in flight may hold.",
        counters.in_flight_bytes_max as f64,
    );
    page.stored(&state.engine.stored());
    page.family(
        "spanwalk_listener_up",
        "gauge",
        "Whether a listener is bound: 0 where it could not be.",
    );
    for listener in &state.about.listeners {
        let is_off = listener.address.is_empty() && listener.problem.is_empty();
        if !is_off {
            let label = format!("listener=\"{}\"", escaped(&listener.name));
            let is_up = f64::from(u8::from(listener.problem.is_empty()));
            page.sample("spanwalk_listener_up", &label, is_up);
        }
    }
    page.text
}

/// A page that grows.
#[derive(Debug, Default)]
struct Page {
    text: String,
}

impl Page {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a text cannot fail.
        let _ = write!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    fn sample(&mut self, name: &str, labels: &str, value: f64) {
        let _ = match labels {
            "" => writeln!(self.text, "{name} {value}"),
            labels => writeln!(self.text, "{name}{{{labels}}} {value}"),
        };
    }

    fn one(&mut self, name: &str, kind: &str, help: &str, value: f64) {
        self.family(name, kind, help);
        self.sample(name, "", value);
    }

    fn counters(&mut self, counters: &CollectorCounters) {
        let families = [
            (
                Family::Received,
                "spanwalk_received_items_total",
                "signal",
                "Items that arrived.",
            ),
            (
                Family::Rejected,
                "spanwalk_rejected_items_total",
                "reason",
                "Items that cannot be stored; their senders were told so.",
            ),
            (
                Family::Refused,
                "spanwalk_refused_requests_total",
                "reason",
                "Requests turned away.",
            ),
            (
                Family::Redacted,
                "spanwalk_redacted_values_total",
                "reason",
                "Values that were hidden before anything was written.",
            ),
            (
                Family::Dropped,
                "spanwalk_dropped_items_total",
                "reason",
                "Items lost after they were acknowledged.",
            ),
        ];
        for (family, name, label, help) in families {
            self.family(name, "counter", help);
            for sample in counters.samples.iter().filter(|it| it.family == family) {
                let mut labels = String::new();
                if let Some(listener) = sample.listener {
                    let _ = write!(labels, "listener=\"{}\",", listener.name());
                }
                let _ = write!(labels, "{label}=\"{}\"", escaped(sample.name));
                self.sample(name, &labels, sample.count as f64);
            }
        }
    }

    fn stored(&mut self, totals: &StoredTotals) {
        for (name, help, value) in [
            ("spanwalk_stored_spans", "Spans stored.", totals.span_count),
            (
                "spanwalk_stored_log_records",
                "Log records stored.",
                totals.log_count,
            ),
            (
                "spanwalk_stored_traces",
                "Distinct trace ids of stored spans.",
                totals.trace_count,
            ),
            (
                "spanwalk_stored_services",
                "Distinct service names stored.",
                totals.service_count,
            ),
            (
                "spanwalk_stored_bytes",
                "Bytes in the data directory.",
                totals.bytes,
            ),
        ] {
            self.one(name, "gauge", help, value as f64);
        }
    }
}

/// A label's value as the format wants it.
fn escaped(value: &str) -> String {
    value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::{Listener, Telemetry};

    #[test]
    fn counters_have_their_listener_and_their_reason() {
        let telemetry = Telemetry::default();
        telemetry.received(Listener::OtlpGrpc, "spans", 7);
        telemetry.refused(Listener::Zipkin, "overloaded");
        telemetry.dropped("unreadable", 2);
        let counters = CollectorCounters {
            samples: telemetry.counts().samples,
            ..CollectorCounters::default()
        };
        let mut page = Page::default();
        page.counters(&counters);
        for line in [
            "# TYPE spanwalk_received_items_total counter\n",
            "\nspanwalk_received_items_total{listener=\"otlp_grpc\",signal=\"spans\"} 7\n",
            "\nspanwalk_refused_requests_total{listener=\"zipkin\",reason=\"overloaded\"} 1\n",
            "\nspanwalk_dropped_items_total{reason=\"unreadable\"} 2\n",
        ] {
            assert!(page.text.contains(line), "{line}: {}", page.text);
        }
    }

    #[test]
    fn label_values_cannot_end_their_quotes() {
        assert_eq!(escaped("a\"b\\c\n"), "a\\\"b\\\\c\\n");
    }
}
