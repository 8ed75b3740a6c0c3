use std::time::Duration;

use super::*;

const BASE: i64 = 1_795_478_400_000_000;
const NOW: i64 = 1_795_530_000;

fn sessions(totp: Option<&str>) -> Sessions {
    let how = SignIn {
        password: "correct-horse-1".into(),
        token_life: Duration::from_secs(60),
        totp: totp.map(str::to_owned),
        ..SignIn::default()
    };
    Sessions::new(how, 1, BASE)
}

fn signed_in(sessions: &mut Sessions) -> Grant {
    taken(sessions.sign_in(ACCOUNT, "correct-horse-1", NOW))
}

fn taken(result: Result<Grant, AuthError>) -> Grant {
    result.unwrap_or_else(|error| panic!("refused: {}", error.message()))
}

fn refused(result: Result<Grant, AuthError>) -> String {
    result.err().expect("refused").message().to_owned()
}

#[test]
fn an_access_token_lives_as_long_as_it_says() {
    let mut all = sessions(None);
    let grant = signed_in(&mut all);
    assert_eq!((grant.expires_in, grant.expires_at), (60, NOW + 60));
    assert_eq!(all.standing(&grant.access_token, NOW + 59), Standing::Good(grant.session));
    assert_eq!(all.standing(&grant.access_token, NOW + 60), Standing::Expired);
    assert_eq!(all.standing("x", NOW), Standing::Unknown);
}

#[test]
fn a_refresh_token_is_used_once_and_the_last_used_is_forgiven_at_any_time() {
    let mut all = sessions(None);
    let first = signed_in(&mut all).refresh_token;
    let second = taken(all.refresh(&first, NOW + 50));
    assert!(!second.is_reuse && second.refresh_token != first);
    let again = taken(all.refresh(&first, NOW + 5_000));
    assert!(again.is_reuse);
    assert_eq!(again.refresh_token, second.refresh_token, "the answer repeats the current one");
    assert_eq!(all.counts(), TokenCounts { refreshed: 1, forgiven: 1, reused: 0 });
}

#[test]
fn an_older_refresh_token_is_forgiven_for_ten_seconds_and_then_ends_the_family() {
    let mut all = sessions(None);
    let first = signed_in(&mut all).refresh_token;
    let second = taken(all.refresh(&first, NOW)).refresh_token;
    let third = taken(all.refresh(&second, NOW + 1));
    assert_eq!(taken(all.refresh(&first, NOW + 9)).refresh_token, third.refresh_token);
    assert_eq!(refused(all.refresh(&first, NOW + 10)), "Invalid Refresh Token: Already Used");
    assert_eq!(all.counts(), TokenCounts { refreshed: 2, forgiven: 1, reused: 1 });
    // The current one lives ten seconds more, access tokens until they expire.
    assert!(all.refresh(&third.refresh_token, NOW + 19).is_ok());
    assert_eq!(refused(all.refresh(&third.refresh_token, NOW + 20)), "Invalid Refresh Token: Already Used");
    assert_eq!(all.counts().reused, 1, "the current one was never used");
    assert_eq!(all.standing(&third.access_token, NOW + 60), Standing::Good(third.session));
    assert_eq!(all.standing(&third.access_token, NOW + 61), Standing::Expired);
}

#[test]
fn what_was_never_a_token_and_what_is_none_any_more_differ() {
    let mut all = sessions(None);
    assert_eq!(refused(all.refresh("unknowntoken1", NOW)), "Refresh token is not valid");
    let grant = signed_in(&mut all);
    all.end_all();
    let gone = "Invalid Refresh Token: Refresh Token Not Found";
    assert_eq!(refused(all.refresh(&grant.refresh_token, NOW)), gone);
    assert_eq!(all.standing(&grant.access_token, NOW), Standing::Ended);
}

#[test]
fn signing_out_ends_what_its_scope_says() {
    for (scope, left) in
        [("", [false, false]), ("global", [false, false]), ("local", [false, true]), ("others", [true, false])]
    {
        let mut all = sessions(None);
        let (one, two) = (signed_in(&mut all), signed_in(&mut all));
        all.sign_out(one.session, scope).expect("a scope");
        let lives = [&one, &two].map(|grant| all.standing(&grant.access_token, NOW) == Standing::Good(grant.session));
        assert_eq!(lives, left, "{scope}");
    }
    let mut all = sessions(None);
    let one = signed_in(&mut all);
    assert!(all.sign_out(one.session, "planet").is_err());
    assert_eq!(all.count(), 1);
}

#[test]
fn the_second_factor_lifts_the_session_and_its_code_must_be_right_and_in_time() {
    let mut all = sessions(Some("123456"));
    let first = signed_in(&mut all);
    assert_eq!(all.standing(&first.access_token, NOW), Standing::FirstFactorOnly(first.session));
    let factor = first.user["factors"][0]["id"].as_str().expect("an id").to_owned();
    let (asked, until) = all.challenge(first.session, &factor, NOW).expect("asked");
    let asked = asked.to_string();
    assert_eq!(refused(all.verify(first.session, &factor, &asked, "000000", NOW)), "Invalid TOTP code entered");
    assert!(refused(all.verify(first.session, &factor, &asked, "123456", until)).contains("has expired"));
    assert!(refused(all.verify(first.session, &factor, "x", "123456", NOW)).contains("challenge ID not found"));
    assert_eq!(refused(all.verify(first.session, "x", &asked, "123456", NOW)), "Factor not found");
    let second = taken(all.verify(first.session, &factor, &asked, "123456", NOW + 1));
    assert_eq!(all.standing(&second.access_token, NOW), Standing::Good(first.session));
    assert_ne!(second.refresh_token, first.refresh_token);
    assert!(refused(all.verify(first.session, &factor, &asked, "123456", NOW)).contains("not found"), "asked once");
    let third = taken(all.refresh(&second.refresh_token, NOW + 70));
    assert_eq!(all.standing(&third.access_token, NOW + 70), Standing::Good(first.session), "the level is kept");
}

#[test]
fn accounts_are_refused_in_their_own_words_and_only_with_the_right_password() {
    let mut all = sessions(None);
    assert!(all.sign_in("OPS@example.com", "correct-horse-1", NOW).is_ok());
    for (email, password, words) in [
        (ACCOUNT, "wrong", "Invalid login credentials"),
        ("nobody@example.com", "correct-horse-1", "Invalid login credentials"),
        (BANNED, "wrong", "Invalid login credentials"),
        (BANNED, "correct-horse-1", "User is banned"),
        (UNCONFIRMED, "correct-horse-1", "Email not confirmed"),
    ] {
        assert_eq!(refused(all.sign_in(email, password, NOW)), words, "{email}");
    }
    assert_eq!(all.count(), 1);
}

#[test]
fn what_is_kept_is_bounded() {
    let mut all = sessions(None);
    for _ in 0..KEPT + 5 {
        signed_in(&mut all);
    }
    assert_eq!((all.live.len(), all.access.len()), (KEPT, KEPT));
}
