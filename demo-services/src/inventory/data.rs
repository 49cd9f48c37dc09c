//! Stock and reservations, and how they are stored.

use std::fmt::Write;

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use crate::catalogue::PRODUCTS;
use crate::database::{execute, row, rows};

/// Products of which few are there, and how many.
const SCARCE: [(&str, i64); 2] = [("SHELL-3L", 16), ("LAMP-200", 24)];
/// How many of the others are there.
const PLENTY: i64 = 400;
/// Reservations that stay when the service starts.
const KEPT_COUNT: i64 = 1_000;

/// A product and how many of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Item {
    pub(crate) sku: String,
    pub(crate) quantity: i64,
}

/// What shall be kept for an order.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ReservationRequest {
    pub(crate) order_id: String,
    pub(crate) items: Vec<Item>,
}

/// What is kept for an order.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Reserved {
    pub(crate) reservation_id: i64,
}

/// How a reservation went.
pub(super) enum Outcome {
    Reserved(i64),
    Short { item: Item, available: i64 },
}

/// How many of a product are there after a delivery.
pub(super) fn full(sku: &str) -> i64 {
    SCARCE
        .iter()
        .find(|it| it.0 == sku)
        .map_or(PLENTY, |it| it.1)
}

/// The tables, filled: each start begins with full shelves.
pub(super) fn schema() -> String {
    let mut text = format!(
        "CREATE TABLE IF NOT EXISTS stock (
            sku TEXT PRIMARY KEY, available INTEGER NOT NULL CHECK (available >= 0)
        ) STRICT;
        CREATE TABLE IF NOT EXISTS reservations (
            id INTEGER PRIMARY KEY, order_id TEXT NOT NULL, state TEXT NOT NULL
        ) STRICT;
        CREATE TABLE IF NOT EXISTS reservation_lines (
            reservation_id INTEGER NOT NULL REFERENCES reservations ON DELETE CASCADE,
            sku TEXT NOT NULL, quantity INTEGER NOT NULL,
            PRIMARY KEY (reservation_id, sku)
        ) STRICT;
        DELETE FROM reservation_lines
            WHERE reservation_id <= (SELECT max(id) FROM reservations) - {KEPT_COUNT};
        DELETE FROM reservations WHERE id <= (SELECT max(id) FROM reservations) - {KEPT_COUNT};"
    );
    for (sku, ..) in PRODUCTS {
        // Writing to a text cannot fail.
        let _written = write!(
            text,
            "INSERT OR REPLACE INTO stock VALUES ('{sku}', {});",
            full(sku)
        );
    }
    text
}

/// Takes all items from the shelves or none.
pub(super) fn reserve(
    connection: &mut Connection,
    request: &ReservationRequest,
) -> Result<Outcome, rusqlite::Error> {
    let transaction = connection.transaction()?;
    for item in &request.items {
        let taken = execute(
            &transaction,
            "UPDATE stock SET available = available - ?2 WHERE sku = ?1 AND available >= ?2",
            (&item.sku, item.quantity),
        )?;
        if taken == 0 {
            let available = stock(&transaction, &item.sku)?.unwrap_or(0);
            // Dropping the transaction puts back what was taken.
            return Ok(Outcome::Short {
                item: item.clone(),
                available,
            });
        }
    }
    execute(
        &transaction,
        "INSERT INTO reservations (order_id, state) VALUES (?1, 'held')",
        [&request.order_id],
    )?;
    let id = transaction.last_insert_rowid();
    for item in &request.items {
        execute(
            &transaction,
            "INSERT INTO reservation_lines (reservation_id, sku, quantity) VALUES (?1, ?2, ?3)",
            (id, &item.sku, item.quantity),
        )?;
    }
    transaction.commit()?;
    Ok(Outcome::Reserved(id))
}

/// Puts the items of a reservation back; none when it is not held.
pub(super) fn release(
    connection: &mut Connection,
    id: i64,
) -> Result<Option<Vec<Item>>, rusqlite::Error> {
    let transaction = connection.transaction()?;
    let released = execute(
        &transaction,
        "UPDATE reservations SET state = 'released' WHERE id = ?1 AND state = 'held'",
        [id],
    )?;
    if released == 0 {
        return Ok(None);
    }
    let items = rows(
        &transaction,
        "SELECT sku, quantity FROM reservation_lines WHERE reservation_id = ?1",
        [id],
        |row| {
            Ok(Item {
                sku: row.get(0)?,
                quantity: row.get(1)?,
            })
        },
    )?;
    for item in &items {
        execute(
            &transaction,
            "UPDATE stock SET available = available + ?2 WHERE sku = ?1",
            (&item.sku, item.quantity),
        )?;
    }
    transaction.commit()?;
    Ok(Some(items))
}

pub(super) fn stock(connection: &Connection, sku: &str) -> Result<Option<i64>, rusqlite::Error> {
    row(
        connection,
        "SELECT available FROM stock WHERE sku = ?1",
        [sku],
        |row| row.get(0),
    )
}

/// Fills the shelf of a product, and tells how many there are then.
pub(super) fn deliver(connection: &Connection, sku: &str) -> Result<i64, rusqlite::Error> {
    let full = full(sku);
    execute(
        connection,
        "UPDATE stock SET available = max(available, ?2) WHERE sku = ?1",
        (sku, full),
    )?;
    Ok(full)
}
