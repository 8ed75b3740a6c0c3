//! `basedeck config init`: a new profile, by flags and by questions on the terminal. Which kind of server stands at the
//! address is looked up first, without any credential. Nothing is written before everything is known.

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::runtime::Handle;
use url::Url;

use super::super::print::say;
use crate::api::credential::{Role, role};
use crate::api::detect::{Found, ServerKind, fits};
use crate::api::health;
use crate::api::route::Door;
use crate::cli::{self, Init};
use crate::config::address;
use crate::config::file::{COLORS, check_name, check_variable, is_email, quoted};
use crate::local::log::Log;
use crate::local::{Unready, profiles, setup};
use crate::secret::Secret;
use crate::text::human::capital;
use crate::text::reference::is_reference;

/// How long each answer to the question what stands at an address is waited for.
const LOOK: Duration = Duration::from_secs(5);
/// Where hosted projects are.
const HOSTED: &str = ".supabase.co";
/// Where all of them are listed, the console's and the API's names.
const ALL_HOSTED: [&str; 2] = ["supabase.com", "api.supabase.com"];
/// What stands in the file where no project is named.
const LISTS: &str = "\n# Without a `ref` it opens on the list of the account's projects.";
const NOT_A_REF: &str = "a ref is the project's short id: letters, digits, `-` and `_`";

/// Asks on a terminal what the flags leave open, and adds the profile to the file.
pub fn add(init: &Init, flags: &cli::Connection, path: &Path, log: &Log) -> Result<(), Unready> {
    let taken = profiles::names(path)?;
    let ask = Ask { init, flags, log };
    let name = given(("the profile's name", ""), init.name.clone(), "its NAME", |name| {
        check_name(name).map_err(|what| format!("the profile's name {what}"))?;
        let free = !taken.contains(name);
        free.then(|| name.to_owned()).ok_or_else(|| format!("there is a profile {name} already: take another name"))
    })?;
    if let Some(color) = init.color.as_deref().filter(|color| !COLORS.contains(color)) {
        return Err(Unready(format!("there is no colour {color}; there is: {}", COLORS.join(", "))));
    }
    let ca = flags.ca_file.as_deref().map(setup::certificates).transpose()?;
    let doors = ask.doors(ca.as_ref())?;
    let mut lines = vec![format!("[profiles.{}]", if name.contains('.') { quoted(&name) } else { name.clone() })];
    lines.extend(init.color.as_deref().map(|color| format!("color = {}", quoted(color))));
    for (is, line) in [
        (init.protected, "protected = true    # read-only until unlocked for the session"),
        (flags.read_only, "read_only = true"),
        (flags.allow_http, "allow_http = true    # credentials cross the network in the clear"),
    ] {
        lines.extend(is.then(|| line.to_owned()));
    }
    lines.extend(flags.ca_file.as_deref().map(|file| format!("ca_file = {}", quoted(&absolute(file)))));
    let signs_in = doors.iter().any(|line| line.contains(", login = "));
    let lists = doors.iter().any(|line| line.ends_with(LISTS));
    lines.extend(doors);
    profiles::append(path, &name, &(lines.join("\n") + "\n"))?;
    say(&format!("added profile {name} to {}", path.display()));
    let config = setup::of_config(flags.config.as_deref());
    if signs_in {
        say(&format!("sign in with `basedeck login {name}{config}`"));
    }
    if lists {
        say("it opens on the list of its projects; commands take one of them by --ref REF");
    }
    say(&format!("see what works with `basedeck doctor {name}{config}`, open it with `basedeck {name}{config}`"));
    Ok(())
}

/// All that was given.
struct Ask<'a> {
    init: &'a Init,
    flags: &'a cli::Connection,
    log: &'a Log,
}

