//! The two streams: results on stdout, sentences on stderr. A terminal gets nothing from outside that could steer it.

use std::io::{self, BufWriter, IsTerminal, Stdout, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::text::{clean, width};

/// The widest progress line.
const LINE: usize = 78;
/// Takes the progress line away.
const CLEAR: &str = "\r\x1b[K";

/// Whether stderr ends in a progress line: whatever is said takes its place.
static SHOWN: AtomicBool = AtomicBool::new(false);

/// Says one sentence on stderr, cleaned: it may hold a server's words.
pub fn say(sentence: &str) {
    let before = if SHOWN.swap(false, Ordering::Relaxed) { CLEAR } else { "" };
    // A closed stderr leaves nobody to tell.
    let _ = writeln!(io::stderr().lock(), "{before}basedeck: {}", clean::line(sentence));
}

/// The sentence of a failure after which a request is sent again.
pub fn again(sentence: &str) -> String {
    let (what, _) = sentence.rsplit_once(": ").unwrap_or((sentence, ""));
    format!("{what}: trying again.")
}

/// Says why nothing more is done, and gives the exit code back.
pub fn refuse(sentence: &str, code: u8) -> u8 {
    say(sentence);
    code
}

/// Results on their way to stdout.
pub struct Results {
    out: BufWriter<Stdout>,
    terminal: bool,
}

impl Results {
    /// stdout.
    pub fn new() -> Self {
        let out = io::stdout();
        let terminal = out.is_terminal();
        Self { out: BufWriter::with_capacity(64 * 1024, out), terminal }
    }

    /// Whether a person reads along.
    pub fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// Writes text of ours as it is.
    pub fn plain(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())
    }

    /// Writes a row as the server sent it, on one line: line breaks in JSON stand only between its parts. A terminal
    /// gets it cleaned.
    pub fn row(&mut self, raw: &str) -> io::Result<()> {
        let joined;
        let line = if raw.contains(['\n', '\r']) {
            joined = raw.replace(['\n', '\r'], " ");
            &joined
        } else {
            raw
        };
        if self.terminal { self.plain(&clean::line(line)) } else { self.plain(line) }
    }

    /// Writes rows as one JSON array.
    pub fn array<'r>(&mut self, rows: impl Iterator<Item = &'r str>) -> io::Result<()> {
        let mut any = false;
        self.plain("[")?;
        for row in rows {
            self.plain(if any { ",\n" } else { "\n" })?;
            self.row(row)?;
            any = true;
        }
        self.plain(if any { "\n]\n" } else { "]\n" })
    }

    /// Hands everything to the system.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A line on stderr that is drawn over and over, on a terminal only, and gone with this.
pub struct Progress {
    on: bool,
}

impl Progress {
    /// Off unless a person reads stderr on a terminal that can do it.
    pub fn new() -> Self {
        let dumb = std::env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
        Self { on: io::stderr().is_terminal() && !dumb }
    }

    /// Whether anything is shown.
    pub fn is_on(&self) -> bool {
        self.on
    }

    /// Shows how it stands.
    pub fn show(&self, text: &str) {
        if self.on {
            SHOWN.store(true, Ordering::Relaxed);
            let _ = write!(io::stderr().lock(), "\r{}\x1b[K", width::cut(&clean::line(text), LINE));
        }
    }
}

impl Drop for Progress {
    /// Takes the line away.
    fn drop(&mut self) {
        if SHOWN.swap(false, Ordering::Relaxed) {
            let _ = write!(io::stderr().lock(), "{CLEAR}");
        }
    }
}
