//! Upload jobs end to end: against the demo server through both doors, and against a raw socket server that refuses,
//! cuts, holds back and loses answers at exactly the wrong moment.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use basedeck::api::client::{Client, Connection, DoorConfig, install_tls};
use basedeck::api::model::BucketId;
use basedeck::api::renew::{Given, Note, Renew, Renewal};
use basedeck::api::route::Door;
use basedeck::demo::{Options, Server};
use basedeck::secret::Secret;
use basedeck::work::engine::{Engine, JobHandle};
use basedeck::work::files;
use basedeck::work::outcome::{Class, Counts, ItemState, JobId, Outcome};
use basedeck::work::plan::{Choices, Destination, Exists, Plan, plan};
use basedeck::work::progress::ItemEvent;
use md5::{Digest, Md5};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

const MIB: usize = 1 << 20;

/// Local files of these sizes, `0.bin` and so on.
struct Files {
    dir: tempfile::TempDir,
    paths: Vec<PathBuf>,
}

impl Files {
    fn of(sizes: &[usize]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let paths: Vec<_> = (0..sizes.len()).map(|at| dir.path().join(format!("{at}.bin"))).collect();
        for (path, &size) in paths.iter().zip(sizes) {
            std::fs::write(path, bytes(size)).unwrap();
        }
        Self { dir, paths }
    }

    fn plan(&self, bucket: &str, prefix: &str, exists: Exists) -> Plan {
        let items: Vec<_> = files::look(&self.paths).into_iter().map(|(_, item)| item.unwrap()).collect();
        let choices = Choices { exists, ..Choices::default() };
        plan(&items, &Destination::new(BucketId(bucket.into()), prefix), choices, None)
    }
}

fn bytes(size: usize) -> Vec<u8> {
    let mut bytes = b"no byte of this is a line or a rhyme".repeat(size / 36 + 1);
    bytes.truncate(size);
    bytes
}

fn client(url: &str, doors: &[(Door, &str)]) -> Client {
    install_tls();
    let doors = doors.iter().map(|&(door, credential)| DoorConfig {
        door,
        user: None,
        base: url.parse().unwrap(),
        reference: Some("demo".into()),
        credential: Secret::new(credential.into()),
        renew: None,
    });
    Client::new(Connection { doors: doors.collect(), read_only: false, ca_file_pem: None, detect: false, watch: None })
}

/// Starts a job; its events are collected on the side.
fn start(client: &Client, plan: &Plan, parallel: usize) -> (JobHandle, tokio::task::JoinHandle<Vec<ItemEvent>>) {
    let (sender, mut receiver) = mpsc::channel(4);
    let handle = Engine::new(client.clone()).start(JobId(7), plan.clone(), parallel, sender);
    let events = tokio::spawn(async move {
        let mut all = Vec::new();
        while let Some(batch) = receiver.recv().await {
            all.extend::<Vec<ItemEvent>>(batch);
        }
        all
    });
    (handle, events)
}

/// Runs a job to its end and holds events, totals and states against each other.
async fn run(client: &Client, plan: &Plan, parallel: usize) -> Vec<ItemState> {
    let (handle, events) = start(client, plan, parallel);
    finish(plan, handle, events).await
}

async fn finish(plan: &Plan, handle: JobHandle, events: tokio::task::JoinHandle<Vec<ItemEvent>>) -> Vec<ItemState> {
    let totals = handle.totals.clone();
    let states = handle.ended().await;
    let mut told = plan.states();
    for event in events.await.unwrap() {
        assert_eq!(event.job, JobId(7));
        told[event.index] = event.state;
    }
    assert_eq!(told, states, "each item's end is told");
    let totals = totals.borrow().clone();
    assert!(totals.ended);
    assert_eq!(totals.counts, Counts::of(&states));
    assert_eq!((totals.counts.open(), totals.counts.all()), (0, plan.items.len() as u64));
    let whole = totals.counts.failed() == 0;
    assert_eq!(totals.permille() == 1_000, whole, "a full bar is all that was to be stored");
    assert_eq!((totals.rate, totals.eta), (None, None), "nothing is being sent any more");
    states
}

