//! The Users tab: the list, what it covers, and everything about the selected user.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Scene;
use super::text::{Run, run};
use super::widget::detail;
use super::widget::empty;
use super::widget::rule::rule;
use super::widget::skeleton;
use super::widget::table::{self, Column, Mark, Row};
use super::widget::title;
use crate::app::App;
use crate::app::geometry;
use crate::app::users::{Fresh, label, status};
use crate::text::human;
use crate::text::width::Align;
use crate::work::query::{self, RowRef};

/// The columns: what gives way first has the highest priority number.
const COLUMNS: [Column; 5] = [
    Column { title: "EMAIL OR PHONE", min: 24, ideal: 40, align: Align::Left, priority: 0 },
    Column { title: "PROVIDERS", min: 9, ideal: 14, align: Align::Left, priority: 3 },
    Column { title: "CREATED", min: 10, ideal: 10, align: Align::Left, priority: 4 },
    Column { title: "LAST SIGN-IN", min: 12, ideal: 12, align: Align::Right, priority: 2 },
    Column { title: "STATUS", min: 13, ideal: 15, align: Align::Left, priority: 1 },
];

/// Draws the tab.
pub fn draw(buffer: &mut Buffer, area: Rect, app: &App, scene: Scene) {
    let users = &app.users;
    let theme = scene.theme;
    let split = geometry::split(area, users.detail);
    let sort = format!("{} {}", if users.query.sort.descending { "↓" } else { "↑" }, users.query.sort.column.name());
    let mut left = vec![run("Users", theme.strong()), run(format!("  {sort}"), theme.dim())];
    if app.filtering || !users.filter.value().is_empty() {
        left.push(run("  /", theme.accent()));
        left.push(run(users.filter.value(), theme.text()));
        if app.filtering {
            left.push(run(" ", theme.selected()));
        }
    }
    rule(buffer, split.rule, &left, &title::right(users.coverage(), theme), theme);
    let beside = area.width >= geometry::WIDE;
    if split.detail.is_none() || beside {
        list(buffer, split, app, scene);
    }
    if let Some(area) = split.detail {
        detail::facts(buffer, area, users.facts(), users.scroll, beside, theme);
    }
}

fn list(buffer: &mut Buffer, split: geometry::Split, app: &App, scene: Scene) {
    let users = &app.users;
    let theme = scene.theme;
    let widths = table::widths(&COLUMNS, split.heads.width);
    let sorted = match users.query.sort.column {
        query::Column::Email => 0,
        query::Column::Providers => 1,
        query::Column::Created => 2,
        query::Column::LastSignIn => 3,
        query::Column::Status => 4,
    };
    table::head(buffer, split.heads, &COLUMNS, &widths, Some((sorted, users.query.sort.descending)), theme);
    if !users.loaded {
        match &users.failed {
            Some(error) => empty::draw(buffer, split.rows, &empty::failed("users", error, scene), theme),
            None => skeleton::draw(buffer, split.rows, theme),
        }
        return;
    }
    if users.matches() == 0 {
        let lines = if users.query.words.is_empty() {
            ["This project has no users yet.", "n creates the first one."]
        } else {
            ["No loaded user matches.", "esc drops the filter, F loads all users."]
        };
        empty::draw(buffer, split.rows, &lines, theme);
        return;
    }
    let window = users.list.window(users.matches(), usize::from(split.rows.height));
    for (line, position) in window.enumerate() {
        let Some(user) = users.row_at(position) else { continue };
        let area = Rect { y: split.rows.y + line as u16, height: 1, ..split.rows };
        let mark = if user.broken().is_some() {
            Mark::Broken
        } else if users.list.marks().contains(&user.id()) {
            Mark::Marked
        } else {
            match users.fresh.get(&user.id()) {
                Some((Fresh::New, _)) => Mark::New,
                Some((Fresh::Changed, _)) => Mark::Changed,
                None => Mark::None,
            }
        };
        let row = Row { cells: cells(user, scene), selected: position == users.list.at(), mark, stale: scene.stale };
        table::row(buffer, area, &COLUMNS, &widths, &row, theme);
    }
}

fn cells(user: RowRef<'_>, scene: Scene) -> Vec<Run> {
    let theme = scene.theme;
    let (glyph, word, mood) = status(user, scene.now);
    let created = user.created().map_or_else(|| "—".into(), human::day);
    let seen = user.last_sign_in().map_or_else(|| "never".into(), |then| human::ago(scene.now, then));
    vec![
        run(label(user), if user.broken().is_some() { theme.bad() } else { theme.text() }),
        run(user.providers().unwrap_or_default(), theme.dim()),
        run(created, theme.dim()),
        run(seen, theme.dim()),
        run(format!("{glyph} {word}"), detail::style(mood, theme)),
    ]
}
