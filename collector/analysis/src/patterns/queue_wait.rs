//! Messages that lie in a queue.

use spanwalk_model::SpanKind;

use super::{Detector, Found, View, duration};

/// A long way from a producer's end to its consumer's start.
pub(super) struct QueueWait;

impl Detector for QueueWait {
    fn name(&self) -> &'static str {
        "queue_wait"
    }

    fn about(&self) -> &'static str {
        "a message waits long between being sent and being handled"
    }

    fn cure(&self) -> &'static str {
        "more or faster consumers, smaller batches, a look at the consumer's lag"
    }

    fn detect(&self, view: &View<'_>) -> Vec<Found> {
        (0..view.trace.len())
            .filter(|span| view.trace.kind(*span) == SpanKind::Consumer)
            .filter_map(|consumer| {
                let producer = earliest_producer(view, consumer)?;
                let wait = view
                    .start_ns(consumer)
                    .saturating_sub(view.end_ns(producer));
                if wait < view.settings.queue_wait_ns {
                    return None;
                }
                let trace = view.trace;
                Some(Found {
                    what: format!(
                        "a message from {} waits {} for {}",
                        trace.service(producer),
                        duration(wait),
                        trace.service(consumer)
                    ),
                    spans: vec![producer, consumer],
                    // A path that waits for the answer waits for the queue in the producer's
                    // caller; one that does not is not longer for it.
                    cost_ns: if view.path.standing(consumer).is_waited_for()
                        && trace.parent(consumer).is_some()
                    {
                        wait
                    } else {
                        0
                    },
                    evidence: vec![format!(
                        "handling it took {}",
                        duration(view.length_ns(consumer))
                    )],
                })
            })
            .collect()
    }
}

/// The producer above a consumer, or of those that it links to the one that sent first.
fn earliest_producer(view: &View<'_>, consumer: u32) -> Option<u32> {
    let trace = view.trace;
    let above = trace
        .parent(consumer)
        .filter(|parent| trace.kind(*parent) == SpanKind::Producer);
    let links = trace.span(consumer).into_iter().flat_map(|scoped| {
        scoped
            .item
            .links
            .iter()
            .filter(|link| Some(link.trace_id) == trace.trace_id())
            .filter_map(|link| trace.index_of(link.span_id))
    });
    above
        .into_iter()
        .chain(links)
        .min_by_key(|producer| view.end_ns(*producer))
}
