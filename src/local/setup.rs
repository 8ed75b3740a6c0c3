//! From flags, variables and files to all that a connection needs, secrets included.

use std::env;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::audit::Audit;
use super::command;
use super::log::Log;
use super::renew;
use super::secrets::{self, Found};
use super::sessions;
use super::state::Store;
use crate::api::client::{Connection, DoorConfig, check_ca};
use crate::api::credential;
use crate::api::projects::{Detail, Lister, Management, Platform, StudioSettings, TokenNow, Watched};
use crate::api::renew::Renew;
use crate::api::route;
use crate::api::session::Session;
use crate::api::watch::Watch;
use crate::config::file::{Origin, parse};
use crate::config::resolve::{DoorPlan, Environment, Flags, POLL_SECONDS, Plan, resolve};
use crate::config::{self, AnonKey, Config, Door, Source, address, paths};
use crate::secret::Secret;

/// A larger configuration is refused.
pub(super) const LARGEST_CONFIG: u64 = 1024 * 1024;
/// A larger file of certificates is refused.
const LARGEST_CA: u64 = 4 * 1024 * 1024;

/// Why no connection can be set up: one sentence, a matter of usage or configuration (exit code 2).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unready(pub String);

/// What the command line gave.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// The flags of the connection.
    pub flags: Flags,
    /// `--config`.
    pub config: Option<PathBuf>,
    /// Whether the person agreed that the project's address and key are taken from Studio's settings.
    pub agreed: bool,
    /// Where it stands what a person agreed to before; `None` where nothing is remembered.
    pub store: Option<Store>,
}

/// A further door that may be opened once the person agrees.
#[derive(Clone, Debug)]
pub struct Offered {
    /// The door.
    pub door: DoorConfig,
    /// Whether nobody was asked yet.
    pub ask: bool,
}

/// All that the screen and the commands start from.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The profile's name, the ref of another project that it lists, else the host.
    pub name: String,
    /// As [`Plan::label`].
    pub label: String,
    /// The profile it is one of.
    pub profile: Option<String>,
    /// Whether it is another project than the profile's own.
    pub listed: bool,
    /// No project of the profile is named: one is to be chosen among those that it lists.
    pub unchosen: bool,
    /// What lists the profile's projects, where it is not one and no more.
    pub lister: Option<Lister>,
    /// Doors with their credentials; no door when nothing was given.
    pub connection: Connection,
    /// Whether the profile is protected; the connection is then read-only.
    pub protected: bool,
    /// Whether it is read-only for that alone: it can be unlocked.
    pub locked: bool,
    /// The profile's colour.
    pub color: Option<String>,
    /// The time between two looks at the server.
    pub poll: Duration,
    /// What is worth saying before anything is done. Cleaned by whoever shows it.
    pub warnings: Vec<String>,
    /// The project's gateway, by Studio's settings, where that was not yet agreed to.
    pub offered: Option<Offered>,
    /// Where the control plane's credential is a session: all that signing in takes.
    pub session: Option<SignIn>,
}

/// How one signs in to a door, and whether anybody is.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// Signs in and out; the door's client renews its credential by a copy of it.
    pub session: Session,
    /// The email that is configured.
    pub login: Option<String>,
    /// Who the stored session is, where there is one. From outside.
    pub who: Option<String>,
    /// The command that signs in.
    pub command: String,
}

impl SignIn {
    /// What is said where nobody is signed in.
    pub fn missing(&self) -> String {
        format!("nobody is signed in at {}: run `{}`", self.session.host(), self.command)
    }
}

impl Setup {
    /// Of no profile, with nothing to be said of it; `interval` is the time between two looks in seconds, where it was
    /// asked for.
    pub fn plain(name: String, connection: Connection, interval: Option<u32>) -> Self {
        Self {
            label: name.clone(),
            name,
            profile: None,
            listed: false,
            unchosen: false,
            lister: None,
            connection,
            protected: false,
            locked: false,
            color: None,
            poll: Duration::from_secs(interval.unwrap_or(POLL_SECONDS).into()),
            warnings: Vec::new(),
            offered: None,
            session: None,
        }
    }

    /// The project's short id, where a door has one.
    pub fn reference(&self) -> Option<&str> {
        self.connection.doors.iter().find_map(|door| door.reference.as_deref())
    }

    /// The log as this project writes it; its session's requests stand in it from now on.
    pub fn logging(&self, log: &Log) -> Log {
        let log = log.of(&self.label);
        if let Some(sign_in) = &self.session {
            sign_in.session.noting(log.noting());
        }
        log
    }

    /// Whether anything was given to connect to.
    pub fn is_connected(&self) -> bool {
        self.unchosen || !self.connection.doors.is_empty()
    }
}

