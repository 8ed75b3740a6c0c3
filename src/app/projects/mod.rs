//! The switcher: every project one can go to and how each is, found by typing some of its letters: the profiles, and below
//! each the other projects that its platform lists. What going to one does to the screen is the root's (`app::switch`).

mod effect;
mod find;
mod ops;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use ratatui::layout::Size;

pub use effect::{Body, Checked, Effect, Found, Listed, NotFound};
pub use ops::Op;

use super::finder::{self, Finder};
use super::form::Typed;
use super::project::Which;
use crate::api::error::ApiError;

/// The widest frame, in cells.
const WIDEST: u16 = 120;
/// So many listed projects are asked how they are; the others are listed only.
pub const MOST_ASKED: usize = 50;
/// The word for a project that sleeps, as in [`Listed::idle`].
pub const PAUSED: &str = "paused";
/// Rows of the list where projects may come still.
const ROOM: usize = 14;
/// Rows that the frame, the line, and the heads take.
const AROUND: u16 = 4;

/// How a project is, as far as it was asked.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// It is being asked.
    Checking,
    /// It answered.
    Checked(Checked),
    /// It is not asked: [`MOST_ASKED`] others are.
    Beyond,
    /// A profile that names no project: there is nothing to be asked.
    Unchosen,
    /// Its platform lists it no more: it is not shown.
    Gone,
}

/// What came of asking a profile's platform for its projects.
#[derive(Clone, Debug, PartialEq)]
pub enum Listing {
    /// It is being asked.
    Asked,
    /// So many rows stand below; and what of the list has none, as [`Found::left_out`].
    Told(usize, Option<(usize, String)>),
    /// It refuses the credential, or that was not had.
    SignIn(Box<ApiError>),
    /// It lists none to this credential.
    Refused,
    /// It cannot be asked, or failed: one sentence, from outside in part.
    Failed(String),
}

/// A row of the switcher.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The project.
    pub project: Listed,
    /// How it is.
    pub state: State,
    /// What its platform lists, where that is asked.
    pub listing: Option<Listing>,
}

impl Row {
    fn new(project: Listed) -> Self {
        let state = match &project {
            Listed { unchosen: true, lists: true, .. } => State::Unchosen,
            Listed { command: true, .. } => State::Checked(Checked::NotAsked),
            _ => State::Checking,
        };
        Self { state, listing: project.lists.then_some(Listing::Asked), project }
    }

    /// Whether it stands below its profile.
    pub fn is_listed(&self) -> bool {
        matches!(self.project.which, Which::Listed { .. })
    }

    /// In which state it answers nothing, in a word or two: by its platform's word or its own.
    pub fn idle(&self) -> Option<&str> {
        match &self.state {
            State::Checked(Checked::Reachable { .. }) => None,
            State::Checked(Checked::Paused) => Some(PAUSED),
            _ => self.project.idle.as_deref(),
        }
    }

    fn is_below(&self, of: &str) -> bool {
        matches!(&self.project.which, Which::Listed { profile, .. } if profile == of)
    }

    fn is_asked(&self) -> bool {
        matches!(self.state, State::Checking | State::Checked(_))
            && !self.project.command
            && self.project.idle.is_none()
    }
}

/// What is to be asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Asked {
    /// Which projects these profiles list.
    pub finds: Vec<String>,
    /// How these projects are.
    pub checks: Vec<Which>,
}

/// What the switcher shows.
#[derive(Clone, Debug, PartialEq)]
pub enum Rows {
    /// The configuration is being read.
    Reading,
    /// There are none, and why: one sentence.
    None(String),
    /// The projects.
    Read(Vec<Row>),
}

/// The switcher as it stands.
#[derive(Clone, Debug)]
pub struct Switcher {
    /// What was typed, and what it finds.
    pub finder: Finder,
    /// The project in view.
    pub here: Which,
    rows: Rows,
}

impl Switcher {
    /// An empty one; `here` is the project in view.
    pub fn new(here: Which) -> Self {
        Self { finder: Finder::default(), here, rows: Rows::Reading }
    }

    /// What there is.
    pub fn rows(&self) -> &Rows {
        &self.rows
    }

    fn all(&self) -> &[Row] {
        match &self.rows {
            Rows::Read(rows) => rows,
            Rows::Reading | Rows::None(_) => &[],
        }
    }

    /// The rows that match, in their order.
    pub fn shown(&self) -> impl Iterator<Item = &Row> {
        self.finder.matches().iter().filter_map(|&at| self.all().get(at))
    }

