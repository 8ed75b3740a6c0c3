//! Signals that end or pause the program, as one stream.

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
    /// Asked to pause (ctrl-z from outside); heard only by [`Signals::with_pause`].
    Pause,
}

impl Signal {
    /// The exit code of a program that ends for it.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Int => 130,
            Self::Term => 143,
            Self::Hup => 129,
            Self::Pause => 148,
        }
    }
}

/// Hears signals from its making on; they then no longer end the program by themselves.
#[cfg(unix)]
pub struct Signals {
    int: Unix,
    term: Unix,
    hup: Unix,
    pause: Option<Unix>,
}

#[cfg(unix)]
impl Signals {
    /// Hears INT, TERM and HUP. Needs a runtime.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            int: signal(SignalKind::interrupt())?,
            term: signal(SignalKind::terminate())?,
            hup: signal(SignalKind::hangup())?,
            pause: None,
        })
    }

    /// Hears TSTP too: for a screen, which has to restore the terminal before it pauses.
    pub fn with_pause() -> io::Result<Self> {
        let number = rustix::process::Signal::TSTP.as_raw();
        Ok(Self { pause: Some(signal(SignalKind::from_raw(number))?), ..Self::listen()? })
    }

    /// The next one. Nothing is lost when it is dropped and asked again.
    pub async fn next(&mut self) -> Signal {
        let Self { int, term, hup, pause } = self;
        let paused = async {
            match pause {
                Some(pause) => pause.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            _ = term.recv() => Signal::Term,
            _ = hup.recv() => Signal::Hup,
            _ = int.recv() => Signal::Int,
            _ = paused => Signal::Pause,
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

    /// Hears ctrl-c: nothing pauses a program here.
    pub fn with_pause() -> io::Result<Self> {
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
