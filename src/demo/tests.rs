//! What needs no socket: the crowd's numbers, Go's durations, keys, SQL's patterns, credential files.

use std::collections::BTreeSet;

use super::limits;
use super::people::{Page, People, Wanted};
use super::seed::{Crowd, shelves};
use super::store::{Content, Made};

const BASE: i64 = 1_795_478_400_000_000;

#[test]
fn each_of_the_crowd_is_found_by_id_email_and_phone() {
    let crowd = Crowd::new(7, 3_000, BASE);
    for number in 0..3_000 {
        let user = crowd.user(number);
        assert_eq!(crowd.by_id(user.id), Some(number));
        if user.email.contains('@') {
            assert_eq!(crowd.by_email(&user.email), Some(number), "{}", user.email);
            assert_eq!(limits::email(&user.email).expect("taken"), user.email);
        }
        if user.deleted_at.is_none() && !user.phone.is_empty() {
            assert_eq!(crowd.by_phone(&user.phone), Some(number), "{}", user.phone);
        }
        assert!(user.created_at <= user.updated_at && user.updated_at.as_microsecond() <= BASE);
    }
    assert_eq!(crowd.by_email("ada.lovelace9999@example.com"), None);
}

#[test]
fn the_crowd_is_in_order_of_time_and_follows_from_its_seed() {
    let (crowd, again, other) = (Crowd::new(7, 900, BASE), Crowd::new(7, 900, BASE), Crowd::new(8, 900, BASE));
    let times: Vec<i64> = (0..900).map(|number| crowd.created(number)).collect();
    assert!(times.is_sorted());
    assert_eq!(times.iter().collect::<BTreeSet<_>>().len(), 900 - 89, "90 came at one instant");
    assert_eq!(crowd.id(5), again.id(5));
    assert_ne!(crowd.id(5), other.id(5));
}

#[test]
fn pages_of_no_users_and_pages_past_any_end_are_empty() {
    let none = People::new(Crowd::new(1, 0, BASE), true);
    let some = People::new(Crowd::new(1, 3, BASE), false);
    for (people, total) in [(none, 0), (some, 3)] {
        for (page, per_page) in [(u64::MAX, 2), (2, u64::MAX), (9, 9)] {
            let wanted = Wanted { page, per_page, ascending: false, filter: "" };
            assert!(matches!(people.page(&wanted), Page::Rows(rows, all) if rows.is_empty() && all == total));
        }
    }
}

#[test]
fn durations_are_read_as_go_reads_them() {
    let seconds = |text: &str| limits::go_duration(text).map(|duration| duration.as_secs_f64());
    assert_eq!(seconds("1h30m"), Ok(5_400.0));
    assert_eq!(seconds("-1.5s"), Ok(-1.5));
    assert_eq!(seconds("0"), Ok(0.0));
    assert_eq!(seconds("87600h"), Ok(315_360_000.0));
    assert_eq!(seconds("1d"), Err("time: unknown unit \"d\" in duration \"1d\"".to_owned()));
    assert_eq!(seconds("5"), Err("time: missing unit in duration \"5\"".to_owned()));
    for text in ["", "-", ".", "forever", "9999999h", "1.2.3h"] {
        assert_eq!(seconds(text), Err(format!("time: invalid duration \"{text}\"")));
    }
}

#[test]
fn addresses_and_phones_are_taken_as_facts_say() {
    for good in ["a@b", "Ada.Lovelace+x@Example.com"] {
        assert_eq!(limits::email(good).expect("taken"), good.to_ascii_lowercase());
    }
    for bad in ["a", "@b", "a@", " a@b", "a@b ", "zoë@b.c", "a@b..c", "a@-b", "a@b@c"] {
        assert!(limits::email(bad).is_err(), "{bad}");
    }
    assert_eq!(limits::phone("+1 555 555 0100").expect("taken"), "15555550100");
    for bad in ["0155", "1", "12a", "+", "1234567890123456"] {
        assert!(limits::phone(bad).is_err(), "{bad}");
    }
}

#[test]
fn keys_are_exactly_the_allowed_characters() {
    assert!(limits::object_key("a_/!-.*'() &$@=;:+,?Z9//b/").is_ok());
    for c in "\"#%<>[\\]^{|}~`é\n".chars() {
        assert!(limits::object_key(&format!("a{c}b")).is_err(), "{c:?}");
    }
    for key in ["", ".", "a/../b", "./a", &"x".repeat(256)] {
        assert!(limits::object_key(key).is_err(), "{key}");
    }
    assert!(limits::object_key(&"x".repeat(255)).is_ok());
}

