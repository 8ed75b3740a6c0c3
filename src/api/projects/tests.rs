//! Against servers of the tests' own: which key is taken, to which address it goes, and when the door stays shut.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use crate::api::client::{Client, Connection, DoorConfig, install_tls};
use crate::api::renew::{Note, Renew, unnoted};

const KEY: &str = "service-key-of-the-project";

/// A server that answers each request by a function of its head, and what it was asked.
struct Fake {
    url: Url,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    async fn start(answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static) -> Self {
        install_tls();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let heard = Arc::<Mutex<Vec<String>>>::default();
        let said = Arc::clone(&heard);
        let answer = Arc::new(answer);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (said, answer) = (Arc::clone(&said), Arc::clone(&answer));
                tokio::spawn(async move {
                    let mut head = Vec::new();
                    while !head.ends_with(b"\r\n\r\n") {
                        match stream.read_u8().await {
                            Ok(byte) => head.push(byte),
                            Err(_) => return,
                        }
                    }
                    let head = String::from_utf8(head).unwrap();
                    let (status, body) = answer(&head);
                    said.lock().unwrap_or_else(PoisonError::into_inner).push(head);
                    let (more, body) = body.split_once('¶').unwrap_or(("", &body));
                    let length = body.len();
                    let text = format!(
                        "HTTP/1.1 {status} S\r\n{more}connection: close\r\ncontent-length: {length}\r\n\r\n{body}"
                    );
                    let _ = stream.write_all(text.as_bytes()).await;
                });
            }
        });
        Self { url, heard }
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn management(&self, reference: &str) -> Management {
        Management::new(self.url.clone(), Secret::new("sbp_token".into()), reference, None)
    }

    fn platform(&self) -> Platform {
        Platform::new(self.url.clone(), TokenNow::new(secret("platform-token")), None)
    }

    fn studio(&self) -> StudioSettings {
        let basic = Some(("ops".to_owned(), Secret::new("a-long-password".into())));
        StudioSettings::new(self.url.clone(), "default", basic, false, None)
    }
}

fn token(claims: &str) -> String {
    use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
    format!("e30.{}.c2ln", BASE64_URL_SAFE_NO_PAD.encode(claims))
}

fn jwt(role: &str) -> String {
    token(&format!("{{\"role\":\"{role}\"}}"))
}

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

fn path(head: &str) -> &str {
    head.split(' ').nth(1).unwrap_or_default()
}

fn failed(result: Result<Given, NotGiven>) -> ApiError {
    match result {
        Err(NotGiven::Failed(error)) => *error,
        other => panic!("{other:?}"),
    }
}

fn no_door(result: Result<Given, NotGiven>) -> String {
    match result {
        Err(NotGiven::NoDoor(why)) => why,
        other => panic!("{other:?}"),
    }
}

fn url(text: &str) -> Url {
    text.parse().unwrap()
}

#[test]
fn only_a_key_that_may_do_everything_is_taken() {
    let (service, anon) = (jwt("service_role"), jwt("anon"));
    let legacy = json!({"name": "service_role", "type": "legacy", "api_key": service});
    let newer = json!({"name": "default", "type": "secret", "api_key": "sb_secret_123456"});
    let public = json!({"name": "default", "type": "publishable", "api_key": "sb_publishable_123456"});
    let anon = json!({"name": "anon", "tags": "service_role", "type": "legacy", "api_key": anon});
    let masked = json!({"name": "x", "type": "secret", "api_key": "sb_secret_12····"});
    let without = json!({"name": "service_role", "api_key": null});
    let pick = |keys: &[&serde_json::Value], old: Option<&str>| {
        let key = service_key(keys.iter().map(|key| (*key).clone()).collect(), old.map(secret).as_ref());
        key.map(|key| key.expose().to_owned())
    };
    assert_eq!(pick(&[&public, &anon, &newer, &legacy], None), Some(service.clone()));
    assert_eq!(pick(&[&public, &anon, &newer], None).as_deref(), Some("sb_secret_123456"));
    assert_eq!(pick(&[&newer, &legacy], Some(&service)).as_deref(), Some("sb_secret_123456"), "not the refused one");
    assert_eq!(pick(&[&public, &anon, &masked, &without, &json!(7), &json!([])], None), None);
    let demo = json!({"name": "service_role key", "tags": "service_role", "api_key": KEY});
    assert_eq!(pick(&[&demo], None).as_deref(), Some(KEY), "by its name, where nothing can be read of it");
}

