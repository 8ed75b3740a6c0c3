//! When a failed request may be sent again, and how long to wait before: a pure function of what is known.

use std::time::Duration;

use super::error::{ApiError, Kind};
use super::route::{Retry, Route};

/// A request is sent at most this often.
const TRIES: u32 = 3;
/// Whoever asks for a longer wait than this is not waited for: the failure is reported at once.
const LONGEST: Duration = Duration::from_secs(30);
/// The longest pause that a server may ask for: whoever asks for more gets this.
pub const LONGEST_ASKED: Duration = Duration::from_secs(3600);
/// The wait after the first failure; it doubles.
const FIRST: Duration = Duration::from_millis(400);

/// How long to wait before the request is sent again, or `None` if it must not be.
///
/// `attempt` counts the requests sent so far (from 1); `random` is any number and spreads the waits of many clients
/// over ± 25 %.
pub fn pause(route: Route, error: &ApiError, attempt: u32, random: u64) -> Option<Duration> {
    let passing = match route.spec().retry {
        Retry::IfUnsent => error.unsent && error.kind == Kind::Unreachable,
        Retry::Idempotent => match error.kind {
            Kind::Unreachable | Kind::Lost | Kind::TooMany => true,
            Kind::Server => !matches!(error.status, Some(501 | 505)),
            _ => false,
        },
    };
    if !passing || attempt >= TRIES {
        return None;
    }
    let wait = FIRST * 2_u32.saturating_pow(attempt.saturating_sub(1));
    let spread = wait * (75 + (random % 51) as u32) / 100;
    match error.retry_after {
        Some(asked) if asked > LONGEST => None,
        Some(asked) => Some(asked + spread / 4),
        None => Some(spread),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: Kind, unsent: bool) -> ApiError {
        ApiError { unsent, ..ApiError::of(kind, Route::UsersList, "") }
    }

    #[test]
    fn reads_are_tried_three_times_with_longer_waits() {
        for kind in [Kind::Unreachable, Kind::Lost, Kind::TooMany, Kind::Server] {
            let wait = |attempt| pause(Route::UsersList, &error(kind, false), attempt, 25).map(|wait| wait.as_millis());
            assert_eq!([wait(1), wait(2), wait(3)], [Some(400), Some(800), None], "{kind:?}");
        }
        for kind in [Kind::NotSignedIn, Kind::NotFound, Kind::Refused, Kind::BadAnswer, Kind::Stopped, Kind::Unreadable]
        {
            assert_eq!(pause(Route::UsersList, &error(kind, false), 1, 0), None, "{kind:?}");
        }
    }

    #[test]
    fn changes_are_repeated_only_if_surely_unsent() {
        for route in [Route::UserCreate, Route::ObjectUpload] {
            assert!(pause(route, &error(Kind::Unreachable, true), 1, 0).is_some());
            for kind in [Kind::Lost, Kind::Server, Kind::TooMany, Kind::Unreachable] {
                assert_eq!(pause(route, &error(kind, false), 1, 0), None, "{kind:?}");
            }
        }
    }

    #[test]
    fn the_wait_is_spread_and_what_the_server_asks_for() {
        let spread = |random| pause(Route::UsersList, &error(Kind::Lost, false), 1, random).unwrap().as_millis();
        assert!((0..200).all(|random| (300..=500).contains(&spread(random))));
        let asked = |seconds| {
            let retry_after = Some(Duration::from_secs(seconds));
            let error = ApiError { retry_after, ..error(Kind::TooMany, false) };
            pause(Route::UsersList, &error, 1, 25)
        };
        assert_eq!(asked(2), Some(Duration::from_millis(2_100)));
        assert_eq!(asked(31), None);
    }
}
