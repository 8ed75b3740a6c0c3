//! The demo server against the recorded exchanges: each request of its routes is sent again over a plain socket, and
//! the answer compared: status, headers, refusals word for word, everything else by its shape.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of tests fail as loudly as the tests"
)]

use std::collections::BTreeSet;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use basedeck::demo::{Options, Server};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A recorded exchange, made fit for the demo.
struct Exchange {
    name: String,
    request: Vec<u8>,
    is_head: bool,
    /// None where the connection ended without an answer.
    answer: Option<Answer>,
}

struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

struct Rig {
    server: Server,
    options: Options,
    /// What is put in place of recorded names and ids.
    swaps: Vec<(String, String)>,
}

impl Rig {
    async fn start(options: Options) -> Self {
        let options = Options { life: 0.0, ..options };
        let server = Server::start(options.clone()).await.expect("starts");
        // The recorded buckets, and those of the demo that have the same rules.
        let swaps = [
            ("{{platform_token}}", options.token.as_str()),
            ("{{service_key}}", &options.service_key),
            ("{{anon_key}}", &options.anon_key),
            ("{{access_token}}", &expired()),
            ("{{host}}", &server.addr().to_string()),
            ("/default/", "/demo/"),
            ("private", "archive"),
            ("/small/", "/notes/"),
            ("text-limit", "documents"),
            ("/list/keys", "/list/archive"),
        ];
        let swaps = swaps.map(|(from, to)| (from.to_owned(), to.to_owned())).to_vec();
        Self { server, options, swaps }
    }

    async fn few() -> Self {
        Self::start(Options { users: 300, ..Options::default() }).await
    }

    fn swap(&mut self, from: &str, to: &str) {
        self.swaps.push((from.to_owned(), to.to_owned()));
    }

    fn recorded(&self, name: &str) -> Exchange {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name).with_extension("http");
        let mut text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for (from, to) in &self.swaps {
            text = text.replace(from, to);
        }
        let (request, answer) = match text.split_once("\nHTTP/1.1 ") {
            Some((request, answer)) => (request, Some(parse_answer(answer.as_bytes()))),
            None => (text.split_once("\n(").expect("an answer, or none").0, None),
        };
        let (head, body) = request.split_once("\n\n").unwrap_or((request.trim_end(), ""));
        let body = body.strip_suffix('\n').unwrap_or(body);
        let told = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
        let body = match head.split_once("boundary=") {
            Some((_, rest)) => as_form(body, rest.lines().next().expect("a boundary")),
            None => body.as_bytes().to_vec(),
        };
        assert_eq!(told.map_or(0, |told| told.parse::<usize>().expect("a number")), body.len(), "{name}");
        let mut bytes = (head.replace('\n', "\r\n") + "\r\n\r\n").into_bytes();
        bytes.extend_from_slice(&body);
        Exchange { name: name.to_owned(), request: bytes, is_head: head.starts_with("HEAD "), answer }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.server.addr()).await.expect("connects")
    }

    async fn send(&self, request: &[u8], is_head: bool) -> Option<Answer> {
        let mut socket = self.connect().await;
        socket.write_all(request).await.expect("written");
        read_answer(&mut socket, is_head).await
    }

    /// Sends a recorded request; the demo's answer has the recorded status and the headers that a client goes by.
    async fn replay(&self, name: &str) -> (Value, Answer) {
        let exchange = self.recorded(name);
        let recorded = exchange.answer.expect("recorded with an answer");
        let got = self.send(&exchange.request, exchange.is_head).await.expect("an answer");
        assert_eq!(got.status, recorded.status, "{name}: {}", got.text());
        for header in ["content-type", "x-sb-error-code", "allow", "vary", "x-supabase-api-version", "retry-after"] {
            assert_eq!(got.header(header), recorded.header(header), "{name}: {header}");
        }
        for header in ["accept-ranges", "x-robots-tag", "cache-control", "content-range", "content-disposition"] {
            assert_eq!(got.header(header), recorded.header(header), "{name}: {header}");
        }
        for header in ["x-total-count", "link", "etag", "last-modified", "date"] {
            assert_eq!(got.header(header).is_some(), recorded.header(header).is_some(), "{name}: {header}");
        }
        (serde_json::from_slice(&recorded.body).unwrap_or(Value::Null), got)
    }

    /// The answer is the recorded one to the letter.
    async fn same(&self, name: &str) {
        let (recorded, got) = self.replay(name).await;
        assert_eq!(got.json(), recorded, "{name}");
    }

    /// The answer has the recorded one's keys and types.
    async fn alike(&self, name: &str) -> Value {
        let (recorded, got) = self.replay(name).await;
        alike(&recorded, &got.json(), name);
        got.json()
    }

    fn key_headers(&self) -> String {
        let key = &self.options.service_key;
        format!("Host: x\r\napikey: {key}\r\nAuthorization: Bearer {key}\r\n")
    }

    async fn get(&self, path: &str) -> Answer {
        let request = format!("GET {path} HTTP/1.1\r\n{}\r\n", self.key_headers());
        self.send(request.as_bytes(), false).await.expect("an answer")
    }

    async fn post(&self, path: &str, headers: &str, body: &[u8]) -> Answer {
        let mut request =
            format!("POST {path} HTTP/1.1\r\n{}{headers}Content-Length: {}\r\n\r\n", self.key_headers(), body.len())
                .into_bytes();
        request.extend_from_slice(body);
        self.send(&request, false).await.expect("an answer")
    }
}

