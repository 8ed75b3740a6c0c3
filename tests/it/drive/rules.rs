//! What holds for any sequence of keys.

use std::collections::BTreeSet;
use std::time::Duration;

use basedeck::api::model::Total;
use basedeck::api::route::{Door, Route};
use basedeck::app::effect::Effect;
use basedeck::app::msg::Msg;
use basedeck::app::op::Op;
use basedeck::app::op::gate::{Gate, gate};
use basedeck::app::{session, users};
use proptest::prelude::*;
use strum::VariantArray;

use super::{Drive, drive, some_users, start};

fn keys() -> Vec<&'static str> {
    let mut keys: Vec<&'static str> = Op::all().flat_map(|op| op.spec().keys.iter().copied()).collect();
    keys.extend(["a", "@", "é", "~", "delete", "7"]);
    keys.retain(|key| !["ctrl-c", "q", "ctrl-z"].contains(key));
    keys
}

pub fn is_write(effect: &Effect) -> bool {
    matches!(effect, Effect::Users(users::Effect::Create(_)) | Effect::Jobs(_))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_keys_panics_or_writes_when_read_only(
        picks in prop::collection::vec(any::<prop::sample::Index>(), 1..60),
        width in 30_u16..130,
        height in 8_u16..45,
    ) {
        let mut read_only = start(&[Door::ControlPlane, Door::Gateway]);
        read_only.project.read_only = true;
        let mut drive = Drive::with(read_only, width, height);
        drive.page(&some_users(1, 30), Total::Exact(30));
        let keys = keys();
        for (turn, pick) in picks.iter().enumerate() {
            drive.send(Msg::Key(pick.get(&keys).parse().unwrap()));
            drive.screen();
            if turn % 20 == 10 {
                drive.resize(height.max(20), width.min(40));
            }
        }
        prop_assert_eq!(drive.count(is_write), 0);
        for _ in 0..12 {
            drive.keys("<esc>");
        }
        prop_assert!(drive.app.modals.is_empty() && !drive.app.filtering);
    }

    #[test]
    fn what_changes_the_screen_is_marked_as_changed(
        picks in prop::collection::vec(any::<prop::sample::Index>(), 1..40),
    ) {
        let mut drive = drive(80, 24);
        drive.page(&some_users(1, 30), Total::Exact(30));
        let keys = keys();
        for pick in picks {
            let before = drive.screen();
            drive.send(Msg::Key(pick.get(&keys).parse().unwrap()));
            prop_assert!(drive.screen() == before || drive.cx.is_dirty());
        }
    }
}

#[test]
fn nothing_secret_is_printed_by_debug() {
    let mut drive = drive(80, 24);
    drive.page(&some_users(1, 3), Total::Exact(3));
    drive.keys("nalice@x.io<tab>hunter2-hunter2<enter>");
    let printed = format!("{:?} {:?}", drive.open, drive.app.modals);
    assert!(!printed.contains("hunter2") && drive.count(is_write) == 1, "{printed}");
    drive.hides("hunter2");
}

#[test]
fn a_read_only_connection_dims_what_changes() {
    let mut read_only = start(&[Door::Gateway]);
    read_only.project.read_only = true;
    let mut drive = Drive::with(read_only, 80, 24);
    drive.page(&some_users(1, 3), Total::Exact(3));
    let mut gated = BTreeSet::new();
    for op in Op::all().filter(|op| op.spec().mutates()) {
        assert!(!matches!(gate(op, &drive.app), Gate::Run), "{}", op.spec().name);
        gated.extend(op.spec().routes.iter().copied().filter(|route| route.spec().mutates));
    }
    let changes: BTreeSet<Route> = Route::VARIANTS.iter().filter(|route| route.spec().mutates).copied().collect();
    assert_eq!(gated, changes, "each change is some operation's, and gated with it");
    drive.keys("n").shows("read-only").hides("New user");
}

#[test]
fn the_header_tells_which_project_it_is_before_who_one_is() {
    let mut start = start(&[Door::Gateway]);
    start.project.name = "the-shop-in-the-village".into();
    let mut drive = Drive::with(start, 60, 24);
    drive.page(&some_users(1, 3), Total::Exact(3)).shows("the-shop-in-the-village ").shows("service key");
    drive.resize(48, 24).shows("the-shop-in-the-village ").shows("● live").hides("service key");
    // Where nothing stands behind the name nothing is said to be cut.
    drive.app.shell.reference.clear();
    for width in 46..56 {
        drive.resize(width, 24).shows("the-shop-in-the-village ").hides("village …").hides("village…");
    }
}

#[test]
fn a_protected_profile_takes_changes_once_its_name_is_typed() {
    let mut protected = start(&[Door::Gateway]);
    (protected.project.read_only, protected.project.protected, protected.project.locked) = (true, true, true);
    let mut drive = Drive::with(protected, 80, 24);
    drive.page(&some_users(1, 3), Total::Exact(3)).shows("■ protected");
    let unlocks = |effect: &Effect| *effect == Effect::Session(session::Effect::Unlock);
    drive.keys("n").shows("W unlocks it for this session").hides("New user");
    drive.keys("Wde<enter>").shows("It is not demo.");
    assert_eq!(drive.count(unlocks), 0);
    drive.keys("mo<enter>").shows("□ unlocked").shows("demo is unlocked: changes are real");
    assert_eq!(drive.count(unlocks), 1);
    drive.keys("n").shows("New user");
}

#[test]
fn what_is_read_only_by_choice_cannot_be_unlocked() {
    let mut read_only = start(&[Door::Gateway]);
    (read_only.project.read_only, read_only.project.protected) = (true, true);
    let mut drive = Drive::with(read_only, 80, 24);
    drive.page(&some_users(1, 3), Total::Exact(3));
    drive.keys("W").hides("Its name");
    drive.keys("n").shows("start without --read-only");
}

#[test]
fn a_screen_on_which_nothing_happens_does_not_change_within_a_minute() {
    let mut drive = drive(80, 24);
    drive.page(&some_users(1, 3), Total::Exact(3));
    drive.keys("p");
    drive.pass(Duration::from_secs(15));
    let before = drive.screen();
    drive.pass(Duration::from_secs(20));
    assert_eq!(drive.screen(), before);
}
