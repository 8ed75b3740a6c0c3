//! The route that stores one object: its bytes are streamed from a source, never held whole, and the answer is awaited
//! while they are sent, for a server may refuse early, stop reading and leave the connection open.
//!
//! The control plane takes a form whose one part is `file`; the project gateway takes the bare bytes. What a lost
//! answer means is for the caller to find out: [`Progress::whole`] says whether the body was sent to its end.

mod body;

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::{FutureExt, StreamExt, stream};
use reqwest::Response;
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use tokio::io::AsyncRead;
use tokio_util::sync::CancellationToken;

use super::client::{Answered, Ask, Client, Fill, Prepared, any_number, limit, receive, redirected, seconds, target};
use super::error::{ApiError, Kind};
use super::fault::{Place, is_reset};
use super::meta::{Meta, Sent};
use super::model::BucketId;
use super::reply::Reply;
use super::route::{Door, Route, Size};
use body::{Flow, Streamed};

/// How long no byte may move before an upload is given up.
const STILL: Duration = Duration::from_secs(120);
/// How long a server may take to answer once it has everything: it hashes for seconds a gigabyte.
const ANSWER: Duration = Duration::from_secs(900);

/// How long to wait for the refusal behind a reset.
const REFUSAL: Duration = Duration::from_secs(5);

/// What is to be stored where.
#[derive(Clone, Debug, PartialEq)]
pub struct Upload {
    /// The bucket.
    pub bucket: BucketId,
    /// The object's key.
    pub key: String,
    /// Its MIME type.
    pub mime: String,
    /// How many bytes the source will give; another number fails the upload.
    pub size: u64,
    /// Whether an object of this key may be overwritten.
    pub upsert: bool,
}

/// The bytes to be stored.
pub struct Source {
    /// Where they are read from.
    pub body: Pin<Box<dyn AsyncRead + Send>>,
}

/// How far an upload is: shared with whoever shows it.
#[derive(Debug, Default)]
pub struct Progress {
    sent: AtomicU64,
    whole: AtomicBool,
}

impl Progress {
    /// Bytes of the object handed to the connection.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Whether the body was handed over to its end: sent, waiting for the server.
    pub fn whole(&self) -> bool {
        self.whole.load(Ordering::Relaxed)
    }

    fn add(&self, bytes: u64) {
        self.sent.fetch_add(bytes, Ordering::Relaxed);
    }

    fn finish(&self) {
        self.whole.store(true, Ordering::Relaxed);
    }
}

/// What the server stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The object's key, as it was asked for: an answer that names another one proves nothing.
    pub key: String,
    /// The object's id.
    pub id: Option<String>,
}

/// Stores one object. Ends at the server's answer, however early, or at once when `stop` is cancelled. A refused
/// credential is renewed where it can be ([`Meta::renewed`]); the bytes are then to be read anew and sent once more.
pub async fn upload(
    client: &Client,
    upload: &Upload,
    source: Source,
    progress: Arc<Progress>,
    stop: CancellationToken,
) -> Answered<Stored> {
    let started = Instant::now();
    let mut meta = Meta::of(Route::ObjectUpload);
    let result = send(client, upload, source, &progress, &stop, &mut meta).await;
    client.tell_connection(&mut meta);
    meta.status = meta.status.or(result.as_ref().err().and_then(|error| error.status));
    meta.took = started.elapsed();
    client.ended(&meta, result.as_ref().err());
    Answered { meta, result }
}

async fn send(
    client: &Client,
    upload: &Upload,
    source: Source,
    progress: &Arc<Progress>,
    stop: &CancellationToken,
    meta: &mut Meta,
) -> Result<Stored, ApiError> {
    let fill = Fill { bucket: &upload.bucket.0, key: &upload.key, ..Fill::default() };
    let ask = Ask::new(Route::ObjectUpload, fill);
    let prepared = tokio::select! {
        biased;
        prepared = client.prepare(&ask, meta) => prepared?,
        () = stop.cancelled() => {
            let host = "the server".into();
            return Err(ApiError { unsent: true, host, ..ApiError::of(Kind::Stopped, Route::ObjectUpload, "stopped") });
        }
    };
    let place = &prepared.place;
    let (form, headers) = envelope(place.door, upload).map_err(|said| place.unsent(Kind::Refused, said))?;
    meta.sent = Sent::File { mime: upload.mime.clone(), replaces: upload.upsert, form: !form.is_empty() };
    let head = form.head.clone();
    let mut source = source.body;
    if upload.size == 0 {
        // An empty body is never asked for, so nobody else would notice that the file is not empty.
        body::is_at_end(&mut source).await.map_err(|said| place.unsent(Kind::LocalFile, said))?;
    }
    let flow = Arc::new(Flow::new(progress.clone()));
    // However this ends, a connection that the server left open and unread is closed with it.
    let end = body::EndOnDrop(flow.clone());
    let body = if form.is_empty() && upload.size == 0 {
        progress.finish();
        reqwest::Body::default()
    } else {
        reqwest::Body::wrap_stream(Streamed::new(source, upload.size, form, flow.clone()))
    };
    let mut reset = false;
    let answered = async {
        let response = request(&prepared, &headers, body).await.map_err(|cause| {
            reset = is_reset(&cause);
            place.broken(&cause)
        })?;
        // What is left to send would only stand in the way of the answer.
        flow.hold();
        let deadline = client.deadline(Size::Single);
        let reply = tokio::time::timeout(deadline, receive(place, response, limit(Size::Upload))).await;
        reply.unwrap_or_else(|_| Err(place.error(Kind::Lost, "the answer began and did not end")))
    };
    let reply = tokio::select! {
        biased;
        reply = answered => reply,
        () = stop.cancelled() => return Err(place.error(Kind::Stopped, "stopped")),
        said = stands_still(progress, client) => return Err(place.error(Kind::Lost, said)),
    };
    let reply = match (reply, flow.fault()) {
        (Err(_), Some(said)) => return Err(place.error(Kind::LocalFile, said)),
        (Err(error), None) if reset && !progress.whole() => {
            why_reset(client, &prepared, &headers, head).await.ok_or(error)?
        }
        (reply, _) => reply?,
    };
    if let Some(to) = target(&prepared.url, reply.status, &reply.headers) {
        return Err(redirected(place, &prepared.url, &to, reply.status));
    }
    drop(end);
    let stored = client.judge(place, meta, &reply, |reply| stored(reply, upload));
    meta.renewed = tokio::select! {
        biased;
        () = stop.cancelled() => false,
        renewed = client.another(&prepared.used, &stored, meta) => renewed?,
    };
    let stored = stored?;
    if !progress.whole() {
        return Err(early(place, meta, &reply));
    }
    prepared.stored();
    Ok(stored)
}

