//! The Buckets tab: the list, and everything about the selected bucket.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Scene;
use super::text::{Run, run};
use super::widget::table::{self, Column, Mark, Row};
use super::widget::title::{self, Title};
use super::widget::{detail, empty, skeleton};
use crate::api::model;
use crate::app::buckets::{self, State};
use crate::app::geometry::{self, Split};
use crate::text::width::{self, Align};
use crate::text::{clean, human};

/// The columns: the one with the highest number gives way first.
const COLUMNS: [Column; 5] = [
    Column { title: "NAME", min: 12, ideal: 24, align: Align::Left, priority: 0 },
    Column { title: "ACCESS", min: 9, ideal: 9, align: Align::Left, priority: 1 },
    Column { title: "LIMIT", min: 8, ideal: 8, align: Align::Right, priority: 2 },
    Column { title: "TYPES", min: 10, ideal: 10, align: Align::Left, priority: 3 },
    Column { title: "CREATED", min: 10, ideal: 10, align: Align::Left, priority: 4 },
];

/// Draws the tab.
pub fn draw(buffer: &mut Buffer, area: Rect, state: &State, scene: Scene) {
    let theme = scene.theme;
    let split = geometry::split(area, state.detail, scene.share);
    if state.detail {
        title::detail(buffer, split.rule, "Bucket", (state.list.at(), state.len()), theme);
    } else {
        let above = Title {
            name: vec![run("Buckets", theme.strong())],
            order: Some((state.sort.0.title(), state.sort.1)),
            filter: state.filter(),
            typing: scene.typing,
            coverage: state.coverage(),
        };
        title::draw(buffer, split.rule, &above, theme);
        list(buffer, split, state, scene);
    }
    if let Some(area) = split.detail {
        let facts = if state.loaded { state.facts() } else { Vec::new() };
        detail::facts(buffer, area, &facts, state.scroll, !state.detail, theme);
    }
}

fn list(buffer: &mut Buffer, split: Split, state: &State, scene: Scene) {
    let theme = scene.theme;
    if !state.loaded {
        match &state.failed {
            Some(error) => {
                empty::draw(buffer, split.rows, &empty::failed("buckets", error, scene), theme);
            }
            None => skeleton::draw(buffer, split.rows, theme),
        }
        return;
    }
    if state.is_empty() {
        let lines: [String; 2] = if state.filter().trim().is_empty() {
            [
                "This project has no buckets.".into(),
                scene.keymap.say("Create one in its console, then press {global.refresh}."),
            ]
        } else {
            ["No bucket matches.".into(), scene.keymap.say("{global.back} drops the filter.")]
        };
        empty::draw(buffer, split.rows, &lines, theme);
        return;
    }
    let columns = columns(state);
    let widths = table::widths(&columns, split.heads.width);
    let sorted = match state.sort.0 {
        buckets::Column::Name => 0,
        buckets::Column::Access => 1,
        buckets::Column::Limit => 2,
        buckets::Column::Types => 3,
        buckets::Column::Created => 4,
    };
    table::head(buffer, split.heads, &columns, &widths, Some((sorted, state.sort.1)), theme);
    let window = state.list.window(state.len(), usize::from(split.rows.height));
    for (y, position) in (split.rows.y..split.rows.bottom()).zip(window) {
        let Some((id, bucket)) = state.row_at(position) else { continue };
        let mark = if state.list.marks().contains(id) {
            Mark::Marked
        } else if state.fresh.get(id).is_some_and(|until| *until > scene.at) {
            Mark::New
        } else if bucket.value.is_err() {
            Mark::Broken
        } else {
            Mark::None
        };
        let row = Row { cells: cells(bucket, scene), selected: position == state.list.at(), mark, stale: scene.stale };
        table::row(buffer, Rect { y, height: 1, ..split.rows }, &columns, &widths, &row, theme);
    }
}

/// Buckets are few: names and types get what they need before the name gets what is left.
fn columns(state: &State) -> [Column; 5] {
    let longest = |cells: &dyn Fn(&model::Bucket) -> usize| state.buckets().map(cells).max().unwrap_or_default();
    let names = longest(&|bucket| width::width(&clean::line(&bucket.name))).clamp(12, 40) as u16;
    let mimes = longest(&|bucket| width::width(&clean::line(&types(bucket.allowed_mime_types.as_deref()))));
    COLUMNS.map(|column| match column.title {
        "NAME" => Column { ideal: names, ..column },
        "TYPES" => Column { ideal: mimes.clamp(10, 40) as u16, ..column },
        _ => column,
    })
}

fn types(types: Option<&[String]>) -> String {
    match types.unwrap_or_default() {
        [] => "any".into(),
        types => types.join(" "),
    }
}

fn cells(row: &model::Row<model::Bucket>, scene: Scene) -> Vec<Run> {
    let theme = scene.theme;
    let bucket = match &row.value {
        Ok(bucket) => bucket,
        Err(why) => return vec![run(format!("unreadable row: {why}"), theme.bad())],
    };
    let access = if bucket.public { run("◍ public", theme.warn()) } else { run("· private", theme.dim()) };
    let limit = match bucket.file_size_limit {
        Some(bytes) => run(human::size(bytes), theme.text()),
        None => run("server's", theme.dim()),
    };
    let name = if bucket.name.is_empty() { &bucket.id.0 } else { &bucket.name };
    vec![
        run(name, theme.text()),
        access,
        limit,
        run(types(bucket.allowed_mime_types.as_deref()), theme.dim()),
        run(bucket.created_at.map_or_else(|| "—".into(), human::day), theme.dim()),
    ]
}
