//! The loop: what is ready is handled, then one frame is drawn, then it waits.

use std::io;
use std::pin::Pin;
use std::task::Poll;

use futures_util::{Stream, StreamExt};
use tokio::sync::mpsc;

use super::worker::Worker;
use super::{Backend, Effect, Message, State, update};

/// Answers that may wait for the loop; workers stand still beyond it.
const ANSWERS_MAX: usize = 64;
/// Messages handled before a frame is drawn, so that held-down keys cannot starve the screen.
const BATCH_MAX: usize = 256;

/// The terminal, as the loop uses it.
pub trait Port {
    /// Draws one frame.
    ///
    /// # Errors
    /// Where the terminal cannot be written.
    fn draw(&mut self, state: &State) -> io::Result<()>;

    /// Puts a text on the clipboard; the answer says where it went or why not.
    ///
    /// # Errors
    /// Where it went nowhere.
    fn copy(&mut self, text: &str) -> Result<String, String>;

    /// Gives the terminal back, stops the process, and takes the terminal again when the shell
    /// continues it.
    ///
    /// # Errors
    /// Where the terminal cannot be given back or taken.
    fn suspend(&mut self) -> io::Result<()>;
}

/// Runs until the user leaves or the input ends. The state is drawn when something changed,
/// and nothing runs while nothing happens.
///
/// # Errors
/// Where the terminal fails.
pub async fn drive<B: Backend>(
    state: &mut State,
    backend: B,
    input: impl Stream<Item = io::Result<Message>>,
    port: &mut impl Port,
    now_ns: impl Fn() -> u64,
) -> io::Result<()> {
    let (answer_sender, mut answers) = mpsc::channel(ANSWERS_MAX);
    let mut worker = Worker::new(backend, answer_sender);
    let mut input = std::pin::pin!(input.fuse());

    let effects = update::start(state, now_ns());
    perform(effects, state, &mut worker, port, &now_ns)?;
    port.draw(state)?;
    while !state.leaving {
        let first = tokio::select! {
            message = input.next() => match message {
                Some(message) => message?,
                None => break,
            },
            Some(message) = answers.recv() => message,
        };
        let mut next = Some(first);
        let mut handled = 0;
        while let Some(message) = next.take() {
            let effects = update::update(state, now_ns(), message);
            perform(effects, state, &mut worker, port, &now_ns)?;
            handled += 1;
            if state.leaving || handled >= BATCH_MAX {
                break;
            }
            next = match ready(input.as_mut()).await {
                Poll::Ready(Some(message)) => Some(message?),
                _ => answers.try_recv().ok(),
            };
        }
        if !state.leaving {
            port.draw(state)?;
        }
    }
    worker.stop();
    Ok(())
}

/// What the stream has now. Polled with the waker of this task: the terminal's stream keeps
/// the waker of its first poll, and one that wakes nobody would silence it for good.
async fn ready<S: Stream>(mut stream: Pin<&mut S>) -> Poll<Option<S::Item>> {
    std::future::poll_fn(|context| Poll::Ready(stream.as_mut().poll_next(context))).await
}

/// Starts effects; those of the terminal are done here and now.
fn perform<B: Backend>(
    effects: Vec<Effect>,
    state: &mut State,
    worker: &mut Worker<B>,
    port: &mut impl Port,
    now_ns: &impl Fn() -> u64,
) -> io::Result<()> {
    for effect in effects {
        let message = match worker.start(effect) {
            Some(Effect::Copy(text)) => Message::Copied(port.copy(&text)),
            Some(Effect::Suspend) => {
                port.suspend()?;
                Message::Continued
            }
            _ => continue,
        };
        let more = update::update(state, now_ns(), message);
        // Neither message asks for the terminal again, so this ends.
        for effect in more {
            worker.start(effect);
        }
    }
    Ok(())
}