fn expired() -> String {
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.c2ln", part(json!({"alg": "HS256"})), part(json!({"role": "authenticated", "exp": 1_700_000_000})))
}

/// Form bodies are recorded with `\n`: the frame gets its `\r\n` back, the contents stay.
fn as_form(body: &str, boundary: &str) -> Vec<u8> {
    let mark = format!("--{boundary}");
    let mut form = String::new();
    for (at, part) in format!("\n{body}").split(&format!("\n{mark}")).skip(1).enumerate() {
        form += if at == 0 { "" } else { "\r\n" };
        form += &mark;
        match part.split_once("\n\n") {
            Some((head, content)) => form += &(head.replace('\n', "\r\n") + "\r\n\r\n" + content),
            None => form += &part.replace('\n', "\r\n"),
        }
    }
    form.into_bytes()
}

fn parse_answer(text: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(text);
    let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.get(..3)).and_then(|code| code.parse().ok()).expect("a status");
    Answer { status, headers: headers(lines), body: body.strip_suffix('\n').unwrap_or(body).as_bytes().to_vec() }
}

fn headers<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<(String, String)> {
    let pairs = lines.filter_map(|line| line.split_once(':'));
    pairs.map(|(key, value)| (key.to_ascii_lowercase(), value.trim().to_owned())).collect()
}

/// The next answer on a connection; None where it ends without one.
async fn read_answer(socket: &mut TcpStream, is_head: bool) -> Option<Answer> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match socket.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) if head.is_empty() => return None,
            Err(error) => panic!("the answer breaks off: {error}"),
        }
    }
    let text = String::from_utf8(head).expect("text");
    let mut lines = text.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok())?;
    let headers = headers(lines);
    let mut answer = Answer { status, headers, body: Vec::new() };
    if is_head || matches!(status, 100 | 204 | 304) {
        return Some(answer);
    }
    assert_eq!(answer.header("transfer-encoding"), None, "the demo always tells the length");
    let length = answer.header("content-length").map_or(0, |length| length.parse().expect("a length"));
    answer.body = vec![0; length];
    socket.read_exact(&mut answer.body).await.expect("the whole body");
    Some(answer)
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Same keys, same types; in an array each item is like one of the recorded. People's own metadata is their own.
fn is_alike(recorded: &Value, got: &Value) -> bool {
    match (recorded, got) {
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter().all(|(key, value)| {
                    let own = key.ends_with("user_metadata") || key.ends_with("app_metadata");
                    b.get(key).is_some_and(|other| if own { other.is_object() } else { is_alike(value, other) })
                })
        }
        (Value::Array(a), Value::Array(b)) => {
            a.is_empty() || b.iter().all(|item| a.iter().any(|one| is_alike(one, item)))
        }
        _ => kind(recorded) == kind(got),
    }
}

fn alike(recorded: &Value, got: &Value, name: &str) {
    assert!(is_alike(recorded, got), "{name}\nrecorded: {recorded:#}\ngot: {got:#}");
}

/// A list of users: the recorded frame, and rows with the keys that recorded rows have.
fn alike_users(recorded: &Value, got: &Value, known: &BTreeSet<String>, name: &str) {
    let keys = |value: &Value| value.as_object().expect("an object").keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(keys(recorded), keys(got), "{name}");
    let always: BTreeSet<String> = [
        "id",
        "aud",
        "role",
        "email",
        "phone",
        "app_metadata",
        "user_metadata",
        "identities",
        "created_at",
        "updated_at",
        "is_anonymous",
    ]
    .map(str::to_owned)
    .into();
    for row in got["users"].as_array().expect("rows") {
        let keys = keys(row);
        assert!(keys.is_superset(&always) && keys.is_subset(known), "{name}: {row:#}");
        assert!(row["identities"].is_null(), "{name}: {row:#}");
        for (key, value) in row.as_object().expect("an object").iter().filter(|(key, _)| key.ends_with("_at")) {
            let text = value.as_str().unwrap_or_else(|| panic!("{key} of {row:#}"));
            text.parse::<jiff::Timestamp>().expect("a moment");
            let digits = text.trim_end_matches('Z').split_once('.').map_or(0, |(_, digits)| digits.len());
            assert!(text.ends_with('Z') && digits <= 6 && !text.contains("0Z."), "{key}: {text}");
        }
    }
}

fn known_keys(rig: &Rig) -> BTreeSet<String> {
    let mut known = BTreeSet::from(["invited_at".to_owned()]);
    for name in ["list-users-mixed-200", "list-users-first-200", "list-users-cursor-first-200"] {
        let recorded: Value =
            serde_json::from_slice(&rig.recorded(&format!("gotrue/{name}")).answer.expect("recorded").body)
                .expect("JSON");
        let rows = recorded["users"].as_array().expect("rows").clone();
        known.extend(rows.iter().filter_map(Value::as_object).flat_map(|row| row.keys().cloned()));
    }
    known
}

