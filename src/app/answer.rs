//! What holds for every answer, in one place: stale ones are dropped, all are counted and logged, a refused credential
//! asks for another, a missing route is noted, a failing server is asked less often. Then the feature gets the body.

use std::time::Duration;

use super::cx::Cx;
use super::modal::{FormKind, Modal};
use super::msg::{Answer, Body};
use super::project::Link;
use super::shell::{Open, Tone};
use super::tab::Tab;
use super::{App, activity, buckets, jobs, objects, session, users};
use crate::api::detect::ServerKind;
use crate::api::error::{ApiError, Kind};
use crate::api::meta::Meta;
use crate::api::route::{Door, Route};

/// How long a server is left alone that has had too many requests and does not say how long.
const UNTOLD: Duration = Duration::from_secs(10);

impl Body {
    /// The failure in it, if it is one.
    pub fn error(&self) -> Option<&ApiError> {
        match self {
            Self::Users(users::Body::Page(_, result)) => result.as_ref().err(),
            Self::Users(users::Body::Got(_, result) | users::Body::Created(result)) => result.as_ref().err(),
            Self::Users(users::Body::View(_))
            | Self::Picker(_)
            | Self::Projects(_)
            | Self::Session(_)
            | Self::Nothing => None,
            Self::Buckets(buckets::Body::List(result)) => result.as_ref().err(),
            Self::Objects(objects::Body::List(_, result)) => result.as_ref().err(),
        }
    }
}

impl App {
    pub(super) fn receive(&mut self, cx: &mut Cx, answer: Answer) {
        let Some(open) = self.shell.tickets.close(answer.ticket) else {
            if let Some(at) = self.left.iter().position(|left| left.open.ticket == answer.ticket) {
                let left = self.left.remove(at);
                self.receive_left(cx, &left, &answer);
                return;
            }
            // Given up: what it says belongs to a place that was left.
            cx.unchanged();
            return;
        };
        if let Some(meta) = &answer.meta {
            self.count(cx, &open, meta, answer.body.error());
        }
        if let Some(error) = answer.body.error() {
            self.failed(cx, &open, error);
        }
        let name = open.what.name;
        let lost = answer.body.error().filter(|_| name == users::OPEN).cloned();
        let outs = match answer.body {
            Body::Users(body) => self.users.receive(cx, &mut self.shell, answer.ticket, name, body),
            Body::Buckets(body) => {
                let outs = self.buckets.receive(cx, &mut self.shell, body);
                if let Some(objects) = &mut self.objects
                    && let Some(known) = self.buckets.knows(&objects.bucket.id)
                {
                    objects.bucket_known(known);
                }
                outs
            }
            Body::Objects(body) => match &mut self.objects {
                Some(objects) => objects.receive(cx, &mut self.shell, body),
                None => Vec::new(),
            },
            Body::Picker(body) => {
                let out = self.modals.picker_received(body);
                self.modal_out(cx, out);
                Vec::new()
            }
            Body::Projects(body) => {
                self.projects_received(cx, answer.ticket, body);
                Vec::new()
            }
            Body::Session(body) => {
                self.session_received(cx, body);
                Vec::new()
            }
            Body::Nothing => Vec::new(),
        };
        self.outs(cx, outs);
        match lost {
            Some(error) => self.cannot_go(cx, &error),
            None => self.go_on(cx),
        }
    }

    /// Latency, what the server lacks, Activity, and how the tab's data stands.
    fn count(&mut self, cx: &mut Cx, open: &Open, meta: &Meta, error: Option<&ApiError>) {
        self.learn(cx, meta);
        if error.is_none() {
            self.poll.heard = Some(cx.at);
            // A large page takes its time however near the server is.
            if !open.what.write && open.what.name != users::LOAD_ALL {
                self.poll.took(meta.took);
            }
            if let Some(door) = meta.door {
                if meta.route == Route::UsersList {
                    self.users.read_by(door);
                }
                self.session.took(door);
                self.may_ask_keys(door);
            }
        }
        let tab = open.what.tab;
        let polled = matches!(tab, Tab::Users | Tab::Buckets)
            && !open.what.write
            && !matches!(open.what.name, "users.read" | users::OPEN);
        let health = self.health.entry(tab).or_default();
        let first_failure = health.bad.is_none();
        if polled {
            match error {
                Some(error) if is_down(error) => self.poll.bad(health, error, cx),
                _ => self.poll.good(health, cx),
            }
        }
        // A poll that went well, or failed again, says nothing new.
        if !open.what.is_poll() || (error.is_some() && first_failure) {
            self.activity.log(activity::Entry::new(cx.now, open, meta, error).of(&self.shell.which, &self.shell.name));
        }
    }

