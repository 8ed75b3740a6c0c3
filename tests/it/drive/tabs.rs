//! Buckets, objects, jobs and activity: each screen over its states and sizes, and what keys and answers do there.

use std::sync::Arc;
use std::time::Duration;

use basedeck::api::error::{ApiError, Kind};
use basedeck::api::meta::{Meta, Proof};
use basedeck::api::model::{Bucket, BucketId, Entry, Listing, Page, Row, Total};
use basedeck::api::route::{Door, Route};
use basedeck::app::effect::Effect;
use basedeck::app::msg::{Answer, Body, Msg};
use basedeck::app::{activity, buckets, jobs, objects, users};
use basedeck::text::human;
use basedeck::work::outcome::{Counts, ItemState, JobId, Outcome};
use basedeck::work::plan::{Destination, Exists, Item, Plan};
use basedeck::work::progress::{Asked, Totals};
use basedeck::work::query::Chunk;
use jiff::{SignedDuration, Timestamp};

use super::{Drive, drive, failure, some_users, start, start_time};

const SIZES: [(u16, u16); 3] = [(120, 40), (80, 24), (40, 12)];
/// Escape sequences, an OSC 52, a C1 control, bidi and zero-width marks, wide and combining characters, and no end.
const HOSTILE: &str =
    "\u{1b}[2J\u{1b}]52;c;aGk=\u{7}\u{9b}31m\u{202e}evil\u{200b}\u{feff} 日本語 e\u{301}\u{301} \r\n\t";

fn ago(hours: i64) -> Timestamp {
    start_time().checked_sub(SignedDuration::from_hours(hours)).unwrap()
}

fn bucket(name: &str, public: bool, limit: Option<u64>, types: &[&str]) -> Row<Bucket> {
    let types = (!types.is_empty()).then(|| types.iter().map(|&text| text.to_owned()).collect::<Vec<_>>());
    let raw = serde_json::json!({
        "id": name, "name": name, "owner": "", "public": public, "type": "STANDARD", "file_size_limit": limit,
        "allowed_mime_types": types, "created_at": ago(500), "updated_at": ago(40),
    });
    let value = Bucket {
        id: BucketId(name.into()),
        name: name.into(),
        public,
        kind: Some("STANDARD".into()),
        file_size_limit: limit,
        allowed_mime_types: types,
        created_at: Some(ago(500)),
        updated_at: Some(ago(40)),
    };
    Row { raw: raw.to_string().into(), value: Ok(value) }
}

fn some_buckets() -> Vec<Row<Bucket>> {
    const MIB: u64 = 1024 * 1024;
    vec![
        bucket("archive", false, Some(5 * 1024 * MIB), &[]),
        bucket("avatars", true, Some(2 * MIB), &["image/*"]),
        bucket("documents", false, Some(50 * MIB), &["application/pdf"]),
        bucket("sources", false, None, &[]),
        bucket("videos", false, Some(5 * 1024 * MIB), &["video/mp4", "video/webm"]),
    ]
}

fn entry(key: &str, size: u64, mime: &str) -> Row<Entry> {
    let folder = key.ends_with('/');
    let value = Entry {
        key: key.into(),
        folder,
        id: (!folder).then(|| "3f2a91c4-77aa-4b4b-8c8c-2c3d5e6f0001".into()),
        size: (!folder).then_some(size),
        mime: (!folder).then(|| mime.into()),
        etag: (!folder).then(|| "9e107d9d372bb6826bd81d3542a419d6".into()),
        updated_at: (!folder).then(|| ago(3)),
        created_at: (!folder).then(|| ago(300)),
    };
    Row {
        raw: serde_json::json!({"name": key, "metadata": {"size": size, "mimetype": mime}}).to_string().into(),
        value: Ok(value),
    }
}

