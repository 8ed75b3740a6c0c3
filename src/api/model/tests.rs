//! Models against what servers send, and against what they should not.

use proptest::prelude::*;

use super::*;

fn user(fields: &str) -> Result<User, String> {
    User::read(&format!(r#"{{"id":"b88e838d-1ffb-4a03-968d-51bdd3e8ddc6"{fields}}}"#))
}

#[test]
fn times_are_read_in_all_notations() {
    let time = |text: &str| user(&format!(r#","created_at":"{text}""#)).map(|user| user.created_at);
    let exact = Some("2026-11-24T13:34:06.608538Z".parse().unwrap());
    for text in [
        "2026-11-24T13:34:06.608538Z",
        "2026-11-24T13:34:06.608538000Z",
        "2026-11-24 13:34:06.608538+00",
        "2026-11-24 15:34:06.608538+02:00",
    ] {
        assert_eq!(time(text), Ok(exact), "{text}");
    }
    assert!(time("2026-11-24T13:34:06Z").unwrap().is_some());
    assert_eq!(time(""), Ok(None));
    assert_eq!(user(r#","created_at":null"#).unwrap().created_at, None);
    assert!(time("yesterday").unwrap_err().contains("a time is not readable"));
}

#[test]
fn missing_null_and_empty_are_none() {
    for fields in ["", r#","email":null,"phone":null,"app_metadata":null"#, r#","email":"","phone":"""#] {
        let user = user(fields).unwrap();
        assert_eq!((user.email, user.phone, user.name, user.is_anonymous), (None, None, None, false));
    }
    assert!(User::read("{}").unwrap_err().contains("missing field `id`"));
}

#[test]
fn the_name_is_the_first_text() {
    let name = |metadata: &str| user(&format!(r#","user_metadata":{metadata}"#)).unwrap().name;
    assert_eq!(name(r#"{"user_name":"u","name":"n","full_name":7}"#).as_deref(), Some("n"));
    assert_eq!(name(r#"{"full_name":"","preferred_username":"p"}"#).as_deref(), Some("p"));
    assert_eq!(name(r#"{"full_name":{"deep":[]}}"#), None);
    assert_eq!(name("[1,2]"), None);
}

#[test]
fn providers_are_many_or_one() {
    let providers = |metadata: &str| user(&format!(r#","app_metadata":{metadata}"#)).unwrap().providers;
    assert_eq!(providers(r#"{"provider":"email","providers":["email","google"]}"#), ["email", "google"]);
    assert_eq!(providers(r#"{"provider":"email"}"#), ["email"]);
    assert_eq!(providers(r#"{"provider":"email","providers":"odd"}"#), ["email"]);
    assert_eq!(providers("{}"), [""; 0]);
}

#[test]
fn confirmed_is_the_first_that_is_set() {
    let user = user(r#","phone_confirmed_at":"2026-01-01T00:00:00Z","email_confirmed_at":null"#).unwrap();
    assert!(user.confirmed_at.is_some());
}

#[test]
fn buckets_are_read_with_less_and_with_more() {
    let bucket = Bucket::read(r#"{"id":"b","file_size_limit":"9007199254740993","allowed_mime_types":[]}"#).unwrap();
    assert_eq!((bucket.name.as_str(), bucket.public), ("b", false));
    assert_eq!(bucket.file_size_limit, Some(9_007_199_254_740_993));
    assert!(Bucket::read(r#"{"id":"b","public":"yes"}"#).is_err());
    assert!(Bucket::read(r#"{"id":"b","file_size_limit":-1}"#).is_err());
}

#[test]
fn lists_stand_under_known_names() {
    let item = r#"{"id":"b"}"#;
    for list in [
        format!("[{item}]"),
        format!(r#" {{"buckets":[{item}],"total":7}}"#),
        format!(r#"{{"data":null,"result":[{item}],"count":"7"}}"#),
        format!(r#"{{"error":null,"items":[{item}]}}"#),
        format!(r#"{{"data":[{item}]}}"#),
    ] {
        let (rows, total) = rows::<Bucket>(list.as_bytes()).unwrap();
        assert_eq!((&*rows[0].raw, rows.len()), (item, 1), "{list}");
        assert_eq!(total, list.contains('7').then_some(7));
    }
    for none in ["", "5", "null", "{}", r#"{"users":{}}"#, "[1", "\u{feff}[]"] {
        assert!(rows::<Bucket>(none.as_bytes()).is_err(), "{none}");
    }
    assert!(rows::<Bucket>(b"[\"\xff\"]").is_err());
}

#[test]
fn the_total_comes_from_header_body_or_link() {
    let link = r#"</admin/users?page=2&per_page=50>; rel="next", </admin/users?filter=a,b&page=65>; rel="last""#;
    assert_eq!(total(Some("130"), Some(5), Some(link), 50), Total::Exact(130));
    assert_eq!(total(Some("many"), Some(5), Some(link), 50), Total::Exact(5));
    assert_eq!(total(None, None, Some(link), 50), Total::AtMost(3_250));
    assert_eq!(total(None, None, Some(r#"</u?page=0>; rel="last""#), 50), Total::AtMost(0));
    assert_eq!(total(None, None, Some("nonsense; rel=\"last\""), 50), Total::Unknown);
    assert_eq!(total(None, None, None, 50), Total::Unknown);
}

#[test]
fn info_without_a_size_is_no_info() {
    assert!(ObjectInfo::read(r#"{"etag":"\"x\""}"#).is_err());
    let info = ObjectInfo::read(r#"{"size":3,"etag":"W/\"x-2\"","metadata":null}"#).unwrap();
    assert_eq!((info.size, info.etag.as_deref()), (3, Some("x-2")));
}

proptest! {
    /// Whatever a server sends, each row is read or says why not, and its text is kept.
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
        let _ = rows::<User>(text.as_bytes());
        let _ = one::<Bucket>(text.as_bytes());
        let list = serde_json::json!([text, {"id": text, "created_at": text, "file_size_limit": text}]).to_string();
        let (rows, _) = rows::<Bucket>(list.as_bytes()).unwrap();
        prop_assert_eq!(rows.len(), 2);
        prop_assert!(rows.iter().all(|row| list.contains(&*row.raw)));
        let _ = total(Some(&text), None, Some(&text), 50);
    }
}
