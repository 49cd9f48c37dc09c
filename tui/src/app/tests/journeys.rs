//! What keys do, told as people would.

use super::super::{Effect, Failure, Message, Reply};
use super::fixture::{LOOP, TRACE, found, status};
use super::{Stage, request_of};
use crate::screens::Screen;

fn walk() -> Stage {
    Stage::open(&format!("trace/{TRACE}"), (120, 40))
}

/// The text of the event under the cursor.
fn at(stage: &Stage) -> String {
    match stage.state.history.current() {
        Screen::Walk(screen) => {
            let data = screen.data().unwrap();
            data.text(screen.cursor()).into_owned()
        }
        _ => panic!("no walk is shown"),
    }
}

#[test]
fn enter_opens_the_walk_and_q_leads_back() {
    let mut stage = Stage::open("traces", (80, 24));
    stage.press("enter");
    assert_eq!(
        stage.place(),
        format!("trace/{TRACE}?span=0000000000000001")
    );
    stage.press("q");
    assert_eq!(stage.place(), "traces");
    stage.press("ctrl-r");
    assert!(stage.place().starts_with("trace/"));
    stage.press("q q");
    assert!(stage.state.leaving, "q on the first screen leaves");
}

#[test]
fn a_query_is_asked_when_typing_pauses_and_once() {
    let mut stage = Stage::open("traces", (80, 24));
    stage.press("/");
    stage.type_text("status:error");
    let searches = |stage: &Stage| {
        let is_search = |effect: &&Effect| matches!(effect, Effect::Search { .. });
        stage.waiting.iter().filter(is_search).count()
    };
    let wakes = stage
        .waiting
        .iter()
        .filter(|e| matches!(e, Effect::Wake { .. }))
        .count();
    assert_eq!(
        (searches(&stage), wakes),
        (0, 2),
        "one pause and one live look"
    );
    stage.wake_all();
    assert!(!stage.text().contains("GET /catalogue"), "{}", stage.text());
    stage.press("enter");
    assert_eq!(stage.place(), "traces?q=status%3Aerror");
    stage.press("/ ctrl-u enter");
    assert!(stage.text().contains("GET /catalogue"));
}

#[test]
fn a_query_that_cannot_be_read_is_not_asked_and_points_at_its_place() {
    let mut stage = Stage::open("traces", (80, 24));
    stage.press("/");
    stage.type_text("service:cart (");
    stage.press("enter");
    let text = stage.text();
    let caret = text.lines().find(|line| line.contains('▲')).unwrap();
    assert!(caret.chars().position(|c| c == '▲').unwrap() >= 3);
    assert_eq!(stage.place(), "traces");
    stage.press("esc");
    assert!(!stage.text().contains('▲'));
}

#[test]
fn tab_completes_keys_and_the_services_seen() {
    let mut stage = Stage::open("traces", (100, 24));
    stage.press("/");
    stage.type_text("serv");
    stage.press("tab");
    stage.type_text("c");
    assert!(stage.text().contains("cart  catalogue") || stage.text().contains("cart  checkout"));
    stage.press("down tab enter");
    assert_eq!(stage.place(), "traces?q=service%3Acheckout");
}

#[test]
fn a_pasted_traceparent_opens_its_trace() {
    let mut stage = Stage::open("traces", (80, 24));
    stage.send(Message::Paste(format!("00-{TRACE}-0000000000000007-01\n")));
    stage.answer_all();
    assert_eq!(
        stage.place(),
        format!("trace/{TRACE}?span=0000000000000007")
    );
    stage.press("q /");
    stage.type_text(TRACE);
    stage.press("enter");
    assert!(stage.place().starts_with(&format!("trace/{TRACE}")));
}

#[test]
fn the_list_follows_what_is_stored_and_keeps_the_cursor_on_its_trace() {
    let mut stage = Stage::open("traces", (80, 24));
    stage.wake_all();
    stage.press("j j");
    let chosen = "GET /catalogue/{id}";
    // More is stored: the next look asks the search again.
    stage.wake_by(&status(374_011), |answer| {
        let mut newer = answer.traces[4].clone();
        newer.trace_id = format!("{:032x}", 99);
        newer.root_name = "PUT /new".to_owned();
        answer.traces.insert(0, newer);
    });
    let text = stage.text();
    assert!(text.contains("PUT /new"), "{text}");
    stage.press("enter q");
    stage.press("y t");
    assert_eq!(stage.copied, [format!("{:032x}", 2)], "still on {chosen}");
}

