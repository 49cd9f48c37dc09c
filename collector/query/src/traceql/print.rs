//! Writes a TraceQL query in its canonical form, which reads back as the same query.

use std::fmt::{Formatter, Result, Write};

use super::ast::{
    Arithmetic, Expression, Hint, Join, Literal, Pipeline, Scalar, Spans, Stage, Traceql,
};
use super::field::{Attribute, AttributeScope, Field, SCOPES};
use super::lexer::is_attribute_rune;
use super::literal;
use super::metrics::{Function, Metrics, SecondStage, Source};

/// How strongly what is written binds; see the parser.
mod strength {
    pub(super) const LOGIC: u8 = 1;
    pub(super) const COMPARE: u8 = 2;
    pub(super) const ADD: u8 = 3;
    pub(super) const MULTIPLY: u8 = 4;
    pub(super) const POWER: u8 = 5;
    pub(super) const SINGLE: u8 = 6;
}

/// Writes a whole query.
pub(super) fn traceql(query: &Traceql, f: &mut Formatter<'_>) -> Result {
    pipeline(&query.pipeline, f)?;
    hints(&query.hints, f)
}

/// Writes a whole metrics query.
pub(super) fn metrics(query: &Metrics, f: &mut Formatter<'_>) -> Result {
    match &query.source {
        Source::Spans {
            pipeline: steps,
            function: called,
            by,
        } => {
            pipeline(steps, f)?;
            f.write_str(" | ")?;
            function(called, f)?;
            if !by.is_empty() {
                f.write_str(" by (")?;
                fields(by, f)?;
                f.write_char(')')?;
            }
        }
        Source::Arithmetic(sign, left, right) => {
            metrics_operand(left, *sign, false, f)?;
            write!(f, " {} ", sign.sign())?;
            metrics_operand(right, *sign, true, f)?;
        }
    }
    for stage in &query.second_stages {
        match stage {
            SecondStage::Top(count) => write!(f, " | topk({count})")?,
            SecondStage::Bottom(count) => write!(f, " | bottomk({count})")?,
            SecondStage::Filter(compare, bound) => {
                write!(f, " {} ", compare.sign())?;
                plain_number(*bound, f)?;
            }
        }
    }
    hints(&query.hints, f)
}

/// A number of which whole and other ones are the same.
fn plain_number(number: f64, f: &mut Formatter<'_>) -> Result {
    const WHOLE_END: f64 = 1e15;
    if number.fract() == 0.0 && number.abs() < WHOLE_END {
        write!(f, "{number}")
    } else {
        write!(f, "{number:?}")
    }
}

/// A side of arithmetic between metrics. Steps always stand in parentheses; what has second
/// stages of its own keeps them there too.
fn metrics_operand(
    part: &Metrics,
    around: Arithmetic,
    is_right: bool,
    f: &mut Formatter<'_>,
) -> Result {
    let binds = match &part.source {
        Source::Arithmetic(inner, ..) if part.second_stages.is_empty() => {
            let (inner, outer) = (arithmetic_strength(*inner), arithmetic_strength(around));
            inner > outer || (inner == outer && !is_right)
        }
        _ => false,
    };
    if binds {
        return metrics(part, f);
    }
    f.write_char('(')?;
    metrics(part, f)?;
    f.write_char(')')
}

fn hints(hints: &[Hint], f: &mut Formatter<'_>) -> Result {
    if hints.is_empty() {
        return Ok(());
    }
    f.write_str(" with (")?;
    for (index, hint) in hints.iter().enumerate() {
        if index > 0 {
            f.write_str(", ")?;
        }
        write!(f, "{}=", hint.name)?;
        literal::write(&hint.value, f)?;
    }
    f.write_char(')')
}

fn pipeline(pipeline: &Pipeline, f: &mut Formatter<'_>) -> Result {
    for (index, stage) in pipeline.stages.iter().enumerate() {
        if index > 0 {
            f.write_str(" | ")?;
        }
        match stage {
            Stage::Spans(joined) => spans(joined, strength::LOGIC, holds_steps(joined), f)?,
            Stage::Scalar(compare, left, right) => {
                scalar(left, f)?;
                write!(f, " {} ", compare.sign())?;
                scalar(right, f)?;
            }
            Stage::By(grouped) => by(grouped, f)?,
            Stage::Coalesce => f.write_str("coalesce()")?,
            Stage::Select(selected) => {
                f.write_str("select(")?;
                fields(selected, f)?;
                f.write_char(')')?;
            }
        }
    }
    Ok(())
}

