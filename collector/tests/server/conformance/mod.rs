//! The rules of OTLP for a server, item by item, each over every transport that it is about.
//!
//! The table below is the list. From each line comes a test of its own, and all lines together
//! make `docs/otlp.md`, which a test compares with what it finds when it runs them.
//!
//! - `world`, `answer`: a collector, a sender, and what the sender is told.
//! - `transport`, `sizes`, `success`, `failures`, `json`, `data`: the items.
//! - `page`: the table for people.

mod answer;
mod data;
mod failures;
mod json;
mod page;
mod sizes;
mod success;
mod transport;
mod world;

use std::future::Future;
use std::io::Write;
use std::pin::Pin;

use world::Transport;
use world::Transport::{Grpc, Json, Protobuf};

/// A rule, and how it is tried.
struct Item {
    number: u8,
    rule: &'static str,
    /// What it is about; the others have no such thing.
    transports: &'static [Transport],
    check: fn(Transport) -> Pin<Box<dyn Future<Output = ()> + Send>>,
}

const ALL: &[Transport] = &Transport::ALL;
const HTTP: &[Transport] = &[Protobuf, Json];
const GRPC: &[Transport] = &[Grpc];
const IN_JSON: &[Transport] = &[Json];

/// A test per line, and the list of all.
macro_rules! items {
    ($($number:literal $name:ident $transports:ident $room:ident::$check:ident $rule:literal;)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                for transport in $transports {
                    $room::$check(*transport).await;
                }
            }
        )*

        const ITEMS: &[Item] = &[
            $(Item {
                number: $number,
                rule: $rule,
                transports: $transports,
                check: |transport| Box::pin($room::$check(transport)),
            },)*
        ];
    };
}

