//! `with( … )` behind a query.

use super::Parser;
use super::expression::word_value;
use crate::error::QueryError;
use crate::traceql::ast::{Hint, Literal};
use crate::traceql::token::{Sign, TokenKind};

/// Hints that ask for what every answer is.
const ALWAYS_KEPT: [&str; 3] = ["most_recent", "exemplars", "safe"];

impl Parser<'_> {
    /// All hints that follow.
    pub(super) fn hints(&mut self) -> Result<Vec<Hint>, QueryError> {
        let mut hints = Vec::new();
        while self.peek_word() == Some("with") {
            self.position += 1;
            let open = self.open("with")?;
            loop {
                hints.push(self.hint()?);
                if !self.eat(&TokenKind::Comma) {
                    break;
                }
            }
            self.close(&TokenKind::Close, &open, "`,` or `)`")?;
        }
        Ok(hints)
    }

    fn hint(&mut self) -> Result<Hint, QueryError> {
        let Some(name) = self.peek_word().map(str::to_owned) else {
            return Err(self.unexpected("a hint such as `most_recent=true`"));
        };
        self.position += 1;
        if !self.eat_sign(Sign::Equal) {
            return Err(self.unexpected("`=` and a value"));
        }
        let value = self.hint_value()?;
        if !ALWAYS_KEPT.contains(&name.as_str()) {
            self.note(format!(
                "the hint `{name}` changes nothing: answers are exact"
            ));
        }
        Ok(Hint { name, value })
    }

    fn hint_value(&mut self) -> Result<Literal, QueryError> {
        let value = match self.peek() {
            Some(TokenKind::Literal(literal)) => Some(literal.clone()),
            Some(TokenKind::Word(word)) => word_value(word),
            _ => None,
        };
        match value {
            Some(value) if value != Literal::Nil => {
                self.position += 1;
                Ok(value)
            }
            _ => Err(self.unexpected("a value such as `true` or `0.1`")),
        }
    }
}
