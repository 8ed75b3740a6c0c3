//! The second step: where the files go, what cannot be sent and what would repair it.

use std::path::{Path, PathBuf};

use tui_input::{Input, InputRequest};

use super::ReviewOp as Op;
use crate::api::model::BucketId;
use crate::app::form::{Change, Typed, edit_line};
use crate::app::list::{self, List};
use crate::app::modal::Confirm;
use crate::text::human;
use crate::work::plan::{Choices, Destination, Exists, FileItem, Item, Plan, Rules, plan};

/// Which line of the review has the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    /// The folder in the bucket.
    Prefix,
    /// Whether folders are kept.
    Folders,
    /// Whether refused names are mended.
    Names,
    /// What to do with existing names.
    Exists,
}

const ORDER: [Focus; 4] = [Focus::Prefix, Focus::Folders, Focus::Names, Focus::Exists];

/// A row of the review.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row<'a> {
    /// A file of the plan.
    Item(&'a Item),
    /// A file that cannot be read, and why; from outside.
    Unreadable(&'a Path, &'a str),
}

/// What the review asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum ReviewOut {
    /// Nothing.
    None,
    /// Back to the files.
    Back,
    /// Send.
    Send(Box<Plan>),
    /// Ask first.
    Ask(Confirm),
}

/// The files, where they go, and what is decided about them.
#[derive(Clone, Debug)]
pub struct Review {
    /// The folder in the bucket, as typed.
    pub prefix: Input,
    /// What is decided.
    pub choices: Choices,
    /// The line that has the keys.
    pub focus: Focus,
    /// What would be done now.
    pub plan: Plan,
    /// Files that cannot be read, and why; from outside, uncleaned.
    pub unreadable: Vec<(PathBuf, String)>,
    /// What to know; gone with the next key.
    pub note: Option<String>,
    files: Vec<FileItem>,
    bucket: BucketId,
    rules: Option<Rules>,
    list: List<usize>,
    rows: Vec<usize>,
}

impl Review {
    /// A review of files as they were found.
    pub fn new(
        bucket: BucketId,
        rules: Option<Rules>,
        prefix: &str,
        choices: Choices,
        found: Vec<(PathBuf, Result<FileItem, String>)>,
    ) -> Self {
        let mut files = Vec::new();
        let mut unreadable = Vec::new();
        for (path, file) in found {
            match file {
                Ok(file) => files.push(file),
                Err(why) => unreadable.push((path, why)),
            }
        }
        relate(&mut files);
        let plan = plan(&files, &Destination::new(bucket.clone(), prefix), choices, rules.as_ref());
        let mut review = Self {
            prefix: Input::new(prefix.to_owned()),
            choices,
            focus: Focus::Prefix,
            plan,
            unreadable,
            note: None,
            files,
            bucket,
            rules,
            list: List::default(),
            rows: Vec::new(),
        };
        review.replan();
        review
    }

    /// How many rows there are: the plan's items and the files that cannot be read.
    pub fn count(&self) -> usize {
        self.rows.len()
    }

