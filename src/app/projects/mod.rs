//! The switcher: every project one can go to and how each is, found by typing some of its letters. What going to one does
//! to the screen is the root's (`app::switch`).

mod effect;
mod ops;
#[cfg(test)]
mod tests;

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use ratatui::layout::Size;
use tui_input::Input;

pub use effect::{Body, Checked, Effect, Listed};
pub use ops::Op;

use super::form::{Change, Typed, edit_line};
use super::list::{self, List};
use super::project::Which;

/// The widest frame, in cells.
const WIDEST: u16 = 116;
/// Up to so many cells the frame takes all the height; above, it leaves header and tabs in sight.
const LOW: u16 = 20;
/// Rows that the frame, the line, and the heads take.
const AROUND: u16 = 4;

/// Rows of the foot, which says of the selected project why it cannot be had: a narrow one takes more.
pub fn foot(screen: Size) -> u16 {
    if screen.width < 60 { 3 } else { 2 }
}

/// How a project is, as far as it was asked.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// It is being asked.
    Checking,
    /// It answered.
    Checked(Checked),
}

/// A row of the switcher.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The project.
    pub project: Listed,
    /// How it is.
    pub state: State,
}

/// What the switcher shows.
#[derive(Clone, Debug, PartialEq)]
pub enum Rows {
    /// The configuration is being read.
    Reading,
    /// It cannot be read: one sentence.
    Failed(String),
    /// The projects.
    Read(Vec<Row>),
}

/// The switcher as it stands.
#[derive(Clone, Debug)]
pub struct Switcher {
    /// What was typed.
    pub input: Input,
    /// The project in view.
    pub here: Which,
    rows: Rows,
    matches: Vec<usize>,
    list: List<usize>,
}

impl Switcher {
    /// An empty one; `here` is the project in view.
    pub fn new(here: Which) -> Self {
        Self { input: Input::default(), here, rows: Rows::Reading, matches: Vec::new(), list: List::default() }
    }

    /// What there is.
    pub fn rows(&self) -> &Rows {
        &self.rows
    }

    fn all(&self) -> &[Row] {
        match &self.rows {
            Rows::Read(rows) => rows,
            Rows::Reading | Rows::Failed(_) => &[],
        }
    }

    /// The rows that match, in their order.
    pub fn shown(&self) -> impl Iterator<Item = &Row> {
        self.matches.iter().filter_map(|&at| self.all().get(at))
    }

    /// How many match.
    pub fn count(&self) -> usize {
        self.matches.len()
    }

    /// Selection and window.
    pub fn list(&self) -> &List<usize> {
        &self.list
    }

    /// The selected row.
    pub fn selected(&self) -> Option<&Row> {
        self.list.selected().and_then(|&at| self.all().get(at))
    }

    /// The frame's size on a screen.
    pub fn size(&self, screen: Size) -> Size {
        let most = screen.height.saturating_sub(1).min(LOW).max(screen.height.saturating_sub(4));
        let all = (self.all().len().clamp(4, 1_000) as u16).saturating_add(AROUND + foot(screen));
        Size { width: screen.width.min(WIDEST), height: most.min(all) }
    }

    /// How many rows are in view.
    pub fn height(&self, screen: Size) -> usize {
        usize::from(self.size(screen).height.saturating_sub(AROUND + foot(screen))).max(1)
    }

    /// The projects were read: those opened last come first, then by name. What is to be asked.
    pub fn listed(&mut self, read: Result<Vec<Listed>, String>) -> Vec<Which> {
        self.rows = match read {
            Ok(mut projects) => {
                projects.sort_by(|one, other| {
                    (other.memory.opened.cmp(&one.memory.opened)).then_with(|| one.name.cmp(&other.name))
                });
                let row = |project: Listed| Row {
                    state: if project.command { State::Checked(Checked::NotAsked) } else { State::Checking },
                    project,
                };
                Rows::Read(projects.into_iter().map(row).collect())
            }
            Err(why) => Rows::Failed(why),
        };
        self.search();
        // What one goes to most often is the project one came from.
        let elsewhere = self.shown().position(|row| row.project.which != self.here).unwrap_or(0);
        self.list.select(elsewhere, self.matches.as_slice(), usize::MAX);
        self.asked()
    }

    /// All are asked again: which ones.
    pub fn again(&mut self) -> Vec<Which> {
        if let Rows::Read(rows) = &mut self.rows {
            for row in rows.iter_mut().filter(|row| !row.project.command) {
                row.state = State::Checking;
            }
        }
        self.asked()
    }

    fn asked(&self) -> Vec<Which> {
        let checking = self.all().iter().filter(|row| row.state == State::Checking);
        checking.map(|row| row.project.which.clone()).collect()
    }

    /// A project answered. Rows keep their places.
    pub fn checked(&mut self, which: &Which, checked: Checked) {
        if let Rows::Read(rows) = &mut self.rows
            && let Some(row) = rows.iter_mut().find(|row| row.project.which == *which)
        {
            row.state = State::Checked(checked);
        }
    }

    /// Types into the line; the best match is selected.
    pub fn typed(&mut self, typed: Typed<'_>) {
        if matches!(edit_line(&mut self.input, typed), Change::Edited { .. }) {
            self.search();
        }
    }

    /// Moves in the list, `height` rows being in view.
    pub fn go(&mut self, op: list::Op, height: usize) {
        self.list.run(op, self.matches.as_slice(), height);
    }

    fn search(&mut self) {
        let mut matcher = Matcher::new(Config::DEFAULT);
        let pattern = Pattern::new(self.input.value(), CaseMatching::Ignore, Normalization::Smart, AtomKind::Fuzzy);
        let mut buffer = Vec::new();
        let mut score = |text: &str| pattern.score(Utf32Str::new(text, &mut buffer), &mut matcher);
        let typed = self.input.value().trim().to_lowercase();
        let mut found: Vec<(bool, u32, usize)> = Vec::new();
        for (at, row) in self.all().iter().enumerate() {
            // The name is what one types; a part of the address is a second way to it: any letters would find them all.
            let named = score(&row.project.name).map(|score| u32::MAX - score);
            let placed = row.project.reference.to_lowercase().contains(&typed).then_some(0);
            if let Some(place) = named.or(placed) {
                found.push((named.is_none(), place, at));
            }
        }
        if !self.input.value().trim().is_empty() {
            found.sort_unstable();
        }
        self.matches = found.into_iter().map(|(_, _, at)| at).collect();
        self.list = List::default();
        self.list.select(0, self.matches.as_slice(), 1);
    }
}
