//! Hostile servers behind the whole screen: its requests are made by the real client, and what comes back is drawn.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use basedeck::api::client::Client;
use basedeck::api::meta::Meta;
use basedeck::api::route::Door;
use basedeck::api::{self, buckets, objects};
use basedeck::app;
use basedeck::app::effect::Effect;
use basedeck::app::msg::{Answer, Body, Msg};
use basedeck::app::users::PageRead;
use basedeck::work::query::{Chunk, view};
use tokio::io::AsyncWriteExt;

use super::calls::PASSWORD;
use super::key;
use crate::drive::{Drive, drive};
use crate::socket::{Server, answer, client, read_request};

/// Carries out what is open until nothing is, and says how many requests that took.
async fn settle(drive: &mut Drive, client: &Client) -> usize {
    let mut requests = 0;
    while !drive.open.is_empty() {
        let (ticket, effect) = drive.open.remove(0);
        let Some((meta, body)) = perform(client, effect).await else { continue };
        requests += usize::from(meta.is_some());
        assert!(requests <= 500, "there is no end of requests");
        drive.send(Msg::Answer(Answer { ticket, meta, body }));
    }
    requests
}

async fn perform(client: &Client, effect: Effect) -> Option<(Option<Meta>, Body)> {
    Some(match effect {
        Effect::Users(app::users::Effect::Page(ask)) => {
            let answer = api::users::list(client, ask).await;
            let read = answer.result.map(|page| PageRead { chunks: Chunk::build(&page.rows), total: page.total });
            (Some(answer.meta), Body::Users(app::users::Body::Page(ask, read)))
        }
        Effect::Users(app::users::Effect::Get(id)) => {
            let answer = api::users::get(client, id).await;
            let read = answer.result.map(|row| Chunk::build(&[row]).remove(0));
            (Some(answer.meta), Body::Users(app::users::Body::Got(id, read)))
        }
        Effect::Users(app::users::Effect::Create(user)) => {
            let answer = api::users::create(client, &user).await;
            let read = answer.result.map(|row| Chunk::build(&[row]).remove(0));
            (Some(answer.meta), Body::Users(app::users::Body::Created(read)))
        }
        Effect::Users(app::users::Effect::View(job)) => {
            let now = crate::drive::start_time();
            let seen = view(&job.snapshot, &job.query, now, job.base.as_ref(), &AtomicBool::new(false)).unwrap();
            (None, Body::Users(app::users::Body::View(seen)))
        }
        Effect::Buckets(app::buckets::Effect::List) => {
            let answer = buckets::list(client).await;
            (Some(answer.meta), Body::Buckets(app::buckets::Body::List(answer.result)))
        }
        Effect::Objects(app::objects::Effect::List(ask)) => {
            let answer = objects::list(client, &ask.bucket, &ask.prefix, ask.next.clone()).await;
            (Some(answer.meta), Body::Objects(app::objects::Body::List(ask, answer.result)))
        }
        _ => return None,
    })
}

/// A small, a usual and a large screen are drawn without a panic, and without a control character.
fn draws(drive: &mut Drive) {
    for (width, height) in [(40, 12), (80, 24), (120, 40)] {
        drive.resize(width, height);
        let screen = drive.screen();
        assert!(screen.chars().all(|c| c == '\n' || !c.is_control()), "{screen:?}");
    }
}