#[tokio::test]
async fn users_are_made_and_refused_as_recorded() {
    let mut rig = Rig::few().await;
    let ada = rig.alike("gotrue/create-user-200").await;
    assert_eq!(ada["email"], "ada.lovelace@example.com");
    assert_eq!(ada["user_metadata"], json!({"email_verified": true, "full_name": "Ada Lovelace", "plan": "pro"}));
    assert_eq!(
        ada["app_metadata"],
        json!({"provider": "email", "providers": ["email"], "roles": ["editor"], "tier": 3})
    );
    for name in ["email-exists-422", "email-exists-apiversion-422", "bad-email-400", "bad-ban-400", "bad-json-400"] {
        rig.same(&format!("gotrue/create-user-{name}")).await;
    }
    let hostile = rig.recorded("gotrue/create-user-hostile-metadata-200").answer.expect("recorded").json();
    let got = rig.alike("gotrue/create-user-hostile-metadata-200").await;
    assert_eq!(got["user_metadata"], hostile["user_metadata"]);
    rig.alike("gotrue/create-user-phone-only-200").await;
    rig.alike("gotrue/create-user-weak-password-accepted-200").await;
    for name in ["phone-exists-422", "password-over-72-500", "neither-400"] {
        rig.same(&format!("gotrue/create-user-{name}")).await;
    }
    for name in ["bad-jwt-403", "expired-jwt-403", "no-authorization-401", "not-admin-403"] {
        rig.same(&format!("gotrue/{name}")).await;
    }
    for name in ["health-200", "user-id-bad-404", "user-not-found-404"] {
        rig.same(&format!("gotrue/{name}")).await;
    }
    let (_, lost) = rig.replay("gotrue/no-such-route-404").await;
    assert_eq!(lost.text(), "404 page not found\n");

    rig.swap("b88e838d-1ffb-4a03-968d-51bdd3e8ddc6", ada["id"].as_str().expect("an id"));
    let again = rig.alike("gotrue/get-user-200").await;
    let nanoseconds = ada["email_confirmed_at"].as_str().expect("a moment");
    let microseconds = again["email_confirmed_at"].as_str().expect("a moment");
    assert!(nanoseconds.starts_with(microseconds.trim_end_matches('Z')), "{nanoseconds} {microseconds}");
}

#[tokio::test]
async fn users_are_listed_as_recorded() {
    let mut rig = Rig::few().await;
    let known = known_keys(&rig);
    for number in 70..80 {
        let body = json!({"email": format!("bulk{number}@load.example"), "user_metadata": {"full_name": format!("Bulk {number}")}});
        assert_eq!(rig.post("/auth/v1/admin/users", "", body.to_string().as_bytes()).await.status, 200);
    }
    for name in ["gotrue/list-users-first-200", "gotrue/list-users-mixed-200", "gateway/list-users-200"] {
        let (recorded, got) = rig.replay(name).await;
        alike_users(&recorded, &got.json(), &known, name);
    }
    let (_, first) = rig.replay("gotrue/list-users-first-200").await;
    assert_eq!(first.header("x-total-count"), Some("310"));
    let link = "</admin/users?page=2&per_page=2>; rel=\"next\", </admin/users?page=155&per_page=2>; rel=\"last\"";
    assert_eq!(first.header("link"), Some(link));
    let newest: Vec<Value> = first.json()["users"].as_array().expect("rows").clone();
    assert_eq!(newest[0]["email"], "bulk79@load.example");

    let (recorded, filtered) = rig.replay("gotrue/list-users-filter-200").await;
    alike_users(&recorded, &filtered.json(), &known, "filter");
    assert_eq!(filtered.header("x-total-count"), Some("10"));
    assert_eq!(
        filtered.header("link"),
        Some(
            "</admin/users?filter=Bulk+7&page=2&per_page=3>; rel=\"next\", </admin/users?filter=Bulk+7&page=4&per_page=3>; rel=\"last\""
        )
    );
    let (recorded, past) = rig.replay("gotrue/list-users-past-end-200").await;
    assert_eq!(past.json(), recorded);
    assert_eq!(past.header("link"), Some("</admin/users?page=7&per_page=50>; rel=\"last\""));
    rig.same("gotrue/list-users-page-bad-400").await;
    rig.same("gotrue/list-users-per-page-0-500").await;

    let page_zero = rig.get("/auth/v1/admin/users?page=0&per_page=400").await;
    assert!(page_zero.header("link").expect("links").starts_with("</admin/users?page=1&per_page=400>; rel=\"next\""));
    assert_eq!(rig.get("/auth/v1/admin/users?sort=email+asc").await.status, 400);
    let up = rig.get("/auth/v1/admin/users?sort=created_at+asc&per_page=310").await.json();
    let mut up: Vec<Value> =
        up["users"].as_array().expect("rows").iter().map(|row| row["created_at"].clone()).collect();
    assert!(up.is_sorted_by_key(|at| at.as_str().and_then(|at| at.parse::<jiff::Timestamp>().ok())));
    up.dedup();
    assert_eq!(up.len(), 310 - 29, "30 of the seeded came at one instant");

    let all = rig.get("/auth/v1/admin/users?per_page=1000").await.json();
    let rows = all["users"].as_array().expect("rows");
    let one = |rows: &[Value], is: fn(&Value) -> bool| rows.iter().find(|row| is(row)).expect("one")["id"].clone();
    let anonymous = one(rows, |row| row["is_anonymous"] == true);
    rig.swap("bd11b61e-83ed-4fd1-a9bb-19906109584c", anonymous.as_str().expect("an id"));
    rig.alike("gotrue/get-user-anonymous-200").await;
    for row in rows {
        let alone = rig.get(&format!("/auth/v1/admin/users/{}", row["id"].as_str().expect("an id"))).await.json();
        assert!(alone["identities"].is_array(), "{alone:#}");
        let mut alone = alone;
        alone["identities"] = Value::Null;
        assert_eq!(&alone, row);
    }
}

