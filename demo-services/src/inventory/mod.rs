//! The inventory: what is there, and for whom it is kept.
//!
//! Two products are scarce, so that now and then an order cannot be had until the next delivery.

mod data;
mod deliveries;
mod routes;

use axum::Router;

use crate::DemoError;
use crate::service::Setup;

pub(crate) use data::{Item, ReservationRequest, Reserved};

pub(crate) fn build(setup: &Setup) -> Result<Router, DemoError> {
    let database = setup.database(&data::schema())?;
    Ok(routes::router(database))
}