fn some_entries(prefix: &str) -> Vec<Row<Entry>> {
    [
        ("IMG_2041.jpg", 2_516_582, "image/jpeg"),
        ("IMG_2042.jpg", 2_306_867, "image/jpeg"),
        (".emptyFolderPlaceholder", 0, "application/octet-stream"),
        ("2026/", 0, ""),
        ("old/", 0, ""),
        ("notes on everything.txt", 812, "text/plain;charset=UTF-8"),
    ]
    .map(|(name, size, mime)| entry(&format!("{prefix}{name}"), size, mime))
    .into()
}

fn is_buckets(effect: &Effect) -> bool {
    matches!(effect, Effect::Buckets(_))
}

fn answer_buckets(drive: &mut Drive, rows: Vec<Row<Bucket>>) {
    let (ticket, _) = drive.take(is_buckets).expect("the buckets were asked for");
    let page = Page { total: Total::Exact(rows.len() as u64), rows };
    drive.answer(ticket, Route::BucketsList, Body::Buckets(buckets::Body::List(Ok(page))));
}

/// The folder that was asked for, and the answer to it.
fn answer_objects(drive: &mut Drive, rows: Vec<Row<Entry>>, next: Option<&str>) -> objects::ListObjects {
    let taken = drive.take(|effect| matches!(effect, Effect::Objects(_)));
    let Some((ticket, Effect::Objects(objects::Effect::List(asked)))) = taken else {
        panic!("no objects were asked for: {:?}", drive.open)
    };
    let listing = Listing { rows, next: next.map(str::to_owned), inexact: false };
    drive.answer(ticket, Route::ObjectsList, Body::Objects(objects::Body::List(asked.clone(), Ok(listing))));
    asked
}

/// The Buckets tab with these rows.
fn with_buckets((width, height): (u16, u16), rows: Vec<Row<Bucket>>) -> Drive {
    let mut drive = drive(width, height);
    drive.keys("2");
    answer_buckets(&mut drive, rows);
    drive
}

/// The second bucket's root.
fn with_objects(size: (u16, u16), rows: Vec<Row<Entry>>, next: Option<&str>) -> Drive {
    let mut drive = with_buckets(size, some_buckets());
    drive.keys("j<enter>");
    answer_objects(&mut drive, rows, next);
    drive
}

fn item(n: usize) -> Item {
    Item {
        source: format!("/home/me/IMG_{n}.jpg").into(),
        key: format!("2026/IMG_{n}.jpg"),
        size: 2_000_000 + n as u64 * 1_000,
        mime: "image/jpeg".into(),
        modified: None,
        fault: None,
        unsure: false,
    }
}

pub fn plan(items: usize) -> Plan {
    Plan {
        destination: Destination::new(BucketId("avatars".into()), "2026"),
        exists: Exists::Fail,
        items: (0..items).map(item).collect(),
        size_limit: None,
    }
}

pub fn start_job(drive: &mut Drive, plan: Plan) {
    drive.keys("3");
    let super::Drive { app, cx, .. } = drive;
    app.jobs.start(cx, &mut app.shell, plan);
    drive.send(Msg::Tick);
}

pub fn progress(job: u64, items: Vec<(usize, ItemState)>, totals: Totals, ended: bool) -> Msg {
    let progress = jobs::Progress { job: JobId(job), totals, items, asked: Vec::new(), ended };
    Msg::Jobs(Arc::from([progress]))
}

/// The answer that an upload's request got: the refusal with this raw body, or none.
fn asked(item: usize, route: Route, raw: Option<&str>) -> Msg {
    let said = raw.map(|raw| ApiError { raw: Some(raw.into()), ..failure(Kind::TooLarge, route, Some(413), "large") });
    let mut meta = Meta::of(route);
    meta.door = Some(Door::Gateway);
    meta.path = "/storage/v1/object/avatars/2026/IMG_1.jpg".into();
    meta.status = Some(if raw.is_some() { 413 } else { 200 });
    meta.request_id = Some("req-7".into());
    let asked = vec![(item, Asked::new(&meta, said.as_ref()))];
    let progress = jobs::Progress { job: JobId(1), totals: Totals::default(), items: Vec::new(), asked, ended: false };
    Msg::Jobs(Arc::from([progress]))
}