/// Reads variables, the configuration and the secrets, and says what to connect to. It may wait for standard input.
pub fn connect(inputs: &Inputs) -> Result<Setup, Unready> {
    connect_by(inputs, &configuration(inputs.config.as_deref())?)
}

/// The same by a configuration that was read already.
pub fn connect_by(inputs: &Inputs, config: &Config) -> Result<Setup, Unready> {
    connect_with(inputs, planned(inputs, config)?, &secrets::read)
}

/// The same by a plan that was made already; `read` reads its secrets, as [`secrets::read`] does.
pub fn connect_with(
    inputs: &Inputs,
    plan: Plan,
    read: &dyn Fn(&Source) -> Result<Found, String>,
) -> Result<Setup, Unready> {
    let label = plan.label();
    let Plan {
        name,
        profile,
        listed,
        unchosen,
        doors,
        read_only,
        protected,
        locked,
        color,
        ca_file,
        poll_seconds,
        allow_http,
        mut warnings,
    } = plan;
    let ca_file_pem = ca_file.map(|path| certificates(&path)).transpose()?;
    let ca = ca_file_pem.as_ref();
    let mut session = None;
    let mut lister = None;
    let mut opened = Vec::new();
    let owner = profile.as_ref().unwrap_or(&name);
    for door in doors {
        if let Some(Source::Session(how)) = &door.source {
            let account = how.login.clone().unwrap_or_else(|| owner.clone());
            let sign_in = sign_in(how, &account, command(inputs, owner), ca_file_pem.clone(), &mut warnings)?;
            opened.push(DoorConfig {
                door: route::Door::ControlPlane,
                base: door.base,
                reference: door.reference,
                user: None,
                // The store knows how long it lives; the first request fetches it there.
                credential: Secret::default(),
                renew: Some(Arc::new(sign_in.session.clone())),
            });
            session = Some(sign_in);
        } else {
            opened.push(open(door, read, ca, &mut warnings, &mut lister)?);
        }
    }
    let mut doors = opened;
    // A gateway of no project.
    doors.retain(|door| !unchosen || door.door == route::Door::ControlPlane);
    let mut offered = None;
    let platform = doors.iter_mut().find_map(|door| platform(door, ca));
    if inputs.flags.door.is_none() && !doors.iter().any(|door| door.door == route::Door::Gateway) {
        if let Some(door) = platform.as_ref().and_then(|platform| by_platform(platform, &doors)) {
            doors.push(door);
        } else if let Some(door) = doors.iter().find_map(|door| by_studio(door, allow_http, ca)) {
            let own = profile.as_ref();
            let remembered = inputs.store.as_ref().zip(own).and_then(|(store, profile)| store.agreed(profile));
            if inputs.agreed || remembered == Some(true) {
                doors.push(door);
            } else {
                offered = Some(Offered { door, ask: profile.is_some() && remembered.is_none() });
            }
        }
    }
    let lister = lister.or(platform.map(Lister::Platform)).filter(|_| profile.is_some());
    let poll = Duration::from_secs(poll_seconds.into());
    let other = listed.then_some(name.as_str());
    let watch = protected.then(|| Arc::new(Audit::of(owner, other)) as Arc<dyn Watch>);
    let connection = Connection { doors, read_only, ca_file_pem, detect: true, watch };
    Ok(Setup {
        name,
        label,
        profile,
        listed,
        unchosen,
        lister,
        connection,
        protected,
        locked,
        color,
        poll,
        warnings,
        offered,
        session,
    })
}

/// What flags, environment and configuration come to, no secret read.
pub fn planned(inputs: &Inputs, config: &Config) -> Result<Plan, Unready> {
    resolve(&inputs.flags, &environment(), config).map_err(|refused| Unready(refused.0))
}

/// What the control plane of a door tells beyond its documented routes, asked with the token that the door has now.
fn platform(plane: &mut DoorConfig, ca: Option<&Vec<u8>>) -> Option<Platform> {
    if plane.door != route::Door::ControlPlane {
        return None;
    }
    let now = TokenNow::new(plane.credential.clone());
    let mut platform = Platform::new(plane.base.clone(), now.clone(), ca.cloned());
    if let Some(source) = plane.renew.take() {
        let watched: Arc<dyn Renew> = Arc::new(Watched::new(source, now));
        plane.renew = Some(Arc::clone(&watched));
        platform = platform.renewed_by(watched);
    }
    Some(platform)
}

/// The project's own gateway, for which the control plane may give address and key: asked only once it is needed.
fn by_platform(platform: &Platform, doors: &[DoorConfig]) -> Option<DoorConfig> {
    let plane = doors.iter().find(|door| door.door == route::Door::ControlPlane)?;
    let reference = plane.reference.as_deref()?;
    Some(lazy(&plane.base, Arc::new(Detail::new(platform.clone(), reference))))
}

