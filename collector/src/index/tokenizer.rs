//! The words of a text, as the query language knows them.

use spanwalk_query::text::words;
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

/// The name that the tokenizer is registered by.
pub(super) const WORDS: &str = "words";

/// Splits a text as [`words`] does, so that what a query looks for is what was indexed.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Words;

impl Tokenizer for Words {
    type TokenStream<'a> = WordStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream<'a> {
        WordStream {
            words: Box::new(words(text)),
            token: Token::default(),
        }
    }
}

/// The words of one text.
pub(super) struct WordStream<'a> {
    words: Box<dyn Iterator<Item = std::borrow::Cow<'a, str>> + 'a>,
    token: Token,
}

impl TokenStream for WordStream<'_> {
    fn advance(&mut self) -> bool {
        let Some(word) = self.words.next() else {
            return false;
        };
        self.token.text.clear();
        self.token.text.push_str(&word);
        self.token.position = self.token.position.wrapping_add(1);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}
