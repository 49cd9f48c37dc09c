//! Secrets planted everywhere, and texts that only look like them.

use spanwalk_model::{
    Event, KeyValue, Link, LogRecord, Resource, ResourceItems, Scope, ScopeItems, Span, SpanId,
    TraceId, Value,
};

use super::{Hidden, RedactionOptions, Redactor, text};

const SECRET: &str = "hunter2-planted";

fn one<T>(item: T) -> Vec<ResourceItems<T>> {
    let mut resource = Resource::default();
    resource.attributes.push("deployment.api_key", SECRET);
    let mut scope = Scope::default();
    scope.attributes.push("scope.token", SECRET);
    vec![ResourceItems {
        resource: resource.into(),
        scopes: vec![ScopeItems {
            scope: scope.into(),
            items: vec![item],
        }],
    }]
}

fn span() -> Span {
    Span::new(TraceId::MAX, SpanId::MAX)
}

fn cleaned(text: &str) -> (String, Hidden) {
    let redactor = Redactor::new(&RedactionOptions::default());
    let mut text = text.to_owned();
    let mut hidden = Hidden::default();
    text::hide(redactor.rules.as_ref().unwrap(), &mut text, &mut hidden);
    (text, hidden)
}

#[test]
fn a_secret_is_hidden_wherever_it_was_put() {
    let mut planted = span();
    planted.name = format!("GET /x?token={SECRET}");
    planted.status.message = format!("login failed: password={SECRET}");
    planted.attributes.push("db.password", SECRET);
    planted.attributes.push(
        "url.full",
        format!("https://u:{SECRET}@host/x?api_key={SECRET}&a=b"),
    );
    let list = Value::Array(vec![Value::from(SECRET)]);
    planted
        .attributes
        .push("http.request.header.authorization", list);
    let cookie = KeyValue {
        key: "Set-Cookie".to_owned(),
        value: Value::from(SECRET),
    };
    let map = Value::Map(vec![cookie].into());
    planted.attributes.push("headers", Value::Array(vec![map]));
    planted
        .attributes
        .push("client_secret", Value::Bytes(SECRET.as_bytes().to_vec()));
    let mut event = Event::default();
    event.attributes.push("note", format!("secret={SECRET};x"));
    planted.events.push(event);
    let mut link = Link {
        trace_id: TraceId::MAX,
        span_id: SpanId::MAX,
        trace_state: String::new(),
        flags: 0,
        attributes: spanwalk_model::Attributes::new(),
        dropped_attributes_count: 0,
    };
    link.attributes.push("jwt", SECRET);
    planted.links.push(link);
    let record = LogRecord {
        body: Some(Value::String(format!(
            r#"sent {{"user":"x","password":"{SECRET}"}} Authorization: Bearer {SECRET}"#
        ))),
        ..LogRecord::default()
    };

    let redactor = Redactor::new(&RedactionOptions::default());
    let (mut spans, mut logs) = (one(planted), one(record));
    let hidden = redactor.spans(&mut spans);
    assert_eq!(hidden.counts().map(|(_, count)| count), [7, 0, 1, 4]);
    assert!(!redactor.logs(&mut logs).is_empty());
    let kept = format!("{spans:?} {logs:?}");
    assert!(!kept.contains(SECRET), "{kept}");
    assert!(kept.contains("https://[redacted]@host/x?api_key=[redacted]&a=b"));
    // What was hidden is hidden once.
    assert!(redactor.spans(&mut spans).is_empty());
    assert!(redactor.logs(&mut logs).is_empty());
}

#[test]
fn texts_without_a_secret_stay_as_they_are() {
    for text in [
        "",
        "GET /api/v1/products/{id}",
        "https://example.com/a?page=2&author=me",
        "unexpected token: } at line 3",
        "SELECT * FROM t WHERE id = $1",
        "at 12:30:01 a:b:c ==",
        "mail a@b.example",
        "http://host/@user",
        "token=",
        "password: ",
        "ünïcode = ä: ö=://",
        "://@",
        "max_tokens=5",
    ] {
        assert_eq!(cleaned(text), (text.to_owned(), Hidden::default()));
    }
}

#[test]
fn secrets_within_texts_are_found_in_every_form() {
    for (text, expected) in [
        ("postgres://shop:p@ss@db/x", "postgres://[redacted]@db/x"),
        (
            "see https://tok@a.example and https://tok@b.example",
            "see https://[redacted]@a.example and https://[redacted]@b.example",
        ),
        (
            "?X-Amz-Signature=ab12&x=1",
            "?X-Amz-Signature=[redacted]&x=1",
        ),
        (
            "https://a/?sig=ab%2F#frag",
            "https://a/?sig=[redacted]#frag",
        ),
        ("password = 'a b' next", "password = '[redacted]' next"),
        (
            r#"{\"access_token\":\"abc\"}"#,
            r#"{\"access_token\":\"[redacted]\"}"#,
        ),
        (
            "Server=x;Password=abc;Db=y",
            "Server=x;Password=[redacted];Db=y",
        ),
        (
            "authorization: basic abc==, next",
            "authorization: [redacted], next",
        ),
        ("ä password=ö ü", "ä password=[redacted] ü"),
    ] {
        assert_eq!(cleaned(text).0, expected, "{text}");
    }
}

#[test]
fn numbers_behind_such_keys_are_kept() {
    let mut counted = span();
    counted.attributes.push("lexer.token", 7i64);
    counted.attributes.push("has.password", true);
    let mut spans = one(counted.clone());
    Redactor::new(&RedactionOptions::default()).spans(&mut spans);
    assert_eq!(spans[0].scopes[0].items[0], counted);
}

#[test]
fn options_add_keys_keep_keys_and_mark_equal_values() {
    let options = RedactionOptions {
        hide: vec!["card.*".to_owned()],
        keep: vec!["page.token".to_owned()],
        digest_key: Some(b"key".to_vec()),
        ..RedactionOptions::default()
    };
    let mut given = span();
    given.attributes.push("card.number", SECRET);
    given.attributes.push("page.token", "next");
    given.attributes.push("password", SECRET);
    let mut spans = one(given);
    let hidden = Redactor::new(&options).spans(&mut spans);
    assert_eq!(hidden.counts()[1], ("named_key", 1));
    let attributes = &spans[0].scopes[0].items[0].attributes;
    assert_eq!(attributes.get_str("page.token"), Some("next"));
    assert_eq!(attributes.get("card.number"), attributes.get("password"));
    assert!(!format!("{options:?}").contains("107, 101, 121"));
}

#[test]
fn nothing_is_hidden_where_that_is_wanted() {
    let off = RedactionOptions {
        is_on: false,
        ..RedactionOptions::default()
    };
    let mut given = span();
    given.attributes.push("password", SECRET);
    let mut spans = one(given);
    assert!(Redactor::new(&off).spans(&mut spans).is_empty());
    assert!(format!("{spans:?}").contains(SECRET));
}

proptest::proptest! {
    #[test]
    fn any_text_is_cleaned_and_then_clean(text in r#"[ -~äö]{0,40}(password|token|://)[=:@/ "'\\a-zä&]{0,20}"#) {
        let (once, _) = cleaned(&text);
        let (twice, hidden) = cleaned(&once);
        proptest::prop_assert_eq!(&once, &twice);
        proptest::prop_assert!(hidden.is_empty());
    }
}
