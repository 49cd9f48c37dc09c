//! Percent-encoding, as baggage, headers and Jaeger use it.

use std::fmt::Write;

fn digit(byte: Option<&u8>) -> Option<u8> {
    let value = char::from(*byte?).to_digit(16)?;
    u8::try_from(value).ok()
}

/// The bytes of `text` with `%xx` decoded; a `%` without two digits stays, and `whole` becomes false.
fn decode(text: &str) -> (Vec<u8>, bool) {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut whole = true;
    let mut index = 0;
    while let Some(byte) = bytes.get(index) {
        index += 1;
        if *byte == b'%' {
            if let (Some(high), Some(low)) = (digit(bytes.get(index)), digit(bytes.get(index + 1)))
            {
                decoded.push(high * 16 + low);
                index += 2;
                continue;
            }
            whole = false;
        }
        decoded.push(*byte);
    }
    (decoded, whole)
}

/// Decodes; what is no UTF-8 becomes U+FFFD.
pub(crate) fn decode_lossy(text: &str) -> String {
    String::from_utf8_lossy(&decode(text).0).into_owned()
}

/// Decodes; none when a sequence is broken or the result is no UTF-8.
pub(crate) fn decode_strict(text: &str) -> Option<String> {
    let (bytes, whole) = decode(text);
    whole.then(|| String::from_utf8(bytes).ok()).flatten()
}

/// Encodes every byte that a value of baggage may not hold.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        let plain = matches!(byte, 0x21 | 0x23..=0x24 | 0x26..=0x2b | 0x2d..=0x3a | 0x3c..=0x5b | 0x5d..=0x7e);
        if plain {
            encoded.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}
