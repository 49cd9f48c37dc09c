//! The constants of the format. `docs/formats.md` draws the bytes.

/// The first bytes of a file, and the last.
pub(super) const MAGIC: [u8; 8] = *b"spancol\n";

/// The version that this program writes, and the newest that it reads.
pub(super) const VERSION: u32 = 1;

/// Bytes of the trailer: where the footer is, and its checksum.
pub(super) const TRAILER_BYTES: usize = 32;

/// Rows in a group, at most, in files that are read.
pub(super) const GROUP_ROWS_MAX: usize = 2048;

/// Rows in a group, at most, in files that are written. A row is read with its whole group:
/// smaller groups are read faster and cost more bytes.
pub(super) const GROUP_ROWS_WRITTEN: usize = 512;

/// A group ends where a trace begins once it holds this many rows, so that most traces are
/// read from one group.
pub(super) const GROUP_ROWS_FULL: usize = GROUP_ROWS_WRITTEN - GROUP_ROWS_WRITTEN / 8;

/// Bytes of values from which on a group takes no further row, so that rows with large values
/// do not make groups that do not fit in memory.
pub(super) const GROUP_VALUE_BYTES: usize = 32 * 1024 * 1024;

/// Bytes of a group before compression, at most: a group at its limit and one row of the
/// largest request.
pub(super) const GROUP_BYTES_MAX: usize = 512 * 1024 * 1024;

/// Bytes of the footer before compression, at most.
pub(super) const FOOTER_BYTES_MAX: usize = 512 * 1024 * 1024;

/// Streams shorter than this share a block: alone they compress badly.
pub(super) const SMALL_STREAM_BYTES: usize = 1024;

/// Columns of attributes in one group, at most; what has no column of its own is kept with
/// its key. Bounds what a sender that invents keys can cost.
pub(super) const ATTRIBUTE_COLUMNS_MAX: usize = 2048;

/// Arrays and maps within each other, at most. Deeper values are replaced by a text that says
/// so.
pub(super) const VALUE_DEPTH_MAX: usize = 96;

/// Events or links in one group, at most.
pub(super) const NESTED_ITEMS_MAX: u64 = 1 << 27;

/// The compression level. On spans, level 9 takes twice the time for 6 % fewer bytes.
pub(super) const ZSTD_LEVEL: i32 = 1;
