//! basedeck: from the arguments to the screen, a command or the demo server, and to an exit code; nothing else.

use std::env;
use std::io::{self, IsTerminal};
use std::process::ExitCode;

use basedeck::api::client::install_tls;
use basedeck::cli::{Cli, Command};
use basedeck::headless::{self, USAGE, say};
use basedeck::local::log::Log;
use basedeck::local::{self, Setup, Unready};
use clap::Parser;
use tokio::runtime::{Builder, Runtime};

#[cfg(feature = "demo")]
#[path = "main/embedded.rs"]
mod embedded;

/// What the screen is left with.
enum Left {
    /// The program is over.
    Code(u8),
    /// The first screen's wish.
    #[cfg(feature = "demo")]
    #[expect(dead_code, reason = "wished for by the first screen, which is not there yet")]
    StartDemo,
}

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
    let Some(command) = cli.command.clone() else { return screen(runtime, &cli, &log) };
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
fn screen(runtime: &Runtime, cli: &Cli, log: &Log) -> Result<u8, Unready> {
    // A token may come by a pipe: keys are then read from the terminal that stdout shows on.
    let terminal = io::stdout().is_terminal() && (io::stdin().is_terminal() || cli.connection.token_stdin);
    if !terminal || env::var_os("TERM").is_some_and(|term| term == "dumb") {
        return Err(Unready("the screen needs a terminal: use one, or a command such as `basedeck users list`".into()));
    }
    #[cfg(feature = "demo")]
    if cli.demo.demo {
        return demo(runtime, cli, log);
    }
    match show(runtime, local::connect(&headless::inputs(&cli.connection))?, log) {
        Left::Code(code) => Ok(code),
        #[cfg(feature = "demo")]
        Left::StartDemo => demo(runtime, cli, log),
    }
}

/// The screen on a demo of its own.
#[cfg(feature = "demo")]
fn demo(runtime: &Runtime, cli: &Cli, log: &Log) -> Result<u8, Unready> {
    loop {
        let (_server, setup) = runtime.block_on(embedded::start(cli))?;
        if let Left::Code(code) = show(runtime, setup, log) {
            return Ok(code);
        }
    }
}

/// The one place where the screen is opened.
fn show(_runtime: &Runtime, _setup: Setup, _log: &Log) -> Left {
    say("this build has no screen");
    Left::Code(USAGE)
}
