//! `POST /api/v1/import`: one chunk of an import, which counts once however often it is sent.

use axum::Router;
use axum::body::Body;
use axum::extract::{RawQuery, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use spanwalk_api::{API_PREFIX, ImportReceipt, PROTOBUF_CONTENT_TYPE};

use super::problem::{problem, shown};
use crate::receiver::{Failure, Receiver};
use crate::wal::{DeliveryId, Signal};

/// Hex digits of a delivery id.
const DELIVERY_DIGITS: usize = 32;

/// The route that takes imports.
pub fn import_router(receiver: Receiver) -> Router {
    Router::new()
        .route(&format!("{API_PREFIX}/import"), post(import))
        .with_state(receiver)
}

/// What the query string asks.
#[derive(Debug, PartialEq, Eq)]
struct Params {
    signal: Signal,
    delivery: DeliveryId,
}

async fn import(
    State(receiver): State<Receiver>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let params = match check(query.as_deref().unwrap_or_default(), &headers) {
        Ok(params) => params,
        Err(message) => {
            return problem(
                StatusCode::BAD_REQUEST,
                "spanwalk:bad-import",
                "the request is wrong",
                message,
            );
        }
    };
    let body: Body = request.into_body();
    let imported = receiver
        .import(params.signal, params.delivery, &headers, body)
        .await;
    match imported {
        Ok(imported) => axum::Json(ImportReceipt {
            stored: imported.stored,
            known: imported.known,
            rejected: imported.rejected,
        })
        .into_response(),
        Err(failure) => refused(&failure),
    }
}

/// The parameters, or what is wrong with them.
fn check(query: &str, headers: &HeaderMap) -> Result<Params, String> {
    let content_type = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    if content_type != Some(PROTOBUF_CONTENT_TYPE.as_bytes()) {
        return Err(format!("the content type must be {PROTOBUF_CONTENT_TYPE}"));
    }
    let mut signal = None;
    let mut delivery = None;
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        match (name, value) {
            ("signal", "spans") => signal = Some(Signal::Spans),
            ("signal", "logs") => signal = Some(Signal::Logs),
            ("signal", other) => {
                return Err(format!("signal is `{}`, not spans or logs", shown(other)));
            }
            ("delivery", digits) => delivery = Some(delivery_of(digits)?),
            (other, _) => {
                return Err(format!(
                    "there is no parameter `{}`; there are signal and delivery",
                    shown(other)
                ));
            }
        }
    }
    Ok(Params {
        signal: signal.ok_or("the parameter signal is missing; it is spans or logs")?,
        delivery: delivery.ok_or("the parameter delivery is missing; it is 32 hex digits")?,
    })
}

fn delivery_of(digits: &str) -> Result<DeliveryId, String> {
    let is_hex = digits.len() == DELIVERY_DIGITS && digits.bytes().all(|b| b.is_ascii_hexdigit());
    u128::from_str_radix(digits, 16)
        .ok()
        .filter(|_| is_hex)
        .map(DeliveryId)
        .ok_or_else(|| format!("delivery is `{}`, not 32 hex digits", shown(digits)))
}

fn refused(failure: &Failure) -> Response {
    let mut response = problem(
        failure.http_status(),
        "spanwalk:import-refused",
        "the chunk was not taken",
        &failure.message,
    );
    if let Some(seconds) = failure.retry_after_s() {
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Some(challenge) = failure.challenge() {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers() -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static(PROTOBUF_CONTENT_TYPE),
        );
        headers
    }

    #[test]
    fn parameters_are_checked_strictly() {
        let good = "signal=logs&delivery=000000000000000000000000000000ff";
        assert_eq!(
            check(good, &headers()),
            Ok(Params {
                signal: Signal::Logs,
                delivery: DeliveryId(255)
            })
        );
        for (query, part) in [
            ("", "signal"),
            ("signal=spans", "delivery"),
            ("signal=metrics", "metrics"),
            ("signal=spans&delivery=ff", "32 hex digits"),
            (
                "signal=spans&delivery=+00000000000000000000000000000ff",
                "32 hex digits",
            ),
            ("colour=red", "colour"),
        ] {
            let message = check(query, &headers()).unwrap_err();
            assert!(message.contains(part), "{query}: {message}");
        }
        assert!(check(good, &HeaderMap::new()).is_err());
    }
}
