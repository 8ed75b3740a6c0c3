//! The screen's I/O: the loop with its terminal at one end and its effects at the other. It decides nothing that the
//! person sees; that is `app`'s, and `ui`'s.

mod clipboard;
mod effects;
mod event_loop;
mod frame;
mod input;
mod terminal;

use std::io;

use ratatui::layout::Size;
use tokio::runtime::{Builder, Handle};
use tokio::sync::mpsc;

use self::effects::Effects;
use self::event_loop::{Leave, Loop};
use self::input::Input;
pub use self::terminal::TerminalError;
use self::terminal::{ENTER, Guard, MOUSE, SignalStream, Tty};
use crate::api::client::Client;
use crate::app::cx::Cx;
use crate::app::{App, Exit, Start};
use crate::local::log::Log;
use crate::local::secrets;

/// So many answers wait for the loop; then their tasks do.
const ANSWERS: usize = 256;
/// The size of a terminal that does not tell its own.
const USUAL: Size = Size { width: 80, height: 24 };

/// What the screen needs.
pub struct ScreenSetup {
    /// What it begins with.
    pub start: Start,
    /// The connection; without one the first screen opens.
    pub client: Option<Client>,
    /// Where requests and uploads are written down.
    pub log: Log,
}

/// Shows the screen until the person leaves it, and restores the terminal. `workers` is the runtime that carries out
/// requests and jobs: never the drawing thread. To be called outside any runtime, on the main thread.
pub fn run(setup: ScreenSetup, workers: &Handle) -> Result<Exit, TerminalError> {
    let runtime = Builder::new_current_thread().enable_all().build().map_err(TerminalError::Start)?;
    runtime.block_on(show(setup, workers))
}

async fn show(setup: ScreenSetup, workers: &Handle) -> Result<Exit, TerminalError> {
    let seed = secrets::seed().map_err(|why| TerminalError::Start(io::Error::other(why)))?;
    terminal::guard_panics();
    let mut tty = &Tty::open()?;
    // Heard before the size is read: no change of it is missed.
    let mut signals = SignalStream::new(tty).map_err(TerminalError::Start)?;
    let mut guard = Guard::enter(tty)?;
    let now = jiff::Timestamp::now();
    let cx = Cx::new(now, tty.size().unwrap_or(USUAL), seed);
    let enter = if setup.start.mouse { [ENTER, MOUSE].concat() } else { ENTER.to_vec() };
    let app = App::new(setup.start, now);
    let mut event_loop = Loop::new(app, cx, &enter).map_err(TerminalError::Start)?;
    let (sender, mut answers) = mpsc::channel(ANSWERS);
    let mut effects = Effects::new(workers.clone(), sender, setup.client, setup.log);
    loop {
        let mut input = Input::new(tty, signals);
        match event_loop.run(&mut input, &mut answers, &mut effects, &mut tty).await {
            Leave::Exit(exit) => return Ok(exit),
            Leave::Suspend => {
                drop(input);
                drop(guard);
                // A system that cannot stop it: it goes on.
                let _ = terminal::stop().await;
                guard = Guard::enter(tty)?;
            }
            Leave::GoneOn => Guard::renew(tty)?,
        }
        signals = SignalStream::new(tty).map_err(TerminalError::Start)?;
        event_loop.resume(tty.size().unwrap_or(USUAL), &enter);
    }
}
