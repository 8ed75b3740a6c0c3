//! What goes together on a screen: the detail and the view, the key bar and the place, a notice and what it is about;
//! and what stays in sight where there is little room.

use std::time::Duration;

use basedeck::api::error::Kind;
use basedeck::api::model::{Bucket, BucketId, Page, Row, Total};
use basedeck::api::route::{Door, Route};
use basedeck::app::buckets;
use basedeck::app::effect::Effect;
use basedeck::app::key::Key;
use basedeck::app::msg::{Body, Msg};
use basedeck::app::project::{Memory, Which};

use super::{Drive, drive, failure, some_users, start, start_time, user};

fn three(width: u16, height: u16) -> Drive {
    let mut drive = drive(width, height);
    drive.page(&[user(1, "anna@x.io"), user(2, "lars@x.io"), user(3, "lena@x.io")], Total::Exact(3));
    drive
}

fn two_buckets(width: u16, height: u16) -> Drive {
    let mut drive = three(width, height);
    drive.keys("2");
    let (ticket, _) = drive.take(|effect| matches!(effect, Effect::Buckets(_))).unwrap();
    let rows = ["avatars", "documents"].map(|name| Row {
        raw: serde_json::json!({"id": name, "later": "x".repeat(100)}).to_string().into(),
        value: Ok(Bucket {
            id: BucketId(name.into()),
            name: name.into(),
            public: false,
            kind: None,
            file_size_limit: None,
            allowed_mime_types: None,
            created_at: Some(start_time()),
            updated_at: None,
        }),
    });
    let page = Page { rows: rows.into(), total: Total::Exact(2) };
    drive.answer(ticket, Route::BucketsList, Body::Buckets(buckets::Body::List(Ok(page))));
    drive
}

/// What stands at the right of the thin line.
fn beside(drive: &Drive) -> String {
    let screen = drive.screen();
    screen.lines().filter_map(|line| line.split_once('│')).map(|(_, detail)| detail).collect::<Vec<_>>().join("\n")
}

/// One line of the screen, from the bottom.
fn from_below(drive: &Drive, at: usize) -> String {
    drive.screen().lines().rev().nth(at).unwrap().to_owned()
}

#[test]
fn the_detail_follows_each_change_of_the_view() {
    let mut drive = three(120, 40);
    assert!(beside(&drive).contains("anna@x.io"));
    drive.keys("/lars");
    assert!(beside(&drive).contains("lars@x.io") && !beside(&drive).contains("anna"), "{}", beside(&drive));
    drive.keys("zzz");
    assert!(beside(&drive).contains("no user selected") && !beside(&drive).contains("lars"), "{}", beside(&drive));
    drive.keys("<esc>");
    assert!(beside(&drive).contains("anna@x.io"));
    // Another order keeps the selected user, and the detail with it; a filter before the pause of a move is over too.
    drive.keys("jSS/len");
    assert!(beside(&drive).contains("lena@x.io"), "{}", beside(&drive));
    let read = |effect: &Effect| matches!(effect, Effect::Users(basedeck::app::users::Effect::Get(_)));
    drive.pass(Duration::from_secs(1));
    let (_, effect) = drive.take(read).expect("the user that the filter selected is read whole");
    let lena = user(3, "lena@x.io").value.unwrap().id;
    assert!(matches!(effect, Effect::Users(basedeck::app::users::Effect::Get(id)) if id == lena));
}

#[test]
fn the_detail_goes_on_when_its_user_is_gone() {
    let mut drive = three(120, 40);
    drive.pass(Duration::from_secs(1));
    let read = |effect: &Effect| matches!(effect, Effect::Users(basedeck::app::users::Effect::Get(_)));
    let (ticket, effect) = drive.take(read).unwrap();
    let Effect::Users(basedeck::app::users::Effect::Get(id)) = effect else { unreachable!() };
    let gone = failure(Kind::NotFound, Route::UserGet, Some(404), "User not found");
    drive.answer(ticket, Route::UserGet, Body::Users(basedeck::app::users::Body::Got(id, Err(gone))));
    drive.shows("anna@x.io is gone");
    assert!(beside(&drive).contains("lars@x.io"), "{}", beside(&drive));
}

#[test]
fn the_detail_of_buckets_follows_the_filter_too() {
    let mut drive = two_buckets(120, 40);
    drive.keys("/doc").shows("Buckets  ↑ name  /doc");
    assert!(beside(&drive).contains("documents") && !beside(&drive).contains("avatars"));
    drive.keys("zzz");
    assert!(beside(&drive).contains("No bucket is selected"));
}

