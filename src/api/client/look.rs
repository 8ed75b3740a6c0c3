//! Asks an address, without any credential, what the kind of its server is judged from.

use std::time::Duration;

use jiff::Timestamp;
use url::Url;

use super::exchange::{REDIRECTS, headers, origin};
use super::target;
use crate::api::detect::{Found, Heard, PATHS, judge};
use crate::api::reply::{asks_basic, date};

/// How long an answer is waited for.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// So much of an answer is read.
const MOST: usize = 64 << 10;

/// What stands at an address, where anything answers, and its clock.
pub(in crate::api) async fn at(
    http: &reqwest::Client,
    base: &Url,
    patience: Duration,
) -> (Option<Found>, Option<Timestamp>) {
    let one = |path| async move { tokio::time::timeout(patience, hear(http, base, path)).await.ok().flatten() };
    let [profile, health] = PATHS.map(one);
    let (profile, health) = tokio::join!(profile, health);
    let clock = [&profile, &health].into_iter().flatten().find_map(|(_, clock)| *clock);
    let [profile, health] = [profile, health].map(|heard| heard.map(|(heard, _)| heard));
    let answered = profile.is_some() || health.is_some();
    (answered.then(|| judge(profile.as_ref(), health.as_ref())), clock)
}

async fn hear(http: &reqwest::Client, base: &Url, path: &str) -> Option<(Heard, Option<Timestamp>)> {
    let mut url = base.clone();
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    url.set_query(None);
    // Nothing of a name in the address goes along.
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    for _ in 0..=REDIRECTS {
        let mut response = http.get(url.clone()).headers(headers()).send().await.ok()?;
        let to = target(&url, response.status(), response.headers());
        if let Some(next) = to.as_ref().filter(|next| next.origin() == url.origin()) {
            url = next.clone();
            continue;
        }
        let mut heard = Heard {
            status: response.status().as_u16(),
            basic: asks_basic(response.headers()),
            elsewhere: to.map(|to| origin(&to)),
            body: Vec::new(),
        };
        // What came of a body that breaks off may still say enough.
        while let Ok(Some(chunk)) = response.chunk().await {
            heard.body.extend(chunk.iter().take(MOST - heard.body.len()));
            if heard.body.len() == MOST {
                break;
            }
        }
        return Some((heard, date(response.headers())));
    }
    None
}
