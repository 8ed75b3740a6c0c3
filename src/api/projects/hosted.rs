//! The management API of hosted projects: a personal access token lists projects and gives a project's keys.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use url::Url;

use super::{Given, LIST, NotGiven, Question, Server, given, listed, push_new, refuses};
use crate::api::error::{ApiError, Kind};
use crate::api::meta::{Meta, Proof};
use crate::api::model::{Project, Row};
use crate::api::renew::{Note, Renew, Renewal};
use crate::api::route::{Door, Route};
use crate::secret::Secret;
use crate::text::address::is_loopback;
use crate::text::reference::is_reference;

/// The management API with a token.
#[derive(Clone, Debug)]
pub struct Management {
    server: Server,
    token: Secret,
    /// The project whose key is given.
    reference: String,
    /// Whether that is known to be awake, for one time.
    awake: Arc<AtomicBool>,
}

impl Management {
    /// For a project by its ref, which may be empty where projects are only listed.
    pub fn new(api: Url, token: Secret, reference: &str, ca: Option<Vec<u8>>) -> Self {
        let known_by = Some("access token");
        let server = Server { known_by, ..Server::new(api, ca, Door::ControlPlane) };
        Self { server, token, reference: reference.to_owned(), awake: Arc::default() }
    }

    /// The project's address: on this machine the API's own, else the one that all hosted projects have.
    pub fn base(&self) -> Option<Url> {
        base(&self.server.base, &self.reference)
    }

    /// All projects of the token.
    pub(super) async fn list(&self, meta: &mut Meta) -> Result<Vec<Row<Project>>, ApiError> {
        let reply = self.server.ask(self.question(LIST, "/v1/projects"), meta).await?;
        let rows = listed(&reply)
            .ok_or_else(|| self.server.unusable(Route::ProjectsList, LIST, "it holds no list of projects"))?;
        let mut all = Vec::new();
        push_new(&mut all, rows, |project| &project.reference);
        Ok(all)
    }

    fn question<'a>(&self, asked: &'static str, path: &'a str) -> Question<'a> {
        Question {
            asked,
            path,
            authorization: Some((Proof::Personal, Secret::new(format!("Bearer {}", self.token.expose().trim())))),
            headers: &[],
            secrets: vec![self.token.clone()],
        }
    }

    /// See [`super::Lister::is_awake`].
    pub fn is_awake(&self) {
        self.awake.store(true, Ordering::Relaxed);
    }

    /// The project, where it sleeps: that stands in the list, while its keys are given all the same.
    async fn paused(&self, note: &Note) -> Option<Project> {
        if self.awake.swap(false, Ordering::Relaxed) {
            return None;
        }
        let (mut meta, began) = (Meta::of(Route::ProjectsList), Instant::now());
        let listed = self.list(&mut meta).await;
        meta.took = began.elapsed();
        note(&meta, listed.as_ref().err());
        let own = |row: Row<Project>| row.value.ok().filter(|project| project.reference == self.reference);
        listed.ok()?.into_iter().find_map(own).filter(Project::is_paused)
    }

    async fn key(&self, old: Option<&Secret>, note: &Note) -> Result<Given, NotGiven> {
        if self.token.expose().trim().is_empty() {
            return Err(NotGiven::SignIn("there is no access token".into()));
        }
        let Some(base) = self.base().filter(|_| is_reference(&self.reference)) else {
            return Err(NotGiven::NoDoor("the ref is no project's short id".into()));
        };
        let asked = "read the project's keys";
        let path = format!("/v1/projects/{}/api-keys?reveal=true", self.reference);
        let (keys, paused) =
            tokio::join!(self.server.ask_key(self.question(asked, &path), None, note), self.paused(note));
        if let Some(project) = paused {
            return Err(self.server.paused(asked, &project.status));
        }
        let reply = match keys {
            Ok(reply) => reply,
            Err(error) if error.kind == Kind::NotSignedIn => {
                return Err(NotGiven::SignIn(format!("{} refuses the access token", error.host)));
            }
            Err(error) if error.kind == Kind::NotAllowed => {
                return Err(NotGiven::SignIn("this access token may not read the project's keys".into()));
            }
            Err(error) if error.status == Some(404) => {
                return Err(NotGiven::Failed(Box::new(ApiError { kind: Kind::NotFound, ..error })));
            }
            Err(error) if refuses(&error) && error.status.is_some_and(|status| status >= 300) => {
                return Err(NotGiven::NoDoor(format!("{} gives no keys", error.host)));
            }
            Err(error) => return Err(NotGiven::Failed(Box::new(error))),
        };
        let none = |_| self.server.unusable(Route::ProjectKeys, asked, "it holds no list of keys");
        let keys = serde_json::from_slice(&reply.body).map_err(|fault| NotGiven::Failed(Box::new(none(fault))))?;
        given(keys, old, base, "the management API")
    }
}

impl Renew for Management {
    fn renew<'a>(&'a self, old: Option<&'a Secret>, note: &'a Note) -> Renewal<'a> {
        Box::pin(self.key(old, note))
    }
}

fn base(api: &Url, reference: &str) -> Option<Url> {
    if is_loopback(api) {
        let mut own = api.clone();
        own.set_path("");
        return Some(own);
    }
    Url::parse(&format!("https://{reference}.supabase.co")).ok()
}
