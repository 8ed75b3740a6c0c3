//! assets/errors.md: each kind of failure, what it means and what to do, and what the program makes of the bodies that
//! servers are known to answer with. The sentences are those of the real client, asked through a real socket.

use std::fmt::Write;
use std::fs;

use basedeck::api::error::{ApiError, Kind};
use basedeck::api::model::{BucketId, UserId};
use basedeck::api::route::{Door, Route};

use super::{STALE, cell, read, root, updates};
use crate::faults::calls::{Target, call};
use crate::socket::{Server, answer, client};

/// One answer: who gives it, through which door and to what, status, further head lines, body.
type Example = (&'static str, Door, Route, &'static str, &'static str, &'static str);

const PLANE: Door = Door::ControlPlane;
const GATE: Door = Door::Gateway;
const STUDIO: Door = Door::Studio;
const LIST: Route = Route::UsersList;
const CREATE: Route = Route::UserCreate;
const BUCKETS: Route = Route::BucketsList;
const OBJECTS: Route = Route::ObjectsList;
const USER: Route = Route::UserGet;
const INFO: Route = Route::ObjectInfo;
const UPLOAD: Route = Route::ObjectUpload;
const BASIC: &str = "WWW-Authenticate: Basic realm=\"x\"\r\n";

const EXAMPLES: &[Example] = &[
    // GoTrue, without a version header and with that of 2024-01-01; its database; its OAuth style.
    (
        "GoTrue",
        GATE,
        CREATE,
        "422 E",
        "",
        r#"{"code":422,"error_code":"email_exists","msg":"A user with this email address has already been registered"}"#,
    ),
    (
        "GoTrue",
        GATE,
        CREATE,
        "422 E",
        "",
        r#"{"code":"email_exists","message":"A user with this email address has already been registered"}"#,
    ),
    (
        "GoTrue",
        GATE,
        CREATE,
        "422 E",
        "",
        r#"{"code":422,"error_code":"phone_exists","msg":"Phone number already registered by another user"}"#,
    ),
    (
        "GoTrue",
        GATE,
        CREATE,
        "500 E",
        "",
        r#"{"code":"23505","message":"duplicate key value violates unique constraint","detail":"Key (email)=(a@b.c) already exists."}"#,
    ),
    (
        "GoTrue",
        GATE,
        CREATE,
        "422 E",
        "",
        r#"{"code":422,"error_code":"weak_password","msg":"Password should be at least 8 characters.","weak_password":{"reasons":["length","characters"]}}"#,
    ),
    (
        "GoTrue",
        GATE,
        CREATE,
        "422 E",
        "",
        r#"{"code":422,"error_code":"weak_password","weak_password":{"reasons":["pwned"]}}"#,
    ),
    (
        "GoTrue",
        GATE,
        CREATE,
        "400 E",
        "",
        r#"{"code":400,"error_code":"validation_failed","msg":"Unable to validate email address: invalid format"}"#,
    ),
    (
        "GoTrue",
        GATE,
        LIST,
        "401 E",
        "",
        r#"{"code":401,"error_code":"no_authorization","msg":"This endpoint requires a valid Bearer token"}"#,
    ),
    (
        "GoTrue",
        GATE,
        LIST,
        "403 E",
        "",
        r#"{"code":403,"error_code":"bad_jwt","msg":"invalid JWT: unable to parse or verify signature"}"#,
    ),
    (
        "GoTrue",
        GATE,
        LIST,
        "403 E",
        "",
        r#"{"code":403,"error_code":"session_not_found","msg":"Session from session_id claim in JWT does not exist"}"#,
    ),
    ("GoTrue", GATE, LIST, "403 E", "", r#"{"code":403,"error_code":"not_admin","msg":"User not allowed"}"#),
    ("GoTrue", GATE, LIST, "400 E", "", r#"{"error":"invalid_grant","error_description":"Invalid Refresh Token"}"#),
    (
        "GoTrue",
        GATE,
        LIST,
        "429 E",
        "Retry-After: 7\r\n",
        r#"{"code":429,"error_code":"over_request_rate_limit","msg":"Request rate limit reached"}"#,
    ),
    (
        "GoTrue",
        GATE,
        LIST,
        "500 E",
        "",
        r#"{"code":500,"error_code":"unexpected_failure","msg":"Database error finding users","error_id":"9e"}"#,
    ),
    (
        "GoTrue",
        GATE,
        CREATE,
        "500 E",
        "",
        r#"{"code":500,"error_code":"unexpected_failure","msg":"Database error creating new user","error_id":"9e"}"#,
    ),
    (
        "GoTrue, code in a header",
        GATE,
        CREATE,
        "422 E",
        "X-Sb-Error-Code: email_exists\r\n",
        r#"{"msg":"This email is taken"}"#,
    ),
    ("GoTrue", GATE, USER, "404 E", "", r#"{"code":404,"error_code":"user_not_found","msg":"User not found"}"#),
    // Storage.
    (
        "Storage",
        GATE,
        UPLOAD,
        "400 E",
        "",
        r#"{"statusCode":"409","error":"Duplicate","message":"The resource already exists"}"#,
    ),
    (
        "Storage",
        GATE,
        UPLOAD,
        "400 E",
        "",
        r#"{"statusCode":"413","error":"Payload too large","code":"EntityTooLarge","message":"The object exceeded the maximum allowed size"}"#,
    ),
    (
        "Storage",
        GATE,
        UPLOAD,
        "400 E",
        "",
        r#"{"statusCode":"415","error":"invalid_mime_type","message":"mime type text/plain is not supported"}"#,
    ),
    (
        "Storage",
        GATE,
        INFO,
        "400 E",
        "",
        r#"{"statusCode":"404","error":"not_found","code":"NoSuchKey","message":"Object not found"}"#,
    ),
    (
        "Storage",
        GATE,
        BUCKETS,
        "400 E",
        "",
        r#"{"statusCode":"403","error":"Unauthorized","code":"AccessDenied","message":"signature verification failed"}"#,
    ),
    (
        "Storage",
        GATE,
        INFO,
        "404 E",
        "",
        r#"{"message":"Route GET:/object/info/b/a.txt not found","error":"Not Found","statusCode":"404"}"#,
    ),
    ("Storage", GATE, OBJECTS, "400 E", "", r#"{"statusCode":"404","error":"not_found","message":"Object not found"}"#),
    (
        "Storage",
        GATE,
        OBJECTS,
        "400 E",
        "",
        r#"{"statusCode":"404","error":"Bucket not found","code":"NoSuchBucket","message":"Bucket not found"}"#,
    ),
    (
        "Storage",
        GATE,
        BUCKETS,
        "400 E",
        "",
        r#"{"statusCode":"400","error":"Error","message":"headers must have required property 'authorization'"}"#,
    ),
    (
        "Storage",
        GATE,
        BUCKETS,
        "400 E",
        "",
        r#"{"statusCode":"403","error":"Unauthorized","message":"Invalid Compact JWS"}"#,
    ),
    (
        "Storage",
        GATE,
        BUCKETS,
        "400 E",
        "",
        r#"{"statusCode":"403","error":"Unauthorized","message":"\"exp\" claim timestamp check failed"}"#,
    ),
    (
        "Storage",
        GATE,
        BUCKETS,
        "400 E",
        "",
        r#"{"statusCode":"403","error":"Unauthorized","message":"new row violates row-level security policy"}"#,
    ),
    (
        "Storage",
        GATE,
        OBJECTS,
        "404 E",
        "",
        r#"{"message":"Route POST:/object/list-v2/b not found","error":"Not Found","statusCode":404}"#,
    ),
    (
        "Storage",
        GATE,
        OBJECTS,
        "400 E",
        "",
        r#"{"statusCode":"400","error":"Error","message":"body/limit must be >= 1"}"#,
    ),
    (
        "Storage",
        GATE,
        OBJECTS,
        "400 E",
        "",
        r#"{"statusCode":"400","error":"InvalidKey","code":"InvalidKey","message":"Invalid key: a\u0001"}"#,
    ),
    (
        "Storage",
        GATE,
        OBJECTS,
        "500 E",
        "",
        r#"{"statusCode":"500","error":"Internal","message":"ENOENT: no such file or directory, open '/var/lib/storage/x'"}"#,
    ),
    (
        "Storage",
        GATE,
        OBJECTS,
        "429 E",
        "",
        r#"{"statusCode":"429","error":"too_many_connections","code":"SlowDown","message":"Too many connections"}"#,
    ),
    (
        "Storage",
        GATE,
        OBJECTS,
        "400 E",
        "",
        r#"{"statusCode":"423","error":"ResourceLocked","code":"ResourceLocked","message":"Resource is locked"}"#,
    ),
    (
        "Storage",
        GATE,
        OBJECTS,
        "400 E",
        "",
        r#"{"statusCode":"503","code":"DatabaseReadOnly","message":"The database is read-only"}"#,
    ),
    (
        "Storage",
        GATE,
        OBJECTS,
        "544 E",
        "",
        r#"{"statusCode":"544","error":"DatabaseTimeout","code":"DatabaseTimeout","message":"The connection to the database timed out"}"#,
    ),
    ("Storage, resumable", GATE, OBJECTS, "409 E", "", "The resource already exists"),
    ("Storage, resumable", GATE, OBJECTS, "413 E", "", "Maximum size exceeded"),
    // Studio.
    (
        "Studio",
        STUDIO,
        CREATE,
        "400 E",
        "",
        r#"{"error":{"message":"A user with this email address has already been registered"}}"#,
    ),
    ("Studio", STUDIO, BUCKETS, "400 E", "", r#"{"message":"Bucket not found"}"#),
    ("Studio", STUDIO, OBJECTS, "500 E", "", r#"{"error":"Object not found"}"#),
    ("Studio", STUDIO, BUCKETS, "405 E", "", r#"{"data":null,"error":{"message":"Method GET Not Allowed"}}"#),
    (
        "Studio",
        STUDIO,
        LIST,
        "400 E",
        "",
        r#"{"message":"Failed to run sql query: ERROR: 57014: canceling statement due to statement timeout","formattedError":"ERROR: 57014"}"#,
    ),
    ("Studio", STUDIO, BUCKETS, "400 E", "", r#"{"error":{"message":"{}"}}"#),
    ("Studio", STUDIO, BUCKETS, "400 E", "", r#"{"error":{"message":"fetch failed"}}"#),
    ("Studio", STUDIO, BUCKETS, "500 E", "", r#"{"error":{"message":"Bad Gateway"}}"#),
    ("Studio", STUDIO, BUCKETS, "500 E", "", "Internal Server Error"),
    ("Studio", STUDIO, CREATE, "400 E", "", "Invalid JSON"),
    ("Studio", STUDIO, CREATE, "413 E", "", "Body exceeded 1mb limit"),
    ("Studio", STUDIO, BUCKETS, "400 E", "", r#"{"error":{"message":"Invalid authentication credentials"}}"#),
    ("Studio", STUDIO, BUCKETS, "400 E", "", r#"{"error":{"message":"Request rate limit reached"}}"#),
    (
        "Studio",
        STUDIO,
        CREATE,
        "400 E",
        "",
        r#"{"error":{"message":"For security purposes, you can only request this after 30 seconds."}}"#,
    ),
    ("Studio", STUDIO, LIST, "401 E", BASIC, r#"{"message":"Unauthorized"}"#),
    (
        "Studio of a hosted platform",
        PLANE,
        LIST,
        "404 E",
        "",
        r#"{"success":false,"message":"Endpoint not supported on hosted"}"#,
    ),
    // The control plane.
    ("control plane", PLANE, LIST, "401 E", "", r#"{"error":"unauthorized","message":"Token expired"}"#),
    ("control plane", PLANE, LIST, "401 E", "", r#"{"code":"unauthorized","message":"Missing bearer token"}"#),
    (
        "control plane",
        PLANE,
        CREATE,
        "402 E",
        "",
        r#"{"error":"insufficient_credits","message":"Not enough credits","balance":0,"renews_at":"2026-12-01T00:00:00Z"}"#,
    ),
    ("control plane", PLANE, CREATE, "402 E", "", r#"{"error":"insufficient_credits"}"#),
    ("control plane", PLANE, LIST, "403 E", "", r#"{"message":"You are no member of this organisation"}"#),
    ("control plane", PLANE, LIST, "404 E", "", r#"{"error":"not_found","message":"Project not found"}"#),
    ("Powabase's API", PLANE, CREATE, "400 E", "", r#"{"error":"The name is taken.","error_code":"name_taken"}"#),
    ("Powabase's API", PLANE, CREATE, "400 E", "", r#"{"error":"The name is taken.","code":"name_taken"}"#),
    // Gateways, and what stands in their place.
    ("gateway", GATE, LIST, "401 E", "", r#"{"message":"No API key found in request"}"#),
    ("gateway", PLANE, LIST, "401 E", "", r#"{"message":"No API key found in request"}"#),
    ("gateway", GATE, LIST, "401 E", "", r#"{"message":"Invalid authentication credentials"}"#),
    ("gateway", GATE, LIST, "404 E", "", r#"{"message":"no Route matched with those values"}"#),
    ("gateway", GATE, LIST, "403 E", "", r#"{"message":"You cannot consume this service"}"#),
    ("gateway of one port", GATE, LIST, "401 E", BASIC, r#"{"message":"Unauthorized"}"#),
    ("gateway", GATE, LIST, "502 E", "", "<html><head><title>502 Bad Gateway</title></head></html>"),
    ("gateway", GATE, LIST, "404 E", "", "<html><head><title>404 Not Found</title></head></html>"),
    ("gateway", GATE, CREATE, "504 E", "", "<html><head><title>504 Gateway Time-out</title></head></html>"),
    ("gateway", GATE, LIST, "503 E", "", ""),
    ("gateway", GATE, LIST, "404 E", "", ""),
    ("captive portal", GATE, LIST, "200 OK", "", "<!doctype html><title>Sign in to the network</title>"),
    ("captive portal", GATE, LIST, "302 E", "Location: https://portal.example/login\r\n", ""),
    ("captive portal", GATE, LIST, "511 E", "", "<html>Network Authentication Required</html>"),
    (
        "proxy",
        GATE,
        LIST,
        "407 E",
        "Proxy-Authenticate: Basic realm=\"x\"\r\n",
        "<html>Proxy Authentication Required</html>",
    ),
    ("any server", GATE, LIST, "200 OK", "", "{}"),
    ("any server", GATE, LIST, "200 OK", "", ""),
];

/// What goes wrong before a server answers, or without one: the words are `api::fault`'s and the client's.
const WITHOUT: &[(&str, Kind, Route, bool, &str)] = &[
    ("DNS", Kind::Unreachable, LIST, true, "the name is unknown"),
    ("network", Kind::Unreachable, LIST, true, "nothing listens there"),
    ("network", Kind::Unreachable, LIST, true, "there is no way to it"),
    ("network", Kind::Unreachable, LIST, true, "no connection within 10 s"),
    ("proxy", Kind::Unreachable, LIST, true, "the proxy asks for a name and a password, which belong into its address"),
    ("proxy", Kind::Unreachable, LIST, true, "the proxy leads to no such place"),
    ("proxy", Kind::Unreachable, LIST, true, "the proxy cannot be reached, nothing listens there"),
    ("TLS", Kind::Unreachable, LIST, true, "it speaks plain http, not https"),
    (
        "detection",
        Kind::WrongServer,
        LIST,
        true,
        "is a self-hosted stack, not a control plane; give it as `project` with the service key, or as `studio` with \
         its name and password",
    ),
    ("TLS", Kind::Untrusted, LIST, true, "its certificate has expired"),
    ("TLS", Kind::Untrusted, LIST, true, "its certificate is for another name, other.example"),
    ("TLS", Kind::Untrusted, LIST, true, "its certificate is signed by nobody that this machine trusts"),
    ("TLS", Kind::Untrusted, LIST, true, "its certificate is a signer's own, which may not serve"),
    ("network", Kind::Lost, LIST, false, "the connection broke before an answer came, connection reset"),
    ("network", Kind::Lost, CREATE, false, "no whole answer within 30 s"),
    ("this program", Kind::ReadOnly, CREATE, true, "this connection is read-only"),
    ("this program", Kind::NoDoor, OBJECTS, true, "no door of this connection offers it"),
    ("this program", Kind::NotSignedIn, LIST, true, "there is no service key"),
    ("this program", Kind::Paused, LIST, false, "INACTIVE"),
    ("this program", Kind::LocalFile, Route::ObjectUpload, true, "the file changed while it was read"),
    ("this program", Kind::LocalFile, CREATE, true, "nothing was sent, for the audit a.jsonl cannot be written"),
    ("this program", Kind::Stopped, Route::ObjectUpload, false, "stopped"),
];

/// What a kind means and what to do.
const fn meaning(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::NotSignedIn => ("The credential is missing, broken, expired or refused.", "Give another one."),
        Kind::NotAllowed => {
            ("The credential is good and may not do this.", "Use the service key, or ask for the right.")
        }
        Kind::ReadOnly => (
            "This connection changes nothing; nothing was sent.",
            "Start it without `--read-only`, or unlock the profile.",
        ),
        Kind::NoDoor => (
            "No door of this connection offers it; nothing was sent.",
            "Connect a further door, the project's gateway above all.",
        ),
        Kind::NoSuchRoute => (
            "The server, or what stands at its address, does not have this route.",
            "Check the address; ask again later.",
        ),
        Kind::NotFound => ("The thing is not there.", "Refresh the list; check the ref."),
        Kind::Conflict => ("It is there already, or held by somebody.", "Use another name."),
        Kind::Refused => ("The server refuses what was given.", "Correct it: the sentence says what."),
        Kind::TooLarge => ("It is larger than the server takes.", "Raise the bucket's or the server's limit."),
        Kind::TooMany => ("Too many requests.", "Wait: the program slows down by itself."),
        Kind::Server => ("The server, or one behind it, failed.", "Try again later; give its operator the request id."),
        Kind::Paused => ("The project is paused: nothing of it answers.", "Restore it in the console."),
        Kind::Unreadable => (
            "A row that the server cannot read spoils the page.",
            "Nothing: the page is halved around it and the hole is named.",
        ),
        Kind::BadAnswer => {
            ("The answer is none of these routes': a web page, half a body.", "Check the address and the network.")
        }
        Kind::Unreachable => ("There is no connection; nothing was sent.", "Check address, network and proxy."),
        Kind::WrongServer => (
            "Another kind of server stands at the address; no credential was sent.",
            "Configure the door that the sentence names.",
        ),
        Kind::Untrusted => (
            "The server's certificate is not accepted; nothing was sent.",
            "Have it renewed, or give its signer with `--ca-file`.",
        ),
        Kind::Lost => ("The answer was lost: a change may have been made.", "Look before you send it again."),
        Kind::Redirected => {
            ("The server sends elsewhere; no credential follows.", "Give that address yourself if you trust it.")
        }
        Kind::LocalFile => {
            ("A file of this machine cannot be read or written, or changed meanwhile.", "Look at it and send it again.")
        }
        Kind::Stopped => ("You stopped it.", "Send it again if you still want it."),
    }
}

const KINDS: [Kind; 21] = [
    Kind::NotSignedIn,
    Kind::NotAllowed,
    Kind::ReadOnly,
    Kind::NoDoor,
    Kind::NoSuchRoute,
    Kind::NotFound,
    Kind::Conflict,
    Kind::Refused,
    Kind::TooLarge,
    Kind::TooMany,
    Kind::Server,
    Kind::Paused,
    Kind::Unreadable,
    Kind::BadAnswer,
    Kind::Unreachable,
    Kind::WrongServer,
    Kind::Untrusted,
    Kind::Lost,
    Kind::Redirected,
    Kind::LocalFile,
    Kind::Stopped,
];

/// Asks a server that answers so.
async fn asked(&(_, door, route, status, headers, body): &Example) -> ApiError {
    let server = Server::answering([answer(status, headers, body)]).await;
    let client = client(door, &server.url, "a-service-key");
    let target = Target {
        user: UserId(uuid::Uuid::nil()),
        email: "a@b.c".into(),
        bucket: BucketId("b".into()),
        key: "a.txt".into(),
        new_key: "a.txt".into(),
        bytes: b"hello".to_vec(),
    };
    let mut error = call(route, &client, &target).await.result.expect_err(body);
    // The port is another one each time.
    let here = server.url.as_str().trim_end_matches('/').to_owned();
    (error.host, error.said) = ("db.example".into(), error.said.replace(&here, "http://db.example"));
    error
}

async fn page() -> String {
    let mut rows: Vec<(Kind, String)> = Vec::new();
    for example @ (from, _, _, status, _, body) in EXAMPLES {
        let error = asked(example).await;
        let sentence = error.sentence();
        // What stands in brackets is the server's own.
        let ours = sentence.split_once(" (").map_or(sentence.clone(), |(before, rest)| {
            format!("{before}{}", rest.rsplit_once(')').expect("brackets that end").1)
        });
        assert_eq!(ours.matches(": ").count(), 1, "{sentence}");
        let status = status.split(' ').next().unwrap();
        let body = if body.is_empty() { "(empty)".to_owned() } else { format!("`{}`", body.replace('|', "\\|")) };
        rows.push((error.kind, format!("| {from} | {status} | {body} | {} |", cell(&sentence))));
    }
    for &(from, kind, route, unsent, said) in WITHOUT {
        let error = ApiError { unsent, host: "db.example".into(), ..ApiError::of(kind, route, said) };
        assert_eq!(error.sentence().matches(": ").count(), 1, "{error}");
        rows.push((kind, format!("| {from} | | | {} |", cell(&error.sentence()))));
    }
    let mut text = String::from(
        "# What goes wrong, and what the program says\n\nMade by `UPDATE=1 cargo test --test it docs`: each body was sent \
         to the client, each sentence is its own.\nThe raw answer behind a sentence is one key away on the screen.\n",
    );
    for kind in KINDS {
        let (means, todo) = meaning(kind);
        write!(text, "\n## {kind:?}\n\n{means} {todo}\n\n| from | status | body | sentence |\n|---|---|---|---|\n")
            .unwrap();
        let mut none = true;
        for (_, row) in rows.iter().filter(|(of, _)| *of == kind) {
            writeln!(text, "{row}").unwrap();
            none = false;
        }
        assert!(!none, "{kind:?} has no example");
    }
    text
}

#[tokio::test]
async fn the_table_of_errors_says_what_the_client_says() {
    let (path, fresh) = ("assets/errors.md", page().await);
    if updates() {
        fs::write(root(path), &fresh).unwrap();
    }
    assert!(read(path) == fresh, "{path} {STALE}");
    assert!(read("README.md").contains(&format!("]({path})")), "README says where it is");
}
