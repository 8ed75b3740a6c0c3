//! What the root does itself: tabs, help, palette, leaving; and what features and modals ask of it.

use tui_input::Input;

use super::cx::Cx;
use super::effect::Effect;
use super::geometry::Share;
use super::modal::{self, Ask, Confirm, FormKind, Modal, ModalOut, Palette, Viewer};
use super::op::Op;
use super::op::gate::{self, Gate, gate};
use super::picker::Picker;
use super::project::Link;
use super::shell::{self, FormEnd, Out, Tone, What};
use super::tab::Tab;
use super::{App, Exit, activity, global, list, objects, session, users};
use crate::api::credential;
use crate::api::error::{ApiError, Kind};
use crate::api::route::{Door, Route};
use crate::secret::Secret;
use crate::text::human::capital;

/// How to see a form again that went out of sight.
const BACK: &str = "{users.create} brings the form back.";

impl App {
    pub(super) fn run(&mut self, cx: &mut Cx, op: Op) {
        let outs = match op {
            Op::Global(op) => {
                self.run_global(cx, op);
                return;
            }
            Op::Session(session::Op::Credential) => {
                self.want_credential(cx);
                return;
            }
            Op::Session(session::Op::Paste) => {
                self.paste_token(cx, "");
                return;
            }
            Op::Session(session::Op::SignOut) => {
                self.sign_out(cx);
                return;
            }
            Op::Session(session::Op::Keys) => {
                self.ask_keys();
                return;
            }
            Op::Session(session::Op::Unlock) => {
                self.modals.push(Modal::form(FormKind::Unlock, session::forms::unlock(&self.shell.name)));
                return;
            }
            Op::Projects(op) => {
                self.run_projects(cx, op);
                return;
            }
            Op::List(op) => self.move_list(cx, op),
            Op::Users(op) => self.users.run(cx, &mut self.shell, op),
            Op::Buckets(op) => self.buckets.run(cx, &mut self.shell, op),
            Op::Objects(op) => match &mut self.objects {
                Some(objects) => objects.run(cx, &mut self.shell, op),
                None => Vec::new(),
            },
            Op::Jobs(op) => self.jobs.run(cx, &mut self.shell, op),
            Op::Activity(op) => self.activity.run(cx, &mut self.shell, op),
            Op::Modal(modal::Op::FirstDemo) if self.demo => {
                self.exit = Some(Exit::StartDemo);
                return;
            }
            Op::Modal(modal::Op::FirstLocal) if self.local.is_some() => {
                self.exit = Some(Exit::OpenLocal);
                return;
            }
            Op::Modal(modal::Op::FirstHelp) => {
                self.show_help();
                return;
            }
            Op::Modal(modal::Op::FirstQuit) => {
                self.exit = Some(Exit::Code(0));
                return;
            }
            Op::Form(_) | Op::Picker(_) | Op::Review(_) | Op::Modal(_) => {
                let under_way = self.form_under_way();
                let out = self.modals.run(op, under_way, cx);
                self.modal_out(cx, out);
                return;
            }
        };
        self.outs(cx, outs);
    }

    fn move_list(&mut self, cx: &mut Cx, op: list::Op) -> Vec<Out> {
        if let list::Op::Narrower | list::Op::Wider | list::Op::Usual = op {
            let more = op == list::Op::Narrower;
            let share =
                if op == list::Op::Usual { Some(Share::default()) } else { self.shell.share.step(more, cx.size.width) };
            match share {
                Some(share) => self.shell.share = share,
                None => self.tell(cx, Tone::Info, "No further: list and detail both stay wide enough to be read."),
            }
            return Vec::new();
        }
        match self.tab {
            Tab::Users => self.users.move_list(cx, &mut self.shell, op),
            Tab::Buckets => match &mut self.objects {
                Some(objects) => objects.move_list(cx, &mut self.shell, op),
                None => self.buckets.move_list(cx, &mut self.shell, op),
            },
            Tab::Jobs => self.jobs.move_list(cx, &mut self.shell, op),
            Tab::Activity => self.activity.move_list(cx, &mut self.shell, op),
        }
    }

