//! Effects carried out: each is a task of the workers' runtime, and each ends in an answer, come what may. What the
//! requests are is `api`'s, how a job runs `work`'s.

mod buckets;
mod jobs;
mod objects;
mod picker;
pub mod projects;
mod session;
#[cfg(test)]
mod tests;
mod users;

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use super::event_loop::Perform;
use crate::api::client::Client;
use crate::api::error::{ApiError, Kind};
use crate::api::meta::Meta;
use crate::api::route::Route;
use crate::app::cx::Ticket;
use crate::app::effect::Effect;
use crate::app::msg::{Answer, Body, Msg};
use crate::local::Inputs;
use crate::local::log::Log;
use crate::work::engine::Engine;

/// From so many reads on, those that have ended are forgotten.
const READS: usize = 32;

/// Carries out effects.
pub struct Effects {
    workers: Handle,
    answers: mpsc::Sender<Msg>,
    client: Option<Client>,
    /// All of the open project but its state.
    pub here: Option<projects::Opened>,
    log: Log,
    /// Reads that can be given up.
    reads: HashMap<Ticket, AbortHandle>,
    pages: users::Pages,
    views: users::Views,
    jobs: Option<jobs::Desk>,
    /// Runs the open project's jobs.
    engine: Option<Engine>,
    /// Other projects.
    pub projects: projects::Projects,
}

impl Effects {
    /// With the runtime that does the work, and where the answers go.
    pub fn new(workers: Handle, answers: mpsc::Sender<Msg>, client: Option<Client>, log: Log) -> Self {
        Self {
            workers,
            answers,
            client,
            here: None,
            log,
            reads: HashMap::new(),
            pages: users::Pages::default(),
            views: users::Views::default(),
            jobs: None,
            engine: None,
            projects: projects::Projects::new(&Inputs::default()),
        }
    }

    /// Where it is told that a project's key was read.
    fn notes(&self) -> projects::Notes {
        projects::Notes { log: self.log.clone(), screen: self.answers.clone() }
    }

    /// The log as the open project writes it.
    fn log(&self) -> Log {
        self.here.as_ref().map_or(&self.log, |here| &here.log).clone()
    }

    /// Begins work whose end is an answer; `broken` is the answer of work that panics.
    fn begin(
        &self,
        ticket: Ticket,
        broken: Body,
        work: impl Future<Output = (Option<Meta>, Body)> + Send + 'static,
    ) -> AbortHandle {
        let (answers, log) = (self.answers.clone(), self.log());
        let task = self.workers.spawn(async move {
            let (meta, body) = AssertUnwindSafe(work).catch_unwind().await.unwrap_or((None, broken));
            if let Some(meta) = &meta {
                log.request(meta, body.error());
            }
            // Without a listener the program is over.
            let _ = answers.send(Msg::Answer(Answer { ticket, meta, body })).await;
        });
        task.abort_handle()
    }

    /// Begins work that may be given up.
    fn begin_read(
        &mut self,
        ticket: Ticket,
        broken: Body,
        work: impl Future<Output = (Option<Meta>, Body)> + Send + 'static,
    ) {
        let task = self.begin(ticket, broken, work);
        if self.reads.len() >= READS {
            self.reads.retain(|_, read| !read.is_finished());
        }
        self.reads.insert(ticket, task);
    }

    /// Begins a request: a read can be given up, a write never. `failed` makes the body where there is no answer.
    fn request<F>(
        &mut self,
        ticket: Ticket,
        route: Route,
        failed: impl Fn(ApiError) -> Body,
        ask: impl FnOnce(Client) -> F,
    ) where
        F: Future<Output = (Meta, Body)> + Send + 'static,
    {
        let Some(client) = self.client.clone() else {
            let mut error = ApiError::of(Kind::NoDoor, route, "There is no connection.");
            error.unsent = true;
            let body = failed(error);
            self.begin(ticket, Body::Nothing, async move { (None, body) });
            return;
        };
        let mutates = route.spec().mutates;
        let kind = if mutates { Kind::Lost } else { Kind::BadAnswer };
        let broken = failed(ApiError::of(kind, route, "The program failed while it handled the answer."));
        let work = ask(client).map(|(meta, body)| (Some(meta), body));
        if mutates {
            self.begin(ticket, broken, work);
        } else {
            self.begin_read(ticket, broken, work);
        }
    }
}

impl Perform for Effects {
    fn perform(&mut self, ticket: Ticket, effect: Effect) {
        match effect {
            Effect::Users(effect) => users::perform(self, ticket, effect),
            Effect::Buckets(effect) => buckets::perform(self, ticket, effect),
            Effect::Objects(effect) => objects::perform(self, ticket, effect),
            Effect::Jobs(effect) => jobs::perform(self, effect),
            Effect::Picker(effect) => picker::perform(self, ticket, effect),
            Effect::Projects(effect) => projects::perform(self, ticket, effect),
            Effect::Session(effect) => session::perform(self, ticket, effect),
            Effect::Cancel(ticket) => {
                if let Some(read) = self.reads.remove(&ticket) {
                    read.abort();
                }
                self.views.cancel(ticket);
            }
            // The loop's own.
            Effect::Copy(_) | Effect::Suspend => {}
        }
    }
}