items! {
    1 item_01_encodings ALL transport::item_01 "bodies plain or in gzip are taken, and in zstd beyond what is asked";
    2 item_02_ports_and_paths ALL transport::item_02 "ports 4317 and 4318, and the paths of all signals";
    3 item_03_only_post ALL transport::item_03 "other methods than POST: 405 with `Allow`";
    4 item_04_services GRPC transport::item_04 "the services of all four signals; others are UNIMPLEMENTED";
    5 item_05_versions_of_http HTTP transport::item_05 "HTTP/1.1, and HTTP/2 without an upgrade";
    6 item_06_one_port HTTP transport::item_06 "binary and JSON at one port, told apart by `Content-Type`";
    7 item_07_content_types ALL transport::item_07 "case and parameters of `Content-Type` do not count";
    8 item_08_unknown_content_types HTTP transport::item_08 "another `Content-Type`, or none: 415 with a `Status`";
    9 item_09_answers_in_kind ALL transport::item_09 "success and failure come in the type of the request";
    10 item_10_keep_alive ALL transport::item_10 "a connection serves many requests, failed ones among them";
    11 item_11_bodies HTTP transport::item_11 "`Expect: 100-continue`, chunks, and bodies of no bytes";
    13 item_13_unknown_encodings ALL transport::item_13 "an unknown encoding is refused for good, and those taken are listed";
    14 item_14_broken_compression ALL transport::item_14 "what claims to be compressed and is not, or is cut, is refused for good";
    15 item_15_limits ALL sizes::item_15 "64 MiB by default, over the wire and after decompression";
    16 item_16_limits_to_the_byte ALL sizes::item_16 "beyond the limit: 413 or RESOURCE_EXHAUSTED without `RetryInfo`, to the byte";
    17 item_17_declared_lengths ALL sizes::item_17 "a declared length beyond the limit is refused before the body";
    18 item_18_short_answers ALL sizes::item_18 "answers stay far below 4 MiB, whatever was wrong";
    19 item_19_limits_of_frameworks ALL sizes::item_19 "5 MiB of body and 30 kB of headers are taken";
    20 item_20_empty_requests ALL success::item_20 "empty requests succeed, however they are empty";
    21 item_21_full_success ALL success::item_21 "full success leaves `partial_success` unset; in JSON it is `{}`";
    22 item_22_partial_success ALL success::item_22 "the count of rejected items is exact, with the reason, and the others are kept";
    23 item_23_warnings ALL success::item_23 "what was mended is a warning with no item rejected";
    24 item_24_all_rejected ALL success::item_24 "a request of nothing but bad items is a partial success";
    25 item_25_undecodable ALL failures::item_25 "what cannot be decoded: 400 or INVALID_ARGUMENT with `BadRequest`";
    26 item_26_retryable_statuses HTTP failures::item_26 "429, 502, 503 and 504 exactly where another try may help";
    27 item_27_retryable_codes GRPC failures::item_27 "retryable codes exactly where another try may help, with `RetryInfo`";
    28 item_28_overload ALL failures::item_28 "without room: 503 with `Retry-After`, or UNAVAILABLE with `RetryInfo`";
    29 item_29_hints ALL failures::item_29 "hints are 1 to 30 seconds, spread, and grow with the crowd";
    30 item_30_storage ALL failures::item_30 "where the store takes nothing now, the sender shall try again";
    31 item_31_codes_agree HTTP failures::item_31 "the HTTP status and the code in its body belong together";
    32 item_32_panics ALL failures::item_32 "a panic is INTERNAL, is counted, and stops nothing else";
    33 item_33_stop ALL failures::item_33 "a stop answers what it took, and loses nothing acknowledged";
    34 item_34_hex_ids IN_JSON json::item_34 "ids are hex of any case and never base64";
    35 item_35_enums IN_JSON json::item_35 "names of enum values are refused, unknown numbers kept";
    36 item_36_unknown_fields IN_JSON json::item_36 "unknown fields are passed over at every level";
    37 item_37_snake_case IN_JSON json::item_37 "snake_case keys are unknown fields";
    38 item_38_integers IN_JSON json::item_38 "integers as numbers, texts, or with an exponent";
    39 item_39_doubles IN_JSON json::item_39 "doubles as numbers, texts, NaN and infinities";
    40 item_40_bytes IN_JSON json::item_40 "bytes in either alphabet of base64, padded or not";
    41 item_41_null IN_JSON json::item_41 "`null` is absent; of a repeated key the last counts";
    42 item_42_nesting ALL json::item_42 "empty lists and maps; values nested deeper than 64 cost their item alone";
    43 item_43_texts IN_JSON json::item_43 "a BOM or trailing text is refused; NUL is kept, lone surrogates become U+FFFD";
    44 item_44_ids ALL data::item_44 "spans with invalid ids are rejected singly; log records are kept without them";
    45 item_45_flags ALL data::item_45 "all 32 bits of `flags` are kept";
    46 item_46_values ALL data::item_46 "every kind of value, empty, bytes, mixed and nested ones among them";
    47 item_47_string_tables ALL data::item_47 "indexes of string tables are warned of and empty";
    48 item_48_repeated_keys ALL data::item_48 "repeated attribute keys are all kept; queries use the last";
    49 item_49_times_of_records ALL data::item_49 "a record without any time gets that of its arrival";
    50 item_50_odd_spans ALL data::item_50 "empty names, ends before starts, and times of 0 and of the far future are kept";
    51 item_51_invalid_text ALL data::item_51 "invalid UTF-8 becomes U+FFFD, and loses neither span nor batch";
    52 item_52_everything_kept ALL data::item_52 "resource, scope, schema URLs, counts, state, links and events come back as sent";
    53 item_53_repeated_spans ALL data::item_53 "a span sent again is one span; the same ids with other content are two";
    54 item_54_other_signals ALL data::item_54 "metrics and profiles are answered: all rejected, with a reason";
    55 item_55_browsers HTTP data::item_55 "no page of another host reaches it; CORS is off";
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn zstd(content: &[u8]) -> Vec<u8> {
    zstd::encode_all(content, 3).unwrap()
}
