//! Projects that a platform lists below its profile, and a profile that names none: one is chosen, after signing in where
//! that comes first.

use std::time::Duration;

use basedeck::api::error::{ApiError, Kind, SESSION};
use basedeck::api::meta::{Meta, Proof};
use basedeck::api::model::Total;
use basedeck::api::offers::Offers;
use basedeck::api::route::{Door, Route};
use basedeck::app::Start;
use basedeck::app::effect::Effect;
use basedeck::app::msg::{Answer, Body, Msg};
use basedeck::app::place::Place;
use basedeck::app::project::{Memory, Project, Which};
use basedeck::app::projects::{self, Checked, Effect as Wish, Found, Listed, NotFound};
use basedeck::app::session::{self, Step};
use basedeck::work::outcome::{ItemState, Outcome};
use basedeck::work::progress::{Asked, Totals};

use super::projects::{is_check, is_page, listed, on_acme, opened, project, switcher, tell};
use super::screens::{Make, snapshot};
use super::tabs::{plan, progress, start_job};
use super::{Drive, failure, some_users, start, start_time};

const PLATFORM: &str = "https://app.example.com/";

fn of(profile: &str, reference: &str) -> Which {
    Which::Listed { profile: profile.into(), reference: reference.into() }
}

/// A project that a profile lists.
fn below(profile: &str, reference: &str, name: &str) -> Listed {
    Listed {
        which: of(profile, reference),
        name: name.into(),
        reference: reference.into(),
        platform: Some(PLATFORM.into()),
        doors: vec![Door::ControlPlane],
        ..Listed::default()
    }
}

/// A profile with a platform; without a ref it names no project.
fn plane(name: &str, reference: Option<&str>) -> Listed {
    Listed {
        reference: reference.unwrap_or("app.example.com").into(),
        platform: Some(PLATFORM.into()),
        lists: true,
        unchosen: reference.is_none(),
        doors: vec![Door::ControlPlane],
        ..listed(name)
    }
}

fn found(drive: &mut Drive, profile: &str, found: Result<Found, NotFound>) {
    let body = projects::Body::Found(profile.into(), None, found);
    tell(drive, |wish| *wish == Wish::Find(profile.into()), body);
}

fn three(profile: &str) -> Found {
    let asleep = Listed { idle: Some("paused".into()), ..below(profile, "asleepref", "Old Shop") };
    Found { projects: vec![asleep, below(profile, "shopref", "Shop"), below(profile, "labref", "Lab")], left_out: None }
}

/// The switcher on `acme`, whose platform lists three projects, beside `home`.
fn listing(width: u16, height: u16) -> Drive {
    let mut drive = on_acme(width, height);
    switcher(&mut drive, vec![plane("acme", Some("acmeref")), listed("home")]);
    found(&mut drive, "acme", Ok(three("acme")));
    drive
}

#[test]
fn a_listing_stands_in_activity_once_and_can_be_repeated_by_curl() {
    let mut drive = on_acme(120, 24);
    switcher(&mut drive, vec![plane("acme", Some("acmeref")), listed("home")]);
    let meta = Meta {
        door: Some(Door::ControlPlane),
        origin: "https://app.example.com".into(),
        path: "/api/platform/projects?limit=100&offset=100".into(),
        proof: Proof::Bearer,
        status: Some(200),
        ..Meta::of(Route::ProjectsList)
    };
    let before = drive.app.activity.len();
    let body = projects::Body::Found("acme".into(), Some(Box::new(meta)), Ok(three("acme")));
    tell(&mut drive, |wish| *wish == Wish::Find("acme".into()), body);
    drive.keys("<esc>4").shows("projects.list     acme").shows("control plane").shows("200");
    assert_eq!(drive.app.activity.len(), before + 1);
    drive.keys("Y");
    let copied = drive.take(|effect| matches!(effect, Effect::Copy(_)));
    assert!(format!("{copied:?}").contains("'https://app.example.com/api/platform/projects?limit=100&offset=100'"));
}

