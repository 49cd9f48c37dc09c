//! The demo system: real services, real troubles, and nothing left behind.
