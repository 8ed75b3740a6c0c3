//! The command palette: every operation that makes sense here, found by typing some of its letters.

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use ratatui::layout::Size;
use tui_input::Input;

use crate::app::form::{Change, Typed, edit_line};
use crate::app::list::{self, List};
use crate::app::op::Op;
use crate::app::op::gate::{Gate, Reason};
use crate::app::op::keymap::Keymap;

/// The widest frame, in cells.
const WIDEST: u16 = 72;
/// The highest frame, in cells.
const HIGHEST: u16 = 20;

/// A command in the palette.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The operation.
    pub op: Op,
    /// Its name in the table.
    pub name: &'static str,
    /// Its title.
    pub title: &'static str,
    /// Its keys, as they are typed.
    pub keys: String,
    /// Why it does not run now.
    pub dimmed: Option<Reason>,
}

/// The palette as it stands.
#[derive(Clone, Debug)]
pub struct Palette {
    /// What was typed.
    pub input: Input,
    items: Vec<Item>,
    matches: Vec<usize>,
    list: List<usize>,
}

impl Palette {
    /// All operations of the table that the gate does not call absent; `gate` may look at the screen below.
    pub fn new(keymap: &Keymap, gate: &dyn Fn(Op) -> Gate) -> Self {
        let items: Vec<Item> = Op::all()
            .filter_map(|op| {
                let dimmed = match gate(op) {
                    Gate::Absent => return None,
                    Gate::Dimmed(reason) => Some(reason),
                    Gate::Run => None,
                };
                let spec = op.spec();
                Some(Item { op, name: spec.name, title: spec.title, keys: keys(keymap, op), dimmed })
            })
            .collect();
        let mut palette = Self { input: Input::default(), items, matches: Vec::new(), list: List::default() };
        palette.search();
        palette
    }

    /// The commands that match, the best first.
    pub fn shown(&self) -> impl Iterator<Item = &Item> {
        self.matches.iter().filter_map(|&at| self.items.get(at))
    }

    /// How many match.
    pub fn count(&self) -> usize {
        self.matches.len()
    }

    /// Selection and window.
    pub fn list(&self) -> &List<usize> {
        &self.list
    }

    /// The frame's size on a screen.
    pub fn size(screen: Size) -> Size {
        Size { width: screen.width.min(WIDEST), height: screen.height.saturating_sub(1).min(HIGHEST) }
    }

    /// How many commands are in view: all but the frame, the line and the foot.
    pub fn rows(screen: Size) -> usize {
        usize::from(Self::size(screen).height.saturating_sub(4)).max(1)
    }

    /// The selected command.
    pub fn selected(&self) -> Option<&Item> {
        self.list.selected().and_then(|&at| self.items.get(at))
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
        let mut found: Vec<(u32, usize)> = self
            .items
            .iter()
            .enumerate()
            .filter_map(|(at, item)| {
                // The title is what one reads, the name what one knows from the config.
                let text = format!("{} {}", item.title, item.name);
                Some((pattern.score(Utf32Str::new(&text, &mut buffer), &mut matcher)?, at))
            })
            .collect();
        // Stable: what scores the same stays in the table's order.
        found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        self.matches = found.into_iter().map(|(_, at)| at).collect();
        self.list = List::default();
        self.list.select(0, self.matches.as_slice(), 1);
    }
}

/// The keys of an operation as they are typed, the first two.
pub fn keys(keymap: &Keymap, op: Op) -> String {
    let keys: Vec<String> = keymap.keys(op).take(2).map(|key| key.to_string()).collect();
    keys.join(" ")
}
