//! The protobuf wire format, read in place: fields of a borrowed message, one after the other.
//!
//! ```text
//! message := field*
//! field   := tag value            tag = varint of (number << 3 | wire type)
//! value   := varint               wire type 0, little-endian groups of 7 bits
//!          | 8 bytes              wire type 1, little-endian
//!          | varint(length) bytes wire type 2: text, bytes, messages
//!          | field* end-tag       wire type 3, a group; skipped
//!          | 4 bytes              wire type 5, little-endian
//! ```
//!
//! Source: the protobuf encoding guide. Lengths are checked against what is there before
//! anything is taken, so nothing is ever allocated for a length that only claims to be.

use super::super::error::DecodeError;
use super::super::limits::GROUP_DEPTH_MAX;

/// Walks the fields of one message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a> {
    /// What is left of the message.
    rest: &'a [u8],
    /// Where `rest` begins in the outermost message.
    offset: usize,
}

/// One field.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field<'a> {
    /// Its number in the message's definition.
    pub(crate) number: u32,
    /// Where its tag begins in the outermost message.
    offset: usize,
    value: Wire<'a>,
}

/// A field's value as it stands on the wire.
#[derive(Debug, Clone, Copy)]
enum Wire<'a> {
    Varint(u64),
    Fixed64(u64),
    Bytes(Reader<'a>),
    Fixed32(u32),
}

impl Wire<'_> {
    fn name(self) -> &'static str {
        match self {
            Self::Varint(_) => "varint",
            Self::Fixed64(_) => "64-bit",
            Self::Bytes(_) => "length-delimited",
            Self::Fixed32(_) => "32-bit",
        }
    }
}

impl<'a> Reader<'a> {
    /// A walk over a whole message.
    pub(crate) fn new(message: &'a [u8]) -> Self {
        Self {
            rest: message,
            offset: 0,
        }
    }

    /// The next field that is no group; `None` at the end.
    #[inline]
    pub(crate) fn next_field(&mut self) -> Result<Option<Field<'a>>, DecodeError> {
        while !self.rest.is_empty() {
            let offset = self.offset;
            let (number, wire_type) = self.tag()?;
            if wire_type == 3 {
                self.skip_group(number, offset)?;
                continue;
            }
            let value = self.value(wire_type, offset)?;
            return Ok(Some(Field {
                number,
                offset,
                value,
            }));
        }
        Ok(None)
    }

    #[inline]
    fn value(&mut self, wire_type: u8, offset: usize) -> Result<Wire<'a>, DecodeError> {
        match wire_type {
            0 => self.varint().map(Wire::Varint),
            1 => {
                let bytes = self.array::<8>(offset)?;
                Ok(Wire::Fixed64(u64::from_le_bytes(bytes)))
            }
            2 => {
                let length = self.varint()?;
                let length =
                    usize::try_from(length).map_err(|_| DecodeError::Truncated { offset })?;
                let start = self.offset;
                let rest = self.take(length, offset)?;
                Ok(Wire::Bytes(Reader {
                    rest,
                    offset: start,
                }))
            }
            5 => {
                let bytes = self.array::<4>(offset)?;
                Ok(Wire::Fixed32(u32::from_le_bytes(bytes)))
            }
            _ => Err(DecodeError::Tag { offset }),
        }
    }

    /// Reads fields away until the group that just began ends.
    #[cold]
    fn skip_group(&mut self, number: u32, offset: usize) -> Result<(), DecodeError> {
        let mut open = vec![number];
        while let Some(innermost) = open.last().copied() {
            if self.rest.is_empty() {
                return Err(DecodeError::Group { offset });
            }
            let inner_offset = self.offset;
            let (inner, wire_type) = self.tag()?;
            match wire_type {
                3 if open.len() < GROUP_DEPTH_MAX => open.push(inner),
                4 if inner == innermost => {
                    open.pop();
                }
                3 | 4 => return Err(DecodeError::Group { offset }),
                _ => {
                    self.value(wire_type, inner_offset)?;
                }
            }
        }
        Ok(())
    }

    /// Field number and wire type.
    #[inline]
    fn tag(&mut self) -> Result<(u32, u8), DecodeError> {
        let offset = self.offset;
        let tag = self.varint()?;
        let wire_type = tag.to_le_bytes()[0] & 7;
        match u32::try_from(tag).map(|tag| tag >> 3) {
            Ok(number) if number > 0 => Ok((number, wire_type)),
            _ => Err(DecodeError::Tag { offset }),
        }
    }

    #[inline]
    fn varint(&mut self) -> Result<u64, DecodeError> {
        // Most numbers are tags and lengths of one byte.
        if let Some((&byte, rest)) = self.rest.split_first()
            && byte < 0x80
        {
            self.rest = rest;
            self.offset += 1;
            return Ok(u64::from(byte));
        }
        self.long_varint()
    }

    #[inline(never)]
    fn long_varint(&mut self) -> Result<u64, DecodeError> {
        let mut number = 0u64;
        for (index, &byte) in self.rest.iter().take(10).enumerate() {
            // The tenth byte has room for one bit only.
            if index == 9 && byte > 1 {
                break;
            }
            number |= u64::from(byte & 0x7f) << (7 * index);
            if byte < 0x80 {
                self.take(index + 1, self.offset)?;
                return Ok(number);
            }
        }
        let offset = self.offset;
        if self.rest.len() < 10 {
            Err(DecodeError::Truncated { offset })
        } else {
            Err(DecodeError::Varint { offset })
        }
    }

    #[inline]
    fn array<const N: usize>(&mut self, field_offset: usize) -> Result<[u8; N], DecodeError> {
        let (bytes, rest) = self
            .rest
            .split_first_chunk::<N>()
            .ok_or(DecodeError::Truncated {
                offset: field_offset,
            })?;
        self.rest = rest;
        self.offset += N;
        Ok(*bytes)
    }

    #[inline]
    fn take(&mut self, length: usize, field_offset: usize) -> Result<&'a [u8], DecodeError> {
        let (bytes, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or(DecodeError::Truncated {
                offset: field_offset,
            })?;
        self.rest = rest;
        self.offset += length;
        Ok(bytes)
    }
}

