//! The steps of an order: price, write down, reserve, charge; and back where one fails.

use axum::http::StatusCode;
use tracing::Span;
use tracing::field::Empty;

use super::data::{self, CURRENCY, OrderRequest, OrderView};
use crate::answer::Problem;
use crate::catalogue::Price;
use crate::database::Database;
use crate::inventory::{ReservationRequest, Reserved};
use crate::payments::{ChargeRequest, Charged};
use crate::peer::{CallError, Peer};

/// Everything that an order needs.
#[derive(Debug, Clone)]
pub(super) struct Saga {
    pub(super) database: Database,
    pub(super) catalogue: Peer,
    pub(super) inventory: Peer,
    pub(super) payments: Peer,
}

impl Saga {
    /// Takes an order to its end, good or bad.
    #[tracing::instrument(
        name = "place order",
        skip_all,
        fields(
            customer.id = request.customer,
            order.id = Empty,
            order.total_cents = Empty,
            otel.status_code = Empty,
            otel.status_description = Empty,
        )
    )]
    pub(super) async fn place(self, request: OrderRequest) -> Result<OrderView, Problem> {
        let placed = self.steps(request).await;
        if let Err(problem) = &placed
            && problem.status.is_server_error()
        {
            Span::current().record("otel.status_code", "ERROR");
            Span::current().record("otel.status_description", &problem.detail);
        }
        placed
    }

    async fn steps(&self, request: OrderRequest) -> Result<OrderView, Problem> {
        let total_cents = self.price(&request).await?;
        let written = request.clone();
        let number = self
            .database
            .run(move |connection| data::insert(connection, &written, total_cents))
            .await
            .map_err(|error| Problem::of_database(&error))?;
        let order_id = data::order_id(number);
        Span::current().record("order.id", &order_id);
        Span::current().record("order.total_cents", total_cents);
        tracing::info!(
            order.id = order_id,
            customer.id = request.customer,
            order.total_cents = total_cents,
            "{order_id} of {} taken, {total_cents} cents",
            request.customer
        );
        let reservation_id = match self.reserve(&order_id, &request).await {
            Ok(reserved) => reserved.reservation_id,
            Err(error) => return Err(self.not_reserved(number, &order_id, &error).await),
        };
        match self.charge(&order_id, &request, total_cents).await {
            Ok(charged) => {
                self.settle(number, "paid", Some(charged.payment_id.clone()))
                    .await?;
                tracing::info!(
                    order.id = order_id,
                    payment.id = charged.payment_id,
                    payment.authorization = charged.authorization,
                    "{order_id} is paid with {}",
                    charged.payment_id
                );
                Ok(OrderView {
                    order_id,
                    customer: request.customer,
                    total_cents,
                    state: "paid".to_owned(),
                })
            }
            Err(error) => {
                let problem = self.not_paid(number, &order_id, &error).await;
                self.compensate(&order_id, reservation_id).await;
                Err(problem)
            }
        }
    }

    /// What the items cost now.
    async fn price(&self, request: &OrderRequest) -> Result<i64, Problem> {
        let skus: Vec<_> = request.items.iter().map(|it| it.sku.as_str()).collect();
        let prices: Result<Vec<Price>, _> = self
            .catalogue
            .get(&format!("/prices?sku={}", skus.join(",")))
            .await;
        let prices = prices.map_err(|error| {
            tracing::error!(error.r#type = error.kind(), "prices cannot be had: {error}");
            Problem::of_call(&error, "no_prices", "prices cannot be had")
        })?;
        let mut total_cents = 0_i64;
        for item in &request.items {
            let Some(price) = prices.iter().find(|it| it.sku == item.sku) else {
                tracing::warn!(product.sku = item.sku, "{} has no price", item.sku);
                return Err(Problem::new(
                    StatusCode::NOT_FOUND,
                    "unknown_product",
                    format!("there is no product {}", item.sku),
                ));
            };
            let cents = price.price_cents.saturating_mul(item.quantity);
            total_cents = total_cents.saturating_add(cents);
        }
        Ok(total_cents)
    }

    async fn reserve(&self, order_id: &str, request: &OrderRequest) -> Result<Reserved, CallError> {
        let wanted = ReservationRequest {
            order_id: order_id.to_owned(),
            items: request.items.clone(),
        };
        self.inventory.post("/reservations", &wanted).await
    }

    async fn charge(
        &self,
        order_id: &str,
        request: &OrderRequest,
        amount_cents: i64,
    ) -> Result<Charged, CallError> {
        let wanted = ChargeRequest {
            order_id: order_id.to_owned(),
            amount_cents,
            currency: CURRENCY.to_owned(),
            card: request.card.clone(),
        };
        self.payments.post("/charges", &wanted).await
    }

    async fn not_reserved(&self, number: i64, order_id: &str, error: &CallError) -> Problem {
        if let Err(problem) = self.settle(number, "rejected", None).await {
            return problem;
        }
        if let Some(refusal) = error.refusal() {
            tracing::warn!(
                order.id = order_id,
                error.r#type = refusal.error,
                "{order_id} rejected: {}",
                refusal.detail
            );
            return refusal.clone();
        }
        tracing::error!(
            order.id = order_id,
            error.r#type = error.kind(),
            "stock of {order_id} cannot be reserved: {error}"
        );
        Problem::of_call(
            error,
            "reservation_failed",
            "the items could not be reserved",
        )
    }

    async fn not_paid(&self, number: i64, order_id: &str, error: &CallError) -> Problem {
        let (state, problem) = if let Some(refusal) = error.refusal() {
            tracing::warn!(
                order.id = order_id,
                error.r#type = refusal.error,
                "{order_id} is not paid: {}",
                refusal.detail
            );
            ("declined", refusal.clone())
        } else {
            tracing::error!(
                order.id = order_id,
                error.r#type = error.kind(),
                "payment of {order_id} failed: {error}"
            );
            (
                "failed",
                Problem::of_call(error, "payment_failed", "the order could not be paid"),
            )
        };
        // The order that cannot be settled is told in the log; the customer hears of the payment.
        let _settled = self.settle(number, state, None).await;
        problem
    }

    /// Gives back what was reserved.
    #[tracing::instrument(
        name = "compensate",
        skip_all,
        fields(order.id = order_id, reservation.id = reservation_id)
    )]
    async fn compensate(&self, order_id: &str, reservation_id: i64) {
        let path = format!("/reservations/{reservation_id}");
        match self.inventory.delete::<serde_json::Value>(&path).await {
            Ok(_) => tracing::info!(
                order.id = order_id,
                reservation.id = reservation_id,
                "reservation {reservation_id} of {order_id} is given back"
            ),
            Err(error) => tracing::error!(
                order.id = order_id,
                reservation.id = reservation_id,
                error.r#type = error.kind(),
                "reservation {reservation_id} of {order_id} stays held: {error}"
            ),
        }
    }

    async fn settle(
        &self,
        number: i64,
        state: &'static str,
        payment_id: Option<String>,
    ) -> Result<(), Problem> {
        self.database
            .run(move |connection| data::settle(connection, number, state, payment_id.as_deref()))
            .await
            .map_err(|error| Problem::of_database(&error))
    }
}
