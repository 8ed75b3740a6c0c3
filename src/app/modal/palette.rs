//! The command palette: every operation that makes sense here, found by typing some of its letters.

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use ratatui::layout::Size;
use tui_input::Input;

use crate::app::form::{Change, Typed, edit_line};
use crate::app::global;
use crate::app::list::{self, List};
use crate::app::op::Op;
use crate::app::op::gate::{Gate, Reason};
use crate::app::op::keymap::Keymap;

/// The widest frame, in cells.
const WIDEST: u16 = 72;
/// Up to so many cells the frame takes all the height; above, it leaves header and tabs in sight.
const LOW: u16 = 20;
/// Rows that the frame, the line and the foot take.
const AROUND: u16 = 4;

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
    /// All operations of the table that the gate does not call absent: those of the screen in view first, what only
    /// moves about last. `gate` may look at the screen below.
    pub fn new(keymap: &Keymap, gate: &dyn Fn(Op) -> Gate) -> Self {
        let mut ops: Vec<Op> = Op::all().collect();
        ops.sort_by_key(|&op| group(op));
        let items: Vec<Item> = ops
            .into_iter()
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
    pub fn size(&self, screen: Size) -> Size {
        let most = screen.height.saturating_sub(1).min(LOW).max(screen.height.saturating_sub(4));
        let all = (self.items.len() as u16).saturating_add(AROUND);
        Size { width: screen.width.min(WIDEST), height: most.min(all) }
    }

    /// How many commands are in view: all but the frame, the line and the foot.
    pub fn rows(&self, screen: Size) -> usize {
        usize::from(self.size(screen).height.saturating_sub(AROUND)).max(1)
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
        let typed = self.input.value().trim().to_lowercase();
        let mut found: Vec<_> = self
            .items
            .iter()
            .enumerate()
            .filter_map(|(at, item)| {
                // The title is what one reads, the name what one knows from the config.
                let text = format!("{} {}", item.title, item.name);
                let score = pattern.score(Utf32Str::new(&text, &mut buffer), &mut matcher)?;
                let title = item.title.to_lowercase();
                // The start of the title, then of a word in it, then any letters. What begins alike stays in the
                // order of the table.
                let place = if title.starts_with(&typed) {
                    (0, 0)
                } else if title.split(' ').any(|word| word.starts_with(&typed)) {
                    (1, 0)
                } else {
                    (2, u32::MAX - score)
                };
                Some((place, at))
            })
            .collect();
        found.sort_by_key(|(place, _)| *place);
        self.matches = found.into_iter().map(|(_, at)| at).collect();
        self.list = List::default();
        self.list.select(0, self.matches.as_slice(), 1);
    }
}

/// Where an operation stands in the palette: this screen's own, the program's, moves.
fn group(op: Op) -> u8 {
    use global::Op as G;
    match op {
        Op::List(_)
        | Op::Global(G::NextTab | G::PreviousTab | G::Users | G::Buckets | G::Jobs | G::Activity | G::Back) => 2,
        Op::Global(_) => 1,
        _ => 0,
    }
}

/// The keys of an operation as they are typed, the first two.
pub fn keys(keymap: &Keymap, op: Op) -> String {
    let keys: Vec<String> = keymap.keys(op).take(2).map(|key| key.to_string()).collect();
    keys.join(" ")
}
