//! A line that is typed into: underlined, its cursor a reversed cell, scrolled so that the cursor is in sight.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use unicode_segmentation::UnicodeSegmentation;

use crate::text::clean;
use crate::text::width::{self, Align};
use crate::ui::text::{self, run};

/// Draws a text into a row; `cursor` is its place in characters where the line has the keys.
pub fn input(buffer: &mut Buffer, area: Rect, content: &str, cursor: Option<usize>, style: Style) {
    if area.width == 0 || area.height == 0 {
        return;
    }
    let style = style.add_modifier(Modifier::UNDERLINED);
    text::cell(buffer, area, "", Align::Left, style);
    let Some(cursor) = cursor else {
        text::left(buffer, area, &[run(content, style)]);
        return;
    };
    let at = content.char_indices().nth(cursor).map_or(content.len(), |(at, _)| at);
    let (before, rest) = content.split_at(at);
    let under = rest.graphemes(true).next().unwrap_or(" ");
    let after = rest.get(under.len()..).unwrap_or_default();
    let (before, under) = (clean::line(before), clean::line(under));
    // The cell under the cursor, and one beside it where more follows.
    let needed = width::width(&under) + usize::from(!after.is_empty());
    let room = usize::from(area.width).saturating_sub(needed);
    let before = end_of(&before, room);
    let cursor = style.add_modifier(Modifier::REVERSED);
    text::left(buffer, area, &[run(before, style), run(under, cursor), run(after, style)]);
}

/// The end of a text that fits, `…` in front where it was cut.
fn end_of(text: &str, cells: usize) -> String {
    if width::width(text) <= cells {
        return text.to_owned();
    }
    let Some(mut left) = cells.checked_sub(1) else { return String::new() };
    let mut start = text.len();
    for (at, grapheme) in text.grapheme_indices(true).rev() {
        let wide = width::width(grapheme);
        if wide > left {
            break;
        }
        left -= wide;
        start = at;
    }
    format!("…{}", text.get(start..).unwrap_or_default())
}
