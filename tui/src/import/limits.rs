//! What an import may hold in memory, and how it cuts what it sends.

/// Bytes of one line of OTLP JSON, or of one group in a protobuf file.
pub(super) const LINE_BYTES_MAX: usize = 64 << 20;

/// Bytes, uncompressed, of a file that is one JSON document: such a file is read whole.
pub(super) const DOCUMENT_BYTES_MAX: usize = 1 << 30;

/// Bytes of encoded items in a chunk, about; one item alone may be larger.
pub(super) const CHUNK_BYTES_MAX: usize = 2 << 20;

/// Items in a chunk.
pub(super) const CHUNK_ITEMS_MAX: usize = 5_000;

/// Chunks that wait for an answer at the same time, so that the collector can make several
/// durable with one sync.
pub(super) const IN_FLIGHT_MAX: usize = 4;

/// Chunks that are read ahead.
pub(super) const READ_AHEAD_MAX: usize = 2;

/// Bytes from the front of a file that its format is known by.
pub(super) const SNIFF_BYTES: usize = 64 << 10;
