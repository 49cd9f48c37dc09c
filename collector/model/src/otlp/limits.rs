//! What a message may cost at most to decode.

/// Levels that arrays and maps may nest within one value. An item with a deeper value is
/// rejected. Lower than the hundred messages that common protobuf libraries allow, and far
/// above what any instrumentation sends.
pub const VALUE_DEPTH_MAX: usize = 64;

/// Groups that may nest within an unknown protobuf field. Groups left protobuf long ago, so
/// nobody sends even one.
pub(super) const GROUP_DEPTH_MAX: usize = 16;

/// Memory that the decoded form of an empty message may take. Keeps small messages free of
/// the ratio below, which short log records exceed.
const DECODED_BASE_BYTES: usize = 64 << 20;

/// Memory that each byte of a message may take once decoded. Two bytes can make an empty
/// log record of more than two hundred; real data stays below three.
const DECODED_RATIO_MAX: usize = 8;

/// Memory that the fixed parts of the decoded form of so many bytes may take.
pub(super) fn decoded_bytes_max(message_bytes: usize) -> usize {
    message_bytes
        .saturating_mul(DECODED_RATIO_MAX)
        .saturating_add(DECODED_BASE_BYTES)
}
