//! The end of a file: what is in it and where.

use std::sync::Arc;

use spanwalk_model::{Resource, Scope, UnixNanos};

use super::bytes::{Bad, Source, put_blob, put_varint, to_index};
use super::format::{FOOTER_BYTES_MAX, GROUP_ROWS_MAX, MAGIC, TRAILER_BYTES};
use super::stream::{Packer, Packing, Unpacker};
use super::summary::{FileSummary, ServiceCount};
use super::tables::{TableWriter, read_table};
use super::traces::Traces;
use crate::disk::HEADER_BYTES;

/// A group of rows in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) first_row: u32,
    pub(super) row_count: u32,
    /// Where its blocks begin.
    pub(super) offset: u64,
    /// The earliest and the latest moment of its rows.
    pub(super) first_ns: UnixNanos,
    pub(super) last_ns: UnixNanos,
    pub(super) packing: Packing,
}

/// Everything of a file but its rows.
#[derive(Debug)]
pub(super) struct Footer {
    pub(super) summary: FileSummary,
    pub(super) resources: Vec<Arc<Resource>>,
    pub(super) scopes: Vec<Arc<Scope>>,
    pub(super) traces: Traces,
    pub(super) groups: Vec<Group>,
}

/// The parts of a footer that is written.
pub(super) struct FooterParts<'a> {
    pub(super) summary: &'a FileSummary,
    pub(super) resources: &'a TableWriter<Resource>,
    pub(super) scopes: &'a TableWriter<Scope>,
    pub(super) traces: &'a Traces,
    pub(super) groups: &'a [Group],
}

impl FooterParts<'_> {
    /// The footer and the trailer as bytes; `None` where the footer is over the limit. `kind`
    /// says which kind of rows the file holds.
    pub(super) fn encode(
        &self,
        kind: u32,
        packer: &mut Packer,
    ) -> std::io::Result<Option<Vec<u8>>> {
        let mut raw = Vec::new();
        self.put(&mut raw);
        let (codec, compressed) = packer.compress(&raw)?;
        let stored = compressed.as_deref().unwrap_or(&raw);
        let (Ok(stored_bytes), Ok(raw_bytes)) =
            (u32::try_from(stored.len()), u32::try_from(raw.len()))
        else {
            return Ok(None);
        };
        if raw.len() > FOOTER_BYTES_MAX {
            return Ok(None);
        }
        let mut out = stored.to_vec();
        let start = out.len();
        out.extend_from_slice(&stored_bytes.to_le_bytes());
        out.extend_from_slice(&raw_bytes.to_le_bytes());
        out.extend_from_slice(&crc32fast::hash(stored).to_le_bytes());
        out.extend_from_slice(&u32::from(codec).to_le_bytes());
        out.extend_from_slice(&kind.to_le_bytes());
        let checksum = crc32fast::hash(out.get(start..).unwrap_or(&[]));
        out.extend_from_slice(&checksum.to_le_bytes());
        out.extend_from_slice(&MAGIC);
        Ok(Some(out))
    }

    fn put(&self, out: &mut Vec<u8>) {
        let summary = self.summary;
        put_varint(out, u64::from(summary.row_count));
        put_varint(out, summary.cut_value_count);
        put_varint(out, summary.services.len() as u64);
        for service in &summary.services {
            put_blob(out, service.service.as_bytes());
            put_varint(out, service.row_count);
            put_varint(out, service.error_count);
        }
        self.resources.put(out);
        self.scopes.put(out);
        self.traces.put(out);
        put_varint(out, self.groups.len() as u64);
        for group in self.groups {
            put_varint(out, u64::from(group.row_count));
            put_varint(out, group.first_ns);
            put_varint(out, group.last_ns);
            group.packing.put(out);
        }
    }
}

/// Where a footer is and how to read it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trailer {
    pub(super) stored_bytes: usize,
    raw_bytes: usize,
    checksum: u32,
    codec: u8,
}

