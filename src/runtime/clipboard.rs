//! A text for the terminal's clipboard (OSC 52), through tmux or screen where they stand between.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::app::effect::MOST_COPIED;

/// What stands between the program and the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrap {
    /// Nothing.
    Plain,
    /// tmux: passes a sequence on when asked so.
    Tmux,
    /// GNU screen: the same, in pieces.
    Screen,
}

impl Wrap {
    /// As the environment tells.
    pub fn here() -> Self {
        if std::env::var_os("TMUX").is_some() {
            Self::Tmux
        } else if std::env::var_os("STY").is_some() {
            Self::Screen
        } else {
            Self::Plain
        }
    }
}

/// The bytes that put a text on the clipboard; none for a text longer than [`MOST_COPIED`] bytes.
pub fn sequence(text: &str, wrap: Wrap) -> Vec<u8> {
    if text.len() > MOST_COPIED {
        return Vec::new();
    }
    let plain = format!("\x1b]52;c;{}\x07", STANDARD.encode(text));
    match wrap {
        Wrap::Plain => plain.into_bytes(),
        // Both ways: tmux takes the plain one itself where `set-clipboard` is on, and passes the wrapped one on where
        // `allow-passthrough` is.
        Wrap::Tmux => format!("{plain}\x1bPtmux;{}\x1b\\", plain.replace('\x1b', "\x1b\x1b")).into_bytes(),
        // screen takes at most 768 bytes a sequence.
        Wrap::Screen => {
            let pieces = plain.as_bytes().chunks(76).map(|piece| [b"\x1bP", piece, b"\x1b\\"].concat());
            pieces.collect::<Vec<_>>().concat()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_encoded_and_wrapped() {
        assert_eq!(sequence("héllo", Wrap::Plain), b"\x1b]52;c;aMOpbGxv\x07");
        assert_eq!(sequence("a", Wrap::Tmux), b"\x1b]52;c;YQ==\x07\x1bPtmux;\x1b\x1b]52;c;YQ==\x07\x1b\\");
        assert_eq!(sequence("a", Wrap::Screen), b"\x1bP\x1b]52;c;YQ==\x07\x1b\\");
    }

    #[test]
    fn a_text_too_long_is_not_sent() {
        assert!(sequence(&"x".repeat(MOST_COPIED + 1), Wrap::Plain).is_empty());
        assert!(!sequence(&"x".repeat(MOST_COPIED), Wrap::Plain).is_empty());
    }
}
