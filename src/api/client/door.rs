//! A door as the client holds it: its address, its credential and how long that lives, and the one renewal that all
//! requests wait for. When it is renewed, and what follows from a failure, is decided by the client.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{self, HeaderMap, HeaderName};
use rustls::ClientConfig;
use tokio::sync::OnceCell;
use url::Url;

use super::{DoorConfig, address, build, lock};
use crate::api::credential;
use crate::api::detect::{Found, ServerKind, fits};
use crate::api::error::ApiError;
use crate::api::meta::Standing;
use crate::api::renew::{Given, NotGiven, Note, Renew};
use crate::api::route::Door;
use crate::secret::Secret;

/// How long a refused renewal, and a server of the wrong kind, are taken for granted.
const PAUSE: Duration = Duration::from_secs(30);
/// How long a renewal that failed is not tried again; it doubles with each failure, up to [`PAUSE`]. It is over before a
/// read is sent again.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// Credentials of so many bytes are looked for in what a server says: a shorter one is a word rather than a secret.
const SECRET: usize = 12;

pub(super) struct DoorState {
    pub door: Door,
    pub reference: Option<String>,
    pub user: Option<String>,
    renew: Option<Arc<dyn Renew>>,
    held: Mutex<Held>,
    /// Whose turn it is to renew.
    turn: tokio::sync::Mutex<()>,
    /// Whose turn it is to look which kind of server is there.
    pub looking: tokio::sync::Mutex<()>,
    /// The HTTP client, and what is trusted by it and those of the lanes.
    http: OnceCell<(reqwest::Client, ClientConfig)>,
    /// HTTP clients for one upload at a time, each with at most one connection.
    lanes: Mutex<Vec<reqwest::Client>>,
}

struct Held {
    base: Url,
    secret: Secret,
    /// The one before: a server may still say it.
    old: Secret,
    /// Counts the credentials, to tell a request with an old one.
    version: u64,
    life: Option<Life>,
    who: Option<String>,
    /// When and why there was no other one than this.
    refused: Option<(Instant, String)>,
    /// The renewals that failed one after the other.
    failed: Option<Failed>,
    found: Option<Found>,
    /// When it was last looked for.
    looked: Option<Instant>,
    /// Whether its source made it just now: then the whole of its life lay before it, whatever this machine's clock says.
    fresh: bool,
    /// The same, and no server took it yet.
    suspect: bool,
    /// Counts the credentials that a person gave.
    by_hand: u64,
}

struct Failed {
    /// When the next one may be tried.
    until: Instant,
    pause: Duration,
    error: Box<ApiError>,
}

struct Life {
    /// When it is time for another one, by a clock that nobody sets.
    due: Option<Instant>,
    over: Option<Instant>,
    /// The same end by this machine's clock.
    ends: Option<Timestamp>,
}

impl Held {
    /// Holds another credential from now on. A fresh one was made just now, so its whole life lies before it.
    fn hold(&mut self, given: Given, fresh: bool, session: bool, clock: Timestamp) {
        let Given { secret, lives, who, stored, .. } = given;
        let whole = lives.or_else(|| credential::life(&secret, clock));
        self.life = whole.map(|whole| {
            let left = credential::left(&secret, clock).filter(|_| !fresh).map_or(whole, |left| left.min(whole));
            let margin = (whole / 10).clamp(Duration::from_secs(10), Duration::from_secs(60)).min(whole / 2);
            let now = Instant::now();
            let ends = SignedDuration::try_from(left).ok().and_then(|left| Timestamp::now().checked_add(left).ok());
            Life {
                due: now.checked_add(left.saturating_sub(margin)),
                over: now.checked_add(left),
                ends: credential::expired(&secret, clock).filter(|_| !fresh && !session).or(ends),
            }
        });
        self.who = who.or_else(|| credential::email(&secret));
        self.old = std::mem::replace(&mut self.secret, secret);
        self.version += 1;
        (self.fresh, self.suspect) = (fresh, fresh && !stored);
        (self.refused, self.failed) = (None, None);
    }

