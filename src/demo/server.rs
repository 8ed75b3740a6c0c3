//! The server itself: its listener, its state, its end.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, BodyDataStream};
use axum::extract::{ConnectInfo, DefaultBodyLimit, Request, State};
use axum::response::Response;
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::faults::{Fault, Faults};
use super::people::People;
use super::seed::{self, Crowd};
use super::spool::SpoolDir;
use super::store::Store;
use super::wire::{Cut, Gate};
use super::{Kind, Options, REFERENCE, SELF_HOSTED_REFERENCE, life, routes};

/// How long a refused body is left unread before its connection ends.
const HOLD: Duration = Duration::from_secs(30);
/// How much of a refused body is still read, so that a small one does not cost its connection.
const STILL_READ: usize = 1024 * 1024;

/// What all requests share.
pub(super) struct Demo {
    pub(super) options: Options,
    /// Where the server listens.
    pub(super) addr: SocketAddr,
    pub(super) spool: SpoolDir,
    people: RwLock<People>,
    store: RwLock<Store>,
    faults: Faults,
    ended: CancellationToken,
}

impl Demo {
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
    pub async fn start(options: Options) -> io::Result<Self> {
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
        let addr = tcp.local_addr()?;
        let ended = CancellationToken::new();
        // The start of the day: a server that is started again shows the same project.
        let base = Timestamp::now().as_second().div_euclid(86_400) * 86_400_000_000;
        let reference = if matches!(options.kind, Kind::SelfHosted(_)) { SELF_HOSTED_REFERENCE } else { REFERENCE };
        let crowd = Crowd::new(options.seed, options.users, base);
        let demo = Arc::new(Demo {
            spool: SpoolDir::new()?,
            people: RwLock::new(People::new(crowd, options.null_token_user)),
            store: RwLock::new(Store { shelves: seed::shelves(options.seed, base) }),
            faults: Faults::new(options.fault_rate, options.seed),
            ended: ended.clone(),
            addr,
            options,
        });
        tokio::spawn(life::live(Arc::clone(&demo), ended.clone()));
        let app = Router::new().fallback(handle).layer(DefaultBodyLimit::disable()).with_state(demo);
        let service = app.into_make_service_with_connect_info::<Cut>();
        let gate = Gate { tcp, all: ended.clone() };
        let until = ended.clone();
        let task = tokio::spawn(async move {
            tokio::select! {
                () = until.cancelled() => {}
                _ = axum::serve(gate, service) => {}
            }
        });
        Ok(Self { addr, reference, ended, task })
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
    }
}

async fn handle(State(demo): State<Arc<Demo>>, ConnectInfo(cut): ConnectInfo<Cut>, request: Request) -> Response {
    let fault = demo.faults.draw();
    let response = match fault {
        None | Some(Fault::CutAfter) => routes::answer(&demo, request).await,
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
    response
}
