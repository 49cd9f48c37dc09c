//! The payments: charges cards at a bank that sometimes fails.
//!
//! The bank runs in this process but is none of ours: it is reached over HTTP, sends no telemetry,
//! and what goes wrong there is known only by how it answers.

mod bank;
mod data;
mod routes;
mod simulator;

use std::time::Duration;

use axum::Router;

use crate::DemoError;
use crate::service::Setup;

pub(crate) use data::{ChargeRequest, Charged};

/// How long the bank may take. Longer, and nobody knows whether it booked.
const BANK_TIMEOUT: Duration = Duration::from_millis(800);

pub(crate) fn build(setup: &Setup) -> Result<Router, DemoError> {
    let database = setup.database(&data::schema())?;
    let bank = simulator::start()?;
    let bank = bank::Bank::new(setup.outside("bank", &bank, BANK_TIMEOUT));
    Ok(routes::router(database, bank))
}
