//! The screen: whether there is a terminal for it, and what it begins with.

use std::collections::BTreeSet;
use std::env;
use std::io::{self, IsTerminal};

use basedeck::api::client::{Client, DoorConfig};
use basedeck::api::offers::Offers;
use basedeck::api::route::Door;
use basedeck::app::op::keymap::{Fault, Keymap, Override};
use basedeck::app::{Exit, Start};
use basedeck::cli::Connection;
use basedeck::config::{Binding, Bindings, Config, address};
use basedeck::local::log::Log;
use basedeck::local::setup::configuration;
use basedeck::local::{Setup, Unready};
use basedeck::runtime::{self, ScreenSetup};
use tokio::runtime::Handle;

/// Refuses where no screen can be shown.
pub fn check(flags: &Connection) -> Result<(), Unready> {
    // A token may come by a pipe: keys are read from the terminal that stdout shows on.
    let terminal = io::stdout().is_terminal() && (io::stdin().is_terminal() || flags.token_stdin);
    if terminal && env::var_os("TERM").is_none_or(|term| term != "dumb") {
        return Ok(());
    }
    Err(Unready("the screen needs a terminal: use one, or a command such as `basedeck users list`".into()))
}

/// What the configuration says of the screen itself.
#[derive(Clone)]
pub struct Settings {
    keymap: Keymap,
    mouse: bool,
    /// The names of the profiles that may have been opened.
    profiles: BTreeSet<String>,
    file: Option<String>,
}

impl Settings {
    /// For what no profile describes.
    #[cfg(feature = "demo")]
    pub fn without_profiles(self) -> Self {
        Self { profiles: BTreeSet::new(), ..self }
    }

    /// The flags that make a command connect as this does.
    fn reach(&self, setup: &Setup) -> Vec<String> {
        let flags: Vec<(&str, String)> = if self.profiles.contains(&setup.name) {
            let file = self.file.clone().map(|file| ("--config", file));
            file.into_iter().chain([("--profile", setup.name.clone())]).collect()
        } else {
            let of = |config: &DoorConfig| {
                let base = config.base.to_string();
                match config.door {
                    Door::ControlPlane => {
                        vec![("--url", base), ("--ref", config.reference.clone().unwrap_or_default())]
                    }
                    Door::Gateway => vec![("--project-url", base)],
                    Door::Studio => Vec::new(),
                }
            };
            setup.connection.doors.iter().flat_map(of).collect()
        };
        flags.into_iter().flat_map(|(flag, value)| [flag.to_owned(), value]).collect()
    }
}

/// Reads what the configuration says of the screen; a fault in its keys is refused.
pub fn settings(flags: &Connection) -> Result<Settings, Unready> {
    let config = configuration(flags.config.as_deref())?;
    let (keymap, faults) = keys(&config);
    match faults.split_first() {
        None => Ok(Settings {
            keymap,
            mouse: config.mouse,
            profiles: config.profiles.into_keys().collect(),
            file: flags.config.as_ref().map(|file| file.display().to_string()),
        }),
        Some((fault, [])) => Err(Unready(fault.clone())),
        Some((fault, more)) => {
            Err(Unready(format!("{fault} (and {} more: `basedeck config check` tells all)", more.len())))
        }
    }
}

/// What is wrong with the keys of a configuration, one sentence each.
pub fn faults(config: &Config) -> Vec<String> {
    keys(config).1
}

fn keys(config: &Config) -> (Keymap, Vec<String>) {
    let Bindings { file, all } = &config.keys;
    let overrides: Vec<_> = all
        .iter()
        .map(|Binding { name, place, keys }| Override { name: name.clone(), place: *place, keys: keys.clone() })
        .collect();
    let (keymap, faults) = Keymap::with(&overrides);
    let told =
        faults.into_iter().map(|Fault { place: (line, column), what }| format!("{file}:{line}:{column}: {what}"));
    (keymap, told.collect())
}

/// Shows the screen until the person leaves it.
pub fn show(workers: &Handle, log: Log, mut setup: Setup, screen: Settings) -> Result<Exit, Unready> {
    let notices = std::mem::take(&mut setup.warnings);
    let reach = screen.reach(&setup);
    let connected = setup.is_connected();
    let place = setup.connection.doors.first().map(|door| address::place(&door.base)).unwrap_or_default();
    // The address stands once: as the name, or beside a profile's.
    let place = if place == setup.name { String::new() } else { place };
    let reference = setup.reference().map_or(place, str::to_owned);
    let who: Vec<_> = setup.connection.doors.iter().map(signed_in).collect();
    let read_only = setup.connection.read_only;
    let client = connected.then(|| Client::new(setup.connection));
    let start = Start {
        name: setup.name,
        reference,
        reach,
        color: setup.color,
        read_only,
        protected: setup.protected,
        locked: setup.locked,
        offers: client.as_ref().map_or_else(|| Offers::new(&[]), Client::offers),
        who: who.join(" + "),
        notices,
        poll: setup.poll,
        connected,
        demo: cfg!(feature = "demo"),
        colour: env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        keymap: screen.keymap,
        mouse: screen.mouse,
    };
    runtime::run(ScreenSetup { start, client, log }, workers).map_err(|error| Unready(error.to_string()))
}

/// Who one is at a door, as far as that is known.
fn signed_in(door: &DoorConfig) -> String {
    match (door.door, &door.user) {
        (Door::Studio, Some(user)) => user.clone(),
        (Door::Studio, None) => "open Studio".into(),
        _ => door.door.credential().into(),
    }
}
