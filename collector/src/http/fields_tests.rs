//! Operations, keys and values, asked for what is there.

use axum::http::StatusCode;
use spanwalk_api::{
    CutReason, KeysParams, KeysResponse, OperationsParams, OperationsResponse, ValuesParams,
    ValuesResponse,
};

use super::compat::world_tests::with_shop;
use super::tests::url;

#[tokio::test]
async fn operations_are_counted_with_their_failures() {
    let world = with_shop().await;
    for world in [world.restarted()] {
        let found: OperationsResponse =
            world.get("/api/v1/operations?service=payment").await.json();
        let rows: Vec<_> = found
            .operations
            .iter()
            .map(|row| {
                (
                    row.name.as_str(),
                    row.kind.as_str(),
                    row.span_count,
                    row.error_span_count,
                )
            })
            .collect();
        assert_eq!(
            rows,
            [
                ("POST /charge", "server", 1, 1),
                ("audit", "unspecified", 1, 0)
            ]
        );
        assert_eq!(
            (found.completeness.matched, found.completeness.cut),
            (2, None)
        );
        assert!(!found.completeness.estimate);
    }
}

#[tokio::test]
async fn keys_are_counted_where_they_stand() {
    let world = with_shop().await;
    let found: KeysResponse = world.get("/api/v1/keys?prefix=b&limit=5").await.json();
    let rows: Vec<_> = found
        .keys
        .iter()
        .map(|row| (row.key.as_str(), row.scope.as_str(), row.count))
        .collect();
    assert_eq!(rows, [("bank", "log", 1)]);
    let found: KeysResponse = world
        .get("/api/v1/keys?limit=1&q=status:error")
        .await
        .json();
    assert_eq!(
        (found.keys[0].key.as_str(), found.keys[0].count),
        ("process.pid", 6)
    );
    assert_eq!(found.completeness.returned, 1);
    assert!(found.completeness.matched > 1);
    assert_eq!(found.completeness.cut, Some(CutReason::Limit));
}

#[tokio::test]
async fn values_are_counted_by_their_texts() {
    let world = with_shop().await;
    let values = async |query: &str| {
        let found: ValuesResponse = world.get(&format!("/api/v1/values?{query}")).await.json();
        let rows = found.values.into_iter();
        rows.map(|row| format!("{} {} {}", row.value, row.kind, row.count))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        values("key=service").await,
        [
            "gateway string 4",
            "payment string 3",
            "audit string 1",
            "mail string 1"
        ]
    );
    assert_eq!(
        values("key=service&q=name:audit").await,
        ["gateway string 3", "payment string 3"]
    );
    assert_eq!(values("key=status&prefix=e").await, ["error keyword 1"]);
    assert_eq!(
        values("key=level").await,
        ["error keyword 1", "info keyword 1", "warn keyword 1"]
    );
    assert_eq!(
        values("key=root.name").await,
        ["POST /checkout string 1", "orders publish string 1"]
    );
    assert_eq!(values("key=http.response.status_code").await, ["502 int 1"]);
    assert_eq!(values("key=log.http.response.status_code").await, [""; 0]);
    assert_eq!(
        values("key=span.cart.items&prefix=t").await,
        ["tea other 1"]
    );
    assert_eq!(values("key=bank").await, ["first string 1"]);
}

#[tokio::test]
async fn every_field_of_the_wire_types_is_understood() {
    let world = with_shop().await;
    let (from_ns, to_ns, limit) = (Some(1), Some(u64::MAX), Some(10_000));
    let operations = OperationsParams {
        service: "gateway".to_owned(),
        from_ns,
        to_ns,
        limit,
    };
    let found: OperationsResponse = world.get(&url("operations", &operations)).await.json();
    assert_eq!(found.operations.len(), 3);
    let keys = KeysParams {
        q: "service:gateway".to_owned(),
        prefix: "cart.".to_owned(),
        from_ns,
        to_ns,
        limit,
    };
    let found: KeysResponse = world.get(&url("keys", &keys)).await.json();
    assert_eq!(found.keys.len(), 5);
    let values = ValuesParams {
        key: "name".to_owned(),
        q: String::new(),
        prefix: "POST".to_owned(),
        from_ns,
        to_ns,
        limit,
    };
    let found: ValuesResponse = world.get(&url("values", &values)).await.json();
    assert_eq!(found.values.len(), 2);
}

#[tokio::test]
async fn what_is_missing_or_wrong_is_refused() {
    let world = with_shop().await;
    for (path, told) in [
        ("operations", "`service` is missing"),
        ("values", "`key` is missing"),
        ("values?key=duration", "every one is possible"),
        ("keys?limit=10001", "1 to 10000"),
        ("keys?q=status:", "at byte"),
        ("keys?service=x", "is not a parameter here"),
    ] {
        let answer = world.get(&format!("/api/v1/{path}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
        let detail = answer.problem().detail;
        assert!(detail.contains(told), "{detail}");
    }
}
