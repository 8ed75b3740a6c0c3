//! Going to one user, whom the list need not hold yet; and the list as it was left.

use std::sync::Arc;

use strum::VariantArray;
use tui_input::Input;

use super::super::effect::Effect as Root;
use super::{Effect, OPEN, Shown, Single, Users, rows_of};
use crate::api::error::ApiError;
use crate::api::model::{ListUsers, UserId};
use crate::app::cx::Cx;
use crate::app::project;
use crate::app::shell::{Out, Shell, What};
use crate::app::tab::Tab;
use crate::work::query::{Chunk, Column, Query, Sort};

impl Users {
    /// Order and filter as they were left.
    pub fn restore(&mut self, view: &project::View) {
        if let Some((column, descending)) = view.order(Column::VARIANTS, Column::name) {
            self.query.sort = Sort { column, descending };
        }
        self.filter = Input::new(view.filter.clone());
        self.query.words = Query::parse(&view.filter).words;
    }

    /// Reads the user one goes to; it need not stand in the list.
    pub fn read_first(&self, cx: &mut Cx, shell: &mut Shell, id: UserId) {
        shell.ask(cx, What::read(OPEN, Tab::Users).on(id.0.to_string()), Root::Users(Effect::Get(id)));
    }

    pub(super) fn take_opened(
        &mut self,
        cx: &mut Cx,
        shell: &mut Shell,
        id: UserId,
        read: Result<Arc<Chunk>, ApiError>,
    ) -> Vec<Out> {
        let Ok(chunk) = read else { return Vec::new() };
        let pushed = self.table.push(chunk.clone());
        if let Some(&row) = pushed.new.first() {
            self.pages.push((row, ListUsers { page: 1, per_page: super::PAGE, oldest_first: false }));
        }
        self.walk.counted(self.table.len(), self.total);
        self.single = Some(Single { id, read: Ok(chunk) });
        self.refresh_view(cx, shell);
        Vec::new()
    }

    /// Shows a user alone as soon as the list has them; whether there is nothing more to wait for.
    pub fn go_to(&mut self, cx: &Cx, id: UserId) -> bool {
        if self.table.find(id).is_none() {
            return false;
        }
        let height = self.height;
        let Self { table, view, list, .. } = self;
        let found = list.select_id(&id, &Shown { table, rows: rows_of(view.as_ref()) }, height);
        if found {
            self.detail = true;
            self.selection_moved(cx);
        }
        found || self.view_asked.is_none()
    }
}
