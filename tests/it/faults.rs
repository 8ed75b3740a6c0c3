//! The fault matrix, made from the table of routes: each route at each of its doors against each thing that a server
//! can do wrong. Whatever it is, the client ends with the right kind and one sentence that says what to do, sends no
//! change twice, and never takes a failure for success.

pub mod calls;
mod hostile;
mod safety;
mod screen;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use basedeck::api::error::{ApiError, Kind};
use basedeck::api::meta::Meta;
use basedeck::api::model::{BucketId, UserId};
use basedeck::api::route::{Door, Route};
use futures_util::future::join_all;
use strum::VariantArray;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::socket::{SOON, Server, answer, client, deaf, read_request};
use calls::{Target, call, offered};

/// What a server does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray)]
pub enum Fault {
    Unauthorized,
    Forbidden,
    NotFound,
    NoRoute,
    Conflict,
    TooLarge,
    Refused,
    TooMany,
    Internal,
    Unavailable,
    HtmlBadGateway,
    HtmlOk,
    EmptyOk,
    ResetBefore,
    ResetAfter,
    CloseAfter,
    HalfABody,
    Stall,
    Garbage,
    CutJson,
    OtherJson,
    /// Says back every header and the body that it got.
    Echo,
    /// Says more than anybody reads.
    Talkative,
}

const PAGE: &str = "<!doctype html><html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>";

impl Fault {
    /// The kind that it is to a route.
    fn kind(self, route: Route) -> Kind {
        let mutates = route.spec().mutates;
        match self {
            Self::Unauthorized | Self::Echo => Kind::NotSignedIn,
            Self::Forbidden => Kind::NotAllowed,
            Self::NotFound => Kind::NotFound,
            Self::NoRoute => Kind::NoSuchRoute,
            Self::Conflict => Kind::Conflict,
            Self::TooLarge => Kind::TooLarge,
            Self::Refused => Kind::Refused,
            Self::TooMany => Kind::TooMany,
            Self::Internal | Self::Unavailable | Self::HtmlBadGateway | Self::Talkative => Kind::Server,
            Self::ResetBefore | Self::ResetAfter | Self::CloseAfter | Self::Stall => Kind::Lost,
            // What is no refusal of a change may be the end of one that was made.
            Self::EmptyOk | Self::HalfABody | Self::CutJson | Self::OtherJson if mutates => Kind::Lost,
            Self::HtmlOk | Self::Garbage | Self::EmptyOk | Self::HalfABody | Self::CutJson | Self::OtherJson => {
                Kind::BadAnswer
            }
        }
    }

    /// The status that comes, if one does.
    fn status(self) -> Option<u16> {
        Some(match self {
            Self::Unauthorized | Self::Echo => 401,
            Self::Forbidden => 403,
            Self::NotFound | Self::NoRoute => 404,
            Self::Conflict => 409,
            Self::TooLarge => 413,
            Self::Refused => 422,
            Self::TooMany => 429,
            Self::Internal | Self::Talkative => 500,
            Self::HtmlBadGateway => 502,
            Self::Unavailable => 503,
            Self::HtmlOk | Self::EmptyOk | Self::HalfABody | Self::Garbage | Self::CutJson | Self::OtherJson => 200,
            Self::ResetBefore | Self::ResetAfter | Self::CloseAfter | Self::Stall => return None,
        })
    }

    /// Whether the refusal is clear: the server says that nothing was done.
    fn refuses(self) -> bool {
        self.status().is_some_and(|status| (400..500).contains(&status))
    }