/// The project's own gateway by Studio's settings, for a person to agree to first.
fn by_studio(studio: &DoorConfig, allow_http: bool, ca: Option<&Vec<u8>>) -> Option<DoorConfig> {
    let base = &studio.base;
    let safe = base.scheme() == "https" || address::is_loopback(base) || allow_http;
    if studio.door != route::Door::Studio || !safe {
        return None;
    }
    let basic = studio.user.clone().map(|user| (user, studio.credential.clone()));
    let reference = studio.reference.as_deref().unwrap_or("default");
    let settings = StudioSettings::new(base.clone(), reference, basic, allow_http, ca.cloned());
    Some(lazy(base, Arc::new(settings)))
}

/// A gateway whose address and key are had when it is first used.
fn lazy(base: &Url, renew: Arc<dyn Renew>) -> DoorConfig {
    DoorConfig {
        door: route::Door::Gateway,
        base: base.clone(),
        reference: None,
        user: None,
        credential: Secret::default(),
        renew: Some(renew),
    }
}

/// The session of an account, with what is stored of it.
fn sign_in(
    how: &config::SignIn,
    account: &str,
    command: String,
    ca: Option<Vec<u8>>,
    warnings: &mut Vec<String>,
) -> Result<SignIn, Unready> {
    let config::SignIn { auth, anon_key, login } = how;
    let place = address::place(auth);
    let anon_key = match anon_key {
        Some(AnonKey::Itself(key)) => Some(key.clone()),
        Some(AnonKey::From(source)) => match secrets::read(source) {
            Ok(Found::Secret(key, _)) => Some(key),
            Ok(Found::Nothing) => None,
            Err(what) => return Err(Unready(format!("the anon key for {place} cannot be used: {what}"))),
        },
        None => None,
    };
    if anon_key.as_ref().is_some_and(|key| credential::role(key) == credential::Role::Service) {
        return Err(Unready(format!("the anon key for {place} is a service key: give the public one")));
    }
    let Some(folder) = paths::state_dir() else {
        return Err(Unready(
            "this system names no home, so that no session can be stored: give a token instead".into(),
        ));
    };
    let store = sessions::Store::new(&folder.join("sessions"), auth, account);
    let who = store.read().map_err(Unready)?.map(|kept| kept.who);
    warnings.extend(store.notices());
    let session = Session::new(auth.clone(), anon_key, Arc::new(store), ca);
    Ok(SignIn { session, login: login.clone(), who, command })
}

/// The command that signs in to what these flags lead to.
fn command(inputs: &Inputs, name: &str) -> String {
    let Flags { url, reference, login, .. } = &inputs.flags;
    match (url, reference, login) {
        (Some(url), Some(reference), Some(login)) => {
            format!("basedeck login --url {url} --ref {reference} --login {login}")
        }
        (.., Some(login)) => format!("basedeck login --login {login}"),
        _ => format!("basedeck login {name}{}", of_config(inputs.config.as_deref())),
    }
}

/// What a command has to end in that goes by another configuration than the usual one.
pub fn of_config(asked: Option<&Path>) -> String {
    asked.map(|file| format!(" --config {}", secrets::quoted(file))).unwrap_or_default()
}

fn environment() -> Environment {
    let set = |name| env::var_os(name).filter(|v| !v.is_empty()).map(|v| v.to_string_lossy().into_owned());
    Environment { url: set("BASEDECK_URL"), reference: set("BASEDECK_REF"), project_url: set("BASEDECK_PROJECT_URL") }
}

/// A door with its credential; where the management API gives that, it lists projects too.
fn open(
    plan: DoorPlan,
    read: &dyn Fn(&Source) -> Result<Found, String>,
    ca: Option<&Vec<u8>>,
    warnings: &mut Vec<String>,
    lister: &mut Option<Lister>,
) -> Result<DoorConfig, Unready> {
    let wanted = format!("the {} for {}", plan.credential(), address::place(plan.asked()));
    let DoorPlan { door, base, reference, user, source, hosted, give } = plan;
    let kind = kind(door);
    let Some(source) = source else {
        return Ok(DoorConfig { door: kind, base, reference, user, credential: Secret::default(), renew: None });
    };
    match read(&source) {
        Ok(Found::Secret(credential, warning)) => {
            warnings.extend(warning);
            if let Some(api) = hosted {
                let reference = reference.unwrap_or_default();
                let management = Management::new(api, credential, &reference, ca.cloned());
                *lister = Some(Lister::Hosted(management.clone()));
                let base = management.base().unwrap_or(base);
                return Ok(DoorConfig { reference: Some(reference), ..lazy(&base, Arc::new(management)) });
            }
            warnings.extend(misplaced(kind, &base, &credential));
            let renew = renew::again(&source).map(|again| Arc::new(again) as Arc<dyn Renew>);
            Ok(DoorConfig { door: kind, base, reference, user, credential, renew })
        }
        Ok(Found::Nothing) => Err(Unready(format!("{wanted} is missing: {give}"))),
        Err(what) => Err(Unready(format!("{wanted} cannot be used: {what}; {give}"))),
    }
}

