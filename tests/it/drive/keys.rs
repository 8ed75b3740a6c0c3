//! Keys as the configuration has them: they work, and every sentence names them.

use basedeck::api::error::Kind;
use basedeck::api::model::Total;
use basedeck::api::route::{Door, Route};
use basedeck::app::op::Op;
use basedeck::app::op::keymap::{Keymap, Override};

use super::{Drive, drive, failure, some_users, start};

fn remapped(all: &[(&str, &str)]) -> Keymap {
    let overrides: Vec<_> = all
        .iter()
        .map(|(name, key)| Override { name: (*name).into(), place: (1, 1), keys: vec![((*key).into(), (1, 1))] })
        .collect();
    let (keymap, faults) = Keymap::with(&overrides);
    assert_eq!(faults, []);
    keymap
}

fn with(keys: &[(&str, &str)]) -> Drive {
    let mut start = start(&[Door::ControlPlane, Door::Gateway]);
    start.keymap = remapped(keys);
    Drive::with(start, 120, 40)
}

#[test]
fn another_key_runs_the_operation_and_stands_wherever_keys_are_named() {
    let mut drive = with(&[
        ("users.create", "ctrl-n"),
        ("form.generate", "alt-g"),
        ("global.help", "f9"),
        ("global.refresh", "f5"),
        ("global.raw", "f6"),
    ]);
    drive.page(&[], Total::Exact(0)).shows("ctrl-n creates the first one.").shows("ctrl-n new").shows("f9 help");
    drive.keys("n").hides("New user").keys("<ctrl-n>").shows("New user").shows("alt-g generate");
    drive.keys("<esc><f9>").shows("ctrl-n").shows("Opens the form for a new user.").keys("<esc>");
    drive.keys(":new user").shows("ctrl-n").keys("<enter>").shows("New user").keys("<esc>");
    drive.keys("<f5>").page_fails(failure(Kind::Server, Route::UsersList, Some(500), "boom"));
    drive.shows("f5 now").shows("f6 raw answer").keys("<f6>").shows("Raw answer");
}

#[test]
fn an_operation_that_is_switched_off_has_no_key_and_still_runs_by_its_name() {
    let mut drive = with(&[("users.create", "off")]);
    drive.page(&[], Total::Exact(0)).shows(": users.create creates the first one.");
    drive.keys("n").hides("New user").keys(":users.create<enter>").shows("New user");
}

#[test]
fn reasons_name_the_keys_that_work() {
    let mut locked = start(&[Door::ControlPlane, Door::Gateway]);
    (locked.project.read_only, locked.project.protected, locked.project.locked) = (true, true, true);
    locked.keymap = remapped(&[("session.unlock", "ctrl-w")]);
    let mut drive = Drive::with(locked, 120, 40);
    drive.page(&some_users(1, 3), Total::Exact(3));
    drive.keys("n").shows("ctrl-w unlocks it for this session").keys("<ctrl-w>").shows("Unlock");
}

#[test]
fn with_the_keys_of_the_table_nothing_of_a_template_is_seen() {
    let mut drive = drive(120, 40);
    drive.page(&some_users(1, 3), Total::Exact(3));
    for keys in ["?", "<esc>:", "<esc>n", "<tab>x", "<esc>y", "/nobody", "<esc>2", "3", "4", "4/x<enter>"] {
        drive.keys(keys);
        for op in Op::all() {
            drive.hides(&format!("{{{}}}", op.spec().name));
        }
    }
}