    /// What is answered to a request, where it is an answer.
    fn answer(self, request: &str) -> String {
        let json = |status, text: &str| answer(status, "Content-Type: application/json\r\n", text);
        let said = |status, text: &str| json(status, &serde_json::json!({ "message": text }).to_string());
        match self {
            Self::Unauthorized => said("401 Unauthorized", "Invalid token"),
            Self::Forbidden => said("403 Forbidden", "You cannot consume this service"),
            Self::NotFound => said("404 Not Found", "Nothing of this name"),
            Self::NoRoute => answer("404 Not Found", "Content-Type: text/html\r\n", PAGE),
            Self::Conflict => said("409 Conflict", "The resource already exists"),
            Self::TooLarge => said("413 Payload Too Large", "The object exceeded the maximum allowed size"),
            Self::Refused => said("422 Unprocessable Entity", "Something is wrong with it"),
            Self::TooMany => answer("429 Too Many Requests", "Retry-After: 7\r\n", ""),
            Self::Internal => said("500 Internal Server Error", "An unexpected error occurred"),
            Self::Unavailable => answer("503 Service Unavailable", "", "upstream connect error\nreset: overflow"),
            Self::HtmlBadGateway => answer("502 Bad Gateway", "Content-Type: text/html\r\n", PAGE),
            Self::HtmlOk => answer("200 OK", "Content-Type: text/html\r\n", PAGE),
            Self::EmptyOk => answer("200 OK", "", ""),
            Self::HalfABody => "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"id\":\"x\",".into(),
            Self::Garbage => json("200 OK", "}]nonsense\u{1b}[2J"),
            Self::CutJson => json("200 OK", "{\"id\":"),
            Self::OtherJson => json("200 OK", "{\"hello\":[\"world\",null]}"),
            Self::Echo => said("401 Unauthorized", &format!("Not let in: {request}")),
            Self::Talkative => said("500 Internal Server Error", &"It failed. ".repeat(500)),
            Self::ResetBefore | Self::ResetAfter | Self::CloseAfter | Self::Stall => String::new(),
        }
    }
}

/// Serves one connection after the other; `whole` counts the requests that came to their end.
async fn serve(fault: Fault, mut stream: TcpStream, first: bool, whole: Arc<AtomicUsize>) {
    if fault == Fault::ResetBefore && first {
        let _ = stream.set_zero_linger();
        return;
    }
    while let Some(request) = read_request(&mut stream).await {
        whole.fetch_add(1, Ordering::Relaxed);
        let text = format!("{:?} {}", request.headers, String::from_utf8_lossy(&request.body));
        match fault {
            Fault::ResetBefore | Fault::ResetAfter => {
                let _ = stream.set_zero_linger();
                return;
            }
            Fault::CloseAfter => return,
            Fault::Stall => {
                let _ = stream.read_u8().await;
                return;
            }
            _ => {
                let sent = stream.write_all(fault.answer(&text).as_bytes()).await;
                if sent.is_err() || fault == Fault::HalfABody {
                    return;
                }
            }
        }
    }
}

/// How a route ended at a server with a fault, and how many whole requests that server saw.
pub struct Ended {
    pub meta: Meta,
    pub error: ApiError,
    pub whole: usize,
}

/// Asks a server with this fault.
pub async fn ended(fault: Fault, route: Route, door: Door) -> Ended {
    let whole = Arc::new(AtomicUsize::new(0));
    let (count, connections) = (whole.clone(), AtomicUsize::new(0));
    let url = Server::with(move |stream| {
        let first = connections.fetch_add(1, Ordering::Relaxed) == 0;
        serve(fault, stream, first, count.clone())
    })
    .await;
    let mut client = client(door, &url, key(door));
    if matches!(fault, Fault::Stall | Fault::ResetBefore) {
        client = client.within(SOON);
    }
    // A change is offered every chance of being repeated; reads that are would only take time.
    if route.spec().mutates {
        client = client.retrying(3);
    }
    let answer = call(route, &client, &target()).await;
    let error = answer.result.expect_err(&format!("{fault:?}: {route:?} at {door:?}"));
    Ended { meta: answer.meta, error, whole: whole.load(Ordering::Relaxed) }
}

/// Each route at each door that offers it, all at once.
async fn all(fault: Fault) -> Vec<(Route, Door, Ended)> {
    // One row that cannot be read is an answer, and shown as what it is.
    let row = |route| fault == Fault::OtherJson && matches!(route, Route::UserGet | Route::BucketGet);
    let asked = offered()
        .filter(|(route, _)| !row(*route))
        .map(|(route, door)| async move { (route, door, ended(fault, route, door).await) });
    join_all(asked).await
}

fn key(door: Door) -> &'static str {
    match door {
        Door::ControlPlane => "the-platform-token-0123456789",
        Door::Gateway => "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.c2lnbmF0dXJl",
        Door::Studio => "the-studio-password-0123456789",
    }
}

fn target() -> Target {
    Target {
        user: UserId(uuid::Uuid::from_u128(7)),
        email: "alice@example.com".into(),
        bucket: BucketId("avatars".into()),
        key: "a/b.txt".into(),
        new_key: "a/new.txt".into(),
        bytes: b"a few bytes".to_vec(),
    }
}