    /// A renewal failed: the next one has to wait, longer where the server asks for it.
    fn fail(&mut self, error: &ApiError) {
        let pause = self.failed.as_ref().map_or(FIRST_PAUSE, |failed| (failed.pause * 2).min(PAUSE));
        let until = Instant::now() + pause.max(error.retry_after.unwrap_or_default());
        self.failed = Some(Failed { until, pause, error: Box::new(error.clone()) });
    }
}

impl DoorState {
    pub fn new(config: DoorConfig) -> Self {
        let DoorConfig { door, base, reference, user, credential, renew } = config;
        let mut held = Held {
            base,
            secret: Secret::default(),
            old: Secret::default(),
            version: 0,
            life: None,
            who: None,
            refused: None,
            failed: None,
            found: None,
            looked: None,
            fresh: false,
            suspect: false,
            by_hand: 0,
        };
        let given = Given { secret: credential, ..Given::default() };
        held.hold(given, false, renew.as_ref().is_some_and(|renew| renew.signs_in()), Timestamp::now());
        Self {
            door,
            reference,
            user,
            renew,
            held: Mutex::new(held),
            turn: tokio::sync::Mutex::default(),
            looking: tokio::sync::Mutex::default(),
            http: OnceCell::new(),
            lanes: Mutex::default(),
        }
    }

    pub fn base(&self) -> Url {
        lock(&self.held).base.clone()
    }

    pub fn version(&self) -> u64 {
        lock(&self.held).version
    }

    pub fn renews(&self) -> bool {
        self.renew.is_some()
    }

    /// Whether its credential is that of a session.
    pub fn signs_in(&self) -> bool {
        self.renew.as_ref().is_some_and(|renew| renew.signs_in())
    }

    /// Whether the first credential is still to be had.
    pub fn is_bare(&self) -> bool {
        self.renews() && lock(&self.held).secret.is_empty()
    }

    /// The credential as it is now.
    pub fn secret(&self) -> Secret {
        lock(&self.held).secret.clone()
    }

    /// The credentials that must not be seen in what the server says.
    pub fn secrets(&self) -> impl Iterator<Item = Secret> + use<> {
        let held = lock(&self.held);
        [held.secret.clone(), held.old.clone()].into_iter().filter(|key| key.expose().trim().len() >= SECRET)
    }

    /// The HTTP client; the address does not change any more once there is one.
    pub async fn http(&self, ca: Option<&Vec<u8>>) -> Result<reqwest::Client, String> {
        Ok(self.trusting(ca).await?.0.clone())
    }

    async fn trusting(&self, ca: Option<&Vec<u8>>) -> Result<&(reqwest::Client, ClientConfig), String> {
        let made = || async {
            let base = self.base();
            let trust = build::trust(base.scheme() == "https", ca.cloned()).await?;
            Ok((build::with(&base, trust.clone())?, trust))
        };
        self.http.get_or_try_init(made).await
    }

    /// An HTTP client for one upload alone, by its connection of before where one was given back.
    ///
    /// A server may refuse an upload and leave its connection open without ever reading it again; what fits into the
    /// buffers on the way is sent all the same, and such a connection seems as good as any. Nobody can tell one from the
    /// other, so an upload's connection goes on only with the next upload, and only after one that was stored.
    pub async fn lane(&self, ca: Option<&Vec<u8>>) -> Result<reqwest::Client, String> {
        let (_, trust) = self.trusting(ca).await?;
        let free = lock(&self.lanes).pop();
        free.map_or_else(|| build::with(&self.base(), trust.clone()), Ok)
    }

    /// Takes back a client whose upload was stored.
    pub fn give_back(&self, lane: reqwest::Client) {
        lock(&self.lanes).push(lane);
    }

