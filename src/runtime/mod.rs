//! The screen's I/O: the loop with its terminal at one end and its effects at the other. It decides nothing that the
//! person sees; that is `app`'s, and `ui`'s.

mod begin;
mod clipboard;
mod effects;
mod event_loop;
mod frame;
mod input;
mod terminal;

use std::io;
use std::time::Duration;

use ratatui::layout::Size;
use tokio::runtime::{Builder, Handle};
use tokio::sync::mpsc;
use tokio::time::timeout;

use self::effects::Effects;
use self::effects::projects::{self, Notes, Opened, Projects};
use self::event_loop::{Leave, Loop};
use self::input::Input;
pub use self::terminal::TerminalError;
use self::terminal::{ENTER, Guard, MOUSE, SignalStream, Tty};
use crate::api::client::Client;
use crate::api::offers::Offers;
use crate::app::cx::Cx;
use crate::app::op::keymap::Keymap;
use crate::app::place::Place;
use crate::app::{App, Exit, Start};
use crate::local::log::Log;
use crate::local::secrets;
use crate::local::state::Store;
use crate::local::{Inputs, Setup};

/// So many answers wait for the loop; then their tasks do.
const ANSWERS: usize = 256;
/// The size of a terminal that does not tell its own.
const USUAL: Size = Size { width: 80, height: 24 };

/// So long the program lives on, once the terminal is given back, for a server to hear of a sign-in whose code was not
/// given. One that does not answer by then ends that session by itself.
const LEAVING: Duration = Duration::from_secs(1);

/// What the screen needs.
pub struct ScreenSetup {
    /// The connection; without a door the first screen opens.
    pub setup: Setup,
    /// The flags, for the other profiles, and where it is remembered how one left a project.
    pub inputs: Inputs,
    /// The place to open on.
    pub place: Option<Place>,
    /// Files that may name a project of local development, not yet read.
    pub local: Option<String>,
    /// Whether the demo can be started from here.
    pub demo: bool,
    /// Whether to use colours.
    pub colour: bool,
    /// The keys.
    pub keymap: Keymap,
    /// Whether to hear clicks and the wheel.
    pub mouse: bool,
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
    let ScreenSetup { mut setup, inputs, place, local, demo, colour, keymap, mouse, log } = setup;
    let (sender, mut answers) = mpsc::channel(ANSWERS);
    let notes = Notes { log: log.clone(), screen: sender.clone() };
    let opened = setup.is_connected().then(|| Opened::new(&setup, &notes));
    let client = opened.as_ref().map(Opened::client);
    let offers = client.as_ref().map_or_else(|| Offers::new(&[]), Client::offers);
    let told = inputs.store.as_ref().map(Store::read);
    setup.warnings.extend(told.as_ref().and_then(|(_, told)| told.clone()));
    let mut project = begin::project(&setup, inputs.config.as_deref(), offers);
    let kept = told.zip(project.which.key()).and_then(|((mut all, _), key)| all.remove(&key));
    // Of no project there is a place to come back to.
    project.memory = kept.filter(|_| !project.unchosen).map(projects::memory).unwrap_or_default();
    let mut others = Projects::new(&inputs);
    let here = opened.clone();
    if let Some(opened) = opened {
        others.began(&project, setup, opened);
    }
    let enter = if mouse { [ENTER, MOUSE].concat() } else { ENTER.to_vec() };
    let app = App::new(Start { project, connected: client.is_some(), local, demo, colour, place, keymap, mouse }, now);
    let mut event_loop = Loop::new(app, cx, &enter).map_err(TerminalError::Start)?;
    let mut effects = Effects::new(workers.clone(), sender, client, log);
    effects.projects = others;
    effects.here = here;
    loop {
        let mut input = Input::new(tty, signals);
        match event_loop.run(&mut input, &mut answers, &mut effects, &mut tty).await {
            Leave::Exit(exit) => {
                let app = event_loop.into_screen();
                if let Some((profile, memory)) = app.kept(jiff::Timestamp::now()) {
                    // Nobody looks any more: what cannot be kept is forgotten.
                    let _ = projects::keep(inputs.store.as_ref(), &profile, &memory);
                }
                // To give a million rows back piece by piece would hold up the end.
                std::mem::forget(app.users);
                if let Some(session) = effects.here.as_ref().and_then(|here| here.session.as_ref()) {
                    let given_up = workers.spawn(session.give_up());
                    drop(guard);
                    let _ = timeout(LEAVING, given_up).await;
                }
                return Ok(exit);
            }
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
