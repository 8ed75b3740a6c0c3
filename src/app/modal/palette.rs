//! The command palette: every operation that makes sense here, found by typing some of its letters.

use ratatui::layout::Size;

use crate::app::finder::{self, Finder, scores};
use crate::app::form::Typed;
use crate::app::global;
use crate::app::op::gate::{Gate, Reason};
use crate::app::op::keymap::Keymap;
use crate::app::op::{Op, Scope};

/// The widest frame, in cells.
const WIDEST: u16 = 72;
/// Rows that the frame and the line take.
const AROUND: u16 = 3;

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
    /// What was typed, and what it finds.
    pub finder: Finder,
    items: Vec<Item>,
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
        let mut palette = Self { finder: Finder::default(), items };
        palette.search();
        palette
    }

    /// The commands that match, the best first.
    pub fn shown(&self) -> impl Iterator<Item = &Item> {
        self.finder.matches().iter().filter_map(|&at| self.items.get(at))
    }

    /// The frame's size on a screen.
    pub fn size(&self, screen: Size) -> Size {
        finder::size(screen, WIDEST, (self.items.len() as u16).saturating_add(AROUND))
    }

    /// How many commands are in view: all but the frame, the line and the foot.
    pub fn rows(&self, screen: Size) -> usize {
        usize::from(self.size(screen).height.saturating_sub(AROUND + finder::foot(screen))).max(1)
    }

    /// The selected command.
    pub fn selected(&self) -> Option<&Item> {
        self.finder.selected().and_then(|at| self.items.get(at))
    }

    /// Types into the line; the best match is selected.
    pub fn typed(&mut self, typed: Typed<'_>) {
        if self.finder.typed(typed) {
            self.search();
        }
    }

    fn search(&mut self) {
        let mut score = scores(self.finder.text());
        let typed = self.finder.text().trim().to_lowercase();
        let mut found: Vec<_> = self
            .items
            .iter()
            .enumerate()
            .filter_map(|(at, item)| {
                // The title is what one reads, the name what one knows from the config.
                let score = score(&format!("{} {}", item.title, item.name))?;
                let title = item.title.to_lowercase();
                // The start of the title, then of a word in it, then any letters. What begins alike stays in the
                // order of the table.
                let place = if title.starts_with(&typed) {
                    (0, 0)
                } else if title.split(' ').any(|word| word.starts_with(&typed)) {
                    (1, 0)
                } else {
                    (2, score)
                };
                Some((place, at))
            })
            .collect();
        found.sort_by_key(|(place, _)| *place);
        self.finder.found(found.into_iter().map(|(_, at)| at).collect());
    }
}

/// Where an operation stands in the palette: this screen's own, the program's, moves.
fn group(op: Op) -> u8 {
    use global::Op as G;
    match op {
        Op::List(_)
        | Op::Global(G::NextTab | G::PreviousTab | G::Users | G::Buckets | G::Jobs | G::Activity | G::Back) => 2,
        _ if matches!(op.spec().scope, Scope::Always | Scope::Global) => 1,
        _ => 0,
    }
}

/// The keys of an operation as they are typed, the first two.
pub fn keys(keymap: &Keymap, op: Op) -> String {
    let keys: Vec<String> = keymap.keys(op).take(2).map(|key| key.to_string()).collect();
    keys.join(" ")
}
