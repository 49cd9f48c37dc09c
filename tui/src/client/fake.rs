//! A collector that answers what a test says, and remembers what it was asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use serde::Serialize;
use spanwalk_api::{PROBLEM_CONTENT_TYPE, PROTOBUF_CONTENT_TYPE, Problem};

/// A request as it came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Request {
    /// The path without what stands behind `?`.
    pub path: String,
    /// What stands there, decoded.
    pub query: Vec<(String, String)>,
    /// What the asker wants to get.
    pub accept: String,
    /// Who the asker says that it is; empty where it does not.
    pub authorization: String,
}

impl Request {
    /// A value of the query string; empty where it is not there.
    pub(crate) fn value(&self, key: &str) -> &str {
        let pair = self.query.iter().find(|(name, _)| name == key);
        pair.map_or("", |(_, value)| value)
    }
}

/// An answer.
pub(crate) struct Answer {
    status: u16,
    content_type: &'static str,
    body: Vec<u8>,
}

impl Answer {
    /// A value as JSON.
    pub(crate) fn json(value: &impl Serialize) -> Self {
        Self {
            status: 200,
            content_type: "application/json",
            body: serde_json::to_vec(value).unwrap(),
        }
    }

    /// Server-sent events.
    pub(crate) fn events(text: &str) -> Self {
        Self {
            status: 200,
            content_type: "text/event-stream",
            body: text.as_bytes().to_vec(),
        }
    }

    /// A protobuf message.
    pub(crate) fn protobuf(body: Vec<u8>) -> Self {
        Self {
            status: 200,
            content_type: PROTOBUF_CONTENT_TYPE,
            body,
        }
    }

    /// A problem document.
    pub(crate) fn problem(problem: &Problem) -> Self {
        Self {
            status: problem.status,
            content_type: PROBLEM_CONTENT_TYPE,
            body: serde_json::to_vec(problem).unwrap(),
        }
    }

    /// Something that is no answer of a collector.
    pub(crate) fn page() -> Self {
        Self {
            status: 200,
            content_type: "text/html",
            body: b"<html>hello</html>".to_vec(),
        }
    }
}

type Asked = Arc<Mutex<Vec<Request>>>;

/// A collector on a free port of the loopback interface, until it is dropped.
pub(crate) struct Fake {
    address: std::net::SocketAddr,
    asked: Asked,
    is_ending: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Fake {
    /// One that answers so.
    pub(crate) fn new(answer: impl Fn(&Request) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Asked::default();
        let remembered = Arc::clone(&asked);
        let is_ending = Arc::new(AtomicBool::new(false));
        let ending = Arc::clone(&is_ending);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                // One that looks whether anything listens sends no request.
                let Some((stream, request)) = read(stream.unwrap()) else {
                    if ending.load(Ordering::Acquire) {
                        return;
                    }
                    continue;
                };
                let answer = answer(&request);
                remembered.lock().unwrap().push(request);
                write(stream, &answer);
            }
        });
        Self {
            address,
            asked,
            is_ending,
            thread: Some(thread),
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it was asked so far.
    pub(crate) fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.is_ending.store(true, Ordering::Release);
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            let outcome = thread.join();
            assert!(outcome.is_ok() || std::thread::panicking());
        }
    }
}

fn read(stream: TcpStream) -> Option<(TcpStream, Request)> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).unwrap();
    let target = first.split(' ').nth(1)?;
    let url = url::Url::parse(&format!("http://fake{target}")).unwrap();
    let mut request = Request {
        path: url.path().to_owned(),
        query: url.query_pairs().into_owned().collect(),
        accept: String::new(),
        authorization: String::new(),
    };
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let line = line.trim().to_ascii_lowercase();
        match line.split_once(": ") {
            Some(("content-length", value)) => length = value.parse().unwrap(),
            Some(("accept", value)) => value.clone_into(&mut request.accept),
            Some(("authorization", value)) => value.clone_into(&mut request.authorization),
            _ if line.is_empty() => break,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    Some((reader.into_inner(), request))
}

fn write(mut stream: TcpStream, answer: &Answer) {
    let head = format!(
        "HTTP/1.1 {} X\r\ncontent-type: {}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        answer.status,
        answer.content_type,
        answer.body.len()
    );
    // The asker may have gone away.
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(&answer.body);
}
