//! Expressions within braces.

use std::ops::Range;

use spanwalk_model::{SeverityLevel, SpanKind, StatusCode};

use super::{Parser, REGEXES_MAX, shortened};
use crate::error::QueryError;
use crate::suggest::nearest;
use crate::traceql::ast::{Arithmetic, Literal};
use crate::traceql::check::{self, Typed};
use crate::traceql::field::{Builtin, Field};
use crate::traceql::literal::INT_NAMES;
use crate::traceql::token::{Sign, Token, TokenKind};

/// How strongly operators bind. A prefix takes what binds more than `+`.
mod strength {
    pub(super) const LOGIC: u8 = 1;
    pub(super) const COMPARE: u8 = 2;
    pub(super) const ADD: u8 = 3;
    pub(super) const MULTIPLY: u8 = 4;
    pub(super) const POWER: u8 = 5;
}

/// Words that stand for values.
const VALUES: [(&str, Literal); 17] = [
    ("nil", Literal::Nil),
    ("true", Literal::Bool(true)),
    ("false", Literal::Bool(false)),
    ("ok", Literal::Status(StatusCode::Ok)),
    ("error", Literal::Status(StatusCode::Error)),
    ("unset", Literal::Status(StatusCode::Unset)),
    ("unspecified", Literal::Kind(SpanKind::Unspecified)),
    ("internal", Literal::Kind(SpanKind::Internal)),
    ("server", Literal::Kind(SpanKind::Server)),
    ("client", Literal::Kind(SpanKind::Client)),
    ("producer", Literal::Kind(SpanKind::Producer)),
    ("consumer", Literal::Kind(SpanKind::Consumer)),
    ("trace", Literal::Level(SeverityLevel::Trace)),
    ("debug", Literal::Level(SeverityLevel::Debug)),
    ("info", Literal::Level(SeverityLevel::Info)),
    ("warn", Literal::Level(SeverityLevel::Warn)),
    ("fatal", Literal::Level(SeverityLevel::Fatal)),
];

impl Parser<'_> {
    /// A whole expression.
    pub(super) fn expression(&mut self) -> Result<Typed, QueryError> {
        self.binding(strength::LOGIC)
    }

    /// An expression of operators that bind at least so strongly.
    fn binding(&mut self, least: u8) -> Result<Typed, QueryError> {
        let mut left = self.prefixed()?;
        while let Some(sign) = self.peek_sign() {
            let Some(strength) = strength_of(sign).filter(|strength| *strength >= least) else {
                break;
            };
            let place = self.place();
            self.position += 1;
            self.no_doubled_sign(sign, &place)?;
            let is_from_right = sign == Sign::Power;
            let right =
                self.deeper(|parser| parser.binding(strength + u8::from(!is_from_right)))?;
            left = self.combined(sign, left, right)?;
        }
        Ok(left)
    }

    fn combined(&mut self, sign: Sign, left: Typed, right: Typed) -> Result<Typed, QueryError> {
        if let Some(compare) = sign.compare() {
            return check::compare(compare, left, right);
        }
        if let Some(arithmetic) = sign.arithmetic() {
            return check::arithmetic(arithmetic, left, right);
        }
        if matches!(sign, Sign::Match | Sign::NotMatch) {
            self.regex_count += 1;
            if self.regex_count > REGEXES_MAX {
                return Err(QueryError::new(
                    right.range,
                    format!("this is regular expression {}", self.regex_count),
                )
                .expected(format!("at most {REGEXES_MAX} in one query")));
            }
            return check::matched(left, right, sign == Sign::Match);
        }
        check::logic(sign == Sign::And, left, right)
    }

    /// `==`, which other languages have.
    fn no_doubled_sign(&self, sign: Sign, place: &Range<usize>) -> Result<(), QueryError> {
        if sign == Sign::Equal && self.peek_sign() == Some(Sign::Equal) {
            let both = place.start..self.place().end;
            return Err(QueryError::new(both, "`==` is not an operator")
                .expected("`=`")
                .suggest(Some("=".to_owned())));
        }
        Ok(())
    }

    fn prefixed(&mut self) -> Result<Typed, QueryError> {
        let start = self.place().start;
        if self.eat_sign(Sign::Not) {
            let inner = self.deeper(|parser| parser.binding(strength::MULTIPLY))?;
            return check::negated(inner, start);
        }
        if self.eat_sign(Sign::Minus) {
            let inner = self.deeper(|parser| parser.binding(strength::MULTIPLY))?;
            return check::negative(inner, start);
        }
        self.primary()
    }

    fn primary(&mut self) -> Result<Typed, QueryError> {
        let expected = "a field such as `duration` or `span.http.route`, or a value";
        let Some(Token { kind, range }) = self.tokens.get(self.position).cloned() else {
            return Err(self.unexpected(expected));
        };
        match kind {
            TokenKind::Open => {
                self.position += 1;
                let mut inner = self.deeper(Self::expression)?;
                self.close(&TokenKind::Close, &range, "`)` or an operator")?;
                inner.range = range.start..self.end_before();
                Ok(inner)
            }
            TokenKind::Literal(literal) => {
                self.position += 1;
                Ok(Typed::literal(literal, range))
            }
            TokenKind::Word(_) | TokenKind::Attribute(_) => self.value_or_field(),
            _ => Err(self.unexpected(expected)),
        }
    }

    /// A word that stands for a value, or a field.
    fn value_or_field(&mut self) -> Result<Typed, QueryError> {
        let range = self.place();
        let value = self.peek_word().and_then(word_value);
        if let Some(literal) = value {
            self.position += 1;
            return Ok(Typed::literal(literal, range));
        }
        self.field().map(|field| Typed::field(field, range))
    }

    /// A field alone.
    pub(super) fn field(&mut self) -> Result<Field, QueryError> {
        let field = match self.peek() {
            Some(TokenKind::Attribute(name)) => {
                Field::of_attribute(name.of_parent, name.scope, &name.key, name.is_quoted)
            }
            Some(TokenKind::Word(word)) => match Builtin::named(word) {
                Some(builtin) => Field::Builtin(builtin),
                None => return Err(unknown(word, self.place())),
            },
            _ => return Err(self.unexpected("a field such as `duration` or `span.http.route`")),
        };
        self.position += 1;
        self.note_old_name(&field);
        Ok(field)
    }
}

