//! The switcher: every project and how each is; and what stands in place of a project that could not be opened.

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};
use ratatui::style::Style;

use super::text::{self, Run, run};
use super::theme::Theme;
use super::widget::empty;
use super::widget::input::input;
use super::widget::modal::{dim, frame, more, row};
use super::widget::table::{self, Column, Mark};
use crate::api::route::Door;
use crate::app::op::keymap::Keymap;
use crate::app::projects::{Checked, Row, Rows, State, Switcher, foot};
use crate::text::width::{self, Align};
use crate::text::{clean, human};

/// The columns: the one with the highest number gives way first.
const COLUMNS: [Column; 8] = [
    Column { title: "NAME", min: 12, ideal: 18, align: Align::Left, priority: 0 },
    Column { title: "DOORS", min: 8, ideal: 17, align: Align::Left, priority: 7 },
    Column { title: "WHERE", min: 12, ideal: 24, align: Align::Left, priority: 6 },
    Column { title: "STATE", min: 15, ideal: 22, align: Align::Left, priority: 1 },
    Column { title: "LATENCY", min: 7, ideal: 7, align: Align::Right, priority: 2 },
    Column { title: "USERS", min: 7, ideal: 7, align: Align::Right, priority: 3 },
    Column { title: "BUCKETS", min: 7, ideal: 7, align: Align::Right, priority: 4 },
    Column { title: "TOKEN LEFT", min: 10, ideal: 10, align: Align::Right, priority: 5 },
];

/// Draws the switcher; its keys stand in the key bar.
pub fn draw(buffer: &mut Buffer, area: Rect, switcher: &Switcher, now: Timestamp, theme: Theme) {
    dim(buffer, area, theme);
    let screen = Size { width: area.width, height: area.height + 1 };
    let window = switcher.list().window(switcher.count(), switcher.height(screen));
    let more = more(window.start, switcher.count() - window.end, theme);
    let inside = frame(buffer, area, switcher.size(screen), &[run("Projects", theme.strong())], &more, theme);
    text::left(buffer, row(inside, 0, 1, 1), &[run("/", theme.accent())]);
    input(buffer, row(inside, 0, 3, 1), switcher.input.value(), Some(switcher.input.cursor()), theme.strong());
    let rest = Rect { y: inside.y + 1, height: inside.height.saturating_sub(1), ..inside };
    let lines = match switcher.rows() {
        Rows::Reading => vec!["Reading the configuration.".to_owned()],
        Rows::Failed(why) => vec!["The projects cannot be read.".to_owned(), why.clone()],
        Rows::Read(rows) if rows.is_empty() => {
            vec!["There are no profiles.".to_owned(), "`basedeck config init` makes one.".to_owned()]
        }
        Rows::Read(_) if switcher.count() == 0 => vec!["No project has these letters.".to_owned()],
        Rows::Read(_) => Vec::new(),
    };
    if !lines.is_empty() {
        empty::draw(buffer, rest, &lines, theme);
        return;
    }
    let widths = table::widths(&COLUMNS, rest.width);
    table::head(buffer, row(inside, 1, 0, 0), &COLUMNS, &widths, None, theme);
    for (at, project) in switcher.shown().enumerate().skip(window.start).take(window.len()) {
        let here = project.project.which == switcher.here;
        let selected = at == switcher.list().at();
        let line = row(inside, 2 + (at - window.start) as u16, 0, 0);
        let cells = cells(project, here, now, theme);
        let mark = if here { Mark::Marked } else { Mark::None };
        table::row(buffer, line, &COLUMNS, &widths, &table::Row { cells, selected, mark, stale: false }, theme);
    }
    if let Some(project) = switcher.selected() {
        let (said, style) = said(project, switcher, theme);
        let foot = foot(screen);
        let mut lines = width::wrap(&clean::line(&said), usize::from(inside.width.saturating_sub(2)));
        // The last line is cut where all of it has no room.
        let last = lines.split_off(usize::from(foot - 1).min(lines.len())).join(" ");
        lines.push(last);
        for (y, line) in (inside.height.saturating_sub(foot)..).zip(lines) {
            text::left(buffer, row(inside, y, 1, 1), &[run(line, style)]);
        }
    }
}

fn cells(row: &Row, here: bool, now: Timestamp, theme: Theme) -> Vec<Run> {
    let project = &row.project;
    let name = match project.color {
        Some(_) => run(format!(" {} ", project.name), theme.badge(project.color.as_deref())),
        None => run(format!(" {} ", project.name), if here { theme.strong() } else { theme.text() }),
    };
    let doors: Vec<&str> = project.doors.iter().copied().map(Door::name).collect();
    let (state, style) = state(&row.state, theme);
    let number = |number: Option<u64>| number.map_or_else(|| "—".into(), human::count);
    let figures = match &row.state {
        State::Checked(Checked::Reachable { took, users, buckets, ends }) => [
            human::latency(*took),
            number(*users),
            number(*buckets),
            ends.map_or_else(|| "—".into(), |ends| left(now, ends)),
        ],
        _ => Default::default(),
    };
    let mut cells =
        vec![name, run(doors.join(" + "), theme.dim()), run(&project.reference, theme.dim()), run(state, style)];
    cells.extend(figures.map(|figure| run(figure, theme.text())));
    cells
}

/// What is left of a credential's life.
fn left(now: Timestamp, ends: Timestamp) -> String {
    match ends.duration_since(now) {
        left if left.is_positive() => human::span(left.unsigned_abs()),
        _ => "ended".into(),
    }
}

fn state(state: &State, theme: Theme) -> (String, Style) {
    match state {
        State::Checking => ("○ checking…".into(), theme.dim()),
        State::Checked(Checked::Reachable { .. }) => ("● reachable".into(), theme.good()),
        State::Checked(Checked::SignIn(_)) => ("! needs sign-in".into(), theme.warn()),
        State::Checked(Checked::Unreachable(why)) => (format!("✕ unreachable: {why}"), theme.bad()),
        State::Checked(Checked::NotReady(why)) => (format!("! not ready: {why}"), theme.warn()),
        State::Checked(Checked::NotAsked) => ("– not asked: command".into(), theme.dim()),
    }
}

/// About the selected project in full.
fn said(row: &Row, switcher: &Switcher, theme: Theme) -> (String, Style) {
    match &row.state {
        State::Checked(Checked::SignIn(why) | Checked::NotReady(why)) => (why.clone(), theme.warn()),
        State::Checked(Checked::Unreachable(why)) => (why.clone(), theme.bad()),
        State::Checked(Checked::NotAsked) => {
            ("Its credential comes by a command, which is run when you go there.".into(), theme.dim())
        }
        _ if row.project.which == switcher.here => ("This is the project in view.".into(), theme.dim()),
        _ if row.project.protected => ("Protected: read-only until it is unlocked.".into(), theme.dim()),
        _ => (row.project.reference.clone(), theme.dim()),
    }
}

/// Draws what stands in place of a project that could not be opened.
pub fn shut(buffer: &mut Buffer, area: Rect, name: &str, why: &str, keymap: &Keymap, theme: Theme) {
    let lines = [
        format!("{name} is not connected."),
        keymap.say("{global.refresh} tries again, {projects.open} goes to another project."),
        why.to_owned(),
    ];
    empty::draw(buffer, area, &lines, theme);
}
