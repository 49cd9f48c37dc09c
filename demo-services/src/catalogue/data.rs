//! Products and prices, and how they are stored.

use std::fmt::Write;

use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};

use crate::database::{row, rows};

/// What the shop sells: number, name, category, price in cents.
pub(crate) const PRODUCTS: [(&str, &str, &str, i64); 12] = [
    ("TENT-2P", "Ridgeline tent for two", "camp", 24_900),
    ("BAG-M10", "Sleeping bag to -10 °C", "camp", 15_900),
    ("MAT-AIR", "Air mat, insulated", "camp", 8_900),
    ("LAMP-200", "Head lamp, 200 lumen", "camp", 3_950),
    ("STOVE-G1", "Gas stove, folding", "kitchen", 4_990),
    ("POT-900", "Titanium pot, 900 ml", "kitchen", 5_450),
    ("CUP-STEEL", "Steel cup", "kitchen", 1_290),
    ("PACK-45", "Pack, 45 litres", "carry", 17_900),
    ("DRY-20", "Dry sack, 20 litres", "carry", 1_990),
    ("BOOT-GTX", "Mountain boot", "wear", 22_900),
    ("SHELL-3L", "Rain shell, three layers", "wear", 27_900),
    ("SOCK-MER", "Merino socks", "wear", 2_190),
];

/// A product as the shop shows it.
#[derive(Debug, Serialize)]
pub(super) struct Product {
    sku: String,
    name: String,
    category: String,
    price_cents: i64,
}

/// The price of one product.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Price {
    pub(crate) sku: String,
    pub(crate) price_cents: i64,
}

/// The tables, filled.
pub(super) fn schema() -> String {
    let mut text = String::from(
        "CREATE TABLE IF NOT EXISTS products (
            sku TEXT PRIMARY KEY, name TEXT NOT NULL, category TEXT NOT NULL,
            price_cents INTEGER NOT NULL
        ) STRICT;",
    );
    for (sku, name, category, price_cents) in PRODUCTS {
        // Writing to a text cannot fail.
        let _written = write!(
            text,
            "INSERT OR REPLACE INTO products VALUES ('{sku}', '{name}', '{category}', {price_cents});"
        );
    }
    text
}

fn product(row: &Row<'_>) -> Result<Product, rusqlite::Error> {
    Ok(Product {
        sku: row.get(0)?,
        name: row.get(1)?,
        category: row.get(2)?,
        price_cents: row.get(3)?,
    })
}

pub(super) fn list(
    connection: &Connection,
    category: Option<&str>,
) -> Result<Vec<Product>, rusqlite::Error> {
    match category {
        Some(category) => rows(
            connection,
            "SELECT sku, name, category, price_cents FROM products WHERE category = ?1 ORDER BY name",
            [category],
            product,
        ),
        None => rows(
            connection,
            "SELECT sku, name, category, price_cents FROM products ORDER BY category, name",
            [],
            product,
        ),
    }
}

pub(super) fn find(connection: &Connection, sku: &str) -> Result<Option<Product>, rusqlite::Error> {
    row(
        connection,
        "SELECT sku, name, category, price_cents FROM products WHERE sku = ?1",
        [sku],
        product,
    )
}

/// Others of the same category.
pub(super) fn related(
    connection: &Connection,
    of: &Product,
) -> Result<Vec<Product>, rusqlite::Error> {
    rows(
        connection,
        "SELECT sku, name, category, price_cents FROM products WHERE category = ?1 AND sku <> ?2 \
         ORDER BY name LIMIT 3",
        [&of.category, &of.sku],
        product,
    )
}

/// The prices of those of `skus` that exist.
pub(super) fn prices(
    connection: &Connection,
    skus: &[String],
) -> Result<Vec<Price>, rusqlite::Error> {
    let places = vec!["?"; skus.len()].join(", ");
    rows(
        connection,
        &format!("SELECT sku, price_cents FROM products WHERE sku IN ({places})"),
        rusqlite::params_from_iter(skus),
        |row| {
            Ok(Price {
                sku: row.get(0)?,
                price_cents: row.get(1)?,
            })
        },
    )
}
