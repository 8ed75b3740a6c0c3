//! `basedeck config`: where the configuration lies, what it comes to, and a new profile in it. Of servers only the new
//! profile's is asked, without any credential, which kind it is.

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::PathBuf;
use std::time::Duration;

use tokio::runtime::Handle;
use url::Url;

use super::print::{Results, refuse, say};
use super::{DONE, PARTLY, USAGE, inputs};
use crate::api::detect::{ServerKind, fits};
use crate::api::health;
use crate::api::route::Door;
use crate::cli::{self, Init};
use crate::config::file::{COLORS, check_name, quoted};
use crate::config::{Config, address, paths};
use crate::local::{Unready, profiles, setup};
use crate::text::clean;
use crate::text::reference::is_reference;

/// How long each answer to the question what stands at an address is waited for.
const LOOK: Duration = Duration::from_secs(5);

/// Runs the command; the exit code. `faults` tells what is wrong with the screen's keys, which are not known here.
pub fn run(what: &cli::Config, flags: &cli::Connection, faults: &dyn Fn(&Config) -> Vec<String>) -> u8 {
    let Some(path) = flags.config.clone().or_else(paths::config_file) else {
        return refuse("this system names no home: give the file with --config", USAGE);
    };
    let done = match what {
        cli::Config::Path => print(&format!("{}\n", path.display())),
        cli::Config::Check => return check(flags, faults),
        cli::Config::Init(init) => add(init, flags, &path),
    };
    match done {
        Ok(()) => DONE,
        Err(why) => refuse(&why.0, USAGE),
    }
}

fn print(text: &str) -> Result<(), Unready> {
    let mut out = Results::new();
    out.plain(text).and_then(|()| out.flush()).map_err(|error| Unready(format!("stdout takes nothing ({error})")))
}

/// Each profile and its doors on stdout, what is missing on stderr.
fn check(flags: &cli::Connection, faults: &dyn Fn(&Config) -> Vec<String>) -> u8 {
    let config = match setup::configuration(flags.config.as_deref()) {
        Ok(config) => config,
        Err(why) => return refuse(&why.0, USAGE),
    };
    for warning in &config.warnings {
        say(warning);
    }
    if config.profiles.is_empty() {
        say("there are no profiles: `basedeck config init` makes one");
    }
    let mut code = DONE;
    for fault in faults(&config) {
        code = USAGE;
        say(&fault);
    }
    let mut text = String::new();
    for (name, profile) in &config.profiles {
        let asked = cli::Connection { profile: Some(name.clone()), ..cli::Connection::default() };
        for warning in &profile.warnings {
            say(warning);
        }
        match setup::review(&inputs(&asked).flags, &config) {
            Ok((plan, missing)) => {
                let doors: Vec<String> =
                    plan.doors.iter().map(|door| format!("{} {}", door.door.name(), door.base)).collect();
                let guard = match (plan.protected, plan.read_only) {
                    (true, _) => ", protected",
                    (false, true) => ", read-only",
                    (false, false) => "",
                };
                text.push_str(&clean::line(&format!("{name}: {}{guard}", doors.join(", "))));
                text.push('\n');
                for what in missing.iter().flatten() {
                    code = code.max(PARTLY);
                    say(&format!("{name}: {what}"));
                }
            }
            Err(why) => {
                code = USAGE;
                say(&format!("{name}: {}", why.0));
            }
        }
    }
    match print(&text) {
        Ok(()) => code,
        Err(why) => refuse(&why.0, PARTLY),
    }
}

