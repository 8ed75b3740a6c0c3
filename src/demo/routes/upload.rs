//! Uploads: a raw body or a form, streamed to the spool. What can be refused early is refused while the client is
//! still sending: token, bucket and a raw body's size before the body, key, type and duplicate at its beginning. A
//! form that is too large is refused when all of it has come.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::multipart::{Field, Multipart};
use axum::extract::{FromRequest, Request};
use axum::http::header;
use axum::http::request::Parts;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::StreamExt;
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::demo::auth::Role;
use crate::demo::errors::{self, JSON_UTF8, Refusal};
use crate::demo::limits::{self, BadKey};
use crate::demo::server::{Demo, SharedBody};
use crate::demo::spool::Spool;
use crate::demo::store::{Bucket, Content, Object};

/// The most bytes of a form's plain field.
const FIELD_BYTES: usize = 64 * 1024;
const CUT: &str = "Request stream closed before upload could begin";

/// A refusal, and whether what is left of the body stays unread.
enum Refused {
    Early(Refusal),
    Late(Refusal),
}

impl Refused {
    fn early(response: Response) -> Self {
        Self::Early(response.into())
    }

    fn late(response: Response) -> Self {
        Self::Late(response.into())
    }
}

/// Where the object goes.
struct Target<'a> {
    demo: &'a Demo,
    bucket: Bucket,
    key: &'a str,
    upsert: bool,
}

/// What the client says about the object.
struct Described {
    mime: String,
    cache_control: String,
    metadata: Value,
}

/// An upload to this bucket and key.
pub(super) async fn receive(
    demo: &Arc<Demo>,
    parts: &Parts,
    body: Body,
    role: Role,
    bucket: &str,
    key: &str,
) -> Response {
    let body = SharedBody::new(body);
    let done = if role == Role::Anon {
        Err(Refused::early(errors::row_security()))
    } else {
        let bucket = demo.store().shelf(bucket).map(|shelf| shelf.bucket.clone());
        match bucket {
            None => Err(Refused::early(errors::no_bucket())),
            Some(bucket) => {
                let upsert = text(parts, "x-upsert") == Some("true");
                Target { demo, bucket, key, upsert }.receive(parts, body.clone()).await
            }
        }
    };
    match done {
        Ok(done) => done,
        Err(Refused::Late(response)) => *response,
        Err(Refused::Early(response)) => {
            demo.leave_unread(body);
            *response
        }
    }
}

