//! How long a session lives, and which refusals end it.

use super::*;
use crate::api::route::Route;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + second).unwrap()
}

fn kept(lives: u64) -> Kept {
    let secret = |text: &str| Secret::new(text.into());
    let lives = Duration::from_secs(lives);
    Kept { access: secret("a"), refresh: secret("r"), received: at(0), lives, who: "ops".into() }
}

#[test]
fn a_life_is_counted_from_its_receipt() {
    assert_eq!(kept(3_600).left(at(600)), Duration::from_secs(3_000));
    assert_eq!(kept(3_600).left(at(4_000)), Duration::ZERO);
    for (lives, now, nears) in
        [(3_600, 3_560, false), (3_600, 3_570, true), (10, 8, false), (10, 9, true), (0, 0, true)]
    {
        assert_eq!(kept(lives).nears_end(at(now)), nears, "{lives} s at {now}");
    }
    // A clock that was set back tells nothing.
    assert!(kept(3_600).nears_end(at(-1)) && kept(3_600).left(at(-1)).is_zero());
}

#[test]
fn a_session_is_over_only_by_the_servers_own_word() {
    let refused = |status, code: Option<&str>, said: &str| ApiError {
        status: Some(status),
        code: code.map(str::to_owned),
        ..ApiError::of(Kind::Refused, Route::SignIn, said)
    };
    for code in OVER {
        assert!(is_over(&refused(400, Some(code), "")), "{code}");
    }
    assert!(is_over(&refused(400, Some("400"), "Invalid Refresh Token: Already Used")));
    for (status, code) in [(429, "over_request_rate_limit"), (500, "session_not_found"), (401, "unauthorized")] {
        assert!(!is_over(&refused(status, Some(code), "")), "{code}");
    }
    assert!(!is_over(&refused(401, None, "No API key found in request")));
    assert!(!is_over(&ApiError::of(Kind::Unreachable, Route::SignIn, "nothing listens there")));
}
