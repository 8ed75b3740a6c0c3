//! Keys and pastes: to the operation they name here, else into the line that is being typed.

use tui_input::Input;

use super::App;
use super::cx::Cx;
use super::form::{Change, Typed, edit_line};
use super::key::Key;
use super::modal::{FormKind, Modal};
use super::msg::Pasted;
use super::op::Op;
use super::op::gate::{Gate, gate};
use super::shell::Tone;
use super::tab::Tab;

impl App {
    /// Does what a person asks, and takes the notice away where it no longer belongs.
    pub(super) fn noticed(&mut self, cx: &mut Cx, act: impl FnOnce(&mut Self, &mut Cx)) {
        let (tab, modals, told) = (self.tab, self.modals.len(), self.notice.clone());
        act(self, cx);
        // What was told about another tab or dialog does not stand under this one.
        if (self.tab, self.modals.len()) != (tab, modals) && self.notice == told {
            self.notice = None;
        }
    }

    pub(super) fn obey(&mut self, cx: &mut Cx, key: Key) {
        let scopes = self.scopes();
        if let Some(op) = self.keymap.find(scopes, key) {
            self.press(cx, op);
        } else if scopes.iter().any(|scope| scope.types()) {
            self.typed(cx, Typed::Key(key));
        } else {
            cx.unchanged();
        }
    }

    /// Runs an operation where the gate lets it, else says why it does not run.
    pub(super) fn press(&mut self, cx: &mut Cx, op: Op) {
        match gate(op, self) {
            Gate::Run => self.run(cx, op),
            Gate::Dimmed(reason) => self.say(cx, Tone::Info, reason.sentence()),
            Gate::Absent => cx.unchanged(),
        }
    }

    pub(super) fn paste(&mut self, cx: &mut Cx, text: &Pasted) {
        if self.scopes().iter().any(|scope| scope.types()) {
            self.typed(cx, Typed::Paste(&text.0));
        } else {
            self.say(cx, Tone::Info, "Nothing can be pasted here: open a form or {global.filter} first.");
        }
    }

    fn typed(&mut self, cx: &mut Cx, typed: Typed<'_>) {
        if self.modals.is_empty() {
            self.type_filter(cx, typed);
        } else {
            let under_way = self.form_under_way();
            let out = self.modals.typed(typed, under_way);
            self.modal_out(cx, out);
        }
    }

    fn type_filter(&mut self, cx: &mut Cx, typed: Typed<'_>) {
        let mut filter = self.filter().clone();
        match edit_line(&mut filter, typed) {
            Change::None => cx.unchanged(),
            Change::Refused(why) => self.tell(cx, Tone::Info, why),
            Change::Moved | Change::Edited { .. } => self.set_filter(cx, filter),
        }
    }

    /// The filter of the list in view, as typed.
    pub fn filter(&self) -> &Input {
        match self.tab {
            Tab::Users | Tab::Jobs => &self.users.filter,
            Tab::Buckets if self.objects.is_some() => &self.filters.objects,
            Tab::Buckets => &self.filters.buckets,
            Tab::Activity => &self.filters.activity,
        }
    }

    pub(super) fn set_filter(&mut self, cx: &mut Cx, filter: Input) {
        match (self.tab, &mut self.objects) {
            (Tab::Users | Tab::Jobs, _) => self.users.set_filter(cx, &mut self.shell, filter),
            (Tab::Buckets, Some(objects)) => {
                objects.set_filter(filter.value());
                self.filters.objects = filter;
            }
            (Tab::Buckets, None) => {
                self.buckets.set_filter(filter.value());
                self.filters.buckets = filter;
            }
            (Tab::Activity, _) => {
                self.activity.set_filter(filter.value());
                self.filters.activity = filter;
            }
        }
    }

    /// Whether the form that has the keys is being sent.
    pub fn form_under_way(&self) -> bool {
        matches!(self.modals.top(), Some(Modal::Form(form)) if self.is_sent(form.kind))
    }

    /// Whether a form is being sent.
    pub fn is_sent(&self, kind: FormKind) -> bool {
        match kind {
            FormKind::CreateUser => self.users.creating.is_some(),
            FormKind::SignIn | FormKind::Code => self.signs_in(),
            FormKind::Credential(_) | FormKind::Unlock => false,
        }
    }
}
