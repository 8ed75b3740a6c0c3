//! Going to another project: what of the screen is put anew, what goes on, and what is told of a project one has left.

use jiff::Timestamp;

use super::cx::{Cx, Ticket};
use super::effect::Effect;
use super::modal::{Confirm, Modal};
use super::msg::{Answer, Body};
use super::project::{Link, Memory, Project, Which};
use super::projects::{self, Effect as Wish, Listed, Switcher};
use super::shell::{Left, Tone, What};
use super::tab::Tab;
use super::{App, Start, activity, list, session, users};

impl App {
    /// Does what was asked for in the switcher, or opens it.
    pub(super) fn run_projects(&mut self, cx: &mut Cx, op: projects::Op) {
        use projects::Op as P;
        let by = match op {
            P::Open | P::First => {
                self.modals.push(Modal::Projects(Box::new(Switcher::new(self.project.which.clone()))));
                self.ask_projects(cx, "projects.list", Wish::List);
                return;
            }
            P::Switch => {
                let wanted = self.modals.switcher().and_then(Switcher::selected).map(|row| row.project.clone());
                if let Some(wanted) = wanted {
                    self.leave_for(cx, wanted);
                }
                return;
            }
            P::Close => {
                self.modals.pop();
                self.stop_checks(cx);
                return;
            }
            P::Again => {
                let asked = self.modals.switcher_mut().map(Switcher::again).unwrap_or_default();
                self.stop_checks(cx);
                self.check(cx, asked);
                return;
            }
            P::Help => {
                self.show_help();
                return;
            }
            P::Down => list::Op::Down,
            P::Up => list::Op::Up,
            P::PageDown => list::Op::PageDown,
            P::PageUp => list::Op::PageUp,
        };
        if let Some(switcher) = self.modals.switcher_mut() {
            let height = switcher.height(cx.size);
            switcher.go(by, height);
        }
    }

    /// The switcher's own requests belong to no polled tab.
    fn ask_projects(&mut self, cx: &mut Cx, name: &'static str, wish: Wish) -> Ticket {
        self.shell.ask(cx, What::read(name, Tab::Jobs), Effect::Projects(wish))
    }

    fn check(&mut self, cx: &mut Cx, all: Vec<Which>) {
        for which in all {
            self.ask_projects(cx, "projects.check", Wish::Check(which));
        }
    }

    fn stop_checks(&mut self, cx: &mut Cx) {
        self.shell.give_up(cx, |what| matches!(what.name, "projects.list" | "projects.check"));
    }

    /// Goes to a project, or asks first where something typed would be lost.
    fn leave_for(&mut self, cx: &mut Cx, wanted: Listed) {
        if wanted.which == self.project.which && self.link == Link::Open {
            self.modals.pop();
            self.stop_checks(cx);
            return;
        }
        if self.modals.is_dirty() {
            let name = &self.shell.name;
            let line = format!("What you typed for {name} will be lost; what is being sent goes on and is told.");
            self.modals.push(Modal::Confirm(Confirm::leave(&wanted.name, vec![line])));
            return;
        }
        self.go_to(cx, wanted);
    }

    /// Yes was said to what would be lost.
    pub(super) fn agreed_to_leave(&mut self, cx: &mut Cx) {
        let wanted = self.modals.switcher().and_then(Switcher::selected).map(|row| row.project.clone());
        if let Some(wanted) = wanted {
            self.go_to(cx, wanted);
        }
    }

    fn go_to(&mut self, cx: &mut Cx, wanted: Listed) {
        let Listed { which, name, color, protected, doors: _, reference, command: _, memory } = wanted;
        let memory = self.memories.get(&which).cloned().unwrap_or(memory);
        self.give_up_sign_in(cx);
        // Until it has answered nothing is offered, so nothing can be changed.
        let bare = Project { which, name, color, protected, reference, memory, read_only: true, ..Project::default() };
        let poll = self.poll.interval;
        self.open(cx, Project { poll, ..bare }, Link::Opening);
        self.ask_projects(cx, "projects.open", Wish::Open(self.project.which.clone()));
    }

    /// Asks again for a project that could not be opened; whether it is one.
    pub(super) fn open_again(&mut self, cx: &mut Cx) -> bool {
        let shut = matches!(self.link, Link::Shut(_));
        if shut {
            self.link = Link::Opening;
            self.ask_projects(cx, "projects.open", Wish::Open(self.project.which.clone()));
        }
        shut
    }

