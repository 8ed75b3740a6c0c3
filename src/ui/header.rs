//! The two lines on top: program, connection, liveness; and the tabs.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::text::{self, Run, run};
use super::{Liveness, Scene, liveness};
use crate::app::App;
use crate::app::geometry::Areas;
use crate::app::project::{Link, Which};
use crate::app::session::NOBODY;
use crate::app::spots::TabPart;
use crate::text::width;

/// Draws both lines.
pub fn draw(buffer: &mut Buffer, areas: Areas, app: &App, scene: Scene) {
    let theme = scene.theme;
    let program = run(" basedeck ", theme.accent());
    if app.link == Link::None {
        text::left(buffer, areas.header, &[program]);
        return;
    }
    let badge = |name: &str| run(format!(" {name} "), theme.badge(app.project.color.as_deref()));
    let name = badge(&app.shell.name);
    let place = Some(place(app)).filter(|place| !place.is_empty());
    let place = place.map(|place| run(format!(" {place} "), theme.dim()));
    let guard = guard(app, scene);
    let sign = |sign: &str, style| run(format!(" {sign}"), style);
    let guarded = guard.map(|(glyph, word, style)| sign(&format!("{glyph} {word}"), style));
    // Which project it is, and whether changes are allowed, is never cut while there is room: place, who it is, program
    // and the name's end give way, in this order.
    let least: Vec<Run> = [name].into_iter().chain(guarded).collect();
    let mut right = state(app, scene, !areas.compact);
    if text::width_of(&right) + text::width_of(&least) + 2 > usize::from(areas.header.width) {
        right = state(app, scene, false);
    }
    let from = text::right(buffer, Rect { width: areas.header.width.saturating_sub(1), ..areas.header }, &right);
    let left = Rect { width: from.saturating_sub(1), ..areas.header };
    let (room, needs) = (usize::from(left.width), text::width_of(&least));
    let runs: Vec<Run> = if program.width() + needs <= room {
        [program].into_iter().chain(least).chain(place).collect()
    } else if needs <= room {
        least
    } else {
        let sign = guard.map(|(glyph, _, style)| sign(glyph, style));
        let rest = room.saturating_sub(2 + sign.as_ref().map_or(0, Run::width));
        [badge(&width::cut(&app.shell.name, rest))].into_iter().chain(sign).collect()
    };
    text::left(buffer, left, &runs);
    tabs(buffer, areas, app, scene);
}

/// What stands between the person and changes: its sign, its word, its colour.
fn guard(app: &App, scene: Scene) -> Option<(&'static str, &'static str, Style)> {
    let theme = scene.theme;
    if app.project.locked && !app.shell.read_only {
        Some(("□", "unlocked ", theme.warn()))
    } else if app.project.protected {
        Some(("■", "protected ", theme.bad()))
    } else if app.shell.read_only && app.link == Link::Open {
        Some(("■", "read-only ", theme.warn()))
    } else {
        None
    }
}

/// What stands beside the name, unless it is said there: the ref or address, and whose project it is that a platform lists.
fn place(app: &App) -> String {
    let name = &app.shell.name;
    let said = name.rsplit_once(" (").map_or(name.as_str(), |(_, end)| end.trim_end_matches(')'));
    let profile = match &app.project.which {
        Which::Listed { profile, .. } => profile.as_str(),
        Which::Given | Which::Profile(_) => "",
    };
    let parts = [app.shell.reference.as_str(), profile].into_iter();
    parts.filter(|part| !part.is_empty() && said.split('/').all(|other| other != *part)).collect::<Vec<_>>().join(" · ")
}

fn state(app: &App, scene: Scene, tells_who: bool) -> Vec<Run> {
    let theme = scene.theme;
    let (state, words) = liveness(app);
    let (glyph, style) = match state {
        Liveness::Live => ("● ", theme.good()),
        Liveness::Waiting => ("○ ", theme.warn()),
        Liveness::Paused => ("‖ ", theme.warn()),
        Liveness::Down => ("✕ ", theme.bad()),
    };
    // That nobody is signed in is said once.
    let said = words.starts_with(NOBODY);
    let words_style = if state == Liveness::Down { theme.bad() } else { theme.text() };
    let mut runs = vec![run(glyph, style), run(words, words_style)];
    if tells_who {
        let (who, short) = app.session.who(&app.shell.offers, app.shell.shown_now);
        if !who.is_empty() && (who != NOBODY || !said) {
            runs.push(run(format!("  {who}"), if short { theme.warn() } else { theme.dim() }));
        }
    }
    runs
}

fn tabs(buffer: &mut Buffer, areas: Areas, app: &App, scene: Scene) {
    let theme = scene.theme;
    let (tabs, gap) = app.tab_line(areas);
    let mut runs = Vec::new();
    for TabPart { tab, number, title, badge, .. } in tabs {
        if tab == app.tab {
            runs.push(run(format!("{number}{title}{badge}"), theme.selected()));
        } else {
            runs.extend([run(number, theme.dim()), run(title, theme.text()), run(badge, theme.dim())]);
        }
        runs.push(run(gap, theme.text()));
    }
    text::left(buffer, areas.tabs, &runs);
}
