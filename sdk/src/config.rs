//! Every variable that is read, with its default.

use crate::InitError;
use crate::exporter::Protocol;

/// What the environment says.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) disabled: bool,
    pub(crate) protocol: Protocol,
    pub(crate) endpoint: String,
    pub(crate) service_name: Option<String>,
    pub(crate) export_filter: String,
    pub(crate) console_filter: String,
}

impl Config {
    /// Reads through `get`, so that tests need not change the process.
    pub(crate) fn read(get: impl Fn(&str) -> Option<String>) -> Result<Self, InitError> {
        let get = |name: &str| get(name).filter(|value| !value.trim().is_empty());
        let protocol = match get("OTEL_EXPORTER_OTLP_PROTOCOL").as_deref() {
            None | Some("grpc") => Protocol::Grpc,
            Some("http/protobuf") => Protocol::HttpProtobuf,
            Some(other) => {
                return Err(InitError::Setting {
                    variable: "OTEL_EXPORTER_OTLP_PROTOCOL",
                    value: other.to_owned(),
                    expected: "grpc or http/protobuf",
                });
            }
        };
        let default = match protocol {
            Protocol::Grpc => "http://localhost:4317",
            Protocol::HttpProtobuf => "http://localhost:4318",
        };
        let endpoint = get("OTEL_EXPORTER_OTLP_ENDPOINT").unwrap_or_else(|| default.to_owned());
        if endpoint
            .parse::<http::Uri>()
            .ok()
            .is_none_or(|uri| uri.authority().is_none())
        {
            return Err(InitError::Setting {
                variable: "OTEL_EXPORTER_OTLP_ENDPOINT",
                value: endpoint,
                expected: "an address such as http://localhost:4317",
            });
        }
        Ok(Self {
            disabled: get("OTEL_SDK_DISABLED").is_some_and(|it| it.eq_ignore_ascii_case("true")),
            protocol,
            endpoint,
            service_name: get("OTEL_SERVICE_NAME"),
            export_filter: get("SPANWALK_FILTER").unwrap_or_else(|| "info".to_owned()),
            console_filter: get("RUST_LOG").unwrap_or_else(|| "info".to_owned()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, InitError> {
        Config::read(|name| {
            pairs
                .iter()
                .find(|it| it.0 == name)
                .map(|it| it.1.to_owned())
        })
    }

    #[test]
    fn protocol_decides_the_default_endpoint() {
        assert_eq!(read(&[]).unwrap().endpoint, "http://localhost:4317");
        let http = read(&[("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")]).unwrap();
        assert_eq!(
            (http.protocol, http.endpoint.as_str()),
            (Protocol::HttpProtobuf, "http://localhost:4318")
        );
    }

    #[test]
    fn what_cannot_be_understood_is_named() {
        let wrong = read(&[("OTEL_EXPORTER_OTLP_PROTOCOL", "thrift")]).unwrap_err();
        assert_eq!(
            wrong.to_string(),
            "OTEL_EXPORTER_OTLP_PROTOCOL is \"thrift\", expected grpc or http/protobuf"
        );
        assert!(read(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "no address")]).is_err());
    }
}
