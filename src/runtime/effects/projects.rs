//! The effects of the switcher: reads the profiles, asks their platforms for further projects, looks how each project is,
//! opens one, and keeps where one was. A profile whose credential comes by a command is not asked unless it was opened
//! before.

#[cfg(feature = "demo")]
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join;
use jiff::Timestamp;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::Effects;
use crate::api;
use crate::api::client::{Answered, Client, DoorConfig};
use crate::api::credential;
use crate::api::error::{ApiError, Kind};
use crate::api::meta::Meta;
use crate::api::model::{ListUsers, Project as Listing, Total};
use crate::api::projects::Lister;
use crate::api::route::Door;
use crate::api::session::Session;
use crate::app::cx::Ticket;
use crate::app::geometry::Share;
use crate::app::msg::{Body as Root, Msg};
use crate::app::place::Place;
use crate::app::project::{Memory, Project, View, Which};
use crate::app::projects::{Body, Checked, Effect, Found, Listed, NotFound};
use crate::local::fleet::{self, Profile};
use crate::local::log::Log;
use crate::local::setup::{configuration, connect_by, of_config};
use crate::local::state::{self, Entry, Store};
use crate::local::{Inputs, Setup, Unready, connect};
use crate::runtime::begin;
use crate::secret::Secret;
use crate::text::clean;
use crate::work::progress::Asked;

/// So many projects are asked at once.
const AT_ONCE: usize = 8;
/// A project that has not answered after this does not.
const PATIENCE: Duration = Duration::from_secs(10);

/// A longer name is none that one reads.
const LONGEST_NAME: usize = 60;

/// The connection of a project that was opened.
#[derive(Clone)]
pub struct Opened {
    client: Client,
    /// When the first of its credentials ends, where that can be read.
    ends: Option<Timestamp>,
    /// What it is called.
    name: String,
    /// It is a profile that names no project.
    unchosen: bool,
    /// Its profile, where it is one's.
    pub(super) profile: Option<String>,
    /// What lists its platform's projects.
    pub(super) lister: Option<Lister>,
    /// Signs in to its control plane.
    pub session: Option<Session>,
    /// A door that a person may agree to.
    pub(super) offered: Option<DoorConfig>,
    /// The log as it writes it.
    pub(super) log: Log,
}

/// Where it is told that a project's key was read: the log, and the screen.
#[derive(Clone)]
pub struct Notes {
    /// The log.
    pub log: Log,
    /// The screen.
    pub screen: mpsc::Sender<Msg>,
}

