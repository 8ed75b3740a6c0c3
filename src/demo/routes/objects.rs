//! Storage's objects, read: the two lists, an object's data, its bytes.

use std::cmp::Ordering;
use std::io::SeekFrom;

use axum::body::{Body, to_bytes};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, StatusCode, request::Parts};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::stream;
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio_util::io::ReaderStream;

use crate::demo::auth::Role;
use crate::demo::errors::{self, JSON_UTF8, Refusal};
use crate::demo::limits;
use crate::demo::query::Params;
use crate::demo::server::Demo;
use crate::demo::store::{Content, Object, Shelf, millis};

/// The most rows of the first list, whatever is asked for.
const LIST_ROWS: u64 = 1_500;
/// The most rows of the second list.
const EXACT_ROWS: u64 = 1_000;
/// How many bytes are read at a time.
const PIECE: usize = 128 * 1024;
/// What JavaScript's `encodeURIComponent` leaves alone.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// A row of a list: an object, or a folder with the number of objects below.
struct Entry<'a> {
    name: String,
    object: Option<&'a Object>,
    below: usize,
}

/// By what a list is ordered.
#[derive(Clone, Copy)]
struct Order {
    date: Option<fn(&Object) -> Timestamp>,
    descending: bool,
    /// Names are compared without case.
    folded: bool,
}

impl Order {
    fn of(body: &Map<String, Value>, folded: bool) -> Self {
        let sort = |name: &str| body.get("sortBy").and_then(|sort| sort.get(name)).and_then(Value::as_str);
        let date: Option<fn(&Object) -> Timestamp> = match sort("column") {
            Some("updated_at") => Some(|object| object.updated_at),
            Some("created_at" | "last_accessed_at") => Some(|object| object.created_at),
            _ => None,
        };
        Self { date, descending: sort("order").is_some_and(|order| order.eq_ignore_ascii_case("desc")), folded }
    }

    /// When, in microseconds: 0 for folders and where names count alone.
    fn moment(self, entry: &Entry<'_>) -> i64 {
        self.date.and_then(|date| entry.object.map(date)).map_or(0, Timestamp::as_microsecond)
    }

    fn compare(self, a: (i64, &str), b: (i64, &str)) -> Ordering {
        let folded = |name: &str| name.bytes().map(|byte| byte.to_ascii_lowercase()).collect::<Vec<u8>>();
        let names = if self.folded { folded(a.1).cmp(&folded(b.1)) } else { a.1.cmp(b.1) };
        // By a date folders come first, either way.
        let folders = if self.date.is_some() { (a.0 != 0).cmp(&(b.0 != 0)) } else { Ordering::Equal };
        let rest = a.0.cmp(&b.0).then(names);
        folders.then(if self.descending { rest.reverse() } else { rest })
    }

    fn sort(self, entries: &mut Vec<Entry<'_>>) {
        entries.sort_by(|a, b| self.compare((self.moment(a), &a.name), (self.moment(b), &b.name)));
        if self.descending && self.date.is_none() {
            // The servers lose a folder with one object that follows a file.
            let mut after_file = false;
            entries.retain(|entry| {
                let lost = after_file && entry.object.is_none() && entry.below == 1;
                after_file = entry.object.is_some();
                !lost
            });
        }
    }
}

/// The older list: one folder, its case ignored.
pub(super) async fn list(demo: &Demo, body: Body, role: Role, bucket: &str) -> Response {
    match fields(body).await {
        Ok(body) => listed(rows(demo, &body, role, bucket).map(Value::from)),
        Err(refused) => *refused,
    }
}

/// Why there is no list.
pub(super) enum Unlisted {
    Form(String),
    Cursor,
}

impl Unlisted {
    /// The sentence.
    pub(super) fn message(&self) -> &str {
        match self {
            Self::Form(why) => why,
            Self::Cursor => "Invalid Parameter continuation token",
        }
    }
}

fn listed(list: Result<Value, Unlisted>) -> Response {
    match list {
        Ok(list) => errors::answer(200, JSON_UTF8, list.to_string()),
        Err(why @ Unlisted::Cursor) => errors::storage(400, "InvalidParameter", why.message(), "InvalidParameter"),
        Err(why) => errors::invalid_request(why.message()),
    }
}

