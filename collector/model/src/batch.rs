//! Many records that keep their resource and scope once.

use std::sync::Arc;

use crate::log::LogRecord;
use crate::resource::Resource;
use crate::scope::Scope;
use crate::span::Span;
use crate::time::UnixNanos;

/// Spans of one request, grouped as they came.
pub type SpanBatch = Vec<ResourceItems<Span>>;

/// Log records of one request, grouped as they came.
pub type LogBatch = Vec<ResourceItems<LogRecord>>;

/// The items of one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceItems<T> {
    /// The resource, held once for all.
    pub resource: Arc<Resource>,
    /// Its items by scope.
    pub scopes: Vec<ScopeItems<T>>,
}

/// The items of one scope within one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeItems<T> {
    /// The scope, held once for all.
    pub scope: Arc<Scope>,
    /// The items in the order they came.
    pub items: Vec<T>,
}

/// What one request brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Batch {
    /// Spans.
    Spans(SpanBatch),
    /// Log records.
    Logs(LogBatch),
}

impl Batch {
    /// How many spans or log records it holds.
    pub fn item_count(&self) -> usize {
        match self {
            Self::Spans(groups) => item_count(groups),
            Self::Logs(groups) => item_count(groups),
        }
    }

    /// Gives log records that say neither when they happened nor when they were observed the
    /// moment at which they arrived (OpenTelemetry logs data model, field
    /// `ObservedTimestamp`). Without one they would stand in 1970.
    pub fn observe(&mut self, received_ns: UnixNanos) {
        let Self::Logs(groups) = self else {
            return;
        };
        let records = groups
            .iter_mut()
            .flat_map(|group| &mut group.scopes)
            .flat_map(|scope| &mut scope.items);
        for record in records {
            if record.time_ns == 0 && record.observed_time_ns == 0 {
                record.observed_time_ns = received_ns;
            }
        }
    }
}

/// How many items the groups hold.
pub fn item_count<T>(groups: &[ResourceItems<T>]) -> usize {
    groups
        .iter()
        .flat_map(|group| &group.scopes)
        .map(|scope| scope.items.len())
        .sum()
}

/// One item together with what it was grouped under: what the store gives back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scoped<T> {
    /// The span or log record.
    pub item: T,
    /// Its resource, shared with its neighbours.
    pub resource: Arc<Resource>,
    /// Its scope, shared with its neighbours.
    pub scope: Arc<Scope>,
}

/// Everything stored of one trace, in no promised order: what the store gives back for an id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TraceItems {
    /// Its spans.
    pub spans: Vec<Scoped<Span>>,
    /// Log records that carry its trace id.
    pub logs: Vec<Scoped<LogRecord>>,
}

impl TraceItems {
    /// When it began and when it ended: the earliest start of a span or moment of a log record,
    /// and the latest moment of all. Zero means unknown and does not count; where no start is
    /// known, both are zero. The trace stands in time where it began.
    pub fn bounds_ns(&self) -> (UnixNanos, UnixNanos) {
        let starts = self.spans.iter().map(|span| span.item.start_ns);
        let ends = self.spans.iter().map(|span| span.item.end_ns);
        let records = self.logs.iter().map(|record| record.item.moment_ns());
        let began = starts.chain(records).filter(|moment| *moment != 0);
        let Some(first) = began.clone().min() else {
            return (0, 0);
        };
        let last = began.chain(ends).max().unwrap_or(first);
        (first, last)
    }

    /// The span that stands for the trace: the earliest without a parent; where there is none,
    /// the earliest. Of equal starts, the one with the lowest id.
    pub fn root(&self) -> Option<&Scoped<Span>> {
        self.spans.iter().min_by_key(|span| {
            let item = &span.item;
            (item.parent_span_id.is_some(), item.start_ns, item.span_id)
        })
    }
}

