use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::*;
use crate::api::client::{Connection, DoorConfig};
use crate::api::model::{BucketId, ListUsers, NewUser, Total};
use crate::api::route::Door;
use crate::app::picker::EntryKind;
use crate::app::{buckets, jobs, objects, picker, users};
use crate::secret::Secret;
use crate::work::outcome::{ItemState, JobId};
use crate::work::plan::{Choices, Destination, plan};
use crate::work::query::{Query, Table};

/// Effects on the test's own runtime, and what they answer.
fn effects(client: Option<Client>) -> (Effects, mpsc::Receiver<Msg>) {
    let (sender, answers) = mpsc::channel(16);
    (Effects::new(Handle::current(), sender, client, Log::default()), answers)
}

/// A client of an address where nobody listens.
fn nobody() -> Client {
    client(&TcpListener::bind("127.0.0.1:0").unwrap())
}

fn client(listener: &TcpListener) -> Client {
    let base = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let credential = Secret::from("key".to_owned());
    let door = DoorConfig { door: Door::Gateway, base, reference: None, user: None, credential, renew: None };
    Client::new(Connection { doors: vec![door], read_only: false, ca_file_pem: None, detect: false, watch: None })
}

async fn next(answers: &mut mpsc::Receiver<Msg>) -> Msg {
    timeout(Duration::from_secs(20), answers.recv()).await.expect("an answer comes").expect("the channel is open")
}

async fn answer(answers: &mut mpsc::Receiver<Msg>) -> Answer {
    match next(answers).await {
        Msg::Answer(answer) => answer,
        other => panic!("{other:?}"),
    }
}

const PAGE: ListUsers = ListUsers { page: 1, per_page: 200, oldest_first: false };

fn requests() -> Vec<Effect> {
    let user = NewUser {
        email: Some("a@example.com".into()),
        phone: None,
        password: Secret::default(),
        confirm: false,
        user_metadata: None,
    };
    let list = objects::ListObjects { bucket: BucketId("b".into()), prefix: String::new(), next: None };
    vec![
        Effect::Users(users::Effect::Page(PAGE)),
        Effect::Users(users::Effect::Create(user)),
        Effect::Buckets(buckets::Effect::List),
        Effect::Objects(objects::Effect::List(list)),
    ]
}

#[tokio::test]
async fn each_request_is_answered_without_a_connection() {
    let (mut effects, mut answers) = effects(None);
    for (at, effect) in requests().into_iter().enumerate() {
        effects.perform(Ticket(at as u64), effect);
        let answer = answer(&mut answers).await;
        assert_eq!(answer.ticket, Ticket(at as u64));
        assert_eq!(answer.body.error().map(|error| error.kind), Some(Kind::NoDoor));
    }
}

#[tokio::test]
async fn a_server_that_is_down_is_an_answer_with_what_it_took() {
    let (mut effects, mut answers) = effects(Some(nobody().retrying(0)));
    for effect in requests() {
        effects.perform(Ticket(7), effect);
        let answer = answer(&mut answers).await;
        assert_eq!(answer.body.error().map(|error| error.kind), Some(Kind::Unreachable));
        assert!(answer.meta.is_some());
    }
}

#[tokio::test]
async fn a_page_that_comes_again_as_it_was_is_not_read_again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (mut effects, mut answers) = effects(Some(client(&listener)));
    let user = |name: &str| format!("[{{\"id\":\"00000000-0000-4000-8000-000000000001\",\"email\":\"{name}@x.io\"}}]");
    // The last says that there are more users now, with the same ones on this page.
    let said = [(user("a"), 1), (user("a"), 1), (user("b"), 1), (user("a"), 1), (user("a"), 2)];
    let bodies = said.clone();
    std::thread::spawn(move || {
        for (body, total) in bodies {
            let mut stream = BufReader::new(listener.accept().unwrap().0);
            let mut line = String::new();
            while stream.read_line(&mut line).unwrap() > 2 {
                line.clear();
            }
            let head = format!("content-length: {}\r\nx-total-count: {total}\r\nconnection: close", body.len());
            write!(stream.get_mut(), "HTTP/1.1 200 OK\r\n{head}\r\n\r\n{body}").unwrap();
        }
    });
    let mut pages = Vec::new();
    for (at, (body, total)) in said.into_iter().enumerate() {
        effects.perform(Ticket(at as u64), Effect::Users(users::Effect::Page(PAGE)));
        let Body::Users(users::Body::Page(_, Ok(page))) = answer(&mut answers).await.body else { panic!("{at}") };
        let row = page.rows().next().expect("a row");
        assert!(body.contains(row.email().unwrap_or_default()), "{at}");
        assert_eq!(page.total, Total::Exact(total), "{at}");
        pages.push(page);
    }
    let same = |a: usize, b: usize| Arc::ptr_eq(&pages[a].chunks[0], &pages[b].chunks[0]);
    assert_eq!([same(0, 1), same(1, 2), same(3, 4)], [true, false, false]);
}

#[tokio::test]
async fn work_that_panics_is_answered() {
    let (effects, mut answers) = effects(None);
    let body = Body::Users(users::Body::Page(PAGE, Err(ApiError::of(Kind::BadAnswer, Route::UsersList, "broken"))));
    effects.begin(Ticket(1), body.clone(), async { panic!("on purpose") });
    assert_eq!(answer(&mut answers).await, Answer { ticket: Ticket(1), meta: None, body });
}