#[test]
fn a_read_of_a_projects_keys_stands_in_activity_under_its_project() {
    let mut drive = on_acme(120, 24);
    let meta = Meta {
        door: Some(Door::Studio),
        origin: "https://studio.example.com".into(),
        path: "/api/platform/projects/default/settings".into(),
        proof: Proof::Basic,
        status: Some(200),
        ..Meta::of(Route::ProjectKeys)
    };
    let asked = Asked { meta, error: None };
    drive.send(Msg::Asked { which: of("acme", "labref"), project: "Lab".into(), asked });
    drive.keys("4").shows("projects.key").shows("Lab").shows("Studio").shows("200");
    drive.keys("Y");
    let copied = format!("{:?}", drive.take(|effect| matches!(effect, Effect::Copy(_))));
    assert!(
        copied.contains("/api/platform/projects/default/settings") && copied.contains("$DASHBOARD_PASSWORD"),
        "{copied}"
    );
}

/// What the runtime makes of a listed project.
fn shop() -> Project {
    let reach = ["--profile", "acme", "--ref", "shopref"].map(String::from).into();
    Project { which: of("acme", "shopref"), reference: "shopref".into(), reach, ..project("Shop") }
}

/// On `ops`, which names no project, at the start.
fn on_ops(login: bool) -> Start {
    let mut start = start(&[Door::ControlPlane]);
    start.project = Project {
        unchosen: true,
        login: login.then(|| "ops@example.com".into()),
        reference: "app.example.com".into(),
        offers: Offers::new(&[Door::ControlPlane]),
        ..project("ops")
    };
    start
}

fn read(drive: &mut Drive, all: Vec<Listed>) {
    tell(drive, |wish| *wish == Wish::List, projects::Body::Listed(Ok(all)));
}

/// The same, with the configuration read.
fn choosing(login: bool, width: u16, height: u16) -> Drive {
    let mut drive = Drive::with(on_ops(login), width, height);
    read(&mut drive, vec![plane("ops", None), listed("home")]);
    drive
}

#[test]
fn the_rows_above_stay_where_they_are_when_a_platform_lists_its_projects() {
    for (width, height) in [(120, 40), (80, 24)] {
        let mut drive = on_acme(width, height);
        let others = (0..14).map(|at| listed(&format!("other{at}")));
        switcher(&mut drive, [plane("acme", Some("acmeref"))].into_iter().chain(others).collect());
        let row = |drive: &Drive| drive.screen().lines().position(|line| line.contains("acme ")).unwrap();
        let before = row(&drive);
        found(&mut drive, "acme", Ok(three("acme")));
        assert_eq!(row(&drive), before, "{}", drive.screen());
    }
}

#[test]
fn rows_stay_in_view_while_the_frame_has_room_for_all() {
    let mut drive = on_acme(120, 40);
    let others = (0..12).map(|at| listed(&format!("other{at}")));
    switcher(&mut drive, [plane("acme", Some("acmeref"))].into_iter().chain(others).collect());
    found(&mut drive, "acme", Ok(three("acme")));
    drive.shows("◆  acme").shows("other9");
    assert!(!drive.screen().contains("more"), "{}", drive.screen());
}

#[test]
fn a_frame_below_another_one_is_dimmed_whole() {
    let mut drive = choosing(true, 40, 12);
    let bright = drive.buffer()[(0, 0)].fg;
    found(&mut drive, "ops", refused(unsigned()));
    drive.shows("Sign in").shows("Projects");
    assert_ne!(drive.buffer()[(0, 0)].fg, bright);
}

fn unsigned() -> ApiError {
    let error = failure(Kind::NotSignedIn, Route::BucketsList, None, "nobody is signed in at app.example.com");
    let (door, known_by) = (Some(Door::ControlPlane), Some(SESSION));
    ApiError { door, known_by, host: "app.example.com".into(), unsent: true, ..error }
}

fn refused(error: ApiError) -> Result<Found, NotFound> {
    Err(NotFound::Refused(Box::new(error)))
}

