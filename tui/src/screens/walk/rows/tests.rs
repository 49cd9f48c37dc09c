//! What rows any events make.

use super::grow::RUN_MIN;
use super::*;
use proptest::prelude::*;

fn start(span: u32, parent: u32) -> Place {
    Place::Start { span, parent }
}

fn spans(tree: &RowTree) -> Vec<(u32, u32, u32)> {
    tree.rows()
        .iter()
        .map(|row| (row.span, row.depth, row.size))
        .collect()
}

#[test]
fn children_and_records_stand_beneath_their_span_in_causal_order() {
    let events = [
        start(0, NONE),
        Place::Within { span: 0 },
        start(1, 0),
        Place::Within { span: 1 },
        Place::End { span: 1 },
        Place::Within { span: 0 },
        Place::End { span: 0 },
        Place::Within { span: NONE },
    ];
    let tree = RowTree::new(&events, 2, |_, _| false);
    assert_eq!(
        spans(&tree),
        [
            (0, 0, 5),
            (NONE, 1, 1),
            (1, 1, 2),
            (NONE, 2, 1),
            (NONE, 1, 1),
            (NONE, 0, 1)
        ]
    );
    assert_eq!(tree.row_of(4), Some(2), "an end stands on its span's row");
    assert!(tree.has_next_sibling(2) && !tree.has_next_sibling(4));
}

#[test]
fn a_circle_of_parents_is_shown_and_ends() {
    let events = [start(0, 1), start(1, 0)];
    let tree = RowTree::new(&events, 2, |_, _| false);
    assert_eq!(spans(&tree), [(0, 0, 2), (1, 1, 1)]);
}

#[test]
fn a_run_of_like_siblings_has_a_row_of_its_own() {
    let mut events = vec![start(0, NONE), start(1, 0)];
    events.extend((2..7).map(|span| start(span, 0)));
    events.push(start(7, 3));
    events.push(Place::Within { span: 0 });
    let is_call = |span: u32| (2..7).contains(&span);
    let tree = RowTree::new(&events, 8, |one, other| is_call(one) && is_call(other));
    assert_eq!(
        spans(&tree),
        [
            (0, 0, 10),
            (1, 1, 1),
            (NONE, 1, 7),
            (2, 2, 1),
            (3, 2, 2),
            (7, 3, 1),
            (4, 2, 1),
            (5, 2, 1),
            (6, 2, 1),
            (NONE, 1, 1)
        ]
    );
    assert_eq!(tree.run_rows(), [2]);
    assert_eq!(tree.rows()[2].event, 2, "a run stands for its first span");
    assert_eq!(tree.row_of(2), Some(3), "which has its own row");
    assert!(tree.is_run(2) && !tree.is_run(9));
}

proptest! {
    #[test]
    fn any_events_make_a_tree_with_every_row_once(
        parents in proptest::collection::vec(proptest::option::of(0u32..30), 0..30),
        within in proptest::collection::vec(proptest::option::of(0u32..40), 0..30),
    ) {
        let mut events: Vec<Place> = parents
            .iter()
            .enumerate()
            .map(|(span, parent)| start(index(span), parent.unwrap_or(NONE)))
            .collect();
        events.extend(within.iter().map(|span| Place::Within { span: span.unwrap_or(NONE) }));
        let tree = RowTree::new(&events, parents.len(), |one, other| one / 8 == other / 8);
        prop_assert_eq!(tree.rows().len(), events.len() + tree.run_rows().len());
        for row in 0..index(tree.rows().len()) {
            let direct = tree.rows()[row as usize].direct as usize;
            prop_assert_eq!(tree.beneath(row).count(), direct);
            prop_assert!(tree.beneath(row).all(|below| tree.above(below).next() == Some(row)));
            prop_assert!(!tree.is_run(row) || direct >= RUN_MIN);
        }
        for event in 0..events.len() {
            prop_assert!(tree.row_of(event).is_some());
        }
    }
}
