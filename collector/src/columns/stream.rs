//! Streams of bytes in an agreed order, packed into compressed blocks.
//!
//! A group of rows is a list of streams; writer and reader push and take them in the same
//! order. A long stream is a block of its own, the short ones together are the last block.

use std::cell::RefCell;
use std::ops::Range;

use super::bytes::{Bad, Source, put_varint, to_index};
use super::format::{GROUP_BYTES_MAX, SMALL_STREAM_BYTES, ZSTD_LEVEL};

const STORED: u8 = 0;
const ZSTD: u8 = 1;

/// Collects the streams of a group.
#[derive(Debug, Default)]
pub(super) struct StreamWriter {
    streams: Vec<Vec<u8>>,
}

impl StreamWriter {
    /// Adds the next stream.
    pub(super) fn push(&mut self, stream: Vec<u8>) {
        self.streams.push(stream);
    }

    /// Puts this byte at a place counted through all streams, for tests of hostile input.
    #[cfg(test)]
    pub(super) fn damage(&mut self, place: usize, byte: u8) {
        let total: usize = self.streams.iter().map(Vec::len).sum();
        let mut place = place % total.max(1);
        for stream in &mut self.streams {
            match stream.get_mut(place) {
                Some(target) => {
                    *target = byte;
                    return;
                }
                None => place -= stream.len(),
            }
        }
    }
}

/// Compresses and decompresses, keeping its tables from one block to the next.
pub(super) struct Packer {
    compressor: zstd::bulk::Compressor<'static>,
}

/// Where the blocks of a group are and how its streams lie in them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Packing {
    stream_bytes: Vec<usize>,
    blocks: Vec<Block>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Block {
    codec: u8,
    stored_bytes: usize,
    checksum: u32,
}

impl Packer {
    pub(super) fn new() -> std::io::Result<Self> {
        Ok(Self {
            compressor: zstd::bulk::Compressor::new(ZSTD_LEVEL)?,
        })
    }

    /// Appends the streams as blocks. `None` where they are over the limit.
    pub(super) fn pack(
        &mut self,
        writer: &StreamWriter,
        out: &mut Vec<u8>,
    ) -> std::io::Result<Option<Packing>> {
        let mut packing = Packing {
            stream_bytes: writer.streams.iter().map(Vec::len).collect(),
            blocks: Vec::new(),
        };
        if packing.is_over_limit() {
            return Ok(None);
        }
        let mut small = Vec::new();
        for stream in &writer.streams {
            if stream.len() < SMALL_STREAM_BYTES {
                small.extend_from_slice(stream);
            } else {
                packing.blocks.push(self.put_block(stream, out)?);
            }
        }
        packing.blocks.push(self.put_block(&small, out)?);
        Ok(Some(packing))
    }

    /// Compresses bytes where that makes them shorter; says which it did.
    pub(super) fn compress(&mut self, bytes: &[u8]) -> std::io::Result<(u8, Option<Vec<u8>>)> {
        let compressed = self.compressor.compress(bytes)?;
        Ok(if compressed.len() < bytes.len() {
            (ZSTD, Some(compressed))
        } else {
            (STORED, None)
        })
    }

    fn put_block(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> std::io::Result<Block> {
        let (codec, compressed) = self.compress(bytes)?;
        let stored = compressed.as_deref().unwrap_or(bytes);
        out.extend_from_slice(stored);
        Ok(Block {
            codec,
            stored_bytes: stored.len(),
            checksum: crc32fast::hash(stored),
        })
    }
}

impl Packing {
    /// Bytes of all blocks in the file.
    pub(super) fn stored_bytes(&self) -> Option<usize> {
        self.blocks
            .iter()
            .try_fold(0usize, |sum, block| sum.checked_add(block.stored_bytes))
    }

    pub(super) fn put(&self, out: &mut Vec<u8>) {
        put_varint(out, self.stream_bytes.len() as u64);
        for bytes in &self.stream_bytes {
            put_varint(out, *bytes as u64);
        }
        put_varint(out, self.blocks.len() as u64);
        for block in &self.blocks {
            out.push(block.codec);
            put_varint(out, block.stored_bytes as u64);
            out.extend_from_slice(&block.checksum.to_le_bytes());
        }
    }

    pub(super) fn read(source: &mut Source<'_>) -> Result<Self, Bad> {
        let mut stream_bytes = Vec::new();
        for _ in 0..source.count()? {
            stream_bytes.push(to_index(source.varint()?)?);
        }
        let mut blocks = Vec::new();
        for _ in 0..source.count()? {
            blocks.push(Block {
                codec: source.byte()?,
                stored_bytes: to_index(source.varint()?)?,
                checksum: source.u32()?,
            });
        }
        Ok(Self {
            stream_bytes,
            blocks,
        })
    }

    /// Whether the streams together are over what a group may hold.
    fn is_over_limit(&self) -> bool {
        let total = self
            .stream_bytes
            .iter()
            .try_fold(0usize, |sum, bytes| sum.checked_add(*bytes));
        total.is_none_or(|total| total > GROUP_BYTES_MAX)
    }

    /// Where in the group the block of one long stream is; `None` where the stream shares a
    /// block with others, or there is none of this number.
    pub(super) fn block_of(&self, stream: usize) -> Option<Range<usize>> {
        let is_long = |bytes: &usize| *bytes >= SMALL_STREAM_BYTES;
        if !self.stream_bytes.get(stream).is_some_and(is_long) {
            return None;
        }
        let before = self.stream_bytes.iter().take(stream);
        let number = before.filter(|bytes| is_long(bytes)).count();
        let offset = self
            .blocks
            .iter()
            .take(number)
            .try_fold(0usize, |sum, block| sum.checked_add(block.stored_bytes))?;
        let end = offset.checked_add(self.blocks.get(number)?.stored_bytes)?;
        Some(offset..end)
    }

