//! Builds the tree from tokens, by recursive descent with bounded depth.

use std::ops::Range;

use crate::ast::Node;
use crate::check::{self, Meaning, Placed, Written};
use crate::error::QueryError;
use crate::lexer::lex;
use crate::moment::TimeBound;
use crate::token::{Operator, Token, TokenKind, Word};

/// Deeper nesting of parentheses and negations is refused.
pub(crate) const DEPTH_MAX: usize = 64;

/// What a filter's text says.
#[derive(Debug)]
pub(crate) struct Parsed {
    /// What is asked for.
    pub(crate) filter: Node,
    /// In which time, with the place of each bound.
    pub(crate) bounds: Vec<Placed<TimeBound>>,
    /// Remarks for people.
    pub(crate) notes: Vec<String>,
    /// What was wrong and left out, in order of place.
    pub(crate) errors: Vec<QueryError>,
}

/// Reads a filter.
pub(crate) fn parse(text: &str) -> Parsed {
    let (tokens, errors) = lex(text);
    let mut parser = Parser {
        text_length: text.len(),
        tokens,
        position: 0,
        depth: 0,
        group_key: None,
        has_given_up: false,
        bounds: Vec::new(),
        notes: Vec::new(),
        errors,
    };
    let filter = parser.whole();
    let mut errors = parser.errors;
    errors.sort_by_key(|error| error.range.start);
    Parsed {
        filter,
        bounds: parser.bounds,
        notes: parser.notes,
        errors,
    }
}

struct Parser {
    text_length: usize,
    tokens: Vec<Token>,
    position: usize,
    depth: usize,
    /// The key of the group `key:( … )` that is being read.
    group_key: Option<Placed<Word>>,
    /// Whether the rest of the text is left out, because it is nested too deep.
    has_given_up: bool,
    bounds: Vec<Placed<TimeBound>>,
    notes: Vec<String>,
    errors: Vec<QueryError>,
}

impl Parser {
    fn whole(&mut self) -> Node {
        let mut parts = Vec::new();
        loop {
            parts.extend(self.any());
            let Some(token) = self.next() else {
                break;
            };
            // Only a closing parenthesis ends an expression before the text does.
            self.fail(QueryError::new(
                token.range,
                "this parenthesis was never opened",
            ));
        }
        Node::all(parts, 0..self.text_length)
    }

    /// `all { OR all }`; `None` where nothing in it makes sense.
    fn any(&mut self) -> Option<Node> {
        let start = self.place().start;
        let mut parts = Vec::new();
        loop {
            let before = self.position;
            parts.extend(self.all());
            let is_missing = self.position == before;
            let place = self.place();
            if !self.eat(&TokenKind::Or) {
                let is_operand = before > 0
                    && self.tokens.get(before - 1).map(|token| &token.kind) == Some(&TokenKind::Or);
                if is_missing && is_operand {
                    self.fail(QueryError::new(place, "nothing follows `OR`").expected("a term"));
                }
                break;
            }
            if is_missing {
                self.fail(QueryError::new(place, "nothing stands before `OR`").expected("a term"));
            }
        }
        let range = start..self.end();
        (!parts.is_empty()).then(|| Node::any(parts, range))
    }

    /// `unary { [ AND ] unary }`.
    fn all(&mut self) -> Option<Node> {
        let start = self.place().start;
        let mut parts = Vec::new();
        let mut has_term = false;
        while let Some(kind) = self.peek() {
            match kind {
                TokenKind::Or | TokenKind::Close => break,
                TokenKind::And => {
                    let place = self.place();
                    self.position += 1;
                    let is_last = matches!(
                        self.peek(),
                        None | Some(TokenKind::Or | TokenKind::Close | TokenKind::And)
                    );
                    if !has_term || is_last {
                        self.fail(
                            QueryError::new(place, "`AND` stands between two terms")
                                .expected("a term on each side"),
                        );
                    }
                }
                _ => {
                    has_term = true;
                    parts.extend(self.unary());
                }
            }
        }
        let range = start..self.end();
        (!parts.is_empty()).then(|| Node::all(parts, range))
    }

    fn unary(&mut self) -> Option<Node> {
        let place = self.place();
        match self.peek()? {
            TokenKind::Not | TokenKind::Minus => {
                self.position += 1;
                let is_missing = matches!(
                    self.peek(),
                    None | Some(TokenKind::Or | TokenKind::Close | TokenKind::And)
                );
                if is_missing {
                    self.fail(
                        QueryError::new(place, "nothing follows that could be left out")
                            .expected("a term"),
                    );
                    return None;
                }
                let inner = self.deeper(&place, Self::unary)?;
                let range = place.start..inner.range.end;
                Some(Node::not(inner, range))
            }
            _ => self.term(),
        }
    }

