//! The only door to files that we write ourselves.