#[tokio::test]
async fn a_soft_deleted_user_is_hashes() {
    let mut rig = Rig::start(Options { users: 2_000, ..Options::default() }).await;
    let all = rig.get("/auth/v1/admin/users?per_page=2000").await.json();
    let rows = all["users"].as_array().expect("rows");
    let deleted = rows.iter().find(|row| row["deleted_at"].is_string()).expect("one")["id"].clone();
    rig.swap("6877a6a4-4128-43f7-805b-799594c335e3", deleted.as_str().expect("an id"));
    rig.alike("gotrue/get-user-soft-deleted-200").await;
}

#[tokio::test]
async fn one_bad_row_spoils_its_page_and_no_other() {
    let rig = Rig::start(Options { users: 40, null_token_user: true, ..Options::default() }).await;
    let statuses = async |per_page: u32| {
        let mut statuses = Vec::new();
        for page in 1..=40 / per_page {
            statuses.push(rig.get(&format!("/auth/v1/admin/users?page={page}&per_page={per_page}")).await.status);
        }
        statuses
    };
    assert_eq!(statuses(10).await, [200, 500, 200, 200]);
    assert_eq!(statuses(1).await.iter().filter(|status| **status == 500).count(), 1);
    let (recorded, got) = (
        rig.recorded("gotrue/list-users-null-tokens-500").answer.expect("recorded"),
        rig.get("/auth/v1/admin/users").await,
    );
    assert_eq!(got.status, 500);
    assert_eq!(got.header("x-sb-error-code"), recorded.header("x-sb-error-code"));
    alike(&recorded.json(), &got.json(), "null tokens");
    assert_eq!(got.json()["msg"], recorded.json()["msg"]);
}

async fn walk(rig: &Rig, per_page: usize, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for page in 1..=count.div_ceil(per_page) {
        let answer = rig.get(&format!("/auth/v1/admin/users?page={page}&per_page={per_page}")).await.json();
        let rows = answer["users"].as_array().expect("rows").clone();
        ids.extend(rows.iter().map(|row| row["id"].as_str().expect("an id").to_owned()));
    }
    ids
}

#[tokio::test]
async fn pages_cut_by_time_lose_people_of_one_instant() {
    let rig = Rig::start(Options { users: 600, ..Options::default() }).await;
    let ids = walk(&rig, 7, 600).await;
    let distinct: BTreeSet<&String> = ids.iter().collect();
    assert_eq!(ids.len(), 600);
    assert!(distinct.len() < 600 && distinct.len() > 540, "{}", distinct.len());
    assert_eq!(ids, walk(&rig, 7, 600).await, "the same are lost at each walk");
    assert_eq!(walk(&rig, 200, 600).await.iter().collect::<BTreeSet<_>>().len(), 600, "large pages find all");
}

#[tokio::test]
async fn many_users_are_walked_in_large_pages() {
    let rig = Rig::start(Options { users: 20_000, ..Options::default() }).await;
    assert_eq!(walk(&rig, 1_000, 20_000).await.into_iter().collect::<BTreeSet<_>>().len(), 20_000);
    let crowd = Rig::start(Options { users: 1_000_000, ..Options::default() }).await;
    let deep = crowd.get("/auth/v1/admin/users?page=900&per_page=1000").await;
    assert_eq!(deep.header("x-total-count"), Some("1000000"));
    assert_eq!(deep.json()["users"].as_array().expect("rows").len(), 1_000);
    let taken = deep.json()["users"]
        .as_array()
        .expect("rows")
        .iter()
        .find_map(|row| row["email"].as_str().filter(|email| email.contains('@')).map(str::to_owned));
    let body = json!({"email": taken}).to_string();
    assert_eq!(crowd.post("/auth/v1/admin/users", "", body.as_bytes()).await.status, 422);
}

#[tokio::test]
async fn the_control_plane_answers_as_recorded() {
    let rig = Rig::few().await;
    for name in ["no-token-401", "empty-bearer-401", "service-key-401"] {
        rig.same(&format!("gateway/list-users-{name}")).await;
    }
    for name in ["method-not-allowed-405", "no-apikey-401", "no-route-404", "upload-no-token-401"] {
        rig.same(&format!("gateway/{name}")).await;
    }
    rig.alike("gateway/create-user-200").await;
    rig.same("gateway/create-user-email-exists-422").await;
    assert_eq!(rig.alike("gateway/list-buckets-200").await.as_array().expect("rows").len(), 8);
    rig.alike("gateway/upload-200").await;
    rig.same("gateway/upload-duplicate-400-409").await;
    let request = format!(
        "GET /api/platform/auth/other/users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\r\n",
        rig.options.token
    );
    assert_eq!(rig.send(request.as_bytes(), false).await.expect("an answer").status, 404);
}

