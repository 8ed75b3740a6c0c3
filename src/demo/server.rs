//! The server itself: its listener, its state, its end.

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, BodyDataStream};
use axum::extract::{ConnectInfo, DefaultBodyLimit, Request, State};
use axum::http::header::{DATE, HeaderValue};
use axum::response::Response;
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use jiff::Timestamp;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::auth::{Role, new_key, signed};
use super::clock::Clock;
use super::faults::{Fault, Faults};
use super::people::People;
use super::projects::{self, Project};
use super::seed::{self, Crowd};
use super::sessions::{Sessions, TokenCounts};
use super::spool::SpoolDir;
use super::store::Store;
use super::wire::{Cut, Gate};
use super::{Kind, Options, REFERENCE, SELF_HOSTED_REFERENCE, life, routes};

/// How long a refused body is left unread before its connection ends.
const HOLD: Duration = Duration::from_secs(30);
/// How much of a refused body is still read, so that a small one does not cost its connection.
const STILL_READ: usize = 1024 * 1024;
/// How many keys that were handed out for a while are known at most.
const LENT_KEYS: usize = 100;

/// All that stands at the port.
pub(super) struct Site {
    /// The project of the plain paths; the first of all.
    pub(super) main: Arc<Demo>,
    /// All projects that the platform tells of.
    pub(super) projects: Vec<Project>,
    pub(super) clock: Clock,
    sessions: Option<Mutex<Sessions>>,
    faults: Faults,
}

impl Site {
    /// The platform's sign-in, where it has one.
    pub(super) fn sessions(&self) -> Option<MutexGuard<'_, Sessions>> {
        Some(self.sessions.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn project(&self, reference: &str) -> Option<&Project> {
        self.projects.iter().find(|project| project.reference == reference)
    }
}

/// One project: what all requests to it share.
pub(super) struct Demo {
    pub(super) options: Options,
    /// Where the server listens.
    pub(super) addr: SocketAddr,
    pub(super) spool: SpoolDir,
    people: RwLock<People>,
    store: RwLock<Store>,
    ended: CancellationToken,
    pub(super) clock: Clock,
    /// Its keys of the newer kind.
    pub(super) secret_key: String,
    pub(super) publishable_key: String,
    /// Keys that were handed out for a while, each with its end in seconds since 1970.
    temporary: Mutex<VecDeque<(String, Role, i64)>>,
}

impl Demo {
    fn new(options: Options, at: &Place) -> io::Result<Arc<Self>> {
        let crowd = Crowd::new(options.seed, options.users, at.base);
        Ok(Arc::new(Self {
            spool: SpoolDir::new()?,
            people: RwLock::new(People::new(crowd, options.null_token_user)),
            store: RwLock::new(Store { shelves: seed::shelves(options.seed, at.base) }),
            ended: at.ended.clone(),
            addr: at.addr,
            clock: at.clock.clone(),
            secret_key: new_key("secret"),
            publishable_key: new_key("publishable"),
            temporary: Mutex::default(),
            options,
        }))
    }

    /// Hands out a key for so many seconds.
    pub(super) fn lend_key(&self, role: Role, seconds: i64) -> String {
        let now = self.clock.now();
        let name = if role == Role::Service { "service_role" } else { "anon" };
        let key = signed(&json!({"role": name, "iss": "supabase-demo", "iat": now, "exp": now + seconds}));
        let mut lent = self.temporary.lock().unwrap_or_else(PoisonError::into_inner);
        lent.truncate(LENT_KEYS - 1);
        lent.push_front((key.clone(), role, now + seconds));
        key
    }

    /// Role and end of a key that was handed out for a while.
    pub(super) fn temporary_key(&self, key: &str) -> Option<(Role, i64)> {
        let lent = self.temporary.lock().unwrap_or_else(PoisonError::into_inner);
        lent.iter().find(|(one, _, _)| one == key).map(|(_, role, end)| (*role, *end))
    }

    pub(super) fn people(&self) -> RwLockReadGuard<'_, People> {
        self.people.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn people_mut(&self) -> RwLockWriteGuard<'_, People> {
        self.people.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn store(&self) -> RwLockReadGuard<'_, Store> {
        self.store.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn store_mut(&self) -> RwLockWriteGuard<'_, Store> {
        self.store.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// After an early refusal: a little more of the body is read, then the connection is left open and unread.
    pub(super) fn leave_unread(&self, mut body: SharedBody) {
        let ended = self.ended.clone();
        tokio::spawn(async move {
            let rest = async {
                let mut read = 0;
                while read < STILL_READ {
                    match body.next().await {
                        Some(Ok(piece)) => read += piece.len(),
                        _ => return,
                    }
                }
                std::future::pending::<()>().await;
            };
            tokio::select! {
                () = ended.cancelled() => {}
                _ = tokio::time::timeout(HOLD, rest) => {}
            }
        });
    }
}

/// Where and when the projects of one server are.
struct Place {
    addr: SocketAddr,
    base: i64,
    ended: CancellationToken,
    clock: Clock,
}

/// A request's body with more than one owner: whoever reads it, and whoever keeps it from being closed.
#[derive(Clone)]
pub(super) struct SharedBody(Arc<Mutex<BodyDataStream>>);

impl SharedBody {
    pub(super) fn new(body: Body) -> Self {
        Self(Arc::new(Mutex::new(body.into_data_stream())))
    }
}

impl Stream for SharedBody {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).poll_next_unpin(cx)
    }
}

