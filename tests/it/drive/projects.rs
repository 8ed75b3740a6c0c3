//! Several projects in one program: what shows of the one in view, what goes on of the one that was left, the switcher, and
//! places.

use std::time::Duration;

use basedeck::api::error::{ApiError, Kind};
use basedeck::api::model::{Bucket, BucketId, Entry, Listing, Page, Row, Total};
use basedeck::api::offers::Offers;
use basedeck::api::route::{Door, Route};
use basedeck::app::effect::Effect;
use basedeck::app::msg::{Answer, Body, Msg};
use basedeck::app::place::Place;
use basedeck::app::project::{Memory, Project, View, Which};
use basedeck::app::projects::{self, Checked, Effect as Wish, Listed};
use basedeck::app::{buckets, objects, session, users};
use basedeck::work::outcome::{ItemState, Outcome};
use basedeck::work::progress::Totals;
use jiff::SignedDuration;

use super::screens::{Make, snapshot};
use super::tabs::{plan, progress, start_job};
use super::{Drive, drive, failure, one_chunk, some_users, start, start_time, user};

pub(super) fn which(name: &str) -> Which {
    Which::Profile(name.into())
}

pub fn listed(name: &str) -> Listed {
    Listed {
        which: which(name),
        name: name.into(),
        doors: vec![Door::Gateway],
        reference: format!("{name}.example.com"),
        ..Listed::default()
    }
}

pub(super) fn project(name: &str) -> Project {
    Project {
        which: which(name),
        name: name.into(),
        reference: format!("{name}.example.com"),
        offers: Offers::new(&[Door::Gateway]),
        who: vec![(Door::Gateway, "service key".into())],
        poll: Duration::from_secs(5),
        ..Project::default()
    }
}

pub(super) fn tell(drive: &mut Drive, wanted: impl Fn(&Wish) -> bool, body: projects::Body) {
    let (ticket, _) =
        drive.take(|effect| matches!(effect, Effect::Projects(wish) if wanted(wish))).expect("it is asked");
    drive.send(Msg::Answer(Answer { ticket, meta: None, body: Body::Projects(body) }));
}

/// The switcher, with these profiles read.
pub(super) fn switcher(drive: &mut Drive, all: Vec<Listed>) {
    drive.keys("P");
    tell(drive, |wish| *wish == Wish::List, projects::Body::Listed(Ok(all)));
}

/// On profile `acme`, its users read.
pub(super) fn on_acme(width: u16, height: u16) -> Drive {
    let mut start = start(&[Door::Gateway]);
    start.project = project("acme");
    let mut drive = Drive::with(start, width, height);
    drive.page(&some_users(1, 3), Total::Exact(3));
    drive
}

/// Goes to a profile; it has not answered yet.
pub(super) fn go(drive: &mut Drive, to: &str) {
    switcher(drive, vec![listed("acme"), listed("home")]);
    drive.keys(to).keys("<enter>");
}

pub(super) fn opened(drive: &mut Drive, project: Project) {
    tell(drive, |wish| matches!(wish, Wish::Open(..)), projects::Body::Opened(Ok(Box::new(project))));
    assert!(drive.take(|effect| matches!(effect, Effect::Projects(Wish::Use(_)))).is_some(), "its client is used");
}

pub(super) fn is_page(effect: &Effect) -> bool {
    matches!(effect, Effect::Users(users::Effect::Page(_)))
}

pub(super) fn is_check(effect: &Effect) -> bool {
    matches!(effect, Effect::Projects(Wish::Check(_)))
}

