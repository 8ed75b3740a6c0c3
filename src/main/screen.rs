//! The screen: whether there is a terminal for it, and what it begins with.

use std::env;
use std::io::{self, IsTerminal};

use basedeck::api::client::{Client, DoorConfig};
use basedeck::api::offers::Offers;
use basedeck::api::route::Door;
use basedeck::app::{Exit, Start};
use basedeck::cli::Connection;
use basedeck::config::address;
use basedeck::local::log::Log;
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

/// Shows the screen until the person leaves it.
pub fn show(workers: &Handle, log: Log, mut setup: Setup) -> Result<Exit, Unready> {
    let notices = std::mem::take(&mut setup.warnings);
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
        login: None,
        keys_offered: false,
        ask_keys: false,
        colour: env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
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
