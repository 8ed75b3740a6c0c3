//! Flags, environment and profile become one plan: which doors, at which addresses, with credentials from where.
//!
//! Credentials go with an address: those of flags and environment are used only with an address from flags or
//! environment, and a profile uses its own sources alone.

use std::path::PathBuf;

use url::Url;

use super::file;
use super::{AnonKey, Config, Door, DoorEntry, HOSTED_API, Hosted, Profile, SignIn, Source, address};
use crate::text::reference::is_reference;

/// Seconds between two looks at the server, unless something else is asked for.
pub const POLL_SECONDS: u32 = 5;

/// What the flags say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Flags {
    /// `--profile`, or the profile's name alone.
    pub profile: Option<String>,
    /// `--url`.
    pub url: Option<String>,
    /// `--ref`.
    pub reference: Option<String>,
    /// `--token-file`.
    pub token_file: Option<PathBuf>,
    /// `--token-stdin`.
    pub token_stdin: bool,
    /// `--login`.
    pub login: Option<String>,
    /// `--project-url`.
    pub project_url: Option<String>,
    /// `--supabase-ref`.
    pub supabase_ref: Option<String>,
    /// `--service-key-file`.
    pub service_key_file: Option<PathBuf>,
    /// `--door`.
    pub door: Option<Door>,
    /// `--read-only`.
    pub read_only: bool,
    /// `--allow-http`.
    pub allow_http: bool,
    /// `--ca-file`.
    pub ca_file: Option<PathBuf>,
    /// `--interval`, in seconds.
    pub interval: Option<u32>,
    /// Where several profiles are possible a person chooses one: that is no mistake then.
    pub choose: bool,
    /// Only what lists the profile's projects is wanted, none of them.
    pub list: bool,
}

/// What the environment says of addresses. Empty variables count as not set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Environment {
    /// `BASEDECK_URL`.
    pub url: Option<String>,
    /// `BASEDECK_REF`.
    pub reference: Option<String>,
    /// `BASEDECK_PROJECT_URL`.
    pub project_url: Option<String>,
}

/// Where to connect to.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The profile's name, the ref of another project that it lists, else the host.
    pub name: String,
    /// The profile it is one of.
    pub profile: Option<String>,
    /// Whether it is another project than the profile's own.
    pub listed: bool,
    /// No project of the profile is named: its doors serve to list them.
    pub unchosen: bool,
    /// The doors, the control plane first; none when nothing was given.
    pub doors: Vec<DoorPlan>,
    /// Whether everything that changes anything is refused.
    pub read_only: bool,
    /// Whether the profile is protected.
    pub protected: bool,
    /// Whether it is read-only for being protected alone, so that it can be unlocked for a session.
    pub locked: bool,
    /// The profile's colour.
    pub color: Option<String>,
    /// Further CA certificates.
    pub ca_file: Option<PathBuf>,
    /// Seconds between two looks at the server.
    pub poll_seconds: u32,
    /// Whether credentials may go over plain http to another machine.
    pub allow_http: bool,
    /// What is worth saying before anything is done.
    pub warnings: Vec<String>,
}

impl Plan {
    /// What logs call it: the profile, with the ref of another project that it lists; else the host.
    pub fn label(&self) -> String {
        match &self.profile {
            Some(profile) if self.listed => format!("{profile}/{}", self.name),
            _ => self.name.clone(),
        }
    }
}

/// One door of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct DoorPlan {
    /// Which.
    pub door: Door,
    /// The checked address.
    pub base: Url,
    /// The project's short id, at the control plane and at Studio.
    pub reference: Option<String>,
    /// The name for HTTP basic, at Studio alone.
    pub user: Option<String>,
    /// Where the credential comes from; none for a Studio that asks for none.
    pub source: Option<Source>,
    /// The management API that gives this door's address and key; `source` is then where its token comes from.
    pub hosted: Option<Url>,
    /// How to give the credential, for the sentence that says that it is missing.
    pub give: String,
}

impl DoorPlan {
    /// What its source gives, for sentences.
    pub fn credential(&self) -> &'static str {
        if self.hosted.is_some() { "access token" } else { self.door.credential() }
    }

    /// The server that gets what its source gives.
    pub fn asked(&self) -> &Url {
        self.hosted.as_ref().unwrap_or(&self.base)
    }
}

/// Why there is no plan: a usage error.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub String);

impl Refused {
    fn because<T>(sentence: impl Into<String>) -> Result<T, Self> {
        Err(Self(sentence.into()))
    }
}

