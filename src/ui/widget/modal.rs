//! What stands over the screen: the screen dims, and one thin frame bears a title above and, where there is room, keys
//! below.

use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};
use ratatui::style::{Modifier, Style};

use crate::app::finder;
use crate::app::geometry;
use crate::app::op::Op;
use crate::app::op::keymap::Keymap;
use crate::text::{clean, width};
use crate::ui::text::{self, Run, run};
use crate::ui::theme::Theme;

/// Rows above the body: header and tabs, which stay as they are.
const ABOVE: u16 = 2;
/// With fewer cells keys stand closer together.
const NARROW: u16 = 40;

/// Dims what is drawn so far below header and tabs.
pub fn dim(buffer: &mut Buffer, area: Rect, theme: Theme) {
    let y = area.y + ABOVE.min(area.height);
    let body = Rect { y, height: area.bottom() - y, ..area };
    buffer.set_style(body, theme.dim().remove_modifier(Modifier::BOLD));
}

/// A frame as it was drawn.
#[derive(Clone, Copy, Debug)]
pub struct Framed {
    /// All of it; empty where there was no room.
    pub whole: Rect,
    /// The area inside its sides.
    pub inside: Rect,
    /// What its lower line has free, behind the keys.
    pub free: Rect,
}

/// Draws an empty frame of a size in the middle of the body, over header and tabs only where it needs them.
pub fn frame(buffer: &mut Buffer, area: Rect, size: Size, title: &[Run], keys: &[Run], theme: Theme) -> Framed {
    let frame = geometry::framed(area, size);
    let width = frame.width;
    if frame.is_empty() {
        return Framed { whole: frame, inside: frame, free: frame };
    }
    let line = theme.accent().remove_modifier(Modifier::BOLD);
    let inner = usize::from(width - 2);
    for y in frame.y..frame.bottom() {
        let (start, fill, end) = match y {
            _ if y == frame.y => ("╭", "─", "╮"),
            _ if y + 1 == frame.bottom() => ("╰", "─", "╯"),
            _ => ("│", " ", "│"),
        };
        let row = Rect { y, height: 1, ..frame };
        // What was below must not show through: its style goes too.
        buffer.set_style(row, Style::reset());
        // The inside keeps the terminal's own colours: a style stays in a cell until another one is set.
        let inside = if fill == " " { theme.text() } else { line };
        text::left(buffer, row, &[run(start, line), run(fill.repeat(inner), inside), run(end, line)]);
    }
    let on_line = |buffer: &mut Buffer, y: u16, runs: &[Run]| {
        let room = Rect { x: frame.x + 2, y, width: width.saturating_sub(4), height: 1 };
        if runs.is_empty() || room.width < 4 {
            return room.x;
        }
        let blank = || run(" ", line);
        let wide = (text::width_of(runs) as u16).min(room.width - 2);
        text::left(buffer, Rect { width: 1, ..room }, &[blank()]);
        let drawn = text::left(buffer, Rect { x: room.x + 1, width: wide, ..room }, runs);
        text::left(buffer, Rect { x: room.x + 1 + drawn, width: 1, ..room }, &[blank()]);
        room.x + 2 + drawn
    };
    on_line(buffer, frame.y, title);
    let y = frame.bottom() - 1;
    let x = on_line(buffer, y, keys);
    let free = Rect { x, y, width: (frame.right() - 1).saturating_sub(x), height: 1 };
    Framed { whole: frame, inside: geometry::inside(frame), free }
}

/// One row of an area, `left` and `right` cells from its sides.
pub fn row(area: Rect, at: u16, left: u16, right: u16) -> Rect {
    let left = left.min(area.width);
    let at = at.min(area.height);
    Rect {
        x: area.x + left,
        y: area.y + at,
        width: (area.width - left).saturating_sub(right),
        height: 1.min(area.height - at),
    }
}

/// What is said of the selected row, at the bottom: a short sentence keeps away from the last row, which it is not about.
pub fn foot(buffer: &mut Buffer, inside: Rect, screen: Size, said: &str, style: Style) {
    let cells = usize::from(inside.width.saturating_sub(2));
    let lines = width::at_most(&clean::line(said), cells, usize::from(finder::foot(screen)));
    for (y, line) in (inside.height.saturating_sub(lines.len() as u16)..).zip(lines) {
        text::left(buffer, row(inside, y, 1, 1), &[run(line, style)]);
    }
}

/// Keys with a word each, as in the key bar: those that fit whole into `cells`.
pub fn keys(keymap: &Keymap, hints: &[(Op, &str)], cells: u16, theme: Theme) -> Vec<Run> {
    let between = if cells < NARROW { "  " } else { "   " };
    let mut runs = Vec::new();
    for (op, word) in hints {
        let Some(key) = keymap.keys(*op).next() else { continue };
        let gap = if runs.is_empty() { "" } else { between };
        let hint = [run(gap, theme.dim()), run(key.to_string(), theme.accent()), run(format!(" {word}"), theme.dim())];
        if text::width_of(&runs) + text::width_of(&hint) <= usize::from(cells) {
            runs.extend(hint);
        }
    }
    runs
}

/// How many lines there are above and below those in view, for the frame's lower line; nothing where all are in view.
pub fn more(above: usize, below: usize, theme: Theme) -> Vec<Run> {
    let above = if above > 0 { format!("↑ {above} ") } else { String::new() };
    let below = if below > 0 { format!("↓ {below} ") } else { String::new() };
    let all = above + &below;
    if all.is_empty() { Vec::new() } else { vec![run(format!("{all}more"), theme.dim())] }
}

/// Cells for keys below a frame of a width.
pub fn room(width: u16) -> u16 {
    width.saturating_sub(6)
}
