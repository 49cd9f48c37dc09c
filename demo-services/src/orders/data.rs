//! Orders, and how they are stored.

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use crate::database::{execute, row};
use crate::inventory::Item;

/// Orders that stay when the service starts.
const KEPT_COUNT: i64 = 1_000;
/// The numbers of orders begin here.
const FIRST_NUMBER: i64 = 10_000;
/// What everything is paid in.
pub(super) const CURRENCY: &str = "EUR";

/// What somebody wants to buy.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct OrderRequest {
    pub(crate) customer: String,
    /// Stands for a card; see payments.
    pub(crate) card: String,
    pub(crate) items: Vec<Item>,
}

/// An order as its customer sees it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct OrderView {
    pub(crate) order_id: String,
    pub(crate) customer: String,
    pub(crate) total_cents: i64,
    pub(crate) state: String,
}

/// The tables.
pub(super) fn schema() -> String {
    format!(
        "CREATE TABLE IF NOT EXISTS orders (
            id INTEGER PRIMARY KEY, customer TEXT NOT NULL, total_cents INTEGER NOT NULL,
            state TEXT NOT NULL, payment_id TEXT
        ) STRICT;
        CREATE TABLE IF NOT EXISTS order_lines (
            order_number INTEGER NOT NULL, sku TEXT NOT NULL, quantity INTEGER NOT NULL,
            PRIMARY KEY (order_number, sku)
        ) STRICT;
        DELETE FROM order_lines WHERE order_number <= (SELECT max(id) FROM orders) - {KEPT_COUNT};
        DELETE FROM orders WHERE id <= (SELECT max(id) FROM orders) - {KEPT_COUNT};"
    )
}

/// Writes a new order down; gives its number.
pub(super) fn insert(
    connection: &mut Connection,
    request: &OrderRequest,
    total_cents: i64,
) -> Result<i64, rusqlite::Error> {
    let transaction = connection.transaction()?;
    execute(
        &transaction,
        "INSERT INTO orders (customer, total_cents, state) VALUES (?1, ?2, 'pending')",
        (&request.customer, total_cents),
    )?;
    let number = transaction.last_insert_rowid();
    for item in &request.items {
        execute(
            &transaction,
            "INSERT INTO order_lines (order_number, sku, quantity) VALUES (?1, ?2, ?3)",
            (number, &item.sku, item.quantity),
        )?;
    }
    transaction.commit()?;
    Ok(number)
}

/// Writes down what became of an order.
pub(super) fn settle(
    connection: &Connection,
    number: i64,
    state: &str,
    payment_id: Option<&str>,
) -> Result<(), rusqlite::Error> {
    execute(
        connection,
        "UPDATE orders SET state = ?2, payment_id = ?3 WHERE id = ?1",
        (number, state, payment_id),
    )?;
    Ok(())
}

pub(super) fn find(
    connection: &Connection,
    number: i64,
) -> Result<Option<OrderView>, rusqlite::Error> {
    row(
        connection,
        "SELECT customer, total_cents, state FROM orders WHERE id = ?1",
        [number],
        |row| {
            Ok(OrderView {
                order_id: order_id(number),
                customer: row.get(0)?,
                total_cents: row.get(1)?,
                state: row.get(2)?,
            })
        },
    )
}

/// The number of an order as others know it.
pub(super) fn order_id(number: i64) -> String {
    format!("ord-{}", FIRST_NUMBER + number)
}

/// The number in `ord-…`.
pub(super) fn number(order_id: &str) -> Option<i64> {
    let number: i64 = order_id.strip_prefix("ord-")?.parse().ok()?;
    number.checked_sub(FIRST_NUMBER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_lead_back_to_numbers() {
        assert_eq!(order_id(23), "ord-10023");
        assert_eq!(number("ord-10023"), Some(23));
        assert_eq!(number("10023"), None);
        assert_eq!(number("ord-"), None);
    }
}
