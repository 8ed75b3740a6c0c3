//! Users: made, refused, listed.

use std::collections::BTreeSet;

use basedeck::demo::Options;
use serde_json::{Value, json};

use super::{Rig, alike, walk};

/// A list of users: the recorded frame, and rows with the keys that recorded rows have.
fn alike_users(recorded: &Value, got: &Value, known: &BTreeSet<String>, name: &str) {
    let keys = |value: &Value| value.as_object().expect("an object").keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(keys(recorded), keys(got), "{name}");
    let always: BTreeSet<String> = [
        "id",
        "aud",
        "role",
        "email",
        "phone",
        "app_metadata",
        "user_metadata",
        "identities",
        "created_at",
        "updated_at",
        "is_anonymous",
    ]
    .map(str::to_owned)
    .into();
    for row in got["users"].as_array().expect("rows") {
        let keys = keys(row);
        assert!(keys.is_superset(&always) && keys.is_subset(known), "{name}: {row:#}");
        assert!(row["identities"].is_null(), "{name}: {row:#}");
        for (key, value) in row.as_object().expect("an object").iter().filter(|(key, _)| key.ends_with("_at")) {
            let text = value.as_str().unwrap_or_else(|| panic!("{key} of {row:#}"));
            text.parse::<jiff::Timestamp>().expect("a moment");
            let digits = text.trim_end_matches('Z').split_once('.').map_or(0, |(_, digits)| digits.len());
            assert!(text.ends_with('Z') && digits <= 6 && !text.contains("0Z."), "{key}: {text}");
        }
    }
}

fn known_keys(rig: &Rig) -> BTreeSet<String> {
    let mut known = BTreeSet::from(["invited_at".to_owned()]);
    for name in ["list-users-mixed-200", "list-users-first-200", "list-users-cursor-first-200"] {
        let recorded: Value =
            serde_json::from_slice(&rig.recorded(&format!("gotrue/{name}")).answer.expect("recorded").body)
                .expect("JSON");
        let rows = recorded["users"].as_array().expect("rows").clone();
        known.extend(rows.iter().filter_map(Value::as_object).flat_map(|row| row.keys().cloned()));
    }
    known
}

#[tokio::test]
async fn users_are_made_and_refused_as_recorded() {
    let mut rig = Rig::few().await;
    let ada = rig.alike("gotrue/create-user-200").await;
    assert_eq!(ada["email"], "ada.lovelace@example.com");
    assert_eq!(ada["user_metadata"], json!({"email_verified": true, "full_name": "Ada Lovelace", "plan": "pro"}));
    assert_eq!(
        ada["app_metadata"],
        json!({"provider": "email", "providers": ["email"], "roles": ["editor"], "tier": 3})
    );
    for name in ["email-exists-422", "email-exists-apiversion-422", "bad-email-400", "bad-ban-400", "bad-json-400"] {
        rig.same(&format!("gotrue/create-user-{name}")).await;
    }
    let hostile = rig.recorded("gotrue/create-user-hostile-metadata-200").answer.expect("recorded").json();
    let got = rig.alike("gotrue/create-user-hostile-metadata-200").await;
    assert_eq!(got["user_metadata"], hostile["user_metadata"]);
    rig.alike("gotrue/create-user-phone-only-200").await;
    rig.alike("gotrue/create-user-weak-password-accepted-200").await;
    for name in ["phone-exists-422", "password-over-72-500", "neither-400"] {
        rig.same(&format!("gotrue/create-user-{name}")).await;
    }
    for name in ["bad-jwt-403", "expired-jwt-403", "no-authorization-401", "not-admin-403"] {
        rig.same(&format!("gotrue/{name}")).await;
    }
    for name in ["health-200", "user-id-bad-404", "user-not-found-404"] {
        rig.same(&format!("gotrue/{name}")).await;
    }
    let (_, lost) = rig.replay("gotrue/no-such-route-404").await;
    assert_eq!(lost.text(), "404 page not found\n");

    rig.swap("b88e838d-1ffb-4a03-968d-51bdd3e8ddc6", ada["id"].as_str().expect("an id"));
    let again = rig.alike("gotrue/get-user-200").await;
    let nanoseconds = ada["email_confirmed_at"].as_str().expect("a moment");
    let microseconds = again["email_confirmed_at"].as_str().expect("a moment");
    assert!(nanoseconds.starts_with(microseconds.trim_end_matches('Z')), "{nanoseconds} {microseconds}");
}

