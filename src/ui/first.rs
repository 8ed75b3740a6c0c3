//! The first screen, where nothing is connected: the ways in.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::text::{self, Run, run};
use super::theme::Theme;
use super::widget::modal::row;
use crate::app::op::Op;
use crate::app::op::keymap::Keymap;
use crate::app::{modal, projects};
use crate::text::clean;
use crate::text::width::wrap;

/// The ways in: a name, what to type, and where the credential comes from.
const WAYS: [(&str, &str, &str); 2] = [
    ("control plane", "basedeck --url URL --ref REF", "the token from BASEDECK_TOKEN, --token-file or --token-stdin"),
    (
        "project gateway",
        "basedeck --project-url URL",
        "the service key from BASEDECK_SERVICE_KEY, SUPABASE_SERVICE_ROLE_KEY or --service-key-file",
    ),
];
/// The column of names.
const NAMES: u16 = 17;
/// Below this width what to type stands below its name.
const NARROW: u16 = 60;

/// Draws the ways in; `demo` says whether this program has the demo in it, `local` names files that may name a project.
pub fn draw(buffer: &mut Buffer, area: Rect, demo: bool, local: Option<&str>, keymap: &Keymap, theme: Theme) {
    let narrow = area.width < NARROW;
    let left = if narrow { 3 } else { 1 + NAMES };
    let room = usize::from(area.width.saturating_sub(left + 1)).max(1);
    let airy = area.height >= 16;
    let mut lines: Vec<(Option<Run>, Option<Run>)> = Vec::new();
    let blank = |lines: &mut Vec<_>| {
        if airy {
            lines.push((None, None));
        }
    };
    blank(&mut lines);
    lines.push((Some(run("Nothing is connected. The ways in:", theme.strong())), None));
    blank(&mut lines);
    let mut way = |name: &str, first: Run, said: &str| {
        let name = run(name, theme.strong());
        if narrow {
            lines.push((Some(name), None));
            lines.push((None, Some(first)));
        } else {
            lines.push((Some(name), Some(first)));
        }
        if !narrow || airy {
            lines.extend(wrap(said, room).into_iter().map(|line| (None, Some(run(line, theme.dim())))));
        }
        if airy {
            lines.push((None, None));
        }
    };
    if let Some(files) = local {
        let said = format!("reads {}, and opens the project named there", clean::line(files));
        way("project here", run(keymap.key(Op::Modal(modal::Op::FirstLocal)), theme.accent()), &said);
    }
    if demo {
        way(
            "demo",
            run(keymap.key(Op::Modal(modal::Op::FirstDemo)), theme.accent()),
            "starts a server of its own on this machine and opens it",
        );
    }
    for (name, command, said) in WAYS {
        way(name, run(command, theme.text()), said);
    }
    way(
        "projects",
        run(keymap.key(Op::Projects(projects::Op::First)), theme.accent()),
        "the profiles of config.toml: basedeck --help says where it is",
    );
    let names = if narrow { area.width } else { NAMES };
    for (at, (name, text)) in lines.iter().take(usize::from(area.height)).enumerate() {
        if let Some(name) = name {
            let whole = text.is_none();
            let cells = row(area, at as u16, 1, 1);
            let width = if whole { cells.width } else { names.min(cells.width) };
            text::left(buffer, Rect { width, ..cells }, std::slice::from_ref(name));
        }
        if let Some(line) = text {
            text::left(buffer, row(area, at as u16, left, 1), std::slice::from_ref(line));
        }
    }
}
