//! The last line: the keys that work here, from the table and the gate.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::text::{self, run};
use super::theme::Theme;
use crate::app::op::Op;
use crate::app::op::gate::{Gate, gate, hint};
use crate::app::{App, global};

/// A key or several with the same words.
struct Hint {
    place: u8,
    keys: String,
    words: &'static str,
    lit: bool,
}

impl Hint {
    /// Its cells, with the gap behind it.
    fn cells(&self) -> usize {
        self.keys.chars().count() + self.words.chars().count() + 1 + GAP
    }
}

/// Cells between two hints.
const GAP: usize = 2;

/// Draws the key bar: what matters most stays when the width is short.
pub fn draw(buffer: &mut Buffer, area: Rect, app: &App, theme: Theme) {
    let mut hints = hints(app);
    // Behind the last one no gap is needed.
    let mut room = (usize::from(area.width) + GAP).saturating_sub(1);
    hints.retain(|hint| {
        let fits = hint.cells() <= room;
        if fits {
            room -= hint.cells();
        }
        fits
    });
    // Help and quit have the lowest places, so that they are never left out, and stand at the end.
    let (last, first): (Vec<_>, Vec<_>) = hints.into_iter().partition(|hint| hint.place < 10);
    let mut runs = vec![run(" ", theme.text())];
    for (at, hint) in first.into_iter().chain(last).enumerate() {
        let gap = if at > 0 { " ".repeat(GAP) } else { String::new() };
        runs.push(run(gap, theme.dim()));
        runs.push(run(hint.keys, if hint.lit { theme.accent() } else { theme.dim() }));
        runs.push(run(format!(" {}", hint.words), theme.dim()));
    }
    text::left(buffer, area, &runs);
}

fn hints(app: &App) -> Vec<Hint> {
    let scopes = app.scopes();
    let full = app.is_detail_full();
    let mut all: Vec<Hint> = Op::all()
        .filter(|op| scopes.contains(&op.spec().scope))
        .filter_map(|op| {
            let spec = op.spec();
            let inside = op != Op::Global(global::Op::Back) || app.is_inside();
            let (place, words) = if full { spec.detail? } else { (spec.bar.filter(|_| inside)?, hint(op, app)) };
            let lit = match gate(op, app) {
                Gate::Run => true,
                Gate::Dimmed(_) => false,
                Gate::Absent => return None,
            };
            Some(Hint { place, keys: app.keymap.keys(op).next()?.to_string(), words, lit })
        })
        .collect();
    all.sort_by_key(|hint| hint.place);
    all.dedup_by(|next, hint| {
        let same = full && next.place == hint.place;
        if same {
            hint.keys.push('/');
            hint.keys.push_str(&next.keys);
        }
        same
    });
    all
}
