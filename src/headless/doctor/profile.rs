//! One profile, or the address of the flags: its servers, its credentials' sources, and whether they are taken.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use strum::VariantArray;
use url::Url;

use super::super::{UNCHOSEN, some, told};
use super::{Line, Mark};
use crate::api::client::{Answered, Client, DoorConfig};
use crate::api::credential::{self, Role};
use crate::api::detect::fits;
use crate::api::health::{self, Reach};
use crate::api::route::{Door, Route};
use crate::api::{buckets, error::ApiError};
use crate::config::resolve::{DoorPlan, Plan};
use crate::config::{Config, Source, address};
use crate::local::log::Log;
use crate::local::secrets::{self, Found};
use crate::local::setup::{self, SignIn};
use crate::local::{Inputs, Setup};
use crate::secret::Secret;
use crate::text::human;

/// How long one step may take.
const STEP: Duration = Duration::from_secs(3);
/// How long a profile's servers may take in all.
const DEADLINE: Duration = Duration::from_secs(10);
/// A clock that is off by more is pointed out.
const SKEW: SignedDuration = SignedDuration::from_secs(30);

/// Looks at everything, in the order in which it is needed.
pub async fn look(inputs: &Inputs, config: &Config, run_commands: bool, log: &Log) -> Vec<Line> {
    let plan = match setup::planned(inputs, config) {
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
    let guards = guards(&plan);
    let mut known = Known(Vec::new());
    for door in &plan.doors {
        let line = known.read(door, run_commands).await;
        lines.extend(line);
    }
    let log = log.of(&plan.label());
    let mut found = Servers { ca, log, seen: BTreeSet::new(), there: Vec::new(), answer: Vec::new(), lines };
    // A command may ask a person, who takes his time; a server has this long.
    if tokio::time::timeout(DEADLINE, found.look(inputs, plan, &known)).await.is_err() {
        found.lines.push(Line::new(Mark::Bad, "deadline", format!("not done within {} s", DEADLINE.as_secs())));
    }
    found.lines.extend(guards);
    found.lines
}

fn guards(plan: &Plan) -> Vec<Line> {
    let open = |door: &&DoorPlan| door.asked().scheme() == "http" && !address::is_loopback(door.asked());
    let plain = plan.doors.iter().find(open).map(|door| {
        let said = format!("the {} goes to {} in the clear", door.credential(), address::place(door.asked()));
        Line::new(Mark::Note, "plain http", said)
    });
    let changes = match (plan.protected, plan.read_only) {
        (true, _) => Some("protected: read-only until unlocked"),
        (false, true) => Some("read-only"),
        (false, false) => None,
    };
    plain.into_iter().chain(changes.map(|said| Line::new(Mark::Note, "changes", said))).collect()
}

/// What the sources hold, each read once.
struct Known(Vec<(Source, Secret)>);

impl Known {
    fn get(&self, source: &Source) -> Option<&Secret> {
        self.0.iter().find(|(other, _)| other == source).map(|(_, secret)| secret)
    }

    /// What a door's source holds, as far as it was read.
    fn found(&self, source: &Source) -> Found {
        self.get(source).map_or(Found::Nothing, |secret| Found::Secret(secret.clone(), None))
    }

    /// Whether nothing is missing for this door.
    fn suffices(&self, door: &DoorPlan) -> bool {
        door.source.as_ref().is_none_or(|source| matches!(source, Source::Session(_)) || self.get(source).is_some())
    }

    /// Reads a door's source: where its credential comes from, and what can be read of it; never the credential itself.
    async fn read(&mut self, door: &DoorPlan, run_commands: bool) -> Option<Line> {
        let what = door.credential();
        let Some(source) = &door.source else {
            return Some(Line::new(Mark::Note, what, "none: an open Studio is asked without one"));
        };
        let from = match source {
            Source::Env(names) => format!("variable {}", names.join(" or ")),
            Source::File(path) => format!("file {}", path.display()),
            Source::Command(_) => "a command".to_owned(),
            Source::Stdin => "standard input".to_owned(),
            // Told by whoever opens it.
            Source::Session(_) => return None,
        };
        if matches!(source, Source::Command(_)) && !run_commands {
            return Some(Line::new(Mark::Note, what, format!("{from}, not run: --run-commands does")));
        }
        let read = match self.found(source) {
            Found::Nothing => {
                let own = source.clone();
                let read = tokio::task::spawn_blocking(move || secrets::read(&own)).await;
                read.unwrap_or_else(|_| Err("it cannot be read".into()))
            }
            known @ Found::Secret(..) => Ok(known),
        };
        Some(match read {
            Ok(Found::Secret(secret, warning)) => {
                let (mark, told) = described(door, &secret);
                let (mark, told) = match warning {
                    Some(warning) if mark == Mark::Ok => (Mark::Note, format!("{told}; {warning}")),
                    Some(warning) => (mark, format!("{told}; {warning}")),
                    None => (mark, told),
                };
                self.0.push((source.clone(), secret));
                Line::new(mark, what, format!("{from}{told}"))
            }
            Ok(Found::Nothing) => Line::new(Mark::Bad, what, format!("missing: {}", door.give)),
            Err(why) => Line::new(Mark::Bad, what, format!("{from}: {why}")),
        })
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

/// A profile's servers, and what was found there so far.
struct Servers {
    ca: Option<Vec<u8>>,
    log: Log,
    /// The servers whose names, connections and clocks were told: two doors may stand at one.
    seen: BTreeSet<String>,
    /// Doors whose server is there, and is one for them.
    there: Vec<Door>,
    /// Doors that gave what was asked for.
    answer: Vec<Door>,
    lines: Vec<Line>,
}

impl Servers {
    fn tell(&mut self, mark: Mark, what: impl Into<String>, finding: impl Into<String>) {
        self.lines.push(Line::new(mark, what, finding));
    }

    /// Looks at each server without a credential, and then, where all are known, asks through each door.
    async fn look(&mut self, inputs: &Inputs, plan: Plan, known: &Known) {
        for door in &plan.doors {
            let kind = setup::kind(door.door);
            if self.is_there(door.asked(), kind, door).await {
                self.there.push(kind);
            }
        }
        let asks = plan.doors.iter().all(|door| known.suffices(door));
        let planned: Vec<Door> = plan.doors.iter().map(|door| setup::kind(door.door)).collect();
        let unchosen = plan.unchosen;
        if unchosen {
            self.tell(Mark::Note, "project", UNCHOSEN);
        }
        if !asks {
            let gateway = |door: &&DoorPlan| door.hosted.is_none() && setup::kind(door.door) == Door::Gateway;
            if let Some(door) = plan.doors.iter().find(gateway).filter(|_| self.there.contains(&Door::Gateway)) {
                self.services(&door.base, door.source.as_ref().and_then(|source| known.get(source))).await;
            }
            let doors = self.there.clone();
            self.lines.extend(lacks(&doors, ", once the credential is given").filter(|_| !unchosen));
            return;
        }
        match setup::connect_with(inputs, plan, &|source| Ok(known.found(source))) {
            Ok(setup) => {
                setup.logging(&self.log);
                if unchosen { self.list(&setup).await } else { self.ask(setup, &planned).await }
            }
            Err(why) => self.tell(Mark::Bad, "profile", why.0),
        }
    }

    /// Which projects there are to choose from.
    async fn list(&mut self, setup: &Setup) {
        let session = setup.session.as_ref();
        self.lines.extend(session.map(signed_in));
        let nobody = session.is_some_and(|sign_in| sign_in.who.is_none());
        let Some(lister) = setup.lister.as_ref().filter(|_| !nobody) else { return };
        let listed = lister.list().await;
        self.log.request(&listed.meta, listed.result.as_ref().err());
        match listed.result {
            Ok(rows) => self.tell(Mark::Ok, "projects", some(&rows)),
            Err(error) => self.tell(Mark::Bad, "projects", told(&error, session)),
        }
    }

    /// Whether a server for this door stands there.
    async fn is_there(&mut self, base: &Url, kind: Door, door: &DoorPlan) -> bool {
        let reach = self.reach(base, kind).await;
        // The management API is no door itself.
        let Some(found) = reach.found.filter(|_| door.hosted.is_none()) else { return reach.answer.is_ok() };
        let what = format!("{} server", kind.name());
        if let Err((_, why)) = fits(&found, kind, door.user.is_some()) {
            self.tell(Mark::Bad, what, format!("{} {why}", address::place(base)));
            return false;
        }
        let lacks = found.kind.lacks().map(|lacks| format!(": {lacks}")).unwrap_or_default();
        self.tell(Mark::Ok, what, format!("{}{lacks}", found.kind.words()));
        true
    }

    /// Name, connection and clock of a server, told once.
    async fn reach(&mut self, base: &Url, kind: Door) -> Reach {
        let reach = health::reach(base, kind, self.ca.as_ref(), STEP, &self.log.noting()).await;
        if self.seen.insert(base.origin().ascii_serialization()) {
            self.lines.extend(reached(base, &reach));
        }
        reach
    }

    /// Whether the credentials are taken: one read through each door, as the screen would do it.
    async fn ask(&mut self, setup: Setup, planned: &[Door]) {
        let mut closed = Vec::new();
        let session = setup.session.as_ref();
        self.lines.extend(session.map(signed_in));
        let nobody = session.is_some_and(|sign_in| sign_in.who.is_none());
        for config in &setup.connection.doors {
            let door = config.door;
            // Where the platform gives a door, the platform's server must be there.
            let there = self.there.contains(&door) || (!planned.contains(&door) && !self.there.is_empty());
            if !there || (nobody && config.is_bare()) {
                continue;
            }
            let mut connection = setup.connection.clone();
            // A source that was read is not asked again for another one.
            let renew = config.renew.clone().filter(|_| config.is_bare());
            connection.doors = vec![DoorConfig { renew, ..config.clone() }];
            let client = Client::new(connection).within(STEP).noting(self.log.noting());
            let Answered { meta, result: answer } = buckets::list(&client).await;
            self.log.request(&meta, answer.as_ref().err());
            let what = format!("{} answers", door.name());
            if let Some(why) = client.offers().why_closed(door) {
                closed.push((what, why.to_owned()));
                continue;
            }
            match answer {
                Ok(page) => {
                    self.answer.push(door);
                    self.tell(Mark::Ok, what, format!("{} buckets", page.rows.len()));
                }
                Err(error) => self.tell(Mark::Bad, what, told(&error, session)),
            }
            let end = client.standing(door).and_then(|standing| standing.ends);
            if let Some(end) = end.filter(|_| door == Door::ControlPlane && session.is_some()) {
                self.tell(Mark::Ok, "session", format!("until {}, then refreshed by itself", human::exact(end)));
            }
            if let Some((base, key)) = client.gateway() {
                self.services(&base, Some(&key)).await;
            }
        }
        // A door that is not to be had is in the way only where there is no other.
        let mark = if self.answer.is_empty() { Mark::Bad } else { Mark::Note };
        for (what, why) in closed {
            self.tell(mark, what, format!("no: {why}"));
        }
        let doors = self.answer.clone();
        self.lines.extend(lacks(&doors, ""));
        if setup.offered.is_some() {
            let said =
                "not taken: --studio-key takes the project's key from Studio's settings, for uploads and the rest";
            self.tell(Mark::Note, "studio key", said);
        }
    }

    /// The versions of a gateway's services.
    async fn services(&mut self, base: &Url, key: Option<&Secret>) {
        self.reach(base, Door::Gateway).await;
        let [auth, storage] = health::versions(base, key, self.ca.as_ref(), STEP, &self.log.noting()).await;
        for (name, version) in [("GoTrue", auth), ("Storage", storage)] {
            match version {
                Some(version) => self.tell(Mark::Ok, name, version),
                None => self.tell(Mark::Note, name, "tells no version"),
            }
        }
    }
}

/// Who is signed in.
fn signed_in(sign_in: &SignIn) -> Line {
    let what = Door::ControlPlane.credential();
    match &sign_in.who {
        Some(who) => Line::new(Mark::Ok, what, format!("the session of {who} at {}", sign_in.session.host())),
        None => Line::new(Mark::Bad, what, sign_in.missing()),
    }
}

/// What none of the doors offers, where there are any; `yet` ends what is said.
fn lacks(doors: &[Door], yet: &str) -> Option<Line> {
    let lacking: Vec<_> = Route::VARIANTS
        .iter()
        // What no door has at all, such as signing in, is lacking nowhere.
        .filter(|route| route.is_a_doors())
        .map(|route| route.spec())
        .filter(|spec| doors.iter().all(|door| spec.path(*door).is_none()))
        .map(|spec| spec.name)
        .collect();
    if doors.is_empty() {
        return None;
    }
    Some(if !lacking.is_empty() {
        Line::new(Mark::Note, "offers", format!("all but: {}{yet}", lacking.join(", ")))
    } else if yet.is_empty() {
        Line::new(Mark::Ok, "offers", "everything")
    } else {
        Line::new(Mark::Note, "offers", format!("everything{yet}"))
    })
}
