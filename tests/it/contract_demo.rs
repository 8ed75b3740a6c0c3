//! The demo server against the recorded exchanges: each request of its routes is sent again over a plain socket, and
//! the answer compared: status, headers, refusals word for word, everything else by its shape.

mod platform;
mod storage;
mod studio;
mod uploads;
mod users;

use std::path::Path;
use std::time::Duration;

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
        // Where the length was not recorded, it is the body's.
        let length = told.map_or(body.len(), |told| told.parse().expect("a number"));
        assert_eq!(length, body.len(), "{name}");
        let more = if told.is_none() && length > 0 { format!("\nContent-Length: {length}") } else { String::new() };
        let mut bytes = ((head.to_owned() + &more).replace('\n', "\r\n") + "\r\n\r\n").into_bytes();
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

#[tokio::test]
async fn life_goes_on_by_itself() {
    let options = Options { users: 20, life: 2_000.0, ..Options::default() };
    let server = Server::start(options.clone()).await.expect("starts");
    let rig = Rig { server, options, swaps: Vec::new() };
    let body = json!({"prefix": "logs/live/"}).to_string();
    let went_on = async {
        loop {
            let users = rig.get("/auth/v1/admin/users?per_page=1").await;
            let files = rig.post("/storage/v1/object/list-v2/archive", "", body.as_bytes()).await.json();
            if users.header("x-total-count") != Some("20") && files["objects"] != json!([]) {
                return users.json();
            }
        }
    };
    let newest =
        tokio::time::timeout(Duration::from_secs(20), went_on).await.expect("someone came, something was stored");
    assert!(newest["users"][0]["email"].as_str().is_some_and(|email| email.contains('@')));
}
