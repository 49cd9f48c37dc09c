//! Ids, times and values as Jaeger and Zipkin write them.

use crate::id::{SpanId, TraceId};
use crate::otlp::json::fault::Fault;
use crate::otlp::json::number;
use crate::otlp::json::read::Reader;
use crate::otlp::{IdField, WarnReason};
use crate::time::UnixNanos;
use crate::value::Value;

/// A trace id in up to 32 hex digits; fewer, as 64-bit tracers write, are filled up with
/// zeros in front. Other text is taken as the name it is, see [`derived_u64`].
pub(super) fn trace_id(reader: &mut Reader<'_>) -> Result<IdField<TraceId>, Fault> {
    let text = reader.string()?.unwrap_or_default();
    Ok(id(&text, 32, reader, TraceId::from_u128, || {
        let low = derived_u64(text.bytes());
        let high = derived_u64(text.bytes().chain([0]));
        TraceId::from_u128((u128::from(high) << 64) | u128::from(low))
    }))
}

/// A span id in up to 16 hex digits, or a name.
pub(super) fn span_id(reader: &mut Reader<'_>) -> Result<IdField<SpanId>, Fault> {
    let text = reader.string()?.unwrap_or_default();
    let of_number = |number| SpanId::from_u64(u64::try_from(number).ok()?);
    Ok(id(&text, 16, reader, of_number, || {
        SpanId::from_u64(derived_u64(text.bytes()))
    }))
}

fn id<T>(
    text: &str,
    digits_max: usize,
    reader: &mut Reader<'_>,
    of_number: impl FnOnce(u128) -> Option<T>,
    derived: impl FnOnce() -> Option<T>,
) -> IdField<T> {
    if text.is_empty() {
        return IdField::Absent;
    }
    let is_hex = text.len() <= digits_max && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match u128::from_str_radix(text, 16) {
        Ok(number) if is_hex => of_number(number).map_or(IdField::Absent, IdField::Valid),
        _ => {
            reader.state.issues.warn(WarnReason::DerivedId);
            derived().map_or(IdField::Invalid, IdField::Valid)
        }
    }
}

/// A number that depends on the bytes alone: their FNV-1a hash, finished by the mixer of
/// `SplitMix64` (Steele, Lea, Flood 2014). Both are a few lines and will never change,
/// unlike the hashes of a library, so that reading a file twice gives the same ids.
pub(super) fn derived_u64(bytes: impl Iterator<Item = u8>) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    for byte in bytes {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

/// Microseconds as nanoseconds; a fraction down to the nanosecond is kept. What is no moment
/// becomes zero and is told.
pub(super) fn micros(reader: &mut Reader<'_>) -> Result<UnixNanos, Fault> {
    if reader.null()? {
        return Ok(0);
    }
    let nanos = if reader.peek() == Some(b'"') {
        micros_to_nanos(&reader.string()?.unwrap_or_default())
    } else {
        micros_to_nanos(reader.number()?)
    };
    Ok(nanos.unwrap_or_else(|| {
        reader.state.issues.warn(WarnReason::InvalidTime);
        0
    }))
}

fn micros_to_nanos(text: &str) -> Option<UnixNanos> {
    if !number::is_number(text) {
        return None;
    }
    let nanos = if text.contains(['e', 'E']) {
        number::integer(text)?.checked_mul(1000)
    } else {
        // On the digits, because a float would lose the low ones.
        number::integer(&format!("{text}e3"))
    };
    u64::try_from(nanos?).ok()
}

/// Any JSON value: numbers without fraction are integers; what is nested stays JSON text.
pub(super) fn scalar(reader: &mut Reader<'_>) -> Result<Value, Fault> {
    match reader.peek() {
        Some(b'"') => reader.text().map(Value::String),
        Some(b't' | b'f') => Ok(reader.boolean()?.map_or(Value::Empty, Value::Bool)),
        Some(b'n') => reader.null().map(|_| Value::Empty),
        Some(b'{' | b'[') => {
            let raw = reader.raw()?;
            Ok(Value::String(String::from_utf8_lossy(raw).into_owned()))
        }
        _ => reader.number().map(number_value),
    }
}

/// A number as an integer where it is written as one and fits, else as a double.
pub(super) fn number_value(text: &str) -> Value {
    let whole = !text.contains(['.', 'e', 'E']);
    text.parse()
        .ok()
        .filter(|_| whole)
        .map(Value::Int)
        .or_else(|| text.parse().ok().map(Value::Double))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_ids_are_filled_up_and_names_get_an_id_of_their_own() {
        let read = |text: &str| {
            let json = format!("\"{text}\"");
            let mut reader = Reader::new(json.as_bytes());
            let id = trace_id(&mut reader).unwrap();
            (id, reader.state.issues.is_empty())
        };
        let filled = TraceId::from_u128(0x151e_8ea4_4a5c_f41c).unwrap();
        assert_eq!(read("151e8ea44a5cf41c"), (IdField::Valid(filled), true));
        assert_eq!(read(""), (IdField::Absent, true));
        assert_eq!(read("0"), (IdField::Absent, true));
        let mut derived = std::collections::BTreeSet::new();
        for name in ["+1", "g", "1_0", "00000000000000000000000000000000a"] {
            assert!(!read(name).1, "{name}");
            derived.insert(read(name).0.valid().unwrap());
        }
        assert_eq!(derived.len(), 4);
    }

    #[test]
    fn microseconds_keep_their_fraction_and_their_low_digits() {
        assert_eq!(
            micros_to_nanos("1674981768697763"),
            Some(1_674_981_768_697_763_000)
        );
        assert_eq!(micros_to_nanos("1.25"), Some(1250));
        assert_eq!(micros_to_nanos("1e3"), Some(1_000_000));
        for text in ["-1", "1e30", "x", "0.00001", "99999999999999999999"] {
            assert_eq!(micros_to_nanos(text), None, "{text}");
        }
    }
}
