//! Signing in and staying signed in, against recorded exchanges, against servers that lie, and against the demo: a
//! refresh token is used once, and a new pair is stored before anybody uses it.

use std::path::Path;
use std::sync::{Arc, Mutex};

use basedeck::api::buckets;
use basedeck::api::client::{Client, Connection, DoorConfig, install_tls};
use basedeck::api::error::{ApiError, Kind};
use basedeck::api::renew::{NotGiven, Renew, unnoted};
use basedeck::api::route::Door;
use basedeck::api::session::{Held, Keep, Kept, Session, Step};
use basedeck::demo::{self, Options, SignIn};
use basedeck::local::sessions::Store;
use basedeck::secret::Secret;
use jiff::Timestamp;
use serde_json::json;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::sync::Notify;
use url::Url;

use crate::contract_client::recorded;
use crate::socket::{Request, Server, answer, read_request};

const EMAIL: &str = "ada.lovelace@example.com";
const PASSWORD: &str = "correct-horse-1";
const ANON: &str = "the-anon-key";

fn secret(text: &str) -> Secret {
    Secret::new(text.into())
}

/// A session with a store of its own.
struct Rig {
    session: Session,
    store: Store,
    _folder: TempDir,
}

fn auth(url: &Url) -> Url {
    url.join("/auth/v1").unwrap()
}

fn store(folder: &Path, url: &Url) -> Store {
    Store::new(folder, &auth(url), EMAIL)
}

impl Rig {
    fn new(url: &Url) -> Self {
        install_tls();
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path(), url);
        let session = Session::new(auth(url), Some(secret(ANON)), Arc::new(store.clone()), None);
        Self { session, store, _folder: folder }
    }

    /// With a session stored that was had just now.
    fn signed_in(url: &Url) -> Self {
        let rig = Self::new(url);
        rig.store.lock().unwrap().write(&kept("old-access-token", "old-refresh")).unwrap();
        rig
    }

    fn stored(&self) -> Option<(String, String)> {
        let kept = self.store.read().unwrap()?;
        Some((kept.access.expose().to_owned(), kept.refresh.expose().to_owned()))
    }

    fn has(&self, access: &str, refresh: &str) -> bool {
        self.stored() == Some((access.into(), refresh.into()))
    }
}

fn kept(access: &str, refresh: &str) -> Kept {
    Kept {
        access: secret(access),
        refresh: secret(refresh),
        received: Timestamp::now(),
        lives: std::time::Duration::from_secs(3_600),
        who: EMAIL.into(),
    }
}

fn pair(access: &str, refresh: &str) -> String {
    let body = json!({"access_token": access, "refresh_token": refresh, "expires_in": 3600, "user": {"email": EMAIL}});
    answer("200 OK", "", &body.to_string())
}

