//! The effects of the switcher: reads the profiles, looks how each project is, opens one, and keeps where one was. A
//! profile whose credential comes by a command is not asked unless it was opened before.

#[cfg(feature = "demo")]
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join;
use jiff::Timestamp;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::Effects;
use crate::api;
use crate::api::client::{Answered, Client, DoorConfig};
use crate::api::credential;
use crate::api::error::{ApiError, Kind};
use crate::api::model::{ListUsers, Total};
use crate::api::session::Session;
use crate::app::cx::Ticket;
use crate::app::geometry::Share;
use crate::app::msg::Body as Root;
use crate::app::place::Place;
use crate::app::project::{Memory, Project, View, Which};
use crate::app::projects::{Body, Checked, Effect, Listed};
use crate::local::fleet::{self, Profile};
use crate::local::log::Log;
use crate::local::state::{self, Store};
use crate::local::{Inputs, Setup, connect};
use crate::runtime::begin;

/// So many projects are asked at once.
const AT_ONCE: usize = 8;
/// A project that has not answered after this does not.
const PATIENCE: Duration = Duration::from_secs(10);

/// The connection of a project that was opened.
#[derive(Clone)]
pub struct Opened {
    client: Client,
    /// When the first of its credentials ends, where that can be read.
    ends: Option<Timestamp>,
    /// Its profile, where it is one's.
    pub(super) profile: Option<String>,
    /// Signs in to its control plane.
    pub(super) session: Option<Session>,
    /// A door that a person may agree to.
    pub(super) offered: Option<DoorConfig>,
}

impl Opened {
    /// Nothing is sent yet.
    pub fn new(setup: &Setup) -> Self {
        let connection = setup.connection.clone();
        Self {
            ends: connection.doors.iter().filter_map(|door| credential::ends(&door.credential)).min(),
            client: Client::new(connection),
            profile: setup.profile.then(|| setup.name.clone()),
            session: setup.session.as_ref().map(|sign_in| sign_in.session.clone()),
            offered: setup.offered.as_ref().map(|offered| offered.door.clone()),
        }
    }

    /// Its client.
    pub fn client(&self) -> Client {
        self.client.clone()
    }
}

/// How other projects are reached.
pub struct Projects {
    /// What was given for all of them.
    inputs: Inputs,
    pub(super) store: Option<Store>,
    /// What the flags gave, to come back to it.
    given: Option<(Project, Setup)>,
    /// Those that were opened, for another look at them.
    known: HashMap<Which, Opened>,
    /// Opened, and not in use yet.
    waiting: Arc<Mutex<HashMap<Ticket, (Which, Opened)>>>,
    permits: Arc<Semaphore>,
}

