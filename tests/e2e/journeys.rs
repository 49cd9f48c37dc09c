//! The terminal interface, as a person uses it, over imported traces of a real system. What each
//! key does is said in `docs/keys.md`.

use spanwalk_harness::{Collector, DataDir, Grpc, Listener, Terminal, fixture, run};

use crate::shop::{Checkout, DECLINED};

/// A collector with the four traces of `fixtures/trainticket`, and the interface on it.
fn train_ticket(data: &DataDir) -> (Collector, Terminal) {
    let collector = Collector::start(&data.path());
    let url = collector.api().url().to_owned();
    let traces = fixture("trainticket/traces.jsonl");
    let logs = fixture("trainticket/logs.jsonl");
    run([
        "import",
        "--collector",
        &url,
        traces.to_str().unwrap(),
        logs.to_str().unwrap(),
    ])
    .expect_code(0);
    let terminal = Terminal::run(140, 44, ["--collector", &url]);
    (collector, terminal)
}

/// How many rows the list of traces has: each of these begins at the gateway.
fn rows(screen: &str) -> usize {
    screen.matches("ts-gateway-service /*").count()
}

/// The place in the walk, from `event 14/27`.
fn place(screen: &str) -> Option<(usize, usize)> {
    let (_, rest) = screen.split_once("event ")?;
    let (at, of) = rest.split_whitespace().next()?.split_once('/')?;
    Some((at.parse().ok()?, of.parse().ok()?))
}

/// Presses a key and waits until the cursor stands elsewhere; gives the place and the screen.
#[track_caller]
fn step(terminal: &mut Terminal, key: &str) -> (usize, String) {
    let before = place(&terminal.screen()).expect("a walk is shown");
    terminal.keys(key);
    let screen = terminal.wait_until("another event under the cursor", |screen| {
        place(screen).is_some_and(|now| now != before)
    });
    (place(&screen).expect("a walk is shown").0, screen)
}

/// Filters the list by a word of one log record and opens the trace that has it.
#[track_caller]
fn open_the_food_trace(terminal: &mut Terminal) -> String {
    terminal.wait_until("four traces", |screen| rows(screen) == 4);
    terminal.keys("/foodStoresListResult");
    terminal.wait_until("the one trace that a word of its log finds", |screen| {
        rows(screen) == 1
    });
    terminal.keys("\r");
    terminal.keys("\r");
    // The search leads to the span that it found.
    terminal.wait_until("the walk at the span that was found", |screen| {
        let is_whole = screen.contains("33 spans") && screen.contains("12 logs");
        is_whole && place(screen).is_some_and(|(at, of)| at > 1 && of == 78)
    });
    terminal.keys("g");
    terminal.wait_for(&["event 1/78"])
}

#[test]
fn the_list_appears_and_follows_what_is_typed() {
    let data = DataDir::new();
    let (collector, mut terminal) = train_ticket(&data);
    terminal.wait_until("four traces", |screen| rows(screen) == 4);
    terminal.keys("/service:ts-execute-service");
    terminal.wait_until("the two traces of that service", |screen| rows(screen) == 2);
    terminal.keys(" ts-order-other");
    terminal.wait_until("what nobody has", |screen| rows(screen) == 0);
    // Control-U empties the line.
    terminal.keys("\x15level:warn");
    terminal.wait_until("the one trace with a warning", |screen| rows(screen) == 1);
    terminal.keys("\x15\r");
    terminal.wait_until("all again", |screen| rows(screen) == 4);
    collector.stop();
}

#[test]
fn a_query_with_an_error_says_so_while_it_is_typed() {
    let data = DataDir::new();
    let (collector, mut terminal) = train_ticket(&data);
    terminal.wait_until("four traces", |screen| rows(screen) == 4);
    terminal.keys("/duration:>soon");
    terminal.wait_for(&["▲", "soon"]);
    terminal.keys("\x1b");
    terminal.wait_until("the list as it was", |screen| {
        !screen.contains('▲') && rows(screen) == 4
    });
    collector.stop();
}

