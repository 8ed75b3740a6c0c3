//! What this machine and its terminal can do, as far as they tell: for `basedeck doctor`.

use std::env;
use std::fs;
use std::io::{self, IsTerminal};
use std::path::Path;

use super::own::private_folder;
use crate::config::paths;

/// Variables that name a proxy.
const PROXIES: [&str; 4] = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"];
/// Parts of the names of terminals that take text for the clipboard (OSC 52).
const CLIPBOARD: [&str; 9] =
    ["kitty", "alacritty", "wezterm", "ghostty", "foot", "iterm", "contour", "rio", "windows-terminal"];

/// How many colours a terminal shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colours {
    /// All of them.
    True,
    /// 256.
    Many,
    /// 16 or fewer.
    Few,
    /// None are wanted.
    Off,
}

/// The terminal, and what stands between it and the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terminal {
    /// Its name.
    pub term: Option<String>,
    /// Columns and rows, where stdout or stderr is one.
    pub size: Option<(u16, u16)>,
    /// Colours.
    pub colours: Colours,
    /// Whether the locale is UTF-8.
    pub utf8: bool,
    /// tmux, screen, ssh.
    pub through: Vec<&'static str>,
    /// Whether it probably takes text for the clipboard.
    pub clipboard: bool,
}

/// Reads what the environment and the terminal tell.
pub fn terminal() -> Terminal {
    let size = size();
    described(size, &|name| env::var(name).ok().filter(|value| !value.is_empty()))
}

fn described(size: Option<(u16, u16)>, set: &dyn Fn(&str) -> Option<String>) -> Terminal {
    let term = set("TERM");
    let name = term.clone().unwrap_or_default();
    let depth = set("COLORTERM").unwrap_or_default();
    let colours = if set("NO_COLOR").is_some() {
        Colours::Off
    } else if depth == "truecolor" || depth == "24bit" || name.ends_with("-direct") {
        Colours::True
    } else if name.contains("256") {
        Colours::Many
    } else {
        Colours::Few
    };
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set).unwrap_or_default().to_ascii_lowercase();
    let through: Vec<_> = [("TMUX", "tmux"), ("STY", "screen"), ("SSH_CONNECTION", "ssh")]
        .into_iter()
        .filter_map(|(variable, what)| set(variable).map(|_| what))
        .collect();
    let program = format!("{name} {}", set("TERM_PROGRAM").unwrap_or_default()).to_ascii_lowercase();
    let known = CLIPBOARD.iter().any(|part| program.contains(part)) || set("WT_SESSION").is_some();
    // tmux passes it on only where it is told to, screen never does by itself.
    let clipboard = known && !through.contains(&"tmux") && !through.contains(&"screen");
    let utf8 = locale.contains("utf-8") || locale.contains("utf8");
    Terminal { term, size, colours, utf8, through, clipboard }
}

fn size() -> Option<(u16, u16)> {
    #[cfg(unix)]
    {
        let out = io::stdout();
        let size = rustix::termios::tcgetwinsize(&out).or_else(|_| rustix::termios::tcgetwinsize(io::stderr()));
        let size = size.ok()?;
        Some((size.ws_col, size.ws_row)).filter(|(columns, rows)| *columns > 0 && *rows > 0)
    }
    #[cfg(not(unix))]
    {
        let _ = io::stdout().is_terminal();
        None
    }
}

/// Whether results go to a person.
pub fn is_watched() -> bool {
    io::stdout().is_terminal()
}

/// The names of the variables that a proxy comes from; the values may hold a password.
pub fn proxies() -> Vec<String> {
    let both = PROXIES.into_iter().flat_map(|name| [name.to_owned(), name.to_ascii_lowercase()]);
    both.filter(|name| env::var_os(name).is_some_and(|value| !value.is_empty())).collect()
}

/// Whether a variable is set and not empty.
pub fn is_set(name: &str) -> bool {
    env::var_os(name).is_some_and(|value| !value.is_empty())
}

/// Tries whether files of this program's own can be kept: the folder, or why not, as the middle of a sentence.
pub fn state_folder() -> Result<String, String> {
    let folder = paths::state_dir().ok_or("this system names no home")?;
    let failed = |error: io::Error| format!("{} cannot be written ({error})", folder.display());
    private_folder(&folder).map_err(failed)?;
    tempfile::NamedTempFile::new_in(&folder).map_err(failed)?;
    Ok(folder.display().to_string())
}

/// Whether others may read a file; `None` where there is no such file.
pub fn others_may_read(path: &Path) -> Option<bool> {
    let file = fs::File::open(path).ok()?;
    Some(super::secrets::others_may_read(&file))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(set: &[(&str, &str)]) -> Terminal {
        described(Some((80, 24)), &|name| {
            set.iter().find(|(variable, _)| *variable == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn a_terminal_is_told_by_its_variables() {
        let plain = with(&[("TERM", "xterm-256color"), ("LANG", "en_GB.UTF-8")]);
        assert_eq!((plain.colours, plain.utf8, plain.clipboard), (Colours::Many, true, false));
        let kitty = with(&[("TERM", "xterm-kitty"), ("COLORTERM", "truecolor"), ("LC_ALL", "C"), ("LANG", "x.UTF-8")]);
        assert_eq!((kitty.colours, kitty.utf8, kitty.clipboard), (Colours::True, false, true));
        let inner = with(&[("TERM", "xterm-kitty"), ("TMUX", "/tmp/x"), ("SSH_CONNECTION", "1 2")]);
        assert_eq!((inner.through, inner.clipboard, inner.colours), (vec!["tmux", "ssh"], false, Colours::Few));
        assert_eq!(with(&[("NO_COLOR", "1"), ("COLORTERM", "truecolor")]).colours, Colours::Off);
        assert!(!with(&[]).utf8);
    }
}