#[test]
fn what_is_stored_before_the_first_look_and_after_the_first_answer_is_shown() {
    let mut stage = Stage::open("traces", (80, 24));
    stage.wake_by(&status(374_011), |answer| {
        answer.traces[0].root_name = "PUT /new".to_owned();
    });
    let text = stage.text();
    assert!(text.contains("PUT /new"), "{text}");
}

#[test]
fn nothing_is_asked_while_nothing_is_stored_and_while_another_screen_is_in_front() {
    let mut stage = Stage::open("traces", (80, 24));
    for _ in 0..3 {
        stage.wake_all();
    }
    let searches = |effect: &Effect| matches!(effect, Effect::Search { .. });
    assert!(!stage.waiting.iter().any(searches));
    stage.press("3");
    assert!(stage.waiting.is_empty(), "{:?}", stage.waiting);
}

#[test]
fn a_group_leads_to_its_traces_within_what_was_asked() {
    let mut stage = Stage::open("traces", (100, 30));
    stage.press("t");
    let text = stage.text();
    assert!(
        text.contains("3 operations of the 5 traces that are loaded"),
        "{text}"
    );
    assert!(text.contains("!2 67%"), "{text}");
    stage.press("y");
    assert!(stage.text().contains("groups have nothing to copy"));
    stage.press("enter");
    let place = "traces?q=root.service%3Agateway+root.name%3A%22POST+%2Fcheckout%22";
    assert_eq!(stage.place(), place);
    stage.press("q t");
    assert!(
        stage.text().contains("GET /catalogue"),
        "t goes back to the traces"
    );
    let mut stage = Stage::open("traces?q=status%3Aerror", (100, 30));
    stage.press("t enter");
    assert!(
        stage
            .place()
            .starts_with("traces?q=%28status%3Aerror%29+root.service")
    );
}

#[test]
fn an_answer_that_comes_too_late_is_dropped() {
    let mut stage = Stage::open("traces", (80, 24));
    stage.send(Message::Act(crate::action::Action::Refresh));
    let old = stage.waiting.iter().find_map(request_of).unwrap();
    stage.send(Message::Act(crate::action::Action::Refresh));
    let before = stage.text();
    stage.send(Message::Answer(
        old,
        Reply::Search(Box::new(found("nothing"))),
    ));
    assert_eq!(stage.text(), before);
}

#[test]
fn a_collector_that_is_gone_is_told_and_comes_back_by_itself() {
    let mut stage = Stage::open("traces", (120, 24));
    stage.send(Message::Act(crate::action::Action::Refresh));
    let asked = stage
        .waiting
        .pop()
        .and_then(|effect| request_of(&effect))
        .unwrap();
    let failure = Failure {
        text: "no collector answers".to_owned(),
        ..Failure::default()
    };
    stage.send(Message::Answer(asked, Reply::Failed(failure)));
    assert!(stage.text().contains("no collector answers"));
    assert!(stage.text().contains("POST /cart"), "the old rows stay");
    stage.wake_all();
    assert!(!stage.text().contains("no collector answers"));
}

#[test]
fn steps_go_in_causal_order_and_the_screen_follows() {
    let mut stage = walk();
    assert_eq!(at(&stage), "POST /checkout");
    stage.press("n n");
    assert_eq!(at(&stage), "reserving 3 items");
    stage.press("n s");
    assert_eq!(at(&stage), "SELECT cart_items", "into the callee");
    stage.press("o");
    assert_eq!(at(&stage), "cart.get", "out, where the caller goes on");
    stage.press("p");
    assert_eq!(at(&stage), "SELECT cart_items");
    assert!(stage.text().contains("event 6/27"));
}