/// Whether there are steps in parentheses, beside which braces need parentheses too.
fn holds_steps(spans: &Spans) -> bool {
    match spans {
        Spans::Where(_) => false,
        Spans::Steps(_) => true,
        Spans::Joined(_, left, right) => holds_steps(left) || holds_steps(right),
    }
}

fn spans(part: &Spans, least: u8, is_among_steps: bool, f: &mut Formatter<'_>) -> Result {
    match part {
        Spans::Where(condition) => {
            if is_among_steps {
                f.write_char('(')?;
            }
            braces(condition, f)?;
            if is_among_steps {
                f.write_char(')')?;
            }
            Ok(())
        }
        Spans::Steps(steps) => {
            f.write_char('(')?;
            pipeline(steps, f)?;
            f.write_char(')')
        }
        Spans::Joined(join, left, right) => {
            let own = match join {
                Join::And | Join::Or => strength::LOGIC,
                Join::Related(..) => strength::COMPARE,
            };
            in_parentheses(own < least, f, |f| {
                spans(left, own, is_among_steps, f)?;
                write!(f, " {} ", join.sign())?;
                spans(right, own + 1, is_among_steps, f)
            })
        }
    }
}

fn braces(condition: &Expression, f: &mut Formatter<'_>) -> Result {
    if *condition == Expression::Literal(Literal::Bool(true)) {
        return f.write_str("{ }");
    }
    f.write_str("{ ")?;
    expression(condition, strength::LOGIC, f)?;
    f.write_str(" }")
}

fn expression(part: &Expression, least: u8, f: &mut Formatter<'_>) -> Result {
    in_parentheses(expression_strength(part) < least, f, |f| match part {
        Expression::Literal(value) => literal::write(value, f),
        Expression::Field(named) => field(named, f),
        Expression::Negative(inner) => {
            f.write_char('-')?;
            expression(inner, strength::MULTIPLY, f)
        }
        Expression::Not(inner) => {
            f.write_char('!')?;
            expression(inner, strength::MULTIPLY, f)
        }
        Expression::Exists(inner, wanted) => {
            expression(inner, strength::ADD, f)?;
            f.write_str(if *wanted { " != nil" } else { " = nil" })
        }
        Expression::Compare(compare, left, right) => {
            expression(left, strength::COMPARE, f)?;
            write!(f, " {} ", compare.sign())?;
            expression(right, strength::ADD, f)
        }
        Expression::Match(inner, regex, wanted) => {
            expression(inner, strength::COMPARE, f)?;
            f.write_str(if *wanted { " =~ " } else { " !~ " })?;
            literal::write_quoted(regex.source(), f)
        }
        Expression::Arithmetic(sign, left, right) => {
            let own = arithmetic_strength(*sign);
            let is_from_right = *sign == Arithmetic::Power;
            expression(left, own + u8::from(is_from_right), f)?;
            write!(f, " {} ", sign.sign())?;
            expression(right, own + u8::from(!is_from_right), f)
        }
        Expression::All(parts) => logic(parts, " && ", f),
        Expression::Any(parts) => logic(parts, " || ", f),
    })
}

fn logic(parts: &[Expression], sign: &str, f: &mut Formatter<'_>) -> Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(sign)?;
        }
        expression(part, strength::COMPARE, f)?;
    }
    Ok(())
}

fn expression_strength(part: &Expression) -> u8 {
    let is_negative = match part {
        Expression::Literal(Literal::Int(whole)) => *whole < 0 && *whole != i64::MIN,
        Expression::Literal(Literal::Float(number)) => number.is_sign_negative(),
        Expression::Literal(Literal::Duration(ns)) => *ns < 0,
        _ => false,
    };
    match part {
        // A prefix takes what binds more than `+`, so it stands where `+` may.
        _ if is_negative => strength::ADD,
        Expression::Negative(_) | Expression::Not(_) => strength::ADD,
        Expression::Literal(_) | Expression::Field(_) => strength::SINGLE,
        Expression::Exists(..) | Expression::Compare(..) | Expression::Match(..) => {
            strength::COMPARE
        }
        Expression::Arithmetic(sign, ..) => arithmetic_strength(*sign),
        Expression::All(_) | Expression::Any(_) => strength::LOGIC,
    }
}

fn arithmetic_strength(sign: Arithmetic) -> u8 {
    match sign {
        Arithmetic::Add | Arithmetic::Subtract => strength::ADD,
        Arithmetic::Multiply | Arithmetic::Divide | Arithmetic::Remainder => strength::MULTIPLY,
        Arithmetic::Power => strength::POWER,
    }
}