    fn run_global(&mut self, cx: &mut Cx, op: global::Op) {
        use global::Op as G;
        match op {
            G::NextTab => self.turn(cx, 1),
            G::PreviousTab => self.turn(cx, Self::tabs().len() - 1),
            G::Users => self.switch(cx, Tab::Users),
            G::Buckets => self.switch(cx, Tab::Buckets),
            G::Jobs => self.switch(cx, Tab::Jobs),
            G::Activity => self.switch(cx, Tab::Activity),
            G::Filter => self.filtering = true,
            G::FilterKeep => self.filtering = false,
            G::FilterClear => {
                self.filtering = false;
                self.set_filter(cx, Input::default());
            }
            G::FilterDown | G::FilterUp => {
                let op = if op == G::FilterDown { list::Op::Down } else { list::Op::Up };
                let outs = self.move_list(cx, op);
                self.outs(cx, outs);
            }
            G::Refresh if self.open_again(cx) => {}
            G::Refresh if matches!(self.link, Link::SignedOut(_)) => self.want_credential(cx),
            G::Refresh => {
                self.shell.offers.forget();
                cx.effect(Effect::Session(session::Effect::ForgetMissing));
                self.session.ask_again();
                self.ask_again(cx);
            }
            G::Pause => {
                self.poll.paused = !self.poll.paused;
                if !self.poll.paused {
                    self.poll_again(cx);
                }
            }
            G::Palette => {
                let palette = Palette::new(&self.keymap, &|op| gate(op, self));
                self.modals.push(Modal::Palette(palette));
            }
            G::Help | G::HelpTyping => self.show_help(),
            G::Raw => self.show_raw(cx),
            G::Back => {
                self.back(cx);
            }
            G::Quit => {
                if !self.back_from_place(cx) {
                    self.leave(cx);
                }
            }
            G::Exit => {
                if matches!(self.modals.top(), Some(Modal::Confirm(confirm)) if confirm.what == Ask::Quit) {
                    self.exit = Some(Exit::Code(0));
                } else {
                    self.leave(cx);
                }
            }
            G::Suspend => {
                cx.effect(Effect::Suspend);
            }
        }
    }

    pub(super) fn show_help(&mut self) {
        let help = modal::help(self.scopes(), &self.keymap, &|op| gate(op, self));
        self.modals.push(Modal::Viewer(help));
    }

    fn show_raw(&mut self, cx: &Cx) {
        if let Some(text) = self.jobs.raw().filter(|_| self.tab == Tab::Jobs && self.modals.is_empty()) {
            self.modals.push(Modal::Viewer(Viewer::text("Raw answer", text)));
            return;
        }
        match &self.last_error {
            Some(error) => {
                let (title, raw) = match &error.raw {
                    Some(raw) if error.answered() => ("Raw answer", raw.as_str()),
                    _ => ("The last failure", "There was no answer, or an empty one."),
                };
                let text = format!("{}\n\n{raw}", error.sentence());
                self.modals.push(Modal::Viewer(Viewer::text(title, text)));
            }
            None => self.tell(cx, Tone::Info, "No request has failed so far."),
        }
    }

    fn turn(&mut self, cx: &mut Cx, by: usize) {
        let tabs = Self::tabs();
        let at = tabs.iter().position(|&tab| tab == self.tab).unwrap_or(0);
        if let Some(&tab) = tabs.get((at + by) % tabs.len()) {
            self.switch(cx, tab);
        }
    }

    fn switch(&mut self, cx: &mut Cx, tab: Tab) {
        self.tab = tab;
        self.settle();
        // What was read a moment ago need not be read again.
        self.poll_if_due(cx);
    }

    /// One step back; whether there was one.
    fn back(&mut self, cx: &mut Cx) -> bool {
        if self.back_from_place(cx) {
            self.sync_filters();
            return true;
        }
        if !self.filter().value().is_empty() {
            self.set_filter(cx, Input::default());
            return true;
        }
        self.notice.take().is_some()
    }

    /// A feature that dropped its filter by itself: the line is empty then, too.
    fn sync_filters(&mut self) {
        let objects = self.objects.as_ref().map_or("", |objects| objects.filter());
        for (line, filter) in [
            (&mut self.filters.buckets, self.buckets.filter()),
            (&mut self.filters.objects, objects),
            (&mut self.filters.activity, self.activity.filter()),
        ] {
            if filter.is_empty() {
                *line = Input::default();
            }
        }
    }