/// Longer than any column.
const WHY: &str = "The bucket takes only image/* and image/*+xml of no more than 2 MiB each: send it to another one, or \
                   let somebody change its rules.";

fn refused() -> ItemState {
    let sentence = WHY.into();
    ItemState::Ended(Outcome::Refused { kind: Kind::Refused, sentence, retry: false })
}

/// A job in its middle: done, there already, refused, unknown, under way, waiting.
fn in_the_middle() -> Msg {
    let mut items: Vec<_> = (0..20).map(|at| (at, ItemState::Ended(Outcome::Done { verified: None }))).collect();
    items.extend([
        (20, ItemState::Ended(Outcome::Done { verified: Some("same size and MD5") })),
        (21, ItemState::Ended(Outcome::AlreadySo)),
        (22, refused()),
        (23, ItemState::Ended(Outcome::Unknown { sentence: "Sent whole, but no answer came.".into() })),
        (24, ItemState::Sending),
        (25, ItemState::SentWaiting),
    ]);
    let totals = Totals {
        sent: 1_400_000_000,
        stored: 1_400_000_000,
        bytes: 3_600_000_000,
        elapsed: Duration::from_secs(23),
        rate: Some(64_000_000.0),
        eta: Some(Duration::from_secs(34)),
        counts: Counts::default(),
        parallel: 4,
        ..Totals::default()
    };
    progress(1, items, totals, false)
}

/// One text for a snapshot: each state at each size under a heading.
#[derive(Default)]
struct Album(String);

impl Album {
    fn add(&mut self, name: &str, drive: &Drive) {
        let (size, mut screen) = (drive.cx.size, drive.screen());
        // The time of day depends on the machine's time zone; the exact one does not.
        screen = screen.replace(&human::exact(start_time()), "EXACTLY THEN");
        for seconds in 0..10 {
            let time = start_time().checked_add(SignedDuration::from_secs(seconds)).unwrap();
            screen = screen.replace(&human::clock(time), "HH:MM:SS");
        }
        let heading = format!("== {name} {}x{}\n", size.width, size.height);
        self.0.extend([heading, screen]);
    }
}

macro_rules! snapshot {
    ($name:literal, $album:expr) => {
        insta::with_settings!({snapshot_path => "../../snapshots", prepend_module_to_snapshot => false, omit_expression => true}, {
            insta::assert_snapshot!($name, $album.0);
        });
    };
}

#[test]
fn buckets_over_states_and_sizes() {
    let mut album = Album::default();
    for size in SIZES {
        let mut loading = drive(size.0, size.1);
        album.add("loading", loading.keys("2"));
        let (ticket, _) = loading.take(is_buckets).unwrap();
        let error = failure(Kind::Unreachable, Route::BucketsList, None, "The connection was refused: is it running?");
        loading.answer(ticket, Route::BucketsList, Body::Buckets(buckets::Body::List(Err(error))));
        album.add("broken at first", &loading);
        album.add("empty", &with_buckets(size, Vec::new()));
        album.add("dense", with_buckets(size, some_buckets()).keys("j "));
        album.add("filter without a match", with_buckets(size, some_buckets()).keys("/zz<enter>"));
        album.add("detail", with_buckets(size, some_buckets()).keys("ji"));
        let mut hostile = some_buckets();
        hostile.insert(0, bucket(&format!("{HOSTILE}{}", "x".repeat(5_000)), true, None, &[HOSTILE]));
        hostile.push(Row { raw: format!("{{\"id\": 7, \"{HOSTILE}\"").into(), value: Err("`id` is no text".into()) });
        album.add("hostile", with_buckets(size, hostile.clone()).keys("G"));
        album.add("hostile detail", with_buckets(size, hostile).keys("gi"));
    }
    snapshot!("buckets", album);
}