#[test]
fn one_key_leads_to_where_the_error_began_and_u_leads_back() {
    let mut stage = walk();
    stage.press("E");
    assert_eq!(at(&stage), "upstream pool exhausted (8/8)");
    assert!(stage.text().contains("◆ origin"), "{}", stage.text());
    stage.press("e");
    assert_ne!(at(&stage), "upstream pool exhausted (8/8)");
    stage.press("u u");
    assert_eq!(at(&stage), "POST /checkout");
    stage.press("ctrl-r");
    assert_eq!(at(&stage), "upstream pool exhausted (8/8)");
    stage.press("[ e");
    assert!(stage.text().contains("no error came before this"));
}

#[test]
fn a_step_into_a_folded_span_unfolds_it() {
    let mut stage = walk();
    stage.press("n z");
    assert!(!stage.text().contains("pool.acquire"));
    assert!(stage.text().contains("[15 more] !"), "{}", stage.text());
    stage.press("E");
    assert!(stage.text().contains("pool.acquire"));
}

#[test]
fn enter_folds_the_span_around_a_record() {
    let mut stage = walk();
    stage.press("E enter");
    assert_eq!(at(&stage), "POST /authorize");
    assert!(!stage.text().contains("pool.acquire"));
    stage.press("enter");
    assert!(stage.text().contains("pool.acquire"));
}

#[test]
fn lanes_show_calls_and_answers_and_keep_the_cursor() {
    let mut stage = Stage::open(&format!("trace/{TRACE}"), (200, 50));
    stage.press("L");
    let text = stage.text();
    assert!(
        text.lines()
            .any(|line| line.contains("├─") && line.contains("▶ cart.get")),
        "{text}"
    );
    assert!(
        text.lines()
            .any(|line| line.contains("◀─") && line.contains("61.0ms")),
        "{text}"
    );
    assert!(
        !text.contains("45.0ms"),
        "work within a service answers nobody: {text}"
    );
    assert!(
        text.contains("╌▶ order.failed") && !text.contains(" 190ms"),
        "{text}"
    );
    stage.press("E");
    let event = at(&stage);
    stage.press("j k");
    assert_eq!(at(&stage), event, "rows are events");
    stage.press("z");
    assert!(stage.text().contains("there are no folds here"));
    stage.press("L");
    assert_eq!(at(&stage), event);
    assert!(stage.text().contains("├"), "the tree again");
}

#[test]
fn frames_are_walked_by_their_calls_and_zoomed() {
    let mut stage = Stage::open(&format!("trace/{LOOP}"), (120, 40));
    stage.press("F");
    let text = stage.text();
    assert!(text.contains("width is time; 6 frames"), "{text}");
    stage.press("j j");
    assert_eq!(at(&stage), "GET /stock/{id}", "down to the widest call");
    stage.press("left");
    assert_eq!(at(&stage), "SELECT item");
    let text = stage.text();
    assert!(text.contains("!1 ×40 SELECT"), "{text}");
    stage.press("k enter");
    assert_eq!(at(&stage), "load order");
    stage.press("0 F");
    assert!(
        stage.text().contains("×40 SELECT item !1"),
        "the tree again"
    );
}

fn looped() -> Stage {
    Stage::open(&format!("trace/{LOOP}"), (120, 40))
}

#[test]
fn a_loop_is_one_row_that_tells_what_it_comes_to_and_unfolds() {
    let mut stage = looped();
    let text = stage.text();
    assert!(text.contains("×40 SELECT item !1"), "{text}");
    assert!(text.contains("×12 GET /stock/{id}"), "{text}");
    assert!(text.contains("6 of 70 rows"), "{text}");
    stage.press("j j");
    assert!(stage.text().contains("×40 alike"), "{}", stage.text());
    stage.press("j");
    assert!(
        stage.text().contains("×12 alike"),
        "one row down is past all forty"
    );
    stage.press("k enter");
    assert!(stage.text().contains("46 of 70 rows"), "{}", stage.text());
    stage.press("j j enter");
    assert!(
        stage.text().contains("6 of 70 rows"),
        "enter on a call folds its run"
    );
}

#[test]
fn rows_up_and_down_pass_the_heading_of_an_open_run() {
    let mut stage = looped();
    stage.press("j j enter");
    let first = at(&stage);
    stage.press("k");
    assert_eq!(
        (first.as_str(), at(&stage).as_str()),
        ("SELECT item", "load order")
    );
    stage.press("j j");
    assert_eq!(
        stage.place(),
        format!("trace/{LOOP}?span=0000000000000065"),
        "the second call"
    );
}