    /// Whether esc leaves a place that nothing else on the screen says how to leave: the items of a job.
    pub fn is_inside(&self) -> bool {
        self.tab == Tab::Jobs && self.jobs.in_items
    }

    /// Leaves the details that fill the screen, of all lists.
    pub(super) fn close_details(&mut self) {
        (self.users.detail, self.buckets.detail) = (false, false);
        if let Some(objects) = &mut self.objects {
            objects.detail = false;
        }
    }

    /// Leaves a detail or a folder; whether there was one to leave.
    fn back_from_place(&mut self, cx: &mut Cx) -> bool {
        match self.tab {
            Tab::Users if self.users.detail => {
                self.users.detail = false;
                true
            }
            Tab::Users => false,
            Tab::Buckets => match &mut self.objects {
                Some(objects) => {
                    let outs = objects.back(cx, &mut self.shell);
                    self.outs(cx, outs);
                    true
                }
                None => self.buckets.back(),
            },
            Tab::Jobs => self.jobs.back(),
            Tab::Activity => self.activity.back(),
        }
    }

    fn close_objects(&mut self, cx: &mut Cx) {
        self.shell.cancel(cx, Tab::Buckets);
        self.objects = None;
        self.settle();
        self.poll_soon(cx);
    }

    fn leave(&mut self, cx: &mut Cx) {
        let mut lines = Vec::new();
        for (project, running) in self.jobs.running_by_project() {
            let jobs = if running == 1 { "1 job in" } else { &format!("{running} jobs in") };
            let are = if running == 1 { "is" } else { "are" };
            lines.push(format!("{jobs} {project} {are} under way: what is not sent yet is given up."));
        }
        let here = self.shell.tickets.writes().map(|open| (open, &self.shell.name));
        for (open, project) in here.chain(self.left.iter().map(|left| (&left.open, &left.project))) {
            lines.push(format!("{} of {} in {project} has no answer yet.", open.what.name, open.what.target));
        }
        if lines.is_empty() {
            self.exit = Some(Exit::Code(0));
        } else {
            self.modals.push(Modal::Confirm(Confirm::quit(lines)));
        }
        cx.touch();
    }

    pub(super) fn out(&mut self, cx: &mut Cx, out: Out) {
        match out {
            Out::Notice(tone, text) => self.tell(cx, tone, text),
            Out::Say(tone, text) => self.say(cx, tone, text),
            Out::Open(modal) => {
                if let Modal::Form(form) = &*modal
                    && self.modals.has_form(form.kind)
                {
                    let kind = form.kind;
                    self.modals.show(kind);
                    return;
                }
                self.modals.push(*modal);
            }
            Out::Pick { bucket, prefix, rules } => {
                let (mut picker, effect) = Picker::open(bucket, Some(rules), &prefix);
                picker.at = self.shell.at(Route::ObjectUpload, cx.now);
                self.modals.push(Modal::Picker(Box::new(picker)));
                self.ask_picker(cx, effect);
            }
            Out::JobEnded { tone, what, counts, signed_out, which, project } => {
                let here = which == self.shell.which;
                if signed_out && here {
                    let said = "The upload stopped: the server refused the credential.";
                    let mut error = ApiError::of(Kind::NotSignedIn, Route::ObjectUpload, said);
                    error.door = self.shell.offers.door(Route::ObjectUpload, cx.now);
                    error.host.clone_from(&self.shell.name);
                    self.ask_credential(&error, true);
                }
                let whole = tone == Tone::Good;
                let ended = activity::Entry::told(cx.now, "jobs.end", what.clone(), counts.clone(), whole);
                self.activity.log(ended.of(&which, &project));
                let project = if here { String::new() } else { format!("{project}: ") };
                self.tell(cx, tone, format!("{project}{what}: {counts}"));
            }
            Out::ConfirmStop(job, line) => self.modals.push(Modal::Confirm(Confirm::stop(job, vec![line]))),
            Out::ReadBuckets => self.buckets.poll(cx, &mut self.shell),
            Out::OpenBucket(bucket) => {
                self.shell.cancel(cx, Tab::Buckets);
                self.objects = Some(objects::State::new(*bucket));
                self.set_filter(cx, Input::default());
                self.settle();
                self.poll_soon(cx);
            }
            Out::CloseBucket => self.close_objects(cx),
            Out::Upload(plan) => self.upload(cx, *plan),
            Out::FormEnded(kind, end) => self.form_ended(cx, kind, end),
        }
    }

