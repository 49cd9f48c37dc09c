//! The bank itself: a small HTTP server without any telemetry, as one outside of the shop has none.
//!
//! As with the test cards of real payment providers, the last four digits decide what happens.

use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use rand::Rng;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::DemoError;

/// How long the bank takes when its issuer hangs: longer than anybody waits.
const HANGING: Duration = Duration::from_secs(5);

#[derive(Deserialize)]
struct Authorization {
    card: String,
}

/// Starts the bank within the current runtime; gives its base URL.
pub(super) fn start() -> Result<String, DemoError> {
    let address = (Ipv4Addr::LOCALHOST, 0).into();
    let failed = |source| DemoError::Listen { address, source };
    let listener = TcpListener::bind(address).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    let url = format!("http://{}", listener.local_addr().map_err(failed)?);
    let listener = tokio::net::TcpListener::from_std(listener).map_err(failed)?;
    let router = Router::new().route("/v2/authorizations", post(authorize));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(url)
}

async fn authorize(
    request: Result<Json<Authorization>, JsonRejection>,
) -> (StatusCode, Json<Value>) {
    let Ok(Json(request)) = request else {
        return refusal(StatusCode::BAD_REQUEST, "bad_request", "no authorization");
    };
    let usual = Duration::from_millis(rand::rng().random_range(15..70));
    let last4 = request.card.rsplit('_').next().unwrap_or_default();
    let (time, answer) = match last4 {
        "0002" => (usual, declined("insufficient_funds")),
        "0069" => (usual, declined("expired_card")),
        "0119" => {
            let detail = "issuer Meridian is not connected";
            let answer = refusal(
                StatusCode::SERVICE_UNAVAILABLE,
                "issuer_unavailable",
                detail,
            );
            (usual, answer)
        }
        "0127" => (HANGING, approved()),
        "3063" => {
            let slow = rand::rng().random_range(250..600);
            (Duration::from_millis(slow), approved())
        }
        _ => (usual, approved()),
    };
    tokio::time::sleep(time).await;
    answer
}

fn approved() -> (StatusCode, Json<Value>) {
    let code: u32 = rand::rng().random_range(100_000..1_000_000);
    let answer = json!({ "result": "approved", "authorization": format!("A{code}") });
    (StatusCode::OK, Json(answer))
}

fn declined(reason: &str) -> (StatusCode, Json<Value>) {
    let answer = json!({ "result": "declined", "reason": reason });
    (StatusCode::OK, Json(answer))
}

fn refusal(status: StatusCode, error: &str, detail: &str) -> (StatusCode, Json<Value>) {
    (status, Json(json!({ "error": error, "detail": detail })))
}
