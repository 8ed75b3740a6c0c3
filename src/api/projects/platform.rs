//! A control plane opened wide: it may list organisations and projects, and give a project's address and keys. None of
//! it is documented; where it refuses, the four documented routes are all there is.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::{
    Given, LIST, NotGiven, PAGE, PAGES, Question, Server, given, is_inner, listed, object, push_new, refuses, written,
};
use crate::api::credential;
use crate::api::error::{ApiError, Kind, SESSION};
use crate::api::meta::{Meta, Proof};
use crate::api::model::{Project, Read, Row, rows, sleeps};
use crate::api::renew::{Note, Renew, Renewal, unnoted};
use crate::api::route::{Door, Route};
use crate::secret::Secret;
use crate::text::address::{is_loopback, place};
use crate::text::reference::is_reference;

/// Where the cloud's control plane stands, and its projects below.
const CLOUD: (&str, &str) = ("app.powabase.ai", "p.powabase.ai");

/// The token of the control plane's door as it is now: all clones hold the same one.
#[derive(Clone, Debug, Default)]
pub struct TokenNow(Arc<Mutex<Now>>);

#[derive(Clone, Debug, Default)]
struct Now {
    token: Secret,
    /// A person gave it: no source has it.
    given: bool,
    /// Counts what persons gave and took away.
    by_hand: u64,
}

impl TokenNow {
    /// Begins with this token.
    pub fn new(first: Secret) -> Self {
        Self(Arc::new(Mutex::new(Now { token: first, ..Now::default() })))
    }

    /// Reads it.
    pub fn get(&self) -> Secret {
        self.now().token
    }

    fn now(&self) -> Now {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A source that was asked at `before` gave this, unless a person was quicker.
    fn renewed(&self, before: &Now, token: &Secret) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if now.by_hand == before.by_hand {
            *now = Now { token: token.clone(), given: false, ..*now };
        }
    }

    /// A person gave another token at the control plane's door, or took it away.
    fn told(&self, door: Door, token: &Secret) {
        if door == Door::ControlPlane {
            let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            *now = Now { token: token.clone(), given: !token.is_empty(), by_hand: now.by_hand + 1 };
        }
    }
}

/// A source of a door's credential whose last one others may read: what a control plane gives is asked for with the
/// token that its door has now.
#[derive(Clone, Debug)]
pub struct Watched {
    source: Arc<dyn Renew>,
    last: TokenNow,
}

impl Watched {
    /// Watches a source, and keeps its last credential here.
    pub fn new(source: Arc<dyn Renew>, last: TokenNow) -> Self {
        Self { source, last }
    }
}

impl Renew for Watched {
    fn renew<'a>(&'a self, old: Option<&'a Secret>, note: &'a Note) -> Renewal<'a> {
        Box::pin(async move {
            let before = self.last.now();
            let given = self.source.renew(old, note).await?;
            self.last.renewed(&before, &given.secret);
            Ok(given)
        })
    }

    fn signs_in(&self) -> bool {
        self.source.signs_in()
    }

    fn told(&self, door: Door, token: &Secret) {
        self.last.told(door, token);
    }
}

/// An organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Its address in paths.
    pub slug: String,
    /// Its name.
    pub name: String,
}

impl Read for Organization {
    fn read(raw: &str) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Wire {
            slug: String,
            name: Option<String>,
        }
        let Wire { slug, name } = serde_json::from_str(raw).map_err(|_| "it has no slug".to_owned())?;
        if is_reference(&slug) {
            Ok(Self { name: name.unwrap_or_else(|| slug.clone()), slug })
        } else {
            Err("its slug is none".into())
        }
    }
}

/// A control plane with a token.
#[derive(Clone)]
pub struct Platform {
    server: Server,
    token: TokenNow,
    /// Where the token comes from, where it can be had again.
    source: Option<Arc<dyn Renew>>,
}

impl fmt::Debug for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Platform").field("base", &self.server.base.as_str()).finish_non_exhaustive()
    }
}

impl Platform {
    /// The control plane at an address.
    pub fn new(base: Url, token: TokenNow, ca: Option<Vec<u8>>) -> Self {
        Self { server: Server::new(base, ca, Door::ControlPlane), token, source: None }
    }

    /// The same, with a source of the token that keeps its last one in the same place, as [`Watched`] does: it is asked
    /// where there is none, and once where it is refused.
    #[must_use]
    pub fn renewed_by(self, source: Arc<dyn Renew>) -> Self {
        let known_by = source.signs_in().then_some(SESSION);
        Self { server: Server { known_by, ..self.server }, source: Some(source), ..self }
    }

    /// The token as it is now, where a person gave it.
    pub fn given(&self) -> Option<Secret> {
        Some(self.token.now()).filter(|now| now.given).map(|now| now.token)
    }

    /// A person gave another token at the control plane's door.
    pub fn told(&self, door: Door, token: &Secret) {
        self.token.told(door, token);
    }

