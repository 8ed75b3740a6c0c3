//! The detail of one row: facts, scrolled, behind a thin line.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::rule;
use crate::app::facts::{self, Fact, MARGIN, Mood};
use crate::text::json;
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

/// Draws the facts from line `scroll` on; `beside` a list a thin line stands at the left.
pub fn facts(buffer: &mut Buffer, area: Rect, facts: &[Fact], scroll: usize, beside: bool, theme: Theme) {
    if area.width <= MARGIN {
        return;
    }
    if beside {
        for y in area.top()..area.bottom() {
            text::left(buffer, Rect { y, width: 1, height: 1, ..area }, &[text::run("│", theme.dim())]);
        }
    }
    let inner = Rect { x: area.x + MARGIN, width: area.width - MARGIN, ..area };
    let cells = facts::cells(area);
    // An area that has grown shows no empty end.
    let scroll = match scroll {
        0 => 0,
        _ => scroll.min(facts::height(facts, cells).saturating_sub(usize::from(area.height))),
    };
    let lines = facts.iter().flat_map(|fact| lines(fact, cells, theme)).skip(scroll);
    for (y, line) in (inner.top()..inner.bottom()).zip(lines) {
        let row = Rect { y, height: 1, ..inner };
        match line {
            Line::Runs(runs) => {
                text::left(buffer, row, &runs);
            }
            Line::Section(title) => rule::section(buffer, row, title, theme),
        }
    }
}

enum Line {
    Runs(Vec<Run>),
    Section(&'static str),
}

fn lines(fact: &Fact, cells: usize, theme: Theme) -> Vec<Line> {
    let wrapped = |style: Style| {
        facts::wrapped(fact, cells).into_iter().map(move |line| Line::Runs(vec![text::run(line, style)])).collect()
    };
    match fact {
        Fact::Title(_) => wrapped(theme.strong()),
        Fact::Note(_, mood) => wrapped(style(*mood, theme)),
        Fact::Pair(label, value) => {
            let wide = facts::label_cells(label, value, cells);
            facts::wrapped(fact, cells)
                .into_iter()
                .enumerate()
                .map(|(at, line)| {
                    let label = if at == 0 { *label } else { "" };
                    let label = text::run(format!("{label:wide$} "), theme.dim());
                    Line::Runs(vec![label, text::run(line, theme.text())])
                })
                .collect()
        }
        Fact::Section(title) => vec![Line::Section(title)],
        Fact::Json(line) => json(fact, line, cells, theme),
        Fact::Blank => vec![Line::Runs(Vec::new())],
    }
}

/// One line of JSON, wrapped: `▸ "settings": { 4 keys }`.
fn json(fact: &Fact, line: &json::Line, cells: usize, theme: Theme) -> Vec<Line> {
    let indent = facts::json_indent(line, cells);
    let fold = if line.fold == Some(true) { "▸ " } else { "  " };
    let key = line.key.as_ref().map(|key| format!("{key}:")).unwrap_or_default();
    let texts = facts::wrapped(fact, cells).into_iter().enumerate();
    texts
        .map(|(at, text)| {
            let fold = if at == 0 { fold } else { "    " };
            let (key, rest) = match text.strip_prefix(&key) {
                Some(rest) if at == 0 => (key.as_str(), rest),
                _ => ("", text.as_str()),
            };
            Line::Runs(vec![
                text::run(" ".repeat(indent.saturating_sub(2)), theme.text()),
                text::run(fold, theme.accent()),
                text::run(key, theme.accent()),
                text::run(rest, theme.text()),
            ])
        })
        .collect()
}
