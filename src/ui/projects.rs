//! The switcher: every project and how each is; and what stands in place of a project that could not be opened.

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};
use ratatui::style::Style;

use super::text::{self, Run, run};
use super::theme::Theme;
use super::widget::empty;
use super::widget::input::input;
use super::widget::modal::{Framed, dim, foot, frame, more, row};
use super::widget::table::{self, Column, Mark};
use crate::api::route::Door;
use crate::app::finder::Finder;
use crate::app::geometry;
use crate::app::op::keymap::Keymap;
use crate::app::project::Which;
use crate::app::projects::{Checked, Listed, Listing, MOST_ASKED, PAUSED, Row, Rows, State, Switcher};
use crate::text::human;
use crate::text::width::Align;

/// The columns: the one with the highest number gives way first.
const COLUMNS: [Column; 8] = [
    Column { title: "NAME", min: 12, ideal: 18, align: Align::Left, priority: 0 },
    Column { title: "DOORS", min: 13, ideal: 17, align: Align::Left, priority: 7 },
    Column { title: "WHERE", min: 12, ideal: 24, align: Align::Left, priority: 6 },
    Column { title: "STATE", min: 15, ideal: 20, align: Align::Left, priority: 1 },
    Column { title: "LATENCY", min: 7, ideal: 7, align: Align::Right, priority: 2 },
    Column { title: "USERS", min: 7, ideal: 7, align: Align::Right, priority: 3 },
    Column { title: "BUCKETS", min: 7, ideal: 7, align: Align::Right, priority: 4 },
    Column { title: "TOKEN LEFT", min: 10, ideal: 10, align: Align::Right, priority: 5 },
];

/// Draws the switcher; its keys stand in the key bar.
pub fn draw(buffer: &mut Buffer, area: Rect, switcher: &Switcher, now: Timestamp, theme: Theme) -> Framed {
    dim(buffer, area, theme);
    let screen = Size { width: area.width, height: area.height + 1 };
    let Finder { input: typed, .. } = &switcher.finder;
    let (list, count) = (switcher.finder.list(), switcher.finder.matches().len());
    let window = list.window(count, switcher.height(screen));
    let more = more(window.start, count - window.end, theme);
    let beyond = switcher.beyond().map(|listed| format!(" · {MOST_ASKED} of {} asked", human::count(listed as u64)));
    let title = [run("Projects", theme.strong()), run(beyond.unwrap_or_default(), theme.dim())];
    let size = switcher.size(screen);
    let framed = frame(buffer, geometry::top(area, size), size, &title, &more, theme);
    let inside = framed.inside;
    text::left(buffer, row(inside, 0, 1, 1), &[run("/", theme.accent())]);
    input(buffer, row(inside, 0, 3, 1), typed.value(), Some(typed.cursor()), theme.strong());
    let rest = Rect { y: inside.y + 1, height: inside.height.saturating_sub(1), ..inside };
    let lines = match switcher.rows() {
        Rows::Reading => vec!["Reading the configuration.".to_owned()],
        Rows::None(why) => vec!["There are no projects to show.".to_owned(), why.clone()],
        Rows::Read(_) if count == 0 => vec!["No project has these letters.".to_owned()],
        Rows::Read(_) => Vec::new(),
    };
    if !lines.is_empty() {
        empty::draw(buffer, rest, &lines, theme);
        return framed;
    }
    let widths = table::widths(&COLUMNS, rest.width);
    table::head(buffer, row(inside, 1, 0, 0), &COLUMNS, &widths, None, theme);
    for (at, project) in switcher.shown().enumerate().skip(window.start).take(window.len()) {
        let here = project.project.which == switcher.here;
        let selected = at == list.at();
        let line = row(inside, 2 + (at - window.start) as u16, 0, 0);
        let cells = cells(project, switcher, now, theme);
        let mark = if here { Mark::Marked } else { Mark::None };
        table::row(buffer, line, &COLUMNS, &widths, &table::Row { cells, selected, mark, stale: false }, theme);
    }
    if let Some(project) = switcher.selected() {
        let (said, style) = said(project, switcher, theme);
        foot(buffer, inside, screen, &said, style);
    }
    framed
}

