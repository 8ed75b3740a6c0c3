//! What goes over the wire to the platform's own GoTrue: one request and its answer, within bounds, redirects never
//! followed.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use reqwest::header::{self, HeaderMap, HeaderName};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::OnceCell;
use url::Url;

use super::keep::Kept;
use crate::api::client::build::{client as http, hidden, none};
use crate::api::client::{direct, headers, refused, seconds};
use crate::api::error::{ApiError, Kind};
use crate::api::fault::Place;
use crate::api::meta::Meta;
use crate::api::model::Factor;
use crate::api::renew::Note;
use crate::api::reply::Reply;
use crate::api::route::{Door, Method, Route};
use crate::secret::Secret;
use crate::text::address::place;

/// The most bytes of an answer.
const LIMIT: usize = 1 << 20;
/// The longest token that is taken, in bytes.
const TOKEN: usize = 64 << 10;
/// The life of an access token where the server does not say it: GoTrue's default.
const LIFE: u64 = 3_600;
/// No life is longer: ten years, in seconds.
const LONGEST: u64 = 315_360_000;

/// Refusals that are about who signs in.
const PERSON: [&str; 8] = [
    "invalid_credentials",
    "invalid_grant",
    "email_not_confirmed",
    "user_banned",
    "captcha_failed",
    "mfa_verification_failed",
    "mfa_challenge_expired",
    "mfa_verification_rejected",
];

/// The server, and what every request to it needs.
pub(super) struct Wire {
    pub auth: Url,
    /// Told of each request.
    pub note: OnceLock<Box<Note>>,
    anon_key: Option<Secret>,
    ca: Option<Vec<u8>>,
    http: OnceCell<reqwest::Client>,
}

/// One request.
#[derive(Default)]
pub(super) struct Call<'a> {
    /// Behind the address, with its query.
    pub path: &'a str,
    pub bearer: Option<&'a Secret>,
    /// A JSON body; without one `post` decides between GET and an empty POST.
    pub body: Option<Value>,
    pub post: bool,
    /// What must not be seen when the server says it back.
    pub secret: Secret,
    pub within: Duration,
}

impl Wire {
    pub fn new(auth: Url, anon_key: Option<Secret>, ca: Option<Vec<u8>>) -> Self {
        let anon_key = anon_key.filter(|key| !key.expose().trim().is_empty());
        Self { auth, note: OnceLock::new(), anon_key, ca, http: OnceCell::new() }
    }

    pub fn host(&self) -> String {
        place(&self.auth)
    }

    /// An error of ours, before or after a request.
    pub fn error(&self, kind: Kind, said: impl Into<String>) -> ApiError {
        self.place(Vec::new()).error(kind, said)
    }

    fn place(&self, secrets: Vec<Secret>) -> Place {
        Place {
            route: Route::SignIn,
            door: Door::ControlPlane,
            host: self.host(),
            secrets,
            unreadable: false,
            known_by: None,
        }
    }

    /// Sends a request, once, reads its answer, and tells of it.
    pub async fn call(&self, call: Call<'_>) -> Result<Reply, ApiError> {
        let secrets = call.bearer.cloned().into_iter().chain([call.secret.clone()]);
        let place = self.place(secrets.filter(|secret| !secret.is_empty()).collect());
        let mut meta = Meta { door: Some(place.door), ..Meta::of(place.route) };
        let began = Instant::now();
        let answered = tokio::time::timeout(call.within, self.exchange(&place, &call, &mut meta)).await;
        let late = |_| Err(place.error(Kind::Lost, format!("no whole answer within {}", seconds(call.within))));
        let answered = answered.unwrap_or_else(late);
        if let Some(note) = self.note.get() {
            meta.took = began.elapsed();
            meta.status = meta.status.or(answered.as_ref().err().and_then(|error| error.status));
            note(&meta, answered.as_ref().err());
        }
        answered
    }

