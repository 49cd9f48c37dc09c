//! The formats of context, case by case as their specifications have them.

#![expect(clippy::string_slice, reason = "the texts are ASCII")]

use ::http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::Context;
use opentelemetry::baggage::BaggageExt;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::TraceContextExt;
use proptest::prelude::*;

use super::Format;
use crate::http::headers::{Received, Sent};

const TRACE: &str = "12345678901234567890123456789012";
const SPAN: &str = "1234567890123456";

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        let name = HeaderName::try_from(*name).unwrap();
        headers.append(name, HeaderValue::try_from(*value).unwrap());
    }
    headers
}

fn extract(formats: &[Format], pairs: &[(&str, &str)]) -> Context {
    super::composite(formats).extract_with_context(&Context::new(), &Received(&headers(pairs)))
}

fn inject(formats: &[Format], context: &Context) -> HeaderMap {
    let mut headers = HeaderMap::new();
    super::composite(formats).inject_context(context, &mut Sent(&mut headers));
    headers
}

fn injected(formats: &[Format], context: &Context, name: &str) -> Option<String> {
    let headers = inject(formats, context);
    headers.get(name).map(|it| it.to_str().unwrap().to_owned())
}

/// Trace id, span id and whether it is sampled, if there is a context.
fn ids(context: &Context) -> Option<(String, String, bool)> {
    let span = context.span();
    let span = span.span_context();
    let ids = (
        span.trace_id().to_string(),
        span.span_id().to_string(),
        span.is_sampled(),
    );
    span.is_valid().then_some(ids)
}

fn traceparent(value: &str) -> Context {
    extract(&[Format::TraceContext], &[("traceparent", value)])
}

fn plain(flags: &str) -> String {
    format!("00-{TRACE}-{SPAN}-{flags}")
}

#[test]
fn a_valid_traceparent_is_continued() {
    for (value, sampled) in [
        (plain("01"), true),
        (plain("00"), false),
        (plain("02"), false),
        (plain("ff"), true),
        (format!("cc-{TRACE}-{SPAN}-01"), true),
        (
            format!("cc-{TRACE}-{SPAN}-01-what-the-future-will-be-like"),
            true,
        ),
        (format!(" {}", plain("01")), true),
        (format!("\t{} \t", plain("01")), true),
    ] {
        let expected = Some((TRACE.to_owned(), SPAN.to_owned(), sampled));
        assert_eq!(ids(&traceparent(&value)), expected, "{value}");
    }
}

#[test]
fn an_invalid_traceparent_begins_a_new_trace() {
    for value in [
        String::new(),
        "x".to_owned(),
        format!("ff-{TRACE}-{SPAN}-01"),
        format!("00-{TRACE}-{SPAN}-01."),
        format!("00-{TRACE}-{SPAN}-01-what-the-future-will-be-like"),
        format!("cc-{TRACE}-{SPAN}-01.what-the-future-will-be-like"),
        format!(".0-{TRACE}-{SPAN}-01"),
        format!("0.-{TRACE}-{SPAN}-01"),
        format!("000-{TRACE}-{SPAN}-01"),
        format!("0000-{TRACE}-{SPAN}-01"),
        format!("0-{TRACE}-{SPAN}-01"),
        format!("00-{}-{SPAN}-01", "0".repeat(32)),
        format!("00-.{}-{SPAN}-01", &TRACE[1..]),
        format!("00-{}.-{SPAN}-01", &TRACE[1..]),
        format!("00-{TRACE}3-{SPAN}-01"),
        format!("00-{}-{SPAN}-01", &TRACE[1..]),
        format!("00-{}-{SPAN}-01", "ABCDEFAB".repeat(4)),
        format!("00-{TRACE}-{}-01", "0".repeat(16)),
        format!("00-{TRACE}-.{}-01", &SPAN[1..]),
        format!("00-{TRACE}-{SPAN}7-01"),
        format!("00-{TRACE}-{}-01", &SPAN[1..]),
        format!("00-{TRACE}-{SPAN}-.0"),
        format!("00-{TRACE}-{SPAN}-0."),
        format!("00-{TRACE}-{SPAN}-001"),
        format!("00-{TRACE}-{SPAN}-1"),
        format!("00-{TRACE}-{SPAN}-0A"),
        format!("00_{TRACE}_{SPAN}_01"),
        format!("+0-{TRACE}-{SPAN}-01"),
        format!("00-+{}-{SPAN}-01", &TRACE[1..]),
    ] {
        assert_eq!(ids(&traceparent(&value)), None, "{value}");
    }
}

