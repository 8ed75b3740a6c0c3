//! Signing in to a control plane from the screen, over whatever is being done there: the password, the code, and what
//! stands in their way. Nothing below is touched: what was typed there is there afterwards.

use super::session::{Body, Effect, Step, forms};
use crate::api::error::ApiError;
use crate::api::meta::Standing;
use crate::api::model::Factor;
use crate::api::route::Door;
use crate::app::cx::Cx;
use crate::app::effect::Effect as Root;
use crate::app::form::Author;
use crate::app::modal::{FormKind, Modal};
use crate::app::project::Link;
use crate::app::shell::{Tone, What};
use crate::app::tab::Tab;
use crate::app::{App, activity};

/// The operation's name in Activity, and of its ticket.
const NAME: &str = "session.sign-in";
/// That of signing out.
pub const OUT: &str = "session.sign-out";

impl App {
    /// Opens the form that signs in, or brings back the step that it waits at.
    pub(super) fn open_sign_in(&mut self) {
        if self.modals.has_form(FormKind::Code) || self.modals.has_form(FormKind::SignIn) {
            return;
        }
        let login = self.session.login.clone().unwrap_or_default();
        let why = self.session.why(Door::ControlPlane);
        let host = why.map_or_else(|| self.shell.name.clone(), |error| error.host.clone());
        self.modals.push(Modal::form(FormKind::SignIn, forms::sign_in(&host, &login, why)));
    }

    /// Whether a sign-in is on its way.
    pub(super) fn signs_in(&self) -> bool {
        self.shell.tickets.under_way(NAME)
    }

    /// Sends what the sign-in form holds.
    pub(super) fn sign_in(&mut self, cx: &mut Cx) {
        let Some(form) = self.modals.form(FormKind::SignIn) else { return };
        let values = form.form.values();
        let (email, password) = (values.text("email").trim().to_owned(), values.secret("password"));
        let what = What::write(NAME, Tab::Activity, email.clone());
        self.shell.ask(cx, what, Root::Session(Effect::SignIn { email, password }));
    }

    /// Sends the code.
    pub(super) fn send_code(&mut self, cx: &mut Cx) {
        let Some(form) = self.modals.form(FormKind::Code) else { return };
        let code = form.form.values().secret("code");
        let factor = self.session.factor.as_ref().map(|factor| factor.id.clone()).unwrap_or_default();
        let what = What::write(NAME, Tab::Activity, "code");
        self.shell.ask(cx, what, Root::Session(Effect::Code { factor, code }));
    }

    /// Ends the session. From now on nothing is asked, neither the server nor the person.
    pub(super) fn sign_out(&mut self, cx: &mut Cx) {
        self.shell.give_up(cx, |_| true);
        self.users.gave_up();
        self.link = Link::SignedOut(None);
        self.notice = None;
        self.session.left();
        self.close_details();
        self.shell.ask(cx, What::write(OUT, Tab::Activity, ""), Root::Session(Effect::SignOut));
    }

    /// The person has signed in again, or given a token.
    pub(super) fn signed_in_again(&mut self, cx: &mut Cx, door: Door) {
        self.session.given(door);
        if matches!(self.link, Link::SignedOut(_)) {
            self.link = if self.project.unchosen { Link::Choose } else { Link::Open };
        }
        // What is under way bears the old one: its answer says nothing about this one.
        self.ask_again(cx);
    }