#[test]
fn a_word_in_a_log_finds_the_trace_and_its_waterfall_has_the_logs_at_their_places() {
    let data = DataDir::new();
    let (collector, mut terminal) = train_ticket(&data);
    let screen = open_the_food_trace(&mut terminal);
    let lines: Vec<_> = screen.lines().collect();
    let line = |needle: &str| {
        lines
            .iter()
            .position(|line| line.contains(needle))
            .unwrap_or_else(|| panic!("no `{needle}`:\n{screen}"))
    };
    // What a span wrote stands under it, between the calls that it made before and after.
    let order = [
        "FoodController.getAllFood",
        "FoodController#93",
        "TrainFoodController.get",
        "TrainFoodController#37",
        "FoodServiceImpl#240",
        "TravelController.get",
        "TravelController#53",
    ];
    let places: Vec<_> = order.iter().map(|needle| line(needle)).collect();
    assert!(places.is_sorted_by(|a, b| a < b), "{places:?}\n{screen}");
    assert!(screen.contains('█'), "bars: {screen}");
    collector.stop();
}

#[test]
fn steps_lead_through_the_walk_as_in_a_debugger() {
    let data = DataDir::new();
    let (collector, mut terminal) = train_ticket(&data);
    open_the_food_trace(&mut terminal);

    // Next and previous, in causal order.
    let (second, _) = step(&mut terminal, "n");
    let (third, _) = step(&mut terminal, "n");
    assert_eq!((second, third), (2, 3));
    assert_eq!(step(&mut terminal, "p").0, 2);

    // Into the callee, in another service, and out to the caller.
    terminal.keys("g");
    terminal.wait_for(&["event 1/78"]);
    step(&mut terminal, "n");
    let (_, screen) = step(&mut terminal, "n");
    assert!(
        screen.contains("ts-gateway-service  span start"),
        "{screen}"
    );
    let (inside, screen) = step(&mut terminal, "s");
    assert!(screen.contains("ts-food-service  span start"), "{screen}");
    let (after, screen) = step(&mut terminal, "o");
    assert!(after > inside, "out is where the caller goes on");
    assert!(screen.contains("ts-gateway-service  span end"), "{screen}");

    // To where the error began, and from the top to the next error: here the same.
    terminal.keys("g");
    terminal.wait_for(&["event 1/78"]);
    let (origin, screen) = step(&mut terminal, "E");
    assert!(screen.contains("ERROR"), "{screen}");
    assert!(
        screen.contains("Failed!][foodStoresListResult"),
        "the record in full: {screen}"
    );
    assert!(
        screen.contains("FoodController.getAllFood"),
        "the stack: {screen}"
    );
    terminal.keys("g");
    terminal.wait_for(&["event 1/78"]);
    assert_eq!(step(&mut terminal, "e").0, origin);
    // Back to where the cursor was.
    assert_eq!(step(&mut terminal, "u").0, 1);
    collector.stop();
}

#[test]
fn the_walk_can_be_read_as_a_list_searched_and_folded() {
    let data = DataDir::new();
    let (collector, mut terminal) = train_ticket(&data);
    open_the_food_trace(&mut terminal);
    terminal.keys("t");
    terminal.wait_for(&["what happened, causes first", "+0ns"]);
    terminal.keys("t");
    terminal.wait_until("the tree again", |screen| !screen.contains("causes first"));
    terminal.keys("/station_food_store\r");
    terminal.wait_until("the span of that name", |screen| {
        place(screen).is_some_and(|(at, _)| at > 1)
            && screen.contains("SELECT ts.station_food_store")
    });
    terminal.keys("\x1b");
    terminal.keys("g");
    terminal.wait_for(&["event 1/78"]);
    terminal.keys("\r");
    terminal.wait_until("the root folded", |screen| {
        !screen.contains("FilteringWebHandler.handle")
    });
    terminal.keys("\r");
    terminal.wait_for(&["FilteringWebHandler.handle"]);
    collector.stop();
}

