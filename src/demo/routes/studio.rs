//! Studio, the web console of a self-hosted stack: its routes under `/api/platform`, behind HTTP basic where the gateway
//! asks for it. It knows neither codes nor users of its own, only sentences: whoever passes the gateway may do all.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::header::{self, AUTHORIZATION, HeaderMap, HeaderValue};
use axum::http::{Method, request::Parts};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use serde_json::{Map, Value, json};

use super::{buckets, decoded, objects, sql, users};
use crate::demo::auth::Role;
use crate::demo::errors::{self, JSON_UTF8, Refusal};
use crate::demo::people::{Row, View};
use crate::demo::query::Params;
use crate::demo::seed::hex;
use crate::demo::server::{Demo, SharedBody};
use crate::demo::{SELF_HOSTED_REFERENCE, Studio};

/// The most bytes of a body.
const BODY_BYTES: usize = 1024 * 1024;
const PAGE: &str = "<!DOCTYPE html><html><head><title>404: This page could not be found</title></head>\
                    <body><h1>404</h1><h2>This page could not be found.</h2></body></html>";
const PAGE_CACHE: &str = "private, no-cache, no-store, max-age=0, must-revalidate";
/// What stands where Studio was not given the real one.
const JWT_SECRET: &str = "no-jwt-secret-was-given-to-the-demo";
const SINCE: &str = "2021-08-02T06:40:40.646Z";

/// What is asked for. The reference in the path is not looked at.
enum Route {
    Constant(Value),
    Settings,
    TemporaryKey,
    ProjectKeys,
    Users,
    Buckets,
    Bucket(String),
    List(String),
    ListExact(String),
    Query,
}

/// The answer to any request that is none of the services'.
pub(super) async fn answer(demo: &Arc<Demo>, studio: &Studio, parts: &Parts, body: Body) -> Response {
    if let Some(refused) = studio.basic.as_ref().and_then(|basic| refused(basic, &parts.headers)) {
        demo.leave_unread(SharedBody::new(body));
        return refused;
    }
    let path = parts.uri.path();
    if let Some(shorter) = path.strip_suffix('/').filter(|shorter| !shorter.is_empty()) {
        demo.leave_unread(SharedBody::new(body));
        return moved(shorter, parts.uri.query());
    }
    let Some((route, methods)) = route(path, demo, studio) else {
        demo.leave_unread(SharedBody::new(body));
        return no_page();
    };
    if !methods.contains(&parts.method.as_str()) {
        demo.leave_unread(SharedBody::new(body));
        return no_method(&parts.method, methods);
    }
    let done = match (route, parts.method.as_str()) {
        (Route::Constant(value), _) => Ok(value),
        (Route::Settings, _) => Ok(settings(demo, studio)),
        (Route::TemporaryKey, _) => Ok(json!({"api_key": demo.options.service_key})),
        (Route::ProjectKeys, _) => Ok(project_keys(demo)),
        (Route::Buckets, "GET") => list_buckets(demo, parts),
        (Route::Bucket(id), "GET") => match demo.store().shelf(&id) {
            Some(shelf) => Ok(shelf.bucket.row(false)),
            None => Err(sentence("Bucket not found").into()),
        },
        (Route::Buckets | Route::Bucket(_), _) => Err(sentence("the demo does not change buckets").into()),
        (Route::Users, _) => create_user(demo, parts, body).await,
        (Route::List(bucket), _) => list_objects(demo, parts, body, &bucket).await,
        (Route::ListExact(bucket), _) => match fields(demo, parts, body).await {
            Ok(fields) => objects::exact(demo, &fields, Role::Service, &bucket).map_err(|why| unlisted(&why).into()),
            Err(refused) => Err(refused),
        },
        (Route::Query, _) => query(demo, parts, body).await,
    };
    match done {
        Ok(value) => found(parts, &value),
        Err(refused) => *refused,
    }
}

/// The answer of a page server built for a hosted platform.
pub(super) fn hosted(demo: &Demo, is_api: bool, body: Body) -> Response {
    demo.leave_unread(SharedBody::new(body));
    if is_api {
        let body = json!({"success": false, "message": "Endpoint not supported on hosted"});
        return errors::answer(404, "application/json", body.to_string());
    }
    no_page()
}

/// The gateway's check of the basic credentials. Those of another kind or of another person get no challenge.
fn refused((user, password): &(String, String), headers: &HeaderMap) -> Option<Response> {
    let Some(given) = headers.get(AUTHORIZATION) else {
        let mut response = errors::gateway(401, "Unauthorized");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"kong\""));
        return Some(response);
    };
    let given = given.to_str().ok().and_then(|text| text.split_once(' '));
    let given = given.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"));
    let given = given.and_then(|(_, encoded)| STANDARD.decode(encoded.trim()).ok());
    (given.as_deref() != Some(format!("{user}:{password}").as_bytes()))
        .then(|| errors::gateway(401, "Invalid authentication credentials"))
}