    /// What became of it.
    pub(super) fn session_received(&mut self, cx: &mut Cx, body: Body) {
        match body {
            Body::Step(Ok(Step::Done { who, lives })) => {
                self.modals.close(FormKind::SignIn);
                self.modals.close(FormKind::Code);
                self.session.factor = None;
                self.signed_in_again(cx, Door::ControlPlane);
                let ends = lives.and_then(|lives| cx.now.checked_add(lives).ok());
                let name = who.clone().unwrap_or_else(|| "your account".into());
                self.session.stands(Standing { door: Door::ControlPlane, who, ends, renews: true });
                self.note(cx, NAME, &name, "signed in");
                self.tell(cx, Tone::Good, format!("Signed in as {name}."));
            }
            Body::Step(Ok(Step::NeedsCode(factors))) => self.want_code(cx, factors),
            Body::Step(Err(error)) => self.not_signed_in(cx, error),
            Body::SignedOut(result) => {
                self.note(cx, OUT, "", "signed out");
                if let Err(error) = result {
                    // Whoever has signed in again meanwhile is not thrown out.
                    if let Link::SignedOut(untold) = &mut self.link {
                        *untold = Some(error.sentence());
                    }
                    self.last_error = Some(error);
                }
            }
            Body::Keys(offers) => {
                self.shell.offers = offers;
                self.note(cx, "session.keys", "", "the gateway is open");
                self.tell(cx, Tone::Good, "The gateway is open with the project's key, until the program ends.");
                self.ask_again(cx);
            }
        }
    }

    fn want_code(&mut self, cx: &mut Cx, factors: Vec<Factor>) {
        let best = factors.iter().position(|factor| factor.kind == "totp");
        let best = best.or_else(|| factors.iter().position(Factor::takes_code));
        let Some(factor) = best.and_then(|at| factors.into_iter().nth(at)) else {
            self.paste_token(cx, "The account's second factor cannot be used in a terminal: sign in on the web page and paste an access token.");
            return;
        };
        let host = self.session.why(Door::ControlPlane).map_or(self.shell.name.as_str(), |error| &error.host);
        let form = forms::code(host, &factor);
        self.modals.close(FormKind::SignIn);
        self.modals.push(Modal::form(FormKind::Code, form));
        if factor.kind == "phone" {
            let what = What::write(NAME, Tab::Activity, "code");
            self.shell.ask(cx, what, Root::Session(Effect::Challenge(factor.id.clone())));
        }
        self.session.factor = Some(factor);
    }

    fn not_signed_in(&mut self, cx: &mut Cx, error: ApiError) {
        let failed = activity::Entry::told(cx.now, NAME, "", error.sentence(), false);
        self.activity.log(failed.of(&self.shell.which, &self.shell.name));
        let code = error.code.as_deref().unwrap_or_default();
        if error.wants_captcha() {
            self.paste_token(cx, "The server asks for a captcha, which a terminal cannot show: sign in on the web page and paste an access token.");
        } else if let Some(form) = self.modals.form_mut(FormKind::Code) {
            if code == "mfa_verification_failed" {
                form.form.blame("code", Author::Server, "The server refuses this code: give the one shown now.");
            } else {
                form.form.say(error.sentence());
            }
        } else if let Some(form) = self.modals.form_mut(FormKind::SignIn) {
            if code == "invalid_credentials" || code == "invalid_grant" {
                form.form.blame("password", Author::Server, "The server knows no such email and password.");
            } else {
                form.form.say(error.sentence());
            }
        } else {
            self.tell(cx, Tone::Bad, error.sentence());
        }
        self.last_error = Some(error);
    }

    /// The code will not be given: what the password began is ended.
    pub(super) fn give_up_sign_in(&mut self, cx: &mut Cx) {
        self.session.factor = None;
        cx.effect(Root::Session(Effect::GiveUp));
    }

    /// Asks for an access token instead, and says why. It is used for itself only.
    pub(super) fn paste_token(&mut self, cx: &mut Cx, why: &str) {
        self.modals.close(FormKind::SignIn);
        self.modals.close(FormKind::Code);
        self.give_up_sign_in(cx);
        self.open_paste(Door::ControlPlane);
        if let Some(form) = self.modals.form_mut(FormKind::Credential(Door::ControlPlane)).filter(|_| !why.is_empty()) {
            form.form.hint(why);
        }
    }
}
