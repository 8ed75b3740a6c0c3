//! What a panic leaves behind: a report in the state directory and one sentence on stderr.

use std::backtrace::Backtrace;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::panic::PanicHookInfo;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::own::{private, private_folder};
use crate::config::paths;

/// Where the last report went, until it is told.
static KEPT: Mutex<Option<PathBuf>> = Mutex::new(None);

/// Writes a panic down and prints nothing: the screen may still be shown.
pub fn write_down(info: &PanicHookInfo<'_>) {
    let text = report(info, &Backtrace::force_capture());
    let kept = paths::state_dir().and_then(|folder| keep(&folder, &text).ok());
    *KEPT.lock().unwrap_or_else(PoisonError::into_inner) = kept;
}

/// From now on a panic is written down, if that has not happened yet, and told in one sentence on stderr. The screen's
/// own hook goes before this one and restores the terminal first.
pub fn install() {
    std::panic::set_hook(Box::new(|info| {
        let take = || KEPT.lock().unwrap_or_else(PoisonError::into_inner).take();
        let kept = take().or_else(|| {
            write_down(info);
            take()
        });
        let told = match kept {
            Some(path) => format!("basedeck has a fault and stopped; what happened is in {}\n", path.display()),
            None => format!("basedeck has a fault and stopped:\n{}", report(info, &Backtrace::force_capture())),
        };
        // There is nowhere left to tell that stderr is gone.
        let _ = io::stderr().write_all(told.as_bytes());
    }));
}

/// The report: version, system, thread, place and backtrace. Only a message that is a literal of the program stands in
/// it: a composed one may quote data, and so a secret.
fn report(info: &PanicHookInfo<'_>, backtrace: &Backtrace) -> String {
    let thread = std::thread::current();
    let mut text = format!(
        "basedeck {} on {} {}\nthread {}\n",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH,
        thread.name().unwrap_or("without a name")
    );
    if let Some(place) = info.location() {
        let _ = writeln!(text, "at {place}");
    }
    let message = info.payload().downcast_ref::<&'static str>().unwrap_or(&"(left out: it may quote data)");
    let _ = writeln!(text, "message: {message}\n\n{backtrace}");
    text
}

/// Writes the report for its owner alone, under a name that is new.
fn keep(folder: &Path, text: &str) -> io::Result<PathBuf> {
    private_folder(folder)?;
    let time = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%S%.6fZ").to_string();
    let path = folder.join(format!("panic-{time}-{}.txt", std::process::id()));
    private().create_new(true).open(&path)?.write_all(text.as_bytes())?;
    Ok(path)
}
