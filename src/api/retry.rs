//! When a failed request may be sent again, and how long to wait before: a pure function of what is known.

use std::time::Duration;

use super::error::{ApiError, Kind};
use super::route::{Retry, Route};

/// A request is sent at most this often.
const TRIES: u32 = 3;
/// Whoever asks for a longer wait than this is not waited for: the failure is reported at once.
const LONGEST: Duration = Duration::from_secs(30);
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
