//! The objects of an open bucket: folders and objects, and everything about the selected one.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Scene;
use super::text::{Run, run};
use super::widget::table::{self, Column, Mark, Row};
use super::widget::title::{self, Title};
use super::widget::{detail, empty, skeleton};
use crate::api::model;
use crate::app::geometry::{self, Split};
use crate::app::objects::{self, Fresh, Op, State};
use crate::app::op;
use crate::text::width::{self, Align};
use crate::text::{clean, human};

/// The columns: the one with the highest number gives way first.
const COLUMNS: [Column; 4] = [
    Column { title: "NAME", min: 16, ideal: 30, align: Align::Left, priority: 0 },
    Column { title: "SIZE", min: 8, ideal: 8, align: Align::Right, priority: 1 },
    Column { title: "TYPE", min: 10, ideal: 24, align: Align::Left, priority: 3 },
    Column { title: "CHANGED", min: 10, ideal: 10, align: Align::Right, priority: 2 },
];

/// Draws the bucket in place of the list of buckets.
pub fn draw(buffer: &mut Buffer, area: Rect, state: &State, scene: Scene) {
    let theme = scene.theme;
    let split = geometry::split(area, state.detail, scene.share);
    if state.detail {
        title::detail(buffer, split.rule, "Object", (state.list.at(), state.len()), theme);
    } else {
        let above = Title {
            name: crumbs(state, split.rule.width, scene),
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

/// `avatars / 2026 /`: where it is too long, the folders in the middle give way, for the last one is where one is.
fn crumbs(state: &State, cells: u16, scene: Scene) -> Vec<Run> {
    let theme = scene.theme;
    let crumbs = state.crumbs();
    let room = usize::from(cells / 2).max(16);
    let (first, folders) = crumbs.split_first().unwrap_or((&"", &[]));
    let path = folders.iter().fold(String::new(), |path, folder| path + " / " + folder);
    let path = clean::line(&path).into_owned();
    vec![
        run(width::cut(&clean::line(first), room), theme.strong()),
        run(format!("{} /", width::cut_middle(&path, room)), theme.text()),
    ]
}

fn list(buffer: &mut Buffer, split: Split, state: &State, scene: Scene) {
    let theme = scene.theme;
    if let Some(lines) = instead(state, scene) {
        empty::draw(buffer, split.rows, &lines, theme);
        return;
    }
    if !state.loaded {
        skeleton::draw(buffer, split.rows, theme);
        return;
    }
    let widths = table::widths(&COLUMNS, split.heads.width);
    let sorted = match state.sort.0 {
        objects::Column::Name => 0,
        objects::Column::Size => 1,
        objects::Column::Type => 2,
        objects::Column::Changed => 3,
    };
    table::head(buffer, split.heads, &COLUMNS, &widths, Some((sorted, state.sort.1)), theme);
    let window = state.list.window(state.len(), usize::from(split.rows.height));
    for (y, position) in (split.rows.y..split.rows.bottom()).zip(window) {
        let Some((id, entry)) = state.row_at(position) else { continue };
        let fresh = state.fresh.get(id).filter(|(_, until)| *until > scene.at).map(|(fresh, _)| *fresh);
        let mark = match fresh {
            _ if state.list.marks().contains(id) => Mark::Marked,
            Some(Fresh::New) => Mark::New,
            Some(Fresh::Changed) => Mark::Changed,
            None if entry.value.is_err() => Mark::Broken,
            None => Mark::None,
        };
        let cells = cells(state, entry, scene);
        let row = Row { cells, selected: position == state.list.at(), mark, stale: scene.stale };
        table::row(buffer, Rect { y, height: 1, ..split.rows }, &COLUMNS, &widths, &row, theme);
    }
}

/// What stands in place of rows.
fn instead(state: &State, scene: Scene) -> Option<Vec<String>> {
    let key = |op: Op| scene.keymap.key(op::Op::Objects(op));
    if state.is_gone() && state.is_empty() {
        return Some(vec![
            format!("There is no bucket {} any more.", state.bucket.name),
            format!("{} goes back to the buckets.", key(Op::Up)),
        ]);
    }
    if let Some(error) = state.failed.as_ref().filter(|_| !state.loaded) {
        return Some(empty::failed("objects", error, scene));
    }
    if !state.loaded || !state.is_empty() {
        return None;
    }
    if !state.filter().trim().is_empty() {
        return Some(vec!["No loaded object matches.".into(), scene.keymap.say("{global.back} drops the filter.")]);
    }
    let what = if state.prefix.is_empty() { "This bucket is empty." } else { "This folder is empty." };
    Some(vec![what.into(), format!("{} sends files here, {} goes up.", key(Op::Upload), key(Op::Up))])
}

fn cells(state: &State, row: &model::Row<model::Entry>, scene: Scene) -> Vec<Run> {
    let theme = scene.theme;
    let none = || run("", theme.text());
    let entry = match &row.value {
        Ok(entry) => entry,
        Err(why) => return vec![run(format!("unreadable row: {why}"), theme.bad())],
    };
    let name = run(state.name(entry), if entry.folder { theme.accent() } else { theme.text() });
    if entry.folder {
        return vec![name, none(), none(), none()];
    }
    vec![
        name,
        entry.size.map_or_else(|| run("—", theme.dim()), |bytes| run(human::size(bytes), theme.text())),
        run(entry.mime.as_deref().unwrap_or("—"), theme.dim()),
        run(entry.updated_at.map_or_else(|| "—".into(), |then| human::ago(scene.now, then)), theme.dim()),
    ]
}