#[test]
fn a_detail_fills_the_screen_at_any_width_and_names_its_keys() {
    for (width, height) in [(120, 40), (80, 24), (40, 12)] {
        for (mut drive, key) in [(three(width, height), "<enter>"), (two_buckets(width, height), "i")] {
            drive.keys(key);
            let bar = from_below(&drive, 0);
            assert!(bar.starts_with(" esc back  J/K scroll  j/k next  y copy"), "{bar}");
            drive.shows("row 1 of");
            assert!(!drive.screen().contains('│'), "{}", drive.screen());
            drive.keys("j").shows("row 2 of").keys(key).shows("row 2 of").keys("<esc>").hides("row 2 of");
            assert!(from_below(&drive, 0).contains("q quit"));
        }
    }
}

#[test]
fn long_values_are_whole_in_the_detail() {
    let mut drive = two_buckets(120, 40);
    drive.keys("j");
    let text: String = beside(&drive).split_whitespace().collect();
    assert!(text.contains(&"x".repeat(100)), "{text}");
}

#[test]
fn a_notice_leaves_the_key_bar_and_the_selected_row_in_sight() {
    let mut drive = drive(40, 12);
    drive.page(&some_users(1, 200), Total::Exact(200));
    drive.keys("/user1");
    drive.send(basedeck::app::msg::Msg::Paste(basedeck::app::msg::Pasted("x".repeat(70_000))));
    assert!(from_below(&drive, 0).contains("enter keep  esc drop"), "{}", drive.screen());
    assert!(drive.app.notice.is_some());
    drive.keys("<esc>jjjjjjj").keys("y");
    drive.shows("Copied user8@example.com").shows("▌  user8@").shows("n new");
}

#[test]
fn what_is_typed_into_the_filter_is_seen_with_its_end() {
    for mut drive in [three(40, 12), two_buckets(40, 12)] {
        drive.keys("/");
        drive.shows("/");
        drive.keys("abc").shows("/abc").shows("0 match");
        drive.keys(&"long ".repeat(20)).keys("end");
        let rule = drive.screen().lines().nth(2).unwrap().to_owned();
        assert!(rule.contains("long end"), "{rule}");
    }
}

#[test]
fn copying_takes_the_marked_users() {
    let mut drive = three(80, 24);
    drive.keys("<space><space>y").shows("Copied addresses of 2 marked users.");
    let copied = |drive: &mut Drive| match drive.take(|effect| matches!(effect, Effect::Copy(_))) {
        Some((_, Effect::Copy(text))) => text,
        other => panic!("{other:?}"),
    };
    assert_eq!(copied(&mut drive), "anna@x.io\nlars@x.io");
    drive.keys("Y");
    assert_eq!(copied(&mut drive).lines().count(), 2);
    drive.keys("Uy");
    assert_eq!(copied(&mut drive), "lena@x.io");
}

#[test]
fn a_narrow_list_of_users_keeps_the_sign_of_their_status() {
    let mut drive = drive(40, 12);
    let mut banned = user(1, "mallory@x.io");
    let value = banned.value.as_mut().unwrap();
    value.banned_until = Some("2126-01-01T00:00:00Z".parse().unwrap());
    drive.page(&[banned, user(2, "anna@x.io")], Total::Exact(2));
    let line = |drive: &Drive, who: &str| drive.screen().lines().find(|line| line.contains(who)).unwrap().to_owned();
    assert!(line(&drive, "mallory").ends_with('✕'), "{}", drive.screen());
    assert!(line(&drive, "anna").ends_with('✓'), "{}", drive.screen());
}

#[test]
fn the_tab_in_view_is_never_cut_and_the_others_do_not_move() {
    let tabs = |drive: &Drive| drive.screen().lines().nth(1).unwrap().to_owned();
    for (width, height, all) in [
        (80, 24, " 1 Users 3   2 Buckets 2   3 Jobs   4 Activity"),
        // Names come before what they count.
        (40, 12, " 1 Users  2 Buckets  3 Jobs  4 Activity"),
    ] {
        let mut drive = two_buckets(width, height);
        for key in ["1", "2", "3", "4"] {
            drive.keys(key);
            assert_eq!(tabs(&drive), all);
        }
    }
}

#[test]
fn a_form_says_that_it_goes_on_below() {
    let mut drive = three(40, 12);
    drive.keys("nx<tab>1<tab><tab>{{a<enter>").shows("↓").shows("more").shows("An address has an @.");
    drive.keys("<backtab>").shows("Not JSON").shows("↑");
    drive.keys("<tab>");
    // A notice leaves that sign in sight.
    drive.pass(Duration::from_secs(6));
    drive.page(&[user(0, "new@x.io"), user(1, "anna@x.io"), user(2, "lars@x.io")], Total::Exact(4));
    let below = from_below(&drive, 1);
    assert!(below.contains("more") && below.contains("+ new@x.io") && below.ends_with('╯'), "{below}");
}

