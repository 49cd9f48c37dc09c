//! Cuts a TraceQL text into tokens.

use super::ast::Literal;
use super::field::{AttributeScope, SCOPES};
use super::literal;
use super::token::{AttributeName, Sign, Token, TokenKind};
use crate::error::QueryError;

/// Words that stand before a colon and a built-in field's name.
const COLON_SCOPES: [&str; 6] = ["trace", "span", "event", "link", "instrumentation", "log"];

/// All tokens of the text, up to the first that cannot be read.
pub(super) fn lex(text: &str) -> (Vec<Token>, Option<QueryError>) {
    let mut lexer = Lexer {
        text,
        position: 0,
        tokens: Vec::new(),
    };
    let error = lexer.run().err();
    (lexer.tokens, error)
}

struct Lexer<'a> {
    text: &'a str,
    /// Next byte to read; always at a character's border.
    position: usize,
    tokens: Vec<Token>,
}

impl<'a> Lexer<'a> {
    fn run(&mut self) -> Result<(), QueryError> {
        while let Some(character) = self.peek() {
            if character.is_whitespace() {
                self.position += character.len_utf8();
            } else if self.rest().starts_with("//") || self.rest().starts_with("/*") {
                self.comment()?;
            } else {
                let start = self.position;
                let kind = self.token(character)?;
                self.tokens.push(Token {
                    kind,
                    range: start..self.position,
                });
            }
        }
        Ok(())
    }

    fn comment(&mut self) -> Result<(), QueryError> {
        let start = self.position;
        let rest = self.rest();
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else {
            let end = rest.get(2..).and_then(|inner| inner.find("*/"));
            end.map(|length| length + 4).ok_or_else(|| {
                QueryError::new(start..self.text.len(), "the comment is not closed")
                    .expected("`*/`")
            })?
        };
        self.position += length;
        Ok(())
    }

    /// The token that begins here with this character.
    fn token(&mut self, character: char) -> Result<TokenKind, QueryError> {
        let single = match character {
            '{' => Some(TokenKind::OpenBrace),
            '}' => Some(TokenKind::CloseBrace),
            '(' => Some(TokenKind::Open),
            ')' => Some(TokenKind::Close),
            ',' => Some(TokenKind::Comma),
            _ => None,
        };
        if let Some(kind) = single {
            self.position += 1;
            return Ok(kind);
        }
        match character {
            '"' => self.text_literal(literal::quoted),
            '`' => self.text_literal(literal::raw),
            '0'..='9' => self.number(),
            '.' if self
                .rest()
                .chars()
                .nth(1)
                .is_some_and(|next| next.is_ascii_digit()) =>
            {
                self.number()
            }
            '.' => {
                self.position += 1;
                self.attribute(false, AttributeScope::Any)
            }
            letter if letter.is_alphabetic() || letter == '_' => self.word(),
            _ => self.sign(character),
        }
    }

    fn text_literal(
        &mut self,
        read: fn(&str, usize) -> literal::Read,
    ) -> Result<TokenKind, QueryError> {
        let (found, end) = read(self.text, self.position)?;
        self.position = end;
        Ok(TokenKind::Literal(Literal::Text(found)))
    }

    fn number(&mut self) -> Result<TokenKind, QueryError> {
        let start = self.position;
        while let Some(character) = self.peek() {
            let read = self.text.get(start..self.position).unwrap_or_default();
            let is_exponent_sign = matches!(character, '+' | '-')
                && read.ends_with(['e', 'E'])
                && read.starts_with(|first: char| first.is_ascii_digit() || first == '.');
            if !is_exponent_sign && !character.is_alphanumeric() && !matches!(character, '.' | '_')
            {
                break;
            }
            self.position += character.len_utf8();
        }
        let range = start..self.position;
        let text = self.text.get(range.clone()).unwrap_or_default();
        literal::number(text, range).map(TokenKind::Literal)
    }

