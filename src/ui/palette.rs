//! The command palette.

use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};

use super::text::{self, run};
use super::theme::Theme;
use super::widget::input::input;
use super::widget::modal::{Framed, dim, foot, frame, more, row};
use crate::app::finder::Finder;
use crate::app::modal::{Item, Palette};
use crate::app::op::keymap::Keymap;
use crate::text::width;

/// Cells of the titles.
const TITLES: usize = 26;

/// From this width on the names of the table have room.
const WIDE: u16 = 60;

/// Draws the palette; its keys stand in the key bar.
pub fn draw(buffer: &mut Buffer, area: Rect, palette: &Palette, keymap: &Keymap, theme: Theme) -> Framed {
    dim(buffer, area, theme);
    let screen = Size { width: area.width, height: area.height + 1 };
    let title = [run("Commands", theme.strong())];
    let rows = palette.rows(screen);
    let Finder { input: typed, .. } = &palette.finder;
    let (list, count) = (palette.finder.list(), palette.finder.matches().len());
    let window = list.window(count, rows);
    let more = more(window.start, count - window.end, theme);
    let framed = frame(buffer, area, palette.size(screen), &title, &more, theme);
    let inside = framed.inside;
    let line = row(inside, 0, 1, 1);
    text::left(buffer, line, &[run(":", theme.accent())]);
    input(buffer, row(inside, 0, 3, 1), typed.value(), Some(typed.cursor()), theme.strong());
    for (at, item) in palette.shown().enumerate().skip(window.start).take(window.len()) {
        draw_item(buffer, row(inside, 1 + (at - window.start) as u16, 0, 0), item, at == list.at(), theme);
    }
    if count == 0 {
        text::left(buffer, row(inside, 1, 3, 1), &[run("No command has these letters.", theme.dim())]);
    }
    if let Some(item) = palette.selected() {
        let (said, style) = match item.dimmed {
            Some(reason) => (reason.sentence(), theme.warn()),
            None => (item.op.spec().help, theme.dim()),
        };
        foot(buffer, inside, screen, &keymap.say(said), style);
    }
    framed
}

fn draw_item(buffer: &mut Buffer, area: Rect, item: &Item, selected: bool, theme: Theme) {
    let lit = item.dimmed.is_none();
    let (mark, style) = if selected { ("▌", theme.selected()) } else { (" ", theme.text()) };
    let style = if lit { style } else { style.patch(theme.dim()) };
    text::cell(buffer, area, mark, width::Align::Left, style);
    let name = if selected { style } else { theme.dim() };
    let wide = area.width >= WIDE;
    let titled = if wide { width::pad(item.title, TITLES, width::Align::Left) } else { item.title.to_owned() };
    let named = match item.dimmed {
        Some(reason) if wide => reason.words().to_owned(),
        Some(reason) => format!("  {}", reason.words()),
        None if wide => item.name.to_owned(),
        None => String::new(),
    };
    let inner = row(area, 0, 3, 1);
    let keys = (width::width(&item.keys) as u16 + 2).min(inner.width);
    text::left(buffer, Rect { width: inner.width - keys, ..inner }, &[run(titled, style), run(named, name)]);
    text::right(buffer, inner, &[run(&item.keys, if selected { style } else { theme.accent() })]);
}