#[test]
fn nothing_of_the_old_project_shows_in_the_new_one() {
    let mut drive = on_acme(120, 40);
    drive.keys("2");
    let (buckets, _) = drive.take(|effect| matches!(effect, Effect::Buckets(_))).unwrap();
    drive.keys("1").pass(Duration::from_secs(6));
    let (page, ask) = drive.take_page();
    drive.keys("/user2<enter>");
    go(&mut drive, "home");
    // At once: the name, the skeleton, nothing of the old one.
    drive.shows(" home ").shows("opening").hides("acme").hides("user1").hides("/user2").hides("Projects");
    // Answers that were on their way come too late.
    let chunks = basedeck::work::query::Chunk::build(&some_users(50, 2));
    let read = users::PageRead { chunks, total: Total::Exact(777) };
    drive.answer(page, Route::UsersList, Body::Users(users::Body::Page(ask, Ok(read))));
    drive.answer(buckets, Route::BucketsList, Body::Buckets(buckets::Body::List(Ok(list(&["old-bucket"])))));
    drive.hides("user50").hides("777").keys("2").hides("old-bucket").keys("1");
    assert_eq!(drive.count(is_page), 0, "nothing is asked before it is open");
    opened(&mut drive, project("home"));
    drive.page(&some_users(7, 1), Total::Exact(1)).shows("user7@").hides("user1@").shows("live");
}

#[test]
fn reads_of_the_old_project_are_given_up() {
    let mut drive = on_acme(80, 24);
    drive.pass(Duration::from_secs(6));
    assert_eq!(drive.count(is_page), 1);
    go(&mut drive, "home");
    assert_eq!(drive.count(is_page), 0);
}

fn create(drive: &mut Drive) -> basedeck::app::cx::Ticket {
    drive.keys("nalice@x.io<tab><ctrl-g><enter><esc>");
    drive.take(|effect| matches!(effect, Effect::Users(users::Effect::Create(_)))).expect("it was sent").0
}

#[test]
fn a_change_under_way_is_told_with_the_name_of_its_project() {
    let created = || Body::Users(users::Body::Created(Ok(one_chunk(user(0, "alice@x.io")))));
    let refused = |kind| {
        let error = failure(kind, Route::UserCreate, Some(422), "The password is too weak.");
        Body::Users(users::Body::Created(Err(error)))
    };
    for (body, told) in [
        (created(), "acme: users.create of alice@x.io is done."),
        (refused(Kind::Refused), "acme: alice@x.io: "),
        (refused(Kind::Lost), "acme: users.create of alice@x.io has lost its answer: look there"),
    ] {
        let mut drive = on_acme(120, 40);
        let ticket = create(&mut drive);
        // Its form is hidden and half of it would be lost.
        go(&mut drive, "home");
        drive.shows("Go to home?").shows("What you typed for acme will be lost").keys("y");
        opened(&mut drive, project("home"));
        drive.page(&some_users(7, 1), Total::Exact(1));
        drive.keys("n").shows("New user in home · gateway").keys("<esc>");
        drive.answer(ticket, Route::UserCreate, body);
        drive.shows(told).hides("▌+ alice@x.io").shows("all 1 loaded");
        assert_eq!(drive.count(is_page), 0, "the truth is not looked for in another project");
        drive.keys("4").shows("PROJECT").shows("users.create").shows("acme");
    }
}

#[test]
fn an_old_change_does_not_hinder_one_in_the_new_project() {
    let mut drive = on_acme(120, 40);
    create(&mut drive);
    go(&mut drive, "home");
    drive.keys("y");
    opened(&mut drive, project("home"));
    drive.page(&some_users(7, 1), Total::Exact(1));
    create(&mut drive);
    drive.keys("<ctrl-c>");
    drive.shows("users.create of alice@x.io in home has no").shows("users.create of alice@x.io in acme has no");
}

#[test]
fn what_was_typed_is_kept_where_one_stays() {
    let mut drive = on_acme(80, 24);
    let ticket = create(&mut drive);
    let error = failure(Kind::Refused, Route::UserCreate, Some(422), "The password is too weak.");
    drive.answer(ticket, Route::UserCreate, Body::Users(users::Body::Created(Err(error))));
    go(&mut drive, "home");
    drive.shows("Go to home?").keys("n<esc>").hides("Projects");
    drive.shows(" acme ").keys("n").shows("alice@x.io");
}

