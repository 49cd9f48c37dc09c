//! The bank as payments sees it: asked for an authorization, once more where that cannot book twice.

use std::time::Duration;

use serde::Deserialize;

use super::data::{Card, ChargeRequest};
use crate::peer::{CallError, Peer};

/// How often the bank is asked at most.
const ATTEMPTS_MAX: u32 = 2;
/// The rest between two attempts.
const ATTEMPT_REST: Duration = Duration::from_millis(120);

/// The way to the bank.
#[derive(Debug, Clone)]
pub(super) struct Bank {
    peer: Peer,
}

/// What the bank decided.
#[derive(Debug, Deserialize)]
#[serde(tag = "result", rename_all = "lowercase")]
pub(super) enum Decision {
    Approved { authorization: String },
    Declined { reason: String },
}

impl Bank {
    pub(super) fn new(peer: Peer) -> Self {
        Self { peer }
    }

    /// Asks for the amount; again only where the bank said that it did nothing.
    #[tracing::instrument(
        name = "authorize card",
        skip_all,
        fields(
            order.id = request.order_id,
            card.issuer = card.issuer,
            card.last4 = card.last4,
            amount.cents = request.amount_cents,
            otel.status_code = tracing::field::Empty,
            otel.status_description = tracing::field::Empty,
        )
    )]
    pub(super) async fn authorize(
        &self,
        request: &ChargeRequest,
        card: &Card,
    ) -> Result<Decision, CallError> {
        let mut attempt = 1;
        loop {
            let error = match self.peer.post("/v2/authorizations", request).await {
                Ok(decision) => return Ok(decision),
                Err(error) => error,
            };
            let nothing_done = matches!(&error, CallError::Refused { problem, .. }
                if problem.status.is_server_error());
            if !nothing_done || attempt >= ATTEMPTS_MAX {
                let span = tracing::Span::current();
                span.record("otel.status_code", "ERROR");
                span.record("otel.status_description", error.to_string());
                return Err(error);
            }
            tracing::warn!(
                order.id = request.order_id,
                bank.attempt = attempt,
                bank.attempts_max = ATTEMPTS_MAX,
                error.r#type = error.kind(),
                "{error}, asking again in {} ms",
                ATTEMPT_REST.as_millis()
            );
            tokio::time::sleep(ATTEMPT_REST).await;
            attempt += 1;
        }
    }
}
