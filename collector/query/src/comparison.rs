//! Comparing a found value with what a query asks for.

use std::cmp::Ordering;

/// What a value has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison<T> {
    /// This.
    Equal(T),
    /// Below this.
    Less(T),
    /// This or below.
    AtMost(T),
    /// Above this.
    More(T),
    /// This or above.
    AtLeast(T),
    /// From the first to the second, both included.
    Between(T, T),
}

impl<T: PartialOrd + Copy> Comparison<T> {
    /// Whether the value is what is asked for.
    pub(crate) fn holds(&self, value: &T) -> bool {
        match self {
            Self::Equal(bound) => value == bound,
            Self::Less(bound) => value < bound,
            Self::AtMost(bound) => value <= bound,
            Self::More(bound) => value > bound,
            Self::AtLeast(bound) => value >= bound,
            Self::Between(low, high) => value >= low && value <= high,
        }
    }

    /// Nothing below this is asked for.
    pub(crate) fn lowest(&self) -> Option<T> {
        match self {
            Self::Equal(bound)
            | Self::More(bound)
            | Self::AtLeast(bound)
            | Self::Between(bound, _) => Some(*bound),
            Self::Less(_) | Self::AtMost(_) => None,
        }
    }

    /// Nothing above this is asked for.
    pub(crate) fn highest(&self) -> Option<T> {
        match self {
            Self::Equal(bound)
            | Self::Less(bound)
            | Self::AtMost(bound)
            | Self::Between(_, bound) => Some(*bound),
            Self::More(_) | Self::AtLeast(_) => None,
        }
    }
}

/// A number of an attribute.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Number {
    /// A whole number.
    Int(i64),
    /// Any other; finite in queries.
    Double(f64),
}

/// Two to the power of 63: the first float above every `i64`.
const I64_END: f64 = 9_223_372_036_854_775_808.0;

impl Number {
    /// The number that a text writes in decimal, also with an exponent. Not "inf" or "nan".
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let begins_as_number =
            text.starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first));
        if !begins_as_number {
            return None;
        }
        if let Ok(whole) = text.parse() {
            return Some(Self::Int(whole));
        }
        let number: f64 = text.parse().ok()?;
        number.is_finite().then(|| Self::of_double(number))
    }

    /// A float that is whole becomes an integer where it fits.
    fn of_double(number: f64) -> Self {
        if number.fract() == 0.0 && (-I64_END..I64_END).contains(&number) {
            #[expect(clippy::cast_possible_truncation, reason = "whole and in range")]
            let whole = number as i64;
            return Self::Int(whole);
        }
        Self::Double(number)
    }
}

impl PartialOrd for Number {
    /// Exact between integers, and between an integer and a float of any size.
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => Some(a.cmp(b)),
            (Self::Double(a), Self::Double(b)) => a.partial_cmp(b),
            (Self::Int(a), Self::Double(b)) => int_to_double(*a, *b),
            (Self::Double(a), Self::Int(b)) => int_to_double(*b, *a).map(Ordering::reverse),
        }
    }
}

fn int_to_double(int: i64, double: f64) -> Option<Ordering> {
    if double.is_nan() {
        None
    } else if double >= I64_END {
        Some(Ordering::Less)
    } else if double < -I64_END {
        Some(Ordering::Greater)
    } else {
        #[expect(clippy::cast_possible_truncation, reason = "truncated and in range")]
        let whole = double.trunc() as i64;
        let fraction = double.fract();
        Some(int.cmp(&whole).then_with(|| {
            if fraction > 0.0 {
                Ordering::Less
            } else if fraction < 0.0 {
                Ordering::Greater
            } else {
                Ordering::Equal
            }
        }))
    }
}

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Int(whole) => write!(f, "{whole}"),
            Self::Double(number) => write!(f, "{number}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        assert_eq!(Number::parse("-5"), Some(Number::Int(-5)));
        assert_eq!(Number::parse("1e3"), Some(Number::Int(1000)));
        assert_eq!(Number::parse(".5"), Some(Number::Double(0.5)));
        for wrong in ["", "nan", "inf", "-inf", "1e999", "5ms", "0x10", "a"] {
            assert_eq!(Number::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn large_integers_are_not_rounded_to_floats() {
        let large = Number::Int(9_007_199_254_740_993);
        assert!(large > Number::Double(9_007_199_254_740_992.0));
        assert!(Number::Int(i64::MAX) < Number::Double(9.3e18));
        assert!(Number::Int(-1) > Number::Double(-1.5));
        assert!(Number::Int(1) < Number::Double(1.5));
        assert_eq!(Number::Int(1).partial_cmp(&Number::Double(f64::NAN)), None);
    }

    #[test]
    fn bounds_are_what_the_comparison_allows() {
        assert_eq!(Comparison::Between(1, 3).lowest(), Some(1));
        assert_eq!(Comparison::Between(1, 3).highest(), Some(3));
        assert!(Comparison::Between(1, 3).holds(&3) && !Comparison::Less(3).holds(&3));
    }

    proptest! {
        #[test]
        fn a_number_is_printed_as_it_is_read(number in proptest::num::f64::NORMAL) {
            let read = Number::parse(&number.to_string()).unwrap();
            prop_assert_eq!(Number::parse(&read.to_string()), Some(read));
        }
    }
}