/// A running demo server. It ends when dropped, or at [`Server::stop`].
pub struct Server {
    site: Arc<Site>,
    addr: SocketAddr,
    reference: &'static str,
    ended: CancellationToken,
    task: JoinHandle<()>,
}

impl Server {
    /// Starts on the loopback address.
    ///
    /// # Errors
    /// When the port is taken, or no directory for the spool can be made.
    pub async fn start(mut options: Options) -> io::Result<Self> {
        if !matches!(options.kind, Kind::ControlPlane) {
            options = Options { sign_in: None, wide: false, management: None, ..options };
        }
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
        let addr = tcp.local_addr()?;
        let ended = CancellationToken::new();
        // The start of the day: a server that is started again shows the same project.
        let base = Timestamp::now().as_second().div_euclid(86_400) * 86_400_000_000;
        let reference = if matches!(options.kind, Kind::SelfHosted(_)) { SELF_HOSTED_REFERENCE } else { REFERENCE };
        let place = Place { addr, base, ended: ended.clone(), clock: Clock::ahead(options.clock_ahead) };
        // Not waited for.
        tokio::task::spawn_blocking(SpoolDir::sweep);
        let plans = projects::plans(&options);
        let mut all = Vec::new();
        for plan in plans {
            let project = Demo::new(plan.options(&options), &place)?;
            if !plan.is_paused {
                tokio::spawn(life::live(Arc::clone(&project), ended.clone()));
            }
            all.push(Project::new(plan, project));
        }
        let main = all.first().map(|project| Arc::clone(&project.demo)).ok_or(io::ErrorKind::InvalidInput)?;
        let site = Arc::new(Site {
            main,
            projects: all,
            clock: place.clock,
            sessions: options.sign_in.map(|how| Mutex::new(Sessions::new(how, options.seed, base))),
            faults: Faults::new(options.fault_rate, options.seed),
        });
        let app = Router::new().fallback(handle).layer(DefaultBodyLimit::disable()).with_state(Arc::clone(&site));
        let service = app.into_make_service_with_connect_info::<Cut>();
        let gate = Gate { tcp, all: ended.clone() };
        let until = ended.clone();
        let task = tokio::spawn(async move {
            tokio::select! {
                () = until.cancelled() => {}
                _ = axum::serve(gate, service) => {}
            }
        });
        Ok(Self { site, addr, reference, ended, task })
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The address of both doors, `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// The project's short id in the control plane's paths.
    pub fn reference(&self) -> &'static str {
        self.reference
    }

    /// How often refresh tokens of the platform's sessions were used so far, and how.
    pub fn token_counts(&self) -> TokenCounts {
        self.site.sessions().map(|sessions| sessions.counts()).unwrap_or_default()
    }

    /// How often a refresh token came again that was not forgiven any more, and so ended its session's.
    pub fn reuses(&self) -> u32 {
        self.token_counts().reused
    }

    /// How many of the platform's sessions there are.
    pub fn sessions(&self) -> usize {
        self.site.sessions().map_or(0, |sessions| sessions.count())
    }

    /// Ends all sessions of the platform, as a sign-out elsewhere does.
    pub fn end_sessions(&self) {
        if let Some(mut sessions) = self.site.sessions() {
            sessions.end_all();
        }
    }

    /// Moves the server's clock ahead: tokens expire, and the header `Date` follows.
    pub fn advance(&self, by: Duration) {
        self.site.clock.advance(i64::try_from(by.as_secs()).unwrap_or(i64::MAX));
    }

    /// The service key of one of the projects; each has its own.
    pub fn service_key(&self, reference: &str) -> Option<String> {
        Some(self.site.project(reference)?.demo.options.service_key.clone())
    }

    /// The key of the newer kind, `sb_secret_…`, of one of the projects.
    pub fn secret_key(&self, reference: &str) -> Option<String> {
        Some(self.site.project(reference)?.demo.secret_key.clone())
    }

    /// Ends at once: the port is free when this returns, and open connections are cut.
    pub async fn stop(mut self) {
        self.ended.cancel();
        // Its only other end is a panic, and then it is over too.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ended.cancel();
        for project in &self.site.projects {
            project.demo.spool.remove();
        }
    }
}

async fn handle(State(site): State<Arc<Site>>, ConnectInfo(cut): ConnectInfo<Cut>, request: Request) -> Response {
    let (demo, fault) = (&site.main, site.faults.draw());
    let mut response = match fault {
        None | Some(Fault::CutAfter) => routes::answer(&site, request).await,
        Some(fault) => {
            demo.leave_unread(SharedBody::new(request.into_body()));
            fault.answer()
        }
    };
    if !demo.options.latency.is_zero() {
        tokio::time::sleep(demo.options.latency).await;
    }
    if matches!(fault, Some(Fault::CutBefore | Fault::CutAfter)) {
        cut.cut();
    }
    if let Some(date) = site.clock.date().and_then(|date| HeaderValue::from_str(&date).ok()) {
        response.headers_mut().insert(DATE, date);
    }
    response
}