impl Opened {
    /// Nothing is sent yet.
    pub fn new(setup: &Setup, notes: &Notes) -> Self {
        let connection = setup.connection.clone();
        let (notes, which, name) = (notes.clone(), begin::which(setup), setup.name.clone());
        let log = setup.logging(&notes.log);
        let noted = log.clone();
        let note = move |meta: &Meta, error: Option<&ApiError>| {
            noted.request(meta, error);
            let told = Msg::Asked { which: which.clone(), project: name.clone(), asked: Asked::new(meta, error) };
            let screen = notes.screen.clone();
            // It waits where the screen has much to read. Without a listener the program is over.
            tokio::spawn(async move { screen.send(told).await });
        };
        Self {
            ends: connection.doors.iter().filter_map(|door| credential::ends(&door.credential)).min(),
            client: Client::new(connection).noting(note),
            name: setup.name.clone(),
            unchosen: setup.unchosen,
            profile: setup.profile.clone(),
            lister: setup.lister.clone(),
            session: setup.session.as_ref().map(|sign_in| sign_in.session.clone()),
            offered: setup.offered.as_ref().map(|offered| offered.door.clone()),
            log,
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
    pub(super) inputs: Inputs,
    /// What the flags gave, to come back to it.
    given: Option<(Project, Setup)>,
    /// Those that were opened, for another look at them.
    known: HashMap<Which, Opened>,
    /// Opened, and not in use yet.
    waiting: Arc<Mutex<HashMap<Ticket, (Which, Opened)>>>,
    permits: Arc<Semaphore>,
}

impl Projects {
    /// With the flags of the start.
    pub fn new(inputs: &Inputs) -> Self {
        Self {
            inputs: fleet::common(inputs),
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

    /// What lists a profile's projects with a credential that is at hand already.
    fn lister(&self, profile: &str) -> Option<Lister> {
        let own = self.known.values().filter(|opened| opened.profile.as_deref() == Some(profile));
        own.filter_map(|opened| opened.lister.clone()).max_by_key(|lister| lister.given().is_some())
    }

    /// What takes the platform's credential away from all projects of a profile that were opened, once it is called, but
    /// where a person gives another one until then.
    pub(super) fn letting_go(&self, profile: Option<&str>) -> impl FnOnce() + Send + use<> {
        let own = self.known.values().filter(|opened| opened.profile.as_deref() == profile);
        let door = Door::ControlPlane;
        let all: Vec<_> = own.map(|opened| (opened.client.letting_go(door), opened.lister.clone())).collect();
        move || {
            for (leave, lister) in all {
                if leave()
                    && let Some(lister) = lister
                {
                    lister.told(door, &Secret::default());
                }
            }
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
            let inputs = projects.inputs.clone();
            let given = projects.given.as_ref().map(|(project, _)| project.clone());
            let known = projects.known.iter().map(|(which, opened)| (which.clone(), opened.name.clone())).collect();
            effects.begin_read(ticket, wrap(Body::Listed(Err(BROKEN.into()))), async move {
                let read = spawn_blocking(move || list(&inputs, given, &known)).await;
                (None, wrap(Body::Listed(read.unwrap_or_else(|_| Err(BROKEN.into())))))
            });
        }
        Effect::Find(profile) => {
            let known = projects.lister(&profile);
            let (inputs, permits) = (projects.inputs.clone(), projects.permits.clone());
            let log = effects.log.of(&profile);
            let failed = |why: &str| Err(NotFound::NotReady(why.into()));
            effects.begin_read(ticket, wrap(Body::Found(profile.clone(), None, failed(BROKEN))), async move {
                let _permit = permits.acquire_owned().await;
                let found = timeout(PATIENCE, find(profile.clone(), known, inputs, log)).await;
                let late = |_| (None, failed("It did not list its projects within 10 s: ask again."));
                let (meta, found) = found.unwrap_or_else(late);
                (None, wrap(Body::Found(profile, meta, found)))
            });
        }
        Effect::Check(which) => {
            let lister = which.profile().and_then(|profile| projects.lister(profile));
            let known = (projects.known.get(&which).cloned(), lister);
            let (inputs, permits) = (projects.inputs.clone(), Arc::clone(&projects.permits));
            let notes = effects.notes();
            let broken = wrap(Body::Checked(which.clone(), Checked::Unreachable(BROKEN.into())));
            effects.begin_read(ticket, broken, async move {
                let _permit = permits.acquire_owned().await;
                let checked = timeout(PATIENCE, look(which.clone(), known, inputs, notes)).await;
                let late = |_| Checked::Unreachable("It did not answer within 10 s.".into());
                (None, wrap(Body::Checked(which, checked.unwrap_or_else(late))))
            });
        }
        Effect::Open(which, name) => {
            effects.client = None;
            effects.here = None;
            effects.engine = None;
            let projects = &effects.projects;
            let waiting = Arc::clone(&projects.waiting);
            waiting.lock().unwrap_or_else(PoisonError::into_inner).clear();
            let (inputs, given, notes) = (projects.inputs.clone(), projects.given.clone(), effects.notes());
            let known = which.profile().and_then(|profile| projects.lister(profile));
            effects.begin_read(ticket, wrap(Body::Opened(Err(BROKEN.into()))), async move {
                let asked = which.clone();
                let opened = spawn_blocking(move || open(&asked, name, &inputs, given, known.as_ref(), &notes)).await;
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
        Effect::Keep(project, memory) => {
            let store = projects.inputs.store.clone();
            effects.begin(ticket, Root::Nothing, async move {
                let kept = spawn_blocking(move || keep(store.as_ref(), &project, &memory)).await;
                (None, kept.ok().and_then(Result::err).map_or(Root::Nothing, |why| wrap(Body::Kept(why))))
            });
        }
    }
}

/// Keeps where one was. Blocks.
pub fn keep(store: Option<&Store>, project: &str, memory: &Memory) -> Result<(), String> {
    store.map_or(Ok(()), |store| store.keep(project, &entry(memory)))
}

/// The profiles, what was given beside them, and of the projects that they list those that were opened; `known` are all
/// that were, with their names.
fn list(inputs: &Inputs, given: Option<Project>, known: &BTreeMap<Which, String>) -> Result<Vec<Listed>, String> {
    let profiles = fleet::profiles(&configuration(inputs.config.as_deref()).map_err(|why| why.0)?);
    let remembered = remembered(inputs);
    let given = given.map(|project| Listed {
        which: Which::Given,
        doors: project.offers.doors().to_vec(),
        name: project.name,
        reference: project.reference,
        ..Listed::default()
    });
    let listed = profiles.iter().flat_map(|profile| {
        let which = Which::Profile(profile.name.clone());
        let opened = || known.keys().any(|which| which.profile() == Some(&profile.name));
        let others = known.iter().filter_map(|(which, name)| match which {
            Which::Listed { profile: of, reference } if *of == profile.name => {
                Some(Listed { command: false, ..below(profile, reference, name.clone(), &remembered) })
            }
            _ => None,
        });
        let below_it = [profile.name.as_str(), "/"].concat();
        let recent = remembered.iter().filter(|(key, _)| **key == profile.name || key.starts_with(&below_it));
        let own = Listed {
            name: profile.name.clone(),
            color: profile.color.clone(),
            protected: profile.protected,
            doors: profile.doors.clone(),
            reference: profile.reference.clone(),
            command: profile.command && !known.contains_key(&which),
            unchosen: profile.unchosen,
            platform: profile.platform.clone(),
            lists: profile.lists && (!profile.list_command || opened()),
            recent: recent.filter_map(|(_, entry)| entry.opened).max(),
            memory: remembered.get(&profile.name).cloned().map(memory).unwrap_or_default(),
            which,
            ..Listed::default()
        };
        [own].into_iter().chain(others).collect::<Vec<_>>()
    });
    let all: Vec<Listed> = given.into_iter().chain(listed).collect();
    if all.is_empty() {
        let config = of_config(inputs.config.as_deref());
        return Err(format!("The configuration has no profile: `basedeck config init{config}` makes one."));
    }
    Ok(all)
}

/// A project that a profile lists: its guard and colour are the profile's.
fn below(profile: &Profile, reference: &str, name: String, remembered: &BTreeMap<String, Entry>) -> Listed {
    let which = Which::Listed { profile: profile.name.clone(), reference: reference.to_owned() };
    Listed {
        memory: which.key().and_then(|key| remembered.get(&key)).cloned().map(memory).unwrap_or_default(),
        which,
        name,
        color: profile.color.clone(),
        protected: profile.protected,
        doors: vec![profile.listed_door],
        reference: reference.to_owned(),
        command: profile.list_command,
        platform: profile.platform.clone(),
        ..Listed::default()
    }
}

/// What a platform calls a project; its ref where that is no name that one can read and type.
fn named(project: &Listing) -> String {
    let Listing { name, reference, .. } = project;
    let name = name.trim();
    let plain = clean::line(name) == name && (1..=LONGEST_NAME).contains(&name.chars().count());
    if plain { name } else { reference }.to_owned()
}

/// Which projects a profile's platform lists, and the request; `known` lists them with a credential that is at hand.
async fn find(
    name: String,
    known: Option<Lister>,
    inputs: Inputs,
    log: Log,
) -> (Option<Box<Meta>>, Result<Found, NotFound>) {
    let noted = log.clone();
    let read = spawn_blocking(move || {
        let config = configuration(inputs.config.as_deref())?;
        let profile = fleet::profiles(&config).into_iter().find(|profile| profile.name == name);
        let profile = profile.ok_or_else(|| Unready("The profile is no longer in the configuration.".into()))?;
        let lister = match known {
            // A platform's token is had again where it is refused; an access token only as the profile is read again.
            Some(lister) if profile.list_command || matches!(lister, Lister::Platform(_)) => Some(lister),
            // A command may have come into the file since it was listed.
            _ if profile.list_command => None,
            _ => {
                let mut asked = asked(&inputs, &profile.name);
                asked.flags.list = true;
                let setup = connect_by(&asked, &config)?;
                setup.logging(&noted);
                setup.lister
            }
        };
        Ok((profile, lister, remembered(&inputs)))
    });
    let broken = |_| Err(Unready("The program failed while it read the profile.".into()));
    let (profile, lister, remembered) = match read.await.unwrap_or_else(broken) {
        Ok((profile, Some(lister), remembered)) => (profile, lister, remembered),
        Ok(_) => return (None, Err(NotFound::NotReady("Its credential comes by a command.".into()))),
        Err(why) => return (None, Err(NotFound::NotReady(why.0))),
    };
    let listed = lister.list().await;
    note(&log, &listed);
    let meta = Some(Box::new(listed.meta));
    let rows = match listed.result {
        Ok(rows) => rows,
        Err(error) => return (meta, Err(NotFound::Refused(Box::new(error)))),
    };
    let mut found = Found::default();
    for row in rows {
        match row.value {
            Ok(project) => found.projects.push(Listed {
                idle: project.idle(),
                ..below(&profile, &project.reference, named(&project), &remembered)
            }),
            Err(why) => found.left_out.get_or_insert((0, why)).0 += 1,
        }
    }
    (meta, Ok(found))
}

/// How one left each project.
fn remembered(inputs: &Inputs) -> BTreeMap<String, Entry> {
    inputs.store.as_ref().map(|store| store.read().0).unwrap_or_default()
}

/// What a profile is opened with.
fn asked(inputs: &Inputs, profile: &str) -> Inputs {
    let mut inputs = inputs.clone();
    inputs.flags.profile = Some(profile.to_owned());
    inputs
}

/// What a project is opened with; `None` for what the flags gave.
fn inputs_of(inputs: &Inputs, which: &Which) -> Option<Inputs> {
    let mut inputs = asked(inputs, which.profile()?);
    if let Which::Listed { reference, .. } = which {
        inputs.flags.reference = Some(reference.clone());
    }
    Some(inputs)
}

/// Reads what a project needs, which is called so where a platform lists it. `known` lists its platform's projects with a
/// token that a person gave, perhaps.
fn open(
    which: &Which,
    name: String,
    inputs: &Inputs,
    given: Option<(Project, Setup)>,
    known: Option<&Lister>,
    notes: &Notes,
) -> Result<(Project, Opened), String> {
    let Some(asked) = inputs_of(inputs, which) else {
        let (project, setup) = given.ok_or("There is no such connection any more.")?;
        return Ok((project, Opened::new(&setup, notes)));
    };
    let mut setup = connect(&asked).map_err(|why| why.0)?;
    if setup.listed && !name.is_empty() {
        setup.name = name;
    }
    lend(&mut setup, known);
    let opened = Opened::new(&setup, notes);
    let project = begin::project(&setup, inputs.config.as_deref(), opened.client.offers());
    Ok((project, opened))
}

/// The token that a person gave for this run at another project of the platform serves, unless somebody is signed in.
fn lend(setup: &mut Setup, known: Option<&Lister>) {
    let signed_in = setup.session.as_ref().is_some_and(|sign_in| sign_in.who.is_some());
    let Some(token) = known.and_then(Lister::given).filter(|_| !signed_in) else { return };
    for door in setup.connection.doors.iter_mut().filter(|door| door.door == Door::ControlPlane) {
        door.credential = token.clone();
    }
    if let Some(lister) = &setup.lister {
        lister.told(Door::ControlPlane, &token);
    }
}

/// How a project is. `known` is itself where it was opened, and what lists its platform's projects where one of them was.
async fn look(which: Which, known: (Option<Opened>, Option<Lister>), inputs: Inputs, notes: Notes) -> Checked {
    let (known, lister) = known;
    let opened = match (known, inputs_of(&inputs, &which)) {
        (Some(opened), _) if !opened.unchosen => opened,
        (Some(_), _) | (None, None) => return Checked::NotAsked,
        (None, Some(asked)) => {
            let connected = spawn_blocking(move || {
                // A command may have come into the file since it was listed.
                let asks = |profile: &Profile| match which {
                    Which::Listed { .. } => profile.list_command,
                    _ => profile.command,
                };
                let own = |profile: &Profile| Some(profile.name.as_str()) == which.profile();
                let config = configuration(inputs.config.as_deref())?;
                let asks = fleet::profiles(&config).iter().any(|profile| own(profile) && asks(profile));
                if asks { Ok(None) } else { connect_by(&asked, &config).map(Some) }
            });
            match connected.await {
                Ok(Ok(Some(mut setup))) if !setup.unchosen => {
                    lend(&mut setup, lister.as_ref());
                    // What sleeps by its platform's list is not asked.
                    if let Some(own) = setup.lister.as_ref().filter(|_| setup.listed) {
                        own.is_awake();
                    }
                    Opened::new(&setup, &notes)
                }
                Ok(Ok(_)) => return Checked::NotAsked,
                Ok(Err(why)) => return Checked::NotReady(why.0),
                Err(_) => return Checked::NotReady("The program failed while it read the profile.".into()),
            }
        }
    };
    let client = opened.client.within(PATIENCE);
    let one = ListUsers { page: 1, per_page: 1, oldest_first: false };
    let (users, buckets) = join(api::users::list(&client, one), api::buckets::list(&client)).await;
    note(&opened.log, &users);
    note(&opened.log, &buckets);
    let ends = users.meta.standing.as_ref().and_then(|standing| standing.ends).or(opened.ends);
    let took = if users.result.is_ok() { users.meta.took } else { buckets.meta.took };
    let exact = |total| match total {
        Total::Exact(total) => Some(total),
        _ => None,
    };
    match (users.result, buckets.result) {
        (Err(error), _) | (_, Err(error)) if error.kind == Kind::Paused => Checked::Paused,
        (Err(error), _) | (_, Err(error)) if error.kind == Kind::NotSignedIn => Checked::SignIn(Box::new(error)),
        (Err(error), Err(_)) => match error.kind {
            Kind::Unreachable | Kind::Untrusted | Kind::Lost | Kind::Server | Kind::BadAnswer => {
                Checked::Unreachable(error.sentence())
            }
            // Something answers; it is the address or the ref that is wrong, or too much is asked of it.
            _ => Checked::NotReady(error.sentence()),
        },
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
