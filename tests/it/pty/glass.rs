//! A program in a real pseudo-terminal: what it shows, what it leaves behind, keys and signals for it. Everything is
//! waited for, with a limit; nothing sleeps.

use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::fs::{Mode, OFlags};
use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{Action, LocalModes, tcflow, tcgetattr};
use tempfile::TempDir;

/// How long anything may take before the test fails.
const LIMIT: Duration = Duration::from_secs(30);

/// A running program and its terminal. It is killed when this is dropped.
pub struct Pty {
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    shared: Arc<Shared>,
    home: TempDir,
}

struct Shared {
    seen: Mutex<Seen>,
    changed: Condvar,
}

struct Seen {
    parser: vt100::Parser,
    raw: Vec<u8>,
    closed: bool,
}

impl Pty {
    /// The program itself with these arguments and variables, in a terminal of (columns, rows), at home in a directory
    /// of its own.
    pub fn spawn(args: &[&str], env: &[(&str, &str)], size: (u16, u16)) -> Self {
        Self::command(env!("CARGO_BIN_EXE_basedeck"), args, env, size)
    }

    /// Any program.
    pub fn command(program: &str, args: &[&str], env: &[(&str, &str)], (columns, rows): (u16, u16)) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.env_clear();
        command.cwd(home.path());
        for name in ["PATH", "LANG", "TZ", "LLVM_PROFILE_FILE"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command.env("HOME", home.path());
        command.env("TERM", "xterm-256color");
        for (name, value) in env {
            command.env(name, value);
        }
        let pair = native_pty_system()
            .openpty(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 })
            .expect("a pseudo-terminal");
        let child = pair.slave.spawn_command(command).expect("the program starts");
        drop(pair.slave);
        let parser = vt100::Parser::new(rows.try_into().unwrap(), columns.try_into().unwrap(), 0);
        let shared = Arc::new(Shared {
            seen: Mutex::new(Seen { parser, raw: Vec::new(), closed: false }),
            changed: Condvar::new(),
        });
        let mut reader = pair.master.try_clone_reader().unwrap();
        let theirs = Arc::clone(&shared);
        thread::spawn(move || theirs.read(&mut reader));
        let writer = pair.master.take_writer().unwrap();
        Self { master: pair.master, writer, child, shared, home }
    }

    /// The program's home directory.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Types bytes as they are.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.writer.write_all(bytes.as_ref()).unwrap();
        self.writer.flush().unwrap();
    }

    /// Waits until the screen holds this text; the screen.
    pub fn wait_for(&self, text: &str) -> String {
        self.wait_until(&format!("the text {text:?}"), |screen| screen.contents().contains(text))
    }

    /// Waits until the screen no longer holds this text; the screen.
    pub fn wait_gone(&self, text: &str) -> String {
        self.wait_until(&format!("no text {text:?}"), |screen| !screen.contents().contains(text))
    }

    /// Waits until the screen is as wanted; its text.
    pub fn wait_until(&self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) -> String {
        self.shared.wait(what, |seen| wanted(seen.parser.screen()).then(|| seen.parser.screen().contents()))
    }

    /// Waits until these bytes came, from the given position on; the position behind them.
    pub fn wait_bytes(&self, from: usize, bytes: &[u8]) -> usize {
        self.shared.wait(&format!("the bytes {:?}", String::from_utf8_lossy(bytes)), |seen| {
            let rest = seen.raw.get(from..)?;
            rest.windows(bytes.len()).position(|part| part == bytes).map(|at| from + at + bytes.len())
        })
    }

    /// The screen's text now.
    pub fn screen(&self) -> String {
        self.shared.seen.lock().unwrap().parser.screen().contents()
    }

    /// How many bytes came so far.
    pub fn bytes(&self) -> usize {
        self.shared.seen.lock().unwrap().raw.len()
    }

    /// All bytes that came so far.
    pub fn raw(&self) -> Vec<u8> {
        self.shared.seen.lock().unwrap().raw.clone()
    }

    /// Makes the terminal take no byte, as one whose reader stalls and whose buffers are full; or take them again.
    pub fn stall(&self, stalled: bool) {
        tcflow(self.line(), if stalled { Action::OOff } else { Action::OOn }).unwrap();
    }

    /// Gives the terminal another size.
    pub fn resize(&self, (columns, rows): (u16, u16)) {
        let size = (rows.try_into().unwrap(), columns.try_into().unwrap());
        self.shared.seen.lock().unwrap().parser.screen_mut().set_size(size.0, size.1);
        self.master.resize(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }).unwrap();
    }

    /// Sends the program a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    /// The program's process.
    pub fn pid(&self) -> Pid {
        Pid::from_raw(self.child.process_id().unwrap().try_into().unwrap()).unwrap()
    }

    /// Waits for the end; the exit code.
    pub fn exit_code(&mut self) -> u32 {
        let end = Instant::now() + LIMIT;
        while Instant::now() < end {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.exit_code();
            }
            let seen = self.shared.seen.lock().unwrap();
            let _ = self.shared.changed.wait_timeout(seen, Duration::from_millis(5)).unwrap();
        }
        panic!("the program does not end; it shows:\n{}", self.screen());
    }

    /// What the program left switched on: empty for a terminal as it was found. Waits for the program's end first, and
    /// for all that it wrote.
    pub fn left_on(&mut self) -> Vec<&'static str> {
        self.exit_code();
        let line = self.is_raw();
        self.shared.wait("the end of the output", |seen| {
            if !seen.closed {
                return None;
            }
            let screen = seen.parser.screen();
            let focus = last(&seen.raw, b"\x1b[?1004h") > last(&seen.raw, b"\x1b[?1004l");
            let update = last(&seen.raw, b"\x1b[?2026h") > last(&seen.raw, b"\x1b[?2026l");
            let on = [
                (screen.alternate_screen(), "alternate screen"),
                (screen.hide_cursor(), "hidden cursor"),
                (screen.bracketed_paste(), "bracketed paste"),
                (screen.application_cursor(), "application cursor keys"),
                (screen.application_keypad(), "application keypad"),
                (screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None, "mouse"),
                (focus, "focus reporting"),
                (update, "synchronized update"),
                (line, "raw line"),
            ];
            Some(on.into_iter().filter_map(|(on, name)| on.then_some(name)).collect())
        })
    }

    /// Whether the line is raw now.
    pub fn is_raw(&self) -> bool {
        let modes = tcgetattr(self.line()).unwrap().local_modes;
        !modes.contains(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG)
    }

    /// The program's end of the terminal.
    fn line(&self) -> OwnedFd {
        let name = self.master.tty_name().expect("the terminal has a name");
        rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty()).unwrap()
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Shared {
    fn read(&self, reader: &mut dyn Read) {
        let mut block = [0; 4096];
        loop {
            let count = reader.read(&mut block).unwrap_or(0);
            let mut seen = self.seen.lock().unwrap();
            seen.parser.process(&block[..count]);
            seen.raw.extend_from_slice(&block[..count]);
            seen.closed = count == 0;
            self.changed.notify_all();
            if seen.closed {
                return;
            }
        }
    }

    fn wait<T>(&self, what: &str, ready: impl Fn(&Seen) -> Option<T>) -> T {
        let end = Instant::now() + LIMIT;
        let mut seen = self.seen.lock().unwrap();
        loop {
            if let Some(done) = ready(&seen) {
                return done;
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || seen.closed {
                let (state, shown) = (if seen.closed { "closed" } else { "open" }, seen.parser.screen().contents());
                // The reader goes on.
                drop(seen);
                panic!("no sight of {what}; the terminal is {state} and shows:\n{shown}");
            }
            seen = self.changed.wait_timeout(seen, left).unwrap().0;
        }
    }
}

fn last(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).rposition(|window| window == part)
}
