//! What the end-to-end tests share: the real binary, collectors, a pty, senders.