    /// A keyword, a field with or without its scope, or an attribute behind its scope.
    fn word(&mut self) -> Result<TokenKind, QueryError> {
        let start = self.position;
        let word = self.identifier();
        match self.peek() {
            Some('.') if word == "parent" => {
                self.position += 1;
                self.parent_attribute()
            }
            Some('.') => {
                if let Some((_, scope)) = SCOPES.iter().find(|(name, _)| *name == word) {
                    self.position += 1;
                    return self.attribute(false, *scope);
                }
                // Nothing that the language has: taken together, it can be told what is meant.
                while self.peek().is_some_and(is_attribute_rune) {
                    self.position += self.peek().map_or(0, char::len_utf8);
                }
                Ok(self.word_since(start))
            }
            Some(':') if COLON_SCOPES.contains(&word) => {
                self.position += 1;
                self.identifier();
                Ok(self.word_since(start))
            }
            _ => Ok(self.word_since(start)),
        }
    }

    fn word_since(&self, start: usize) -> TokenKind {
        let text = self.text.get(start..self.position).unwrap_or_default();
        TokenKind::Word(text.to_owned())
    }

    fn identifier(&mut self) -> &'a str {
        let start = self.position;
        while let Some(character) = self.peek() {
            if !character.is_alphanumeric() && character != '_' {
                break;
            }
            self.position += character.len_utf8();
        }
        self.text.get(start..self.position).unwrap_or_default()
    }

    /// What follows `parent.`.
    fn parent_attribute(&mut self) -> Result<TokenKind, QueryError> {
        let scopes = [
            ("span.", AttributeScope::Span),
            ("resource.", AttributeScope::Resource),
        ];
        for (prefix, scope) in scopes {
            if self.rest().starts_with(prefix) {
                self.position += prefix.len();
                return self.attribute(true, scope);
            }
        }
        self.attribute(true, AttributeScope::Any)
    }

    /// An attribute's key: any run without a space or a sign of the language, and quoted parts.
    fn attribute(
        &mut self,
        of_parent: bool,
        scope: AttributeScope,
    ) -> Result<TokenKind, QueryError> {
        let mut key = String::new();
        let mut is_quoted = false;
        while let Some(character) = self.peek() {
            if character == '"' {
                is_quoted = true;
                key.push_str(&self.quoted_key()?);
            } else if is_attribute_rune(character) {
                key.push(character);
                self.position += character.len_utf8();
            } else {
                break;
            }
        }
        if key.is_empty() {
            let place = self.position..self.position;
            return Err(
                QueryError::new(place, "the attribute's name is missing behind the point")
                    .expected("a name such as `http.route`, without a space before it"),
            );
        }
        Ok(TokenKind::Attribute(AttributeName {
            of_parent,
            scope,
            key,
            is_quoted,
        }))
    }

    /// A quoted part of a key, in which only `\"` and `\\` are escapes.
    fn quoted_key(&mut self) -> Result<String, QueryError> {
        let start = self.position;
        self.position += 1;
        let mut found = String::new();
        while let Some(character) = self.peek() {
            let place = self.position;
            self.position += character.len_utf8();
            match character {
                '"' => return Ok(found),
                '\\' => match self.peek() {
                    Some(escaped @ ('"' | '\\')) => {
                        found.push(escaped);
                        self.position += 1;
                    }
                    Some(other) => {
                        let end = self.position + other.len_utf8();
                        return Err(QueryError::new(place..end, "this escape is not known")
                            .expected(r#"`\"` or `\\` in an attribute's name"#));
                    }
                    None => break,
                },
                other => found.push(other),
            }
        }
        Err(literal::not_closed(self.text, start, "`\"`"))
    }

    fn sign(&mut self, character: char) -> Result<TokenKind, QueryError> {
        let start = self.position;
        if let Some((written, sign)) = Sign::at_start(self.rest()) {
            self.position += written.len();
            return Ok(TokenKind::Sign(sign));
        }
        let error = QueryError::new(
            start..start + character.len_utf8(),
            format!("`{character}` means nothing here"),
        );
        Err(match character {
            '&' => error
                .expected("`&&` for both")
                .suggest(Some("&&".to_owned())),
            '\'' => error.expected("texts in double quotes or backquotes"),
            _ => error,
        })
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.position..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }
}

/// Whether an attribute's name goes on with this character.
pub(super) fn is_attribute_rune(character: char) -> bool {
    !character.is_whitespace()
        && !matches!(
            character,
            '{' | '}' | '(' | ')' | '=' | '~' | '!' | '<' | '>' | '&' | '|' | '^' | ','
        )
}