#[test]
fn an_error_within_a_run_is_one_key_away_and_the_next_sibling_is_past_the_run() {
    let mut stage = looped();
    stage.press("j j }");
    assert_eq!(at(&stage), "GET /stock/{id}");
    stage.press("E");
    assert!(
        stage.place().contains("span=0000000000000082"),
        "{}",
        stage.place()
    );
    stage.press("h h");
    assert_eq!(
        at(&stage),
        "load order",
        "out of the run, then to the caller"
    );
}

#[test]
fn the_time_axis_zooms_to_a_span_and_follows_the_cursor() {
    let mut stage = looped();
    assert!(stage.text().contains("all of the time"));
    stage.press("j Z");
    let text = stage.text();
    assert!(text.contains("996ms of 1m00s from +0ns"), "{text}");
    stage.press("G");
    assert!(stage.text().contains("from +"), "{}", stage.text());
    stage.press("- - - - - - -");
    assert!(stage.text().contains("all of the time"));
    stage.press("0");
    assert!(
        stage.text().contains("all of the time is shown"),
        "why it is off"
    );
}

#[test]
fn the_rows_above_stay_in_sight() {
    let mut stage = Stage::open(&format!("trace/{LOOP}"), (120, 20));
    stage.press("j j enter pgdn pgdn");
    let text = stage.text();
    let rows: Vec<&str> = text.lines().skip(4).take(2).collect();
    assert!(
        rows[0].contains("load order") && rows[1].contains("×40 SELECT"),
        "{text}"
    );
}

#[test]
fn found_places_are_visited_with_n_until_the_search_ends() {
    let mut stage = walk();
    stage.press("/");
    stage.type_text("authorize");
    stage.press("enter");
    assert!(stage.text().contains("match 1/2"), "{}", stage.text());
    stage.press("n");
    assert!(stage.text().contains("match 2/2"));
    stage.press("N N");
    assert!(stage.text().contains("match 2/2"), "around the start");
    stage.press("esc");
    let event = at(&stage);
    stage.press("n");
    assert!(!stage.text().contains("match"));
    assert_ne!(at(&stage), event);
}

#[test]
fn the_log_level_hides_records_and_steps_pass_over_them() {
    let mut stage = walk();
    stage.press("l l l l");
    let text = stage.text();
    assert!(text.contains("logs from error") && !text.contains("reserving 3 items"));
    stage.press("n n");
    assert_eq!(at(&stage), "cart.get");
    stage.press("l l");
    assert!(stage.text().contains("reserving 3 items"));
}

#[test]
fn a_log_record_leads_to_its_moment_in_the_walk() {
    let mut stage = Stage::open("logs", (80, 24));
    stage.press("j enter");
    assert_eq!(at(&stage), "upstream pool exhausted (8/8)");
}

#[test]
fn a_service_leads_to_its_traces() {
    let mut stage = Stage::open("services", (80, 24));
    stage.press("j enter");
    assert_eq!(stage.place(), "traces?q=service%3Acart");
}

#[test]
fn a_palette_entry_does_what_its_key_does() {
    let mut stage = walk();
    stage.press(":");
    stage.type_text("walk.origin");
    stage.press("enter");
    assert_eq!(at(&stage), "upstream pool exhausted (8/8)");
}

#[test]
fn a_link_that_is_copied_leads_to_the_same_event_when_pasted() {
    let mut stage = walk();
    stage.press("E");
    let (place, event) = (stage.place(), at(&stage));
    stage.press("y p");
    assert_eq!(stage.copied, [format!("spanwalk --place '{place}'")]);
    let mut other = Stage::open("traces", (120, 40));
    other.send(Message::Paste(stage.copied[0].clone()));
    other.answer_all();
    assert_eq!(at(&other), event);
}

#[test]
fn what_is_copied_is_safe_to_paste_into_a_shell() {
    let mut stage = walk();
    stage.press("E y y");
    assert!(stage.copied[0].contains("upstream pool exhausted (8/8)\n  thread.id: 7"));
    stage.press("y s");
    assert_eq!(stage.copied[1], "0000000000000007");
}
