//! `basedeck login`, `logout` and `whoami`: signing in to a control plane, out of it, and who one is at each door.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::print::{Results, refuse, say};
use super::{DONE, PARTLY, USAGE, code, unwritten};
use crate::api::client::DoorConfig;
use crate::api::credential::{Role, email, ended, ends, expired, pasted, role};
use crate::api::error::{ApiError, Kind};
use crate::api::model::Factor;
use crate::api::renew::{Given, NotGiven};
use crate::api::route::{Door, Route};
use crate::api::session::{Held, Keep, Session, Step};
use crate::cli::{self, Command};
use crate::config::{self, Config, address};
use crate::local::log::Log;
use crate::local::setup::{SignIn, planned};
use crate::local::{Inputs, Setup, Unready, ask, secrets};
use crate::secret::Secret;
use crate::text::{clean, human};

/// How often a code may be wrong.
const TRIES: usize = 3;

/// Why nobody is signed in now.
enum Unsigned {
    /// The server, or the way to it.
    Server(Box<ApiError>),
    /// A sentence about usage.
    Usage(String),
}

impl From<ApiError> for Unsigned {
    fn from(error: ApiError) -> Self {
        Self::Server(Box::new(error))
    }
}

/// Runs one of the three; the exit code.
pub async fn run(command: Command, setup: Setup, log: &Log) -> u8 {
    let token = |said| refuse(&format!("{} is opened with a token{said}", setup.name), USAGE);
    match (command, &setup.session) {
        (Command::Whoami(how), _) => whoami(&setup, how.json, log).await,
        (Command::Login(how), Some(sign_in)) => login(sign_in, how).await,
        (Command::Login(_), None) => token(", not by signing in: add `login` to its control_plane"),
        (Command::Logout(how), Some(sign_in)) => logout(sign_in, how.json).await,
        (Command::Logout(_), None) => token(": there is no session to end"),
        _ => USAGE,
    }
}

/// Has the control plane alone set up: signing in and out need no other door's credential.
///
/// # Errors
/// Where there is none to sign out of.
pub fn alone(command: &Command, inputs: &mut Inputs, config: &Config) -> Result<(), Unready> {
    inputs.flags.door = Some(config::Door::ControlPlane);
    if matches!(command, Command::Logout(_)) && planned(inputs, config).is_err() {
        let mut all = inputs.clone();
        all.flags.door = None;
        let plan = planned(&all, config)?;
        if !plan.doors.is_empty() && !plan.doors.iter().any(|door| door.door == config::Door::ControlPlane) {
            let whose = plan.profile.map_or(plan.name, |profile| format!("profile {profile}"));
            return Err(Unready(format!("{whose} has no control plane: there is no session to end")));
        }
    }
    Ok(())
}

async fn login(sign_in: &SignIn, how: cli::Login) -> u8 {
    let json = how.account.json;
    let signed_in = signed_in(sign_in, how).await;
    sign_in.session.give_up().await;
    match signed_in {
        Ok(given) => {
            let who = given.who.unwrap_or_default();
            let host = sign_in.session.host();
            if json {
                let ends = given.lives.and_then(end);
                return wrote(&json!({"who": who, "place": host, "ends": ends}));
            }
            say(&format!("signed in at {host} as {who}"));
            DONE
        }
        Err(Unsigned::Usage(why)) => refuse(&why, USAGE),
        Err(Unsigned::Server(error)) if error.wants_captcha() => captcha(sign_in, &error).await,
        Err(Unsigned::Server(error)) => refuse(&error.sentence(), code(error.kind)),
    }
}

async fn signed_in(sign_in: &SignIn, how: cli::Login) -> Result<Given, Unsigned> {
    let session = &sign_in.session;
    let email = match &sign_in.login {
        Some(email) => email.clone(),
        None => asking(|| ask::line("Email", "`login` in the profile")).await?,
    };
    let password = if how.password_stdin {
        secrets::password_from_stdin().map_err(Unsigned::Usage)?
    } else {
        let question = format!("Password of {} at {}", clean::line(&email), session.host());
        asking(move || ask::secret(&question, "the password with --password-stdin")).await?
    };
    let factors = match session.sign_in(&email, &password).await? {
        Step::SignedIn(given) => return Ok(given),
        Step::NeedsCode(factors) => factors,
    };
    let Some(factor) = factors.iter().find(|factor| factor.takes_code()) else {
        let kinds: Vec<_> = factors.iter().map(|factor| clean::line(&factor.kind).into_owned()).collect();
        return Err(Unsigned::Usage(format!(
            "the account asks for a factor that a terminal cannot give ({}): give an access token by token_command",
            kinds.join(", ")
        )));
    };
    if let Some(code) = how.code {
        return Ok(session.verify(&factor.id, &Secret::new(code)).await?);
    }
    let mut tries = 0;
    if factor.kind == "phone" {
        session.challenge(&factor.id).await?;
    }
    loop {
        tries += 1;
        let question = question(factor);
        let code = asking(move || ask::line(&question, "the code of the second factor with --code")).await?;
        match session.verify(&factor.id, &Secret::new(code)).await {
            Err(error) if tries < TRIES && error.code.as_deref() == Some("mfa_verification_failed") => {
                say(&error.sentence());
            }
            ended => return Ok(ended?),
        }
    }
}