    /// The selected row.
    pub fn selected(&self) -> Option<&Row> {
        self.finder.selected().and_then(|at| self.all().get(at))
    }

    /// How many listed projects there are, where not all of them are asked.
    pub fn beyond(&self) -> Option<usize> {
        let listed = || self.all().iter().filter(|row| row.is_listed() && row.state != State::Gone);
        listed().any(|row| row.state == State::Beyond).then(|| listed().count())
    }

    /// The frame's size on a screen: where projects may come still there is room for some.
    pub fn size(&self, screen: Size) -> Size {
        let least = if self.all().iter().any(|row| row.project.lists) { ROOM } else { 4 };
        finder::size(screen, WIDEST, self.all().len().clamp(least, 1_000) as u16 + AROUND)
    }

    /// How many rows are in view.
    pub fn height(&self, screen: Size) -> usize {
        usize::from(self.size(screen).height.saturating_sub(AROUND + finder::foot(screen))).max(1)
    }

    /// The projects were read: those opened last come first, then by name, each profile with what it lists. What is to be
    /// asked.
    pub fn listed(&mut self, read: Result<Vec<Listed>, String>) -> Asked {
        self.rows = match read {
            Ok(mut projects) => {
                projects.sort_by(|one, other| (other.recent.cmp(&one.recent)).then_with(|| one.name.cmp(&other.name)));
                Rows::Read(projects.into_iter().map(Row::new).collect())
            }
            Err(why) => Rows::None(why),
        };
        self.finder.found(self.search());
        // What one goes to most often is the project one came from. Where none is chosen, one stays with the profile.
        let place = |row: &Row| {
            let rank = match (row.project.which == self.here, row.project.unchosen) {
                (true, true) => 2,
                (false, false) => 1,
                _ => 0,
            };
            (rank, row.project.memory.opened)
        };
        let mut best = None;
        for (at, row) in self.shown().enumerate() {
            if best.is_none_or(|(_, best)| place(row) > best) {
                best = Some((at, place(row)));
            }
        }
        self.finder.select(best.map_or(0, |(at, _)| at), usize::MAX);
        self.asked()
    }

    /// Whether the configuration, which gave no project, is to be read again.
    pub fn read_again(&mut self) -> bool {
        let again = matches!(self.rows, Rows::None(_));
        if again {
            self.rows = Rows::Reading;
        }
        again
    }

    /// All are asked again: which ones.
    pub fn again(&mut self) -> Asked {
        if let Rows::Read(rows) = &mut self.rows {
            for row in rows {
                if row.is_asked() {
                    row.state = State::Checking;
                }
                row.listing = row.project.lists.then_some(Listing::Asked);
            }
        }
        self.asked()
    }

    /// A profile is asked again for its projects; whether there is one.
    pub fn find_again(&mut self, profile: &str) -> bool {
        let Rows::Read(rows) = &mut self.rows else { return false };
        let row = rows.iter_mut().find(|row| row.project.lists && row.project.which.profile() == Some(profile));
        row.map(|row| row.listing = Some(Listing::Asked)).is_some()
    }

    fn asked(&self) -> Asked {
        let names = |row: &Row| row.project.which.profile().map(str::to_owned);
        Asked {
            finds: self.all().iter().filter(|row| row.listing == Some(Listing::Asked)).filter_map(names).collect(),
            checks: self.waiting(|_| true),
        }
    }

    fn waiting(&self, these: impl Fn(&Row) -> bool) -> Vec<Which> {
        let waits = |row: &&Row| row.state == State::Checking && row.project.idle.is_none() && these(row);
        self.all().iter().filter(waits).map(|row| row.project.which.clone()).collect()
    }

    /// A platform told its projects: they stand below their profile from now on, each that is no row of its own already.
    /// The selection stays, and the frame grows with what it holds. What is to be asked of them.
    pub fn found(&mut self, profile: &str, found: Result<Found, Listing>, screen: Size) -> Vec<Which> {
        let Rows::Read(rows) = &mut self.rows else { return Vec::new() };
        let of = Which::Profile(profile.to_owned());
        let Some(parent) = rows.iter().position(|row| row.project.which == of) else { return Vec::new() };
        let mut checks = Vec::new();
        let listing = match found {
            Ok(Found { projects, left_out }) => {
                checks = merge(rows, profile, projects);
                let below = rows.iter().filter(|row| row.is_below(profile) && row.state != State::Gone);
                Listing::Told(below.count(), left_out)
            }
            Err(why) => why,
        };
        if let Some(row) = rows.get_mut(parent) {
            row.listing = Some(listing);
        }
        let height = self.height(screen);
        self.finder.settle(self.search(), height);
        if self.here == of && self.finder.selected() == Some(parent) {
            self.choose(height);
        }
        checks
    }

