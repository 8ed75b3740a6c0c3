//! The Users tab: the list, what it covers, and everything about the selected user.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Scene;
use super::text::{Run, run};
use super::widget::detail::{self, Line};
use super::widget::empty;
use super::widget::rule::rule;
use super::widget::skeleton;
use super::widget::table::{self, Column, Mark, Row};
use crate::app::App;
use crate::app::geometry;
use crate::app::users::{Fresh, Users};
use crate::text::human;
use crate::text::json;
use crate::text::width::Align;
use crate::work::query::{self, RowRef, Status};

/// The columns: what gives way first has the highest priority number.
const COLUMNS: [Column; 5] = [
    Column { title: "EMAIL OR PHONE", min: 16, ideal: 40, align: Align::Left, priority: 0 },
    Column { title: "PROVIDERS", min: 9, ideal: 16, align: Align::Left, priority: 3 },
    Column { title: "CREATED", min: 10, ideal: 10, align: Align::Left, priority: 4 },
    Column { title: "LAST SIGN-IN", min: 12, ideal: 12, align: Align::Right, priority: 2 },
    Column { title: "STATUS", min: 10, ideal: 15, align: Align::Left, priority: 1 },
];

/// Draws the tab.
pub fn draw(buffer: &mut Buffer, area: Rect, app: &App, scene: Scene) {
    let users = &app.users;
    let theme = scene.theme;
    let split = geometry::split(area, users.detail);
    let sort = format!("{} {}", if users.query.sort.descending { "↓" } else { "↑" }, users.query.sort.column.title());
    let mut left = vec![run("Users", theme.strong()), run(format!("  {sort}"), theme.dim())];
    if app.filtering || !users.filter.value().is_empty() {
        left.push(run("  /", theme.accent()));
        left.push(run(users.filter.value(), theme.text()));
        if app.filtering {
            left.push(run(" ", theme.selected()));
        }
    }
    rule(buffer, split.rule, &left, &[run(users.coverage(), theme.dim())], theme);
    if split.detail.is_none() || area.width >= geometry::WIDE {
        list(buffer, split, app, scene);
    }
    if let Some(area) = split.detail {
        let lines = detail_lines(app, scene);
        detail::draw(buffer, area, &lines, users.scroll, area.x > 0, theme);
    }
}

fn list(buffer: &mut Buffer, split: geometry::Split, app: &App, scene: Scene) {
    let users = &app.users;
    let theme = scene.theme;
    if !users.loaded {
        skeleton::draw(buffer, split.rows, theme);
        return;
    }
    let widths = table::widths(&COLUMNS, split.heads.width);
    let sorted = match users.query.sort.column {
        query::Column::Email => 0,
        query::Column::Providers => 1,
        query::Column::Created => 2,
        query::Column::LastSignIn => 3,
        query::Column::Status => 4,
    };
    table::head(buffer, split.heads, &COLUMNS, &widths, Some((sorted, users.query.sort.descending)), theme);
    if users.matches() == 0 {
        let lines: &[&str] = if users.query.words.is_empty() {
            &["This project has no users yet.", "n creates the first one."]
        } else {
            &["No loaded user matches.", "esc drops the filter, F loads all."]
        };
        empty::draw(buffer, split.rows, lines, theme);
        return;
    }
    let window = users.list.window(users.matches(), usize::from(split.rows.height));
    for (line, position) in window.enumerate() {
        let Some(user) = users.row_at(position) else { continue };
        let area = Rect { y: split.rows.y + line as u16, height: 1, ..split.rows };
        let mark = if users.list.marks().contains(&user.id()) {
            Mark::Marked
        } else {
            match users.fresh.get(&user.id()) {
                Some((Fresh::New, _)) => Mark::New,
                Some((Fresh::Changed, _)) => Mark::Changed,
                None => Mark::None,
            }
        };
        let row = Row { cells: cells(&user, scene), selected: position == users.list.at(), mark, stale: scene.stale };
        table::row(buffer, area, &COLUMNS, &widths, &row, theme);
    }
}

/// What names a user: the email, the phone, or that there is neither.
pub fn label(user: &RowRef<'_>) -> String {
    if let Some(why) = user.broken() {
        format!("(unreadable: {why})")
    } else if !user.email().is_empty() {
        user.email().to_owned()
    } else if !user.phone().is_empty() {
        format!("+{}", user.phone())
    } else if user.is_anonymous() {
        "(anonymous)".into()
    } else {
        "(no address)".into()
    }
}

