//! Studio on a self-hosted stack.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use basedeck::demo::{Kind, Options, Server, Studio};
use serde_json::{Value, json};

use super::{Answer, Rig, alike};

/// A stack with Studio, and the recorded names and addresses that have others here.
async fn stack(studio: Studio) -> Rig {
    let options = Options { users: 300, life: 0.0, kind: Kind::SelfHosted(studio), ..Options::default() };
    let server = Server::start(options.clone()).await.expect("starts");
    let swaps = [
        ("{{service_key}}", options.service_key.as_str()),
        ("{{anon_key}}", &options.anon_key),
        ("{{1.1 MB of JSON}}", &json!({"email": "x".repeat(1_100_059 - 12)}).to_string()),
        ("localhost:8000", &server.addr().to_string()),
        ("search=fx-", "search=a"),
        ("fx-avatars/objects/list", "public-assets/objects/list"),
        (r#""path": "people""#, r#""path": "img""#),
        ("fx-", ""),
    ];
    let swaps = swaps.map(|(from, to)| (from.to_owned(), to.to_owned())).to_vec();
    Rig { server, options, swaps }
}

async fn open() -> Rig {
    stack(Studio::default()).await
}

fn all<'a>(answer: &'a Answer, name: &str) -> Vec<&'a str> {
    answer.headers.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str()).collect()
}

/// Sends a recorded request; status and headers are the recorded ones, and JSON carries a tag.
async fn replay(rig: &Rig, name: &str) -> (Answer, Answer) {
    let exchange = rig.recorded(&format!("studio/{name}"));
    let recorded = exchange.answer.expect("recorded with an answer");
    let got = rig.send(&exchange.request, false).await.expect("an answer");
    assert_eq!(got.status, recorded.status, "{name}: {}", got.text());
    for header in ["content-type", "allow", "cache-control", "retry-after", "www-authenticate"] {
        assert_eq!(all(&got, header), all(&recorded, header), "{name}: {header}");
    }
    (recorded, got)
}

async fn same(rig: &Rig, name: &str) {
    let (recorded, got) = replay(rig, name).await;
    assert_eq!(got.text(), recorded.text(), "{name}");
}

async fn shaped(rig: &Rig, name: &str) -> Value {
    let (recorded, got) = replay(rig, name).await;
    alike(&recorded.json(), &got.json(), name);
    assert!(got.header("etag").is_some(), "{name}");
    got.json()
}

async fn get(rig: &Rig, path: &str, headers: &str) -> Answer {
    let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\n{headers}\r\n");
    rig.send(request.as_bytes(), false).await.expect("an answer")
}

async fn sql(rig: &Rig, query: &str) -> Answer {
    let body = json!({"query": query}).to_string();
    rig.post("/api/platform/pg-meta/any/query", "Content-Type: application/json\r\n", body.as_bytes()).await
}

#[tokio::test]
async fn studio_answers_as_recorded() {
    let rig = open().await;
    for name in ["profile", "projects-list", "project-api-key-temporary", "users-list-405", "bucket-put-405"] {
        same(&rig, name).await;
    }
    for name in ["bucket-get-unknown", "objects-list-unknown-bucket", "users-create-invalid-json", "body-over-1mb-413"]
    {
        same(&rig, name).await;
    }
    replay(&rig, "object-upload-404").await;
    let settings = shaped(&rig, "project-settings").await;
    assert_eq!(settings["app_config"]["endpoint"], rig.server.addr().to_string());
    assert_eq!(settings["service_api_keys"][0]["api_key"], rig.options.service_key);
    assert_eq!(shaped(&rig, "bucket-get").await["id"], "avatars");
    let buckets = shaped(&rig, "buckets-list").await;
    let ids: Vec<&str> = buckets.as_array().expect("rows").iter().filter_map(|row| row["id"].as_str()).collect();
    assert_eq!(ids, ["archive", "avatars", "public-assets", "team files"]);
    let objects = shaped(&rig, "objects-list-folder").await;
    assert_eq!(objects.as_array().expect("rows").len(), 25);
}

#[tokio::test]
async fn users_are_made_and_read_by_sql_as_recorded() {
    let rig = open().await;
    let ada = shaped(&rig, "users-create").await;
    assert_eq!(ada["email"], "ada@studio.example");
    same(&rig, "users-create-email-exists").await;
    shaped(&rig, "users-create-weak-password").await;
    shaped(&rig, "users-create-phone").await;
    let users = shaped(&rig, "pgmeta-query-users").await;
    assert_eq!(users[0]["email"], "weak@studio.example");
    assert_eq!(users[1]["id"], ada["id"]);
    let overview = shaped(&rig, "pgmeta-query-overview").await;
    assert_eq!((&overview[0]["users"], &overview[0]["buckets"]), (&json!(303), &json!(8)));
    same(&rig, "pgmeta-query-read-only-guard").await;
    same(&rig, "pgmeta-query-syntax-error").await;
    assert_eq!(sql(&rig, "select count(*) from auth.users").await.json(), json!([{"count": 303}]));
    let nothing = rig.post("/api/platform/pg-meta/any/query", "Content-Type: application/json\r\n", b"{}").await;
    assert_eq!((nothing.status, nothing.text().as_str()), (500, "Internal Server Error"));
    let long = json!({"email": "long@studio.example", "password": "x".repeat(73)}).to_string();
    let long = rig.post("/api/platform/auth/any/users", "Content-Type: application/json\r\n", long.as_bytes()).await;
    assert_eq!((long.status, long.json()), (400, json!({"error": {"message": "Internal Server Error"}})));
}

