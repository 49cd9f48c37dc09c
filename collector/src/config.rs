//! What a collector is told at its start. Where the values come from (flags, environment, a
//! file) is the caller's matter.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use crate::redaction::RedactionOptions;
use crate::store::StoreOptions;

/// The port of OTLP over gRPC, as the OpenTelemetry specification has it.
pub const OTLP_GRPC_PORT: u16 = 4317;
/// The port of OTLP over HTTP, as the OpenTelemetry specification has it.
pub const OTLP_HTTP_PORT: u16 = 4318;
/// The port of Zipkin's spans, as Zipkin has it.
pub const ZIPKIN_PORT: u16 = 9411;
/// The port of the query API.
pub const API_PORT: u16 = 4320;

/// How a collector runs.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where everything is kept; made where it is missing.
    pub data_dir: PathBuf,
    /// OTLP over gRPC.
    pub otlp_grpc: Listen,
    /// OTLP over HTTP.
    pub otlp_http: Listen,
    /// Zipkin's spans.
    pub zipkin: Listen,
    /// The query API.
    pub api: Listen,
    /// Whether listeners may be where other machines reach them, although nothing is encrypted.
    pub is_insecure: bool,
    /// The file of tokens without which nobody comes in; `None` lets everybody in.
    pub tokens: Option<PathBuf>,
    /// What is hidden before anything is written.
    pub redaction: RedactionOptions,
    /// Bytes that one request may have, before and after decompression.
    pub request_bytes_max: usize,
    /// Bytes of all requests that may be in memory at once.
    pub in_flight_bytes_max: usize,
    /// How long a query may take.
    pub query_timeout: Duration,
    /// How data are kept.
    pub store: StoreOptions,
}

impl Config {
    /// Everything at its default: loopback only, on the standard ports.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            otlp_grpc: Listen::loopback(OTLP_GRPC_PORT),
            otlp_http: Listen::loopback(OTLP_HTTP_PORT),
            zipkin: Listen::loopback(ZIPKIN_PORT),
            api: Listen::loopback(API_PORT),
            is_insecure: false,
            tokens: None,
            redaction: RedactionOptions::default(),
            request_bytes_max: 64 << 20,
            in_flight_bytes_max: 256 << 20,
            query_timeout: Duration::from_secs(30),
            store: StoreOptions::default(),
        }
    }
}

/// Where a listener listens. Its text is an address, or `off`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listen {
    /// Not at all.
    Off,
    /// At this address; port 0 takes a free one.
    At(SocketAddr),
}

impl Listen {
    /// On this port of the loopback interface.
    pub fn loopback(port: u16) -> Self {
        Self::At(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::At(address) => address.fmt(f),
        }
    }
}

/// The text is no place to listen at.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is no address to listen at; write IP:PORT such as 127.0.0.1:4317, with port 0 for a free one, or `off`"
)]
pub struct ListenError {
    /// The text given.
    pub text: String,
}

impl FromStr for Listen {
    type Err = ListenError;

    fn from_str(text: &str) -> Result<Self, ListenError> {
        let trimmed = text.trim();
        if trimmed.eq_ignore_ascii_case("off") {
            return Ok(Self::Off);
        }
        // The one host name whose address needs no look-up.
        let address = match trimmed.strip_prefix("localhost:") {
            Some(port) => port
                .parse()
                .ok()
                .map(|port: u16| SocketAddr::from((Ipv4Addr::LOCALHOST, port))),
            None => trimmed.parse().ok(),
        };
        address.map(Self::At).ok_or_else(|| ListenError {
            text: text.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_they_are_printed() {
        for text in ["off", "127.0.0.1:4317", "[::1]:0", "0.0.0.0:80"] {
            assert_eq!(text.parse::<Listen>().unwrap().to_string(), text);
        }
        assert_eq!("localhost:4320".parse(), Ok(Listen::loopback(4320)));
        assert_eq!("OFF".parse(), Ok(Listen::Off));
    }

    #[test]
    fn what_is_no_address_is_named_with_what_to_write() {
        let error = "4317".parse::<Listen>().unwrap_err().to_string();
        assert!(error.contains("`4317`") && error.contains("127.0.0.1:4317"));
        assert!("localhost:99999".parse::<Listen>().is_err());
        assert!("".parse::<Listen>().is_err());
    }
}
