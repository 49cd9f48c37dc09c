//! The few protobuf messages that a receiver writes itself.

/// A protobuf message that grows field by field. Fields of their default value are left out,
/// as proto3 has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Message(Vec<u8>);

impl Message {
    /// A number.
    pub(super) fn uint(&mut self, field: u8, value: u64) {
        if value != 0 {
            self.varint(u64::from(field) << 3);
            self.varint(value);
        }
    }

    /// A text.
    pub(super) fn text(&mut self, field: u8, text: &str) {
        if !text.is_empty() {
            self.bytes(field, text.as_bytes());
        }
    }

    /// A message within the message; one that is empty is there all the same.
    pub(super) fn message(&mut self, field: u8, message: &Self) {
        self.bytes(field, &message.0);
    }

    /// The message as it goes over the wire.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    fn bytes(&mut self, field: u8, bytes: &[u8]) {
        self.varint(u64::from(field) << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    fn varint(&mut self, mut value: u64) {
        while value > 0x7F {
            self.0.push(0x80 | (value & 0x7F) as u8);
            value >>= 7;
        }
        self.0.push((value & 0x7F) as u8);
    }
}
