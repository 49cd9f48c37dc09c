//! What orders answers.

use axum::Json;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};

use super::data::{self, OrderRequest, OrderView};
use super::saga::Saga;
use crate::answer::Problem;

pub(super) fn router(saga: Saga) -> Router {
    Router::new()
        .route("/orders", post(place))
        .route("/orders/{id}", get(view))
        .with_state(saga)
}

async fn place(
    State(saga): State<Saga>,
    Json(request): Json<OrderRequest>,
) -> Result<(StatusCode, Json<OrderView>), Problem> {
    // In a task of its own: a caller that hangs up must not leave an order half way.
    let placed = spanwalk_sdk::task::spawn(saga.place(request)).await;
    let order = placed.map_err(|error| {
        tracing::error!(error.message = %error, "order was cut off: {error}");
        Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "cut_off",
            "the order was cut off",
        )
    })??;
    Ok((StatusCode::CREATED, Json(order)))
}

async fn view(
    State(saga): State<Saga>,
    Path(order_id): Path<String>,
) -> Result<Json<OrderView>, Problem> {
    let unknown = || {
        tracing::warn!(order.id = order_id, "order {order_id} is not known");
        Problem::new(
            StatusCode::NOT_FOUND,
            "unknown_order",
            format!("there is no order {order_id}"),
        )
    };
    let number = data::number(&order_id).ok_or_else(unknown)?;
    let order = saga
        .database
        .run(move |connection| data::find(connection, number))
        .await
        .map_err(|error| Problem::of_database(&error))?;
    order.map(Json).ok_or_else(unknown)
}
