//! The mouse does what keys do, reaches nothing below a modal, and does nothing unless it was asked for.

use basedeck::api::error::Kind;
use basedeck::api::model::Total;
use basedeck::api::route::{Door, Route};
use basedeck::app::effect::Effect;
use basedeck::app::modal::Modal;
use basedeck::app::mouse::{Act, Mouse};
use basedeck::app::msg::Msg;
use basedeck::app::projects;
use basedeck::app::tab::Tab;
use basedeck::app::users;
use proptest::prelude::*;
use ratatui::layout::Position;

use super::projects::{listed, switcher};
use super::{Drive, drive, failure, some_users, start};

fn with_mouse(width: u16, height: u16) -> Drive {
    let mut start = start(&[Door::ControlPlane, Door::Gateway]);
    start.mouse = true;
    let mut drive = Drive::with(start, width, height);
    drive.page(&some_users(1, 100), Total::Exact(100));
    drive
}

impl Drive {
    fn act(&mut self, act: Act, x: u16, y: u16) -> &mut Self {
        self.send(Msg::Mouse(Mouse { act, at: Position { x, y } }))
    }

    /// Clicks on the first sight of a text.
    #[track_caller]
    fn click(&mut self, text: &str) -> &mut Self {
        self.click_below(0, text)
    }

    /// Clicks on the first sight of a text from a line on.
    #[track_caller]
    fn click_below(&mut self, first: usize, text: &str) -> &mut Self {
        let screen = self.screen();
        let found = screen.lines().enumerate().skip(first).find_map(|(y, line)| {
            let at = line.find(text)?;
            Some((line[..at].chars().count() as u16, y as u16))
        });
        let (x, y) = found.unwrap_or_else(|| panic!("{text:?} is not on the screen:\n{screen}"));
        self.act(Act::Press, x, y)
    }
}

#[test]
fn a_click_selects_and_a_second_one_opens() {
    let mut drive = with_mouse(80, 24);
    drive.click("user7@example.com");
    assert_eq!((drive.app.users.list.at(), drive.app.users.detail), (6, false));
    drive.click("user7@example.com");
    assert!(drive.app.users.detail);
    // The detail is nothing to be clicked; the tabs are.
    drive.act(Act::Press, 10, 8);
    assert!(drive.app.users.detail);
    drive.keys("<esc>").click("Activity");
    assert_eq!(drive.app.tab, Tab::Activity);
    drive.click("Users");
    assert_eq!(drive.app.tab, Tab::Users);
}

#[test]
fn nothing_happens_unless_the_mouse_was_asked_for() {
    let mut drive = drive(80, 24);
    drive.page(&some_users(1, 100), Total::Exact(100));
    drive.click("user7@example.com").click("Activity").act(Act::WheelDown, 10, 10);
    assert_eq!((drive.app.users.list.at(), drive.app.tab), (0, Tab::Users));
}

#[test]
fn the_wheel_moves_what_is_below_the_pointer() {
    let mut drive = with_mouse(130, 14);
    drive.act(Act::WheelDown, 10, 10).act(Act::WheelDown, 10, 10).act(Act::WheelUp, 10, 10);
    assert_eq!(drive.app.users.list.at(), 3);
    drive.act(Act::WheelDown, 120, 10);
    assert!(drive.app.users.scroll > 0);
    assert_eq!(drive.app.users.list.at(), 3);
    // Rows that were scrolled are hit where they stand.
    drive.keys("G").act(Act::Press, 10, 4);
    let top = drive.app.users.list.top();
    assert!(top > 0);
    assert_eq!(drive.app.users.list.at(), top);
}

#[test]
fn a_key_of_the_bar_can_be_clicked() {
    let mut drive = with_mouse(80, 24);
    drive.click("n new").shows("New user").click_below(23, "esc cancel").hides("New user");
    let mut locked = start(&[Door::Gateway]);
    (locked.project.read_only, locked.mouse) = (true, true);
    let mut drive = Drive::with(locked, 80, 24);
    drive.page(&some_users(1, 3), Total::Exact(3)).click("n new").shows("This connection is read-only");
}

#[test]
fn no_click_goes_through_a_modal() {
    let mut drive = with_mouse(80, 24);
    for keys in ["n", "?", ":"] {
        drive.keys(keys);
        let modals = drive.app.modals.len();
        // Tabs, rows beside the frame and below it, the notice's line.
        for (x, y) in [(16, 1), (1, 4), (79, 22), (1, 22), (40, 0)] {
            drive.act(Act::Press, x, y);
        }
        assert_eq!((drive.app.tab, drive.app.users.list.at()), (Tab::Users, 0), "{keys}");
        assert_eq!(drive.app.modals.len(), modals, "{keys}");
        drive.act(Act::WheelDown, 1, 4);
        assert_eq!(drive.app.users.list.at(), 0, "{keys}");
        drive.keys("<esc>");
    }
}

#[test]
fn rows_of_the_palette_are_selected_and_run() {
    let mut drive = with_mouse(80, 24);
    drive.keys(":").click("Sort by next column");
    let Some(Modal::Palette(palette)) = drive.app.modals.top() else { panic!("the palette is open") };
    assert_eq!(palette.selected().map(|item| item.name), Some("users.sort"));
    drive.click("Sort by next column");
    assert!(drive.app.modals.is_empty());
    assert_ne!(drive.app.users.query.sort, users::Users::default().query.sort);
}

#[test]
fn rows_of_the_switcher_are_selected_and_opened() {
    let mut drive = with_mouse(80, 24);
    switcher(&mut drive, vec![listed("acme"), listed("home")]);
    let opens = |effect: &Effect| matches!(effect, Effect::Projects(projects::Effect::Open(..)));
    drive.click("home").shows("home.example.com");
    assert_eq!(drive.count(opens), 0);
    drive.click("home ");
    assert_eq!(drive.count(opens), 1);
}

#[test]
fn a_click_ends_the_typing_of_a_filter_and_keeps_it() {
    let mut drive = with_mouse(80, 24);
    drive.keys("/user").click("user7@example.com");
    assert!(!drive.app.filtering && !drive.app.users.detail);
    assert_eq!((drive.app.users.filter.value(), drive.app.users.list.at()), ("user", 6));
}

#[test]
fn what_a_failing_poll_tells_covers_no_row_that_can_be_hit() {
    let mut drive = with_mouse(80, 24);
    drive.keys("r").page_fails(failure(Kind::Server, Route::UsersList, Some(500), "boom"));
    drive.shows("could not be refreshed").click("could not be refreshed");
    assert_eq!(drive.app.users.list.at(), 0);
    drive.click("user9@example.com");
    assert_eq!(drive.app.users.list.at(), 8);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn no_click_panics_or_writes_when_read_only(
        turns in prop::collection::vec((0_u8..3, 0_u16..140, 0_u16..60, "[nq:?/23 1uiy4]{0,2}"), 1..40),
        width in 30_u16..130,
        height in 8_u16..45,
    ) {
        let mut read_only = start(&[Door::ControlPlane, Door::Gateway]);
        (read_only.project.read_only, read_only.mouse) = (true, true);
        let mut drive = Drive::with(read_only, width, height);
        drive.page(&some_users(1, 30), Total::Exact(30));
        for (act, x, y, keys) in turns {
            drive.act([Act::Press, Act::WheelUp, Act::WheelDown][usize::from(act)], x, y).keys(&keys);
            drive.screen();
        }
        prop_assert_eq!(drive.count(super::rules::is_write), 0);
    }
}
