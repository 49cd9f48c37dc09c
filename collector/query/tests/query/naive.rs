//! Random TraceQL queries as trees of their own, and what they mean, read naively: every pair
//! of spans is looked at, parents are walked up one by one.

use std::collections::BTreeSet;

use spanwalk_model::{TraceItems, Value};

pub(crate) use crate::naive_values::Single;
use crate::naive_values::{attribute, parents, values};

/// A condition in braces.
#[derive(Debug, Clone)]
pub(crate) enum Condition {
    Always(bool),
    /// Field, operator, value.
    Compare(&'static str, &'static str, Literal),
    /// Field, whether there is a value.
    Exists(&'static str, bool),
    /// Field, which of `PATTERNS`, whether it matches.
    Match(&'static str, usize, bool),
    /// A boolean attribute alone.
    Flag(&'static str),
    Not(Box<Self>),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
}

/// A written value: its text and what it is.
#[derive(Debug, Clone)]
pub(crate) struct Literal(pub(crate) &'static str, pub(crate) Single);

/// Spans.
#[derive(Debug, Clone)]
pub(crate) enum Spans {
    Where(Condition),
    Join(&'static str, Box<Self>, Box<Self>),
}

/// A whole query: spans, and steps behind them.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    pub(crate) spans: Spans,
    pub(crate) steps: Vec<Step>,
}

/// A step.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Where(Condition),
    Count(&'static str, usize),
    /// Aggregate of the duration in milliseconds, operator, milliseconds.
    Duration(&'static str, &'static str, u64),
    By(&'static str),
    Coalesce,
}

type Matches = fn(&str) -> bool;

/// Regular expressions, and the same by hand.
pub(crate) const PATTERNS: [(&str, Matches); 4] = [
    ("a", |text| text == "a"),
    (".*t.*", |text| text.contains('t')),
    ("time out|5|", |text| ["time out", "5", ""].contains(&text)),
    ("[A-Z].*", |text| {
        text.starts_with(|first: char| first.is_ascii_uppercase())
    }),
];

impl Condition {
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Always(flag) => flag.to_string(),
            Self::Compare(field, sign, Literal(value, _)) => format!("{field} {sign} {value}"),
            Self::Exists(field, wanted) => {
                format!("{field} {} nil", if *wanted { "!=" } else { "=" })
            }
            Self::Match(field, pattern, wanted) => {
                let sign = if *wanted { "=~" } else { "!~" };
                format!("{field} {sign} \"{}\"", PATTERNS[*pattern].0)
            }
            Self::Flag(field) => (*field).to_owned(),
            Self::Not(inner) => format!("!({})", inner.text()),
            Self::And(left, right) => format!("({}) && ({})", left.text(), right.text()),
            Self::Or(left, right) => format!("({}) || ({})", left.text(), right.text()),
        }
    }

    /// `None` where it is neither true nor false.
    fn verdict(&self, items: &TraceItems, index: usize) -> Option<bool> {
        Some(match self {
            Self::Always(flag) => *flag,
            Self::Compare(field, sign, Literal(_, value)) => {
                let found = values(items, index, field);
                compares(found.as_deref(), sign, &whole_id(field, value))
            }
            Self::Exists(field, wanted) => values(items, index, field).is_some() == *wanted,
            Self::Match(field, pattern, wanted) => {
                let texts: Option<Vec<bool>> = values(items, index, field).map(|found| {
                    found
                        .iter()
                        .filter_map(|value| match value {
                            Single::Text(text) => Some((PATTERNS[*pattern].1)(text)),
                            _ => None,
                        })
                        .collect()
                });
                let is_empty = values(items, index, field).is_some_and(|found| found.is_empty());
                match texts {
                    None => false,
                    Some(verdicts) if *wanted => verdicts.contains(&true),
                    Some(verdicts) => {
                        (is_empty || !verdicts.is_empty()) && !verdicts.contains(&true)
                    }
                }
            }
            Self::Flag(field) => {
                let found = values(items, index, field)?;
                let is_array = matches!(attribute(items, index, field), Some(Value::Array(_)));
                match found.as_slice() {
                    [Single::Bool(flag)] if !is_array => *flag,
                    _ => return None,
                }
            }
            Self::Not(inner) => !inner.verdict(items, index)?,
            Self::And(left, right) => left.holds(items, index) && right.holds(items, index),
            Self::Or(left, right) => left.holds(items, index) || right.holds(items, index),
        })
    }

    pub(crate) fn holds(&self, items: &TraceItems, index: usize) -> bool {
        self.verdict(items, index) == Some(true)
    }
}

/// Ids may be written without their leading zeros.
fn whole_id(field: &str, value: &Single) -> Single {
    match value {
        Single::Text(text)
            if ["span:id", "span:parentID"].contains(&field)
                && !text.is_empty()
                && text.chars().all(|digit| digit.is_ascii_hexdigit()) =>
        {
            Single::Text(format!("{text:0>16}"))
        }
        other => other.clone(),
    }
}

fn compares(found: Option<&[Single]>, sign: &str, wanted: &Single) -> bool {
    let Some(found) = found else {
        return false;
    };
    let same_type: Vec<&Single> = found
        .iter()
        .filter(|one| std::mem::discriminant(*one) == std::mem::discriminant(wanted))
        .collect();
    if sign == "!=" {
        return same_type.iter().all(|one| *one != wanted)
            && (found.is_empty() || !same_type.is_empty());
    }
    same_type.into_iter().any(|one| {
        let order = match (one, wanted) {
            (Single::Number(left), Single::Number(right)) => left.partial_cmp(right),
            (Single::Text(left), Single::Text(right)) => Some(left.cmp(right)),
            (Single::Level(left), Single::Level(right)) => Some(left.cmp(right)),
            _ => return sign == "=" && one == wanted,
        };
        order.is_some_and(|order| match sign {
            "=" => order.is_eq(),
            "<" => order.is_lt(),
            "<=" => order.is_le(),
            ">" => order.is_gt(),
            ">=" => order.is_ge(),
            _ => false,
        })
    })
}

impl Spans {
    /// In parentheses wherever it is joined.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Where(condition) => format!("{{ {} }}", condition.text()),
            Self::Join(sign, left, right) => format!("({}) {sign} ({})", left.text(), right.text()),
        }
    }

    fn left(&self, items: &TraceItems, among: &BTreeSet<usize>) -> BTreeSet<usize> {
        let (sign, left, right) = match self {
            Self::Where(condition) => {
                return among
                    .iter()
                    .copied()
                    .filter(|index| condition.holds(items, *index))
                    .collect();
            }
            Self::Join(sign, left, right) => {
                (*sign, left.left(items, among), right.left(items, among))
            }
        };
        match sign {
            "&&" if left.is_empty() || right.is_empty() => BTreeSet::new(),
            "&&" | "||" => left.union(&right).copied().collect(),
            _ => related(items, sign, &left, &right),
        }
    }
}

fn related(
    items: &TraceItems,
    sign: &str,
    left: &BTreeSet<usize>,
    right: &BTreeSet<usize>,
) -> BTreeSet<usize> {
    let parents = parents(items);
    let plain = sign.trim_start_matches(['!', '&']);
    let is_related = |l: usize, r: usize| match plain {
        ">" => parents[r] == Some(l),
        "<" => parents[l] == Some(r),
        ">>" => is_above(&parents, l, r),
        "<<" => is_above(&parents, r, l),
        _ => l != r && items.spans[l].item.parent_span_id == items.spans[r].item.parent_span_id,
    };
    let right_related = |r: &usize| left.iter().any(|l| is_related(*l, *r));
    if sign.starts_with('!') {
        return right
            .iter()
            .copied()
            .filter(|r| !right_related(r))
            .collect();
    }
    let mut found: BTreeSet<usize> = right.iter().copied().filter(right_related).collect();
    if sign.starts_with('&') {
        found.extend(
            left.iter()
                .filter(|l| right.iter().any(|r| is_related(**l, *r))),
        );
    }
    found
}

/// Walks up from `below`.
fn is_above(parents: &[Option<usize>], above: usize, below: usize) -> bool {
    let mut at = parents[below];
    while let Some(index) = at {
        if index == above {
            return true;
        }
        at = parents[index];
    }
    false
}

impl Query {
    pub(crate) fn text(&self) -> String {
        let steps = self.steps.iter().map(|step| match step {
            Step::Where(condition) => format!("{{ {} }}", condition.text()),
            Step::Count(sign, count) => format!("count() {sign} {count}"),
            Step::Duration(function, sign, ms) => format!("{function}(duration) {sign} {ms}ms"),
            Step::By(field) => format!("by({field})"),
            Step::Coalesce => "coalesce()".to_owned(),
        });
        let all: Vec<String> = std::iter::once(self.spans.text()).chain(steps).collect();
        all.join(" | ")
    }

