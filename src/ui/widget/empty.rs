//! What stands where there are no rows: that there are none, and what to press.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::text::{clean, width};
use crate::ui::text;
use crate::ui::theme::Theme;

/// Sentences in the middle of an area, the first plain, the others dim; wrapped where they do not fit.
pub fn draw<S: AsRef<str>>(buffer: &mut Buffer, area: Rect, sentences: &[S], theme: Theme) {
    let cells = usize::from(area.width.saturating_sub(4));
    let lines: Vec<(String, usize)> = sentences
        .iter()
        .enumerate()
        .flat_map(|(at, sentence)| {
            width::wrap(&clean::line(sentence.as_ref()), cells).into_iter().map(move |line| (line, at))
        })
        .take(usize::from(area.height))
        .collect();
    let top = area.y + (area.height - lines.len() as u16) / 3;
    for (y, (line, at)) in (top..).zip(lines) {
        let style = if at == 0 { theme.text() } else { theme.dim() };
        let wide = (width::width(&line) as u16).min(area.width);
        let x = area.x + (area.width - wide) / 2;
        text::left(buffer, Rect { x, y, width: wide, height: 1 }, &[text::run(line, style)]);
    }
}
