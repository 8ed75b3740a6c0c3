//! The client: sends one route of the table through the first door that offers it, and keeps what is true for all of
//! them: which header goes where, the read-only guard, deadlines, bounded answers, redirects, retries, and which routes
//! turned out to be missing. What a route's answer holds is read by the module of its feature.

mod address;
pub(super) mod build;
mod door;
mod exchange;
pub(super) mod look;

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use reqwest::header::{self, HeaderMap};
use url::Url;

use super::detect::{ServerKind, fits};
use super::error::{ApiError, Kind, SESSION};
use super::fault::Place;
use super::meta::{Meta, Proof, Sent, Standing};
use super::offers::Offers;
use super::renew::{NotGiven, Note, Renew, unnoted};
use super::reply::{self, Reply};
use super::retry;
use super::route::{Door, Route, Size};
use super::watch::Watch;
use crate::secret::Secret;

pub(super) use address::{Fill, encode};
pub use build::{check_ca, install_tls};
use door::DoorState;
use exchange::exchange;
pub(super) use exchange::{direct, headers, limit, receive, redirected, refused, target};

/// One way into a project, with its address and credential.
#[derive(Clone, Debug)]
pub struct DoorConfig {
    /// Which door.
    pub door: Door,
    /// The address that the table's paths are put behind, without a slash at its end.
    pub base: Url,
    /// The project's short id in the control plane's paths.
    pub reference: Option<String>,
    /// The name for HTTP basic, at Studio alone.
    pub user: Option<String>,
    /// The platform token, the service key or Studio's password; only Studio may be open, with none. Empty, too, where
    /// `renew` gives the first one.
    pub credential: Secret,
    /// Where another credential comes from, once this one is missing, nears its end or was refused.
    pub renew: Option<Arc<dyn Renew>>,
}

impl DoorConfig {
    /// Whether the first credential is still to be had.
    pub fn is_bare(&self) -> bool {
        self.renew.is_some() && self.credential.is_empty()
    }
}

/// All that is needed to reach a project.
#[derive(Clone, Debug, Default)]
pub struct Connection {
    /// One to three doors.
    pub doors: Vec<DoorConfig>,
    /// Refuse every route that changes something.
    pub read_only: bool,
    /// Certificates to trust besides the machine's, as PEM.
    pub ca_file_pem: Option<Vec<u8>>,
    /// Look which kind of server stands at a door before the first credential is sent there.
    pub detect: bool,
    /// Told of each change before and after it is sent.
    pub watch: Option<Arc<dyn Watch>>,
}

/// Every function of the client answers so.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered<T> {
    /// What the request took.
    pub meta: Meta,
    /// What the server said.
    pub result: Result<T, ApiError>,
}

impl<T> Answered<T> {
    /// The same answer with its value changed.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Answered<U> {
        Answered { meta: self.meta, result: self.result.map(change) }
    }
}

/// Speaks to one project; a copy shares connections, credentials and offers.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
    /// How often a failed request may be sent again (see [`retry::pause`]); 0 unless [`Client::retrying`] says more.
    pub retries: u32,
    tell: Option<Arc<Tell>>,
    note: Arc<Note>,
    deadline: Option<Duration>,
}

/// Told of each failure after which a request is sent again.
type Tell = dyn Fn(&ApiError) + Send + Sync;

struct Inner {
    doors: RwLock<Vec<Arc<DoorState>>>,
    read_only: AtomicBool,
    ca: Option<Vec<u8>>,
    detect: bool,
    watch: Option<Arc<dyn Watch>>,
    offers: Mutex<Offers>,
    /// The seconds by which the servers' clocks are ahead of this machine's.
    skew: AtomicI64,
}

/// A request to be sent.
pub(super) struct Ask<'a> {
    pub route: Route,
    pub fill: Fill<'a>,
    pub query: String,
    /// A JSON body.
    pub body: Option<Vec<u8>>,
    /// The JSON body that Studio takes instead, without the query.
    pub studio: Option<Vec<u8>>,
    /// A secret in it.
    pub secret: Secret,
    /// As [`Meta::whom`].
    pub whom: Option<&'a str>,
}

