//! Requests that carry the trace on: a CLIENT span each, with the context in the headers.

use ::reqwest::{RequestBuilder, Response};
use tracing::Instrument;

/// Sends requests within a span of their own.
pub trait SendTraced {
    /// As `send`, within a CLIENT span that ends when the answer's head has come.
    ///
    /// # Errors
    /// As `send`.
    fn send_traced(self) -> impl Future<Output = Result<Response, ::reqwest::Error>> + Send;
}

impl SendTraced for RequestBuilder {
    async fn send_traced(self) -> Result<Response, ::reqwest::Error> {
        let (client, request) = self.build_split();
        let mut request = request?;
        let url = request.url();
        let method = request.method().as_str().to_owned();
        let mut shown = url.clone();
        // Credentials have no place in telemetry.
        if shown.set_username("").is_err() || shown.set_password(None).is_err() {
            shown.set_fragment(None);
        }
        let span = tracing::info_span!(
            target: "spanwalk_sdk::http",
            "request",
            otel.name = method,
            otel.kind = "client",
            otel.status_code = tracing::field::Empty,
            otel.status_description = tracing::field::Empty,
            http.request.method = method,
            server.address = url.host_str().unwrap_or_default(),
            server.port = url.port_or_known_default().map(i64::from),
            url.full = shown.as_str(),
            http.response.status_code = tracing::field::Empty,
            error.r#type = tracing::field::Empty,
        );
        crate::http::carry_on(&span, request.headers_mut());
        let answer = client.execute(request).instrument(span.clone()).await;
        match &answer {
            Ok(response) => {
                let status = response.status();
                // Unsigned numbers would become text on their way to OpenTelemetry.
                span.record("http.response.status_code", i64::from(status.as_u16()));
                if status.is_client_error() || status.is_server_error() {
                    span.record("otel.status_code", "ERROR");
                    span.record("error.type", status.as_str());
                }
            }
            Err(error) => {
                let kind = if error.is_timeout() {
                    "timeout"
                } else if error.is_connect() {
                    "connect"
                } else {
                    "request"
                };
                span.record("otel.status_code", "ERROR");
                span.record("otel.status_description", described(error));
                span.record("error.type", kind);
            }
        }
        answer
    }
}

/// The error with its causes; alone it says only that the request could not be sent. The address
/// stands in `url.full`, without credentials.
pub(crate) fn described(error: &::reqwest::Error) -> String {
    let mut text = if error.is_timeout() {
        "no answer in time"
    } else if error.is_connect() {
        "no connection"
    } else {
        "no answer"
    }
    .to_owned();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