fn question(factor: &Factor) -> String {
    let name = clean::line(&factor.name);
    let name = if name.is_empty() { String::new() } else { format!(" ({name})") };
    if factor.kind == "phone" { format!("Code sent to the phone{name}") } else { format!("Code of the app{name}") }
}

/// Asks on the terminal, which blocks.
async fn asking<T: Send + 'static>(ask: impl FnOnce() -> Result<T, String> + Send + 'static) -> Result<T, Unsigned> {
    let asked = tokio::task::spawn_blocking(ask).await;
    asked.unwrap_or_else(|_| Err("the terminal cannot be asked: try again".into())).map_err(Unsigned::Usage)
}

/// Where a captcha stands in the way: an access token that a person pastes says who that is, and is not stored.
async fn captcha(sign_in: &SignIn, error: &ApiError) -> u8 {
    let host = sign_in.session.host();
    say(&error.sentence());
    let question = format!("Access token of {host} (or the browser's session; it is not stored)");
    let Ok(text) = asking(move || ask::secret(&question, "a token")).await else {
        return refuse("sign in with a browser, and give its access token by token_command", code(Kind::NotSignedIn));
    };
    match sign_in.session.who_has(&pasted(&text)).await {
        Ok(who) => {
            let name = who.name;
            let how = "it works for one run by --token-stdin, or on the screen, and is not stored";
            refuse(&format!("the token is that of {name} at {host}: {how}"), code(Kind::NotSignedIn))
        }
        Err(error) => refuse(&error.sentence(), code(error.kind)),
    }
}

async fn logout(sign_in: &SignIn, json: bool) -> u8 {
    let host = sign_in.session.host();
    let (was, told, exit) = match sign_in.session.sign_out(|| ()).await {
        Ok(was) => (was, was, DONE),
        Err(error) => {
            say(&error.sentence());
            if error.kind == Kind::LocalFile {
                return PARTLY;
            }
            say(&format!("the stored session is gone, and the one at {host} ends by itself: it was not told"));
            (true, false, code(error.kind))
        }
    };
    if json {
        let written = wrote(&json!({"place": host, "removed": was, "ended": told}));
        return if written == DONE { exit } else { written };
    }
    match (was, told) {
        (true, true) => say(&format!("signed out at {host}")),
        (false, _) => say(&format!("nobody was signed in at {host}")),
        _ => {}
    }
    exit
}

/// What is known of one door's credential.
struct Known {
    kind: &'static str,
    who: Option<String>,
    role: Option<String>,
    ends: Option<Timestamp>,
    /// What went wrong in finding out.
    failed: Option<(String, u8)>,
}

async fn whoami(setup: &Setup, json: bool, log: &Log) -> u8 {
    let mut exit = DONE;
    let mut rows = Vec::new();
    let mut text = String::new();
    for door in &setup.connection.doors {
        let known = match door.door {
            Door::ControlPlane => match &setup.session {
                Some(sign_in) => session(sign_in).await,
                None => token(door, setup.connection.ca_file_pem.clone(), log).await,
            },
            Door::Gateway if door.is_bare() => Known { kind: "given", ..nothing() },
            Door::Gateway => key(&door.credential),
            Door::Studio => Known { who: door.user.clone(), kind: "basic", ..nothing() },
        };
        let place = address::place(&door.base);
        if let Some((why, code)) = &known.failed {
            say(why);
            exit = exit.max(*code);
        } else if !json {
            text.push_str(&clean::line(&line(door.door, &place, &known)));
            text.push('\n');
        }
        rows.push(json!({
            "door": door.door.name(), "place": place, "credential": known.kind, "who": known.who, "role": known.role,
            "ends": known.ends.map(|end| end.to_string()), "error": known.failed.map(|(why, _)| why),
        }));
    }
    let written = if json { wrote(&Value::Array(rows)) } else { print(&text) };
    if written == DONE { exit } else { written }
}

