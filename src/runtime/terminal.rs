//! The terminal: opened on its own, put into its modes and taken out of them, whatever ends the program; its signals.
//! What is written there and read from there is the loop's.

#[cfg(test)]
mod tests;

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::pin::Pin;
use std::sync::{Mutex, Once, PoisonError};
use std::task::{Context, Poll, ready};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use futures_util::Stream;
use ratatui::layout::Size;
use rustix::fs::{Mode, OFlags};
use rustix::process::Signal as Number;
use rustix::termios::{OptionalActions, QueueSelector, Termios};
use tokio::io::unix::AsyncFd;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::signal::unix::{Signal as Signals, SignalKind, signal};

use crate::app::msg::{Msg, Signal};
use crate::local;

/// Alternate screen, emptied for terminals that have none, hidden cursor, bracketed paste, focus reporting.
pub const ENTER: &[u8] = b"\x1b[?1049h\x1b[2J\x1b[?25l\x1b[?2004h\x1b[?1004h";
/// Clicks and the wheel, in decimal: only where the person asked for it, for it takes the terminal's own selection.
pub const MOUSE: &[u8] = b"\x1b[?1000h\x1b[?1006h";
/// Both taken back, with whatever a frame that was cut off left open (a sequence, a synchronized update, a style).
const LEAVE: &[u8] = b"\x18\x1b[?2026l\x1b[0m\x1b[?1006l\x1b[?1000l\x1b[?1004l\x1b[?2004l\x1b[?25h\x1b[?1049l";
/// How long a terminal that is not read may hold up the end.
const PATIENCE: Duration = Duration::from_millis(50);
/// A larger terminal is drawn in part: its buffers would be.
const LARGEST: Size = Size { width: 1000, height: 500 };

/// Why the screen cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum TerminalError {
    /// There is no terminal, or it cannot be opened.
    #[error("cannot open the terminal: {0}; start basedeck in a terminal, or use its commands without a screen")]
    Open(io::Error),
    /// It refuses its modes.
    #[error("cannot switch the terminal to the screen's mode: {0}; try another terminal")]
    Mode(io::Error),
    /// The runtime or the random generator failed.
    #[error("cannot start the screen: {0}; see what the system lacks")]
    Start(io::Error),
}

/// The terminal, opened anew: that it never blocks is then ours alone, not the shell's too.
pub struct Tty(AsyncFd<OwnedFd>);

impl Tty {
    /// Opens the terminal that stdout shows on.
    pub fn open() -> Result<Self, TerminalError> {
        let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let open = |path: &std::ffi::CStr| rustix::fs::open(path, flags, Mode::empty());
        let named = rustix::termios::ttyname(io::stdout(), Vec::new()).and_then(|name| open(&name));
        let fd = named.or_else(|_| open(c"/dev/tty")).map_err(|error| TerminalError::Open(error.into()))?;
        #[expect(deprecated, reason = "its successor is unsafe code; this descriptor is owned and never lent away")]
        let fd = AsyncFd::new(fd).map_err(TerminalError::Open)?;
        Ok(Self(fd))
    }

    /// Its size in cells; `None` where it does not tell.
    pub fn size(&self) -> Option<Size> {
        size_of(self.0.get_ref())
    }
}

fn size_of(fd: impl AsFd) -> Option<Size> {
    let told = rustix::termios::tcgetwinsize(fd).ok()?;
    (told.ws_col > 0 && told.ws_row > 0)
        .then(|| Size { width: told.ws_col.min(LARGEST.width), height: told.ws_row.min(LARGEST.height) })
}

impl AsyncRead for &Tty {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        loop {
            let mut guard = ready!(self.0.poll_read_ready(cx))?;
            let read = guard.try_io(|fd| Ok(rustix::io::read(fd.get_ref(), buf.initialize_unfilled())?));
            match read {
                Ok(Ok(count)) => {
                    buf.advance(count);
                    return Poll::Ready(Ok(()));
                }
                Ok(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(Err(error)) => return Poll::Ready(Err(error)),
                Err(_would_block) => {}
            }
        }
    }
}