#[test]
fn objects_over_states_and_sizes() {
    let mut album = Album::default();
    for size in SIZES {
        album.add("loading", with_buckets(size, some_buckets()).keys("j<enter>"));
        album.add("empty", &with_objects(size, Vec::new(), None));
        album.add("dense", with_objects(size, some_entries(""), None).keys("jj"));
        album.add("detail", with_objects(size, some_entries(""), None).keys("jji"));
        let mut deep = with_objects(size, some_entries(""), None);
        deep.keys("<enter>");
        answer_objects(&mut deep, some_entries("2026/"), Some("cursor"));
        album.add("in a folder, more to come", &deep);
        let hostile = vec![
            entry("/", 0, ""),
            entry("", 3, "text/plain"),
            entry("//", 0, ""),
            entry(&format!("{HOSTILE}{}", "x".repeat(5_000)), 7, HOSTILE),
            Row { raw: "[]".into(), value: Err("it is no object".into()) },
        ];
        album.add("hostile", &with_objects(size, hostile, None));
    }
    snapshot!("objects", album);
}

#[test]
fn jobs_over_states_and_sizes() {
    let mut album = Album::default();
    for size in SIZES {
        album.add("empty", drive(size.0, size.1).keys("3"));
        let mut job = drive(size.0, size.1);
        start_job(&mut job, plan(1_204));
        album.add("begun", &job);
        album.add("running", job.send(in_the_middle()));
        album.add("in the items", job.keys("f"));
        job.keys("<esc>");
        let waiting = Totals { bytes: 10, stored: 10, waiting_for_server: true, ..Totals::default() };
        start_job(&mut job, plan(1));
        album.add("all sent", job.send(progress(2, vec![(0, ItemState::SentWaiting)], waiting, false)));
        let totals = Totals { bytes: 10, stored: 10, ended: true, ..Totals::default() };
        let done = vec![(0, ItemState::Ended(Outcome::Done { verified: None }))];
        album.add("one ended", job.send(progress(2, done, totals, true)));
        let mut ended = drive(size.0, size.1);
        start_job(&mut ended, plan(3));
        let hostile = ItemState::Ended(Outcome::NotStored { kind: Kind::Server, sentence: HOSTILE.repeat(20) });
        let done = ItemState::Ended(Outcome::Done { verified: None });
        let items = vec![(0, done), (1, hostile), (2, ItemState::Ended(Outcome::Stopped))];
        let counts = Counts::of(items.iter().map(|(_, state)| state));
        ended.send(progress(1, items, Totals { bytes: 9, stored: 3, counts, ended: true, ..Totals::default() }, true));
        album.add("partly failed", &ended);
        album.add("a failed item", ended.keys("f"));
    }
    snapshot!("jobs", album);
}

#[test]
fn activity_over_states_and_sizes() {
    let mut album = Album::default();
    for size in SIZES {
        album.add("empty", drive(size.0, size.1).keys("4"));
        let mut log = with_objects(size, some_entries(""), None);
        log.keys("<enter>");
        let (ticket, effect) = log.take(|effect| matches!(effect, Effect::Objects(_))).unwrap();
        let Effect::Objects(objects::Effect::List(asked)) = effect else { unreachable!() };
        let error = failure(Kind::NotFound, Route::ObjectsList, Some(404), HOSTILE);
        log.answer(ticket, Route::ObjectsList, Body::Objects(objects::Body::List(asked, Err(error))));
        album.add("some", log.keys("4"));
        album.add("detail", log.keys("<enter>"));
    }
    snapshot!("activity", album);
}

#[test]
fn a_door_that_cannot_list_objects_says_so() {
    let mut drive = Drive::with(start(&[Door::ControlPlane]), 120, 40);
    drive.keys("2");
    answer_buckets(&mut drive, some_buckets());
    drive.shows("This door cannot list objects");
    drive.keys("<enter>");
    assert_eq!(drive.count(|effect| matches!(effect, Effect::Objects(_))), 0);
}