    fn upload(&mut self, cx: &mut Cx, plan: crate::work::plan::Plan) {
        if self.shell.read_only || !self.shell.offers(Route::ObjectUpload, cx.now) {
            self.tell(cx, Tone::Bad, "This connection cannot upload: it is read-only, or no door offers it.");
            return;
        }
        self.jobs.start(cx, &mut self.shell, plan);
        self.switch(cx, Tab::Jobs);
    }

    fn form_ended(&mut self, cx: &mut Cx, kind: FormKind, end: FormEnd) {
        let hidden = self.modals.form(kind).is_some_and(|form| form.hidden);
        match end {
            FormEnd::Done => self.modals.close(kind),
            FormEnd::Failed(error) => {
                if let Some(form) = self.modals.form_mut(kind) {
                    users::forms::refused(&mut form.form, &error);
                }
                if hidden {
                    let back = self.keymap.say(BACK);
                    self.tell(cx, Tone::Bad, format!("{} {back}", error.sentence()));
                }
            }
            FormEnd::Said(text) => {
                if let Some(form) = self.modals.form_mut(kind) {
                    form.form.say(text.clone());
                }
                if hidden {
                    let back = self.keymap.say(BACK);
                    self.tell(cx, Tone::Bad, format!("{text} {back}"));
                }
            }
        }
    }

    fn ask_picker(&mut self, cx: &mut Cx, effect: super::picker::Effect) {
        // The picker's own reads are no requests: they belong to no polled tab.
        self.shell.ask(cx, What::read("picker.read", Tab::Jobs), Effect::Picker(effect));
    }

    pub(super) fn modal_out(&mut self, cx: &mut Cx, out: ModalOut) {
        match out {
            ModalOut::Cancelled(kind @ (FormKind::Credential(_) | FormKind::SignIn | FormKind::Code)) => {
                let door = if let FormKind::Credential(door) = kind { door } else { Door::ControlPlane };
                if kind == FormKind::Code {
                    self.give_up_sign_in(cx);
                }
                // Below the rows of a failing poll the keys stand already.
                let shown =
                    self.polls() && self.health.get(&self.polled_tab()).is_some_and(|health| health.bad.is_some());
                if self.session.put_off(door) && !shown && self.link != Link::Choose {
                    let why = self.session.why(door).filter(|_| !self.session.signs_in(door));
                    let why = capital(&why.map_or_else(|| session::NOBODY.into(), ApiError::needs));
                    let keys =
                        format!("{{global.refresh}} asks again, {{session.credential}} {}", self.session.remedy(door));
                    self.say(cx, Tone::Info, &format!("{why}: {keys}."));
                }
            }
            ModalOut::None | ModalOut::Cancelled(_) | ModalOut::Yes(Ask::Discard | Ask::OverLimit) => {}
            ModalOut::Submit(FormKind::CreateUser) => {
                let read = self.modals.form(FormKind::CreateUser).map(|form| users::forms::read(&form.form));
                match read {
                    Some(Ok(new)) => self.users.create(cx, &mut self.shell, new),
                    Some(Err(why)) => self.form_ended(cx, FormKind::CreateUser, FormEnd::Said(why)),
                    None => {}
                }
            }
            ModalOut::Submit(FormKind::Credential(door)) => self.take_credential(cx, door),
            ModalOut::Submit(FormKind::SignIn) => self.sign_in(cx),
            ModalOut::Submit(FormKind::Code) => self.send_code(cx),
            ModalOut::Submit(FormKind::Unlock) => self.unlock(cx),
            ModalOut::Hidden(_) => self.tell(cx, Tone::Info, "Still being sent: its end will be told here."),
            ModalOut::Yes(Ask::LeaveProject) => self.agreed_to_leave(cx),
            ModalOut::Yes(Ask::TakeKeys) => {
                let what = What::write("session.keys", Tab::Activity, "");
                self.shell.ask(cx, what, Effect::Session(session::Effect::Keys(true)));
                self.tell(cx, Tone::Info, "Asking Studio for the project's key.");
            }
            ModalOut::No(_) => {
                cx.effect(Effect::Session(session::Effect::Keys(false)));
            }
            ModalOut::Yes(Ask::Quit) => self.exit = Some(Exit::Code(0)),
            ModalOut::Yes(Ask::StopJob(job)) => {
                self.jobs.stop(cx, job);
            }
            ModalOut::Run(op) => match gate(op, self) {
                Gate::Absent => {}
                _ => self.press(cx, op),
            },
            ModalOut::Dimmed(reason) => self.say(cx, Tone::Info, reason.sentence()),
            ModalOut::Picker(effect) => self.ask_picker(cx, effect),
            ModalOut::Upload(plan) => self.upload(cx, *plan),
            ModalOut::Copy(text) => {
                let out = shell::copy(cx, text, "Copied.".into());
                self.out(cx, out);
            }
            ModalOut::Help(_) => self.show_help(),
            ModalOut::Raw => self.show_raw(cx),
        }
    }

