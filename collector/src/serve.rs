//! Builds the rooms in the order data takes, binds, then runs.
