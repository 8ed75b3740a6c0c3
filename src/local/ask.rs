//! Questions on the terminal, for commands: a line that is seen, or a secret that is not. They go to the terminal itself,
//! so that stdin and stdout may be pipes.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::sync::{Mutex, PoisonError};

use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};

use crate::secret::Secret;

/// The longest answer, in bytes: an access token fits in.
const LONGEST: usize = 64 * 1024;

/// The terminal whose echo is off, and how it was.
static QUIET: Mutex<Option<(File, Termios)>> = Mutex::new(None);

/// Asks for a line; `instead` says what to give where there is no terminal.
///
/// # Errors
/// A sentence.
pub fn line(question: &str, instead: &str) -> Result<String, String> {
    let mut terminal = open(instead)?;
    show(&mut terminal, question)?;
    let mut bytes = Vec::new();
    loop {
        match byte(&mut terminal)? {
            b'\n' | b'\r' => break,
            byte if bytes.len() < LONGEST => bytes.push(byte),
            _ => {}
        }
    }
    String::from_utf8(bytes).map(|text| text.trim().to_owned()).map_err(|_| "the answer is no plain text".into())
}

/// Asks for a secret: what is typed or pasted is not shown. ctrl-c gives up.
///
/// # Errors
/// A sentence.
pub fn secret(question: &str, instead: &str) -> Result<Secret, String> {
    let mut terminal = open(instead)?;
    let _quiet = Quiet::begin(&terminal)?;
    show(&mut terminal, question)?;
    let mut bytes: Vec<u8> = Vec::new();
    let ended = loop {
        match byte(&mut terminal)? {
            b'\n' | b'\r' => break Ok(()),
            // ctrl-c and ctrl-d.
            3 | 4 => break Err("given up: nothing was changed".to_owned()),
            8 | 127 => {
                // A character's last byte, and what belongs to it.
                while bytes.pop().is_some_and(|byte| byte & 0xC0 == 0x80) {}
            }
            // ctrl-u.
            21 => bytes.clear(),
            byte if bytes.len() < LONGEST => bytes.push(byte),
            _ => {}
        }
    };
    let _ = terminal.write_all(b"\r\n");
    ended?;
    let text = unbracketed(String::from_utf8(bytes).map_err(|_| "the answer is no plain text")?);
    if text.is_empty() { Err("nothing was given: nothing was changed".into()) } else { Ok(Secret::new(text)) }
}

/// Puts the terminal back as it was, where a question for a secret was cut off.
pub fn restore() {
    if let Some((terminal, before)) = QUIET.lock().unwrap_or_else(PoisonError::into_inner).take() {
        let _ = tcsetattr(&terminal, OptionalActions::Flush, &before);
    }
}

/// The echo is off while this lives.
struct Quiet;

impl Quiet {
    fn begin(terminal: &File) -> Result<Self, String> {
        let refused = |error| format!("the terminal cannot hide what is typed ({error}): give it by a pipe");
        let before = tcgetattr(terminal).map_err(refused)?;
        let mut hidden = before.clone();
        // Keys that send signals come as bytes: a program that ended for one would leave the echo off.
        hidden.local_modes -= LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG;
        hidden.special_codes[SpecialCodeIndex::VMIN] = 1;
        hidden.special_codes[SpecialCodeIndex::VTIME] = 0;
        let kept = terminal.try_clone().map_err(|error| format!("the terminal cannot be used ({error})"))?;
        tcsetattr(terminal, OptionalActions::Flush, &hidden).map_err(refused)?;
        *QUIET.lock().unwrap_or_else(PoisonError::into_inner) = Some((kept, before));
        Ok(Self)
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        restore();
    }
}

fn open(instead: &str) -> Result<File, String> {
    let terminal = OpenOptions::new().read(true).write(true).open("/dev/tty");
    terminal.map_err(|_| format!("there is no terminal to ask on: give {instead}"))
}

fn show(terminal: &mut File, question: &str) -> Result<(), String> {
    let shown = terminal.write_all(format!("{question}: ").as_bytes());
    shown.map_err(|error| format!("the terminal takes nothing ({error})"))
}

fn byte(terminal: &mut File) -> Result<u8, String> {
    let mut byte = [0];
    loop {
        match terminal.read(&mut byte) {
            Ok(0) => return Err("the terminal has closed: nothing was changed".into()),
            Ok(_) => {
                let [byte] = byte;
                return Ok(byte);
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(format!("the terminal cannot be read ({error})")),
        }
    }
}

/// A pasted text without the marks that some terminals put around it.
fn unbracketed(text: String) -> String {
    text.replace("\x1b[200~", "").replace("\x1b[201~", "")
}
