//! The activity log: what this program did and what the servers answered, the newest first. Bounded, and without
//! secrets.

mod entry;
mod ops;
mod sh;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};

use super::cx::Cx;
use super::facts::{self, Fact};
use super::list::{self, List};
use super::op::gate::Reason;
use super::project::Which;
use super::shell::{self, Out, Shell, Tone};
use crate::text::human;

pub use entry::Entry;
pub use ops::Op;

/// More entries than this are not kept.
pub const MOST: usize = 1_000;
/// So many raw answers are kept, of up to 64 KiB each; older entries go without.
const MOST_RAW: usize = 100;

/// The log.
#[derive(Clone, Debug)]
pub struct State {
    /// The selected entry, by its number.
    pub list: List<u64>,
    /// The detail fills the screen.
    pub detail: bool,
    /// More than one project was opened: each entry says its own.
    pub several: bool,
    /// Lines scrolled in the detail.
    pub scroll: usize,
    filter: String,
    /// The newest first, each with its number, which only grows.
    entries: VecDeque<(u64, Entry)>,
    shown: Vec<u64>,
    logged: u64,
    height: usize,
    /// The flags that make a command connect to the same place.
    reach: BTreeMap<Which, Vec<String>>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            list: List::default(),
            detail: false,
            several: false,
            scroll: 0,
            filter: String::new(),
            entries: VecDeque::new(),
            shown: Vec::new(),
            logged: 0,
            height: 1,
            reach: BTreeMap::new(),
        }
    }
}

impl State {
    /// A project was opened; `reach` are the flags that make a command connect to it.
    pub fn reaches(&mut self, project: &Which, reach: &[String]) {
        self.reach.insert(project.clone(), reach.to_owned());
    }

    fn reach(&self, entry: &Entry) -> &[String] {
        self.reach.get(&entry.which).map_or(&[], Vec::as_slice)
    }

    /// Adds an entry on top.
    pub fn log(&mut self, entry: Entry) {
        self.logged += 1;
        // At the top one watches what comes; further down and in the detail the selection stays with its entry.
        let watching = self.list.at() == 0 && !self.detail;
        if holds(&entry, &words(&self.filter)) {
            self.shown.insert(0, self.logged);
        }
        self.entries.push_front((self.logged, entry));
        self.entries.truncate(MOST);
        let oldest = self.entries.back().map_or(0, |(number, _)| *number);
        while self.shown.last().is_some_and(|number| *number < oldest) {
            self.shown.pop();
        }
        if let Some((_, Entry { result: Err(error), .. })) = self.entries.get_mut(MOST_RAW) {
            error.raw = error.raw.take().map(|_| "(the raw answer is no longer kept)".into());
        }
        if watching {
            self.list.select(0, self.shown.as_slice(), self.height);
            self.scroll = 0;
        } else {
            self.settle_list();
        }
    }

    /// How many entries are shown.
    pub fn len(&self) -> usize {
        self.shown.len()
    }

    /// Whether none is shown.
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// The entry at a position of the list.
    pub fn row_at(&self, position: usize) -> Option<&Entry> {
        let number = self.shown.get(position)?;
        // Numbers are dense: the newest bears the last one.
        let at = usize::try_from(self.logged.checked_sub(*number)?).ok()?;
        self.entries.get(at).map(|(_, entry)| entry)
    }

    /// The selected entry.
    pub fn current(&self) -> Option<&Entry> {
        self.row_at(self.list.at())
    }

    /// The facts of the selected entry.
    pub fn facts(&self) -> Vec<Fact> {
        self.current().map_or_else(|| vec![Fact::note("No entry is selected.")], |entry| entry.facts(self.several))
    }

    /// The filter as typed.
    pub fn filter(&self) -> &str {
        &self.filter
    }

    /// What stands at the right of the rule.
    pub fn coverage(&self) -> String {
        let kept = self.entries.len() as u64;
        let mut parts = Vec::new();
        if !self.filter.trim().is_empty() {
            parts.push(format!("{} match", human::count(self.shown.len() as u64)));
        }
        match kept {
            1 => parts.push("1 entry".into()),
            kept => parts.push(format!("{} entries", human::count(kept))),
        }
        if self.logged > kept {
            parts.push(format!("{} older ones dropped", human::count(self.logged - kept)));
        }
        parts.join(" · ")
    }

