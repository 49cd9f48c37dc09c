//! When to give up.

/// Says when an answer has to be given with what was found so far: the time allowed ran out,
/// or nobody waits any more. Asked between two reads.
pub struct Deadline {
    is_over: Box<dyn Fn() -> bool + Send + Sync>,
}

impl Deadline {
    /// A deadline that is over when this says so, and stays over then.
    pub fn new(is_over: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self {
            is_over: Box::new(is_over),
        }
    }

    /// No deadline.
    pub fn never() -> Self {
        Self::new(|| false)
    }

    /// Whether to give up.
    pub fn is_over(&self) -> bool {
        (self.is_over)()
    }
}

impl std::fmt::Debug for Deadline {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Deadline").finish_non_exhaustive()
    }
}