impl AsyncWrite for &Tty {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        loop {
            let mut guard = ready!(self.0.poll_write_ready(cx))?;
            match guard.try_io(|fd| Ok(rustix::io::write(fd.get_ref(), buf)?)) {
                Ok(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(done) => return Poll::Ready(done),
                Err(_would_block) => {}
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// What takes the screen back, for whoever comes first: the end, or a panic.
struct Shown {
    fd: OwnedFd,
    before: Termios,
    thread: ThreadId,
}

static SHOWN: Mutex<Option<Shown>> = Mutex::new(None);

impl Shown {
    /// Takes the modes back within [`PATIENCE`], whether or not somebody reads the terminal.
    fn restore(self) {
        let end = Instant::now() + PATIENCE;
        let mut rest = LEAVE;
        while !rest.is_empty() {
            match rustix::io::write(&self.fd, rest) {
                Ok(count) => rest = rest.get(count..).unwrap_or_default(),
                Err(rustix::io::Errno::INTR) => {}
                Err(rustix::io::Errno::AGAIN) if Instant::now() < end => thread::sleep(Duration::from_millis(2)),
                Err(rustix::io::Errno::AGAIN) => {
                    // Not read: what waits there is of no use to anybody.
                    let _ = rustix::termios::tcflush(&self.fd, QueueSelector::OFlush);
                    let _ = rustix::io::write(&self.fd, LEAVE);
                    break;
                }
                Err(_) => break,
            }
        }
        let _ = set_modes(&self.fd, &self.before);
    }
}

/// Sets the line's modes at once: waiting for output to drain would wait for a reader.
fn set_modes(fd: impl AsFd, modes: &Termios) -> io::Result<()> {
    loop {
        match rustix::termios::tcsetattr(fd.as_fd(), OptionalActions::Now, modes) {
            Err(rustix::io::Errno::INTR) => {}
            done => return Ok(done?),
        }
    }
}

fn take_shown() -> Option<Shown> {
    SHOWN.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// Keeps the terminal in the screen's modes; dropped, it restores them.
pub struct Guard(());

impl Guard {
    /// Makes the line raw and remembers how it was. The caller writes [`ENTER`], best with the first frame.
    pub fn enter(tty: &Tty) -> Result<Self, TerminalError> {
        let mode = |error: rustix::io::Errno| TerminalError::Mode(error.into());
        let fd = tty.0.get_ref().try_clone().map_err(TerminalError::Mode)?;
        let before = rustix::termios::tcgetattr(&fd).map_err(mode)?;
        let mut raw = before.clone();
        raw.make_raw();
        let shown = Shown { fd, before, thread: thread::current().id() };
        let mut slot = SHOWN.lock().unwrap_or_else(PoisonError::into_inner);
        set_modes(&shown.fd, &raw).map_err(TerminalError::Mode)?;
        *slot = Some(shown);
        Ok(Self(()))
    }

    /// Back from a stop that it did not see coming: the line may have been set otherwise meanwhile.
    pub fn renew(tty: &Tty) -> Result<(), TerminalError> {
        let mut raw = rustix::termios::tcgetattr(tty.0.get_ref()).map_err(|error| TerminalError::Mode(error.into()))?;
        raw.make_raw();
        set_modes(tty.0.get_ref(), &raw).map_err(TerminalError::Mode)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(shown) = take_shown() {
            shown.restore();
        }
    }
}

/// From now on a panic of the screen's thread restores the terminal before it is told; one of another thread, whose
/// task then answers with an error, never prints over the screen.
pub fn guard_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let told = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let mut slot = SHOWN.lock().unwrap_or_else(PoisonError::into_inner);
            let elsewhere = slot.as_ref().is_some_and(|shown| shown.thread != thread::current().id());
            let shown = if elsewhere { None } else { slot.take() };
            drop(slot);
            if let Some(shown) = shown {
                shown.restore();
            }
            local::panic::write_down(info);
            if !elsewhere {
                told(info);
            }
        }));
    });
}

/// The signals that concern the screen, as messages.
pub struct SignalStream<'a> {
    tty: &'a Tty,
    ends: [(Signals, Signal); 3],
    size: Signals,
    go_on: Signals,
}

impl<'a> SignalStream<'a> {
    /// Listens from now on.
    pub fn new(tty: &'a Tty) -> io::Result<Self> {
        Ok(Self {
            tty,
            ends: [
                (signal(SignalKind::terminate())?, Signal::Term),
                (signal(SignalKind::hangup())?, Signal::Hup),
                (signal(SignalKind::interrupt())?, Signal::Int),
            ],
            size: signal(SignalKind::window_change())?,
            go_on: signal(GO_ON)?,
        })
    }
}

const GO_ON: SignalKind = SignalKind::from_raw(Number::CONT.as_raw());

impl Stream for SignalStream<'_> {
    type Item = Msg;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Msg>> {
        for (signals, means) in &mut self.ends {
            if signals.poll_recv(cx).is_ready() {
                return Poll::Ready(Some(Msg::Signal(*means)));
            }
        }
        if self.go_on.poll_recv(cx).is_ready() {
            return Poll::Ready(Some(Msg::Resumed));
        }
        while self.size.poll_recv(cx).is_ready() {
            if let Some(size) = self.tty.size() {
                return Poll::Ready(Some(Msg::Resize(size)));
            }
        }
        Poll::Pending
    }
}

/// Stops the program with its process group, as the shell expects of ctrl-z, until it is told to go on. Where no shell
/// would ever do so, the system does not stop it, and it goes on by itself.
pub async fn stop() -> io::Result<()> {
    let mut go_on = signal(GO_ON)?;
    rustix::process::kill_current_process_group(Number::TSTP)?;
    let _ = tokio::time::timeout(Duration::from_millis(200), go_on.recv()).await;
    Ok(())
}