#[test]
fn a_new_bucket_is_marked_for_ten_seconds_and_the_selection_stays() {
    let mut drive = with_buckets((120, 40), some_buckets());
    drive.keys("jr");
    let mut rows = some_buckets();
    rows.insert(0, bucket("aaa", false, None, &[]));
    answer_buckets(&mut drive, rows);
    drive.shows(" + aaa").shows("▌  avatars");
    drive.pass(Duration::from_secs(11));
    drive.hides(" + aaa").shows("   aaa");
}

#[test]
fn a_vanished_bucket_takes_its_mark_along_and_is_told() {
    let mut drive = with_buckets((120, 40), some_buckets());
    drive.keys("j r").shows("◆ 1 marked");
    let rows = some_buckets().into_iter().filter(|row| row.value.as_ref().unwrap().name != "avatars").collect();
    answer_buckets(&mut drive, rows);
    drive.shows("Bucket avatars is gone, its mark with it.").hides("marked");
}

#[test]
fn a_failed_poll_keeps_the_rows() {
    let mut drive = with_buckets((120, 40), some_buckets());
    drive.keys("r");
    let (ticket, _) = drive.take(is_buckets).unwrap();
    let error = failure(Kind::Unreachable, Route::BucketsList, None, "The connection was refused.");
    drive.answer(ticket, Route::BucketsList, Body::Buckets(buckets::Body::List(Err(error))));
    drive.shows("avatars").shows("Buckets could not be refreshed").shows("The connection was refused");
}

#[test]
fn folders_open_and_close_and_one_comes_back_to_where_one_was() {
    let mut drive = with_objects((120, 40), some_entries(""), None);
    drive.shows("avatars /").shows("▌  2026/").hides("emptyFolder");
    drive.keys("j<enter>");
    let asked = answer_objects(&mut drive, some_entries("old/"), None);
    assert_eq!((asked.bucket.0.as_str(), asked.prefix.as_str(), asked.next), ("avatars", "old/", None));
    drive.shows("avatars / old /").shows("▌  2026/");
    drive.keys("h");
    let asked = answer_objects(&mut drive, some_entries(""), None);
    assert_eq!(asked.prefix, "");
    drive.shows("▌  old/");
    drive.keys("<esc>").shows("5 buckets").shows("▌  avatars");
}

#[test]
fn the_end_of_the_list_loads_the_next_page_and_claims_nothing_before() {
    let mut drive = with_objects((120, 40), some_entries(""), Some("c1"));
    drive.shows("5 loaded · more");
    drive.keys("G");
    let asked = answer_objects(&mut drive, vec![entry("z.txt", 1, "text/plain")], None);
    assert_eq!(asked.next.as_deref(), Some("c1"));
    drive.shows("2 folders · 4 objects").shows("z.txt");
}

#[test]
fn a_server_that_gives_the_same_page_for_ever_is_not_asked_for_ever() {
    let mut drive = with_objects((120, 40), some_entries(""), Some("c1"));
    drive.keys("G");
    answer_objects(&mut drive, some_entries(""), Some("c2"));
    drive.shows("the server repeats itself").keys("gG");
    assert_eq!(drive.count(|effect| matches!(effect, Effect::Objects(_))), 0);
}

#[test]
fn an_answer_for_a_folder_that_was_left_changes_nothing() {
    let mut drive = with_objects((120, 40), some_entries(""), None);
    drive.keys("<enter>");
    drive.keys("h");
    assert_eq!(drive.count(|effect| matches!(effect, Effect::Objects(_))), 1, "the read of the folder was given up");
}

#[test]
fn a_poll_neither_loses_nor_doubles_rows_at_a_pages_edge() {
    let page = |names: &[&str]| names.iter().map(|name| entry(name, 1, "text/plain")).collect::<Vec<_>>();
    let mut drive = with_objects((120, 40), page(&["a", "b"]), Some("b"));
    drive.keys("G");
    answer_objects(&mut drive, page(&["c", "d"]), None);
    drive.keys("r");
    // A new row pushes `b` out of the first page; the second one still begins behind it.
    answer_objects(&mut drive, page(&["a", "aa"]), Some("aa"));
    drive.shows("5 objects").shows(" + aa").shows("   b");
    answer_objects(&mut drive, page(&["c", "d"]), None);
    drive.keys("r");
    // `a` is gone: the first page reaches into the second one.
    answer_objects(&mut drive, page(&["aa", "b", "c"]), Some("c"));
    drive.shows("4 objects").shows("a is gone");
}

