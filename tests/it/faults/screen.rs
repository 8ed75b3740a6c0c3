//! The faults of real servers, as the screen takes them: each operation that asks a route, at a small and at a large
//! size. The screen says what happened, rows that were there stay, and nothing that was typed is lost.

use basedeck::api::model::{Bucket, BucketId, Entry, Listing, Page, Row, Total};
use basedeck::api::route::{Door, Route};
use basedeck::app::effect::Effect;
use basedeck::app::modal::FormKind;
use basedeck::app::msg::{Answer, Body, Msg};
use basedeck::app::{buckets, objects, users};
use futures_util::future::join_all;
use strum::VariantArray;

use super::calls::PASSWORD;
use super::{Ended, Fault, ended, key};
use crate::drive::{Drive, drive, some_users};

const SIZES: [(u16, u16); 2] = [(120, 40), (40, 12)];
/// Longer than any wait for the next poll.
const LATER: std::time::Duration = std::time::Duration::from_secs(130);

/// Each fault with how a route ended at it.
async fn faults(route: Route) -> Vec<(Fault, Ended)> {
    let all = Fault::VARIANTS.iter().map(|&fault| async move { (fault, ended(fault, route, Door::Gateway).await) });
    join_all(all).await
}

/// Answers the open effect of this shape with a failure.
fn fail(drive: &mut Drive, ended: &Ended, wanted: impl Fn(&Effect) -> bool) {
    let (ticket, effect) = drive.take(wanted).unwrap_or_else(|| panic!("nothing to fail: {:?}", drive.open));
    let error = Err(ended.error.clone());
    let body = match effect {
        Effect::Users(users::Effect::Page(ask)) => Body::Users(users::Body::Page(ask, Err(ended.error.clone()))),
        Effect::Users(users::Effect::Create(_)) => Body::Users(users::Body::Created(Err(ended.error.clone()))),
        Effect::Buckets(buckets::Effect::List) => Body::Buckets(buckets::Body::List(error.map(|()| page()))),
        Effect::Objects(objects::Effect::List(ask)) => {
            Body::Objects(objects::Body::List(ask, Err(ended.error.clone())))
        }
        other => panic!("no request: {other:?}"),
    };
    drive.send(Msg::Answer(Answer { ticket, meta: Some(ended.meta.clone()), body }));
}

fn is_page(effect: &Effect) -> bool {
    matches!(effect, Effect::Users(users::Effect::Page(_)))
}

fn is_create(effect: &Effect) -> bool {
    matches!(effect, Effect::Users(users::Effect::Create(_)))
}

fn is_buckets(effect: &Effect) -> bool {
    matches!(effect, Effect::Buckets(_))
}

fn is_objects(effect: &Effect) -> bool {
    matches!(effect, Effect::Objects(_))
}

fn page() -> Page<Bucket> {
    let bucket = |name: &str| Row {
        raw: format!("{{\"id\":\"{name}\"}}").into(),
        value: Ok(Bucket {
            id: BucketId(name.into()),
            name: name.into(),
            public: false,
            kind: None,
            file_size_limit: None,
            allowed_mime_types: None,
            created_at: None,
            updated_at: None,
        }),
    };
    Page { rows: vec![bucket("avatars"), bucket("documents")], total: Total::Exact(2) }
}

fn listing() -> Listing {
    let entry = |key: &str| Row {
        raw: format!("{{\"name\":\"{key}\"}}").into(),
        value: Ok(Entry {
            key: key.into(),
            folder: false,
            id: Some(key.into()),
            size: Some(1),
            mime: None,
            etag: None,
            updated_at: None,
            created_at: None,
        }),
    };
    Listing { rows: vec![entry("first.txt"), entry("second.txt")], next: None, inexact: false }
}

fn with_users(size: (u16, u16)) -> Drive {
    let mut drive = drive(size.0, size.1);
    drive.page(&some_users(1, 3), Total::Exact(3));
    drive
}

fn with_buckets(size: (u16, u16)) -> Drive {
    let mut drive = with_users(size);
    drive.keys("2");
    let (ticket, _) = drive.take(is_buckets).unwrap();
    drive.answer(ticket, Route::BucketsList, Body::Buckets(buckets::Body::List(Ok(page()))));
    drive
}

/// The screen says the sentence, as far as a line of this size has room, and holds no credential.
#[track_caller]
fn says(drive: &mut Drive, at: &str, ended: &Ended) {
    let sentence = ended.error.sentence();
    let beginning: Vec<_> = sentence.split(' ').take(3).collect();
    let screen = drive.screen();
    assert!(screen.contains(&beginning.join(" ")), "{at}: the screen does not say {sentence:?}:\n{screen}");
    assert!(!screen.contains(key(Door::Gateway)), "{at}: a credential is shown:\n{screen}");
}

/// A bucket that is not there is said to be gone.
#[track_caller]
fn says_of_bucket(drive: &mut Drive, fault: Fault, at: &str, ended: &Ended) {
    if fault == Fault::NotFound {
        drive.shows("There is no bucket avatars");
    } else {
        says(drive, at, ended);
    }
}

/// Closes the form that asks for another credential, if there is one.
fn close_credential(drive: &mut Drive) {
    if drive.app.modals.has_form(FormKind::Credential(Door::Gateway)) {
        drive.keys("<esc>");
    }
    assert!(!drive.app.modals.has_form(FormKind::Credential(Door::Gateway)));
}