#[test]
fn two_of_one_header_are_none() {
    let other = format!("00-{}1-{SPAN}-01", &TRACE[1..]);
    let both = [("traceparent", plain("01")), ("traceparent", other)];
    let both: Vec<_> = both.iter().map(|it| (it.0, it.1.as_str())).collect();
    assert_eq!(ids(&extract(&[Format::TraceContext], &both)), None);
    let unreadable = HeaderValue::from_bytes(b"\xff").unwrap();
    let mut headers = headers(&[("traceparent", &plain("01"))]);
    headers.append("traceparent", unreadable);
    let context = super::composite(&[Format::TraceContext])
        .extract_with_context(&Context::new(), &Received(&headers));
    assert_eq!(ids(&context), None);
}

#[test]
fn flags_that_nobody_knows_are_not_passed_on_and_random_is() {
    for (received, sent) in [
        ("00", "00"),
        ("01", "01"),
        ("02", "02"),
        ("03", "03"),
        ("ff", "03"),
        ("fc", "00"),
    ] {
        let context = traceparent(&plain(received));
        let value = injected(&[Format::TraceContext], &context, "traceparent");
        assert_eq!(value, Some(plain(sent)), "{received}");
    }
}

#[test]
fn a_trace_that_begins_here_says_that_its_id_is_random() {
    // Its parts are those of another trace that was received before: they say nothing of this one.
    let elsewhere = traceparent(&plain("00"));
    let span = traceparent(&format!("00-{}1-{SPAN}-01", &TRACE[1..]));
    let context = elsewhere.with_remote_span_context(span.span().span_context().clone());
    let value = injected(&[Format::TraceContext], &context, "traceparent").unwrap();
    assert!(value.ends_with("-03"), "{value}");
}

fn state(values: &[&str]) -> String {
    let parent = plain("00");
    let mut pairs = vec![("traceparent", parent.as_str())];
    pairs.extend(values.iter().map(|it| ("tracestate", *it)));
    let context = extract(&[Format::TraceContext], &pairs);
    assert!(
        ids(&context).is_some(),
        "a bad tracestate spoils no traceparent: {values:?}"
    );
    injected(&[Format::TraceContext], &context, "tracestate").unwrap_or_default()
}

fn members(count: usize) -> String {
    let members: Vec<_> = (0..count).map(|it| format!("k{it}={it}")).collect();
    members.join(",")
}

#[test]
fn a_valid_tracestate_is_passed_on_in_order() {
    let (low, high) = (0x20..=0x2b_u8, 0x2d..=0x3c_u8);
    let value: String = low.chain(high).chain(0x3e..=0x7e).map(char::from).collect();
    let all = format!("abcdefghijklmnopqrstuvwxyz0123456789_-*/@a-z0-9_-*/={value}");
    let long = "z".repeat(256);
    for (sent, passed) in [
        (vec!["foo=1,bar=2"], "foo=1,bar=2"),
        (vec!["foo=1 \t , \t bar=2, \t baz=3"], "foo=1,bar=2,baz=3"),
        (vec!["\t foo=1 \t"], "foo=1"),
        (
            vec!["foo=1,bar=2", "rojo=1,congo=2", "baz=3"],
            "foo=1,bar=2,rojo=1,congo=2,baz=3",
        ),
        (vec!["foo=1", ""], "foo=1"),
        (vec!["", "foo=1"], "foo=1"),
        (vec!["foo=1,,bar=2,"], "foo=1,bar=2"),
        (vec![""], ""),
        (vec!["1a=1"], "1a=1"),
        (vec![all.as_str()], all.as_str()),
        (vec![&members(32)], &members(32)),
        (vec![&format!("{long}=1")], &format!("{long}=1")),
        (vec![&format!("k={long}")], &format!("k={long}")),
        (
            vec![&format!("{}@{}=1", &long[..241], &long[..14])],
            &format!("{}@{}=1", &long[..241], &long[..14]),
        ),
    ] {
        assert_eq!(state(&sent), passed, "{sent:?}");
    }
}

