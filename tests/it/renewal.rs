//! Credentials that can be had again: one renewal for all who wait, each request repeated once, and what is said where
//! there is no other.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, mpsc};
use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use basedeck::api::client::{Answered, Client, Connection, DoorConfig, install_tls};
use basedeck::api::error::{ApiError, Kind};
use basedeck::api::meta::Meta;
use basedeck::api::model::{Bucket, NewUser, Page, UserId};
use basedeck::api::renew::{Given, NotGiven, Note, Renew, Renewal};
use basedeck::api::route::{Door, Route};
use basedeck::api::watch::Watch;
use basedeck::api::{buckets, users};
use basedeck::secret::Secret;
use jiff::Timestamp;
use tokio::sync::{Barrier, Notify};
use url::Url;

use crate::socket::{Request, Server, answer};

const FIRST: &str = "first-token-0123456789";
const SECOND: &str = "second-token-0123456789";

/// Gives what it was told to give, in turn, and keeps what it was asked.
#[derive(Debug, Default)]
struct Script {
    gives: Mutex<VecDeque<Result<Given, NotGiven>>>,
    asked: Mutex<Vec<Option<Secret>>>,
    /// Waits for this before it gives, having told that it was asked.
    gate: Option<(Arc<Notify>, Arc<Notify>)>,
}

impl Renew for Script {
    fn renew<'a>(&'a self, old: Option<&'a Secret>, _: &'a Note) -> Renewal<'a> {
        Box::pin(async move {
            self.asked.lock().unwrap().push(old.cloned());
            if let Some((asked, go)) = &self.gate {
                asked.notify_one();
                go.notified().await;
            }
            let next = self.gives.lock().unwrap().pop_front();
            next.unwrap_or_else(|| Err(NotGiven::SignIn("the session has ended".into())))
        })
    }
}

impl Script {
    fn of(gives: impl IntoIterator<Item = Result<Given, NotGiven>>) -> Arc<Self> {
        Arc::new(Self { gives: Mutex::new(gives.into_iter().collect()), ..Self::default() })
    }

    fn asked(&self) -> Vec<Option<String>> {
        let asked = self.asked.lock().unwrap();
        asked.iter().map(|old| old.as_ref().map(|old| old.expose().to_owned())).collect()
    }
}

fn given(token: &str) -> Given {
    Given { secret: Secret::new(token.into()), ..Given::default() }
}

fn jwt(claims: &str) -> String {
    format!("e30.{}.c2ln", BASE64_URL_SAFE_NO_PAD.encode(claims))
}

fn door(door: Door, base: &Url, token: &str, renew: Option<Arc<Script>>) -> DoorConfig {
    let renew = renew.map(|renew| renew as Arc<dyn Renew>);
    let (base, credential) = (base.clone(), Secret::new(token.into()));
    DoorConfig { door, base, reference: Some("default".into()), user: None, credential, renew }
}

fn connect(doors: Vec<DoorConfig>) -> Client {
    watched(doors, false).0
}

/// Keeps what it was told.
#[derive(Debug, Default)]
struct Audit {
    told: Mutex<Vec<String>>,
    full: AtomicBool,
}

impl Watch for Audit {
    fn begins(&self, meta: &Meta) -> Result<(), String> {
        self.told.lock().unwrap().push(format!("{} begins", meta.route.spec().name));
        if self.full.load(Ordering::Relaxed) { Err("the disk is full".into()) } else { Ok(()) }
    }

    fn ended(&self, meta: &Meta, error: Option<&ApiError>) {
        let how = if error.is_some() { "failed" } else { "is done" };
        self.told.lock().unwrap().push(format!("{} {how}", meta.route.spec().name));
    }
}

impl Audit {
    fn told(&self) -> Vec<String> {
        self.told.lock().unwrap().clone()
    }
}

/// A connection whose changes are audited.
fn watched(doors: Vec<DoorConfig>, read_only: bool) -> (Client, Arc<Audit>) {
    install_tls();
    let audit = Arc::new(Audit::default());
    let watch = Some(Arc::clone(&audit) as Arc<dyn Watch>);
    let connection = Connection { doors, read_only, ca_file_pem: None, detect: false, watch };
    (Client::new(connection), audit)
}