impl Ask<'_> {
    /// The lines of all doors, with their comments.
    fn doors(&self, ca: Option<&Vec<u8>>) -> Result<Vec<String>, Unready> {
        let flags = self.flags;
        if flags.token_stdin {
            return Err(Unready(
                "a profile keeps where its token comes from: give that instead of --token-stdin".into(),
            ));
        }
        let mut lines = Vec::new();
        let mut addresses = self.addresses();
        let typed = addresses.is_empty();
        if flags.supabase_ref.as_deref().is_some_and(|reference| !is_reference(reference)) {
            return Err(Unready(NOT_A_REF.into()));
        }
        // The ref of a hosted project, or nothing for all that the token sees.
        let mut hosted = flags.supabase_ref.clone().or_else(|| self.init.supabase.then(String::new));
        if typed && hosted.is_none() {
            let what = (
                "the address",
                "of a control plane, a project or Studio; at Supabase https://REF.supabase.co, or https://supabase.com for all",
            );
            let need = "--project-url, --url, --supabase-ref or --supabase";
            let url = given(what, None, need, |text| address::check(text).map_err(|what| format!("it {what}")))?;
            let of_host = |host: &str| match host.strip_suffix(HOSTED) {
                None if ALL_HOSTED.contains(&host) => Some(String::new()),
                reference => reference.map(str::to_owned),
            };
            hosted = url.host_str().and_then(of_host);
            if hosted.is_none() {
                addresses.push((url.to_string(), Door::Gateway, "--project-url"));
            }
        }
        lines.extend(hosted.as_deref().map(|reference| self.hosted(reference)).transpose()?.into_iter().flatten());
        let mut known: Option<(Url, Option<Found>)> = None;
        let mut written = Vec::new();
        for (url, door, flag) in addresses {
            let url = address::check(&url).map_err(|what| Unready(format!("{flag} {what}")))?;
            let found = match known.take().filter(|(other, _)| *other == url) {
                Some((_, found)) => found,
                None => self.look(&url, door, ca),
            };
            let door = match &found {
                None if typed => kind()?,
                None => door,
                Some(found) if typed => own(found).map_or_else(kind, Ok)?,
                Some(found) => self.fitting(&url, door, found),
            };
            let (door, more) = self.table(door, found.as_ref(), &url)?;
            lines.extend(more);
            written.push(door);
            known = Some((url, found));
        }
        // What was given and goes nowhere is a mistake, not a detail.
        let has = |door| written.contains(&door);
        let lost = if flags.login.is_some() && !has(Door::ControlPlane) {
            Some("--login was given without a control plane: give --url and --ref too")
        } else if self.token().is_named() && !has(Door::ControlPlane) && hosted.is_none() {
            Some("a platform token was given without a control plane: give --url and --ref too")
        } else if self.key().is_named() && !has(Door::Gateway) {
            Some("a service key was given without a project: give --project-url too")
        } else {
            None
        };
        lost.map_or(Ok(lines), |lost| Err(Unready(lost.into())))
    }

    /// The addresses of the flags and what each is. Where Studio's user is named, one of them is Studio's: --url, unless a
    /// token says what that is, and the project's gateway may stand there as well.
    fn addresses(&self) -> Vec<(String, Door, &'static str)> {
        let cli::Connection { url, project_url, login, .. } = self.flags;
        let plane = self.token().is_named() || login.is_some();
        let studio = self.init.studio_user.is_some();
        let (at_url, key) = (studio && !plane && url.is_some(), self.key().is_named());
        let own = |door| url.clone().map(|url| (url, door, "--url"));
        let other = |door| project_url.clone().map(|url| (url, door, "--project-url"));
        [
            own(if at_url { Door::Studio } else { Door::ControlPlane }),
            other(Door::Gateway).filter(|_| !studio || at_url || key),
            own(Door::Gateway).filter(|_| at_url && key && project_url.is_none()),
            other(Door::Studio).filter(|_| studio && !at_url),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn token(&self) -> Source {
        let init = self.init;
        Source { env: init.token_env.clone(), file: self.flags.token_file.clone(), command: init.token_command.clone() }
    }

    fn key(&self) -> Source {
        let init = self.init;
        Source {
            env: init.service_key_env.clone(),
            file: self.flags.service_key_file.clone(),
            command: init.service_key_command.clone(),
        }
    }

    fn password(&self) -> Source {
        let init = self.init;
        Source {
            env: init.studio_password_env.clone(),
            file: init.studio_password_file.clone(),
            command: init.studio_password_command.clone(),
        }
    }

    /// What stands at an address, which is said.
    fn look(&self, url: &Url, asked: Door, ca: Option<&Vec<u8>>) -> Option<Found> {
        if self.init.no_detect {
            return None;
        }
        let reach = Handle::current().block_on(health::reach(url, asked, ca, LOOK, &self.log.noting()));
        if let Err(error) = reach.answer {
            say(&format!("note: {} It is written as you give it.", error.sentence()));
            return None;
        }
        let found = reach.found?;
        let lacks = found.kind.lacks().map(|lacks| format!(" ({lacks})")).unwrap_or_default();
        say(&format!("{} is {}{lacks}", address::place(url), found.kind.words()));
        Some(found)
    }

    /// The door that an address is written as: what was asked for, unless another kind of server stands there and no
    /// credential of the asked kind was named.
    fn fitting(&self, url: &Url, asked: Door, found: &Found) -> Door {
        let Err((_, why)) = fits(found, asked, self.init.studio_user.is_some()) else { return asked };
        let named = match asked {
            Door::ControlPlane => self.token().is_named() || self.flags.login.is_some(),
            Door::Gateway => self.key().is_named(),
            Door::Studio => self.init.studio_user.is_some(),
        };
        let Some(other) = own(found).filter(|_| !named) else {
            say(&format!("note: {} {why}; it is written as you give it", address::place(url)));
            return asked;
        };
        say(&format!("it is written as {}", name(other)));
        other
    }

    /// The lines of a hosted project, with a comment; of all of them where the ref is empty.
    fn hosted(&self, reference: &str) -> Result<[String; 2], Unready> {
        let (lists, reference) = match reference {
            "" => (LISTS, String::new()),
            reference if is_reference(reference) => ("", format!("ref = {}, ", quoted(reference))),
            _ => return Err(Unready(NOT_A_REF.into())),
        };
        let source = self.token().key("token", "the access token", "SUPABASE_ACCESS_TOKEN")?;
        Ok([
            format!("# Hosted by Supabase: the access token gives a project's address and key.{lists}"),
            format!("supabase = {{ {reference}{source} }}"),
        ])
    }

    /// The door that an address comes to in the end, and its lines with a comment.
    fn table(&self, door: Door, found: Option<&Found>, url: &Url) -> Result<(Door, [String; 2]), Unready> {
        let kind = found.map(|found| &found.kind);
        let stack = matches!(kind, Some(ServerKind::SelfHosted | ServerKind::OpenStudio));
        let (door, comment, keys) = match door {
            Door::ControlPlane => {
                let reference = self.reference()?;
                let (comment, source) = self.platform()?;
                let lists = if reference.is_empty() { LISTS } else { "" };
                (door, [comment, lists].concat(), format!("{reference}, {source}"))
            }
            Door::Gateway if stack && !self.key().is_named() && asks() => {
                let what = (
                    "the service key",
                    "a variable, such as ACME_SERVICE_KEY, or a file's path with a /; empty for Studio alone",
                );
                let named = |text: &str| if text.is_empty() { Ok(None) } else { place("service_key", text).map(Some) };
                match asked(what, named)? {
                    Some(source) => (door, KEY.to_owned(), format!(", {source}")),
                    None => (Door::Studio, STUDIO.to_owned(), self.studio(kind)?),
                }
            }
            Door::Gateway => {
                let source = self.key().key("service_key", "the service key", "ACME_SERVICE_KEY")?;
                (door, KEY.to_owned(), format!(", {source}"))
            }
            Door::Studio => (door, STUDIO.to_owned(), self.studio(kind)?),
        };
        Ok((door, [comment, format!("{} = {{ url = {}{keys} }}", name(door), quoted(url.as_str()))]))
    }

    /// The key and value of a control plane's project; empty where one is chosen among those that it lists. Beside
    /// another door, which is one project's, there is no choice.
    fn reference(&self) -> Result<String, Unready> {
        let cli::Connection { url, project_url, reference, supabase_ref, .. } = self.flags;
        let beside = supabase_ref.is_some() || (url.is_some() && project_url.is_some());
        let key = |text: &str| {
            is_reference(text).then(|| format!(", ref = {}", quoted(text))).ok_or_else(|| NOT_A_REF.to_owned())
        };
        if reference.is_some() || beside {
            return given(("the project's ref", ""), reference.clone(), "--ref", key);
        }
        if !asks() {
            return Ok(String::new());
        }
        let what = ("the project's ref", "empty: choose among the account's projects on the screen");
        asked(what, |text| if text.is_empty() { Ok(String::new()) } else { key(text) })
    }

    /// How one gets into a control plane, with a comment.
    fn platform(&self) -> Result<(&'static str, String), Unready> {
        let token = "# The platform's control plane, with a platform token.";
        if self.token().is_named() && self.flags.login.is_some() {
            return Err(Unready("give --login or the token's source: a credential has one source".into()));
        }
        if self.token().is_named() {
            return Ok((token, self.token().key("token", "the platform token", "ACME_TOKEN")?));
        }
        let what = ("your email", "to sign in; for a token, the variable that holds it or a file's path with a /");
        let need = "--login, --token-env, --token-file or --token-command";
        let mut login = None;
        let source = given(what, self.flags.login.clone(), need, |text| {
            if text.contains('@') && !text.contains('/') {
                login = Some(text.to_owned()).filter(|text| is_email(text));
                return login
                    .clone()
                    .map(|email| format!("login = {}", quoted(&email)))
                    .ok_or("that is no email".into());
            }
            if self.flags.login.is_some() {
                Err("--login is the email to sign in with".into())
            } else {
                place("token", text)
            }
        })?;
        if login.is_none() {
            return Ok((token, source));
        }
        let public = |text: &str| match text {
            "" => Ok(String::new()),
            key if key.contains(char::is_whitespace) => Err("a key holds no blanks".into()),
            key if role(&Secret::new(key.to_owned())) == Role::Service => {
                Err("that is a service key, which must not stand in the file: give the public one".to_owned())
            }
            key => Ok(format!(", anon_key = {}", quoted(key))),
        };
        let key = match (&self.init.anon_key, asks()) {
            (Some(key), _) => public(key).map_err(Unready)?,
            (None, true) => asked(
                ("the platform's public key", "`apikey` of its web page's requests; empty where it wants none"),
                public,
            )?,
            (None, false) => String::new(),
        };
        Ok(("# The platform's control plane, signed in to with email and password.", source + &key))
    }

    /// The keys of Studio's credential, where it asks for one.
    fn studio(&self, kind: Option<&ServerKind>) -> Result<String, Unready> {
        let user = match &self.init.studio_user {
            Some(user) => user.clone(),
            None if kind != Some(&ServerKind::SelfHosted) => return Ok(String::new()),
            None => given(("the name that Studio asks for", ""), None, "--studio-user", |name| Ok(name.to_owned()))?,
        };
        let source = self.password().key("password", "Studio's password", "DASHBOARD_PASSWORD")?;
        Ok(format!(", user = {}, {source}", quoted(&user)))
    }
}

/// The door that a server is made for.
const fn own(found: &Found) -> Option<Door> {
    match found.kind {
        ServerKind::ControlPlane => Some(Door::ControlPlane),
        ServerKind::Gateway => Some(Door::Gateway),
        ServerKind::SelfHosted | ServerKind::OpenStudio if found.services => Some(Door::Gateway),
        ServerKind::SelfHosted | ServerKind::OpenStudio => Some(Door::Studio),
        _ => None,
    }
}

/// The door where nothing tells which it is.
fn kind() -> Result<Door, Unready> {
    asked(("what stands there", "c: a control plane, p: a project, s: Studio"), |text| match text {
        "c" => Ok(Door::ControlPlane),
        "p" => Ok(Door::Gateway),
        "s" => Ok(Door::Studio),
        _ => Err("c, p or s is needed here".into()),
    })
}

const KEY: &str = "# The project's own gateway, with its service key.";
const STUDIO: &str = "# The self-hosted console, with the name and password of its HTTP basic where it has them.";

/// A door's table in a profile.
const fn name(door: Door) -> &'static str {
    match door {
        Door::ControlPlane => "control_plane",
        Door::Gateway => "project",
        Door::Studio => "studio",
    }
}