    /// The row at a position: what cannot be read first, then what is not sent, then the rest.
    pub fn row(&self, position: usize) -> Option<Row<'_>> {
        let at = *self.rows.get(position)?;
        match at.checked_sub(self.plan.items.len()) {
            None => self.plan.items.get(at).map(Row::Item),
            Some(at) => self.unreadable.get(at).map(|(path, why)| Row::Unreadable(path, why)),
        }
    }

    /// Selection and window.
    pub fn list(&self) -> &List<usize> {
        &self.list
    }

    /// What is wrong with the folder.
    pub fn prefix_fault(&self) -> Option<String> {
        self.plan.destination.check().err().map(|why| why.to_string())
    }

    /// Types into the folder's line.
    pub fn typed(&mut self, typed: Typed<'_>) {
        self.note = None;
        if self.focus != Focus::Prefix {
            return;
        }
        match edit_line(&mut self.prefix, typed) {
            Change::Edited { .. } => self.replan(),
            Change::Refused(why) => self.note = Some(why),
            Change::None | Change::Moved => {}
        }
    }

    /// Runs an operation, `height` rows being in view.
    pub fn run(&mut self, op: Op, height: usize) -> ReviewOut {
        self.note = None;
        let prefix = self.focus == Focus::Prefix;
        match op {
            Op::Down => self.list.run(list::Op::Down, self.rows.as_slice(), height),
            Op::Up => self.list.run(list::Op::Up, self.rows.as_slice(), height),
            Op::PageDown => self.list.run(list::Op::PageDown, self.rows.as_slice(), height),
            Op::PageUp => self.list.run(list::Op::PageUp, self.rows.as_slice(), height),
            Op::Next => self.go(1),
            Op::Previous => self.go(ORDER.len() - 1),
            Op::Right if prefix => drop(self.prefix.handle(InputRequest::GoToNextChar)),
            Op::Left if prefix => drop(self.prefix.handle(InputRequest::GoToPrevChar)),
            Op::Erase if prefix => {
                self.prefix.handle(InputRequest::DeletePrevChar);
                self.replan();
            }
            Op::Switch | Op::Right | Op::Left => self.toggle(),
            Op::Back => return ReviewOut::Back,
            Op::Send => return self.send(),
            Op::Erase | Op::Help => {}
        }
        ReviewOut::None
    }

    fn go(&mut self, by: usize) {
        let at = ORDER.iter().position(|focus| *focus == self.focus).unwrap_or_default();
        self.focus = ORDER.get((at + by) % ORDER.len()).copied().unwrap_or(Focus::Prefix);
    }

    fn toggle(&mut self) {
        match self.focus {
            Focus::Prefix => drop(self.prefix.handle(InputRequest::InsertChar(' '))),
            Focus::Folders => self.choices.keep_folders = !self.choices.keep_folders,
            Focus::Names => self.choices.safe_names = !self.choices.safe_names,
            Focus::Exists => {
                self.choices.exists = match self.choices.exists {
                    Exists::Fail => Exists::Skip,
                    Exists::Skip => Exists::Fail,
                }
            }
        }
        self.replan();
    }

    fn replan(&mut self) {
        let destination = Destination::new(self.bucket.clone(), self.prefix.value());
        self.plan = plan(&self.files, &destination, self.choices, self.rules.as_ref());
        let items = self.plan.items.len();
        let barred = self.plan.barred().map(|(at, ..)| at);
        let sent = self.plan.sendable().map(|(at, _)| at);
        self.rows = (items..items + self.unreadable.len()).chain(barred).chain(sent).collect();
        self.list = List::default();
        self.list.select(0, self.rows.as_slice(), 1);
    }

    fn send(&mut self) -> ReviewOut {
        if self.plan.total().files == 0 {
            self.note = Some("Nothing here can be sent: each file says why.".into());
            return ReviewOut::None;
        }
        match self.plan.asks_first() {
            Some(large) => ReviewOut::Ask(Confirm::over_limit(vec![
                large.sentence(),
                format!("The largest has {}.", human::size(large.largest)),
            ])),
            None => ReviewOut::Send(Box::new(self.plan.clone())),
        }
    }
}

/// Names each file by its path below the deepest folder that holds them all: those are the folders one can keep.
fn relate(files: &mut [FileItem]) {
    let mut above = files.first().and_then(|file| file.path.parent()).map(Path::to_path_buf);
    for file in files.iter() {
        while let Some(folder) = above.as_deref().filter(|folder| !file.path.starts_with(folder)) {
            above = folder.parent().map(Path::to_path_buf);
        }
    }
    let Some(above) = above else { return };
    for file in files {
        let parts: Option<Vec<&str>> =
            file.path.strip_prefix(&above).ok().and_then(|rest| rest.iter().map(|part| part.to_str()).collect());
        if let Some(parts) = parts.filter(|parts| !parts.is_empty()) {
            file.relative = parts.join("/");
        }
    }
}
