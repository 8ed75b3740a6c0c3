//! Drawing: a pure function of the state. The frame of the screen is here; each feature draws its own part.

pub mod activity;
pub mod buckets;
pub mod first;
pub mod form;
pub mod header;
pub mod jobs;
pub mod keybar;
pub mod modal;
pub mod notice;
pub mod objects;
pub mod palette;
pub mod picker;
pub mod projects;
pub mod session;
pub mod text;
pub mod theme;
pub mod users;
pub mod widget;

use std::time::Duration;

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::api::error::{Kind, SESSION};
use crate::app::geometry::{self, Areas, Share};
use crate::app::op::Op;
use crate::app::op::keymap::Keymap;
use crate::app::project::Link;
use crate::app::session::{NOBODY, Op as Session, State as Credentials};
use crate::app::spots::Failing;
use crate::app::tab::Tab;
use crate::app::{App, global, poll, sign_in};
use crate::text::human;
use theme::Theme;

/// What every part of the screen is drawn with.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// The keys, for sentences that name some.
    pub keymap: &'a Keymap,
    /// The connection's credentials, for what to do about a refused one.
    pub session: &'a Credentials,
    /// Styles.
    pub theme: Theme,
    /// The detail's share of a list's body.
    pub share: Share,
    /// What relative times are relative to; moves in steps.
    pub now: Timestamp,
    /// The loop's time.
    pub at: Duration,
    /// The rows are older than they should be: dimmed.
    pub stale: bool,
    /// When a failed read is tried again by itself.
    pub next: Option<Timestamp>,
    /// The credential form is open: it says why.
    pub asking: bool,
    /// Where the cursor stands in the filter, in characters, while one types it.
    pub typing: Option<usize>,
}

const REFRESH: Op = Op::Global(global::Op::Refresh);
const RAW: Op = Op::Global(global::Op::Raw);
const CREDENTIAL: Op = Op::Session(Session::Credential);

