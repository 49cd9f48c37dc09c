//! The gateway: the storefront API, the only service that visitors reach.

mod data;
mod routes;

use std::time::Duration;

use axum::Router;

use crate::DemoError;
use crate::service::Setup;

/// How long a page may take.
const PAGE_TIMEOUT: Duration = Duration::from_secs(1);
/// How long an order may take: longer than everything behind it together.
const ORDER_TIMEOUT: Duration = Duration::from_secs(6);

pub(crate) fn build(setup: &Setup) -> Result<Router, DemoError> {
    Ok(routes::router(routes::Gateway {
        catalogue: setup.peer("catalogue", PAGE_TIMEOUT)?,
        inventory: setup.peer("inventory", PAGE_TIMEOUT)?,
        orders: setup.peer("orders", ORDER_TIMEOUT)?,
    }))
}
