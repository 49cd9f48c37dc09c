//! The protobuf wire format, written: the inverse of the walker.

/// Appends fields to a message. Values that are protobuf's defaults are left out, except
/// where a function's name says `present`.
#[derive(Debug, Default)]
pub(super) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// The bytes written.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    fn tag(&mut self, number: u32, wire_type: u64) {
        self.put_varint((u64::from(number) << 3) | wire_type);
    }

    fn put_varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push(number.to_le_bytes()[0] | 0x80);
            number >>= 7;
        }
        self.bytes.push(number.to_le_bytes()[0]);
    }

    /// A `uint32` field.
    pub(super) fn uint32(&mut self, number: u32, value: u32) {
        if value != 0 {
            self.present_varint(number, u64::from(value));
        }
    }

    /// An `int32` or enum field; negative numbers are extended to 64 bits.
    pub(super) fn int32(&mut self, number: u32, value: i32) {
        if value != 0 {
            self.present_varint(number, i64::from(value).cast_unsigned());
        }
    }

    /// A varint field, zero written too.
    pub(super) fn present_varint(&mut self, number: u32, value: u64) {
        self.tag(number, 0);
        self.put_varint(value);
    }

    /// A `fixed64` field.
    pub(super) fn fixed64(&mut self, number: u32, value: u64) {
        if value != 0 {
            self.present_fixed64(number, value);
        }
    }

    /// A 64-bit field, zero written too.
    pub(super) fn present_fixed64(&mut self, number: u32, value: u64) {
        self.tag(number, 1);
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    /// A `fixed32` field.
    pub(super) fn fixed32(&mut self, number: u32, value: u32) {
        if value != 0 {
            self.tag(number, 5);
            self.bytes.extend_from_slice(&value.to_le_bytes());
        }
    }

    /// A text or bytes field.
    pub(super) fn bytes(&mut self, number: u32, value: &[u8]) {
        if !value.is_empty() {
            self.present_bytes(number, value);
        }
    }

    /// A text or bytes field, an empty one written too.
    pub(super) fn present_bytes(&mut self, number: u32, value: &[u8]) {
        self.tag(number, 2);
        self.put_varint(value.len() as u64);
        self.bytes.extend_from_slice(value);
    }

    /// A message field, whose fields `fill` writes; an empty one is written too.
    ///
    /// The length stands before the content and is known only after it. One byte is kept for
    /// it, which most messages need; the content of others is moved. That costs one pass
    /// over memory per level, less than computing all lengths before.
    pub(super) fn message(&mut self, number: u32, fill: impl FnOnce(&mut Self)) {
        self.tag(number, 2);
        let length_at = self.bytes.len();
        self.bytes.push(0);
        fill(self);
        let end = self.bytes.len();
        let length = end - length_at - 1;
        if let (Ok(short), Some(slot)) = (u8::try_from(length), self.bytes.get_mut(length_at))
            && short < 0x80
        {
            *slot = short;
            return;
        }
        // The length goes behind the content first, then to its place.
        self.put_varint(length as u64);
        let length_bytes = self.bytes.len() - end;
        self.bytes
            .copy_within(length_at + 1..end, length_at + length_bytes);
        let mut rest = length as u64;
        for index in 0..length_bytes {
            let more = if index + 1 < length_bytes { 0x80 } else { 0 };
            if let Some(slot) = self.bytes.get_mut(length_at + index) {
                *slot = (rest.to_le_bytes()[0] & 0x7f) | more;
            }
            rest >>= 7;
        }
        self.bytes.truncate(length_at + length_bytes + length);
    }
}