fn user(n: u32, more: &str) -> String {
    let id = uuid::Uuid::from_u128(u128::from(n) + 1);
    let created = format!("2026-11-{:02}T10:00:00Z", 1 + n % 20);
    format!(r#"{{"id":"{id}","email":"user{n}@example.com","created_at":"{created}"{more}}}"#)
}

#[tokio::test]
async fn the_same_page_for_ever_ends_and_is_not_called_complete() {
    let rows: Vec<_> = (0..200).map(|n| user(n, "")).collect();
    for total in ["X-Total-Count: 1000000\r\n", ""] {
        let page = answer("200 OK", total, &format!(r#"{{"users":[{}]}}"#, rows.join(",")));
        let server = Server::answering([page]).await;
        let client = client(Door::Gateway, &server.url, key(Door::Gateway));
        let mut drive = drive(120, 40);
        settle(&mut drive, &client).await;
        drive.shows("user199@example.com");
        drive.keys("F");
        let requests = settle(&mut drive, &client).await;
        assert!((1..=12).contains(&requests), "{requests} requests");
        assert!(!drive.app.users.loading_all && drive.app.users.table.len() == 200);
        drive.shows("200").hides("all 200 loaded");
        if !total.is_empty() {
            drive.shows("999,800 missing");
        }
        // Once more is as short.
        drive.keys("F");
        assert!(settle(&mut drive, &client).await <= 12);
        draws(&mut drive);
    }
}

/// Pages of new users without end, whatever was asked for: each request brings something, and the person can stop it.
#[tokio::test]
async fn users_without_end_are_loaded_until_somebody_stops_it() {
    let asked = Arc::new(AtomicUsize::new(0));
    let url = Server::with(move |mut stream| {
        let asked = asked.clone();
        async move {
            while read_request(&mut stream).await.is_some() {
                let first = asked.fetch_add(1, Ordering::Relaxed) as u32 * 50;
                let rows: Vec<_> = (first..first + 50).map(|n| user(n, "")).collect();
                let page = answer("200 OK", "X-Total-Count: 4000000000\r\n", &format!("[{}]", rows.join(",")));
                if stream.write_all(page.as_bytes()).await.is_err() {
                    return;
                }
            }
        }
    })
    .await;
    let client = client(Door::Gateway, &url, key(Door::Gateway));
    let mut drive = drive(120, 40);
    drive.keys("F");
    for _ in 0..40 {
        let (ticket, effect) = drive.open.remove(0);
        let (meta, body) = perform(&client, effect).await.unwrap();
        drive.send(Msg::Answer(Answer { ticket, meta, body }));
        assert!(drive.open.len() <= 2, "one page at a time: {:?}", drive.open);
    }
    drive.shows("of 4,000,000,000 loaded").keys("F").shows("Stopped loading");
    settle(&mut drive, &client).await;
    assert_eq!(drive.count(|_| true), 0);
    let loaded = drive.app.users.table.len();
    assert!((1_900..3_000).contains(&loaded), "{loaded}");
}

#[tokio::test]
async fn an_endless_answer_keeps_the_rows_and_is_said() {
    let written = Arc::new(AtomicUsize::new(0));
    let (count, asked) = (written.clone(), Arc::new(AtomicUsize::new(0)));
    let url = Server::with(move |mut stream| {
        let (count, asked) = (count.clone(), asked.clone());
        async move {
            while read_request(&mut stream).await.is_some() {
                if asked.fetch_add(1, Ordering::Relaxed) == 0 {
                    let page = answer("200 OK", "X-Total-Count: 1\r\n", &format!("[{}]", user(1, "")));
                    let _ = stream.write_all(page.as_bytes()).await;
                    continue;
                }
                let row = format!("{},", user(2, "")).repeat(500);
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n[").await;
                while stream.write_all(row.as_bytes()).await.is_ok() {
                    count.fetch_add(row.len(), Ordering::Relaxed);
                }
                return;
            }
        }
    })
    .await;
    let client = client(Door::Gateway, &url, key(Door::Gateway));
    let mut drive = drive(120, 40);
    let (ticket, effect) = drive.open.remove(0);
    let (meta, body) = perform(&client, effect).await.unwrap();
    drive.send(Msg::Answer(Answer { ticket, meta, body }));
    drive.open.clear();
    drive.keys("r");
    settle(&mut drive, &client).await;
    drive.shows("user1@example.com").shows("larger than 64 MiB").shows("down");
    // What the limit lets through, and what lay in the connection's buffers.
    assert!(written.load(Ordering::Relaxed) < 80 << 20);
    draws(&mut drive);
}

#[tokio::test]
async fn deep_rows_are_drawn_and_looked_into() {
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let objects = |levels: usize| format!("{}1{}", r#"{"a":"#.repeat(levels), "}".repeat(levels));
    for nested in [deep(100), objects(100), deep(5_000), objects(5_000), deep(200_000)] {
        let users = [user(1, &format!(r#","user_metadata":{nested},"identities":{nested}"#)), nested.clone()];
        let url = {
            let nested = nested.clone();
            Server::with(move |mut stream| {
                let (users, nested) = (users.clone(), nested.clone());
                async move {
                    while let Some(request) = read_request(&mut stream).await {
                        let path = request.path();
                        let body = if path.ends_with("/admin/users") {
                            format!("[{}]", users.join(","))
                        } else if path.contains("/admin/users/") {
                            users[0].clone()
                        } else if path.ends_with("/bucket") {
                            format!(r#"[{{"id":"deep","owner":{nested}}},{nested}]"#)
                        } else {
                            let row =
                                format!(r#"{{"name":"deep.txt","id":"x","metadata":{{"size":1,"more":{nested}}}}}"#);
                            format!(r#"{{"folders":[],"objects":[{row},{nested}],"hasNext":false}}"#)
                        };
                        if stream.write_all(answer("200 OK", "", &body).as_bytes()).await.is_err() {
                            return;
                        }
                    }
                }
            })
            .await
        };
        let client = client(Door::Gateway, &url, key(Door::Gateway));
        let mut drive = drive(120, 40);
        settle(&mut drive, &client).await;
        drive.shows("user1@example.com");
        drive.pass(std::time::Duration::from_secs(1));
        settle(&mut drive, &client).await;
        // The detail of each row, scrolled; the filter over them; the same in the other lists.
        for keys in ["i", "jJ", "J", "<esc>", "/a<esc>", "2", "i", "J", "<esc>", "j", "i", "<esc>", "k<enter>"] {
            drive.keys(keys);
            settle(&mut drive, &client).await;
            draws(&mut drive);
        }
        drive.shows("deep.txt");
        for keys in ["i", "J", "<esc>", "j", "i", "<esc>", "4", "<enter>", "."] {
            drive.keys(keys);
            settle(&mut drive, &client).await;
            draws(&mut drive);
        }
    }
}

/// A server that says back the new user's password: it is seen neither at the field nor in the raw answer, nor anywhere
/// in Activity, however the server escapes it.
#[tokio::test]
async fn a_password_that_is_said_back_is_not_seen() {
    for (status, form) in [("422 No", 0), ("422 No", 1), ("422 No", 2), ("200 OK", 0), ("200 OK", 2), ("500 No", 1)] {
        let url = Server::with(move |mut stream| async move {
            while let Some(request) = read_request(&mut stream).await {
                let body = String::from_utf8_lossy(&request.body).into_owned();
                let told = if request.method == "GET" {
                    answer("200 OK", "X-Total-Count: 1\r\n", &format!("[{}]", user(1, "")))
                } else {
                    let said = match form {
                        0 => format!("cannot take {body}"),
                        1 => {
                            serde_json::json!({ "msg": format!("cannot take {body}"), "error_code": body }).to_string()
                        }
                        _ => serde_json::json!({ "msg": body, "sent": [request.json()] }).to_string(),
                    };
                    let id = PASSWORD.replace('ü', "%C3%BC");
                    answer(status, &format!("X-Request-Id: {id}\r\nX-Sb-Error-Code: {id}\r\n"), &said)
                };
                if stream.write_all(told.as_bytes()).await.is_err() {
                    return;
                }
            }
        })
        .await;
        let client = client(Door::Gateway, &url, key(Door::Gateway));
        let mut drive = drive(120, 40);
        settle(&mut drive, &client).await;
        drive.keys(&format!("nalice@example.com<tab>{PASSWORD}<enter>"));
        settle(&mut drive, &client).await;
        let at = format!("{status}, {form}");
        let mut unseen = |keys: &str| {
            drive.keys(keys);
            let screen = drive.screen();
            assert!(!screen.contains("horse") && !screen.contains("battery"), "{at}, {keys}:\n{screen}");
            screen
        };
        assert!(unseen("").contains("New user"), "{at}: the form stays");
        let raw = unseen("<f2>");
        assert!(status != "422 No" || raw.contains("cannot take") || raw.contains("\"msg\""), "{at}:\n{raw}");
        for keys in ["G", "<esc>", "<esc>", "y", "4", "<enter>", "J", ".", "G", "<esc>", "<esc>", "j", "<enter>"] {
            unseen(keys);
        }
    }
}

/// The raw answer behind a refusal can be looked at, however deep, long or hostile it is.
#[tokio::test]
async fn a_raw_answer_is_shown_harmlessly() {
    let bodies = [
        format!(r#"{{"message":"no","more":{}}}"#, "[".repeat(60_000)),
        format!("{{\"message\":\"\u{1b}]52;c;aGk=\u{7}{}\"}}", "\u{202e}\u{9b}2J日本語".repeat(2_000)),
        "\u{1b}[2J".repeat(20_000),
        "x".repeat(200_000),
        format!("{}", serde_json::json!({ "message": "a\nb\r\n\tc".repeat(300) })),
    ];
    for body in bodies {
        let server = Server::answering([answer("400 Bad Request", "", &body)]).await;
        let client = client(Door::Gateway, &server.url, key(Door::Gateway));
        let mut drive = drive(80, 24);
        settle(&mut drive, &client).await;
        draws(&mut drive);
        drive.shows("down");
        for keys in [".", "<pagedown>", "G", "<esc>", "4", "<enter>", "<esc>"] {
            drive.keys(keys);
            draws(&mut drive);
        }
    }
}