impl Trailer {
    /// Reads the last bytes of a file of rows of this kind.
    pub(super) fn read(bytes: &[u8; TRAILER_BYTES], kind: u32) -> Result<Self, Bad> {
        let mut source = Source::new(bytes);
        let checked = source.take(20)?;
        let declared_checksum = source.u32()?;
        if source.rest() != MAGIC {
            return Err(Bad("the file does not end as one of its kind"));
        }
        if crc32fast::hash(checked) != declared_checksum {
            return Err(Bad("the checksum does not match"));
        }
        let mut source = Source::new(checked);
        let trailer = Self {
            stored_bytes: to_index(u64::from(source.u32()?))?,
            raw_bytes: to_index(u64::from(source.u32()?))?,
            checksum: source.u32()?,
            codec: u8::try_from(source.u32()?).map_err(|_| Bad("the codec is unknown"))?,
        };
        if source.u32()? != kind {
            return Err(Bad("the file holds rows of another kind"));
        }
        if trailer.raw_bytes > FOOTER_BYTES_MAX {
            return Err(Bad("the footer declares more than a footer can hold"));
        }
        Ok(trailer)
    }
}

impl Footer {
    /// Reads a footer. `blocks_end` is where it begins in the file.
    pub(super) fn read(stored: &[u8], trailer: &Trailer, blocks_end: u64) -> Result<Self, Bad> {
        if crc32fast::hash(stored) != trailer.checksum {
            return Err(Bad("the checksum does not match"));
        }
        let raw = Unpacker::new()?.decompress(trailer.codec, stored, trailer.raw_bytes)?;
        let mut source = Source::new(&raw);
        let mut summary = FileSummary {
            row_count: source.varint_u32()?,
            cut_value_count: source.varint()?,
            ..FileSummary::default()
        };
        for _ in 0..source.count()? {
            summary.services.push(ServiceCount {
                service: source.text()?.to_owned(),
                row_count: source.varint()?,
                error_count: source.varint()?,
            });
        }
        let resources = read_table(&mut source)?;
        let scopes = read_table(&mut source)?;
        let traces = Traces::read(&mut source, summary.row_count)?;
        let groups = read_groups(&mut source, summary.row_count, blocks_end)?;
        source.finish()?;
        summary.trace_count =
            u32::try_from(traces.len()).map_err(|_| Bad("there are too many traces"))?;
        summary.first_ns = groups.iter().map(|group| group.first_ns).min().unwrap_or(0);
        summary.last_ns = groups.iter().map(|group| group.last_ns).max().unwrap_or(0);
        Ok(Self {
            summary,
            resources,
            scopes,
            traces,
            groups,
        })
    }
}

fn read_groups(
    source: &mut Source<'_>,
    row_count: u32,
    blocks_end: u64,
) -> Result<Vec<Group>, Bad> {
    let mut groups = Vec::new();
    let mut first_row = 0u32;
    let mut offset = HEADER_BYTES as u64;
    for _ in 0..source.count()? {
        let group = Group {
            first_row,
            row_count: source.varint_u32()?,
            offset,
            first_ns: source.varint()?,
            last_ns: source.varint()?,
            packing: Packing::read(source)?,
        };
        if to_index(u64::from(group.row_count))? > GROUP_ROWS_MAX {
            return Err(Bad("a group has more rows than a group can hold"));
        }
        let too_long = Bad("the groups are longer than the file");
        let bytes = group.packing.stored_bytes().ok_or(too_long)? as u64;
        offset = offset
            .checked_add(bytes)
            .filter(|end| *end <= blocks_end)
            .ok_or(too_long)?;
        first_row = first_row
            .checked_add(group.row_count)
            .ok_or(Bad("the groups have more rows than the file"))?;
        groups.push(group);
    }
    if first_row != row_count {
        return Err(Bad("the groups have other rows than the file"));
    }
    Ok(groups)
}
