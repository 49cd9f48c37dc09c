//! The orders: takes an order through reservation and payment, and back where one fails.

mod data;
mod routes;
mod saga;

use std::time::Duration;

use axum::Router;

use crate::DemoError;
use crate::service::Setup;

pub(crate) use data::{OrderRequest, OrderView};

/// How long catalogue and inventory may take.
const SHORT_TIMEOUT: Duration = Duration::from_secs(1);
/// How long payments may take: two attempts at the bank and some.
const PAYMENT_TIMEOUT: Duration = Duration::from_millis(2_500);

pub(crate) fn build(setup: &Setup) -> Result<Router, DemoError> {
    Ok(routes::router(saga::Saga {
        database: setup.database(&data::schema())?,
        catalogue: setup.peer("catalogue", SHORT_TIMEOUT)?,
        inventory: setup.peer("inventory", SHORT_TIMEOUT)?,
        payments: setup.peer("payments", PAYMENT_TIMEOUT)?,
    }))
}