fn is_find(effect: &Effect) -> bool {
    matches!(effect, Effect::Projects(Wish::Find(_)))
}

#[test]
fn a_listed_project_opens_at_once_under_its_own_name() {
    let mut drive = listing(120, 40);
    drive.shows("Shop").shows("shopref").shows("‖ paused").hides("unreachable");
    drive.keys("shop<enter>").shows(" Shop  shopref · acme").shows("opening").hides("user1@");
    let asked = drive.take(|effect| matches!(effect, Effect::Projects(Wish::Open(..))));
    let Some((ticket, Effect::Projects(Wish::Open(asked, name)))) = asked else { panic!("it is opened") };
    assert_eq!((asked, name.as_str()), (of("acme", "shopref"), "Shop"));
    let body = Body::Projects(projects::Body::Opened(Ok(Box::new(shop()))));
    drive.send(Msg::Answer(Answer { ticket, meta: None, body }));
    drive.page(&some_users(7, 1), Total::Exact(1)).shows("user7@").shows(" Shop  shopref · acme");
    drive.keys("n").shows("New user in Shop · gateway").keys("<esc>");
    start_job(&mut drive, plan(3));
    drive.shows("3 files → avatars/2026");
    // Left, its job goes on under its name.
    super::projects::go(&mut drive, "home");
    opened(&mut drive, project("home"));
    drive
        .keys("3")
        .shows("3 files → avatars/2026  in Shop")
        .keys("<ctrl-c>")
        .shows("1 job in Shop is under way")
        .keys("n");
    let items = (0..3).map(|at| (at, ItemState::Ended(Outcome::Done { verified: None }))).collect();
    drive.send(progress(1, items, Totals { ended: true, ..Totals::default() }, true));
    drive.shows("Shop: 3 files → avatars/2026: 3 done").keys("4").shows("Shop").shows("home");
}

#[test]
fn it_has_a_memory_of_its_own_and_one_comes_back_to_it_and_not_to_its_profile() {
    let mut drive = listing(120, 40);
    drive.keys("shop<enter>");
    opened(&mut drive, shop());
    drive.page(&some_users(1, 3), Total::Exact(3)).keys("/user3<enter>").pass(Duration::from_secs(1));
    drive.take(|effect| matches!(effect, Effect::Projects(Wish::Keep(..)))).expect("where one was in acme is kept");
    switcher(&mut drive, vec![plane("acme", Some("acmeref")), below("acme", "shopref", "Shop"), listed("home")]);
    drive.shows("◆    Shop").keys("home<enter>");
    let kept = drive.take(|effect| matches!(effect, Effect::Projects(Wish::Keep(..))));
    let Some((_, Effect::Projects(Wish::Keep(key, memory)))) = kept else { panic!("nothing is kept") };
    assert_eq!((key.as_str(), memory.users.filter.as_str()), ("acme/shopref", "user3"));
    opened(&mut drive, project("home"));
    drive.page(&some_users(7, 1), Total::Exact(1));
    // What one came from is selected, and it is the listed one.
    switcher(&mut drive, vec![plane("acme", Some("acmeref")), below("acme", "shopref", "Shop"), listed("home")]);
    drive.keys("<enter>");
    let open = |wish: &Wish| *wish == Wish::Open(of("acme", "shopref"), "Shop".into());
    tell(&mut drive, open, projects::Body::Opened(Ok(Box::new(shop()))));
    drive.page(&some_users(1, 3), Total::Exact(3)).shows("/user3").hides("user1@").shows(" Shop ");
}

