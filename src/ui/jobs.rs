//! The Jobs tab: each job with its bar, and the items of the selected one with what became of them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Scene;
use super::text::{self, run};
use super::widget::rule::rule;
use super::widget::table::{self, Column, Mark, Row};
use super::widget::{detail, empty, title};
use crate::app::geometry;
use crate::app::jobs::{Job, State, parts};
use crate::text::human;
use crate::text::width::Align;
use crate::work::outcome::{ItemState, Outcome};

/// Where a job's texts begin, behind glyph and kind.
const INDENT: u16 = 14;

/// The columns of the items: the one with the highest number gives way first.
const COLUMNS: [Column; 4] = [
    Column { title: "NAME", min: 14, ideal: 36, align: Align::Left, priority: 0 },
    Column { title: "SIZE", min: 8, ideal: 8, align: Align::Right, priority: 2 },
    Column { title: "STATE", min: 13, ideal: 13, align: Align::Left, priority: 1 },
    Column { title: "WHY", min: 24, ideal: 100, align: Align::Left, priority: 3 },
];

/// Draws the tab.
pub fn draw(buffer: &mut Buffer, area: Rect, state: &State, scene: Scene) {
    let theme = scene.theme;
    let top = Rect { height: 1.min(area.height), ..area };
    let left = [run("Jobs", theme.strong()), run(format!("  {}", state.heading()), theme.dim())];
    let left = if state.heading().is_empty() { left.get(..1).unwrap_or_default() } else { &left };
    rule(buffer, top, left, &title::right(&state.coverage(), theme), theme);
    let inner = Rect { y: area.y + top.height, height: area.height - top.height, ..area };
    let Some(current) = state.current() else {
        let lines = ["No job has run yet.", "{buckets.upload} on a bucket or in a folder sends files."];
        empty::draw(buffer, inner, &lines.map(|line| scene.keymap.say(line)), theme);
        return;
    };
    let parts = parts(area.height, state.jobs().len(), state.in_items, area.width >= geometry::WIDE);
    let window = state.list.window(state.jobs().len(), usize::from(parts.jobs));
    for (line, position) in window.enumerate() {
        let Some(job) = state.jobs().get(position) else { continue };
        let y = inner.y + line as u16 * parts.per_job;
        let selected = position == state.list.at() && !state.in_items;
        let rows = Rect { y, height: 2.min(inner.bottom().saturating_sub(y)), ..inner };
        draw_job(buffer, rows, job, selected, state.several, scene);
    }
    let y = inner.y + parts.jobs * parts.per_job;
    let below = Rect { y, height: inner.bottom().saturating_sub(y), ..inner };
    items(buffer, below, state, current, parts.detail, scene);
}

fn draw_job(buffer: &mut Buffer, area: Rect, job: &Job, selected: bool, several: bool, scene: Scene) {
    let theme = scene.theme;
    if area.height == 0 || area.width <= INDENT {
        return;
    }
    let first = Rect { height: 1, ..area };
    text::left(buffer, Rect { x: area.x + 2, width: area.width - 2, ..first }, &[run("▲ upload", theme.strong())]);
    let texts = Rect { x: area.x + INDENT, width: area.width - INDENT, ..first };
    let project = if several { format!("  in {}", job.project) } else { String::new() };
    text::left(buffer, texts, &[run(job.title(), theme.text()), run(project, theme.dim())]);
    table::gutter(buffer, first, selected, Mark::None, false, theme);
    if area.height < 2 {
        return;
    }
    // In a narrow window the bar begins below the glyph.
    let indent = if area.width < 60 { 4 } else { INDENT };
    let second = Rect { x: area.x + indent, y: area.y + 1, width: area.width - indent, height: 1 };
    let wide = usize::from((texts.width / 3).clamp(6, 40));
    let permille = usize::from(job.totals.permille());
    let full = wide * permille / 1000;
    let bar = if job.failed() { theme.warn() } else { theme.good() };
    let counts = &job.counts;
    let mut runs = vec![
        run("━".repeat(full), bar),
        run("─".repeat(wide - full), theme.dim()),
        run(format!("  {:>3} %", permille / 10), theme.text()),
    ];
    let items = format!("   {} of {}", human::count(counts.finished()), human::count(counts.all()));
    let bytes = format!(" · {} of {}", human::size(job.totals.stored), human::size(job.totals.bytes));
    let (tail, style) = tail(job, scene);
    // How it goes is worth more than the items, and they more than the bytes.
    let mut room = usize::from(second.width).saturating_sub(text::width_of(&runs) + 3 + tail.chars().count());
    for part in [items, bytes] {
        let part = run(part, theme.dim());
        if part.width() > room {
            break;
        }
        room -= part.width();
        runs.push(part);
    }
    runs.push(run(format!("   {tail}"), style));
    text::left(buffer, second, &runs);
}

