//! How many cells a text takes, and texts made to fit. Counted grapheme by grapheme, as the screen's cells are: the sum
//! may exceed `unicode-width`'s figure for a whole text where letters of two graphemes could be drawn as one (Arabic).
//! For text that `text::clean` has passed.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

#[cfg(test)]
mod tests;

/// What stands where something was cut.
const ELLIPSIS: &str = "…";

/// Where a text stands in a wider field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Align {
    /// Blanks behind.
    #[default]
    Left,
    /// Blanks in front.
    Right,
    /// Blanks on both sides.
    Center,
}

/// Cells that the text takes.
pub fn width(text: &str) -> usize {
    simple(text).unwrap_or_else(|| text.graphemes(true).map(UnicodeWidthStr::width).sum())
}

/// Whether a character is harmless and takes one cell, whatever stands beside it: ASCII, and the lines, blocks and signs
/// of our own texts. The tables of graphemes and widths are most of a frame's time, and most texts need none.
pub fn is_simple(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{2500}'..='\u{25fc}' | '·' | '—' | '…' | '↑' | '↓' | '✓' | '✕' | '−')
}

/// The cells of a text of simple characters only: such a text is clean.
pub fn simple(text: &str) -> Option<usize> {
    // Most are of ASCII: looked at many bytes at a time, as nothing breaks off.
    if text.bytes().fold(true, |plain, byte| plain & matches!(byte, b' '..=b'~')) {
        return Some(text.len());
    }
    text.chars().try_fold(0, |cells, c| is_simple(c).then_some(cells + 1))
}

/// The text in at most `cells` cells; ends in `…` when it was cut.
pub fn cut(text: &str, cells: usize) -> Cow<'_, str> {
    if fits(text, cells) {
        return Cow::Borrowed(text);
    }
    let Some(room) = cells.checked_sub(1) else { return Cow::Borrowed("") };
    let head = match simple(text) {
        Some(_) => text.chars().take(room).map(char::len_utf8).sum(),
        None => take(text.graphemes(true), room),
    };
    Cow::Owned(text.get(..head).unwrap_or_default().to_owned() + ELLIPSIS)
}

/// The text in at most `cells` cells; `…` stands in its middle when it was cut.
pub fn cut_middle(text: &str, cells: usize) -> Cow<'_, str> {
    if fits(text, cells) {
        return Cow::Borrowed(text);
    }
    let Some(room) = cells.checked_sub(1) else { return Cow::Borrowed("") };
    let head = take(text.graphemes(true), room.div_ceil(2));
    let tail = take(text.graphemes(true).rev(), room / 2);
    let (head, tail) = (text.get(..head).unwrap_or_default(), text.get(text.len() - tail..).unwrap_or_default());
    Cow::Owned([head, ELLIPSIS, tail].concat())
}

/// The text in exactly `cells` cells, cut or filled with blanks.
pub fn pad(text: &str, cells: usize, align: Align) -> String {
    let text = cut(text, cells);
    let blanks = cells - width(&text);
    let front = match align {
        Align::Left => 0,
        Align::Right => blanks,
        Align::Center => blanks / 2,
    };
    [&" ".repeat(front), text.as_ref(), &" ".repeat(blanks - front)].concat()
}

/// The text as lines of at most `cells` cells: broken at blanks and line breaks, within a word only where it is too long.
/// Blanks where a line is broken are left out. No line for no cells.
pub fn wrap(text: &str, cells: usize) -> Vec<String> {
    if cells == 0 {
        return Vec::new();
    }
    let mut lines = Vec::new();
    for part in text.split('\n') {
        if simple(part).is_some_and(|wide| wide <= cells) {
            lines.push(part.trim_end_matches(' ').to_owned());
            continue;
        }
        let (mut line, mut used) = (String::new(), 0);
        for word in part.split_inclusive(' ') {
            let bare = word.trim_end_matches(' ');
            let wide = width(bare);
            if used > 0 && used + wide > cells {
                push(&mut lines, &mut line);
                used = 0;
            }
            for grapheme in word.graphemes(true) {
                let one = width(grapheme);
                let (grapheme, one) = if one > cells { (ELLIPSIS, 1) } else { (grapheme, one) };
                if used + one > cells {
                    if grapheme == " " {
                        break;
                    }
                    push(&mut lines, &mut line);
                    used = 0;
                }
                line.push_str(grapheme);
                used += one;
            }
        }
        push(&mut lines, &mut line);
    }
    lines
}

/// The text as [`wrap`] breaks it, in at most so many lines: the last one ends in `…` where there were more.
pub fn at_most(text: &str, cells: usize, most: usize) -> Vec<String> {
    let mut lines = wrap(text, cells);
    shorten(&mut lines, cells, most);
    lines
}

/// Leaves at most so many lines of at most `cells` cells: the last one ends in `…` where there were more.
pub fn shorten(lines: &mut Vec<String>, cells: usize, most: usize) {
    let more = lines.len() > most;
    lines.truncate(most);
    if let Some(last) = lines.last_mut().filter(|_| more) {
        *last = cut(&[last, ELLIPSIS].concat(), cells).into_owned();
    }
}

fn push(lines: &mut Vec<String>, line: &mut String) {
    line.truncate(line.trim_end_matches(' ').len());
    lines.push(std::mem::take(line));
}

/// Stops reading as soon as it is too wide.
fn fits(text: &str, cells: usize) -> bool {
    match simple(text) {
        Some(wide) => wide <= cells,
        None => take(text.graphemes(true), cells) == text.len(),
    }
}

/// Bytes of the graphemes that fit into `cells`.
fn take<'a>(graphemes: impl Iterator<Item = &'a str>, cells: usize) -> usize {
    let mut left = cells;
    let mut bytes = 0;
    for grapheme in graphemes {
        let Some(rest) = left.checked_sub(width(grapheme)) else { break };
        left = rest;
        bytes += grapheme.len();
    }
    bytes
}