    async fn exchange(&self, place: &Place, call: &Call<'_>, meta: &mut Meta) -> Result<Reply, ApiError> {
        let headers = self.headers(call).map_err(|said| place.unsent(Kind::NotSignedIn, said))?;
        let base = self.auth.as_str().trim_end_matches('/');
        let url: Url = format!("{base}{}", call.path)
            .parse()
            .map_err(|_| place.unsent(Kind::Refused, "the address for signing in cannot be used"))?;
        let http = self
            .http
            .get_or_try_init(|| http(self.auth.clone(), self.ca.clone()))
            .await
            .map_err(|said| none(place, said))?;
        meta.method = if call.post { Method::Post } else { Method::Get }.name();
        meta.origin = url.origin().ascii_serialization();
        meta.path = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
        let request = if call.post { http.post(url.clone()) } else { http.get(url.clone()) }.headers(headers);
        let request = match &call.body {
            Some(body) => request.header(header::CONTENT_TYPE, "application/json").body(body.to_string()),
            None => request,
        };
        let reply = direct(place, &url, request, LIMIT).await?;
        meta.status = Some(reply.status.as_u16());
        meta.request_id = reply.request_id().map(|id| place.hide(id));
        if !reply.status.is_success() {
            let error = refused(place, meta, &reply);
            let person = error.code.as_deref().is_some_and(|code| PERSON.contains(&code));
            return Err(if person { ApiError { kind: Kind::NotSignedIn, ..error } } else { error });
        }
        if reply.compression().is_some() || reply.opening() == Some(b'<') {
            let said = "some other server answered: is this where one signs in?";
            return Err(ApiError { status: Some(reply.status.as_u16()), ..place.error(Kind::BadAnswer, said) });
        }
        Ok(reply)
    }

    fn headers(&self, call: &Call<'_>) -> Result<HeaderMap, String> {
        let mut headers = headers();
        if let Some(key) = &self.anon_key {
            headers.insert(HeaderName::from_static("apikey"), hidden(key.expose().trim(), "anon key")?);
        }
        if let Some(token) = call.bearer {
            if token.is_empty() {
                return Err("there is no platform token".into());
            }
            headers.insert(header::AUTHORIZATION, hidden(&format!("Bearer {}", token.expose()), "platform token")?);
        }
        Ok(headers)
    }

    /// Reads the pair of tokens in an answer, and the verified factors of the user in it, who was known as `known`.
    pub fn tokens(&self, reply: &Reply, known: &str) -> Result<(Kept, Vec<Factor>), ApiError> {
        #[derive(Deserialize)]
        struct Answer {
            access_token: String,
            refresh_token: String,
            #[serde(default)]
            expires_in: Value,
            #[serde(default)]
            user: Value,
        }
        let bad = |said: &str| ApiError { status: Some(reply.status.as_u16()), ..self.error(Kind::BadAnswer, said) };
        // What it says of the fault may repeat what was read.
        let answer: Answer = serde_json::from_slice(&reply.body).map_err(|_| bad("it holds no pair of tokens"))?;
        let token =
            |text: &str| !text.is_empty() && text.len() <= TOKEN && text.bytes().all(|byte| byte.is_ascii_graphic());
        if !token(&answer.access_token) || !token(&answer.refresh_token) {
            return Err(bad("its tokens are none"));
        }
        let lives = answer.expires_in.as_f64().map_or(LIFE, |seconds| seconds.max(0.0) as u64).min(LONGEST);
        let kept = Kept {
            access: Secret::new(answer.access_token),
            refresh: Secret::new(answer.refresh_token),
            received: Timestamp::now(),
            lives: Duration::from_secs(lives),
            who: who(&answer.user).unwrap_or_else(|| known.to_owned()),
        };
        Ok((kept, Factor::verified(&answer.user)))
    }
}

/// How people call a user: the email, else the phone, else the id.
pub(super) fn who(user: &Value) -> Option<String> {
    let text = |name: &str| user.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let text = text("email").or_else(|| text("phone")).or_else(|| text("id"))?;
    Some(text.chars().take(200).collect())
}
