//! Filters: the query language for people.
//!
//! ```text
//! any   = all { "OR" all }
//! all   = unary { [ "AND" ] unary }
//! unary = { "NOT" | "-" } term
//! term  = "(" any ")" | word | key operator value | key ":" "(" any ")"
//! ```
//! In the last form the words inside the parentheses are values of the key. One parser
//! serves strict and lenient reading: it notes what is wrong, leaves it out and goes on.

mod parser;

pub(crate) use parser::{Parsed, parse};
