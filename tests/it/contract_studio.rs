//! The client against the recorded exchanges of Studio: what it sends there, and what it makes of answers that hide
//! their status.

use basedeck::api::error::Kind;
use basedeck::api::model::{BucketId, ListUsers, Total};
use basedeck::api::route::{Door, Route};
use basedeck::api::{buckets, objects, users};
use serde_json::{Value, json};

use crate::contract_client::{new_user, recorded, replay, same_head};
use crate::socket::{Server, answer, client};

const FIRST: ListUsers = ListUsers { page: 1, per_page: 2, oldest_first: false };

fn json_answer(body: &str) -> Vec<u8> {
    answer("200 OK", "Content-Type: application/json\r\n", body).into_bytes()
}

#[tokio::test]
async fn users_are_listed_by_read_only_statements_with_their_exact_count() {
    let page = recorded("studio/pgmeta-query-users");
    let server = Server::answering([page.answer, json_answer(r#"[{"total":144}]"#)]).await;
    let listed = users::list(&client(Door::Studio, &server.url, "secret"), FIRST).await;
    assert_eq!((listed.meta.method, listed.meta.door), ("POST", Some(Door::Studio)));
    let listed = listed.result.unwrap();
    assert_eq!((listed.rows.len(), listed.total), (2, Total::Exact(144)));
    let user = listed.rows[0].value.as_ref().unwrap();
    assert_eq!(user.email.as_deref(), Some("newbymagic@studio.example"));
    assert_eq!(user.created_at, "2026-11-24T13:34:06.608538Z".parse().ok());
    for asked in server.asked() {
        assert_eq!((&*asked.method, asked.path()), ("POST", "/api/platform/pg-meta/default/query"));
        assert_eq!(asked.header("authorization"), Some("Basic b3BzOnNlY3JldA=="), "basic alone");
        assert_eq!(asked.header("apikey"), None);
        assert!(!asked.target.contains('?'), "{}", asked.target);
        let body: Value = serde_json::from_slice(&asked.body).unwrap();
        let query = body["query"].as_str().unwrap();
        assert!(query.starts_with("set transaction read only; set local statement_timeout"), "{query}");
    }
}

#[tokio::test]
async fn a_statement_that_is_refused_says_why() {
    for (name, said) in [
        ("studio/pgmeta-query-syntax-error", "syntax error at or near"),
        ("studio/pgmeta-query-read-only-guard", "cannot execute DELETE in a read-only transaction"),
    ] {
        let (client, _server, _) = replay(name, Door::Studio).await;
        let error = users::list(&client, FIRST).await.result.unwrap_err();
        assert_eq!(error.kind, Kind::Refused);
        assert!(error.sentence().contains(said), "{error}");
    }
}

#[tokio::test]
async fn a_user_is_created_as_recorded_and_a_refusal_stands_at_its_field() {
    for name in ["studio/users-create", "studio/users-create-phone"] {
        let (client, server, recorded) = replay(name, Door::Studio).await;
        users::create(&client, &new_user(&recorded.request.body)).await.result.unwrap();
        same_head(&server.asked()[0], &recorded.request);
        let bodies = [&server.asked()[0].body, &recorded.request.body]
            .map(|body| serde_json::from_slice::<Value>(body).unwrap());
        assert_eq!(bodies[0], bodies[1]);
    }
    let (client, _server, recorded) = replay("studio/users-create-email-exists", Door::Studio).await;
    let error = users::create(&client, &new_user(&recorded.request.body)).await.result.unwrap_err();
    assert_eq!((error.kind, error.field, error.is_lost()), (Kind::Conflict, Some("email"), false));
}

#[tokio::test]
async fn a_service_that_is_down_behind_studio_leaves_the_truth_open() {
    let (client, _server, recorded) = replay("studio/upstream-down-users-create", Door::Studio).await;
    let error = users::create(&client, &new_user(&recorded.request.body)).await.result.unwrap_err();
    assert_eq!((error.kind, error.is_lost()), (Kind::Server, true));
    let (client, ..) = replay("studio/upstream-down-buckets-list", Door::Studio).await;
    let error = buckets::list(&client).await.result.unwrap_err();
    assert_eq!((error.kind, error.is_lost()), (Kind::Server, false));
}

#[tokio::test]
async fn buckets_and_objects_are_read_as_recorded() {
    let (client, server, _) = replay("studio/buckets-list", Door::Studio).await;
    let listed = buckets::list(&client).await.result.unwrap();
    assert!(server.asked()[0].path().ends_with("/api/platform/storage/default/buckets"));
    assert_eq!(listed.rows[0].value.as_ref().unwrap().file_size_limit, Some(5_242_880));

    let (client, server, recorded) = replay("studio/bucket-get-unknown", Door::Studio).await;
    let gone = buckets::get(&client, &BucketId("no-such-bucket".into())).await.result.unwrap_err();
    same_head(&server.asked()[0], &recorded.request);
    assert_eq!(gone.kind, Kind::NotFound);
}

#[tokio::test]
async fn a_folder_is_listed_by_the_older_route_where_the_newer_is_missing() {
    let lacks = answer("404 Not Found", "Content-Type: text/html\r\n", "<html>not found</html>").into_bytes();
    let folder = recorded("studio/objects-list-folder");
    let server = Server::answering([lacks.clone(), folder.answer]).await;
    let bucket = BucketId("fx-avatars".into());
    let answer = objects::list(&client(Door::Studio, &server.url, "secret"), &bucket, "people/", None).await;
    let keys: Vec<_> =
        answer.result.unwrap().rows.into_iter().map(|row| row.value.unwrap()).map(|entry| entry.key).collect();
    assert_eq!(keys, ["people/ada.txt", "people/bob.txt", "people/deep/"]);
    assert!(answer.meta.offers.unwrap().door(Route::ObjectsList, jiff::Timestamp::now()).is_none());
    let asked = server.asked().pop().unwrap();
    assert_eq!(asked.path(), folder.request.path());
    let body: Value = serde_json::from_slice(&asked.body).unwrap();
    assert_eq!(
        (&body["path"], &body["options"]["sortBy"]),
        (&json!("people"), &json!({"column": "name", "order": "asc"}))
    );

    // An unknown bucket is an empty list there: the bucket itself is asked.
    let answers = ["studio/objects-list-unknown-bucket", "studio/bucket-get-unknown"].map(|name| recorded(name).answer);
    let server = Server::answering([lacks].into_iter().chain(answers)).await;
    let (client, bucket) = (client(Door::Studio, &server.url, "secret"), BucketId("no-such-bucket".into()));
    let gone = objects::list(&client, &bucket, "", None).await.result.unwrap_err();
    assert_eq!(gone.kind, Kind::NotFound);
}

#[tokio::test]
async fn a_studio_that_asks_for_basic_is_not_signed_in_and_an_open_one_gets_nothing() {
    let challenge = "WWW-Authenticate: Basic realm=\"kong\"\r\nContent-Type: application/json\r\n";
    let server = Server::answering([answer("401 Unauthorized", challenge, r#"{"message":"Unauthorized"}"#)]).await;
    let error = buckets::list(&client(Door::Studio, &server.url, "wrong")).await.result.unwrap_err();
    assert_eq!(error.kind, Kind::NotSignedIn);
    assert!(error.sentence().contains("refuses the password"), "{error}");
}
