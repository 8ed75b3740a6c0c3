//! One profile, or the address of the flags: its servers, its credentials' sources, and whether they are taken.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use strum::VariantArray;
use url::Url;

use super::{Line, Mark};
use crate::api::client::Client;
use crate::api::credential::{self, Role};
use crate::api::detect::fits;
use crate::api::health::{self, Reach};
use crate::api::route::{Door, Route};
use crate::api::{buckets, error::ApiError};
use crate::config::resolve::{DoorPlan, Plan};
use crate::config::{Source, address};
use crate::local::secrets::{self, Found};
use crate::local::{self, Inputs, setup};
use crate::secret::Secret;

/// How long one step may take.
const STEP: Duration = Duration::from_secs(3);
/// A clock that is off by more is pointed out.
const SKEW: SignedDuration = SignedDuration::from_secs(30);

/// Looks at everything, in the order in which it is needed.
pub async fn look(inputs: &Inputs, run_commands: bool) -> Vec<Line> {
    let plan = setup::configuration(inputs.config.as_deref()).and_then(|config| setup::planned(inputs, &config));
    let plan = match plan {
        Ok(plan) => plan,
        Err(why) => return vec![Line::new(Mark::Bad, "profile", why.0)],
    };
    let mut lines: Vec<Line> =
        plan.warnings.iter().map(|warning| Line::new(Mark::Note, "profile", warning.clone())).collect();
    let ca = match plan.ca_file.as_deref().map(setup::certificates).transpose() {
        Ok(pem) => {
            lines.extend(plan.ca_file.as_ref().map(|path| Line::new(Mark::Ok, "CA file", path.display().to_string())));
            pem
        }
        Err(why) => {
            lines.push(Line::new(Mark::Bad, "CA file", why.0));
            return lines;
        }
    };
    let mut known = Vec::new();
    for door in &plan.doors {
        let (line, secret) = source(door, run_commands).await;
        lines.push(line);
        known.push(secret);
    }
    // Whether it makes sense to go on and ask with the credentials.
    let mut reachable = true;
    let mut seen = BTreeSet::new();
    for (door, secret) in plan.doors.iter().zip(&known) {
        let base = door.asked();
        let kind = setup::kind(door.door);
        let reach = health::reach(base, kind, ca.as_ref(), STEP).await;
        // Two doors at one address have the same name, connection and clock.
        if seen.insert(base.origin().ascii_serialization()) {
            lines.extend(reached(base, &reach));
        }
        if door.hosted.is_some() {
            continue;
        }
        let suits = reach.found.as_ref().map(|found| (found, fits(found, kind, door.user.is_some())));
        reachable &= reach.answer.is_ok();
        let what = format!("{} server", kind.name());
        let fit = match suits {
            Some((_, Err((_, why)))) => {
                lines.push(Line::new(Mark::Bad, what, format!("{} {why}", address::place(base))));
                reachable = false;
                false
            }
            Some((found, Ok(()))) => {
                let lacks = found.kind.lacks().map(|lacks| format!(": {lacks}")).unwrap_or_default();
                lines.push(Line::new(Mark::Ok, what, format!("{}{lacks}", found.kind.words())));
                true
            }
            None => false,
        };
        if fit && kind == Door::Gateway {
            let [auth, storage] = health::versions(base, secret.as_ref(), ca.as_ref()).await;
            for (name, version) in [("GoTrue", auth), ("Storage", storage)] {
                lines.push(match version {
                    Some(version) => Line::new(Mark::Ok, name, version),
                    None => Line::new(Mark::Note, name, "tells no version"),
                });
            }
        }
    }
    let given = known.iter().zip(&plan.doors).all(|(secret, door)| secret.is_some() || door.source.is_none());
    if given && reachable {
        lines.extend(asked(inputs).await);
    } else {
        lines.extend(lacks(&plan.doors.iter().map(|door| setup::kind(door.door)).collect::<Vec<_>>()));
    }
    lines.extend(guards(&plan));
    lines
}

fn guards(plan: &Plan) -> Option<Line> {
    let said = match (plan.protected, plan.read_only) {
        (true, _) => "protected: read-only until unlocked",
        (false, true) => "read-only",
        (false, false) => return None,
    };
    Some(Line::new(Mark::Note, "changes", said))
}

/// Where a credential comes from, and what can be read of it; never the credential itself.
async fn source(door: &DoorPlan, run_commands: bool) -> (Line, Option<Secret>) {
    let what = door.credential();
    let Some(source) = &door.source else {
        return (Line::new(Mark::Note, what, "none: an open Studio is asked without one"), None);
    };
    let from = match source {
        Source::Env(names) => format!("variable {}", names.join(" or ")),
        Source::File(path) => format!("file {}", path.display()),
        Source::Command(_) => "a command".to_owned(),
        Source::Stdin => "standard input".to_owned(),
        Source::Session(sign_in) => format!("a session at {}", address::place(&sign_in.auth)),
    };
    let skipped = match source {
        Source::Command(_) if !run_commands => Some("not run: --run-commands does"),
        Source::Stdin => Some("not read"),
        Source::Session(_) => Some("not used: `basedeck whoami` says whose"),
        _ => None,
    };
    if let Some(why) = skipped {
        return (Line::new(Mark::Note, what, format!("{from}, {why}")), None);
    }
    let own = source.clone();
    let read = tokio::task::spawn_blocking(move || secrets::read(&own)).await;
    match read.unwrap_or_else(|_| Err("it cannot be read".into())) {
        Ok(Found::Secret(secret, warning)) => {
            let (mark, told) = described(door, &secret);
            let (mark, told) = match warning {
                Some(warning) if mark == Mark::Ok => (Mark::Note, format!("{told}; {warning}")),
                Some(warning) => (mark, format!("{told}; {warning}")),
                None => (mark, told),
            };
            (Line::new(mark, what, format!("{from}{told}")), Some(secret))
        }
        Ok(Found::Nothing) => (Line::new(Mark::Bad, what, format!("{from}, not set: {}", door.give)), None),
        Err(why) => (Line::new(Mark::Bad, what, format!("{from}: {why}")), None),
    }
}