#[test]
fn an_unknown_bucket_is_told_from_an_empty_one() {
    let mut drive = with_objects((120, 40), Vec::new(), None);
    drive.shows("This bucket is empty.").shows("u sends files here");
    let rows = some_buckets().into_iter().filter(|row| row.value.as_ref().unwrap().name != "avatars").collect();
    answer_buckets(&mut drive, rows);
    let known = drive.app.buckets.knows(&BucketId("avatars".into()));
    drive.app.objects.as_mut().unwrap().bucket_known(known == Some(true));
    drive.shows("There is no bucket avatars any more.");
}

#[test]
fn keys_copy_what_is_marked_else_what_is_selected() {
    let copied = |drive: &mut Drive| match drive.take(|effect| matches!(effect, Effect::Copy(_))) {
        Some((_, Effect::Copy(text))) => text,
        other => panic!("nothing was copied: {other:?}"),
    };
    let mut buckets = with_buckets((120, 40), some_buckets());
    assert_eq!(copied(buckets.keys("jy")), "avatars");
    assert_eq!(copied(buckets.keys(" j y")), "avatars\nsources");
    let mut objects = with_objects((120, 40), some_entries(""), None);
    assert_eq!(copied(objects.keys("Gy")), "notes on everything.txt");
}

#[test]
fn a_job_is_followed_to_its_end_and_its_rest_is_sent_again() {
    let mut drive = drive(120, 40);
    start_job(&mut drive, plan(30));
    let (_, effect) = drive.take(|effect| matches!(effect, Effect::Jobs(_))).expect("it was started");
    assert!(matches!(effect, Effect::Jobs(jobs::Effect::Start { job: JobId(1), parallel: 4, .. })), "{effect:?}");
    drive.shows("1 running").send(in_the_middle());
    drive.shows("1 refused").shows("2 under way").shows("61 MiB/s");
    let rest = (24..30).map(|at| (at, ItemState::Ended(Outcome::Done { verified: None }))).collect();
    drive.send(progress(1, rest, Totals { ended: true, ..Totals::default() }, true));
    drive.shows("30 files → avatars/2026: 27 done, 1 there already, 1 refused, 1 unknown");
    drive.keys("R");
    let (_, effect) = drive.take(|effect| matches!(effect, Effect::Jobs(_))).expect("the rest was started");
    let Effect::Jobs(jobs::Effect::Start { job, plan, .. }) = effect else { panic!("{effect:?}") };
    let keys: Vec<_> = plan.items.iter().map(|item| (item.key.as_str(), item.unsure)).collect();
    assert_eq!((job, keys), (JobId(2), vec![("2026/IMG_22.jpg", false), ("2026/IMG_23.jpg", true)]));
    drive.keys("c").shows("Cleared 1 job.");
}

#[test]
fn stopping_a_job_asks_first() {
    let mut drive = drive(120, 40);
    start_job(&mut drive, plan(3));
    drive.take(|effect| matches!(effect, Effect::Jobs(_)));
    drive.keys("x");
    assert_eq!(drive.count(|effect| matches!(effect, Effect::Jobs(_))), 0);
    drive.shows("Stop this job?").keys("y").shows("stopping");
    let (_, effect) = drive.take(|effect| matches!(effect, Effect::Jobs(_))).expect("it was stopped");
    assert_eq!(effect, Effect::Jobs(jobs::Effect::Stop(JobId(1))));
    drive.send(progress(1, Vec::new(), Totals { ended: true, ..Totals::default() }, true)).keys("x");
    drive.shows("This job has ended");
}