/// Asks on a terminal what the flags leave open, and adds the profile.
fn add(init: &Init, flags: &cli::Connection, path: &std::path::Path) -> Result<(), Unready> {
    let name = given("The profile's name", init.name.clone(), "its NAME")?;
    check_name(&name).map_err(|what| Unready(format!("the profile's name {what}")))?;
    if let Some(color) = init.color.as_deref().filter(|color| !COLORS.contains(color)) {
        return Err(Unready(format!("there is no colour {color}; there is: {}", COLORS.join(", "))));
    }
    let ca = flags.ca_file.as_deref().map(setup::certificates).transpose()?;
    let mut doors = Vec::new();
    if let Some(reference) = &flags.supabase_ref {
        if !is_reference(reference) {
            return Err(Unready("--supabase-ref is the project's short id: letters, digits, `-` and `_`".into()));
        }
        let source = by_token(init, flags).key("token", "the access token", "SUPABASE_ACCESS_TOKEN")?;
        doors.push("# Hosted by Supabase: the access token gives the project's address and key.".to_owned());
        doors.push(format!("supabase = {{ ref = {}, {source} }}", quoted(reference)));
    }
    let asked = [(&flags.url, Door::ControlPlane, "--url"), (&flags.project_url, Door::Gateway, "--project-url")];
    let mut addresses: Vec<_> =
        asked.into_iter().filter_map(|(url, door, flag)| Some((url.clone()?, door, flag))).collect();
    if addresses.is_empty() && doors.is_empty() {
        let url = given("The project's address", None, "--project-url, or --url and --ref, or --supabase-ref")?;
        addresses.push((url, Door::Gateway, "--project-url"));
    }
    for (url, door, flag) in addresses {
        let url = address::check(&url).map_err(|what| Unready(format!("{flag} {what}")))?;
        let door = chosen(&url, door, init, flags, ca.as_ref());
        doors.extend(table(door, &url, init, flags)?);
    }
    let mut lines = vec![format!("[profiles.{}]", quoted_key(&name))];
    lines.extend(init.color.as_deref().map(|color| format!("color = {}", quoted(color))));
    for (is, line) in [
        (init.protected, "protected = true    # read-only until unlocked for the session"),
        (flags.read_only, "read_only = true"),
        (flags.allow_http, "allow_http = true    # credentials cross the network in the clear"),
    ] {
        lines.extend(is.then(|| line.to_owned()));
    }
    lines.extend(flags.ca_file.as_deref().map(|file| format!("ca_file = {}", quoted(&absolute(file)))));
    lines.extend(doors);
    let block = lines.join("\n") + "\n";
    profiles::append(path, &name, &block)?;
    say(&format!("added profile {name} to {}: open it with `basedeck {name}`", path.display()));
    Ok(())
}

fn by_token(init: &Init, flags: &cli::Connection) -> Source {
    Source { env: init.token_env.clone(), file: flags.token_file.clone(), command: init.token_command.clone() }
}

fn by_key(init: &Init, flags: &cli::Connection) -> Source {
    Source {
        env: init.service_key_env.clone(),
        file: flags.service_key_file.clone(),
        command: init.service_key_command.clone(),
    }
}

/// The door that an address is written as: what was asked for, unless another kind of server stands there and no
/// credential of the asked kind was named. What was found is said.
fn chosen(url: &Url, asked: Door, init: &Init, flags: &cli::Connection, ca: Option<&Vec<u8>>) -> Door {
    let asked = if init.studio_user.is_some() && asked == Door::Gateway { Door::Studio } else { asked };
    if init.no_detect {
        return asked;
    }
    let place = address::place(url);
    let reach = Handle::current().block_on(health::reach(url, asked, ca, LOOK));
    let found = match (reach.answer, reach.found) {
        (Err(error), _) => {
            say(&format!("note: {} It is written as you gave it.", error.sentence()));
            return asked;
        }
        (Ok(_), None) => return asked,
        (Ok(_), Some(found)) => found,
    };
    let lacks = found.kind.lacks().map(|lacks| format!(" ({lacks})")).unwrap_or_default();
    say(&format!("{place} is {}{lacks}", found.kind.words()));
    let Err((_, why)) = fits(&found, asked, init.studio_user.is_some()) else { return asked };
    let named = match asked {
        Door::ControlPlane => by_token(init, flags).is_named(),
        Door::Gateway => by_key(init, flags).is_named(),
        Door::Studio => init.studio_user.is_some(),
    };
    let other = match found.kind {
        _ if named => None,
        ServerKind::ControlPlane => Some(Door::ControlPlane),
        ServerKind::Gateway => Some(Door::Gateway),
        ServerKind::SelfHosted | ServerKind::OpenStudio if found.services => Some(Door::Gateway),
        ServerKind::SelfHosted | ServerKind::OpenStudio => Some(Door::Studio),
        _ => None,
    };
    let Some(other) = other else {
        say(&format!("note: {place} {why}; it is written as you gave it"));
        return asked;
    };
    say(&format!("it is written as {}", name(other)));
    other
}

