//! What just happened: in a line of its own above the key bar, or over the last rows where one line does not hold it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::text::{self, run};
use super::theme::Theme;
use super::widget::modal::Framed;
use crate::app::App;
use crate::app::geometry::Areas;
use crate::app::project::Link;
use crate::app::shell::Tone;
use crate::text::clean;
use crate::text::width::{self, Align};

/// Lines that it takes at most.
const MOST: u16 = 3;

/// A notice and where it stands.
pub struct Told {
    tone: Tone,
    /// In one line.
    said: String,
    /// In those that have room.
    lines: Vec<String>,
    /// Its rows, where no frame stands over them.
    area: Rect,
    /// The row where it stands in one line.
    line: Rect,
}

/// The notice where there is one: whole if it can be, and never over the selected row.
pub fn told(app: &App, areas: Areas) -> Option<Told> {
    let (notice, _) = app.notice.as_ref().filter(|_| app.link != Link::None)?;
    let sign = if notice.tone == Tone::Bad { "✕ " } else { "" };
    let said = format!("{sign}{}", clean::line(&notice.text));
    let cells = usize::from(areas.notice.width.saturating_sub(2));
    let mut lines = width::at_most(&said, cells, usize::from(MOST));
    let wanted = lines.len() as u16;
    let mut area = areas.notice;
    if wanted > 1 || areas.compact {
        let rest = app.rest_of(areas.body);
        // What a failing poll tells below the rows stays in sight.
        let end = if rest == areas.body { areas.notice.bottom() } else { rest.bottom() };
        // Below the list's rule.
        let start = (rest.y + 1).min(end);
        let (from, to) = match app.selected_row(areas.body) {
            Some(row) if row + wanted >= end && row - start > end - row - 1 => (start, row),
            Some(row) if row + wanted >= end => (row + 1, end),
            _ => (start, end),
        };
        let height = wanted.min(to - from).max(1);
        area = Rect { y: to - height, height, ..area };
    }
    width::shorten(&mut lines, cells, usize::from(area.height));
    Some(Told { tone: notice.tone, said, lines, area, line: areas.notice })
}

/// What a notice leaves of the body where that has no rows, but says why and what to press.
pub fn beside(app: &App, body: Rect, told: Option<&Told>) -> Rect {
    let free = app.has_current(None) || app.failing(body).is_some();
    let covered = told.filter(|_| !free).map_or(0, |told| body.intersection(told.area).height);
    Rect { height: body.height - covered, ..body }
}

/// Draws it; on the lower line of a modal's frame where that stands in its place.
pub fn draw(buffer: &mut Buffer, told: &Told, framed: Option<Framed>, theme: Theme) {
    let style = match told.tone {
        Tone::Good => theme.good(),
        Tone::Info => theme.text(),
        Tone::Bad => theme.bad(),
    };
    let over = |area: Rect| framed.filter(|framed| framed.whole.intersects(area));
    let said = run(format!(" {}", told.said), style);
    if let Some(framed) = over(told.line) {
        let cells = (said.width() as u16 + 1).min(framed.free.width);
        line(buffer, Rect { width: cells, ..framed.free }, &said);
    } else if over(told.area).is_some() {
        line(buffer, told.line, &said);
    } else {
        for (row, part) in told.area.rows().zip(&told.lines) {
            line(buffer, row, &run(format!(" {part}"), style));
        }
    }
}

fn line(buffer: &mut Buffer, area: Rect, said: &text::Run) {
    text::cell(buffer, area, "", Align::Left, Style::reset());
    text::left(buffer, area, std::slice::from_ref(said));
}
