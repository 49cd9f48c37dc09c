//! Attributes as columns: one per key and kind of value.
//!
//! Rows name a shape: the list of columns that their attributes are in, in the order the
//! attributes came. Each column then holds its values in row order, so that the keys are
//! written once a group and like values lie together.
//!
//! ```text
//! meta    := varint blob*                   keys
//!            varint (varint byte)*          columns: key, kind
//!            varint (varint varint*)*       shapes: column numbers
//! rows    := ints                           the shape of each row
//! columns := the streams of each column's values, by kind
//! ```
//!
//! A group has a bounded number of columns. Attributes beyond it share one, in which each
//! value stands with its key.

mod reader;
mod writer;

use spanwalk_model::Value;

use super::bytes::Bad;

pub(super) use reader::AttributesReader;
pub(super) use writer::AttributesWriter;

/// The kind of value that a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Empty,
    String,
    Bool,
    Int,
    Double,
    Bytes,
    /// Arrays and maps.
    Nested,
    /// Values of all kinds, each with its key.
    Keyed,
}

impl Kind {
    fn of(value: &Value) -> Self {
        match value {
            Value::Empty => Self::Empty,
            Value::String(_) => Self::String,
            Value::Bool(_) => Self::Bool,
            Value::Int(_) => Self::Int,
            Value::Double(_) => Self::Double,
            Value::Bytes(_) => Self::Bytes,
            Value::Array(_) | Value::Map(_) => Self::Nested,
        }
    }

    fn number(self) -> u8 {
        match self {
            Self::Empty => 0,
            Self::String => 1,
            Self::Bool => 2,
            Self::Int => 3,
            Self::Double => 4,
            Self::Bytes => 5,
            Self::Nested => 6,
            Self::Keyed => 7,
        }
    }

    fn from_number(number: u8) -> Result<Self, Bad> {
        [
            Self::Empty,
            Self::String,
            Self::Bool,
            Self::Int,
            Self::Double,
            Self::Bytes,
            Self::Nested,
            Self::Keyed,
        ]
        .into_iter()
        .find(|kind| kind.number() == number)
        .ok_or(Bad("a column of attributes has an unknown kind"))
    }
}
