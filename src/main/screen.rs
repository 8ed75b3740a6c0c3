//! The screen: whether there is a terminal for it, and what it begins with.

use std::env;
use std::io::{self, IsTerminal};

use basedeck::app::Exit;
use basedeck::app::op::keymap::{Fault, Keymap, Override};
use basedeck::app::place::Place;
use basedeck::cli::{Cli, Connection};
use basedeck::config::{Binding, Bindings, Config};
use basedeck::headless::inputs;
use basedeck::local::discover::Local;
use basedeck::local::log::Log;
use basedeck::local::{Inputs, Setup, Unready};
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

/// What the connection's flags ask for on a screen, where a person may choose among profiles.
pub fn asked(cli: &Cli) -> Inputs {
    let mut inputs = inputs(&cli.connection);
    inputs.flags.choose = true;
    inputs
}

/// What the configuration says of the screen itself.
#[derive(Clone)]
pub struct Settings {
    keymap: Keymap,
    mouse: bool,
}

/// Reads what the configuration says of the screen; a fault in its keys is refused.
pub fn settings(config: &Config) -> Result<Settings, Unready> {
    let (keymap, faults) = keys(config);
    match faults.split_first() {
        None => Ok(Settings { keymap, mouse: config.mouse }),
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

/// Shows the screen until the person leaves it. `inputs` are what it reaches other projects with; `local` are files that
/// may name a project.
pub fn show(
    workers: &Handle,
    log: Log,
    setup: Setup,
    cli: &Cli,
    settings: Settings,
    (inputs, local): (Inputs, Option<&Local>),
) -> Result<Exit, Unready> {
    let place = place(cli)?;
    let colour = env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let demo = cfg!(feature = "demo");
    let Settings { keymap, mouse } = settings;
    let local = local.map(Local::name);
    let screen = ScreenSetup { setup, inputs, place, local, demo, colour, keymap, mouse, log };
    runtime::run(screen, workers).map_err(|error| Unready(error.to_string()))
}

/// The place behind the profile's name.
fn place(cli: &Cli) -> Result<Option<Place>, Unready> {
    let Some(place) = &cli.place else { return Ok(None) };
    Place::parse(place).map_err(|what| Unready(format!("{place} {what}")))
}