#[tokio::test]
async fn an_access_token_lists_projects_and_gives_the_key_of_one() {
    let service = jwt("service_role");
    let keys = json!([{"name": "anon", "api_key": jwt("anon")}, {"name": "service_role", "api_key": service}]);
    let fake = Fake::start(move |head| match path(head) {
        "/v1/projects" => (
            200,
            r#"[{"id":"abc","name":"A","status":"ACTIVE_HEALTHY","secret":"hush"},{"id":"zzz","status":"INACTIVE"},
            {"id":"abc"},{"id":"../x"},7]"#
                .into(),
        ),
        "/v1/projects/abc/api-keys?reveal=true" | "/v1/projects/zzz/api-keys?reveal=true" => (200, keys.to_string()),
        _ => (404, "{\"message\":\"Not Found\"}".into()),
    })
    .await;
    let rows = Lister::Hosted(fake.management("")).list().await.result.unwrap();
    let found: Vec<_> = rows.iter().filter_map(|row| row.value.as_ref().ok()).collect();
    assert_eq!(rows.len() - found.len(), 2, "one has no usable ref, one is no project");
    assert_eq!(found.iter().map(|project| &*project.reference).collect::<Vec<_>>(), ["abc", "zzz"]);
    assert!(!found[0].is_paused() && found[1].is_paused());
    assert!(rows.iter().all(|row| !row.raw.contains("hush")), "a row is written anew");
    let given = fake.management("abc").renew(None, &unnoted).await.unwrap();
    assert_eq!((given.secret, given.base), (secret(&service), Some(fake.url.clone())));
    let again = fake.management("abc").renew(Some(&secret(&service)), &unnoted).await;
    assert!(matches!(&again, Err(NotGiven::SignIn(why)) if why.contains("same service key")), "{again:?}");
    let asleep = failed(fake.management("zzz").renew(None, &unnoted).await);
    assert_eq!((asleep.kind, asleep.said.as_str()), (Kind::Paused, "INACTIVE"), "it may be restored at any time");
    let unknown = failed(fake.management("nope").renew(None, &unnoted).await);
    assert!(unknown.kind == Kind::NotFound && unknown.sentence().contains("does not know this project"), "{unknown}");
    assert!(no_door(fake.management("a/b").renew(None, &unnoted).await).contains("short id"));
    // What was listed as awake just now is not listed again for its key, once.
    let (awake, lists) =
        (fake.management("abc"), || fake.heard().iter().filter(|head| path(head) == "/v1/projects").count());
    Lister::Hosted(awake.clone()).is_awake();
    for more in [0, 1] {
        let before = lists();
        awake.renew(None, &unnoted).await.unwrap();
        assert_eq!(lists() - before, more);
    }
    assert!(fake.heard().iter().all(|head| head.contains("authorization: Bearer sbp_token")));
}

