//! The thin line that opens a part of the screen and bears its title; no boxes.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::ui::text::{self, Run};
use crate::ui::theme::Theme;

/// `─ Users  ↓ created ────────── 1,204 of 12,345 loaded ─`: the title at the left, the coverage at the right. Where both
/// do not fit, the left gives way, for the coverage is what keeps a list honest.
pub fn rule(buffer: &mut Buffer, area: Rect, left: &[Run], right: &[Run], theme: Theme) {
    if area.width < 4 || area.height == 0 {
        return;
    }
    let line = "─".repeat(usize::from(area.width));
    text::left(buffer, Rect { height: 1, ..area }, &[text::run(line, theme.dim())]);
    let inner = Rect { x: area.x + 2, width: area.width - 4, height: 1, ..area };
    let blank = || text::run(" ", theme.dim());
    let mut end = inner.right();
    if !right.is_empty() {
        let wide = (text::width_of(right) as u16).min(inner.width);
        end = inner.right() - wide;
        text::left(buffer, Rect { x: end, width: wide, ..inner }, right);
        text::left(buffer, Rect { x: inner.right(), width: 1, ..inner }, &[blank()]);
        text::left(buffer, Rect { x: end - 1, width: 1, ..inner }, &[blank()]);
        end = end.saturating_sub(2);
    }
    // A title in less than three cells says nothing.
    let room = end.saturating_sub(inner.x);
    if !left.is_empty() && room > 3 {
        text::left(buffer, Rect { x: area.x + 1, width: 1, ..inner }, &[blank()]);
        let drawn = text::left(buffer, Rect { width: room - 1, ..inner }, left);
        text::left(buffer, Rect { x: inner.x + drawn, width: 1, ..inner }, &[blank()]);
    }
}

/// The heading of a section within a detail: `── identities ─────`.
pub fn section(buffer: &mut Buffer, area: Rect, title: &str, theme: Theme) {
    let head = format!("── {title} ");
    let rest = usize::from(area.width).saturating_sub(crate::text::width::width(&head));
    text::left(buffer, area, &[text::run(format!("{head}{}", "─".repeat(rest)), theme.dim())]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(width: u16, left: &str, right: &str) -> String {
        let theme = Theme::default();
        let area = Rect { x: 0, y: 0, width, height: 1 };
        let mut buffer = Buffer::empty(area);
        let runs = |text: &str| if text.is_empty() { vec![] } else { vec![text::run(text, theme.text())] };
        rule(&mut buffer, area, &runs(left), &runs(right), theme);
        buffer.content().iter().map(ratatui::buffer::Cell::symbol).collect()
    }

    #[test]
    fn the_title_gives_way_to_the_coverage() {
        assert_eq!(drawn(30, "Users", "4 of 9"), "─ Users ───────────── 4 of 9 ─");
        assert_eq!(drawn(19, "a long title", "4 of 9"), "─ a lon… ─ 4 of 9 ─");
        assert_eq!(drawn(12, "Users", "4 of 9"), "─── 4 of 9 ─");
        assert_eq!(drawn(10, "Users", ""), "─ Users ──");
    }
}