    /// The requests of jobs: what they teach, and Activity.
    pub(super) fn jobs_asked(&mut self, cx: &Cx, all: &[jobs::Progress]) {
        for progress in all {
            let Some(job) = self.jobs.job(progress.job) else { continue };
            let here = job.which == self.shell.which;
            let (which, project) = (job.which.clone(), job.project.clone());
            for (index, asked) in &progress.asked {
                let target = self.jobs.job(progress.job).and_then(|job| job.target(*index)).unwrap_or_default();
                self.activity.log(activity::Entry::of_job(cx.now, target, asked).of(&which, &project));
                // What another project's server says, says nothing of this one.
                if !here {
                    continue;
                }
                self.learn(cx, &asked.meta);
                if asked.error.is_none() {
                    self.poll.heard = Some(cx.at);
                }
                if let Some(error) = &asked.error {
                    self.last_error = Some((**error).clone());
                    if error.kind == Kind::TooMany {
                        self.slow_down(error, cx);
                    }
                }
            }
        }
    }

    /// What an answer tells of the connection: what is offered, who is signed in at its door, and which kind of server
    /// is there, which is told to the person where it is another one than before.
    fn learn(&mut self, cx: &Cx, meta: &Meta) {
        if let Some(offers) = &meta.offers {
            self.shell.offers.clone_from(offers);
        }
        if let Some(standing) = &meta.standing {
            self.session.stands(standing.clone());
        }
        if let (Some(kind), Some(door)) = (&meta.found, meta.door)
            && self.session.finds(door, kind)
        {
            self.found(cx, door, kind);
        }
    }

    /// What stands at a door is kept in Activity, and told where a person might think that more is known.
    fn found(&mut self, cx: &Cx, door: Door, kind: &ServerKind) {
        // What is no Studio has no key to give.
        if door == Door::Studio {
            self.project.ask_keys &= matches!(kind, ServerKind::SelfHosted | ServerKind::OpenStudio);
        }
        let lacks = kind.lacks().map(|lacks| format!(": {lacks}")).unwrap_or_default();
        let said = format!("{}{lacks}", kind.words());
        if door == Door::Studio {
            self.tell(cx, Tone::Info, format!("This is {said}."));
        }
        self.note(cx, "session.look", door.title(), &said);
    }

    /// Keeps in Activity what was done on the connection.
    pub(super) fn note(&mut self, cx: &Cx, operation: &'static str, target: &str, what: &str) {
        let entry = activity::Entry::told(cx.now, operation, target, what, true);
        self.activity.log(entry.of(&self.shell.which, &self.shell.name));
    }

    fn failed(&mut self, cx: &mut Cx, open: &Open, error: &ApiError) {
        self.last_error = Some(error.clone());
        match error.kind {
            Kind::NotSignedIn => self.ask_credential(error, open.what.write),
            Kind::TooMany => self.slow_down(error, cx),
            _ => {}
        }
        if open.what.write && self.modals.is_empty() {
            self.tell(cx, Tone::Bad, error.sentence());
        }
    }

    fn slow_down(&mut self, error: &ApiError, cx: &Cx) {
        let wait = error.retry_after.unwrap_or(UNTOLD);
        for health in self.health.values_mut() {
            health.hold(wait, cx);
        }
    }

    /// Opens the credential form over whatever there is, once; again only where a person wants to know, for it takes the
    /// keys from what is being done. A filter being typed is not broken into: the next failing poll asks.
    pub(super) fn ask_credential(&mut self, error: &ApiError, wanted: bool) {
        let Some(door) = error.door.filter(|_| !matches!(self.link, Link::SignedOut(_))) else { return };
        if (self.session.refused(door, error) && !self.filtering) || wanted {
            self.open_credential(door);
        }
    }

    /// Opens the form that gives a door another credential: by signing in where one does.
    pub(super) fn open_credential(&mut self, door: Door) {
        if self.session.signs_in(door) {
            self.open_sign_in();
        } else {
            self.open_paste(door);
        }
    }

    /// Opens the form that takes a credential as it is.
    pub(super) fn open_paste(&mut self, door: Door) {
        let kind = FormKind::Credential(door);
        if !self.modals.has_form(kind) {
            let (signs_in, why) = (self.session.signs_in(door), self.session.why(door));
            self.modals.push(Modal::form(kind, session::forms::credential(door, signs_in, &self.shell.name, why)));
        }
    }
}

/// Whether a failure means that the tab's data cannot be had, and not that one row of it is gone or cannot be read.
fn is_down(error: &ApiError) -> bool {
    match error.kind {
        Kind::Unreadable => false,
        Kind::NoSuchRoute | Kind::NotFound => error.route != Route::UserGet,
        _ => true,
    }
}