#[tokio::test]
async fn a_refused_access_token_wants_another_and_a_fault_passes() {
    let fake = Fake::start(|_| (401, "{\"message\":\"Unauthorized sbp_token\"}".into())).await;
    assert!(matches!(fake.management("abc").renew(None, &unnoted).await, Err(NotGiven::SignIn(_))));
    let error = Lister::Hosted(fake.management("")).list().await.result.unwrap_err();
    assert_eq!(error.kind, Kind::NotSignedIn);
    assert!(!error.sentence().contains("sbp_token") && error.raw.is_none(), "{}", error.sentence());
    let fake = Fake::start(|_| (503, String::new())).await;
    match fake.management("abc").renew(None, &unnoted).await {
        Err(NotGiven::Failed(error)) => {
            assert!(error.sentence().contains("failed to read the project's keys"), "{}", error.sentence());
        }
        other => panic!("{other:?}"),
    }
    // Who stands in between is told as for any other request.
    for (status, said) in [(407, "the proxy asks for"), (511, "asks you to sign in, on any page")] {
        let fake = Fake::start(move |_| (status, "<html>".into())).await;
        let error = Lister::Hosted(fake.management("")).list().await.result.unwrap_err();
        assert_eq!((error.kind, error.asked), (Kind::Unreachable, Some("list projects")));
        assert!(error.sentence().contains(said), "{}", error.sentence());
    }
    let empty = Management::new(fake.url.clone(), Secret::default(), "abc", None);
    assert!(matches!(empty.renew(None, &unnoted).await, Err(NotGiven::SignIn(_))));
    // Nothing listens here.
    let dead = Management::new(url("http://127.0.0.1:9"), secret("sbp_token"), "abc", None);
    match dead.renew(None, &unnoted).await {
        Err(NotGiven::Failed(error)) => assert_eq!(error.kind, Kind::Unreachable),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn no_word_of_an_answer_with_keys_reaches_an_error() {
    for body in [
        "[{\"api_key\": \"sb_secret_hush\"",
        "{\"api_key\": \"sb_secret_hush\"}",
        "[\"sb_secret_hush\"]",
        "sb_secret_hush",
    ] {
        let fake = Fake::start(move |head| match path(head) {
            "/v1/projects" => (200, "[]".into()),
            _ => (200, body.into()),
        })
        .await;
        let told = format!("{:?}", fake.management("abc").renew(None, &unnoted).await.unwrap_err());
        assert!(!told.contains("hush"), "{told}");
        let told = format!("{:?}", Detail::new(fake.platform(), "abc").renew(None, &unnoted).await.unwrap_err());
        assert!(!told.contains("hush"), "{told}");
    }
}

#[test]
fn a_hosted_project_has_the_address_that_all_have() {
    let at = |api: &str| Management::new(url(api), secret("t"), "abc", None).base().unwrap().to_string();
    assert_eq!(at("https://api.supabase.com"), "https://abc.supabase.co/");
    assert_eq!(at("http://localhost:4000/x"), "http://localhost:4000/");
}

#[tokio::test]
async fn a_control_plane_gives_address_and_key_or_the_door_stays_shut() {
    let keys = json!([{"name": "x", "tags": "anon", "api_key": jwt("anon")}, {"tags": "service_role", "api_key": KEY}]);
    let fake = Fake::start(move |head| match path(head) {
        "/api/platform/projects/abc" => {
            (200, json!({"ref": "abc", "restUrl": "http://127.0.0.1:9/rest/v1/", "service_api_keys": keys}).to_string())
        }
        "/api/platform/projects/bare" => (200, json!({"restUrl": "http://127.0.0.1:9", "name": "b"}).to_string()),
        "/api/platform/projects/lost" => (200, json!({"service_api_keys": keys}).to_string()),
        "/api/platform/projects/asleep" => (200, json!({"state": "paused", "service_api_keys": keys}).to_string()),
        "/api/platform/projects/page" => (200, "<html>".into()),
        "/api/platform/projects/unsigned" => (401, json!({"error": "unauthorized"}).to_string()),
        "/api/platform/projects/moved" => (302, "location: https://evil.example/\r\n¶".into()),
        "/api/platform/projects/down" => (502, "<html>".into()),
        _ => (404, "<html>".into()),
    })
    .await;
    let ask = async |reference: &str| Detail::new(fake.platform(), reference).renew(None, &unnoted).await;
    let given = ask("abc").await.unwrap();
    assert_eq!((given.secret, given.base), (secret(KEY), Some(url("http://127.0.0.1:9"))));
    assert!(no_door(ask("bare").await).contains("gives no service key"));
    assert!(no_door(ask("lost").await).contains("names no address"));
    assert_eq!(failed(ask("asleep").await).kind, Kind::Paused);
    for shut in ["page", "unsigned", "none"] {
        assert!(no_door(ask(shut).await).contains("gives neither"), "{shut}");
    }
    for passing in ["down", "moved"] {
        assert!(matches!(ask(passing).await, Err(NotGiven::Failed(_))), "{passing}");
    }
    assert_eq!(fake.heard().len(), 9, "no redirect was followed");
    let unsigned = Platform::new(fake.url.clone(), TokenNow::default(), None);
    match Detail::new(unsigned, "abc").renew(None, &unnoted).await {
        Err(NotGiven::Failed(error)) => assert!(error.unsent && error.kind == Kind::NotSignedIn),
        other => panic!("{other:?}"),
    }
    assert_eq!(fake.heard().len(), 9, "no empty token is sent");
}

#[test]
fn a_key_goes_only_to_an_address_that_can_be_meant() {
    let at = |plane: &str, detail: serde_json::Value| {
        let wire = serde_json::from_value(detail).unwrap();
        platform::address(&wire, &url(plane), "abc").map(|url| url.to_string())
    };
    let config = |endpoint: &str, protocol: &str| json!({"app_config": {"endpoint": endpoint, "protocol": protocol}});
    let (cloud, own) = ("https://app.powabase.ai", "https://plane.acme.io");
    assert_eq!(at(cloud, json!({})).as_deref(), Some("https://abc.p.powabase.ai/"));
    assert_eq!(at(own, json!({})), None);
    assert_eq!(at(own, config("abc.acme.io", "https")).as_deref(), Some("https://abc.acme.io/"));
    assert_eq!(at(own, config("abc.acme.io:8443/", "https")).as_deref(), Some("https://abc.acme.io:8443/"));
    for (endpoint, protocol) in [
        ("abc.acme.io", "http"),
        ("kong:8000", "https"),
        ("localhost:8000", "http"),
        ("127.0.0.1", "https"),
        ("me:pw@abc.acme.io", "https"),
        ("", "https"),
        ("x", "ftp"),
    ] {
        assert_eq!(at(own, config(endpoint, protocol)), None, "{endpoint} {protocol}");
        assert!(at(cloud, config(endpoint, protocol)).is_some(), "the cloud's own is left");
    }
    let several = json!({"kong_url": "http://kong:8000", "external_api_url": "https://abc.acme.io/auth/v1"});
    assert_eq!(at(own, several).as_deref(), Some("https://abc.acme.io/"));
    assert_eq!(
        at("http://localhost:3001", config("localhost:8000", "http")).as_deref(),
        Some("http://localhost:8000/")
    );
    assert_eq!(at("http://plane:80", config("plane:8000", "http")).as_deref(), Some("http://plane:8000/"));
}

#[tokio::test]
async fn projects_are_listed_page_by_page_until_nothing_new_comes() {
    let paged = |from: usize, count: usize| {
        let rows: Vec<_> =
            (from..from + 2).map(|n| json!({"ref": format!("p{n}"), "id": n, "organization_id": 1})).collect();
        (200, json!({"projects": rows, "pagination": {"count": count, "limit": 2, "offset": from}}).to_string())
    };
    let fake = Fake::start(move |head| if head.contains("offset=0&") { paged(0, 4) } else { paged(2, 4) }).await;
    let listed = Lister::Platform(fake.platform()).list().await;
    assert_eq!((listed.result.unwrap().len(), fake.heard().len()), (4, 2));
    let meta = listed.meta;
    assert_eq!(meta.path, "/api/platform/projects?limit=100&offset=100&sort=name_asc", "the last one is told");
    assert_eq!((meta.status, meta.door, meta.proof), (Some(200), Some(Door::ControlPlane), Proof::Bearer));
    assert!(fake.heard()[0].contains("version: 2\r\n") && fake.heard()[0].contains("Bearer platform-token"));
    // Paging is ignored, and no total is right.
    let fake = Fake::start(move |_| paged(0, 9)).await;
    assert_eq!((Lister::Platform(fake.platform()).list().await.result.unwrap().len(), fake.heard().len()), (2, 2));
    let endless = Mutex::new(0);
    let fake = Fake::start(move |_| {
        let mut from = endless.lock().unwrap();
        *from += 2;
        paged(*from, usize::MAX)
    })
    .await;
    let rows = Lister::Platform(fake.platform()).list().await.result.unwrap();
    assert_eq!((fake.heard().len(), rows.len()), (PAGES, 2 * PAGES + 1));
    assert!(rows.last().is_some_and(|row| row.value.is_err()), "that there is more is not kept silent");
    let fake = Fake::start(|_| (200, json!([{"ref": "a"}, {"ref": "b"}]).to_string())).await;
    assert_eq!(
        (Lister::Platform(fake.platform()).list().await.result.unwrap().len(), fake.heard().len()),
        (2, 1),
        "a bare list is whole"
    );
}

#[tokio::test]
async fn where_projects_are_not_listed_organisations_list_theirs() {
    let fake = Fake::start(|head| {
        let path = path(head);
        match path.split('?').next().unwrap() {
            "/api/platform/organizations" => (
                200,
                json!([{"id": 1, "slug": "one", "name": "One"}, {"slug": "../three"}, {"slug": "shut"}, {"slug": "two"}])
                    .to_string(),
            ),
            "/api/platform/organizations/one/projects" => (200, json!([{"ref": "a"}]).to_string()),
            "/api/platform/organizations/two/projects" => {
                (200, json!({"projects": [{"ref": "a"}, {"ref": "b"}, {"ref": "b/c"}]}).to_string())
            }
            "/api/platform/organizations/shut/projects" => (403, json!({"error": "forbidden"}).to_string()),
            _ => (404, "<html>".into()),
        }
    })
    .await;
    let rows = Lister::Platform(fake.platform()).list().await.result.unwrap();
    let refs: Vec<_> = rows.iter().filter_map(|row| Some(row.value.as_ref().ok()?.reference.as_str())).collect();
    assert_eq!(refs, ["a", "b"]);
    assert_eq!(rows.len() - refs.len(), 3, "a ref that is none, a slug that is none, and one that refuses are counted");
    let fake = Fake::start(|_| (404, "<html>".into())).await;
    let told = Lister::Platform(fake.platform()).list().await.result.unwrap_err().sentence();
    assert!(told.contains("cannot list projects"), "{told}");
}

/// A source of tokens that gives one after the other.
#[derive(Debug, Default)]
struct Tokens(Mutex<Vec<Option<Secret>>>);

impl Renew for Tokens {
    fn signs_in(&self) -> bool {
        true
    }

    fn renew<'a>(&'a self, old: Option<&'a Secret>, _: &'a Note) -> crate::api::renew::Renewal<'a> {
        let mut asked = self.0.lock().unwrap();
        asked.push(old.cloned());
        let given = Given { secret: secret(&format!("token-{}", asked.len())), ..Given::default() };
        Box::pin(async move {
            if given.secret.expose() == "token-3" {
                Err(NotGiven::SignIn("nobody is signed in at h".into()))
            } else {
                Ok(given)
            }
        })
    }
}

