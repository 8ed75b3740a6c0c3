//! What happens by itself while the server runs: sign-ins, sign-ups, and now and then an upload.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::people::{Identity, User};
use super::seed;
use super::server::Demo;

/// Uploads go round over this many keys, so that a long life stays small.
const UPLOADS: u64 = 200;

/// Goes on until the server ends.
pub(super) async fn live(demo: Arc<Demo>, ended: CancellationToken) {
    let rate = demo.options.life;
    if rate.is_nan() || rate <= 0.0 {
        return;
    }
    let mut rng = ChaCha8Rng::seed_from_u64(demo.options.seed ^ 0x11fe);
    for event in 0_u64.. {
        // Half to one and a half times the mean.
        let wait = (0.5 + f64::from(rng.next_u32()) / f64::from(u32::MAX)) / rate;
        let wait = Duration::try_from_secs_f64(wait).unwrap_or(Duration::MAX);
        tokio::select! {
            () = ended.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
        let draw = rng.next_u64();
        match rng.next_u32() % 100 {
            0..70 => demo.people_mut().sign_in(draw),
            70..92 => sign_up(&demo, event, draw),
            _ => upload(&demo, event, draw),
        }
    }
}

fn sign_up(demo: &Demo, event: u64, draw: u64) {
    let mut people = demo.people_mut();
    let (full_name, local) = seed::name(draw);
    let email = format!("{local}.{event}@{}", seed::host(draw >> 40));
    if people.has_email(&email) {
        return;
    }
    let now = people.next_moment();
    let id = seed::id_of(demo.options.seed ^ draw, event);
    let mut user = User::new(id, now);
    user.email = email;
    user.confirmation_sent_at = Some(now);
    if let Some(map) = json!({"provider": "email", "providers": ["email"]}).as_object() {
        user.app_metadata.clone_from(map);
    }
    user.user_metadata.insert("full_name".into(), json!(full_name));
    user.identities = vec![Identity::of(&user, "email", seed::id_of(draw, event))];
    people.add(user);
}

fn upload(demo: &Demo, event: u64, draw: u64) {
    let key = format!("logs/live/event-{:03}.log", event % UPLOADS);
    let object = seed::made_object(demo.options.seed, &key, 200 + draw % 20_000, "text/plain", Timestamp::now(), draw);
    demo.store_mut().put("archive", &key, object);
}