#[tokio::test]
async fn faults_are_the_recorded_ones() {
    let rig = Rig::start(Options { users: 5, fault_rate: 1.0, ..Options::default() }).await;
    let mut recorded: Vec<Exchange> =
        ["list-users-429", "list-users-html-502", "list-users-empty-retry-after-503", "upload-answer-lost"]
            .map(|name| rig.recorded(&format!("gateway/{name}")))
            .into();
    for _ in 0..200 {
        let got = rig.send(&rig.recorded("gateway/list-users-200").request, false).await;
        recorded.retain(|exchange| match (&exchange.answer, &got) {
            (None, None) => false,
            (Some(recorded), Some(got)) if recorded.status == got.status => {
                assert_eq!(recorded.header("retry-after"), got.header("retry-after"), "{}", exchange.name);
                assert_eq!(recorded.header("content-type"), got.header("content-type"), "{}", exchange.name);
                assert_eq!(recorded.text(), got.text(), "{}", exchange.name);
                false
            }
            _ => true,
        });
    }
    assert_eq!(recorded.iter().map(|exchange| exchange.name.as_str()).collect::<Vec<_>>(), Vec::<&str>::new());
}

#[tokio::test]
async fn storage_answers_as_recorded() {
    let mut rig = Rig::few().await;
    rig.alike("storage/list-buckets-200").await;
    rig.alike("storage/get-bucket-200").await;
    for name in ["get-bucket-400-404", "download-400-404", "no-such-route-404", "bad-url-400", "expired-jwt-400-403"] {
        rig.same(&format!("storage/{name}")).await;
    }
    for name in ["list-no-prefix-400", "list-unknown-bucket-200", "list-v2-bad-cursor-400", "upload-anon-400-403"] {
        rig.same(&format!("storage/{name}")).await;
    }
    // The file for the lists, ranges and conditions is written three times, as it was.
    rig.alike("storage/upload-multipart-200").await;
    rig.same("storage/upload-duplicate-400-409").await;
    rig.alike("storage/upload-upsert-200").await;
    let third = rig.post(
        "/storage/v1/object/archive/mp/hello.txt",
        "x-upsert: true\r\nContent-Type: text/plain\r\n",
        b"third\n",
    );
    assert_eq!(third.await.status, 200);
    rig.alike("storage/upload-multipart-fields-200").await;
    rig.alike("storage/upload-raw-200").await;
    rig.alike("storage/upload-empty-folder-placeholder-200").await;
    rig.alike("storage/upload-multipart-part-without-type-200").await;
    for name in ["invalid-key-400", "mime-not-allowed-400-415", "multipart-no-filename-400"] {
        rig.same(&format!("storage/upload-{name}")).await;
    }
    for name in ["multipart-unterminated-400", "too-large-bucket-400-413"] {
        rig.same(&format!("storage/upload-{name}")).await;
    }

    for name in ["download-200", "range-206", "if-range-mismatch-206"] {
        let (_, got) = rig.replay(&format!("storage/{name}")).await;
        let recorded = rig.recorded(&format!("storage/{name}")).answer.expect("recorded");
        assert_eq!(got.text(), recorded.text(), "{name}");
        assert_eq!(got.header("etag"), recorded.header("etag"), "{name}: the MD5 of the bytes");
    }
    for name in ["head-200", "head-400", "if-none-match-304"] {
        let (_, got) = rig.replay(&format!("storage/{name}")).await;
        let recorded = rig.recorded(&format!("storage/{name}")).answer.expect("recorded");
        assert_eq!(got.header("content-length"), recorded.header("content-length"), "{name}");
    }
    rig.same("storage/range-at-end-416").await;
    let empty = rig.post("/storage/v1/object/archive/mp/empty", "Content-Type: text/plain\r\n", b"").await;
    assert_eq!(empty.status, 200);
    rig.same("storage/range-empty-object-416").await;
    let modified = rig.get("/storage/v1/object/archive/mp/hello.txt").await;
    rig.swap("Tue, 24 Nov 2026 13:36:34 GMT", modified.header("last-modified").expect("a date"));
    rig.replay("storage/if-modified-since-equal-200").await;

    let info = rig.alike("storage/info-200").await;
    let recorded = rig.recorded("storage/info-200").answer.expect("recorded").json();
    for key in ["name", "size", "content_type", "cache_control", "etag", "metadata"] {
        assert_eq!(info[key], recorded[key], "{key}");
    }
    let without_type = rig.alike("storage/info-part-without-type-200").await;
    assert_eq!(without_type["content_type"], "text/plain");
    let raw = rig.get("/storage/v1/object/info/archive/raw/a.json").await.json();
    assert_eq!((&raw["cache_control"], &raw["metadata"]), (&json!("max-age=60"), &json!({"who": "raw"})));

    rig.same("storage/public-of-private-400-404").await;
    let page = rig.post(
        "/storage/v1/object/public-assets/p%20q.txt",
        "Content-Type: text/html\r\ncache-control: max-age=3600\r\n",
        b"<b>public</b>",
    );
    assert_eq!(page.await.status, 200);
    for name in ["public-download-200", "public-download-disposition-200"] {
        assert_eq!(rig.replay(&format!("storage/{name}")).await.1.text(), "<b>public</b>", "{name}");
    }
    // Recorded on a route that the demo does not have: the check is the same on each.
    for name in ["bad-jwt-400-403", "no-authorization-400"] {
        let exchange = rig.recorded(&format!("storage/{name}"));
        let request = String::from_utf8(exchange.request).expect("text").replacen("POST ", "GET ", 1);
        let got = rig.send(request.as_bytes(), false).await.expect("an answer");
        let recorded = exchange.answer.expect("recorded");
        assert_eq!((got.status, got.json()), (recorded.status, recorded.json()), "{name}");
    }
    assert_eq!(rig.get("/storage/v1/status").await.text(), "");
    assert_eq!(rig.get("/storage/v1/version").await.text(), "v1.70.6");
}

