//! What stands over the screen: each modal in its order, the topmost last; questions and what is read are drawn here.

use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};
use ratatui::style::Modifier;

use super::text::{self, run};
use super::theme::Theme;
use super::widget::modal::{Framed, dim, frame, keys, more, row};
use super::{form, palette, picker, projects};
use crate::app::App;
use crate::app::modal::{Confirm, Laid, Look, Modal, Op, Viewer};
use crate::app::op;
use crate::app::op::keymap::Keymap;
use crate::text::width::Align;

#[cfg(test)]
mod tests;

/// Draws all modals in sight; `area` is the screen without the key bar. The topmost one's frame.
pub fn draw(buffer: &mut Buffer, area: Rect, app: &App, theme: Theme) -> Option<Framed> {
    let head = Rect { height: area.height.min(2), ..area };
    let mut below: Option<Framed> = None;
    for modal in app.modals.visible() {
        // Header and tabs stay bright below a modal, but not a frame that covers them.
        if below.is_some_and(|below| below.whole.intersects(head)) {
            buffer.set_style(head, theme.dim().remove_modifier(Modifier::BOLD));
        }
        below = Some(match modal {
            Modal::Form(modal) => form::draw(buffer, area, &modal.form, app.is_sent(modal.kind), &app.keymap, theme),
            Modal::Confirm(question) => confirm(buffer, area, question, &app.keymap, theme),
            Modal::Palette(commands) => palette::draw(buffer, area, commands, &app.keymap, theme),
            Modal::Projects(switcher) => projects::draw(buffer, area, switcher, app.shell.shown_now, theme),
            Modal::Viewer(read) => viewer(buffer, area, read, theme),
            Modal::Picker(files) => picker::draw(buffer, area, files, &app.keymap, theme),
        });
    }
    below
}

/// Draws a question.
pub fn confirm(buffer: &mut Buffer, area: Rect, confirm: &Confirm, keymap: &Keymap, theme: Theme) -> Framed {
    dim(buffer, area, theme);
    let Laid { size, lines, top, shown, side, blank } =
        confirm.laid(Size { width: area.width, height: area.height + 1 });
    let more = more(top, lines.len() - top - shown, theme);
    let framed = frame(buffer, area, size, &[run(&confirm.title, theme.strong())], &more, theme);
    let inside = framed.inside;
    for (at, line) in lines.iter().skip(top).take(shown).enumerate() {
        text::left(buffer, row(inside, blank + at as u16, side, side), &[run(line, theme.text())]);
    }
    let hints = [(op::Op::Modal(Op::Yes), confirm.yes), (op::Op::Modal(Op::No), confirm.no)];
    let below = row(inside, inside.height.saturating_sub(1), side, side);
    text::left(buffer, below, &keys(keymap, &hints, below.width, theme));
    framed
}

/// Draws something to read; its keys stand in the key bar.
pub fn viewer(buffer: &mut Buffer, area: Rect, viewer: &Viewer, theme: Theme) -> Framed {
    dim(buffer, area, theme);
    let screen = Size { width: area.width, height: area.height + 1 };
    let size = viewer.size(screen);
    let lines = viewer.lines(size.width);
    let height = usize::from(size.height.saturating_sub(2));
    let top = viewer.top(lines.len(), height);
    let title = [run(&viewer.title, theme.strong())];
    let more = more(top, lines.len().saturating_sub(top + height), theme);
    let framed = frame(buffer, area, size, &title, &more, theme);
    let inside = framed.inside;
    let left = viewer.left(size.width) as u16;
    for (at, line) in lines.iter().skip(top).take(height).enumerate() {
        let whole = row(inside, at as u16, 2, 2);
        let style = match line.look {
            Look::Heading => theme.strong(),
            Look::Plain => theme.text(),
            Look::Dimmed => theme.dim(),
        };
        if line.left.is_empty() {
            text::left(buffer, whole, &[run(&line.text, style)]);
            continue;
        }
        let first = if line.look == Look::Dimmed { theme.dim() } else { theme.accent() };
        let cells = if line.text.is_empty() { whole.width } else { left.min(whole.width) };
        text::cell(buffer, Rect { width: cells, ..whole }, &line.left, Align::Left, first);
        text::left(buffer, row(whole, 0, left + 2, 0), &[run(&line.text, style)]);
    }
    framed
}