/// Takes the groups apart into items that know their resource and scope.
pub fn scoped_items<T>(groups: Vec<ResourceItems<T>>) -> impl Iterator<Item = Scoped<T>> {
    groups.into_iter().flat_map(|group| {
        let resource = group.resource;
        group.scopes.into_iter().flat_map(move |scope_items| {
            let resource = Arc::clone(&resource);
            let scope = scope_items.scope;
            scope_items.items.into_iter().map(move |item| Scoped {
                item,
                resource: Arc::clone(&resource),
                scope: Arc::clone(&scope),
            })
        })
    })
}

/// Puts items back into groups: neighbours with equal resource and scope share them, the
/// order of items is kept.
pub fn group_items<T>(items: impl IntoIterator<Item = Scoped<T>>) -> Vec<ResourceItems<T>> {
    let mut groups: Vec<ResourceItems<T>> = Vec::new();
    for scoped in items {
        let same_resource = groups
            .last()
            .is_some_and(|group| same(&group.resource, &scoped.resource));
        if !same_resource {
            groups.push(ResourceItems {
                resource: Arc::clone(&scoped.resource),
                scopes: Vec::new(),
            });
        }
        let Some(group) = groups.last_mut() else {
            continue;
        };
        match group.scopes.last_mut() {
            Some(last) if same(&last.scope, &scoped.scope) => last.items.push(scoped.item),
            _ => group.scopes.push(ScopeItems {
                scope: scoped.scope,
                items: vec![scoped.item],
            }),
        }
    }
    groups
}

/// Equal by address, else by content: items of one batch share the address.
fn same<T: PartialEq>(a: &Arc<T>, b: &Arc<T>) -> bool {
    Arc::ptr_eq(a, b) || a == b
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{SpanId, TraceId};

    fn span(id: u64, parent: Option<u64>, start_ns: u64, end_ns: u64) -> Scoped<Span> {
        let trace = TraceId::from_u128(1).unwrap();
        let mut span = Span::new(trace, SpanId::from_u64(id).unwrap());
        span.parent_span_id = parent.and_then(SpanId::from_u64);
        (span.start_ns, span.end_ns) = (start_ns, end_ns);
        Scoped {
            item: span,
            resource: Arc::default(),
            scope: Arc::default(),
        }
    }

    #[test]
    fn a_trace_stands_from_its_first_known_moment_to_its_last() {
        let mut items = TraceItems::default();
        assert_eq!(items.bounds_ns(), (0, 0));
        items.spans = vec![span(1, None, 5, 3), span(2, None, 0, 9)];
        assert_eq!(items.bounds_ns(), (5, 9));
        items.logs.push(Scoped {
            item: LogRecord {
                observed_time_ns: 12,
                ..LogRecord::default()
            },
            resource: Arc::default(),
            scope: Arc::default(),
        });
        assert_eq!(items.bounds_ns(), (5, 12));
        items.spans = vec![span(1, None, 0, 4)];
        items.logs.clear();
        assert_eq!(items.bounds_ns(), (0, 0));
    }

    #[test]
    fn the_root_is_the_earliest_span_without_a_parent_if_there_is_one() {
        let mut items = TraceItems {
            spans: vec![span(3, Some(9), 1, 2), span(2, Some(9), 1, 2)],
            logs: Vec::new(),
        };
        let root_id = |items: &TraceItems| items.root().map(|root| root.item.span_id.to_u64());
        assert_eq!(root_id(&items), Some(2));
        items.spans.push(span(5, None, 8, 9));
        items.spans.push(span(4, None, 8, 9));
        assert_eq!(root_id(&items), Some(4));
    }

    #[test]
    fn taking_apart_and_grouping_again_gives_the_same() {
        let scope = |name: &str| {
            Arc::new(Scope {
                name: name.into(),
                ..Scope::default()
            })
        };
        let groups = vec![ResourceItems {
            resource: Arc::new(Resource::default()),
            scopes: vec![
                ScopeItems {
                    scope: scope("a"),
                    items: vec![1, 2],
                },
                ScopeItems {
                    scope: scope("b"),
                    items: vec![3],
                },
            ],
        }];
        assert_eq!(item_count(&groups), 3);
        assert_eq!(group_items(scoped_items(groups.clone())), groups);
    }
}
