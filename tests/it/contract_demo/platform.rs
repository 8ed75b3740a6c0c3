//! The platform around the project: its sign-in, its other projects, its management API.

use std::time::Duration;

use basedeck::demo::{Kind, Options, Server, SignIn, Studio};
use serde_json::{Value, json};

use super::{Answer, Rig, alike};

const PASSWORD: &str = "correct-horse-1";

fn sign_in() -> SignIn {
    SignIn { password: PASSWORD.to_owned(), ..SignIn::default() }
}

/// A platform where one can sign in; the recorded person is its account.
async fn platform(sign_in: SignIn) -> Rig {
    let options = Options { users: 20, life: 0.0, sign_in: Some(sign_in), ..Options::default() };
    let server = Server::start(options.clone()).await.expect("starts");
    let swaps = [
        ("{{service_key}}", options.service_key.as_str()),
        ("{{anon_key}}", &options.anon_key),
        ("ada.lovelace@example.com", "ops@example.com"),
        ("Content-Length: 68\n", ""),
        ("Content-Length: 62\n", ""),
        // A mail that the account never had.
        (r#""recovery_sent_at":"2026-11-24T13:33:32.558076Z","#, ""),
    ];
    let swaps = swaps.map(|(from, to)| (from.to_owned(), to.to_owned())).to_vec();
    Rig { server, options, swaps }
}

async fn ask(rig: &Rig, method: &str, path: &str, headers: &str, body: &str) -> Answer {
    let request =
        format!("{method} {path} HTTP/1.1\r\nHost: x\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len());
    rig.send(request.as_bytes(), false).await.expect("an answer")
}

fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}

async fn get(rig: &Rig, path: &str, token: &str) -> Answer {
    ask(rig, "GET", path, &bearer(token), "").await
}

/// The session of a password.
async fn signed_in(rig: &Rig) -> Value {
    let body = json!({"email": "ops@example.com", "password": PASSWORD}).to_string();
    let answer = ask(rig, "POST", "/auth/v1/token?grant_type=password", "", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

async fn refresh(rig: &Rig, token: &str) -> Answer {
    ask(rig, "POST", "/auth/v1/token?grant_type=refresh_token", "", &json!({"refresh_token": token}).to_string()).await
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().expect("a text")
}

/// A refusal of the control plane, with code and status.
fn unauthorized(answer: &Answer) {
    assert_eq!((answer.status, &answer.json()["code"]), (401, &json!("unauthorized")), "{}", answer.text());
    assert_eq!(answer.header("www-authenticate"), None);
}

const USERS: &str = "/api/platform/auth/demo/users?per_page=1";

#[tokio::test]
async fn signing_in_and_out_is_as_recorded() {
    let mut rig = platform(sign_in()).await;
    let session = rig.alike("gotrue/token-password-200").await;
    assert_eq!((&session["expires_in"], &session["user"]["email"]), (&json!(3600), &json!("ops@example.com")));
    for name in ["password-wrong", "banned", "unconfirmed", "refresh-unknown"] {
        rig.same(&format!("gotrue/token-{name}-400")).await;
    }
    rig.swap("{{access_token}}", text(&session, "access_token"));
    rig.alike("gotrue/user-me-200").await;
    rig.same("gotrue/user-with-service-key-403").await;
    rig.same("gotrue/settings-200").await;
    rig.same("gotrue/health-200").await;
    assert_eq!(get(&rig, USERS, text(&session, "access_token")).await.status, 200);
    let (_, gone) = rig.replay("gotrue/logout-global-204").await;
    assert!(gone.body.is_empty());
    rig.same("gotrue/logout-again-403").await;
    rig.same("gotrue/user-session-gone-403").await;
    unauthorized(&get(&rig, USERS, text(&session, "access_token")).await);
    let answer = refresh(&rig, text(&session, "refresh_token")).await;
    assert_eq!((answer.status, answer.header("x-sb-error-code")), (400, Some("refresh_token_not_found")));
    assert_eq!(rig.server.sessions(), 0);
}

#[tokio::test]
async fn refresh_tokens_are_used_once_as_recorded() {
    let mut rig = platform(sign_in()).await;
    let first = signed_in(&rig).await;
    rig.swap("{{refresh_token}}", text(&first, "refresh_token"));
    let second = rig.alike("gotrue/token-refresh-200").await;
    let again = refresh(&rig, text(&first, "refresh_token")).await;
    assert_eq!(again.header("sb-auth-refresh-token-reuse"), Some("true"));
    assert_eq!(again.json()["refresh_token"], second["refresh_token"], "the last used one is forgiven");
    refresh(&rig, text(&second, "refresh_token")).await;
    assert_eq!(rig.server.reuses(), 0);
    rig.server.advance(Duration::from_secs(10));
    rig.same("gotrue/token-refresh-reused-400").await;
    assert_eq!(rig.server.reuses(), 1);
    let counts = rig.server.token_counts();
    assert_eq!((counts.refreshed, counts.forgiven), (2, 1));
}

#[tokio::test]
async fn access_tokens_end_with_their_time_and_the_platform_token_does_not() {
    let rig = platform(SignIn { token_life: Duration::from_secs(30), ..sign_in() }).await;
    let session = signed_in(&rig).await;
    let token = text(&session, "access_token");
    assert_eq!(session["expires_in"], 30);
    assert_eq!(get(&rig, USERS, token).await.status, 200);
    let before = get(&rig, USERS, token).await.header("date").expect("a date").to_owned();
    rig.server.advance(Duration::from_secs(3_600));
    let late = get(&rig, USERS, token).await;
    unauthorized(&late);
    let hours = |date: &str| date.split(' ').nth(4).and_then(|time| time[..2].parse::<u32>().ok()).expect("a time");
    assert_eq!(hours(late.header("date").expect("a date")), (hours(&before) + 1) % 24);
    let user = get(&rig, "/auth/v1/user", token).await;
    assert_eq!((user.status, user.header("x-sb-error-code")), (403, Some("bad_jwt")));
    assert!(user.text().ends_with(r#"token is expired"}"#), "{}", user.text());
    let next = refresh(&rig, text(&session, "refresh_token")).await.json();
    assert_eq!(get(&rig, USERS, text(&next, "access_token")).await.status, 200);
    assert_eq!(get(&rig, USERS, &rig.options.token).await.status, 200);
    rig.server.end_sessions();
    unauthorized(&get(&rig, USERS, text(&next, "access_token")).await);
}

#[tokio::test]
async fn a_second_factor_is_asked_for_where_there_is_one() {
    let rig = platform(SignIn { totp: Some("123456".to_owned()), ..sign_in() }).await;
    let session = signed_in(&rig).await;
    let token = text(&session, "access_token");
    unauthorized(&get(&rig, USERS, token).await);
    let user = get(&rig, "/auth/v1/user", token).await.json();
    assert_eq!(
        (&user["factors"][0]["factor_type"], &user["factors"][0]["status"]),
        (&json!("totp"), &json!("verified"))
    );
    let path = |verb: &str| format!("/auth/v1/factors/{}/{verb}", text(&user["factors"][0], "id"));
    let asked = ask(&rig, "POST", &path("challenge"), &bearer(token), "{}").await.json();
    assert_eq!(asked["type"], "totp");
    assert!(asked["expires_at"].is_i64());
    let answer = |code: &str| json!({"challenge_id": asked["id"], "code": code}).to_string();
    let wrong = ask(&rig, "POST", &path("verify"), &bearer(token), &answer("000000")).await;
    assert_eq!((wrong.status, wrong.header("x-sb-error-code")), (422, Some("mfa_verification_failed")));
    let right = ask(&rig, "POST", &path("verify"), &bearer(token), &answer("123456")).await.json();
    assert_eq!(get(&rig, USERS, text(&right, "access_token")).await.status, 200);
    let unknown = ask(&rig, "POST", "/auth/v1/factors/x/challenge", &bearer(token), "{}").await;
    assert_eq!((unknown.status, unknown.header("x-sb-error-code")), (404, Some("mfa_factor_not_found")));
}

#[tokio::test]
async fn a_captcha_and_a_key_are_asked_for_where_they_are_set() {
    let rig = platform(SignIn { captcha: true, apikey: Some("public".to_owned()), ..sign_in() }).await;
    let path = "/auth/v1/token?grant_type=password";
    let plain = json!({"email": "ops@example.com", "password": PASSWORD}).to_string();
    let without = ask(&rig, "POST", path, "", &plain).await;
    assert_eq!((without.status, without.json()), (401, json!({"message": "No API key found in request"})));
    assert_eq!(ask(&rig, "POST", path, "apikey: other\r\n", &plain).await.status, 401);
    let refused = ask(&rig, "POST", path, "apikey: public\r\n", &plain).await;
    assert_eq!((refused.status, refused.header("x-sb-error-code")), (400, Some("captcha_failed")));
    let solved = json!({
        "email": "ops@example.com",
        "password": PASSWORD,
        "gotrue_meta_security": {"captcha_token": "solved"},
    });
    assert_eq!(ask(&rig, "POST", path, "apikey: public\r\n", &solved.to_string()).await.status, 200);
}

#[tokio::test]
async fn the_projects_gateway_stays_beside_the_sign_in_and_without_one_has_all_paths() {
    let rig = platform(sign_in()).await;
    assert_eq!(rig.get("/auth/v1/admin/users?per_page=1").await.status, 200);
    assert_eq!(rig.get("/auth/v1/nothing").await.status, 404);
    assert_eq!(rig.get("/auth/v1/token").await.status, 405);
    let without = Rig::few().await;
    assert_eq!(without.get("/auth/v1/user").await.status, 404);
    assert_eq!(ask(&without, "POST", "/auth/v1/token?grant_type=password", "", "{}").await.status, 401);
    assert_eq!(without.get("/auth/v1/settings").await.json()["external"]["email"], true);
}

async fn wide() -> Rig {
    let management = Some("sbp_demo".to_owned());
    let options = Options { users: 20, life: 0.0, wide: true, management, ..Options::default() };
    Rig { server: Server::start(options.clone()).await.expect("starts"), options, swaps: Vec::new() }
}

/// The references on a page of projects.
fn references(page: &Value) -> Vec<&str> {
    page["projects"].as_array().expect("rows").iter().map(|row| text(row, "ref")).collect()
}

#[tokio::test]
async fn a_wide_platform_tells_of_organizations_and_projects() {
    let rig = wide().await;
    let token = rig.options.token.clone();
    let told = async |path: &str| get(&rig, &format!("/api/platform{path}"), &token).await;
    let json = async |path: &str| told(path).await.json();
    let slugs: Vec<Value> =
        json("/organizations").await.as_array().expect("rows").iter().map(|one| one["slug"].clone()).collect();
    assert_eq!(slugs, ["demo-works", "side-street"]);
    assert_eq!(json("/projects").await.as_array().expect("a bare array").len(), 3);
    let paged = ask(&rig, "GET", "/api/platform/projects", &format!("{}Version: 2\r\n", bearer(&token)), "").await;
    assert_eq!(paged.json()["pagination"], json!({"count": 3, "limit": 100, "offset": 0}));
    let first = json("/organizations/demo-works/projects?limit=1&sort=name_desc").await;
    assert_eq!((references(&first), &first["pagination"]["count"]), (vec!["demo"], &json!(2)));
    let rest = json("/organizations/demo-works/projects?limit=1&offset=1&sort=name_desc").await;
    assert_eq!(references(&rest), ["demo-paused"]);
    assert_eq!(
        references(&json("/organizations/demo-works/projects?statuses=INACTIVE,UNKNOWN").await),
        ["demo-paused"]
    );
    assert_eq!(references(&json("/organizations/side-street/projects?search=TWO").await), ["demo-two"]);
    for (path, status) in [
        ("/organizations/none/projects", 404),
        ("/organizations/demo-works/projects?limit=101", 400),
        ("/projects/none", 404),
        ("/projects/none/status", 404),
    ] {
        assert_eq!(told(path).await.status, status, "{path}");
    }
    assert_eq!(json("/profile").await["primary_email"], "demo@example.com");
    for path in ["profile", "organizations", "projects", "projects/demo", "organizations/demo-works/projects"] {
        unauthorized(&ask(&rig, "GET", &format!("/api/platform/{path}"), "", "").await);
    }
    let narrow = Rig::few().await;
    unauthorized(&ask(&narrow, "GET", "/api/platform/profile", "", "").await);
    assert_eq!(get(&narrow, "/api/platform/projects", &narrow.options.token).await.status, 404);
}

#[tokio::test]
async fn each_project_has_an_address_keys_and_people_of_its_own() {
    let rig = wide().await;
    let token = rig.options.token.clone();
    let mut emails = Vec::new();
    for (reference, count) in [("demo", "20"), ("demo-two", "17")] {
        let detail = get(&rig, &format!("/api/platform/projects/{reference}"), &token).await.json();
        let address = text(&detail, "kong_url").strip_prefix(&rig.server.url()).expect("on this port").to_owned();
        assert_eq!(text(&detail, "restUrl"), format!("{}{address}/rest/v1/", rig.server.url()));
        let key = detail["service_api_keys"][1]["api_key"].as_str().expect("a key").to_owned();
        assert_eq!(
            (&detail["service_api_keys"][1]["tags"], Some(&key)),
            (&json!("service_role"), rig.server.service_key(reference).as_ref())
        );
        let headers = format!("apikey: {key}\r\n{}", bearer(&key));
        let users = ask(&rig, "GET", &format!("{address}/auth/v1/admin/users?per_page=1"), &headers, "").await;
        assert_eq!((users.status, users.header("x-total-count")), (200, Some(count)), "{reference}");
        let same = get(&rig, &format!("/api/platform/auth/{reference}/users?per_page=1"), &token).await;
        assert_eq!(same.json(), users.json());
        emails.push(users.json()["users"][0]["id"].clone());
        let buckets = ask(&rig, "GET", &format!("{address}/storage/v1/bucket"), &headers, "").await;
        assert_eq!(buckets.json().as_array().map(Vec::len), Some(8));
        let other = if reference == "demo" { "/p/demo-two" } else { "/p/demo" };
        assert_eq!(ask(&rig, "GET", &format!("{other}/auth/v1/admin/users"), &headers, "").await.status, 401);
    }
    assert_ne!(emails[0], emails[1]);
}

#[tokio::test]
async fn a_paused_project_answers_nothing_until_it_is_woken() {
    let rig = wide().await;
    let token = rig.options.token.clone();
    let platform = |path: &str| format!("/api/platform/{path}");
    let detail = get(&rig, &platform("projects/demo-paused"), &token).await.json();
    assert_eq!((&detail["status"], &detail["state"]), (&json!("INACTIVE"), &json!("paused")));
    let users = platform("auth/demo-paused/users?per_page=1");
    assert_eq!(get(&rig, &users, &token).await.status, 503);
    assert_eq!(ask(&rig, "GET", "/p/demo-paused/auth/v1/health", "", "").await.status, 540);
    let resume = platform("projects/demo-paused/resume");
    unauthorized(&ask(&rig, "POST", &resume, "", "").await);
    assert_eq!(get(&rig, &resume, &token).await.status, 405);
    assert_eq!(ask(&rig, "POST", &resume, &bearer(&token), "").await.status, 200);
    for status in ["COMING_UP", "ACTIVE_HEALTHY", "ACTIVE_HEALTHY"] {
        let told = get(&rig, &platform("projects/demo-paused/status"), &token).await;
        assert_eq!(told.json(), json!({"status": status}));
    }
    assert_eq!(get(&rig, &users, &token).await.header("x-total-count"), Some("12"));
    assert_eq!(ask(&rig, "POST", &resume, &bearer(&token), "").await.status, 400);
}

#[tokio::test]
async fn a_temporary_key_is_one_for_a_while() {
    let rig = wide().await;
    let ask_key = async |query: &str| {
        let path = format!("/api/platform/projects/demo-two/api-keys/temporary?{query}");
        ask(&rig, "POST", &path, &bearer(&rig.options.token), "").await
    };
    let claims = "claims=%7B%22role%22%3A%22service_role%22%7D";
    let key = ask_key(&format!("authorization_exp=60&{claims}")).await.json();
    let key = text(&key, "api_key");
    let headers = format!("apikey: {key}\r\n{}", bearer(key));
    let users = "/p/demo-two/auth/v1/admin/users?per_page=1";
    assert_eq!(ask(&rig, "GET", users, &headers, "").await.status, 200);
    assert_eq!(ask(&rig, "GET", &users.replace("demo-two", "demo"), &headers, "").await.status, 401);
    rig.server.advance(Duration::from_secs(60));
    assert_eq!(ask(&rig, "GET", users, &headers, "").await.status, 401);
    assert_eq!(ask_key(&format!("authorization_exp=3601&{claims}")).await.status, 400);
    assert_eq!(ask_key("authorization_exp=60").await.status, 400);
}

#[tokio::test]
async fn the_management_api_gives_projects_and_keys_to_a_personal_access_token() {
    let rig = wide().await;
    for headers in [String::new(), bearer("sbp_other"), bearer(&rig.options.token)] {
        let refused = ask(&rig, "GET", "/v1/projects", &headers, "").await;
        assert_eq!((refused.status, refused.json()), (401, json!({"message": "Unauthorized"})));
    }
    let projects = get(&rig, "/v1/projects", "sbp_demo").await.json();
    let told = |at: usize| (projects[at]["id"].clone(), projects[at]["status"].clone());
    assert_eq!(told(0), (json!("demo"), json!("ACTIVE_HEALTHY")));
    assert_eq!(told(2), (json!("demo-paused"), json!("INACTIVE")));
    let keys = get(&rig, "/v1/projects/demo-two/api-keys?reveal=true", "sbp_demo").await.json();
    let of = |keys: &Value, name: &str, kind: &str| {
        let rows = keys.as_array().expect("rows").clone();
        let row = rows.into_iter().find(|row| row["name"] == name && row["type"] == kind).expect("a key");
        text(&row, "api_key").to_owned()
    };
    assert_eq!(Some(of(&keys, "service_role", "legacy")), rig.server.service_key("demo-two"));
    let secret = of(&keys, "default", "secret");
    assert_eq!(Some(&secret), rig.server.secret_key("demo-two").as_ref());
    assert!(of(&keys, "default", "publishable").starts_with("sb_publishable_"));
    let hidden = get(&rig, "/v1/projects/demo-two/api-keys", "sbp_demo").await.json();
    assert!(!hidden.to_string().contains(&secret));
    assert_eq!(get(&rig, "/v1/projects/none/api-keys", "sbp_demo").await.status, 404);
    // It names no address: each of its keys opens its own project at the one there is.
    for (reference, status) in [("demo", 200), ("demo-two", 200), ("demo-paused", 540)] {
        let key = rig.server.service_key(reference).expect("a key");
        let headers = format!("apikey: {key}\r\n{}", bearer(&key));
        let users = ask(&rig, "GET", "/auth/v1/admin/users?per_page=1", &headers, "").await;
        assert_eq!(users.status, status, "{reference}");
        if reference == "demo-two" {
            assert_eq!(users.header("x-total-count"), Some("17"));
        }
    }
    // Such a key goes alone: it is no bearer token.
    let alone = format!("apikey: {secret}\r\n");
    for path in ["auth/v1/admin/users?per_page=1", "storage/v1/bucket"] {
        let path = format!("/p/demo-two/{path}");
        assert_eq!(ask(&rig, "GET", &path, &alone, "").await.status, 200, "{path}");
        let twice = ask(&rig, "GET", &path, &(alone.clone() + &bearer(&secret)), "").await;
        assert_ne!(twice.status, 200, "{path}");
    }
}

#[tokio::test]
async fn each_kind_of_server_tells_health_and_what_it_is_to_a_stranger() {
    let rig = wide().await;
    for base in ["", "/p/demo-two"] {
        let health = ask(&rig, "GET", &format!("{base}/api/health"), "", "").await;
        assert_eq!(health.json(), json!({"status": "healthy", "service": "project-service"}));
        assert_eq!(ask(&rig, "GET", &format!("{base}/storage/v1/version"), "", "").await.text(), "v1.70.6");
        let status = ask(&rig, "GET", &format!("{base}/storage/v1/status"), "", "").await;
        assert_eq!((status.status, status.body.len()), (200, 0));
        assert_eq!(ask(&rig, "GET", &format!("{base}/auth/v1/health"), "", "").await.status, 401);
    }
    let stranger = async |kind: Kind| {
        let options = Options { users: 1, life: 0.0, kind, clock_ahead: -86_400, ..Options::default() };
        let rig = Rig { server: Server::start(options.clone()).await.expect("starts"), options, swaps: Vec::new() };
        let answer = ask(&rig, "GET", "/api/platform/profile", "", "").await;
        let date = answer.header("date").expect("a date").to_owned();
        let day = jiff::fmt::rfc2822::parse(&date).expect("a date").timestamp();
        assert!((86_300..86_500).contains(&jiff::Timestamp::now().duration_since(day).as_secs()), "{date}");
        answer
    };
    unauthorized(&stranger(Kind::ControlPlane).await);
    let open = stranger(Kind::SelfHosted(Studio::default())).await;
    assert_eq!((open.status, &open.json()["primary_email"]), (200, &json!("johndoe@supabase.io")));
    let basic = Some(("supabase".to_owned(), "secret".to_owned()));
    let behind = stranger(Kind::SelfHosted(Studio { basic, endpoint: None })).await;
    assert_eq!((behind.status, behind.header("www-authenticate")), (401, Some("Basic realm=\"kong\"")));
    assert_eq!(stranger(Kind::PageServer).await.json()["message"], "Endpoint not supported on hosted");
    alike(&json!({"message": ""}), &behind.json(), "the gateway's words");
}