/// Where a credential will come from.
struct Source {
    env: Option<String>,
    file: Option<PathBuf>,
    command: Option<String>,
}

impl Source {
    fn is_named(&self) -> bool {
        self.env.is_some() || self.file.is_some() || self.command.is_some()
    }

    /// The key and value of the profile.
    fn key(self, name: &str, what: &str, example: &str) -> Result<String, Unready> {
        let Self { env, file, command } = self;
        let flags = if name == "password" { "studio-password".to_owned() } else { name.replace('_', "-") };
        match (env, file, command) {
            (Some(env), None, None) => match check_variable(&env) {
                Ok(()) => Ok(format!("{name}_env = {}", quoted(&env))),
                Err(what) => Err(Unready(format!("--{flags}-env {what}"))),
            },
            (None, Some(file), None) => Ok(format!("{name}_file = {}", quoted(&absolute(&file)))),
            (None, None, Some(command)) => Ok(format!("{name}_command = {}", quoted(&command))),
            (None, None, None) => {
                let hint = format!("a variable that holds it, such as {example}, or a file's path with a /");
                let need = format!("--{flags}-env, --{flags}-file or --{flags}-command");
                given((what, &hint), None, &need, |text| place(name, text))
            }
            _ => Err(Unready(format!("give one of --{flags}-env, --{flags}-file and --{flags}-command"))),
        }
    }
}