#[test]
fn the_palette_begins_with_what_this_screen_can_do() {
    let mut drive = two_buckets(120, 40);
    drive.keys(":");
    let rows = |drive: &Drive| -> Vec<String> {
        let names = ["buckets.", "global.", "list.", "projects.", "session.", "users."];
        let screen = drive.screen();
        let words = screen.split_whitespace().filter(|word| names.iter().any(|name| word.starts_with(name)));
        words.map(str::to_owned).collect()
    };
    let all = rows(&drive);
    assert_eq!(all[0], "buckets.open");
    let place = |name: &str| all.iter().position(|row| row == name).unwrap();
    assert!(place("buckets.copy") < place("global.filter") && place("global.filter") < place("global.next-tab"));
    assert!(all.len() > 25, "the height is used");
    drive.shows("more").keys("up");
    assert_eq!(rows(&drive)[0], "buckets.upload");
    let mut read_only = start(&[Door::Gateway]);
    read_only.project.read_only = true;
    let mut drive = Drive::with(read_only, 80, 24);
    drive.page(&some_users(1, 3), Total::Exact(3));
    drive.keys(":new user");
    let row = drive.screen().lines().find(|line| line.contains("New user")).unwrap().to_owned();
    assert!(row.contains("read-only"), "{row}");
}

#[test]
fn a_notice_goes_with_its_tab_and_does_not_stand_under_a_dialog() {
    let mut drive = three(80, 24);
    for away in ["n", "?", ":", "2"] {
        drive.keys("1y").shows("Copied anna@x.io.");
        drive.keys(away).hides("Copied");
        drive.keys("<esc>").hides("Copied");
    }
    // What a dialog's own key tells stays.
    drive.keys("1?y").shows("Copied.");
}

#[test]
fn what_is_read_offers_to_scroll_only_where_there_is_more() {
    let mut drive = three(120, 60);
    drive.keys("?");
    assert!(!from_below(&drive, 0).contains("scroll"), "{}", drive.screen());
    drive.resize(80, 24).shows("j scroll").shows("more");
    assert_eq!(drive.screen().matches("esc close").count(), 1);
}

#[test]
fn the_first_screen_has_its_help() {
    let mut nothing = start(&[]);
    nothing.connected = false;
    let mut drive = Drive::with(nothing, 80, 24);
    drive.shows("? help").keys("?").shows("Starts the embedded demo server");
    drive.keys("<esc>").shows("Nothing is connected");
    assert!(drive.app.exit().is_none());
}

#[test]
fn all_loaded_is_said_once() {
    let mut drive = three(80, 24);
    drive.keys("F");
    drive.page(&[user(1, "anna@x.io"), user(2, "lars@x.io"), user(3, "lena@x.io")], Total::Exact(3));
    drive.shows("Done: all 3 loaded.");
}

/// Where the line between list and detail stands.
fn line(drive: &Drive) -> u16 {
    let buffer = drive.buffer();
    let middle = buffer.area.height / 2;
    (0..buffer.area.width).find(|&x| buffer[(x, middle)].symbol() == "│").unwrap_or(buffer.area.width)
}

#[test]
fn the_line_between_list_and_detail_is_moved_for_all_lists_and_stays_where_it_was_put() {
    let press = |drive: &mut Drive, key: char| {
        drive.send(Msg::Key(Key::char(key)));
    };
    let opened = |memory| {
        let mut start = start(&[Door::Gateway]);
        (start.project.which, start.project.memory) = (Which::Profile("home".into()), memory);
        let mut drive = Drive::with(start, 120, 40);
        drive.page(&some_users(1, 3), Total::Exact(3));
        drive
    };
    let mut drive = opened(Memory::default());
    let usual = line(&drive);
    press(&mut drive, '<');
    let left = line(&drive);
    assert!(left < usual, "{left} {usual}");
    for tab in ["1", "2", "4"] {
        drive.keys(tab);
        assert_eq!(line(&drive), left, "{tab}");
    }
    let mut again = opened(drive.keys("1").app.kept(start_time()).unwrap().1);
    assert_eq!(line(&again), left, "it is remembered");
    press(&mut again, '=');
    assert_eq!(line(&again), usual);
    for _ in 0..30 {
        press(&mut again, '>');
    }
    assert!(line(&again) > usual && line(&again) <= 120 - 32, "the detail stays readable");
    again.shows("No further");
    // Where nothing stands beside the list there is no line.
    again.resize(80, 24);
    press(&mut again, '<');
    again.shows("There is no line to move").keys(":narrower").shows("Narrower list");
}
