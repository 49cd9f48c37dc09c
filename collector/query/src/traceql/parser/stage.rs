//! Steps of a pipeline, spans and scalars.

use std::ops::Range;

use super::{Form, Operand, Parser};
use crate::error::QueryError;
use crate::suggest::nearest;
use crate::traceql::ast::{Aggregate, Arithmetic, Expression, Literal, Scalar, Spans, Stage};
use crate::traceql::check::{self, DEPTH_MAX, too_deep};
use crate::traceql::metrics::FUNCTIONS;
use crate::traceql::token::{Sign, TokenKind};

use super::operand::{ScalarPart, SpansPart};

/// How strongly operators bind. Spans, scalars and metrics are never mixed.
const JOIN_LOGIC: u8 = 1;
const JOIN_RELATED: u8 = 2;
const ADD: u8 = 2;
const MULTIPLY: u8 = 3;
const POWER: u8 = 4;

const STAGES: &[&str] = &[
    "by", "coalesce", "select", "count", "avg", "max", "min", "sum",
];

impl Parser<'_> {
    /// Steps up to a closing parenthesis or the end; or a number, or numbers over time.
    pub(super) fn pipeline(&mut self) -> Result<Operand, QueryError> {
        let start = self.place().start;
        if self.peek_word() == Some("coalesce") {
            let error = QueryError::new(self.place(), "there are no sets yet to put together");
            return Err(error.expected("`coalesce()` behind `by( … )`"));
        }
        let first = self.stage()?;
        let Operand::Spans(mut whole) = first else {
            return Ok(first);
        };
        while self.peek_sign() == Some(Sign::Pipe) {
            if whole.form == Form::Steps {
                return Err(self.unexpected("the end: nothing can follow steps in parentheses"));
            }
            self.position += 1;
            if self
                .peek_word()
                .is_some_and(|word| FUNCTIONS.contains(&word))
            {
                return self.metrics(whole.into_stages());
            }
            let range = self.place();
            match self.stage()? {
                Operand::Spans(next) if next.form == Form::Steps => {
                    return Err(QueryError::new(
                        next.range,
                        "steps in parentheses cannot follow others",
                    )
                    .expected("the steps without parentheses"));
                }
                Operand::Spans(next) => {
                    whole.depth = whole.depth.max(next.depth);
                    whole.stages.extend(next.stages);
                }
                Operand::Scalar(scalar) => return Err(scalar.not_compared()),
                Operand::Metrics(..) => {
                    return Err(QueryError::new(
                        range,
                        "numbers over time cannot follow steps",
                    ));
                }
            }
        }
        whole.range = start..self.end_before();
        Ok(Operand::Spans(whole))
    }

    /// One step; a number alone where no comparison follows.
    fn stage(&mut self) -> Result<Operand, QueryError> {
        let start = self.place().start;
        let stage = match self.peek_word() {
            Some("by") => self.by()?,
            Some("coalesce") => self.coalesce()?,
            Some("select") => self.select()?,
            _ => {
                let operand = self.operand(JOIN_LOGIC)?;
                let compare = self.peek_sign().and_then(Sign::compare);
                match (operand, compare) {
                    (Operand::Scalar(left), Some(compare)) => {
                        self.position += 1;
                        self.scalar_filter(left, compare)?
                    }
                    (other, _) => return Ok(other),
                }
            }
        };
        Ok(Operand::Spans(SpansPart {
            stages: vec![stage],
            form: Form::Braces,
            range: start..self.end_before(),
            depth: 1,
        }))
    }

    fn by(&mut self) -> Result<Stage, QueryError> {
        self.position += 1;
        let open = self.open("by")?;
        let expression = self.expression()?;
        self.close(&TokenKind::Close, &open, "`)`")?;
        check::group(expression).map(Stage::By)
    }

    fn coalesce(&mut self) -> Result<Stage, QueryError> {
        self.position += 1;
        let open = self.open("coalesce")?;
        self.close(
            &TokenKind::Close,
            &open,
            "`)`: nothing is said to `coalesce`",
        )?;
        Ok(Stage::Coalesce)
    }

    fn select(&mut self) -> Result<Stage, QueryError> {
        self.position += 1;
        let open = self.open("select")?;
        let mut fields = vec![self.field()?];
        while self.eat(&TokenKind::Comma) {
            fields.push(self.field()?);
        }
        self.close(&TokenKind::Close, &open, "`,` or `)`")?;
        Ok(Stage::Select(fields))
    }

    /// What follows a comparison of a number.
    fn scalar_filter(
        &mut self,
        left: ScalarPart,
        compare: crate::traceql::ast::Compare,
    ) -> Result<Stage, QueryError> {
        let right = match self.operand(ADD)? {
            Operand::Scalar(right) => right,
            other => {
                return Err(QueryError::new(
                    other.range(),
                    format!("a number cannot be compared with {}", other.describe()),
                )
                .expected("a number, a duration, or an aggregate such as `count()`"));
            }
        };
        if !left.uses_spans && !right.uses_spans {
            return Err(QueryError::new(
                left.range.start..right.range.end,
                "two numbers are compared, and nothing of the trace",
            )
            .expected("`count()`, `avg( … )`, `min( … )`, `max( … )` or `sum( … )`"));
        }
        Ok(Stage::Scalar(compare, left.scalar, right.scalar))
    }

    /// Spans, a number or numbers over time, with operators that bind at least so strongly.
    pub(super) fn operand(&mut self, least: u8) -> Result<Operand, QueryError> {
        let mut left = self.single()?;
        while let Some(sign) = self.peek_sign() {
            let Some(strength) = strength_of(&left, sign).filter(|strength| *strength >= least)
            else {
                break;
            };
            self.position += 1;
            let is_from_right = sign == Sign::Power;
            let place = self.place();
            let right =
                self.deeper(|parser| parser.operand(strength + u8::from(!is_from_right)))?;
            left = joined(sign, left, right, place)?;
        }
        Ok(left)
    }

    /// One operand without operators.
    fn single(&mut self) -> Result<Operand, QueryError> {
        let range = self.place();
        match self.peek() {
            Some(TokenKind::OpenBrace) => {
                let spans = self.braces()?;
                let whole = range.start..self.end_before();
                Ok(Operand::Spans(SpansPart::braces(spans, whole)))
            }
            Some(TokenKind::Open) => self.parenthesis(),
            Some(TokenKind::Literal(literal)) => {
                let literal = literal.clone();
                self.position += 1;
                number(literal, range)
            }
            Some(TokenKind::Sign(Sign::Minus)) => {
                self.position += 1;
                let Some(TokenKind::Literal(literal)) = self.peek().cloned() else {
                    return Err(self.unexpected("a number"));
                };
                self.position += 1;
                let below = match literal {
                    Literal::Int(whole) => Literal::Int(whole.saturating_neg()),
                    Literal::Float(number) => Literal::Float(-number),
                    Literal::Duration(ns) => Literal::Duration(ns.saturating_neg()),
                    other => other,
                };
                number(below, range.start..self.end_before())
            }
            Some(TokenKind::Word(_)) => self.aggregate(),
            _ => Err(self.unexpected("`{ … }`, an aggregate such as `count()`, or another step")),
        }
    }

    /// `{ … }`.
    pub(super) fn braces(&mut self) -> Result<Spans, QueryError> {
        let open = self.place();
        if !self.eat(&TokenKind::OpenBrace) {
            return Err(self.unexpected("`{ … }`"));
        }
        if self.eat(&TokenKind::CloseBrace) {
            return Ok(Spans::Where(Expression::Literal(Literal::Bool(true))));
        }
        let typed = self.expression()?;
        self.close(&TokenKind::CloseBrace, &open, "`}` or an operator")?;
        check::condition(typed).map(Spans::Where)
    }

    fn parenthesis(&mut self) -> Result<Operand, QueryError> {
        let open = self.place();
        self.position += 1;
        let inner = self.deeper(Self::pipeline)?;
        let inner = match inner {
            Operand::Metrics(metrics, range) => {
                Operand::Metrics(self.second_stages(metrics)?, range)
            }
            other => other,
        };
        self.close(&TokenKind::Close, &open, "`)`, `|` or an operator")?;
        let range = open.start..self.end_before();
        Ok(match inner {
            Operand::Spans(part) => Operand::Spans(part.in_parentheses(range)?),
            Operand::Scalar(part) => Operand::Scalar(ScalarPart { range, ..part }),
            metrics @ Operand::Metrics(..) => metrics,
        })
    }

    /// An aggregate, or a word that is none.
    fn aggregate(&mut self) -> Result<Operand, QueryError> {
        let range = self.place();
        let word = self.peek_word().unwrap_or_default().to_owned();
        let scalar = if word == "count" {
            self.position += 1;
            let open = self.open("count")?;
            self.close(&TokenKind::Close, &open, "`)`: `count` counts spans")?;
            Scalar::Count
        } else if let Some(aggregate) = Aggregate::named(&word) {
            self.position += 1;
            let open = self.open(&word)?;
            let typed = self.expression()?;
            self.close(&TokenKind::Close, &open, "`)`")?;
            Scalar::Aggregate(aggregate, check::aggregated(typed, &word)?)
        } else if FUNCTIONS.contains(&word.as_str()) {
            return Err(
                QueryError::new(range, format!("`{word}` stands behind spans"))
                    .expected(format!("`{{ … }} | {word}(`")),
            );
        } else {
            let known = STAGES.iter().chain(FUNCTIONS).copied();
            return Err(self
                .unexpected("`{ … }`, `by`, `coalesce`, `select` or an aggregate such as `count()`")
                .suggest(nearest(&word, known).map(str::to_owned)));
        };
        Ok(Operand::Scalar(ScalarPart {
            scalar,
            range: range.start..self.end_before(),
            depth: 1,
            uses_spans: true,
        }))
    }
}