fn words(states: &[ItemState]) -> Vec<&'static str> {
    states.iter().map(ItemState::word).collect()
}

fn sentence(state: &ItemState) -> String {
    state.outcome().and_then(Outcome::sentence).unwrap_or_default()
}

struct Demo {
    server: Server,
    options: Options,
}

impl Demo {
    async fn start() -> Self {
        let options = Options { users: 1, life: 0.0, ..Options::default() };
        Self { server: Server::start(options.clone()).await.unwrap(), options }
    }

    fn client(&self, door: Door) -> Client {
        let credential = match door {
            Door::ControlPlane => &self.options.token,
            Door::Gateway | Door::Studio => &self.options.service_key,
        };
        client(&self.server.url(), &[(door, credential)])
    }

    async fn read(&self, bucket: &str, key: &str) -> Vec<u8> {
        let url = format!("{}/storage/v1/object/{bucket}/{key}", self.server.url());
        let key = &self.options.service_key;
        let request = reqwest::Client::builder().tls_certs_only([]).build().unwrap().get(url);
        let request = request.header("apikey", key).bearer_auth(key);
        request.send().await.unwrap().error_for_status().unwrap().bytes().await.unwrap().to_vec()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_size_arrives_whole_through_both_doors() {
    let demo = Demo::start().await;
    let files = Files::of(&[0, 1, 256 << 10, (256 << 10) + 1, 3 * MIB + 17]);
    for (door, prefix) in [(Door::ControlPlane, "control"), (Door::Gateway, "gate way")] {
        let plan = files.plan("archive", prefix, Exists::Fail);
        let states = run(&demo.client(door), &plan, 4).await;
        assert_eq!(words(&states), ["done"; 5], "{door:?}");
        for (item, path) in plan.items.iter().zip(&files.paths) {
            let stored = demo.read("archive", &item.key.replace(' ', "%20")).await;
            assert!(stored == std::fs::read(path).unwrap(), "{}", item.key);
        }
        let again = run(&demo.client(door), &plan, 4).await;
        assert_eq!(words(&again), ["exists"; 5], "{door:?}");
        assert_eq!(Class::of(&again), Class::Partly);
        let skipped = run(&demo.client(door), &Plan { exists: Exists::Skip, ..plan }, 4).await;
        assert_eq!(words(&skipped), ["there already"; 5], "{door:?}");
        assert_eq!(Class::of(&skipped), Class::AllDone);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_refused_item_does_not_stop_the_others() {
    let demo = Demo::start().await;
    // The second is more than the demo takes in one request; the control plane says so only after all bytes.
    let files = Files::of(&[10, 51 * MIB, 20]);
    let plan = files.plan("archive", "refused", Exists::Fail);
    for door in [Door::ControlPlane, Door::Gateway] {
        let states = run(&demo.client(door), &Plan { exists: Exists::Skip, ..plan.clone() }, 1).await;
        assert_eq!(words(&states)[1], "refused", "{door:?}: {}", sentence(&states[1]));
        assert_eq!(Counts::of(&states).finished(), 2, "{door:?}");
        assert_eq!(Class::of(&states).code(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn barred_items_are_never_sent_and_two_files_never_meet() {
    let demo = Demo::start().await;
    let mut files = Files::of(&[1]);
    std::fs::create_dir(files.dir.path().join("more")).unwrap();
    files.paths.push(files.dir.path().join("more/0.bin"));
    std::fs::write(&files.paths[1], "other").unwrap();
    let plan = files.plan("archive", "same", Exists::Fail);
    let states = run(&demo.client(Door::Gateway), &plan, 4).await;
    assert_eq!(words(&states), ["refused"; 2]);
    assert!(sentence(&states[0]).contains("keep the folders"));
    assert_eq!(plan.rest(&states), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_small_files_are_each_accounted_for() {
    let demo = Demo::start().await;
    let files = Files::of(&[100; 400]);
    let plan = files.plan("archive", "many", Exists::Fail);
    let states = run(&demo.client(Door::Gateway), &plan, 8).await;
    assert_eq!(Counts::of(&states).done, 400);
    assert!(demo.read("archive", "many/399.bin").await == bytes(100));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_is_not_there_ends_the_job_at_once() {
    let demo = Demo::start().await;
    let files = Files::of(&[1; 20]);
    let plan = files.plan("nowhere", "", Exists::Fail);
    let states = run(&demo.client(Door::Gateway), &plan, 1).await;
    assert_eq!(Class::of(&states).code(), 4, "{}", sentence(&states[0]));
    assert!(sentence(&states[19]).starts_with("Not sent. "), "{}", sentence(&states[19]));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_listens_the_job_ends_and_says_so() {
    let (_held, url) = crate::socket::deaf();
    let files = Files::of(&[1; 12]);
    let states = run(&client(url.as_str(), &[(Door::Gateway, "key")]), &files.plan("b", "", Exists::Fail), 4).await;
    assert_eq!(Counts::of(&states).not_stored, 12);
    assert_eq!(Class::of(&states).code(), 5);
    assert!(sentence(&states[11]).starts_with("Not sent. "), "{}", sentence(&states[11]));
}

/// What the raw server does with a request.
enum Act {
    /// Reads the body and answers.
    Answer(&'static str, String),
    /// Answers before the body, and leaves it unread.
    Early(&'static str, String),
    /// Reads so much of the body and closes.
    CutAfter(usize),
    /// Reads the whole body and closes.
    Lose,
    /// Reads the whole body and never answers.
    Silence,
    /// Reads so much of the body and does no more.
    Stall(usize),
    /// Reads so much of the body, does something, then reads the rest and answers that all is well.
    Midway(usize, Box<dyn FnOnce() + Send>),
}

/// A request's beginning.
struct Head {
    method: String,
    path: String,
    length: usize,
    token: String,
}

/// A raw socket server that does what a script says.
struct Raw {
    url: String,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Raw {
    async fn start(script: impl FnMut(&Head) -> Act + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (script, log) = (Arc::new(Mutex::new(script)), seen.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (script, log) = (script.clone(), log.clone());
                tokio::spawn(async move {
                    let act = move |head: &Head| {
                        log.lock().unwrap().push(format!("{} {}", head.method, head.path));
                        (script.lock().unwrap())(head)
                    };
                    serve(stream, act).await
                });
            }
        });
        Self { url, seen }
    }

    /// Through the project's gateway alone, or the control plane alone, which cannot look at objects.
    fn client(&self, door: Door) -> Client {
        client(&self.url, &[(door, "first")])
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

async fn serve(mut stream: TcpStream, mut act: impl FnMut(&Head) -> Act) -> Option<()> {
    loop {
        let head = head(&mut stream).await?;
        let mut read = 0;
        let (status, body) = match act(&head) {
            Act::Answer(status, body) => {
                drain(&mut stream, &mut read, head.length).await?;
                (status, body)
            }
            Act::Early(status, body) => {
                answer(&mut stream, status, &body).await?;
                return std::future::pending().await;
            }
            Act::CutAfter(bytes) => {
                drain(&mut stream, &mut read, bytes).await?;
                return None;
            }
            Act::Stall(bytes) => {
                drain(&mut stream, &mut read, bytes).await?;
                return std::future::pending().await;
            }
            Act::Lose => {
                drain(&mut stream, &mut read, head.length).await?;
                return None;
            }
            Act::Silence => {
                drain(&mut stream, &mut read, head.length).await?;
                return std::future::pending().await;
            }
            Act::Midway(bytes, then) => {
                drain(&mut stream, &mut read, bytes).await?;
                then();
                drain(&mut stream, &mut read, head.length).await?;
                ok(&head.path)
            }
        };
        answer(&mut stream, status, &body).await?;
    }
}

async fn head(stream: &mut TcpStream) -> Option<Head> {
    let mut text = Vec::new();
    while !text.ends_with(b"\r\n\r\n") {
        text.push(stream.read_u8().await.ok()?);
    }
    let text = String::from_utf8(text).unwrap();
    let field = |name: &str| {
        let line = text.lines().find(|line| line.to_ascii_lowercase().starts_with(name));
        line.and_then(|line| line.split_once(": ")).map(|(_, value)| value.to_owned())
    };
    let mut first = text.split(' ').map(ToOwned::to_owned);
    let head = Head {
        method: first.next()?,
        path: first.next()?,
        length: field("content-length:").and_then(|length| length.parse().ok()).unwrap_or(0),
        token: field("authorization:").unwrap_or_default(),
    };
    Some(head)
}

/// Reads the body up to this many bytes.
async fn drain(stream: &mut TcpStream, read: &mut usize, to: usize) -> Option<()> {
    let mut piece = vec![0; 64 << 10];
    while *read < to {
        let most = piece.len().min(to - *read);
        match stream.read(&mut piece[..most]).await {
            Ok(bytes) if bytes > 0 => *read += bytes,
            _ => return None,
        }
    }
    Some(())
}

async fn answer(stream: &mut TcpStream, status: &str, body: &str) -> Option<()> {
    let text =
        format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    stream.write_all(text.as_bytes()).await.ok()
}

/// What Storage answers when it has stored the object of this path.
fn ok(path: &str) -> (&'static str, String) {
    let key = path.split_once("/object/").map_or("?", |(_, key)| key);
    ("200 OK", format!(r#"{{"Id":"3f2a0d0e-0000-4000-8000-000000000001","Key":"{key}"}}"#))
}

fn good(head: &Head) -> Act {
    let (status, body) = ok(&head.path);
    Act::Answer(status, body)
}

fn not_there() -> Act {
    let body = r#"{"statusCode":"404","error":"not_found","message":"Object not found","code":"NoSuchKey"}"#;
    Act::Answer("400 Bad Request", body.into())
}

fn taken() -> Act {
    let body = r#"{"statusCode":"409","error":"Duplicate","message":"The resource already exists"}"#;
    Act::Early("400 Bad Request", body.into())
}

/// What the server says it holds.
fn holds(content: &[u8]) -> Act {
    let etag: String = Md5::digest(content).iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    let body = format!(r#"{{"id":"x","name":"k","size":{},"etag":"\"{etag}\"","version":"v"}}"#, content.len());
    Act::Answer("200 OK", body)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_done_when_the_server_holds_the_same_bytes() {
    let files = Files::of(&[MIB]);
    let raw = Raw::start(|head| if head.method == "POST" { Act::Lose } else { holds(&bytes(MIB)) }).await;
    let states = run(&raw.client(Door::Gateway), &files.plan("b", "", Exists::Fail), 4).await;
    assert_eq!(words(&states), ["done, checked"], "{}", sentence(&states[0]));
    assert_eq!(raw.seen(), ["POST /storage/v1/object/b/0.bin", "GET /storage/v1/object/info/b/0.bin"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_a_conflict_when_the_server_holds_something_else() {
    let files = Files::of(&[MIB]);
    for (exists, word) in [(Exists::Fail, "exists"), (Exists::Skip, "there already")] {
        let raw = Raw::start(|head| if head.method == "POST" { Act::Lose } else { holds(&vec![1; MIB]) }).await;
        let states = run(&raw.client(Door::Gateway), &files.plan("b", "", exists), 4).await;
        assert_eq!(words(&states), [word]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_upload_is_not_stored_and_says_how_far_it_got() {
    let files = Files::of(&[24 * MIB]);
    for door in [Door::Gateway, Door::ControlPlane] {
        let raw = Raw::start(|head| if head.method == "POST" { Act::CutAfter(MIB) } else { not_there() }).await;
        let states = run(&raw.client(door), &files.plan("b", "", Exists::Fail), 4).await;
        assert_eq!(words(&states), ["not stored"], "{door:?}");
        let sentence = sentence(&states[0]);
        assert!(sentence.starts_with("Only ") && sentence.contains(" of 24 MiB went out ("), "{sentence}");
        assert!(sentence.contains("the connection broke"), "{sentence}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sent_whole_without_an_answer_is_unknown_where_nobody_can_look() {
    let files = Files::of(&[MIB]);
    let raw = Raw::start(|_| Act::Lose).await;
    let plan = files.plan("b", "", Exists::Fail);
    let states = run(&raw.client(Door::ControlPlane), &plan, 4).await;
    assert_eq!(words(&states), ["unknown"]);
    assert!(sentence(&states[0]).starts_with("Sent whole, no proof"), "{}", sentence(&states[0]));
    assert_eq!(raw.seen().len(), 1, "it is not sent again");
    // The rest, run through a door that can look, finds its own upload instead of a conflict.
    let rest = plan.rest(&states).unwrap();
    let raw = Raw::start(|head| if head.method == "POST" { taken() } else { holds(&bytes(MIB)) }).await;
    assert_eq!(words(&run(&raw.client(Door::Gateway), &rest, 4).await), ["done, checked"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_file_that_is_surely_not_there_is_sent_once_more() {
    let files = Files::of(&[100]);
    let mut posts = 0;
    let raw = Raw::start(move |head| {
        posts += usize::from(head.method == "POST");
        if head.method == "GET" {
            return not_there();
        }
        if posts == 1 { Act::Lose } else { good(head) }
    })
    .await;
    assert_eq!(words(&run(&raw.client(Door::Gateway), &files.plan("b", "", Exists::Fail), 4).await), ["done"]);
    assert_eq!(raw.seen().iter().filter(|line| line.starts_with("POST")).count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_keeps_what_has_ended_and_asks_about_what_was_sent_whole() {
    let files = Files::of(&[100, 24 * MIB, 100, MIB, 100]);
    let raw = Raw::start(|head| match head.path.rsplit('/').next() {
        Some("1.bin") => Act::Stall(MIB),
        Some("3.bin") if head.method == "POST" => Act::Silence,
        Some("3.bin") => holds(&bytes(MIB)),
        _ => good(head),
    })
    .await;
    let plan = files.plan("b", "", Exists::Fail);
    let (handle, events) = start(&raw.client(Door::Gateway), &plan, 2);
    let mut totals = handle.totals.clone();
    // The second hangs in its middle, the fourth waits for an answer; both places are taken, and the small ones are done.
    let stands = |counts: &Counts| (counts.done, counts.sent_waiting, counts.sending) == (2, 1, 1);
    totals.wait_for(|totals| stands(&totals.counts)).await.unwrap();
    handle.stop();
    let states = finish(&plan, handle, events).await;
    assert_eq!(words(&states), ["done", "stopped", "done", "done, checked", "stopped"]);
    assert_eq!(Class::of(&states).code(), 130);
    assert_eq!(plan.rest(&states).unwrap().items.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_credential_ends_the_job_and_the_rest_runs_with_a_new_one() {
    let files = Files::of(&[100; 6]);
    let mut posts = 0;
    let raw = Raw::start(move |head| {
        posts += 1;
        if posts == 1 || head.token == "Bearer second" {
            return good(head);
        }
        Act::Answer("401 Unauthorized", r#"{"code":"unauthorized","message":"JWT expired"}"#.into())
    })
    .await;
    let plan = files.plan("b", "", Exists::Fail);
    let client = raw.client(Door::ControlPlane);
    let states = run(&client, &plan, 1).await;
    assert_eq!(words(&states)[..2], ["done", "not stored"]);
    assert_eq!(Counts::of(&states).not_stored, 5);
    assert!(sentence(&states[5]).starts_with("Not sent. "), "{}", sentence(&states[5]));
    assert_eq!(raw.seen().len(), 2, "what follows a refused credential is not tried");
    client.set_credential(Door::ControlPlane, Secret::new("second".into()));
    let rest = plan.rest(&states).unwrap();
    assert_eq!(words(&run(&client, &rest, 4).await), ["done"; 5]);
}

/// Gives the second token, once.
#[derive(Debug, Default)]
struct Second(AtomicUsize);

impl Renew for Second {
    fn renew<'a>(&'a self, _: Option<&'a Secret>, _: &'a Note) -> Renewal<'a> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Box::pin(async { Ok(Given { secret: Secret::new("second".into()), ..Given::default() }) })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_that_were_refused_are_sent_anew_with_another_credential_and_stored_once() {
    let files = Files::of(&[MIB; 4]);
    let raw = Raw::start(|head| match head.token.as_str() {
        "Bearer second" => good(head),
        _ => Act::Answer("401 Unauthorized", r#"{"code":"unauthorized","message":"JWT expired"}"#.into()),
    })
    .await;
    let second = Arc::new(Second::default());
    let door = DoorConfig {
        door: Door::ControlPlane,
        user: None,
        base: raw.url.parse().unwrap(),
        reference: Some("demo".into()),
        credential: Secret::new("first".into()),
        renew: Some(second.clone()),
    };
    let connection = Connection { doors: vec![door], read_only: false, ca_file_pem: None, detect: false, watch: None };
    let states = run(&Client::new(connection), &files.plan("b", "", Exists::Fail), 2).await;
    assert_eq!(words(&states), ["done"; 4], "{:?}", states.iter().map(sentence).collect::<Vec<_>>());
    assert_eq!(second.0.load(Ordering::Relaxed), 1);
    let mut sent = raw.seen();
    let refused = sent.len() - 4;
    assert!((1..=2).contains(&refused), "what began before the renewal: {sent:?}");
    sent.sort();
    sent.dedup();
    assert_eq!(sent.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_server_gets_the_pause_it_asks_for() {
    let files = Files::of(&[100; 3]);
    let mut posts = 0;
    let raw = Raw::start(move |head| {
        posts += 1;
        let busy = "429 Too Many Requests\r\nRetry-After: 1";
        if posts == 1 { Act::Answer(busy, String::new()) } else { good(head) }
    })
    .await;
    let plan = files.plan("b", "", Exists::Fail);
    let started = Instant::now();
    let (handle, events) = start(&raw.client(Door::Gateway), &plan, 1);
    let mut totals = handle.totals.clone();
    totals.wait_for(|totals| totals.held == Some(Duration::from_secs(1))).await.unwrap();
    assert_eq!(words(&finish(&plan, handle, events).await), ["done"; 3]);
    assert!(started.elapsed() >= Duration::from_secs(1));
    assert_eq!(raw.seen().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_changes_while_it_is_read_is_not_stored() {
    let files = Files::of(&[24 * MIB]);
    let path = files.paths[0].clone();
    let stored = Arc::new(Mutex::new(false));
    let raw = Raw::start({
        let stored = stored.clone();
        move |head| {
            let (path, stored) = (path.clone(), stored.clone());
            assert_eq!(head.method, "POST");
            Act::Midway(
                MIB,
                Box::new(move || {
                    touch(&path);
                    *stored.lock().unwrap() = true;
                }),
            )
        }
    })
    .await;
    let states = run(&raw.client(Door::Gateway), &files.plan("b", "", Exists::Fail), 4).await;
    assert!(*stored.lock().unwrap(), "it was changed in the middle");
    assert_eq!(words(&states), ["not stored"]);
    assert!(sentence(&states[0]).contains("changed while it was read"), "{}", sentence(&states[0]));
}

fn touch(path: &Path) {
    std::fs::OpenOptions::new().write(true).open(path).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_early_refusal_ends_an_upload_whose_body_nobody_reads() {
    let files = Files::of(&[24 * MIB]);
    let raw = Raw::start(|_| taken()).await;
    let states = run(&raw.client(Door::Gateway), &files.plan("b", "", Exists::Fail), 4).await;
    assert_eq!(words(&states), ["exists"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stored_something_else_is_asked_for_the_truth() {
    let files = Files::of(&[MIB]);
    let elsewhere = || Act::Answer("200 OK", r#"{"Key":"other/thing","Id":"x"}"#.into());
    let raw = Raw::start(move |head| if head.method == "POST" { elsewhere() } else { not_there() }).await;
    let plan = files.plan("b", "deep", Exists::Fail);
    let states = run(&raw.client(Door::Gateway), &plan, 4).await;
    assert_eq!(words(&states), ["not stored"]);
    let why = "The server does not hold it (it says that it stored `other/thing`): send it again.";
    assert_eq!(sentence(&states[0]), why);
    let states = run(&raw.client(Door::ControlPlane), &plan, 4).await;
    assert_eq!(words(&states), ["unknown"], "this door cannot look");
    let raw = Raw::start(move |head| if head.method == "POST" { elsewhere() } else { holds(&bytes(MIB)) }).await;
    assert_eq!(words(&run(&raw.client(Door::Gateway), &plan, 4).await), ["done, checked"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_yes_before_the_body_is_named_as_such() {
    let files = Files::of(&[24 * MIB]);
    let raw = Raw::start(|head| {
        let (status, body) = ok(&head.path);
        if head.method == "POST" { Act::Early(status, body) } else { not_there() }
    })
    .await;
    let states = run(&raw.client(Door::Gateway), &files.plan("b", "", Exists::Fail), 4).await;
    assert_eq!(words(&states), ["not stored"]);
    let said = sentence(&states[0]);
    assert!(said.contains("(the server said yes before it had the whole file)") && !said.contains("lost"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_request_is_told_with_its_raw_answer() {
    let files = Files::of(&[MIB, 10]);
    let refusal = r#"{"statusCode":"413","error":"Payload too large","message":"The object exceeded the maximum"}"#;
    let raw = Raw::start(move |head| match (head.path.ends_with("0.bin"), head.method.as_str()) {
        (true, "POST") => Act::Lose,
        (true, _) => holds(&bytes(MIB)),
        (false, _) => Act::Answer("400 Bad Request", refusal.into()),
    })
    .await;
    let plan = files.plan("b", "", Exists::Fail);
    let (handle, events) = start(&raw.client(Door::Gateway), &plan, 1);
    assert_eq!(words(&handle.ended().await), ["done, checked", "refused"]);
    let asked: Vec<_> = events.await.unwrap().into_iter().flat_map(|event| event.asked).collect();
    let seen: Vec<_> = asked.iter().map(|asked| format!("{} {}", asked.meta.method, asked.meta.path)).collect();
    assert_eq!(seen, raw.seen());
    assert_eq!(asked[1].error, None);
    assert_eq!(asked[2].error.as_ref().unwrap().raw.as_deref(), Some(refusal));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_being_sent_once_all_is_sent() {
    let files = Files::of(&[24 * MIB]);
    let raw = Raw::start(|_| Act::Silence).await;
    let plan = files.plan("b", "", Exists::Fail);
    let (handle, events) = start(&raw.client(Door::ControlPlane), &plan, 1);
    let mut totals = handle.totals.clone();
    let told = totals.wait_for(|totals| totals.waiting_for_server).await.unwrap().clone();
    assert_eq!((told.rate, told.eta, told.stored), (None, None, told.bytes));
    handle.stop();
    assert_eq!(words(&finish(&plan, handle, events).await), ["unknown"]);
}
