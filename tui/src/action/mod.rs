//! What keys can do: one registry that drives key presses, footer, help and palette.

mod keys;
mod registry;
mod resolve;

pub use keys::{Key, ParseKeyError};
pub use registry::{ACTIONS, Spec};
pub use resolve::{Resolution, available, resolve};

/// Everything that a key or the palette can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// One row down.
    Down,
    /// One row up.
    Up,
    /// One page down.
    PageDown,
    /// One page up.
    PageUp,
    /// To the first row.
    Top,
    /// To the last row.
    Bottom,
    /// Opens what the cursor is on.
    Open,
    /// Edits the query.
    Query,
    /// Changes between traces and groups of them.
    Groups,
    /// Asks the collector again.
    Refresh,
    /// To the trace list.
    ToTraces,
    /// To the log list.
    ToLogs,
    /// To the service list.
    ToServices,
    /// Leaves the screen for the one it was opened from; the first one for good.
    Back,
    /// To where one was before.
    HistoryBack,
    /// To where one was before going back.
    HistoryForward,
    /// Moves the keys to the next pane.
    Pane,
    /// Shows the keys.
    Help,
    /// Finds an action by name.
    Palette,
    /// Leaves the program.
    Quit,
    /// Stops the program until the shell continues it.
    Suspend,
    /// To the next event in causal order.
    Next,
    /// To the previous event in causal order.
    Previous,
    /// Into the child or callee.
    Into,
    /// Out to the caller, at the moment it goes on.
    Out,
    /// To the next event of the same service.
    NextInService,
    /// To the previous event of the same service.
    PreviousInService,
    /// To the next error.
    NextError,
    /// To the previous error.
    PreviousError,
    /// To where the error began.
    ErrorOrigin,
    /// To the next sibling span.
    NextSibling,
    /// To the previous sibling span.
    PreviousSibling,
    /// Folds or unfolds the span.
    Fold,
    /// Folds or unfolds all spans.
    FoldAll,
    /// Folds the span, or goes to the one around it.
    FoldOut,
    /// Unfolds the span, or goes to the first row in it.
    FoldIn,
    /// Halves the time that the bars show, around the cursor.
    ZoomIn,
    /// Doubles the time that the bars show.
    ZoomOut,
    /// Shows the time of the cursor's span, or all again.
    ZoomSpan,
    /// Shows all of the time.
    ZoomAll,
    /// Changes between the tree with bars and the causal list.
    CausalList,
    /// Changes between the tree and lanes of services.
    Lanes,
    /// Changes between the tree and the icicle.
    Flame,
    /// Raises the level from which log records are shown.
    LogLevel,
    /// Finds text in the trace.
    Find,
    /// To the next place where the text was found.
    FindNext,
    /// To the previous place where the text was found.
    FindPrevious,
    /// Ends the search in the trace.
    FindEnd,
    /// Chooses what to copy.
    Yank,
    /// Copies the trace id.
    YankTrace,
    /// Copies the span id.
    YankSpan,
    /// Copies the command that leads to this place.
    YankPlace,
    /// Copies the event as text.
    YankEvent,
    /// Accepts what was typed or chosen.
    Accept,
    /// Leaves without accepting.
    Cancel,
    /// Puts the chosen completion in.
    Complete,
    /// To the next entry of a menu.
    MenuDown,
    /// To the previous entry of a menu.
    MenuUp,
}

/// Where an action can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Context {
    /// The trace list.
    Traces,
    /// The walk of a trace.
    Walk,
    /// A walk while a search in it is on; its keys go before those of the walk.
    Found,
    /// The log list.
    Logs,
    /// The service list.
    Services,
    /// A line of text is being typed; keys without an action type.
    Edit,
    /// The menu of what to copy.
    YankMenu,
}
