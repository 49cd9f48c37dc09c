//! What visitors do, and how often: browse, view, buy, look at an order.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use rand::Rng;
use rand::rngs::StdRng;
use serde_json::{Value, json};

use crate::catalogue::PRODUCTS;

/// Orders that visitors remember.
const REMEMBERED_MAX: usize = 32;

/// The cards of the visitors and how many of a thousand checkouts are paid with each. What the bank
/// makes of them is its own matter.
const CARDS: [(&str, u32); 9] = [
    ("tok_visa_4242", 330),
    ("tok_mastercard_4444", 270),
    ("tok_amex_0005", 160),
    ("tok_nordbank_8431", 120),
    ("tok_visa_3063", 50),
    ("tok_visa_0002", 20),
    ("tok_mastercard_0069", 10),
    ("tok_meridian_0119", 25),
    ("tok_nordbank_0127", 15),
];

/// One request of a visitor.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Journey {
    Browse(Option<&'static str>),
    View(&'static str),
    Checkout(Value),
    Order(String),
}

/// How it was answered.
pub(super) enum Answered {
    Well,
    Refused,
    Failed,
}

/// What all visitors together remember.
#[derive(Debug, Clone, Default)]
pub(super) struct Visitors {
    orders: Arc<Mutex<VecDeque<String>>>,
}

/// The first visitors: within a second there is an order that works, one that fails at once, one
/// that fails late, and pages.
pub(super) fn opening() -> Vec<Journey> {
    let buy = |customer: &str, card: &str, sku: &str| checkout(customer, card, &[(sku, 1)]);
    vec![
        Journey::Browse(None),
        buy("c-1001", "tok_visa_4242", "CUP-STEEL"),
        buy("c-1002", "tok_meridian_0119", "TENT-2P"),
        Journey::View("BOOT-GTX"),
        buy("c-1003", "tok_nordbank_0127", "PACK-45"),
    ]
}

fn checkout(customer: &str, card: &str, items: &[(&str, i64)]) -> Journey {
    let items: Vec<_> = items
        .iter()
        .map(|(sku, quantity)| json!({ "sku": sku, "quantity": quantity }))
        .collect();
    Journey::Checkout(json!({ "customer": customer, "card": card, "items": items }))
}

impl Visitors {
    /// What the next visitor does.
    pub(super) fn next(&self, random: &mut StdRng) -> Journey {
        match random.random_range(0..100) {
            0..40 => Journey::Browse(category(random)),
            40..67 => Journey::View(product(random)),
            67..94 => buy(random),
            _ => self.order(random),
        }
    }

    /// Looks at an order that was made before, or at a page when there is none.
    fn order(&self, random: &mut StdRng) -> Journey {
        let orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
        let index = random.random_range(0..REMEMBERED_MAX);
        let index = index.checked_rem(orders.len()).unwrap_or(0);
        orders
            .get(index)
            .cloned()
            .map_or(Journey::Browse(None), Journey::Order)
    }

    fn remember(&self, order_id: &str) {
        let mut orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
        if orders.len() >= REMEMBERED_MAX {
            orders.pop_front();
        }
        orders.push_back(order_id.to_owned());
    }
}

fn category(random: &mut StdRng) -> Option<&'static str> {
    let (_, _, category, _) = pick(random, &PRODUCTS)?;
    // Half of the visitors look at everything.
    random.random_bool(0.5).then_some(*category)
}

fn product(random: &mut StdRng) -> &'static str {
    pick(random, &PRODUCTS).map_or("TENT-2P", |it| it.0)
}

fn pick<'a, T>(random: &mut StdRng, from: &'a [T]) -> Option<&'a T> {
    from.get(random.random_range(0..from.len().max(1)))
}

fn buy(random: &mut StdRng) -> Journey {
    let mut items: Vec<(&str, i64)> = Vec::new();
    for _ in 0..random.random_range(1..=3) {
        let sku = product(random);
        if !items.iter().any(|it| it.0 == sku) {
            items.push((sku, random.random_range(1..=2)));
        }
    }
    let customer = format!("c-{}", random.random_range(1_004..1_400));
    checkout(&customer, card(random), &items)
}

fn card(random: &mut StdRng) -> &'static str {
    let all: u32 = CARDS.iter().map(|it| it.1).sum();
    let mut rest = random.random_range(0..all);
    for (card, share) in CARDS {
        match rest.checked_sub(share) {
            Some(left) => rest = left,
            None => return card,
        }
    }
    CARDS[0].0
}

impl Journey {
    /// Sends the request and reads the answer.
    pub(super) async fn go(
        self,
        client: &reqwest::Client,
        base: &str,
        visitors: &Visitors,
    ) -> Answered {
        let bought = matches!(self, Self::Checkout(_));
        let request = match self {
            Self::Browse(None) => client.get(format!("{base}/products")),
            Self::Browse(Some(category)) => {
                client.get(format!("{base}/products?category={category}"))
            }
            Self::View(sku) => client.get(format!("{base}/products/{sku}")),
            Self::Checkout(body) => client.post(format!("{base}/checkout")).json(&body),
            Self::Order(id) => client.get(format!("{base}/orders/{id}")),
        };
        let Ok(response) = request.send().await else {
            return Answered::Failed;
        };
        let status = response.status();
        // The whole answer is read: who leaves earlier would cut its span short.
        let Ok(body) = response.json::<Value>().await else {
            return Answered::Failed;
        };
        if status.is_client_error() {
            return Answered::Refused;
        }
        if !status.is_success() {
            return Answered::Failed;
        }
        if bought && let Some(order_id) = body.get("order_id").and_then(Value::as_str) {
            visitors.remember(order_id);
        }
        Answered::Well
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    fn journeys(seed: u64, count: usize) -> Vec<Journey> {
        let visitors = Visitors::default();
        let mut random = StdRng::seed_from_u64(seed);
        (0..count).map(|_| visitors.next(&mut random)).collect()
    }

    #[test]
    fn the_same_seed_sends_the_same_visitors() {
        assert_eq!(journeys(3, 200), journeys(3, 200));
        assert_ne!(journeys(3, 200), journeys(4, 200));
    }

    #[test]
    fn a_few_percent_of_checkouts_meet_a_bank_that_fails() {
        let cards: Vec<_> = journeys(1, 20_000)
            .into_iter()
            .filter_map(|it| match it {
                Journey::Checkout(body) => Some(body["card"].as_str().unwrap().to_owned()),
                _ => None,
            })
            .collect();
        let failing = cards
            .iter()
            .filter(|it| it.ends_with("0119") || it.ends_with("0127"))
            .count();
        let percent = failing * 100 / cards.len();
        assert!((2..=6).contains(&percent), "{failing} of {}", cards.len());
    }

    #[test]
    fn only_orders_that_were_made_are_looked_at() {
        let visitors = Visitors::default();
        for number in 0..100 {
            visitors.remember(&format!("ord-{number}"));
        }
        let mut random = StdRng::seed_from_u64(1);
        for _ in 0..100 {
            let Journey::Order(id) = visitors.order(&mut random) else {
                panic!("no order");
            };
            let number: usize = id.trim_start_matches("ord-").parse().unwrap();
            assert!((100 - REMEMBERED_MAX..100).contains(&number));
        }
    }
}