/// A control plane that takes one token alone.
async fn taking(good: &'static str) -> Server {
    Server::serving(move |request: Request| async move {
        let right = request.header("authorization") == Some(&format!("Bearer {good}"));
        if right { list() } else { refusal() }
    })
    .await
}

fn list() -> String {
    answer("200 OK", "", "[]")
}

fn refusal() -> String {
    answer("401 Unauthorized", "", r#"{"code":"unauthorized","message":"Token is expired"}"#)
}

fn tokens(server: &Server) -> Vec<String> {
    let asked = server.asked();
    asked.iter().map(|asked| asked.header("authorization").unwrap().trim_start_matches("Bearer ").to_owned()).collect()
}

async fn list_of(client: &Client) -> Answered<Page<Bucket>> {
    buckets::list(client).await
}

async fn error(client: &Client) -> ApiError {
    list_of(client).await.result.unwrap_err()
}

fn new_user() -> NewUser {
    let email = Some("a@example.com".into());
    NewUser { email, phone: None, password: Secret::default(), confirm: false, user_metadata: None }
}

#[tokio::test]
async fn one_renewal_serves_all_who_were_refused_and_each_is_repeated_once() {
    let all = Arc::new(Barrier::new(8));
    let server = Server::serving(move |request: Request| {
        let all = all.clone();
        async move {
            if request.header("authorization") == Some(&format!("Bearer {SECOND}")) {
                return list();
            }
            all.wait().await;
            refusal()
        }
    })
    .await;
    let script = Script::of([Ok(given(SECOND))]);
    let client = connect(vec![door(Door::ControlPlane, &server.url, FIRST, Some(script.clone()))]);
    let asks = (0..8).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { list_of(&client).await })
    });
    for asked in asks.collect::<Vec<_>>() {
        let answer = asked.await.unwrap();
        assert!(answer.result.is_ok() && answer.meta.renewed);
        assert_eq!(answer.meta.status, Some(200));
    }
    assert_eq!(script.asked(), [Some(FIRST.into())]);
    let sent = tokens(&server);
    assert_eq!(sent.iter().filter(|token| *token == FIRST).count(), 8);
    assert_eq!((sent.len(), sent.iter().filter(|token| *token == SECOND).count()), (16, 8));
}