#[test]
fn the_guard_of_its_profile_holds_again_whenever_it_was_left() {
    let locked = || Project { read_only: true, protected: true, locked: true, color: Some("red".into()), ..shop() };
    let guarded = || Listed { protected: true, color: Some("red".into()), ..below("acme", "shopref", "Shop") };
    let mut drive = on_acme(80, 24);
    for _ in 0..2 {
        switcher(&mut drive, vec![plane("acme", Some("acmeref")), listed("home")]);
        found(&mut drive, "acme", Ok(Found { projects: vec![guarded()], left_out: None }));
        drive.keys("shop<enter>").shows("■ protected");
        opened(&mut drive, locked());
        drive.page(&some_users(1, 3), Total::Exact(3)).shows("■ protected").keys("n").hides("New user");
        drive.keys("W").shows("Unlock Shop").keys("acme<enter>").shows("It is not Shop").keys("<esc>y");
        drive.keys("WShop<enter>").shows("□ unlocked").shows("Shop is unlocked");
        super::projects::go(&mut drive, "home");
        opened(&mut drive, project("home"));
        drive.page(&some_users(7, 1), Total::Exact(1)).hides("unlocked").hides("protected");
    }
}

#[test]
fn a_platform_that_lists_nothing_is_no_fault_of_its_project() {
    let mut drive = on_acme(120, 24);
    switcher(&mut drive, vec![plane("acme", Some("acmeref")), plane("other", Some("otherref")), plane("third", None)]);
    assert_eq!((drive.count(is_find), drive.count(is_check)), (3, 2));
    let no_route = failure(Kind::NoSuchRoute, Route::BucketsList, Some(404), "no Route matched");
    found(&mut drive, "acme", refused(no_route));
    found(&mut drive, "other", refused(failure(Kind::Lost, Route::BucketsList, None, "it broke")));
    found(
        &mut drive,
        "third",
        Ok(Found {
            left_out: Some((2, "example.com refuses to list projects (forbidden, 403).".into())),
            ..three("third")
        }),
    );
    drive.keys("<up>").shows("checking").hides("no Route matched").hides("it broke").shows("Lab");
    drive.keys("other").shows("Its other projects are not listed. The answer of example.com was lost");
    let why =
        "2 entries of its list cannot be shown. The first: example.com refuses to list projects (forbidden, 403).";
    drive.keys("<ctrl-u>third").shows(why);
    assert_eq!(drive.count(is_check), 4, "two of its three are asked");
    drive.keys("<esc>");
    assert_eq!((drive.count(is_find), drive.count(is_check)), (0, 0));
}

#[test]
fn a_profile_without_a_ref_opens_on_its_projects() {
    let mut drive = choosing(false, 100, 24);
    drive.shows(" ops ").shows("no project").shows("○ listing…");
    assert_eq!((drive.count(is_page), drive.count(is_check)), (0, 1), "it is no project itself");
    found(&mut drive, "ops", Ok(three("ops")));
    drive.shows("3 projects").shows("labref · listed by ops");
    drive.keys("<enter>").shows(" Lab  labref · ops").shows("opening");
    opened(&mut drive, Project { which: of("ops", "labref"), reference: "labref".into(), ..project("Lab") });
    drive.page(&some_users(7, 1), Total::Exact(1)).shows("user7@");
}

#[test]
fn without_a_project_nothing_is_asked_and_the_way_to_one_is_said() {
    let mut drive = choosing(false, 80, 24);
    found(&mut drive, "ops", Ok(three("ops")));
    drive.keys("<esc>").shows("ops names no project.").shows("P shows those that it lists, and enter opens one.");
    drive.keys("n").shows("No project is chosen yet: P shows those there are.").hides("New user");
    drive.pass(Duration::from_secs(60));
    assert_eq!(drive.count(is_page), 0);
    drive.keys("r");
    read(&mut drive, vec![plane("ops", None)]);
    found(&mut drive, "ops", Ok(three("ops")));
    // From the profile's own row one comes to the first of its projects.
    drive.keys("<up>").shows("It names no project").keys("<enter>").shows("labref · listed by ops").keys("<esc>q");
    assert!(drive.app.exit().is_some());
}

