//! What the codecs of spans and log records share: a group's rows on their way in and out.

use std::sync::Arc;

use spanwalk_model::{Resource, Scope, Scoped};

use super::bytes::Bad;
use super::ints::{Ints, push_ints};
use super::stream::{StreamReader, StreamWriter};
use super::traces::Traces;

/// A row on its way into a file: the item and the numbers of its resource and scope.
#[derive(Debug)]
pub(super) struct NumberedRow<'a, T> {
    pub(super) item: &'a T,
    pub(super) resource: u32,
    pub(super) scope: u32,
}

/// What a group needs to know of its file when it is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct GroupContext<'a> {
    pub(super) first_row: u32,
    pub(super) row_count: usize,
    pub(super) traces: &'a Traces,
    pub(super) resources: &'a [Arc<Resource>],
    pub(super) scopes: &'a [Arc<Scope>],
}

impl GroupContext<'_> {
    /// The number of a row within the file.
    pub(super) fn file_row(&self, row: usize) -> u32 {
        self.first_row
            .saturating_add(u32::try_from(row).unwrap_or(u32::MAX))
    }
}

/// How rows of one kind become streams and back.
pub(super) trait Codec: Sized {
    /// Pushes the streams of a group; returns how many values were nested too deeply and
    /// replaced.
    fn encode(rows: &[NumberedRow<'_, Self>], streams: &mut StreamWriter) -> u64;

    /// Takes the streams of a group and gives back these rows of it, numbers within the group
    /// in ascending order.
    fn decode(
        context: GroupContext<'_>,
        streams: &mut StreamReader<'_>,
        rows: &mut dyn Iterator<Item = usize>,
    ) -> Result<Vec<Scoped<Self>>, Bad>;
}

/// The resource and scope columns, on their way out.
#[derive(Debug)]
pub(super) struct Origins {
    resources: Ints,
    scopes: Ints,
}

impl Origins {
    pub(super) fn push<T>(rows: &[NumberedRow<'_, T>], streams: &mut StreamWriter) {
        let resources: Vec<u64> = rows.iter().map(|row| u64::from(row.resource)).collect();
        push_ints(streams, &resources);
        let scopes: Vec<u64> = rows.iter().map(|row| u64::from(row.scope)).collect();
        push_ints(streams, &scopes);
    }

    pub(super) fn take(streams: &mut StreamReader<'_>, row_count: usize) -> Result<Self, Bad> {
        Ok(Self {
            resources: Ints::take(streams, row_count)?,
            scopes: Ints::take(streams, row_count)?,
        })
    }

    /// The item with its resource and scope.
    pub(super) fn scoped<T>(
        &self,
        context: &GroupContext<'_>,
        row: usize,
        item: T,
    ) -> Result<Scoped<T>, Bad> {
        let resource = context.resources.get(self.resources.get_index(row)?);
        let scope = context.scopes.get(self.scopes.get_index(row)?);
        Ok(Scoped {
            item,
            resource: Arc::clone(resource.ok_or(Bad("a row has an unknown resource"))?),
            scope: Arc::clone(scope.ok_or(Bad("a row has an unknown scope"))?),
        })
    }
}

/// Pushes one number a row.
pub(super) fn push_each<T>(streams: &mut StreamWriter, items: &[T], number: impl FnMut(&T) -> u64) {
    let numbers: Vec<u64> = items.iter().map(number).collect();
    push_ints(streams, &numbers);
}