/// Where a path leads, with the methods that Studio has there.
fn route(path: &str, demo: &Demo, studio: &Studio) -> Option<(Route, &'static [&'static str])> {
    let parts: Vec<String> = path.strip_prefix("/api/")?.split('/').map(decoded).collect::<Option<_>>()?;
    if parts.iter().any(String::is_empty) {
        return None;
    }
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let get = ["GET"].as_slice();
    Some(match parts.as_slice() {
        ["platform", "profile"] => (Route::Constant(profile()), get),
        ["platform", "organizations"] => (Route::Constant(json!([organization()])), get),
        ["platform", "projects"] => (Route::Constant(json!([project()])), get),
        ["platform", "projects", _] => {
            let detail = [
                ("connectionString", json!("")),
                ("restUrl", json!(format!("http://{}/rest/v1/", endpoint(demo, studio)))),
            ];
            (Route::Constant(with(project(), detail)), get)
        }
        ["platform", "projects", _, "settings"] => (Route::Settings, get),
        ["platform", "projects", _, "api-keys", "temporary"] => (Route::TemporaryKey, &["POST"]),
        ["v1", "projects", _, "api-keys"] => (Route::ProjectKeys, get),
        ["platform", "auth", _, "users"] => (Route::Users, &["POST"]),
        ["platform", "storage", _, "buckets"] => (Route::Buckets, &["GET", "POST"]),
        ["platform", "storage", _, "buckets", id] => (Route::Bucket((*id).to_owned()), &["GET", "PATCH", "DELETE"]),
        ["platform", "storage", _, "buckets", id, "objects", "list"] => (Route::List((*id).to_owned()), &["POST"]),
        ["platform", "storage", _, "buckets", id, "objects", "list-v2"] => {
            (Route::ListExact((*id).to_owned()), &["POST"])
        }
        ["platform", "pg-meta", _, "query"] => (Route::Query, &["POST"]),
        _ => return None,
    })
}

fn endpoint(demo: &Demo, studio: &Studio) -> String {
    studio.endpoint.clone().unwrap_or_else(|| demo.addr.to_string())
}

fn project() -> Value {
    json!({
        "id": 1,
        "ref": SELF_HOSTED_REFERENCE,
        "name": "Default Project",
        "organization_id": 1,
        "cloud_provider": "localhost",
        "status": "ACTIVE_HEALTHY",
        "region": "local",
        "inserted_at": SINCE,
    })
}

fn organization() -> Value {
    json!({
        "id": 1,
        "name": "Default Organization",
        "slug": "default-org-slug",
        "billing_email": "billing@supabase.co",
    })
}

/// The same stranger everywhere: it says nothing about who is signed in.
fn profile() -> Value {
    let projects = json!([with(project(), [("connectionString", json!(""))])]);
    json!({
        "id": 1,
        "primary_email": "johndoe@supabase.io",
        "username": "johndoe",
        "first_name": "John",
        "last_name": "Doe",
        "organizations": [with(organization(), [("projects", projects)])],
    })
}

fn with<const N: usize>(mut value: Value, more: [(&str, Value); N]) -> Value {
    if let Some(map) = value.as_object_mut() {
        map.extend(more.map(|(key, value)| (key.to_owned(), value)));
    }
    value
}

fn settings(demo: &Demo, studio: &Studio) -> Value {
    let endpoint = endpoint(demo, studio);
    json!({
        "app_config": {
            "db_schema": "public",
            "endpoint": endpoint,
            "storage_endpoint": endpoint,
            "protocol": "http",
        },
        "cloud_provider": "AWS",
        "db_dns_name": "-",
        "db_host": "localhost",
        "db_ip_addr_config": "legacy",
        "db_name": "postgres",
        "db_port": 5432,
        "db_user": "postgres",
        "inserted_at": SINCE,
        "jwt_secret": JWT_SECRET,
        "name": "Default Project",
        "ref": SELF_HOSTED_REFERENCE,
        "region": "ap-southeast-1",
        "service_api_keys": [
            {"api_key": demo.options.service_key, "name": "service_role key", "tags": "service_role"},
            {"api_key": demo.options.anon_key, "name": "anon key", "tags": "anon"},
        ],
        "ssl_enforced": false,
        "status": "ACTIVE_HEALTHY",
    })
}

fn project_keys(demo: &Demo) -> Value {
    let one = |name: &str, key: &str| json!({"name": name, "api_key": key, "id": name, "type": "legacy"});
    json!([one("anon", &demo.options.anon_key), one("service_role", &demo.options.service_key)])
}

/// What is no number is ignored; what Storage refuses is a 500 here.
fn list_buckets(demo: &Demo, parts: &Parts) -> Result<Value, Refusal> {
    let params = Params::of(&parts.uri);
    let number = |name: &str, least: usize, default: usize| {
        let Some(number) = params.get(name).and_then(|text| text.parse::<i64>().ok()) else { return Ok(default) };
        let number = usize::try_from(number).ok().filter(|number| *number >= least);
        number.ok_or_else(|| Refusal::from(reply(500, &json!({"error": {"message": "Internal Server Error"}}))))
    };
    let (limit, offset) = (number("limit", 1, usize::MAX)?, number("offset", 0, 0)?);
    Ok(buckets::rows(demo, &params, limit, offset).into())
}

