//! The first step: walking through directories, filtering by typing, marking files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tui_input::{Input, InputRequest};

use super::{Dir, DirEntry, Effect, EntryKind, Op};
use crate::app::form::{Change, Typed, edit_line};
use crate::app::list::{self, List};

/// What the walk asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BrowseOut {
    /// Nothing.
    None,
    /// Read something.
    Ask(Effect),
    /// Go on with these files.
    Take(Vec<PathBuf>),
    /// Leave.
    Leave,
}

/// A directory as it is asked for; none is where the program was started.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place(Option<PathBuf>);

/// Where one is, what is typed, what is marked.
#[derive(Clone, Debug, Default)]
pub struct Browse {
    /// What was typed: a filter, or a path where it begins as one.
    pub input: Input,
    /// Whether hidden files are shown.
    pub hidden: bool,
    /// What is wrong, or to know; gone with the next key. Holds names from outside.
    pub note: Option<String>,
    /// A directory is being read.
    pub loading: bool,
    dir: Option<Dir>,
    /// The entries' names in lower case, for the filter.
    folded: Vec<String>,
    /// Where one is while the line names no path.
    base: Option<PathBuf>,
    /// The directory that is shown or being read, as it was asked for.
    asked: Option<Place>,
    marks: BTreeMap<PathBuf, u64>,
    shown: Vec<usize>,
    list: List<usize>,
    /// The folder one came from, to be selected.
    came_from: Option<String>,
    /// What was pressed before the directory was there.
    pending: Option<Op>,
}

impl Browse {
    /// Where one is, or the path asked for.
    pub fn place(&self) -> String {
        match (&self.dir, &self.asked) {
            (Some(dir), _) if !self.loading => dir.path.display().to_string(),
            (_, Some(Place(Some(path)))) => path.display().to_string(),
            _ => ".".into(),
        }
    }

    /// Whether there are more entries than are held.
    pub fn is_cut(&self) -> bool {
        self.dir.as_ref().is_some_and(|dir| dir.cut)
    }

    /// The entries that are shown, with whether each is marked.
    pub fn shown(&self, range: std::ops::Range<usize>) -> impl Iterator<Item = (&DirEntry, bool)> {
        let dir = self.dir.as_ref();
        self.shown.get(range).unwrap_or_default().iter().filter_map(move |&at| {
            let dir = dir?;
            let entry = dir.entries.get(at)?;
            Some((entry, self.marks.contains_key(&dir.path.join(&entry.name))))
        })
    }

    /// How many are shown.
    pub fn count(&self) -> usize {
        self.shown.len()
    }

    /// Selection and window.
    pub fn list(&self) -> &List<usize> {
        &self.list
    }

    /// The marked files and their bytes.
    pub fn marks(&self) -> &BTreeMap<PathBuf, u64> {
        &self.marks
    }

    /// Takes marks away: of files that were sent.
    pub fn clear_marks(&mut self) {
        self.marks.clear();
    }

    /// Asks for the directory that the line names, where that is another one.
    pub fn sync(&mut self) -> BrowseOut {
        let wanted = Place(self.wanted());
        if self.asked.as_ref() == Some(&wanted) {
            self.refilter();
            return BrowseOut::None;
        }
        self.asked = Some(wanted.clone());
        self.loading = true;
        self.shown.clear();
        BrowseOut::Ask(Effect::ReadDir(wanted.0))
    }

    /// A directory was read, or could not be.
    pub fn received(&mut self, asked: Option<PathBuf>, read: Result<Dir, String>, height: usize) -> BrowseOut {
        if self.asked.as_ref() != Some(&Place(asked)) || !self.loading {
            return BrowseOut::None;
        }
        self.loading = false;
        let pending = self.pending.take();
        match read {
            Ok(dir) => {
                if self.typed_path().is_none() {
                    self.base = Some(dir.path.clone());
                    self.asked = Some(Place(self.base.clone()));
                }
                self.folded = dir.entries.iter().map(|entry| entry.name.to_lowercase()).collect();
                self.dir = Some(dir);
                self.refilter();
                if let Some(name) = self.came_from.take() {
                    self.select_name(&name, height);
                }
                pending.map_or(BrowseOut::None, |op| self.run(op, height))
            }
            Err(why) => {
                self.note = Some(why);
                self.came_from = None;
                // A folder that cannot be opened leaves one where one was.
                if self.typed_path().is_none() {
                    self.base = self.dir.as_ref().map(|dir| dir.path.clone());
                    self.asked = Some(Place(self.base.clone()));
                    self.refilter();
                }
                BrowseOut::None
            }
        }
    }

