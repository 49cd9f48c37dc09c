//! Where two traces begin to differ.

use spanwalk_model::trace::Trace;

use super::PathProfile;

/// The first spans, in order of start under their parents, that do not stand for each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Divergence {
    /// The last span of the first trace that has its like, if any.
    pub last_common: Option<u32>,
    /// The span of the first trace; `None` where that ends here.
    pub before: Option<u32>,
    /// The span of the second trace; `None` where that ends here.
    pub after: Option<u32>,
}

/// Goes through both trees at once, parents before children and children in order of start.
pub(super) fn first(
    before: &Trace,
    of_before: &PathProfile,
    after: &Trace,
    of_after: &PathProfile,
) -> Option<Divergence> {
    let mut last_common = None;
    for rank in 0..before.len().max(after.len()) {
        let (one, other) = (before.at_rank(rank), after.at_rank(rank));
        let place_of_one = one.and_then(|span| of_before.place_of(span));
        let place_of_other = other.and_then(|span| of_after.place_of(span));
        if place_of_one != place_of_other {
            return Some(Divergence {
                last_common,
                before: one,
                after: other,
            });
        }
        last_common = one;
    }
    None
}