#[tokio::test]
async fn a_token_that_cannot_do_is_explained_and_not_sent() {
    let fake = Fake::start(|_| (200, "[]".into())).await;
    for (claims, part) in
        [("{\"exp\":1600000000}", "expired at 2020-09-13"), ("{\"role\":\"anon\"}", "is a project's key")]
    {
        let platform = Platform::new(fake.url.clone(), TokenNow::new(secret(&token(claims))), None);
        let told = failed(Detail::new(platform.clone(), "a").renew(None, &unnoted).await);
        assert!(told.unsent && told.sentence().contains(part), "{told:?}");
        let told = Lister::Platform(platform).list().await.result.unwrap_err();
        assert!(told.unsent && told.kind == Kind::NotSignedIn && told.sentence().contains(part), "{told:?}");
    }
    assert_eq!(fake.heard(), Vec::<String>::new());
}

#[tokio::test]
async fn a_token_is_had_where_there_is_none_and_once_more_where_it_is_refused() {
    let fake = Fake::start(|head| {
        if head.contains("token-2") {
            (200, "[{\"ref\": \"a\"}]".into())
        } else {
            (401, "{\"error\": \"unauthorized\"}".into())
        }
    })
    .await;
    let source = Arc::new(Tokens::default());
    let now = TokenNow::default();
    let renewed = Watched::new(Arc::clone(&source) as Arc<dyn Renew>, now.clone());
    let platform = Platform::new(fake.url.clone(), now, None).renewed_by(Arc::new(renewed));
    let lister = Lister::Platform(platform);
    assert_eq!(lister.list().await.result.unwrap_err().kind, Kind::NotSignedIn, "the first one, fresh, is refused");
    assert_eq!(lister.list().await.result.unwrap().len(), 1);
    assert_eq!(*source.0.lock().unwrap(), [None, Some(secret("token-1"))]);
    lister.told(Door::Gateway, &secret("of-another-door"));
    assert_eq!(lister.list().await.result.unwrap().len(), 1);
    lister.told(Door::ControlPlane, &secret("given-by-a-person"));
    let told = lister.list().await.result.unwrap_err();
    assert_eq!((told.kind, told.sentence()), (Kind::NotSignedIn, "Nobody is signed in at h: sign in.".into()));
}

