//! The demo system: real services, real troubles, and nothing left behind.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Stdio};

use spanwalk_api::{TraceSummary, WalkEvent};
use spanwalk_harness::{Api, DataDir, Home, eventually, terminate};

/// The demo without its screen, over a collector inside it.
struct Demo {
    child: Child,
    /// Kept open: who prints more must not find it closed.
    _stdout: BufReader<ChildStdout>,
    api: Api,
    _home: Home,
}

impl Demo {
    #[track_caller]
    fn start(data: &DataDir) -> Self {
        let home = Home::new();
        let mut command = home.command();
        command.args(["demo", "--no-ui", "--rate", "20", "--data-dir"]);
        command.arg(data.path());
        for flag in ["--otlp-grpc", "--otlp-http", "--zipkin", "--api"] {
            command.args([flag, "127.0.0.1:0"]);
        }
        let log = std::fs::File::create(data.beside("demo.log")).unwrap();
        command.stdout(Stdio::piped()).stderr(log);
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut said = String::new();
        let url = loop {
            let mut line = String::new();
            let length = stdout.read_line(&mut line).unwrap();
            assert!(length > 0, "the demo ended: {said}");
            said.push_str(&line);
            if line.trim_start().starts_with("collector") {
                let (_, rest) = line
                    .split_once("http://")
                    .expect("the URL of the query API");
                break format!("http://{}", rest.split_whitespace().next().unwrap());
            }
        };
        Self {
            child,
            _stdout: stdout,
            api: Api::new(url),
            _home: home,
        }
    }

    /// The processes that it started: those whose parent it is.
    fn children(&self) -> BTreeSet<u32> {
        let path = format!("/proc/{0}/task", self.child.id());
        std::fs::read_dir(path)
            .unwrap()
            .flatten()
            .filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok())
            .flat_map(|pids| {
                let pids: Vec<u32> = pids.split_whitespace().flat_map(str::parse).collect();
                pids
            })
            .collect()
    }
}

impl Drop for Demo {
    /// The services end when the one that started them asks; kill -9 is no way to be asked.
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|ended| ended.is_some()) {
            return;
        }
        terminate(self.child.id());
        let _ = self.child.wait();
    }
}

/// Whether a process is there and not only waiting to be forgotten.
fn is_alive(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .ok()
        .and_then(|text| Some(text.rsplit_once(')')?.1.trim_start().starts_with('Z')))
        .is_some_and(|is_zombie| !is_zombie)
}

#[test]
fn traces_cross_the_services_and_a_failing_one_has_its_cause_in_the_deepest() {
    let data = DataDir::new();
    let demo = Demo::start(&data);
    let api = &demo.api;
    let crossing = eventually("a checkout through four services", || {
        let found = api
            .search("root.service:gateway name:\"POST /checkout\"")
            .traces;
        found.into_iter().find(|trace| trace.services.len() >= 4)
    });
    assert!(crossing.has_root && crossing.log_count > 0, "{crossing:?}");

    let failing = eventually("a checkout that failed in the payment", || {
        let query = "service:payments level:error root.name:\"POST /checkout\"";
        let is_whole = |trace: &TraceSummary| trace.has_root && trace.error_span_count >= 3;
        api.search(query).traces.into_iter().find(is_whole)
    });
    let walk = api.walk(&failing.trace_id);
    let origin = usize::try_from(walk.error_origin.expect("an origin")).unwrap();
    let is_error_log = |event: &&WalkEvent| event.kind == "log" && event.is_error;
    let cause = walk.events.iter().find(is_error_log).expect("an error log");
    assert_eq!(cause.service, "payments", "{cause:?}");
    assert_eq!(
        walk.events[origin].service, "payments",
        "{:#?}",
        walk.events
    );
    assert_eq!(api.status().rejected.values().sum::<u64>(), 0);
    assert_eq!(api.status().dropped.values().sum::<u64>(), 0);
}

#[test]
fn the_end_leaves_no_process_and_the_data_can_be_read() {
    let data = DataDir::new();
    let mut demo = Demo::start(&data);
    eventually("the first traces", || {
        (demo.api.status().stored.traces > 0).then_some(())
    });
    let services = demo.children();
    assert!(
        services.len() >= 5,
        "each service is a process: {services:?}"
    );
    assert!(services.iter().all(|pid| is_alive(*pid)));
    terminate(demo.child.id());
    let ended = eventually("the end of the demo", || demo.child.try_wait().unwrap());
    assert_eq!(ended.code(), Some(0));
    let left: Vec<_> = services.into_iter().filter(|pid| is_alive(*pid)).collect();
    assert!(left.is_empty(), "still there: {left:?}");

    let directory = data.path();
    let found = spanwalk_harness::run([
        "search",
        "service:gateway",
        "--json",
        "--data-dir",
        directory.to_str().unwrap(),
    ]);
    assert!(
        !found.expect_code(0).json()["traces"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}