impl<'a> Ask<'a> {
    /// A request without query and body.
    pub fn new(route: Route, fill: Fill<'a>) -> Self {
        Self { route, fill, query: String::new(), body: None, studio: None, secret: Secret::default(), whom: None }
    }

    /// The body that a door gets.
    fn body_at(&self, door: Door) -> Option<&Vec<u8>> {
        self.studio.as_ref().filter(|_| door == Door::Studio).or(self.body.as_ref())
    }
}

/// A request that passed every check of ours.
pub(super) struct Prepared {
    pub place: Place,
    pub url: Url,
    pub headers: HeaderMap,
    pub http: reqwest::Client,
    pub used: Used,
}

impl Prepared {
    /// The upload was stored: its connection may serve the next one.
    pub fn stored(&self) {
        self.used.state.give_back(self.http.clone());
    }
}

/// Which credential of which door went along.
#[derive(Clone)]
pub(super) struct Used {
    state: Arc<DoorState>,
    version: u64,
}

impl Client {
    /// A client for a connection. Nothing is opened yet: HTTP clients are built when first needed, in a blocking worker.
    pub fn new(connection: Connection) -> Self {
        let doors: Vec<_> = connection.doors.iter().map(|config| config.door).collect();
        let states = connection.doors.into_iter().map(|config| Arc::new(DoorState::new(config)));
        let inner = Inner {
            doors: RwLock::new(states.collect()),
            read_only: AtomicBool::new(connection.read_only),
            ca: connection.ca_file_pem,
            detect: connection.detect,
            watch: connection.watch,
            offers: Mutex::new(Offers::new(&doors)),
            skew: AtomicI64::new(0),
        };
        Self { inner: Arc::new(inner), retries: 0, tell: None, note: Arc::new(unnoted), deadline: None }
    }

    /// A copy that sends a failed request again, at most this often, where its route allows it.
    pub fn retrying(&self, retries: u32) -> Self {
        Self { retries, ..self.clone() }
    }

    /// A copy that tells of each failure after which a request is sent again.
    pub fn telling(&self, tell: impl Fn(&ApiError) + Send + Sync + 'static) -> Self {
        Self { tell: Some(Arc::new(tell)), ..self.clone() }
    }

    /// A copy that tells of each request that was sent for a door's credential.
    pub fn noting(&self, note: impl Fn(&Meta, Option<&ApiError>) + Send + Sync + 'static) -> Self {
        Self { note: Arc::new(note), ..self.clone() }
    }

    /// A copy whose requests may each take no longer than this, and whose uploads may stand still no longer.
    pub fn within(&self, deadline: Duration) -> Self {
        Self { deadline: Some(deadline), ..self.clone() }
    }

    /// Which doors there are and what they turned out to lack: a copy of what is known now.
    pub fn offers(&self) -> Offers {
        lock(&self.inner.offers).clone()
    }

    /// Asks each door again for what it was found to lack, and each source for the credential that it did not give.
    pub fn forget_missing(&self) {
        lock(&self.inner.offers).forget();
        self.states().iter().for_each(|state| state.forget());
    }

    /// Uses another credential at a door from now on.
    pub fn set_credential(&self, door: Door, secret: Secret) {
        let mut offers = lock(&self.inner.offers);
        for state in self.states().iter().filter(|state| state.renews()) {
            state.tell(door, &secret);
            // With it another door may get a credential, too.
            offers.open(state.door);
        }
        if let Some(state) = self.state(door) {
            state.set(secret, self.clock());
            offers.open(door);
        }
    }

    /// What takes a door's credential away once it is called, unless a person gives another one until then; it tells
    /// whether it did.
    pub fn letting_go(&self, door: Door) -> impl FnOnce() -> bool + Send + use<> {
        let (client, by_hand) = (self.clone(), self.state(door).map(|state| state.by_hand()));
        move || {
            // Whoever gives one at this moment comes before or after.
            let _offers = lock(&client.inner.offers);
            let state = client.state(door).filter(|state| Some(state.by_hand()) == by_hand);
            if let Some(state) = &state {
                client.states().iter().for_each(|state| state.tell(door, &Secret::default()));
                state.set(Secret::default(), client.clock());
            }
            state.is_some()
        }
    }

