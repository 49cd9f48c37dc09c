//! The value of an attribute or of a log body.

use crate::attributes::Attributes;

/// Every kind of value that OTLP's `AnyValue` can hold
/// (opentelemetry-proto, `common/v1/common.proto`).
#[derive(Debug, Clone, Default)]
pub enum Value {
    /// No value: an `AnyValue` with nothing set.
    #[default]
    Empty,
    /// Text.
    String(String),
    /// True or false.
    Bool(bool),
    /// A signed 64-bit integer.
    Int(i64),
    /// A 64-bit float; NaN and the infinities are legal.
    Double(f64),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Values in order, of any kinds mixed.
    Array(Vec<Self>),
    /// Keys with values, in order; the specification forbids duplicate keys but they are kept.
    Map(Attributes),
}

/// Floats are equal when their bits are, so that a NaN that went through the store is found
/// equal to itself and 0.0 differs from -0.0.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Empty, Self::Empty) => true,
            (Self::String(a), Self::String(b)) => a == b,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Double(a), Self::Double(b)) => a.to_bits() == b.to_bits(),
            (Self::Bytes(a), Self::Bytes(b)) => a == b,
            (Self::Array(a), Self::Array(b)) => a == b,
            (Self::Map(a), Self::Map(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for Value {}

impl Value {
    /// The text, where the value is a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The number, where the value is an integer.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// Whether no value is set.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Double(number)
    }
}

/// The value as people read it: strings bare, everything else as JSON would write it, bytes
/// in hex behind `0x`. Not an interchange format.
impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::String(text) => f.write_str(text),
            nested => write_nested(nested, f),
        }
    }
}

fn write_nested(value: &Value, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
    match value {
        Value::Empty => f.write_str("null"),
        Value::String(text) => write!(f, "{text:?}"),
        Value::Bool(flag) => write!(f, "{flag}"),
        Value::Int(number) => write!(f, "{number}"),
        Value::Double(number) => write!(f, "{number}"),
        Value::Bytes(bytes) => {
            f.write_str("0x")?;
            bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
        }
        Value::Array(values) => {
            f.write_str("[")?;
            for (index, item) in values.iter().enumerate() {
                if index > 0 {
                    f.write_str(", ")?;
                }
                write_nested(item, f)?;
            }
            f.write_str("]")
        }
        Value::Map(entries) => {
            f.write_str("{")?;
            for (index, entry) in entries.iter().enumerate() {
                if index > 0 {
                    f.write_str(", ")?;
                }
                write!(f, "{:?}: ", entry.key)?;
                write_nested(&entry.value, f)?;
            }
            f.write_str("}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nan_equals_itself() {
        assert_eq!(Value::Double(f64::NAN), Value::Double(f64::NAN));
        assert_ne!(Value::Double(0.0), Value::Double(-0.0));
        assert_ne!(Value::Int(1), Value::Double(1.0));
    }

    #[test]
    fn values_are_shown_as_people_read_them() {
        let value = Value::Array(vec![
            Value::from("a"),
            Value::Int(2),
            Value::Bytes(vec![255]),
        ]);
        assert_eq!(value.to_string(), r#"["a", 2, 0xff]"#);
        assert_eq!(Value::from("bare").to_string(), "bare");
    }
}
