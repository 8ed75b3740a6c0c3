//! Which kind of server stands at an address is looked at before a credential goes there: what is asked, what is never
//! sent, and what is said of a wrong one.

use basedeck::api::buckets;
use basedeck::api::client::{Client, Connection, DoorConfig, install_tls};
use basedeck::api::detect::{PATHS, ServerKind};
use basedeck::api::error::{ApiError, Kind};
use basedeck::api::route::Door;
use basedeck::secret::Secret;
use url::Url;

use crate::socket::{Request, SOON, Server, answer};

const HTML: &str = "<!doctype html><title>Welcome</title>";

fn no_key() -> String {
    answer("401 Unauthorized", "", r#"{"message": "No API key found in request"}"#)
}

fn no_token() -> String {
    answer("401 Unauthorized", "", r#"{"code": "unauthorized", "message": "Missing bearer token"}"#)
}

fn basic() -> String {
    answer("401 Unauthorized", "WWW-Authenticate: Basic realm=\"kong\"\r\n", r#"{"message":"Unauthorized"}"#)
}

fn johndoe() -> String {
    answer("200 OK", "", r#"{"id":1,"primary_email":"johndoe@supabase.io"}"#)
}

fn hosted() -> String {
    answer("404 Not Found", "", r#"{"success":false,"message":"Endpoint not supported on hosted"}"#)
}

fn page() -> String {
    answer("200 OK", "", &HTML.repeat(4_000))
}

/// Answers the two questions so, and everything else with an empty list.
async fn stand(profile: String, health: String) -> Server {
    Server::serving(move |request: Request| {
        let told = match request.path() {
            path if path == PATHS[0] => profile.clone(),
            path if path == PATHS[1] => health.clone(),
            _ => answer("200 OK", "", "[]"),
        };
        async move { told }
    })
    .await
}

fn client(door: Door, base: &Url, user: Option<&str>) -> Client {
    install_tls();
    let credential = Secret::new("a-very-secret-credential".into());
    let user = user.map(ToOwned::to_owned);
    let reference = Some("default".into());
    let door = DoorConfig { door, base: base.clone(), reference, user, credential, renew: None };
    Client::new(Connection { doors: vec![door], read_only: false, ca_file_pem: None, detect: true, watch: None })
}

fn is_question(request: &Request) -> bool {
    PATHS.contains(&request.path())
}

/// Lists buckets; the questions bear no credential, and no other request is sent where the server is wrong.
async fn refused(door: Door, profile: String, health: String) -> ApiError {
    let server = stand(profile, health).await;
    let client = client(door, &server.url, Some("ops"));
    let mut errors = Vec::new();
    for _ in 0..2 {
        errors.push(buckets::list(&client).await.result.unwrap_err());
    }
    assert_eq!(errors[0], errors[1]);
    let asked = server.asked();
    assert_eq!(asked.len(), 2, "asked once, and nothing else: {asked:?}");
    for request in &asked {
        assert!(is_question(request));
        assert_eq!((request.header("authorization"), request.header("apikey")), (None, None));
    }
    errors.remove(0)
}

#[tokio::test]
async fn nothing_is_sent_to_a_server_of_another_kind() {
    for (door, profile, health, part) in [
        (Door::ControlPlane, basic(), no_key(), "is a self-hosted stack, not a control plane; give it as `project`"),
        (Door::ControlPlane, johndoe(), page(), "is a Studio without a password, not a control plane"),
        (Door::ControlPlane, hosted(), hosted(), "try http://localhost:5000 as the control plane"),
        (Door::ControlPlane, no_key(), no_key(), "is a project's gateway, not a control plane"),
        (Door::ControlPlane, page(), page(), "is some other web page, not a control plane; check the address"),
        (Door::Gateway, no_token(), answer("404 Not Found", "", "{}"), "give it as `control_plane`"),
        (Door::Gateway, hosted(), hosted(), "try http://localhost:5000"),
        (Door::Gateway, page(), page(), "is some other web page, not a project's gateway"),
        (Door::Gateway, johndoe(), page(), "give it as `studio`, or the address of the project's gateway"),
        (Door::Studio, no_token(), no_key(), "is a control plane, not a Studio; give it as `control_plane`"),
    ] {
        let error = refused(door, profile, health).await;
        assert_eq!((error.kind, error.unsent, error.door), (Kind::WrongServer, true, Some(door)), "{error}");
        assert!(error.sentence().contains(part), "{error}");
    }
}

#[tokio::test]
async fn each_door_goes_to_its_own_servers_with_its_own_credential_alone() {
    for (door, profile, health, found) in [
        (Door::ControlPlane, no_token(), no_key(), ServerKind::ControlPlane),
        (Door::Gateway, no_key(), no_key(), ServerKind::Gateway),
        (Door::Gateway, basic(), no_key(), ServerKind::SelfHosted),
        (Door::Gateway, johndoe(), no_key(), ServerKind::OpenStudio),
        (Door::Studio, basic(), no_key(), ServerKind::SelfHosted),
        (Door::ControlPlane, answer("502 Bad Gateway", "", HTML), page(), ServerKind::Unknown),
    ] {
        let server = stand(profile, health).await;
        let client = client(door, &server.url, Some("ops"));
        assert_eq!(client.found(door), None);
        let (one, other) = tokio::join!(buckets::list(&client), buckets::list(&client));
        assert!(one.result.is_ok() && other.result.is_ok(), "{found:?}");
        let found = Some(found);
        assert_eq!((&one.meta.found, &other.meta.found), (&found, &found), "whichever answer is dropped");
        assert_eq!(client.found(door), found);
        let asked = server.asked();
        assert_eq!(asked.iter().filter(|request| is_question(request)).count(), 2, "two requests wait for one look");
        for request in &asked {
            let sent: Vec<_> = request.headers.iter().filter(|(name, _)| name == "authorization").collect();
            let scheme = if door == Door::Studio { "Basic " } else { "Bearer " };
            if is_question(request) {
                assert!(sent.is_empty() && request.header("apikey").is_none());
            } else {
                assert!(sent.len() == 1 && sent[0].1.starts_with(scheme), "{sent:?}");
                assert_eq!(request.header("apikey").is_some(), door == Door::Gateway);
            }
        }
    }
}

#[tokio::test]
async fn an_open_studio_gets_no_password_and_a_closed_one_is_not_asked_without() {
    let server = stand(johndoe(), answer("404 Not Found", "", HTML)).await;
    assert!(buckets::list(&client(Door::Studio, &server.url, Some("ops"))).await.result.is_ok());
    assert!(server.asked().iter().all(|request| request.header("authorization").is_none()));

    let server = stand(basic(), no_key()).await;
    let error = buckets::list(&client(Door::Studio, &server.url, None)).await.result.unwrap_err();
    assert_eq!((error.kind, error.unsent), (Kind::NotSignedIn, true));
    let said = "There is no name and password, and this Studio asks for both: give one for ";
    assert!(error.sentence().starts_with(said), "{error}");
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn a_redirect_elsewhere_is_named_and_never_followed() {
    let other = Server::answering([no_token()]).await;
    let away = answer("302 Found", &format!("Location: {}login\r\n", other.url), "");
    for door in [Door::ControlPlane, Door::Gateway, Door::Studio] {
        let error = refused(door, away.clone(), away.clone()).await;
        assert_eq!(error.kind, Kind::WrongServer);
        let to = other.url.as_str().trim_end_matches('/');
        assert!(error.sentence().contains(&format!("sends us on to {to}; give that address yourself")), "{error}");
    }
    assert!(other.asked().is_empty());
}

#[tokio::test]
async fn a_redirect_within_the_origin_is_followed() {
    let moved = answer("308 Permanent Redirect", "Location: /auth/v1/health\r\n", "");
    let server = stand(moved, no_key()).await;
    let client = client(Door::Gateway, &server.url, None);
    assert!(buckets::list(&client).await.result.is_ok());
    assert_eq!(client.found(Door::Gateway), Some(ServerKind::Gateway));
    // One that never ends tells nothing.
    let circle = answer("308 Permanent Redirect", &format!("Location: {}\r\n", PATHS[0]), "");
    let server = stand(circle, page()).await;
    assert!(buckets::list(&self::client(Door::ControlPlane, &server.url, None)).await.result.is_ok());
}

#[tokio::test]
async fn where_nothing_answers_the_request_itself_tells_why() {
    let silent = Server::serving(|request: Request| async move {
        if PATHS.contains(&request.path()) {
            std::future::pending::<()>().await;
        }
        answer("200 OK", "", "[]")
    })
    .await;
    let client = client(Door::Gateway, &silent.url, None).within(SOON);
    let (one, other) = tokio::join!(buckets::list(&client), buckets::list(&client));
    assert!(one.result.is_ok() && other.result.is_ok());
    assert_eq!(client.found(Door::Gateway), None);
    assert_eq!(silent.asked().iter().filter(|request| is_question(request)).count(), 2, "nobody waits twice");

    let (_held, dead) = crate::socket::deaf();
    let error = buckets::list(&self::client(Door::Gateway, &dead, None)).await.result.unwrap_err();
    assert_eq!(error.kind, Kind::Unreachable);
}

#[tokio::test]
async fn another_server_at_the_address_is_looked_at_again_when_a_person_asks() {
    let server = stand(page(), page()).await;
    let client = client(Door::Gateway, &server.url, None);
    for asked in [2, 4] {
        assert_eq!(buckets::list(&client).await.result.unwrap_err().kind, Kind::WrongServer);
        assert_eq!(server.asked().len(), asked);
        client.forget_missing();
    }
}
