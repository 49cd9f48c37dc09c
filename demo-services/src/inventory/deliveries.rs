//! Deliveries: some seconds after a shelf was found empty it is full again.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tracing::Instrument;

use super::data;
use crate::database::Database;

/// How long a delivery is on its way.
const DELIVERY_TIME: Duration = Duration::from_secs(4);

/// The products that are on their way; at most one delivery each.
#[derive(Debug, Clone, Default)]
pub(super) struct Deliveries {
    under_way: Arc<Mutex<HashSet<String>>>,
}

impl Deliveries {
    /// Orders a product, unless it is on its way.
    pub(super) fn order(&self, database: &Database, sku: &str) {
        let new = self
            .under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(sku.to_owned());
        if !new {
            return;
        }
        tracing::info!(
            product.sku = sku,
            delivery.seconds = DELIVERY_TIME.as_secs(),
            "ordered more of {sku}"
        );
        let (deliveries, database, sku) = (self.clone(), database.clone(), sku.to_owned());
        // The request does not wait for it, and it belongs to no request when it comes.
        tokio::spawn(async move {
            tokio::time::sleep(DELIVERY_TIME).await;
            let span = tracing::info_span!(
                parent: None,
                "take delivery",
                otel.kind = "internal",
                product.sku = sku,
            );
            deliveries.arrive(&database, sku).instrument(span).await;
        });
    }

    async fn arrive(&self, database: &Database, sku: String) {
        let delivered = sku.clone();
        let filled = database
            .run(move |connection| data::deliver(connection, &delivered))
            .await;
        match filled {
            Ok(available) => tracing::info!(
                product.sku = sku,
                stock.available = available,
                "delivery of {sku} came, {available} are there"
            ),
            Err(error) => tracing::error!(
                product.sku = sku,
                error.message = %error,
                "delivery of {sku} cannot be booked: {error}"
            ),
        }
        self.under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&sku);
    }
}