fn nothing() -> Known {
    Known { kind: "", who: None, role: None, ends: None, failed: None }
}

async fn session(sign_in: &SignIn) -> Known {
    let known = Known { kind: "session", ..nothing() };
    match sign_in.session.whoami().await {
        Ok(who) => Known { who: Some(who.name), role: Some(who.role), ends: who.left.and_then(end), ..known },
        Err(NotGiven::Failed(error)) => Known { failed: Some((error.sentence(), code(error.kind))), ..known },
        Err(NotGiven::SignIn(why) | NotGiven::NoDoor(why)) => {
            let failed = format!("{why}: run `{}`", sign_in.command);
            Known { failed: Some((failed, code(Kind::NotSignedIn))), ..known }
        }
    }
}

/// A platform token: its server is asked whose it is, unless it can be read that it is a project's key, or over.
async fn token(door: &DoorConfig, ca: Option<Vec<u8>>, log: &Log) -> Known {
    if matches!(role(&door.credential), Role::Service | Role::Anon) {
        return key(&door.credential);
    }
    let known = Known { kind: "token", ends: ends(&door.credential), ..nothing() };
    if let Some(end) = expired(&door.credential, Timestamp::now()) {
        let said = format!("the platform token {}", ended(end));
        let error = ApiError::of(Kind::NotSignedIn, Route::SignIn, said);
        let error = ApiError { door: Some(door.door), host: address::place(&door.base), unsent: true, ..error };
        return Known { who: email(&door.credential), failed: Some((error.sentence(), code(error.kind))), ..known };
    }
    let session = Session::new(address::sign_in(&door.base), None, Arc::new(Nowhere), ca);
    session.noting(log.noting());
    match session.who_has(&door.credential).await {
        Ok(who) => Known { who: Some(who.name), role: Some(who.role), ..known },
        // What stands before the place where one signs in knows nothing of tokens: it wants the platform's public key.
        Err(error) if error.kind == Kind::NotSignedIn && error.code.is_none() => {
            Known { who: email(&door.credential), ..known }
        }
        Err(error) => Known { failed: Some((error.sentence(), code(error.kind))), ..known },
    }
}

/// A key is nobody's: what can be read of it.
fn key(key: &Secret) -> Known {
    let role = match role(key) {
        Role::Service => Some("service_role".to_owned()),
        Role::Anon => Some("anon".to_owned()),
        Role::Other(role) => Some(role),
        Role::Unknown => None,
    };
    Known { kind: "key", role, ends: ends(key), ..nothing() }
}

fn line(door: Door, place: &str, known: &Known) -> String {
    let Known { kind, who, role, ends, .. } = known;
    let role = role.as_deref().filter(|role| !role.is_empty());
    let what = match (*kind, who) {
        ("key", _) => match role {
            Some(role) => format!("a project's key with the role {role}"),
            None => "a project's key, of which nothing can be read".into(),
        },
        ("given", _) => "a project's key, asked for once it is needed: not every server gives one".into(),
        ("basic", None) => "open to everybody".into(),
        ("token", None) => "a platform token, whose it is does not show".into(),
        (_, who) => who.clone().unwrap_or_default(),
    };
    let said = |end: Timestamp| if end <= Timestamp::now() { "expired" } else { "until" };
    let end = ends.map(|end| format!(", {} {}", said(end), human::exact(end))).unwrap_or_default();
    let end = if *kind == "session" { format!("{end}, then refreshed by itself") } else { end };
    format!("{} {place}: {what}{end}", door.name())
}

fn end(left: Duration) -> Option<Timestamp> {
    Timestamp::now().checked_add(left).ok()
}

/// Writes a value of ours; the exit code.
fn wrote(value: &Value) -> u8 {
    super::wrote(&value.to_string())
}

fn print(text: &str) -> u8 {
    let mut out = Results::new();
    match out.plain(text).and_then(|()| out.flush()) {
        Ok(()) => DONE,
        Err(error) => unwritten(&error),
    }
}

/// Keeps nothing: a token's owner is asked for, and no session is made.
#[derive(Debug)]
struct Nowhere;

impl Keep for Nowhere {
    fn lock(&self) -> Result<Box<dyn Held>, String> {
        Err("no session is kept here".into())
    }
}
