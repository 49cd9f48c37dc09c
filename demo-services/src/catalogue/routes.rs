//! What the catalogue answers.

use axum::Json;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::routing::get;
use serde::{Deserialize, Serialize};

use super::data::{self, Price, Product};
use crate::answer::Problem;
use crate::database::Database;

/// Prices that one request may ask for.
const PRICES_MAX: usize = 50;

pub(super) fn router(database: Database) -> Router {
    Router::new()
        .route("/products", get(list))
        .route("/products/{sku}", get(view))
        .route("/prices", get(prices))
        .with_state(database)
}

#[derive(Deserialize)]
struct ListQuery {
    category: Option<String>,
}

async fn list(
    State(database): State<Database>,
    Query(query): Query<ListQuery>,
) -> Result<Json<Vec<Product>>, Problem> {
    let category = query.category.clone();
    let products = database
        .run(move |connection| data::list(connection, category.as_deref()))
        .await
        .map_err(|error| Problem::of_database(&error))?;
    tracing::info!(
        product.count = products.len(),
        product.category = query.category.as_deref().unwrap_or("all"),
        "listed {} products",
        products.len()
    );
    Ok(Json(products))
}

#[derive(Serialize)]
struct View {
    product: Product,
    related: Vec<Product>,
}

async fn view(
    State(database): State<Database>,
    Path(sku): Path<String>,
) -> Result<Json<View>, Problem> {
    let wanted = sku.clone();
    let found = database
        .run(move |connection| {
            let Some(product) = data::find(connection, &wanted)? else {
                return Ok(None);
            };
            let related = data::related(connection, &product)?;
            Ok(Some(View { product, related }))
        })
        .await
        .map_err(|error| Problem::of_database(&error))?;
    found.map(Json).ok_or_else(|| {
        tracing::warn!(product.sku = sku, "product {sku} is not in the catalogue");
        Problem::new(
            StatusCode::NOT_FOUND,
            "unknown_product",
            format!("there is no product {sku}"),
        )
    })
}

#[derive(Deserialize)]
struct PricesQuery {
    /// Product numbers with commas between.
    sku: String,
}

async fn prices(
    State(database): State<Database>,
    Query(query): Query<PricesQuery>,
) -> Result<Json<Vec<Price>>, Problem> {
    let skus: Vec<String> = query.sku.split(',').map(str::to_owned).collect();
    if skus.len() > PRICES_MAX {
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "too_many",
            format!("at most {PRICES_MAX} prices at a time"),
        ));
    }
    let prices = database
        .run(move |connection| data::prices(connection, &skus))
        .await
        .map_err(|error| Problem::of_database(&error))?;
    Ok(Json(prices))
}
