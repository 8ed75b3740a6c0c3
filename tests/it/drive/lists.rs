//! The lists: coverage, filter, selection by id, polling, faults.

use std::time::Duration;

use basedeck::api::error::Kind;
use basedeck::api::meta::Meta;
use basedeck::api::model::Total;
use basedeck::api::route::Route;
use basedeck::app::effect::Effect;
use basedeck::app::msg::{Answer, Body, Msg};
use basedeck::app::users;
use basedeck::work::query::Chunk;

use super::{drive, failure, some_users, user};

fn is_page(effect: &Effect) -> bool {
    matches!(effect, Effect::Users(users::Effect::Page(_)))
}

#[test]
fn the_title_says_how_much_is_loaded() {
    let mut drive = drive(80, 24);
    drive.page(&some_users(1, 200), Total::Exact(12_345));
    drive.shows("200 of 12,345 loaded").shows("user1@example.com");
}

#[test]
fn an_empty_project_says_what_to_press() {
    let mut drive = drive(80, 24);
    drive.page(&[], Total::Exact(0));
    drive.shows("no users yet").shows("n creates");
}

#[test]
fn large_pages_say_nothing_of_the_latency() {
    let mut drive = drive(120, 40);
    drive.page(&some_users(1, 200), Total::Exact(9_000)).shows("live 42 ms").keys("F");
    for page in 1..=4 {
        let (ticket, ask) = drive.take_page();
        let read =
            users::PageRead { chunks: Chunk::build(&some_users(page * 1_000, 1_000)), total: Total::Exact(9_000) };
        let meta = Some(Meta { took: Duration::from_millis(900), ..Meta::of(Route::UsersList) });
        drive.send(Msg::Answer(Answer { ticket, meta, body: Body::Users(users::Body::Page(ask, Ok(read))) }));
    }
    drive.shows("4,200 of 9,000 loaded").shows("live 42 ms");
}

#[test]
fn the_end_of_the_list_loads_the_next_page() {
    let mut drive = drive(80, 24);
    drive.page(&some_users(1, 200), Total::Exact(400));
    assert_eq!(drive.count(is_page), 0);
    drive.keys("G");
    let (_, ask) = drive.take_page();
    assert_eq!((ask.page, ask.per_page), (2, 200));
}

#[test]
fn a_filter_matches_all_words_anywhere() {
    let mut drive = drive(80, 24);
    drive.page(&[user(1, "alice@shop.example"), user(2, "bob@shop.example"), user(3, "alice@x.io")], Total::Exact(3));
    drive.keys("/shop ali").shows("1 match").shows("alice@shop.example").hides("bob@").hides("alice@x.io");
    drive.keys("<esc>").shows("bob@shop.example");
}

#[test]
fn the_selection_stays_with_its_user_when_new_ones_come() {
    let mut drive = drive(80, 24);
    drive.page(&some_users(1, 3), Total::Exact(3));
    drive.keys("j").shows("▌  user2@");
    drive.pass(Duration::from_secs(6));
    let mut rows = some_users(1, 3);
    rows.insert(0, user(0, "new@example.com"));
    drive.page(&rows, Total::Exact(4));
    drive.shows("▌  user2@").shows("+ new@example.com").shows("signed up");
}

#[test]
fn a_failed_poll_keeps_the_rows_and_says_since_when_and_why() {
    let mut drive = drive(80, 24);
    drive.page(&some_users(1, 3), Total::Exact(3));
    drive.pass(Duration::from_secs(6));
    drive.page_fails(failure(Kind::Unreachable, Route::UsersList, None, "example.com refuses connections."));
    drive.shows("user1@example.com").shows("down").shows("could not be refreshed").shows("refuses connections");
    drive.shows("next try at");
    drive.keys("r");
    drive.page(&some_users(1, 3), Total::Exact(3));
    drive.shows("live").hides("could not be refreshed");
}

#[test]
fn one_poll_at_a_time_and_none_while_paused() {
    let mut drive = drive(80, 24);
    drive.page(&some_users(1, 3), Total::Exact(3));
    drive.pass(Duration::from_secs(60));
    assert_eq!(drive.count(is_page), 1, "the next poll waits for the answer");
    drive.page(&some_users(1, 3), Total::Exact(3));
    drive.keys("p").shows("paused");
    drive.pass(Duration::from_secs(60));
    assert_eq!(drive.count(is_page), 0);
}

#[test]
fn an_unreadable_row_is_a_named_hole_and_not_an_empty_tab() {
    let mut drive = drive(80, 24);
    let unreadable = || failure(Kind::Unreadable, Route::UsersList, Some(500), "Database error finding users");
    // The first page holds a bad row: smaller pages are asked for until one row alone stands for it.
    let mut asked = 0;
    while drive.count(is_page) > 0 {
        asked += 1;
        assert!(asked < 200, "it must come to an end");
        let (ticket, ask) = drive.take_page();
        let first = (ask.page - 1) * ask.per_page;
        let holds_bad = (first..first + ask.per_page).contains(&17);
        let result = if holds_bad {
            Err(unreadable())
        } else {
            let rows = some_users(first, ask.per_page.min(300_u32.saturating_sub(first)));
            let chunks = basedeck::work::query::Chunk::build(&rows);
            Ok(users::PageRead { chunks, total: Total::Exact(300) })
        };
        drive.answer(ticket, Route::UsersList, basedeck::app::msg::Body::Users(users::Body::Page(ask, result)));
    }
    drive.shows("user1@example.com").shows("unreadable").shows("Row 18").hides("user17@");
}

#[test]
fn a_poll_sees_the_newest_users_before_a_row_that_the_server_cannot_read() {
    let mut drive = drive(80, 24);
    drive.page(&some_users(1, 200), Total::Exact(200));
    drive.pass(Duration::from_secs(6));
    let unreadable = || failure(Kind::Unreadable, Route::UsersList, Some(500), "Database error finding users");
    drive.page_fails(unreadable());
    let mut rows = some_users(1, 49);
    rows.insert(0, user(0, "new@example.com"));
    drive.page(&rows, Total::Exact(201));
    drive.shows("+ new@example.com").shows("signed up").shows("live");
}

#[test]
fn a_refused_credential_asks_for_another_and_loses_nothing() {
    let mut drive = drive(80, 24);
    drive.page(&some_users(1, 3), Total::Exact(3));
    drive.keys("nalice@x.io");
    drive.pass(Duration::from_secs(6));
    drive.page_fails(failure(Kind::NotSignedIn, Route::UsersList, Some(401), "Invalid token."));
    drive.keys("another-key<enter>");
    let taken = drive.take(|effect| matches!(effect, Effect::Session(_)));
    assert!(taken.is_some(), "the new key goes to the client");
    drive.shows("New user").shows("alice@x.io").hides("another-key");
}

#[test]
fn the_detail_scrolls_to_its_end_and_one_key_brings_it_back() {
    let mut drive = drive(80, 12);
    drive.page(&some_users(1, 3), Total::Exact(3));
    drive.keys("<enter>");
    let top = drive.screen();
    drive.keys(&"J".repeat(200));
    let end = drive.screen();
    assert_ne!(top, end);
    drive.keys("K");
    assert_ne!(drive.screen(), end, "nothing is counted beyond the end");
}