/// What the header says of data that could not be read again.
#[track_caller]
fn is_down(drive: &mut Drive, at: &str) {
    let screen = drive.screen();
    let header = screen.lines().next().unwrap();
    let said = header.contains("✕ down") || header.contains("✕ key refused");
    assert!(said && !header.contains("live"), "{at}: {header}");
}

#[tokio::test]
async fn the_first_page_of_users_fails() {
    for (fault, ended) in faults(Route::UsersList).await {
        for size in SIZES {
            let at = format!("{fault:?} at {size:?}");
            let mut drive = drive(size.0, size.1);
            fail(&mut drive, &ended, is_page);
            says(&mut drive, &at, &ended);
            close_credential(&mut drive);
            is_down(&mut drive, &at);
            drive.hides("no users yet");
            // It is asked for again, and then all is well.
            drive.pass(LATER);
            drive.page(&some_users(1, 3), Total::Exact(3));
            drive.shows("user1@example.com").shows("live");
        }
    }
}

#[tokio::test]
async fn a_poll_of_the_users_fails() {
    for (fault, ended) in faults(Route::UsersList).await {
        for size in SIZES {
            let at = format!("{fault:?} at {size:?}");
            let mut drive = with_users(size);
            drive.keys("j").pass(LATER);
            fail(&mut drive, &ended, is_page);
            says(&mut drive, &at, &ended);
            close_credential(&mut drive);
            is_down(&mut drive, &at);
            drive.shows("user1@example.com").shows("▌  user2@").shows("user3@example.com");
            drive.pass(LATER);
            drive.page(&some_users(1, 3), Total::Exact(3));
            drive.shows("▌  user2@").shows("live").hides("could not be refreshed");
        }
    }
}

#[tokio::test]
async fn creating_a_user_fails() {
    let reads = faults(Route::UsersList).await;
    for (fault, ended) in faults(Route::UserCreate).await {
        for size in SIZES {
            let at = format!("{fault:?} at {size:?}");
            let mut drive = with_users(size);
            drive.keys(&format!("nalice@example.com<tab>{PASSWORD}<enter>"));
            let (_, sent) = drive.open.iter().find(|(_, effect)| is_create(effect)).cloned().expect("it is sent");
            fail(&mut drive, &ended, is_create);
            assert!(drive.count(is_create) == 0, "{at}: it was sent again");
            let screen = drive.screen();
            assert!(!screen.contains("horse") && !screen.contains("example.com created"), "{at}:\n{screen}");
            if drive.count(is_page) > 0 {
                // The answer was lost: the newest page is looked at, and it fails as well.
                let read = &reads.iter().find(|(read, _)| *read == fault).unwrap().1;
                fail(&mut drive, read, is_page);
                assert!(drive.screen().contains("Unknown whether"), "{at}:\n{}", drive.screen());
            } else if !drive.screen().contains("(server") {
                // What is said of a field stands at the field.
                says(&mut drive, &at, &ended);
            }
            close_credential(&mut drive);
            assert!(drive.app.modals.has_form(FormKind::CreateUser), "{at}: the form is gone");
            if size == SIZES[0] {
                drive.shows("New user").shows("alice@example.com").shows("user1@example.com");
            }
            // All that was typed is still there: it can be sent again as it is.
            drive.keys("<enter>");
            let again = drive.take(is_create).unwrap_or_else(|| panic!("{at}: it cannot be sent again")).1;
            assert!(again == sent, "{at}: {again:?}");
        }
    }
}

#[tokio::test]
async fn the_buckets_fail() {
    for (fault, ended) in faults(Route::BucketsList).await {
        for size in SIZES {
            let at = format!("{fault:?} at {size:?}");
            let mut drive = with_users(size);
            drive.keys("2");
            fail(&mut drive, &ended, is_buckets);
            says(&mut drive, &at, &ended);
            close_credential(&mut drive);
            is_down(&mut drive, &at);
            drive.hides("no buckets");

            let mut drive = with_buckets(size);
            drive.keys("j").pass(LATER);
            fail(&mut drive, &ended, is_buckets);
            says(&mut drive, &at, &ended);
            close_credential(&mut drive);
            is_down(&mut drive, &at);
            drive.shows("avatars").shows("▌  documents");
        }
    }
}

#[tokio::test]
async fn the_objects_fail() {
    for (fault, ended) in faults(Route::ObjectsList).await {
        for size in SIZES {
            let at = format!("{fault:?} at {size:?}");
            let mut drive = with_buckets(size);
            drive.keys("<enter>");
            fail(&mut drive, &ended, is_objects);
            says_of_bucket(&mut drive, fault, &at, &ended);
            close_credential(&mut drive);
            // The way back is open.
            drive.keys("<esc>").shows("avatars").shows("documents");

            let mut drive = with_buckets(size);
            drive.keys("<enter>");
            let Some((ticket, Effect::Objects(objects::Effect::List(ask)))) = drive.take(is_objects) else { panic!() };
            drive.answer(ticket, Route::ObjectsList, Body::Objects(objects::Body::List(ask, Ok(listing()))));
            drive.keys("j").pass(LATER);
            fail(&mut drive, &ended, is_objects);
            says(&mut drive, &at, &ended);
            close_credential(&mut drive);
            is_down(&mut drive, &at);
            drive.shows("first.txt").shows("▌  second.txt");
        }
    }
}