#[test]
fn an_invalid_tracestate_is_dropped_whole() {
    let long = "z".repeat(257);
    for sent in [
        "foo =1",
        "FOO=1",
        "foo.bar=1",
        "foo@=1,bar=2",
        "@foo=1,bar=2",
        "foo@@bar=1,bar=2",
        "foo@bar@baz=1,bar=2",
        "foo=bar=baz",
        "foo=,bar=3",
        "foo",
        "foo=\u{7f}",
        "_a=1",
        &members(33),
        &format!("{long}=1"),
        &format!("k={long}"),
        &format!("{}@v=1", &long[..242]),
        &format!("t@{}=1", &long[..15]),
    ] {
        let sent = sent.replace('\u{7f}', "é");
        assert_eq!(state(&[&sent]), "", "{sent}");
    }
}

fn baggage(values: &[&str]) -> Vec<(String, String)> {
    let pairs: Vec<_> = values.iter().map(|it| ("baggage", *it)).collect();
    let context = extract(&[Format::Baggage], &pairs);
    let mut found: Vec<_> = context
        .baggage()
        .iter()
        .map(|(key, (value, _))| (key.to_string(), value.to_string()))
        .collect();
    found.sort();
    found
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|it| (it.0.to_owned(), it.1.to_owned()))
        .collect()
}

#[test]
fn baggage_is_decoded_and_its_bad_members_are_left_out() {
    for (sent, found) in [
        (vec!["a=1"], pairs(&[("a", "1")])),
        (
            vec!["a=1,b=2", "c=3"],
            pairs(&[("a", "1"), ("b", "2"), ("c", "3")]),
        ),
        (
            vec![" a = 1 ;meta=x;y , b=2"],
            pairs(&[("a", "1"), ("b", "2")]),
        ),
        (vec!["a=%20%C3%A9%2C"], pairs(&[("a", " é,")])),
        (vec!["a=%ff"], pairs(&[("a", "\u{fffd}")])),
        (vec!["a=50%"], pairs(&[("a", "50%")])),
        (vec!["a=b=c"], pairs(&[("a", "b=c")])),
        (
            vec!["a=1,no pair,=3,b c=4,d="],
            pairs(&[("a", "1"), ("d", "")]),
        ),
        (vec![""], vec![]),
    ] {
        assert_eq!(baggage(&sent), found, "{sent:?}");
    }
}

#[test]
fn baggage_is_passed_on_whole_or_not_at_all() {
    assert_eq!(baggage(&[&members(64)]).len(), 64);
    assert_eq!(baggage(&[&members(65)]), []);
    assert_eq!(
        baggage(&[&members(40), &members(25)]),
        [],
        "the limit is over all headers"
    );
    let long = |bytes: usize| format!("k={}", "v".repeat(bytes - 2));
    assert_eq!(baggage(&[&long(8192)]).len(), 1);
    assert_eq!(baggage(&[&long(8193)]), []);
    assert_eq!(
        baggage(&[&long(8000), &long(192)]),
        [],
        "the comma between counts"
    );
    // What grows over the limit when it is encoded is not sent.
    let context =
        Context::new().with_baggage([opentelemetry::KeyValue::new("k", " ".repeat(8000))]);
    assert_eq!(injected(&[Format::Baggage], &context, "baggage"), None);
}

