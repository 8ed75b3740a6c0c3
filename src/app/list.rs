//! A list that keeps selection, marks and window by id, whatever happens to its rows.

use std::collections::BTreeSet;

use strum::VariantArray;

use super::op::{OpSpec, Scope};

/// What one does in any list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, VariantArray)]
pub enum Op {
    /// One row down.
    Down,
    /// One row up.
    Up,
    /// To the first row.
    First,
    /// To the last row.
    Last,
    /// Half a page down.
    HalfDown,
    /// Half a page up.
    HalfUp,
    /// A page down.
    PageDown,
    /// A page up.
    PageUp,
    /// A narrower list beside its detail.
    Narrower,
    /// A wider list beside its detail.
    Wider,
    /// The usual widths of both.
    Usual,
}

impl Op {
    /// The row of this operation.
    pub const fn spec(self) -> OpSpec {
        match self {
            Self::Down => OpSpec::new("list.down", "Down", &["j", "down"], Scope::List)
                .help("Selects the next row.")
                .in_detail(30, "next"),
            Self::Up => OpSpec::new("list.up", "Up", &["k", "up"], Scope::List)
                .help("Selects the row above.")
                .in_detail(30, "next"),
            Self::First => {
                OpSpec::new("list.first", "First row", &["g", "home"], Scope::List).help("Selects the first row.")
            }
            Self::Last => OpSpec::new("list.last", "Last row", &["G", "end"], Scope::List)
                .help("Selects the last row; on Users the next page is loaded there."),
            Self::HalfDown => {
                OpSpec::new("list.half-down", "Half a page down", &["ctrl-d"], Scope::List).help("Moves half a page.")
            }
            Self::HalfUp => {
                OpSpec::new("list.half-up", "Half a page up", &["ctrl-u"], Scope::List).help("Moves half a page.")
            }
            Self::PageDown => {
                OpSpec::new("list.page-down", "Page down", &["pagedown", "ctrl-f"], Scope::List).help("Moves a page.")
            }
            Self::PageUp => {
                OpSpec::new("list.page-up", "Page up", &["pageup", "ctrl-b"], Scope::List).help("Moves a page.")
            }
            Self::Narrower => OpSpec::new("list.narrower", "Narrower list", &["<"], Scope::List)
                .help("Moves the line between list and detail to the left."),
            Self::Wider => OpSpec::new("list.wider", "Wider list", &[">"], Scope::List)
                .help("Moves the line between list and detail to the right."),
            Self::Usual => OpSpec::new("list.usual-widths", "Usual widths", &["="], Scope::List)
                .help("Puts the line between list and detail back to where it usually stands."),
        }
    }
}

/// The rows behind a list, asked by position.
pub trait Rows<Id> {
    /// How many there are.
    fn len(&self) -> usize;
    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// The id at a position.
    fn id_at(&self, position: usize) -> Option<Id>;
    /// The position of an id; `hint` is where it was last.
    fn position(&self, id: &Id, hint: usize) -> Option<usize>;
}

/// Rows that are a plain slice of ids.
impl<Id: PartialEq + Clone> Rows<Id> for [Id] {
    fn len(&self) -> usize {
        <[Id]>::len(self)
    }

    fn id_at(&self, position: usize) -> Option<Id> {
        self.get(position).cloned()
    }

    fn position(&self, id: &Id, hint: usize) -> Option<usize> {
        if self.get(hint) == Some(id) { Some(hint) } else { self.iter().position(|other| other == id) }
    }
}

/// Selection, marks and window of one list.
#[derive(Clone, Debug, PartialEq)]
pub struct List<Id> {
    selected: Option<Id>,
    at: usize,
    top: usize,
    marks: BTreeSet<Id>,
}

impl<Id> Default for List<Id> {
    fn default() -> Self {
        Self { selected: None, at: 0, top: 0, marks: BTreeSet::new() }
    }
}

impl<Id: Ord + Clone> List<Id> {
    /// The selected id.
    pub fn selected(&self) -> Option<&Id> {
        self.selected.as_ref()
    }

    /// Where the selected row is.
    pub fn at(&self) -> usize {
        self.at
    }

    /// The first row of the window.
    pub fn top(&self) -> usize {
        self.top
    }

    /// The marked ids.
    pub fn marks(&self) -> &BTreeSet<Id> {
        &self.marks
    }

    /// Marks a row, or takes its mark away.
    pub fn toggle_mark(&mut self, id: Id) {
        if !self.marks.remove(&id) {
            self.marks.insert(id);
        }
    }

