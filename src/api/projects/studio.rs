//! The settings of a self-hosted console: the project's address and service key in the clear, for whoever passes its
//! HTTP basic. Asked only where the operator agreed.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::{DEADLINE, Given, NotGiven, Question, Server, given, is_inner, object, refuses, written};
use crate::api::error::{ApiError, Kind};
use crate::api::meta::Proof;
use crate::api::renew::{Note, Renew, Renewal, unnoted};
use crate::api::reply::Reply;
use crate::api::route::Door;
use crate::secret::Secret;
use crate::text::address::{is_loopback, place};
use crate::text::reference::is_reference;

/// Gives the project's address and service key by the console's settings.
#[derive(Clone, Debug)]
pub struct StudioSettings {
    server: Server,
    reference: String,
    basic: Option<(String, Secret)>,
    allow_http: bool,
}

#[derive(Deserialize)]
struct Wire {
    app_config: Option<Value>,
    service_api_keys: Option<Vec<Value>>,
}

impl StudioSettings {
    /// For a console as its door is configured; `allow_http` lets a key go over plain http to another machine.
    pub fn new(
        base: Url,
        reference: &str,
        basic: Option<(String, Secret)>,
        allow_http: bool,
        ca: Option<Vec<u8>>,
    ) -> Self {
        Self { server: Server::new(base, ca, Door::Studio), reference: reference.to_owned(), basic, allow_http }
    }

    async fn key(&self, old: Option<&Secret>, note: &Note) -> Result<Given, NotGiven> {
        let typed = &self.server.base;
        let host = place(typed);
        if !self.safe(typed) {
            return Err(NotGiven::NoDoor(format!("plain http to {host} would show the service key to the network")));
        }
        let reference = Some(self.reference.as_str()).filter(|text| is_reference(text)).unwrap_or("default");
        let path = format!("/api/platform/projects/{reference}/settings");
        let mut secrets = Vec::new();
        let mut authorization = None;
        if let Some((user, password)) = &self.basic {
            let pair = STANDARD.encode(format!("{user}:{}", password.expose().trim()));
            authorization = Some((Proof::Basic, Secret::new(format!("Basic {pair}"))));
            secrets.extend([password.clone(), Secret::new(pair)]);
        }
        let asked = "read the project's settings";
        let question = Question { asked, path: &path, authorization, headers: &[], secrets };
        let reply = match self.server.ask_key(question, Some(Door::Studio), note).await {
            Ok(reply) => reply,
            Err(error) if error.kind == Kind::NotSignedIn => {
                return Err(NotGiven::SignIn(format!("{host} refuses the name or the password")));
            }
            Err(error) if refuses(&error) => {
                return Err(NotGiven::NoDoor(format!("{host} gives no settings of the project")));
            }
            Err(error) => return Err(NotGiven::Failed(Box::new(error))),
        };
        let Some(wire) = object::<Wire>(&reply) else {
            return Err(NotGiven::NoDoor(format!("{host} gives no settings of the project")));
        };
        let keys = wire.service_api_keys.unwrap_or_default();
        let base = if self.has_services().await.map_err(|error| NotGiven::Failed(Box::new(error)))? {
            typed.clone()
        } else {
            let named = wire.app_config.as_ref().and_then(|config| named(config, typed));
            named.ok_or_else(|| NotGiven::NoDoor(format!("{host} names no address of the project")))?
        };
        if !self.safe(&base) {
            let host = place(&base);
            return Err(NotGiven::NoDoor(format!("plain http to {host} would show the service key to the network")));
        }
        given(keys, old, base, &host)
    }

    /// Whether the services stand at the console's own address: asked without any credential.
    async fn has_services(&self) -> Result<bool, ApiError> {
        let asked = ("look for the project's services", "/auth/v1/health");
        match self.server.look(asked, None, DEADLINE, &unnoted).await {
            Ok(reply) => Ok(serves(&reply)),
            Err(error) if error.kind == Kind::Redirected => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn safe(&self, url: &Url) -> bool {
        url.scheme() == "https" || is_loopback(url) || self.allow_http
    }
}

impl Renew for StudioSettings {
    fn renew<'a>(&'a self, old: Option<&'a Secret>, note: &'a Note) -> Renewal<'a> {
        Box::pin(self.key(old, note))
    }
}

/// Whether a gateway or GoTrue answered: in JSON, and not with the console's own challenge.
fn serves(reply: &Reply) -> bool {
    matches!(reply.status.as_u16(), 200 | 401 | 403) && reply.opening() == Some(b'{') && !reply.asks_basic()
}

/// The address in the settings, with the typed host where the one in it means nothing from here.
fn named(config: &Value, typed: &Url) -> Option<Url> {
    let text = |name: &str| config.get(name).and_then(Value::as_str);
    let mut url = written(text("endpoint")?, text("protocol").or(Some("http")))?;
    let elsewhere = is_inner(&url) || (is_loopback(&url) && !is_loopback(typed));
    if elsewhere || url.host_str() == Some("0.0.0.0") {
        url.set_host(typed.host_str()).ok()?;
    }
    Some(url)
}
