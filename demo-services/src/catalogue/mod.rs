//! The catalogue: what the shop sells and for how much.

mod data;
mod routes;

use axum::Router;

use crate::DemoError;
use crate::service::Setup;

pub(crate) use data::{PRODUCTS, Price};

pub(crate) fn build(setup: &Setup) -> Result<Router, DemoError> {
    let database = setup.database(&data::schema())?;
    Ok(routes::router(database))
}