/// A door's table in a profile.
const fn name(door: Door) -> &'static str {
    match door {
        Door::ControlPlane => "control_plane",
        Door::Gateway => "project",
        Door::Studio => "studio",
    }
}

/// The lines of a door, with a comment.
fn table(door: Door, url: &Url, init: &Init, flags: &cli::Connection) -> Result<[String; 2], Unready> {
    let (comment, keys) = match door {
        Door::ControlPlane => {
            let reference = given("The project's ref", flags.reference.clone(), "--ref")?;
            if !is_reference(&reference) {
                return Err(Unready("the ref is the project's short id: letters, digits, `-` and `_`".into()));
            }
            let source = by_token(init, flags).key("token", "the platform token", "ACME_TOKEN")?;
            (
                "# The platform's control plane, with a platform token.",
                format!(", ref = {}, {source}", quoted(&reference)),
            )
        }
        Door::Gateway => {
            let source = by_key(init, flags).key("service_key", "the service key", "ACME_SERVICE_KEY")?;
            ("# The project's own gateway, with its service key.", format!(", {source}"))
        }
        Door::Studio => {
            let keys = match &init.studio_user {
                None => String::new(),
                Some(user) => {
                    let source = Source {
                        env: init.studio_password_env.clone(),
                        file: init.studio_password_file.clone(),
                        command: init.studio_password_command.clone(),
                    };
                    let source = source.key("password", "Studio's password", "DASHBOARD_PASSWORD")?;
                    format!(", user = {}, {source}", quoted(user))
                }
            };
            ("# The self-hosted console, with the name and password of its HTTP basic where it has them.", keys)
        }
    };
    Ok([comment.to_owned(), format!("{} = {{ url = {}{keys} }}", name(door), quoted(url.as_str()))])
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
            (Some(env), None, None) => Ok(format!("{name}_env = {}", quoted(&env))),
            (None, Some(file), None) => Ok(format!("{name}_file = {}", quoted(&absolute(&file)))),
            (None, None, Some(command)) => Ok(format!("{name}_command = {}", quoted(&command))),
            (None, None, None) => {
                let question = format!("The variable that holds {what} (such as {example}), or a file's path with a /");
                let need = format!("--{flags}-env, --{flags}-file or --{flags}-command");
                let answer = given(&question, None, &need)?;
                if answer.contains('/') {
                    Ok(format!("{name}_file = {}", quoted(&absolute(answer.as_ref()))))
                } else {
                    Ok(format!("{name}_env = {}", quoted(&answer)))
                }
            }
            _ => Err(Unready(format!("give one of --{flags}-env, --{flags}-file and --{flags}-command"))),
        }
    }
}

/// What a flag gave, else the answer to a question on the terminal.
fn given(question: &str, value: Option<String>, flag: &str) -> Result<String, Unready> {
    if let Some(value) = value {
        return Ok(value);
    }
    let stdin = io::stdin();
    if !stdin.is_terminal() {
        return Err(Unready(format!("{question} is missing: give {flag}")));
    }
    let mut line = String::new();
    let mut ask = io::stderr().lock();
    let _ = write!(ask, "{question}: ");
    let _ = ask.flush();
    stdin.lock().read_line(&mut line).map_err(|error| Unready(format!("the terminal cannot be read ({error})")))?;
    match line.trim() {
        "" => Err(Unready(format!("{question} is missing: nothing was changed"))),
        answer => Ok(answer.to_owned()),
    }
}

/// A path that means the same from wherever the program is started. `~/` stays, for the configuration reads it.
fn absolute(path: &std::path::Path) -> String {
    if path.starts_with("~") {
        return path.display().to_string();
    }
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
}

fn quoted_key(name: &str) -> String {
    if name.contains('.') { quoted(name) } else { name.to_owned() }
}
