//! Which request is whose: the control plane's paths and the management API's, then the gateways', by feature, then
//! those of Studio.

mod buckets;
mod management;
mod objects;
mod sign_in;
mod sql;
mod studio;
mod upload;
mod users;
mod wide;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{Method, request::Parts};
use axum::response::Response;
use percent_encoding::percent_decode_str;

use super::auth::{self, Role};
use super::projects::{Project, Status};
use super::server::{Demo, SharedBody, Site};
use super::{Kind, errors};

/// The version that Storage says it has.
const STORAGE_VERSION: &str = "v1.70.6";
const GOTRUE_HEALTH: &str =
    r#"{"version":"v2.196.0","name":"GoTrue","description":"GoTrue is a user registration and authentication API"}"#;
const GOTRUE_SETTINGS: &str = concat!(
    r#"{"external":{"anonymous_users":true,"apple":false,"azure":false,"bitbucket":false,"discord":false,"#,
    r#""facebook":false,"snapchat":false,"figma":false,"fly":false,"github":false,"gitlab":false,"#,
    r#""google":false,"keycloak":false,"kakao":false,"linkedin":false,"linkedin_oidc":false,"notion":false,"#,
    r#""spotify":false,"slack":false,"slack_oidc":false,"workos":false,"twitch":false,"twitter":false,"#,
    r#""email":true,"phone":true,"zoom":false},"disable_signup":false,"mailer_autoconfirm":false,"#,
    r#""phone_autoconfirm":false,"sms_provider":"twilio","saml_enabled":false,"#,
    r#""saml_private_key_next_configured":true,"passkeys_enabled":false}"#,
);
/// What a project's own service says of itself.
const PROJECT_HEALTH: &str = r#"{"status":"healthy","service":"project-service"}"#;

/// The answer to any request.
pub(super) async fn answer(site: &Site, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let demo = &site.main;
    match (&demo.options.kind, path.strip_prefix("/api/platform/")) {
        (Kind::ControlPlane, Some(inner)) => return platform(site, &parts, body, inner).await,
        (Kind::PageServer, inner) => return studio::hosted(demo, inner.is_some(), body),
        _ => {}
    }
    if let Some((token, rest)) = demo.options.management.as_deref().zip(path.strip_prefix("/v1/")) {
        return management::answer(site, token, &parts, rest);
    }
    let signs_in = inner(&path, "/auth/v1").filter(|inner| site.sessions().is_some() && sign_in::is_own(inner));
    // The management API tells of no address but this one: each key that it gives leads to its own project here.
    let managed = demo.options.management.is_some() && is_service(&path);
    let of_key = || auth::owner(site, &parts.headers).filter(|_| managed && signs_in.is_none());
    if let Some((project, path)) = own_address(site, &path).or_else(|| Some((of_key()?, path.as_str()))) {
        return match project.status() {
            Status::Active => services(&project.demo, &parts, body, path).await,
            Status::ComingUp | Status::Paused => errors::gateway(540, "Project paused"),
        };
    }
    if let Some(inner) = signs_in {
        return sign_in::answer(site, &parts, body, inner).await;
    }
    match &demo.options.kind {
        Kind::SelfHosted(studio) if !is_service(&path) => studio::answer(demo, studio, &parts, body).await,
        _ => services(demo, &parts, body, &path).await,
    }
}

/// A project with an address of its own, `/p/{ref}`, and the path behind that.
fn own_address<'a>(site: &'a Site, path: &'a str) -> Option<(&'a Project, &'a str)> {
    let rest = path.strip_prefix("/p/")?;
    let at = rest.find('/')?;
    let (reference, path) = rest.split_at_checked(at)?;
    // One project alone has no need of it.
    site.project(reference).filter(|_| site.projects.len() > 1).map(|project| (project, path))
}

/// Whether a path belongs to one of a project's services.
fn is_service(path: &str) -> bool {
    path == "/api/health" || inner(path, "/auth/v1").is_some() || inner(path, "/storage/v1").is_some()
}

