//! The only maker of spans: every text that is drawn passes the sanitizer here.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::text::clean;
use crate::text::width::{self, Align};

/// One run of text in one style.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    text: String,
    style: Style,
}

/// Text in a style; whatever it holds is made safe.
pub fn run(text: impl AsRef<str>, style: Style) -> Run {
    Run { text: clean::line(text.as_ref()).into_owned(), style }
}

impl Run {
    /// Its width in cells.
    pub fn width(&self) -> usize {
        width::width(&self.text)
    }
}

/// The width of several runs in cells.
pub fn width_of(runs: &[Run]) -> usize {
    runs.iter().map(Run::width).sum()
}

/// Draws runs from the left edge of a one-row area, cut with `…` where it ends; how many cells were drawn.
pub fn left(buffer: &mut Buffer, area: Rect, runs: &[Run]) -> u16 {
    let mut x = area.x;
    let end = area.right();
    for (index, run) in runs.iter().enumerate() {
        let room = usize::from(end.saturating_sub(x));
        if room == 0 {
            break;
        }
        let rest: usize = width_of(runs.get(index + 1..).unwrap_or_default());
        let text = if run.width() > room || (run.width() == room && rest > 0) {
            width::cut(&format!("{}…", run.text), room).into_owned()
        } else {
            run.text.clone()
        };
        x = put(buffer, (x, area.y), &text, room, run.style);
    }
    x - area.x
}

/// Draws runs against the right edge of a one-row area; where it begins.
pub fn right(buffer: &mut Buffer, area: Rect, runs: &[Run]) -> u16 {
    let wide = (width_of(runs) as u16).min(area.width);
    let x = area.right() - wide;
    left(buffer, Rect { x, width: wide, ..area }, runs);
    x
}

/// Draws one text into exactly `area.width` cells, aligned and cut.
pub fn cell(buffer: &mut Buffer, area: Rect, text: &str, align: Align, style: Style) {
    if area.width == 0 || area.height == 0 {
        return;
    }
    let clean = clean::line(text);
    let padded = width::pad(&clean, usize::from(area.width), align);
    put(buffer, (area.x, area.y), &padded, usize::from(area.width), style);
}

/// Writes clean text of at most `room` cells; the column behind it.
fn put(buffer: &mut Buffer, (mut x, y): (u16, u16), text: &str, room: usize, style: Style) -> u16 {
    if !text.chars().all(width::is_simple) {
        return buffer.set_stringn(x, y, text, room, style).0;
    }
    for c in text.chars().take(room) {
        let Some(cell) = buffer.cell_mut((x, y)) else { break };
        cell.set_char(c).set_style(style);
        x += 1;
    }
    x
}