    /// Another project comes into view. All is put anew but what belongs to the program: jobs, activity, keys, and the
    /// changes under way, whose answers will be told. What the old one is being asked is given up.
    fn open(&mut self, cx: &mut Cx, project: Project, link: Link) {
        let kept = self.keep(cx.now);
        self.shell.give_up(cx, |_| true);
        let (demo, colour, mouse, keymap) = (self.demo, self.colour, self.mouse, self.keymap.clone());
        let start = Start { project, connected: true, local: None, demo, colour, place: None, keymap, mouse };
        let old = std::mem::replace(self, Self::new(start, self.shell.shown_now));
        self.link = link;
        self.jobs = old.jobs;
        self.activity = old.activity;
        self.filters.activity = old.filters.activity;
        self.memories = old.memories;
        self.poll.unfocused = old.poll.unfocused;
        (self.at, self.size, self.exit) = (old.at, old.size, old.exit);
        self.left = old.left;
        let name = old.shell.name;
        self.left.extend(old.shell.tickets.into_writes().map(|open| Left { open, project: name.clone() }));
        self.jobs.several = true;
        self.activity.several = true;
        self.settle();
        if let Some((profile, memory)) = kept {
            self.ask_projects(cx, "projects.keep", Wish::Keep(profile, Box::new(memory)));
        }
    }

    /// Notes how the project stands, for when one comes back to it; what of it is to be written down.
    fn keep(&mut self, now: Timestamp) -> Option<(String, Memory)> {
        if self.link == Link::None {
            return None;
        }
        self.memories.insert(self.project.which.clone(), self.memory(now));
        self.kept(now)
    }

    /// What came of a wish about projects.
    pub(super) fn projects_received(&mut self, cx: &mut Cx, ticket: Ticket, body: projects::Body) {
        use projects::Body as B;
        match body {
            B::Listed(read) => {
                let read = read.map(|all| all.into_iter().map(|project| self.remembered(project)).collect());
                let asked = self.modals.switcher_mut().map(|switcher| switcher.listed(read)).unwrap_or_default();
                self.check(cx, asked);
            }
            B::Checked(which, checked) => {
                if let Some(switcher) = self.modals.switcher_mut() {
                    switcher.checked(&which, checked);
                }
            }
            B::Opened(Ok(project)) => {
                cx.effect(Effect::Projects(Wish::Use(ticket)));
                self.opened(cx, *project);
            }
            B::Opened(Err(why)) => self.link = Link::Shut(why),
            B::Kept(why) => self.tell(cx, Tone::Info, why),
        }
    }

    /// What this run of the program knows is newer than what is written down.
    fn remembered(&self, project: Listed) -> Listed {
        let opened = (project.which == self.project.which).then_some(self.shell.shown_now);
        let mut project = project;
        if let Some(memory) = self.memories.get(&project.which) {
            project.memory = memory.clone();
        }
        project.memory.opened = project.memory.opened.max(opened);
        project
    }

    /// The project in view can be asked from now on.
    fn opened(&mut self, cx: &mut Cx, project: Project) {
        let Project { name, reference, read_only, offers, poll, .. } = &project;
        (self.shell.name, self.shell.reference) = (name.clone(), reference.clone());
        (self.shell.read_only, self.shell.offers) = (*read_only, offers.clone());
        self.poll.interval = *poll;
        self.activity.reaches(name, &project.reach);
        self.notice = super::notices(&project.notices, cx.at);
        // Where it stands is known already.
        let memory = std::mem::take(&mut self.project.memory);
        self.project = Project { memory, ..project };
        self.link = Link::Open;
        self.session = session::State::new(&self.project);
        if self.project.ask_keys {
            self.ask_keys();
        }
        self.poll_soon(cx);
    }

    /// A change of a project that was left has its answer: it is told and kept, and touches nothing in view.
    pub(super) fn receive_left(&mut self, cx: &mut Cx, left: &Left, answer: &Answer) {
        let Left { open, project } = left;
        let error = answer.body.error();
        if let Some(meta) = &answer.meta {
            self.activity.log(activity::Entry::new(cx.now, open, meta, error).of(project));
        }
        let What { name, target, .. } = &open.what;
        let verifies = matches!(&answer.body, Body::Users(users::Body::Page(..)));
        match error {
            // Whether it was done is asked in the project's own list, which is gone.
            _ if verifies => {
                let text =
                    format!("{project}: unknown whether {target} was created: look there before you send again.");
                self.tell(cx, Tone::Bad, text);
            }
            None => self.tell(cx, Tone::Good, format!("{project}: {name} of {target} is done.")),
            Some(error) if error.is_lost() => {
                let text =
                    format!("{project}: {name} of {target} has lost its answer: look there before you send again.");
                self.tell(cx, Tone::Bad, text);
            }
            Some(error) => self.tell(cx, Tone::Bad, format!("{project}: {target}: {}", error.sentence())),
        }
    }

    /// What is to be kept of the project in view; for the program's end.
    pub fn kept(&self, now: Timestamp) -> Option<(String, Memory)> {
        match (&self.project.which, &self.link) {
            (_, Link::None) | (Which::Given, _) => None,
            (Which::Profile(name), _) => Some((name.clone(), self.memory(now))),
        }
    }
}
