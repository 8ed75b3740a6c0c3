//! Each screen over its states and sizes: one snapshot file a screen, with a legend of styles, so that colours are
//! checked too. `INSTA_UPDATE=always` rewrites them.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use basedeck::api::error::Kind;
use basedeck::api::model::{Bucket, BucketId, Entry, Listing, Page, Row, Total};
use basedeck::api::route::Route;
use basedeck::app::effect::Effect;
use basedeck::app::msg::{Answer, Body};
use basedeck::app::picker::{self, Dir, DirEntry, EntryKind};
use basedeck::app::{Exit, Start, buckets, objects};
use basedeck::work::plan::FileItem;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};

use super::{Drive, drive, failure, some_users, start, start_time, user};

const SIZES: [(u16, u16); 3] = [(120, 40), (80, 24), (40, 12)];

/// The cells as text, and below it the runs of styles: `3a` are three cells in style a.
fn dump(buffer: &Buffer) -> String {
    let area = buffer.area;
    let mut text = String::new();
    let mut styles: BTreeMap<String, char> = BTreeMap::new();
    let mut runs = String::new();
    for y in 0..area.height {
        let line: String = (0..area.width).map(|x| buffer[(x, y)].symbol()).collect();
        writeln!(text, "{}", line.trim_end()).unwrap();
        let mut row: Vec<(char, usize)> = Vec::new();
        for x in 0..area.width {
            let cell = &buffer[(x, y)];
            let plain = cell.fg == Color::Reset && cell.bg == Color::Reset && cell.modifier == Modifier::empty();
            let name =
                if plain { "plain".into() } else { format!("{:?} on {:?} {:?}", cell.fg, cell.bg, cell.modifier) };
            let next = char::from(b'a' + styles.len() as u8);
            let style = if plain { '.' } else { *styles.entry(name).or_insert(next) };
            match row.last_mut() {
                Some((last, count)) if *last == style => *count += 1,
                _ => row.push((style, 1)),
            }
        }
        if row.iter().any(|(style, _)| *style != '.') {
            let row: String = row.iter().fold(String::new(), |all, (style, count)| all + &format!("{count}{style} "));
            writeln!(runs, "{y:>2}: {}", row.trim_end()).unwrap();
        }
    }
    let legend: String = styles.iter().fold(String::new(), |all, (name, letter)| all + &format!("{letter} = {name}\n"));
    format!("{text}{runs}{legend}")
}

/// Times of day stand in the machine's own time zone: `13:50:00` becomes `HH:MM:SS`.
fn without_clocks(text: &str) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for at in 0..chars.len().saturating_sub(7) {
        let clock = chars[at..at + 8].iter().enumerate().all(|(place, c)| match place {
            2 | 5 => *c == ':',
            _ => c.is_ascii_digit(),
        });
        // The exact times of a detail are UTC.
        if clock
            && !(at > 0 && chars[at - 1].is_ascii_digit())
            && chars.get(at + 8..at + 12) != Some(&[' ', 'U', 'T', 'C'])
        {
            for (place, c) in "HH:MM:SS".chars().enumerate() {
                chars[at + place] = c;
            }
        }
    }
    chars.into_iter().collect()
}

/// How a state is made at a size.
pub type Make<'a> = &'a dyn Fn(u16, u16) -> Drive;

