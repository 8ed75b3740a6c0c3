//! The client against the recorded exchanges: it must send what was sent, and understand what was answered.

use std::io::Cursor;
use std::sync::Arc;
use std::time::Duration;

use basedeck::api::client::{Answered, Client};
use basedeck::api::error::{ApiError, Kind};
use basedeck::api::model::{BucketId, Total, UserId};
use basedeck::api::model::{ListUsers, NewUser};
use basedeck::api::route::{Door, Route};
use basedeck::api::upload::{Progress, Source, Stored, Upload};
use basedeck::api::{buckets, objects, upload, users};
use basedeck::secret::Secret;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::socket::{Request, Server, answer, client, connect};

/// A recorded exchange.
pub struct Recorded {
    pub request: Request,
    pub answer: Vec<u8>,
}

/// Reads an exchange; its answer is framed anew, since the recording replaced values and undid the chunks.
pub fn recorded(name: &str) -> Recorded {
    let path = format!("{}/tests/fixtures/{name}.http", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap();
    let split = text.find("\nHTTP/1.1 ").or(text.find("\n(connection closed")).unwrap() + 1;
    let (asked, answered) = text.split_at(split);
    let (head, body) = asked.split_once("\n\n").unwrap();
    let mut request = Request::parse(head);
    request.body = body.strip_suffix("\n\n").unwrap_or(body).as_bytes().to_vec();
    let Some((head, body)) = answered.split_once("\n\n") else { return Recorded { request, answer: Vec::new() } };
    let mut lines = head.lines();
    let status = lines.next().unwrap().strip_prefix("HTTP/1.1 ").unwrap();
    let framing = |line: &&str| {
        let line = line.to_ascii_lowercase();
        !line.starts_with("content-length:") && !line.starts_with("transfer-encoding:")
    };
    let headers: String = lines.filter(framing).flat_map(|line| [line, "\r\n"]).collect();
    let answer = answer(status, &headers, body.strip_suffix('\n').unwrap_or(body));
    Recorded { request, answer: answer.into_bytes() }
}

const KEY: &str = "the-service-key";
const TOKEN: &str = "the-platform-token";

fn credential(door: Door) -> &'static str {
    if door == Door::Gateway { KEY } else { TOKEN }
}

/// A client of a server that answers as recorded.
pub async fn replay(name: &str, door: Door) -> (Client, Server, Recorded) {
    let recorded = recorded(name);
    let server = Server::answering([recorded.answer.clone()]).await;
    (client(door, &server.url, credential(door)), server, recorded)
}

/// The door that an exchange was recorded at.
fn door(recorded: &Request) -> Door {
    if recorded.target.starts_with("/api/platform/") { Door::ControlPlane } else { Door::Gateway }
}

/// The request that was sent is the recorded one: method, address, every recorded header but the framing.
pub fn same_head(sent: &Request, recorded: &Request) {
    assert_eq!((&sent.method, &sent.target), (&recorded.method, &recorded.target));
    for (name, value) in &recorded.headers {
        let value = value.replace("{{service_key}}", KEY).replace("{{platform_token}}", TOKEN);
        match name.to_ascii_lowercase().as_str() {
            "host" | "content-length" => assert!(sent.header(name).is_some(), "{name} is sent"),
            "content-type" if value.starts_with("multipart/") => {
                assert!(sent.header(name).unwrap().starts_with("multipart/form-data; boundary="));
            }
            _ => assert_eq!(sent.header(name), Some(value.as_str()), "{name}"),
        }
    }
    if door(recorded) == Door::ControlPlane {
        assert_eq!(sent.header("apikey"), None);
    }
}

/// A form's text with its boundary named `B` and plain line ends.
fn form(request: &Request) -> String {
    let boundary = request.header("content-type").unwrap().split_once("boundary=").unwrap().1;
    String::from_utf8(request.body.clone()).unwrap().replace(boundary, "B").replace("\r\n", "\n")
}

