//! `docs/otlp.md`, made from what the items find.

use std::fmt::Write as _;

use super::world::Transport;
use super::{ITEMS, Item};

/// What an item found on a transport.
async fn verdict(item: &Item, transport: Transport) -> &'static str {
    if !item.transports.contains(&transport) {
        return "–";
    }
    match tokio::spawn((item.check)(transport)).await {
        Ok(()) => "held",
        Err(_) => "**not held**",
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_of_otlp_says_what_the_items_find() {
    let mut expected = String::new();
    for item in ITEMS {
        write!(expected, "| {} | {} |", item.number, item.rule).unwrap();
        for transport in Transport::ALL {
            write!(expected, " {} |", verdict(item, transport).await).unwrap();
        }
        expected.push('\n');
    }
    let page = include_str!("../../../../docs/otlp.md");
    let start = page.find("| 1 |").unwrap();
    assert_eq!(
        page.get(start..),
        Some(expected.as_str()),
        "docs/otlp.md is stale; it should end with the right side:\n{expected}"
    );
}

#[test]
fn every_item_is_tried_or_is_not_a_servers() {
    let tried: Vec<u8> = ITEMS.iter().map(|item| item.number).collect();
    // 12 is a liberty that is not taken, 56 is about clients.
    let expected: Vec<u8> = (1..=55).filter(|number| *number != 12).collect();
    assert_eq!(tried, expected);
}