fn settings(endpoint: &str) -> (u16, String) {
    let keys = json!([{"api_key": KEY, "name": "service_role key", "tags": "service_role"}, {"api_key": "anon-anon", "tags": "anon"}]);
    (200, json!({"app_config": {"endpoint": endpoint, "protocol": "http"}, "service_api_keys": keys}).to_string())
}

#[tokio::test]
async fn studios_key_goes_to_the_typed_address_where_the_services_are() {
    let fake = Fake::start(|head| match path(head) {
        "/api/platform/projects/default/settings" => settings("elsewhere.example:1"),
        "/auth/v1/health" => (401, "{\"message\":\"No API key found in request\"}".into()),
        _ => (500, String::new()),
    })
    .await;
    let given = fake.studio().renew(None, &unnoted).await.unwrap();
    assert_eq!((given.secret, given.base), (secret(KEY), Some(fake.url.clone())));
    let heard = fake.heard();
    assert!(heard[0].contains("authorization: Basic b3BzOmEtbG9uZy1wYXNzd29yZA==") && !heard[0].contains("Bearer"));
    assert!(!heard[1].contains("uthorization") && !heard[1].contains("apikey"), "{}", heard[1]);
}

#[tokio::test]
async fn studio_without_a_gateway_names_the_address_and_the_typed_host_stays() {
    for health in [(404, "<html>".to_owned()), (401, "www-authenticate: Basic realm=\"kong\"\r\n¶{}".to_owned())] {
        for (endpoint, base) in [
            ("localhost:8000", "http://localhost:8000"),
            ("kong:8000", "http://127.0.0.1:8000"),
            ("host.docker.internal:8000", "http://127.0.0.1:8000"),
            ("0.0.0.0:8000", "http://127.0.0.1:8000"),
            ("api.localhost:8000", "http://127.0.0.1:8000"),
        ] {
            let health = health.clone();
            let fake = Fake::start(move |head| match path(head) {
                "/auth/v1/health" => health.clone(),
                _ => settings(endpoint),
            })
            .await;
            assert_eq!(fake.studio().renew(None, &unnoted).await.unwrap().base, Some(url(base)), "{endpoint}");
        }
    }
    let fake = Fake::start(|head| match path(head) {
        "/auth/v1/health" => (404, "<html>".into()),
        _ => settings("10.1.2.3:8000"),
    })
    .await;
    assert!(
        no_door(fake.studio().renew(None, &unnoted).await)
            .contains("plain http to 10.1.2.3:8000 would show the service key")
    );
}