#[tokio::test]
async fn a_read_that_is_given_up_says_nothing_and_ends() {
    struct Dropped(mpsc::Sender<()>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            let _ = self.0.try_send(());
        }
    }
    let (mut effects, mut answers) = effects(None);
    let (sender, mut dropped) = mpsc::channel(1);
    let held = Dropped(sender);
    effects.begin_read(Ticket(1), Body::Nothing, async move {
        let _held = held;
        std::future::pending().await
    });
    effects.perform(Ticket(2), Effect::Cancel(Ticket(1)));
    timeout(Duration::from_secs(20), dropped.recv()).await.expect("the read is dropped");
    assert!(answers.try_recv().is_err());
}

#[tokio::test]
async fn views_are_answered_and_the_newest_wins() {
    let (mut effects, mut answers) = effects(None);
    let job =
        |words: &str| users::ViewJob { snapshot: Table::new().snapshot(), query: Query::parse(words), base: None };
    for at in 1..=3 {
        effects.perform(Ticket(at), Effect::Users(users::Effect::View(job(&"a".repeat(at as usize)))));
    }
    let mut seen = Vec::new();
    for _ in 0..3 {
        let answer = answer(&mut answers).await;
        if answer.ticket == Ticket(3) {
            assert!(matches!(&answer.body, Body::Users(users::Body::View(view)) if view.query == Query::parse("aaa")));
        }
        seen.push(answer.ticket.0);
    }
    seen.sort_unstable();
    assert_eq!(seen, [1, 2, 3], "each is answered once");
}

#[tokio::test]
async fn a_directory_is_read_as_it_stands() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("b.txt"), "hello").unwrap();
    fs::write(dir.path().join("a.txt"), "").unwrap();
    fs::create_dir(dir.path().join("z")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("nowhere", dir.path().join("lost")).unwrap();
    let (mut effects, mut answers) = effects(None);
    let path = Some(dir.path().join("z/.."));
    effects.perform(Ticket(1), Effect::Picker(picker::Effect::ReadDir(path.clone())));
    let Body::Picker(picker::Body::Dir(asked, Ok(read))) = answer(&mut answers).await.body else { panic!() };
    assert_eq!(asked, path);
    assert_eq!(read.path, dir.path().canonicalize().unwrap());
    let names: Vec<_> = read.entries.iter().map(|entry| (entry.name.as_str(), entry.kind, entry.size)).collect();
    assert_eq!(names.first(), Some(&("z", EntryKind::Dir, read.entries[0].size)));
    assert_eq!(names[1..3], [("a.txt", EntryKind::File, 0), ("b.txt", EntryKind::File, 5)]);
    assert_eq!(read.entries[3].fault.as_deref(), Some("a link to nothing"));
    assert!(read.entries[2].modified.is_some() && read.entries[2].fault.is_none() && !read.cut);
}

#[tokio::test]
async fn a_directory_that_is_none_says_why() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("file"), "x").unwrap();
    let (mut effects, mut answers) = effects(None);
    for (path, word) in [("file", "no directory"), ("nowhere", "no such directory")] {
        effects.perform(Ticket(1), Effect::Picker(picker::Effect::ReadDir(Some(dir.path().join(path)))));
        let Body::Picker(picker::Body::Dir(_, Err(why))) = answer(&mut answers).await.body else { panic!() };
        assert!(why.contains(word), "{why}");
    }
}

#[tokio::test]
async fn marked_files_are_looked_at_again() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a.txt");
    fs::write(&file, "hello").unwrap();
    let gone = dir.path().join("gone");
    let (mut effects, mut answers) = effects(None);
    effects.perform(Ticket(1), Effect::Picker(picker::Effect::Stat(vec![file.clone(), gone.clone()])));
    let Body::Picker(picker::Body::Stat(found)) = answer(&mut answers).await.body else { panic!() };
    let paths: Vec<&PathBuf> = found.iter().map(|(path, _)| path).collect();
    assert_eq!(paths, [&file, &gone]);
    assert_eq!(found[0].1.as_ref().unwrap().size, 5);
    assert!(found[1].1.is_err());
}

#[tokio::test]
async fn a_job_tells_how_each_item_ended_and_that_it_ended() {
    let dir = tempfile::tempdir().unwrap();
    let paths: Vec<_> = ["a", "b"].iter().map(|name| dir.path().join(name)).collect();
    for path in &paths {
        fs::write(path, "hello").unwrap();
    }
    let looked: Vec<_> = crate::work::files::look(&paths).into_iter().map(|(_, file)| file.unwrap()).collect();
    let plan = plan(&looked, &Destination::new(BucketId("b".into()), ""), Choices::default(), None);
    let (mut effects, mut answers) = effects(Some(nobody().retrying(0)));
    effects.perform(Ticket(1), Effect::Jobs(jobs::Effect::Start { job: JobId(1), plan, parallel: 4 }));
    let mut ended = [false; 2];
    loop {
        let Msg::Jobs(told) = next(&mut answers).await else { continue };
        for progress in told.iter() {
            for (at, state) in &progress.items {
                ended[*at] |= matches!(state, ItemState::Ended(_));
            }
        }
        if told.iter().any(|progress| progress.ended) {
            break;
        }
    }
    assert_eq!(ended, [true, true]);
    assert!(answers.try_recv().is_err(), "nothing follows");
}