/// The value that this word stands for.
pub(in crate::traceql) fn word_value(word: &str) -> Option<Literal> {
    let of_int = INT_NAMES
        .iter()
        .find(|(name, _)| *name == word)
        .map(|(_, number)| Literal::Int(*number));
    of_int.or_else(|| {
        VALUES
            .into_iter()
            .find(|(name, _)| *name == word)
            .map(|(_, literal)| literal)
    })
}

/// The error about a word that is neither a field nor a value.
fn unknown(word: &str, range: Range<usize>) -> QueryError {
    if let Some((scope, field)) = word.split_once(':') {
        let of_scope: Vec<&str> = Builtin::names()
            .filter_map(|name| name.split_once(':'))
            .filter(|(known, _)| *known == scope)
            .map(|(_, known)| known)
            .collect();
        let meant = nearest(field, of_scope.iter().copied())
            .map(|name| format!("{scope}:{name}"))
            .or_else(|| {
                let is_elsewhere =
                    |name: &&str| name.split_once(':').is_some_and(|(_, own)| own == field);
                Builtin::names().find(is_elsewhere).map(str::to_owned)
            });
        return QueryError::new(range, format!("`{scope}:` has no field `{field}`"))
            .expected(format!("one of {}", of_scope.join(", ")))
            .suggest(meant);
    }
    let short = shortened(word);
    if word.contains('.') {
        return QueryError::new(range, format!("`{short}` has no scope"))
            .expected("`span.`, `resource.`, another scope, or a point before an attribute's name")
            .suggest(Some(format!(".{word}")));
    }
    let values = VALUES.iter().map(|(name, _)| *name);
    let meant = nearest(word, Builtin::names().chain(values)).map(str::to_owned);
    QueryError::new(range, format!("`{short}` is neither a field nor a value"))
        .expected("a built-in field, an attribute with its scope or a point before it, or a text in quotes")
        .suggest(meant.or_else(|| Some(format!(".{word}"))))
}

fn strength_of(sign: Sign) -> Option<u8> {
    let of_arithmetic = |arithmetic: Arithmetic| match arithmetic {
        Arithmetic::Add | Arithmetic::Subtract => strength::ADD,
        Arithmetic::Multiply | Arithmetic::Divide | Arithmetic::Remainder => strength::MULTIPLY,
        Arithmetic::Power => strength::POWER,
    };
    match sign {
        Sign::And | Sign::Or => Some(strength::LOGIC),
        Sign::Match | Sign::NotMatch => Some(strength::COMPARE),
        _ if sign.compare().is_some() => Some(strength::COMPARE),
        _ => sign.arithmetic().map(of_arithmetic),
    }
}
