//! Who is signed in, and for how long: what the header says.

use jiff::{SignedDuration, Timestamp};

use super::State;
use crate::api::offers::Offers;
use crate::text::human;

/// An end that is further away, as a service key's is, is nobody's concern.
const LONG: SignedDuration = SignedDuration::from_hours(90 * 24);
/// From so little on a token that nothing renews is a warning.
const SHORT: SignedDuration = SignedDuration::from_mins(5);

impl State {
    /// Who is signed in at these doors, and for how long; whether that ends soon and nothing renews it. `None` where
    /// nothing is known but the doors themselves.
    pub fn who(&self, offers: &Offers, now: Timestamp) -> Option<(String, bool)> {
        if self.standings.is_empty() {
            return None;
        }
        let mut short = false;
        let parts: Vec<_> = offers
            .doors()
            .iter()
            .map(|door| {
                let Some(standing) = self.standings.get(door) else { return door.credential().to_owned() };
                let who = standing.who.as_deref().filter(|who| !who.is_empty()).unwrap_or(door.credential());
                let left = standing.ends.map(|ends| ends.duration_since(now)).filter(|left| *left < LONG);
                let Some(left) = left else { return who.to_owned() };
                short |= left < SHORT && !standing.renews;
                format!("{who} {}", words(left))
            })
            .collect();
        Some((parts.join(" + "), short))
    }
}

/// In whole minutes: the header moves once a minute.
fn words(left: SignedDuration) -> String {
    match left.as_secs() {
        ..=0 => "expired".into(),
        1..60 => "< 1 m".into(),
        seconds => human::span(std::time::Duration::from_secs((seconds - seconds % 60).unsigned_abs())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::meta::Standing;
    use crate::api::route::Door;

    #[test]
    fn the_header_says_who_and_for_how_long() {
        let now = Timestamp::from_second(1_000).unwrap();
        let offers = Offers::new(&[Door::ControlPlane, Door::Gateway]);
        let mut state = State::default();
        assert_eq!(state.who(&offers, now), None);
        for (left, renews, words, short) in [
            (3_599, true, "ops@x.io 59 m", false),
            (59, true, "ops@x.io < 1 m", false),
            (299, false, "ops@x.io 4 m", true),
            (0, false, "ops@x.io expired", true),
            (7_200, false, "ops@x.io 2 h", false),
            (315_360_000, false, "ops@x.io", false),
        ] {
            let ends = Some(now + SignedDuration::from_secs(left));
            state.stands(Standing { door: Door::ControlPlane, who: Some("ops@x.io".into()), ends, renews });
            assert_eq!(state.who(&offers, now), Some((format!("{words} + service key"), short)), "{left}");
        }
        state.stands(Standing { door: Door::ControlPlane, who: None, ends: None, renews: false });
        assert_eq!(state.who(&offers, now), None, "one that says nothing of itself");
    }
}