#[test]
fn baggage_comes_out_as_it_went_in() {
    let sent = "k=%20%22%25%2C%3B%5C%C3%A9;meta=1";
    let context = extract(&[Format::Baggage], &[("baggage", sent)]);
    assert_eq!(
        injected(&[Format::Baggage], &context, "baggage").as_deref(),
        Some(sent)
    );
}

#[test]
fn b3_is_read_in_both_forms() {
    let long = format!("{TRACE}-{SPAN}");
    let padded = format!("{}{SPAN}", "0".repeat(16));
    let single = |value: &str| ids(&extract(&[Format::B3], &[("b3", value)]));
    let found = |trace: &str, sampled| Some((trace.to_owned(), SPAN.to_owned(), sampled));
    for (value, expected) in [
        (long.clone(), found(TRACE, true)),
        (format!("{long}-1"), found(TRACE, true)),
        (format!("{long}-0"), found(TRACE, false)),
        (format!("{long}-d"), found(TRACE, true)),
        (format!("{long}-1-{SPAN}"), found(TRACE, true)),
        (format!("{SPAN}-{SPAN}-1"), found(&padded, true)),
        ("0".to_owned(), None),
        ("1".to_owned(), None),
        (format!("{long}-x"), None),
        (format!("{long}-1-2"), None),
        (format!("{long}-1-{SPAN}-1"), None),
        (format!("{}-{SPAN}", "0".repeat(32)), None),
        (format!("{TRACE}-{}", "0".repeat(16)), None),
        (format!("{}-{SPAN}", &TRACE[1..]), None),
    ] {
        assert_eq!(single(&value), expected, "{value}");
    }
    let multi = |more: &[(&str, &str)]| {
        let mut all = vec![("x-b3-traceid", TRACE), ("x-b3-spanid", SPAN)];
        all.extend(more);
        ids(&extract(&[Format::B3Multi], &all))
    };
    assert_eq!(multi(&[]), found(TRACE, true));
    assert_eq!(multi(&[("x-b3-sampled", "0")]), found(TRACE, false));
    assert_eq!(
        multi(&[("x-b3-sampled", "0"), ("x-b3-flags", "1")]),
        found(TRACE, true)
    );
    assert_eq!(multi(&[("x-b3-sampled", "perhaps")]), None);
    assert_eq!(
        multi(&[("b3", &format!("{SPAN}-{SPAN}-0"))]),
        found(&padded, false),
        "the single form wins"
    );
}

#[test]
fn b3_is_written_in_the_form_that_was_asked_for() {
    let context = extract(&[Format::B3], &[("b3", &format!("{TRACE}-{SPAN}-0"))]);
    assert_eq!(
        injected(&[Format::B3], &context, "b3"),
        Some(format!("{TRACE}-{SPAN}-0"))
    );
    let debug = extract(&[Format::B3], &[("b3", &format!("{TRACE}-{SPAN}-d"))]);
    assert_eq!(
        injected(&[Format::B3], &debug, "b3"),
        Some(format!("{TRACE}-{SPAN}-d"))
    );
    let headers = inject(&[Format::B3Multi], &debug);
    assert_eq!(headers.len(), 3, "{headers:?}");
    assert_eq!(headers["x-b3-flags"], "1");
    let headers = inject(&[Format::B3Multi], &context);
    assert_eq!(
        (headers.len(), &headers["x-b3-sampled"]),
        (3, &HeaderValue::from_static("0"))
    );
}

