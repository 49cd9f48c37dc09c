//! What each step of a pipeline leaves.

use std::collections::HashMap;

use spanwalk_model::Value;

use super::item::Items;
use super::value::{Val, as_float, holds, number_value};
use crate::comparison::Number;
use crate::traceql::ast::{
    Aggregate, Arithmetic, Compare, Expression, Join, Pipeline, Scalar, Side, Spans, Stage,
};
use crate::traceql::print;

/// A set of items, and what steps have found of it as a whole.
#[derive(Debug, Clone)]
pub(in crate::traceql) struct Set {
    /// Indexes of its items, ascending; never empty.
    pub(in crate::traceql) indexes: Vec<usize>,
    /// Values of `by` and of aggregates, by how they are written.
    pub(in crate::traceql) attributes: Vec<(String, Value)>,
}

impl<'a> Items<'a> {
    /// The sets that all steps leave of all items.
    pub(in crate::traceql) fn after<'q: 'a>(&self, pipeline: &'q Pipeline) -> Vec<Set> {
        let all = Set {
            indexes: (0..self.len()).collect(),
            attributes: Vec::new(),
        };
        if all.indexes.is_empty() {
            return Vec::new();
        }
        self.after_of(pipeline, all)
    }

    /// The sets that all steps leave of one set.
    fn after_of<'q: 'a>(&self, pipeline: &'q Pipeline, set: Set) -> Vec<Set> {
        let mut sets = vec![set];
        for stage in &pipeline.stages {
            if sets.is_empty() {
                break;
            }
            sets = self.step(stage, sets);
        }
        sets
    }

    fn step<'q: 'a>(&self, stage: &'q Stage, sets: Vec<Set>) -> Vec<Set> {
        match stage {
            Stage::Spans(Spans::Steps(steps)) => sets
                .into_iter()
                .flat_map(|set| self.after_of(steps, set))
                .collect(),
            Stage::Spans(spans) => sets
                .into_iter()
                .filter_map(|set| {
                    let indexes = self.left(spans, &set.indexes);
                    (!indexes.is_empty()).then_some(Set { indexes, ..set })
                })
                .collect(),
            Stage::Scalar(compare, left, right) => sets
                .into_iter()
                .filter_map(|set| self.compared(*compare, left, right, set))
                .collect(),
            Stage::By(expression) => sets
                .into_iter()
                .flat_map(|set| self.groups(expression, set))
                .collect(),
            Stage::Coalesce => {
                let mut indexes: Vec<usize> =
                    sets.into_iter().flat_map(|set| set.indexes).collect();
                indexes.sort_unstable();
                indexes.dedup();
                vec![Set {
                    indexes,
                    attributes: Vec::new(),
                }]
            }
            Stage::Select(_) => sets,
        }
    }

    /// Which of these items are left, ascending.
    fn left<'q: 'a>(&self, spans: &'q Spans, indexes: &[usize]) -> Vec<usize> {
        match spans {
            Spans::Where(condition) => indexes
                .iter()
                .copied()
                .filter(|index| self.is_true(condition, *index))
                .collect(),
            Spans::Steps(steps) => {
                let set = Set {
                    indexes: indexes.to_vec(),
                    attributes: Vec::new(),
                };
                let sets = self.after_of(steps, set);
                merged(sets.into_iter().flat_map(|set| set.indexes).collect())
            }
            Spans::Joined(join, left, right) => {
                self.joined(*join, self.left(left, indexes), self.left(right, indexes))
            }
        }
    }

    fn joined(&self, join: Join, left: Vec<usize>, right: Vec<usize>) -> Vec<usize> {
        match join {
            Join::And if left.is_empty() || right.is_empty() => Vec::new(),
            Join::And | Join::Or => merged([left, right].concat()),
            Join::Related(relation, side) => {
                let related = self.tree().related(relation, &left, &right);
                let wanted = side != Side::Unrelated;
                let of_right = chosen(&right, &related, wanted);
                if side != Side::Both {
                    return of_right;
                }
                let reversed = self.tree().related(relation.reversed(), &right, &left);
                merged([chosen(&left, &reversed, true), of_right].concat())
            }
        }
    }

