//! What stands where rows will be during the first load, so that nothing jumps when they come.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::table::GUTTER;
use crate::ui::text;
use crate::ui::theme::Theme;

/// Dim bars in place of the first rows, uneven as names are.
pub fn draw(buffer: &mut Buffer, area: Rect, theme: Theme) {
    let inner = Rect { x: area.x + GUTTER.min(area.width), width: area.width.saturating_sub(GUTTER), ..area };
    for line in 0..inner.height.min(6) {
        let long = usize::from((9 + line * 7 % 11).min(inner.width));
        text::left(buffer, Rect { y: inner.y + line, height: 1, ..inner }, &[text::run("░".repeat(long), theme.dim())]);
    }
}