    /// A person gave another credential.
    pub fn set(&self, secret: Secret, clock: Timestamp) {
        let mut held = lock(&self.held);
        held.hold(Given { secret, ..Given::default() }, false, self.signs_in(), clock);
        held.found = None;
        held.by_hand += 1;
    }

    /// How many credentials a person gave so far.
    pub fn by_hand(&self) -> u64 {
        lock(&self.held).by_hand
    }

    /// A person gave another credential at one of the doors.
    pub fn tell(&self, door: Door, secret: &Secret) {
        if let Some(renew) = &self.renew {
            renew.told(door, secret);
            // With another one it may go well.
            lock(&self.held).failed = None;
        }
    }

    /// Tries again what failed before.
    pub fn forget(&self) {
        let mut held = lock(&self.held);
        (held.refused, held.failed, held.found) = (None, None, None);
    }

    /// What was found at the address.
    pub fn found(&self) -> Option<Found> {
        lock(&self.held).found.clone()
    }

    /// Whether one who has waited since then must look himself. What is of the wrong kind is looked at again after a
    /// while, for people start other servers.
    pub fn wants_look(&self, since: Instant) -> bool {
        let held = lock(&self.held);
        let fits = held.found.as_ref().map(|found| fits(found, self.door, self.user.is_some()).is_ok());
        match (fits, held.looked) {
            (Some(true), _) => false,
            (Some(false), Some(looked)) => looked.elapsed() >= PAUSE,
            (_, looked) => looked.is_none_or(|looked| looked < since),
        }
    }

    pub fn set_found(&self, found: Option<Found>) {
        let mut held = lock(&self.held);
        (held.found, held.looked) = (found, Some(Instant::now()));
    }

    pub fn standing(&self) -> Standing {
        let held = lock(&self.held);
        let ends = held.life.as_ref().and_then(|life| life.ends);
        Standing { door: self.door, who: held.who.clone(), ends, renews: self.renews() }
    }

    /// Which credential is to be renewed before anything is sent: none is there, or its end is near or past.
    pub fn due(&self, clock: Timestamp) -> Option<u64> {
        let held = lock(&self.held);
        let near = held.life.as_ref().and_then(|life| life.due).is_some_and(|due| due <= Instant::now());
        let due = near || held.secret.is_empty() || self.expired(&held, clock).is_some();
        (self.renews() && due).then_some(held.version)
    }

    /// When a token that lay ready ended, by its own word and this machine's clock. A session tells how long it lives.
    fn expired(&self, held: &Held, clock: Timestamp) -> Option<Timestamp> {
        let lay_ready = !held.fresh && !self.signs_in() && self.door != Door::Studio;
        credential::expired(&held.secret, clock).filter(|_| lay_ready)
    }

    /// Whether there is none, or its life is over.
    pub fn is_over(&self) -> bool {
        let held = lock(&self.held);
        let over = held.life.as_ref().and_then(|life| life.over);
        held.secret.is_empty() || over.is_some_and(|over| over <= Instant::now())
    }

    /// Has another credential than that of a version, which all who ask meanwhile wait for. It goes on when the one who
    /// asked is gone: a credential that is given once must be kept.
    pub async fn renew(self: &Arc<Self>, version: u64, clock: Timestamp, note: Arc<Note>) -> Result<(), NotGiven> {
        let state = self.clone();
        let renewal = tokio::spawn(async move { state.renew_now(version, clock, &*note).await });
        renewal.await.unwrap_or_else(|_| Err(NotGiven::SignIn("its source failed".into())))
    }