impl<'a> Field<'a> {
    /// The value of an integer or enum field.
    #[inline]
    pub(crate) fn varint(&self, message: &'static str) -> Result<u64, DecodeError> {
        match self.value {
            Wire::Varint(number) => Ok(number),
            _ => Err(self.wrong(message, "varint")),
        }
    }

    /// The value of a `uint32` field: of a longer number the lower 32 bits, as protobuf says.
    pub(crate) fn uint32(&self, message: &'static str) -> Result<u32, DecodeError> {
        let [a, b, c, d, ..] = self.varint(message)?.to_le_bytes();
        Ok(u32::from_le_bytes([a, b, c, d]))
    }

    /// The value of an `int32` or enum field, cut like [`Field::uint32`].
    pub(crate) fn int32(&self, message: &'static str) -> Result<i32, DecodeError> {
        self.uint32(message).map(u32::cast_signed)
    }

    /// The value of a `fixed64` field.
    pub(crate) fn fixed64(&self, message: &'static str) -> Result<u64, DecodeError> {
        match self.value {
            Wire::Fixed64(number) => Ok(number),
            _ => Err(self.wrong(message, "64-bit")),
        }
    }

    /// The value of a `fixed32` field.
    pub(crate) fn fixed32(&self, message: &'static str) -> Result<u32, DecodeError> {
        match self.value {
            Wire::Fixed32(number) => Ok(number),
            _ => Err(self.wrong(message, "32-bit")),
        }
    }

    /// The value of a text or bytes field.
    #[inline]
    pub(crate) fn bytes(&self, message: &'static str) -> Result<&'a [u8], DecodeError> {
        self.message(message).map(|reader| reader.rest)
    }

    /// The value of a message field.
    #[inline]
    pub(crate) fn message(&self, message: &'static str) -> Result<Reader<'a>, DecodeError> {
        match self.value {
            Wire::Bytes(reader) => Ok(reader),
            _ => Err(self.wrong(message, "length-delimited")),
        }
    }

    #[cold]
    fn wrong(&self, message: &'static str, expected: &'static str) -> DecodeError {
        DecodeError::WireType {
            message,
            field: self.number,
            offset: self.offset,
            found: self.value.name(),
            expected,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(message: &[u8]) -> Result<Vec<u32>, DecodeError> {
        let mut reader = Reader::new(message);
        let mut numbers = Vec::new();
        while let Some(field) = reader.next_field()? {
            numbers.push(field.number);
        }
        Ok(numbers)
    }

    #[test]
    fn groups_are_skipped_with_all_that_is_in_them() {
        // 1: group { 2: varint 5, 3: group {} }, then 4: varint 1.
        let message = [0x0b, 0x10, 0x05, 0x1b, 0x1c, 0x0c, 0x20, 0x01];
        assert_eq!(numbers(&message), Ok(vec![4]));
    }

    #[test]
    fn groups_that_never_end_or_end_as_another_or_nest_too_deep_are_errors() {
        assert_eq!(numbers(&[0x0b]), Err(DecodeError::Group { offset: 0 }));
        assert_eq!(
            numbers(&[0x20, 0x01, 0x0b, 0x14]),
            Err(DecodeError::Group { offset: 2 })
        );
        let deep = vec![0x0b; GROUP_DEPTH_MAX + 1];
        assert_eq!(numbers(&deep), Err(DecodeError::Group { offset: 0 }));
    }

    #[test]
    fn numbers_use_all_64_bits_and_no_more() {
        let message = |last: u8| {
            let mut bytes = vec![0x08];
            bytes.extend([0xff; 9]);
            bytes.push(last);
            bytes
        };
        let largest = message(1);
        let field = Reader::new(&largest).next_field().unwrap().unwrap();
        assert_eq!(field.varint("m"), Ok(u64::MAX));
        assert_eq!(field.int32("m"), Ok(-1));
        assert_eq!(numbers(&message(2)), Err(DecodeError::Varint { offset: 1 }));
        assert_eq!(
            numbers(&[0x08, 0xff]),
            Err(DecodeError::Truncated { offset: 1 })
        );
    }

    #[test]
    fn a_length_beyond_the_message_is_refused_before_anything_is_taken() {
        let mut message = vec![0x0a];
        message.extend([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]);
        assert_eq!(numbers(&message), Err(DecodeError::Truncated { offset: 0 }));
    }

    #[test]
    fn tags_of_number_zero_and_undefined_wire_types_are_errors() {
        for byte in [0x00, 0x06, 0x0e, 0x0f, 0x0c] {
            assert_eq!(
                numbers(&[byte, 0, 0]),
                Err(DecodeError::Tag { offset: 0 }),
                "{byte:#x}"
            );
        }
    }

    #[test]
    fn a_wrong_wire_type_says_which_field_it_is() {
        let field = Reader::new(&[0x08, 0x01]).next_field().unwrap().unwrap();
        assert_eq!(
            field.fixed64("Span").unwrap_err().to_string(),
            "protobuf: field 1 of Span at byte 0 has wire type varint, expected 64-bit"
        );
    }
}