#[tokio::test]
async fn users_are_listed_as_recorded() {
    let mut rig = Rig::few().await;
    let known = known_keys(&rig);
    for number in 70..80 {
        let body = json!({"email": format!("bulk{number}@load.example"), "user_metadata": {"full_name": format!("Bulk {number}")}});
        assert_eq!(rig.post("/auth/v1/admin/users", "", body.to_string().as_bytes()).await.status, 200);
    }
    for name in ["gotrue/list-users-first-200", "gotrue/list-users-mixed-200", "gateway/list-users-200"] {
        let (recorded, got) = rig.replay(name).await;
        alike_users(&recorded, &got.json(), &known, name);
    }
    let (_, first) = rig.replay("gotrue/list-users-first-200").await;
    assert_eq!(first.header("x-total-count"), Some("310"));
    let link = "</admin/users?page=2&per_page=2>; rel=\"next\", </admin/users?page=155&per_page=2>; rel=\"last\"";
    assert_eq!(first.header("link"), Some(link));
    let newest: Vec<Value> = first.json()["users"].as_array().expect("rows").clone();
    assert_eq!(newest[0]["email"], "bulk79@load.example");

    let (recorded, filtered) = rig.replay("gotrue/list-users-filter-200").await;
    alike_users(&recorded, &filtered.json(), &known, "filter");
    assert_eq!(filtered.header("x-total-count"), Some("10"));
    assert_eq!(
        filtered.header("link"),
        Some(
            "</admin/users?filter=Bulk+7&page=2&per_page=3>; rel=\"next\", </admin/users?filter=Bulk+7&page=4&per_page=3>; rel=\"last\""
        )
    );
    let (recorded, past) = rig.replay("gotrue/list-users-past-end-200").await;
    assert_eq!(past.json(), recorded);
    assert_eq!(past.header("link"), Some("</admin/users?page=7&per_page=50>; rel=\"last\""));
    rig.same("gotrue/list-users-page-bad-400").await;
    rig.same("gotrue/list-users-per-page-0-500").await;

    let page_zero = rig.get("/auth/v1/admin/users?page=0&per_page=400").await;
    assert!(page_zero.header("link").expect("links").starts_with("</admin/users?page=1&per_page=400>; rel=\"next\""));
    assert_eq!(rig.get("/auth/v1/admin/users?sort=email+asc").await.status, 400);
    let up = rig.get("/auth/v1/admin/users?sort=created_at+asc&per_page=310").await.json();
    let mut up: Vec<Value> =
        up["users"].as_array().expect("rows").iter().map(|row| row["created_at"].clone()).collect();
    assert!(up.is_sorted_by_key(|at| at.as_str().and_then(|at| at.parse::<jiff::Timestamp>().ok())));
    up.dedup();
    assert_eq!(up.len(), 310 - 29, "30 of the seeded came at one instant");

    let all = rig.get("/auth/v1/admin/users?per_page=1000").await.json();
    let rows = all["users"].as_array().expect("rows");
    let one = |rows: &[Value], is: fn(&Value) -> bool| rows.iter().find(|row| is(row)).expect("one")["id"].clone();
    let anonymous = one(rows, |row| row["is_anonymous"] == true);
    rig.swap("bd11b61e-83ed-4fd1-a9bb-19906109584c", anonymous.as_str().expect("an id"));
    rig.alike("gotrue/get-user-anonymous-200").await;
    for row in rows {
        let alone = rig.get(&format!("/auth/v1/admin/users/{}", row["id"].as_str().expect("an id"))).await.json();
        assert!(alone["identities"].is_array(), "{alone:#}");
        let mut alone = alone;
        alone["identities"] = Value::Null;
        assert_eq!(&alone, row);
    }
}

#[tokio::test]
async fn a_soft_deleted_user_is_hashes() {
    let mut rig = Rig::start(Options { users: 2_000, ..Options::default() }).await;
    let all = rig.get("/auth/v1/admin/users?per_page=2000").await.json();
    let rows = all["users"].as_array().expect("rows");
    let deleted = rows.iter().find(|row| row["deleted_at"].is_string()).expect("one")["id"].clone();
    rig.swap("6877a6a4-4128-43f7-805b-799594c335e3", deleted.as_str().expect("an id"));
    rig.alike("gotrue/get-user-soft-deleted-200").await;
}

#[tokio::test]
async fn one_bad_row_spoils_its_page_and_no_other() {
    let rig = Rig::start(Options { users: 40, null_token_user: true, ..Options::default() }).await;
    let statuses = async |per_page: u32| {
        let mut statuses = Vec::new();
        for page in 1..=40 / per_page {
            statuses.push(rig.get(&format!("/auth/v1/admin/users?page={page}&per_page={per_page}")).await.status);
        }
        statuses
    };
    assert_eq!(statuses(10).await, [200, 500, 200, 200]);
    assert_eq!(statuses(1).await.iter().filter(|status| **status == 500).count(), 1);
    let (recorded, got) = (
        rig.recorded("gotrue/list-users-null-tokens-500").answer.expect("recorded"),
        rig.get("/auth/v1/admin/users").await,
    );
    assert_eq!(got.status, 500);
    assert_eq!(got.header("x-sb-error-code"), recorded.header("x-sb-error-code"));
    alike(&recorded.json(), &got.json(), "null tokens");
    assert_eq!(got.json()["msg"], recorded.json()["msg"]);
}

#[tokio::test]
async fn pages_cut_by_time_lose_people_of_one_instant() {
    let rig = Rig::start(Options { users: 600, ..Options::default() }).await;
    let ids = walk(&rig, 7, 600).await;
    let distinct: BTreeSet<&String> = ids.iter().collect();
    assert_eq!(ids.len(), 600);
    assert!(distinct.len() < 600 && distinct.len() > 540, "{}", distinct.len());
    assert_eq!(ids, walk(&rig, 7, 600).await, "the same are lost at each walk");
    assert_eq!(walk(&rig, 200, 600).await.iter().collect::<BTreeSet<_>>().len(), 600, "large pages find all");
}

#[tokio::test]
async fn many_users_are_walked_in_large_pages() {
    let rig = Rig::start(Options { users: 20_000, ..Options::default() }).await;
    assert_eq!(walk(&rig, 1_000, 20_000).await.into_iter().collect::<BTreeSet<_>>().len(), 20_000);
    let crowd = Rig::start(Options { users: 1_000_000, ..Options::default() }).await;
    let deep = crowd.get("/auth/v1/admin/users?page=900&per_page=1000").await;
    assert_eq!(deep.header("x-total-count"), Some("1000000"));
    assert_eq!(deep.json()["users"].as_array().expect("rows").len(), 1_000);
    let taken = deep.json()["users"]
        .as_array()
        .expect("rows")
        .iter()
        .find_map(|row| row["email"].as_str().filter(|email| email.contains('@')).map(str::to_owned));
    let body = json!({"email": taken}).to_string();
    assert_eq!(crowd.post("/auth/v1/admin/users", "", body.as_bytes()).await.status, 422);
}
