//! Trace and span identifiers.

use std::fmt;
use std::str::FromStr;

/// Why a text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseIdError {
    /// The text has another number of characters than the identifier's hex form.
    #[error("expected {expected} hex digits, found {found} characters")]
    Length {
        /// Hex digits that the identifier has.
        expected: usize,
        /// Characters in the text.
        found: usize,
    },
    /// A character is not a hex digit.
    #[error("not a hex digit at character {index}")]
    Digit {
        /// Zero-based position of the first wrong character.
        index: usize,
    },
    /// All bytes are zero, which W3C trace context and OTLP declare invalid.
    #[error("all digits are zero, which is not a valid id")]
    Zero,
}

macro_rules! id_type {
    ($name:ident, $bytes:literal, $doc:literal) => {
        #[doc = $doc]
        ///
        /// Never all zero: the constructors refuse that value.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $bytes]);

        impl $name {
            /// Bytes in the identifier.
            pub const BYTES: usize = $bytes;

            /// The largest identifier.
            pub const MAX: Self = Self([0xff; $bytes]);

            /// The identifier with these bytes, or `None` where all are zero.
            pub fn from_bytes(bytes: [u8; $bytes]) -> Option<Self> {
                (bytes != [0; $bytes]).then_some(Self(bytes))
            }

            /// The identifier with these bytes, or `None` where the length is wrong or all
            /// are zero.
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().and_then(Self::from_bytes)
            }

            /// The bytes, most significant first.
            pub fn as_bytes(&self) -> &[u8; $bytes] {
                &self.0
            }

            /// Lower-case hex, as W3C trace context writes it.
            pub fn to_hex(self) -> String {
                self.to_string()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                for byte in self.0 {
                    write!(f, "{byte:02x}")?;
                }
                Ok(())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                let mut bytes = [0u8; $bytes];
                parse_hex(text, &mut bytes)?;
                Self::from_bytes(bytes).ok_or(ParseIdError::Zero)
            }
        }
    };
}

id_type!(TraceId, 16, "Identifies a trace: 16 bytes.");
id_type!(SpanId, 8, "Identifies a span within its trace: 8 bytes.");

impl SpanId {
    /// The identifier as a big-endian number, for columns and hashing.
    pub fn to_u64(self) -> u64 {
        u64::from_be_bytes(self.0)
    }

    /// The identifier of this big-endian number, or `None` for zero.
    pub fn from_u64(number: u64) -> Option<Self> {
        Self::from_bytes(number.to_be_bytes())
    }
}

impl TraceId {
    /// The identifier as a big-endian number, for columns and hashing.
    pub fn to_u128(self) -> u128 {
        u128::from_be_bytes(self.0)
    }

    /// The identifier of this big-endian number, or `None` for zero.
    pub fn from_u128(number: u128) -> Option<Self> {
        Self::from_bytes(number.to_be_bytes())
    }
}

/// Fills `bytes` from hex digits of any case.
fn parse_hex(text: &str, bytes: &mut [u8]) -> Result<(), ParseIdError> {
    let expected = bytes.len() * 2;
    if text.len() != expected {
        return Err(ParseIdError::Length {
            expected,
            found: text.chars().count(),
        });
    }
    for (index, digit) in text.bytes().enumerate() {
        let value = (digit as char)
            .to_digit(16)
            .and_then(|value| u8::try_from(value).ok())
            .ok_or(ParseIdError::Digit { index })?;
        if let Some(byte) = bytes.get_mut(index / 2) {
            *byte = (*byte << 4) | value;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_of_any_case_is_read_and_written_in_lower_case() {
        let id: TraceId = "4BF92F3577B34DA6A3CE929D0E0E4736".parse().unwrap();
        assert_eq!(id.to_hex(), "4bf92f3577b34da6a3ce929d0e0e4736");
    }

    #[test]
    fn wrong_text_says_what_is_wrong() {
        assert_eq!(
            "00f0".parse::<SpanId>(),
            Err(ParseIdError::Length {
                expected: 16,
                found: 4
            })
        );
        assert_eq!(
            "00f067aa0ba902bg".parse::<SpanId>(),
            Err(ParseIdError::Digit { index: 15 })
        );
        assert_eq!(
            "0000000000000000".parse::<SpanId>(),
            Err(ParseIdError::Zero)
        );
    }

    #[test]
    fn zero_is_no_id() {
        assert_eq!(TraceId::from_bytes([0; 16]), None);
        assert_eq!(SpanId::from_slice(&[1, 2]), None);
        assert_eq!(SpanId::from_u64(1).map(SpanId::to_u64), Some(1));
    }
}