#[test]
fn a_job_goes_on_and_says_whose_it_is() {
    let mut drive = on_acme(120, 40);
    start_job(&mut drive, plan(3));
    go(&mut drive, "home");
    opened(&mut drive, project("home"));
    drive.keys("3").shows("3 files → avatars/2026  in acme").shows("1 running");
    drive.keys("x").shows("In acme · gateway: stop the upload").keys("n");
    drive.keys("<ctrl-c>").shows("1 job in acme is under way").keys("n");
    let items = (0..3).map(|at| (at, ItemState::Ended(Outcome::Done { verified: None }))).collect();
    drive.send(progress(1, items, Totals { ended: true, ..Totals::default() }, true));
    drive.shows("acme: 3 files → avatars/2026: 3 done");
}

#[test]
fn a_job_of_another_project_neither_starts_again_here_nor_asks_for_a_credential() {
    let mut drive = on_acme(120, 40);
    start_job(&mut drive, plan(2));
    drive.take(|effect| matches!(effect, Effect::Jobs(_)));
    go(&mut drive, "home");
    opened(&mut drive, project("home"));
    let refused = || Outcome::Refused { kind: Kind::NotSignedIn, sentence: "The key is refused.".into(), retry: true };
    let items = (0..2).map(|at| (at, ItemState::Ended(refused()))).collect();
    drive.send(progress(1, items, Totals { ended: true, ..Totals::default() }, true));
    drive.hides("Another service key").shows("acme: 2 files");
    drive.keys("3R").shows("This job belongs to another project");
    assert_eq!(drive.count(|effect| matches!(effect, Effect::Jobs(_))), 0);
    // Back there it may.
    go(&mut drive, "acme");
    opened(&mut drive, project("acme"));
    drive.keys("3R");
    assert_eq!(drive.count(|effect| matches!(effect, Effect::Jobs(_))), 1);
}

#[test]
fn whether_changes_are_allowed_is_in_sight_on_every_screen() {
    for name in ["acme", "the-profile-of-a-client-whose-name-is-long"] {
        for (width, height) in [(120, 40), (80, 24), (40, 12)] {
            let mut first = start(&[Door::ControlPlane, Door::Gateway]);
            first.project = Project { read_only: true, protected: true, locked: true, ..project(name) };
            first.project.who = vec![(Door::ControlPlane, "ops@example.com".into()), (Door::Gateway, "a key".into())];
            let mut drive = Drive::with(first, width, height);
            let word = if width < 80 && name.len() > 9 { "" } else { " protected" };
            drive.page(&some_users(1, 3), Total::Exact(3)).shows(&format!("■{word}")).shows(&name[..4]);
            // The sentence is whole, and never over the selected row.
            let told = drive.keys("n").shows("user1@").screen().split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(told.contains("This profile is protected: W unlocks it for this session."), "{told}");
            drive.keys(&format!("W{name}<enter>")).shows("□");
        }
    }
}

#[test]
fn a_protected_profile_is_locked_again_once_it_was_left() {
    let locked = || Project { read_only: true, protected: true, locked: true, ..project("acme") };
    let mut first = start(&[Door::Gateway]);
    first.project = locked();
    let mut drive = Drive::with(first, 80, 24);
    drive.page(&some_users(1, 3), Total::Exact(3));
    drive.keys("Wacme<enter>").shows("□ unlocked");
    let unlocks = |effect: &Effect| *effect == Effect::Session(session::Effect::Unlock);
    assert!(drive.take(unlocks).is_some());
    go(&mut drive, "home");
    opened(&mut drive, project("home"));
    drive.hides("unlocked").hides("protected");
    go(&mut drive, "acme");
    opened(&mut drive, locked());
    drive.page(&some_users(1, 3), Total::Exact(3));
    drive.shows("■ protected").keys("n").shows("W unlocks it").hides("New user");
    drive.keys("Wacme<enter>").shows("□ unlocked");
    assert!(drive.take(unlocks).is_some());
}