#[tokio::test]
async fn studio_that_refuses_keeps_its_settings() {
    let fake =
        Fake::start(|_| (401, "www-authenticate: Basic realm=\"kong\"\r\n¶{\"message\":\"Unauthorized\"}".into()))
            .await;
    assert!(matches!(fake.studio().renew(None, &unnoted).await, Err(NotGiven::SignIn(_))));
    let fake =
        Fake::start(|_| (404, "{\"success\":false,\"message\":\"Endpoint not supported on hosted\"}".into())).await;
    assert!(no_door(fake.studio().renew(None, &unnoted).await).contains("gives no settings"));
    let far = StudioSettings::new(url("http://10.1.2.3"), "default", None, false, None);
    assert!(no_door(far.renew(None, &unnoted).await).contains("plain http"), "nothing is asked");
}

#[tokio::test]
async fn the_platform_is_asked_with_the_token_that_its_door_has_now() {
    #[derive(Debug)]
    struct Second;
    impl Renew for Second {
        fn renew<'a>(&'a self, _: Option<&'a Secret>, _: &'a Note) -> crate::api::renew::Renewal<'a> {
            Box::pin(async { Ok(Given { secret: secret("second"), ..Given::default() }) })
        }
    }
    let now = TokenNow::new(secret("first"));
    let watched = Watched::new(Arc::new(Second), now.clone());
    assert_eq!(now.get(), secret("first"));
    watched.renew(None, &unnoted).await.unwrap();
    assert_eq!(now.get(), secret("second"));
}