    /// All projects of the account.
    pub(super) async fn projects(&self, meta: &mut Meta) -> Result<Vec<Row<Project>>, ApiError> {
        let old = self.token.get();
        if old.expose().trim().is_empty() {
            self.renew(None).await?;
            return self.all(meta).await;
        }
        match self.all(meta).await {
            Err(error) if error.kind == Kind::NotSignedIn && self.source.is_some() => {
                self.renew(Some(&old)).await?;
                self.all(meta).await
            }
            listed => listed,
        }
    }

    async fn renew(&self, old: Option<&Secret>) -> Result<(), ApiError> {
        let Some(source) = &self.source else { return Ok(()) };
        match source.renew(old, &unnoted).await {
            Ok(_) => Ok(()),
            Err(NotGiven::Failed(error)) => Err(*error),
            Err(NotGiven::SignIn(said) | NotGiven::NoDoor(said)) => {
                let error = self.server.place(Route::ProjectsList, Vec::new()).unsent(Kind::NotSignedIn, said);
                Err(ApiError { asked: Some(LIST), ..error })
            }
        }
    }

    /// Listed at once, else by organisation.
    async fn all(&self, meta: &mut Meta) -> Result<Vec<Row<Project>>, ApiError> {
        match self.pages("/api/platform/projects", "sort=name_asc", meta).await {
            Err(error) if refuses(&error) && error.kind != Kind::NotSignedIn => {
                // What is told is the first refusal, should the other way be none.
                let Ok(organizations) = self.organizations().await else { return Err(error) };
                let mut all = Vec::new();
                for (at, row) in organizations.into_iter().enumerate() {
                    let why = match row.value {
                        Ok(organization) if at < PAGES => {
                            let path = format!("/api/platform/organizations/{}/projects", organization.slug);
                            match self.pages(&path, "sort=name_asc", meta).await {
                                Ok(page) => {
                                    push_new(&mut all, page, |project| &project.reference);
                                    continue;
                                }
                                // One that keeps its projects to itself spoils no other.
                                Err(error) if refuses(&error) => error.sentence(),
                                Err(error) => return Err(error),
                            }
                        }
                        Ok(_) => "there are too many organizations".into(),
                        Err(why) => why,
                    };
                    all.push(left_out(&why));
                }
                Ok(all)
            }
            other => other,
        }
    }

    /// The account's organisations.
    pub async fn organizations(&self) -> Result<Vec<Row<Organization>>, ApiError> {
        let asked = "list organizations";
        let mut meta = Meta::of(Route::ProjectsList);
        let reply = self.server.ask(self.question(asked, "/api/platform/organizations")?, &mut meta).await?;
        let none = |_| self.server.unusable(Route::ProjectsList, asked, "it holds no list");
        let (rows, _) = rows::<Organization>(&reply.body).map_err(none)?;
        let mut all = Vec::new();
        push_new(&mut all, rows, |organization| &organization.slug);
        Ok(all)
    }

    async fn pages(&self, path: &str, query: &str, meta: &mut Meta) -> Result<Vec<Row<Project>>, ApiError> {
        let mut all = Vec::new();
        for page in 0..=PAGES {
            if page == PAGES {
                all.push(left_out("there are too many pages"));
                break;
            }
            let path = format!("{path}?limit={PAGE}&offset={}&{query}", page * PAGE);
            let question = Question { headers: &[("version", "2")], ..self.question(LIST, &path)? };
            let reply = self.server.ask(question, meta).await?;
            let bare = reply.opening() == Some(b'[');
            let rows = listed(&reply)
                .ok_or_else(|| self.server.unusable(Route::ProjectsList, LIST, "it holds no list of projects"))?;
            // A bare list is a whole one; a short page is not always the last, for a server may cap it lower.
            let any = !rows.is_empty();
            if !push_new(&mut all, rows, |project| &project.reference) || !any || bare {
                break;
            }
            if total(&reply.body).is_some_and(|total| all.len() as u64 >= total) {
                break;
            }
        }
        Ok(all)
    }

    fn question<'a>(&self, asked: &'static str, path: &'a str) -> Result<Question<'a>, ApiError> {
        let token = self.token.get();
        let said = if token.expose().trim().is_empty() {
            Some("there is no platform token".into())
        } else {
            // How long a session lives its server tells.
            let expired = || credential::expired(&token, Timestamp::now()).filter(|_| self.server.known_by.is_none());
            let why = credential::misplaced(Door::ControlPlane, &token).or_else(|| expired().map(credential::ended));
            why.map(|why| format!("the platform token {why}"))
        };
        if let Some(said) = said {
            let error = self.server.place(Route::ProjectsList, Vec::new()).unsent(Kind::NotSignedIn, said);
            return Err(ApiError { asked: Some(asked), ..error });
        }
        let authorization = Some((Proof::Bearer, Secret::new(format!("Bearer {}", token.expose().trim()))));
        Ok(Question { asked, path, authorization, headers: &[], secrets: vec![token] })
    }
}