#[test]
fn uploading_opens_the_picker_for_the_place_in_view() {
    let mut drive = with_objects((120, 40), some_entries(""), None);
    drive.keys("<enter>");
    answer_objects(&mut drive, some_entries("2026/"), None);
    drive.keys("u");
    assert_eq!(drive.count(|effect| matches!(effect, Effect::Picker(_))), 1);
    drive.shows("Upload to avatars");
}

#[test]
fn an_upload_that_is_refused_its_credential_asks_for_another() {
    let mut drive = drive(120, 40);
    start_job(&mut drive, plan(1));
    let refused = Outcome::NotStored { kind: Kind::NotSignedIn, sentence: "Not signed in.".into() };
    let ended = Totals { ended: true, ..Totals::default() };
    drive.send(progress(1, vec![(0, ItemState::Ended(refused))], ended, true));
    drive.shows("Not signed in").shows("the server refused the credential");
    drive.keys("another-token<enter>").hides("another-token");
    assert!(drive.take(|effect| matches!(effect, Effect::Session(_))).is_some(), "the new one goes to the client");
}

#[test]
fn a_refusal_is_read_in_full_with_the_raw_answer_behind_it() {
    let raw = r#"{"statusCode":"413","error":"Payload too large","message":"The object exceeded the maximum"}"#;
    for (width, height) in SIZES {
        let mut drive = drive(width, height);
        start_job(&mut drive, plan(30));
        drive.send(in_the_middle()).send(asked(22, Route::ObjectUpload, Some(raw)));
        drive.send(asked(22, Route::ObjectInfo, None));
        drive.keys("f");
        if width < 110 && height > 12 {
            let read = drive.screen().split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(read.contains(WHY), "{read}");
        } else {
            drive.shows("✕ The bucket");
        }
        drive.keys(".").shows("Raw answer").shows("413").shows("exceeded").keys("<esc>");
        drive.keys("<enter>").shows("Item").shows("rules.").keys("G").shows("maximum").keys("<esc>");
        drive.keys("j.").shows("no answer").keys("<esc>");
        drive.keys("<esc>.").shows("Raw answer").shows("exceeded");
    }
}

#[test]
fn the_answer_of_an_upload_that_went_well_after_all_is_forgotten() {
    let mut drive = drive(120, 40);
    start_job(&mut drive, plan(1));
    drive.keys(".").shows("No request has failed so far.");
    drive.send(asked(0, Route::ObjectUpload, Some("{\"first\":1}")));
    drive.send(asked(0, Route::ObjectUpload, None));
    let done = vec![(0, ItemState::Ended(Outcome::Done { verified: None }))];
    drive.send(progress(1, done, Totals { ended: true, ..Totals::default() }, true));
    drive.keys("<enter>").shows("✓ done").hides("first").keys("<enter>").shows("IMG_0.jpg").hides("first");
}

#[test]
fn activity_lists_each_upload_and_how_its_job_ended() {
    let mut drive = drive(120, 40);
    start_job(&mut drive, plan(2));
    drive.send(asked(0, Route::ObjectUpload, None)).send(asked(1, Route::ObjectInfo, None));
    drive.send(asked(1, Route::ObjectUpload, Some("{\"code\":\"EntityTooLarge\"}")));
    let ends = vec![(0, ItemState::Ended(Outcome::Done { verified: None })), (1, refused())];
    drive.send(progress(1, ends, Totals { ended: true, ..Totals::default() }, true));
    drive.keys("4").shows("! 1 done, 1 refused").hides("✓ 1 done").shows("✕ 413 too large").shows("✓ 200");
    drive.shows("objects.upload").shows("objects.check").shows("jobs.end").shows("avatars/2026");
    drive.keys("j").shows("gateway").shows("req-7").shows("EntityTooLarge");
    drive.resize(40, 12).shows("✕ 413 too large").shows("RESULT");
}

