//! Something to read: help, a raw answer, details. It scrolls.

use ratatui::layout::Size;

use super::palette::keys;
use crate::app::op::gate::Gate;
use crate::app::op::keymap::Keymap;
use crate::app::op::{Op, Scope};
use crate::text::{clean, width};

/// The widest text line in a viewer: longer ones are hard to read.
const WIDEST: u16 = 76;
/// Cells between the frame and the text, left and right together, frame included.
const SIDES: u16 = 6;
/// Rows that the frame takes, above and below together.
const FRAME: u16 = 2;
/// Below this width of the frame most of it belongs to the text.
const NARROW: u16 = 60;

/// A row as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// A heading.
    Heading(String),
    /// Something short and what it means, side by side.
    Pair(String, String),
    /// The same, for what cannot be done now.
    Dimmed(String, String),
    /// Text, wrapped; line breaks stay.
    Text(String),
}

/// How a drawn line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// As a heading.
    Heading,
    /// As text.
    Plain,
    /// As something that cannot be done now.
    Dimmed,
}

/// A line as it is drawn: cleaned, and no wider than the viewer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What stands in the left column; empty where the text begins at the left.
    pub left: String,
    /// The text.
    pub text: String,
    /// How it looks.
    pub look: Look,
}

/// Something to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// What it is.
    pub title: String,
    rows: Vec<Row>,
    top: usize,
}

impl Viewer {
    /// From its rows; from outside in part, uncleaned.
    pub fn new(title: impl Into<String>, rows: Vec<Row>) -> Self {
        Self { title: title.into(), rows, top: 0 }
    }

    /// One text, such as a raw answer.
    pub fn text(title: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(title, vec![Row::Text(text.into())])
    }

    /// The frame's size on a screen: as wide and high as the text, and no larger than the screen.
    pub fn size(&self, screen: Size) -> Size {
        let width = screen.width.min(WIDEST + SIDES);
        let rows = self.lines(width).len().min(usize::from(u16::MAX - FRAME)) as u16;
        Size { width, height: (rows + FRAME).min(screen.height.saturating_sub(1)) }
    }

    /// The left column's width in a frame of this width; what is wider stands in a line of its own.
    pub fn left(&self, frame: u16) -> usize {
        let lefts = self.rows.iter().map(|row| match row {
            Row::Pair(left, _) | Row::Dimmed(left, _) => width::width(&clean::line(left)),
            Row::Heading(_) | Row::Text(_) => 0,
        });
        lefts.max().unwrap_or_default().min(if frame < NARROW { 8 } else { 16 })
    }

    /// The lines in a frame of this width.
    pub fn lines(&self, frame: u16) -> Vec<Line> {
        let room = usize::from(frame.saturating_sub(SIDES)).max(1);
        let left = self.left(frame);
        let beside = room.saturating_sub(left + 2).max(1);
        let mut lines = Vec::new();
        for row in &self.rows {
            let (first, text, room, look) = match row {
                Row::Heading(text) => {
                    if !lines.is_empty() {
                        lines.push(Line { left: String::new(), text: String::new(), look: Look::Plain });
                    }
                    ("", text, room, Look::Heading)
                }
                Row::Text(text) => ("", text, room, Look::Plain),
                Row::Pair(first, text) => (first.as_str(), text, beside, Look::Plain),
                Row::Dimmed(first, text) => (first.as_str(), text, beside, Look::Dimmed),
            };
            let paired = matches!(row, Row::Pair(..) | Row::Dimmed(..));
            let mut first = clean::line(first).into_owned();
            if width::width(&first) > left {
                lines.push(Line { left: std::mem::take(&mut first), text: String::new(), look });
            }
            for text in width::wrap(&clean::block(text), room) {
                // A left column on each line keeps the text of a pair in its place.
                let left = if paired && first.is_empty() { " ".into() } else { std::mem::take(&mut first) };
                lines.push(Line { left, text, look });
            }
        }
        lines
    }

    /// Whether there is more than fits on a screen of this size.
    pub fn scrolls(&self, screen: Size) -> bool {
        let size = self.size(screen);
        self.lines(size.width).len() > usize::from(size.height.saturating_sub(FRAME))
    }

    /// The first line in view, given how many lines there are and how many fit.
    pub fn top(&self, lines: usize, height: usize) -> usize {
        self.top.min(lines.saturating_sub(height))
    }

    /// All of it, to be copied.
    pub fn content(&self) -> String {
        let lines: Vec<String> = self
            .rows
            .iter()
            .map(|row| match row {
                Row::Heading(text) | Row::Text(text) => text.clone(),
                Row::Pair(left, text) | Row::Dimmed(left, text) => format!("{left}\t{text}"),
            })
            .collect();
        lines.join("\n")
    }

    /// Scrolls on a screen of this size.
    pub fn scroll(&mut self, op: super::Op, screen: Size) {
        let size = self.size(screen);
        let lines = self.lines(size.width).len();
        let page = usize::from(size.height.saturating_sub(FRAME)).max(1);
        let top = self.top(lines, page);
        self.top = match op {
            super::Op::ViewerDown => top + 1,
            super::Op::ViewerUp => top.saturating_sub(1),
            super::Op::ViewerPageDown => top + page,
            super::Op::ViewerPageUp => top.saturating_sub(page),
            super::Op::ViewerFirst => 0,
            super::Op::ViewerLast => lines,
            _ => top,
        };
        self.top = self.top(lines, page);
    }
}

/// The keys that work in these scopes, from the table: what is open here first, what works everywhere last.
pub fn help(scopes: &[Scope], keymap: &Keymap, gate: &dyn Fn(Op) -> Gate) -> Viewer {
    let mut rows = Vec::new();
    for &scope in scopes.iter().rev() {
        let mut section = Vec::new();
        for op in Op::all().filter(|op| op.spec().scope == scope) {
            let (keys, spec) = (keys(keymap, op), op.spec());
            if keys.is_empty() {
                continue;
            }
            match gate(op) {
                Gate::Run => section.push(Row::Pair(keys, keymap.say(spec.help))),
                Gate::Dimmed(reason) => {
                    let said = [spec.help, reason.sentence()].map(|text| keymap.say(text));
                    section.push(Row::Dimmed(keys, said.join(" ")));
                }
                Gate::Absent => {}
            }
        }
        if !section.is_empty() {
            rows.push(Row::Heading(scope.title().into()));
            rows.append(&mut section);
        }
    }
    Viewer::new("Help", rows)
}
