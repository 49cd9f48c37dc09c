//! Values of spans: how they compare and what arithmetic makes of them.

use std::borrow::Cow;
use std::cmp::Ordering;

use spanwalk_model::{SeverityLevel, SpanKind, StatusCode, Value};

use crate::comparison::Number;
use crate::text;
use crate::traceql::ast::{Arithmetic, Compare, Literal};
use crate::traceql::regex::Regex;

/// The value of an expression for one span.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::traceql) enum Val<'a> {
    /// There is none.
    Nil,
    Bool(bool),
    Number(Number),
    /// Nanoseconds.
    Duration(Number),
    Text(Cow<'a, str>),
    Status(StatusCode),
    Kind(SpanKind),
    Level(SeverityLevel),
    /// Elements of an array, or one for each event, link or log record. None is a `Many` or
    /// `Nil`.
    Many(Vec<Self>),
}

/// How two values are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    /// They are of types that do not compare.
    OfOtherTypes,
    /// They compare; `None` where they differ and neither is more.
    Known(Option<Ordering>),
}

/// What arithmetic with whole numbers gives.
enum Whole {
    /// There is no result.
    Nothing,
    /// It is not whole, or does not fit.
    Inexact,
    /// This.
    Is(i64),
}

impl<'a> Val<'a> {
    /// A text that is kept elsewhere.
    pub(super) fn text(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }

    /// So many nanoseconds.
    pub(super) fn duration_ns(nanoseconds: u64) -> Self {
        Self::Duration(number(nanoseconds))
    }

    /// A count.
    pub(super) fn count(count: usize) -> Self {
        Self::Number(number(u64::try_from(count).unwrap_or(u64::MAX)))
    }

    /// The value of an attribute. What has no type in the language is its text.
    pub(super) fn of_attribute(value: &'a Value) -> Self {
        match value {
            Value::Array(elements) => {
                let values = elements.iter().filter(|element| !element.is_empty());
                Self::Many(values.map(Self::single).collect())
            }
            other => Self::single(other),
        }
    }

    fn single(value: &'a Value) -> Self {
        match value {
            Value::Empty => Self::Nil,
            Value::String(text) => Self::text(text),
            Value::Bool(flag) => Self::Bool(*flag),
            Value::Int(whole) => Self::Number(Number::Int(*whole)),
            Value::Double(float) => Self::Number(Number::Double(*float)),
            Value::Bytes(_) | Value::Array(_) | Value::Map(_) => {
                Self::Text(Cow::Owned(text::canonical(value)))
            }
        }
    }

    /// All of these as one value; nothing where there are none.
    pub(super) fn many(values: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Vec::new();
        for value in values {
            match value {
                Self::Nil => {}
                Self::Many(inner) => all.extend(inner),
                single => all.push(single),
            }
        }
        if all.is_empty() {
            Self::Nil
        } else {
            Self::Many(all)
        }
    }

    /// A written value.
    pub(super) fn of_literal(literal: &'a Literal) -> Self {
        match literal {
            Literal::Nil => Self::Nil,
            Literal::Bool(flag) => Self::Bool(*flag),
            Literal::Int(whole) => Self::Number(Number::Int(*whole)),
            Literal::Float(float) => Self::Number(Number::Double(*float)),
            Literal::Duration(ns) => Self::Duration(Number::Int(*ns)),
            Literal::Text(text) => Self::text(text),
            Literal::Status(status) => Self::Status(*status),
            Literal::Kind(kind) => Self::Kind(*kind),
            Literal::Level(level) => Self::Level(*level),
        }
    }

    /// Whether it is true.
    pub(super) fn is_true(&self) -> bool {
        *self == Self::Bool(true)
    }

    /// The elements, or the value alone; nothing for none.
    pub(in crate::traceql) fn singles(&self) -> &[Self] {
        match self {
            Self::Nil => &[],
            Self::Many(elements) => elements,
            single => std::slice::from_ref(single),
        }
    }

    /// The number, a duration's nanoseconds among them.
    pub(in crate::traceql) fn as_number(&self) -> Option<Number> {
        match self {
            Self::Number(number) | Self::Duration(number) => Some(*number),
            _ => None,
        }
    }

