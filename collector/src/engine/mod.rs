//! A query and a snapshot give an answer.