    /// Adds a door that a person agreed to, in place of the one of its kind.
    pub fn add_door(&self, config: DoorConfig) {
        let door = config.door;
        {
            let mut states = self.inner.doors.write().unwrap_or_else(PoisonError::into_inner);
            states.retain(|state| state.door != door);
            states.push(Arc::new(DoorState::new(config)));
        }
        // Not while the doors are held: whoever holds the offers waits for them.
        lock(&self.inner.offers).open(door);
    }

    /// Who is signed in at a door, and for how long.
    pub fn standing(&self, door: Door) -> Option<Standing> {
        Some(self.state(door)?.standing())
    }

    /// Which kind of server was found at a door, once that was looked at.
    pub fn found(&self, door: Door) -> Option<ServerKind> {
        Some(self.state(door)?.found()?.kind)
    }

    /// The gateway's address and key as they are now, where it has a key: for what no route asks.
    pub fn gateway(&self) -> Option<(Url, Secret)> {
        let state = self.state(Door::Gateway).filter(|state| !state.is_bare())?;
        Some((state.base(), state.secret()))
    }

    /// By how much the servers' clocks are ahead of this machine's, as the last answer told.
    pub fn skew(&self) -> SignedDuration {
        SignedDuration::from_secs(self.inner.skew.load(Ordering::Relaxed))
    }