    /// Types into the line.
    pub fn typed(&mut self, typed: Typed<'_>) -> BrowseOut {
        self.note = None;
        match edit_line(&mut self.input, typed) {
            Change::None | Change::Moved => BrowseOut::None,
            Change::Refused(why) => {
                self.note = Some(why);
                BrowseOut::None
            }
            Change::Edited { .. } => self.sync(),
        }
    }

    /// Runs an operation, `height` rows being in view.
    pub fn run(&mut self, op: Op, height: usize) -> BrowseOut {
        self.note = None;
        let at_end = self.input.cursor() == self.input.value().chars().count();
        let empty = self.input.value().is_empty();
        match op {
            Op::Down => self.list.run(list::Op::Down, self.shown.as_slice(), height),
            Op::Up => self.list.run(list::Op::Up, self.shown.as_slice(), height),
            Op::PageDown => self.list.run(list::Op::PageDown, self.shown.as_slice(), height),
            Op::PageUp => self.list.run(list::Op::PageUp, self.shown.as_slice(), height),
            Op::Hidden => {
                self.hidden = !self.hidden;
                self.refilter();
            }
            Op::Into if !at_end => drop(self.input.handle(InputRequest::GoToNextChar)),
            Op::Parent if !empty => drop(self.input.handle(InputRequest::GoToPrevChar)),
            Op::Erase if !empty => {
                self.input.handle(InputRequest::DeletePrevChar);
                return self.sync();
            }
            Op::Parent | Op::Erase => return self.go_up(),
            Op::Cancel if empty => return BrowseOut::Leave,
            Op::Cancel => {
                self.input.reset();
                return self.sync();
            }
            Op::Go => return self.go_on(),
            // Pressed ahead of a slow directory: done once it is there.
            Op::Take | Op::Into | Op::Mark | Op::Complete if self.loading => self.pending = Some(op),
            Op::Take => return self.take(),
            Op::Into => return self.open_selected(),
            Op::Mark => self.mark(height),
            Op::Complete => return self.complete(height),
            Op::Help => {}
        }
        BrowseOut::None
    }

    /// The directory that is to be shown.
    fn wanted(&self) -> Option<PathBuf> {
        let Some((head, _)) = self.typed_path() else { return self.base.clone() };
        match head {
            "~" => Some(PathBuf::from("~/")),
            _ if head.starts_with('.') => Some(self.base.clone().unwrap_or_default().join(head)),
            _ => Some(PathBuf::from(head)),
        }
    }

    /// The line as a path: the directory it names, and the beginning of a name in it.
    fn typed_path(&self) -> Option<(&str, &str)> {
        let text = self.input.value();
        if text == "~" {
            return Some(("~", ""));
        }
        if !["/", "~/", "./", "../"].iter().any(|start| text.starts_with(start)) {
            return None;
        }
        text.rfind('/').map(|at| text.split_at(at + 1))
    }

    /// What is shown, by what was typed.
    fn refilter(&mut self) {
        self.shown = Vec::new();
        let path = self.typed_path();
        let filter = path.map_or(self.input.value(), |(_, name)| name).to_lowercase();
        let dots = self.hidden || filter.starts_with('.');
        let Some(dir) = &self.dir else { return };
        let unreadable = self.loading || (path.is_some() && self.note.is_some());
        if unreadable {
            return;
        }
        let words: Vec<&str> = filter.split_whitespace().collect();
        let fits = |folded: &str| match path {
            Some(_) => folded.starts_with(&filter),
            None => words.iter().all(|word| folded.contains(word)),
        };
        let names = dir.entries.iter().zip(&self.folded).enumerate();
        let shown: Vec<usize> = names
            .filter(|(_, (entry, folded))| (dots || !entry.name.starts_with('.')) && fits(folded))
            .map(|(at, _)| at)
            .collect();
        // A name typed whole is meant, whatever else begins with it.
        let whole = |&at: &usize| self.folded.get(at).is_some_and(|folded| *folded == filter);
        let at = if path.is_some() { shown.iter().position(whole).unwrap_or(0) } else { 0 };
        self.shown = shown;
        self.list = List::default();
        self.list.select(at, self.shown.as_slice(), 1);
    }