async fn request(prepared: &Prepared, headers: &HeaderMap, body: reqwest::Body) -> reqwest::Result<Response> {
    let request = prepared.http.post(prepared.url.clone()).headers(prepared.headers.clone()).headers(headers.clone());
    request.body(body).send().await
}

/// Asks for the refusal that a reset swallowed: the same request with its body held back, so that nothing is written
/// while the answer comes. It can store nothing, since its body never ends.
async fn why_reset(client: &Client, prepared: &Prepared, headers: &HeaderMap, head: Vec<u8>) -> Option<Reply> {
    let over = CancellationToken::new();
    let end = over.clone().cancelled_owned().map(|()| Err(io::Error::other("the upload has ended")));
    let body = stream::iter([Ok(head)]).chain(end.into_stream());
    let _end = over.drop_guard();
    let asked = async {
        let response = request(prepared, headers, reqwest::Body::wrap_stream(body)).await.ok()?;
        receive(&prepared.place, response, limit(Size::Upload)).await.ok().filter(|reply| !reply.status.is_success())
    };
    tokio::time::timeout(client.patience(REFUSAL), asked).await.ok()?
}

/// A server that says yes before it has everything cannot have stored it.
fn early(place: &Place, meta: &Meta, reply: &Reply) -> ApiError {
    let error = place.error(Kind::Lost, "the server said yes before it had the whole file");
    ApiError { status: meta.status, raw: Some(place.hide(reply.text())), ..error }
}

/// Ends when nothing has moved for too long, with what to say then.
async fn stands_still(progress: &Progress, client: &Client) -> String {
    loop {
        let before = (progress.sent(), progress.whole());
        let patience = client.patience(if before.1 { ANSWER } else { STILL });
        tokio::time::sleep(patience).await;
        if before == (progress.sent(), progress.whole()) {
            let what = if before.1 { "sent whole, and no answer came" } else { "no byte moved" };
            return format!("{what} for {}", seconds(patience));
        }
    }
}

fn stored(reply: &Reply, upload: &Upload) -> Result<Stored, String> {
    #[derive(Deserialize)]
    struct Wire {
        #[serde(rename = "Key")]
        key: String,
        #[serde(rename = "Id")]
        id: Option<String>,
    }
    let wire: Wire =
        serde_json::from_slice(&reply.body).map_err(|why| format!("it does not say what was stored, {why}"))?;
    let below = wire.key.strip_prefix(&upload.bucket.0).and_then(|rest| rest.strip_prefix('/'));
    if wire.key != upload.key && below != Some(upload.key.as_str()) {
        return Err(format!("it says that it stored `{}`", wire.key));
    }
    Ok(Stored { key: upload.key.clone(), id: wire.id })
}

/// What stands around the bytes: nothing, or the two ends of a form.
#[derive(Default)]
struct Form {
    head: Vec<u8>,
    tail: Vec<u8>,
}

impl Form {
    fn is_empty(&self) -> bool {
        self.head.is_empty()
    }
}

/// Form and headers of an upload at a door.
fn envelope(door: Door, upload: &Upload) -> Result<(Form, HeaderMap), String> {
    let mime = HeaderValue::from_str(&upload.mime).map_err(|_| "its type holds a character that no header carries")?;
    let mut headers = HeaderMap::new();
    let form = match door {
        // Studio has no upload: the table never leads here with it.
        Door::Gateway | Door::Studio => {
            headers.insert(header::CONTENT_TYPE, mime);
            Form::default()
        }
        Door::ControlPlane => {
            let boundary = format!("----basedeck{:016x}{:016x}", any_number(), any_number());
            let kind = HeaderValue::from_str(&format!("multipart/form-data; boundary={boundary}"));
            headers.insert(header::CONTENT_TYPE, kind.map_err(|cause| cause.to_string())?);
            let name = file_name(&upload.key);
            // A part without a type would be stored as text/plain, one without a filename is no file.
            let disposition = format!("Content-Disposition: form-data; name=\"file\"; filename=\"{name}\"");
            let head = format!("--{boundary}\r\n{disposition}\r\nContent-Type: {}\r\n\r\n", upload.mime);
            Form { head: head.into_bytes(), tail: format!("\r\n--{boundary}--\r\n").into_bytes() }
        }
    };
    // A raw body of unknown length would not be checked against the bucket's limit.
    let length = upload.size + (form.head.len() + form.tail.len()) as u64;
    headers.insert(header::CONTENT_LENGTH, length.into());
    if upload.upsert {
        headers.insert(HeaderName::from_static("x-upsert"), HeaderValue::from_static("true"));
    }
    Ok((form, headers))
}

/// The key's last segment, quoted as browsers do.
fn file_name(key: &str) -> String {
    let last = key.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("file");
    last.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}