/// The request of an exchange, asked by the client in its own way.
async fn ask(client: &Client, recorded: &Request) -> Answered<()> {
    let path = recorded.path().to_owned();
    let segments: Vec<_> = path.split('/').collect();
    let tail = segments.last().unwrap().to_string();
    match (recorded.method.as_str(), path.as_str()) {
        ("POST", path) if path.ends_with("/users") => {
            users::create(client, &new_user(&recorded.body)).await.map(|_| ())
        }
        (_, path) if path.ends_with("/users") => users::list(client, page(recorded)).await.map(|_| ()),
        ("GET", path) if path.contains("/admin/users/") => {
            users::get(client, UserId(tail.parse().unwrap_or_default())).await.map(|_| ())
        }
        ("GET", path) if path.ends_with("/buckets") || path.ends_with("/bucket") => {
            buckets::list(client).await.map(|_| ())
        }
        ("GET", path) if path.contains("/bucket/") => buckets::get(client, &BucketId(tail)).await.map(|_| ()),
        ("GET", path) if path.contains("/object/info/") => {
            let key = path.split_once("/info/private/").unwrap().1.to_owned();
            objects::info(client, &BucketId("private".into()), &key).await.map(|_| ())
        }
        ("POST", path) if path.contains("/object/list") => {
            let prefix = serde_json::from_slice::<Value>(&recorded.body).unwrap();
            let prefix = prefix["prefix"].as_str().unwrap_or_default();
            objects::list(client, &BucketId(tail), prefix, None).await.map(|_| ())
        }
        ("POST", path) if path.contains("/object/") => send(client, recorded).await.map(|_| ()),
        other => panic!("no call for {other:?}"),
    }
}

fn page(recorded: &Request) -> ListUsers {
    let number = |name: &str| {
        let query = recorded.target.split_once('?').map_or("", |(_, query)| query);
        query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')?.parse().ok())
    };
    ListUsers { page: number("page").unwrap_or(1), per_page: number("per_page").unwrap_or(50), oldest_first: false }
}

pub fn new_user(body: &[u8]) -> NewUser {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    NewUser {
        email: text("email"),
        phone: text("phone"),
        password: Secret::new(text("password").unwrap_or_default()),
        confirm: body["email_confirm"] == json!(true) || body["phone_confirm"] == json!(true),
        user_metadata: body.get("user_metadata").cloned(),
    }
}

/// Uploads what a recorded form or body held.
async fn send(client: &Client, recorded: &Request) -> Answered<Stored> {
    let (_, address) = recorded.path().split_once("/object/").unwrap();
    let (bucket, key) = address.split_once('/').unwrap();
    let key = percent_encoding::percent_decode_str(key).decode_utf8().unwrap().into_owned();
    let (mime, bytes) = if recorded.header("content-type").unwrap().starts_with("multipart/") {
        let form = form(recorded);
        let (head, rest) = form.split_once("\n\n").unwrap();
        let (bytes, _) = rest.split_once("\n--B--").unwrap();
        (head.rsplit_once("Content-Type: ").unwrap().1.to_owned(), bytes.as_bytes().to_vec())
    } else {
        (recorded.header("content-type").unwrap().to_owned(), recorded.body.clone())
    };
    let upsert = recorded.header("x-upsert").is_some();
    let wanted = Upload { bucket: BucketId(bucket.into()), key, mime, size: bytes.len() as u64, upsert };
    let source = Source { body: Box::pin(Cursor::new(bytes)) };
    upload::upload(client, &wanted, source, Arc::new(Progress::default()), CancellationToken::new()).await
}

#[derive(Debug, PartialEq)]
struct Told<'a>(Kind, u16, Option<&'a str>, Option<&'static str>);

fn told(error: &ApiError) -> Told<'_> {
    Told(error.kind, error.status.unwrap_or_default(), error.code.as_deref(), error.field)
}

