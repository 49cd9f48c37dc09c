//! Builds the tree from tokens, by recursive descent with bounded depth.
//!
//! ```text
//! root       = pipeline { hints } | metrics { hints }
//! pipeline   = stage { "|" stage }
//! stage      = spans | scalar compare scalar | "by" "(" expression ")"
//!            | "coalesce" "(" ")" | "select" "(" field { "," field } ")"
//! spans      = "{" [ expression ] "}" | "(" pipeline ")" | spans join spans
//! scalar     = number | aggregate "(" [ expression ] ")" | scalar arithmetic scalar
//! expression = value | field | "(" expression ")" | "!" expression | "-" expression
//!            | expression operator expression
//! hints      = "with" "(" name "=" value { "," name "=" value } ")"
//! ```
//! Precedence and associativity are those of Tempo's grammar (`pkg/traceql/expr.y`): `&&` and
//! `||` bind equally, from the left; then comparisons, `+` and `-`, prefixes, `*` `/` `%`, and
//! `^` from the right. Among spans, all relations bind more than `&&` and `||`.

mod expression;
mod hints;
mod metrics;
mod operand;
mod stage;

use std::ops::Range;

use super::ast::{Pipeline, Traceql};
use super::check::{self, DEPTH_MAX};
use super::field::Field;
use super::lexer::lex;
use super::metrics::Metrics;
use super::token::{Sign, Token, TokenKind};
use crate::error::QueryError;
use crate::renames;
use crate::suggest::nearest;
pub(super) use expression::word_value;
use operand::{Form, Operand};

/// What a whole text is.
#[derive(Debug)]
pub(super) enum Root {
    /// A question for traces.
    Traces(Traceql),
    /// A question for numbers over time; and the place of the function that makes it one.
    Metrics(Metrics, Range<usize>),
}

/// Reads a whole text, with remarks for people.
pub(super) fn parse(text: &str) -> Result<(Root, Vec<String>), QueryError> {
    let (tokens, error) = lex(text);
    let mut parser = Parser {
        text,
        end: error.as_ref().map_or(text.len(), |error| error.range.start),
        tokens,
        position: 0,
        depth: 0,
        regex_count: 0,
        notes: Vec::new(),
    };
    match parser.root() {
        // Where the lexer gave up, what the parser misses at the end is what it could not read.
        Err(missing) if missing.range.start >= parser.end => Err(error.unwrap_or(missing)),
        Err(wrong) => Err(wrong),
        Ok(root) => match error {
            Some(error) => Err(error),
            None => Ok((root, parser.notes)),
        },
    }
}

/// More regular expressions in one query are refused: each takes memory.
const REGEXES_MAX: usize = 32;

struct Parser<'a> {
    text: &'a str,
    /// Where the tokens end: the text's end, or where it cannot be read.
    end: usize,
    tokens: Vec<Token>,
    position: usize,
    depth: usize,
    regex_count: usize,
    notes: Vec<String>,
}

impl Parser<'_> {
    fn root(&mut self) -> Result<Root, QueryError> {
        let operand = self.pipeline()?;
        let root = match operand {
            Operand::Metrics(metrics, range) => {
                let metrics = self.second_stages(metrics)?;
                let hints = self.hints()?;
                Root::Metrics(Metrics { hints, ..metrics }, range)
            }
            Operand::Scalar(scalar) => return Err(scalar.not_compared()),
            Operand::Spans(spans) => {
                let hints = self.hints()?;
                let pipeline = Pipeline {
                    stages: spans.into_stages(),
                };
                Root::Traces(Traceql { pipeline, hints })
            }
        };
        if self.peek().is_none() {
            return Ok(root);
        }
        let meant = nearest(self.peek_word().unwrap_or_default(), ["with"]);
        Err(self
            .unexpected("`|`, an operator between `{ … }`, or the end")
            .suggest(meant.map(str::to_owned)))
    }

    /// Runs one level deeper; too deep is refused.
    fn deeper<T>(
        &mut self,
        inner: impl FnOnce(&mut Self) -> Result<T, QueryError>,
    ) -> Result<T, QueryError> {
        if self.depth == DEPTH_MAX {
            return Err(check::too_deep(self.place()));
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    /// Says so where the attribute's name is an old one.
    fn note_old_name(&mut self, field: &Field) {
        let Field::Attribute(attribute) = field else {
            return;
        };
        if attribute.keys.len() == 1 {
            return;
        }
        let names: Vec<String> = renames::new_names(attribute.key())
            .map(|name| format!("`{name}`"))
            .collect();
        if !names.is_empty() {
            let note = format!(
                "`{}` is an old name; {} is looked for too",
                attribute.key(),
                names.join(" and ")
            );
            self.note(note);
        }
    }

    fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    fn peek(&self) -> Option<&TokenKind> {
        self.tokens.get(self.position).map(|token| &token.kind)
    }

    fn peek_sign(&self) -> Option<Sign> {
        match self.peek() {
            Some(TokenKind::Sign(sign)) => Some(*sign),
            _ => None,
        }
    }

    fn peek_word(&self) -> Option<&str> {
        match self.peek() {
            Some(TokenKind::Word(word)) => Some(word),
            _ => None,
        }
    }

    fn eat(&mut self, kind: &TokenKind) -> bool {
        let is_there = self.peek() == Some(kind);
        if is_there {
            self.position += 1;
        }
        is_there
    }

    fn eat_sign(&mut self, sign: Sign) -> bool {
        self.eat(&TokenKind::Sign(sign))
    }

    /// Takes a closing parenthesis or brace, or says which opening one lacks it.
    fn close(
        &mut self,
        kind: &TokenKind,
        open: &Range<usize>,
        expected: &str,
    ) -> Result<(), QueryError> {
        if self.eat(kind) {
            return Ok(());
        }
        if self.peek().is_none() && self.end == self.text.len() {
            let written = self.text.get(open.clone()).unwrap_or_default();
            return Err(
                QueryError::new(open.clone(), format!("`{written}` is not closed"))
                    .expected(expected),
            );
        }
        Err(self.unexpected(expected))
    }

    fn open(&mut self, function: &str) -> Result<Range<usize>, QueryError> {
        let place = self.place();
        if self.eat(&TokenKind::Open) {
            Ok(place)
        } else {
            Err(self.unexpected(&format!("`(` behind `{function}`")))
        }
    }

    /// The error about what stands here.
    fn unexpected(&self, expected: &str) -> QueryError {
        let place = self.place();
        let found = self.text.get(place.clone()).unwrap_or_default();
        let message = if found.is_empty() {
            "the query ends here".to_owned()
        } else {
            format!("`{}` cannot stand here", shortened(found))
        };
        QueryError::new(place, message).expected(expected)
    }

    /// The bytes of the next token; at the end of the text, the empty range there.
    fn place(&self) -> Range<usize> {
        self.tokens
            .get(self.position)
            .map_or(self.end..self.end, |token| token.range.clone())
    }

    /// Where the token before ends.
    fn end_before(&self) -> usize {
        self.position
            .checked_sub(1)
            .and_then(|index| self.tokens.get(index))
            .map_or(0, |token| token.range.end)
    }
}

/// The beginning of a long piece of text.
fn shortened(text: &str) -> String {
    const CHARS_MAX: usize = 40;
    let mut short: String = text.chars().take(CHARS_MAX).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
