//! Why a message cannot be decoded at all.

use super::issues::RejectReason;

/// Why a whole message is undecodable. Faults of single items are
/// [`Issues`](super::Issues) and no errors.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The message ends before a field does.
    #[error("protobuf: the field at byte {offset} reaches beyond the end of its message")]
    Truncated {
        /// Where the field begins.
        offset: usize,
    },
    /// A variable-length integer does not fit 64 bits.
    #[error("protobuf: the number at byte {offset} does not fit 64 bits")]
    Varint {
        /// Where the number begins.
        offset: usize,
    },
    /// A field's tag has the number zero or an undefined wire type.
    #[error("protobuf: no valid field tag at byte {offset}")]
    Tag {
        /// Where the tag begins.
        offset: usize,
    },
    /// A known field has another wire type than its definition.
    #[error(
        "protobuf: field {field} of {message} at byte {offset} has wire type {found}, expected {expected}"
    )]
    WireType {
        /// The protobuf message that defines the field.
        message: &'static str,
        /// The field's number.
        field: u32,
        /// Where the field begins.
        offset: usize,
        /// The wire type that came.
        found: &'static str,
        /// The wire type of the definition.
        expected: &'static str,
    },
    /// An unknown field is a group that never ends, ends as another or nests too deep.
    #[error("protobuf: broken group at byte {offset}")]
    Group {
        /// Where the group begins.
        offset: usize,
    },
    /// The text is not JSON, or a field has a value of a kind it cannot have.
    #[error("json: {problem} at byte {offset}{}", within(path))]
    Json {
        /// What is wrong.
        problem: String,
        /// Where.
        offset: usize,
        /// The field that was read, such as `resourceSpans[0].scopeSpans[0].spans[3].kind`;
        /// empty at the top.
        path: String,
        /// Whether the text ends there, in the middle of something.
        at_end: bool,
    },
    /// The decoded form would take too much memory for a message of this size.
    #[error("the message would take more than {limit_bytes} bytes of memory when decoded")]
    TooLarge {
        /// What it may take.
        limit_bytes: usize,
    },
    /// The one item of a bare message cannot be used.
    #[error("unusable item: {0}")]
    Item(RejectReason),
}

impl DecodeError {
    /// Whether the message ended before it was complete, as a cut file does.
    pub fn is_cut(&self) -> bool {
        match self {
            Self::Truncated { .. } => true,
            Self::Json { at_end, .. } => *at_end,
            Self::Varint { .. }
            | Self::Tag { .. }
            | Self::WireType { .. }
            | Self::Group { .. }
            | Self::TooLarge { .. }
            | Self::Item(_) => false,
        }
    }
}

/// The path as the end of a sentence.
fn within(path: &str) -> String {
    if path.is_empty() {
        String::new()
    } else {
        format!(" in {path}")
    }
}
