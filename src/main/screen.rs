//! The screen: whether there is a terminal for it, and what it begins with.

use std::env;
use std::io::{self, IsTerminal};

use basedeck::app::Exit;
use basedeck::app::place::Place;
use basedeck::cli::{Cli, Connection};
use basedeck::headless::inputs;
use basedeck::local::discover::Local;
use basedeck::local::log::Log;
use basedeck::local::state::Store;
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

/// Shows the screen until the person leaves it. Without a store nothing is remembered; `local` are files that may name a
/// project.
pub fn show(
    workers: &Handle,
    log: Log,
    setup: Setup,
    cli: &Cli,
    (store, local): (Option<Store>, Option<&Local>),
) -> Result<Exit, Unready> {
    let place = place(cli)?;
    let colour = env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let demo = cfg!(feature = "demo");
    let screen = ScreenSetup {
        setup,
        inputs: inputs(&cli.connection),
        place,
        store,
        local: local.map(Local::name),
        demo,
        colour,
        log,
    };
    runtime::run(screen, workers).map_err(|error| Unready(error.to_string()))
}

/// The place behind the profile's name.
fn place(cli: &Cli) -> Result<Option<Place>, Unready> {
    let Some(place) = &cli.place else { return Ok(None) };
    Place::parse(place).map_err(|what| Unready(format!("{place} {what}")))
}
