//! basedeck: from the arguments to the screen, a command or the demo server, and to an exit code; nothing else.

use std::env;
use std::io::{self, IsTerminal};
use std::process::ExitCode;

use basedeck::api::client::{Client, install_tls};
use basedeck::api::offers::Offers;
use basedeck::api::route::Door;
use basedeck::app::{Exit, Start};
use basedeck::cli::{Cli, Command};
use basedeck::headless::{self, USAGE, say};
use basedeck::local::log::Log;
use basedeck::local::{self, Setup, Unready};
use basedeck::runtime::{self, ScreenSetup};
use clap::Parser;
use tokio::runtime::{Builder, Runtime};

#[cfg(feature = "demo")]
#[path = "main/embedded.rs"]
mod embedded;

fn main() -> ExitCode {
    local::panic::install();
    install_tls();
    let cli = Cli::parse();
    let code = match Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => {
            let code = start(&runtime, cli);
            // What hangs in a task, such as a pipe that nobody reads, does not hold up the end.
            runtime.shutdown_background();
            code
        }
        Err(error) => Err(Unready(format!("the system gives no threads ({error}): try again"))),
    };
    ExitCode::from(code.unwrap_or_else(|why| {
        say(&why.0);
        USAGE
    }))
}

fn start(runtime: &Runtime, cli: Cli) -> Result<u8, Unready> {
    #[cfg(feature = "demo")]
    if let Some(Command::DemoServer(how)) = &cli.command {
        return runtime.block_on(embedded::serve(how));
    }
    let log = Log::open(cli.connection.log.as_deref())?;
    let Some(command) = cli.command.clone() else { return screen(runtime, &cli) };
    #[cfg(feature = "demo")]
    if cli.demo.demo {
        let (_server, setup) = runtime.block_on(embedded::start(&cli))?;
        return Ok(runtime.block_on(headless::run(command, setup, log)));
    }
    let setup = local::connect(&headless::inputs(&cli.connection))?;
    Ok(runtime.block_on(headless::run(command, setup, log)))
}

/// Shows the screen until the program is over; the exit code. Where the screen asks for the demo, it is started and the
/// screen opens again on it.
fn screen(runtime: &Runtime, cli: &Cli) -> Result<u8, Unready> {
    // A token may come by a pipe: keys are then read from the terminal that stdout shows on.
    let terminal = io::stdout().is_terminal() && (io::stdin().is_terminal() || cli.connection.token_stdin);
    if !terminal || env::var_os("TERM").is_some_and(|term| term == "dumb") {
        return Err(Unready("the screen needs a terminal: use one, or a command such as `basedeck users list`".into()));
    }
    #[cfg(feature = "demo")]
    if cli.demo.demo {
        return demo(runtime, cli);
    }
    match show(runtime, local::connect(&headless::inputs(&cli.connection))?)? {
        Exit::Code(code) => Ok(code),
        #[cfg(feature = "demo")]
        Exit::StartDemo => demo(runtime, cli),
        #[cfg(not(feature = "demo"))]
        Exit::StartDemo => Ok(0),
    }
}

/// The screen on a demo of its own.
#[cfg(feature = "demo")]
fn demo(runtime: &Runtime, cli: &Cli) -> Result<u8, Unready> {
    loop {
        let (_server, setup) = runtime.block_on(embedded::start(cli))?;
        if let Exit::Code(code) = show(runtime, setup)? {
            return Ok(code);
        }
    }
}

/// The one place where the screen is opened.
fn show(runtime: &Runtime, setup: Setup) -> Result<Exit, Unready> {
    let connected = setup.is_connected();
    let doors: Vec<Door> = setup.connection.doors.iter().map(|door| door.door).collect();
    let start = Start {
        name: setup.name.clone(),
        reference: setup.reference().unwrap_or_default().to_owned(),
        color: setup.color,
        read_only: setup.connection.read_only,
        protected: setup.protected,
        offers: Offers::new(&doors),
        who: doors.iter().map(|door| door.credential()).collect::<Vec<_>>().join(" · "),
        notices: setup.warnings,
        poll: setup.poll,
        connected,
        demo: cfg!(feature = "demo"),
        colour: env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    };
    let client = connected.then(|| Client::new(setup.connection));
    runtime::run(ScreenSetup { start, client }, runtime.handle()).map_err(|error| Unready(error.to_string()))
}
