//! What services embed: traces, correlated logs and context propagation in one line.
