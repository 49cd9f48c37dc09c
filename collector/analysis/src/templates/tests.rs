//! What varies is masked, what is said stays, and ids do not depend on order.

use proptest::prelude::*;

use super::mask::LINE_BYTES_MAX;
use super::*;

fn check(line: &str, expected: &str) {
    assert_eq!(template_of(line), expected, "of {line:?}");
}

#[test]
fn numbers_ids_times_and_addresses_vary() {
    check("took 12ms", "took <*>");
    check("used 3.5 GB of 100%", "used <*> GB of <*>");
    check("offset -17, next +4", "offset <*>, next <*>");
    check("at 2020-01-02T03:04:05.678Z.", "at <*>.");
    check("16:42:22.382 INFO ready", "<*> INFO ready");
    check(
        "from 10.0.0.1:8080 to [fe80::1]:9",
        "from <*> to [fe<*>::<*>]:<*>",
    );
    check("id f3d4d4ef-693b-4456-8eed-59c0d717dd08", "id <*>");
    check("trace ffc8ca7e4c8f06c75142c880d5595d96", "trace <*>");
    check("at 0x7ffe12 by root@host.example.com", "at <*> by <*>");
    check("GET https://example.com/a/b?c=d", "GET <*>=<*>");
    check("open /var/lib/data/x.log: denied", "open <*>: denied");
    check("node-12 and node7 use k8s", "node-<*> and node<*> use k8s");
    check("Impl#532 read", "Impl#<*> read");
}

#[test]
fn names_keep_their_paths() {
    let check = |name: &str, expected: &str| assert_eq!(name_template_of(name), expected);
    check("GET /cart/17/items", "GET /cart/<*>/items");
    check("GET /a/f3d4d4ef-beef-4456-8eed-59c0d717dd08", "GET /a/<*>");
    check(
        "Travel2Controller.get /api/v2/x",
        "Travel2Controller.get /api/v2/x",
    );
    check("job a1b2c3d4zz of worker12", "job <*> of worker<*>");
    check("https://host/a/b?id=7", "https://host/a/b?id=<*>");
    check(
        "SELECT * FROM t WHERE id = 7",
        "SELECT * FROM t WHERE id = <*>",
    );
}

#[test]
fn quoted_text_and_values_vary_with_their_brackets() {
    check("user 'jane' said \"no, never\"", "user '<*>' said \"<*>\"");
    check("don't stop, it's on", "don't stop, it's on");
    check("id=5 name=jane", "id=<*> name=<*>");
    check(
        "Route(id=1, stations=[a, b], end=c)",
        "Route(id=<*>, stations=<*>, end=<*>)",
    );
    check(
        "got Order{id=7} from=X(y=[1, 2])",
        "got Order{id=<*>} from=<*>",
    );
    check("{\"a\": 1, \"b\": {\"c\": [2]}}", "{\"a\":<*>, \"b\":<*>}");
    check("to=New York, from=Los Angeles)", "to=<*>, from=<*>)");
    check("a == b => c", "a == b => c");
    check("list 1, 2, 3 done", "list <*> done");
    check("[get][by id][7] [x]", "[get][by id][<*>] [x]");
    check("broken (a=[1, 2", "broken (a=[<*>, <*>");
}

#[test]
fn levels_and_verdicts_stay() {
    check("status=ok code=7", "status=ok code=<*>");
    check("result=FAILED", "result=FAILED");
    let (templates, slots) = Templates::of([
        "INFO job ran on one host and went well",
        "ERROR job ran on one host and went well",
    ]);
    assert_ne!(
        templates.of_slot(slots[0]).unwrap().id,
        templates.of_slot(slots[1]).unwrap().id
    );
}

#[test]
fn lines_that_share_most_words_have_one_template() {
    let (templates, slots) = Templates::of([
        "session opened for user alice by the door",
        "session opened for user bob by the door",
        "disk is full",
    ]);
    let text = |slot: usize| templates.of_slot(slots[slot]).unwrap().text.as_str();
    assert_eq!(text(0), "session opened for user <*> by the door");
    assert_eq!(text(0), text(1));
    assert_eq!(text(2), "disk is full");
    let counts: Vec<_> = templates
        .templates()
        .iter()
        .map(|one| one.line_count)
        .collect();
    assert_eq!(counts, [1, 2]);
    let other = templates.of_line("session opened for user carol by the door");
    assert_eq!(other.unwrap().text, text(0));
    assert_eq!(templates.of_line("something else entirely"), None);
}

#[test]
fn one_word_with_many_values_is_a_parameter_and_with_few_it_is_not() {
    let many: Vec<String> = ('a'..='h').map(|name| format!("closed {name}")).collect();
    let (templates, _) = Templates::of(many.iter().map(String::as_str));
    let texts: Vec<_> = templates.templates().iter().map(|one| &one.text).collect();
    assert_eq!(texts, ["closed <*>"]);
    let (templates, _) = Templates::of(["cache hit", "cache miss"]);
    assert_eq!(templates.templates().len(), 2);
}

#[test]
fn an_id_is_the_hash_of_the_text() {
    let (templates, slots) = Templates::of(["disk is full"]);
    assert_eq!(
        templates.of_slot(slots[0]).unwrap().id,
        template_id("disk is full")
    );
    assert_eq!(template_id(""), 0xcbf2_9ce4_8422_2325);
    assert_eq!(template_id("a"), 0xaf63_dc4c_8601_ec8c);
}

#[test]
fn long_lines_and_odd_text_are_read_to_their_limit() {
    check("", "");
    check(" \t ", "");
    check("größe 7 µs ≥ 3", "größe <*> µs ≥ <*>");
    for odd in ["=[", "\"", "'a", "=((((", "é=é", "<*>", "a=\"b"] {
        let long = odd.repeat(20_000);
        assert!(template_of(&long).len() <= 4 * LINE_BYTES_MAX);
    }
}

proptest! {
    #[test]
    fn any_text_has_a_template_without_digits_that_stand_alone(line in "\\PC{0,80}") {
        let template = template_of(&line);
        prop_assert!(!template.contains("  "));
        let is_number = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
        prop_assert!(!template.split(' ').any(is_number), "{}", template);
    }

    #[test]
    fn the_order_of_lines_changes_neither_templates_nor_ids(
        lines in prop::collection::vec("(get|put|end) [a-c]{1,2} (x|y|[0-9]{2}) (to|of) [a-z]", 1..60)
            .prop_flat_map(|lines| (Just(lines.clone()), Just(lines).prop_shuffle()))
    ) {
        let (one, of_one) = Templates::of(lines.0.iter().map(String::as_str));
        let (other, of_other) = Templates::of(lines.1.iter().map(String::as_str));
        prop_assert_eq!(one.templates(), other.templates());
        for (line, slot) in lines.0.iter().zip(of_one) {
            let there = lines.1.iter().position(|one| one == line).unwrap();
            prop_assert_eq!(one.of_slot(slot), other.of_slot(of_other[there]));
        }
        let total: u64 = one.templates().iter().map(|one| one.line_count).sum();
        prop_assert_eq!(total, lines.0.len() as u64);
    }
}