async fn list_objects(demo: &Demo, parts: &Parts, body: Body, bucket: &str) -> Result<Value, Refusal> {
    let mut body = fields(demo, parts, body).await?;
    let mut asked = match body.remove("options") {
        Some(Value::Object(options)) => options,
        _ => Map::new(),
    };
    asked.insert("prefix".to_owned(), body.remove("path").filter(Value::is_string).unwrap_or_else(|| json!("")));
    objects::rows(demo, &asked, Role::Service, bucket).map(Value::from).map_err(|why| unlisted(&why).into())
}

async fn create_user(demo: &Demo, parts: &Parts, body: Body) -> Result<Value, Refusal> {
    let fields = Value::from(fields(demo, parts, body).await?).to_string();
    let user = users::made(demo, fields.as_bytes()).map_err(|refused| Refusal::from(sentence(refused.message())))?;
    serde_json::to_value(Row::new(user, View::Created)).map_err(|_| own_mistake().into())
}

async fn query(demo: &Arc<Demo>, parts: &Parts, body: Body) -> Result<Value, Refusal> {
    let mut body = fields(demo, parts, body).await?;
    let Some(Value::String(text)) = body.remove("query") else { return Err(own_mistake().into()) };
    let demo = Arc::clone(demo);
    // A million rows take their time.
    let rows = tokio::task::spawn_blocking(move || sql::run(&text, &demo.people(), &demo.store())).await;
    match rows {
        Ok(Ok(rows)) => Ok(rows.into()),
        Ok(Err(body)) => Err(reply(400, &body).into()),
        Err(_) => Err(own_mistake().into()),
    }
}

/// The fields of a body. What is not sent as JSON, or is no object, has none.
async fn fields(demo: &Demo, parts: &Parts, body: Body) -> Result<Map<String, Value>, Refusal> {
    let text = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let too_large = || Refusal::from(plain(413, "Body exceeded 1mb limit"));
    let told = text(header::CONTENT_LENGTH).and_then(|length| length.parse::<usize>().ok());
    if told.is_some_and(|told| told > BODY_BYTES) {
        demo.leave_unread(SharedBody::new(body));
        return Err(too_large());
    }
    let bytes = to_bytes(body, BODY_BYTES).await.map_err(|_| too_large())?;
    let is_json = text(header::CONTENT_TYPE)
        .and_then(|kind| kind.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"));
    if !is_json || bytes.is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Ok(Map::new()),
        Err(_) => Err(plain(400, "Invalid JSON").into()),
    }
}

/// A value, or nothing where the client has this very one.
fn found(parts: &Parts, value: &Value) -> Response {
    let response = reply(200, value);
    let tag = response.headers().get(header::ETAG).cloned();
    let known = parts.headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or("");
    let tag_text = tag.as_ref().and_then(|tag| tag.to_str().ok()).unwrap_or("?");
    if !known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag_text) {
        return response;
    }
    let mut same = errors::answer(304, "", Body::empty());
    same.headers_mut().extend(tag.map(|tag| (header::ETAG, tag)));
    same
}

/// An answer in JSON, with its `ETag`.
fn reply(status: u16, body: &Value) -> Response {
    let body = body.to_string();
    let tag = HeaderValue::from_str(&format!("\"{}\"", hex(&Md5::digest(&body))));
    let mut response = errors::answer(status, JSON_UTF8, body);
    response.headers_mut().extend(tag.ok().map(|tag| (header::ETAG, tag)));
    response
}

/// A service's refusal: of it only the sentence is left.
fn sentence(message: &str) -> Response {
    reply(400, &json!({"error": {"message": message}}))
}

fn unlisted(why: &objects::Unlisted) -> Response {
    reply(500, &json!({"error": why.message()}))
}

/// A handler's own mistake, in plain text without a type.
fn own_mistake() -> Response {
    plain(500, "Internal Server Error")
}

fn plain(status: u16, message: &'static str) -> Response {
    errors::answer(status, "", message)
}

fn no_page() -> Response {
    let mut response = errors::answer(404, "text/html; charset=utf-8", PAGE);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(PAGE_CACHE));
    response
}

/// A header for each method that there is.
fn no_method(method: &Method, methods: &[&'static str]) -> Response {
    let message = format!("Method {method} Not Allowed");
    let mut response = reply(405, &json!({"data": null, "error": {"message": message}}));
    for method in methods {
        response.headers_mut().append(header::ALLOW, HeaderValue::from_static(method));
    }
    response
}

fn moved(path: &str, query: Option<&str>) -> Response {
    let to = query.map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    let mut response = errors::answer(308, "", to.clone());
    response.headers_mut().extend(HeaderValue::from_str(&to).ok().map(|to| (header::LOCATION, to)));
    response
}
