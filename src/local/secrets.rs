//! Reading secrets: bounded, checked, and never repeated in a message.

use std::env;
use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::Path;

use super::command;
use crate::config::Source;
use crate::secret::Secret;

/// A larger secret is refused.
const LARGEST: u64 = 64 * 1024;

/// What was found at a source.
#[derive(Clone)]
pub enum Found {
    /// A secret, and what is worth saying of its source.
    Secret(Secret, Option<String>),
    /// Nothing is set.
    Nothing,
}

/// Reads a secret. An error is the middle of a sentence about the credential.
pub fn read(source: &Source) -> Result<Found, String> {
    match source {
        Source::Env(names) => {
            for name in names {
                let Some(value) = env::var_os(name).filter(|value| !value.is_empty()) else { continue };
                let text = value.into_string().map_err(|_| format!("the variable {name} is no plain text"))?;
                return Ok(Found::Secret(check(text, &format!("the variable {name}"))?, None));
            }
            Ok(Found::Nothing)
        }
        Source::File(path) => {
            let name = format!("the file {}", path.display());
            let file = File::open(path).map_err(|error| format!("{name} cannot be read ({error})"))?;
            let warning = others_may_read(&file)
                .then(|| format!("others can read {}: run chmod 600 {}", path.display(), quoted(path)));
            Ok(Found::Secret(check(bounded(file, &name)?, &name)?, warning))
        }
        Source::Command(line) => Ok(Found::Secret(printed(command::run(line)?)?, None)),
        // Had from the store, and from the server.
        Source::Session(_) => Ok(Found::Nothing),
        Source::Stdin => {
            let stdin = io::stdin();
            if stdin.is_terminal() {
                return Err("--token-stdin reads a pipe, and standard input is a terminal".into());
            }
            let text = bounded(stdin.lock(), "standard input")?;
            Ok(Found::Secret(check(text, "standard input")?, None))
        }
    }
}

/// The secret that a command printed. An error is the middle of a sentence about the credential.
pub fn printed(output: String) -> Result<Secret, String> {
    check(output, command::NAME)
}

/// A password from a pipe: its first line, blanks and all. An error is a sentence.
pub fn password_from_stdin() -> Result<Secret, String> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        return Err("--password-stdin reads a pipe, and standard input is a terminal".into());
    }
    let text = bounded(stdin.lock(), "standard input")?;
    let line = text.lines().next().unwrap_or_default();
    if line.is_empty() {
        return Err("standard input holds no password: pipe one in".into());
    }
    Ok(Secret::new(line.to_owned()))
}

/// Randomness of the operating system. An error is a sentence.
pub fn seed() -> Result<[u8; 32], String> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| format!("the system gives no random numbers ({error}): try again"))?;
    Ok(seed)
}

/// A path as a shell takes it.
pub fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    if text.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._-+,=@%".contains(&b)) {
        text
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// Whether group or others may read this file.
pub fn others_may_read(file: &File) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        file.metadata().is_ok_and(|meta| meta.is_file() && meta.mode() & 0o044 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        false
    }
}

pub(super) fn bounded(from: impl Read, name: &str) -> Result<String, String> {
    let mut bytes = Vec::new();
    from.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| format!("{name} cannot be read ({error})"))?;
    if bytes.len() as u64 > LARGEST {
        return Err(format!("{name} holds more than 64 KiB"));
    }
    String::from_utf8(bytes).map_err(|_| format!("{name} holds no plain text"))
}

/// Takes one line break away and refuses what cannot stand in a request's head.
fn check(text: String, name: &str) -> Result<Secret, String> {
    let bare = text.strip_suffix('\n').unwrap_or(&text);
    let bare = bare.strip_suffix('\r').unwrap_or(bare);
    if bare.is_empty() {
        return Err(format!("{name} is empty"));
    }
    if !bare.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(format!("{name} holds a blank, a line break or a character that no credential has"));
    }
    Ok(Secret::new(bare.to_owned()))
}