#[tokio::test]
async fn what_a_person_gives_or_takes_away_while_a_token_is_renewed_stays() {
    #[derive(Debug)]
    struct Slow(Platform, Secret);
    impl Renew for Slow {
        fn renew<'a>(&'a self, _: Option<&'a Secret>, _: &'a Note) -> crate::api::renew::Renewal<'a> {
            self.0.told(Door::ControlPlane, &self.1);
            Box::pin(async { Ok(Given { secret: secret("renewed"), ..Given::default() }) })
        }
    }
    for by_hand in ["", "given"].map(secret) {
        let now = TokenNow::new(secret("first"));
        let platform = Platform::new(url("http://127.0.0.1:9"), now.clone(), None);
        let watched = Watched::new(Arc::new(Slow(platform.clone(), by_hand.clone())), now.clone());
        watched.renew(None, &unnoted).await.unwrap();
        assert_eq!(now.get(), by_hand);
        assert_eq!(platform.given(), Some(by_hand).filter(|given| !given.is_empty()));
    }
}

#[tokio::test]
async fn a_token_that_a_person_gives_or_takes_away_is_that_of_the_keys_too() {
    let fake = Fake::start(|_| (200, "{}".into())).await;
    let unsigned = Platform::new(fake.url.clone(), TokenNow::default(), None);
    let detail = Arc::new(Detail::new(unsigned, "abc"));
    let door = |door, renew| DoorConfig {
        door,
        base: fake.url.clone(),
        reference: Some("abc".into()),
        user: None,
        credential: Secret::default(),
        renew,
    };
    let doors = vec![door(Door::ControlPlane, None), door(Door::Gateway, Some(detail.clone() as Arc<dyn Renew>))];
    let client = Client::new(Connection { doors, read_only: false, ca_file_pem: None, detect: false, watch: None });
    assert!(matches!(detail.renew(None, &unnoted).await, Err(NotGiven::Failed(_))), "nobody is signed in");
    client.set_credential(Door::ControlPlane, secret("the-token-of-a-sign-in"));
    assert!(no_door(detail.renew(None, &unnoted).await).contains("no address"));
    client.set_credential(Door::Gateway, secret("a-key-is-no-token"));
    client.set_credential(Door::ControlPlane, Secret::default());
    assert!(matches!(detail.renew(None, &unnoted).await, Err(NotGiven::Failed(_))), "signed out");
    let heard = fake.heard();
    assert!(heard.len() == 1 && heard[0].contains("authorization: Bearer the-token-of-a-sign-in"), "{heard:?}");
}

#[tokio::test]
async fn a_key_that_a_server_says_back_is_not_told() {
    let fake = Fake::start(|_| (200, format!("x-request-id: {KEY}\r\n¶{{\"version\":\"v2\"}}"))).await;
    let told = Arc::<Mutex<Vec<String>>>::default();
    let noted = Arc::clone(&told);
    let note = move |meta: &Meta, _: Option<&ApiError>| noted.lock().unwrap().push(format!("{meta:?}"));
    let versions = crate::api::health::versions(&fake.url, Some(&secret(KEY)), None, DEADLINE, &note).await;
    assert_eq!(versions[0].as_deref(), Some("v2"));
    assert!(fake.heard().iter().any(|head| head.contains(KEY)), "it was sent");
    let told = told.lock().unwrap();
    let own: Vec<_> = told.iter().filter(|meta| meta.contains("auth/v1/health")).collect();
    assert!(own.len() == 1 && own[0].contains("request_id: Some") && !own[0].contains(KEY), "{own:?}");
}

#[tokio::test]
async fn a_personal_token_in_a_keys_place_is_not_sent_to_ask_for_versions() {
    let fake = Fake::start(|_| (200, "{\"version\":\"v2\"}".into())).await;
    let token = secret("sbp_0123456789abcdef");
    crate::api::health::versions(&fake.url, Some(&token), None, DEADLINE, &unnoted).await;
    let heard = fake.heard();
    assert!(heard.len() == 2 && heard.iter().all(|head| !head.contains("sbp_")), "{heard:?}");
}
