//! The two lines on top: program, connection, liveness; and the tabs.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::text::{self, Run, run};
use super::{Liveness, Scene, liveness};
use crate::app::App;
use crate::app::geometry::Areas;
use crate::app::project::{Link, Which};
use crate::app::session::NOBODY;
use crate::app::spots::TabPart;

/// Draws both lines.
pub fn draw(buffer: &mut Buffer, areas: Areas, app: &App, scene: Scene) {
    let theme = scene.theme;
    let mut left = vec![run(" basedeck ", theme.accent())];
    let is_there = app.link != Link::None;
    if is_there {
        left.push(run(format!(" {} ", app.shell.name), theme.badge(app.project.color.as_deref())));
        left.push(run(format!(" {} ", place(app)), theme.dim()));
        if app.project.locked && !app.shell.read_only {
            left.push(run("□ unlocked ", theme.warn()));
        } else if app.project.protected {
            left.push(run("■ protected ", theme.bad()));
        } else if app.shell.read_only && app.link == Link::Open {
            left.push(run("■ read-only ", theme.warn()));
        }
    }
    let right = if is_there { state(app, scene, areas.compact) } else { Vec::new() };
    let from = text::right(buffer, Rect { width: areas.header.width.saturating_sub(1), ..areas.header }, &right);
    text::left(buffer, Rect { width: from.saturating_sub(1), ..areas.header }, &left);
    if is_there {
        tabs(buffer, areas, app, scene);
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

fn state(app: &App, scene: Scene, compact: bool) -> Vec<Run> {
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
    if !compact {
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
