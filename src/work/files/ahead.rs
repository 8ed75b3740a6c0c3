//! Small files of a plan are opened some at a time, shortly before their turn: to wake a thread for each of them costs
//! more than to read it.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::Mutex;
use tokio::task::{JoinHandle, spawn_blocking};

use super::{Opened, SMALL, UNREAD, open, open_now};
use crate::work::plan::{Item, Plan};

/// At most so many files, and about so many bytes, are opened in one go.
const FILES: usize = 32;
const BYTES: u64 = 1 << 20;

type Opening = Vec<(usize, Result<Opened, String>)>;

/// Opens the files of a plan, whose turns come about in its order.
pub(in crate::work) struct Ahead {
    plan: Arc<Plan>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// What is open and waits for its turn.
    ready: HashMap<usize, Result<Opened, String>>,
    coming: Option<JoinHandle<Opening>>,
    /// The files before this one are ready, are coming, or were taken.
    next: usize,
}

impl Ahead {
    pub fn new(plan: Arc<Plan>) -> Self {
        Self { plan, state: Mutex::default() }
    }

    /// Opens a file of the plan: ahead for its first turn, anew for each further one.
    pub async fn open(&self, index: usize) -> Result<Opened, String> {
        let Some(item) = self.plan.items.get(index) else { return Err(UNREAD.into()) };
        let ready = if is_small(item) { self.take(index).await } else { None };
        match ready {
            Some(opened) => opened,
            None => open(item).await,
        }
    }

    async fn take(&self, index: usize) -> Option<Result<Opened, String>> {
        let mut state = self.state.lock().await;
        while index >= state.next || (state.coming.is_some() && !state.ready.contains_key(&index)) {
            if let Some(coming) = &mut state.coming {
                let opened = coming.await.unwrap_or_default();
                state.coming = None;
                state.ready.extend(opened);
            } else {
                self.begin(&mut state, index);
            }
        }
        let opened = state.ready.remove(&index);
        if state.coming.is_none() && state.ready.len() < FILES / 2 {
            let next = state.next;
            self.begin(&mut state, next);
        }
        opened
    }

    /// Begins to open the small files from this one on.
    fn begin(&self, state: &mut State, from: usize) {
        let (mut some, mut bytes) = (Vec::new(), 0);
        for (index, item) in self.plan.items.iter().enumerate().skip(from) {
            if some.len() == FILES || bytes >= BYTES {
                break;
            }
            state.next = index + 1;
            if is_small(item) && item.fault.is_none() {
                bytes += item.size;
                some.push(index);
            }
        }
        if !some.is_empty() {
            let plan = self.plan.clone();
            let open = move |index| Some((index, open_now(plan.items.get(index)?)));
            state.coming = Some(spawn_blocking(move || some.into_iter().filter_map(open).collect()));
        }
    }
}

fn is_small(item: &Item) -> bool {
    item.size <= SMALL
}
