//! The loop with a scripted terminal and a fake collector.

use std::io;
use std::sync::Mutex;

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
    let (keys, mut typed) = mpsc::channel::<Message>(16);
    let (frame_sender, mut frames) = mpsc::channel(256);
    let mut port = Paper {
        frames: frame_sender,
        copied: Mutex::default(),
        suspended: 0,
    };
    let place = Place::traces("");
    let mut state = State::new(&place, &Options::default(), TimeZone::UTC, (100, 30));
    let input =
        stream::poll_fn(move |context| typed.poll_recv(context).map(|message| message.map(Ok)));
    let script = async {
        let until = async |frames: &mut mpsc::Receiver<String>, wanted: &str| {
            while let Some(frame) = frames.recv().await {
                if frame.contains(wanted) {
                    return;
                }
            }
            panic!("{wanted:?} was never drawn");
        };
        let press = async |key: &str| keys.send(Message::Key(key.parse().unwrap())).await.unwrap();
        until(&mut frames, "GET /catalogue").await;
        press("enter").await;
        until(&mut frames, "event 1/27").await;
        press("E").await;
        until(&mut frames, "event 14/27").await;
        press("y").await;
        press("t").await;
        until(&mut frames, "copied").await;
        press("ctrl-z").await;
        press("3").await;
        until(&mut frames, "gone").await;
        press("ctrl-c").await;
    };
    let run = drive(&mut state, Fake, input, &mut port, || fixture::START_NS);
    let (outcome, ()) = tokio::join!(run, script);
    outcome.unwrap();
    assert_eq!(port.suspended, 1);
    assert_eq!(*port.copied.lock().unwrap(), [fixture::TRACE]);
}
