//! Requests as the tools of other systems make them, and the answers that they have to get, as
//! files: the same over what has just come and over what was flushed.
//!
//! `SPANWALK_RECORD=1` writes the answers anew; they are read before they are kept.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use spanwalk_model::batch::scoped_items;

use super::super::test_support::{Answer, World, ask};
use super::world_tests::{put_more, with_shop};

#[tokio::test]
async fn every_recorded_request_gets_its_answer() {
    let world = with_shop().await;
    check_all(&world, std::env::var_os("SPANWALK_RECORD").is_some()).await;
    let world = world.restarted();
    check_all(&world, false).await;
}

#[tokio::test]
async fn a_search_that_was_cut_says_so_beside_its_answer() {
    let world = with_shop().await;
    put_more(&world).await;
    for path in [
        "/api/traces?service=gateway&limit=1",
        "/api/v3/traces?query.searchDepth=1&query.startTimeMin=2020-01-01T00:00:00Z\
         &query.startTimeMax=2030-01-01T00:00:00Z",
    ] {
        let answer = world.get(path).await;
        let told: Json = serde_json::from_str(answer.header("spanwalk-completeness")).unwrap();
        assert_eq!(
            (&told["cut"], &told["returned"]),
            (&json!("limit"), &json!(1))
        );
    }
}

#[tokio::test]
async fn tempo_is_told_which_version_runs() {
    let world = World::new();
    let told: Json = world.get("/api/status/buildinfo").await.json();
    assert_eq!(told["version"], env!("CARGO_PKG_VERSION"));
}

async fn check_all(world: &World, records: bool) {
    let mut wrong = Vec::new();
    let files = recorded();
    assert!(files.len() > 10, "the folder of recorded answers is there");
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let mut pair: Json = serde_json::from_str(&text).unwrap();
        let accept = pair["accept"].as_str().unwrap_or("*/*").to_owned();
        let request = pair["get"].as_str().unwrap().to_owned();
        let answer = ask(&world.router, &request, &[("accept", &accept)]).await;
        assert_eq!(answer.header("cache-control"), "no-store", "{path:?}");
        let answer = shown(&answer);
        if records {
            pair["answer"] = answer;
            let text = serde_json::to_string_pretty(&pair).unwrap() + "\n";
            fs::write(&path, text).unwrap();
        } else if pair["answer"] != answer {
            wrong.push(format!("{}: {answer:#}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Status, media type and body: JSON as it is, text as text, all else in hex.
fn shown(answer: &Answer) -> Json {
    let media_type = answer.header("content-type").to_owned();
    let body = if media_type.starts_with("application/json") {
        serde_json::from_slice(&answer.body).unwrap()
    } else if media_type.starts_with("text/") {
        json!(String::from_utf8(answer.body.to_vec()).unwrap())
    } else {
        let digits = answer.body.iter().map(|byte| format!("{byte:02x}"));
        json!(digits.collect::<String>())
    };
    json!({ "status": answer.status.as_u16(), "type": media_type, "body": body })
}

fn recorded() -> Vec<PathBuf> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/compat");
    let mut files = Vec::new();
    for peer in fs::read_dir(top).unwrap() {
        let peer = peer.unwrap().path();
        if peer.is_dir() {
            files.extend(fs::read_dir(peer).unwrap().map(|file| file.unwrap().path()));
        }
    }
    files.sort();
    files
}

#[tokio::test]
async fn what_jaeger_is_told_reads_back_as_what_is_stored() {
    let world = with_shop().await;
    let answer = world.get("/api/traces/a").await;
    let decoded = spanwalk_model::foreign::jaeger::decode(&answer.body).unwrap();
    let stored = world
        .get("/api/v1/traces/0000000000000000000000000000000a")
        .await;
    let stored = spanwalk_model::otlp::json::decode_document(&stored.body).unwrap();
    let told: Vec<_> = scoped_items(decoded.groups).collect();
    let kept: Vec<_> = scoped_items(stored.spans).collect();
    assert_eq!((told.len(), kept.len()), (4, 4));
    for kept in kept {
        let id = kept.item.span_id;
        let told = told.iter().find(|span| span.item.span_id == id).unwrap();
        assert_eq!(told.resource.attributes, kept.resource.attributes);
        assert_eq!(told.scope.name, kept.scope.name);
        let (told, kept) = (&told.item, &kept.item);
        assert_eq!(told.parent_span_id, kept.parent_span_id);
        assert_eq!((&told.name, told.kind), (&kept.name, kept.kind));
        assert_eq!((told.start_ns, told.end_ns), (kept.start_ns, kept.end_ns));
        assert_eq!(told.status, kept.status);
        let number = kept.attributes.get("http.response.status_code");
        assert_eq!(told.attributes.get("http.response.status_code"), number);
    }
}
