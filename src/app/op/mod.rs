//! Table 2: what a person can do. Each feature owns an `enum Op` with one exhaustive `const fn spec`; here they come
//! together. From the table come dispatch, help, key bar, palette, `[keys]` and the README's table of keys.

pub mod gate;
pub mod keymap;
#[cfg(test)]
mod tests;

use strum::VariantArray;

use super::{activity, buckets, form, global, jobs, list, modal, objects, picker, projects, session, users};
use crate::api::route::Route;

/// Where an operation's keys work. The scopes that are open together are named by [`Scope::TOGETHER`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, VariantArray)]
pub enum Scope {
    /// Everywhere, above all else.
    Always,
    /// On every tab, where nobody types.
    Global,
    /// In every list.
    List,
    /// The Users tab.
    Users,
    /// The Buckets tab.
    Buckets,
    /// The objects of a bucket.
    Objects,
    /// The Jobs tab.
    Jobs,
    /// The Activity tab.
    Activity,
    /// While a filter is typed.
    Filter,
    /// In a form.
    Form,
    /// In the file picker.
    Picker,
    /// In its review, before files are sent.
    Review,
    /// In the command palette.
    Palette,
    /// In the list of projects.
    Projects,
    /// In a question.
    Confirm,
    /// In help, details and raw answers.
    Viewer,
    /// On the first screen, with nothing connected.
    First,
}

impl Scope {
    /// The sets of scopes whose keys work at the same time.
    pub const TOGETHER: &'static [&'static [Scope]] = &[
        &[Scope::Always, Scope::Global, Scope::List, Scope::Users],
        &[Scope::Always, Scope::Global, Scope::List, Scope::Buckets],
        &[Scope::Always, Scope::Global, Scope::List, Scope::Objects],
        &[Scope::Always, Scope::Global, Scope::List, Scope::Jobs],
        &[Scope::Always, Scope::Global, Scope::List, Scope::Activity],
        &[Scope::Always, Scope::Filter],
        &[Scope::Always, Scope::Form],
        &[Scope::Always, Scope::Picker],
        &[Scope::Always, Scope::Review],
        &[Scope::Always, Scope::Palette],
        &[Scope::Always, Scope::Projects],
        &[Scope::Always, Scope::Confirm],
        &[Scope::Always, Scope::Viewer],
        &[Scope::Always, Scope::First],
    ];

    /// The heading in help.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Always => "Always",
            Self::Global => "Everywhere",
            Self::List => "In lists",
            Self::Users => "Users",
            Self::Buckets => "Buckets",
            Self::Objects => "Objects",
            Self::Jobs => "Jobs",
            Self::Activity => "Activity",
            Self::Filter => "While filtering",
            Self::Form => "In forms",
            Self::Picker => "File picker",
            Self::Review => "Before sending",
            Self::Palette => "Commands",
            Self::Projects => "Projects",
            Self::Confirm => "Questions",
            Self::Viewer => "Help and details",
            Self::First => "First screen",
        }
    }

    /// Whether keys that name no operation are typed into a line.
    pub const fn types(self) -> bool {
        matches!(self, Self::Filter | Self::Form | Self::Picker | Self::Review | Self::Palette | Self::Projects)
    }
}

/// What an operation acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Nothing in particular.
    None,
    /// The selected row.
    Current,
}

/// How much harm an operation can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Danger {
    /// None.
    None,
    /// It asks only where that is due (jobs under way).
    Asks,
}

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpSpec {
    /// `feature.verb`: in the config, the palette, Activity and logs.
    pub name: &'static str,
    /// For the palette and help: at most 24 cells.
    pub title: &'static str,
    /// For the key bar: one or two words.
    pub hint: &'static str,
    /// One sentence for help.
    pub help: &'static str,
    /// The keys by default.
    pub keys: &'static [&'static str],
    /// Where they work.
    pub scope: Scope,
    /// What it acts on.
    pub target: Target,
    /// The requests it makes: any one of them offered is enough.
    pub routes: &'static [Route],
    /// Its danger.
    pub danger: Danger,
    /// Its place in the key bar: the lowest first, the highest left out first; none: not in the bar.
    pub bar: Option<u8>,
    /// The same while a detail fills the screen, with its words there; operations with the same place and words share
    /// them.
    pub detail: Option<(u8, &'static str)>,
}