#[test]
fn help_back_and_quit_are_where_people_look_for_them() {
    let data = DataDir::new();
    let (collector, mut terminal) = train_ticket(&data);
    open_the_food_trace(&mut terminal);
    terminal.keys("?");
    terminal.wait_for(&["keys", "filter", "To the next event in causal order"]);
    terminal.keys("\x1b");
    terminal.wait_until("the walk again", |screen| {
        !screen.contains("To the next event")
    });
    terminal.keys("2");
    terminal.wait_for(&["message", "FoodServiceImpl#302"]);
    terminal.keys("3");
    terminal.wait_for(&["12 services", "ts-station-food-service"]);
    terminal.keys("1");
    terminal.wait_for(&["request"]);
    terminal.keys(":");
    terminal.keys("quit");
    terminal.wait_for(&["Leave the program"]);
    terminal.keys("\x1b");
    terminal.keys("\x03");
    let bytes = terminal.bytes();
    assert!(
        bytes.windows(8).any(|part| part == b"\x1b[?1049h"),
        "the alternate screen"
    );
    assert!(terminal.wait_for_end().success());
    collector.stop();
}

#[test]
fn q_on_the_first_screen_leaves_and_gives_the_terminal_back() {
    let data = DataDir::new();
    let (collector, mut terminal) = train_ticket(&data);
    open_the_food_trace(&mut terminal);
    terminal.keys("q");
    terminal.wait_for(&["request", "ts-gateway-service /*"]);
    terminal.keys("q");
    terminal.wait_until("the screen as it was before", |screen| {
        screen.trim().is_empty()
    });
    assert!(terminal.wait_for_end().success());
    collector.stop();
}

#[test]
fn what_arrives_while_the_interface_is_open_appears_by_itself() {
    let data = DataDir::new();
    let collector = Collector::start(&data.path());
    let terminal = Terminal::run(140, 40, ["--collector", collector.api().url()]);
    terminal.wait_for(&["spanwalk", "traces"]);
    Checkout::new().send(&Grpc::connect(collector.url(Listener::OtlpGrpc)));
    terminal.wait_for(&["gateway POST /checkout"]);
    collector.stop();
}

#[test]
fn the_interface_starts_a_collector_of_its_own_where_none_runs() {
    let data = DataDir::new();
    let path = data.path();
    let free = "127.0.0.1:0";
    let mut terminal = Terminal::run(
        140,
        40,
        [
            "--data-dir",
            path.to_str().unwrap(),
            "--otlp-grpc",
            free,
            "--otlp-http",
            free,
            "--zipkin",
            free,
            "--api",
            free,
        ],
    );
    terminal.wait_for(&["spanwalk", "traces"]);
    let status = run(["status", "--json", "--data-dir", path.to_str().unwrap()]);
    let status = status.expect_code(0).json();
    assert_eq!(
        status["pid"].as_u64(),
        terminal.pid().map(u64::from),
        "{status}"
    );
    let grpc = status["listeners"]
        .as_array()
        .and_then(|all| all.iter().find(|one| one["name"] == "otlp_grpc"))
        .and_then(|one| one["address"].as_str())
        .expect("it takes OTLP");
    let checkout = Checkout::new();
    checkout.send(&Grpc::connect(format!("http://{grpc}")));
    terminal.wait_for(&["gateway POST /checkout"]);
    terminal.keys("\r");
    terminal.wait_for(&["event 1/8"]);
    terminal.keys("E");
    terminal.wait_for(&[DECLINED, "origin"]);
    terminal.keys("\x03");
    assert!(terminal.wait_for_end().success());
    let found = run(["show", &checkout.id(), "--data-dir", path.to_str().unwrap()]);
    assert!(
        found.expect_code(0).stdout.contains(DECLINED),
        "it is still there afterwards"
    );
}