/// A project's services behind its gateway.
async fn services(demo: &Arc<Demo>, parts: &Parts, body: Body, path: &str) -> Response {
    if path == "/api/health" && parts.method == Method::GET {
        return errors::answer(200, "application/json", PROJECT_HEALTH);
    }
    if let Some(inner) = inner(path, "/auth/v1") {
        return match auth::gateway(demo, &parts.headers) {
            Ok(()) => gotrue(demo, parts, body, inner).await,
            Err(refused) => *refused,
        };
    }
    if let Some(inner) = inner(path, "/storage/v1") {
        let open = inner.starts_with("/object/public/") || matches!(inner, "/status" | "/version");
        return match auth::gateway(demo, &parts.headers) {
            Err(refused) if !open => *refused,
            _ => storage(demo, parts, body, inner).await,
        };
    }
    errors::no_route()
}

/// The path as the service behind the gateway sees it.
fn inner<'a>(path: &'a str, prefix: &str) -> Option<&'a str> {
    path.strip_prefix(prefix).filter(|inner| inner.starts_with('/'))
}

async fn platform(site: &Site, parts: &Parts, body: Body, path: &str) -> Response {
    if let Some(response) = wide::answer(site, parts, path) {
        site.main.leave_unread(SharedBody::new(body));
        return response;
    }
    let (service, rest) = path.split_once('/').unwrap_or((path, ""));
    let method = &parts.method;
    let (reference, rest) = rest.split_once('/').unwrap_or((rest, ""));
    let object = rest.strip_prefix("object/").and_then(|path| path.split_once('/'));
    let allow = match (service, rest, object) {
        ("auth", "users", _) => "GET,POST",
        ("storage", "buckets", _) => "GET",
        ("storage", _, Some(_)) => "POST",
        // Whoever is not signed in learns nothing of what is there.
        _ => return auth::platform(site, &parts.headers).err().map_or_else(errors::no_route, |refused| *refused),
    };
    if let Err(refused) = auth::platform(site, &parts.headers) {
        site.main.leave_unread(SharedBody::new(body));
        return *refused;
    }
    let Some(project) = site.project(reference) else {
        return errors::platform(404, "not_found", "Project not found");
    };
    let demo = &project.demo;
    if !allow.split(',').any(|one| one == method.as_str()) {
        return errors::method_not_allowed(method.as_str(), allow);
    }
    if project.status() != Status::Active {
        site.main.leave_unread(SharedBody::new(body));
        return wide::paused();
    }
    match (service, object) {
        ("auth", _) if method == Method::GET => users::list(demo, parts).await,
        ("auth", _) => users::create(demo, parts, body).await,
        (_, Some((bucket, key))) => {
            let Some((bucket, key)) = decoded(bucket).zip(decoded(key)) else {
                return errors::bad_url(&format!("/object/{bucket}/{key}"));
            };
            upload::receive(demo, parts, body, Role::Service, &bucket, &key).await
        }
        _ => buckets::list(demo, parts, Role::Service),
    }
}

async fn gotrue(demo: &Arc<Demo>, parts: &Parts, body: Body, inner: &str) -> Response {
    let method = &parts.method;
    let one = inner.strip_prefix("/admin/users/").filter(|id| !id.is_empty() && !id.contains('/'));
    let open = match inner {
        "/health" => Some(GOTRUE_HEALTH),
        "/settings" => Some(GOTRUE_SETTINGS),
        _ => None,
    };
    let known = open.is_some() || inner == "/admin/users" || one.is_some();
    if !known {
        return errors::gotrue_no_route();
    }
    let posts = inner == "/admin/users" && method == Method::POST;
    if method != Method::GET && !posts {
        return errors::gotrue_no_method();
    }
    if let Some(body) = open {
        return errors::gotrue(200, body);
    }
    if let Err(refused) = auth::gotrue(demo, &parts.headers) {
        return refused.respond(&parts.headers);
    }
    match one {
        Some(id) => users::single(demo, parts, id),
        None if posts => users::create(demo, parts, body).await,
        None => users::list(demo, parts).await,
    }
}

