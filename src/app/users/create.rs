//! Creating a user: sent once, told in every case, and after a lost answer the truth is looked for.

use std::sync::Arc;

use super::super::effect::Effect as Root;
use super::{Effect, PAGE, PageRead, Users, forms};
use crate::api::error::ApiError;
use crate::api::model::{ListUsers, NewUser, UserId};
use crate::app::cx::{Cx, Ticket};
use crate::app::modal::{FormKind, Modal};
use crate::app::shell::{FormEnd, Out, Shell, Tone, What};
use crate::app::tab::Tab;
use crate::work::query::{Chunk, RowRef};

/// A user being created.
#[derive(Clone, Debug, PartialEq)]
pub struct Creating {
    /// The address as it was sent.
    pub email: String,
    /// Who bore this address before, as far as was loaded.
    before: Vec<UserId>,
    /// The read of the newest page after a lost answer.
    verify: Option<Ticket>,
}

impl Users {
    pub(super) fn open_form(project: &str) -> Out {
        Out::Open(Box::new(Modal::form(FormKind::CreateUser, forms::create(project))))
    }

    /// Sends the form's user, once.
    pub fn create(&mut self, cx: &mut Cx, shell: &mut Shell, new: NewUser) {
        if self.creating.is_some() {
            return;
        }
        let email = new.email.clone().unwrap_or_default().to_lowercase();
        let before = self.bearers(&email);
        self.creating = Some(Creating { email: email.clone(), before, verify: None });
        shell.ask(cx, What::write("users.create", Tab::Users, email), Root::Users(Effect::Create(new)));
    }

    fn bearers(&self, email: &str) -> Vec<UserId> {
        // The newest page is what a lost answer is checked against: who stands there now bore the address before.
        let rows = super::rows_of(self.view.as_ref()).iter().take(2 * PAGE as usize);
        rows.filter_map(|&row| self.table.row(row)).filter(|row| row.email() == Some(email)).map(RowRef::id).collect()
    }

    pub(super) fn created(&mut self, cx: &mut Cx, shell: &mut Shell, result: Result<Arc<Chunk>, ApiError>) -> Vec<Out> {
        let Some(creating) = self.creating.as_mut() else { return Vec::new() };
        match result {
            Ok(chunk) => self.take_created(cx, shell, &chunk),
            Err(error) if error.is_lost() => {
                let ask = ListUsers { page: 1, per_page: PAGE, oldest_first: false };
                let what = What::write("users.verify", Tab::Users, creating.email.clone());
                creating.verify = Some(shell.ask(cx, what, Root::Users(Effect::Page(ask))));
                vec![Out::Notice(Tone::Info, "The answer was lost: looking whether the user is there.".into())]
            }
            Err(error) => {
                self.creating = None;
                vec![ended(FormEnd::Failed(Box::new(error)))]
            }
        }
    }

    fn take_created(&mut self, cx: &mut Cx, shell: &mut Shell, chunk: &Arc<Chunk>) -> Vec<Out> {
        let email = self.creating.take().map(|creating| creating.email).unwrap_or_default();
        let Some(id) = chunk.row(0).map(RowRef::id) else { return Vec::new() };
        let pushed = self.table.push(chunk.clone());
        if let Some(&row) = pushed.new.first() {
            self.pages.push((row, ListUsers { page: 1, per_page: PAGE, oldest_first: false }));
        }
        if let crate::api::model::Total::Exact(total) = &mut self.total {
            *total += pushed.new.len() as u64;
        }
        self.walk.counted(self.table.len(), self.total);
        self.fresh.insert(id, (super::Fresh::New, cx.at + super::FRESH));
        self.refresh_view(cx, shell);
        vec![ended(FormEnd::Done), self.show_created(cx, id, &email)]
    }

    fn show_created(&mut self, cx: &Cx, id: UserId, email: &str) -> Out {
        let height = self.height;
        let Self { table, view, list, .. } = self;
        let shown = list.select_id(&id, &super::Shown { table, rows: super::rows_of(view.as_ref()) }, height);
        self.selection_moved(cx);
        if shown {
            Out::Notice(Tone::Good, format!("+ {email} created"))
        } else if self.view_asked.is_some() {
            Out::Notice(Tone::Good, format!("+ {email} created: it will stand in the list in a moment"))
        } else {
            Out::Notice(Tone::Good, format!("+ {email} created; the filter hides it"))
        }
    }

    /// The newest page was read after a lost answer.
    pub(super) fn verified(
        &mut self,
        cx: &mut Cx,
        shell: &mut Shell,
        ticket: Ticket,
        read: Result<&PageRead, &ApiError>,
    ) -> Vec<Out> {
        let Some(creating) = self.creating.take_if(|creating| creating.verify == Some(ticket)) else {
            return Vec::new();
        };
        match read {
            Ok(page) => {
                let found = page
                    .rows()
                    .find(|row| row.email() == Some(&creating.email) && !creating.before.contains(&row.id()))
                    .map(RowRef::id);
                if let Some(id) = found {
                    self.fresh.insert(id, (super::Fresh::New, cx.at + super::FRESH));
                    self.refresh_view(cx, shell);
                    let told = self.show_created(cx, id, &creating.email);
                    return vec![ended(FormEnd::Done), told];
                }
                let said = "The answer was lost, and the server does not hold this user: send again.";
                vec![ended(FormEnd::Said(said.into()))]
            }
            Err(error) => {
                let said = format!(
                    "Unknown whether {} was created: the answer was lost and the users cannot be read ({}). \
                     Look before you send again.",
                    creating.email,
                    error.sentence().trim_end_matches('.')
                );
                vec![ended(FormEnd::Said(said))]
            }
        }
    }
}

fn ended(end: FormEnd) -> Out {
    Out::FormEnded(FormKind::CreateUser, end)
}