#[test]
fn a_project_that_cannot_be_opened_says_why_and_what_to_do() {
    let mut drive = on_acme(80, 24);
    go(&mut drive, "home");
    let why = "the service key for home.example.com is missing: profile home takes it from the variable HOME_KEY";
    let is_open = |wish: &Wish| matches!(wish, Wish::Open(..));
    tell(&mut drive, is_open, projects::Body::Opened(Err(why.into())));
    drive.shows("home is not connected.").shows("r tries again, P goes to another project").shows("HOME_KEY");
    drive.keys("n").shows("This project is not connected").hides("New user");
    assert_eq!(drive.count(is_page), 0);
    drive.keys("r").shows("opening");
    tell(&mut drive, is_open, projects::Body::Opened(Ok(Box::new(project("home")))));
    drive.page(&some_users(7, 1), Total::Exact(1)).shows("user7@");
}

#[test]
fn an_answer_of_a_project_that_was_given_up_opens_nothing() {
    let mut drive = on_acme(80, 24);
    go(&mut drive, "home");
    let (late, _) = drive.take(|effect| matches!(effect, Effect::Projects(Wish::Open(..)))).unwrap();
    go(&mut drive, "acme");
    let body = Body::Projects(projects::Body::Opened(Ok(Box::new(project("home")))));
    drive.send(Msg::Answer(Answer { ticket: late, meta: None, body }));
    drive.shows(" acme ").hides("home");
    assert_eq!(drive.count(|effect| matches!(effect, Effect::Projects(Wish::Use(_)))), 0);
}

#[test]
fn one_comes_back_to_where_one_was() {
    let mut drive = on_acme(120, 40);
    drive.keys("/user3<enter>s");
    let order = drive.app.users.query.sort;
    drive.keys("2");
    go(&mut drive, "home");
    let kept = drive.take(|effect| matches!(effect, Effect::Projects(Wish::Keep(..))));
    let Some((_, Effect::Projects(Wish::Keep(name, memory)))) = kept else { panic!("nothing is kept") };
    assert_eq!((name.as_str(), memory.users.filter.as_str()), ("acme", "user3"));
    opened(&mut drive, project("home"));
    drive.keys("1").page(&some_users(7, 1), Total::Exact(1)).shows("user7@");
    go(&mut drive, "acme");
    opened(&mut drive, project("acme"));
    drive.shows("Buckets").keys("1");
    assert_eq!(drive.app.users.query.sort, order);
    drive.page(&some_users(1, 3), Total::Exact(3)).shows("user3@").hides("user1@");
}

#[test]
fn closing_the_switcher_stops_asking_and_asking_again_asks_all() {
    let mut drive = on_acme(80, 24);
    let asks = Listed { command: true, ..listed("bank") };
    switcher(&mut drive, vec![listed("acme"), listed("home"), asks]);
    assert_eq!(drive.count(is_check), 2, "a command may ask a person");
    drive.keys("<ctrl-r>");
    assert_eq!(drive.count(is_check), 2);
    drive.keys("<esc>").hides("Projects");
    assert_eq!(drive.count(is_check), 0);
}

fn list(names: &[&str]) -> Page<Bucket> {
    let row = |name: &&str| Row {
        raw: format!("{{\"id\":\"{name}\"}}").into(),
        value: Ok(Bucket {
            id: BucketId((*name).into()),
            name: (*name).into(),
            public: false,
            kind: None,
            file_size_limit: None,
            allowed_mime_types: None,
            created_at: None,
            updated_at: None,
        }),
    };
    Page { rows: names.iter().map(row).collect(), total: Total::Exact(names.len() as u64) }
}