/// Writes a number of a set of spans.
pub(super) fn scalar(part: &Scalar, f: &mut Formatter<'_>) -> Result {
    scalar_in(part, strength::ADD, f)
}

/// Writes what a set of spans is grouped by.
pub(super) fn by(part: &Expression, f: &mut Formatter<'_>) -> Result {
    f.write_str("by(")?;
    expression(part, strength::LOGIC, f)?;
    f.write_char(')')
}

fn scalar_in(part: &Scalar, least: u8, f: &mut Formatter<'_>) -> Result {
    let own = match part {
        Scalar::Arithmetic(sign, ..) => arithmetic_strength(*sign),
        Scalar::Literal(_) | Scalar::Count | Scalar::Aggregate(..) => strength::SINGLE,
    };
    in_parentheses(own < least, f, |f| match part {
        Scalar::Literal(value) => literal::write(value, f),
        Scalar::Count => f.write_str("count()"),
        Scalar::Aggregate(aggregate, of) => {
            write!(f, "{}(", aggregate.name())?;
            expression(of, strength::LOGIC, f)?;
            f.write_char(')')
        }
        Scalar::Arithmetic(sign, left, right) => {
            let is_from_right = *sign == Arithmetic::Power;
            scalar_in(left, own + u8::from(is_from_right), f)?;
            write!(f, " {} ", sign.sign())?;
            scalar_in(right, own + u8::from(!is_from_right), f)
        }
    })
}

fn function(called: &Function, f: &mut Formatter<'_>) -> Result {
    write!(f, "{}(", called.name())?;
    match called {
        Function::Rate | Function::Count => {}
        Function::Min(of)
        | Function::Max(of)
        | Function::Average(of)
        | Function::Sum(of)
        | Function::Histogram(of) => field(of, f)?,
        Function::Quantile(of, quantiles) => {
            field(of, f)?;
            for quantile in quantiles {
                f.write_str(", ")?;
                plain_number(*quantile, f)?;
            }
        }
        Function::Compare {
            selection,
            top,
            window_ns,
        } => {
            braces(selection, f)?;
            write!(f, ", {top}")?;
            if let Some((start, end)) = window_ns {
                write!(f, ", {start}, {end}")?;
            }
        }
    }
    f.write_char(')')
}

fn fields(named: &[Field], f: &mut Formatter<'_>) -> Result {
    for (index, one) in named.iter().enumerate() {
        if index > 0 {
            f.write_str(", ")?;
        }
        field(one, f)?;
    }
    Ok(())
}

/// Writes a field's name.
pub(super) fn field(named: &Field, f: &mut Formatter<'_>) -> Result {
    match named {
        Field::Builtin(builtin) => f.write_str(builtin.name()),
        Field::Attribute(attribute) => write_attribute(attribute, f),
    }
}

/// The key is bare where it then names this attribute, else in quotes.
fn write_attribute(attribute: &Attribute, f: &mut Formatter<'_>) -> Result {
    if attribute.of_parent {
        f.write_str("parent")?;
    }
    let scope = SCOPES
        .iter()
        .find(|(_, scope)| *scope == attribute.scope)
        .map(|(name, _)| *name);
    if let Some(name) = scope {
        let point = if attribute.of_parent { "." } else { "" };
        write!(f, "{point}{name}")?;
    }
    f.write_char('.')?;
    let key = attribute.key();
    let bare = Field::of_attribute(attribute.of_parent, attribute.scope, key, false);
    let reads_as_number = attribute.scope == AttributeScope::Any
        && key.starts_with(|first: char| first.is_ascii_digit());
    let reads_as_scope = attribute.of_parent
        && attribute.scope == AttributeScope::Any
        && (key.starts_with("span.") || key.starts_with("resource."));
    let is_plain = !key.is_empty()
        && key
            .chars()
            .all(|part| is_attribute_rune(part) && part != '"')
        && !reads_as_number
        && !reads_as_scope;
    if is_plain && bare == Field::Attribute(attribute.clone()) {
        return f.write_str(key);
    }
    f.write_char('"')?;
    for character in key.chars() {
        if matches!(character, '"' | '\\') {
            f.write_char('\\')?;
        }
        f.write_char(character)?;
    }
    f.write_char('"')
}

fn in_parentheses(
    needed: bool,
    f: &mut Formatter<'_>,
    inner: impl FnOnce(&mut Formatter<'_>) -> Result,
) -> Result {
    if needed {
        f.write_char('(')?;
    }
    inner(f)?;
    if needed {
        f.write_char(')')?;
    }
    Ok(())
}
