//! Where a project's address and key come from: the management API of hosted projects, a platform's control plane, or
//! the settings of a self-hosted console; and the projects that they list.
//!
//! The answers hold keys in the clear. They are read here into a [`Secret`] and dropped: no raw answer is kept, no words
//! of a successful answer reach an error, and a listed row is written anew from what is known to be harmless.

mod hosted;
mod platform;
mod studio;

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::time::{Duration, Instant};

use reqwest::header::{self, HeaderName, HeaderValue};
use serde::Deserialize;
use tokio::sync::OnceCell;
use url::{Host, Url};

pub use hosted::Management;
pub use platform::{Detail, Organization, Platform, TokenNow, Watched};
pub use studio::StudioSettings;

use super::client::build::{client as http, hidden, none};
use super::client::{Answered, direct, refused};
use super::credential::{Role, role};
use super::error::{ApiError, Kind};
use super::fault::Place;
use super::meta::{Meta, Proof};
use super::model::{Project, Row, rows};
use super::renew::{Given, NotGiven, Note};
use super::reply::Reply;
use super::route::{Door, Route};
use crate::secret::Secret;
use crate::text::address::place;
use crate::text::reference::is_reference;

/// What is asked for, as sentences call it.
const LIST: &str = "list projects";
/// How long one request may take.
const DEADLINE: Duration = Duration::from_secs(20);
/// The largest answer.
const LARGEST: usize = 4 << 20;
/// The most pages of a list: a server may make up new projects for ever.
const PAGES: usize = 50;
/// Rows a page.
const PAGE: usize = 100;

/// Where projects are listed.
#[derive(Clone, Debug)]
pub enum Lister {
    /// The management API of hosted projects.
    Hosted(Management),
    /// A control plane.
    Platform(Platform),
}

impl Lister {
    /// All projects that the credential may see, each once, and what stands among them that is none. Each row's text is
    /// written anew, for the server's may hold keys. Of several requests the last one is told.
    pub async fn list(&self) -> Answered<Vec<Row<Project>>> {
        let began = Instant::now();
        let mut meta = Meta::of(Route::ProjectsList);
        let result = match self {
            Self::Hosted(management) => management.list(&mut meta).await,
            Self::Platform(platform) => {
                meta.door = Some(Door::ControlPlane);
                platform.projects(&mut meta).await
            }
        };
        meta.took = began.elapsed();
        Answered { meta, result }
    }

    /// The token that it lists with, where a person gave it.
    pub fn given(&self) -> Option<Secret> {
        match self {
            Self::Platform(platform) => platform.given(),
            Self::Hosted(_) => None,
        }
    }

    /// The list told just now that the project whose key it gives is awake: the next time the key is had without asking
    /// for the list once more.
    pub fn is_awake(&self) {
        if let Self::Hosted(management) = self {
            management.is_awake();
        }
    }

    /// A person gave another credential at a door.
    pub fn told(&self, door: Door, secret: &Secret) {
        if let Self::Platform(platform) = self {
            platform.told(door, secret);
        }
    }
}

/// A server that is asked for projects and keys: no redirects, no repeats, bounded answers.
#[derive(Clone, Debug)]
pub(super) struct Server {
    base: Url,
    ca: Option<Vec<u8>>,
    door: Door,
    /// As [`ApiError::known_by`].
    known_by: Option<&'static str>,
    http: OnceCell<reqwest::Client>,
}

/// One question to such a server.
pub(super) struct Question<'a> {
    /// What is asked for, in words that follow "cannot".
    pub asked: &'static str,
    /// Path and query behind the server's address.
    pub path: &'a str,
    /// How it proves who asks, and the `Authorization` header; none for an open server.
    pub authorization: Option<(Proof, Secret)>,
    /// Further headers.
    pub headers: &'a [(&'static str, &'static str)],
    /// What must not be seen in what the server says.
    pub secrets: Vec<Secret>,
}

impl Server {
    pub fn new(base: Url, ca: Option<Vec<u8>>, door: Door) -> Self {
        Self { base, ca, door, known_by: None, http: OnceCell::new() }
    }

    fn place(&self, route: Route, secrets: Vec<Secret>) -> Place {
        let host = place(&self.base);
        let (door, known_by) = (self.door, self.known_by);
        Place { route, door, host, secrets, unreadable: false, known_by }
    }