/// `pagination.count`.
fn total(body: &[u8]) -> Option<u64> {
    #[derive(Deserialize)]
    struct Paged {
        pagination: Option<Value>,
    }
    let paged: Paged = serde_json::from_slice(body).ok()?;
    paged.pagination?.get("count")?.as_u64()
}

/// Gives a project's address and service key by the control plane's detail of it.
#[derive(Clone, Debug)]
pub struct Detail {
    platform: Platform,
    reference: String,
}

#[derive(Deserialize)]
pub(super) struct Wire {
    status: Option<Value>,
    state: Option<Value>,
    #[serde(rename = "restUrl")]
    rest_url: Option<Value>,
    kong_url: Option<Value>,
    external_api_url: Option<Value>,
    app_config: Option<Value>,
    service_api_keys: Option<Vec<Value>>,
}

impl Detail {
    /// For a project of a control plane, by its ref.
    pub fn new(platform: Platform, reference: &str) -> Self {
        Self { platform, reference: reference.to_owned() }
    }

    async fn key(&self, old: Option<&Secret>, note: &Note) -> Result<Given, NotGiven> {
        let host = place(&self.platform.server.base);
        if !is_reference(&self.reference) {
            return Err(NotGiven::NoDoor("the ref is no project's short id".into()));
        }
        let asked = "read the project's address and keys";
        let path = format!("/api/platform/projects/{}", self.reference);
        let failed = |error| NotGiven::Failed(Box::new(error));
        // A session's token is had when it is first needed, which may be here.
        if self.platform.token.get().expose().trim().is_empty() {
            let had = self.platform.renew(None).await;
            had.map_err(|error| failed(ApiError { asked: Some(asked), ..error }))?;
        }
        let question = self.platform.question(asked, &path).map_err(failed)?;
        let stale = credential::expired(&self.platform.token.get(), Timestamp::now()).is_some();
        let reply = match self.platform.server.ask_key(question, Some(Door::ControlPlane), note).await {
            Ok(reply) => reply,
            // The token is had again at its own door: the same may then go well.
            Err(error) if error.kind == Kind::NotSignedIn && stale => return Err(failed(error)),
            Err(error) if refuses(&error) => {
                return Err(NotGiven::NoDoor(format!("{host} gives neither the project's address nor its keys")));
            }
            Err(error) => return Err(failed(error)),
        };
        let Some(wire) = object::<Wire>(&reply) else {
            return Err(NotGiven::NoDoor(format!("{host} gives neither the project's address nor its keys")));
        };
        let mut told = [&wire.status, &wire.state].into_iter().filter_map(|value| value.as_ref()?.as_str());
        if let Some(status) = told.find(|status| sleeps(status)) {
            return Err(self.platform.server.paused(asked, status));
        }
        let Some(base) = address(&wire, &self.platform.server.base, &self.reference) else {
            return Err(NotGiven::NoDoor(format!("{host} names no address of the project that can be used from here")));
        };
        given(wire.service_api_keys.unwrap_or_default(), old, base, &host)
    }
}

impl Renew for Detail {
    fn renew<'a>(&'a self, old: Option<&'a Secret>, note: &'a Note) -> Renewal<'a> {
        Box::pin(self.key(old, note))
    }

    fn told(&self, door: Door, secret: &Secret) {
        self.platform.told(door, secret);
    }
}

/// What stands in a list for what could not be listed.
fn left_out(why: &str) -> Row<Project> {
    Row { raw: "{}".into(), value: Err(why.to_owned()) }
}

/// The project's address: the first one named that can be reached from here without giving the key away.
pub(super) fn address(wire: &Wire, plane: &Url, reference: &str) -> Option<Url> {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let app = |name: &str| text(wire.app_config.as_ref().and_then(|config| config.get(name)));
    let protocol = app("protocol");
    let named = [
        app("endpoint"),
        text(wire.rest_url.as_ref()),
        text(wire.kong_url.as_ref()),
        app("external_api_url"),
        text(wire.external_api_url.as_ref()),
    ];
    let usable = |url: &Url| {
        let same = url.host() == plane.host();
        // This machine is meant only where the control plane is on it, and plain http only goes there.
        let near = same || (is_loopback(url) && is_loopback(plane));
        if is_loopback(url) || is_inner(url) || url.scheme() == "http" {
            return near && (url.scheme() == "https" || plane.scheme() == "http");
        }
        true
    };
    let own = || {
        let (plane_host, projects) = CLOUD;
        let cloud = plane.host_str() == Some(plane_host);
        Url::parse(&format!("https://{reference}.{projects}")).ok().filter(|_| cloud)
    };
    named.into_iter().flatten().filter_map(|text| written(&text, protocol.as_deref())).find(usable).or_else(own)
}