async fn storage(demo: &Arc<Demo>, parts: &Parts, body: Body, inner: &str) -> Response {
    let method = &parts.method;
    // The server looks at the escapes before it looks for the route.
    if !escapes_are_whole(inner) {
        return errors::bad_url(inner);
    }
    let reads = method == Method::GET || method == Method::HEAD;
    let found = match inner {
        "/status" if reads => return errors::answer(200, "", Body::empty()),
        "/version" if reads => return errors::answer(200, "text/plain; charset=utf-8", STORAGE_VERSION),
        "/bucket" | "/bucket/" if reads => Some(Route::Buckets),
        _ => Route::of(inner, method),
    };
    let Some(route) = found else {
        let path = parts.uri.query().map_or_else(|| inner.to_owned(), |query| format!("{inner}?{query}"));
        return errors::storage_no_route(method.as_str(), &path);
    };
    if let Route::Public(bucket, key) = &route {
        return objects::read(demo, parts, None, bucket, key).await;
    }
    let role = match auth::storage(demo, &parts.headers) {
        Ok(role) => role,
        Err(refused) => {
            demo.leave_unread(SharedBody::new(body));
            return *refused;
        }
    };
    match route {
        Route::Buckets => buckets::list(demo, parts, role),
        Route::Bucket(id) => buckets::single(demo, role, &id),
        Route::List(bucket) => objects::list(demo, body, role, &bucket).await,
        Route::ListExact(bucket) => objects::list_exact(demo, body, role, &bucket).await,
        Route::Info(bucket, key) => objects::info(demo, role, &bucket, &key),
        Route::Public(bucket, key) => objects::read(demo, parts, None, &bucket, &key).await,
        Route::Read(bucket, key) => objects::read(demo, parts, Some(role), &bucket, &key).await,
        Route::Upload(bucket, key) => upload::receive(demo, parts, body, role, &bucket, &key).await,
    }
}

/// What is asked of Storage, with the names decoded.
enum Route {
    Buckets,
    Bucket(String),
    List(String),
    ListExact(String),
    Info(String, String),
    Public(String, String),
    Read(String, String),
    Upload(String, String),
}

impl Route {
    fn of(inner: &str, method: &Method) -> Option<Self> {
        let reads = method == Method::GET || method == Method::HEAD;
        if let Some(id) = inner.strip_prefix("/bucket/") {
            return (reads && !id.is_empty() && !id.contains('/')).then(|| decoded(id)).flatten().map(Self::Bucket);
        }
        let path = inner.strip_prefix("/object/")?;
        if method == Method::POST {
            if let Some(bucket) = path.strip_prefix("list/").filter(|bucket| !bucket.contains('/')) {
                return decoded(bucket).map(Self::List);
            }
            if let Some(bucket) = path.strip_prefix("list-v2/").filter(|bucket| !bucket.contains('/')) {
                return decoded(bucket).map(Self::ListExact);
            }
            return object(path).map(|(bucket, key)| Self::Upload(bucket, key));
        }
        if !reads {
            return None;
        }
        let of = |prefix: &str| path.strip_prefix(prefix).and_then(object);
        if let Some((bucket, key)) = of("info/authenticated/").or_else(|| of("info/")) {
            return Some(Self::Info(bucket, key));
        }
        if let Some((bucket, key)) = of("public/") {
            return Some(Self::Public(bucket, key));
        }
        of("authenticated/").or_else(|| object(path)).map(|(bucket, key)| Self::Read(bucket, key))
    }
}

/// Bucket and key of a path; the first slash is the border.
fn object(path: &str) -> Option<(String, String)> {
    let (bucket, key) = path.split_once('/')?;
    let (bucket, key) = decoded(bucket).zip(decoded(key))?;
    (!bucket.is_empty() && !key.is_empty()).then_some((bucket, key))
}

/// A part of a path, decoded once; none where that gives no text.
fn decoded(part: &str) -> Option<String> {
    if !escapes_are_whole(part) {
        return None;
    }
    percent_decode_str(part).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

fn escapes_are_whole(path: &str) -> bool {
    path.split('%').skip(1).all(|part| {
        let digits = part.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    }) && percent_decode_str(path).decode_utf8().is_ok()
}