    /// Whether the values compare so. Nothing compares with no value. Of several elements one
    /// is enough, but all have to differ where values differ.
    pub(super) fn compares(&self, compare: Compare, other: &Self) -> bool {
        if *self == Self::Nil || *other == Self::Nil {
            return false;
        }
        let mut pairs = self
            .singles()
            .iter()
            .flat_map(|left| other.singles().iter().map(move |right| (left, right)));
        if compare != Compare::NotEqual {
            return pairs.any(|(left, right)| match left.order(right) {
                Order::Known(order) => holds(compare, order, left.has_order()),
                Order::OfOtherTypes => false,
            });
        }
        all_differ(pairs.map(|(left, right)| match left.order(right) {
            Order::Known(order) => Some(order == Some(Ordering::Equal)),
            Order::OfOtherTypes => None,
        }))
    }

    /// Whether the whole text matches (`wanted`) or not. Of several elements one has to match,
    /// or none may.
    pub(super) fn matches(&self, regex: &Regex, wanted: bool) -> bool {
        if *self == Self::Nil {
            return false;
        }
        let mut verdicts = self.singles().iter().map(|single| match single {
            Self::Text(text) => Some(regex.matches(text)),
            _ => None,
        });
        if wanted {
            return verdicts.any(|verdict| verdict == Some(true));
        }
        all_differ(verdicts)
    }

    fn order(&self, other: &Self) -> Order {
        let same = |is_equal: bool| Order::Known(is_equal.then_some(Ordering::Equal));
        match (self, other) {
            (Self::Text(left), Self::Text(right)) => Order::Known(Some(left.cmp(right))),
            (Self::Bool(left), Self::Bool(right)) => same(left == right),
            (Self::Status(left), Self::Status(right)) => same(left == right),
            (Self::Kind(left), Self::Kind(right)) => same(left == right),
            (Self::Level(left), Self::Level(right)) => Order::Known(Some(left.cmp(right))),
            (left, right) => match (left.as_number(), right.as_number()) {
                (Some(left), Some(right)) => Order::Known(left.partial_cmp(&right)),
                _ => Order::OfOtherTypes,
            },
        }
    }

    fn has_order(&self) -> bool {
        !matches!(self, Self::Bool(_) | Self::Status(_) | Self::Kind(_))
    }

    /// Two numbers put together; nothing where one is none. Whole numbers stay whole, unless
    /// the result does not fit.
    pub(super) fn arithmetic(&self, sign: Arithmetic, other: &Self) -> Val<'static> {
        let (Some(left), Some(right)) = (self.as_number(), other.as_number()) else {
            return Val::Nil;
        };
        let are_whole = matches!((self, other), (Self::Number(_), Self::Number(_)));
        let whole = match (left, right) {
            (Number::Int(left), Number::Int(right)) if are_whole => whole(sign, left, right),
            _ => Whole::Inexact,
        };
        match whole {
            Whole::Nothing => Val::Nil,
            Whole::Is(result) => Val::Number(Number::Int(result)),
            Whole::Inexact => {
                Val::Number(Number::Double(float(sign, as_float(left), as_float(right))))
            }
        }
    }

    /// The number below zero; nothing where it is none.
    pub(super) fn negative(&self) -> Self {
        let below = |number: &Number| match number {
            Number::Int(whole) => whole
                .checked_neg()
                .map_or(Number::Double(-(*whole as f64)), Number::Int),
            Number::Double(float) => Number::Double(-float),
        };
        match self {
            Self::Number(number) => Self::Number(below(number)),
            Self::Duration(number) => Self::Duration(below(number)),
            _ => Self::Nil,
        }
    }

    /// The value for those who show it: durations as nanoseconds, names as texts.
    pub(in crate::traceql) fn to_value(&self) -> Value {
        match self {
            Self::Nil => Value::Empty,
            Self::Bool(flag) => Value::Bool(*flag),
            Self::Number(number) | Self::Duration(number) => number_value(*number),
            Self::Text(text) => Value::String(text.clone().into_owned()),
            Self::Status(status) => Value::from(status.as_str()),
            Self::Kind(kind) => Value::from(kind.as_str()),
            Self::Level(level) => Value::from(level.as_str()),
            Self::Many(elements) => Value::Array(elements.iter().map(Self::to_value).collect()),
        }
    }
}

/// The number as an attribute holds it.
pub(in crate::traceql) fn number_value(number: Number) -> Value {
    match number {
        Number::Int(whole) => Value::Int(whole),
        Number::Double(float) => Value::Double(float),
    }
}

