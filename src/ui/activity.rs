//! The Activity tab: what this program did, the newest first, and everything about the selected entry.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Scene;
use super::text::{Run, run};
use super::widget::table::{self, Column, Mark, Row};
use super::widget::title::{self, Title};
use super::widget::{detail, empty};
use crate::app::activity::{Entry, State};
use crate::app::geometry::{self, Split};
use crate::text::human;
use crate::text::width::Align;

/// The columns: the one with the highest number gives way first.
const COLUMNS: [Column; 7] = [
    Column { title: "TIME", min: 8, ideal: 8, align: Align::Left, priority: 2 },
    Column { title: "OPERATION", min: 14, ideal: 16, align: Align::Left, priority: 0 },
    Column { title: "TARGET", min: 12, ideal: 28, align: Align::Left, priority: 3 },
    Column { title: "DOOR", min: 13, ideal: 13, align: Align::Left, priority: 5 },
    Column { title: "RESULT", min: 15, ideal: 20, align: Align::Left, priority: 1 },
    Column { title: "TOOK", min: 7, ideal: 7, align: Align::Right, priority: 4 },
    Column { title: "REQUEST ID", min: 10, ideal: 14, align: Align::Left, priority: 6 },
];

/// The project's, where there is more than one.
const PROJECT: Column = Column { title: "PROJECT", min: 10, ideal: 16, align: Align::Left, priority: 3 };

/// The columns, with the projects where more than one was opened.
fn columns(several: bool) -> Vec<Column> {
    let mut columns = COLUMNS.to_vec();
    if several {
        for column in columns.iter_mut().filter(|column| column.priority >= PROJECT.priority) {
            column.priority += 1;
        }
        columns.insert(1, PROJECT);
    }
    columns
}

/// Draws the tab.
pub fn draw(buffer: &mut Buffer, area: Rect, state: &State, scene: Scene) {
    let theme = scene.theme;
    let split = geometry::split(area, state.detail, scene.share);
    if state.detail {
        title::detail(buffer, split.rule, "Entry", (state.list.at(), state.len()), theme);
    } else {
        let above = Title {
            name: vec![run("Activity", theme.strong()), run("  newest first", theme.dim())],
            order: None,
            filter: state.filter(),
            typing: scene.typing,
            coverage: state.coverage(),
        };
        title::draw(buffer, split.rule, &above, theme);
        list(buffer, split, state, scene);
    }
    if let Some(area) = split.detail {
        detail::facts(buffer, area, &state.facts(), state.scroll, !state.detail, theme);
    }
}

fn list(buffer: &mut Buffer, split: Split, state: &State, scene: Scene) {
    let theme = scene.theme;
    if state.is_empty() {
        let lines = if state.filter().trim().is_empty() {
            ["Nothing has been asked of the server yet.", "What this program does will stand here."]
        } else {
            ["No entry matches.", "{global.back} drops the filter."]
        };
        empty::draw(buffer, split.rows, &lines.map(|line| scene.keymap.say(line)), theme);
        return;
    }
    let columns = columns(state.several);
    let widths = table::widths(&columns, split.heads.width);
    table::head(buffer, split.heads, &columns, &widths, None, theme);
    let window = state.list.window(state.len(), usize::from(split.rows.height));
    for (y, position) in (split.rows.y..split.rows.bottom()).zip(window) {
        let Some(entry) = state.row_at(position) else { continue };
        let selected = position == state.list.at();
        let row = Row { cells: cells(entry, state.several, scene), selected, mark: Mark::None, stale: false };
        table::row(buffer, Rect { y, height: 1, ..split.rows }, &columns, &widths, &row, theme);
    }
}

fn cells(entry: &Entry, several: bool, scene: Scene) -> Vec<Run> {
    let theme = scene.theme;
    let result = detail::style(entry.mood(), theme);
    let mut cells = vec![
        run(human::clock(entry.at), theme.dim()),
        run(entry.operation, theme.text()),
        run(&entry.target, theme.text()),
        run(entry.door(), theme.dim()),
        run(format!("{} {}", entry.glyph(), entry.result_words()), result),
        run(entry.took().map(human::latency).unwrap_or_default(), theme.dim()),
        run(entry.request_id().unwrap_or_default(), theme.dim()),
    ];
    if several {
        cells.insert(1, run(&entry.project, theme.text()));
    }
    cells
}
