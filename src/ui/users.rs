//! The Users tab: the list, what it covers, and everything about the selected user.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Scene;
use super::text::{Run, run};
use super::widget::detail;
use super::widget::empty;
use super::widget::skeleton;
use super::widget::table::{self, Column, Mark, Row};
use super::widget::title::{self, Title};
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

/// The status without its word, where there is no room for it.
const GLYPH: Column = Column { title: "", min: 1, ideal: 1, align: Align::Left, priority: 1 };

/// The columns in so many cells: whoever is banned is told at any width.
fn columns(cells: u16) -> [Column; 5] {
    let [email, providers, created, seen, status] = COLUMNS;
    let narrow = table::widths(&COLUMNS, cells).last().is_none_or(Option::is_none);
    [email, providers, created, seen, if narrow { GLYPH } else { status }]
}

/// Draws the tab.
pub fn draw(buffer: &mut Buffer, area: Rect, app: &App, scene: Scene) {
    let users = &app.users;
    let theme = scene.theme;
    let split = geometry::split(area, users.detail, scene.share);
    if users.detail {
        title::detail(buffer, split.rule, "User", (users.list.at(), users.matches()), theme);
    } else {
        let above = Title {
            name: vec![run("Users", theme.strong())],
            order: Some((users.query.sort.column.name(), users.query.sort.descending)),
            filter: users.filter.value(),
            typing: scene.typing,
            coverage: users.coverage(&app.keymap),
        };
        title::draw(buffer, split.rule, &above, theme);
        list(buffer, split, app, scene);
    }
    if let Some(area) = split.detail {
        detail::facts(buffer, area, users.facts(), users.scroll, !users.detail, theme);
    }
}

fn list(buffer: &mut Buffer, split: geometry::Split, app: &App, scene: Scene) {
    let users = &app.users;
    let theme = scene.theme;
    let columns = columns(split.heads.width);
    let widths = table::widths(&columns, split.heads.width);
    let sorted = match users.query.sort.column {
        query::Column::Email => 0,
        query::Column::Providers => 1,
        query::Column::Created => 2,
        query::Column::LastSignIn => 3,
        query::Column::Status => 4,
    };
    table::head(buffer, split.heads, &columns, &widths, Some((sorted, users.query.sort.descending)), theme);
    if !users.loaded {
        match &users.failed {
            Some(error) => empty::draw(buffer, split.rows, &empty::failed("users", error, scene), theme),
            None => skeleton::draw(buffer, split.rows, theme),
        }
        return;
    }
    if users.matches() == 0 {
        let lines = if users.query.words.is_empty() {
            ["This project has no users yet.", "{users.create} creates the first one."]
        } else {
            ["No loaded user matches.", "{global.back} drops the filter, {users.load-all} loads all users."]
        };
        empty::draw(buffer, split.rows, &lines.map(|line| app.keymap.say(line)), theme);
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
        let row =
            Row { cells: cells(user, scene, &widths), selected: position == users.list.at(), mark, stale: scene.stale };
        table::row(buffer, area, &columns, &widths, &row, theme);
    }
}

fn cells(user: RowRef<'_>, scene: Scene, widths: &[Option<u16>]) -> Vec<Run> {
    let theme = scene.theme;
    let (glyph, word, mood) = status(user, scene.now);
    let narrow = widths.last().is_some_and(|width| *width == Some(1));
    let created = user.created().map_or_else(|| "—".into(), human::day);
    let seen = user.last_sign_in().map_or_else(|| "never".into(), |then| human::ago(scene.now, then));
    vec![
        run(label(user), if user.broken().is_some() { theme.bad() } else { theme.text() }),
        run(user.providers().unwrap_or_default(), theme.dim()),
        run(created, theme.dim()),
        run(seen, theme.dim()),
        run(if narrow { glyph.to_owned() } else { format!("{glyph} {word}") }, detail::style(mood, theme)),
    ]
}