#[test]
fn a_place_that_was_asked_for_is_that_of_the_chosen_project() {
    let mut start = on_ops(false);
    start.place = Place::parse("buckets/avatars").unwrap();
    let mut drive = Drive::with(start, 80, 24);
    read(&mut drive, vec![plane("ops", None)]);
    found(&mut drive, "ops", Ok(three("ops")));
    drive.keys("<enter>");
    opened(&mut drive, Project { which: of("ops", "labref"), ..project("Lab") });
    assert!(drive.take(|effect| matches!(effect, Effect::Buckets(_))).is_some());
    let (_, memory) = drive.app.kept(start_time()).unwrap();
    assert_eq!(memory.place, Place::parse("buckets/avatars").unwrap());
}

#[test]
fn where_signing_in_comes_first_it_is_asked_for_and_then_the_projects_are_there() {
    let mut drive = choosing(true, 100, 24);
    found(&mut drive, "ops", refused(unsigned()));
    drive.shows("Sign in at app.example.com").shows("ops@example.com").shows("Nobody is signed in");
    // Put off, it does not come back by itself; enter asks for it.
    drive
        .keys("<esc>")
        .hides("Sign in at")
        .shows("! needs sign-in")
        .shows("Nobody is signed in at app.example.com: sign in.");
    drive.keys("<enter>");
    found(&mut drive, "ops", refused(unsigned()));
    drive.shows("Sign in at").keys("hunter2-hunter2<enter>");
    let (ticket, _) = drive.take(|effect| matches!(effect, Effect::Session(session::Effect::SignIn { .. }))).unwrap();
    let done = Step::Done { who: Some("ops@example.com".into()), lives: Some(Duration::from_secs(3_600)) };
    let body = Body::Session(session::Body::Step(Ok(done)));
    drive.send(Msg::Answer(Answer { ticket, meta: None, body }));
    drive.hides("Sign in at").shows("Projects").shows("ops@example.com");
    found(&mut drive, "ops", Ok(three("ops")));
    drive.keys("<enter>").shows(" Lab  labref · ops");
    // Signed out there, and in again: there is still something to choose.
    let mut drive = choosing(true, 100, 24);
    found(&mut drive, "ops", Ok(three("ops")));
    drive
        .keys("<esc>:sign out<enter>")
        .shows("signed out")
        .keys("r")
        .shows("Sign in at")
        .keys("hunter2-hunter2<enter>");
    let (ticket, _) = drive.take(|effect| matches!(effect, Effect::Session(session::Effect::SignIn { .. }))).unwrap();
    let done = Step::Done { who: Some("ops@example.com".into()), lives: None };
    let body = Body::Session(session::Body::Step(Ok(done)));
    drive.send(Msg::Answer(Answer { ticket, meta: None, body }));
    drive.shows("Projects").shows("no project");
    assert_eq!(drive.count(is_page), 0);
    // Of a profile that is not the one in view nothing is asked for.
    let mut drive = on_acme(100, 24);
    switcher(&mut drive, vec![plane("acme", Some("acmeref")), plane("ops", None)]);
    found(&mut drive, "ops", refused(unsigned()));
    drive.hides("Sign in at").shows("! needs sign-in");
}

#[test]
fn one_goes_to_a_profile_without_a_ref_as_to_any_other() {
    let mut drive = on_acme(100, 24);
    switcher(&mut drive, vec![listed("acme"), plane("ops", None)]);
    drive.keys("ops<enter>").shows(" ops ").shows("opening");
    opened(&mut drive, on_ops(false).project);
    drive.shows("no project").shows("Projects");
    read(&mut drive, vec![listed("acme"), plane("ops", None)]);
    found(&mut drive, "ops", Ok(three("ops")));
    drive.keys("<enter>").shows(" Lab ");
}

#[test]
fn what_is_wrong_with_the_listing_of_the_only_way_in_is_said() {
    for (answer, said) in [
        (refused(failure(Kind::NoSuchRoute, Route::BucketsList, Some(404), "no")), "give the profile a ref"),
        (Err(NotFound::NotReady("the platform token is missing".into())), "the platform token is missing"),
        (Ok(Found::default()), "It names no project"),
    ] {
        let mut drive = choosing(false, 100, 24);
        found(&mut drive, "ops", answer);
        drive.shows(said).keys("<enter>");
        assert_eq!(drive.count(is_find), 1, "enter asks again");
    }
}