#[tokio::test]
async fn the_row_that_gotrue_cannot_read_is_one_for_sql() {
    let options = Options {
        users: 40,
        life: 0.0,
        null_token_user: true,
        kind: Kind::SelfHosted(Studio::default()),
        ..Options::default()
    };
    let rig = Rig { server: Server::start(options.clone()).await.expect("starts"), options, swaps: Vec::new() };
    assert_eq!(rig.get("/auth/v1/admin/users?per_page=40").await.status, 500);
    let rows = sql(&rig, "select id from auth.users order by created_at desc limit 50").await.json();
    assert_eq!(rows.as_array().expect("rows").len(), 40);
}

#[tokio::test]
async fn studios_own_rules_hold_on_every_route() {
    let rig = open().await;
    let profile = get(&rig, "/api/platform/profile", "Authorization: Bearer x\r\n").await;
    let tag = profile.header("etag").expect("a tag").to_owned();
    assert_eq!(get(&rig, "/api/platform/profile", &format!("If-None-Match: {tag}\r\n")).await.status, 304);
    let slash = get(&rig, "/api/platform/storage/x/buckets/?limit=1", "").await;
    assert_eq!((slash.status, slash.header("location")), (308, Some("/api/platform/storage/x/buckets?limit=1")));
    for path in ["/", "/api/platform/nothing", "/rest/v1/things", "/api/platform/storage/x/bucket"] {
        let answer = get(&rig, path, "").await;
        assert_eq!((answer.status, answer.header("content-type")), (404, Some("text/html; charset=utf-8")), "{path}");
    }
    let buckets = |query: &str| format!("/api/platform/storage/x/buckets?{query}");
    assert_eq!(get(&rig, &buckets("limit=x&sortColumn=owner"), "").await.json().as_array().map(Vec::len), Some(8));
    let refused = get(&rig, &buckets("limit=-1"), "").await;
    assert_eq!((refused.status, refused.json()), (500, json!({"error": {"message": "Internal Server Error"}})));
    let list = "/api/platform/storage/x/buckets/archive/objects/list";
    let refused = rig.post(list, "Content-Type: application/json\r\n", br#"{"options": {"limit": 0}}"#).await;
    assert_eq!((refused.status, refused.json()), (500, json!({"error": "body/limit must be >= 1"})));
    let exact = br#"{"prefix": "logs/2026/", "with_delimiter": true, "limit": 10}"#;
    let exact = rig.post(&format!("{list}-v2"), "Content-Type: application/json\r\n", exact).await.json();
    assert_eq!((&exact["folders"][0]["name"], &exact["hasNext"]), (&json!("logs/2026/01/"), &json!(false)));
    let detail = get(&rig, "/api/platform/projects/anything", "").await.json();
    assert_eq!((&detail["ref"], &detail["connectionString"]), (&json!("default"), &json!("")));
    let keys = get(&rig, "/api/v1/projects/default/api-keys", "").await.json();
    assert_eq!((&keys[1]["name"], &keys[1]["api_key"]), (&json!("service_role"), &json!(rig.options.service_key)));
    assert_eq!(rig.server.reference(), "default");
    assert_eq!(rig.get("/storage/v1/bucket").await.json().as_array().map(Vec::len), Some(8), "the gateway is there");
}

#[tokio::test]
async fn the_gateway_asks_for_basic_credentials_before_studio_alone() {
    let basic = Some(("supabase".to_owned(), "a:b".to_owned()));
    let rig = stack(Studio { basic, endpoint: Some("kong:8000".to_owned()) }).await;
    let path = "/api/platform/projects/default/settings";
    let with = |kind: &str, text: &str| format!("Authorization: {kind} {text}\r\n");
    for path in [path, "/", "/api/platform/nothing"] {
        let none = get(&rig, path, "").await;
        assert_eq!((none.status, none.json()), (401, json!({"message": "Unauthorized"})));
        assert_eq!(none.header("www-authenticate"), Some("Basic realm=\"kong\""));
    }
    for wrong in [with("Bearer", "x"), with("Basic", &STANDARD.encode("supabase:a")), with("Basic", "?")] {
        let refused = get(&rig, path, &wrong).await;
        assert_eq!((refused.status, refused.json()), (401, json!({"message": "Invalid authentication credentials"})));
        assert_eq!(refused.header("www-authenticate"), None);
    }
    let settings = get(&rig, path, &with("basic", &STANDARD.encode("supabase:a:b"))).await;
    assert_eq!(settings.json()["app_config"]["endpoint"], "kong:8000");
    assert_eq!(rig.get("/auth/v1/admin/users?per_page=1").await.status, 200);
}

#[tokio::test]
async fn a_page_server_built_for_a_hosted_platform_has_nothing() {
    let options = Options { users: 3, life: 0.0, kind: Kind::PageServer, ..Options::default() };
    let mut rig = Rig { server: Server::start(options.clone()).await.expect("starts"), options, swaps: Vec::new() };
    rig.swap("{{token}}", "x");
    same(&rig, "hosted-build-not-supported").await;
    assert_eq!(rig.get("/auth/v1/health").await.header("content-type"), Some("text/html; charset=utf-8"));
}