    /// Indexes of the spans that are left.
    pub(crate) fn matches(&self, items: &TraceItems) -> Vec<usize> {
        let all: BTreeSet<usize> = (0..items.spans.len()).collect();
        let mut sets = vec![self.spans.left(items, &all)];
        for step in &self.steps {
            sets.retain(|set| !set.is_empty());
            sets = sets
                .into_iter()
                .flat_map(|set| match step {
                    Step::Where(condition) => {
                        vec![Spans::Where(condition.clone()).left(items, &set)]
                    }
                    Step::Count(sign, count) => keep(set.len() as f64, sign, *count as f64, set),
                    Step::Duration(function, sign, ms) => {
                        let number = aggregate(items, function, &set);
                        keep(number, sign, *ms as f64, set)
                    }
                    Step::By(field) => groups(items, field, &set),
                    Step::Coalesce => vec![set],
                })
                .collect();
            if matches!(step, Step::Coalesce) {
                sets = vec![sets.into_iter().flatten().collect()];
            }
        }
        let found: BTreeSet<usize> = sets.into_iter().flatten().collect();
        found.into_iter().collect()
    }
}

fn keep(number: f64, sign: &str, bound: f64, set: BTreeSet<usize>) -> Vec<BTreeSet<usize>> {
    if compares(
        Some(&[Single::Number(number)]),
        sign,
        &Single::Number(bound),
    ) {
        vec![set]
    } else {
        Vec::new()
    }
}

fn aggregate(items: &TraceItems, function: &str, set: &BTreeSet<usize>) -> f64 {
    let all: Vec<f64> = set
        .iter()
        .map(|index| items.spans[*index].item.duration_ns() as f64 / 1e6)
        .collect();
    let sum: f64 = all.iter().sum();
    match function {
        "sum" => sum,
        "avg" => sum / all.len() as f64,
        "min" => all.iter().copied().fold(f64::INFINITY, f64::min),
        _ => all.iter().copied().fold(f64::NEG_INFINITY, f64::max),
    }
}

fn groups(items: &TraceItems, field: &str, set: &BTreeSet<usize>) -> Vec<BTreeSet<usize>> {
    let mut groups: Vec<(String, BTreeSet<usize>)> = Vec::new();
    for index in set {
        let key = format!("{:?}", values(items, *index, field));
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, group)) => {
                group.insert(*index);
            }
            None => groups.push((key, BTreeSet::from([*index]))),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}