/// Makes the plan.
pub fn resolve(flags: &Flags, environment: &Environment, config: &Config) -> Result<Plan, Refused> {
    let mut plan = Plan {
        name: String::new(),
        profile: None,
        listed: false,
        unchosen: false,
        doors: Vec::new(),
        read_only: flags.read_only,
        protected: false,
        locked: false,
        color: None,
        ca_file: flags.ca_file.clone(),
        poll_seconds: flags.interval.or(config.poll_seconds).unwrap_or(POLL_SECONDS),
        allow_http: flags.allow_http,
        warnings: config.warnings.clone(),
    };
    let mut allow_by = "--allow-http";
    let doors = given(flags, environment)?;
    if doors.is_empty() || flags.profile.is_some() {
        if let Some(name) = &flags.profile {
            beside_profile(name, flags)?;
        }
        without_address(flags)?;
        let Some((name, profile)) = chosen(flags, config)? else { return Ok(plan) };
        let other = flags.reference.as_deref().or(flags.supabase_ref.as_deref());
        let other = other.filter(|other| !profile.references().any(|own| own == *other));
        plan.unchosen =
            flags.list || (other.is_none() && profile.lists().is_some() && profile.references().next().is_none());
        plan.doors = of_profile(name, profile, other, plan.unchosen)?;
        other.unwrap_or(name).clone_into(&mut plan.name);
        plan.listed = other.is_some();
        plan.profile = Some(name.to_owned());
        plan.locked = profile.protected && !profile.read_only && !plan.read_only;
        plan.read_only |= profile.read_only || profile.protected;
        plan.protected = profile.protected;
        plan.color.clone_from(&profile.color);
        plan.ca_file = plan.ca_file.or_else(|| profile.ca_file.clone());
        plan.warnings.extend(profile.warnings.iter().cloned());
        plan.allow_http |= profile.allow_http;
        allow_by = "allow_http = true in the profile";
    } else {
        plan.name = doors.first().map(|door| address::place(&door.base)).unwrap_or_default();
        plan.doors = doors;
    }
    if let Some(only) = flags.door {
        plan.doors.retain(|door| door.door == only);
        if plan.doors.is_empty() {
            if let Some(profile) = plan.profile {
                return Refused::because(format!(
                    "profile {profile} has no door {}: add it, or name another profile",
                    only.name()
                ));
            }
            let give = match only {
                Door::ControlPlane => "--url and --ref",
                Door::Gateway => "--project-url",
                Door::Studio => "a profile with studio",
            };
            return Refused::because(format!("--door {} has no address here: give {give}", only.name()));
        }
    }
    for door in &plan.doors {
        let (auth, shown) = match &door.source {
            Some(Source::Session(sign_in)) => (Some(&sign_in.auth), "password"),
            _ => (None, door.credential()),
        };
        let open = |url: &&Url| url.scheme() == "http" && !address::is_loopback(url);
        let asked = Some(door.asked());
        let open = auth.into_iter().chain(asked).find(open).filter(|_| door.source.is_some() && !plan.allow_http);
        if let Some(open) = open {
            let shown = if auth == Some(open) { shown } else { door.credential() };
            return Refused::because(format!(
                "plain http to {} would show the {shown} to the network: use https, or allow it with {allow_by}",
                address::place(open),
            ));
        }
    }
    Ok(plan)
}