fn cells(row: &Row, switcher: &Switcher, now: Timestamp, theme: Theme) -> Vec<Run> {
    let (project, here) = (&row.project, row.project.which == switcher.here);
    // Below its profile a project stands further in; among the rows that match it says whose it is.
    let typed = !switcher.finder.text().trim().is_empty();
    let name = match &project.which {
        Which::Listed { profile, .. } if typed => format!(" {} · {profile} ", project.name),
        Which::Listed { .. } => format!("   {} ", project.name),
        Which::Given | Which::Profile(_) => format!(" {} ", project.name),
    };
    let name = match project.color {
        Some(_) if typed || !row.is_listed() => run(name, theme.badge(project.color.as_deref())),
        _ => run(name, if here { theme.strong() } else { theme.text() }),
    };
    let doors: Vec<&str> = project.doors.iter().copied().map(Door::title).collect();
    let (state, style) = state(row, theme);
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

fn state(row: &Row, theme: Theme) -> (String, Style) {
    if let Some(idle) = row.idle() {
        return (format!("‖ {idle}"), theme.dim());
    }
    match (&row.state, &row.listing) {
        (State::Checking, _) => ("○ checking…".into(), theme.dim()),
        (State::Checked(Checked::Reachable { .. }), _) => ("● reachable".into(), theme.good()),
        (State::Checked(Checked::SignIn(error)), _) | (State::Unchosen, Some(Listing::SignIn(error))) => {
            (format!("! {}", error.needs()), theme.warn())
        }
        (State::Checked(Checked::Unreachable(_)), _) => ("✕ unreachable".into(), theme.bad()),
        (State::Checked(Checked::NotReady(_)), _) => ("! not ready".into(), theme.warn()),
        (State::Checked(Checked::NotAsked), _) => ("– not asked: command".into(), theme.dim()),
        (State::Beyond, _) => ("– not asked".into(), theme.dim()),
        (State::Unchosen, Some(Listing::Told(below, _))) => {
            let s = if *below == 1 { "" } else { "s" };
            (format!("{} project{s}", human::count(*below as u64)), theme.dim())
        }
        (State::Unchosen, Some(Listing::Refused)) => ("! lists none".into(), theme.warn()),
        (State::Unchosen, Some(Listing::Failed(_))) => ("! no list".into(), theme.warn()),
        (State::Unchosen, Some(Listing::Asked) | None) => ("○ listing…".into(), theme.dim()),
        (State::Gone | State::Checked(Checked::Paused), _) => Default::default(),
    }
}

/// About the selected project in full.
fn said(row: &Row, switcher: &Switcher, theme: Theme) -> (String, Style) {
    let Row { project, state, listing } = row;
    if let Some(idle) = row.idle() {
        let then = if idle == PAUSED { "restore it in the console" } else { "ask again in a while" };
        let whose = whose(project).map(|whose| format!("{whose}. ")).unwrap_or_default();
        return (format!("{whose}It is {idle} and answers nothing: {then}."), theme.warn());
    }
    match state {
        State::Checked(Checked::SignIn(error)) => return (error.sentence(), theme.warn()),
        State::Checked(Checked::NotReady(why)) => return (why.clone(), theme.warn()),
        State::Checked(Checked::Unreachable(why)) => return (why.clone(), theme.bad()),
        State::Checked(Checked::NotAsked) => {
            return ("Its credential comes by a command, which is run when you go there.".into(), theme.dim());
        }
        State::Beyond => {
            let said =
                format!("No more than {MOST_ASKED} listed projects are asked how they are: it opens all the same.");
            return (said, theme.dim());
        }
        _ => {}
    }
    let own = match whose(project) {
        _ if project.unchosen => String::new(),
        _ if project.which == switcher.here => "This is the project in view.".into(),
        Some(whose) => whose,
        None if project.protected => "Protected: read-only until it is unlocked.".into(),
        None => project.reference.clone(),
    };
    let (listed, style) = match listing {
        Some(Listing::Told(_, Some((left_out, why)))) => {
            let many = format!("{left_out} entries of its list cannot be shown. The first");
            let what = if *left_out == 1 { "1 entry of its list cannot be shown" } else { &many };
            (format!("{what}: {}.", why.trim_end_matches('.')), theme.dim())
        }
        Some(Listing::Told(..)) if project.unchosen => {
            ("It names no project: those that it lists stand below.".into(), theme.dim())
        }
        Some(Listing::Refused) if project.unchosen => {
            ("Its platform lists no projects to this credential: give the profile a ref.".into(), theme.warn())
        }
        Some(Listing::SignIn(error)) if project.unchosen => (error.sentence(), theme.warn()),
        Some(Listing::Failed(why)) if project.unchosen => (why.clone(), theme.warn()),
        Some(Listing::Failed(why)) => (format!("Its other projects are not listed. {why}"), theme.dim()),
        _ => (String::new(), theme.dim()),
    };
    let dot = if own.is_empty() || own.ends_with('.') || listed.is_empty() { "" } else { "." };
    (format!("{own}{dot} {listed}").trim().to_owned(), style)
}

/// Whose project it is that a platform lists.
fn whose(project: &Listed) -> Option<String> {
    let Which::Listed { profile, reference } = &project.which else { return None };
    Some(format!("{reference} · listed by {profile}"))
}

/// Draws what stands in place of a project where a profile names none.
pub fn unchosen(buffer: &mut Buffer, area: Rect, name: &str, keymap: &Keymap, theme: Theme) {
    let lines = [
        format!("{name} names no project."),
        keymap.say("{projects.open} shows those that it lists, and {projects.switch} opens one."),
    ];
    empty::draw(buffer, area, &lines, theme);
}

/// Draws what stands in place of a project that could not be opened.
pub fn shut(buffer: &mut Buffer, area: Rect, name: &str, why: &str, keymap: &Keymap, theme: Theme) {
    let lines = [
        format!("{name} is not connected."),
        why.to_owned(),
        keymap.say("{global.refresh} tries again, {projects.open} goes to another project."),
    ];
    empty::draw(buffer, area, &lines, theme);
}