fn cells(user: &RowRef<'_>, scene: Scene) -> Vec<Run> {
    let theme = scene.theme;
    let (glyph, word, style) = status(user, scene);
    let created = user.created().map_or_else(|| "—".into(), human::day);
    let seen = user.last_sign_in().map_or_else(|| "never".into(), |then| human::ago(scene.now, then));
    vec![
        run(label(user), if user.broken().is_some() { theme.bad() } else { theme.text() }),
        run(user.providers(), theme.dim()),
        run(created, theme.dim()),
        run(seen, theme.dim()),
        run(format!("{glyph} {word}"), style),
    ]
}

fn status(user: &RowRef<'_>, scene: Scene) -> (&'static str, String, Style) {
    let theme = scene.theme;
    if user.broken().is_some() {
        return ("?", "unreadable".into(), theme.bad());
    }
    match query::status(user, scene.now) {
        Status::Deleted => ("✕", "deleted".into(), theme.dim()),
        Status::Banned(until) => {
            let left = human::ago(scene.now, until);
            ("✕", format!("banned {}", left.trim_start_matches("in ")), theme.bad())
        }
        Status::Unconfirmed => ("○", "unconfirmed".into(), theme.warn()),
        Status::Anonymous => ("·", "anonymous".into(), theme.dim()),
        Status::Confirmed => ("✓", "confirmed".into(), theme.good()),
    }
}

fn detail_lines(app: &App, scene: Scene) -> Vec<Line> {
    let theme = scene.theme;
    let users = &app.users;
    let Some(user) = users.current() else { return vec![Line::Text(run("nothing selected", theme.dim()))] };
    let (glyph, word, style) = status(&user, scene);
    let mut lines = vec![
        Line::Title(label(&user)),
        Line::Text(run(format!("{glyph} {word}"), style)),
        Line::Blank,
        Line::Field("id".into(), user.id().0.to_string()),
    ];
    if !user.name().is_empty() {
        lines.push(Line::Field("name".into(), user.name().into()));
    }
    let single = users.single.as_ref().filter(|single| single.id == user.id());
    let read = single.and_then(|single| single.read.as_ref().ok()).and_then(|chunk| chunk.raw(0));
    let whole = read.is_some();
    let raw = read.or_else(|| raw_of(users, &user)).unwrap_or_default();
    let value: serde_json::Value = serde_json::from_str(&raw).unwrap_or_default();
    fields(&mut lines, &value);
    if !whole {
        let why = match single.map(|single| &single.read) {
            Some(Err(why)) => why.clone(),
            _ if !app.shell.offers(crate::app::users::SINGLE, app.shell.shown_now) => {
                "no door of this connection can read one user: lists do not carry identities and factors".into()
            }
            _ => "reading…".into(),
        };
        lines.push(Line::Section("identities and factors".into()));
        lines.push(Line::Text(run(why, theme.dim())));
    }
    for (title, key) in
        [("identities", "identities"), ("factors", "factors"), ("user metadata", "user_metadata"), ("app metadata", "app_metadata")]
    {
        let Some(part) = value.get(key).filter(|part| !part.is_null()) else { continue };
        lines.push(Line::Section(title.into()));
        lines.extend(json::lines(part, &|_| false).into_iter().map(Line::Json));
    }
    lines
}

fn raw_of(users: &Users, user: &RowRef<'_>) -> Option<String> {
    users.table.raw(users.table.find(user.id())?)
}

/// Every plain field as the server named it, dates made readable.
fn fields(lines: &mut Vec<Line>, value: &serde_json::Value) {
    let Some(object) = value.as_object() else { return };
    for (key, value) in object {
        let text = match value {
            serde_json::Value::Null | serde_json::Value::Object(_) | serde_json::Value::Array(_) => continue,
            serde_json::Value::String(text) if text.is_empty() => "—".into(),
            serde_json::Value::String(text) => {
                text.parse::<jiff::Timestamp>().map_or_else(|_| text.clone(), human::exact)
            }
            other => other.to_string(),
        };
        if key != "id" {
            lines.push(Line::Field(key.replace('_', " "), text));
        }
    }
}