    fn states(&self) -> Vec<Arc<DoorState>> {
        self.inner.doors.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn state(&self, door: Door) -> Option<Arc<DoorState>> {
        self.states().into_iter().find(|state| state.door == door)
    }

    /// Now, by the servers' clocks.
    fn clock(&self) -> Timestamp {
        let now = Timestamp::now();
        now.checked_add(self.skew()).unwrap_or(now)
    }

    fn learn_clock(&self, date: Option<Timestamp>) {
        if let Some(date) = date {
            self.inner.skew.store(date.duration_since(Timestamp::now()).as_secs(), Ordering::Relaxed);
        }
    }

    /// Takes changes from now on: a person unlocked the profile.
    pub fn unlock(&self) {
        self.inner.read_only.store(false, Ordering::Relaxed);
    }

    /// Whether every change is refused.
    pub fn read_only(&self) -> bool {
        self.inner.read_only.load(Ordering::Relaxed)
    }

    /// How long a request of this size may take; uploads have their own rules for standing still.
    pub(super) fn deadline(&self, size: Size) -> Duration {
        self.deadline.unwrap_or(match size {
            Size::Single | Size::Upload => Duration::from_secs(30),
            Size::List => Duration::from_secs(60),
        })
    }

    /// A shorter limit where this copy has one, else `usual`.
    pub(super) fn patience(&self, usual: Duration) -> Duration {
        self.deadline.unwrap_or(usual)
    }

    /// Sends a request, again where it may be, and reads its answer with `read`, which says in a few words what is
    /// wrong with one that it cannot use.
    pub(super) async fn ask<T>(&self, ask: &Ask<'_>, read: impl Fn(&Reply) -> Result<T, String>) -> Answered<T> {
        let mut meta = Meta::of(ask.route);
        let started = Instant::now();
        let (mut sent, mut used) = (0, None);
        let result = loop {
            sent += 1;
            let mut result = self.once(ask, &mut meta, &mut used, &read).await;
            if let Some(used) = used.take() {
                match self.another(&used, &result, &mut meta).await {
                    Ok(true) => {
                        sent -= 1;
                        continue;
                    }
                    Ok(false) => {}
                    Err(error) => result = Err(error),
                }
            }
            let Err(error) = &result else { break result };
            // Of an answer that broke off the status came.
            meta.status = meta.status.or(error.status);
            // A read goes on through the next door at once.
            let elsewhere = error.kind == Kind::NoSuchRoute
                && !ask.route.spec().mutates
                && self.offers().door(ask.route, Timestamp::now()).is_some();
            if elsewhere {
                continue;
            }
            match retry::pause(ask.route, error, sent, any_number()).filter(|_| sent <= self.retries) {
                Some(pause) => {
                    if let Some(tell) = &self.tell {
                        tell(error);
                    }
                    tokio::time::sleep(pause).await;
                }
                None => break result,
            }
        };
        meta.took = started.elapsed();
        self.tell_connection(&mut meta);
        self.ended(&meta, result.as_ref().err());
        Answered { meta, result }
    }

    async fn once<T>(
        &self,
        ask: &Ask<'_>,
        meta: &mut Meta,
        used: &mut Option<Used>,
        read: impl Fn(&Reply) -> Result<T, String>,
    ) -> Result<T, ApiError> {
        let prepared = self.prepare(ask, meta).await?;
        *used = Some(prepared.used.clone());
        let size = ask.route.spec().size;
        let deadline = self.deadline(size);
        let reply = tokio::time::timeout(deadline, exchange(&prepared, ask, limit(size)));
        let Ok(reply) = reply.await else {
            return Err(prepared.place.error(Kind::Lost, format!("no whole answer within {}", seconds(deadline))));
        };
        self.judge(&prepared.place, meta, &reply?, read)
    }

    /// Judges an answer: a refusal becomes an error, a success is read.
    pub(super) fn judge<T>(
        &self,
        place: &Place,
        meta: &mut Meta,
        reply: &Reply,
        read: impl Fn(&Reply) -> Result<T, String>,
    ) -> Result<T, ApiError> {
        self.learn_clock(reply::date(&reply.headers));
        meta.status = Some(reply.status.as_u16());
        meta.request_id = reply.request_id().map(|id| place.hide(id));
        if !reply.status.is_success() {
            let error = refused(place, meta, reply);
            if error.kind == Kind::NoSuchRoute {
                self.note_missing(place.route, place.door);
            }
            return Err(error);
        }
        let because = if let Some(compression) = reply.compression() {
            Err(format!("it is compressed ({}), which was not asked for", compression.escape_default()))
        } else if reply.opening() == Some(b'<') {
            Err("some other server answered, with a web page".into())
        } else {
            read(reply)
        };
        because.map_err(|said| {
            // A change that was answered with nothing, or with the beginning of the right answer, may have been made.
            let cut = reply.compression().is_none() && matches!(reply.opening(), None | Some(b'{'));
            let kind = if cut && place.route.spec().mutates { Kind::Lost } else { Kind::BadAnswer };
            let raw = reply.body.get(..reply.body.len().min(super::reply::ERROR_LIMIT)).unwrap_or_default();
            let raw = Some(place.hide(String::from_utf8_lossy(raw).into_owned()));
            ApiError { status: meta.status, raw, ..place.error(kind, said) }
        })
    }

    /// Notes that a door lacks a route.
    pub(super) fn note_missing(&self, route: Route, door: Door) {
        lock(&self.inner.offers).mark_missing(route, door, Timestamp::now());
    }

    /// Finds the door, and checks everything that can be checked before a byte is sent.
    pub(super) async fn prepare(&self, ask: &Ask<'_>, meta: &mut Meta) -> Result<Prepared, ApiError> {
        let Ask { route, .. } = *ask;
        (meta.status, meta.request_id) = (None, None);
        if self.read_only() && route.spec().mutates {
            let said = "this connection is read-only";
            return Err(ApiError { unsent: true, ..ApiError::of(Kind::ReadOnly, route, said) });
        }
        let state = loop {
            let door = self.offers().door(route, Timestamp::now());
            let Some(state) = door.and_then(|door| self.state(door)) else { return Err(self.no_door(ask)) };
            meta.door = Some(state.door);
            meta.method = route.spec().method_at(state.door).name();
            let url = url(&state, ask)?;
            meta.path = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
            match self.ready(&state, ask).await? {
                None => break state,
                Some(why) => lock(&self.inner.offers).close(state.door, why),
            }
        };
        // The address may have come with the credential.
        let (url, place) = (url(&state, ask)?, place(&state, ask));
        let (mut headers, version) = state.credentials().map_err(|said| place.unsent(Kind::NotSignedIn, said))?;
        meta.whom = ask.whom.map(str::to_owned);
        meta.sent = ask.body_at(state.door).map_or(Sent::Nothing, |body| Sent::json(body));
        let (key, authorized) = (headers.contains_key("apikey"), headers.contains_key(header::AUTHORIZATION));
        meta.proof = match (key, authorized) {
            (true, true) => Proof::KeyAndBearer,
            (true, false) => Proof::Key,
            (false, true) if state.door == Door::Studio => Proof::Basic,
            (false, true) => Proof::Bearer,
            (false, false) => Proof::None,
        };
        headers.extend(exchange::headers());
        let http = match route.spec().size {
            Size::Upload => state.lane(self.inner.ca.as_ref()).await.map_err(|said| build::none(&place, said))?,
            Size::Single | Size::List => self.http(&state, &place).await?,
        };
        // One that is sent again was told before.
        if let Some(watch) = self.watch(route).filter(|_| meta.origin.is_empty()) {
            watch.begins(meta).map_err(|said| place.unsent(Kind::LocalFile, said))?;
        }
        meta.origin = url.origin().ascii_serialization();
        Ok(Prepared { place, url, headers, http, used: Used { state, version } })
    }

    async fn http(&self, state: &DoorState, place: &Place) -> Result<reqwest::Client, ApiError> {
        state.http(self.inner.ca.as_ref()).await.map_err(|said| build::none(place, said))
    }

    /// Sees to it that a door has a credential that lives and may be sent there; else why the door stays shut.
    async fn ready(&self, state: &Arc<DoorState>, ask: &Ask<'_>) -> Result<Option<String>, ApiError> {
        // A gateway's address may come with its key.
        let late = state.door == Door::Gateway && state.is_bare();
        if !late {
            self.look(state, ask).await?;
        }
        if let Some(version) = state.due(self.clock()) {
            match state.renew(version, self.clock(), Arc::clone(&self.note)).await {
                Ok(()) => {}
                Err(NotGiven::NoDoor(why)) => return Ok(Some(why)),
                // There is some life left in the one at hand.
                Err(_) if !state.is_over() => {}
                Err(why) => return Err(not_given(&place(state, ask), why)),
            }
        }
        if late {
            self.look(state, ask).await?;
        }
        state.check(self.clock()).map_err(|said| place(state, ask).unsent(Kind::NotSignedIn, said))?;
        Ok(None)
    }

    /// Looks, once, which kind of server is there, and refuses to send a credential to a wrong one.
    async fn look(&self, state: &DoorState, ask: &Ask<'_>) -> Result<(), ApiError> {
        if !self.inner.detect {
            return Ok(());
        }
        let place = place(state, ask);
        let since = Instant::now();
        let _turn = state.looking.lock().await;
        if state.wants_look(since) {
            let http = self.http(state, &place).await?;
            let (found, clock) = look::at(&http, &state.base(), self.patience(look::PATIENCE)).await;
            self.learn_clock(clock);
            state.set_found(found);
        }
        // Where nothing answers, the request itself will tell why.
        let Some(found) = state.found() else { return Ok(()) };
        fits(&found, state.door, state.user.is_some()).map_err(|(kind, said)| place.unsent(kind, said))
    }

    /// Has another credential for a request that was refused with this one: whether it may be sent again, once.
    pub(super) async fn another<T>(
        &self,
        used: &Used,
        result: &Result<T, ApiError>,
        meta: &mut Meta,
    ) -> Result<bool, ApiError> {
        let Used { state, version } = used;
        let Some(error) = result.as_ref().err().filter(|error| error.kind == Kind::NotSignedIn && !error.unsent) else {
            if meta.status.is_some() {
                state.prove(*version);
            }
            return Ok(false);
        };
        if state.version() == *version {
            if !state.renews() || meta.renewed || state.distrusts(*version) {
                return Ok(false);
            }
            match state.renew(*version, self.clock(), Arc::clone(&self.note)).await {
                Ok(()) => {}
                Err(NotGiven::NoDoor(why)) => {
                    lock(&self.inner.offers).close(state.door, why);
                    return Ok(true);
                }
                Err(why) => return Err(not_given(&place(state, &Ask::new(error.route, Fill::default())), why)),
            }
        } else if meta.renewed {
            return Ok(false);
        }
        meta.renewed = true;
        Ok(true)
    }

    fn no_door(&self, ask: &Ask<'_>) -> ApiError {
        let offers = self.offers();
        let closed = offers.closed_door(ask.route);
        if let Some((state, why)) = closed.and_then(|door| Some((self.state(door)?, offers.why_closed(door)?))) {
            return place(&state, ask).unsent(Kind::NoDoor, why);
        }
        let said = "no door of this connection offers it";
        ApiError { unsent: true, ..ApiError::of(Kind::NoDoor, ask.route, said) }
    }

    /// Whoever is to know of requests of this route.
    fn watch(&self, route: Route) -> Option<&Arc<dyn Watch>> {
        self.inner.watch.as_ref().filter(|_| route.spec().mutates)
    }

    /// Tells whoever watches that a change has ended.
    pub(super) fn ended(&self, meta: &Meta, error: Option<&ApiError>) {
        if let Some(watch) = self.watch(meta.route).filter(|_| !meta.origin.is_empty()) {
            watch.ended(meta, error);
        }
    }

    /// Tells in an answer how the connection stands now.
    pub(super) fn tell_connection(&self, meta: &mut Meta) {
        meta.offers = Some(self.offers());
        let Some(state) = meta.door.and_then(|door| self.state(door)) else { return };
        (meta.standing, meta.found) = (Some(state.standing()), state.found().map(|found| found.kind));
    }
}

/// Where a request to a door goes.
fn place(state: &DoorState, ask: &Ask<'_>) -> Place {
    Place {
        route: ask.route,
        door: state.door,
        host: crate::text::address::place(&state.base()),
        secrets: state.secrets().chain([ask.secret.clone()]).collect(),
        unreadable: state.is_unreadable(),
        known_by: state.signs_in().then_some(SESSION),
    }
}

/// Where exactly.
fn url(state: &DoorState, ask: &Ask<'_>) -> Result<Url, ApiError> {
    address::of(state.door, &state.base(), state.reference.as_deref(), ask)
        .map_err(|said| place(state, ask).unsent(Kind::Refused, said))
}

/// What it means for a request that its door has no credential.
fn not_given(place: &Place, why: NotGiven) -> ApiError {
    match why {
        NotGiven::SignIn(why) | NotGiven::NoDoor(why) => place.unsent(Kind::NotSignedIn, why),
        NotGiven::Failed(error) => {
            // Of this request nothing can be lost.
            let kind = if error.kind == Kind::Lost { Kind::Unreachable } else { error.kind };
            let raw = error.raw.clone().map(|raw| place.hide(raw));
            ApiError { kind, unsent: true, said: place.hide(error.said.clone()), raw, ..*error }
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let doors: Vec<_> = self.states().iter().map(|state| (state.door, state.base().to_string())).collect();
        f.debug_struct("Client").field("doors", &doors).field("read_only", &self.read_only()).finish_non_exhaustive()
    }
}

/// A number that nobody can foresee: the standard library seeds each hasher from the operating system's.
pub(super) fn any_number() -> u64 {
    use std::hash::{BuildHasher, Hasher, RandomState};
    RandomState::new().build_hasher().finish()
}

pub(super) fn seconds(time: Duration) -> String {
    if time < Duration::from_secs(1) { format!("{} ms", time.as_millis()) } else { format!("{} s", time.as_secs()) }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
