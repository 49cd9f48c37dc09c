//! The `spanwalk` binary.
fn main() {}