    /// The set, with its aggregates, where two numbers of it compare.
    fn compared<'q: 'a>(
        &self,
        compare: Compare,
        left: &'q Scalar,
        right: &'q Scalar,
        mut set: Set,
    ) -> Option<Set> {
        let left = self.scalar(left, &mut set)?;
        let right = self.scalar(right, &mut set)?;
        holds(compare, left.partial_cmp(&right), true).then_some(set)
    }

    /// A number of the set; `None` where no item has one.
    fn scalar<'q: 'a>(&self, scalar: &'q Scalar, set: &mut Set) -> Option<Number> {
        let (written, number) = match scalar {
            Scalar::Literal(literal) => return Val::of_literal(literal).as_number(),
            Scalar::Arithmetic(sign, left, right) => {
                let left = Val::Number(self.scalar(left, set)?);
                let right = Val::Number(self.scalar(right, set)?);
                return left.arithmetic(*sign, &right).as_number();
            }
            Scalar::Count => (
                "count()".to_owned(),
                Val::count(set.indexes.len()).as_number()?,
            ),
            Scalar::Aggregate(aggregate, of) => (
                std::fmt::from_fn(|f| print::scalar(scalar, f)).to_string(),
                self.aggregate(*aggregate, of, &set.indexes)?,
            ),
        };
        set.attributes.push((written, number_value(number)));
        Some(number)
    }

    fn aggregate<'q: 'a>(
        &self,
        aggregate: Aggregate,
        of: &'q Expression,
        indexes: &[usize],
    ) -> Option<Number> {
        let mut found: Option<Number> = None;
        let mut count: u32 = 0;
        for index in indexes {
            for number in self
                .evaluate(of, *index)
                .singles()
                .iter()
                .filter_map(Val::as_number)
            {
                count = count.saturating_add(1);
                found = Some(match (found, aggregate) {
                    (None, _) => number,
                    (Some(before), Aggregate::Max) if number > before => number,
                    (Some(before), Aggregate::Min) if number < before => number,
                    (Some(before), Aggregate::Max | Aggregate::Min) => before,
                    (Some(before), Aggregate::Sum | Aggregate::Average) => {
                        let (left, right) = (Val::Number(before), Val::Number(number));
                        left.arithmetic(Arithmetic::Add, &right).as_number()?
                    }
                });
            }
        }
        let found = found?;
        if aggregate == Aggregate::Average {
            return Some(Number::Double(as_float(found) / f64::from(count)));
        }
        Some(found)
    }

    /// One set for each value, in the order of their first items.
    fn groups<'q: 'a>(&self, expression: &'q Expression, set: Set) -> Vec<Set> {
        let written = std::fmt::from_fn(|f| print::by(expression, f)).to_string();
        let mut place_of: HashMap<String, usize> = HashMap::new();
        let mut groups: Vec<Set> = Vec::new();
        for index in set.indexes {
            let value = self.evaluate(expression, index);
            // Values of different types are different groups, as their debug forms are.
            let place = *place_of.entry(format!("{value:?}")).or_insert(groups.len());
            if let Some(group) = groups.get_mut(place) {
                group.indexes.push(index);
                continue;
            }
            let mut attributes = set.attributes.clone();
            attributes.push((written.clone(), value.to_value()));
            groups.push(Set {
                indexes: vec![index],
                attributes,
            });
        }
        groups
    }
}

fn chosen(indexes: &[usize], verdicts: &[bool], wanted: bool) -> Vec<usize> {
    let pairs = indexes.iter().zip(verdicts);
    pairs
        .filter(|(_, verdict)| **verdict == wanted)
        .map(|(index, _)| *index)
        .collect()
}

fn merged(mut indexes: Vec<usize>) -> Vec<usize> {
    indexes.sort_unstable();
    indexes.dedup();
    indexes
}
