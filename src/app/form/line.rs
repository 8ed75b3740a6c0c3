//! Typing into one line: the keys that edit, the same in every field, filter and prompt.

use tui_input::{Input, InputRequest};

use crate::app::key::{Code, Key};

/// The most bytes that one line holds.
pub const LONGEST: usize = 64 * 1024;

/// What edits a line: a key that names no operation, or pasted text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Typed<'a> {
    /// A key.
    Key(Key),
    /// Text pasted at once. It may be a secret.
    Paste(&'a str),
}

/// Silent about pasted text.
impl std::fmt::Debug for Typed<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Key(_) => f.write_str("Key"),
            Self::Paste(text) => write!(f, "Paste({} bytes)", text.len()),
        }
    }
}

/// What a key asks of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Put a character in.
    Insert(char),
    /// One character to the left.
    Left,
    /// One character to the right.
    Right,
    /// To the start.
    Start,
    /// To the end.
    End,
    /// One word to the left.
    WordLeft,
    /// One word to the right.
    WordRight,
    /// Take the character before the cursor.
    Backspace,
    /// Take the character under the cursor.
    Delete,
    /// Take the word before the cursor.
    BackspaceWord,
    /// Take all before the cursor.
    ToStart,
    /// Take all from the cursor on.
    ToEnd,
}

/// What a key means in a line; `None` for keys that mean nothing there.
pub fn edit(key: Key) -> Option<Edit> {
    Some(match (key.code, key.ctrl, key.alt) {
        (Code::Char(c), false, false) if !c.is_control() => Edit::Insert(c),
        (Code::Left, false, false) | (Code::Char('b'), true, false) => Edit::Left,
        (Code::Right, false, false) | (Code::Char('f'), true, false) => Edit::Right,
        (Code::Home, _, _) | (Code::Char('a'), true, false) => Edit::Start,
        (Code::End, _, _) | (Code::Char('e'), true, false) => Edit::End,
        (Code::Left, ..) | (Code::Char('b'), false, true) => Edit::WordLeft,
        (Code::Right, ..) | (Code::Char('f'), false, true) => Edit::WordRight,
        (Code::Backspace, false, false) | (Code::Char('h'), true, false) => Edit::Backspace,
        (Code::Delete, _, _) | (Code::Char('d'), true, false) => Edit::Delete,
        (Code::Backspace, ..) | (Code::Char('w'), true, false) => Edit::BackspaceWord,
        (Code::Char('u'), true, false) => Edit::ToStart,
        (Code::Char('k'), true, false) => Edit::ToEnd,
        _ => return None,
    })
}

/// What became of something typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing.
    None,
    /// The cursor moved.
    Moved,
    /// The text is another one; line breaks of pasted text became blanks.
    Edited {
        /// How many lines were made one; 1 for what had no line breaks.
        lines: usize,
    },
    /// It was not taken, and this sentence says why.
    Refused(String),
}

/// Edits a line. What is pasted becomes one line: a last line break is left out, others become blanks.
pub fn edit_line(input: &mut Input, typed: Typed<'_>) -> Change {
    match typed {
        Typed::Key(key) => edit(key).map_or(Change::None, |edit| apply(input, edit)),
        Typed::Paste(text) => paste(input, text),
    }
}

fn apply(input: &mut Input, edit: Edit) -> Change {
    if matches!(edit, Edit::Insert(_)) && input.value().len() >= LONGEST {
        return Change::Refused(too_long());
    }
    let changed = input.handle(match edit {
        Edit::Insert(c) => InputRequest::InsertChar(c),
        Edit::Left => InputRequest::GoToPrevChar,
        Edit::Right => InputRequest::GoToNextChar,
        Edit::Start => InputRequest::GoToStart,
        Edit::End => InputRequest::GoToEnd,
        Edit::WordLeft => InputRequest::GoToPrevWord,
        Edit::WordRight => InputRequest::GoToNextWord,
        Edit::Backspace => InputRequest::DeletePrevChar,
        Edit::Delete => InputRequest::DeleteNextChar,
        Edit::BackspaceWord => InputRequest::DeletePrevWord,
        Edit::ToStart => InputRequest::DeleteFromStart,
        Edit::ToEnd => InputRequest::DeleteTillEnd,
    });
    match changed {
        Some(changed) if changed.value => Change::Edited { lines: 1 },
        Some(_) => Change::Moved,
        None => Change::None,
    }
}

fn paste(input: &mut Input, text: &str) -> Change {
    let (line, lines) = one_line(text);
    if line.is_empty() {
        return Change::None;
    }
    if input.value().len() + line.len() > LONGEST {
        return Change::Refused(too_long());
    }
    // In one go: a character at a time would take a quadratic time.
    let at = input.value().char_indices().nth(input.cursor()).map_or(input.value().len(), |(at, _)| at);
    let (before, after) = input.value().split_at(at);
    let cursor = input.cursor() + line.chars().count();
    *input = Input::new([before, &line, after].concat()).with_cursor(cursor);
    Change::Edited { lines }
}

/// Text as one line, and of how many lines it was made.
pub fn one_line(text: &str) -> (String, usize) {
    let text = text.trim_end_matches(['\r', '\n']);
    let lines: Vec<&str> = text.split('\n').map(|line| line.trim_end_matches('\r')).collect();
    let joined = lines.join(" ").replace(['\r', '\t'], " ");
    (joined, lines.len())
}

/// Why a line takes no more.
pub fn too_long() -> String {
    format!("That is too long: one line holds at most {} KiB.", LONGEST / 1024)
}
