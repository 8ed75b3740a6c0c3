//! The client against servers that cut, stall, trickle and lie: memory stays bounded, every request ends, no credential
//! goes to a server that it is not for, and an upload ends at the answer, whenever that comes.

use std::io::Cursor;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use basedeck::api::client::{Answered, Client};
use basedeck::api::error::{ApiError, Kind};
use basedeck::api::model::{BucketId, Page, User, UserId};
use basedeck::api::model::{ListUsers, NewUser};
use basedeck::api::route::Door;
use basedeck::api::upload::{Progress, Source, Stored, Upload, upload};
use basedeck::api::{buckets, objects, users};
use basedeck::secret::Secret;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::socket::{SOON, Server, answer, client, deaf, read_head, read_request};

async fn users(client: &Client) -> Answered<Page<User>> {
    users::list(client, ListUsers { page: 1, per_page: 50, oldest_first: false }).await
}

/// Asks for users a server that answers with these bytes and closes.
async fn told(bytes: impl Into<Vec<u8>>) -> Result<Page<User>, ApiError> {
    let bytes = bytes.into();
    let url = Server::with(move |mut stream| {
        let bytes = bytes.clone();
        async move {
            read_request(&mut stream).await;
            let _ = stream.write_all(&bytes).await;
        }
    })
    .await;
    users(&client(Door::Gateway, &url, "key")).await.result
}

fn bucket() -> BucketId {
    BucketId("private".into())
}

const USER: &str = r#"{"id":"b88e838d-1ffb-4a03-968d-51bdd3e8ddc6","email":"a@example.com"}"#;

#[tokio::test]
async fn a_cut_answer_is_no_list() {
    let whole = answer("200 OK", "", &format!("[{USER}]"));
    assert_eq!(told(whole.clone()).await.unwrap().rows.len(), 1);
    for (cut, kind) in [(0, Kind::Lost), (10, Kind::Lost), (36, Kind::Lost), (whole.len() - 20, Kind::BadAnswer)] {
        let error = told(&whole.as_bytes()[..cut]).await.unwrap_err();
        assert_eq!((error.kind, error.unsent), (kind, false), "{cut}: {error}");
    }
    // Chunks without an end.
    let error = told("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n").await.unwrap_err();
    assert_eq!(error.kind, Kind::BadAnswer);
}

#[tokio::test]
async fn a_wrong_length_is_no_list() {
    let long = format!("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n[{USER}]");
    let short = format!("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[{USER}]");
    for lie in [long, short, "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n[]".into()] {
        let error = told(lie).await.unwrap_err();
        assert!(matches!(error.kind, Kind::BadAnswer | Kind::Lost), "{error}");
    }
}

#[tokio::test]
async fn what_is_no_answer_of_ours_is_said_to_be_so() {
    for (headers, body, part) in [
        ("Content-Type: text/html\r\n", "<!doctype html><title>Welcome</title>", "some other server answered"),
        ("Content-Type: application/json\r\n", "Internal Server Error", "no list"),
        ("", "", "no list"),
        ("", "{\"users\": 5}", "no list"),
        ("Content-Encoding: gzip\r\n", "\u{1f}[]", "compressed (gzip)"),
    ] {
        let error = told(answer("200 OK", headers, body)).await.unwrap_err();
        assert_eq!((error.kind, error.status), (Kind::BadAnswer, Some(200)));
        assert!(error.sentence().contains(part), "{error}");
        assert_eq!(error.raw.as_deref(), Some(body));
    }
}

#[tokio::test]
async fn nothing_compressed_is_asked_for() {
    let server = Server::answering([answer("200 OK", "", "[]")]).await;
    users(&client(Door::Gateway, &server.url, "key")).await.result.unwrap();
    let asked = &server.asked()[0];
    assert_eq!(asked.header("accept-encoding"), Some("identity"));
    assert!(asked.header("user-agent").unwrap().starts_with("basedeck/"));
}