#[test]
fn the_key_bar_of_jobs_offers_what_can_be_done() {
    let lit = |drive: &Drive, hint: &str| {
        let (screen, buffer) = (drive.screen(), drive.buffer());
        let (y, line) = screen.lines().enumerate().find(|(_, line)| line.contains(hint)).expect(hint);
        let x = line[..line.find(hint).unwrap()].chars().count();
        buffer[(x as u16, y as u16)].fg != ratatui::style::Color::DarkGray
    };
    let mut drive = drive(120, 40);
    drive.keys("3");
    for hint in ["enter open", "x stop", "R rerun", "c clear", "f next failed"] {
        assert!(!lit(&drive, hint), "{hint} on an empty list");
    }
    drive.hides("esc back").keys("c").shows("No job has ended yet.");
    start_job(&mut drive, plan(30));
    assert!(lit(&drive, "x stop") && !lit(&drive, "R rerun") && !lit(&drive, "f next failed"));
    drive.keys("R").shows("This job still runs").keys("f").shows("No item of this job has failed.");
    drive.send(in_the_middle()).keys("<enter>").shows("esc back").shows("q quit");
    assert!(lit(&drive, "f next failed") && lit(&drive, "esc back"));
    let ended = Totals { ended: true, ..Totals::default() };
    drive.keys("<esc>").hides("esc back").send(progress(1, Vec::new(), ended.clone(), true));
    assert!(!lit(&drive, "x stop") && lit(&drive, "R rerun") && lit(&drive, "c clear"));
    start_job(&mut drive, plan(1));
    drive.send(progress(2, vec![(0, ItemState::Ended(Outcome::AlreadySo))], ended, true));
    drive.keys("R").shows("Nothing is left");
    drive.pass(Duration::from_secs(13));
    drive.resize(40, 12).keys("<enter>").shows("esc back").shows("q quit");
}

#[test]
fn a_job_that_is_stopping_promises_nothing() {
    let mut drive = drive(120, 40);
    start_job(&mut drive, plan(30));
    drive.send(in_the_middle()).shows("↑ 61 MiB/s · 34 s left");
    drive.keys("xy").shows("■ stopping").hides("MiB/s").hides("left").keys("x").shows("That is under way");
}

#[test]
fn an_entry_is_copied_as_curl_and_as_a_command_or_says_why_not() {
    let mut drive = drive(120, 40);
    let (ticket, ask) = drive.take_page();
    let mut meta = Meta::of(Route::UsersList);
    (meta.door, meta.status) = (Some(Door::Gateway), Some(200));
    (meta.origin, meta.path) = ("https://h.example".into(), "/auth/v1/admin/users?page=1".into());
    meta.proof = Proof::Key;
    let page = users::PageRead { chunks: Chunk::build(&some_users(1, 3)), total: Total::Exact(3) };
    let body = Body::Users(users::Body::Page(ask, Ok(page)));
    drive.send(Msg::Answer(Answer { ticket, meta: Some(meta), body }));
    let copied = |drive: &mut Drive| match drive.take(|effect| matches!(effect, Effect::Copy(_))) {
        Some((_, Effect::Copy(text))) => text,
        other => panic!("{other:?}"),
    };
    drive.keys("4Y").shows("Copied as curl; it needs these variables: BASEDECK_SERVICE_KEY.");
    assert_eq!(
        copied(&mut drive),
        "curl -gsS 'https://h.example/auth/v1/admin/users?page=1' -H \"apikey: $BASEDECK_SERVICE_KEY\""
    );
    drive.keys("C").shows("Copied as a command.");
    assert_eq!(copied(&mut drive), "basedeck users list --profile demo");
    // Without a request, or a command that does it, the gate says so.
    let told = activity::Entry::told(start_time(), "jobs.end", "x", "1 done", true);
    drive.app.activity.log(told);
    drive.keys("Y").shows("This entry is no request").keys("C").shows("This entry is no request");
    assert_eq!(drive.count(|effect| matches!(effect, Effect::Copy(_))), 0);
}