fn failed(not: NotGiven) -> ApiError {
    match not {
        NotGiven::Failed(error) => *error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_password_is_sent_as_recorded_and_the_session_is_stored() {
    let exchange = recorded("gotrue/token-password-200");
    let server = Server::answering([exchange.answer]).await;
    let rig = Rig::new(&server.url);
    let Step::SignedIn(given) = rig.session.sign_in(EMAIL, &secret(PASSWORD)).await.unwrap() else { panic!() };
    assert_eq!((given.who.as_deref(), given.secret.expose()), (Some(EMAIL), "{{access_token}}"));
    assert!(given.lives.is_some_and(|lives| (3_590..=3_600).contains(&lives.as_secs())));
    assert!(rig.has("{{access_token}}", "{{refresh_token}}"));
    let sent = &server.asked()[0];
    assert_eq!((&sent.method, &sent.target), (&exchange.request.method, &exchange.request.target));
    assert_eq!(sent.json(), exchange.request.json());
    assert_eq!((sent.header("apikey"), sent.header("authorization")), (Some(ANON), None));
}

#[tokio::test]
async fn who_is_refused_is_told_why_and_nothing_is_stored() {
    for (name, says) in [
        ("token-password-wrong-400", "does not know this email with this password"),
        ("token-banned-400", "The account is banned"),
        ("token-unconfirmed-400", "not confirmed yet"),
    ] {
        let server = Server::answering([recorded(&format!("gotrue/{name}")).answer]).await;
        let rig = Rig::new(&server.url);
        let error = rig.session.sign_in(EMAIL, &secret(PASSWORD)).await.unwrap_err();
        assert_eq!(error.kind, Kind::NotSignedIn, "{name}");
        assert!(error.sentence().contains(says) && !error.wants_captcha(), "{error}");
        assert_eq!((rig.stored(), server.asked().len()), (None, 1));
    }
    let body = json!({"code": 400, "error_code": "captcha_failed", "msg": format!("no captcha for {PASSWORD}")});
    let server = Server::answering([answer("400 Bad Request", "", &body.to_string())]).await;
    let error = Rig::new(&server.url).session.sign_in(EMAIL, &secret(PASSWORD)).await.unwrap_err();
    assert!(error.wants_captcha() && error.sentence().contains("paste an access token"), "{error}");
    assert!(!format!("{error:?}").contains(PASSWORD), "what a server says back is hidden");
}

#[tokio::test]
async fn no_credential_is_shown_to_another_server_or_to_a_wrong_one() {
    let other = Server::answering([pair("a", "b")]).await;
    let to = format!("Location: {}\r\n", other.url);
    for (first, kind) in [
        (answer("307 Temporary Redirect", &to, ""), Kind::Redirected),
        (answer("200 OK", "Content-Type: text/html\r\n", "<html></html>"), Kind::BadAnswer),
        (answer("200 OK", "", "{\"access_token\":\"\",\"refresh_token\":\"r\"}"), Kind::BadAnswer),
        (answer("200 OK", "", "{\"access_token\":\"a\\n\",\"refresh_token\":\"r\"}"), Kind::BadAnswer),
    ] {
        let server = Server::answering([first]).await;
        let rig = Rig::signed_in(&server.url);
        assert_eq!(rig.session.sign_in(EMAIL, &secret(PASSWORD)).await.unwrap_err().kind, kind);
        let error = failed(rig.session.renew(Some(&secret("old-access-token")), &unnoted).await.unwrap_err());
        assert_eq!(error.kind, kind);
        assert!(rig.has("old-access-token", "old-refresh"));
        assert_eq!(server.asked().len(), 2);
    }
    assert!(other.asked().is_empty());
    // Without an anon key there is no such header.
    let server = Server::answering([pair("a", "b")]).await;
    let rig = Rig::new(&server.url);
    let session = Session::new(auth(&server.url), Some(secret(" ")), Arc::new(rig.store.clone()), None);
    session.sign_in(EMAIL, &secret(PASSWORD)).await.unwrap();
    assert_eq!(server.asked()[0].header("apikey"), None);
}

#[tokio::test]
async fn a_refresh_is_sent_as_recorded_and_only_where_nobody_else_did() {
    let exchange = recorded("gotrue/token-refresh-200");
    let server = Server::answering([exchange.answer]).await;
    let rig = Rig::signed_in(&server.url);
    // Another program stored a newer one, or nothing was had yet: that is the answer.
    for old in [Some(&secret("an-even-older-one")), None] {
        let given = rig.session.renew(old, &unnoted).await.unwrap();
        assert_eq!((given.secret.expose(), given.who.as_deref()), ("old-access-token", Some(EMAIL)));
    }
    assert!(server.asked().is_empty());
    let given = rig.session.renew(Some(&secret("old-access-token")), &unnoted).await.unwrap();
    assert_eq!(given.secret.expose(), "{{access_token}}");
    assert!(rig.has("{{access_token}}", "{{refresh_token}}"));
    let sent = &server.asked()[0];
    assert_eq!((&sent.method, &sent.target), (&exchange.request.method, &exchange.request.target));
    assert_eq!((sent.json(), sent.header("apikey")), (json!({"refresh_token": "old-refresh"}), Some(ANON)));
    assert_eq!(sent.header("authorization"), None);
}

#[tokio::test]
async fn a_session_that_is_over_needs_a_person() {
    for name in ["token-refresh-reused-400", "token-refresh-unknown-400", "user-session-gone-403", "token-banned-400"] {
        let server = Server::answering([recorded(&format!("gotrue/{name}")).answer]).await;
        let rig = Rig::signed_in(&server.url);
        let NotGiven::SignIn(why) = rig.session.renew(Some(&secret("old-access-token")), &unnoted).await.unwrap_err()
        else {
            panic!("{name}")
        };
        assert!(why.starts_with("the session at 127.0.0.1:") && why.contains("has ended ("), "{why}");
        assert_eq!((rig.stored(), server.asked().len()), (None, 1), "{name}");
        let NotGiven::SignIn(why) = rig.session.renew(None, &unnoted).await.unwrap_err() else { panic!() };
        assert!(why.starts_with("nobody is signed in at "), "{why}");
    }
}

#[tokio::test]
async fn what_fails_for_now_leaves_the_session_as_it_is() {
    let gateway = answer("401 Unauthorized", "", "{\"message\":\"No API key found in request\"}");
    let busy = "{\"code\":429,\"error_code\":\"over_request_rate_limit\",\"msg\":\"Request rate limit reached\"}";
    for (given, kind) in [
        (gateway, Kind::NotSignedIn),
        (answer("429 Too Many Requests", "", busy), Kind::TooMany),
        (answer("502 Bad Gateway", "", ""), Kind::Server),
    ] {
        let server = Server::answering([given]).await;
        let rig = Rig::signed_in(&server.url);
        assert_eq!(
            failed(rig.session.renew(Some(&secret("old-access-token")), &unnoted).await.unwrap_err()).kind,
            kind
        );
        assert!(rig.has("old-access-token", "old-refresh"));
        assert_eq!(server.asked().len(), 1, "not sent again");
    }
    let (_held, url) = crate::socket::deaf();
    let rig = Rig::signed_in(&url);
    assert_eq!(
        failed(rig.session.renew(Some(&secret("old-access-token")), &unnoted).await.unwrap_err()).kind,
        Kind::Unreachable
    );
    assert!(rig.has("old-access-token", "old-refresh"));
}

#[tokio::test]
async fn a_lost_answer_to_a_refresh_is_asked_for_once_more() {
    let server = Server::answering([String::new(), pair("new-access-token", "new-refresh")]).await;
    let rig = Rig::signed_in(&server.url);
    let given = rig.session.renew(Some(&secret("old-access-token")), &unnoted).await.unwrap();
    assert_eq!(given.secret.expose(), "new-access-token");
    assert!(rig.has("new-access-token", "new-refresh"));
    let sent: Vec<_> = server.asked().iter().map(|asked| asked.json()["refresh_token"].clone()).collect();
    assert_eq!(sent, ["old-refresh", "old-refresh"]);
    for lost in [String::new(), "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"access".into()] {
        let cut = lost.clone();
        let url = Server::with(move |mut stream| {
            let cut = cut.clone();
            async move {
                read_request(&mut stream).await.unwrap();
                stream.write_all(cut.as_bytes()).await.unwrap();
            }
        });
        let rig = Rig::signed_in(&url.await);
        assert_eq!(
            failed(rig.session.renew(Some(&secret("old-access-token")), &unnoted).await.unwrap_err()).kind,
            Kind::Lost
        );
        assert!(rig.has("old-access-token", "old-refresh"));
    }
}

/// A store on a full disk.
#[derive(Debug)]
struct Full(Store);

struct FullHeld(Box<dyn Held>);

impl Keep for Full {
    fn lock(&self) -> Result<Box<dyn Held>, String> {
        Ok(Box::new(FullHeld(self.0.lock()?)))
    }
}

impl Held for FullHeld {
    fn read(&self) -> Result<Option<Kept>, String> {
        self.0.read()
    }

    fn write(&mut self, _: &Kept) -> Result<(), String> {
        Err("the session cannot be stored (the disk is full)".into())
    }

    fn clear(&mut self) -> Result<(), String> {
        self.0.clear()
    }
}

#[tokio::test]
async fn what_cannot_be_stored_is_not_used() {
    let server = Server::answering([pair("new-access-token", "new-refresh")]).await;
    let rig = Rig::signed_in(&server.url);
    let session = Session::new(auth(&server.url), None, Arc::new(Full(rig.store.clone())), None);
    let error = failed(session.renew(Some(&secret("old-access-token")), &unnoted).await.unwrap_err());
    assert!(error.kind == Kind::LocalFile && error.sentence().contains("the disk is full"), "{error}");
    assert!(session.sign_in(EMAIL, &secret(PASSWORD)).await.is_err());
    assert!(rig.has("old-access-token", "old-refresh"));
}

#[tokio::test]
async fn a_refresh_that_nobody_waits_for_is_stored_all_the_same() {
    let (asked, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let gate = (asked.clone(), go.clone());
    let url = Server::with(move |mut stream| {
        let (asked, go) = gate.clone();
        async move {
            read_request(&mut stream).await.unwrap();
            asked.notify_one();
            go.notified().await;
            stream.write_all(pair("new-access-token", "new-refresh").as_bytes()).await.unwrap();
        }
    });
    let rig = Rig::signed_in(&url.await);
    let old = secret("old-access-token");
    tokio::select! {
        _ = rig.session.renew(Some(&old), &unnoted) => panic!("nothing was answered yet"),
        () = asked.notified() => {}
    }
    go.notify_one();
    assert_eq!(rig.session.renew(Some(&old), &unnoted).await.unwrap().secret.expose(), "new-access-token");
    assert!(rig.has("new-access-token", "new-refresh"));
}

#[tokio::test]
async fn signing_out_ends_this_session_alone_and_always_here() {
    for (name, fine) in [("logout-global-204", true), ("logout-again-403", true), ("request-rate-limit-429", false)] {
        let server = Server::answering([recorded(&format!("gotrue/{name}")).answer]).await;
        let rig = Rig::signed_in(&server.url);
        assert_eq!(rig.session.sign_out(|| ()).await.is_ok_and(|was| was), fine, "{name}");
        assert_eq!(rig.stored(), None);
        let sent = &server.asked()[0];
        assert_eq!((sent.method.as_str(), sent.target.as_str()), ("POST", "/auth/v1/logout?scope=local"));
        assert_eq!(sent.header("authorization"), Some("Bearer old-access-token"));
        assert_eq!(rig.session.sign_out(|| ()).await, Ok(false));
        assert_eq!(server.asked().len(), 1);
    }
}

#[tokio::test]
async fn whoever_signs_in_again_before_the_server_knows_of_the_end_keeps_the_new_session() {
    let (asked, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let gate = (asked.clone(), go.clone());
    let server = Server::with(move |mut stream| {
        let (asked, go) = gate.clone();
        async move {
            if read_request(&mut stream).await.unwrap().target.contains("/logout") {
                asked.notify_one();
                go.notified().await;
            }
            stream.write_all(pair("new-access-token", "new-refresh").as_bytes()).await.unwrap();
        }
    });
    let rig = Rig::signed_in(&server.await);
    let held = Mutex::new("old-access-token".to_owned());
    let out = rig.session.sign_out(|| held.lock().unwrap().clear());
    let again = async {
        asked.notified().await;
        let Step::SignedIn(given) = rig.session.sign_in(EMAIL, &secret(PASSWORD)).await.unwrap() else { panic!() };
        given.secret.expose().clone_into(&mut held.lock().unwrap());
        go.notify_one();
    };
    assert!(tokio::join!(out, again).0.unwrap());
    assert_eq!(*held.lock().unwrap(), "new-access-token");
    assert!(rig.has("new-access-token", "new-refresh"));
}

/// A store that tells when somebody waits for it.
#[derive(Debug)]
struct Awaited(Store, Arc<Notify>);

impl Keep for Awaited {
    fn lock(&self) -> Result<Box<dyn Held>, String> {
        self.1.notify_one();
        self.0.lock()
    }
}

#[tokio::test]
async fn what_is_given_while_a_sign_out_waits_for_another_program_is_kept() {
    let (list, signs_in) = (answer("200 OK", "", "[]"), Arc::new(Notify::new()));
    let heard = signs_in.clone();
    let server = Server::serving(move |request: Request| {
        let (list, heard) = (list.clone(), heard.clone());
        async move {
            if !request.path().ends_with("/token") {
                return list;
            }
            heard.notify_one();
            pair("new-access-token", "new-refresh")
        }
    })
    .await;
    let rig = Rig::signed_in(&server.url);
    let waits = Arc::new(Notify::new());
    let keep = Arc::new(Awaited(rig.store.clone(), waits.clone()));
    let session = Session::new(auth(&server.url), None, keep, None);
    let asked = || server.asked().last().and_then(|sent| sent.header("authorization").map(str::to_owned));
    for given in [None, Some("a-pasted-token-0123")] {
        let client = control_plane(&server.url, &session);
        client.set_credential(Door::ControlPlane, secret("an-old-token-0123"));
        let others = rig.store.lock().unwrap();
        let leave = client.letting_go(Door::ControlPlane);
        let out = session.sign_out(|| _ = leave());
        let meanwhile = async {
            waits.notified().await;
            if let Some(given) = given {
                client.set_credential(Door::ControlPlane, secret(given));
            }
            drop(others);
        };
        tokio::join!(out, meanwhile).0.unwrap();
        let listed = buckets::list(&client).await.result;
        assert_eq!((listed.is_ok(), rig.stored()), (given.is_some(), None), "{listed:?}");
    }
    assert_eq!(asked().as_deref(), Some("Bearer a-pasted-token-0123"));
    // Whoever signs in waits for the same store, behind the sign-out.
    let others = rig.store.lock().unwrap();
    let meanwhile = async {
        waits.notified().await;
        let password = secret(PASSWORD);
        let free = async {
            signs_in.notified().await;
            drop(others);
        };
        tokio::join!(session.sign_in(EMAIL, &password), free).0.unwrap()
    };
    tokio::join!(session.sign_out(|| ()), meanwhile).0.unwrap();
    assert!(rig.has("new-access-token", "new-refresh"));
}

/// A control plane whose credential is a session.
fn control_plane(base: &Url, session: &Session) -> Client {
    let door = DoorConfig {
        door: Door::ControlPlane,
        base: base.clone(),
        reference: Some("demo".into()),
        user: None,
        credential: Secret::default(),
        renew: Some(Arc::new(session.clone())),
    };
    Client::new(Connection { doors: vec![door], ..Connection::default() })
}

#[tokio::test]
async fn the_server_says_who_it_is() {
    let exchange = recorded("gotrue/user-me-200");
    let server = Server::answering([exchange.answer]).await;
    let rig = Rig::signed_in(&server.url);
    let who = rig.session.whoami().await.unwrap();
    assert_eq!((who.name.as_str(), who.role.as_str()), (EMAIL, "authenticated"));
    assert_eq!(server.asked()[0].target, exchange.request.target);
    // A service key is nobody.
    let server = Server::answering([recorded("gotrue/user-with-service-key-403").answer]).await;
    let error = Rig::new(&server.url).session.who_has(&secret("a-service-key")).await.unwrap_err();
    assert_eq!((error.kind, error.code.as_deref()), (Kind::NotSignedIn, Some("bad_jwt")));
}

async fn demo(sign_in: SignIn) -> (demo::Server, Rig) {
    let options = Options { users: 3, life: 0.0, sign_in: Some(sign_in), ..Options::default() };
    let server = demo::Server::start(options).await.unwrap();
    let rig = Rig::new(&server.url().parse().unwrap());
    (server, rig)
}

#[tokio::test]
async fn a_second_factor_completes_what_the_password_began() {
    let how = SignIn { totp: Some("123456".into()), ..SignIn::default() };
    let password = secret(&how.password);
    let (server, rig) = demo(how).await;
    let Step::NeedsCode(factors) = rig.session.sign_in("ops@example.com", &password).await.unwrap() else { panic!() };
    assert!(factors[0].takes_code() && factors.len() == 1);
    assert_eq!(rig.stored(), None, "half a session is not stored");
    let error = rig.session.verify(&factors[0].id, &secret("654321")).await.unwrap_err();
    assert!(error.sentence().contains("The code is not the right one"), "{error}");
    let given = rig.session.verify(&factors[0].id, &secret(" 123456 ")).await.unwrap();
    assert_eq!(given.who.as_deref(), Some("ops@example.com"));
    assert_eq!(rig.stored().unwrap().0, given.secret.expose());
    // The half session is gone.
    let error = rig.session.verify(&factors[0].id, &secret("123456")).await.unwrap_err();
    assert!(error.said.contains("the password comes before the code"), "{error}");
    rig.session.give_up().await;
    assert_eq!(server.sessions(), 1, "the whole one is not");
}

#[tokio::test]
async fn a_sign_in_that_is_given_up_leaves_no_session_at_the_server() {
    let how = SignIn { totp: Some("123456".into()), ..SignIn::default() };
    let password = secret(&how.password);
    let (server, rig) = demo(how).await;
    for _ in 0..3 {
        rig.session.sign_in("ops@example.com", &password).await.unwrap();
        assert_eq!(server.sessions(), 1, "the one before is ended");
    }
    rig.session.give_up().await;
    assert_eq!(server.sessions(), 0);
    rig.session.sign_in("ops@example.com", &password).await.unwrap();
    assert!(!rig.session.sign_out(|| ()).await.unwrap());
    assert_eq!((server.sessions(), rig.stored()), (0, None));
}

#[tokio::test]
async fn giving_up_waits_for_no_server() {
    let half = json!({
        "access_token": "half-access", "refresh_token": "half-refresh",
        "user": {"email": EMAIL, "factors": [{"id": "f", "factor_type": "totp", "status": "verified"}]},
    });
    let half = answer("200 OK", "", &half.to_string());
    let server = Server::serving(move |request: Request| {
        let half = half.clone();
        async move { if request.path().ends_with("/token") { half } else { std::future::pending().await } }
    })
    .await;
    let rig = Rig::new(&server.url);
    rig.session.sign_in(EMAIL, &secret(PASSWORD)).await.unwrap();
    // From here on the time jumps to whatever is waited for.
    tokio::time::pause();
    let before = tokio::time::Instant::now();
    rig.session.give_up().await;
    assert!(before.elapsed() <= std::time::Duration::from_secs(4), "{:?}", before.elapsed());
    let error = rig.session.verify("f", &secret("123456")).await.unwrap_err();
    assert!(error.said.contains("the password comes before the code"), "{error}");
}

/// A token's life is counted from its receipt: what its claims say is the server's clock, and either clock may be wrong.
#[tokio::test]
async fn a_token_lives_as_long_as_the_server_said_whatever_the_clocks_say() {
    for clock_ahead in [-86_400, 86_400] {
        let how = SignIn::default();
        let password = secret(&how.password);
        let options = Options { users: 3, life: 0.0, sign_in: Some(how), clock_ahead, ..Options::default() };
        let server = demo::Server::start(options).await.unwrap();
        let url: Url = server.url().parse().unwrap();
        let rig = Rig::new(&url);
        rig.session.sign_in("ops@example.com", &password).await.unwrap();
        let door = DoorConfig {
            door: Door::ControlPlane,
            base: url,
            reference: Some("demo".into()),
            user: None,
            credential: Secret::default(),
            renew: Some(Arc::new(rig.session.clone())),
        };
        let client = Client::new(Connection { doors: vec![door], ..Connection::default() });
        for _ in 0..3 {
            assert!(buckets::list(&client).await.result.is_ok(), "{clock_ahead}");
        }
        assert_eq!(server.token_counts().refreshed, 0, "{clock_ahead}");
        let ends = client.standing(Door::ControlPlane).unwrap().ends.unwrap();
        let left = ends.duration_since(Timestamp::now()).as_secs();
        assert!((3_500..=3_600).contains(&left), "{clock_ahead}: {left}");
    }
}

#[tokio::test]
async fn many_in_one_program_refresh_once() {
    let how = SignIn::default();
    let password = secret(&how.password);
    let (server, rig) = demo(how).await;
    let Step::SignedIn(given) = rig.session.sign_in("ops@example.com", &password).await.unwrap() else { panic!() };
    let mut old = given.secret;
    // Half of them by a store of their own, as another program has it.
    let other = Session::new(rig.session.auth().clone(), None, Arc::new(rig.store.clone()), None);
    for round in 1..=25 {
        let tasks: Vec<_> = [&rig.session, &other]
            .into_iter()
            .cycle()
            .take(8)
            .map(|session| {
                let (session, old) = (session.clone(), old.clone());
                tokio::spawn(async move { session.renew(Some(&old), &unnoted).await.unwrap().secret })
            })
            .collect();
        let mut given = Vec::new();
        for task in tasks {
            given.push(task.await.unwrap());
        }
        assert!(given.iter().all(|token| *token == given[0] && *token != old));
        old = given.swap_remove(0);
        assert_eq!(server.token_counts().refreshed, round);
    }
    assert_eq!((server.token_counts().forgiven, server.reuses()), (0, 0));
    let said = format!("{:?} {:?}", rig.session, rig.store.read());
    assert!(!said.contains(old.expose()), "{said}");
}