    /// Does what was asked for.
    pub fn run(&mut self, cx: &mut Cx, shell: &mut Shell, op: Op) -> Vec<Out> {
        match op {
            Op::Detail => {
                self.detail = true;
                self.scroll = 0;
            }
            Op::Copy => {
                if let Some(line) = self.current().map(Entry::line) {
                    return vec![shell::copy(cx, line, "Copied the entry.".into())];
                }
            }
            Op::CopyCurl => return self.copy(cx, sh::curl, "Copied as curl"),
            Op::CopyCommand => {
                return self.copy(cx, |entry| sh::command(entry, self.reach(entry)), "Copied as a command");
            }
            Op::DetailDown => self.scroll(cx, shell, list::Op::Down),
            Op::DetailUp => self.scroll(cx, shell, list::Op::Up),
        }
        Vec::new()
    }

    /// Why an operation has nothing to act on now.
    pub fn why_not(&self, op: Op) -> Option<Reason> {
        let entry = self.current()?;
        match op {
            Op::CopyCurl => sh::curl(entry).err(),
            Op::CopyCommand => sh::command(entry, self.reach(entry)).err(),
            _ => None,
        }
    }

    fn copy(&self, cx: &mut Cx, line: impl Fn(&Entry) -> Result<String, Reason>, told: &str) -> Vec<Out> {
        match self.current().map(line) {
            Some(Ok(line)) => {
                let set = match &sh::variables(&line)[..] {
                    [] => ".".to_owned(),
                    names => format!("; it needs these variables: {}.", names.join(", ")),
                };
                vec![shell::copy(cx, line, format!("{told}{set}"))]
            }
            Some(Err(reason)) => vec![Out::Say(Tone::Info, reason.sentence())],
            None => Vec::new(),
        }
    }

    fn scroll(&mut self, cx: &Cx, shell: &Shell, op: list::Op) {
        self.scroll = facts::scrolled(self.scroll, op, &self.facts(), (cx.size, shell.share), self.detail);
    }

    /// One step back; whether there was one.
    pub fn back(&mut self) -> bool {
        if self.detail {
            self.detail = false;
            return true;
        }
        if !self.filter.is_empty() {
            self.set_filter("");
            return true;
        }
        false
    }

    /// Moves in the list.
    pub fn move_list(&mut self, _: &mut Cx, _: &mut Shell, op: list::Op) -> Vec<Out> {
        self.list.run(op, self.shown.as_slice(), self.height);
        self.scroll = 0;
        Vec::new()
    }

    /// The window's height changed.
    pub fn settle(&mut self, height: usize) {
        self.height = height.max(1);
        self.list.settle(self.shown.as_slice(), self.height);
    }

    /// Shows only what holds all the words, in any case.
    pub fn set_filter(&mut self, text: &str) {
        text.clone_into(&mut self.filter);
        let words = words(text);
        self.shown = self.entries.iter().filter(|(_, entry)| holds(entry, &words)).map(|(number, _)| *number).collect();
        self.settle_list();
    }

    /// Finds the selection again; another entry's detail begins at its top.
    fn settle_list(&mut self) {
        let before = self.list.selected().copied();
        self.list.settle(self.shown.as_slice(), self.height);
        if self.list.selected().copied() != before {
            self.scroll = 0;
        }
    }
}

fn words(filter: &str) -> Vec<String> {
    filter.split_whitespace().map(str::to_lowercase).collect()
}

fn holds(entry: &Entry, words: &[String]) -> bool {
    if words.is_empty() {
        return true;
    }
    let path = entry.meta.as_ref().map_or("", |meta| meta.path.as_str());
    let Entry { operation, target, project, .. } = entry;
    let text = format!("{operation} {target} {path} {} {project}", entry.result_words()).to_lowercase();
    words.iter().all(|word| text.contains(word))
}
