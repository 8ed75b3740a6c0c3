//! What a control plane tells beyond its documented routes: who is signed in, and, opened wide, organizations, projects
//! with their addresses and keys, and how a paused one is woken. Refusals that nobody has recorded are in the demo's
//! own words.

use axum::http::header::HeaderMap;
use axum::http::request::Parts;
use axum::response::Response;
use serde_json::{Value, json};

use super::decoded;
use crate::demo::auth::{self, Role};
use crate::demo::errors::{self, JSON_UTF8};
use crate::demo::projects::{ORGANIZATIONS, Project, Status};
use crate::demo::query::Params;
use crate::demo::server::Site;

/// The most projects of a page.
const PAGE: usize = 100;
/// Seconds: how long a temporary key lives unless said, and at most.
const KEY_LIFE: i64 = 300;
const KEY_LIFE_MOST: i64 = 3_600;

enum Route<'a> {
    Profile,
    Organizations,
    /// Of one organization, or of all.
    Projects(Option<&'a str>),
    Detail(&'a str),
    Status(&'a str),
    Resume(&'a str),
    TemporaryKey(&'a str),
}

/// The answer to one of these paths, which begin behind `/api/platform/`; none for all others.
pub(super) fn answer(site: &Site, parts: &Parts, path: &str) -> Option<Response> {
    let parts_of: Vec<String> = path.split('/').map(decoded).collect::<Option<_>>()?;
    let parts_of: Vec<&str> = parts_of.iter().map(String::as_str).collect();
    let (route, allow) = match parts_of.as_slice() {
        ["profile"] => (Route::Profile, "GET"),
        _ if !site.main.options.wide => return None,
        ["organizations"] => (Route::Organizations, "GET"),
        ["organizations", slug, "projects"] => (Route::Projects(Some(slug)), "GET"),
        ["projects"] => (Route::Projects(None), "GET"),
        ["projects", reference] => (Route::Detail(reference), "GET"),
        ["projects", reference, "status"] => (Route::Status(reference), "GET"),
        ["projects", reference, "resume"] => (Route::Resume(reference), "POST"),
        ["projects", reference, "api-keys", "temporary"] => (Route::TemporaryKey(reference), "POST"),
        _ => return None,
    };
    Some(match auth::platform(site, &parts.headers) {
        Err(refused) => *refused,
        Ok(_) if parts.method.as_str() != allow => errors::method_not_allowed(parts.method.as_str(), allow),
        Ok(who) => match told(site, parts, &route, &who) {
            Ok(value) => errors::answer(200, JSON_UTF8, value.to_string()),
            Err((status, code, message)) => errors::platform(status, code, message),
        },
    })
}

/// Status, code, sentence.
type Refused = (u16, &'static str, &'static str);

const NO_PROJECT: Refused = (404, "not_found", "Project not found");

/// The answer of a paused project to whoever wants something of it.
pub(super) fn paused() -> Response {
    errors::platform(503, "project_paused", "Project is paused")
}

fn told(site: &Site, parts: &Parts, route: &Route<'_>, who: &str) -> Result<Value, Refused> {
    let project = |reference: &str| site.project(reference).ok_or(NO_PROJECT);
    let params = Params::of(&parts.uri);
    Ok(match route {
        Route::Profile => json!({"id": 1, "primary_email": who, "username": who.split('@').next()}),
        Route::Organizations => {
            ORGANIZATIONS.iter().map(|(id, name, slug)| json!({"id": id, "name": name, "slug": slug})).collect()
        }
        Route::Projects(None) if !paged(&parts.headers) => site.projects.iter().map(row).collect(),
        Route::Projects(None) => page(site.projects.iter().collect(), &params)?,
        Route::Projects(Some(slug)) => {
            let known = ORGANIZATIONS.iter().find(|(_, _, one)| one == slug);
            let (id, _, _) = known.ok_or((404, "not_found", "Organization not found"))?;
            page(site.projects.iter().filter(|project| project.plan.organization == *id).collect(), &params)?
        }
        Route::Detail(reference) => detail(project(reference)?),
        Route::Status(reference) => json!({"status": project(reference)?.ask_status().word()}),
        Route::Resume(reference) => {
            if !project(reference)?.resume() {
                return Err((400, "not_paused", "Project is not paused"));
            }
            json!({})
        }
        Route::TemporaryKey(reference) => json!({"api_key": temporary_key(project(reference)?, &params)?}),
    })
}

/// Whether the answer is asked for in the newer form.
fn paged(headers: &HeaderMap) -> bool {
    headers.get("version").is_some_and(|version| version == "2")
}

fn page(mut all: Vec<&Project>, params: &Params) -> Result<Value, Refused> {
    let number = |name: &str, default: usize| match params.get(name) {
        None | Some("") => Ok(default),
        Some(text) => text.parse().map_err(|_| (400, "invalid_request", "limit and offset must be numbers")),
    };
    let (limit, offset) = (number("limit", PAGE)?, number("offset", 0)?);
    if !(1..=PAGE).contains(&limit) {
        return Err((400, "invalid_request", "limit must be between 1 and 100"));
    }
    let search = params.get("search").unwrap_or("").to_lowercase();
    all.retain(|project| project.plan.name.to_lowercase().contains(&search) || project.reference.contains(&search));
    let statuses = params.get("statuses").unwrap_or("");
    all.retain(|project| statuses.is_empty() || statuses.split(',').any(|one| one == project.status().word()));
    match params.get("sort").unwrap_or("name_asc").rsplit_once('_') {
        Some(("created", _)) => all.sort_by_key(|project| project.plan.inserted_at),
        _ => all.sort_by_key(|project| project.plan.name),
    }
    if params.get("sort").is_some_and(|sort| sort.ends_with("_desc")) {
        all.reverse();
    }
    let count = all.len();
    let rows: Vec<Value> = all.into_iter().skip(offset).take(limit).map(row).collect();
    Ok(json!({"projects": rows, "pagination": {"count": count, "limit": limit, "offset": offset}}))
}

fn row(project: &Project) -> Value {
    json!({
        "id": project.plan.id,
        "ref": project.reference,
        "name": project.plan.name,
        "slug": project.reference,
        "organization_id": project.plan.organization,
        "cloud_provider": "local",
        "status": project.status().word(),
        "region": project.plan.region,
        "inserted_at": project.plan.inserted_at,
    })
}

/// With both keys in clear. The organization's number is text here.
fn detail(project: &Project) -> Value {
    let (address, options) = (project.address(), &project.demo.options);
    let is_paused = project.status() == Status::Paused;
    let more = json!({
        "organization_id": project.plan.organization.to_string(),
        "state": match project.status() {
            Status::Active => "active",
            Status::ComingUp => "resuming",
            Status::Paused => "paused",
        },
        "paused_at": is_paused.then_some("2026-10-05T00:00:00.000Z"),
        "pause_cause": is_paused.then_some("inactivity"),
        "connectionString": format!("encrypted-{}", project.reference),
        "restUrl": format!("{address}/rest/v1/"),
        "kong_url": address,
        "app_config": {"endpoint": project.endpoint(), "protocol": "http", "external_api_url": address},
        "db_host": "127.0.0.1",
        "db_port": 5432,
        "db_name": "postgres",
        "service_api_keys": [
            {"name": "anon key", "tags": "anon", "api_key": options.anon_key},
            {"name": "service_role key", "tags": "service_role", "api_key": options.service_key},
        ],
    });
    let mut all = row(project);
    if let (Some(all), Value::Object(more)) = (all.as_object_mut(), more) {
        all.extend(more);
    }
    all
}

fn temporary_key(project: &Project, params: &Params) -> Result<String, Refused> {
    let seconds = match params.get("authorization_exp") {
        None => Some(KEY_LIFE),
        Some(text) => text.parse().ok().filter(|seconds| (1..=KEY_LIFE_MOST).contains(seconds)),
    };
    let seconds = seconds.ok_or((400, "invalid_request", "authorization_exp must be between 1 and 3600"))?;
    let claims = params.get("claims").and_then(|text| serde_json::from_str::<Value>(text).ok());
    let role = match claims.as_ref().and_then(|claims| claims.get("role")).and_then(Value::as_str) {
        Some("service_role") => Role::Service,
        Some("anon") => Role::Anon,
        _ => return Err((400, "invalid_request", "claims must name a role")),
    };
    Ok(project.demo.lend_key(role, seconds))
}