/// How it goes: rate and time left, or what it waits for, or how it ended.
fn tail(job: &Job, scene: Scene) -> (String, Style) {
    let theme = scene.theme;
    if job.ended {
        let style = if job.failed() { theme.warn() } else { theme.good() };
        let glyph = if job.failed() { "!" } else { "✓" };
        return (format!("{glyph} {}", job.summary()), style);
    }
    if job.stopping {
        return ("■ stopping".into(), theme.warn());
    }
    if let Some(held) = job.totals.held {
        return (format!("the server asks to wait {}", human::span(held)), theme.warn());
    }
    if job.totals.waiting_for_server {
        return ("sent, waiting for the server".into(), theme.text());
    }
    let rate = job.totals.rate.map_or_else(|| "—".into(), human::rate);
    let eta = job.totals.eta.map(|left| format!("   {}", human::span(left))).unwrap_or_default();
    (format!("{rate}{eta}"), theme.text())
}

fn items(buffer: &mut Buffer, area: Rect, state: &State, job: &Job, below: u16, scene: Scene) {
    let theme = scene.theme;
    if area.height == 0 {
        return;
    }
    let hint = if state.in_items { "{global.back} leaves the items" } else { "{jobs.items} goes into the items" };
    let left = [run(job.title(), theme.strong()), run(format!("  {}", scene.keymap.say(hint)), theme.dim())];
    let right = title::right(&job.tally(), theme);
    // The corners and their blanks; a part of the hint would say nothing.
    let whole = text::width_of(&left) + text::width_of(&right) + 7 <= usize::from(area.width);
    rule(buffer, Rect { height: 1, ..area }, left.get(..if whole { 2 } else { 1 }).unwrap_or_default(), &right, theme);
    let rows = Rect { y: area.y + 1, height: area.height - 1, ..area };
    let rows = if state.in_items { item(buffer, rows, state, below, scene) } else { rows };
    let widths = table::widths(&COLUMNS, rows.width);
    let explained = widths.last().is_some_and(Option::is_some);
    for (y, position) in (rows.y..rows.bottom()).zip(state.items_window()) {
        let (Some(item), Some(item_state)) = (job.plan.items.get(position), job.states.get(position)) else { continue };
        let style = style(item_state, scene);
        let (word, why) = words(item_state, explained);
        let cells = vec![
            run(format!("{} {}", item_state.glyph(), job.name(&item.key)), style_of_name(item_state, scene)),
            run(human::size(item.size), theme.text()),
            run(word, style),
            run(why, theme.dim()),
        ];
        let selected = state.in_items && position == state.items.at();
        let row = Row { cells, selected, mark: Mark::None, stale: false };
        table::row(buffer, Rect { y, height: 1, ..rows }, &COLUMNS, &widths, &row, theme);
    }
}

/// The selected item in full, in so many rows below the items, else beside them; what is left for the items.
fn item(buffer: &mut Buffer, area: Rect, state: &State, below: u16, scene: Scene) -> Rect {
    let facts = state.facts();
    if below == 0 {
        let left = Rect { width: area.width - scene.share.cells(area.width), ..area };
        let right = Rect { x: left.right(), width: area.width - left.width, ..area };
        detail::facts(buffer, right, &facts, 0, true, scene.theme);
        return left;
    }
    let items = Rect { height: area.height.saturating_sub(below), ..area };
    let mut rest = Rect { y: items.bottom(), height: area.height - items.height, ..area };
    // A line between them where that takes no words away.
    if rest.height >= 5 {
        rule(buffer, Rect { height: 1, ..rest }, &[], &[], scene.theme);
        rest = Rect { y: rest.y + 1, height: rest.height - 1, ..rest };
    }
    detail::facts(buffer, rest, &facts, 0, false, scene.theme);
    items
}

/// The word, and the sentence where there is room for one.
fn words(state: &ItemState, explained: bool) -> (String, String) {
    match state {
        ItemState::SentWaiting if explained => ("sent".into(), "waiting for the server".into()),
        ItemState::Ended(outcome) => (outcome.word().into(), outcome.sentence().unwrap_or_default()),
        state => (state.word().into(), String::new()),
    }
}

fn style(state: &ItemState, scene: Scene) -> Style {
    let theme = scene.theme;
    match state {
        ItemState::Waiting | ItemState::Ended(Outcome::AlreadySo) => theme.dim(),
        ItemState::Sending | ItemState::SentWaiting => theme.accent(),
        ItemState::Ended(Outcome::Done { .. }) => theme.good(),
        ItemState::Ended(Outcome::Unknown { .. } | Outcome::Stopped) => theme.warn(),
        ItemState::Ended(_) => theme.bad(),
    }
}

fn style_of_name(state: &ItemState, scene: Scene) -> Style {
    match state {
        ItemState::Ended(outcome) if !outcome.is_done() => style(state, scene),
        _ => scene.theme.text(),
    }
}
