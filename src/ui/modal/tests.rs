//! What stands over the screen at 80x24 and 40x12, one snapshot file each.

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

use super::*;
use crate::api::model::BucketId;
use crate::api::route::Door;
use crate::app::form::{Author, Form, Typed};
use crate::app::modal::{Palette, Row, help};
use crate::app::op::Scope;
use crate::app::op::gate::{Gate, Reason};
use crate::app::picker::{Body, Dir, DirEntry, EntryKind, Picker};
use crate::app::users::forms;
use crate::app::{form as typed, session};
use crate::ui::first;
use crate::work::plan::{FileItem, Rules};

/// The screens that every modal is drawn at, without the key bar.
const SCREENS: [(u16, u16); 2] = [(80, 23), (40, 11)];

fn over<T>(width: u16, height: u16, theme: Theme, draw: impl FnOnce(&mut Buffer, Rect) -> T) -> Buffer {
    let area = Rect { x: 0, y: 0, width, height };
    let mut buffer = Buffer::empty(area);
    for y in 0..height {
        let line = if y < 2 { "header and tabs " } else { "rows of the list " };
        let line: String = line.chars().cycle().take(usize::from(width)).collect();
        text::left(&mut buffer, Rect { y, height: 1, ..area }, &[run(line, theme.strong())]);
    }
    draw(&mut buffer, area);
    buffer
}

fn shot(buffer: &Buffer) -> String {
    let width = usize::from(buffer.area.width);
    let rows = buffer.content().chunks(width);
    let lines: Vec<String> = rows.map(|row| row.iter().map(Cell::symbol).collect::<String>()).collect();
    lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n")
}

/// At both sizes, one below the other.
fn snapshot<T>(name: &str, mut draw: impl FnMut(&mut Buffer, Rect) -> T) {
    let shots: Vec<String> =
        SCREENS.iter().map(|&(width, height)| shot(&over(width, height, Theme::default(), &mut draw))).collect();
    insta::with_settings!({ snapshot_path => "../../../tests/snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, shots.join("\n\n"));
    });
}

fn refused() -> Form {
    let mut form = forms::create("home");
    form.typed(Typed::Paste("bob@example.org"), false);
    form.set_text("password", "correct horse ba");
    form.set_text("metadata", "{\"plan\": \"pro\"}");
    form.blame("email", Author::Server, "already registered (server, 422)");
    form
}

fn api_error(said: &str) -> crate::api::error::ApiError {
    crate::api::error::ApiError {
        asked: None,
        kind: crate::api::error::Kind::NotSignedIn,
        route: crate::api::route::Route::UsersList,
        door: Some(crate::api::route::Door::Gateway),
        known_by: None,
        status: Some(401),
        code: None,
        said: said.into(),
        field: None,
        retry_after: None,
        raw: None,
        unsent: false,
        host: "localhost:8000".into(),
    }
}

fn draw_form(form: &Form, under_way: bool) -> impl FnMut(&mut Buffer, Rect) -> Framed {
    move |buffer, area| form::draw(buffer, area, form, under_way, &Keymap::default(), Theme::default())
}

#[test]
fn forms() {
    snapshot("form-empty", draw_form(&forms::create("home"), false));
    snapshot("form-refused", draw_form(&refused(), false));
    snapshot("form-under-way", draw_form(&refused(), true));
    let mut unknown = refused();
    unknown.say("The answer was lost, and the server does not hold this user: send again.");
    snapshot("form-said", draw_form(&unknown, false));
    let credential = session::forms::credential(
        Door::Gateway,
        false,
        "home",
        Some(&api_error("Invalid authentication credentials")),
    );
    snapshot("form-credential", draw_form(&credential, false));
}

#[test]
fn a_form_too_high_for_the_screen_shows_the_field_that_has_the_keys() {
    let mut form = refused();
    form.say("The server failed with a long sentence that takes several lines on a narrow screen, as they do.");
    for (focus, label) in [(0, "Email"), (1, "Password"), (2, "Address"), (3, "Metadata")] {
        form.focus = focus;
        let shown = shot(&over(40, 9, Theme::default(), draw_form(&form, false)));
        assert!(shown.contains(label), "{label} in\n{shown}");
    }
    assert!(shot(&over(40, 9, Theme::default(), draw_form(&form, false))).contains("enter"));
}