#[test]
fn types_are_allowed_by_name_or_kind() {
    let allowed = ["image/*".to_owned(), "text/plain".to_owned()];
    for mime in ["image/png", "text/plain", "text/plain; charset=utf-8", "IMAGE/PNG"] {
        assert!(limits::mime_allowed(Some(&allowed), mime), "{mime}");
    }
    for mime in ["text/html", "application/zip", "imagex/png"] {
        assert!(!limits::mime_allowed(Some(&allowed), mime), "{mime}");
        assert!(limits::mime_allowed(None, mime) && limits::mime_allowed(Some(&[]), mime));
    }
}

#[test]
fn patterns_are_sqls() {
    for (pattern, text, fits) in [
        ("b", "abc", true),
        ("B", "abc", false),
        ("a%c", "xabbbcx", true),
        ("a_c", "xabcx", true),
        ("a_c", "xacx", false),
        ("%", "", true),
        ("_", "", false),
        ("a%b%c", "a1b2b3", false),
    ] {
        assert_eq!(limits::like(pattern, text), fits, "{pattern} in {text}");
    }
}

#[test]
fn made_bytes_are_the_same_from_any_start() {
    for line in [None, Some("logs/app.log".into())] {
        let made = Made { seed: 3, len: 1_000, line };
        let whole = made.bytes(0, 2_000);
        assert_eq!(whole.len(), 1_000);
        for start in [0, 1, 7, 8, 9, 63, 500, 999, 1_000] {
            assert_eq!(made.bytes(start, 100)[..], whole[start as usize..whole.len().min(start as usize + 100)]);
        }
    }
}

#[test]
fn the_buckets_keep_their_own_rules() {
    let shelves = shelves(1, BASE);
    assert_eq!(shelves.len(), 8);
    assert!((300..900).contains(&shelves.iter().map(|shelf| shelf.objects.len()).sum::<usize>()));
    for shelf in &shelves {
        for (key, object) in &shelf.objects {
            assert!(limits::object_key(key).is_ok(), "{key}");
            assert!(shelf.bucket.file_size_limit.is_none_or(|limit| object.size <= limit), "{key}");
            assert!(limits::mime_allowed(shelf.bucket.allowed_mime_types.as_deref(), &object.mime), "{key}");
            assert!(matches!(object.content, Content::Made(_)));
        }
    }
}

#[test]
fn a_missing_credential_file_is_written_for_its_owner_alone() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("token");
    assert_eq!(super::credential_file(&path, || "made".to_owned()).expect("made"), "made");
    assert_eq!(super::credential_file(&path, || "other".to_owned()).expect("read"), "made");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
    }
    std::fs::write(&path, " \n").expect("written");
    assert!(super::credential_file(&path, || "made".to_owned()).is_err());
}

#[test]
fn the_accounts_file_holds_its_password_and_with_a_second_factor_the_code() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("account");
    let mut made = super::SignIn { totp: Some("123456".to_owned()), ..super::SignIn::default() };
    super::account(&mut made, &path).expect("made");
    let text = std::fs::read_to_string(&path).expect("written");
    assert_eq!(text, format!("{}\n123456\n", made.password));
    let mut read = super::SignIn { totp: Some("000000".to_owned()), ..super::SignIn::default() };
    super::account(&mut read, &path).expect("read");
    assert_eq!((&read.password, read.totp.as_deref()), (&made.password, Some("123456")));
    std::fs::write(&path, "password\n").expect("written");
    assert!(super::account(&mut made, &path).is_err(), "no code");
    let mut plain = super::SignIn::default();
    super::account(&mut plain, &path).expect("read");
    assert_eq!((plain.password.as_str(), plain.totp), ("password", None));
}

#[test]
fn keys_tell_their_role() {
    use base64::Engine;
    let key = super::project_key("service_role");
    let claims = key.split('.').nth(1).expect("claims");
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(claims).expect("base64");
    let claims: serde_json::Value = serde_json::from_slice(&claims).expect("JSON");
    assert_eq!(claims["role"], "service_role");
    assert!(claims["exp"].as_i64() > claims["iat"].as_i64() && claims["iss"].is_string());
    assert_ne!(super::fresh_token(), super::fresh_token());
}