impl OpSpec {
    /// A row that reads nothing, changes nothing and stands in no bar: what others are made from.
    pub const fn new(name: &'static str, title: &'static str, keys: &'static [&'static str], scope: Scope) -> Self {
        Self {
            name,
            title,
            hint: "",
            help: "",
            keys,
            scope,
            target: Target::None,
            routes: &[],
            danger: Danger::None,
            bar: None,
            detail: None,
        }
    }

    /// With its sentence for help.
    pub const fn help(mut self, help: &'static str) -> Self {
        self.help = help;
        self
    }

    /// With a place and words in the key bar.
    pub const fn bar(mut self, place: u8, hint: &'static str) -> Self {
        self.bar = Some(place);
        self.hint = hint;
        self
    }

    /// With a place and words in the key bar of a detail that fills the screen.
    pub const fn in_detail(mut self, place: u8, hint: &'static str) -> Self {
        self.detail = Some((place, hint));
        self
    }

    /// On the selected row.
    pub const fn current(mut self) -> Self {
        self.target = Target::Current;
        self
    }

    /// With the requests it makes.
    pub const fn routes(mut self, routes: &'static [Route]) -> Self {
        self.routes = routes;
        self
    }

    /// With its danger.
    pub const fn danger(mut self, danger: Danger) -> Self {
        self.danger = danger;
        self
    }

    /// Whether it changes anything on a server.
    pub fn mutates(&self) -> bool {
        self.routes.iter().any(|route| route.spec().mutates)
    }
}

/// One thing a person can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// On every screen.
    Global(global::Op),
    /// On the connection.
    Session(session::Op),
    /// On projects.
    Projects(projects::Op),
    /// In every list.
    List(list::Op),
    /// On users.
    Users(users::Op),
    /// On buckets.
    Buckets(buckets::Op),
    /// On objects.
    Objects(objects::Op),
    /// On jobs.
    Jobs(jobs::Op),
    /// On the activity log.
    Activity(activity::Op),
    /// In a form.
    Form(form::Op),
    /// In the file picker.
    Picker(picker::Op),
    /// In its review.
    Review(picker::ReviewOp),
    /// In other modals.
    Modal(modal::Op),
}

impl Op {
    /// The row of this operation.
    pub const fn spec(self) -> OpSpec {
        match self {
            Self::Global(op) => op.spec(),
            Self::Session(op) => op.spec(),
            Self::Projects(op) => op.spec(),
            Self::List(op) => op.spec(),
            Self::Users(op) => op.spec(),
            Self::Buckets(op) => op.spec(),
            Self::Objects(op) => op.spec(),
            Self::Jobs(op) => op.spec(),
            Self::Activity(op) => op.spec(),
            Self::Form(op) => op.spec(),
            Self::Picker(op) => op.spec(),
            Self::Review(op) => op.spec(),
            Self::Modal(op) => op.spec(),
        }
    }

    /// All operations, feature by feature.
    pub fn all() -> impl Iterator<Item = Self> {
        fn each<T: VariantArray + Copy>(wrap: fn(T) -> Op) -> impl Iterator<Item = Op> {
            T::VARIANTS.iter().copied().map(wrap)
        }
        each(Self::Global)
            .chain(each(Self::Session))
            .chain(each(Self::Projects))
            .chain(each(Self::List))
            .chain(each(Self::Users))
            .chain(each(Self::Buckets))
            .chain(each(Self::Objects))
            .chain(each(Self::Jobs))
            .chain(each(Self::Activity))
            .chain(each(Self::Form))
            .chain(each(Self::Picker))
            .chain(each(Self::Review))
            .chain(each(Self::Modal))
    }
}