    /// Takes all marks away.
    pub fn clear_marks(&mut self) {
        self.marks.clear();
    }

    /// Takes the mark of a row that is gone; whether it had one.
    pub fn unmark(&mut self, id: &Id) -> bool {
        self.marks.remove(id)
    }

    /// Moves as an operation says, `height` rows being in view; widths are not its own.
    pub fn run(&mut self, op: Op, rows: &(impl Rows<Id> + ?Sized), height: usize) {
        let page = height.max(1);
        let last = rows.len().saturating_sub(1);
        let to = match op {
            Op::Down => self.at.saturating_add(1),
            Op::Up => self.at.saturating_sub(1),
            Op::First => 0,
            Op::Last => last,
            Op::HalfDown => self.at.saturating_add((page / 2).max(1)),
            Op::HalfUp => self.at.saturating_sub((page / 2).max(1)),
            Op::PageDown => self.at.saturating_add(page),
            Op::PageUp => self.at.saturating_sub(page),
            Op::Narrower | Op::Wider | Op::Usual => return,
        };
        self.select(to.min(last), rows, height);
    }

    /// Selects by position.
    pub fn select(&mut self, position: usize, rows: &(impl Rows<Id> + ?Sized), height: usize) {
        self.at = position.min(rows.len().saturating_sub(1));
        self.selected = rows.id_at(self.at);
        self.follow(rows.len(), height);
    }

    /// Selects by id, where the rows hold it; whether they do.
    pub fn select_id(&mut self, id: &Id, rows: &(impl Rows<Id> + ?Sized), height: usize) -> bool {
        let Some(position) = rows.position(id, self.at) else { return false };
        self.select(position, rows, height);
        true
    }

    /// Finds the selection again after the rows or the height changed: by id, else the row that took its place. The
    /// selected row keeps its place in the window as far as possible.
    pub fn settle(&mut self, rows: &(impl Rows<Id> + ?Sized), height: usize) {
        let found = self.selected.as_ref().and_then(|id| rows.position(id, self.at));
        let offset = self.at.saturating_sub(self.top);
        // At the very top of an untouched list new rows push nothing out of sight.
        let at = found.unwrap_or_else(|| self.at.min(rows.len().saturating_sub(1)));
        self.at = at;
        self.selected = rows.id_at(at);
        self.top = at.saturating_sub(offset);
        self.follow(rows.len(), height);
    }

    /// The positions in view.
    pub fn window(&self, len: usize, height: usize) -> std::ops::Range<usize> {
        let top = self.top.min(len);
        top..len.min(top.saturating_add(height))
    }

    fn follow(&mut self, len: usize, height: usize) {
        let height = height.max(1);
        if self.at < self.top {
            self.top = self.at;
        } else if self.at >= self.top.saturating_add(height) {
            self.top = self.at + 1 - height;
        }
        self.top = self.top.min(len.saturating_sub(height));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(ids: &[u32], at: usize, height: usize) -> List<u32> {
        let mut list = List::default();
        list.select(at, ids, height);
        list
    }

    #[test]
    fn selection_follows_its_id_when_rows_come_above() {
        let mut list = list(&[1, 2, 3], 1, 2);
        list.settle([9, 8, 1, 2, 3].as_slice(), 2);
        assert_eq!((list.selected(), list.at()), (Some(&2), 3));
        assert!(list.window(5, 2).contains(&3));
    }

    #[test]
    fn a_vanished_row_leaves_the_selection_to_the_one_in_its_place() {
        let mut list = list(&[1, 2, 3], 1, 3);
        list.settle([1, 3].as_slice(), 3);
        assert_eq!(list.selected(), Some(&3));
        list.settle([].as_slice(), 3);
        assert_eq!(list.selected(), None);
        list.settle([7].as_slice(), 3);
        assert_eq!(list.selected(), Some(&7));
    }

    #[test]
    fn moves_stay_inside_and_keep_the_selection_in_view() {
        let ids: Vec<u32> = (0..100).collect();
        let mut list = list(&ids, 0, 10);
        for (op, at) in
            [(Op::Up, 0), (Op::PageDown, 10), (Op::HalfUp, 5), (Op::Last, 99), (Op::Down, 99), (Op::First, 0)]
        {
            list.run(op, ids.as_slice(), 10);
            assert_eq!(list.at(), at);
            assert!(list.window(100, 10).contains(&at));
        }
    }
}