    /// Looks what answers at a path within `patience`, with the gateway's own header where there is a key for it, and
    /// tells of it; any status is an answer.
    pub async fn look(
        &self,
        (asked, path): (&'static str, &str),
        key: Option<&Secret>,
        patience: Duration,
        note: &Note,
    ) -> Result<Reply, ApiError> {
        let mut meta = Meta { door: Some(self.door), ..Meta::of(Route::Look) };
        meta.proof = if key.is_some() { Proof::Key } else { Proof::None };
        let secrets = key.into_iter().cloned().collect();
        let question = Question { asked, path, authorization: None, headers: &[], secrets };
        let value = key.and_then(|key| hidden(key.expose().trim(), "key").ok());
        let began = Instant::now();
        let reply = tokio::time::timeout(patience, self.reply(question, value, &mut meta)).await;
        let reply = reply.unwrap_or_else(|_| Err(silent(&self.place(Route::Look, Vec::new()), patience)));
        meta.took = began.elapsed();
        note(&meta, reply.as_ref().err());
        reply
    }

    /// Asks; any status is an answer here. What becomes of the request stands in `meta`.
    async fn reply(
        &self,
        question: Question<'_>,
        key: Option<HeaderValue>,
        meta: &mut Meta,
    ) -> Result<Reply, ApiError> {
        meta.origin = self.base.origin().ascii_serialization();
        meta.path = [self.base.path().trim_end_matches('/'), question.path].concat();
        if let Some((proof, _)) = &question.authorization {
            meta.proof = *proof;
        }
        (meta.status, meta.request_id) = (None, None);
        let place = self.place(meta.route, question.secrets.clone());
        let reply = self.exchange(question, key, &place).await?;
        meta.status = Some(reply.status.as_u16());
        meta.request_id = reply.request_id().map(|id| place.hide(id));
        Ok(reply)
    }

    async fn exchange(
        &self,
        question: Question<'_>,
        key: Option<HeaderValue>,
        place: &Place,
    ) -> Result<Reply, ApiError> {
        let Question { asked, path, authorization, headers, .. } = question;
        let named = |error: ApiError| ApiError { asked: Some(asked), raw: None, ..error };
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        let mut url = self.base.clone();
        url.set_path(&[self.base.path().trim_end_matches('/'), path].concat());
        url.set_query(query);
        let mut map = super::client::headers();
        for (name, value) in headers {
            map.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        if let Some(key) = key {
            map.insert(HeaderName::from_static("apikey"), key);
        }
        if let Some((_, text)) = authorization {
            let value =
                hidden(text.expose(), "credential").map_err(|said| named(place.unsent(Kind::NotSignedIn, said)))?;
            map.insert(header::AUTHORIZATION, value);
        }
        let client = self.http.get_or_try_init(|| http(self.base.clone(), self.ca.clone())).await;
        let client = client.map_err(|said| named(none(place, said)))?;
        let exchange = direct(place, &url, client.get(url.clone()).headers(map), LARGEST);
        let late = |_| Err(silent(place, DEADLINE));
        tokio::time::timeout(DEADLINE, exchange).await.unwrap_or_else(late).map_err(named)
    }

    /// Asks for a project's key, and tells of it.
    async fn ask_key(&self, question: Question<'_>, door: Option<Door>, note: &Note) -> Result<Reply, ApiError> {
        let mut meta = Meta { door, ..Meta::of(Route::ProjectKeys) };
        let began = Instant::now();
        let reply = self.ask(question, &mut meta).await;
        meta.took = began.elapsed();
        note(&meta, reply.as_ref().err());
        reply
    }

    /// Asks, and takes only a JSON answer for success. What becomes of the request stands in `meta`.
    async fn ask(&self, question: Question<'_>, meta: &mut Meta) -> Result<Reply, ApiError> {
        let (asked, place) = (question.asked, self.place(meta.route, question.secrets.clone()));
        let reply = self.reply(question, None, meta).await?;
        if !reply.status.is_success() {
            let error = refused(&place, meta, &reply);
            return Err(ApiError { asked: Some(asked), raw: None, ..error });
        }
        let said = match reply.opening() {
            Some(b'{' | b'[') if reply.compression().is_none() => return Ok(reply),
            Some(b'<') => "some other server answered, with a web page",
            _ => "it is not the answer that was asked for",
        };
        let status = Some(reply.status.as_u16());
        Err(ApiError { asked: Some(asked), status, ..place.error(Kind::BadAnswer, said) })
    }

    /// A project that is paused, by the server's word for it: it may be restored at any time.
    fn paused(&self, asked: &'static str, status: &str) -> NotGiven {
        let error = self.place(Route::ProjectKeys, Vec::new()).error(Kind::Paused, status);
        NotGiven::Failed(Box::new(ApiError { asked: Some(asked), ..error }))
    }

    /// An answer that cannot be used. None of its words are told: it may hold keys.
    fn unusable(&self, route: Route, asked: &'static str, what: &str) -> ApiError {
        ApiError { asked: Some(asked), ..self.place(route, Vec::new()).error(Kind::BadAnswer, what) }
    }
}

/// Nothing came within this time.
fn silent(place: &Place, patience: Duration) -> ApiError {
    place.error(Kind::Lost, format!("no whole answer within {} s", patience.as_secs()))
}

/// Whether an error says that the server does not offer this, or not with this credential.
fn refuses(error: &ApiError) -> bool {
    matches!(error.kind, Kind::NotSignedIn | Kind::NotAllowed | Kind::NoSuchRoute | Kind::NotFound)
        || matches!(error.status, Some(401 | 403 | 404 | 405 | 501))
        || (error.kind == Kind::BadAnswer && error.status.is_some_and(|status| status < 300))
}

/// A key, as the servers list them under one name or another.
#[derive(Deserialize)]
struct Key {
    name: Option<String>,
    tags: Option<String>,
    r#type: Option<String>,
    #[serde(rename = "api_key")]
    text: Option<String>,
}

impl Key {
    /// Whether it may do everything: by its own content, else by what it is called. Never a public one.
    fn is_service(&self) -> bool {
        let own = self.text.clone().map(Secret::new);
        let is = |text: &Option<String>, words: &[&str]| text.as_deref().is_some_and(|text| words.contains(&text));
        match own.as_ref().map(role) {
            Some(Role::Service) => true,
            Some(Role::Unknown) => {
                is(&self.tags, &["service_role"])
                    || is(&self.name, &["service_role", "service_role key"])
                    || is(&self.r#type, &["secret"])
            }
            _ => false,
        }
    }
}

/// The service key among keys; one that was refused already only where there is no other.
fn service_key(keys: Vec<serde_json::Value>, old: Option<&Secret>) -> Option<Secret> {
    let keys = keys.into_iter().filter_map(|key| serde_json::from_value::<Key>(key).ok());
    let usable =
        |key: &Secret| (8..=8_192).contains(&key.expose().len()) && key.expose().bytes().all(|b| b.is_ascii_graphic());
    let mut found: Vec<Secret> =
        keys.filter(Key::is_service).filter_map(|key| key.text.map(Secret::new)).filter(usable).collect();
    // JWTs are taken by every service; the newer kind only behind a gateway that exchanges it.
    found.sort_by_key(|key| (Some(key) == old, key.expose().starts_with("sb_secret_")));
    found.into_iter().next()
}

/// The service key as a credential, or why there is none.
fn given(keys: Vec<serde_json::Value>, old: Option<&Secret>, base: Url, whose: &str) -> Result<Given, NotGiven> {
    match service_key(keys, old) {
        Some(key) if Some(&key) == old => {
            Err(NotGiven::SignIn(format!("{whose} gives the same service key that was refused")))
        }
        Some(secret) => Ok(Given { secret, base: Some(base), ..Given::default() }),
        None => Err(NotGiven::NoDoor(format!("{whose} gives no service key for this project"))),
    }
}

/// Rows of projects in an answer, each written anew; `None` where it holds no list.
fn listed(reply: &Reply) -> Option<Vec<Row<Project>>> {
    let rows = rows::<Project>(&reply.body).ok()?.0;
    let anew = |row: Row<Project>| {
        let value = row.value.map_err(|_| "this row cannot be read".to_owned());
        let value = value.and_then(|project| {
            if is_reference(&project.reference) { Ok(project) } else { Err("its ref is no short id".to_owned()) }
        });
        let raw = value.as_ref().map_or_else(
            |_| "{}".to_owned(),
            |Project { reference, name, status, region }| {
                serde_json::json!({"ref": reference, "name": name, "status": status, "region": region}).to_string()
            },
        );
        Row { raw: raw.into(), value }
    };
    Some(rows.into_iter().map(anew).collect())
}

/// Takes a page of rows of any kind: those that are new, and those that cannot be read, unless nothing else is new, for
/// then it is an old page. Whether there were any.
fn push_new<T>(all: &mut Vec<Row<T>>, page: Vec<Row<T>>, id: impl Fn(&T) -> &str) -> bool {
    let before = all.len();
    let mut seen: HashSet<String> =
        all.iter().filter_map(|row| Some(id(row.value.as_ref().ok()?).to_owned())).collect();
    let (good, bad): (Vec<_>, Vec<_>) = page.into_iter().partition(|row| row.value.is_ok());
    all.extend(good.into_iter().filter(|row| row.value.as_ref().is_ok_and(|value| seen.insert(id(value).to_owned()))));
    if all.len() > before || before == 0 {
        all.extend(bad);
    }
    all.len() > before
}

/// Reads a thing that must be an object with fields of ours.
fn object<T: for<'de> Deserialize<'de>>(reply: &Reply) -> Option<T> {
    Some(reply).filter(|reply| reply.opening() == Some(b'{')).and_then(|reply| serde_json::from_slice(&reply.body).ok())
}

/// Whether a host's name means something only on its own machine, or inside a network of containers.
fn is_inner(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            name.ends_with(".localhost") || name.ends_with(".internal") || (!name.contains('.') && name != "localhost")
        }
        _ => false,
    }
}

/// An address as a server writes it: with a scheme or beside one; without the paths that are added to it.
fn written(text: &str, protocol: Option<&str>) -> Option<Url> {
    let text = text.trim();
    let text = if text.contains("://") { text.to_owned() } else { format!("{}://{text}", protocol?) };
    let mut url = Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())?;
    if !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    let path = url.path().trim_end_matches('/');
    let path = ["/rest/v1", "/auth/v1", "/storage/v1"].iter().find_map(|end| path.strip_suffix(end)).unwrap_or(path);
    let path = path.to_owned();
    url.set_path(&path);
    url.set_query(None);
    url.set_fragment(None);
    Some(url)
}