fn at(place: &str) -> Drive {
    let mut start = start(&[Door::Gateway]);
    start.project = project("acme");
    start.project.memory = Memory {
        place: Some(Place::Bucket { bucket: "elsewhere".into(), prefix: String::new() }),
        users: View { filter: "nobody".into(), ..View::default() },
        ..Memory::default()
    };
    start.place = Place::parse(place).unwrap();
    Drive::with(start, 80, 24)
}

pub(super) fn answer_buckets(drive: &mut Drive, names: &[&str]) {
    let (ticket, _) = drive.take(|effect| matches!(effect, Effect::Buckets(_))).expect("the buckets are asked for");
    drive.answer(ticket, Route::BucketsList, Body::Buckets(buckets::Body::List(Ok(list(names)))));
}

fn answer_objects(drive: &mut Drive, keys: &[&str]) -> objects::ListObjects {
    let taken = drive.take(|effect| matches!(effect, Effect::Objects(_)));
    let Some((ticket, Effect::Objects(objects::Effect::List(ask)))) = taken else { panic!("no objects are asked for") };
    let row = |key: &&str| Row {
        raw: "{}".into(),
        value: Ok(Entry {
            key: (*key).into(),
            folder: false,
            id: None,
            size: Some(1),
            mime: None,
            etag: None,
            updated_at: None,
            created_at: None,
        }),
    };
    let listing = Listing { rows: keys.iter().map(row).collect(), next: None, inexact: false };
    drive.answer(ticket, Route::ObjectsList, Body::Objects(objects::Body::List(ask.clone(), Ok(listing))));
    ask
}

#[test]
fn a_bucket_and_its_folder_are_opened_right_away() {
    let mut drive = at("buckets/avatars/2026/summer");
    assert_eq!(drive.count(is_page), 0, "the users are not in view");
    answer_buckets(&mut drive, &["avatars"]);
    let asked = answer_objects(&mut drive, &["2026/summer/sea.jpg"]);
    assert_eq!((asked.bucket.0.as_str(), asked.prefix.as_str()), ("avatars", "2026/summer/"));
    drive.shows("sea.jpg").shows("summer");
}

#[test]
fn a_place_that_is_not_there_is_said_and_its_list_stands_instead() {
    let mut drive = at("buckets/\u{1b}[31mgone");
    answer_buckets(&mut drive, &["avatars"]);
    drive.shows("There is no bucket").shows("gone in acme").shows("avatars");
    let mut drive = at("buckets/avatars/nowhere");
    answer_buckets(&mut drive, &["avatars"]);
    answer_objects(&mut drive, &[]);
    drive.shows("There is nothing below nowhere/ in the bucket avatars.");
    assert_eq!(answer_objects(&mut drive, &["a.txt"]).prefix, "");
    drive.shows("a.txt");
}

fn is_get(effect: &Effect) -> bool {
    matches!(effect, Effect::Users(users::Effect::Get(_)))
}

#[test]
fn a_user_is_read_by_id_before_the_list_holds_them() {
    let chunk = one_chunk(user(900, "far@x.io"));
    let id = chunk.row(0).unwrap().id();
    let mut drive = at(&format!("users/{}", id.0));
    let (ticket, _) = drive.take(is_get).expect("the user is read");
    drive.answer(ticket, Route::UserGet, Body::Users(users::Body::Got(id, Ok(chunk))));
    drive.shows("far@x.io").shows("User");
    drive
        .page(&some_users(1, 3), Total::Exact(2_000))
        .shows("far@x.io")
        .keys("<esc>")
        .shows("user1@")
        .shows("far@x.io");
}

#[test]
fn a_user_that_is_not_there_leaves_one_at_the_list() {
    let mut drive = at("users/3f2a8c1e-0000-4000-8000-00000000002a");
    let (ticket, effect) = drive.take(is_get).unwrap();
    let Effect::Users(users::Effect::Get(id)) = effect else { unreachable!() };
    let error = failure(Kind::NotFound, Route::UserGet, Some(404), "User not found");
    drive.answer(ticket, Route::UserGet, Body::Users(users::Body::Got(id, Err(error))));
    drive.shows("There is no user 3f2a8c1e-0000-4000-8000-00000000002a in acme.");
    drive.page(&some_users(1, 3), Total::Exact(3)).shows("user1@").shows("live");
    drive.pass(Duration::from_secs(6));
    assert_eq!(drive.count(|effect| *effect == Effect::Users(users::Effect::Get(id))), 0, "once is enough");
}

