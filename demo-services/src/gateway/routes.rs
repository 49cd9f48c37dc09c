//! What the storefront answers.

use axum::Json;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};

use super::data;
use crate::answer::Problem;
use crate::orders::{OrderRequest, OrderView};
use crate::peer::{CallError, Peer};

/// Everything behind the storefront.
#[derive(Debug, Clone)]
pub(super) struct Gateway {
    pub(super) catalogue: Peer,
    pub(super) inventory: Peer,
    pub(super) orders: Peer,
}

pub(super) fn router(gateway: Gateway) -> Router {
    Router::new()
        .route("/products", get(browse))
        .route("/products/{sku}", get(view))
        .route("/checkout", post(checkout))
        .route("/orders/{id}", get(order))
        .with_state(gateway)
}

/// What came from behind goes on to the visitor: refusals as they are, failures as 502 or 504.
fn passed_on(error: &CallError, what: &str) -> Problem {
    if let Some(refusal) = error.refusal() {
        tracing::warn!(
            http.response.status_code = refusal.status.as_u16(),
            error.r#type = refusal.error,
            "{what} refused: {}",
            refusal.detail
        );
        return refusal.clone();
    }
    let problem = Problem::of_call(error, "upstream_failed", "try again in a moment");
    tracing::error!(
        http.response.status_code = problem.status.as_u16(),
        error.r#type = error.kind(),
        "{what} failed: {error}"
    );
    problem
}

#[derive(Deserialize)]
struct BrowseQuery {
    category: Option<String>,
}

async fn browse(
    State(gateway): State<Gateway>,
    Query(query): Query<BrowseQuery>,
) -> Result<Json<Value>, Problem> {
    let path = match query.category {
        Some(category) if data::is_number(&category) => format!("/products?category={category}"),
        Some(_) => {
            let detail = "a category is a word";
            return Err(Problem::new(
                StatusCode::BAD_REQUEST,
                "bad_category",
                detail,
            ));
        }
        None => "/products".to_owned(),
    };
    let products = gateway.catalogue.get(&path).await;
    products
        .map(Json)
        .map_err(|error| passed_on(&error, "list"))
}

async fn view(
    State(gateway): State<Gateway>,
    Path(sku): Path<String>,
) -> Result<Json<Value>, Problem> {
    if !data::is_number(&sku) {
        let detail = "that is no product number";
        return Err(Problem::new(StatusCode::BAD_REQUEST, "bad_product", detail));
    }
    let (product_path, stock_path) = (format!("/products/{sku}"), format!("/stock/{sku}"));
    let (product, stock) = tokio::join!(
        gateway.catalogue.get::<Value>(&product_path),
        gateway.inventory.get::<Value>(&stock_path),
    );
    let product = product.map_err(|error| passed_on(&error, "page"))?;
    // A page without its stock is still a page.
    let stock = stock.unwrap_or_else(|error| {
        tracing::warn!(
            product.sku = sku,
            error.r#type = error.kind(),
            "page of {sku} is shown without its stock: {error}"
        );
        Value::Null
    });
    Ok(Json(json!({ "page": product, "stock": stock })))
}

async fn checkout(
    State(gateway): State<Gateway>,
    Json(request): Json<OrderRequest>,
) -> Result<(StatusCode, Json<OrderView>), Problem> {
    data::check(&request).inspect_err(|problem| {
        tracing::warn!(
            customer.id = request.customer,
            "checkout refused: {}",
            problem.detail
        );
    })?;
    tracing::info!(
        customer.id = request.customer,
        item.count = request.items.len(),
        "checkout of {} products for {}",
        request.items.len(),
        request.customer
    );
    let order: OrderView = gateway
        .orders
        .post("/orders", &request)
        .await
        .map_err(|error| passed_on(&error, "checkout"))?;
    tracing::info!(
        order.id = order.order_id,
        customer.id = request.customer,
        order.total_cents = order.total_cents,
        "checkout done, {} is {}",
        order.order_id,
        order.state
    );
    Ok((StatusCode::CREATED, Json(order)))
}

async fn order(
    State(gateway): State<Gateway>,
    Path(id): Path<String>,
) -> Result<Json<OrderView>, Problem> {
    if !data::is_number(&id) {
        let detail = "that is no order";
        return Err(Problem::new(StatusCode::BAD_REQUEST, "bad_order", detail));
    }
    let order = gateway.orders.get(&format!("/orders/{id}")).await;
    order.map(Json).map_err(|error| passed_on(&error, "order"))
}