impl Target<'_> {
    async fn receive(self, parts: &Parts, body: SharedBody) -> Result<Response, Refused> {
        let is_form = text(parts, "content-type")
            .is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("multipart/form-data"));
        if is_form { self.form(parts, body).await } else { self.raw(parts, body).await }
    }

    /// The most bytes: the bucket's or the server's.
    fn limit(&self) -> u64 {
        let server = self.demo.options.body_limit;
        self.bucket.file_size_limit.filter(|_| !self.is_placeholder()).map_or(server, |own| own.min(server))
    }

    fn is_placeholder(&self) -> bool {
        self.key.rsplit('/').next() == Some(limits::PLACEHOLDER)
    }

    /// What is looked at when the body begins.
    fn check(&self, mime: &str) -> Result<(), Refused> {
        let known = mime.contains('/') && limits::mime_allowed(self.bucket.allowed_mime_types.as_deref(), mime);
        if !known && !self.is_placeholder() {
            let message = format!("mime type {mime} is not supported");
            return Err(Refused::early(errors::storage(415, "invalid_mime_type", &message, "InvalidMimeType")));
        }
        let key = self.key;
        match limits::object_key(key) {
            Ok(()) => {}
            Err(BadKey::Invalid) => {
                let message = format!("Invalid key: {key}");
                return Err(Refused::early(errors::storage(400, "InvalidKey", &message, "InvalidKey")));
            }
            Err(BadKey::TooLong) => {
                let path = self.demo.spool.path().join(&self.bucket.id).join(key);
                let message = format!("ENAMETOOLONG: name too long, open '{}'", path.display());
                return Err(Refused::early(errors::storage_internal(&message)));
            }
        }
        if !self.upsert && self.demo.store().object(&self.bucket.id, key).is_some() {
            return Err(Refused::early(errors::duplicate()));
        }
        Ok(())
    }

    async fn raw(self, parts: &Parts, mut body: SharedBody) -> Result<Response, Refused> {
        let length = text(parts, header::CONTENT_LENGTH.as_str()).and_then(|length| length.parse::<u64>().ok());
        if length.is_some_and(|length| length > self.limit()) {
            return Err(Refused::early(errors::too_large()));
        }
        let mime = text(parts, "content-type").unwrap_or("application/octet-stream").to_owned();
        self.check(&mime)?;
        let metadata = text(parts, "x-metadata").and_then(|encoded| STANDARD.decode(encoded).ok());
        let described = Described {
            mime,
            cache_control: text(parts, "cache-control").unwrap_or("no-cache").to_owned(),
            metadata: metadata.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_else(|| json!({})),
        };
        // A length that was not told is not held against the bucket.
        let mut spool = self.demo.spool.begin(self.demo.options.body_limit);
        while let Some(piece) = body.next().await {
            let piece = piece.map_err(|_| Refused::late(errors::invalid_upload(CUT)))?;
            spool.push(piece).await.map_err(|error| Refused::late(errors::storage_internal(&error.to_string())))?;
        }
        self.keep(spool, described).await
    }

    async fn form(self, parts: &Parts, body: SharedBody) -> Result<Response, Refused> {
        let cut = || Refused::late(errors::invalid_upload(CUT));
        let mut request = Request::new(Body::from_stream(body));
        request.headers_mut().clone_from(&parts.headers);
        // The server's own limit is counted here.
        request.extensions_mut().clone_from(&parts.extensions);
        let mut form = Multipart::from_request(request, &())
            .await
            .map_err(|_| Refused::early(errors::invalid_upload("Multipart: Boundary not found")))?;
        let mut described =
            Described { mime: String::new(), cache_control: "no-cache".to_owned(), metadata: json!({}) };
        let mut told_mime = None;
        while let Some(mut field) = form.next_field().await.map_err(|_| cut())? {
            if field.file_name().is_none() {
                let name = field.name().unwrap_or("").to_owned();
                let value = small(&mut field).await.ok_or_else(cut)?;
                match name.as_str() {
                    "cacheControl" => described.cache_control = format!("max-age={value}"),
                    "contentType" => told_mime = Some(value),
                    "metadata" => described.metadata = serde_json::from_str(&value).unwrap_or_else(|_| json!({})),
                    _ => {}
                }
                continue;
            }
            described.mime = told_mime.unwrap_or_else(|| field.content_type().unwrap_or("text/plain").to_owned());
            self.check(&described.mime)?;
            let mut spool = self.demo.spool.begin(self.limit());
            while let Some(piece) = field.chunk().await.map_err(|_| cut())? {
                spool.push(piece).await.map_err(|error| Refused::late(errors::storage_internal(&error.to_string())))?;
            }
            drop(field);
            // Later parts do not count, yet a form that is cut in them stores nothing.
            while form.next_field().await.map_err(|_| cut())?.is_some() {}
            return self.keep(spool, described).await;
        }
        Err(Refused::late(errors::invalid_upload("No content provided")))
    }

    async fn keep(self, spool: Spool, described: Described) -> Result<Response, Refused> {
        if spool.is_over() {
            return Err(Refused::late(errors::too_large()));
        }
        let last_modified = Timestamp::now();
        let internal = |error: &str| Refused::late(errors::storage_internal(error));
        let spooled = spool.finish().await.map_err(|error| internal(&error.to_string()))?;
        let (id, version) = fresh_id().zip(fresh_id()).ok_or_else(|| internal("no random bytes"))?;
        let now = Timestamp::now();
        let object = Object {
            id,
            version,
            content: Content::File(spooled.file),
            size: spooled.size,
            mime: described.mime,
            cache_control: described.cache_control,
            etag: spooled.md5,
            metadata: described.metadata,
            created_at: now,
            updated_at: now,
            last_modified,
        };
        let put = self.demo.store_mut().put(&self.bucket.id, self.key, object);
        let id = put.ok_or_else(|| Refused::late(errors::no_bucket()))?;
        let body = json!({"Key": format!("{}/{}", self.bucket.id, self.key), "Id": id});
        Ok(errors::answer(200, JSON_UTF8, body.to_string()))
    }
}

/// The text of a plain field; what is beyond the limit is dropped.
async fn small(field: &mut Field<'_>) -> Option<String> {
    let mut bytes = Vec::new();
    while let Some(piece) = field.chunk().await.ok()? {
        let left = FIELD_BYTES - bytes.len();
        bytes.extend_from_slice(piece.get(..left).unwrap_or(&piece));
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn text<'a>(parts: &'a Parts, name: &str) -> Option<&'a str> {
    parts.headers.get(name)?.to_str().ok()
}

fn fresh_id() -> Option<Uuid> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).ok()?;
    Some(uuid::Builder::from_random_bytes(bytes).into_uuid())
}
