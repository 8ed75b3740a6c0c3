//! A table: columns that give way in their order of importance, heads, and rows that say more than their cells (selected,
//! marked, new, changed, stale).

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};

use crate::text::width::Align;
use crate::ui::text::{self, Run};
use crate::ui::theme::Theme;

/// Cells before the first column: `▌`, the mark, a blank.
pub const GUTTER: u16 = 3;
/// Cells between two columns.
const GAP: u16 = 2;

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its head.
    pub title: &'static str,
    /// Narrower than this it is left out.
    pub min: u16,
    /// What it likes to have.
    pub ideal: u16,
    /// Where its texts stand.
    pub align: Align,
    /// 0 is the most important: it is never left out and takes what no other column wants.
    pub priority: u8,
}

/// The widths of the columns in `total` cells, the gutter and one blank at the end among them: first each gets its least width, the least
/// important being left out while they do not fit; then each grows to what it likes, the most important first; the rest
/// goes to the most important.
pub fn widths(columns: &[Column], total: u16) -> Vec<Option<u16>> {
    let mut order: Vec<usize> = (0..columns.len()).collect();
    order.sort_by_key(|&at| columns.get(at).map_or(u8::MAX, |column| column.priority));
    let mut widths = vec![None; columns.len()];
    let total = total.saturating_sub(GUTTER + 1);
    let mut left = total;
    for (place, &at) in order.iter().enumerate() {
        let Some(column) = columns.get(at) else { continue };
        let gap = if place == 0 { 0 } else { GAP };
        let least = if place == 0 { column.min.min(total) } else { column.min };
        if gap + least > left {
            break;
        }
        left -= gap + least;
        if let Some(width) = widths.get_mut(at) {
            *width = Some(least);
        }
    }
    for &at in &order {
        if let (Some(Some(width)), Some(column)) = (widths.get_mut(at), columns.get(at)) {
            let more = column.ideal.saturating_sub(*width).min(left);
            *width += more;
            left -= more;
        }
    }
    if let Some(Some(width)) = order.first().and_then(|&at| widths.get_mut(at)) {
        *width += left;
    }
    widths
}

/// One row: its cells, and what it is beside them.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Row {
    /// One text for each column; a single one takes the whole width.
    pub cells: Vec<Run>,
    /// Under the cursor.
    pub selected: bool,
    /// What stands in the gutter.
    pub mark: Mark,
    /// As of some time ago: the last poll failed.
    pub stale: bool,
}

/// The sign before a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Mark {
    /// None.
    #[default]
    None,
    /// Marked by the person.
    Marked,
    /// Came a moment ago.
    New,
    /// Changed a moment ago.
    Changed,
    /// Cannot be read.
    Broken,
}

/// Draws the heads, dim, with an arrow at the sorted column: its position, and whether the largest comes first.
pub fn head(
    buffer: &mut Buffer,
    area: Rect,
    columns: &[Column],
    widths: &[Option<u16>],
    sorted: Option<(usize, bool)>,
    theme: Theme,
) {
    if area.height == 0 {
        return;
    }
    let cells: Vec<Run> = columns
        .iter()
        .enumerate()
        .map(|(at, column)| {
            let arrow = match sorted {
                Some((column, true)) if column == at => " ↓",
                Some((column, false)) if column == at => " ↑",
                _ => "",
            };
            text::run(format!("{}{arrow}", column.title), theme.dim())
        })
        .collect();
    draw_cells(buffer, area, columns, widths, &cells);
}

/// Draws one row.
pub fn row(buffer: &mut Buffer, area: Rect, columns: &[Column], widths: &[Option<u16>], row: &Row, theme: Theme) {
    if area.width == 0 || area.height == 0 {
        return;
    }
    draw_cells(buffer, area, columns, widths, &row.cells);
    gutter(buffer, area, row.selected, row.mark, row.stale, theme);
}

/// The gutter, and the style across a row whose cells stand already: for rows that are no table's.
pub fn gutter(buffer: &mut Buffer, area: Rect, selected: bool, mark: Mark, stale: bool, theme: Theme) {
    let (glyph, style) = match mark {
        Mark::None => (" ", theme.text()),
        Mark::Marked => ("◆", theme.warn()),
        Mark::New => ("+", theme.good()),
        Mark::Changed => ("~", theme.warn()),
        Mark::Broken => ("✕", theme.bad()),
    };
    let bar = if selected { "▌" } else { " " };
    let line = Rect { height: 1, ..area };
    text::left(
        buffer,
        Rect { width: area.width.min(2), ..line },
        &[text::run(bar, theme.text()), text::run(glyph, style)],
    );
    if stale {
        buffer.set_style(line, theme.dim());
    }
    if selected {
        // Reversed colours of single cells would make a patchwork of the row.
        buffer.set_style(line, theme.selected().fg(Color::Reset).remove_modifier(Modifier::DIM));
    }
}

fn draw_cells(buffer: &mut Buffer, area: Rect, columns: &[Column], widths: &[Option<u16>], cells: &[Run]) {
    let mut x = area.x.saturating_add(GUTTER);
    if let ([cell], [_, _, ..]) = (cells, columns) {
        let place = Rect { x, width: area.right().saturating_sub(x).saturating_sub(1), height: 1, ..area };
        text::left(buffer, place, std::slice::from_ref(cell));
        return;
    }
    for ((column, width), cell) in columns.iter().zip(widths).zip(cells) {
        let Some(width) = *width else { continue };
        let room = width.min(area.right().saturating_sub(x));
        if room == 0 {
            break;
        }
        let place = Rect { x, width: room, height: 1, ..area };
        match column.align {
            Align::Right => text::right(buffer, place, std::slice::from_ref(cell)),
            Align::Left | Align::Center => text::left(buffer, place, std::slice::from_ref(cell)),
        };
        x = x.saturating_add(width).saturating_add(GAP);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 3] = [
        Column { title: "NAME", min: 10, ideal: 20, align: Align::Left, priority: 0 },
        Column { title: "SIZE", min: 8, ideal: 8, align: Align::Right, priority: 2 },
        Column { title: "TYPE", min: 6, ideal: 12, align: Align::Left, priority: 1 },
    ];

    #[test]
    fn columns_give_way_by_priority_and_leave_no_space_empty() {
        for (total, expected) in [
            (4, [Some(4), None, None]),
            (17, [Some(17), None, None]),
            (18, [Some(10), None, Some(6)]),
            (27, [Some(19), None, Some(6)]),
            (28, [Some(10), Some(8), Some(6)]),
            (44, [Some(20), Some(8), Some(12)]),
            (60, [Some(36), Some(8), Some(12)]),
        ] {
            assert_eq!(widths(&COLUMNS, total + GUTTER + 1), expected, "{total}");
        }
    }

    #[test]
    fn a_selected_row_is_seen_without_colour_and_reversed_from_edge_to_edge() {
        let theme = Theme::new(false);
        let area = Rect { x: 0, y: 0, width: 40, height: 1 };
        let mut buffer = Buffer::empty(area);
        let cells = ["a", "1 B", "text"].map(|cell| text::run(cell, theme.dim())).into();
        let look = Row { cells, selected: true, mark: Mark::New, stale: true };
        row(&mut buffer, area, &COLUMNS, &widths(&COLUMNS, 40), &look, theme);
        let drawn: String = buffer.content().iter().map(ratatui::buffer::Cell::symbol).collect();
        assert_eq!(drawn, "▌+ a                        1 B  text     ".chars().take(40).collect::<String>());
        assert!(buffer.content().iter().all(|cell| cell.modifier.contains(Modifier::REVERSED)));
    }
}