/// One sentence of a bearable length that says what to do, without a secret.
fn check_sentence(error: &ApiError, door: Door) {
    let sentence = error.sentence();
    assert!(sentence.ends_with('.') && sentence.matches(". ").count() == 0, "one sentence: {sentence}");
    let (_, advice) = sentence.rsplit_once(": ").unwrap_or_else(|| panic!("nothing to do is named: {sentence}"));
    assert!(advice.split(' ').count() >= 2, "{sentence}");
    assert!(sentence.chars().count() <= 300, "{} characters: {sentence}", sentence.chars().count());
    assert!(!sentence.contains('\n'), "one line: {sentence}");
    let told = format!("{sentence} {error:?}");
    assert!(!told.contains(key(door)), "a credential is told: {told}");
    assert!(!told.contains("horse"), "the new user's password is told: {told}");
}

#[tokio::test]
async fn each_fault_at_each_route_is_understood() {
    for &fault in Fault::VARIANTS {
        for (route, door, Ended { meta, error, whole }) in all(fault).await {
            let at = format!("{fault:?}: {route:?} at {door:?}: {error:?}");
            assert_eq!(error.kind, fault.kind(route), "{at}");
            assert_eq!(error.status, fault.status(), "{at}");
            assert!(error.door == Some(door) && error.host.starts_with("127.0.0.1:"), "{at}");
            // The exact listing falls back on the older one.
            let older = (route, error.route) == (Route::ObjectsList, Route::ObjectsListV1);
            assert!(error.route == route || older, "{at}");
            assert_eq!((meta.door, meta.status.is_some()), (Some(door), fault.status().is_some()), "{at}");
            let asked = (fault == Fault::TooMany).then_some(Duration::from_secs(7));
            assert_eq!(error.retry_after, asked, "{at}");
            // All of them reached a server, or may have.
            assert!(!error.unsent, "{at}");
            check_sentence(&error, door);
            if route.spec().mutates {
                assert!(whole <= 1, "a change was sent {whole} times: {at}");
                let sentence = error.sentence().replace("does not say what was stored", "");
                for word in ["created", "stored", "uploaded", "done", "saved"] {
                    assert!(!sentence.contains(word), "{word}: {at}");
                }
                // What may have been done is not said to have failed for sure.
                let open = matches!(error.kind, Kind::Lost | Kind::BadAnswer | Kind::Server);
                assert!(open || fault.refuses(), "{at}");
                let unknown = matches!(error.kind, Kind::Lost | Kind::Server) && error.is_lost();
                assert!(!unknown || sentence.contains("look before you send again"), "{at}");
            }
        }
    }
}

#[tokio::test]
async fn only_what_was_not_sent_is_said_to_be_unsent() {
    let (_held, nobody) = deaf();
    for (route, door) in offered() {
        let error = call(route, &client(door, &nobody, key(door)), &target()).await.result.unwrap_err();
        assert_eq!((error.kind, error.unsent), (Kind::Unreachable, true), "{route:?} at {door:?}");
        check_sentence(&error, door);
    }
}

#[tokio::test]
async fn a_thing_of_another_shape_is_an_unreadable_row() {
    let server = Server::answering([Fault::OtherJson.answer("")]).await;
    let client = client(Door::Gateway, &server.url, "key");
    for route in [Route::UserGet, Route::BucketGet] {
        assert_eq!(call(route, &client, &target()).await.result, Ok(false));
    }
}

/// A fault in the middle of keep-alive leaves nothing behind: the next request of the same client is answered.
#[tokio::test]
async fn after_a_fault_the_same_client_goes_on() {
    for &fault in Fault::VARIANTS {
        if matches!(fault, Fault::Stall | Fault::ResetBefore) {
            continue;
        }
        let connections = AtomicUsize::new(0);
        let url = Server::with(move |mut stream| {
            let first = connections.fetch_add(1, Ordering::Relaxed) == 0;
            async move {
                let mut faulty = first;
                while let Some(request) = read_request(&mut stream).await {
                    let text = if std::mem::take(&mut faulty) {
                        fault.answer(&format!("{:?}", request.headers))
                    } else {
                        answer("200 OK", "", "[]")
                    };
                    // Where no answer is to come the connection ends, and after half of one.
                    if text.is_empty() || stream.write_all(text.as_bytes()).await.is_err() {
                        return;
                    }
                    if first && fault == Fault::HalfABody {
                        return;
                    }
                }
            }
        })
        .await;
        let client = client(Door::Gateway, &url, "key");
        assert!(call(Route::UsersList, &client, &target()).await.result.is_err(), "{fault:?}");
        // A route that was found missing is not asked for again, until it is.
        client.forget_missing();
        assert_eq!(call(Route::UsersList, &client, &target()).await.result, Ok(true), "{fault:?}");
    }
}
