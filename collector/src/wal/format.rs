//! The constants of the format. `docs/formats.md` draws the bytes.

use super::entry::Position;

/// The first bytes of a segment.
pub(super) const MAGIC: [u8; 8] = *b"spanwal\n";

/// The version that this program writes, and the newest that it reads.
pub const VERSION: u32 = 1;

/// Bytes of the header: magic, version, checksum of both. This part never changes, so that
/// every program can tell a newer version from damage.
pub(super) const HEADER_BYTES: usize = 16;

/// Bytes of the largest payload.
pub const ENTRY_BYTES_MAX: usize = 256 * 1024 * 1024;

/// A larger first position in a file name is none of ours: a million entries a second would
/// take 292,000 years to reach it.
const POSITION_MAX: u64 = u64::MAX / 2;

/// What the names of segments end with.
const SUFFIX: &str = ".wal";

/// Digits in the name of a segment, so that names sort as positions do.
const NAME_DIGITS: usize = 20;

/// The name of the segment that begins with this position.
pub(super) fn segment_name(first: Position) -> String {
    format!("{:0width$}{SUFFIX}", first.0, width = NAME_DIGITS)
}

/// The first position of a segment of this name; `None` for a name that is none of ours.
pub(super) fn parse_segment_name(name: &str) -> Option<Position> {
    let digits = name.strip_suffix(SUFFIX)?;
    if digits.len() != NAME_DIGITS || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let first: u64 = digits.parse().ok()?;
    (first <= POSITION_MAX).then_some(Position(first))
}

/// The header of a segment.
pub(super) fn header() -> [u8; HEADER_BYTES] {
    header_of(VERSION)
}

/// The header of a segment of this version.
pub(super) fn header_of(version: u32) -> [u8; HEADER_BYTES] {
    let mut header = [0; HEADER_BYTES];
    header[..8].copy_from_slice(&MAGIC);
    header[8..12].copy_from_slice(&version.to_le_bytes());
    let checksum = crc32fast::hash(&header[..12]);
    header[12..].copy_from_slice(&checksum.to_le_bytes());
    header
}

/// What the first bytes of a file say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Header {
    /// A segment that this program reads.
    Good,
    /// A segment of a newer version.
    Newer(u32),
    /// Not a header: damaged, or written in part.
    Damaged,
}

/// Reads the header of a segment.
pub(super) fn read_header(bytes: &[u8]) -> Header {
    let Some(header) = bytes.first_chunk::<HEADER_BYTES>() else {
        return Header::Damaged;
    };
    let [_, _, _, _, _, _, _, _, v0, v1, v2, v3, ..] = *header;
    let version = u32::from_le_bytes([v0, v1, v2, v3]);
    if *header != header_of(version) {
        Header::Damaged
    } else if version > VERSION {
        Header::Newer(version)
    } else {
        Header::Good
    }
}
