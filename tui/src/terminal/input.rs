//! What the terminal and the system send, as messages.

use std::io;

use crossterm::event::{Event, EventStream, KeyEventKind};
use futures_util::stream::{self, Stream, StreamExt};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::action::{Action, Key};
use crate::app::Message;

/// Keys, pastes and sizes of the terminal, and the signals that end or stop the process.
///
/// # Errors
/// Where signals cannot be listened to.
pub fn messages() -> io::Result<impl Stream<Item = io::Result<Message>>> {
    let events = EventStream::new().filter_map(async |event| match event {
        Ok(event) => message(event).map(Ok),
        Err(error) => Some(Err(error)),
    });
    let ends = [
        SignalKind::terminate(),
        SignalKind::hangup(),
        SignalKind::interrupt(),
    ];
    let mut signals = Vec::new();
    for kind in ends {
        signals.push(on_signal(signal(kind)?, Action::Quit).boxed());
    }
    // What `kill -TSTP` sends; Ctrl-Z itself comes as a key, because the terminal is raw.
    let stop = signal(SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw()))?;
    signals.push(on_signal(stop, Action::Suspend).boxed());
    Ok(stream::select(
        Box::pin(events),
        stream::select_all(signals).map(|action| Ok(Message::Act(action))),
    ))
}

fn on_signal(signal: Signal, action: Action) -> impl Stream<Item = Action> {
    stream::unfold(signal, move |mut signal| async move {
        signal.recv().await.map(|()| (action, signal))
    })
}

/// The message of a terminal event; `None` for those that mean nothing here.
fn message(event: Event) -> Option<Message> {
    match event {
        // Some terminals report releases as well.
        Event::Key(key) if key.kind == KeyEventKind::Press => Some(Message::Key(Key::from(key))),
        Event::Paste(text) => Some(Message::Paste(text)),
        Event::Resize(columns, rows) => Some(Message::Resize(columns, rows)),
        _ => None,
    }
}