/// The rows of the older list.
pub(super) fn rows(demo: &Demo, body: &Map<String, Value>, role: Role, bucket: &str) -> Result<Vec<Value>, Unlisted> {
    let limit = number(body, "limit", 1, u64::MAX, 100).map_err(Unlisted::Form)?;
    let offset = number(body, "offset", 0, u64::MAX, 0).map_err(Unlisted::Form)?;
    let Some(prefix) = body.get("prefix").and_then(Value::as_str) else {
        return Err(Unlisted::Form("body must have required property 'prefix'".to_owned()));
    };
    let store = demo.store();
    let Some(shelf) = store.shelf(bucket).filter(|_| role == Role::Service) else { return Ok(Vec::new()) };
    let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
    let folder = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
    let search = body.get("search").and_then(Value::as_str).unwrap_or("").to_ascii_lowercase();
    let inside = shelf.objects.iter().filter_map(|(key, object)| {
        let (head, rest) = (key.get(..folder.len())?, key.get(folder.len()..)?);
        let fits = head.eq_ignore_ascii_case(&folder) && rest.to_ascii_lowercase().starts_with(&search);
        fits.then_some((rest, object))
    });
    let mut entries = gather(inside, true);
    Order::of(body, true).sort(&mut entries);
    let (skip, take) = (usize::try_from(offset).unwrap_or(usize::MAX), limit.min(LIST_ROWS) as usize);
    Ok(entries.iter().skip(skip).take(take).map(|entry| row(entry, None, &entry.name)).collect())
}

/// The newer list: a prefix as plain text, pages by cursor.
pub(super) async fn list_exact(demo: &Demo, body: Body, role: Role, bucket: &str) -> Response {
    match fields(body).await {
        Ok(body) => listed(exact(demo, &body, role, bucket)),
        Err(refused) => *refused,
    }
}

/// A page of the newer list.
pub(super) fn exact(demo: &Demo, body: &Map<String, Value>, role: Role, bucket: &str) -> Result<Value, Unlisted> {
    let limit = number(body, "limit", 1, EXACT_ROWS, EXACT_ROWS).map_err(Unlisted::Form)? as usize;
    let text = |name: &str| body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let from = match text("cursor").map(Cursor::parse) {
        None => None,
        Some(Some(cursor)) => Some(cursor),
        Some(None) => return Err(Unlisted::Cursor),
    };
    let delimited = body.get("with_delimiter").and_then(Value::as_bool).unwrap_or(false);
    let prefix = text("prefix").unwrap_or("");
    let order = Order::of(body, false);
    let store = demo.store();
    let mut entries = match store.shelf(bucket).filter(|_| role == Role::Service) {
        Some(shelf) => below(shelf, prefix, delimited),
        None => Vec::new(),
    };
    order.sort(&mut entries);
    let skip = from.map_or(0, |cursor| {
        let passed = |entry: &Entry<'_>| {
            let place = order.compare((order.moment(entry), &entry.name), (cursor.moment, &cursor.name));
            place != Ordering::Greater
        };
        entries.partition_point(passed)
    });
    let page: Vec<&Entry<'_>> = entries.iter().skip(skip).take(limit).collect();
    let more = entries.len() > skip + page.len();
    let mut answer = json!({"hasNext": more});
    if let Some((last, map)) = page.last().filter(|_| more).zip(answer.as_object_mut()) {
        let cursor = Cursor { name: last.name.clone(), moment: order.moment(last) };
        map.insert("nextCursor".into(), json!(cursor.write()));
        map.insert("nextCursorKey".into(), json!(last.name));
    }
    // The short key goes on where the last slash of the prefix stands.
    let cut = prefix.rfind('/').map_or(0, |slash| slash + 1);
    let rows = |folders: bool| -> Vec<Value> {
        let kind = page.iter().filter(|entry| entry.object.is_none() == folders);
        kind.map(|entry| {
            let short = entry.name.get(cut..).unwrap_or("");
            let short = if folders { short.strip_suffix('/').unwrap_or(short) } else { short };
            row(entry, delimited.then_some(short), &entry.name)
        })
        .collect()
    };
    if let Some(map) = answer.as_object_mut() {
        map.insert("folders".into(), rows(true).into());
        map.insert("objects".into(), rows(false).into());
    }
    Ok(answer)
}

