//! The bodies of refusal, one form per server: control plane, gateway, GoTrue (two versions) and Storage.

use axum::body::Body;
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Response as HttpResponse, StatusCode};
use axum::response::Response;
use serde_json::json;
use uuid::Uuid;

/// The content type of Storage, the gateway and the control plane.
pub(super) const JSON_UTF8: &str = "application/json; charset=utf-8";
const API_VERSION: HeaderName = HeaderName::from_static("x-supabase-api-version");
const ERROR_CODE: HeaderName = HeaderName::from_static("x-sb-error-code");

/// An answer that stands in for another; boxed, for it is large and rare.
pub(super) type Refusal = Box<Response>;

/// An answer with this status, type and body.
pub(super) fn answer(status: u16, content_type: &'static str, body: impl Into<Body>) -> Response {
    let mut response = HttpResponse::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if !content_type.is_empty() {
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    response
}

/// A refusal of the control plane itself. The spaces are the recorded server's.
pub(super) fn platform(status: u16, code: &str, message: &str) -> Response {
    answer(status, JSON_UTF8, format!("{{\"code\": {}, \"message\": {}}}", json!(code), json!(message)))
}

/// A refusal of the gateway.
pub(super) fn gateway(status: u16, message: &str) -> Response {
    answer(status, JSON_UTF8, format!("{{\"message\": {}}}", json!(message)))
}

/// The gateway's answer to a path that it does not know.
pub(super) fn no_route() -> Response {
    gateway(404, "no Route matched with those values")
}

/// The control plane's answer to a method that the path does not have.
pub(super) fn method_not_allowed(method: &str, allow: &'static str) -> Response {
    let text = json!(format!("Method {method} Not Allowed"));
    let body = format!("{{\"data\": null, \"error\": {{\"message\": {text}}}}}");
    let mut response = answer(405, JSON_UTF8, body);
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allow));
    response
}

/// A refusal of GoTrue, before it is known in which version's words it goes out.
#[derive(Debug)]
pub(super) struct AuthError {
    status: u16,
    code: String,
    message: String,
    /// The server's own mistakes carry no code in a header …
    code_in_header: bool,
    /// … and those of its database an id.
    with_id: bool,
}

impl AuthError {
    /// A refusal with its code in the header too.
    pub(super) fn new(status: u16, code: &str, message: &str) -> Self {
        Self { status, code: code.to_owned(), message: message.to_owned(), code_in_header: true, with_id: false }
    }

    /// `validation_failed`, 400.
    pub(super) fn invalid(message: &str) -> Self {
        Self::new(400, "validation_failed", message)
    }

    /// `bad_json`, 400, with what the parser says.
    pub(super) fn bad_json(why: &str) -> Self {
        Self::new(400, "bad_json", &format!("Could not parse request body as JSON: {why}"))
    }

    /// A 500 without a reason.
    pub(super) fn internal() -> Self {
        Self { code_in_header: false, ..Self::new(500, "unexpected_failure", "Internal Server Error") }
    }

    /// A 500 of the database, with an id for the logs.
    pub(super) fn database(message: &str) -> Self {
        Self { with_id: true, ..Self::new(500, "unexpected_failure", message) }
    }

    /// The sentence.
    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// The answer, in the words of the version that the request's headers ask for.
    pub(super) fn respond(&self, asked: &HeaderMap) -> Response {
        let dated = asked.get(&API_VERSION).is_some_and(|value| value == "2024-01-01");
        let mut body = if dated {
            json!({"code": self.code, "message": self.message})
        } else {
            json!({"code": self.status, "error_code": self.code, "msg": self.message})
        };
        if let Some(body) = body.as_object_mut().filter(|_| self.with_id) {
            body.insert("error_id".to_owned(), json!(Uuid::from_bytes(rand_id())));
        }
        let mut response = gotrue(self.status, body.to_string());
        if let Some(code) = HeaderValue::from_str(&self.code).ok().filter(|_| self.code_in_header) {
            response.headers_mut().insert(ERROR_CODE, code);
        }
        if dated {
            response.headers_mut().insert(API_VERSION, HeaderValue::from_static("2024-01-01"));
        }
        response
    }
}

/// An id for a log line; where the system gives no random bytes, all zero.
fn rand_id() -> [u8; 16] {
    let mut bytes = [0; 16];
    let _ = getrandom::fill(&mut bytes);
    bytes
}

/// An answer of GoTrue.
pub(super) fn gotrue(status: u16, body: impl Into<Body>) -> Response {
    vary(answer(status, "application/json", body))
}

/// GoTrue's answer to a path that it does not know.
pub(super) fn gotrue_no_route() -> Response {
    let mut response = vary(answer(404, "text/plain; charset=utf-8", "404 page not found\n"));
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// GoTrue's answer to a method that the path does not have.
pub(super) fn gotrue_no_method() -> Response {
    vary(answer(405, "", Body::empty()))
}

fn vary(mut response: Response) -> Response {
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Origin"));
    response
}

/// A refusal of Storage: HTTP says 400 (or 416, 500), the body the true status.
pub(super) fn storage(status: u16, error: &str, message: &str, code: &str) -> Response {
    let http = if matches!(status, 416 | 500) { status } else { 400 };
    let body = json!({"statusCode": status.to_string(), "error": error, "message": message, "code": code});
    answer(http, JSON_UTF8, body.to_string())
}

/// A mistake in the request's form.
pub(super) fn invalid_request(message: &str) -> Response {
    storage(400, "Error", message, "InvalidRequest")
}

/// An upload without a usable body.
pub(super) fn invalid_upload(message: &str) -> Response {
    storage(400, "InvalidRequest", message, "InvalidRequest")
}

/// A token that does not count, or one without the right.
pub(super) fn access_denied(message: &str) -> Response {
    storage(403, "Unauthorized", message, "AccessDenied")
}

/// A write without the right to.
pub(super) fn row_security() -> Response {
    access_denied("new row violates row-level security policy")
}

/// No such bucket, or none that may be seen.
pub(super) fn no_bucket() -> Response {
    storage(404, "Bucket not found", "Bucket not found", "NoSuchBucket")
}

/// No such object, or none that may be seen.
pub(super) fn no_object() -> Response {
    storage(404, "not_found", "Object not found", "NoSuchKey")
}

/// The key is taken.
pub(super) fn duplicate() -> Response {
    storage(409, "Duplicate", "The resource already exists", "KeyAlreadyExists")
}

/// The object is larger than the bucket or the server allows.
pub(super) fn too_large() -> Response {
    storage(413, "Payload too large", "The object exceeded the maximum allowed size", "EntityTooLarge")
}

/// The range lies outside the object.
pub(super) fn bad_range() -> Response {
    storage(416, "invalid_range", "invalid range provided", "InvalidRange")
}

/// Storage's own mistake, with the system's words.
pub(super) fn storage_internal(message: &str) -> Response {
    storage(500, "Internal", message, "InternalError")
}

/// Storage's answer to a path or method that it does not know.
pub(super) fn storage_no_route(method: &str, inner: &str) -> Response {
    let message = format!("Route {method}:{inner} not found");
    answer(404, JSON_UTF8, json!({"message": message, "error": "Not Found", "statusCode": 404}).to_string())
}

/// Storage's answer to a path with a broken percent escape.
pub(super) fn bad_url(inner: &str) -> Response {
    let message = format!("'{inner}' is not a valid url component");
    let body = json!({"error": "Bad Request", "code": "FST_ERR_BAD_URL", "message": message, "statusCode": 400});
    answer(400, "application/json", body.to_string())
}
