//! What the inventory answers.

use axum::Json;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{delete, get, post};
use serde_json::{Value, json};

use super::data::{self, Outcome, ReservationRequest, Reserved};
use super::deliveries::Deliveries;
use crate::answer::Problem;
use crate::database::Database;

#[derive(Clone)]
struct Inventory {
    database: Database,
    deliveries: Deliveries,
}

pub(super) fn router(database: Database) -> Router {
    Router::new()
        .route("/stock/{sku}", get(stock))
        .route("/reservations", post(reserve))
        .route("/reservations/{id}", delete(release))
        .with_state(Inventory {
            database,
            deliveries: Deliveries::default(),
        })
}

async fn stock(
    State(inventory): State<Inventory>,
    Path(sku): Path<String>,
) -> Result<Json<Value>, Problem> {
    let wanted = sku.clone();
    let available = inventory
        .database
        .run(move |connection| data::stock(connection, &wanted))
        .await
        .map_err(|error| Problem::of_database(&error))?;
    let available = available.ok_or_else(|| {
        Problem::new(
            StatusCode::NOT_FOUND,
            "unknown_product",
            format!("there is no shelf for {sku}"),
        )
    })?;
    if available == 0 {
        tracing::warn!(product.sku = sku, "shelf of {sku} is empty");
        inventory.deliveries.order(&inventory.database, &sku);
    }
    Ok(Json(json!({ "sku": sku, "available": available })))
}

async fn reserve(
    State(inventory): State<Inventory>,
    Json(request): Json<ReservationRequest>,
) -> Result<(StatusCode, Json<Reserved>), Problem> {
    let order_id = request.order_id.clone();
    let item_count = request.items.len();
    let outcome = inventory
        .database
        .run(move |connection| data::reserve(connection, &request))
        .await
        .map_err(|error| Problem::of_database(&error))?;
    match outcome {
        Outcome::Reserved(reservation_id) => {
            tracing::info!(
                order.id = order_id,
                reservation.id = reservation_id,
                item.count = item_count,
                "reserved {item_count} items for {order_id}"
            );
            Ok((StatusCode::CREATED, Json(Reserved { reservation_id })))
        }
        Outcome::Short { item, available } => {
            tracing::warn!(
                order.id = order_id,
                product.sku = item.sku,
                stock.wanted = item.quantity,
                stock.available = available,
                "out of stock: {order_id} wants {} of {}, {available} are there",
                item.quantity,
                item.sku
            );
            inventory.deliveries.order(&inventory.database, &item.sku);
            Err(Problem::new(
                StatusCode::CONFLICT,
                "out_of_stock",
                format!(
                    "{} of {} wanted, {available} there",
                    item.quantity, item.sku
                ),
            ))
        }
    }
}

async fn release(
    State(inventory): State<Inventory>,
    Path(id): Path<i64>,
) -> Result<Json<Value>, Problem> {
    let released = inventory
        .database
        .run(move |connection| data::release(connection, id))
        .await
        .map_err(|error| Problem::of_database(&error))?;
    let Some(items) = released else {
        tracing::warn!(reservation.id = id, "reservation {id} is not held");
        return Err(Problem::new(
            StatusCode::NOT_FOUND,
            "not_held",
            format!("reservation {id} is not held"),
        ));
    };
    tracing::info!(
        reservation.id = id,
        item.count = items.len(),
        "released reservation {id}, {} items are back on their shelves",
        items.len()
    );
    Ok(Json(json!({ "released": items })))
}