#[tokio::test]
async fn objects_are_listed_as_recorded() {
    let mut rig = Rig::few().await;
    // Another empty room for the recorded folders.
    rig.swap("/srt ", "/invoices ");
    let put = async |bucket: &str, key: &str| {
        let kind = if bucket == "invoices" { "application/pdf" } else { "text/plain" };
        let path = format!("/storage/v1/object/{bucket}/{key}");
        assert_eq!(rig.post(&path, &format!("Content-Type: {kind}\r\n"), b"x").await.status, 200, "{key}");
    };
    for key in ["badmeta", "cc-after", "cc-before", "empty", "emptyname", "hello.txt", "noct"] {
        put("archive", &format!("mp/{key}")).await;
    }
    for key in ["mix/.emptyFolderPlaceholder", "mix/readme.md", "mix/sub/deep.txt", "Case/one.txt", "case/two.txt"] {
        put("archive", key).await;
    }
    rig.alike("storage/list-folder-200").await;
    rig.alike("storage/list-root-200").await;
    let names = |rows: &Value| -> Vec<String> {
        rows.as_array().expect("rows").iter().map(|row| row["name"].as_str().expect("a name").to_owned()).collect()
    };
    assert_eq!(names(&rig.alike("storage/list-mixed-200").await), [".emptyFolderPlaceholder", "readme.md", "sub"]);
    assert_eq!(names(&rig.alike("storage/list-case-insensitive-prefix-200").await), ["one.txt", "two.txt"]);
    let mixed = rig.alike("storage/list-v2-mixed-200").await;
    assert_eq!(names(&mixed["folders"]), ["mix/sub/"]);
    assert_eq!(mixed["folders"][0]["key"], "sub");
    assert_eq!(mixed["objects"][1]["key"], "readme.md");

    let first = rig.alike("storage/list-v2-page-200").await;
    assert_eq!(names(&first["objects"]), ["mp/badmeta", "mp/cc-after", "mp/cc-before"]);
    assert_eq!(first["nextCursor"], "bDptcC9jYy1iZWZvcmU=", "the recorded cursor");
    let second = rig.alike("storage/list-v2-page2-200").await;
    assert_eq!(names(&second["objects"]), ["mp/empty", "mp/emptyname", "mp/hello.txt"]);

    for key in ["z.txt", "m.txt", "a.txt", "s/one", "r/one", "q/one", "q/two", "p/one"] {
        put("invoices", key).await;
    }
    let down = rig.replay("storage/list-v2-name-desc-loses-folders-200").await.1.json();
    let folders = names(&down["folders"]);
    assert!(!folders.contains(&"s/".to_owned()), "a folder with one object behind a file is lost");
    assert!(folders.contains(&"r/".to_owned()) && folders.contains(&"q/".to_owned()));
    let body = br#"{"prefix": "", "with_delimiter": true}"#;
    let up = rig.post("/storage/v1/object/list-v2/invoices", "", body).await.json();
    assert!(names(&up["folders"]).contains(&"s/".to_owned()), "not in the other order");

    let deep = br#"{"prefix": "mix/"}"#;
    let deep = rig.post("/storage/v1/object/list-v2/archive", "", deep).await.json();
    assert_eq!(names(&deep["objects"]), ["mix/.emptyFolderPlaceholder", "mix/readme.md", "mix/sub/deep.txt"]);
    let too_many = rig.post("/storage/v1/object/list-v2/archive", "", br#"{"limit": 1001}"#).await;
    assert_eq!(too_many.json()["message"], "body/limit must be <= 1000");
    let none = rig.post("/storage/v1/object/list/archive", "", br#"{"prefix": "", "limit": 0}"#).await;
    assert_eq!(none.json()["message"], "body/limit must be >= 1");
}

#[tokio::test]
async fn a_page_of_objects_goes_on_by_each_order() {
    let rig = Rig::few().await;
    for sort in
        [json!(null), json!({"column": "name", "order": "desc"}), json!({"column": "created_at", "order": "desc"})]
    {
        let mut seen = Vec::new();
        let mut cursor = Value::Null;
        loop {
            let body = json!({"prefix": "logs/", "limit": 7, "sortBy": sort, "cursor": cursor});
            let page = rig.post("/storage/v1/object/list-v2/archive", "", body.to_string().as_bytes()).await.json();
            let rows = page["objects"].as_array().expect("rows");
            seen.extend(rows.iter().map(|row| row["name"].as_str().expect("a name").to_owned()));
            if page["hasNext"] == false {
                assert_eq!(page.get("nextCursor"), None);
                break;
            }
            cursor = page["nextCursor"].clone();
        }
        assert_eq!(seen.len(), 59, "{sort}");
        assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 59, "{sort}");
    }
}

#[tokio::test]
async fn an_anon_key_sees_nothing_and_is_told_nothing() {
    let rig = Rig::few().await;
    let ask = async |method: &str, path: &str, body: &str| {
        let key = &rig.options.anon_key;
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\napikey: {key}\r\nAuthorization: Bearer {key}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        rig.send(request.as_bytes(), false).await.expect("an answer")
    };
    assert_eq!(ask("GET", "/storage/v1/bucket", "").await.json(), json!([]));
    assert_eq!(ask("POST", "/storage/v1/object/list/archive", r#"{"prefix":""}"#).await.json(), json!([]));
    let exact = ask("POST", "/storage/v1/object/list-v2/archive", r#"{"prefix":""}"#).await.json();
    assert_eq!(exact, json!({"hasNext": false, "folders": [], "objects": []}));
    let read = ask("GET", "/storage/v1/object/archive/exports/users-001.csv", "").await;
    assert_eq!((read.status, read.json()["statusCode"].clone()), (400, json!("404")));
    assert_eq!(rig.get("/storage/v1/object/archive/exports/users-001.csv").await.status, 200);
}

#[tokio::test]
async fn uploads_come_back_byte_for_byte() {
    let rig = Rig::few().await;
    let bytes: Vec<u8> =
        (0..3_000_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).take(5_000_001).collect();
    let raw = rig.post("/storage/v1/object/archive/up/raw.bin", "Content-Type: application/x-thing\r\n", &bytes).await;
    assert_eq!(raw.status, 200, "{}", raw.text());
    let mut form =
        b"--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\nContent-Type: image/png\r\n\r\n"
            .to_vec();
    form.extend_from_slice(&bytes);
    form.extend_from_slice(b"\r\n--B--\r\n");
    let path = "/api/platform/storage/demo/object/archive/up/form.bin";
    let mut request = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Type: multipart/form-data; boundary=B\r\nContent-Length: {}\r\n\r\n",
        rig.options.token,
        form.len()
    )
    .into_bytes();
    request.extend_from_slice(&form);
    assert_eq!(rig.send(&request, false).await.expect("an answer").status, 200);
    for (name, kind) in [("raw.bin", "application/x-thing"), ("form.bin", "image/png")] {
        let got = rig.get(&format!("/storage/v1/object/archive/up/{name}")).await;
        assert!(got.body == bytes, "{name}");
        assert_eq!(got.header("content-type"), Some(kind));
    }
    let info = rig.get("/storage/v1/object/info/archive/up/raw.bin").await.json();
    let form = rig.get("/storage/v1/object/info/archive/up/form.bin").await.json();
    assert_eq!((&info["size"], &info["etag"]), (&json!(bytes.len()), &form["etag"]));
}

#[tokio::test]
async fn seeded_files_have_the_size_that_the_list_tells() {
    let rig = Rig::few().await;
    for (bucket, prefix) in [("archive", "exports/"), ("public-assets", "img/"), ("notes", "")] {
        let body = json!({"prefix": prefix, "with_delimiter": true}).to_string();
        let list = rig.post(&format!("/storage/v1/object/list-v2/{bucket}"), "", body.as_bytes()).await.json();
        let row = &list["objects"][0];
        let got = rig.get(&format!("/storage/v1/object/{bucket}/{}", row["name"].as_str().expect("a name"))).await;
        assert_eq!(json!(got.body.len()), row["metadata"]["size"]);
        assert_eq!(row["metadata"]["eTag"], got.header("etag").expect("an etag"));
    }
}

/// The head of an upload of `length` bytes, by the project's key.
fn upload_head(rig: &Rig, path: &str, headers: &str, length: usize) -> String {
    format!("POST /storage/v1/object/{path} HTTP/1.1\r\n{}{headers}Content-Length: {length}\r\n\r\n", rig.key_headers())
}

#[tokio::test]
async fn early_refusals_come_while_the_body_is_being_sent() {
    let rig = Rig::few().await;
    let part =
        "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\nContent-Type: application/zip\r\n\r\n";
    let form = "Content-Type: multipart/form-data; boundary=B\r\n";
    let cases = [
        ("notes/a.txt", "Content-Type: text/plain\r\n", "", "413"),
        ("nosuch/a.txt", "Content-Type: text/plain\r\n", "", "404"),
        ("archive/exports/users-001.csv", "Content-Type: text/plain\r\n", "", "409"),
        ("archive/exports/users-001.csv", form, part, "409"),
        ("archive/bad%7Bkey", form, part, "400"),
        ("documents/a.zip", form, part, "415"),
    ];
    for (path, headers, begin, status) in cases {
        let mut socket = rig.connect().await;
        let head = upload_head(&rig, path, headers, 40_000_000);
        socket.write_all(head.as_bytes()).await.expect("written");
        socket.write_all(begin.as_bytes()).await.expect("written");
        socket.write_all(&vec![b'x'; 50_000]).await.expect("written");
        let answer = read_answer(&mut socket, false).await.expect("an answer");
        assert_eq!(answer.json()["statusCode"], status, "{path}: {}", answer.text());
        socket.write_all(&vec![b'x'; 50_000]).await.expect("the connection is still open");
    }
}

#[tokio::test]
async fn a_refused_small_body_does_not_cost_its_connection() {
    let rig = Rig::few().await;
    let mut socket = rig.connect().await;
    for _ in 0..2 {
        let head = upload_head(&rig, "archive/exports/users-001.csv", "Content-Type: text/csv\r\n", 3_000);
        socket.write_all(head.as_bytes()).await.expect("written");
        socket.write_all(&vec![b'x'; 3_000]).await.expect("written");
        assert_eq!(read_answer(&mut socket, false).await.expect("an answer").json()["statusCode"], "409");
    }
}

#[tokio::test]
async fn a_form_too_large_is_read_to_its_end() {
    let rig = Rig::few().await;
    let mut socket = rig.connect().await;
    let begin =
        "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\nContent-Type: text/plain\r\n\r\n";
    let body = [begin.as_bytes(), &vec![b'x'; 3_000_000], b"\r\n--B--\r\n"].concat();
    for _ in 0..2 {
        let head =
            upload_head(&rig, "notes/large.txt", "Content-Type: multipart/form-data; boundary=B\r\n", body.len());
        socket.write_all(head.as_bytes()).await.expect("written");
        socket.write_all(&body).await.expect("all of it is read");
        assert_eq!(read_answer(&mut socket, false).await.expect("an answer").json()["statusCode"], "413");
    }
    assert_eq!(rig.get("/storage/v1/object/info/notes/large.txt").await.status, 400);
}

#[tokio::test]
async fn a_raw_body_of_unknown_length_is_not_held_against_the_bucket() {
    let rig = Rig::few().await;
    let mut socket = rig.connect().await;
    let head = format!(
        "POST /storage/v1/object/notes/chunked.txt HTTP/1.1\r\n{}Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n",
        rig.key_headers()
    );
    let chunk = format!("7d0\r\n{}\r\n0\r\n\r\n", "x".repeat(2_000));
    socket.write_all((head + &chunk).as_bytes()).await.expect("written");
    assert_eq!(read_answer(&mut socket, false).await.expect("an answer").status, 200);
}

#[tokio::test]
async fn a_cut_upload_leaves_nothing() {
    let rig = Rig::few().await;
    let expect = "Content-Type: text/plain\r\nExpect: 100-continue\r\n";
    for path in ["archive/cut.txt", "archive/exports/users-001.csv"] {
        let mut socket = rig.connect().await;
        let headers = format!("x-upsert: true\r\n{expect}");
        socket.write_all(upload_head(&rig, path, &headers, 1_000_000).as_bytes()).await.expect("written");
        assert_eq!(read_answer(&mut socket, false).await.expect("go on").status, 100);
        socket.write_all(&vec![b'x'; 600_000]).await.expect("written");
        drop(socket);
    }
    assert_eq!(rig.get("/storage/v1/object/archive/cut.txt").await.json()["statusCode"], "404");
    let old = rig.get("/storage/v1/object/archive/exports/users-001.csv").await;
    assert!(old.text().starts_with("exports/users-001.csv"), "the old object stays");
}

#[tokio::test]
async fn of_two_uploads_at_once_both_are_told_yes_and_the_last_wins() {
    let rig = Rig::few().await;
    let headers = "Content-Type: text/plain\r\nExpect: 100-continue\r\n";
    let mut sockets = Vec::new();
    for _ in 0..2 {
        let mut socket = rig.connect().await;
        socket.write_all(upload_head(&rig, "archive/race.txt", headers, 3).as_bytes()).await.expect("written");
        // The check for a duplicate is behind us when the server asks for the body.
        assert_eq!(read_answer(&mut socket, false).await.expect("go on").status, 100);
        sockets.push(socket);
    }
    for (socket, text) in sockets.iter_mut().zip(["one", "two"]) {
        socket.write_all(text.as_bytes()).await.expect("written");
        assert_eq!(read_answer(socket, false).await.expect("an answer").status, 200);
    }
    assert_eq!(rig.get("/storage/v1/object/archive/race.txt").await.text(), "two");
}

#[tokio::test]
async fn stopping_frees_the_port_and_ends_connections() {
    let rig = Rig::few().await;
    let port = rig.server.addr().port();
    let mut idle = rig.connect().await;
    idle.write_all(format!("GET /auth/v1/health HTTP/1.1\r\n{}\r\n", rig.key_headers()).as_bytes())
        .await
        .expect("written");
    assert_eq!(read_answer(&mut idle, false).await.expect("an answer").status, 200);
    let ids = walk(&rig, 300, 300).await;
    let options = Options { port, ..rig.options.clone() };
    rig.server.stop().await;
    assert!(read_answer(&mut idle, false).await.is_none());
    let again = Rig::start(options).await;
    assert_eq!(again.server.addr().port(), port);
    assert_eq!(walk(&again, 300, 300).await, ids, "the same project comes back");
}