    fn select_name(&mut self, name: &str, height: usize) {
        let Some(dir) = &self.dir else { return };
        let found = self.shown.iter().position(|&at| dir.entries.get(at).is_some_and(|entry| entry.name == name));
        if let Some(at) = found {
            self.list.select(at, self.shown.as_slice(), height);
        }
    }

    fn selected(&self) -> Option<(&Path, &DirEntry)> {
        let dir = self.dir.as_ref()?;
        let at = self.list.selected()?;
        Some((dir.path.as_path(), dir.entries.get(*at)?))
    }

    fn go_up(&mut self) -> BrowseOut {
        let Some(base) = &self.base else { return BrowseOut::None };
        let Some(parent) = base.parent().map(Path::to_path_buf) else {
            self.note = Some("This is the topmost folder.".into());
            return BrowseOut::None;
        };
        self.came_from = base.file_name().map(|name| name.to_string_lossy().into_owned());
        self.base = Some(parent);
        self.sync()
    }

    fn open_selected(&mut self) -> BrowseOut {
        let Some((path, entry)) = self.selected() else { return BrowseOut::None };
        match (&entry.fault, entry.kind) {
            (Some(fault), _) => self.note = Some(fault.clone()),
            (None, EntryKind::Dir) => {
                let into = path.join(&entry.name);
                self.base = Some(into);
                self.input.reset();
                return self.sync();
            }
            (None, _) => self.note = Some("This is a file: take it, or mark it.".into()),
        }
        BrowseOut::None
    }

    fn take(&mut self) -> BrowseOut {
        // A path that ends in `/` names the folder itself.
        if self.typed_path().is_some_and(|(_, name)| name.is_empty()) {
            if let Some(dir) = &self.dir {
                self.base = Some(dir.path.clone());
                self.asked = Some(Place(self.base.clone()));
            }
            self.input.reset();
            return self.sync();
        }
        let Some((path, entry)) = self.selected() else {
            self.note = Some("Nothing here has such a name.".into());
            return BrowseOut::None;
        };
        match (&entry.fault, entry.kind) {
            (None, EntryKind::File) if self.marks.is_empty() => BrowseOut::Take(vec![path.join(&entry.name)]),
            (None, EntryKind::File) => self.go_on(),
            _ => self.open_selected(),
        }
    }

    fn go_on(&mut self) -> BrowseOut {
        if self.marks.is_empty() {
            self.note = Some("Nothing is marked: mark files first, or take a single one.".into());
            return BrowseOut::None;
        }
        BrowseOut::Take(self.marks.keys().cloned().collect())
    }

    fn mark(&mut self, height: usize) {
        let Some((path, entry)) = self.selected() else { return };
        match (&entry.fault, entry.kind) {
            (Some(fault), _) => self.note = Some(fault.clone()),
            (None, EntryKind::File) => {
                let (path, size) = (path.join(&entry.name), entry.size);
                if self.marks.remove(&path).is_none() {
                    self.marks.insert(path, size);
                }
                self.list.run(list::Op::Down, self.shown.as_slice(), height);
            }
            (None, _) => self.note = Some("Only files are marked: open the folder and mark those in it.".into()),
        }
    }

    /// Completes the name as far as all that begins so agree; outside a path goes to the next row.
    fn complete(&mut self, height: usize) -> BrowseOut {
        let Some((head, name)) = self.typed_path() else {
            self.list.run(list::Op::Down, self.shown.as_slice(), height);
            return BrowseOut::None;
        };
        let Some(dir) = &self.dir else { return BrowseOut::None };
        let entries: Vec<&DirEntry> = self.shown.iter().filter_map(|&at| dir.entries.get(at)).collect();
        let Some(first) = entries.first() else {
            self.note = Some("Nothing here begins so.".into());
            return BrowseOut::None;
        };
        let common = entries.iter().fold(first.name.as_str(), |common, entry| agree(common, &entry.name));
        let slash = if entries.len() == 1 && first.kind == EntryKind::Dir { "/" } else { "" };
        let head = if head == "~" { "~/" } else { head };
        let common = if common.len() < name.len() { name } else { common };
        self.input = Input::new([head, common, slash].concat());
        self.sync()
    }
}

/// What two names have in common at their start.
fn agree<'a>(one: &'a str, other: &str) -> &'a str {
    let same = one.chars().zip(other.chars()).take_while(|(a, b)| a == b).map(|(c, _)| c.len_utf8()).sum();
    one.get(..same).unwrap_or_default()
}