#[test]
fn a_door_that_reads_no_single_user_says_so() {
    let mut start = start(&[Door::ControlPlane]);
    start.place = Place::parse("users/3f2a8c1e-0000-4000-8000-00000000002a").unwrap();
    let mut drive = Drive::with(start, 100, 24);
    drive.page(&some_users(1, 3), Total::Exact(3)).shows("No door here reads one user");
}

#[test]
fn the_first_screen_leads_to_the_profiles() {
    let mut none = start(&[]);
    (none.connected, none.project) = (false, Project::default());
    let mut drive = Drive::with(none, 80, 24);
    drive.shows("profiles       P  those of config.toml");
    go(&mut drive, "home");
    opened(&mut drive, project("home"));
    drive.page(&some_users(7, 1), Total::Exact(1)).shows("user7@").shows(" home ");
}

fn fleet() -> Vec<Listed> {
    let opened = |minutes| Memory {
        opened: start_time().checked_sub(SignedDuration::from_mins(minutes)).ok(),
        ..Memory::default()
    };
    vec![
        Listed { color: Some("red".into()), protected: true, memory: opened(30), ..listed("acme-prod") },
        Listed { color: Some("green".into()), memory: opened(5), ..listed("acme") },
        Listed { command: true, ..listed("bank") },
        Listed { doors: vec![Door::ControlPlane, Door::Gateway], reference: "abcdefgh".into(), ..listed("cloud") },
        listed("down"),
        Listed { doors: vec![Door::Gateway, Door::Studio], ..listed("home") },
        listed("unset"),
    ]
}

fn checking(width: u16, height: u16) -> Drive {
    let mut drive = on_acme(width, height);
    switcher(&mut drive, fleet());
    drive
}

fn mixed(width: u16, height: u16) -> Drive {
    let mut drive = checking(width, height);
    let reachable = |took, users, buckets, ends| Checked::Reachable {
        took: Duration::from_millis(took),
        users,
        buckets,
        ends: start_time().checked_add(SignedDuration::from_mins(ends)).ok().filter(|_| ends > 0),
    };
    let refused = failure(Kind::NotSignedIn, Route::UsersList, Some(401), "Invalid authentication credentials");
    let refused = ApiError { door: Some(Door::ControlPlane), ..refused };
    for (name, checked) in [
        ("acme-prod", reachable(42, Some(12_345), Some(9), 41)),
        ("acme", reachable(7, Some(3), Some(2), 0)),
        ("cloud", Checked::SignIn(Box::new(refused))),
        ("down", Checked::Unreachable("Nothing listens at down.example.com: start the server.".into())),
        ("home", reachable(1_203, None, Some(4), 0)),
        ("unset", Checked::NotReady("the service key for unset.example.com is missing".into())),
    ] {
        let asked = which(name);
        tell(&mut drive, |wish| *wish == Wish::Check(asked.clone()), projects::Body::Checked(which(name), checked));
    }
    drive
}

#[test]
fn why_a_project_cannot_be_had_is_readable_on_the_smallest_screen() {
    let mut drive = on_acme(40, 12);
    switcher(&mut drive, vec![listed("acme"), listed("wrong")]);
    let why = "No credential was sent: 127.0.0.1:4104 is a Studio without a password, not a control plane; give it as \
               `project` with the service key, or as `studio`.";
    let checked = Checked::NotReady(why.into());
    let body = projects::Body::Checked(which("wrong"), checked);
    tell(&mut drive, |wish| *wish == Wish::Check(which("wrong")), body);
    drive.keys("wrong").shows("a Studio without a").shows("password, not a control plane");
}