/// The nearest float.
pub(in crate::traceql) fn as_float(number: Number) -> f64 {
    match number {
        Number::Int(whole) => whole as f64,
        Number::Double(float) => float,
    }
}

fn number(count: u64) -> Number {
    i64::try_from(count).map_or(Number::Double(count as f64), Number::Int)
}

/// Whether an order fulfils a comparison.
pub(super) fn holds(compare: Compare, order: Option<Ordering>, has_order: bool) -> bool {
    match compare {
        Compare::Equal => order == Some(Ordering::Equal),
        Compare::NotEqual => order != Some(Ordering::Equal),
        _ if !has_order => false,
        Compare::Less => order == Some(Ordering::Less),
        Compare::AtMost => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        Compare::More => order == Some(Ordering::Greater),
        Compare::AtLeast => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
    }
}

/// Whether none of what can be compared is the same. Where there is something and nothing of
/// it can be compared, that is no.
fn all_differ(verdicts: impl Iterator<Item = Option<bool>>) -> bool {
    let mut is_empty = true;
    let mut has_compared = false;
    for verdict in verdicts {
        is_empty = false;
        match verdict {
            Some(true) => return false,
            Some(false) => has_compared = true,
            None => {}
        }
    }
    is_empty || has_compared
}

fn whole(sign: Arithmetic, left: i64, right: i64) -> Whole {
    let result = match sign {
        Arithmetic::Add => left.checked_add(right),
        Arithmetic::Subtract => left.checked_sub(right),
        Arithmetic::Multiply => left.checked_mul(right),
        Arithmetic::Divide | Arithmetic::Remainder if right == 0 => return Whole::Nothing,
        Arithmetic::Divide => left.checked_div(right),
        // The only remainder that overflows is that of -1, which is nothing.
        Arithmetic::Remainder => Some(left.checked_rem(right).unwrap_or(0)),
        Arithmetic::Power => u32::try_from(right)
            .ok()
            .and_then(|exponent| left.checked_pow(exponent)),
    };
    result.map_or(Whole::Inexact, Whole::Is)
}

fn float(sign: Arithmetic, left: f64, right: f64) -> f64 {
    match sign {
        Arithmetic::Add => left + right,
        Arithmetic::Subtract => left - right,
        Arithmetic::Multiply => left * right,
        Arithmetic::Divide => left / right,
        Arithmetic::Remainder => left % right,
        Arithmetic::Power => left.powf(right),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn int(whole: i64) -> Val<'static> {
        Val::Number(Number::Int(whole))
    }

    #[test]
    fn whole_numbers_stay_whole_and_never_overflow() {
        let result = |sign, left, right| int(left).arithmetic(sign, &int(right));
        assert_eq!(result(Arithmetic::Divide, 7, 2), int(3));
        assert_eq!(result(Arithmetic::Divide, 7, 0), Val::Nil);
        assert_eq!(result(Arithmetic::Remainder, i64::MIN, -1), int(0));
        assert_eq!(result(Arithmetic::Power, 2, 10), int(1024));
        let large = Val::Number(Number::Double(2.0_f64.powi(100)));
        assert_eq!(result(Arithmetic::Power, 2, 100), large);
        assert_eq!(
            result(Arithmetic::Power, 2, -1),
            Val::Number(Number::Double(0.5))
        );
        let half = Val::duration_ns(3).arithmetic(Arithmetic::Divide, &int(2));
        assert_eq!(half, Val::Number(Number::Double(1.5)));
    }

    #[test]
    fn of_several_values_one_may_be_equal_but_all_have_to_differ() {
        let many = Val::Many(vec![Val::text("a"), Val::text("b"), int(7)]);
        assert!(many.compares(Compare::Equal, &Val::text("b")));
        assert!(!many.compares(Compare::NotEqual, &Val::text("b")));
        assert!(many.compares(Compare::NotEqual, &Val::text("c")));
        assert!(!many.compares(Compare::NotEqual, &Val::Bool(true)));
        assert!(Val::Many(Vec::new()).compares(Compare::NotEqual, &int(1)));
        assert!(!Val::Nil.compares(Compare::NotEqual, &int(1)));
        assert!(!Val::Bool(true).compares(Compare::AtLeast, &Val::Bool(true)));
    }
}
