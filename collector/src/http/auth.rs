//! Lets in who may ask.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use spanwalk_api::API_PREFIX;

use super::problem::ApiError;
use crate::admission::{Access, Right};

/// Paths below [`API_PREFIX`] that this does not guard: whether the collector lives is no
/// secret, and who may send an import is the receiver's matter.
const OPEN: [&str; 2] = ["/health", "/import"];

/// Answers 401 or 403 where somebody may not ask.
pub(super) fn guard(router: Router, access: Access) -> Router {
    router.layer(from_fn_with_state(access, check))
}

async fn check(State(access): State<Access>, request: Request, next: Next) -> Response {
    let below = request.uri().path().strip_prefix(API_PREFIX);
    if !below.is_some_and(|path| OPEN.contains(&path)) {
        let shown = request.headers().get(header::AUTHORIZATION);
        let shown = shown.map(HeaderValue::as_bytes);
        if let Err(denial) = access.check(Right::Query, shown) {
            return ApiError::Denied { denial }.into_response();
        }
    }
    next.run(request).await
}
