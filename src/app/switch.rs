//! Going to another project: what of the screen is put anew, what goes on, and what is told of a project one has left;
//! and choosing one where a profile names none.

use jiff::Timestamp;

use super::cx::{Cx, Ticket};
use super::effect::Effect;
use super::modal::{Confirm, Modal};
use super::msg::{Answer, Body};
use super::project::{Link, Memory, Project};
use super::projects::{self, Asked, Effect as Wish, Found, Listed, Listing, NotFound, Switcher};
use super::shell::{Left, Tone, What};
use super::tab::Tab;
use super::{App, Start, activity, list, session, users};
use crate::api::error::Kind;
use crate::api::route::Door;

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
                let chosen = self.modals.switcher_mut().is_some_and(|switcher| {
                    let height = switcher.height(cx.size);
                    switcher.choose(height)
                });
                if let Some(wanted) = self.wanted().filter(|_| !chosen) {
                    self.leave_for(cx, wanted);
                }
                return;
            }
            P::Close => {
                self.modals.pop();
                self.stop_checks(cx);
                return;
            }
            P::Again if self.modals.switcher_mut().is_some_and(Switcher::read_again) => {
                self.ask_projects(cx, "projects.list", Wish::List);
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
            switcher.finder.go(by, height);
        }
    }

    /// The switcher's own requests belong to no polled tab.
    fn ask_projects(&mut self, cx: &mut Cx, name: &'static str, wish: Wish) -> Ticket {
        self.shell.ask(cx, What::read(name, Tab::Jobs), Effect::Projects(wish))
    }

    fn check(&mut self, cx: &mut Cx, Asked { finds, checks }: Asked) {
        for profile in finds {
            self.ask_projects(cx, "projects.find", Wish::Find(profile));
        }
        for which in checks {
            self.ask_projects(cx, "projects.check", Wish::Check(which));
        }
    }

    fn stop_checks(&mut self, cx: &mut Cx) {
        self.shell.give_up(cx, |what| matches!(what.name, "projects.list" | "projects.find" | "projects.check"));
    }

    /// What is selected in the switcher.
    fn wanted(&self) -> Option<Listed> {
        self.modals.switcher().and_then(Switcher::selected).map(|row| row.project.clone())
    }

    /// Lets a person choose among the projects of the profile in view, which names none.
    pub(super) fn choose(&mut self, cx: &mut Cx) {
        let profile = self.project.which.profile().unwrap_or_default().to_owned();
        match self.modals.switcher_mut() {
            None => self.run_projects(cx, projects::Op::Open),
            Some(switcher) => {
                if switcher.find_again(&profile) {
                    self.ask_projects(cx, "projects.find", Wish::Find(profile));
                }
            }
        }
    }

    /// Goes to a project, or asks first where something typed would be lost.
    fn leave_for(&mut self, cx: &mut Cx, wanted: Listed) {
        if wanted.which == self.project.which && self.link == Link::Open {
            self.modals.pop();
            self.stop_checks(cx);
            return;
        }
        if wanted.which == self.project.which && self.link == Link::Choose {
            // It lists nothing so far: a person asks again, and may sign in.
            self.session.ask_again();
            self.choose(cx);
            return;
        }
        if self.modals.is_dirty() {
            let name = &self.shell.name;
            let line = format!("What you typed for {name} will be lost; what is being sent goes on and is told.");
            self.modals.push(Modal::Confirm(Confirm::leave(&self.label(&wanted), vec![line])));
            return;
        }
        self.go_to(cx, wanted);
    }

    /// Yes was said to what would be lost.
    pub(super) fn agreed_to_leave(&mut self, cx: &mut Cx) {
        if let Some(wanted) = self.wanted() {
            self.go_to(cx, wanted);
        }
    }

    fn label(&self, wanted: &Listed) -> String {
        self.modals.switcher().map_or_else(|| wanted.name.clone(), |switcher| switcher.label(wanted))
    }

    fn go_to(&mut self, cx: &mut Cx, wanted: Listed) {
        let name = self.label(&wanted);
        let Listed { which, color, protected, reference, memory, .. } = wanted;
        let memory = self.memories.get(&which).cloned().unwrap_or(memory);
        self.give_up_sign_in(cx);
        // Until it has answered nothing is offered, so nothing can be changed.
        let bare = Project { which, name, color, protected, reference, memory, read_only: true, ..Project::default() };
        let poll = self.poll.interval;
        self.open(cx, Project { poll, ..bare }, Link::Opening);
        self.ask_open(cx);
    }

    fn ask_open(&mut self, cx: &mut Cx) {
        let Project { which, name, .. } = &self.project;
        let wish = Wish::Open(which.clone(), name.clone());
        self.ask_projects(cx, "projects.open", wish);
    }

    /// Asks again for a project that could not be opened; whether it is one.
    pub(super) fn open_again(&mut self, cx: &mut Cx) -> bool {
        let shut = matches!(self.link, Link::Shut(_));
        if shut {
            self.link = Link::Opening;
            self.ask_open(cx);
        }
        shut
    }

    /// Another project comes into view. All is put anew but what belongs to the program: jobs, activity, keys, and the
    /// changes under way, whose answers will be told. What the old one is being asked is given up.
    fn open(&mut self, cx: &mut Cx, project: Project, link: Link) {
        let kept = self.keep(cx.now);
        self.shell.give_up(cx, |_| true);
        let (demo, colour, mouse, keymap) = (self.demo, self.colour, self.mouse, self.keymap.clone());
        // Whoever named a place, and no project, meant it for the one that was chosen.
        let place = self.going.take().filter(|_| self.link == Link::Choose);
        let start = Start { project, connected: true, local: None, demo, colour, place, keymap, mouse };
        let old = std::mem::replace(self, Self::new(start, self.shell.shown_now));
        self.link = link;
        self.jobs = old.jobs;
        self.activity = old.activity;
        self.filters.activity = old.filters.activity;
        self.memories = old.memories;
        self.poll.unfocused = old.poll.unfocused;
        (self.at, self.size, self.exit) = (old.at, old.size, old.exit);
        self.left = old.left;
        let (which, project) = (old.shell.which, old.shell.name);
        let left = |open| Left { open, which: which.clone(), project: project.clone() };
        self.left.extend(old.shell.tickets.into_writes().map(left));
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
                let read = read.map(|all| all.into_iter().map(|project| self.remembered(project, cx.now)).collect());
                let asked = self.modals.switcher_mut().map(|switcher| switcher.listed(read)).unwrap_or_default();
                self.check(cx, asked);
            }
            B::Found(profile, meta, found) => {
                if let Some(meta) = meta {
                    let refused = match &found {
                        Err(NotFound::Refused(error)) => Some(&**error),
                        _ => None,
                    };
                    self.activity.log(activity::Entry::listed(cx.now, &profile, &meta, refused));
                }
                self.projects_found(cx, &profile, found);
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

    /// A profile's platform told its projects, or why it does not.
    fn projects_found(&mut self, cx: &mut Cx, profile: &str, found: Result<Found, NotFound>) {
        let mut refused = None;
        let found = match found {
            Ok(Found { projects, left_out }) => {
                let projects = projects.into_iter().map(|project| self.remembered(project, cx.now)).collect();
                Ok(Found { projects, left_out })
            }
            Err(NotFound::NotReady(why)) => Err(Listing::Failed(why)),
            Err(NotFound::Refused(error)) if error.kind == Kind::NotSignedIn => {
                refused = Some(error.clone());
                Err(Listing::SignIn(error))
            }
            // Older platforms answer only the documented routes.
            Err(NotFound::Refused(error)) => match error.kind {
                Kind::NoSuchRoute | Kind::NotFound | Kind::NotAllowed => Err(Listing::Refused),
                _ => Err(Listing::Failed(error.sentence())),
            },
        };
        let Some(switcher) = self.modals.switcher_mut() else { return };
        let checks = switcher.found(profile, found, cx.size);
        self.check(cx, Asked { checks, ..Asked::default() });
        // Without it there is nothing to choose from.
        let wanted = self.link == Link::Choose && self.project.which.profile() == Some(profile);
        if let Some(error) = refused.filter(|_| wanted && self.shell.offers.doors().contains(&Door::ControlPlane)) {
            self.ask_credential(&error, false);
        }
    }

    /// What this run of the program knows is newer than what is written down.
    fn remembered(&self, mut project: Listed, now: Timestamp) -> Listed {
        let here = [(&self.project.which, now)];
        let left = self.memories.iter().filter_map(|(which, memory)| Some((which, memory.opened?)));
        let all = || left.clone().chain(here);
        if let Some(memory) = self.memories.get(&project.which) {
            project.memory = memory.clone();
        }
        let opened = all().filter(|(which, _)| **which == project.which).map(|(_, at)| at).max();
        project.memory.opened = project.memory.opened.max(opened);
        let profile = project.which.profile();
        let recent = all().filter(|(which, _)| profile.is_some() && which.profile() == profile).map(|(_, at)| at).max();
        project.recent = project.recent.max(project.memory.opened).max(recent);
        project
    }

    /// The project in view can be asked from now on.
    fn opened(&mut self, cx: &mut Cx, project: Project) {
        let Project { name, reference, read_only, offers, poll, .. } = &project;
        (self.shell.name, self.shell.reference) = (name.clone(), reference.clone());
        (self.shell.read_only, self.shell.offers) = (*read_only, offers.clone());
        self.poll.interval = *poll;
        self.activity.reaches(&project.which, &project.reach);
        self.notice = super::notices(&project.notices, cx.at);
        // Where it stands is known already.
        let memory = std::mem::take(&mut self.project.memory);
        self.project = Project { memory, ..project };
        self.session = session::State::new(&self.project);
        if self.project.unchosen {
            (self.link, self.arrived) = (Link::Choose, true);
            self.choose(cx);
            return;
        }
        self.link = Link::Open;
        self.poll_soon(cx);
    }

    /// A change of a project that was left has its answer: it is told and kept, and touches nothing in view.
    pub(super) fn receive_left(&mut self, cx: &mut Cx, left: &Left, answer: &Answer) {
        let Left { open, which, project } = left;
        let error = answer.body.error();
        if let Some(meta) = &answer.meta {
            self.activity.log(activity::Entry::new(cx.now, open, meta, error).of(which, project));
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
        let key = self.project.which.key().filter(|_| self.link != Link::None);
        key.map(|key| (key, self.memory(now)))
    }
}