#[test]
fn jaegers_headers_are_read_and_written() {
    let of = |value: &str| ids(&extract(&[Format::Jaeger], &[("uber-trace-id", value)]));
    let found = |sampled| Some((TRACE.to_owned(), SPAN.to_owned(), sampled));
    for (value, expected) in [
        (format!("{TRACE}:{SPAN}:0:1"), found(true)),
        (format!("{TRACE}:{SPAN}:0:0"), found(false)),
        (format!("{TRACE}:{SPAN}:0:2"), found(true)),
        (format!("{TRACE}%3A{SPAN}%3A0%3A1"), found(true)),
        (
            "ab:c:0:01".to_owned(),
            Some((format!("{:0>32}", "ab"), format!("{:0>16}", "c"), true)),
        ),
        ("0:1:0:1".to_owned(), None),
        ("1:0:0:1".to_owned(), None),
        ("1:1:0".to_owned(), None),
        ("1:1:0:1:1".to_owned(), None),
        ("%zz:1:0:1".to_owned(), None),
        (format!("1{TRACE}:1:0:1"), None),
    ] {
        assert_eq!(of(&value), expected, "{value}");
    }
    let sent = [
        ("uber-trace-id", format!("{TRACE}:{SPAN}:0:3")),
        ("uberctx-user", "a%20b".to_owned()),
    ];
    let sent: Vec<_> = sent.iter().map(|it| (it.0, it.1.as_str())).collect();
    let context = extract(&[Format::Jaeger], &sent);
    assert_eq!(context.baggage().get("user").unwrap().as_str(), "a b");
    assert_eq!(inject(&[Format::Jaeger], &context), headers(&sent));
}

#[test]
fn xray_is_read_and_written() {
    let root = format!("Root=1-{}-{}", &TRACE[..8], &TRACE[8..]);
    let of = |value: &str| ids(&extract(&[Format::XRay], &[("x-amzn-trace-id", value)]));
    let found = |sampled| Some((TRACE.to_owned(), SPAN.to_owned(), sampled));
    for (value, expected) in [
        (format!("{root};Parent={SPAN};Sampled=1"), found(true)),
        (
            format!("Sampled=0; Parent={SPAN}; {root};Lineage=a:1"),
            found(false),
        ),
        (format!("{root};Parent={SPAN}"), found(true)),
        (format!("{root};Parent={SPAN};Sampled=?"), found(true)),
        (format!("{root};Parent={SPAN};Sampled=7"), None),
        (root.clone(), None),
        (format!("{root}0;Parent={SPAN}"), None),
        (
            format!("Root=2-{}-{};Parent={SPAN}", &TRACE[..8], &TRACE[8..]),
            None,
        ),
        (format!("{root};Parent"), None),
    ] {
        assert_eq!(of(&value), expected, "{value}");
    }
    let context = traceparent(&plain("01"));
    let sent = injected(&[Format::XRay], &context, "x-amzn-trace-id");
    assert_eq!(sent, Some(format!("{root};Parent={SPAN};Sampled=1")));
}

#[test]
fn a_later_format_that_can_be_read_wins() {
    let formats = [Format::TraceContext, Format::B3];
    let (w3c, b3) = (plain("01"), format!("{SPAN}-{SPAN}-1"));
    let both = extract(&formats, &[("traceparent", &w3c), ("b3", &b3)]);
    assert!(ids(&both).unwrap().0.ends_with(SPAN));
    let broken = extract(&formats, &[("traceparent", &w3c), ("b3", "broken")]);
    assert_eq!(ids(&broken).unwrap().0, TRACE);
}

proptest! {
    #[test]
    fn no_header_is_bad_enough_to_fail(values in prop::collection::vec("\\PC{0,80}|[0-9a-f:;=,%\\-@ ]{0,90}", 1..4)) {
        let names = ["traceparent", "tracestate", "baggage", "b3", "x-b3-traceid", "x-b3-spanid",
            "uber-trace-id", "uberctx-a", "x-amzn-trace-id"];
        let formats = [Format::TraceContext, Format::Baggage, Format::B3, Format::B3Multi,
            Format::Jaeger, Format::XRay];
        let mut headers = HeaderMap::new();
        for value in &values {
            let bytes: Vec<u8> = value.bytes().filter(|it| *it >= 0x20 && *it != 0x7f).collect();
            for name in names {
                headers.append(name, HeaderValue::from_bytes(&bytes).unwrap());
            }
        }
        let context = super::composite(&formats).extract_with_context(&Context::new(), &Received(&headers));
        inject(&formats, &context);
    }
}