/// The doors whose addresses stand in flags or environment.
fn given(flags: &Flags, environment: &Environment) -> Result<Vec<DoorPlan>, Refused> {
    if let Some(reference) = flags.supabase_ref.as_ref().filter(|_| flags.profile.is_none()) {
        let others = flags.url.is_some() || flags.project_url.is_some() || flags.reference.is_some();
        if others || flags.service_key_file.is_some() {
            let what = "--supabase-ref stands alone: leave --url, --ref, --project-url and --service-key-file out";
            return Refused::because(what);
        }
        // Addresses of the environment are for other days than this one.
        let source = match &flags.token_file {
            Some(file) => Source::File(file.clone()),
            None if flags.token_stdin => Source::Stdin,
            None => Source::Env(vec!["SUPABASE_ACCESS_TOKEN".into()]),
        };
        let give = "set SUPABASE_ACCESS_TOKEN, or give --token-file FILE or --token-stdin";
        let api = checked("the management API", HOSTED_API)?;
        return Ok(vec![hosted("--supabase-ref", Some(reference), &api, Some(source), give.into())?]);
    }
    let mut doors = Vec::new();
    if let Some((name, url)) = first(flags.url.as_ref(), "--url", environment.url.as_ref(), "BASEDECK_URL") {
        let reference = flags.reference.as_ref().or(environment.reference.as_ref());
        let Some(reference) = reference else {
            return Refused::because(format!(
                "{name} is a control plane's address and needs the project's short id: give --ref or BASEDECK_REF"
            ));
        };
        if !is_reference(reference) {
            return Refused::because("--ref is the project's short id: letters, digits, `-` and `_`");
        }
        let base = checked(name, url)?;
        doors.push(DoorPlan {
            door: Door::ControlPlane,
            reference: Some(reference.clone()),
            user: None,
            source: Some(match (&flags.login, &flags.token_file) {
                (Some(login), _) => Source::Session(Box::new(of_flags(flags, login, &base)?)),
                (None, Some(file)) => Source::File(file.clone()),
                (None, None) if flags.token_stdin => Source::Stdin,
                (None, None) => Source::Env(vec!["BASEDECK_TOKEN".into()]),
            }),
            base,
            hosted: None,
            give: "set BASEDECK_TOKEN, or give --token-file FILE, --token-stdin or --login EMAIL".into(),
        });
    }
    let project_url = environment.project_url.as_ref();
    if let Some((name, url)) = first(flags.project_url.as_ref(), "--project-url", project_url, "BASEDECK_PROJECT_URL") {
        doors.push(DoorPlan {
            door: Door::Gateway,
            base: checked(name, url)?,
            reference: None,
            user: None,
            source: Some(flags.service_key_file.as_ref().map_or_else(
                || Source::Env(vec!["BASEDECK_SERVICE_KEY".into(), "SUPABASE_SERVICE_ROLE_KEY".into()]),
                |file| Source::File(file.clone()),
            )),
            hosted: None,
            give: "set BASEDECK_SERVICE_KEY or SUPABASE_SERVICE_ROLE_KEY, or give --service-key-file FILE".into(),
        });
    }
    // A credential that goes nowhere is a mistake, not a detail.
    let has = |door| doors.iter().any(|plan: &DoorPlan| plan.door == door);
    if !doors.is_empty() && !has(Door::ControlPlane) && (flags.token_file.is_some() || flags.token_stdin) {
        return Refused::because("a platform token was given without a control plane: give --url and --ref too");
    }
    if !doors.is_empty() && !has(Door::ControlPlane) && flags.login.is_some() {
        return Refused::because("--login was given without a control plane: give --url and --ref too");
    }
    if !doors.is_empty() && !has(Door::Gateway) && flags.service_key_file.is_some() {
        return Refused::because("--service-key-file was given without a project: give --project-url too");
    }
    Ok(doors)
}

/// Where one signs in with `--login`.
fn of_flags(flags: &Flags, login: &str, base: &Url) -> Result<SignIn, Refused> {
    if flags.token_file.is_some() || flags.token_stdin {
        let other = if flags.token_stdin { "--token-stdin" } else { "--token-file" };
        return Refused::because(format!("give --login or {other}: a credential has one source"));
    }
    if !file::is_email(login) {
        return Refused::because("--login is the email to sign in with");
    }
    Ok(SignIn {
        auth: address::sign_in(base),
        anon_key: Some(AnonKey::From(Source::Env(vec!["BASEDECK_ANON_KEY".into()]))),
        login: Some(login.to_owned()),
    })
}

/// Flags that mean nothing without an address in flags or environment.
fn without_address(flags: &Flags) -> Result<(), Refused> {
    if flags.token_file.is_some() || flags.token_stdin {
        return Refused::because("a platform token goes with an address: give --url and --ref too");
    }
    if flags.login.is_some() {
        return Refused::because("--login goes with an address: give --url and --ref too, or `login` in a profile");
    }
    if flags.service_key_file.is_some() {
        return Refused::because("--service-key-file goes with an address: give --project-url too");
    }
    if flags.reference.is_some() && flags.profile.is_none() {
        return Refused::because("--ref goes with a control plane's address: give --url too");
    }
    Ok(())
}

/// A profile's addresses are its own: an address beside it is a mistake.
fn beside_profile(name: &str, flags: &Flags) -> Result<(), Refused> {
    if flags.url.is_some() || flags.project_url.is_some() {
        return Refused::because(format!("profile {name} has its own addresses: leave --url and --project-url out"));
    }
    Ok(())
}

/// The profile that was asked for, else the one that is used when no address was given.
fn chosen<'c>(flags: &Flags, config: &'c Config) -> Result<Option<(&'c str, &'c Profile)>, Refused> {
    if let Some(asked) = &flags.profile {
        let names: Vec<&str> = config.profiles.keys().map(String::as_str).collect();
        return match config.profiles.get_key_value(asked) {
            Some((name, profile)) => Ok(Some((name.as_str(), profile))),
            None if names.is_empty() => Refused::because(format!(
                "there is no profile {asked}, nor any other: `basedeck config init{}` makes one",
                config.flag
            )),
            None => Refused::because(format!("there is no profile {asked}; there is: {}", names.join(", "))),
        };
    }
    if let Some(name) = &config.default_profile {
        return Ok(config.profiles.get_key_value(name).map(|(name, profile)| (name.as_str(), profile)));
    }
    let mut all = config.profiles.iter().map(|(name, profile)| (name.as_str(), profile));
    match (all.next(), all.next()) {
        (only, None) => Ok(only),
        (Some(_), Some(_)) if flags.choose => Ok(None),
        (Some(_), Some(_)) => Refused::because(format!(
            "the configuration has {} profiles and names none as the default: give one (basedeck {}{}), or add default_profile",
            config.profiles.len(),
            config.profiles.keys().next().map_or("NAME", String::as_str),
            config.flag
        )),
        (None, Some(_)) => Ok(None),
    }
}

