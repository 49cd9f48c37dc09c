//! Memory is spent only with a permit.