impl Projects {
    /// With the flags of the start; nothing is remembered without a store.
    pub fn new(inputs: &Inputs, store: Option<Store>) -> Self {
        Self {
            inputs: fleet::common(inputs),
            store,
            given: None,
            known: HashMap::new(),
            waiting: Arc::default(),
            permits: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// The project that the program began with.
    pub fn began(&mut self, project: &Project, setup: Setup, opened: Opened) {
        self.known.insert(project.which.clone(), opened);
        if project.which == Which::Given {
            let project = Project { notices: Vec::new(), memory: Memory::default(), ..project.clone() };
            self.given = Some((project, setup));
        }
    }
}

/// Begins an effect.
pub(super) fn perform(effects: &mut Effects, ticket: Ticket, effect: Effect) {
    const BROKEN: &str = "The program failed while it did that: try again.";
    let wrap = Root::Projects;
    let projects = &mut effects.projects;
    match effect {
        Effect::List => {
            let (inputs, store) = (projects.inputs.clone(), projects.store.clone());
            let given = projects.given.as_ref().map(|(project, _)| project.clone());
            let known: Vec<Which> = projects.known.keys().cloned().collect();
            effects.begin_read(ticket, wrap(Body::Listed(Err(BROKEN.into()))), async move {
                let read = spawn_blocking(move || list(&inputs, store.as_ref(), given, &known)).await;
                (None, wrap(Body::Listed(read.unwrap_or_else(|_| Err(BROKEN.into())))))
            });
        }
        Effect::Check(which) => {
            let known = projects.known.get(&which).cloned();
            let (inputs, permits, log) = (projects.inputs.clone(), Arc::clone(&projects.permits), effects.log.clone());
            let broken = wrap(Body::Checked(which.clone(), Checked::Unreachable(BROKEN.into())));
            effects.begin_read(ticket, broken, async move {
                let _permit = permits.acquire_owned().await;
                let checked = timeout(PATIENCE, look(which.clone(), known, inputs, log)).await;
                let late = |_| Checked::Unreachable("It did not answer within 10 s.".into());
                (None, wrap(Body::Checked(which, checked.unwrap_or_else(late))))
            });
        }
        Effect::Open(which) => {
            effects.client = None;
            effects.here = None;
            effects.engine = None;
            let projects = &effects.projects;
            let waiting = Arc::clone(&projects.waiting);
            waiting.lock().unwrap_or_else(PoisonError::into_inner).clear();
            let (inputs, given) = (projects.inputs.clone(), projects.given.clone());
            effects.begin_read(ticket, wrap(Body::Opened(Err(BROKEN.into()))), async move {
                let asked = which.clone();
                let opened = spawn_blocking(move || open(&asked, &inputs, given)).await;
                let opened = opened.unwrap_or_else(|_| Err(BROKEN.into())).map(|(project, opened)| {
                    waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(ticket, (which, opened));
                    Box::new(project)
                });
                (None, wrap(Body::Opened(opened)))
            });
        }
        Effect::Use(opened) => {
            let found = projects.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&opened);
            if let Some((which, opened)) = found {
                effects.client = Some(opened.client());
                effects.here = Some(opened.clone());
                effects.engine = None;
                effects.projects.known.insert(which, opened);
            }
        }
        Effect::Keep(profile, memory) => {
            let store = projects.store.clone();
            effects.begin(ticket, Root::Nothing, async move {
                let kept = spawn_blocking(move || keep(store.as_ref(), &profile, &memory)).await;
                (None, kept.ok().and_then(Result::err).map_or(Root::Nothing, |why| wrap(Body::Kept(why))))
            });
        }
    }
}

/// Keeps where one was. Blocks.
pub fn keep(store: Option<&Store>, profile: &str, memory: &Memory) -> Result<(), String> {
    store.map_or(Ok(()), |store| store.keep(profile, &entry(memory)))
}

fn list(
    inputs: &Inputs,
    store: Option<&Store>,
    given: Option<Project>,
    known: &[Which],
) -> Result<Vec<Listed>, String> {
    let profiles = fleet::profiles(inputs.config.as_deref()).map_err(|why| why.0)?;
    let mut remembered = store.map(|store| store.read().0).unwrap_or_default();
    let given = given.map(|project| Listed {
        which: Which::Given,
        doors: project.offers.doors().to_vec(),
        name: project.name,
        reference: project.reference,
        ..Listed::default()
    });
    let listed = profiles.into_iter().map(|profile| {
        let Profile { name, color, protected, doors, reference, command } = profile;
        let memory = remembered.remove(&name).map(memory).unwrap_or_default();
        let which = Which::Profile(name.clone());
        let command = command && !known.contains(&which);
        Listed { which, name, color, protected, doors, reference, command, memory }
    });
    Ok(given.into_iter().chain(listed).collect())
}

/// What a profile is opened with.
fn asked(inputs: &Inputs, profile: &str) -> Inputs {
    let mut inputs = inputs.clone();
    inputs.flags.profile = Some(profile.to_owned());
    inputs
}

fn open(which: &Which, inputs: &Inputs, given: Option<(Project, Setup)>) -> Result<(Project, Opened), String> {
    match which {
        Which::Given => {
            let (project, setup) = given.ok_or("There is no such connection any more.")?;
            Ok((project, Opened::new(&setup)))
        }
        Which::Profile(name) => {
            let setup = connect(&asked(inputs, name)).map_err(|why| why.0)?;
            let opened = Opened::new(&setup);
            let project = begin::project(&setup, inputs.config.as_deref(), opened.client.offers(), Memory::default());
            Ok((project, opened))
        }
    }
}

/// How a project is.
async fn look(which: Which, known: Option<Opened>, inputs: Inputs, log: Log) -> Checked {
    let opened = match (known, which) {
        (Some(opened), _) => opened,
        (None, Which::Given) => return Checked::NotAsked,
        (None, Which::Profile(name)) => {
            let connected = spawn_blocking(move || {
                // A command may have come into the file since it was listed.
                let asks = fleet::profiles(inputs.config.as_deref())
                    .is_ok_and(|all| all.iter().any(|profile| profile.name == name && profile.command));
                if asks { Ok(None) } else { connect(&asked(&inputs, &name)).map(Some) }
            });
            match connected.await {
                Ok(Ok(Some(setup))) => Opened::new(&setup),
                Ok(Ok(None)) => return Checked::NotAsked,
                Ok(Err(why)) => return Checked::NotReady(why.0),
                Err(_) => return Checked::NotReady("The program failed while it read the profile.".into()),
            }
        }
    };
    let client = opened.client.within(PATIENCE);
    let one = ListUsers { page: 1, per_page: 1, oldest_first: false };
    let (users, buckets) = join(api::users::list(&client, one), api::buckets::list(&client)).await;
    note(&log, &users);
    note(&log, &buckets);
    let ends = users.meta.standing.as_ref().and_then(|standing| standing.ends).or(opened.ends);
    let took = if users.result.is_ok() { users.meta.took } else { buckets.meta.took };
    let exact = |total| match total {
        Total::Exact(total) => Some(total),
        _ => None,
    };
    match (users.result, buckets.result) {
        (Err(error), _) | (_, Err(error)) if error.kind == Kind::NotSignedIn => Checked::SignIn(error.sentence()),
        // Something answers; it is the address that is wrong.
        (Err(error), Err(_)) if error.kind == Kind::WrongServer => Checked::NotReady(error.sentence()),
        (Err(error), Err(_)) => Checked::Unreachable(error.sentence()),
        (users, buckets) => Checked::Reachable {
            took,
            users: users.ok().and_then(|page| exact(page.total)),
            buckets: buckets.ok().map(|page| page.rows.len() as u64),
            ends,
        },
    }
}

fn note<T>(log: &Log, answered: &Answered<T>) {
    let error: Option<&ApiError> = answered.result.as_ref().err();
    log.request(&answered.meta, error);
}

/// What the file remembers, as the screen takes it.
pub fn memory(entry: state::Entry) -> Memory {
    let view = |view: state::View| View { sort: view.sort, filter: view.filter };
    Memory {
        opened: entry.opened,
        // A place that this program does not know is none.
        place: entry.place.and_then(|place| Place::parse(&place).ok().flatten()),
        share: entry.detail.map(Share::of).unwrap_or_default(),
        users: view(entry.users),
        buckets: view(entry.buckets),
        objects: view(entry.objects),
    }
}

fn entry(memory: &Memory) -> state::Entry {
    let view = |view: &View| state::View { sort: view.sort.clone(), filter: view.filter.clone() };
    state::Entry {
        opened: memory.opened,
        place: memory.place.as_ref().map(ToString::to_string),
        detail: (memory.share != Share::default()).then(|| memory.share.percent()),
        users: view(&memory.users),
        buckets: view(&memory.buckets),
        objects: view(&memory.objects),
    }
}
