//! Signals that end a command, as one stream. The screen hears its own, together with those of its terminal.

use std::io;

#[cfg(unix)]
use tokio::signal::unix::{Signal as Unix, SignalKind, signal};

/// What was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Interrupted (ctrl-c).
    Int,
    /// Asked to end.
    Term,
    /// The terminal went away.
    Hup,
}

impl Signal {
    /// The exit code of a program that ends for it.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Int => 130,
            Self::Term => 143,
            Self::Hup => 129,
        }
    }
}

/// Hears signals from its making on; they then no longer end the program by themselves.
#[cfg(unix)]
pub struct Signals {
    int: Unix,
    term: Unix,
    hup: Unix,
}

#[cfg(unix)]
impl Signals {
    /// Hears INT, TERM and HUP. Needs a runtime.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            int: signal(SignalKind::interrupt())?,
            term: signal(SignalKind::terminate())?,
            hup: signal(SignalKind::hangup())?,
        })
    }

    /// The next one. Nothing is lost when it is dropped and asked again.
    pub async fn next(&mut self) -> Signal {
        let Self { int, term, hup } = self;
        tokio::select! {
            biased;
            _ = term.recv() => Signal::Term,
            _ = hup.recv() => Signal::Hup,
            _ = int.recv() => Signal::Int,
        }
    }
}

/// Hears ctrl-c, all that there is here.
#[cfg(not(unix))]
pub struct Signals;

#[cfg(not(unix))]
impl Signals {
    /// Hears ctrl-c.
    pub fn listen() -> io::Result<Self> {
        Ok(Self)
    }

    /// The next one.
    pub async fn next(&mut self) -> Signal {
        match tokio::signal::ctrl_c().await {
            Ok(()) => Signal::Int,
            Err(_) => std::future::pending().await,
        }
    }
}