/// The key and value for a credential's place as a person answers: a path, or a variable.
fn place(name: &str, text: &str) -> Result<String, String> {
    if text.contains('/') {
        return Ok(format!("{name}_file = {}", quoted(&absolute(text.as_ref()))));
    }
    check_variable(text).map_err(|what| format!("it {what}"))?;
    Ok(format!("{name}_env = {}", quoted(text)))
}

/// Whether there is somebody to ask.
fn asks() -> bool {
    io::stdin().is_terminal()
}

/// What is asked for, in words of the middle of a sentence, and what may be said of it.
type What<'a> = (&'a str, &'a str);

/// What a flag gave, else the answer to a question on the terminal, which is asked until it will do.
fn given<T>(
    what: What<'_>,
    value: Option<String>,
    flag: &str,
    mut check: impl FnMut(&str) -> Result<T, String>,
) -> Result<T, Unready> {
    match value {
        Some(value) => check(value.trim()).map_err(Unready),
        None if !asks() => Err(Unready(format!("{} is missing: give {flag}", capital(what.0)))),
        None => asked(what, |text| if text.is_empty() { Err("an answer is needed here".into()) } else { check(text) }),
    }
}

/// Asks until the answer will do.
fn asked<T>((what, hint): What<'_>, mut check: impl FnMut(&str) -> Result<T, String>) -> Result<T, Unready> {
    let hint = if hint.is_empty() { String::new() } else { format!(" ({hint})") };
    loop {
        let mut ask = io::stderr().lock();
        let _ = write!(ask, "{}{hint}: ", capital(what));
        let _ = ask.flush();
        drop(ask);
        let mut line = String::new();
        match io::stdin().lock().read_line(&mut line) {
            Ok(0) => {
                let _ = writeln!(io::stderr());
                return Err(Unready("no more answers came: nothing was changed".into()));
            }
            Ok(_) => match check(line.trim()) {
                Ok(taken) => return Ok(taken),
                Err(why) => say(&why),
            },
            Err(error) => return Err(Unready(format!("the terminal cannot be read ({error}): nothing was changed"))),
        }
    }
}

/// A path that means the same from wherever the program is started. `~/` stays, for the configuration reads it.
fn absolute(path: &Path) -> String {
    if path.starts_with("~") {
        return path.display().to_string();
    }
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
}
