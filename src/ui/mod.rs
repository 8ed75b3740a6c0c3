//! Drawing: a pure function of the state. The frame of the screen is here; each feature draws its own part.

pub mod activity;
pub mod buckets;
pub mod first;
pub mod form;
pub mod header;
pub mod jobs;
pub mod keybar;
pub mod modal;
pub mod objects;
pub mod palette;
pub mod picker;
pub mod text;
pub mod theme;
pub mod users;
pub mod widget;

use std::time::Duration;

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::app::geometry::{self, Areas};
use crate::app::shell::Tone;
use crate::app::tab::Tab;
use crate::app::{App, poll};
use crate::text::human;
use crate::text::width::Align;
use theme::Theme;

/// What every part of the screen is drawn with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scene {
    /// Styles.
    pub theme: Theme,
    /// What relative times are relative to; moves in steps.
    pub now: Timestamp,
    /// The loop's time.
    pub at: Duration,
    /// The rows are older than they should be: dimmed.
    pub stale: bool,
    /// Where the cursor stands in the filter, in characters, while one types it.
    pub typing: Option<usize>,
}

/// Draws the whole screen.
pub fn draw(app: &App, frame: &mut Frame<'_>) {
    let theme = Theme::new(app.start.colour);
    let size = frame.area().as_size();
    let buffer = frame.buffer_mut();
    let areas = geometry::areas(size);
    if areas.tiny {
        let area = Rect { x: 0, y: 0, width: size.width, height: 1.min(size.height) };
        text::left(buffer, area, &[text::run("basedeck needs 40x10", theme.text())]);
        return;
    }
    let stale = app.health.get(&app.polled_tab()).is_some_and(|health| health.bad.is_some());
    let typing = app.filtering.then(|| app.filter().cursor());
    let scene = Scene { theme, now: app.shell.shown_now, at: app.at, stale, typing };
    header::draw(buffer, areas, app, scene);
    if app.start.connected {
        body(buffer, areas, app, scene);
    } else {
        first::draw(buffer, areas.body, app.start.demo, theme);
    }
    keybar::draw(buffer, areas.bar, app, theme);
    modal::draw(buffer, frame_area(areas, size.width), app, theme);
    if app.start.connected {
        notice(buffer, areas, app, scene);
    }
}

fn frame_area(areas: Areas, width: u16) -> Rect {
    Rect { x: 0, y: 0, width, height: areas.bar.y }
}

fn body(buffer: &mut Buffer, areas: Areas, app: &App, scene: Scene) {
    let area = broken(buffer, areas.body, app, scene);
    match app.tab {
        Tab::Users => users::draw(buffer, area, app, scene),
        Tab::Buckets => match &app.objects {
            Some(objects) => objects::draw(buffer, area, objects, scene),
            None => buckets::draw(buffer, area, &app.buckets, scene),
        },
        Tab::Jobs => jobs::draw(buffer, area, &app.jobs, scene),
        Tab::Activity => activity::draw(buffer, area, &app.activity, scene),
    }
}

/// A failing poll stands below the rows that it could not refresh; what is left for the rows.
fn broken(buffer: &mut Buffer, area: Rect, app: &App, scene: Scene) -> Rect {
    let theme = scene.theme;
    let tab = app.polled_tab();
    let Some(health) = app.health.get(&tab).filter(|_| app.tab == tab) else { return area };
    let Some(bad) = health.bad.as_ref().filter(|_| area.height > 8) else { return area };
    let top = Rect { y: area.bottom() - 3, height: 1, ..area };
    let title = format!("{} could not be refreshed", tab.title());
    widget::rule::rule(buffer, top, &[text::run(title, theme.bad())], &[], theme);
    let line = |row: u16| Rect { x: area.x + 2, y: top.y + row, width: area.width.saturating_sub(2), height: 1 };
    text::left(buffer, line(1), &[text::run(bad.error.sentence(), theme.text())]);
    let as_of = health.good.map_or_else(
        || "nothing has been read yet".to_owned(),
        |(_, good)| format!("the rows are as of {}", human::clock(good)),
    );
    let next = if app.poll.paused { "paused".into() } else { format!("next try at {}", human::clock(bad.next)) };
    text::left(
        buffer,
        line(2),
        &[
            text::run(format!("{as_of} · {next} · "), theme.dim()),
            text::run("r", theme.accent()),
            text::run(" now  ", theme.dim()),
            text::run(".", theme.accent()),
            text::run(" raw answer", theme.dim()),
        ],
    );
    Rect { height: area.height - 3, ..area }
}

fn notice(buffer: &mut Buffer, areas: Areas, app: &App, scene: Scene) {
    let Some((notice, _)) = &app.notice else { return };
    let style = match notice.tone {
        Tone::Good => scene.theme.good(),
        Tone::Info => scene.theme.text(),
        Tone::Bad => scene.theme.bad(),
    };
    let sign = if notice.tone == Tone::Bad { "✕ " } else { "" };
    let mut area = areas.notice;
    let symbol = |x: u16| buffer.cell((x, area.y)).map_or("", ratatui::buffer::Cell::symbol);
    match symbol(area.x) {
        // On a frame's lower line what stands there stays: that there is more below.
        "╰" => {
            let free = |x: &u16| matches!(symbol(*x), "─" | "╰" | "╯" | " ");
            let from = (area.x..area.right()).rev().find(|x| !free(x)).unwrap_or(area.x);
            area = Rect { x: from + 1, width: area.right().saturating_sub(from + 2), ..area };
        }
        // In compact screens it covers a row, but never the selected one.
        "▌" => area.y -= 1,
        _ => {}
    }
    let framed = area.x > areas.notice.x;
    let runs = [text::run(format!(" {sign}{}", notice.text), style)];
    let cells = if framed { (text::width_of(&runs) as u16 + 1).min(area.width) } else { area.width };
    text::cell(buffer, Rect { width: cells, ..area }, "", Align::Left, Style::reset());
    text::left(buffer, area, &runs);
}

/// How live the data in view is, as words for the header.
pub(crate) fn liveness(app: &App) -> (Liveness, String) {
    let health = app.health.get(&app.polled_tab());
    if app.poll.paused {
        return (Liveness::Paused, "paused".into());
    }
    if let Some(bad) = health.and_then(|health| health.bad.as_ref()) {
        let step = poll::age_step(app.at.saturating_sub(bad.since), Duration::from_secs(4));
        let since = step.map(|step| format!(" · {}", human::span(step))).unwrap_or_default();
        return (Liveness::Down, format!("down{since}"));
    }
    let Some((good, _)) = health.and_then(|health| health.good) else {
        return (Liveness::Waiting, "connecting".into());
    };
    if app.poll.away(app.at) {
        return (Liveness::Paused, "out of focus · every 60 s".into());
    }
    let age = poll::age_step(app.at.saturating_sub(good), app.poll.interval.max(app.poll.pace(app.at)));
    let latency = app.poll.latency.map(|latency| format!(" {}", human::latency(latency))).unwrap_or_default();
    match age {
        Some(age) => (Liveness::Waiting, format!("{} old", human::span(age))),
        None => (Liveness::Live, format!("live{latency}")),
    }
}

/// The glyph and colour of the data's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Liveness {
    /// Answers come.
    Live,
    /// None has come yet, or not for a while.
    Waiting,
    /// Stopped, or slow because nobody looks.
    Paused,
    /// The last one was a failure.
    Down,
}
