//! One request and its answer: redirects within the origin, and a body within its bounds.

use jiff::Timestamp;
use reqwest::header::{self, HeaderMap, HeaderValue};
use reqwest::{RequestBuilder, Response, StatusCode};
use url::Url;

use super::{Ask, Prepared};
use crate::api::error::{ApiError, Kind, Refusal, kind};
use crate::api::fault::{PROXY_ASKS, Place, root};
use crate::api::meta::Meta;
use crate::api::reply::{Broken, Reply};
use crate::api::route::{Method, Route, Size};

/// Redirects within one origin that a read follows.
pub(super) const REDIRECTS: usize = 3;

/// Sends a request and reads its answer; a read follows redirects within its origin.
pub(super) async fn exchange(prepared: &Prepared, ask: &Ask<'_>, limit: usize) -> Result<Reply, ApiError> {
    let Prepared { place, url, headers, http, .. } = prepared;
    let get = ask.route.spec().method_at(place.door) == Method::Get;
    let body = ask.body_at(place.door);
    let mut url = url.clone();
    for _ in 0..=REDIRECTS {
        let mut request = if get { http.get(url.clone()) } else { http.post(url.clone()) }.headers(headers.clone());
        if let Some(body) = body {
            request = request.header(header::CONTENT_TYPE, "application/json").body(body.clone());
        }
        let response = request.send().await.map_err(|cause| place.broken(&cause))?;
        match target(&url, response.status(), response.headers()) {
            Some(next) if get && next.origin() == url.origin() => url = next,
            _ => return answered(place, &url, response, limit).await,
        }
    }
    Err(place.error(Kind::Redirected, format!("{} sends us round in a circle", origin(&url))))
}

/// Sends a request and reads its answer; no redirect is followed.
pub(in crate::api) async fn direct(
    place: &Place,
    url: &Url,
    request: RequestBuilder,
    limit: usize,
) -> Result<Reply, ApiError> {
    let response = request.send().await.map_err(|cause| place.broken(&cause))?;
    answered(place, url, response, limit).await
}

async fn answered(place: &Place, url: &Url, response: Response, limit: usize) -> Result<Reply, ApiError> {
    match target(url, response.status(), response.headers()) {
        Some(to) => Err(redirected(place, url, &to, response.status())),
        None => receive(place, response, limit).await,
    }
}

/// What every request says of the answer that it wants: JSON, as it is.
pub(in crate::api) fn headers() -> HeaderMap {
    let all = [(header::ACCEPT, "application/json"), (header::ACCEPT_ENCODING, "identity")];
    all.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value))).collect()
}

/// Where a redirect leads.
pub(in crate::api) fn target(from: &Url, status: StatusCode, headers: &HeaderMap) -> Option<Url> {
    let to = headers.get(header::LOCATION).filter(|_| status.is_redirection())?;
    from.join(to.to_str().ok()?).ok()
}

/// A redirect that is not followed.
pub(in crate::api) fn redirected(place: &Place, from: &Url, to: &Url, status: StatusCode) -> ApiError {
    let said = if from.origin() == to.origin() {
        format!("{} sends us on to {}", origin(from), to.path())
    } else {
        format!("{} sends us on to {}", origin(from), origin(to))
    };
    ApiError { status: Some(status.as_u16()), ..place.error(Kind::Redirected, said) }
}

/// Scheme, host and port; the port is left out where it is the scheme's own.
pub(super) fn origin(url: &Url) -> String {
    let origin = url.origin();
    if origin.is_tuple() { origin.ascii_serialization() } else { "another kind of address".into() }
}

/// Reads an answer's body within its bounds.
pub(in crate::api) async fn receive(place: &Place, response: Response, limit: usize) -> Result<Reply, ApiError> {
    let status = response.status().as_u16();
    let error = match Reply::read(response, limit).await {
        Ok(reply) => return Ok(reply),
        Err(Broken::TooLarge(limit)) => {
            place.error(Kind::BadAnswer, format!("the answer is larger than {} MiB", limit >> 20))
        }
        // Half an answer to a change does not say whether the change was made, nor one to a token that serves once
        // whether that was used.
        Err(Broken::Cut(cause)) => {
            let once = place.route.spec().mutates || place.route == Route::SignIn;
            let kind = if once { Kind::Lost } else { Kind::BadAnswer };
            place.error(kind, format!("the answer broke off, {}", root(&cause)))
        }
    };
    Err(ApiError { status: Some(status), ..error })
}

/// An answer that is no success, as an error.
pub(in crate::api) fn refused(place: &Place, meta: &mut Meta, reply: &Reply) -> ApiError {
    // Hidden before it is read: what is cut short afterwards would keep a part.
    let raw = place.hide(reply.text());
    let code = reply.header("x-sb-error-code").map(|code| place.hide(code.to_owned()));
    let refusal = Refusal::read(reply.status.as_u16(), code.as_deref(), reply.asks_basic(), raw.as_bytes());
    let kind = kind(place.route, place.door, &refusal);
    meta.request_id = meta.request_id.take().or_else(|| refusal.id.clone());
    let mut said = match refusal.said.as_str() {
        _ if refusal.http == 407 => PROXY_ASKS.to_owned(),
        _ if refusal.http == 511 => "this network asks you to sign in, on any page in a browser".to_owned(),
        "" => reply.status.canonical_reason().unwrap_or("no reason given").to_owned(),
        said => said.to_owned(),
    };
    if kind == Kind::NotSignedIn && place.unreadable {
        said.push_str("; it cannot be read as a JWT");
    }
    ApiError {
        status: Some(refusal.status),
        field: refusal.field().filter(|_| place.route == Route::UserCreate),
        code: refusal.code,
        retry_after: reply.retry_after(Timestamp::now()),
        raw: Some(raw),
        unsent: kind == Kind::Unreachable,
        ..place.error(kind, said)
    }
}

/// The most bytes of an answer.
pub(in crate::api) fn limit(size: Size) -> usize {
    match size {
        Size::Single | Size::Upload => 8 << 20,
        Size::List => 64 << 20,
    }
}
