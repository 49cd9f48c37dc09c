//! What holds for every answer: panics, wrong paths and wrong methods are problem documents,
//! and nobody keeps a copy of what will have changed a moment later.

use std::panic::AssertUnwindSafe;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use spanwalk_api::PROBLEM_CONTENT_TYPE;
use tower::Layer;

use super::problem::ApiError;

/// Puts the layer around all routes. Around the router as a whole and not around each route,
/// because the router names the allowed methods outside of the layers of its routes.
pub(super) fn around(router: Router) -> Router {
    Router::new().fallback_service(from_fn(finish).layer(router))
}

/// Answers where no route is.
pub(super) async fn no_such_path(uri: Uri) -> ApiError {
    ApiError::NoSuchPath {
        path: uri.path().to_owned(),
    }
}

async fn finish(request: Request, next: Next) -> Response {
    let method = request.method().to_string();
    let path = request.uri().path().to_owned();
    let answered = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let mut response = answered.unwrap_or_else(|_| ApiError::Panicked.into_response());
    if response.status() == StatusCode::METHOD_NOT_ALLOWED && !is_problem(response.headers()) {
        response = method_not_allowed(method, path, response.headers());
    }
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}

fn is_problem(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|value| {
        value
            .as_bytes()
            .starts_with(PROBLEM_CONTENT_TYPE.as_bytes())
    })
}

/// Says the same as the header that the router set: which methods there are.
fn method_not_allowed(method: String, path: String, headers: &HeaderMap) -> Response {
    let allow = headers.get(header::ALLOW);
    let allowed = allow
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .replace(',', ", ");
    let problem = ApiError::NoSuchMethod {
        method,
        path,
        allowed,
    };
    let mut response = problem.into_response();
    if let Some(allow) = allow {
        response.headers_mut().insert(header::ALLOW, allow.clone());
    }
    response
}
