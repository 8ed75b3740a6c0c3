//! The users' effects: requests, whose rows a worker packs, and filtering and sorting off the update path.

use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use super::Effects;
use crate::api;
use crate::api::client::{Answered, Client};
use crate::api::error::{ApiError, Kind};
use crate::api::meta::Meta;
use crate::api::model::{ListUsers, Row, User};
use crate::api::route::Route;
use crate::app::cx::Ticket;
use crate::app::msg::{self, Answer, Msg};
use crate::app::users::{Body, Effect, MOST_POLLED, PageRead, ViewJob};
use crate::work::query::{self, Chunk, View};

/// Begins an effect.
pub(super) fn perform(effects: &mut Effects, ticket: Ticket, effect: Effect) {
    let wrap = msg::Body::Users;
    match effect {
        Effect::Page(list) => {
            let pages = effects.pages.clone();
            effects.request(
                ticket,
                Route::UsersList,
                |error| wrap(Body::Page(list, Err(error))),
                |client| page(client, list, pages),
            );
        }
        Effect::Get(id) => effects.request(
            ticket,
            Route::UserGet,
            |error| wrap(Body::Got(id, Err(error))),
            move |client| async move {
                let (meta, result) = one(api::users::get(&client, id).await).await;
                (meta, wrap(Body::Got(id, result)))
            },
        ),
        Effect::Create(user) => effects.request(
            ticket,
            Route::UserCreate,
            |error| wrap(Body::Created(Err(error))),
            move |client| async move {
                let (meta, result) = one(api::users::create(&client, &user).await).await;
                (meta, wrap(Body::Created(result)))
            },
        ),
        Effect::View(job) => {
            let (views, answers) = (effects.views.clone(), effects.answers.clone());
            if views.offer(ticket, job, &answers) {
                effects.workers.spawn_blocking(move || views.work(&answers));
            }
        }
    }
}

async fn page(client: Client, list: ListUsers, pages: Pages) -> (Meta, msg::Body) {
    let known = pages.find(list);
    let answered = api::users::read(&client, list, known.as_ref().map(|(print, page)| (*print, page.total))).await;
    let result = match answered.result {
        Ok(read) => {
            let chunks = match (read.rows, known) {
                (Some(rows), _) => pack(rows, answered.meta.route).await,
                (None, known) => Ok(known.map(|(_, page)| page.chunks).unwrap_or_default()),
            };
            chunks.map(|chunks| pages.keep(list, read.print, PageRead { chunks, total: read.total }))
        }
        Err(error) => Err(error),
    };
    (answered.meta, msg::Body::Users(Body::Page(list, result)))
}

/// The pages that came last: one that comes again as it was is not parsed and packed again. The bytes alone decide, so
/// whose they are need not be known.
#[derive(Clone, Default)]
pub(super) struct Pages(Arc<Mutex<VecDeque<(ListUsers, u64, PageRead)>>>);

impl Pages {
    fn kept(&self) -> MutexGuard<'_, VecDeque<(ListUsers, u64, PageRead)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, list: ListUsers) -> Option<(u64, PageRead)> {
        self.kept().iter().find(|(of, ..)| *of == list).map(|(_, print, page)| (*print, page.clone()))
    }

    fn keep(&self, list: ListUsers, print: u64, page: PageRead) -> PageRead {
        let mut kept = self.kept();
        kept.retain(|(of, ..)| *of != list);
        kept.push_back((list, print, page.clone()));
        // As many as a poll asks for again.
        if kept.len() > MOST_POLLED {
            kept.pop_front();
        }
        page
    }
}

async fn one(answered: Answered<Row<User>>) -> (Meta, Result<Arc<Chunk>, ApiError>) {
    let route = answered.meta.route;
    let result = match answered.result {
        Ok(row) => pack(vec![row], route).await.and_then(|mut chunks| chunks.pop().ok_or_else(|| unpacked(route))),
        Err(error) => Err(error),
    };
    (answered.meta, result)
}

/// Cleans and packs rows on a blocking thread.
async fn pack(rows: Vec<Row<User>>, route: Route) -> Result<Vec<Arc<Chunk>>, ApiError> {
    spawn_blocking(move || Chunk::build(&rows)).await.map_err(|_| unpacked(route))
}

/// Packing panicked.
fn unpacked(route: Route) -> ApiError {
    let kind = if route.spec().mutates { Kind::Lost } else { Kind::BadAnswer };
    ApiError::of(kind, route, "The program failed while it handled the answer.")
}

/// Filtering and sorting: at most one under way and one waiting; a newer one takes the place of the waiting one.
#[derive(Clone, Default)]
pub(super) struct Views(Arc<Mutex<Slots>>);

#[derive(Default)]
struct Slots {
    running: Option<(Ticket, Arc<AtomicBool>)>,
    waiting: Option<(Ticket, ViewJob)>,
}

impl Views {
    fn slots(&self) -> MutexGuard<'_, Slots> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives up a view.
    pub(super) fn cancel(&self, ticket: Ticket) {
        let mut slots = self.slots();
        slots.waiting.take_if(|(waiting, _)| *waiting == ticket);
        if let Some((_, stop)) = slots.running.as_ref().filter(|(running, _)| *running == ticket) {
            stop.store(true, Ordering::Relaxed);
        }
    }

    /// Puts a job in; whether a worker is to be started for it. What it replaces is answered with nothing.
    fn offer(&self, ticket: Ticket, job: ViewJob, answers: &mpsc::Sender<Msg>) -> bool {
        let mut slots = self.slots();
        if let Some((replaced, _)) = slots.waiting.replace((ticket, job)) {
            // A full channel means that the loop is behind, and a view that nobody waits for may go untold.
            let _ = answers.try_send(answer(replaced, msg::Body::Nothing));
        }
        if let Some((_, stop)) = &slots.running {
            stop.store(true, Ordering::Relaxed);
            return false;
        }
        // Taken from now on; `work` names the real one.
        slots.running = Some((ticket, Arc::default()));
        true
    }

    /// Works until nothing waits. Blocks.
    fn work(&self, answers: &mpsc::Sender<Msg>) {
        loop {
            let (ticket, job, stop) = {
                let mut slots = self.slots();
                let Some((ticket, job)) = slots.waiting.take() else {
                    slots.running = None;
                    return;
                };
                let stop = Arc::new(AtomicBool::new(false));
                slots.running = Some((ticket, Arc::clone(&stop)));
                (ticket, job, stop)
            };
            let base = job.base.clone();
            let view = std::panic::catch_unwind(AssertUnwindSafe(|| see(&job, &stop))).unwrap_or(base);
            let body = view.map_or(msg::Body::Nothing, |view| msg::Body::Users(Body::View(view)));
            if answers.blocking_send(answer(ticket, body)).is_err() {
                return;
            }
        }
    }
}

fn see(job: &ViewJob, stop: &AtomicBool) -> Option<View> {
    query::view(&job.snapshot, &job.query, jiff::Timestamp::now(), job.base.as_ref(), stop)
}

const fn answer(ticket: Ticket, body: msg::Body) -> Msg {
    Msg::Answer(Answer { ticket, meta: None, body })
}
