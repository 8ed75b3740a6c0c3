//! The management API of a hosted platform under `/v1`: which projects there are and what their keys are, for whoever
//! has a personal access token.

use axum::http::Method;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::response::Response;
use serde_json::{Value, json};

use super::decoded;
use crate::demo::errors::{self, JSON_UTF8};
use crate::demo::projects::{ORGANIZATIONS, Project};
use crate::demo::query::Params;
use crate::demo::server::Site;

/// The answer to a path, which begins behind `/v1/`.
pub(super) fn answer(site: &Site, token: &str, parts: &Parts, path: &str) -> Response {
    let given = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or("");
    if given.strip_prefix("Bearer ") != Some(token) {
        return refused(401, "Unauthorized");
    }
    let Some(path) = path.split('/').map(decoded).collect::<Option<Vec<String>>>() else {
        return refused(404, "Not Found");
    };
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let value: Value = match (path.as_slice(), &parts.method) {
        (["projects"], &Method::GET) => site.projects.iter().map(row).collect(),
        (["projects", reference, "api-keys"], &Method::GET) => {
            let Some(project) = site.project(reference) else { return refused(404, "Project not found") };
            keys(project, Params::of(&parts.uri).get("reveal") == Some("true"))
        }
        (["projects"] | ["projects", _, "api-keys"], _) => return refused(405, "Method Not Allowed"),
        _ => return refused(404, "Not Found"),
    };
    errors::answer(200, JSON_UTF8, value.to_string())
}

fn refused(status: u16, message: &str) -> Response {
    errors::answer(status, JSON_UTF8, json!({"message": message}).to_string())
}

/// Its id is the reference.
fn row(project: &Project) -> Value {
    let slug = ORGANIZATIONS.iter().find(|(id, _, _)| *id == project.plan.organization).map(|(_, _, slug)| slug);
    json!({
        "id": project.reference,
        "organization_id": slug,
        "name": project.plan.name,
        "region": project.plan.region,
        "status": project.status().word(),
        "created_at": project.plan.inserted_at,
        "database": {"host": format!("db.{}.localhost", project.reference), "version": "15.8"},
    })
}

/// The older keys, which are JWTs, and the newer ones; of a secret one only its beginning unless it is to be revealed.
fn keys(project: &Project, reveal: bool) -> Value {
    let demo = &project.demo;
    let beginning = |key: &str| format!("{}··········", key.get(..16).unwrap_or_default());
    let secret = if reveal { demo.secret_key.clone() } else { beginning(&demo.secret_key) };
    let one = |name: &str, kind: &str, key: &str| json!({"name": name, "id": name, "type": kind, "api_key": key});
    json!([
        one("anon", "legacy", &demo.options.anon_key),
        one("service_role", "legacy", &demo.options.service_key),
        one("default", "publishable", &demo.publishable_key),
        one("default", "secret", &secret),
    ])
}
