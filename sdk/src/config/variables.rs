//! The one list of variables: name, default, unit, meaning, and why one has no effect.

/// A variable that the SDK knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// Its name in the environment, and for [`Builder::setting`](crate::Builder::setting).
    pub name: &'static str,
    /// What holds without it.
    pub default: &'static str,
    /// The unit of its value, empty for text.
    pub unit: &'static str,
    /// What it decides, or why it has no effect here.
    pub meaning: &'static str,
    /// Whether the SDK acts on it.
    pub used: bool,
    /// Whether its value is never shown.
    pub secret: bool,
}

const fn used(
    name: &'static str,
    default: &'static str,
    unit: &'static str,
    meaning: &'static str,
) -> Variable {
    Variable {
        name,
        default,
        unit,
        meaning,
        used: true,
        secret: false,
    }
}

const fn secret(name: &'static str, default: &'static str, meaning: &'static str) -> Variable {
    Variable {
        secret: true,
        ..used(name, default, "", meaning)
    }
}

const fn ignored(name: &'static str, reason: &'static str) -> Variable {
    Variable {
        used: false,
        ..used(name, "none", "", reason)
    }
}

/// Every variable that the SDK knows, in the order in which it is shown.
pub const VARIABLES: &[Variable] = &[
    used(
        "OTEL_SDK_DISABLED",
        "false",
        "",
        "`true`: nothing is recorded or sent; context still travels",
    ),
    used(
        "OTEL_SERVICE_NAME",
        "the executable's name",
        "",
        "name of the service",
    ),
    used(
        "OTEL_RESOURCE_ATTRIBUTES",
        "none",
        "",
        "more resource attributes, `key=value,key=value`, percent-encoded",
    ),
    used(
        "OTEL_LOG_LEVEL",
        "info",
        "",
        "level of what the SDK says of itself on the console",
    ),
    used(
        "OTEL_PROPAGATORS",
        "tracecontext,baggage",
        "",
        "`tracecontext`, `baggage`, `b3`, `b3multi`, `jaeger`, `xray`, `none`",
    ),
    used(
        "OTEL_TRACES_SAMPLER",
        "parentbased_always_on",
        "",
        "`always_on`, `always_off`, `traceidratio`, and each with `parentbased_` before it",
    ),
    used(
        "OTEL_TRACES_SAMPLER_ARG",
        "1.0",
        "ratio",
        "share of the traces that the ratio samplers keep",
    ),
    used(
        "OTEL_TRACES_EXPORTER",
        "otlp",
        "",
        "`otlp`, `console`, `none`",
    ),
    used(
        "OTEL_LOGS_EXPORTER",
        "otlp",
        "",
        "`otlp`, `console`, `none`",
    ),
    used(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "http://localhost:4317 (gRPC), http://localhost:4318 (HTTP)",
        "",
        "the collector; over HTTP `v1/traces` and `v1/logs` are appended",
    ),
    used(
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        "as for both",
        "",
        "the collector of spans; over HTTP used as it is",
    ),
    used(
        "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
        "as for both",
        "",
        "the collector of log records; over HTTP used as it is",
    ),
    used(
        "OTEL_EXPORTER_OTLP_PROTOCOL",
        "grpc",
        "",
        "`grpc` or `http/protobuf`",
    ),
    used(
        "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
        "as for both",
        "",
        "the same for spans",
    ),
    used(
        "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL",
        "as for both",
        "",
        "the same for log records",
    ),
    secret(
        "OTEL_EXPORTER_OTLP_HEADERS",
        "none",
        "headers of every request, `key=value,key=value`, percent-encoded",
    ),
    secret(
        "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
        "as for both",
        "the same for spans",
    ),
    secret(
        "OTEL_EXPORTER_OTLP_LOGS_HEADERS",
        "as for both",
        "the same for log records",
    ),
    used(
        "OTEL_EXPORTER_OTLP_TIMEOUT",
        "10000",
        "ms",
        "how long one request may take",
    ),
    used(
        "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
        "as for both",
        "ms",
        "the same for spans",
    ),
    used(
        "OTEL_EXPORTER_OTLP_LOGS_TIMEOUT",
        "as for both",
        "ms",
        "the same for log records",
    ),
    used(
        "OTEL_EXPORTER_OTLP_COMPRESSION",
        "none",
        "",
        "`gzip` or `none`",
    ),
    used(
        "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION",
        "as for both",
        "",
        "the same for spans",
    ),
    used(
        "OTEL_EXPORTER_OTLP_LOGS_COMPRESSION",
        "as for both",
        "",
        "the same for log records",
    ),
    used(
        "OTEL_EXPORTER_OTLP_INSECURE",
        "false",
        "",
        "`true`: a gRPC endpoint without a scheme is plain",
    ),
    used(
        "OTEL_EXPORTER_OTLP_TRACES_INSECURE",
        "as for both",
        "",
        "the same for spans",
    ),
    used(
        "OTEL_EXPORTER_OTLP_LOGS_INSECURE",
        "as for both",
        "",
        "the same for log records",
    ),
    used(
        "OTEL_BSP_SCHEDULE_DELAY",
        "500",
        "ms",
        "how long spans wait for a fuller batch",
    ),
    used(
        "OTEL_BSP_EXPORT_TIMEOUT",
        "30000",
        "ms",
        "an upper bound of the time of one request",
    ),
    used(
        "OTEL_BSP_MAX_QUEUE_SIZE",
        "65536",
        "spans",
        "how many wait in memory at most",
    ),
    used(
        "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
        "512",
        "spans",
        "how many go into one request at most",
    ),
    used(
        "OTEL_BLRP_SCHEDULE_DELAY",
        "500",
        "ms",
        "how long log records wait for a fuller batch",
    ),
    used(
        "OTEL_BLRP_EXPORT_TIMEOUT",
        "30000",
        "ms",
        "an upper bound of the time of one request",
    ),
    used(
        "OTEL_BLRP_MAX_QUEUE_SIZE",
        "65536",
        "records",
        "how many wait in memory at most",
    ),
    used(
        "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE",
        "512",
        "records",
        "how many go into one request at most",
    ),
    used(
        "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
        "none",
        "characters",
        "longer texts are cut",
    ),
    used(
        "OTEL_ATTRIBUTE_COUNT_LIMIT",
        "128",
        "attributes",
        "more are dropped and counted",
    ),
    used(
        "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT",
        "as for all",
        "characters",
        "the same for spans",
    ),
    used(
        "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT",
        "as for all",
        "attributes",
        "the same for spans",
    ),
    used(
        "OTEL_SPAN_EVENT_COUNT_LIMIT",
        "128",
        "events",
        "of one span",
    ),
    used("OTEL_SPAN_LINK_COUNT_LIMIT", "128", "links", "of one span"),
    used(
        "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT",
        "128",
        "attributes",
        "of one event",
    ),
    used(
        "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT",
        "128",
        "attributes",
        "of one link",
    ),
    used(
        "OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT",
        "as for all",
        "characters",
        "the same for log records",
    ),
    used(
        "OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT",
        "as for all",
        "attributes",
        "the same for log records",
    ),
    used(
        "SPANWALK_FILTER",
        "info",
        "",
        "which spans and events are exported",
    ),
    used(
        "RUST_LOG",
        "info",
        "",
        "which events people see on stderr; has no influence on the export",
    ),
    used(
        "SPANWALK_SPOOL_DIR",
        "none",
        "",
        "where telemetry waits on disk while the collector is away; without it, in memory only",
    ),
    used(
        "SPANWALK_SPOOL_BYTES",
        "67108864",
        "bytes",
        "how much waits on disk at most",
    ),
    used(
        "OTEL_CONFIG_FILE",
        "none",
        "",
        "not supported: the start fails when it is set",
    ),
    ignored("OTEL_EXPORTER_OTLP_CERTIFICATE", "TLS is not built in"),
    ignored("OTEL_EXPORTER_OTLP_CLIENT_KEY", "TLS is not built in"),
    ignored(
        "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
        "TLS is not built in",
    ),
    ignored("OTEL_METRICS_EXPORTER", "no metrics are made"),
    ignored("OTEL_METRIC_EXPORT_INTERVAL", "no metrics are made"),
    ignored("OTEL_METRIC_EXPORT_TIMEOUT", "no metrics are made"),
    ignored("OTEL_METRICS_EXEMPLAR_FILTER", "no metrics are made"),
    ignored(
        "OTEL_SEMCONV_STABILITY_OPT_IN",
        "only the stable names are used",
    ),
];

/// The rows of the table in the README.
#[cfg(test)]
pub(crate) fn table() -> String {
    let mut text = String::from("| variable | default | unit | meaning |\n|---|---|---|---|\n");
    for it in VARIABLES {
        let meaning = if it.used {
            it.meaning.to_owned()
        } else {
            format!("no effect: {}", it.meaning)
        };
        // What could be typed is code, what is told is not.
        let default = match it.default {
            told if told.contains(' ') && !told.contains("://") => told.to_owned(),
            typed => format!("`{typed}`"),
        };
        let row = format!("| `{}` | {default} | {} | {meaning} |\n", it.name, it.unit);
        text.push_str(&row);
    }
    text
}