#[test]
fn a_password_is_drawn_only_when_it_is_revealed() {
    let mut form = refused();
    let hidden = shot(&over(80, 23, Theme::default(), draw_form(&form, false)));
    assert!(!hidden.contains("correct") && hidden.contains("••••"), "{hidden}");
    form.revealed = true;
    assert!(shot(&over(80, 23, Theme::default(), draw_form(&form, false))).contains("correct horse"));
}

#[test]
fn the_cursor_is_a_reversed_cell_and_stays_in_sight() {
    let mut form = forms::create("home");
    form.typed(Typed::Paste(&format!("{}@end", "x".repeat(200))), false);
    for (width, height) in SCREENS {
        let buffer = over(width, height, Theme::default(), draw_form(&form, false));
        let reversed = |cell: &&Cell| cell.modifier.contains(Modifier::REVERSED);
        let at: Vec<usize> = (0..buffer.content().len()).filter(|&at| reversed(&&buffer.content()[at])).collect();
        assert_eq!(at.len(), 1, "one cursor");
        let before: String = buffer.content()[at[0] - 4..at[0]].iter().map(Cell::symbol).collect();
        assert_eq!(before, "@end");
    }
}

#[test]
fn without_colour_there_is_none_and_what_is_below_is_dimmed() {
    let theme = Theme::new(false);
    let form = refused();
    let buffer = over(80, 23, theme, |buffer, area| form::draw(buffer, area, &form, false, &Keymap::default(), theme));
    assert!(buffer.content().iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
    assert!(buffer[(0, 2)].modifier.contains(Modifier::DIM), "rows are dimmed");
    assert!(!buffer[(0, 0)].modifier.contains(Modifier::DIM), "the header is not");
}

#[test]
fn questions_and_what_is_read() {
    let keymap = Keymap::default();
    let question = Confirm::quit(vec![
        "2 uploads are under way in home: what is not sent yet stays where it is.".into(),
        "avatars: 12 of 40 files".into(),
    ]);
    snapshot("confirm", |buffer, area| confirm(buffer, area, &question, &keymap, Theme::default()));
    let gate = |op: op::Op| match op.spec().name {
        "form.raw" => Gate::Dimmed(Reason::UnderWay),
        _ => Gate::Run,
    };
    let keys = help(&[Scope::Form], &keymap, &gate);
    snapshot("help", |buffer, area| viewer(buffer, area, &keys, Theme::default()));
    let raw = Viewer::new(
        "Raw answer",
        vec![
            Row::Heading("POST /auth/v1/admin/users".into()),
            Row::Pair("status".into(), "422".into()),
            Row::Text("{\n  \"code\": 422,\n  \"msg\": \"\u{1b}[31mred\u{202e}\"\n}".into()),
        ],
    );
    snapshot("raw", |buffer, area| viewer(buffer, area, &raw, Theme::default()));
}

#[test]
fn the_palette() {
    let keymap = Keymap::default();
    let gate = |op: op::Op| match (op.spec().scope, op.spec().name) {
        (Scope::Picker, "picker.mark") => Gate::Dimmed(Reason::NothingSelected),
        (Scope::Picker | Scope::Viewer, _) => Gate::Run,
        _ => Gate::Absent,
    };
    let mut commands = Palette::new(&keymap, &gate);
    snapshot("palette", |buffer, area| palette::draw(buffer, area, &commands, &keymap, Theme::default()));
    commands.typed(Typed::Paste("mark"));
    snapshot("palette-found", |buffer, area| palette::draw(buffer, area, &commands, &keymap, Theme::default()));
}

fn entry(name: &str, kind: EntryKind, size: u64) -> DirEntry {
    DirEntry { name: name.into(), kind, size, modified: Some(1_772_000_000_000), fault: None }
}

fn browsing() -> Picker {
    let (mut files, _) =
        Picker::open(BucketId("avatars".into()), Some(Rules { size_limit: Some(5 << 20), mimes: None }), "2026/");
    let mut entries = vec![entry("documents", EntryKind::Dir, 0), entry("pictures", EntryKind::Dir, 0)];
    entries.push(DirEntry { fault: Some("permission denied".into()), ..entry("private", EntryKind::Dir, 0) });
    entries.extend((1..40).map(|n| entry(&format!("photo-{n:02}.jpg"), EntryKind::File, n * 123_456)));
    entries
        .push(DirEntry { fault: Some("the name is not UTF-8".into()), ..entry("caf\u{fffd}.txt", EntryKind::File, 9) });
    files.receive(Body::Dir(None, Ok(Dir { path: "/home/ann/things/that/are/kept".into(), entries, cut: false })));
    files
}

fn press(files: &mut Picker, ops: &[crate::app::picker::Op]) {
    for op in ops {
        files.run(*op, Size { width: 80, height: 24 });
    }
}

fn draw_picker(files: &Picker) -> impl FnMut(&mut Buffer, Rect) -> Framed {
    move |buffer, area| picker::draw(buffer, area, files, &Keymap::default(), Theme::default())
}

#[test]
fn what_the_palette_says_of_a_command_is_whole() {
    use strum::VariantArray;
    let screen = Size { width: 80, height: 24 };
    let cells = usize::from(Palette::new(&Keymap::default(), &|_| Gate::Run).size(screen).width) - 4;
    let helps = op::Op::all().map(|op| op.spec().help);
    for said in helps.chain(Reason::VARIANTS.iter().map(|reason| reason.sentence())) {
        let lines = crate::text::width::wrap(&Keymap::default().say(said), cells).len();
        assert!(lines <= usize::from(crate::app::finder::foot(screen)), "{said}");
    }
}

#[test]
fn the_picker() {
    use crate::app::picker::Op::{Down, Mark};
    use crate::app::picker::ReviewOp::{Next, Switch};
    let mut files = browsing();
    press(&mut files, &[Down, Down, Down, Mark, Mark]);
    snapshot("picker-files", draw_picker(&files));
    files.typed(Typed::Paste("no such thing"));
    snapshot("picker-nothing", draw_picker(&files));

    let mut files = browsing();
    let file = |path: &str, size| FileItem {
        path: path.into(),
        relative: String::new(),
        size,
        mime: "image/jpeg".into(),
        modified: None,
    };
    let found: Vec<_> = [
        "/p/a/one.jpg",
        "/p/b/one.jpg",
        "/p/b/über.jpg",
        "/p/b/a name that is long enough to be cut in its middle.jpg",
    ]
    .iter()
    .zip([1_u64 << 20, 9 << 20, 300, 40_000])
    .map(|(path, size)| ((*path).into(), Ok(file(path, size))))
    .chain([("/p/gone.jpg".into(), Err("No such file any more.".to_owned()))])
    .collect();
    files.typed(Typed::Paste("photo-01"));
    press(&mut files, &[Mark, crate::app::picker::Op::Go]);
    let mut review = files.clone();
    review.review =
        Some(crate::app::picker::Review::new(files.bucket.clone(), files.rules.clone(), "2026/", files.choices, found));
    snapshot("picker-review", draw_picker(&review));
    for op in [Next, Switch, Next, Switch] {
        review.run_review(op, Size { width: 80, height: 24 });
    }
    snapshot("picker-review-mended", draw_picker(&review));
}

#[test]
fn the_first_screen() {
    for (name, demo) in [("first", true), ("first-without-demo", false)] {
        snapshot(name, |buffer, area| {
            let body = Rect { y: 2, height: area.height - 2, ..area };
            buffer.reset();
            first::draw(buffer, body, demo, None, &Keymap::default(), Theme::default());
        });
    }
}

#[test]
fn no_size_is_too_small_to_draw_on() {
    let (question, files, form) = (Confirm::discard("x"), browsing(), refused());
    let keymap = Keymap::default();
    let commands = Palette::new(&keymap, &|_| Gate::Run);
    let read = Viewer::text("Raw", typed::one_line("text\nover lines").0);
    for width in 1..60 {
        for height in 1..14 {
            over(width, height, Theme::default(), |buffer, area| {
                confirm(buffer, area, &question, &keymap, Theme::default());
                viewer(buffer, area, &read, Theme::default());
                palette::draw(buffer, area, &commands, &keymap, Theme::default());
                draw_picker(&files)(buffer, area);
                draw_form(&form, false)(buffer, area);
                let local = Some("/home/me/app/.env and /home/me/app/supabase/config.toml");
                first::draw(buffer, area, true, local, &keymap, Theme::default());
            });
        }
    }
}