    /// From a profile that names no project to the first of those that it lists; whether there is one in view.
    pub fn choose(&mut self, height: usize) -> bool {
        let Some(Row { project: Listed { which: Which::Profile(profile), unchosen: true, .. }, .. }) = self.selected()
        else {
            return false;
        };
        let profile = profile.clone();
        let first = self.shown().position(|row| row.is_below(&profile));
        if let Some(first) = first {
            self.finder.select(first, height);
        }
        first.is_some()
    }

    /// What a project is called where it is in view, and in what is told of it: its name; where another one is called the
    /// same, with its ref too, and where that is the same, with its profile.
    pub fn label(&self, project: &Listed) -> String {
        let Listed { which: Which::Listed { profile, reference }, name, .. } = project else {
            return project.name.clone();
        };
        let others = || self.all().iter().map(|row| &row.project).filter(|other| other.which != project.which);
        let same = |other: &&Listed| other.name.to_lowercase() == name.to_lowercase();
        let path = if name == reference || others().filter(same).any(|other| other.reference == *reference) {
            format!("{profile}/{reference}")
        } else {
            reference.clone()
        };
        match others().any(|other| same(&other)) {
            true if name == reference => path,
            true => format!("{name} ({path})"),
            false => name.clone(),
        }
    }

    /// A project answered. Rows keep their places.
    pub fn checked(&mut self, which: &Which, checked: Checked) {
        if let Rows::Read(rows) = &mut self.rows
            && let Some(row) = rows.iter_mut().find(|row| row.project.which == *which && row.state == State::Checking)
        {
            row.state = State::Checked(checked);
        }
    }

    /// Types into the line; the best match is selected.
    pub fn typed(&mut self, typed: Typed<'_>) {
        if self.finder.typed(typed) {
            self.finder.found(self.search());
        }
    }

    fn search(&self) -> Vec<usize> {
        find::find(self.all(), self.finder.text())
    }
}

/// Takes what a profile lists into the rows; which of it is to be asked.
fn merge(rows: &mut Vec<Row>, profile: &str, mut found: Vec<Listed>) -> Vec<Which> {
    // Those that stand first are asked.
    found.sort_by_cached_key(find::place);
    let at = |rows: &[Row]| rows.iter().enumerate().map(|(at, row)| (row.project.which.clone(), at)).collect();
    let known: HashMap<Which, usize> = at(rows);
    let own = rows.iter().enumerate().filter(|(_, row)| !row.is_listed());
    let own = own.filter_map(|(at, row)| Some(((row.project.platform.clone()?, row.project.reference.clone()), at)));
    let own: HashMap<(String, String), usize> = own.collect();
    let before = rows.len();
    let mut kept = vec![false; before];
    let mut fresh = Vec::new();
    for project in found {
        let place = project.platform.clone().map(|platform| (platform, project.reference.clone()));
        let at = known.get(&project.which).or_else(|| own.get(&place?)).copied();
        let Some((row, kept)) = at.and_then(|at| rows.get_mut(at).zip(kept.get_mut(at))) else {
            fresh.push(rows.len());
            rows.push(Row::new(project));
            continue;
        };
        *kept = true;
        let slept = row.project.idle.is_some();
        row.project.idle.clone_from(&project.idle);
        if row.is_listed() {
            row.project.name.clone_from(&project.name);
            if slept || row.state == State::Gone {
                row.state = Row::new(project).state;
                fresh.extend(at);
            }
        }
    }
    for (row, _) in rows.iter_mut().zip(kept).filter(|(_, kept)| !kept) {
        // What was opened stays: it may be there although it is not listed.
        if row.is_below(profile) && row.project.memory.opened.is_none() {
            row.state = State::Gone;
        }
    }
    let listed = rows.iter().filter(|row| row.is_listed() && row.is_asked()).count();
    let is_fresh = |at: &&usize| rows.get(**at).is_some_and(Row::is_asked);
    let mut room = MOST_ASKED.saturating_sub(listed - fresh.iter().filter(is_fresh).count());
    let mut checks = Vec::new();
    for at in fresh {
        let Some(row) = rows.get_mut(at).filter(|row| row.is_asked()) else { continue };
        if room == 0 {
            row.state = State::Beyond;
        } else {
            room -= 1;
            checks.push(row.project.which.clone());
        }
    }
    checks
}
