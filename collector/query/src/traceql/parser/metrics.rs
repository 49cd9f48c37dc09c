//! Metrics functions and what follows them.

use super::{Operand, Parser};
use crate::error::QueryError;
use crate::suggest::nearest;
use crate::traceql::ast::{Literal, Pipeline, Spans, Stage};
use crate::traceql::field::Field;
use crate::traceql::metrics::{COMPARE_VALUES_MAX, Function, Metrics, SecondStage};
use crate::traceql::token::{Sign, TokenKind};

/// Quantiles in one query.
const QUANTILES_MAX: usize = 16;

/// Values of an attribute that `compare` shows unless told otherwise, as Tempo does.
const COMPARE_VALUES: usize = 10;

impl Parser<'_> {
    /// The function that stands here, over the spans that the steps leave.
    pub(super) fn metrics(&mut self, stages: Vec<Stage>) -> Result<Operand, QueryError> {
        let place = self.place();
        let name = self.peek_word().unwrap_or_default().to_owned();
        self.position += 1;
        let open = self.open(&name)?;
        let function = match name.as_str() {
            "rate" => Function::Rate,
            "count_over_time" => Function::Count,
            "min_over_time" => Function::Min(self.number_field(&name)?),
            "max_over_time" => Function::Max(self.number_field(&name)?),
            "avg_over_time" => Function::Average(self.number_field(&name)?),
            "sum_over_time" => Function::Sum(self.number_field(&name)?),
            "histogram_over_time" => Function::Histogram(self.number_field(&name)?),
            "quantile_over_time" => self.quantiles(&name)?,
            _ => self.compare()?,
        };
        self.close(&TokenKind::Close, &open, "`)`")?;
        let place = place.start..self.end_before();
        let can_group = !matches!(function, Function::Compare { .. });
        let by = if can_group && self.peek_word() == Some("by") {
            self.fields_by()?
        } else {
            Vec::new()
        };
        let metrics = Metrics::of_spans(Pipeline { stages }, function, by);
        Ok(Operand::Metrics(metrics, place))
    }

    /// `by ( field { , field } )`.
    fn fields_by(&mut self) -> Result<Vec<Field>, QueryError> {
        self.position += 1;
        let open = self.open("by")?;
        let mut fields = vec![self.field()?];
        while self.eat(&TokenKind::Comma) {
            fields.push(self.field()?);
        }
        self.close(&TokenKind::Close, &open, "`,` or `)`")?;
        Ok(fields)
    }

    /// A field that may be a number.
    fn number_field(&mut self, function: &str) -> Result<Field, QueryError> {
        let range = self.place();
        let field = self.field()?;
        if field.value_type().may_be_number() {
            return Ok(field);
        }
        let what = field.value_type().describe();
        Err(QueryError::new(
            range,
            format!("`{function}` needs a number, and this is {what}"),
        )
        .expected("`duration` or an attribute"))
    }

    fn quantiles(&mut self, function: &str) -> Result<Function, QueryError> {
        let field = self.number_field(function)?;
        let mut quantiles = Vec::new();
        while self.eat(&TokenKind::Comma) {
            let range = self.place();
            let quantile = self.plain_number()?;
            if !(0.0..=1.0).contains(&quantile) {
                return Err(QueryError::new(range, "this is not a quantile")
                    .expected("a number from 0 to 1"));
            }
            if quantiles.len() == QUANTILES_MAX {
                return Err(QueryError::new(range, "these are many quantiles")
                    .expected(format!("at most {QUANTILES_MAX}")));
            }
            quantiles.push(quantile);
        }
        if quantiles.is_empty() {
            return Err(self.unexpected("`,` and a quantile from 0 to 1"));
        }
        Ok(Function::Quantile(field, quantiles))
    }

    /// What follows `compare(`.
    fn compare(&mut self) -> Result<Function, QueryError> {
        let Spans::Where(selection) = self.braces()? else {
            return Err(self.unexpected("`{ … }`"));
        };
        let mut top = COMPARE_VALUES;
        let mut window_ns = None;
        if self.eat(&TokenKind::Comma) {
            let range = self.place();
            top = usize::try_from(self.whole_number()?).unwrap_or(usize::MAX);
            if !(1..=COMPARE_VALUES_MAX).contains(&top) {
                return Err(QueryError::new(range, "this many values cannot be shown")
                    .expected(format!("a number from 1 to {COMPARE_VALUES_MAX}")));
            }
        }
        if self.eat(&TokenKind::Comma) {
            let start = self.whole_number()?;
            if !self.eat(&TokenKind::Comma) {
                return Err(self.unexpected("`,` and the end of the time, in nanoseconds"));
            }
            let range = self.place();
            let end = self.whole_number()?;
            if end <= start {
                return Err(QueryError::new(
                    range,
                    "the time is empty: it ends at its start or before",
                )
                .expected(format!("more than {start}")));
            }
            window_ns = Some((start, end));
        }
        Ok(Function::Compare {
            selection,
            top,
            window_ns,
        })
    }

    /// `| topk(n)`, `| bottomk(n)` and comparisons behind a metrics function.
    pub(super) fn second_stages(&mut self, mut metrics: Metrics) -> Result<Metrics, QueryError> {
        loop {
            if let Some(compare) = self.peek_sign().and_then(Sign::compare) {
                self.position += 1;
                let is_negative = self.eat_sign(Sign::Minus);
                let number = self.plain_number()?;
                let bound = if is_negative { -number } else { number };
                metrics
                    .second_stages
                    .push(SecondStage::Filter(compare, bound));
            } else if self.eat_sign(Sign::Pipe) {
                metrics.second_stages.push(self.ranked()?);
            } else {
                return Ok(metrics);
            }
        }
    }

    fn ranked(&mut self) -> Result<SecondStage, QueryError> {
        let word = self.peek_word().unwrap_or_default().to_owned();
        let stage = match word.as_str() {
            "topk" => SecondStage::Top,
            "bottomk" => SecondStage::Bottom,
            _ => {
                return Err(self
                    .unexpected("`topk(`, `bottomk(` or the end")
                    .suggest(nearest(&word, ["topk", "bottomk"]).map(str::to_owned)));
            }
        };
        self.position += 1;
        let open = self.open(&word)?;
        let range = self.place();
        let count = usize::try_from(self.whole_number()?).unwrap_or(usize::MAX);
        if count == 0 {
            return Err(QueryError::new(range, "none would be left").expected("1 or more"));
        }
        self.close(&TokenKind::Close, &open, "`)`")?;
        Ok(stage(count))
    }

    fn whole_number(&mut self) -> Result<u64, QueryError> {
        let number = match self.peek() {
            Some(TokenKind::Literal(Literal::Int(whole))) => u64::try_from(*whole).ok(),
            _ => None,
        };
        match number {
            Some(number) => {
                self.position += 1;
                Ok(number)
            }
            None => Err(self.unexpected("a whole number")),
        }
    }

    /// A number; a duration counts in seconds, as metrics do.
    fn plain_number(&mut self) -> Result<f64, QueryError> {
        const NS_PER_SECOND: f64 = 1e9;
        let number = match self.peek() {
            Some(TokenKind::Literal(Literal::Int(whole))) => Some(*whole as f64),
            Some(TokenKind::Literal(Literal::Float(number))) => Some(*number),
            Some(TokenKind::Literal(Literal::Duration(ns))) => Some(*ns as f64 / NS_PER_SECOND),
            _ => None,
        };
        match number {
            Some(number) => {
                self.position += 1;
                Ok(number)
            }
            None => Err(self.unexpected("a number")),
        }
    }
}
