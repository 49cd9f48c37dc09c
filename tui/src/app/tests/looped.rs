//! The loop with a scripted terminal and a fake collector.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures_util::stream;
use jiff::tz::TimeZone;
use spanwalk_api::{
    LogsParams, LogsResponse, SearchParams, SearchResponse, ServicesResponse, Status,
};
use spanwalk_model::{TraceId, TraceItems};
use tokio::sync::mpsc;

use super::super::{Backend, Failure, Message, Options, Place, Port, State, drive, view};
use super::fixture;

/// Answers at once.
struct Fake;

impl Backend for Fake {
    async fn search(&self, params: SearchParams) -> Result<SearchResponse, Failure> {
        Ok(fixture::found(&params.q))
    }

    async fn logs(&self, _params: LogsParams) -> Result<LogsResponse, Failure> {
        Ok(LogsResponse::default())
    }

    async fn trace(&self, _id: TraceId) -> Result<TraceItems, Failure> {
        Ok(fixture::checkout())
    }

    async fn services(&self) -> Result<ServicesResponse, Failure> {
        Err(Failure {
            text: "gone".to_owned(),
            ..Failure::default()
        })
    }

    async fn status(&self) -> Result<Status, Failure> {
        Ok(fixture::status(1))
    }
}

/// Keys as the terminal's stream hands them over: it keeps the waker that first waited, until
/// it has woken that one.
#[derive(Clone, Default)]
struct Keyboard(Arc<Mutex<(VecDeque<Message>, Option<Waker>)>>);

impl Keyboard {
    fn press(&self, key: &str) {
        let mut inner = self.0.lock().unwrap();
        inner.0.push_back(Message::Key(key.parse().unwrap()));
        if let Some(waker) = inner.1.take() {
            waker.wake();
        }
    }

    fn poll(&self, context: &Context<'_>) -> Poll<Option<io::Result<Message>>> {
        let mut inner = self.0.lock().unwrap();
        if let Some(message) = inner.0.pop_front() {
            return Poll::Ready(Some(Ok(message)));
        }
        if inner.1.is_none() {
            inner.1 = Some(context.waker().clone());
        }
        Poll::Pending
    }
}

/// Draws into memory and tells each frame to the test.
struct Paper {
    frames: mpsc::Sender<String>,
    copied: Mutex<Vec<String>>,
    suspended: usize,
}

impl Port for Paper {
    fn draw(&mut self, state: &State) -> io::Result<()> {
        let (columns, rows) = state.size;
        let backend = ratatui::backend::TestBackend::new(columns, rows);
        let mut terminal = ratatui::Terminal::new(backend).map_err(io::Error::other)?;
        terminal
            .draw(|frame| view(state, frame))
            .map_err(io::Error::other)?;
        let text = super::text_of(terminal.backend().buffer());
        self.frames.try_send(text).map_err(io::Error::other)
    }

    fn copy(&mut self, text: &str) -> Result<String, String> {
        self.copied.lock().unwrap().push(text.to_owned());
        Ok("copied".to_owned())
    }

    fn suspend(&mut self) -> io::Result<()> {
        self.suspended += 1;
        Ok(())
    }
}

#[tokio::test]
async fn keys_lead_through_the_loop_to_frames_and_out() {
    let keyboard = Keyboard::default();
    let (frame_sender, mut frames) = mpsc::channel(256);
    let mut port = Paper {
        frames: frame_sender,
        copied: Mutex::default(),
        suspended: 0,
    };
    let place = Place::traces("");
    let mut state = State::new(&place, &Options::default(), TimeZone::UTC, (100, 30));
    let typed = keyboard.clone();
    let input = stream::poll_fn(move |context| typed.poll(context));
    let script = async {
        let until = async |frames: &mut mpsc::Receiver<String>, wanted: &str| {
            while let Some(frame) = frames.recv().await {
                if frame.contains(wanted) {
                    return;
                }
            }
            panic!("{wanted:?} was never drawn");
        };
        until(&mut frames, "GET /catalogue").await;
        keyboard.press("enter");
        until(&mut frames, "event 1/27").await;
        keyboard.press("E");
        until(&mut frames, "event 14/27").await;
        keyboard.press("y");
        keyboard.press("t");
        until(&mut frames, "copied").await;
        keyboard.press("ctrl-z");
        keyboard.press("3");
        until(&mut frames, "gone").await;
        keyboard.press("ctrl-c");
    };
    let run = drive(&mut state, Fake, input, &mut port, || fixture::START_NS);
    // A key that is lost would otherwise be waited for without end.
    let both = async { tokio::join!(run, script) };
    let (outcome, ()) = tokio::time::timeout(Duration::from_secs(30), both)
        .await
        .unwrap();
    outcome.unwrap();
    assert_eq!(port.suspended, 1);
    assert_eq!(*port.copied.lock().unwrap(), [fixture::TRACE]);
}