#[test]
fn where_there_is_no_project_nothing_can_be_opened_and_the_configuration_is_read_again() {
    for (width, height) in [(120, 40), (80, 24), (40, 12)] {
        let mut drive = on_acme(width, height);
        drive.keys("P").hides("enter open");
        let why = "The configuration has no profile: `basedeck config init --config other.toml` makes one.";
        tell(&mut drive, |wish| *wish == Wish::List, projects::Body::Listed(Err(why.into())));
        drive.shows("There are no projects to show.").shows("config init").shows("other.toml");
        drive.hides("enter open").shows("esc close").keys("<enter><ctrl-r>").hides("no projects");
        tell(&mut drive, |wish| *wish == Wish::List, projects::Body::Listed(Ok(fleet())));
        drive.shows("enter open").keys("qqq").shows("No project has these letters.").hides("enter open");
    }
}

#[test]
fn a_project_that_is_paused_is_called_so_and_not_down() {
    let paused = || failure(Kind::Paused, Route::UsersList, Some(540), "Project is paused");
    for (width, height) in [(120, 40), (80, 24), (40, 12)] {
        let mut drive = drive(width, height);
        drive.page_fails(paused()).shows("‖ project paused").hides("✕").hides("down");
        drive.keys("r").page(&some_users(1, 3), Total::Exact(3)).keys("r").page_fails(paused());
        drive.shows("‖ project paused").hides("✕").hides("down").keys("p").shows("‖ paused");
    }
}

#[test]
fn screen_projects() {
    let hostile: Make<'_> = &|width, height| {
        let mut drive = on_acme(width, height);
        let name = format!("\u{1b}[31mred\u{202e}evil日本{}", "a".repeat(200));
        let one = Listed { color: Some("blue".into()), reference: name.clone(), ..listed(&name) };
        switcher(&mut drive, vec![one, listed("acme")]);
        let why = "\u{1b}]52;c;aGk=\u{7}no\u{9b}2J answer".to_owned();
        tell(
            &mut drive,
            |wish| *wish == Wish::Check(which(&name)),
            projects::Body::Checked(which(&name), Checked::Unreachable(why)),
        );
        drive
    };
    snapshot(
        "projects",
        &[
            ("reading", &|width, height| {
                let mut drive = on_acme(width, height);
                drive.keys("P");
                drive
            }),
            ("checking", &checking),
            ("mixed", &mixed),
            ("filtered", &|width, height| {
                let mut drive = mixed(width, height);
                drive.keys("acm");
                drive
            }),
            ("no match", &|width, height| {
                let mut drive = mixed(width, height);
                drive.keys("qqq");
                drive
            }),
            ("empty", &|width, height| {
                let mut drive = drive(width, height);
                drive.keys("P");
                let why = "The configuration has no profile: `basedeck config init` makes one.".into();
                tell(&mut drive, |wish| *wish == Wish::List, projects::Body::Listed(Err(why)));
                drive
            }),
            ("unreadable", &|width, height| {
                let mut drive = drive(width, height);
                drive.keys("P");
                let why = "the configuration /home/me/config.toml, line 3: there is no key `colour`".into();
                tell(&mut drive, |wish| *wish == Wish::List, projects::Body::Listed(Err(why)));
                drive
            }),
            ("hostile names", hostile),
            ("opening", &|width, height| {
                let mut drive = mixed(width, height);
                drive.keys("<enter>");
                drive
            }),
            ("not connected", &|width, height| {
                let mut drive = mixed(width, height);
                drive.keys("unset<enter>");
                let why = "the service key for unset.example.com is missing: profile unset takes it from UNSET_KEY";
                tell(&mut drive, |wish| matches!(wish, Wish::Open(..)), projects::Body::Opened(Err(why.into())));
                drive
            }),
        ],
    );
}