/// Every recorded refusal of these routes: kind, true status, code, field, and a part of the sentence.
#[tokio::test]
async fn refusals_are_understood() {
    use Kind::*;
    let email = Some("email");
    #[rustfmt::skip]
    let table: &[(&str, Told<'_>, &str)] = &[
        ("gateway/create-user-email-exists-422", Told(Conflict, 422, Some("email_exists"), email), "This address is registered already (email_exists, 422): use another one."),
        ("gateway/list-users-429", Told(TooMany, 429, None, None), "127.0.0.1 has had too many requests (429): wait a moment."),
        ("gateway/list-users-no-token-401", Told(NotSignedIn, 401, Some("unauthorized"), None), "127.0.0.1 refuses the platform token (Missing bearer token; it cannot be read as a JWT, unauthorized, 401): give another one."),
        ("gateway/list-users-service-key-401", Told(NotSignedIn, 401, Some("unauthorized"), None), "invalid signature"),
        ("gateway/list-users-empty-retry-after-503", Told(Server, 503, None, None), "127.0.0.1 failed to list users (Service Unavailable, 503): try again later."),
        ("gateway/list-users-html-502", Told(Server, 502, None, None), "(Bad Gateway, 502)"),
        ("gateway/method-not-allowed-405", Told(NoSuchRoute, 405, None, None), "Method PUT Not Allowed"),
        ("gateway/no-apikey-401", Told(NotSignedIn, 401, None, None), "refuses the service key (No API key found in request, 401)"),
        ("gateway/upload-duplicate-400-409", Told(Conflict, 409, Some("KeyAlreadyExists"), None), "An object of this name is there already"),
        ("gateway/upload-no-token-401", Told(NotSignedIn, 401, Some("unauthorized"), None), "platform token"),
        ("gateway/upload-answer-lost", Told(Lost, 0, None, None), "look before you send again"),
        ("gateway/upload-repeated-after-lost-answer-400-409", Told(Conflict, 409, Some("KeyAlreadyExists"), None), ""),
        ("gotrue/bad-jwt-403", Told(NotSignedIn, 403, Some("bad_jwt"), None), "malformed"),
        ("gotrue/expired-jwt-403", Told(NotSignedIn, 403, Some("bad_jwt"), None), "The service key for 127.0.0.1 has expired"),
        ("gotrue/no-authorization-401", Told(NotSignedIn, 401, Some("no_authorization"), None), ""),
        ("gotrue/not-admin-403", Told(NotAllowed, 403, Some("not_admin"), None), "use the project's service key"),
        ("gotrue/create-user-bad-ban-400", Told(Refused, 400, Some("validation_failed"), None), "forever"),
        ("gotrue/create-user-bad-email-400", Told(Refused, 400, Some("validation_failed"), email), "invalid format"),
        ("gotrue/create-user-bad-json-400", Told(Refused, 400, Some("bad_json"), None), ""),
        ("gotrue/create-user-email-exists-422", Told(Conflict, 422, Some("email_exists"), email), ""),
        ("gotrue/create-user-email-exists-apiversion-422", Told(Conflict, 422, Some("email_exists"), email), ""),
        ("gotrue/create-user-neither-400", Told(Refused, 400, Some("validation_failed"), email), "either an email or phone"),
        ("gotrue/create-user-password-over-72-500", Told(Server, 500, Some("unexpected_failure"), None), ""),
        ("gotrue/create-user-phone-exists-422", Told(Conflict, 422, Some("phone_exists"), Some("phone")), "This phone number"),
        ("gotrue/list-users-null-tokens-500", Told(Unreadable, 500, Some("unexpected_failure"), None), "smaller pages"),
        ("gotrue/list-users-page-bad-400", Told(Refused, 400, Some("validation_failed"), None), ""),
        ("gotrue/list-users-per-page-0-500", Told(Server, 500, Some("unexpected_failure"), None), ""),
        ("gotrue/user-id-bad-404", Told(NotFound, 404, Some("validation_failed"), None), "UUID"),
        ("gotrue/user-not-found-404", Told(NotFound, 404, Some("user_not_found"), None), "refresh the list"),
        ("storage/bad-url-400", Told(Refused, 400, Some("FST_ERR_BAD_URL"), None), ""),
        ("storage/expired-jwt-400-403", Told(NotSignedIn, 403, Some("AccessDenied"), None), "has expired"),
        ("storage/get-bucket-400-404", Told(NotFound, 404, Some("NoSuchBucket"), None), "There is no such bucket"),
        ("storage/upload-anon-400-403", Told(NotAllowed, 403, Some("AccessDenied"), None), "row-level security"),
        ("storage/upload-duplicate-400-409", Told(Conflict, 409, Some("KeyAlreadyExists"), None), ""),
        ("storage/upload-invalid-key-400", Told(Refused, 400, Some("InvalidKey"), None), "Invalid key: bad#.txt"),
        ("storage/upload-mime-not-allowed-400-415", Told(Refused, 415, Some("InvalidMimeType"), None), "application/zip"),
        ("storage/upload-too-large-bucket-400-413", Told(TooLarge, 413, Some("EntityTooLarge"), None), ""),
        ("storage/upload-multipart-no-filename-400", Told(Refused, 400, Some("InvalidRequest"), None), ""),
    ];
    for (name, expected, part) in table {
        let (client, _server, recorded) = replay(name, door(&recorded(name).request)).await;
        let error = ask(&client, &recorded.request).await.result.expect_err(name);
        assert_eq!(&told(&error), expected, "{name}");
        assert!(error.host.starts_with("127.0.0.1:"), "{name}: the port is named: {}", error.host);
        let sentence = error.sentence().replace(&error.host, "127.0.0.1");
        assert!(sentence.contains(part) && sentence.ends_with('.'), "{name}: {sentence}");
        assert!(!error.unsent, "{name}");
    }
}

/// Recorded at routes that these calls do not have, with bodies that any of them may get.
#[tokio::test]
async fn refusals_of_other_routes_are_understood() {
    #[rustfmt::skip]
    let table = [
        ("gateway/no-route-404", Door::ControlPlane, Kind::NoSuchRoute),
        ("gotrue/no-such-route-404", Door::Gateway, Kind::NoSuchRoute),
        ("storage/no-such-route-404", Door::Gateway, Kind::NoSuchRoute),
        ("storage/bad-jwt-400-403", Door::Gateway, Kind::NotSignedIn),
        ("storage/no-authorization-400", Door::Gateway, Kind::NotSignedIn),
        ("gotrue/request-rate-limit-429", Door::Gateway, Kind::TooMany),
        ("gotrue/user-session-gone-403", Door::Gateway, Kind::NotSignedIn),
        ("gotrue/recover-too-soon-429", Door::Gateway, Kind::TooMany),
        ("gotrue/update-user-email-taken-500", Door::Gateway, Kind::Conflict),
        ("storage/delete-bucket-not-empty-400-409", Door::Gateway, Kind::Conflict),
    ];
    for (name, door, kind) in table {
        let (client, _server, _) = replay(name, door).await;
        let answer = buckets::list(&client).await;
        assert_eq!(answer.result.expect_err(name).kind, kind, "{name}");
        let offered = answer.meta.offers.unwrap().door(Route::BucketsList, Timestamp::now());
        assert_eq!(offered.is_none(), kind == Kind::NoSuchRoute, "{name}");
    }
}

#[tokio::test]
async fn the_wait_and_the_request_id_are_told() {
    let (client, ..) = replay("gateway/list-users-empty-retry-after-503", Door::ControlPlane).await;
    let error = users::list(&client, page(&Request::default())).await.result.unwrap_err();
    assert_eq!(error.retry_after, Some(Duration::from_secs(2)));
    let (client, ..) = replay("gotrue/list-users-null-tokens-500", Door::Gateway).await;
    let answer = users::list(&client, page(&Request::default())).await;
    assert_eq!(answer.meta.request_id.as_deref(), Some("57fc07f4-cb68-41c8-95ed-0e8d438b939f"));
    assert_eq!(answer.meta.status, Some(500));
}

#[tokio::test]
async fn a_taken_value_names_its_field() {
    let (client, ..) = replay("gotrue/update-user-email-taken-500", Door::Gateway).await;
    let error = users::create(&client, &new_user(b"{}")).await.result.unwrap_err();
    assert_eq!(told(&error), Told(Kind::Conflict, 500, Some("23505"), Some("email")));
    let (client, ..) = replay("gotrue/update-user-weak-password-422", Door::Gateway).await;
    let error = users::create(&client, &new_user(b"{}")).await.result.unwrap_err();
    assert_eq!(told(&error), Told(Kind::Refused, 422, Some("weak_password"), Some("password")));
}

#[tokio::test]
async fn a_page_of_users_is_asked_and_read_as_recorded() {
    let cases = [
        ("gateway/list-users-200", 2, 130),
        ("gotrue/list-users-first-200", 2, 122),
        ("gotrue/list-users-mixed-200", 5, 136),
        ("gotrue/list-users-past-end-200", 0, 122),
    ];
    for (name, count, total) in cases {
        let (client, server, recorded) = replay(name, door(&recorded(name).request)).await;
        let answer = users::list(&client, page(&recorded.request)).await;
        let page = answer.result.unwrap();
        same_head(&server.asked()[0], &recorded.request);
        assert_eq!((page.rows.len(), page.total), (count, Total::Exact(total)), "{name}");
        assert!(page.rows.iter().all(|row| row.value.is_ok()), "{name}");
        assert_eq!(answer.meta.path, recorded.request.target);
        assert_eq!((answer.meta.status, answer.meta.method), (Some(200), "GET"));
    }
}

#[tokio::test]
async fn users_of_all_kinds_are_read() {
    let (client, ..) = replay("gotrue/list-users-mixed-200", Door::Gateway).await;
    let page = users::list(&client, ListUsers { page: 1, per_page: 5, oldest_first: false }).await.result.unwrap();
    let users: Vec<_> = page.rows.iter().map(|row| row.value.clone().unwrap()).collect();
    assert!(users[0].is_anonymous && users[0].email.is_none() && users[0].providers.is_empty());
    assert_eq!(users[1].name.as_deref(), Some("Zoë \u{202e}evil\u{1b}[31m 👩\u{200d}💻"));
    assert!(users[2].deleted_at.is_some() && users[2].confirmed_at.is_some());
    assert!(users[3].banned_until.is_some());
    assert!(users[4].email.is_none() && users[4].phone.is_some());
    assert_eq!(users[4].providers, ["phone"]);
    assert!(page.rows[1].raw.contains("\"identities\":null"), "unknown fields are kept");
}

#[tokio::test]
async fn the_oldest_are_asked_for_by_sort() {
    let (client, server, _) = replay("gotrue/list-users-first-200", Door::Gateway).await;
    users::list(&client, ListUsers { page: 3, per_page: 200, oldest_first: true }).await.result.unwrap();
    assert_eq!(server.asked()[0].target, "/auth/v1/admin/users?page=3&per_page=200&sort=created_at%20asc");
}

#[tokio::test]
async fn a_user_is_created_as_recorded() {
    let names = [
        "gateway/create-user-200",
        "gotrue/create-user-200",
        "gotrue/create-user-phone-only-200",
        "gotrue/create-user-weak-password-accepted-200",
        "gotrue/create-user-hostile-metadata-200",
    ];
    for name in names {
        let (client, server, recorded) = replay(name, door(&recorded(name).request)).await;
        let wanted = new_user(&recorded.request.body);
        let row = users::create(&client, &wanted).await.result.unwrap();
        let sent = &server.asked()[0];
        same_head(sent, &recorded.request);
        let mut expected = recorded.request.json();
        expected.as_object_mut().unwrap().remove("app_metadata");
        assert_eq!(sent.json(), expected, "{name}");
        let user = row.value.unwrap();
        assert_eq!(user.email, wanted.email.map(|email| email.to_lowercase()), "{name}");
        assert_eq!(user.phone.as_deref(), wanted.phone.as_deref().map(|phone| phone.trim_start_matches('+')));
        assert_eq!(user.confirmed_at.is_some(), wanted.confirm, "{name}");
    }
}

#[tokio::test]
async fn one_user_is_read_as_recorded() {
    for name in ["gotrue/get-user-200", "gotrue/get-user-anonymous-200", "gotrue/get-user-soft-deleted-200"] {
        let (client, server, recorded) = replay(name, Door::Gateway).await;
        let id = recorded.request.target.rsplit('/').next().unwrap().parse().unwrap();
        let row = users::get(&client, UserId(id)).await.result.unwrap();
        same_head(&server.asked()[0], &recorded.request);
        assert_eq!(row.value.unwrap().id, UserId(id));
        assert!(row.raw.contains("\"identities\":["));
    }
}

#[tokio::test]
async fn buckets_are_read_as_recorded() {
    for name in ["gateway/list-buckets-200", "storage/list-buckets-200"] {
        let (client, server, recorded) = replay(name, door(&recorded(name).request)).await;
        let page = buckets::list(&client).await.result.unwrap();
        let asked = server.asked();
        assert_eq!(asked.len(), 1, "a page that is not full is the last");
        assert_eq!(asked[0].path(), recorded.request.path());
        assert_eq!(page.total, Total::Exact(page.rows.len() as u64));
        let buckets: Vec<_> = page.rows.iter().map(|row| row.value.clone().unwrap()).collect();
        let limited = buckets.iter().find(|bucket| bucket.id.0 == "text-limit").unwrap();
        assert_eq!(limited.file_size_limit, Some(1_000_000));
        assert_eq!(limited.allowed_mime_types.as_deref(), Some(&["image/*".to_owned(), "text/plain".to_owned()][..]));
        let other = buckets.iter().find(|bucket| bucket.id.0 == "id-x").unwrap();
        assert_eq!((other.name.as_str(), other.kind.as_deref()), ("name-y", Some("STANDARD")));
    }
    let (client, server, recorded) = replay("storage/get-bucket-200", Door::Gateway).await;
    let row = buckets::get(&client, &BucketId("private".into())).await.result.unwrap();
    same_head(&server.asked()[0], &recorded.request);
    assert_eq!(row.value.unwrap().kind, None);
}

#[tokio::test]
async fn a_folder_is_listed_by_the_exact_route() {
    let (client, server, _) = replay("storage/list-v2-mixed-200", Door::Gateway).await;
    let listing = objects::list(&client, &BucketId("private".into()), "mix/", None).await.result.unwrap();
    let sent = &server.asked()[0];
    assert_eq!((sent.method.as_str(), sent.path()), ("POST", "/storage/v1/object/list-v2/private"));
    assert_eq!(sent.json(), json!({ "prefix": "mix/", "limit": 1000, "with_delimiter": true }));
    let rows: Vec<_> = listing.rows.iter().map(|row| row.value.clone().unwrap()).collect();
    let names: Vec<_> = rows.iter().map(|entry| (entry.key.as_str(), entry.folder)).collect();
    assert_eq!(names, [("mix/sub/", true), ("mix/.emptyFolderPlaceholder", false), ("mix/readme.md", false)]);
    assert_eq!((rows[2].size, rows[2].mime.as_deref()), (Some(4), Some("text/markdown")));
    assert_eq!(rows[2].etag.as_deref(), Some("cbfd2fe027ea851448b20c8acea8d625"));
    assert!(!listing.inexact && listing.next.is_none());
}

#[tokio::test]
async fn a_cursor_goes_on_and_a_bad_one_is_refused() {
    let pages = [recorded("storage/list-v2-page-200"), recorded("storage/list-v2-page2-200")];
    let server = Server::answering(pages.map(|page| page.answer)).await;
    let client = client(Door::Gateway, &server.url, KEY);
    let bucket = BucketId("private".into());
    let first = objects::list(&client, &bucket, "mp/", None).await.result.unwrap();
    assert_eq!(first.next.as_deref(), Some("bDptcC9jYy1iZWZvcmU="));
    let second = objects::list(&client, &bucket, "mp/", first.next.clone()).await.result.unwrap();
    assert_eq!(server.asked()[1].json()["cursor"], "bDptcC9jYy1iZWZvcmU=");
    assert_eq!((second.rows.len(), second.next.is_some()), (3, true));

    let (client, server, _) = replay("storage/list-v2-bad-cursor-400", Door::Gateway).await;
    let error = objects::list(&client, &bucket, "mp/", Some("garbage".into())).await.result.unwrap_err();
    assert_eq!(told(&error), Told(Kind::Refused, 400, Some("InvalidParameter"), None));
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn an_older_server_is_listed_by_the_older_route_and_remembered() {
    let missing = recorded("storage/no-such-route-404").answer;
    let server = Server::answering([missing, recorded("storage/list-mixed-200").answer]).await;
    let client = client(Door::Gateway, &server.url, KEY);
    let bucket = BucketId("private".into());
    for _ in 0..2 {
        let answer = objects::list(&client, &bucket, "mix/", None).await;
        let listing = answer.result.unwrap();
        let rows: Vec<_> = listing.rows.iter().map(|row| row.value.clone().unwrap()).collect();
        let names: Vec<_> = rows.iter().map(|entry| (entry.key.as_str(), entry.folder)).collect();
        assert_eq!(names, [("mix/.emptyFolderPlaceholder", false), ("mix/readme.md", false), ("mix/sub/", true)]);
        assert!(listing.inexact && listing.next.is_none());
        assert_eq!(answer.meta.offers.unwrap().door(Route::ObjectsList, Timestamp::now()), None);
    }
    let paths: Vec<_> = server.asked().iter().map(|request| request.path().to_owned()).collect();
    let (v2, v1) = ("/storage/v1/object/list-v2/private", "/storage/v1/object/list/private");
    assert_eq!(paths, [v2, v1, v1], "the missing route is not asked again");
    let now = Timestamp::now();
    assert_eq!(client.offers().door(Route::ObjectsList, now), None);
    client.forget_missing();
    assert_eq!(client.offers().door(Route::ObjectsList, now), Some(Door::Gateway));
}

#[tokio::test]
async fn an_unknown_bucket_is_no_missing_route() {
    // A server without list-v2 takes it for an upload into a bucket of that name.
    let no_bucket = recorded("storage/get-bucket-400-404").answer;
    let empty = recorded("storage/list-unknown-bucket-200").answer;
    let server = Server::answering([no_bucket.clone(), empty.clone(), no_bucket.clone()]).await;
    let client = client(Door::Gateway, &server.url, KEY);
    let answer = objects::list(&client, &BucketId("nosuch".into()), "", None).await;
    assert_eq!(answer.result.unwrap_err().kind, Kind::NotFound);
    assert!(client.offers().door(Route::ObjectsList, Timestamp::now()).is_some());

    let server = Server::answering([no_bucket, empty, recorded("storage/get-bucket-200").answer]).await;
    let client = crate::socket::client(Door::Gateway, &server.url, KEY);
    let answer = objects::list(&client, &BucketId("private".into()), "", None).await;
    assert!(answer.result.unwrap().rows.is_empty());
    assert!(client.offers().door(Route::ObjectsList, Timestamp::now()).is_none());
}

#[tokio::test]
async fn what_the_server_holds_is_read_as_recorded() {
    for (name, size, etag) in [
        ("storage/info-200", 4, "f69f5b72bc79a92dc70c63c9aa142e36"),
        ("storage/info-of-resumable-200", 10, "fc5e038d38a57032085441e7fe7010b0"),
    ] {
        let (client, server, recorded) = replay(name, Door::Gateway).await;
        let key = recorded.request.target.split_once("/private/").unwrap().1;
        let info = objects::info(&client, &BucketId("private".into()), key).await.result.unwrap();
        same_head(&server.asked()[0], &recorded.request);
        assert_eq!((info.size, info.etag.as_deref()), (size, Some(etag)));
        assert!(info.version.is_some() && info.last_modified.is_some());
    }
}

#[tokio::test]
async fn a_file_goes_to_the_control_plane_as_the_recorded_form() {
    let (client, server, recorded) = replay("gateway/upload-200", Door::ControlPlane).await;
    let stored = send(&client, &recorded.request).await.result.unwrap();
    let sent = &server.asked()[0];
    same_head(sent, &recorded.request);
    assert_eq!(form(sent), form(&recorded.request));
    assert_eq!(stored.key, "cp/cp.txt");
    assert_eq!(stored.id.as_deref(), Some("966ebc2a-bf80-43ec-a588-2e865d2aecf8"));
}

#[tokio::test]
async fn a_file_goes_to_the_gateway_raw_as_recorded() {
    let (client, server, mut recorded) = replay("storage/upload-raw-200", Door::Gateway).await;
    // What is not offered: the caller's own cache time and metadata.
    recorded.request.headers.retain(|(name, _)| name != "cache-control" && name != "x-metadata");
    send(&client, &recorded.request).await.result.unwrap();
    let sent = &server.asked()[0];
    same_head(sent, &recorded.request);
    assert_eq!(sent.body, recorded.request.body);
    assert_eq!((sent.header("content-length"), sent.header("x-upsert")), (Some("7"), None));
    assert_eq!(sent.header("transfer-encoding"), None);
}

#[tokio::test]
async fn an_overwrite_says_so() {
    let (client, server, recorded) = replay("storage/upload-upsert-200", Door::Gateway).await;
    send(&client, &recorded.request).await.result.unwrap();
    assert_eq!(server.asked()[0].header("x-upsert"), Some("true"));
}

#[tokio::test]
async fn an_empty_file_is_stored_through_both_doors() {
    for door in [Door::ControlPlane, Door::Gateway] {
        let server = Server::answering([recorded("storage/upload-empty-folder-placeholder-200").answer]).await;
        let client = client(door, &server.url, "key");
        let wanted = Upload {
            bucket: BucketId("private".into()),
            key: "dir/.emptyFolderPlaceholder".into(),
            mime: "text/plain".into(),
            size: 0,
            upsert: false,
        };
        let progress = Arc::new(Progress::default());
        let source = Source { body: Box::pin(tokio::io::empty()) };
        let answer = upload::upload(&client, &wanted, source, progress.clone(), CancellationToken::new()).await;
        assert_eq!(answer.result.unwrap().key, wanted.key);
        assert!(progress.whole() && progress.sent() == 0);
        let sent = &server.asked()[0];
        match door {
            Door::Gateway => assert_eq!((sent.body.len(), sent.header("content-length")), (0, Some("0"))),
            _ => assert!(form(sent).contains("text/plain\n\n\n--B--")),
        }
    }
}

#[tokio::test]
async fn newer_keys_are_no_bearer_and_empty_ones_are_not_sent() {
    let answer = recorded("storage/list-buckets-200").answer;
    let server = Server::answering([answer]).await;
    for key in ["sb_secret_abc", "sb_publishable_abc"] {
        buckets::list(&client(Door::Gateway, &server.url, key)).await.result.unwrap();
        let sent = server.asked().pop().unwrap();
        assert_eq!((sent.header("apikey"), sent.header("authorization")), (Some(key), None));
    }
    let asked = server.asked().len();
    for door in [Door::ControlPlane, Door::Gateway] {
        for key in ["", " \n", "two\nlines"] {
            let client = client(door, &server.url, key);
            let answer = buckets::list(&client).await;
            let error = answer.result.unwrap_err();
            assert_eq!((error.kind, error.unsent, answer.meta.door), (Kind::NotSignedIn, true, Some(door)));
            client.set_credential(door, Secret::new("good".into()));
            assert!(buckets::list(&client).await.result.is_ok());
        }
    }
    assert_eq!(server.asked().len(), asked + 6, "only what had a credential");
}

#[tokio::test]
async fn read_only_refuses_every_change_before_a_byte() {
    let server = Server::answering(["HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"]).await;
    let client = connect(&[(Door::ControlPlane, &server.url, "token"), (Door::Gateway, &server.url, "key")], true);
    assert!(client.read_only());
    let created = users::create(&client, &new_user(br#"{"email":"a@b"}"#)).await.result.unwrap_err();
    let uploaded = send(&client, &recorded("gateway/upload-200").request).await.result.unwrap_err();
    for error in [created, uploaded] {
        assert_eq!((error.kind, error.unsent), (Kind::ReadOnly, true), "{error}");
    }
    assert!(server.asked().is_empty());
    assert!(buckets::list(&client).await.result.is_ok());
    client.unlock();
    assert!(!client.read_only());
    assert_ne!(send(&client, &recorded("gateway/upload-200").request).await.meta.status, None);
}

#[tokio::test]
async fn documented_routes_take_the_control_plane_and_the_rest_the_gateway() {
    let control = Server::answering([recorded("gateway/list-buckets-200").answer]).await;
    let gateway = Server::answering([recorded("storage/get-bucket-200").answer]).await;
    let client = connect(&[(Door::Gateway, &gateway.url, "key"), (Door::ControlPlane, &control.url, "token")], false);
    let listed = buckets::list(&client).await;
    assert_eq!((listed.result.is_ok(), listed.meta.door), (true, Some(Door::ControlPlane)));
    let got = buckets::get(&client, &BucketId("private".into())).await;
    assert_eq!((got.result.is_ok(), got.meta.door), (true, Some(Door::Gateway)));
    assert_eq!((control.asked().len(), gateway.asked().len()), (1, 1));
    assert!(control.asked()[0].headers.iter().all(|(_, value)| !value.contains("key")));
    assert!(gateway.asked()[0].headers.iter().all(|(_, value)| !value.contains("token")));
}

#[tokio::test]
async fn a_read_goes_on_through_the_next_door_where_the_first_lacks_it() {
    let control = Server::answering([recorded("gateway/no-route-404").answer]).await;
    let gateway = Server::answering([recorded("gotrue/list-users-first-200").answer]).await;
    let client = connect(&[(Door::ControlPlane, &control.url, "token"), (Door::Gateway, &gateway.url, "key")], false);
    let listing = ListUsers { page: 1, per_page: 2, oldest_first: false };
    for _ in 0..2 {
        let answer = users::list(&client, listing).await;
        assert_eq!((answer.result.is_ok(), answer.meta.door), (true, Some(Door::Gateway)));
    }
    assert_eq!(control.asked().len(), 1, "not asked again");
    // A change is never moved to another door silently.
    let error = users::create(&client, &new_user(br#"{"email":"a@b"}"#)).await.result.unwrap_err();
    assert_eq!((error.kind, error.door), (Kind::NoSuchRoute, Some(Door::ControlPlane)));
}

#[tokio::test]
async fn without_a_door_for_it_nothing_is_sent() {
    let server = Server::answering([recorded("gateway/list-buckets-200").answer]).await;
    let client = client(Door::ControlPlane, &server.url, "token");
    let error = buckets::get(&client, &BucketId("private".into())).await.result.unwrap_err();
    assert_eq!((error.kind, error.unsent), (Kind::NoDoor, true));
    assert!(server.asked().is_empty());
}
