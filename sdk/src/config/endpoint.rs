//! Where requests of a signal go: the endpoint rules of OTLP.

use super::reader::Reader;
use super::{Protocol, Signal};
use crate::InitError;

/// The full address of a signal's requests over HTTP, or the server's over gRPC.
///
/// The general address is a base to which the signal's path is appended; the signal's own address
/// is used as it is, with `/` where it has no path. gRPC takes scheme, host and port only.
pub(crate) fn resolve(
    reader: &Reader<'_>,
    signal: Signal,
    protocol: Protocol,
) -> Result<String, InitError> {
    let own = signal.variable("ENDPOINT");
    let (variable, address) = match (reader.text(own), reader.text("OTEL_EXPORTER_OTLP_ENDPOINT")) {
        (Some(address), _) => (own, address),
        (None, Some(address)) => ("OTEL_EXPORTER_OTLP_ENDPOINT", address),
        (None, None) => {
            let default = match protocol {
                Protocol::Grpc => "http://localhost:4317",
                Protocol::HttpProtobuf => "http://localhost:4318",
            };
            ("OTEL_EXPORTER_OTLP_ENDPOINT", default.to_owned())
        }
    };
    let wrong = |expected| InitError::Setting {
        variable,
        value: address.clone(),
        expected,
    };
    let whole = with_scheme(reader, signal, protocol, &address);
    let uri: http::Uri = whole
        .parse()
        .map_err(|_| wrong("an address such as http://localhost:4317"))?;
    let authority = uri
        .authority()
        .filter(|it| !it.host().is_empty())
        .ok_or_else(|| wrong("an address such as http://localhost:4317"))?;
    match uri.scheme_str() {
        Some("http") => {}
        Some("https") => return Err(wrong("an http address: TLS is not built in")),
        _ => return Err(wrong("an address that begins with http://")),
    }
    let server = format!("http://{authority}");
    if protocol == Protocol::Grpc {
        return Ok(server);
    }
    let query = uri.query().map(|it| format!("?{it}")).unwrap_or_default();
    if variable == own {
        return Ok(format!("{server}{}{query}", uri.path()));
    }
    let base = uri.path().trim_end_matches('/');
    Ok(format!("{server}{base}/{}{query}", signal.path()))
}

/// gRPC endpoints may lack a scheme; `…_INSECURE` then says which.
fn with_scheme(reader: &Reader<'_>, signal: Signal, protocol: Protocol, address: &str) -> String {
    if protocol != Protocol::Grpc || address.contains("://") {
        return address.to_owned();
    }
    let insecure = reader.flag(&[signal.variable("INSECURE"), "OTEL_EXPORTER_OTLP_INSECURE"]);
    let scheme = if insecure { "http" } else { "https" };
    format!("{scheme}://{address}")
}