/// A hosted project's own gateway, whose address and key the management API gives.
/// Without a ref there is no gateway: the API only lists.
fn hosted(
    name: &str,
    reference: Option<&str>,
    api: &Url,
    source: Option<Source>,
    give: String,
) -> Result<DoorPlan, Refused> {
    if reference.is_some_and(|reference| !is_reference(reference)) {
        return Refused::because(format!("{name} is the project's short id: letters, digits, `-` and `_`"));
    }
    // Until the API says more.
    let own = reference.map(|reference| checked(name, &format!("https://{reference}.supabase.co"))).transpose()?;
    Ok(DoorPlan {
        door: Door::Gateway,
        base: own.unwrap_or_else(|| api.clone()),
        reference: reference.map(str::to_owned),
        user: None,
        source,
        hosted: Some(api.clone()),
        give,
    })
}

/// The doors of a profile, or of another project that it lists: `other` is then that project's ref. Where none is chosen
/// yet, those that list them.
fn of_profile(name: &str, profile: &Profile, other: Option<&str>, unchosen: bool) -> Result<Vec<DoorPlan>, Refused> {
    let mut doors = Vec::new();
    if (other.is_some() || unchosen) && profile.lists().is_none() {
        return Refused::because(format!("profile {name} is one project: leave the ref out"));
    }
    if other.is_some_and(|other| !is_reference(other)) {
        return Refused::because("--ref is the project's short id: letters, digits, `-` and `_`");
    }
    let entries = [
        (Door::ControlPlane, &profile.control_plane, "token_env, token_file, token_command or login in control_plane"),
        (Door::Gateway, &profile.project, "service_key_env, service_key_file or service_key_command in project"),
        (Door::Studio, &profile.studio, "password_env, password_file or password_command in studio"),
    ];
    for (door, entry, keys) in entries {
        let Some(DoorEntry { url, reference, user, source }) = entry else { continue };
        // The other doors of the profile are its own project's.
        if (other.is_some() || unchosen) && door != Door::ControlPlane {
            continue;
        }
        let reference = other.map(str::to_owned).or_else(|| reference.clone());
        // It only lists.
        if door == Door::ControlPlane && reference.is_none() && !unchosen {
            continue;
        }
        if source.is_none() && door != Door::Studio {
            return Refused::because(format!(
                "profile {name} has no {} that is offered: add {keys}",
                door.credential()
            ));
        }
        let give = by_profile(name, source.as_ref());
        doors.push(DoorPlan {
            door,
            base: url.clone(),
            reference,
            user: user.clone(),
            source: source.clone(),
            hosted: None,
            give,
        });
    }
    if let Some(Hosted { api, reference, source }) = &profile.supabase {
        if source.is_none() {
            return Refused::because(format!(
                "profile {name} has no access token: add token_env, token_file or token_command in supabase"
            ));
        }
        let reference = other.or(reference.as_deref());
        if reference.is_some() || unchosen {
            let give = by_profile(name, source.as_ref());
            // Before Studio, as any gateway.
            let at = doors.iter().filter(|door| door.door == Door::ControlPlane).count();
            doors.insert(at, hosted("ref", reference, api, source.clone(), give)?);
        }
    }
    if doors.is_empty() {
        return Refused::because(format!(
            "profile {name} has no door that is offered: add control_plane, project, supabase or studio"
        ));
    }
    Ok(doors)
}

/// Where a profile takes a credential from.
fn by_profile(name: &str, source: Option<&Source>) -> String {
    match source {
        Some(Source::Env(names)) => format!("profile {name} takes it from the variable {}", names.join(", ")),
        Some(Source::Command(_)) => format!("profile {name} names the command"),
        Some(Source::File(_) | Source::Stdin) => format!("profile {name} names the file"),
        // A session is no secret that is read: whoever uses it says how one signs in.
        Some(Source::Session(_)) | None => String::new(),
    }
}

/// A setting from the flags, else from the environment, with the name it was given under.
fn first<'a>(
    flag: Option<&'a String>,
    flag_name: &'static str,
    variable: Option<&'a String>,
    variable_name: &'static str,
) -> Option<(&'static str, &'a str)> {
    match (flag, variable) {
        (Some(value), _) => Some((flag_name, value)),
        (None, Some(value)) => Some((variable_name, value)),
        (None, None) => None,
    }
}

fn checked(name: &str, url: &str) -> Result<Url, Refused> {
    address::check(url).map_err(|what| Refused(format!("{name} {what}")))
}