/// Draws the whole screen.
pub fn draw(app: &App, frame: &mut Frame<'_>) {
    let theme = Theme::new(app.colour);
    let size = frame.area().as_size();
    let buffer = frame.buffer_mut();
    let areas = geometry::areas(size);
    if areas.tiny {
        let area = Rect { x: 0, y: 0, width: size.width, height: 1.min(size.height) };
        text::left(buffer, area, &[text::run("basedeck needs 40x10", theme.text())]);
        return;
    }
    let bad = app.health.get(&app.polled_tab()).and_then(|health| health.bad.as_ref());
    let scene = Scene {
        keymap: &app.keymap,
        session: &app.session,
        theme,
        share: app.shell.share,
        now: app.shell.shown_now,
        at: app.at,
        stale: bad.is_some(),
        next: bad.map(|bad| bad.next).filter(|_| !app.poll.paused),
        asking: app.modals.asks_credential(),
        typing: app.filtering.then(|| app.filter().cursor()),
    };
    let told = notice::told(app, areas);
    let areas = Areas { body: notice::beside(app, areas.body, told.as_ref()), ..areas };
    header::draw(buffer, areas, app, scene);
    match &app.link {
        Link::None => first::draw(buffer, areas.below(), app.demo, app.local.as_deref(), &app.keymap, theme),
        Link::Shut(why) if matches!(app.tab, Tab::Users | Tab::Buckets) => {
            projects::shut(buffer, areas.body, &app.shell.name, why, &app.keymap, theme);
        }
        Link::SignedOut(untold) if matches!(app.tab, Tab::Users | Tab::Buckets) => {
            let leaving = app.shell.tickets.under_way(sign_in::OUT);
            session::signed_out(buffer, areas.body, leaving, untold.as_deref(), &app.keymap, theme);
        }
        Link::Choose if matches!(app.tab, Tab::Users | Tab::Buckets) => {
            projects::unchosen(buffer, areas.body, &app.shell.name, &app.keymap, theme);
        }
        _ => body(buffer, areas, app, scene),
    }
    keybar::draw(buffer, areas.bar, app, theme);
    let framed = modal::draw(buffer, frame_area(areas, size.width), app, theme);
    if let Some(told) = told {
        notice::draw(buffer, &told, framed, theme);
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

/// A failing poll stands below the rows that it could not refresh; what is left for the rows. Where there are none it
/// stands in their place.
fn broken(buffer: &mut Buffer, area: Rect, app: &App, scene: Scene) -> Rect {
    let theme = scene.theme;
    let tab = app.polled_tab();
    let Some(Failing { bad, area: told, said }) = app.failing(area) else { return area };
    let rest = app.rest_of(area);
    let cells = area.width.saturating_sub(4);
    // A project that sleeps is no failure.
    let style = if bad.error.kind == Kind::Paused { theme.warn() } else { theme.bad() };
    let title = [text::run(format!("{} could not be refreshed", tab.title()), style)];
    let top = Rect { height: 1, ..told };
    if told.height == 1 {
        let keys = [text::run(app.keymap.key(REFRESH), theme.accent()), text::run(" now", theme.dim())];
        widget::rule::rule(buffer, top, &title, &keys, theme);
        return rest;
    }
    let lines = told.height - 2;
    widget::rule::rule(buffer, top, &title, &[], theme);
    let line = |row: u16| Rect { x: area.x + 2, y: top.y + row, width: cells, height: 1 };
    for (row, line_said) in (1..=lines).zip(&said) {
        text::left(buffer, line(row), &[text::run(line_said, theme.text())]);
    }
    let good = app.health.get(&tab).and_then(|health| health.good);
    let as_of = good.map(|(_, good)| format!("the rows are as of {}", human::clock(good)));
    let next = scene.next.map_or_else(|| "paused".into(), |next| format!("next try at {}", human::clock(next)));
    let raw = if bad.error.answered() {
        Some("raw answer")
    } else {
        said.last().is_some_and(|line| line.ends_with('…')).then_some("details")
    };
    let refused = bad.error.door.filter(|_| bad.error.kind == Kind::NotSignedIn);
    let remedy = refused.map(|door| app.session.remedy(door).trim_start_matches("gives ").to_owned());
    // What has room, the most wanted first; then each in its place.
    let pieces = [
        (0, Some((app.keymap.key(REFRESH), "now".to_owned()))),
        (1, remedy.map(|remedy| (app.keymap.key(CREDENTIAL), remedy))),
        (3, Some((String::new(), next))),
        (2, raw.map(|raw| (app.keymap.key(RAW), raw.to_owned()))),
        (4, as_of.map(|as_of| (String::new(), as_of))),
    ];
    let mut room = usize::from(cells);
    let mut shown: Vec<_> = pieces
        .into_iter()
        .filter_map(|(place, piece)| {
            let (key, words) = piece?;
            let gap = if place == 0 {
                ""
            } else if key.is_empty() {
                " · "
            } else {
                "   "
            };
            let blank = if key.is_empty() { "" } else { " " };
            let runs = [
                text::run(gap, theme.dim()),
                text::run(key, theme.accent()),
                text::run(format!("{blank}{words}"), theme.dim()),
            ];
            room = room.checked_sub(text::width_of(&runs))?;
            Some((place, runs))
        })
        .collect();
    shown.sort_by_key(|(place, _)| *place);
    let runs: Vec<_> = shown.into_iter().flat_map(|(_, runs)| runs).collect();
    text::left(buffer, line(lines + 1), &runs);
    rest
}

/// How live the data in view is, as words for the header.
pub(crate) fn liveness(app: &App) -> (Liveness, String) {
    let health = app.health.get(&app.polled_tab());
    match app.link {
        Link::Opening => return (Liveness::Waiting, "opening".into()),
        Link::Shut(_) => return (Liveness::Down, "not connected".into()),
        Link::SignedOut(_) => return (Liveness::Waiting, "signed out".into()),
        Link::Choose => return (Liveness::Waiting, "no project".into()),
        Link::None | Link::Open => {}
    }
    if app.poll.paused {
        return (Liveness::Paused, "paused".into());
    }
    let latency = app.poll.latency.map(|latency| format!(" {}", human::latency(latency))).unwrap_or_default();
    if !app.polls() {
        // Nothing is read here, so neither an age nor an outage is known.
        return if app.is_heard() {
            (Liveness::Live, format!("live{latency}"))
        } else {
            (Liveness::Waiting, "idle".into())
        };
    }
    if let Some(bad) = health.and_then(|health| health.bad.as_ref()) {
        let step = poll::age_step(app.at.saturating_sub(bad.since), Duration::from_secs(4));
        let since = step.map(|step| format!(" · {}", human::span(step))).unwrap_or_default();
        let (state, what) = match bad.error.kind {
            Kind::NotSignedIn if bad.error.known_by == Some(SESSION) => (Liveness::Down, NOBODY.into()),
            Kind::NotSignedIn => (Liveness::Down, bad.error.needs()),
            Kind::Paused => (Liveness::Paused, "project paused".into()),
            _ => (Liveness::Down, "down".into()),
        };
        return (state, format!("{what}{since}"));
    }
    let Some((good, _)) = health.and_then(|health| health.good) else {
        return (Liveness::Waiting, "connecting".into());
    };
    if app.poll.away(app.at) {
        let pace = human::span(app.poll.pace(app.at));
        return (Liveness::Paused, format!("out of focus · every {pace}"));
    }
    let age = poll::age_step(app.at.saturating_sub(good), app.poll.interval.max(app.poll.pace(app.at)));
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
    /// Stopped, by the person or where the project sleeps, or slow because nobody looks.
    Paused,
    /// The last one was a failure.
    Down,
}
