//! What payments answers.

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;

use super::bank::{Bank, Decision};
use super::data::{self, Card, ChargeRequest, Charged};
use crate::answer::Problem;
use crate::database::Database;
use crate::peer::CallError;

#[derive(Clone)]
struct Payments {
    database: Database,
    bank: Bank,
}

pub(super) fn router(database: Database, bank: Bank) -> Router {
    Router::new()
        .route("/charges", post(charge))
        .with_state(Payments { database, bank })
}

async fn charge(
    State(payments): State<Payments>,
    Json(request): Json<ChargeRequest>,
) -> Result<(StatusCode, Json<Charged>), Problem> {
    let Some(card) = Card::read(&request.card) else {
        tracing::warn!(
            order.id = request.order_id,
            "card of {} is none",
            request.order_id
        );
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "bad_card",
            "the card is no token of a card",
        ));
    };
    let (asked, of) = (request.clone(), card.clone());
    let begun = payments
        .database
        .run(move |connection| {
            if let Some(charged) = data::captured(connection, &asked.order_id)? {
                return Ok(Err(charged));
            }
            data::begin(connection, &asked, &of).map(Ok)
        })
        .await
        .map_err(|error| Problem::of_database(&error))?;
    let number = match begun {
        Ok(number) => number,
        Err(charged) => {
            tracing::warn!(
                order.id = request.order_id,
                payment.id = charged.payment_id,
                "{} was charged before as {}",
                request.order_id,
                charged.payment_id
            );
            return Ok((StatusCode::OK, Json(charged)));
        }
    };
    match payments.bank.authorize(&request, &card).await {
        Ok(decision) => payments.decided(number, &request, &card, decision).await,
        Err(error) => Err(payments.failed(number, &request, &card, &error).await),
    }
}

impl Payments {
    async fn decided(
        &self,
        number: i64,
        request: &ChargeRequest,
        card: &Card,
        decision: Decision,
    ) -> Result<(StatusCode, Json<Charged>), Problem> {
        let payment_id = data::payment_id(number);
        match decision {
            Decision::Approved { authorization } => {
                let code = authorization.clone();
                self.settle(number, "captured", Some(code)).await?;
                tracing::info!(
                    order.id = request.order_id,
                    payment.id = payment_id,
                    amount.cents = request.amount_cents,
                    card.issuer = card.issuer,
                    "charged {} cents for {} as {payment_id}",
                    request.amount_cents,
                    request.order_id
                );
                let charged = Charged {
                    payment_id,
                    authorization,
                };
                Ok((StatusCode::CREATED, Json(charged)))
            }
            Decision::Declined { reason } => {
                self.settle(number, "declined", None).await?;
                tracing::warn!(
                    order.id = request.order_id,
                    payment.id = payment_id,
                    card.issuer = card.issuer,
                    card.last4 = card.last4,
                    decline.reason = reason,
                    "card declined for {}: {reason}",
                    request.order_id
                );
                Err(Problem::new(
                    StatusCode::PAYMENT_REQUIRED,
                    "card_declined",
                    format!("the bank declined the card: {reason}"),
                ))
            }
        }
    }

    /// The bank gave no decision: this is where the trouble of the shop comes from.
    async fn failed(
        &self,
        number: i64,
        request: &ChargeRequest,
        card: &Card,
        error: &CallError,
    ) -> Problem {
        let late = matches!(error, CallError::Timeout { .. });
        tracing::error!(
            order.id = request.order_id,
            payment.id = data::payment_id(number),
            amount.cents = request.amount_cents,
            card.issuer = card.issuer,
            card.last4 = card.last4,
            error.r#type = error.kind(),
            "charge of {} failed: {error}",
            request.order_id
        );
        // With no answer the bank may have booked or not; a person has to look.
        let state = if late { "unknown" } else { "failed" };
        if let Err(problem) = self.settle(number, state, None).await {
            return problem;
        }
        let code = if late {
            "bank_timeout"
        } else {
            "bank_unavailable"
        };
        Problem::of_call(error, code, "the bank gave no decision")
    }

    async fn settle(
        &self,
        number: i64,
        state: &'static str,
        authorization: Option<String>,
    ) -> Result<(), Problem> {
        self.database
            .run(move |connection| {
                data::settle(connection, number, state, authorization.as_deref())
            })
            .await
            .map_err(|error| Problem::of_database(&error))
    }
}