/// One file: each state at each size.
pub fn snapshot(name: &str, states: &[(&str, Make<'_>)]) {
    let mut all = String::new();
    for (state, make) in states {
        for (width, height) in SIZES {
            writeln!(all, "=== {state} {width}x{height}\n{}", dump(&make(width, height).buffer())).unwrap();
        }
    }
    insta::with_settings!({snapshot_path => "../../snapshots", prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!(format!("screen_{name}"), without_clocks(&all));
    });
}

fn dense(width: u16, height: u16) -> Drive {
    let mut drive = drive(width, height);
    drive.page(&some_users(1, 200), Total::Exact(12_345));
    drive
}

fn hostile_name() -> String {
    format!("\u{1b}]52;c;aGk=\u{7}\u{1b}[31mred\u{9b}2J\u{202e}evil\u{200b}日本e\u{301}{}@x.io", "a".repeat(5000))
}

fn is_buckets(effect: &Effect) -> bool {
    matches!(effect, Effect::Buckets(_))
}

fn is_objects(effect: &Effect) -> bool {
    matches!(effect, Effect::Objects(_))
}

fn bucket(name: &str, public: bool, limit: Option<u64>, types: &[&str]) -> Row<Bucket> {
    let value = Bucket {
        id: BucketId(name.into()),
        name: name.into(),
        public,
        kind: Some("STANDARD".into()),
        file_size_limit: limit,
        allowed_mime_types: Some(types.iter().map(|&kind| kind.into()).collect::<Vec<String>>())
            .filter(|t| !t.is_empty()),
        created_at: Some(start_time()),
        updated_at: Some(start_time()),
    };
    let raw = serde_json::json!({"id": name, "name": name, "public": public, "file_size_limit": limit, "later": true});
    Row { raw: raw.to_string().into(), value: Ok(value) }
}

fn with_buckets(width: u16, height: u16) -> Drive {
    let mut drive = dense(width, height);
    drive.keys("2");
    let (ticket, _) = drive.take(is_buckets).unwrap();
    let rows = vec![
        bucket("avatars", true, Some(2 << 20), &["image/*"]),
        bucket("documents", false, Some(50 << 20), &["application/pdf"]),
        bucket("videos", false, None, &[]),
        Row { raw: "{\"id\":7}".into(), value: Err("its id is not a text".into()) },
    ];
    let body = Body::Buckets(buckets::Body::List(Ok(Page { rows, total: Total::Exact(4) })));
    drive.answer(ticket, Route::BucketsList, body);
    drive
}

fn entry(key: &str, size: Option<u64>) -> Row<Entry> {
    let folder = size.is_none();
    let value = Entry {
        key: key.into(),
        folder,
        id: (!folder).then(|| "an-id".into()),
        size,
        mime: (!folder).then(|| "image/png".into()),
        etag: None,
        updated_at: (!folder).then(start_time),
        created_at: (!folder).then(start_time),
    };
    Row { raw: format!("{{\"name\":{key:?}}}").into(), value: Ok(value) }
}

fn with_objects(width: u16, height: u16) -> Drive {
    let mut drive = with_buckets(width, height);
    drive.keys("<enter>");
    let (ticket, effect) = drive.take(is_objects).unwrap();
    let Effect::Objects(objects::Effect::List(ask)) = effect else { unreachable!() };
    let rows = vec![entry("2026/", None), entry("logo.png", Some(81_234)), entry(&hostile_name(), Some(5))];
    let listing = Listing { rows, next: None, inexact: false };
    drive.answer(ticket, Route::ObjectsList, Body::Objects(objects::Body::List(ask, Ok(listing))));
    drive
}

fn with_picker(width: u16, height: u16) -> Drive {
    let mut drive = with_buckets(width, height);
    drive.keys("u");
    let (ticket, _) = drive.take(|effect| matches!(effect, Effect::Picker(_))).unwrap();
    let file = |name: &str, kind, fault: Option<&str>| DirEntry {
        name: name.into(),
        kind,
        size: 81_234,
        modified: Some(start_time().as_millisecond()),
        fault: fault.map(Into::into),
    };
    let entries = vec![
        file("pictures", EntryKind::Dir, None),
        file("logo.png", EntryKind::File, None),
        file("secret.key", EntryKind::File, Some("cannot be read: permission denied")),
        file(&hostile_name(), EntryKind::File, None),
    ];
    let body = picker::Body::Dir(None, Ok(Dir { path: "/home/ops".into(), entries, cut: false }));
    drive.send(basedeck::app::msg::Msg::Answer(Answer { ticket, meta: None, body: Body::Picker(body) }));
    drive
}

/// The picker at its second step, with a name that the server refuses.
fn with_review(width: u16, height: u16) -> Drive {
    let mut drive = with_picker(width, height);
    drive.keys("logo<ctrl-space><esc>aaa<ctrl-space><esc><ctrl-s>");
    let taken = drive.take(|effect| matches!(effect, Effect::Picker(picker::Effect::Stat(_))));
    let Some((ticket, Effect::Picker(picker::Effect::Stat(paths)))) = taken else { panic!("{taken:?}") };
    let found = paths.into_iter().map(|path| {
        let relative = path.file_name().unwrap().to_str().unwrap().to_owned();
        let file = FileItem { path: path.clone(), relative, size: 81_234, mime: "image/png".into(), modified: None };
        (path, Ok(file))
    });
    let body = Body::Picker(picker::Body::Stat(found.collect()));
    drive.send(basedeck::app::msg::Msg::Answer(Answer { ticket, meta: None, body }));
    drive
}

#[test]
fn the_review_has_keys_of_its_own() {
    let mut drive = with_review(80, 24);
    drive.shows(" enter send  tab next  space switch  esc back").hides("complete").hides("take");
    drive
        .shows("1 of 2 ·")
        .keys("<f1>")
        .shows("Before sending")
        .shows("enter ctrl-s")
        .hides("folder above")
        .keys("<esc>");
    let buffer = drive.buffer();
    let patchy = buffer.content.iter().find(|cell| {
        cell.modifier.contains(Modifier::REVERSED) && (cell.fg != Color::Reset || cell.bg != Color::Reset)
    });
    assert_eq!(patchy, None, "the selected row is plain");
    drive.keys("<ctrl-s>");
    assert_eq!(drive.count(|effect| matches!(effect, Effect::Jobs(_))), 1, "ctrl-s sends");
    drive.shows("1 running").hides("Upload to");
}

#[test]
fn the_switches_of_an_upload_are_read_whole_at_every_size() {
    for (width, height) in SIZES {
        let mut drive = with_review(width, height);
        for words in ["the folders of the files", "names the server refuses", "names that exist, else fail"] {
            drive.shows(words);
        }
    }
}

#[test]
fn in_a_small_picker_the_keys_that_lead_on_and_back_are_seen_and_so_are_marks_and_notes() {
    for (width, height) in SIZES {
        let mut drive = with_picker(width, height);
        drive.shows("ctrl-s go on").shows("esc back").shows("ctrl-space marks");
        if width >= 60 {
            drive.shows("4 entries")
        } else {
            drive.hides("entries")
        };
        drive.keys("logo<ctrl-space><esc><ctrl-space>");
        drive.shows("! Only files are marked").shows("◆ 1 marked · 79 KiB");
    }
}

#[test]
fn users() {
    snapshot(
        "users",
        &[
            ("loading", &|w, h| drive(w, h)),
            ("empty", &|w, h| {
                let mut drive = drive(w, h);
                drive.page(&[], Total::Exact(0));
                drive
            }),
            ("dense", &dense),
            ("filtered", &|w, h| {
                let mut drive = dense(w, h);
                drive.keys("/user19");
                drive
            }),
            ("marked, detail", &|w, h| {
                let mut drive = dense(w, h);
                drive.keys("j<space><enter>");
                drive
            }),
            ("hostile", &|w, h| {
                let mut drive = drive(w, h);
                let broken = Row { raw: "{\"id\":null}".into(), value: Err("its id is missing".into()) };
                drive.page(&[user(1, &hostile_name()), user(2, ""), broken], Total::Exact(3));
                drive
            }),
            ("broken", &|w, h| {
                let mut drive = dense(w, h);
                drive.keys("p");
                drive.keys("r");
                let error = failure(Kind::Unreachable, Route::UsersList, None, "refused");
                drive.page_fails(error);
                drive
            }),
            ("create", &|w, h| {
                let mut drive = dense(w, h);
                drive.keys("nalice@x.io<tab>hunter2-hunter2");
                drive
            }),
            ("help", &|w, h| {
                let mut drive = dense(w, h);
                drive.keys("?");
                drive
            }),
            ("commands", &|w, h| {
                let mut drive = dense(w, h);
                drive.keys(":load");
                drive
            }),
        ],
    );
}

#[test]
fn buckets_and_objects() {
    snapshot("buckets", &[("dense", &with_buckets), ("picker", &with_picker), ("review", &with_review)]);
    snapshot("objects", &[("hostile", &with_objects)]);
}

#[test]
fn activity_and_jobs() {
    let tab = |key: &'static str| {
        move |w: u16, h: u16| {
            let mut drive = with_objects(w, h);
            drive.keys(key);
            drive
        }
    };
    snapshot("activity", &[("some", &tab("4"))]);
    snapshot("jobs", &[("empty", &tab("3"))]);
}

#[test]
fn the_first_screen() {
    snapshot(
        "first",
        &[("nothing connected", &|w, h| {
            let mut nothing = start(&[]);
            nothing.connected = false;
            Drive::with(nothing, w, h)
        })],
    );
}

#[test]
fn without_colour_nothing_is_coloured() {
    let mut plain = start(&[basedeck::api::route::Door::Gateway]);
    plain.colour = false;
    let mut drive = Drive::with(plain, 80, 24);
    drive.page(&some_users(1, 30), Total::Exact(30));
    drive.keys("nalice<tab>");
    drive.pass(Duration::from_secs(1));
    let buffer = drive.buffer();
    assert!(buffer.content.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
    drive.shows("▌").shows("✓ confirmed");
}

#[test]
fn hostile_texts_are_drawn_harmlessly_everywhere() {
    for mut drive in [with_objects(80, 24), with_picker(80, 24), with_buckets(120, 40)] {
        for keys in ["i", "<esc>", "?", "<esc>", "4", "<enter>", "."] {
            drive.keys(keys);
            for cell in &drive.buffer().content {
                let safe = !cell.symbol().chars().any(|c| c.is_control() || "\u{202e}\u{200b}\u{9b}".contains(c));
                assert!(safe, "{:?}", cell.symbol());
            }
        }
    }
}

#[test]
fn files_of_local_development_are_offered_and_opened_only_when_asked() {
    let first = |local: Option<&str>| {
        let start = Start { connected: false, local: local.map(str::to_owned), ..start(&[]) };
        Drive::with(start, 80, 24)
    };
    let mut here = first(Some(".env in /home/me/app"));
    here.shows("o  reads .env in /home/me/app").shows("o open");
    assert_eq!(here.app.exit(), None);
    here.keys("o");
    assert_eq!(here.app.exit(), Some(Exit::OpenLocal));
    let mut none = first(None);
    none.shows("start basedeck in a folder with .env").hides("o open").keys("o");
    assert_eq!(none.app.exit(), None);
}

#[test]
fn the_first_screen_has_a_next_step_for_every_kind_of_server_at_every_size() {
    let files = ".env.local and .env and supabase/config.toml in /home/me/code/clients/acme/app";
    for local in [None, Some(files)] {
        for (width, height) in [(120, 40), (80, 24), (60, 16), (59, 16), (80, 12), (40, 12), (40, 10)] {
            let start = Start { connected: false, local: local.map(str::to_owned), ..start(&[]) };
            let mut drive = Drive::with(start, width, height);
            for step in [
                "Powabase",
                "--login EMAIL",
                "control plane",
                "--url URL --ref REF",
                "self-hosted",
                "--project-url URL",
                "Supabase",
                "--supabase-ref REF",
                "Studio",
                "config init",
                "--studio-user NAME",
                "P projects",
                if height > 10 { "d  " } else { "? help" },
                if local.is_some() { ".env.local" } else { "local stack" },
            ] {
                drive.shows(step);
            }
            if local.is_some() {
                drive.shows("acme/app").shows("o open");
            }
        }
    }
}

#[test]
fn what_kept_the_project_here_from_being_opened_is_told_on_the_first_screen() {
    let said =
        "no project is named by .env in /home/me/app: basedeck looks for SUPABASE_URL and SUPABASE_SERVICE_ROLE_KEY";
    for (width, height) in SIZES {
        let mut start = Start { connected: false, local: Some(".env in /home/me/app".into()), ..start(&[]) };
        start.project.notices = vec![said.into()];
        let mut drive = Drive::with(start, width, height);
        drive.shows("Not connected").shows("No project is named by").shows("SUPABASE_SERVICE_ROLE_KEY.");
        drive.keys("<esc>").hides("Not connected").shows("Powabase").keys("o");
        assert_eq!(drive.app.exit(), Some(Exit::OpenLocal), "it can be tried again");
    }
}