/// Role and end of what is a JWT.
fn described(door: &DoorPlan, secret: &Secret) -> (Mark, String) {
    if door.hosted.is_some() {
        return (Mark::Ok, ", set".into());
    }
    if let Some(why) = credential::misplaced(setup::kind(door.door), secret) {
        return (Mark::Bad, format!(": it {why}"));
    }
    let now = Timestamp::now();
    if let Some(end) = credential::expired(secret, now) {
        return (Mark::Bad, format!(", expired {end}: give a new one"));
    }
    let role = match credential::role(secret) {
        Role::Service => ", role service_role".to_owned(),
        Role::Anon => ", role anon".to_owned(),
        Role::Other(role) => format!(", role {role}"),
        Role::Unknown => ", set".to_owned(),
    };
    let left = credential::left(secret, now);
    let end = left.and_then(|left| SignedDuration::try_from(left).ok()).and_then(|left| now.checked_add(left).ok());
    let end = end.map(|end| format!(", ends {}", end.strftime("%Y-%m-%d %H:%M UTC"))).unwrap_or_default();
    (Mark::Ok, role + &end)
}

/// Name, connection and clock of a server.
fn reached(base: &Url, reach: &Reach) -> Vec<Line> {
    let place = address::place(base);
    let mut lines = Vec::new();
    match &reach.names {
        Some(Ok((addresses, took))) => {
            let all: Vec<String> = addresses.iter().map(ToString::to_string).collect();
            lines.push(Line::new(Mark::Ok, "DNS", format!("{place}: {} in {} ms", all.join(", "), took.as_millis())));
        }
        // A proxy may know more names than this machine.
        Some(Err(why)) => {
            let mark = if reach.answer.is_ok() { Mark::Note } else { Mark::Bad };
            lines.push(Line::new(mark, "DNS", format!("{place}: {why}")));
        }
        None => {}
    }
    let what = if base.scheme() == "https" { "TLS" } else { "connection" };
    match &reach.answer {
        Ok(took) => lines.push(Line::new(Mark::Ok, what, format!("{place} answered in {} ms", took.as_millis()))),
        Err(error) => lines.push(Line::new(Mark::Bad, what, ApiError::sentence(error))),
    }
    match reach.skew {
        Some(skew) if skew.abs() > SKEW => {
            let way = if skew.is_negative() { "ahead of" } else { "behind" };
            let said = format!("this machine is {} s {way} {place}: set its clock", skew.abs().as_secs());
            lines.push(Line::new(Mark::Note, "clock", said));
        }
        Some(_) => lines.push(Line::new(Mark::Ok, "clock", format!("as that of {place}"))),
        None => {}
    }
    lines
}

/// Whether the credentials are taken: one read through each door, as the screen would do it.
async fn asked(inputs: &Inputs) -> Vec<Line> {
    let own = inputs.clone();
    let connected = tokio::task::spawn_blocking(move || local::connect(&own)).await;
    let setup = match connected {
        Ok(Ok(setup)) => setup,
        Ok(Err(why)) => return vec![Line::new(Mark::Bad, "profile", why.0)],
        Err(_) => return Vec::new(),
    };
    let mut lines = Vec::new();
    let mut open = Vec::new();
    for config in setup.connection.doors.clone() {
        let door = config.door;
        let mut connection = setup.connection.clone();
        connection.doors = vec![config];
        let client = Client::new(connection).within(STEP);
        let answer = buckets::list(&client).await.result;
        let closed = client.offers().why_closed(door).map(str::to_owned);
        let what = format!("{} answers", door.name());
        lines.push(match (answer, closed) {
            (_, Some(why)) => Line::new(Mark::Note, what, format!("no: {why}")),
            (Ok(page), None) => {
                open.push(door);
                Line::new(Mark::Ok, what, format!("{} buckets", page.rows.len()))
            }
            (Err(error), None) => {
                open.push(door);
                Line::new(Mark::Bad, what, error.sentence())
            }
        });
    }
    lines.extend(lacks(&open));
    lines
}

/// What none of the doors offers.
fn lacks(doors: &[Door]) -> Option<Line> {
    let lacking: Vec<_> = Route::VARIANTS
        .iter()
        .map(|route| route.spec())
        // What no door has at all, such as signing in, is lacking nowhere.
        .filter(|spec| Door::VARIANTS.iter().any(|door| spec.path(*door).is_some()))
        .filter(|spec| doors.iter().all(|door| spec.path(*door).is_none()))
        .map(|spec| spec.name)
        .collect();
    if doors.is_empty() {
        return None;
    }
    Some(if lacking.is_empty() {
        Line::new(Mark::Ok, "offers", "everything")
    } else {
        Line::new(Mark::Note, "offers", format!("all but: {}", lacking.join(", ")))
    })
}
