//! A list found by typing some of its letters: the line, what matches it, and the selected row. The palette and the
//! switcher are one each, in a frame whose foot tells of the selected row.

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use ratatui::layout::Size;
use tui_input::Input;

use super::form::{Change, Typed, edit_line};
use super::list::{self, List};

/// Up to so many cells a frame takes all the height; above, it leaves header and tabs in sight.
const LOW: u16 = 20;

/// The line, and the positions of the rows that match it.
#[derive(Clone, Debug, Default)]
pub struct Finder {
    /// What was typed.
    pub input: Input,
    matches: Vec<usize>,
    list: List<usize>,
}

impl Finder {
    /// What was typed.
    pub fn text(&self) -> &str {
        self.input.value()
    }

    /// The positions of the rows that match, in their order.
    pub fn matches(&self) -> &[usize] {
        &self.matches
    }

    /// Selection and window.
    pub fn list(&self) -> &List<usize> {
        &self.list
    }

    /// The position of the selected row.
    pub fn selected(&self) -> Option<usize> {
        self.list.selected().copied()
    }

    /// Types into the line; whether what it says is another thing now.
    pub fn typed(&mut self, typed: Typed<'_>) -> bool {
        matches!(edit_line(&mut self.input, typed), Change::Edited { .. })
    }

    /// These match what was typed; the first of them is selected.
    pub fn found(&mut self, matches: Vec<usize>) {
        (self.matches, self.list) = (matches, List::default());
        self.select(0, 1);
    }

    /// These match now; the selection stays, `height` rows being in view.
    pub fn settle(&mut self, matches: Vec<usize>, height: usize) {
        self.matches = matches;
        self.list.settle(self.matches.as_slice(), height);
    }

    /// Selects the row at a place among those that match.
    pub fn select(&mut self, at: usize, height: usize) {
        self.list.select(at, self.matches.as_slice(), height);
    }

    /// Moves in the list, `height` rows being in view.
    pub fn go(&mut self, op: list::Op, height: usize) {
        self.list.run(op, self.matches.as_slice(), height);
    }
}

/// Tells how well a text has these letters: the lower, the better; `None` where it lacks one.
pub fn scores(letters: &str) -> impl FnMut(&str) -> Option<u32> + use<> {
    let mut matcher = Matcher::new(Config::DEFAULT);
    let pattern = Pattern::new(letters, CaseMatching::Ignore, Normalization::Smart, AtomKind::Fuzzy);
    let mut buffer = Vec::new();
    move |text| Some(u32::MAX - pattern.score(Utf32Str::new(text, &mut buffer), &mut matcher)?)
}

/// The frame's size on a screen that is no wider than this, with room for so many rows beside its foot.
pub fn size(screen: Size, widest: u16, rows: u16) -> Size {
    let most = screen.height.saturating_sub(1).min(LOW).max(screen.height.saturating_sub(4));
    Size { width: screen.width.min(widest), height: most.min(rows.saturating_add(foot(screen))) }
}

/// Rows of the foot: a narrow one takes more.
pub fn foot(screen: Size) -> u16 {
    if screen.width < 60 { 3 } else { 2 }
}
