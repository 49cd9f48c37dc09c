//! What the storefront takes, and the checks before anything behind it is asked.

use axum::http::StatusCode;

use crate::answer::Problem;
use crate::orders::OrderRequest;

/// Different products in one order.
const ITEMS_MAX: usize = 20;
/// Pieces of one product in one order.
const QUANTITY_MAX: i64 = 10;

/// Whether an order can be taken at all.
pub(super) fn check(request: &OrderRequest) -> Result<(), Problem> {
    let bad = |detail: String| Problem::new(StatusCode::BAD_REQUEST, "bad_order", detail);
    if request.items.is_empty() || request.items.len() > ITEMS_MAX {
        return Err(bad(format!("an order has 1 to {ITEMS_MAX} products")));
    }
    for (index, item) in request.items.iter().enumerate() {
        if !is_number(&item.sku) {
            return Err(bad(format!("{:?} is no product number", item.sku)));
        }
        if !(1..=QUANTITY_MAX).contains(&item.quantity) {
            let detail = format!("1 to {QUANTITY_MAX} of {}, not {}", item.sku, item.quantity);
            return Err(bad(detail));
        }
        if request
            .items
            .iter()
            .skip(index + 1)
            .any(|it| it.sku == item.sku)
        {
            return Err(bad(format!("{} stands twice in the order", item.sku)));
        }
    }
    Ok(())
}

/// Whether this may be a product number or an id: it becomes part of an address.
pub(super) fn is_number(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 32
        && text
            .bytes()
            .all(|it| it.is_ascii_alphanumeric() || it == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::Item;

    fn order(items: &[(&str, i64)]) -> OrderRequest {
        OrderRequest {
            customer: "c-1".to_owned(),
            card: "tok_visa_4242".to_owned(),
            items: items
                .iter()
                .map(|&(sku, quantity)| Item {
                    sku: sku.to_owned(),
                    quantity,
                })
                .collect(),
        }
    }

    #[test]
    fn orders_that_make_no_sense_go_no_further() {
        assert!(check(&order(&[("CUP-STEEL", 2), ("TENT-2P", 1)])).is_ok());
        let wrong: [&[(&str, i64)]; 6] = [
            &[],
            &[("CUP-STEEL", 0)],
            &[("CUP-STEEL", 11)],
            &[("CUP-STEEL", 1), ("CUP-STEEL", 1)],
            &[("CUP,TENT", 1)],
            &[("../prices", 1)],
        ];
        for items in wrong {
            let problem = check(&order(items)).unwrap_err();
            assert_eq!(problem.status, StatusCode::BAD_REQUEST, "{items:?}");
        }
    }
}
