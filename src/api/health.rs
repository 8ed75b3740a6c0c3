//! How a server is reached, step by step: its name, a connection, what answers there, its clock and its services'
//! versions. Nothing is changed, and no credential goes along but the key that a gateway wants for a version.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::net::lookup_host;
use url::Url;

use super::client::build::client as http;
use super::client::look;
use super::credential::is_personal;
use super::detect::Found;
use super::error::ApiError;
use super::projects::Server;
use super::renew::Note;
use super::route::Door;
use crate::secret::Secret;

/// The longest version that is believed.
const VERSION: usize = 40;
/// The most addresses of a name that are told.
const ADDRESSES: usize = 8;

/// What came of looking at an address.
#[derive(Clone, Debug)]
pub struct Reach {
    /// The name's addresses and how long they took, or the middle of a sentence; `None` where the host is one itself.
    pub names: Option<Result<(Vec<IpAddr>, Duration), String>>,
    /// How long the first answer took, connection and TLS included, or why there was none.
    pub answer: Result<Duration, ApiError>,
    /// What stands there, where anything answered.
    pub found: Option<Found>,
    /// By how much the server's clock is ahead of this machine's.
    pub skew: Option<SignedDuration>,
}

/// Looks at an address: each step takes `patience` at most.
pub async fn reach(base: &Url, door: Door, ca: Option<&Vec<u8>>, patience: Duration, note: &Note) -> Reach {
    let names = names(base, patience).await;
    let server = Server::new(base.clone(), ca.cloned(), door);
    let started = Instant::now();
    // Any answer will do, and the way to it is the same that a request with a credential takes.
    let answer = server.look(("answer", "/auth/v1/health"), None, patience, note).await.map(|_| started.elapsed());
    let (mut found, mut skew) = (None, None);
    if answer.is_ok()
        && let Ok(http) = http(base.clone(), ca.cloned()).await
    {
        let (kind, clock) = look::at(&http, base, patience).await;
        (found, skew) = (kind, clock.map(|clock| clock.duration_since(Timestamp::now())));
    }
    Reach { names, answer, found, skew }
}

/// The versions of GoTrue and Storage behind a gateway, as far as they are told, each within `patience`. A personal token
/// in the key's place is not sent.
pub async fn versions(
    base: &Url,
    key: Option<&Secret>,
    ca: Option<&Vec<u8>>,
    patience: Duration,
    note: &Note,
) -> [Option<String>; 2] {
    let server = Server::new(base.clone(), ca.cloned(), Door::Gateway);
    let key = key.filter(|key| !is_personal(key));
    let told = async |path, key| {
        let reply = server.look(("tell a version", path), key, patience, note).await.ok()?;
        Some(reply.body).filter(|_| reply.status.is_success())
    };
    let (auth, storage) = tokio::join!(told("/auth/v1/health", key), told("/storage/v1/version", None));
    let named = |body: Vec<u8>| {
        let body: Value = serde_json::from_slice(&body).ok()?;
        body.get("version")?.as_str().map(str::to_owned)
    };
    [auth.and_then(named), storage.and_then(|body| String::from_utf8(body).ok())].map(|version| {
        let version = version?.trim().to_owned();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-+_".contains(&byte);
        Some(version).filter(|text| (1..=VERSION).contains(&text.len()) && text.bytes().all(plain))
    })
}

async fn names(base: &Url, patience: Duration) -> Option<Result<(Vec<IpAddr>, Duration), String>> {
    let name = base.domain()?;
    let started = Instant::now();
    let asked = tokio::time::timeout(patience, lookup_host((name, base.port_or_known_default().unwrap_or(443)))).await;
    Some(match asked {
        Ok(Ok(found)) => {
            let mut all: Vec<IpAddr> = found.map(|address| address.ip()).take(ADDRESSES).collect();
            all.dedup();
            if all.is_empty() { Err("it has no address".into()) } else { Ok((all, started.elapsed())) }
        }
        Ok(Err(_)) => Err("the name is unknown".into()),
        Err(_) => Err(format!("no answer within {} s", patience.as_secs())),
    })
}
