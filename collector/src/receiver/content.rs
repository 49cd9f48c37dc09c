//! What the headers of a request say of its body.

use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};

use super::failure::{Failure, FailureKind};

/// What a request carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signal {
    Traces,
    Logs,
    /// Answered and not kept.
    Metrics,
    /// Answered and not kept.
    Profiles,
}

impl Signal {
    pub(super) const ALL: [Self; 4] = [Self::Traces, Self::Logs, Self::Metrics, Self::Profiles];

    /// The path of OTLP over HTTP.
    pub(super) fn http_path(self) -> &'static str {
        match self {
            Self::Traces => "/v1/traces",
            Self::Logs => "/v1/logs",
            Self::Metrics => "/v1/metrics",
            Self::Profiles => "/v1development/profiles",
        }
    }

    /// The path of the gRPC method.
    pub(super) fn grpc_path(self) -> &'static str {
        match self {
            Self::Traces => "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
            Self::Logs => "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
            Self::Metrics => "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
            Self::Profiles => {
                "/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export"
            }
        }
    }

    /// What a partial success in JSON calls the count of rejected items.
    pub(super) fn rejected_field(self) -> &'static str {
        match self {
            Self::Traces => "rejectedSpans",
            Self::Logs => "rejectedLogRecords",
            Self::Metrics => "rejectedDataPoints",
            Self::Profiles => "rejectedProfiles",
        }
    }

    /// The name of its counter.
    pub(super) fn counter(self) -> &'static str {
        match self {
            Self::Traces => "spans",
            Self::Logs => "log_records",
            Self::Metrics => "metric_data_points",
            Self::Profiles => "profiles",
        }
    }
}

/// How the message is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Protobuf,
    Json,
}

impl Format {
    /// The media type of the request and of its answer.
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Protobuf => "application/x-protobuf",
            Self::Json => "application/json",
        }
    }

    /// The format that `Content-Type` names: case and parameters do not count.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, Failure> {
        let value = headers.get(CONTENT_TYPE).map(http::HeaderValue::as_bytes);
        let text = value.map(String::from_utf8_lossy);
        let essence = text.as_deref().and_then(|text| text.split(';').next());
        match essence.map(|essence| essence.trim().to_ascii_lowercase()) {
            Some(essence) if essence == Self::Protobuf.media_type() => Ok(Self::Protobuf),
            Some(essence) if essence == Self::Json.media_type() => Ok(Self::Json),
            found => {
                let found = found.filter(|essence| !essence.is_empty());
                Err(Failure::new(
                    FailureKind::Unsupported,
                    format!(
                        "content type {} is not taken; send application/x-protobuf or application/json",
                        found.as_deref().unwrap_or("(none)")
                    ),
                ))
            }
        }
    }
}

/// How the message is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Identity,
    Gzip,
    Zstd,
}

/// The encodings that are taken, as `Accept-Encoding` lists them.
pub(super) const ENCODINGS: &str = "identity, gzip, zstd";

impl Encoding {
    /// The encoding that `Content-Encoding` names.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, Failure> {
        Self::named(headers.get(CONTENT_ENCODING))
    }

    /// The encoding that a header names; none is identity.
    pub(super) fn named(value: Option<&http::HeaderValue>) -> Result<Self, Failure> {
        let Some(value) = value else {
            return Ok(Self::Identity);
        };
        let name = String::from_utf8_lossy(value.as_bytes())
            .trim()
            .to_ascii_lowercase();
        match name.as_str() {
            "" | "identity" => Ok(Self::Identity),
            "gzip" | "x-gzip" => Ok(Self::Gzip),
            "zstd" => Ok(Self::Zstd),
            other => Err(Failure::new(
                FailureKind::Unsupported,
                format!("encoding {other} is not taken; send one of {ENCODINGS}"),
            )),
        }
    }
}

/// The length that the headers declare; `None` for a chunked body.
pub(super) fn declared_bytes(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn format(value: &'static str) -> Result<Format, Failure> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(value));
        Format::of(&headers)
    }

    #[test]
    fn case_and_parameters_of_a_content_type_do_not_count() {
        assert_eq!(format("Application/JSON; charset=utf-8"), Ok(Format::Json));
        assert_eq!(format("application/x-protobuf "), Ok(Format::Protobuf));
        assert!(format("text/plain").is_err());
        assert!(Format::of(&HeaderMap::new()).is_err());
    }

    #[test]
    fn an_unknown_encoding_is_named_with_those_taken() {
        let failure = Encoding::named(Some(&HeaderValue::from_static("br"))).unwrap_err();
        assert!(failure.message.contains("br") && failure.message.contains(ENCODINGS));
        assert_eq!(
            Encoding::named(Some(&HeaderValue::from_static("GZIP"))),
            Ok(Encoding::Gzip)
        );
    }
}