/// What begins with the prefix, with full names; folders end in a slash.
fn below<'a>(shelf: &'a Shelf, prefix: &str, delimited: bool) -> Vec<Entry<'a>> {
    let cut = if delimited { prefix.len() } else { 0 };
    let inside = shelf.objects.range(prefix.to_owned()..).take_while(|(key, _)| key.starts_with(prefix));
    let inside = inside.filter_map(|(key, object)| Some((key.get(cut..)?, object)));
    let mut entries = gather(inside, delimited);
    for entry in entries.iter_mut().filter(|_| delimited) {
        let slash = if entry.object.is_some() { "" } else { "/" };
        entry.name = format!("{prefix}{}{slash}", entry.name);
    }
    entries
}

/// Objects by name; with folders, what has a slash in its name is counted under the part before it.
fn gather<'a>(inside: impl Iterator<Item = (&'a str, &'a Object)>, folders: bool) -> Vec<Entry<'a>> {
    let mut entries = Vec::new();
    let mut counted = std::collections::BTreeMap::<&str, usize>::new();
    for (rest, object) in inside {
        match rest.split_once('/').filter(|_| folders) {
            Some((folder, _)) => *counted.entry(folder).or_default() += 1,
            None => entries.push(Entry { name: rest.to_owned(), object: Some(object), below: 0 }),
        }
    }
    entries.extend(counted.into_iter().map(|(name, below)| Entry { name: name.to_owned(), object: None, below }));
    entries
}

fn row(entry: &Entry<'_>, key: Option<&str>, name: &str) -> Value {
    let mut row = Map::new();
    if let Some(key) = key {
        row.insert("key".into(), json!(key));
    }
    row.insert("name".into(), json!(name));
    let rest = entry.object.map_or_else(
        || json!({"id": null, "updated_at": null, "created_at": null, "last_accessed_at": null, "metadata": null}),
        Object::row,
    );
    if let Value::Object(rest) = rest {
        row.extend(rest);
    }
    Value::Object(row)
}

/// The place after which the next page begins.
struct Cursor {
    name: String,
    moment: i64,
}

impl Cursor {
    fn write(&self) -> String {
        let moment = if self.moment == 0 { String::new() } else { format!("\nt:{}", self.moment) };
        STANDARD.encode(format!("l:{}{moment}", self.name))
    }

    fn parse(text: &str) -> Option<Self> {
        let text = String::from_utf8(STANDARD.decode(text).ok()?).ok()?;
        let (name, moment) = text.strip_prefix("l:")?.split_once('\n').unwrap_or((text.strip_prefix("l:")?, "t:0"));
        Some(Self { name: name.to_owned(), moment: moment.strip_prefix("t:")?.parse().ok()? })
    }
}

/// A JSON object, or the refusal.
async fn fields(body: Body) -> Result<Map<String, Value>, Refusal> {
    let bytes = to_bytes(body, limits::JSON_BYTES).await.unwrap_or_default();
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(errors::invalid_request("body must be object").into()),
        Err(_) => {
            let why = "Body is not valid JSON but content-type is set to 'application/json'";
            Err(errors::invalid_request(why).into())
        }
    }
}

fn number(body: &Map<String, Value>, name: &str, least: u64, most: u64, default: u64) -> Result<u64, String> {
    let Some(value) = body.get(name).filter(|value| !value.is_null()) else { return Ok(default) };
    if !value.is_i64() && !value.is_u64() {
        return Err(format!("body/{name} must be integer"));
    }
    let number = value.as_u64().filter(|number| *number >= least).ok_or(format!("body/{name} must be >= {least}"))?;
    if number > most { Err(format!("body/{name} must be <= {most}")) } else { Ok(number) }
}

/// What is known of one object.
pub(super) fn info(demo: &Demo, role: Role, bucket: &str, key: &str) -> Response {
    let store = demo.store();
    let Some(object) = store.object(bucket, key).filter(|_| role == Role::Service) else { return errors::no_object() };
    let body = json!({
        "id": object.id,
        "name": key,
        "version": object.version,
        "bucket_id": bucket,
        "size": object.size,
        "content_type": object.mime,
        "cache_control": object.cache_control,
        "etag": format!("\"{}\"", object.etag),
        "metadata": object.metadata,
        "last_modified": millis(object.last_modified),
        "created_at": millis(object.created_at),
    });
    let mut response = errors::answer(200, JSON_UTF8, body.to_string());
    mark(response.headers_mut(), object);
    response
}

