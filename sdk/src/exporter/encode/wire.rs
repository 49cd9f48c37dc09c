//! The few forms of the protobuf encoding that OTLP needs, written straight into a buffer.

/// The wire type of a number of variable length.
const VARINT: u32 = 0;
/// The wire type of 8 bytes.
const FIXED_64: u32 = 1;
/// The wire type of bytes with their length before them.
const BYTES: u32 = 2;
/// The wire type of 4 bytes.
const FIXED_32: u32 = 5;

fn key(out: &mut Vec<u8>, field: u32, wire_type: u32) {
    varint(out, u64::from(field << 3 | wire_type));
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    loop {
        let [low, ..] = value.to_le_bytes();
        value >>= 7;
        if value == 0 {
            out.push(low & 0x7f);
            return;
        }
        out.push(low | 0x80);
    }
}

/// A number that is left out when it is 0, as proto3 has it.
pub(super) fn number(out: &mut Vec<u8>, field: u32, value: u64) {
    if value != 0 {
        number_always(out, field, value);
    }
}

/// A number of a `oneof`, where 0 is a value too.
pub(super) fn number_always(out: &mut Vec<u8>, field: u32, value: u64) {
    key(out, field, VARINT);
    varint(out, value);
}

pub(super) fn fixed_64(out: &mut Vec<u8>, field: u32, value: u64) {
    if value != 0 {
        fixed_64_always(out, field, value);
    }
}

pub(super) fn fixed_64_always(out: &mut Vec<u8>, field: u32, value: u64) {
    key(out, field, FIXED_64);
    out.extend_from_slice(&value.to_le_bytes());
}

pub(super) fn fixed_32(out: &mut Vec<u8>, field: u32, value: u32) {
    if value != 0 {
        key(out, field, FIXED_32);
        out.extend_from_slice(&value.to_le_bytes());
    }
}

pub(super) fn bytes(out: &mut Vec<u8>, field: u32, value: &[u8]) {
    if !value.is_empty() {
        bytes_always(out, field, value);
    }
}

pub(super) fn bytes_always(out: &mut Vec<u8>, field: u32, value: &[u8]) {
    key(out, field, BYTES);
    varint(out, value.len() as u64);
    out.extend_from_slice(value);
}

/// A message whose length is known only when it is written: it is written behind one byte for the
/// length, and moved when the length needs more.
pub(super) fn message(out: &mut Vec<u8>, field: u32, write: impl FnOnce(&mut Vec<u8>)) {
    key(out, field, BYTES);
    let place = out.len();
    out.push(0);
    write(out);
    let begin = place + 1;
    let length = out.len() - begin;
    let mut prefix = Vec::new();
    if let (Ok(short @ 0..0x80), Some(byte)) = (u8::try_from(length), out.get_mut(place)) {
        *byte = short;
        return;
    }
    varint(&mut prefix, length as u64);
    let end = out.len();
    out.resize(end + prefix.len() - 1, 0);
    out.copy_within(begin..end, place + prefix.len());
    if let Some(room) = out.get_mut(place..place + prefix.len()) {
        room.copy_from_slice(&prefix);
    }
}