fn many(width: u16, height: u16) -> Drive {
    let mut drive = choosing(false, width, height);
    let mut projects: Vec<Listed> =
        (1..=230).map(|n| below("ops", &format!("ref{n:03}"), &format!("Project {n:03}"))).collect();
    projects.push(Listed { idle: Some("coming up".into()), ..below("ops", "soon", "Soon") });
    let opened = Memory { opened: Some(start_time()), ..Memory::default() };
    projects.push(Listed { memory: opened, ..below("ops", "last", "Where one was last") });
    found(&mut drive, "ops", Ok(Found { projects, left_out: Some((3, "its ref is no short id".into())) }));
    let asked = of("ops", "last");
    let took = Duration::from_millis(42);
    let checked = Checked::Reachable { took, users: Some(12_345), buckets: Some(9), ends: None };
    tell(&mut drive, |wish| *wish == Wish::Check(asked.clone()), projects::Body::Checked(asked.clone(), checked));
    drive
}

#[test]
fn screen_listed() {
    let typed: Make<'_> = &|width, height| {
        let mut drive = on_acme(width, height);
        switcher(
            &mut drive,
            vec![plane("acme", Some("acmeref")), Listed { color: Some("red".into()), ..plane("ops", None) }],
        );
        found(&mut drive, "acme", Ok(three("acme")));
        let mut others = three("ops");
        for project in &mut others.projects {
            project.color = Some("red".into());
        }
        found(&mut drive, "ops", Ok(others));
        drive.keys("shop");
        drive
    };
    snapshot(
        "listed",
        &[
            ("listed", &|width, height| {
                let mut drive = listing(width, height);
                drive.keys("<down>");
                drive
            }),
            ("typed", typed),
            ("many", &many),
            ("asking", &|width, height| choosing(false, width, height)),
            ("sign in", &|width, height| {
                let mut drive = choosing(true, width, height);
                found(&mut drive, "ops", refused(unsigned()));
                drive.keys("<esc>");
                drive
            }),
            ("no project", &|width, height| {
                let mut drive = choosing(false, width, height);
                drive.keys("<esc>");
                drive
            }),
            ("opened", &|width, height| {
                let mut drive = listing(width, height);
                drive.keys("shop<enter>");
                opened(&mut drive, Project { color: Some("red".into()), ..shop() });
                drive.page(&some_users(7, 3), Total::Exact(3));
                drive
            }),
        ],
    );
}

/// Two platforms may each have a project of one name, and the second one may be listed only once the first was left.
#[test]
fn what_was_done_is_copied_as_a_command_for_the_project_that_it_was_done_in() {
    let mut drive = Drive::with(start(&[Door::Gateway]), 120, 40);
    let twin = || {
        let reach = ["--profile", "zoo", "--ref", "twinref"].map(String::from).into();
        Project { which: of("zoo", "twinref"), reference: "twinref".into(), reach, ..project("Shop") }
    };
    for (profile, listed, opened_as) in
        [("acme", below("acme", "shopref", "Shop"), shop()), ("zoo", below("zoo", "twinref", "Shop"), twin())]
    {
        switcher(&mut drive, vec![plane(profile, None)]);
        found(&mut drive, profile, Ok(Found { projects: vec![listed], left_out: None }));
        drive.keys("shop<enter>");
        opened(&mut drive, opened_as);
        drive.page(&some_users(1, 3), Total::Exact(3));
    }
    let mut copied = |keys: &str| match drive.keys(keys).take(|effect| matches!(effect, Effect::Copy(_))) {
        Some((_, Effect::Copy(text))) => text,
        other => panic!("{other:?}"),
    };
    assert_eq!(copied("4C"), "basedeck users list --profile zoo --ref twinref");
    assert_eq!(copied("jC"), "basedeck users list --profile acme --ref shopref");
}
