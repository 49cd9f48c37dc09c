//! The whole, end to end, over the real binary.