    fn term(&mut self) -> Option<Node> {
        let token = self.next()?;
        match token.kind {
            TokenKind::Open => self.group(&token.range),
            TokenKind::Text(word) => {
                let word = Placed {
                    part: word,
                    range: token.range,
                };
                if let Some(key) = self.group_key.clone() {
                    return self.test(&Written {
                        key,
                        operator: Operator::Is,
                        value: word,
                    });
                }
                let meaning = check::word(&word, &mut self.notes);
                self.node(meaning, word.range)
            }
            TokenKind::Key(word) => self.key(Placed {
                part: word,
                range: token.range,
            }),
            // `unary` and `all` take these; a value or operator stands behind its key only.
            TokenKind::Close
            | TokenKind::Minus
            | TokenKind::Not
            | TokenKind::And
            | TokenKind::Or
            | TokenKind::Operator(_)
            | TokenKind::Value(_) => None,
        }
    }

    /// What follows an opening parenthesis.
    fn group(&mut self, open: &Range<usize>) -> Option<Node> {
        let before = self.position;
        let inner = self.deeper(open, Self::any);
        if self.position == before {
            self.fail(
                QueryError::new(open.clone(), "there is nothing in this parenthesis")
                    .expected("a term"),
            );
        }
        if !self.eat(&TokenKind::Close) {
            self.fail(
                QueryError::new(open.clone(), "this parenthesis is not closed").expected("`)`"),
            );
        }
        inner
    }

    /// What follows a key.
    fn key(&mut self, key: Placed<Word>) -> Option<Node> {
        let operator_token = self.next()?;
        let TokenKind::Operator(operator) = operator_token.kind else {
            return None;
        };
        if self.group_key.is_some() {
            self.fail(
                QueryError::new(
                    key.range.start..operator_token.range.end,
                    "a key stands among the values of another key",
                )
                .expected("values alone; a value with a colon is put in quotes"),
            );
        }
        if let Some(TokenKind::Value(_)) = self.peek() {
            let value_token = self.next()?;
            let TokenKind::Value(value) = value_token.kind else {
                return None;
            };
            return self.test(&Written {
                key,
                operator,
                value: Placed {
                    part: value,
                    range: value_token.range,
                },
            });
        }
        let end = operator_token.range.end;
        let is_group = operator == Operator::Is
            && self.group_key.is_none()
            && self.peek() == Some(&TokenKind::Open)
            && self.place().start == end;
        if is_group {
            let open = self.next()?.range;
            self.group_key = Some(key);
            let inner = self.group(&open);
            self.group_key = None;
            return inner;
        }
        self.fail(
            QueryError::new(
                key.range.start..end,
                "no value follows, without a space between",
            )
            .expected("a value; to search for the text itself, put it in quotes"),
        );
        None
    }

    fn test(&mut self, written: &Written) -> Option<Node> {
        let range = written.value.range.clone();
        let start = written.key.range.start.min(range.start);
        let meaning = check::test(written, &mut self.notes);
        self.node(meaning, start..range.end)
    }

    /// The node of a term's meaning. Bounds of time stand for the whole query and are put aside.
    fn node(&mut self, meaning: Result<Meaning, QueryError>, range: Range<usize>) -> Option<Node> {
        match meaning {
            Ok(Meaning::Everything) => Some(Node::everything(range)),
            Ok(Meaning::Test(test)) => Some(Node::test(test, range)),
            Ok(Meaning::Time(part)) if self.depth == 0 && self.group_key.is_none() => {
                self.bounds.push(Placed { part, range });
                None
            }
            Ok(Meaning::Time(_)) => {
                self.fail(
                    QueryError::new(range, "a time holds for the whole query")
                        .expected("it outside of parentheses and negations"),
                );
                None
            }
            Err(error) => {
                self.fail(error);
                None
            }
        }
    }

    /// Notes what is wrong. Where the rest of the text was given up, it says nothing more.
    fn fail(&mut self, error: QueryError) {
        if !self.has_given_up {
            self.errors.push(error);
        }
    }

    /// Runs one level deeper; too deep, the rest of the text is left out.
    fn deeper(
        &mut self,
        place: &Range<usize>,
        inner: fn(&mut Self) -> Option<Node>,
    ) -> Option<Node> {
        if self.depth == DEPTH_MAX {
            self.fail(QueryError::new(
                place.clone(),
                format!("nested deeper than {DEPTH_MAX} levels"),
            ));
            self.has_given_up = true;
            self.position = self.tokens.len();
            return None;
        }
        self.depth += 1;
        let node = inner(self);
        self.depth -= 1;
        node
    }

    fn peek(&self) -> Option<&TokenKind> {
        self.tokens.get(self.position).map(|token| &token.kind)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.position).cloned()?;
        self.position += 1;
        Some(token)
    }

    fn eat(&mut self, kind: &TokenKind) -> bool {
        let is_there = self.peek() == Some(kind);
        if is_there {
            self.position += 1;
        }
        is_there
    }

    /// The bytes of the next token; at the end of the text, the empty range there.
    fn place(&self) -> Range<usize> {
        self.tokens
            .get(self.position)
            .map_or(self.text_length..self.text_length, |token| {
                token.range.clone()
            })
    }

    /// Where the token before ends.
    fn end(&self) -> usize {
        self.position
            .checked_sub(1)
            .and_then(|index| self.tokens.get(index))
            .map_or(0, |token| token.range.end)
    }
}
