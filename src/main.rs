//! basedeck: from the arguments to the screen, a command or the demo server, and to an exit code; nothing else.

use std::env;
use std::process::ExitCode;

use basedeck::api::client::install_tls;
use basedeck::app::Exit;
use basedeck::cli::{Cli, Command};
use basedeck::headless::{self, USAGE, say};
use basedeck::local::log::Log;
use basedeck::local::setup::{configuration, connect_by};
use basedeck::local::{self, Unready, discover, workers};
use clap::Parser;
use tokio::runtime::Runtime;

#[cfg(feature = "demo")]
#[path = "main/embedded.rs"]
mod embedded;
#[path = "main/screen.rs"]
mod screen;

fn main() -> ExitCode {
    local::panic::install();
    install_tls();
    let cli = Cli::parse().placed().map_err(Unready);
    let code = workers::with(|runtime| start(runtime, cli?))
        .unwrap_or_else(|error| Err(Unready(format!("the system gives no threads ({error}): try again"))));
    ExitCode::from(code.unwrap_or_else(|why| {
        say(&why.0);
        USAGE
    }))
}

fn start(runtime: &Runtime, cli: Cli) -> Result<u8, Unready> {
    #[cfg(feature = "demo")]
    if let Some(Command::DemoServer(how)) = &cli.command {
        if cli.connection.is_given() {
            return Err(Unready("demo-server connects to nothing: leave out the flags of a connection".into()));
        }
        return runtime.block_on(embedded::serve(how));
    }
    let log = || Log::open(cli.connection.log.as_deref());
    if let Some(Command::Config(what)) = &cli.command {
        let _runtime = runtime.enter();
        return Ok(headless::config(what, &cli.connection, &screen::faults, &log()?));
    }
    if let (Some(place), Some(_)) = (&cli.place, &cli.command) {
        return Err(Unready(format!("{place} is a place on the screen: a command takes the profile's name alone")));
    }
    if let Some(Command::Doctor(how)) = &cli.command {
        return Ok(runtime.block_on(headless::doctor(how, &cli.connection, &screen::faults, &log()?)));
    }
    let Some(command) = cli.command.clone() else {
        screen::check(&cli.connection)?;
        return open(runtime, &cli, log()?);
    };
    let log = log()?;
    #[cfg(feature = "demo")]
    if cli.demo.demo {
        let (_server, setup) = runtime.block_on(embedded::start(&cli))?;
        return Ok(runtime.block_on(headless::run(command, setup, log)));
    }
    let mut inputs = headless::inputs(&cli.connection);
    let config = configuration(cli.connection.config.as_deref())?;
    if matches!(command, Command::Login(_) | Command::Logout(_)) {
        headless::alone(&command, &mut inputs, &config)?;
    }
    let setup = connect_by(&inputs, &config)?;
    Ok(runtime.block_on(headless::run(command, setup, log)))
}

/// Shows the screen until the program is over; the exit code. Where the first screen asks for the demo or for the
/// project of the files here, the screen opens again on it.
fn open(runtime: &Runtime, cli: &Cli, log: Log) -> Result<u8, Unready> {
    #[cfg(feature = "demo")]
    if cli.demo.demo {
        return demo(runtime, cli, log);
    }
    let config = configuration(cli.connection.config.as_deref())?;
    let settings = screen::settings(&config)?;
    let inputs = screen::asked(cli);
    let mut setup = connect_by(&inputs, &config)?;
    loop {
        let here = (!setup.is_connected()).then(|| env::current_dir().ok()).flatten();
        let local = here.and_then(|folder| discover::found(&folder));
        let asked = (inputs.clone(), local.as_ref());
        match (screen::show(runtime.handle(), log.clone(), setup, cli, settings.clone(), asked)?, local) {
            (Exit::Code(code), _) => return Ok(code),
            (Exit::OpenLocal, Some(local)) => match discover::connect(&local, &inputs) {
                Ok(found) => setup = found,
                // Back to the first screen, which says why.
                Err(why) => {
                    setup = connect_by(&inputs, &config)?;
                    setup.warnings.push(why.0);
                }
            },
            #[cfg(feature = "demo")]
            (Exit::StartDemo, _) => return demo(runtime, cli, log),
            _ => return Ok(USAGE),
        }
    }
}

/// The screen on a demo of its own, which ends with it and of which nothing is remembered.
#[cfg(feature = "demo")]
fn demo(runtime: &Runtime, cli: &Cli, log: Log) -> Result<u8, Unready> {
    let settings = screen::settings(&configuration(cli.connection.config.as_deref())?)?;
    let (_server, setup) = runtime.block_on(embedded::start(cli))?;
    match screen::show(runtime.handle(), log, setup, cli, settings, (screen::asked(cli), None))? {
        Exit::Code(code) => Ok(code),
        Exit::StartDemo | Exit::OpenLocal => Ok(USAGE),
    }
}
