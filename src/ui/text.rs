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
    /// How many cells it takes.
    cells: usize,
}

impl Run {
    /// Its width in cells.
    pub fn width(&self) -> usize {
        self.cells
    }
}

/// Text in a style; whatever it holds is made safe.
pub fn run(text: impl Into<String>, style: Style) -> Run {
    let mut text = text.into();
    let cells = width::simple(&text).unwrap_or_else(|| {
        text = clean::line(&text).into_owned();
        width::width(&text)
    });
    Run { text, style, cells }
}

/// The width of several runs in cells.
pub fn width_of(runs: &[Run]) -> usize {
    runs.iter().map(Run::width).sum()
}

/// Draws runs from the left edge of a one-row area, cut with `…` where it ends; how many cells were drawn.
pub fn left(buffer: &mut Buffer, area: Rect, runs: &[Run]) -> u16 {
    let mut x = area.x;
    let mut rest = width_of(runs);
    for run in runs {
        let room = usize::from(area.right().saturating_sub(x));
        if room == 0 {
            break;
        }
        rest -= run.cells;
        x = if run.cells > room || (run.cells == room && rest > 0) {
            put(buffer, (x, area.y), &width::cut(&format!("{}…", run.text), room), room, run.style)
        } else {
            put(buffer, (x, area.y), &run.text, room, run.style)
        };
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
fn put(buffer: &mut Buffer, (x, y): (u16, u16), text: &str, room: usize, style: Style) -> u16 {
    if width::simple(text).is_none() {
        return buffer.set_stringn(x, y, text, room, style).0;
    }
    let room = room.min(usize::from(buffer.area.right().saturating_sub(x)));
    let first = if buffer.area.contains((x, y).into()) { buffer.index_of(x, y) } else { usize::MAX };
    let cells = buffer.content.iter_mut().skip(first).take(room);
    let mut end = x;
    for (cell, c) in cells.zip(text.chars()) {
        cell.set_char(c).set_style(style);
        end += 1;
    }
    end
}
