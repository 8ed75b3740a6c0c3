//! A line for a secret: its own text and cursor, silent in Debug, and every text it ever held is wiped.

use super::line::{self, Change, Edit, LONGEST, Typed};
use crate::secret::Secret;

/// A secret being typed. Not `tui_input`, whose cut buffer can neither be silenced nor wiped.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SecretInput {
    text: Secret,
    /// In characters.
    cursor: usize,
}

impl std::fmt::Debug for SecretInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretInput(•••)")
    }
}

impl SecretInput {
    /// What was typed so far.
    pub fn secret(&self) -> &Secret {
        &self.text
    }

    /// Where the cursor is, in characters.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// How many characters there are.
    pub fn chars(&self) -> usize {
        self.text.expose().chars().count()
    }

    /// Replaces the text; the cursor goes to its end.
    pub fn set(&mut self, text: Secret) {
        self.text = text;
        self.cursor = self.chars();
    }

    /// Edits. Pasted text of several lines is refused: a secret has one, and a wrong one would not be seen.
    pub fn edit(&mut self, typed: Typed<'_>) -> Change {
        match typed {
            Typed::Key(key) => line::edit(key).map_or(Change::None, |edit| self.apply(edit)),
            Typed::Paste(text) => {
                let text = text.trim_end_matches(['\r', '\n']);
                if text.contains(['\r', '\n']) {
                    return Change::Refused("The pasted text has several lines: paste one line.".into());
                }
                if text.is_empty() { Change::None } else { self.splice(self.cursor, self.cursor, text) }
            }
        }
    }

    fn apply(&mut self, edit: Edit) -> Change {
        let (cursor, end) = (self.cursor, self.chars());
        match edit {
            Edit::Insert(c) => self.splice(cursor, cursor, c.encode_utf8(&mut [0; 4])),
            Edit::Left => self.go(cursor.saturating_sub(1)),
            Edit::Right => self.go((cursor + 1).min(end)),
            // A word's borders would tell of what is hidden: all of it counts as one.
            Edit::Start | Edit::WordLeft => self.go(0),
            Edit::End | Edit::WordRight => self.go(end),
            Edit::Backspace => self.splice(cursor.saturating_sub(1), cursor, ""),
            Edit::Delete => self.splice(cursor, (cursor + 1).min(end), ""),
            Edit::BackspaceWord | Edit::ToStart => self.splice(0, cursor, ""),
            Edit::ToEnd => self.splice(cursor, end, ""),
        }
    }

    fn go(&mut self, to: usize) -> Change {
        let moved = self.cursor != to;
        self.cursor = to;
        if moved { Change::Moved } else { Change::None }
    }

    /// Replaces characters `from..to`. The new text is built at its exact size, so that nothing of it is left behind in
    /// memory; the old one is wiped by being dropped.
    fn splice(&mut self, from: usize, to: usize, new: &str) -> Change {
        if from == to && new.is_empty() {
            return Change::None;
        }
        let old = self.text.expose();
        if old.len() + new.len() > LONGEST {
            return Change::Refused(line::too_long());
        }
        let byte = |at: usize| old.char_indices().nth(at).map_or(old.len(), |(byte, _)| byte);
        let (before, after) = (old.get(..byte(from)).unwrap_or_default(), old.get(byte(to)..).unwrap_or_default());
        let mut text = String::with_capacity(before.len() + new.len() + after.len());
        for part in [before, new, after] {
            text.push_str(part);
        }
        self.text = Secret::new(text);
        self.cursor = from + new.chars().count();
        Change::Edited { lines: 1 }
    }
}
