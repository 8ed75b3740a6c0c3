//! What stands where there are no rows: that there are none, and what to press.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::api::error::{ApiError, Kind};
use crate::text::{clean, human, width};
use crate::ui::Scene;
use crate::ui::text;
use crate::ui::theme::Theme;

/// What stands where nothing could be read: what, why, and what to press. `scene` says when it is tried again.
pub fn failed(what: &str, error: &ApiError, scene: Scene) -> Vec<String> {
    let mut lines = vec![format!("The {what} could not be read.")];
    if scene.asking {
        return lines;
    }
    let raw = if error.answered() { ", {global.raw} shows the raw answer" } else { "" };
    let refused = error.door.filter(|_| error.kind == Kind::NotSignedIn);
    let remedy = refused.map(|door| format!(", {{session.credential}} {}", scene.session.remedy(door)));
    let keys = format!("{{global.refresh}} tries again{}{raw}.", remedy.unwrap_or_default());
    lines.extend([error.sentence(), scene.keymap.say(&keys)]);
    if let Some(next) = scene.next {
        lines.push(format!("Next try at {}.", human::clock(next)));
    }
    lines
}

/// Sentences in the middle of an area, the first plain, the others dim; wrapped where they do not fit. Where there is no
/// room for all of three, the second one, the reason, is cut: what to press stays.
pub fn draw<S: AsRef<str>>(buffer: &mut Buffer, area: Rect, sentences: &[S], theme: Theme) {
    let cells = usize::from(area.width.saturating_sub(4));
    let mut wrapped: Vec<Vec<String>> =
        sentences.iter().map(|sentence| width::wrap(&clean::line(sentence.as_ref()), cells)).collect();
    let height = usize::from(area.height);
    let over = wrapped.iter().take(3).map(Vec::len).sum::<usize>().saturating_sub(height);
    if let [_, why, _, ..] = wrapped.as_mut_slice()
        && over > 0
    {
        let most = why.len().saturating_sub(over).max(1);
        width::shorten(why, cells, most);
    }
    let lines: Vec<(String, usize)> =
        (0..).zip(wrapped).flat_map(|(at, lines)| lines.into_iter().map(move |line| (line, at))).take(height).collect();
    let top = area.y + (area.height - lines.len() as u16) / 3;
    for (y, (line, at)) in (top..).zip(lines) {
        let style = if at == 0 { theme.text() } else { theme.dim() };
        let wide = (width::width(&line) as u16).min(area.width);
        let x = area.x + (area.width - wide) / 2;
        text::left(buffer, Rect { x, y, width: wide, height: 1 }, &[text::run(line, style)]);
    }
}
