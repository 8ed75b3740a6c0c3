//! Who is signed in, and for how long: what the header says.

use jiff::{SignedDuration, Timestamp};

use super::State;
use crate::api::offers::Offers;
use crate::text::human;

/// What is said where one signs in, and nobody is.
pub const NOBODY: &str = "not signed in";
/// An end that is further away, as a service key's is, is nobody's concern.
const LONG: SignedDuration = SignedDuration::from_hours(90 * 24);
/// From so little on a token that nothing renews is a warning.
const SHORT: SignedDuration = SignedDuration::from_mins(5);

impl State {
    /// Who one is at these doors, and for how long; whether that ends soon and nothing renews it. A door whose credential
    /// is not had yet is left out.
    pub fn who(&self, offers: &Offers, now: Timestamp) -> (String, bool) {
        let mut short = false;
        let parts: Vec<_> = offers
            .doors()
            .iter()
            .filter_map(|door| {
                if self.signs_in(*door) && self.refused.contains_key(door) {
                    return Some(NOBODY.to_owned());
                }
                let standing = self.standings.get(door);
                let told = standing.and_then(|standing| standing.who.as_ref()).filter(|who| !who.is_empty());
                let who = told.or_else(|| self.known.get(door))?;
                let ends = standing.and_then(|standing| standing.ends);
                let left = ends.map(|ends| ends.duration_since(now)).filter(|left| *left < LONG);
                let Some(left) = left else { return Some(who.clone()) };
                short |= left < SHORT && standing.is_some_and(|standing| !standing.renews);
                Some(format!("{who} {}", words(left)))
            })
            .collect();
        (parts.join(" + "), short)
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
        assert_eq!(state.who(&offers, now), (String::new(), false), "no credential is there yet");
        state.took(Door::Gateway);
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
            assert_eq!(state.who(&offers, now), (format!("{words} + service key"), short), "{left}");
        }
        state.stands(Standing { door: Door::ControlPlane, who: None, ends: None, renews: false });
        assert_eq!(state.who(&offers, now), ("service key".into(), false), "one that says nothing of itself");
    }
}
