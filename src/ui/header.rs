//! The two lines on top: program, connection, liveness; and the tabs.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::text::{self, Run, run};
use super::{Liveness, Scene, liveness};
use crate::app::App;
use crate::app::geometry::Areas;
use crate::app::tab::Tab;
use crate::text::width;

/// Draws both lines.
pub fn draw(buffer: &mut Buffer, areas: Areas, app: &App, scene: Scene) {
    let theme = scene.theme;
    let mut left = vec![run(" basedeck ", theme.accent())];
    if app.start.connected {
        left.push(run(format!(" {} ", app.shell.name), theme.badge(app.start.color.as_deref())));
        left.push(run(format!(" {} ", app.shell.reference), theme.dim()));
        if app.start.locked && !app.shell.read_only {
            left.push(run("□ unlocked ", theme.warn()));
        } else if app.start.protected {
            left.push(run("■ protected ", theme.bad()));
        } else if app.shell.read_only {
            left.push(run("■ read-only ", theme.warn()));
        }
    }
    let right = if app.start.connected { state(app, scene, areas.compact) } else { Vec::new() };
    let from = text::right(buffer, Rect { width: areas.header.width.saturating_sub(1), ..areas.header }, &right);
    text::left(buffer, Rect { width: from.saturating_sub(1), ..areas.header }, &left);
    if app.start.connected {
        tabs(buffer, areas, app, scene);
    }
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
    let words_style = if state == Liveness::Down { theme.bad() } else { theme.text() };
    let mut runs = vec![run(glyph, style), run(words, words_style)];
    if !compact {
        let (who, short) =
            app.session.who(&app.shell.offers, app.shell.shown_now).unwrap_or_else(|| (app.start.who.clone(), false));
        runs.push(run(format!("  {who}"), if short { theme.warn() } else { theme.dim() }));
    }
    runs
}

/// How much a tab says; what is not in view gives way where the width is short.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Says {
    Number,
    Title,
    All,
}

fn tabs(buffer: &mut Buffer, areas: Areas, app: &App, scene: Scene) {
    let theme = scene.theme;
    let badge = |tab: Tab| match tab {
        Tab::Users => app.users.badge(),
        Tab::Buckets => app.buckets.badge(),
        Tab::Jobs => app.jobs.badge(),
        Tab::Activity => None,
    };
    let gap = if areas.compact { "" } else { " " };
    // The parts of a tab take the same cells whether it is in view or not, so that nothing moves.
    let parts = |at: usize, tab: Tab, says: Says| {
        let title = if says == Says::Number { String::new() } else { format!("{} ", tab.title()) };
        let badge = badge(tab).filter(|_| says == Says::All).map(|badge| format!("{badge} ")).unwrap_or_default();
        (format!(" {} ", at + 1), title, badge)
    };
    let mut all: Vec<(Tab, Says)> = App::tabs().iter().map(|&tab| (tab, Says::All)).collect();
    let fits = |all: &[(Tab, Says)]| {
        let texts = all.iter().enumerate().map(|(at, &(tab, says))| {
            let (number, title, badge) = parts(at, tab, says);
            width::width(&number) + width::width(&title) + width::width(&badge) + gap.len()
        });
        texts.sum::<usize>() <= usize::from(areas.tabs.width)
    };
    for less in [Says::Title, Says::Number] {
        for at in (0..all.len()).rev() {
            let done = fits(&all);
            if let Some((_, says)) = all.get_mut(at).filter(|(tab, _)| !done && *tab != app.tab) {
                *says = less;
            }
        }
    }
    let mut runs = Vec::new();
    for (at, &(tab, says)) in all.iter().enumerate() {
        let (number, title, badge) = parts(at, tab, says);
        if tab == app.tab {
            runs.push(run(format!("{number}{title}{badge}"), theme.selected()));
        } else {
            runs.extend([run(number, theme.dim()), run(title, theme.text()), run(badge, theme.dim())]);
        }
        runs.push(run(gap, theme.text()));
    }
    text::left(buffer, areas.tabs, &runs);
}
