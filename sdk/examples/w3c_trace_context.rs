//! A service for the W3C's trace-context test suite: it makes the calls that a request lists.
//!
//! ```text
//! cargo run -p spanwalk-sdk --example w3c_trace_context -- 127.0.0.1:5000
//! STRICT_LEVEL=2 SPEC_LEVEL=2 python test/test.py http://127.0.0.1:5000/test
//! ```

use std::time::Duration;

use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router, extract::State};
use serde_json::Value;
use spanwalk_sdk::reqwest::SendTraced;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let _guard = spanwalk_sdk::builder("w3c-trace-context").init()?;
    let address = std::env::args().nth(1);
    let address = address.unwrap_or_else(|| "127.0.0.1:5000".to_owned());
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(5))
        .build()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(&address).await?;
        tracing::info!("listens on {}", listener.local_addr()?);
        let router = Router::new()
            .route("/test", post(call_all))
            .layer(spanwalk_sdk::axum::server())
            .with_state(client);
        axum::serve(listener, router).await?;
        Ok(())
    })
}

/// `[{"url": …, "arguments": […]}, …]`: each URL gets a POST with its arguments.
async fn call_all(
    State(client): State<reqwest::Client>,
    Json(calls): Json<Vec<Value>>,
) -> StatusCode {
    for call in &calls {
        let (Some(url), Some(arguments)) = (call["url"].as_str(), call.get("arguments")) else {
            return StatusCode::BAD_REQUEST;
        };
        if client
            .post(url)
            .json(arguments)
            .send_traced()
            .await
            .is_err()
        {
            return StatusCode::BAD_GATEWAY;
        }
    }
    StatusCode::OK
}
