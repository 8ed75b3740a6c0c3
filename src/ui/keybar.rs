//! The last line: the keys that work here, from the table and the gate.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::text::{self, run};
use super::theme::Theme;
use crate::app::App;
use crate::app::spots::GAP;

/// Draws the key bar.
pub fn draw(buffer: &mut Buffer, area: Rect, app: &App, theme: Theme) {
    let mut runs = vec![run(" ", theme.text())];
    for (at, hint) in app.key_line(area).into_iter().enumerate() {
        let gap = if at > 0 { " ".repeat(usize::from(GAP)) } else { String::new() };
        runs.push(run(gap, theme.dim()));
        runs.push(run(hint.keys, if hint.lit { theme.accent() } else { theme.dim() }));
        runs.push(run(format!(" {}", hint.words), theme.dim()));
    }
    text::left(buffer, area, &runs);
}