/// The bytes of one object, or its headers; without a role only of a public bucket.
pub(super) async fn read(demo: &Demo, parts: &Parts, role: Option<Role>, bucket: &str, key: &str) -> Response {
    let object = {
        let store = demo.store();
        let shelf = store.shelf(bucket);
        if role.is_none() && !shelf.is_some_and(|shelf| shelf.bucket.public) {
            return errors::no_bucket();
        }
        match shelf.and_then(|shelf| shelf.objects.get(key)).filter(|_| role != Some(Role::Anon)) {
            Some(object) => object.clone(),
            None => return errors::no_object(),
        }
    };
    let asked = |name: HeaderName| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let seen = asked(header::IF_NONE_MATCH).is_some_and(|etag| etag == format!("\"{}\"", object.etag))
        || asked(header::IF_MODIFIED_SINCE)
            .and_then(|date| jiff::fmt::rfc2822::parse(date).ok())
            .is_some_and(|date| object.last_modified.as_second() < date.timestamp().as_second());
    if seen {
        let mut response = errors::answer(304, "", Body::empty());
        describe(response.headers_mut(), &object);
        return response;
    }
    let range = asked(header::RANGE).filter(|_| parts.method != Method::HEAD);
    let Some((start, len)) = range.map_or(Some((0, object.size)), |range| window(range, object.size)) else {
        return errors::bad_range();
    };
    let Some(body) = bytes(&object, start, len).await else {
        return errors::storage_internal("ENOENT: no such file or directory");
    };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    describe(headers, &object);
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(len));
    if range.is_some() {
        let place = format!("bytes {start}-{}/{}", start + len - 1, object.size);
        set(headers, header::CONTENT_RANGE, &place);
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    if let Some(name) = Params::of(&parts.uri).get("download") {
        let name = utf8_percent_encode(name, COMPONENT).to_string();
        let disposition = format!("attachment; filename={name}; filename*=UTF-8''{name}");
        set(
            response.headers_mut(),
            header::CONTENT_DISPOSITION,
            if name.is_empty() { "attachment;" } else { &disposition },
        );
    }
    response
}

/// One range of an object: its start and length. None where there is nothing in it, or more than one is asked for.
fn window(range: &str, size: u64) -> Option<(u64, u64)> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    if first.is_empty() {
        let len = last.parse::<u64>().ok()?.min(size);
        return (len > 0).then(|| (size - len, len));
    }
    let start = first.parse::<u64>().ok().filter(|start| *start < size)?;
    let end = if last.is_empty() { size - 1 } else { last.parse::<u64>().ok()?.min(size - 1) };
    (start <= end).then(|| (start, end - start + 1))
}

async fn bytes(object: &Object, start: u64, len: u64) -> Option<Body> {
    match &object.content {
        Content::Made(made) => {
            let (made, end) = (made.clone(), start + len);
            let pieces = stream::unfold(start, move |at| {
                let piece = made.bytes(at, PIECE.min(end.saturating_sub(at) as usize));
                let next = at + piece.len() as u64;
                std::future::ready((!piece.is_empty()).then_some((Ok::<_, std::convert::Infallible>(piece), next)))
            });
            Some(Body::from_stream(pieces))
        }
        Content::File(kept) => {
            let mut file = tokio::fs::File::open(&kept.0).await.ok()?;
            file.seek(SeekFrom::Start(start)).await.ok()?;
            Some(Body::from_stream(ReaderStream::with_capacity(file.take(len), PIECE)))
        }
    }
}

/// The headers of an object's bytes.
fn describe(headers: &mut HeaderMap, object: &Object) {
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    // Pages are not served as such.
    let mime = if object.mime.starts_with("text/html") { "text/plain" } else { &object.mime };
    set(headers, header::CONTENT_TYPE, mime);
    headers.insert("x-robots-tag", HeaderValue::from_static("none"));
    mark(headers, object);
}

fn mark(headers: &mut HeaderMap, object: &Object) {
    set(headers, header::ETAG, &format!("\"{}\"", object.etag));
    set(headers, header::LAST_MODIFIED, &object.last_modified.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string());
    set(headers, header::CACHE_CONTROL, &object.cache_control);
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
