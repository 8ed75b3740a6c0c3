//! What stands where rows will be, and where there are none: a first load and an empty list look unlike each other.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::table::{self, Column, Look};
use crate::ui::text::{self, Run};
use crate::ui::theme::Theme;

/// Dim bars in place of the first rows, fewer towards the bottom, so that nothing jumps when the rows come.
pub fn skeleton(buffer: &mut Buffer, area: Rect, columns: &[Column], widths: &[Option<u16>], theme: Theme) {
    for line in 0..area.height.min(8) {
        let cells: Vec<Vec<Run>> = widths
            .iter()
            .enumerate()
            .map(|(at, width)| {
                // Uneven, as names are.
                let share = 4 + (usize::from(line) * 3 + at * 5) % 5;
                let bar = (usize::from(width.unwrap_or_default()) * share / 10).min(24);
                vec![text::run("░".repeat(bar), theme.dim())]
            })
            .collect();
        let row = Rect { y: area.y + line, height: 1, ..area };
        table::row(buffer, row, columns, widths, &cells, Look::default(), theme);
    }
}

/// Sentences in the middle of an area: an empty list that says what to press, a failure that says what to do.
pub fn sentences(buffer: &mut Buffer, area: Rect, lines: &[Vec<Run>]) {
    let lines: Vec<_> = lines.iter().take(usize::from(area.height)).collect();
    let top = area.y + (area.height - lines.len() as u16) / 3;
    for (line, runs) in (top..area.bottom()).zip(lines) {
        let wide = (text::width_of(runs) as u16).min(area.width);
        let x = area.x + (area.width - wide) / 2;
        text::left(buffer, Rect { x, y: line, width: wide, height: 1 }, runs);
    }
}
