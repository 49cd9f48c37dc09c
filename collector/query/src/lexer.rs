//! Cuts a filter's text into tokens.

use std::ops::Range;

use crate::error::QueryError;
use crate::token::{Operator, Token, TokenKind, Word};

/// All tokens of the text, and what could not be read, in order of place.
pub(crate) fn lex(text: &str) -> (Vec<Token>, Vec<QueryError>) {
    let mut lexer = Lexer {
        text,
        position: 0,
        tokens: Vec::new(),
        errors: Vec::new(),
    };
    lexer.run();
    (lexer.tokens, lexer.errors)
}

struct Lexer<'a> {
    text: &'a str,
    /// Next byte to read; always at a character's border.
    position: usize,
    tokens: Vec<Token>,
    errors: Vec<QueryError>,
}

impl Lexer<'_> {
    fn run(&mut self) {
        while let Some(character) = self.peek() {
            let start = self.position;
            match character {
                '(' => self.single(TokenKind::Open),
                ')' => self.single(TokenKind::Close),
                '-' if self.negates() => self.single(TokenKind::Minus),
                space if space.is_whitespace() => self.advance(space),
                _ => self.word(start),
            }
        }
    }

    /// A word to search, a keyword, or a test with its key, operator and value.
    fn word(&mut self, start: usize) {
        let word = self.run_of_text(true);
        let range = start..self.position;
        if self.peek() != Some(':') {
            let kind = match self.text.get(range.clone()) {
                Some("AND") => TokenKind::And,
                Some("OR") => TokenKind::Or,
                Some("NOT") => TokenKind::Not,
                _ => TokenKind::Text(word),
            };
            self.push(kind, range);
            return;
        }
        self.push(TokenKind::Key(word), range);
        self.operator();
        let value_start = self.position;
        if self.peek().is_some_and(|next| !ends_word(next)) {
            let value = self.run_of_text(false);
            self.push(TokenKind::Value(value), value_start..self.position);
        }
    }

    fn operator(&mut self) {
        const OPERATORS: [(&str, Operator); 5] = [
            (":<=", Operator::AtMost),
            (":>=", Operator::AtLeast),
            (":<", Operator::Less),
            (":>", Operator::More),
            (":", Operator::Is),
        ];
        let rest = self.rest();
        let found = OPERATORS
            .iter()
            .find(|(written, _)| rest.starts_with(written));
        if let Some((written, operator)) = found {
            let start = self.position;
            self.position += written.len();
            self.push(TokenKind::Operator(*operator), start..self.position);
        }
    }

    /// Reads up to a space or parenthesis; before an operator, also up to its colon.
    fn run_of_text(&mut self, stops_at_key: bool) -> Word {
        let start = self.position;
        let mut may_be_key = stops_at_key;
        let mut word = Word {
            starts_quoted: self.peek() == Some('"'),
            ..Word::default()
        };
        while let Some(character) = self.peek() {
            match character {
                end if ends_word(end) => break,
                '"' => {
                    word.has_quotes = true;
                    self.quoted(&mut word);
                }
                ':' if may_be_key && self.ends_key(start) => break,
                ':' => {
                    // Of several colons none ends a key, and none does behind them.
                    may_be_key = false;
                    while self.peek() == Some(':') {
                        word.pattern.push_text(":");
                        self.advance(':');
                    }
                }
                '*' => {
                    word.pattern.push_any();
                    self.advance('*');
                }
                other => {
                    word.pattern.push_text(other.encode_utf8(&mut [0; 4]));
                    self.advance(other);
                }
            }
        }
        word
    }

    /// Reads a quoted part; a backslash takes the next character as it is, with `\n`, `\r`
    /// and `\t` for line feed, carriage return and tabulator.
    fn quoted(&mut self, word: &mut Word) {
        let start = self.position;
        self.advance('"');
        while let Some(character) = self.peek() {
            self.advance(character);
            let meant = match character {
                '"' => return,
                '\\' => match self.peek() {
                    Some(escaped) => {
                        self.advance(escaped);
                        match escaped {
                            'n' => '\n',
                            'r' => '\r',
                            't' => '\t',
                            itself => itself,
                        }
                    }
                    None => break,
                },
                other => other,
            };
            word.pattern.push_text(meant.encode_utf8(&mut [0; 4]));
        }
        self.errors.push(
            QueryError::new(start..self.position, "the quote is not closed").expected("`\"`"),
        );
    }

    /// Whether the colon here stands behind a key: not in `http://`, `a::b` or `12:04`.
    fn ends_key(&self, start: usize) -> bool {
        let key = self.text.get(start..self.position).unwrap_or_default();
        let is_number = key.bytes().all(|byte| byte.is_ascii_digit());
        let rest = self.rest();
        !is_number && !rest.starts_with("://") && !rest.starts_with("::")
    }

    /// Whether the minus here stands before a term.
    fn negates(&self) -> bool {
        self.rest()
            .chars()
            .nth(1)
            .is_some_and(|next| !next.is_whitespace() && next != ')')
    }

    fn single(&mut self, kind: TokenKind) {
        let start = self.position;
        self.position += 1;
        self.push(kind, start..self.position);
    }

    fn push(&mut self, kind: TokenKind, range: Range<usize>) {
        self.tokens.push(Token { kind, range });
    }

    fn rest(&self) -> &str {
        self.text.get(self.position..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn advance(&mut self, character: char) {
        self.position += character.len_utf8();
    }
}

fn ends_word(character: char) -> bool {
    character.is_whitespace() || character == '(' || character == ')'
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Kind and source of each token, one word for each kind.
    fn shown(text: &str) -> Vec<String> {
        lex(text)
            .0
            .iter()
            .map(|token| {
                let kind = match token.kind {
                    TokenKind::Text(_) => "text",
                    TokenKind::Key(_) => "key",
                    TokenKind::Operator(_) => "operator",
                    TokenKind::Value(_) => "value",
                    TokenKind::And | TokenKind::Or | TokenKind::Not => "keyword",
                    TokenKind::Open | TokenKind::Close | TokenKind::Minus => "sign",
                };
                format!("{kind} {}", text.get(token.range.clone()).unwrap())
            })
            .collect()
    }

    #[test]
    fn a_test_is_key_operator_and_value() {
        assert_eq!(
            shown("duration:>=5ms OR -http.url:http://a:80/x"),
            [
                "key duration",
                "operator :>=",
                "value 5ms",
                "keyword OR",
                "sign -",
                "key http.url",
                "operator :",
                "value http://a:80/x"
            ]
        );
    }

    #[test]
    fn addresses_paths_and_times_are_words() {
        assert_eq!(
            shown("http://a:80/x a::b::c:d 12:04:31 a- - \"OR\""),
            [
                "text http://a:80/x",
                "text a::b::c:d",
                "text 12:04:31",
                "text a-",
                "text -",
                "text \"OR\""
            ]
        );
    }

    #[test]
    fn quotes_take_everything_and_wildcards_stand_outside() {
        let (tokens, errors) = lex(r#""a (\"*\n":x"y z"*"#);
        assert_eq!(errors, []);
        let TokenKind::Key(key) = &tokens[0].kind else {
            panic!("{tokens:?}");
        };
        assert_eq!(key.pattern.as_literal(), Some("a (\"*\n"));
        assert!(key.starts_quoted);
        let TokenKind::Value(value) = &tokens[2].kind else {
            panic!("{tokens:?}");
        };
        assert!(value.pattern.matches("xy z and more") && !value.pattern.matches("xy"));
        assert!(value.has_quotes && !value.starts_quoted);
    }

    #[test]
    fn an_open_quote_is_said_and_read_to_the_end() {
        let (tokens, errors) = lex(r#"a "b c"#);
        assert_eq!(tokens.len(), 2);
        assert_eq!(errors[0].range, 2..6);
    }

    proptest! {
        #[test]
        fn tokens_lie_in_the_text_in_order(text in "[a:>\\-\\\\*\"() é.0-9OR]{0,30}") {
            let mut after = 0;
            for token in lex(&text).0 {
                prop_assert!(token.range.start >= after && token.range.end > token.range.start);
                prop_assert!(text.get(token.range.clone()).is_some());
                after = token.range.end;
            }
        }
    }
}