    async fn renew_now(&self, version: u64, clock: Timestamp, note: &Note) -> Result<(), NotGiven> {
        let Some(renew) = &self.renew else { return Err(NotGiven::SignIn("nothing gives another".into())) };
        let _turn = self.turn.lock().await;
        let old = {
            let held = lock(&self.held);
            if held.version != version {
                return Ok(());
            }
            if let Some((since, why)) = &held.refused
                && since.elapsed() < PAUSE
            {
                return Err(NotGiven::SignIn(why.clone()));
            }
            if let Some(failed) = held.failed.as_ref().filter(|failed| failed.until > Instant::now()) {
                return Err(NotGiven::Failed(failed.error.clone()));
            }
            held.secret.clone()
        };
        let given = match renew.renew(Some(&old).filter(|old| !old.is_empty()), note).await {
            Ok(given) if given.secret.is_empty() => Err(NotGiven::SignIn("its source gives an empty one".into())),
            Ok(given) if given.secret == old => Err(NotGiven::SignIn("its source gives the same as before".into())),
            given => given,
        };
        let mut held = lock(&self.held);
        if held.version != version {
            // A person was quicker.
            return Ok(());
        }
        let taken = given.and_then(|mut given| {
            if let Some(base) = given.base.take().filter(|_| !self.http.initialized()) {
                held.base = address::given(&held.base, base).map_err(NotGiven::SignIn)?;
            }
            held.hold(given, true, renew.signs_in(), clock);
            Ok(())
        });
        match &taken {
            Err(NotGiven::SignIn(why)) => held.refused = Some((Instant::now(), why.clone())),
            Err(NotGiven::Failed(error)) => held.fail(error),
            _ => {}
        }
        taken
    }

    /// A server took this credential.
    pub fn prove(&self, version: u64) {
        let mut held = lock(&self.held);
        held.suspect &= held.version != version;
    }

    /// Whether this credential was refused although it is new: another would fare no better, for a while.
    pub fn distrusts(&self, version: u64) -> bool {
        let mut held = lock(&self.held);
        if held.version != version || !held.suspect {
            return false;
        }
        held.refused.get_or_insert_with(|| (Instant::now(), "the renewed one was refused, too".into()));
        true
    }

    /// What can be said against the credential before it is sent: the middle of a sentence.
    pub fn check(&self, clock: Timestamp) -> Result<(), String> {
        let (name, held) = (self.door.credential(), lock(&self.held));
        if (self.door == Door::ControlPlane || credential::is_personal(&held.secret))
            && let Some(said) = credential::misplaced(self.door, &held.secret)
        {
            return Err(format!("the {name} {said}"));
        }
        let expired = self.expired(&held, clock);
        expired.map_or(Ok(()), |since| Err(format!("the {name} {}", credential::ended(since))))
    }

    /// Whether nothing can be read of a credential that should be a JWT.
    pub fn is_unreadable(&self) -> bool {
        self.door == Door::ControlPlane && !credential::is_jwt(&lock(&self.held).secret)
    }

    /// The credential's headers, and which credential that is; an empty one is never sent.
    pub fn credentials(&self) -> Result<(HeaderMap, u64), String> {
        let held = lock(&self.held);
        let key = held.secret.expose().trim();
        let name = self.door.credential();
        let asks_nobody = matches!(&held.found, Some(Found { kind: ServerKind::OpenStudio, .. }));
        if self.door == Door::Studio && (asks_nobody || (key.is_empty() && self.user.is_none())) {
            return Ok((HeaderMap::new(), held.version));
        }
        if key.is_empty() {
            return Err(format!("there is no {name}"));
        }
        let mut headers = HeaderMap::new();
        if self.door == Door::Gateway {
            headers.insert(HeaderName::from_static("apikey"), build::hidden(key, name)?);
        }
        if self.door == Door::Studio {
            let user = self.user.as_deref().unwrap_or_default();
            let pair = STANDARD.encode(format!("{user}:{key}"));
            headers.insert(header::AUTHORIZATION, build::hidden(&format!("Basic {pair}"), name)?);
        } else if self.door == Door::ControlPlane || !credential::is_opaque(key) {
            headers.insert(header::AUTHORIZATION, build::hidden(&format!("Bearer {key}"), name)?);
        }
        Ok((headers, held.version))
    }
}