/// A door of the configuration, as the client calls it.
pub const fn kind(door: Door) -> route::Door {
    match door {
        Door::ControlPlane => route::Door::ControlPlane,
        Door::Gateway => route::Door::Gateway,
        Door::Studio => route::Door::Studio,
    }
}

/// A credential that can be read and will not do.
fn misplaced(door: route::Door, base: &Url, credential: &Secret) -> Option<String> {
    let place = address::place(base);
    credential::misplaced(door, credential).map(|said| format!("the {} for {place} {said}", door.credential()))
}

/// What a profile, or the flags, come to, and what is known of each door's credential without reading it out.
pub fn review(flags: &Flags, config: &Config) -> Result<(Plan, Vec<Option<String>>), Unready> {
    let plan = resolve(flags, &Environment::default(), config).map_err(|refused| Unready(refused.0))?;
    let missing = |door: &DoorPlan| match &door.source {
        // It may ask a person something: not run for a check.
        None | Some(Source::Command(_) | Source::Stdin | Source::Session(_)) => None,
        Some(source) => match secrets::read(source) {
            Ok(Found::Secret(_, warning)) if door.hosted.is_some() => warning,
            Ok(Found::Secret(credential, warning)) => misplaced(kind(door.door), &door.base, &credential).or(warning),
            Ok(Found::Nothing) => Some(format!("the {} is missing: {}", door.credential(), door.give)),
            Err(what) => Some(format!("the {} cannot be used: {what}", door.credential())),
        },
    };
    let missing = plan.doors.iter().map(missing).collect();
    Ok((plan, missing))
}

/// Reads the file that was asked for, or the usual one where there is one.
pub fn configuration(asked: Option<&Path>) -> Result<Config, Unready> {
    let Some(path) = asked.map(Path::to_owned).or_else(paths::config_file) else { return Ok(Config::default()) };
    let name = path.display().to_string();
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && asked.is_none() => return Ok(Config::default()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let init = of_config(asked);
            return Err(Unready(format!(
                "the configuration {name} is not there: `basedeck config init{init}` makes it"
            )));
        }
        Err(error) => return Err(Unready(format!("the configuration {name} cannot be read ({error})"))),
    };
    let open_to_others = secrets::others_may_read(&file);
    let text = String::from_utf8(bounded(file, &path, LARGEST_CONFIG)?)
        .map_err(|_| Unready(format!("the configuration {name} is no plain text")))?;
    let home = paths::home();
    let folder = path.parent().unwrap_or(Path::new(""));
    let config = parse(&text, &Origin { file: &name, folder, home: home.as_deref() }).map_err(|fault| {
        let secured = if fault.holds_secret && open_to_others {
            format!("; others can read this file: run chmod 600 {}", secrets::quoted(&path))
        } else {
            String::new()
        };
        Unready(format!("{fault}{secured}"))
    })?;
    command::withhold(config.variables());
    Ok(Config { flag: of_config(asked), ..config })
}

/// Reads the CA file.
pub fn certificates(path: &Path) -> Result<Vec<u8>, Unready> {
    let file = File::open(path)
        .map_err(|error| Unready(format!("the CA file {} cannot be read ({error})", path.display())))?;
    let pem = bounded(file, path, LARGEST_CA)?;
    let mark = b"-----BEGIN CERTIFICATE-----";
    if !pem.windows(mark.len()).any(|part| part == mark) {
        return Err(Unready(format!("the CA file {} holds no certificate: it must be PEM", path.display())));
    }
    check_ca(&pem).map_err(|why| {
        Unready(format!("the CA file {} holds a certificate that cannot be used ({why}): give another", path.display()))
    })?;
    Ok(pem)
}

pub(super) fn bounded(file: File, path: &Path, most: u64) -> Result<Vec<u8>, Unready> {
    let mut bytes = Vec::new();
    file.take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Unready(format!("{} cannot be read ({error})", path.display())))?;
    if bytes.len() as u64 > most {
        return Err(Unready(format!("{} is larger than {} KiB", path.display(), most / 1024)));
    }
    Ok(bytes)
}