/// A written number of any kind.
fn number(literal: Literal, range: Range<usize>) -> Result<Operand, QueryError> {
    if !crate::traceql::types::Type::of(&literal).is_number() {
        return Err(QueryError::new(range, "this is not a number")
            .expected("a number or a duration: sets of spans have nothing else to compare"));
    }
    Ok(Operand::Scalar(ScalarPart {
        scalar: Scalar::Literal(literal),
        range,
        depth: 1,
        uses_spans: false,
    }))
}

/// How strongly the sign binds, where it means something behind this operand.
fn strength_of(left: &Operand, sign: Sign) -> Option<u8> {
    let of_arithmetic = |sign: Sign| match sign.arithmetic()? {
        Arithmetic::Add | Arithmetic::Subtract => Some(ADD),
        Arithmetic::Multiply | Arithmetic::Divide | Arithmetic::Remainder => Some(MULTIPLY),
        Arithmetic::Power => Some(POWER),
    };
    match left {
        Operand::Spans(_) if matches!(sign, Sign::And | Sign::Or) => Some(JOIN_LOGIC),
        Operand::Spans(_) => sign.join().map(|_| JOIN_RELATED),
        Operand::Scalar(_) => of_arithmetic(sign),
        Operand::Metrics(..) => match sign {
            Sign::Modulo | Sign::Power => None,
            other => of_arithmetic(other),
        },
    }
}

