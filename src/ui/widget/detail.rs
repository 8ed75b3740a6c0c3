//! The detail of one row: facts, scrolled, behind a thin line.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::rule;
use crate::app::facts::{self, Fact, LABEL, MARGIN, Mood};
use crate::text::{clean, json, width};
use crate::ui::text::{self, Run};
use crate::ui::theme::Theme;

/// The style of a mood.
pub fn style(mood: Mood, theme: Theme) -> Style {
    match mood {
        Mood::Plain => theme.text(),
        Mood::Dim => theme.dim(),
        Mood::Good => theme.good(),
        Mood::Warn => theme.warn(),
        Mood::Bad => theme.bad(),
    }
}

/// One line of a detail, or a field whose value may take several.
#[derive(Clone, Debug, PartialEq)]
pub enum Line {
    /// What it is about.
    Title(String),
    /// A text.
    Text(Run),
    /// A name and its value.
    Field(String, String),
    /// A heading.
    Section(String),
    /// A line of JSON.
    Json(json::Line),
    /// Nothing.
    Blank,
}

/// Draws the lines from line `scroll` on; `beside` a list a thin line stands at the left.
pub fn draw(buffer: &mut Buffer, area: Rect, lines: &[Line], scroll: usize, beside: bool, theme: Theme) {
    if area.width <= MARGIN {
        return;
    }
    if beside {
        for y in area.top()..area.bottom() {
            text::left(buffer, Rect { y, width: 1, height: 1, ..area }, &[text::run("│", theme.dim())]);
        }
    }
    let inner = Rect { x: area.x + MARGIN, width: area.width - MARGIN, ..area };
    let label = label_width(lines, inner.width);
    let drawn: Vec<Drawn> = lines.iter().flat_map(|line| wrapped(line, inner.width, label, theme)).collect();
    // An area that has grown shows no empty end.
    let scroll = scroll.min(drawn.len().saturating_sub(usize::from(area.height)));
    for (y, line) in (inner.top()..inner.bottom()).zip(drawn.into_iter().skip(scroll)) {
        let row = Rect { y, height: 1, ..inner };
        match line {
            Drawn::Runs(runs) => {
                text::left(buffer, row, &runs);
            }
            Drawn::Section(title) => rule::section(buffer, row, &title, theme),
        }
    }
}

/// Draws facts in the same way.
pub fn facts(buffer: &mut Buffer, area: Rect, facts: &[Fact], scroll: usize, beside: bool, theme: Theme) {
    let cells = facts::cells(area);
    let lines: Vec<Line> = facts.iter().flat_map(|fact| of_fact(fact, cells, theme)).collect();
    draw(buffer, area, &lines, scroll, beside, theme);
}

enum Drawn {
    Runs(Vec<Run>),
    Section(String),
}

/// The longest label decides, within bounds.
fn label_width(lines: &[Line], width: u16) -> usize {
    let longest = lines.iter().map(|line| if let Line::Field(label, _) = line { width::width(label) } else { 0 }).max();
    longest.unwrap_or_default().clamp(LABEL, LABEL * 2).min(usize::from(width / 2))
}

fn wrapped(line: &Line, cells: u16, label: usize, theme: Theme) -> Vec<Drawn> {
    let cells = usize::from(cells);
    match line {
        Line::Title(text) => width::wrap(&clean::block(text), cells)
            .into_iter()
            .map(|line| Drawn::Runs(vec![text::run(line, theme.strong())]))
            .collect(),
        Line::Text(run) => vec![Drawn::Runs(vec![run.clone()])],
        Line::Field(name, value) => field(name, value, (cells, label), theme),
        Line::Section(title) => vec![Drawn::Section(title.clone())],
        Line::Json(line) => vec![Drawn::Runs(json_runs(line, theme))],
        Line::Blank => vec![Drawn::Runs(Vec::new())],
    }
}

fn field(name: &str, value: &str, (cells, label): (usize, usize), theme: Theme) -> Vec<Drawn> {
    let mut lines = width::wrap(&clean::block(value), cells.saturating_sub(label + 1).max(1));
    if lines.is_empty() {
        lines.push(String::new());
    }
    let name = clean::line(name);
    let head = |at: usize| width::pad(if at == 0 { &name } else { "" }, label, width::Align::Left) + " ";
    lines
        .into_iter()
        .enumerate()
        .map(|(at, line)| Drawn::Runs(vec![text::run(head(at), theme.dim()), text::run(line, theme.text())]))
        .collect()
}

fn of_fact(fact: &Fact, cells: usize, theme: Theme) -> Vec<Line> {
    match fact {
        Fact::Title(text) => vec![Line::Title(text.clone())],
        Fact::Pair(label, value) => vec![Line::Field((*label).to_owned(), value.clone())],
        Fact::Note(_, mood) => facts::wrapped(fact, cells)
            .into_iter()
            .map(|line| Line::Text(text::run(line, style(*mood, theme))))
            .collect(),
        Fact::Section(title) => vec![Line::Section((*title).to_owned())],
        Fact::Json(line) => vec![Line::Json(line.clone())],
        Fact::Blank => vec![Line::Blank],
    }
}

/// One line of JSON: `▸ "settings": { 4 keys }`.
fn json_runs(line: &json::Line, theme: Theme) -> Vec<Run> {
    let fold = if line.fold == Some(true) { "▸ " } else { "  " };
    let mut runs =
        vec![text::run("  ".repeat(usize::from(line.indent)), theme.text()), text::run(fold, theme.accent())];
    if let Some(key) = &line.key {
        runs.push(text::run(format!("{key}: "), theme.accent()));
    }
    runs.push(text::run(&line.text, theme.text()));
    runs
}