    /// Studio has let the person in: asks for its key where that is still to be asked, and nothing is being typed.
    pub(super) fn may_ask_keys(&mut self, door: Door) {
        if door == Door::Studio && self.project.ask_keys && self.modals.is_empty() && !self.filtering {
            self.project.ask_keys = false;
            self.ask_keys();
        }
    }

    /// Asks whether the project's key is to be taken from Studio.
    pub(super) fn ask_keys(&mut self) {
        let name = &self.shell.name;
        self.modals.push(Modal::Confirm(Confirm::take_keys(vec![
            format!("The Studio of {name} holds the project's service key, which opens single users and uploads."),
            "The key stays in memory. Your answer is remembered for this profile.".into(),
        ])));
    }

    fn unlock(&mut self, cx: &mut Cx) {
        let name = self.shell.name.clone();
        let Some(form) = self.modals.form_mut(FormKind::Unlock) else { return };
        if session::forms::unlocks(&mut form.form, &name) {
            self.modals.close(FormKind::Unlock);
            self.shell.read_only = false;
            cx.effect(Effect::Session(session::Effect::Unlock));
            self.tell(cx, Tone::Info, format!("{name} is unlocked: changes are real until it is left."));
        }
    }

    fn take_credential(&mut self, cx: &mut Cx, door: Door) {
        let (kind, now) = (FormKind::Credential(door), cx.now);
        let Some(form) = self.modals.form_mut(kind) else { return };
        let Some(secret) = session::forms::read(&mut form.form, |secret| warn(door, secret, now)) else { return };
        self.modals.close(kind);
        cx.effect(Effect::Session(session::Effect::Credential(door, secret)));
        self.tell(cx, Tone::Info, format!("Trying the new {}.", self.session.pasted(door)));
        self.signed_in_again(cx, door);
    }

    /// Another credential for the door that refuses its own, else for the one that serves this place.
    fn want_credential(&mut self, cx: &Cx) {
        if matches!(self.link, Link::SignedOut(_)) {
            self.open_credential(Door::ControlPlane);
            return;
        }
        let route = match self.tab {
            Tab::Users | Tab::Activity => Route::UsersList,
            Tab::Buckets if self.objects.is_some() => Route::ObjectsList,
            Tab::Buckets => Route::BucketsList,
            Tab::Jobs => Route::ObjectUpload,
        };
        match self.session.door(self.shell.offers.door(route, cx.now)) {
            Some(door) => self.open_credential(door),
            None => self.say(cx, Tone::Info, gate::Reason::NotOffered.sentence()),
        }
    }
}

/// What is odd about a credential, without a word of it.
pub fn warn(door: Door, secret: &Secret, now: jiff::Timestamp) -> Option<String> {
    if let Some(since) = credential::expired(secret, now) {
        return Some(format!("This {} expired at {}.", door.credential(), crate::text::human::exact(since)));
    }
    credential::misplaced(door, secret).map(|said| format!("This {said}."))
}
