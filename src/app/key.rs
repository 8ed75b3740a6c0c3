//! A key as the person pressed it, free of any terminal library, in the syntax that config, help and tests share.

use std::fmt;
use std::str::FromStr;

/// Which key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Code {
    /// A character as typed: `G` is `Char('G')` without shift.
    Char(char),
    /// Return.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Shift and tab.
    BackTab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// A function key.
    F(u8),
}

/// A key with its modifiers. Shift is not kept: it shows in the character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// Which key.
    pub code: Code,
    /// Held with ctrl.
    pub ctrl: bool,
    /// Held with alt.
    pub alt: bool,
}

impl Key {
    /// A key without modifiers.
    pub const fn plain(code: Code) -> Self {
        Self { code, ctrl: false, alt: false }
    }

    /// A character without modifiers.
    pub const fn char(c: char) -> Self {
        Self::plain(Code::Char(c))
    }

    /// A character with ctrl.
    pub const fn ctrl(c: char) -> Self {
        Self { code: Code::Char(c), ctrl: true, alt: false }
    }
}

/// The named keys, in the one spelling that config, help and tests use.
const NAMES: [(&str, Code); 17] = [
    ("enter", Code::Enter),
    ("esc", Code::Esc),
    ("tab", Code::Tab),
    ("backtab", Code::BackTab),
    ("backspace", Code::Backspace),
    ("delete", Code::Delete),
    ("up", Code::Up),
    ("down", Code::Down),
    ("left", Code::Left),
    ("right", Code::Right),
    ("home", Code::Home),
    ("end", Code::End),
    ("pageup", Code::PageUp),
    ("pagedown", Code::PageDown),
    ("space", Code::Char(' ')),
    ("less", Code::Char('<')),
    ("minus", Code::Char('-')),
];

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("ctrl-")?;
        }
        if self.alt {
            f.write_str("alt-")?;
        }
        // Signs that stand between others have names there; alone they are what is on the key.
        let sign = matches!(self.code, Code::Char('<' | '-')) && !self.ctrl && !self.alt;
        if let Some((name, _)) = NAMES.iter().find(|(_, code)| *code == self.code && !sign) {
            return f.write_str(name);
        }
        match self.code {
            Code::Char(c) => write!(f, "{c}"),
            Code::F(n) => write!(f, "f{n}"),
            _ => Ok(()),
        }
    }
}

/// A text that names no key.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` names no key: write a character, or a name such as enter, space, pageup, f2, with ctrl- or alt- before it"
)]
pub struct NoKey(String);

impl FromStr for Key {
    type Err = NoKey;

    fn from_str(text: &str) -> Result<Self, NoKey> {
        let (ctrl, rest) = text.strip_prefix("ctrl-").map_or((false, text), |rest| (true, rest));
        let (alt, rest) = rest.strip_prefix("alt-").map_or((false, rest), |rest| (true, rest));
        let mut chars = rest.chars();
        let code = match (NAMES.iter().find(|(name, _)| *name == rest), chars.next(), chars.next()) {
            (Some((_, code)), _, _) => *code,
            (None, Some(c), None) if !c.is_control() => Code::Char(c),
            (None, Some('f'), Some(_)) => match rest.get(1..).and_then(|n| n.parse().ok()) {
                Some(n @ 1..=24) => Code::F(n),
                _ => return Err(NoKey(text.into())),
            },
            _ => return Err(NoKey(text.into())),
        };
        Ok(Self { code, ctrl, alt })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_reads_back() {
        for text in ["a", "G", "ctrl-d", "ctrl-space", "alt-enter", "f2", "pageup", "ctrl-minus", "-", "?", "é", "f"] {
            assert_eq!(text.parse::<Key>().unwrap().to_string(), text);
        }
        assert_eq!(["less", "minus"].map(|name| name.parse::<Key>().unwrap().to_string()), ["<", "-"]);
        assert!("f99".parse::<Key>().is_err());
        assert!("".parse::<Key>().is_err());
        assert!("ctrl-".parse::<Key>().is_err());
    }
}