    /// The content of one long stream from the bytes of its block.
    pub(super) fn unpack_block(&self, stream: usize, stored: &[u8]) -> Result<Vec<u8>, Bad> {
        let missing = Bad("a block is missing");
        let raw_bytes = *self.stream_bytes.get(stream).ok_or(missing)?;
        let before = self.stream_bytes.iter().take(stream);
        let number = before.filter(|bytes| **bytes >= SMALL_STREAM_BYTES).count();
        let block = self.blocks.get(number).ok_or(missing)?;
        if self.is_over_limit() {
            return Err(Bad("the streams declare more than a group can hold"));
        }
        with_unpacker(|unpacker| unpacker.read_block(block, &mut Source::new(stored), raw_bytes))?
    }

    /// Takes the blocks apart into streams. The error names the block.
    pub(super) fn unpack(&self, stored: &[u8]) -> Result<Streams, (usize, Bad)> {
        if self.is_over_limit() {
            return Err((0, Bad("the streams declare more than a group can hold")));
        }
        with_unpacker(|unpacker| self.unpack_with(unpacker, stored)).map_err(|bad| (0, bad))?
    }

    fn unpack_with(&self, unpacker: &mut Unpacker, stored: &[u8]) -> Result<Streams, (usize, Bad)> {
        let mut source = Source::new(stored);
        let mut blocks = self.blocks.iter().enumerate();
        let mut next_block = |raw_bytes: usize| {
            let (index, block) = blocks.next().ok_or((0, Bad("a block is missing")))?;
            unpacker
                .read_block(block, &mut source, raw_bytes)
                .map_err(|bad| (index, bad))
        };
        let mut streams = Streams {
            blocks: Vec::new(),
            places: Vec::new(),
        };
        let mut small_bytes = 0usize;
        for bytes in &self.stream_bytes {
            if *bytes < SMALL_STREAM_BYTES {
                let end = small_bytes + *bytes;
                streams.places.push((usize::MAX, small_bytes..end));
                small_bytes = end;
            } else {
                streams.places.push((streams.blocks.len(), 0..*bytes));
                streams.blocks.push(next_block(*bytes)?);
            }
        }
        let small_index = streams.blocks.len();
        streams.blocks.push(next_block(small_bytes)?);
        for (block, _) in &mut streams.places {
            *block = (*block).min(small_index);
        }
        Ok(streams)
    }
}

thread_local! {
    /// Making one costs as much as a small block, so each thread keeps one.
    static UNPACKER: RefCell<Option<Unpacker>> = const { RefCell::new(None) };
}

fn with_unpacker<T>(work: impl FnOnce(&mut Unpacker) -> T) -> Result<T, Bad> {
    UNPACKER.with_borrow_mut(|kept| {
        let unpacker = match kept.take() {
            Some(unpacker) => unpacker,
            None => Unpacker::new()?,
        };
        Ok(work(kept.insert(unpacker)))
    })
}

/// Decompresses, keeping its tables from one block to the next.
pub(super) struct Unpacker {
    decompressor: zstd::bulk::Decompressor<'static>,
}

impl Unpacker {
    pub(super) fn new() -> Result<Self, Bad> {
        let decompressor = zstd::bulk::Decompressor::new()
            .map_err(|_| Bad("there is no memory to decompress with"))?;
        Ok(Self { decompressor })
    }

    fn read_block(
        &mut self,
        block: &Block,
        source: &mut Source<'_>,
        raw_bytes: usize,
    ) -> Result<Vec<u8>, Bad> {
        let stored = source.take(block.stored_bytes)?;
        if crc32fast::hash(stored) != block.checksum {
            return Err(Bad("the checksum does not match"));
        }
        self.decompress(block.codec, stored, raw_bytes)
    }

    /// Bytes of this length from what was stored.
    pub(super) fn decompress(
        &mut self,
        codec: u8,
        stored: &[u8],
        raw_bytes: usize,
    ) -> Result<Vec<u8>, Bad> {
        let raw = match codec {
            STORED => stored.to_vec(),
            ZSTD => self
                .decompressor
                .decompress(stored, raw_bytes)
                .map_err(|_| Bad("a block cannot be decompressed"))?,
            _ => return Err(Bad("a block has an unknown codec")),
        };
        if raw.len() == raw_bytes {
            Ok(raw)
        } else {
            Err(Bad("a block has another length than declared"))
        }
    }
}

/// The streams of a group.
#[derive(Debug)]
pub(super) struct Streams {
    blocks: Vec<Vec<u8>>,
    places: Vec<(usize, std::ops::Range<usize>)>,
}

impl Streams {
    pub(super) fn reader(&self) -> StreamReader<'_> {
        StreamReader {
            streams: self,
            next: 0,
        }
    }
}

/// Takes streams in the order they were pushed.
#[derive(Debug)]
pub(super) struct StreamReader<'a> {
    streams: &'a Streams,
    next: usize,
}

impl<'a> StreamReader<'a> {
    pub(super) fn take(&mut self) -> Result<&'a [u8], Bad> {
        let stream = self
            .streams
            .places
            .get(self.next)
            .and_then(|(block, range)| self.streams.blocks.get(*block)?.get(range.clone()))
            .ok_or(Bad("a stream is missing"))?;
        self.next += 1;
        Ok(stream)
    }

    /// A stream of entries of `width` bytes each.
    pub(super) fn take_fixed(&mut self, width: usize, count: usize) -> Result<&'a [u8], Bad> {
        let stream = self.take()?;
        if width.checked_mul(count) == Some(stream.len()) {
            Ok(stream)
        } else {
            Err(Bad("a stream has another length than its rows need"))
        }
    }
}