#[tokio::test]
async fn a_row_of_the_wrong_type_spoils_only_itself() {
    let rows = format!(r#"[{USER}, 5, {{"id":"x"}}, {{"id":"{}","email":7}}, {USER}]"#, uuid::Uuid::nil());
    let page = told(answer("200 OK", "", &rows)).await.unwrap();
    let fine: Vec<_> = page.rows.iter().map(|row| row.value.is_ok()).collect();
    assert_eq!(fine, [true, false, false, false, true]);
    assert!(page.rows[3].value.as_ref().unwrap_err().contains("cannot be read"));
    assert_eq!(&*page.rows[1].raw, "5");
}

#[tokio::test]
async fn deep_json_is_read_or_refused_without_harm() {
    let deep = 200_000;
    let nested = format!("{}{}", "[".repeat(deep), "]".repeat(deep));
    let page = told(answer("200 OK", "", &nested)).await.unwrap();
    assert!(page.rows[0].value.is_err());
    let metadata = USER.replace("\"email\"", &format!("\"user_metadata\":{nested},\"email\""));
    let page = told(answer("200 OK", "", &format!("[{metadata}]"))).await.unwrap();
    assert_eq!(page.rows[0].value.as_ref().unwrap().email.as_deref(), Some("a@example.com"));
    let error = told(answer("400 Bad Request", "", &format!("{{\"error\":{nested}}}"))).await.unwrap_err();
    assert_eq!((error.kind, error.raw.unwrap().len()), (Kind::Refused, 64 << 10));
    assert_eq!(told("[".repeat(deep)).await.unwrap_err().kind, Kind::Lost);
}

#[tokio::test]
async fn an_endless_answer_ends_at_its_limit() {
    let written = Arc::new(AtomicUsize::new(0));
    let count = written.clone();
    let url = Server::with(move |mut stream| {
        let count = count.clone();
        async move {
            read_request(&mut stream).await;
            let block = vec![b' '; 64 << 10];
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n[").await;
            while stream.write_all(&block).await.is_ok() {
                count.fetch_add(block.len(), Ordering::Relaxed);
            }
        }
    })
    .await;
    let client = client(Door::Gateway, &url, "key");
    let error = buckets::get(&client, &bucket()).await.result.unwrap_err();
    assert_eq!((error.kind, error.said.as_str()), (Kind::BadAnswer, "the answer is larger than 8 MiB"));
    let error = users(&client).await.result.unwrap_err();
    assert_eq!((error.kind, error.said.as_str()), (Kind::BadAnswer, "the answer is larger than 64 MiB"));
    assert!(written.load(Ordering::Relaxed) < 120 << 20);
}

#[tokio::test]
async fn an_endless_error_is_kept_in_part() {
    let mut body = r#"{"message":"Bucket not found","statusCode":"404","more":""#.to_owned();
    body.push_str(&"x".repeat(1 << 20));
    let error = told(answer("400 Bad Request", "", &body)).await.unwrap_err();
    assert_eq!(error.raw.unwrap().len(), 64 << 10);
    let headers = format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(4 << 20));
    assert_eq!(told(headers).await.unwrap_err().kind, Kind::Lost);
}

/// Serves a head and then nothing, or nothing at all, with the connection open.
async fn stalling(head: &'static str) -> Url {
    Server::with(move |mut stream| async move {
        read_request(&mut stream).await;
        let _ = stream.write_all(head.as_bytes()).await;
        let _ = stream.read_u8().await;
    })
    .await
}

#[tokio::test]
async fn a_stalled_answer_ends_at_the_deadline() {
    for head in ["", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n[", "HTTP/1.1 500 No\r\nContent-Length: 10\r\n\r\n{"]
    {
        let client = client(Door::Gateway, &stalling(head).await, "key").within(SOON);
        let answer = users(&client).await;
        let error = answer.result.unwrap_err();
        assert_eq!((error.kind, error.unsent), (Kind::Lost, false), "{error}");
        assert!(error.sentence().contains("no whole answer within 300 ms"), "{error}");
        assert!(answer.meta.took >= SOON);
    }
}

#[tokio::test]
async fn a_trickling_answer_ends_at_the_deadline() {
    let url = Server::with(|mut stream| async move {
        read_request(&mut stream).await;
        let mut tick = tokio::time::interval(Duration::from_millis(20));
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n[").await;
        while stream.write_all(b" ").await.is_ok() {
            tick.tick().await;
        }
    })
    .await;
    let started = Instant::now();
    let error = users(&client(Door::Gateway, &url, "key").within(SOON)).await.result.unwrap_err();
    assert_eq!(error.kind, Kind::Lost);
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn no_credential_follows_a_redirect_elsewhere() {
    let other = Server::answering([answer("200 OK", "", "[]")]).await;
    for status in ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let to = format!("Location: {}auth/v1/admin/users\r\n", other.url);
        let server = Server::answering([answer(status, &to, "")]).await;
        let error = users(&client(Door::Gateway, &server.url, "key")).await.result.unwrap_err();
        assert_eq!(error.kind, Kind::Redirected);
        let (from, to) = (server.url.as_str().trim_end_matches('/'), other.url.as_str().trim_end_matches('/'));
        let code = status.split(' ').next().unwrap();
        let said = format!(
            "The redirect was not followed ({from} sends us on to {to}, {code}): give that address yourself if you \
             trust it."
        );
        assert_eq!(error.sentence(), said);
        for door in [Door::Gateway, Door::ControlPlane] {
            let client = client(door, &server.url, "key");
            assert_eq!(create(&client).await.sentence(), said);
            let ended = send(&client, 9, 9, &Arc::default(), &CancellationToken::new()).await;
            assert_eq!(ended.unwrap_err().sentence(), said);
        }
    }
    assert!(other.asked().is_empty());
    let odd = Server::answering([answer("302 Found", "Location: javascript:alert(1)\r\n", "")]).await;
    let error = users(&client(Door::Gateway, &odd.url, "key")).await.result.unwrap_err();
    assert!(error.said.ends_with("sends us on to another kind of address"), "{error}");
}

#[tokio::test]
async fn a_read_follows_a_redirect_within_its_origin_but_not_for_ever() {
    let moved = answer("308 Permanent Redirect", "Location: /elsewhere\r\n", "");
    let server = Server::answering([moved.clone(), answer("200 OK", "", "[]")]).await;
    assert!(users(&client(Door::Gateway, &server.url, "key")).await.result.is_ok());
    assert_eq!(server.asked()[1].target, "/elsewhere");
    let circle = Server::answering([moved.clone()]).await;
    let error = users(&client(Door::Gateway, &circle.url, "key")).await.result.unwrap_err();
    assert_eq!((error.kind, circle.asked().len()), (Kind::Redirected, 4));
    let server = Server::answering([moved]).await;
    let error = create(&client(Door::Gateway, &server.url, "key")).await;
    assert_eq!((error.kind, server.asked().len()), (Kind::Redirected, 1), "a change is not sent to another path");
    assert!(error.said.ends_with(" sends us on to /elsewhere"), "{error}");
}

async fn create(client: &Client) -> ApiError {
    let user = NewUser {
        email: Some("a@example.com".into()),
        phone: None,
        password: Secret::default(),
        confirm: false,
        user_metadata: None,
    };
    users::create(client, &user).await.result.unwrap_err()
}

#[tokio::test]
async fn the_same_page_for_ever_ends() {
    let rows: Vec<_> = (0..1_000).map(|id| format!(r#"{{"id":"b{id}"}}"#)).collect();
    let server = Server::answering([answer("200 OK", "", &format!("[{}]", rows.join(",")))]).await;
    let client = client(Door::Gateway, &server.url, "key");
    let page = buckets::list(&client).await.result.unwrap();
    assert_eq!((page.rows.len(), server.asked().len()), (1_000, 2));

    let same = r#"{"hasNext":true,"nextCursor":"again","folders":[],"objects":[]}"#;
    let server = Server::answering([answer("200 OK", "", same)]).await;
    let client = crate::socket::client(Door::Gateway, &server.url, "key");
    let next = objects::list(&client, &bucket(), "", None).await.result.unwrap().next;
    assert_eq!(next.as_deref(), Some("again"));
    assert_eq!(objects::list(&client, &bucket(), "", next).await.result.unwrap().next, None);
}

#[tokio::test]
async fn where_nothing_listens_nothing_was_sent() {
    let (_held, dead) = deaf();
    let error = users(&client(Door::Gateway, &dead, "key")).await.result.unwrap_err();
    assert_eq!((error.kind, error.unsent), (Kind::Unreachable, true));
    let there = dead.authority();
    assert_eq!(
        error.sentence(),
        format!("{there} cannot be reached (nothing listens there): check the address and the network.")
    );
    assert_eq!(create(&client(Door::Gateway, &dead, "key")).await.kind, Kind::Unreachable);
}

#[tokio::test]
async fn https_to_a_plain_server_is_said_in_words() {
    let server = Server::with(|mut stream| async move {
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        let _ = stream.read_u8().await;
    })
    .await;
    let mut https = Url::parse("https://127.0.0.1").unwrap();
    https.set_port(server.port()).unwrap();
    let error = users(&client(Door::Gateway, &https, "key")).await.result.unwrap_err();
    assert!(error.unsent);
    // On a machine without certificates that is said instead.
    match error.kind {
        Kind::Unreachable => assert!(error.said.contains("speaks plain http"), "{error}"),
        _ => assert!(error.said.contains("CA certificates"), "{error}"),
    }
}

#[tokio::test]
async fn reads_are_tried_again_and_changes_are_not() {
    let busy = answer("503 Service Unavailable", "Retry-After: 0\r\n", "");
    let answers = [busy.clone(), busy.clone(), answer("200 OK", "", "[]")];
    let server = Server::answering(answers.clone()).await;
    let client = client(Door::Gateway, &server.url, "key");
    assert_eq!(users(&client).await.result.unwrap_err().kind, Kind::Server);
    assert_eq!(server.asked().len(), 1, "not unless asked for");
    let server = Server::answering(answers.clone()).await;
    let told = Arc::new(AtomicUsize::new(0));
    let count = told.clone();
    let again = crate::socket::client(Door::Gateway, &server.url, "key").retrying(3).telling(move |error| {
        assert_eq!(error.kind, Kind::Server);
        count.fetch_add(1, Ordering::Relaxed);
    });
    assert!(users(&again).await.result.is_ok());
    assert_eq!((server.asked().len(), told.load(Ordering::Relaxed)), (3, 2));
    let server = Server::answering(answers).await;
    let again = crate::socket::client(Door::Gateway, &server.url, "key").retrying(3);
    assert_eq!((create(&again).await.kind, server.asked().len()), (Kind::Server, 1));
    let server = Server::answering([answer("429 Too Many", "Retry-After: 3600\r\n", "")]).await;
    let again = crate::socket::client(Door::Gateway, &server.url, "key").retrying(3);
    let error = users(&again).await.result.unwrap_err();
    assert_eq!((error.retry_after, server.asked().len()), (Some(Duration::from_secs(3600)), 1), "nobody waits an hour");
}

#[tokio::test]
async fn a_lost_answer_to_a_change_is_lost() {
    for bytes in [
        "",
        "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"id\":",
        "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n{\"id\":",
    ] {
        let server = Server::with(move |mut stream| async move {
            read_request(&mut stream).await;
            let _ = stream.write_all(bytes.as_bytes()).await;
        })
        .await;
        let error = create(&client(Door::Gateway, &server, "key").retrying(3)).await;
        assert_eq!((error.kind, error.unsent), (Kind::Lost, false), "{error}");
    }
}

#[tokio::test]
async fn a_wait_may_be_a_date() {
    let printer = jiff::fmt::rfc2822::DateTimePrinter::new();
    let in_an_hour = jiff::Timestamp::now() + Duration::from_secs(3600);
    let date = printer.timestamp_to_rfc9110_string(&in_an_hour).unwrap();
    let error = told(answer("503 Busy", &format!("Retry-After: {date}\r\n"), "")).await.unwrap_err();
    assert!((3500..=3600).contains(&error.retry_after.unwrap().as_secs()));
    let past = told(answer("503 Busy", "Retry-After: Tue, 24 Nov 2020 13:45:58 GMT\r\n", "")).await.unwrap_err();
    assert_eq!(past.retry_after, Some(Duration::ZERO));
    assert_eq!(told(answer("503 Busy", "Retry-After: soon\r\n", "")).await.unwrap_err().retry_after, None);
}

#[tokio::test]
async fn a_password_in_the_address_is_not_sent() {
    let server = Server::answering([answer("200 OK", "", "[]")]).await;
    let mut url = server.url.clone();
    url.set_username("supabase").unwrap();
    url.set_password(Some("secret")).unwrap();
    users(&client(Door::Gateway, &url, "key")).await.result.unwrap();
    assert_eq!(server.asked()[0].header("authorization"), Some("Bearer key"));
}

/// Keys that libraries would resolve are refused; all else arrives as it is.
#[tokio::test]
async fn an_address_is_the_one_that_was_meant() {
    let server = Server::answering([answer("200 OK", "", r#"{"size":1}"#)]).await;
    let client = client(Door::Gateway, &server.url, "key");
    for key in [".", "..", "a/../b", "a/./b", "a/.."] {
        let error = objects::info(&client, &bucket(), key).await.result.unwrap_err();
        assert_eq!((error.kind, error.unsent), (Kind::Refused, true), "{key}");
    }
    assert!(buckets::get(&client, &BucketId("..".into())).await.result.unwrap_err().unsent);
    assert!(server.asked().is_empty());
    for (key, path) in [
        ("a b/c+d?e", "a%20b/c%2Bd%3Fe"),
        ("%2e%2e/x", "%252e%252e/x"),
        ("/a//b/", "/a//b/"),
        ("ü#\u{7}\\", "%C3%BC%23%07%5C"),
        ("...", "..."),
    ] {
        objects::info(&client, &bucket(), key).await.result.unwrap();
        let asked = server.asked().pop().unwrap();
        assert_eq!(asked.target, format!("/storage/v1/object/info/private/{path}"));
    }
}

// Uploads.

const MIB: u64 = 1 << 20;

/// An upload of so many bytes through a door; the source gives `given` of them.
async fn send(
    client: &Client,
    size: u64,
    given: u64,
    progress: &Arc<Progress>,
    stop: &CancellationToken,
) -> Result<Stored, ApiError> {
    let wanted = Upload { bucket: bucket(), key: "a.bin".into(), mime: "image/png".into(), size, upsert: false };
    let source = Source { body: Box::pin(tokio::io::repeat(7).take(given)) };
    upload(client, &wanted, source, progress.clone(), stop.clone()).await.result
}

/// Sends 64 MiB to a server, through both doors, and gives what came of it and what was sent.
async fn sent_to<F>(
    serve: impl Fn(TcpStream) -> F + Send + Copy + 'static,
) -> Vec<(Result<Stored, ApiError>, Arc<Progress>)>
where
    F: Future<Output = ()> + Send + 'static,
{
    let mut all = Vec::new();
    for door in [Door::Gateway, Door::ControlPlane] {
        let url = Server::with(serve).await;
        let progress = Arc::new(Progress::default());
        let client = client(door, &url, "key");
        all.push((send(&client, 64 * MIB, 64 * MIB, &progress, &CancellationToken::new()).await, progress));
    }
    all
}

const REFUSAL: &str = r#"{"statusCode":"413","error":"Payload too large","message":"The object exceeded the maximum allowed size","code":"EntityTooLarge"}"#;

/// Reads so many bytes of a body.
async fn swallow(stream: &mut TcpStream, bytes: u64) -> u64 {
    tokio::io::copy(&mut stream.take(bytes), &mut tokio::io::sink()).await.unwrap_or_default()
}

#[tokio::test]
async fn a_refusal_before_the_body_ends_the_upload_and_closes_the_connection() {
    let (ended, mut end) = mpsc::unbounded_channel();
    for door in [Door::Gateway, Door::ControlPlane] {
        let ended = ended.clone();
        let url = Server::with(move |mut stream| {
            let ended = ended.clone();
            async move {
                read_head(&mut stream).await;
                let _ = stream.write_all(answer("400 Bad Request", "", REFUSAL).as_bytes()).await;
                // Left open and unread until the client goes: then a write fails.
                let mut tick = tokio::time::interval(Duration::from_millis(10));
                while stream.write_all(b" ").await.is_ok() {
                    tick.tick().await;
                }
                let _ = ended.send(());
            }
        })
        .await;
        let progress = Arc::new(Progress::default());
        let client = client(door, &url, "key");
        let error = send(&client, 64 * MIB, 64 * MIB, &progress, &CancellationToken::new()).await.unwrap_err();
        assert_eq!((error.kind, error.status), (Kind::TooLarge, Some(413)), "{error}");
        assert!(!progress.whole() && progress.sent() < 64 * MIB);
        end.recv().await.unwrap();
    }
}

/// A body that fits into the buffers on its way is sent whole, whether or not anybody reads it.
#[tokio::test]
async fn a_connection_whose_upload_was_refused_unread_serves_nobody_else() {
    for (door, size) in [(Door::Gateway, 1), (Door::ControlPlane, 1), (Door::Gateway, 100 << 10)] {
        let url = Server::with(|mut stream| async move {
            read_head(&mut stream).await;
            let _ = stream.write_all(answer("400 Bad Request", "", REFUSAL).as_bytes()).await;
            // Left open and unread.
            std::future::pending::<()>().await;
        })
        .await;
        let client = client(door, &url, "key").within(SOON * 10);
        for _ in 0..3 {
            let progress = Arc::new(Progress::default());
            let error = send(&client, size, size, &progress, &CancellationToken::new()).await.unwrap_err();
            assert_eq!((error.kind, error.status), (Kind::TooLarge, Some(413)), "{size}: {error}");
        }
        let error = users(&client).await.result.unwrap_err();
        assert_eq!(error.status, Some(413), "{error}");
    }
}

#[tokio::test]
async fn uploads_that_are_stored_share_a_connection() {
    static CONNECTIONS: AtomicUsize = AtomicUsize::new(0);
    let url = Server::with(|mut stream| async move {
        CONNECTIONS.fetch_add(1, Ordering::Relaxed);
        while read_request(&mut stream).await.is_some() {
            let _ = stream.write_all(answer("200 OK", "", r#"{"Key":"private/a.bin"}"#).as_bytes()).await;
        }
    })
    .await;
    let client = client(Door::Gateway, &url, "key");
    for _ in 0..5 {
        let progress = Arc::new(Progress::default());
        send(&client, 1_000, 1_000, &progress, &CancellationToken::new()).await.unwrap();
    }
    assert_eq!(CONNECTIONS.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_refusal_in_the_middle_or_after_the_body_ends_the_upload() {
    let middle = sent_to(|mut stream| async move {
        read_head(&mut stream).await;
        swallow(&mut stream, 5 * MIB).await;
        let _ = stream.write_all(answer("400 Bad Request", "", REFUSAL).as_bytes()).await;
        std::future::pending::<()>().await;
    });
    for (result, progress) in middle.await {
        assert_eq!(result.unwrap_err().kind, Kind::TooLarge);
        assert!(progress.sent() >= 4 * MIB && !progress.whole());
    }
    let late = sent_to(|mut stream| async move {
        read_request(&mut stream).await;
        let _ = stream.write_all(answer("400 Bad Request", "", REFUSAL).as_bytes()).await;
        std::future::pending::<()>().await;
    });
    for (result, progress) in late.await {
        assert_eq!(result.unwrap_err().kind, Kind::TooLarge);
        assert!(progress.whole() && progress.sent() == 64 * MIB);
    }
}

/// The answer comes with a reset, since the server closes with unread bytes: the answer counts.
#[tokio::test]
async fn an_answer_that_comes_with_a_reset_counts() {
    for _ in 0..20 {
        let reset = sent_to(|mut stream| async move {
            read_head(&mut stream).await;
            let _ = stream.write_all(answer("400 Bad Request", "", REFUSAL).as_bytes()).await;
        });
        for (result, progress) in reset.await {
            let error = result.unwrap_err();
            assert_eq!((error.kind, error.status, progress.whole()), (Kind::TooLarge, Some(413), false), "{error}");
        }
    }
}

#[tokio::test]
async fn a_lost_answer_says_whether_all_was_sent() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let cut = sent_to(|mut stream| async move {
        read_head(&mut stream).await;
        // Who asks again, for the reason of the reset, gets none.
        if ASKED.fetch_add(1, Ordering::Relaxed).is_multiple_of(2) {
            swallow(&mut stream, MIB).await;
        }
    });
    for (result, progress) in cut.await {
        assert_eq!(result.unwrap_err().kind, Kind::Lost);
        assert!(!progress.whole());
    }
    let after = sent_to(|mut stream| async move {
        read_request(&mut stream).await;
    });
    for (result, progress) in after.await {
        let error = result.unwrap_err();
        assert_eq!((error.kind, error.unsent), (Kind::Lost, false));
        assert!(progress.whole());
    }
}

#[tokio::test]
async fn yes_before_all_was_sent_is_not_believed() {
    let hasty = sent_to(|mut stream| async move {
        read_head(&mut stream).await;
        let _ = stream.write_all(answer("200 OK", "", r#"{"Key":"private/a.bin","Id":"x"}"#).as_bytes()).await;
        std::future::pending::<()>().await;
    });
    for (result, progress) in hasty.await {
        assert_eq!(result.unwrap_err().kind, Kind::Lost);
        assert!(!progress.whole());
    }
}

#[tokio::test]
async fn an_upload_that_nobody_reads_ends() {
    let url = Server::with(|stream| async move {
        std::future::pending::<()>().await;
        drop(stream);
    })
    .await;
    let client = client(Door::Gateway, &url, "key");
    let progress = Arc::new(Progress::default());
    let still = client.within(SOON);
    let error = send(&still, 64 * MIB, 64 * MIB, &progress, &CancellationToken::new()).await.unwrap_err();
    assert_eq!((error.kind, progress.whole()), (Kind::Lost, false));
    assert!(error.sentence().contains("no byte moved for 300 ms"), "{error}");
    // A small one is sent whole into the connection's buffers.
    let progress = Arc::new(Progress::default());
    let error = send(&still, 1_000, 1_000, &progress, &CancellationToken::new()).await.unwrap_err();
    assert_eq!((error.kind, progress.whole()), (Kind::Lost, true));
    assert!(error.sentence().contains("sent whole, and no answer came"), "{error}");

    let stop = CancellationToken::new();
    let progress = Arc::new(Progress::default());
    let (ended, ()) = tokio::join!(send(&client, 64 * MIB, 64 * MIB, &progress, &stop), async {
        while progress.sent() < MIB {
            tokio::task::yield_now().await;
        }
        stop.cancel();
    });
    assert_eq!(ended.unwrap_err().kind, Kind::Stopped);
}

#[tokio::test]
async fn a_file_that_changes_is_not_stored() {
    let (whole, mut got) = mpsc::unbounded_channel();
    let url = Server::with(move |mut stream| {
        let whole = whole.clone();
        async move {
            let request = read_request(&mut stream).await;
            if request.is_some() {
                let _ = stream.write_all(answer("200 OK", "", r#"{"Key":"private/a.bin"}"#).as_bytes()).await;
            }
            let _ = whole.send(request.is_some());
        }
    })
    .await;
    for door in [Door::Gateway, Door::ControlPlane] {
        let client = client(door, &url, "key");
        for (size, given) in [(MIB, MIB - 1), (MIB, MIB + 1), (1, 0), (1, 2), (300_000, 0)] {
            let progress = Arc::new(Progress::default());
            let error = send(&client, size, given, &progress, &CancellationToken::new()).await.unwrap_err();
            assert_eq!((error.kind, progress.whole()), (Kind::LocalFile, false));
            assert_eq!(error.sentence(), "The file changed while it was read: look at it and send it again.");
            assert_eq!(got.recv().await, Some(false), "{size} {given}");
        }
        let progress = Arc::new(Progress::default());
        let error = send(&client, 0, 5, &progress, &CancellationToken::new()).await.unwrap_err();
        assert_eq!(error.kind, Kind::LocalFile);
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_not_stored() {
    struct Broken;
    impl AsyncRead for Broken {
        fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
            Poll::Ready(Err(std::io::Error::other("bad sector")))
        }
    }
    let url = Server::with(|mut stream| async move {
        read_request(&mut stream).await;
    })
    .await;
    let client = client(Door::Gateway, &url, "key");
    let wanted = Upload { bucket: bucket(), key: "a".into(), mime: "a/b".into(), size: 9, upsert: false };
    let source = Source { body: Box::pin(Cursor::new(b"1234").chain(Broken)) };
    let answer = upload(&client, &wanted, source, Arc::default(), CancellationToken::new()).await;
    let error = answer.result.unwrap_err();
    assert_eq!((error.kind, error.said.as_str()), (Kind::LocalFile, "the file cannot be read: bad sector"));
}

/// Every byte arrives as it was, whatever the sizes of reads and pieces.
#[tokio::test]
async fn every_byte_arrives() {
    let server = Server::answering([answer("200 OK", "", r#"{"Key":"private/a.bin"}"#)]).await;
    for door in [Door::Gateway, Door::ControlPlane] {
        let client = client(door, &server.url, "key");
        for size in [1, 255, 262_143, 262_144, 262_145, 524_288, 1_000_003] {
            let bytes: Vec<u8> = (0..size as u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
            let halves = Cursor::new(bytes[..size / 3].to_vec()).chain(Cursor::new(bytes[size / 3..].to_vec()));
            let wanted =
                Upload { bucket: bucket(), key: "a.bin".into(), mime: "a/b".into(), size: size as u64, upsert: false };
            let progress = Arc::new(Progress::default());
            let source = Source { body: Box::pin(halves) };
            let answer = upload(&client, &wanted, source, progress.clone(), CancellationToken::new()).await;
            assert!(answer.result.is_ok() && progress.whole() && progress.sent() == size as u64);
            let body = server.asked().pop().unwrap().body;
            if door == Door::Gateway {
                assert!(body == bytes, "{size}");
            } else {
                let start = body.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
                assert!(body[start..].starts_with(&bytes), "{size}");
                assert!(body.ends_with(b"--\r\n"));
            }
        }
    }
}

#[tokio::test]
async fn a_user_may_come_bare_or_wrapped() {
    for body in [USER.to_owned(), format!(r#"{{"user":{USER}}}"#), format!(r#"{{"data":{USER},"error":null}}"#)] {
        let server = Server::answering([answer("200 OK", "", &body)]).await;
        let client = client(Door::Gateway, &server.url, "key");
        let row = users::get(&client, UserId(uuid::Uuid::nil())).await.result.unwrap();
        assert_eq!((&*row.raw, row.value.unwrap().email.as_deref()), (USER, Some("a@example.com")));
    }
}