#[tokio::test]
async fn a_change_that_was_refused_is_repeated_too() {
    let server =
        Server::answering([refusal(), answer("200 OK", "", r#"{"id":"b88e838d-1ffb-4a03-968d-51bdd3e8ddc6"}"#)]);
    let server = server.await;
    let script = Script::of([Ok(given(SECOND))]);
    let (client, audit) = watched(vec![door(Door::ControlPlane, &server.url, FIRST, Some(script))], false);
    assert!(users::create(&client, &new_user()).await.result.is_ok());
    assert_eq!(tokens(&server), [FIRST, SECOND]);
    assert_eq!(server.asked()[0].body, server.asked()[1].body);
    assert_eq!(audit.told(), ["create user begins", "create user is done"], "it was one change");
}

#[tokio::test]
async fn what_is_not_sent_is_not_audited_and_what_cannot_be_audited_is_not_sent() {
    let server = Server::answering([list()]).await;
    let gateway = || vec![door(Door::Gateway, &server.url, "a-service-key-012345", None)];
    let (client, audit) = watched(gateway(), true);
    let error = users::create(&client, &new_user()).await.result.unwrap_err();
    assert_eq!((error.kind, error.unsent), (Kind::ReadOnly, true));
    assert!(list_of(&client).await.result.is_ok());
    assert_eq!(audit.told(), [""; 0]);
    assert_eq!(server.asked().len(), 1, "the list alone");

    let (client, audit) = watched(gateway(), false);
    audit.full.store(true, Ordering::Relaxed);
    let error = users::create(&client, &new_user()).await.result.unwrap_err();
    assert_eq!((error.kind, error.unsent), (Kind::LocalFile, true));
    assert_eq!(error.sentence(), "The disk is full: look at it and send it again.");
    assert_eq!((audit.told(), server.asked().len()), (vec!["create user begins".to_owned()], 1));
}

#[tokio::test]
async fn a_refused_renewal_is_not_signed_in_and_not_tried_by_each() {
    let server = taking(SECOND).await;
    let script = Script::of([]);
    let client = connect(vec![door(Door::ControlPlane, &server.url, FIRST, Some(script.clone()))]);
    for _ in 0..10 {
        let error = error(&client).await;
        assert_eq!((error.kind, error.unsent, error.door), (Kind::NotSignedIn, true, Some(Door::ControlPlane)));
        let host = server.url.authority();
        assert_eq!(error.sentence(), format!("The session has ended: give another platform token for {host}."));
    }
    assert_eq!(script.asked().len(), 1);
    client.forget_missing();
    error(&client).await;
    assert_eq!(script.asked().len(), 2, "a person asked again");
    client.set_credential(Door::ControlPlane, Secret::new(SECOND.into()));
    assert!(list_of(&client).await.result.is_ok());
}

#[tokio::test]
async fn the_first_credential_is_had_before_the_first_request() {
    let server = taking(FIRST).await;
    let lives = Some(Duration::from_secs(3600));
    let who = Some("ops@example.com".to_owned());
    let script = Script::of([Ok(Given { lives, who: who.clone(), ..given(FIRST) })]);
    let client = connect(vec![door(Door::ControlPlane, &server.url, "", Some(script.clone()))]);
    let answer = list_of(&client).await;
    assert!(answer.result.is_ok());
    assert_eq!((script.asked(), tokens(&server)), (vec![None], vec![FIRST.to_owned()]));
    let standing = answer.meta.standing.unwrap();
    assert_eq!((&standing.who, standing.renews, standing.door), (&who, true, Door::ControlPlane));
    let left = standing.ends.unwrap().duration_since(Timestamp::now()).as_secs();
    assert!((3_500..=3_600).contains(&left), "{left}");
    assert_eq!(client.standing(Door::ControlPlane).as_ref(), Some(&standing));
    assert_eq!(list_of(&client).await.meta.standing, Some(standing), "whoever missed it is told again");
}

#[tokio::test]
async fn a_credential_near_its_end_is_renewed_before_it_is_sent() {
    let server = Server::answering([list()]).await;
    let short = |token| Ok(Given { lives: Some(Duration::ZERO), ..given(token) });
    let long = Ok(Given { lives: Some(Duration::from_secs(15)), ..given("third-token-0123456789") });
    let script = Script::of([short(FIRST), short(SECOND), long]);
    let client = connect(vec![door(Door::ControlPlane, &server.url, "", Some(script.clone()))]);
    for _ in 0..4 {
        assert!(list_of(&client).await.result.is_ok());
    }
    assert_eq!(tokens(&server), [FIRST, SECOND, "third-token-0123456789", "third-token-0123456789"]);
    assert_eq!(script.asked(), [None, Some(FIRST.into()), Some(SECOND.into())]);
}

#[tokio::test]
async fn what_still_lives_is_used_where_the_renewal_fails() {
    let server = Server::answering([list()]).await;
    let now = Timestamp::now().as_second();
    let near = jwt(&format!(r#"{{"iat":{},"exp":{},"email":"ops@example.com"}}"#, now - 3_580, now + 20));
    let failed = || Err(NotGiven::Failed(Box::new(ApiError::of(Kind::Lost, Route::UsersList, "it hangs"))));
    let script = Script::of([failed(), failed()]);
    let client = connect(vec![door(Door::ControlPlane, &server.url, &near, Some(script.clone()))]);
    for _ in 0..2 {
        client.forget_missing();
        assert!(list_of(&client).await.result.is_ok());
    }
    assert_eq!((script.asked().len(), tokens(&server)), (2, vec![near.clone(); 2]));
    let who = client.standing(Door::ControlPlane).unwrap().who;
    assert_eq!(who.as_deref(), Some("ops@example.com"));
    // Without any, the failure is told, and nothing of the request can be lost.
    let script = Script::of([failed(), failed(), Ok(given(FIRST))]);
    let client = connect(vec![door(Door::ControlPlane, &server.url, "", Some(script.clone()))]);
    let failure = error(&client).await;
    assert_eq!((failure.kind, failure.unsent), (Kind::Unreachable, true));
    assert!(list_of(&client.retrying(3)).await.result.is_ok(), "it is tried again as other failures are");
}

#[tokio::test]
async fn a_source_that_fails_is_not_asked_by_each_who_waits_for_it() {
    let server = taking(FIRST).await;
    let failed = || Err(NotGiven::Failed(Box::new(ApiError::of(Kind::Server, Route::ProjectKeys, "it is broken"))));
    let script = Script::of((0..9).map(|_| failed()));
    let client = connect(vec![door(Door::Gateway, &server.url, "", Some(script.clone()))]);
    for failure in futures_util::future::join_all((0..20).map(|_| error(&client))).await {
        assert_eq!((failure.kind, failure.said.as_str()), (Kind::Server, "it is broken"));
    }
    assert_eq!(script.asked().len(), 1);
    client.forget_missing();
    error(&client).await;
    assert_eq!(script.asked().len(), 2, "a person asked again");
    client.set_credential(Door::ControlPlane, Secret::new(SECOND.into()));
    error(&client).await;
    assert_eq!(script.asked().len(), 3, "with another token it may go well");
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_renewed_credential_that_is_refused_is_not_renewed_for_ever() {
    let server = Server::answering([refusal()]).await;
    let script = Script::of([Ok(given(SECOND)), Ok(given("third-token-0123456789"))]);
    let client = connect(vec![door(Door::ControlPlane, &server.url, FIRST, Some(script.clone()))]);
    for sent in [2, 3, 4] {
        let failure = error(&client).await;
        assert_eq!((failure.kind, failure.status), (Kind::NotSignedIn, Some(401)));
        assert_eq!((server.asked().len(), script.asked().len()), (sent, 1));
    }
}

#[tokio::test]
async fn a_door_that_gets_no_credential_is_left_out_for_changes_too() {
    let control = Server::answering([list()]).await;
    let made = answer("200 OK", "", r#"{"id":"b88e838d-1ffb-4a03-968d-51bdd3e8ddc6"}"#);
    let gateway = Server::answering([made]).await;
    let shut = || Script::of([Err(NotGiven::NoDoor("nothing gives one".into()))]);
    let client = connect(vec![
        door(Door::ControlPlane, &control.url, "", Some(shut())),
        door(Door::Gateway, &gateway.url, "a-service-key-012345", None),
    ]);
    let answer = users::create(&client, &new_user()).await;
    assert!(answer.result.is_ok());
    assert_eq!(answer.meta.door, Some(Door::Gateway));
    let told = answer.meta.offers.unwrap();
    assert_eq!((told.doors(), told.why_closed(Door::ControlPlane)), (&[Door::Gateway][..], Some("nothing gives one")));
    assert_eq!(client.offers(), told);
    assert!(control.asked().is_empty());

    let client = connect(vec![door(Door::ControlPlane, &control.url, "", Some(shut()))]);
    for _ in 0..2 {
        let failure = error(&client).await;
        assert_eq!((failure.kind, failure.unsent), (Kind::NoDoor, true));
        assert!(
            failure.sentence().contains("No door of this connection can list buckets (nothing gives one)"),
            "{failure}"
        );
    }
    assert!(control.asked().is_empty());
    // A person has one all the same, or agrees to another door.
    client.add_door(door(Door::Gateway, &gateway.url, "a-service-key-012345", None));
    assert!(users::create(&client, &new_user()).await.result.is_ok());
    client.set_credential(Door::ControlPlane, Secret::new(FIRST.into()));
    assert_eq!(list_of(&client).await.meta.door, Some(Door::ControlPlane));
}

#[tokio::test]
async fn a_door_that_got_no_credential_is_asked_again_with_what_a_person_gives_at_another() {
    let control = Server::answering([list()]).await;
    let gateway = Server::answering([list()]).await;
    let gives = Script::of([Err(NotGiven::NoDoor("this account may not see it".into())), Ok(given(SECOND))]);
    let client = connect(vec![
        door(Door::ControlPlane, &control.url, FIRST, None),
        door(Door::Gateway, &gateway.url, "", Some(gives)),
    ]);
    let fetch = async || users::get(&client, UserId(uuid::Uuid::nil())).await;
    assert_eq!(fetch().await.result.unwrap_err().kind, Kind::NoDoor);
    client.set_credential(Door::ControlPlane, Secret::new("another-token-0123456789".into()));
    assert_eq!(fetch().await.meta.door, Some(Door::Gateway));
    assert_eq!(gateway.asked().len(), 1);
}

#[tokio::test]
async fn neither_the_old_nor_the_new_credential_is_seen_in_what_a_server_says() {
    let told = format!(r#"{{"message":"neither {FIRST} nor {SECOND} will do"}}"#);
    let server = Server::answering([refusal(), answer("403 Forbidden", "", &told)]).await;
    let script = Script::of([Ok(given(SECOND))]);
    let client = connect(vec![door(Door::ControlPlane, &server.url, FIRST, Some(script))]);
    let failure = error(&client).await;
    assert_eq!(failure.said, "neither … nor … will do");
    let seen = format!("{failure:?} {client:?}");
    assert!(!seen.contains(FIRST) && !seen.contains(SECOND), "{seen}");
}

#[tokio::test]
async fn a_renewal_goes_on_when_the_one_who_asked_is_gone() {
    let server = taking(SECOND).await;
    let (asked, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let gives = Mutex::new(VecDeque::from([Ok(given(SECOND))]));
    let script = Arc::new(Script { gives, gate: Some((asked.clone(), go.clone())), ..Script::default() });
    let client = connect(vec![door(Door::ControlPlane, &server.url, FIRST, Some(script.clone()))]);
    let first = tokio::spawn({
        let client = client.clone();
        async move { list_of(&client).await }
    });
    asked.notified().await;
    first.abort();
    assert!(first.await.is_err());
    go.notify_one();
    assert!(list_of(&client).await.result.is_ok());
    assert_eq!(script.asked().len(), 1, "what was given once is kept");
}

#[tokio::test]
async fn a_newer_credential_of_a_person_is_used_for_what_was_refused_with_the_old_one() {
    let (came, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let server = Server::serving({
        let (came, go) = (came.clone(), go.clone());
        move |request: Request| {
            let (came, go) = (came.clone(), go.clone());
            async move {
                if request.header("authorization") == Some(&format!("Bearer {SECOND}")) {
                    return list();
                }
                came.notify_one();
                go.notified().await;
                refusal()
            }
        }
    })
    .await;
    let client = connect(vec![door(Door::ControlPlane, &server.url, FIRST, None)]);
    let asked = tokio::spawn({
        let client = client.clone();
        async move { list_of(&client).await }
    });
    came.notified().await;
    client.set_credential(Door::ControlPlane, Secret::new(SECOND.into()));
    go.notify_one();
    assert!(asked.await.unwrap().result.is_ok());
    assert_eq!(tokens(&server), [FIRST, SECOND]);
}

#[tokio::test]
async fn an_address_that_comes_with_the_key_is_used_unless_it_is_not_safe() {
    let (typed, real) = (Server::answering([list()]).await, Server::answering([list()]).await);
    let base = Some(real.url.clone());
    let script = Script::of([Ok(Given { base, ..given("a-service-key-012345") })]);
    let client = connect(vec![door(Door::Gateway, &typed.url, "", Some(script))]);
    assert!(list_of(&client).await.result.is_ok());
    assert_eq!((typed.asked().len(), real.asked().len()), (0, 1));

    let base = Some(Url::parse("http://db.example:8000").unwrap());
    let script = Script::of([Ok(Given { base, ..given("a-service-key-012345") })]);
    let client = connect(vec![door(Door::Gateway, &typed.url, "", Some(script))]);
    let failure = error(&client).await;
    assert_eq!((failure.kind, failure.unsent), (Kind::NotSignedIn, true));
    assert!(failure.sentence().contains("the address db.example:8000, which is not https"), "{failure}");
    assert!(typed.asked().is_empty());
}

#[tokio::test]
async fn what_cannot_do_is_explained_and_not_sent() {
    let server = Server::answering([refusal()]).await;
    let now = Timestamp::now().as_second();
    let expired = jwt(&format!(r#"{{"iat":{},"exp":{}}}"#, now - 7_200, now - 3_600));
    let service = jwt(r#"{"role":"service_role"}"#);
    for (door_at, key, part) in [
        (Door::ControlPlane, expired.as_str(), "by this machine's clock, which may be wrong: give another"),
        (Door::Gateway, &expired, "The service key expired at "),
        (Door::ControlPlane, &service, "is a project's key, not a platform token"),
        (Door::ControlPlane, "sb_secret_abc", "is a project's key, not a platform token"),
        (Door::Gateway, "sbp_0123456789abcdef", "never sent to one: give another service key"),
    ] {
        let failure = error(&connect(vec![door(door_at, &server.url, key, None)])).await;
        assert_eq!((failure.kind, failure.unsent), (Kind::NotSignedIn, true), "{failure}");
        assert!(failure.sentence().contains(part), "{failure}");
    }
    assert!(server.asked().is_empty());
    // What cannot be read is sent, and so is an anon key to a gateway.
    let server = Server::answering([answer("401 Unauthorized", "", r#"{"message":"Invalid token"}"#)]).await;
    let failure = error(&connect(vec![door(Door::ControlPlane, &server.url, FIRST, None)])).await;
    assert!(failure.sentence().contains("it cannot be read as a JWT"), "{failure}");
    error(&connect(vec![door(Door::Gateway, &server.url, &jwt(r#"{"role":"anon"}"#), None)])).await;
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn what_lay_ready_and_is_over_is_had_again_or_explained_and_not_sent() {
    let past = Timestamp::now().as_second() - 3_600;
    let claims = [format!("{{\"exp\":{past}}}"), format!("{{\"iat\":{},\"exp\":{past}}}", past - 3_600)];
    for old in claims.map(|claims| jwt(&claims)) {
        for (gives, sent) in [(Some(Ok(given(SECOND))), vec![SECOND]), (None, vec![])] {
            let server = taking(SECOND).await;
            let source = Script::of(gives);
            let client = connect(vec![door(Door::ControlPlane, &server.url, &old, Some(source.clone()))]);
            let answered = list_of(&client).await;
            assert_eq!(source.asked(), [Some(old.clone())]);
            assert_eq!(tokens(&server), sent);
            if let Err(error) = answered.result {
                assert!(error.unsent && error.kind == Kind::NotSignedIn, "{error:?}");
                assert!(error.sentence().contains("expired at"), "{}", error.sentence());
            }
        }
    }
}

#[tokio::test]
async fn a_wrong_clock_is_set_right_by_what_servers_tell() {
    let past = Timestamp::now() - jiff::SignedDuration::from_hours(2);
    let date = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&past).unwrap();
    let server = Server::answering([answer("200 OK", &format!("Date: {date}\r\n"), "[]")]).await;
    let client = connect(vec![door(Door::ControlPlane, &server.url, FIRST, None)]);
    assert!(list_of(&client).await.result.is_ok());
    let skew = client.skew().as_secs();
    assert!((-7_210..=-7_190).contains(&skew), "{skew}");
    let now = Timestamp::now().as_second();
    let token = jwt(&format!(r#"{{"iat":{},"exp":{}}}"#, now - 7_000, now - 3_600));
    client.set_credential(Door::ControlPlane, Secret::new(token));
    assert!(list_of(&client).await.result.is_ok(), "by the server's clock it lives");
}

/// Adds a door of its client while a credential is told, and looks for it.
#[derive(Debug, Default)]
struct Adds(OnceLock<(Client, DoorConfig)>);

impl Renew for Adds {
    fn renew<'a>(&'a self, _: Option<&'a Secret>, _: &'a Note) -> Renewal<'a> {
        Box::pin(async { Err(NotGiven::SignIn("nobody asks".into())) })
    }

    fn told(&self, _: Door, _: &Secret) {
        let Some((client, config)) = self.0.get().cloned() else { return };
        let adds = client.clone();
        thread::spawn(move || adds.add_door(config));
        while client.standing(Door::Gateway).is_none() {
            thread::yield_now();
        }
    }
}

#[test]
fn a_door_that_is_added_while_another_ones_credential_is_given_holds_up_neither() {
    let base: Url = "http://127.0.0.1:9".parse().unwrap();
    let adds = Arc::new(Adds::default());
    let plane = DoorConfig { renew: Some(adds.clone()), ..door(Door::ControlPlane, &base, FIRST, None) };
    let client = connect(vec![plane]);
    adds.0.set((client.clone(), door(Door::Gateway, &base, "a-service-key-012345", None))).unwrap();
    let (done, ends) = mpsc::channel();
    let gives = client.clone();
    thread::spawn(move || {
        gives.set_credential(Door::ControlPlane, Secret::new(SECOND.into()));
        done.send(())
    });
    ends.recv_timeout(Duration::from_secs(20)).unwrap();
    assert!(client.gateway().is_some());
}
