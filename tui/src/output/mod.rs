//! Owns standard output and standard error.
