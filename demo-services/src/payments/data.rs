//! Charges, and how they are stored.

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use crate::database::{execute, row};

/// Charges that stay when the service starts.
const KEPT_COUNT: i64 = 1_000;
/// The numbers of charges begin here.
const FIRST_NUMBER: i64 = 70_000;

/// What shall be charged.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ChargeRequest {
    pub(crate) order_id: String,
    pub(crate) amount_cents: i64,
    pub(crate) currency: String,
    /// Stands for a card, as in `tok_visa_4242`; the number itself is known to the bank alone.
    pub(crate) card: String,
}

/// What was charged.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Charged {
    pub(crate) payment_id: String,
    pub(crate) authorization: String,
}

/// What may be said of a card.
#[derive(Debug, Clone)]
pub(super) struct Card {
    pub(super) issuer: String,
    pub(super) last4: String,
}

impl Card {
    /// Reads `tok_<issuer>_<last four digits>`.
    pub(super) fn read(token: &str) -> Option<Self> {
        let (issuer, last4) = token.strip_prefix("tok_")?.rsplit_once('_')?;
        let digits = last4.len() == 4 && last4.bytes().all(|it| it.is_ascii_digit());
        (digits && !issuer.is_empty()).then(|| Self {
            issuer: issuer.to_owned(),
            last4: last4.to_owned(),
        })
    }
}

/// The table.
pub(super) fn schema() -> String {
    format!(
        "CREATE TABLE IF NOT EXISTS charges (
            id INTEGER PRIMARY KEY, order_id TEXT NOT NULL, amount_cents INTEGER NOT NULL,
            currency TEXT NOT NULL, card_last4 TEXT NOT NULL, state TEXT NOT NULL,
            authorization TEXT
        ) STRICT;
        CREATE INDEX IF NOT EXISTS charges_by_order ON charges (order_id);
        DELETE FROM charges WHERE id <= (SELECT max(id) FROM charges) - {KEPT_COUNT};"
    )
}

/// The charge of an order that was made before, so that none is made twice.
pub(super) fn captured(
    connection: &Connection,
    order_id: &str,
) -> Result<Option<Charged>, rusqlite::Error> {
    row(
        connection,
        "SELECT id, authorization FROM charges WHERE order_id = ?1 AND state = 'captured'",
        [order_id],
        |row| {
            Ok(Charged {
                payment_id: payment_id(row.get(0)?),
                authorization: row.get(1)?,
            })
        },
    )
}

/// Writes down that the bank is going to be asked; gives the number of the charge.
pub(super) fn begin(
    connection: &Connection,
    request: &ChargeRequest,
    card: &Card,
) -> Result<i64, rusqlite::Error> {
    execute(
        connection,
        "INSERT INTO charges (order_id, amount_cents, currency, card_last4, state) \
         VALUES (?1, ?2, ?3, ?4, 'pending')",
        (
            &request.order_id,
            request.amount_cents,
            &request.currency,
            &card.last4,
        ),
    )?;
    Ok(connection.last_insert_rowid())
}

/// Writes down how it went.
pub(super) fn settle(
    connection: &Connection,
    number: i64,
    state: &str,
    authorization: Option<&str>,
) -> Result<(), rusqlite::Error> {
    execute(
        connection,
        "UPDATE charges SET state = ?2, authorization = ?3 WHERE id = ?1",
        (number, state, authorization),
    )?;
    Ok(())
}

/// The number of a charge as others know it.
pub(super) fn payment_id(number: i64) -> String {
    format!("pay-{}", FIRST_NUMBER + number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tokens_of_cards_are_read() {
        let card = Card::read("tok_visa_4242").unwrap();
        assert_eq!(
            (card.issuer.as_str(), card.last4.as_str()),
            ("visa", "4242")
        );
        for wrong in [
            "",
            "tok_",
            "tok_visa",
            "tok_visa_42",
            "tok__4242",
            "visa_4242",
            "tok_visa_424x",
        ] {
            assert!(Card::read(wrong).is_none(), "{wrong}");
        }
    }
}
