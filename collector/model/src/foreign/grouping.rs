//! Spans gathered under their resource and scope, where a format repeats both per span.

use std::collections::HashMap;
use std::sync::Arc;

use crate::batch::{ResourceItems, ScopeItems, SpanBatch};
use crate::resource::Resource;
use crate::scope::Scope;
use crate::span::Span;

/// Gathers spans; resources and scopes stand in order of their first span.
#[derive(Debug, Default)]
pub(super) struct Grouping {
    groups: Vec<Group>,
    /// Index in `groups` by the caller's name for the resource.
    by_key: HashMap<String, usize>,
}

#[derive(Debug)]
struct Group {
    resource: Resource,
    scopes: Vec<(Scope, Vec<Span>)>,
}

impl Grouping {
    /// Adds a span to the resource of this key, made at its first span.
    pub(super) fn push(
        &mut self,
        key: &str,
        make_resource: impl FnOnce() -> Resource,
        scope: Scope,
        span: Span,
    ) {
        let index = self.by_key.get(key).copied().unwrap_or_else(|| {
            let index = self.groups.len();
            self.groups.push(Group {
                resource: make_resource(),
                scopes: Vec::new(),
            });
            self.by_key.insert(key.to_owned(), index);
            index
        });
        let Some(group) = self.groups.get_mut(index) else {
            return;
        };
        // A process has a handful of scopes, so a walk over them is quicker than a map.
        match group.scopes.iter_mut().find(|(other, _)| *other == scope) {
            Some((_, spans)) => spans.push(span),
            None => group.scopes.push((scope, vec![span])),
        }
    }

    /// The groups.
    pub(super) fn finish(self) -> SpanBatch {
        let groups = self.groups.into_iter();
        groups
            .map(|group| ResourceItems {
                resource: Arc::new(group.resource),
                scopes: group
                    .scopes
                    .into_iter()
                    .map(|(scope, items)| ScopeItems {
                        scope: Arc::new(scope),
                        items,
                    })
                    .collect(),
            })
            .collect()
    }
}
