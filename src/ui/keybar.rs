//! The last line: the keys that work here, from the table and the gate.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::text::{self, run};
use super::theme::Theme;
use crate::app::op::Op;
use crate::app::op::gate::{Gate, gate, hint};
use crate::app::{App, global};

/// Draws the key bar: what matters most stays when the width is short.
pub fn draw(buffer: &mut Buffer, area: Rect, app: &App, theme: Theme) {
    let scopes = app.scopes();
    let mut hints: Vec<(u8, String, &'static str, bool)> = Op::all()
        .filter(|op| scopes.contains(&op.spec().scope))
        .filter_map(|op| {
            let spec = op.spec();
            let place = spec.bar.filter(|_| op != Op::Global(global::Op::Back) || app.is_inside())?;
            let lit = match gate(op, app) {
                Gate::Run => true,
                Gate::Dimmed(_) => false,
                Gate::Absent => return None,
            };
            Some((place, app.keymap.keys(op).next()?.to_string(), hint(op, app), lit))
        })
        .collect();
    hints.sort_by_key(|(place, ..)| *place);
    // Help and quit have the lowest places, so that they are never left out, and stand at the end.
    let cells = |key: &str, hint: &str| key.chars().count() + hint.chars().count() + 3;
    let mut room = usize::from(area.width).saturating_sub(1);
    hints.retain(|(_, key, hint, _)| {
        let need = cells(key, hint);
        let fits = need <= room;
        if fits {
            room -= need;
        }
        fits
    });
    let (last, first): (Vec<_>, Vec<_>) = hints.into_iter().partition(|(place, ..)| *place < 10);
    let mut runs = vec![run(" ", theme.text())];
    for (_, key, hint, lit) in first.into_iter().chain(last) {
        runs.push(run(key, if lit { theme.accent() } else { theme.dim() }));
        runs.push(run(format!(" {hint}  "), theme.dim()));
    }
    text::left(buffer, area, &runs);
}