/// Both operands put together; `place` is where the right one begins.
fn joined(
    sign: Sign,
    left: Operand,
    right: Operand,
    place: Range<usize>,
) -> Result<Operand, QueryError> {
    match (left, right) {
        (Operand::Spans(left), Operand::Spans(right)) => {
            let Some(join) = sign.join() else {
                return Err(QueryError::new(place, "spans are not joined this way"));
            };
            SpansPart::joined(join, left, right).map(Operand::Spans)
        }
        (Operand::Scalar(left), Operand::Scalar(right)) => {
            let range = left.range.start..right.range.end;
            let depth = left.depth.max(right.depth) + 1;
            let Some(arithmetic) = sign.arithmetic().filter(|_| depth <= DEPTH_MAX) else {
                return Err(too_deep(range));
            };
            Ok(Operand::Scalar(ScalarPart {
                scalar: Scalar::Arithmetic(
                    arithmetic,
                    Box::new(left.scalar),
                    Box::new(right.scalar),
                ),
                range,
                depth,
                uses_spans: left.uses_spans || right.uses_spans,
            }))
        }
        (Operand::Metrics(left, place), Operand::Metrics(right, _)) => {
            let Some(arithmetic) = sign.arithmetic() else {
                return Err(QueryError::new(
                    place,
                    "these are not put together this way",
                ));
            };
            left.with(arithmetic, right)
                .map(|metrics| Operand::Metrics(metrics, place.clone()))
                .ok_or_else(|| too_deep(place))
        }
        (left, right) => Err(QueryError::new(
            right.range(),
            format!(
                "{} and {} do not go together",
                left.describe(),
                right.describe()
            ),
        )
        .expected(left.describe())),
    }
}
