//! From the bytes of a terminal to keys, pastes and focus changes: pure, fed in any pieces. The sequences are those of
//! xterm's `ctlseqs`, with the variants of the Linux console, rxvt and kitty's `CSI u`.

#[cfg(test)]
mod tests;

use ratatui::layout::Position;

use crate::app::key::{Code, Key};
use crate::app::mouse::{Act, Mouse};
use crate::app::msg::{Msg, Pasted};

/// A longer sequence is none: it is dropped.
const LONGEST: usize = 64;
/// A longer paste comes in pieces of this many bytes.
const PASTE: usize = 4 << 20;
const PASTE_END: &[u8] = b"\x1b[201~";
const ESC: u8 = 0x1b;

/// What was fed and is not a whole key yet.
#[derive(Debug, Default)]
pub struct Decoder {
    held: Vec<u8>,
    pasting: bool,
}

/// What a sequence means.
enum Meaning {
    Key(Key),
    Mouse(Mouse),
    Focus(bool),
}

/// What stands at the front of the bytes held.
enum Front {
    /// So many bytes, and what they mean; `None` for a sequence that means nothing here.
    Whole(usize, Option<Meaning>),
    /// A bracketed paste begins behind so many bytes.
    Paste(usize),
    /// The bytes so far may be the start of something longer.
    Part,
}

impl Decoder {
    /// Takes bytes and gives out what they complete.
    pub fn feed(&mut self, bytes: &[u8], out: &mut impl Extend<Msg>) {
        self.held.extend_from_slice(bytes);
        self.decode(false, out);
    }

    /// Whether something waits for more bytes that may never come: a lone escape, above all. Then, after a moment,
    /// call [`Decoder::settle`].
    pub fn is_waiting(&self) -> bool {
        !self.pasting && !self.held.is_empty()
    }

    /// Nothing more came: takes what is held as it stands.
    pub fn settle(&mut self, out: &mut impl Extend<Msg>) {
        self.decode(true, out);
    }

    fn decode(&mut self, last: bool, out: &mut impl Extend<Msg>) {
        let mut done = 0;
        while let Some(rest) = self.held.get(done..).filter(|rest| !rest.is_empty()) {
            if self.pasting {
                let (text, used, ended) = pasted(rest);
                if used == 0 {
                    break;
                }
                done += used;
                self.pasting = !ended;
                if !text.is_empty() {
                    out.extend([Msg::Paste(Pasted(String::from_utf8_lossy(text).into_owned()))]);
                }
                continue;
            }
            match front(rest, last) {
                Front::Whole(used, meaning) => {
                    done += used;
                    out.extend(meaning.map(|meaning| match meaning {
                        Meaning::Key(key) => Msg::Key(key),
                        Meaning::Mouse(mouse) => Msg::Mouse(mouse),
                        Meaning::Focus(on) => Msg::Focus(on),
                    }));
                }
                Front::Paste(used) => {
                    done += used;
                    self.pasting = true;
                }
                Front::Part => break,
            }
        }
        self.held.drain(..done);
        if self.held.is_empty() {
            self.held.shrink_to(PASTE_END.len() * 1024);
        }
    }
}

/// The text of a paste as far as it may be given out, the bytes used, and whether it ended.
fn pasted(rest: &[u8]) -> (&[u8], usize, bool) {
    if let Some(end) = memchr::memmem::find(rest, PASTE_END) {
        return (rest.get(..end).unwrap_or_default(), end + PASTE_END.len(), true);
    }
    if rest.len() < PASTE + PASTE_END.len() {
        return (&[], 0, false);
    }
    // Cut between characters.
    let cut = (0..4).map(|back| PASTE - back).find(|&cut| rest.get(cut).is_some_and(|byte| byte & 0xc0 != 0x80));
    let cut = cut.unwrap_or(PASTE);
    (rest.get(..cut).unwrap_or_default(), cut, false)
}

/// What the bytes begin with; `last` says that no more will come.
fn front(bytes: &[u8], last: bool) -> Front {
    let part = |fallback: Front| if last { fallback } else { Front::Part };
    match bytes {
        [ESC] => part(key(1, Key::plain(Code::Esc))),
        [ESC, b'['] => part(key(2, alt(Key::char('[')))),
        [ESC, b'O'] => part(key(2, alt(Key::char('O')))),
        [ESC, b'[', rest @ ..] => csi(rest, last),
        [ESC, b'O', letter, ..] => Front::Whole(3, ss3(*letter).map(|code| Meaning::Key(Key::plain(code)))),
        // Two escapes: the first stands for itself, the second may begin a sequence.
        [ESC, ESC, ..] => key(1, Key::plain(Code::Esc)),
        [ESC, rest @ ..] => match front(rest, last) {
            Front::Whole(used, Some(Meaning::Key(plain))) => key(1 + used, alt(plain)),
            Front::Whole(used, other) => Front::Whole(1 + used, other),
            other => other,
        },
        [byte @ 0..=0x7f, ..] => Front::Whole(1, Some(Meaning::Key(ascii(*byte)))),
        _ => utf8(bytes, last),
    }
}

fn key(used: usize, key: Key) -> Front {
    Front::Whole(used, Some(Meaning::Key(key)))
}

const fn alt(key: Key) -> Key {
    Key { alt: true, ..key }
}

/// Control characters as keys; `^H` is what some terminals send for backspace, `^J` what scripts send for enter.
fn ascii(byte: u8) -> Key {
    match byte {
        b'\r' | b'\n' => Key::plain(Code::Enter),
        b'\t' => Key::plain(Code::Tab),
        0x7f | 0x08 => Key::plain(Code::Backspace),
        ESC => Key::plain(Code::Esc),
        0 => Key::ctrl(' '),
        1..=0x1a => Key::ctrl(char::from(byte + b'a' - 1)),
        0x1c..=0x1f => Key::ctrl(char::from(byte + b'@')),
        _ => Key::char(char::from(byte)),
    }
}

fn utf8(bytes: &[u8], last: bool) -> Front {
    let long = match bytes.first() {
        Some(0xc2..=0xdf) => 2,
        Some(0xe0..=0xef) => 3,
        Some(0xf0..=0xf4) => 4,
        _ => return Front::Whole(1, None),
    };
    match bytes.get(..long) {
        Some(whole) => match str::from_utf8(whole).ok().and_then(|text| text.chars().next()) {
            Some(c) => Front::Whole(long, (!c.is_control()).then(|| Meaning::Key(Key::char(c)))),
            None => Front::Whole(1, None),
        },
        None if last || bytes.iter().skip(1).any(|byte| byte & 0xc0 != 0x80) => Front::Whole(1, None),
        None => Front::Part,
    }
}

/// A control sequence, behind `ESC [`.
fn csi(rest: &[u8], last: bool) -> Front {
    // The Linux console's F1 to F5: `ESC [ [ A`.
    match rest {
        [b'['] => return if last { Front::Whole(3, None) } else { Front::Part },
        [b'[', letter, ..] => {
            let code = matches!(letter, b'A'..=b'E').then(|| Code::F(letter - b'A' + 1));
            return Front::Whole(4, code.map(|code| Meaning::Key(Key::plain(code))));
        }
        _ => {}
    }
    // A terminal that knows no decimal reports says button and cell in three bytes, which are no keys.
    if let [b'M', told @ ..] = rest {
        return if told.len() >= 3 {
            Front::Whole(6, None)
        } else if last {
            Front::Whole(3 + told.len(), None)
        } else {
            Front::Part
        };
    }
    let Some(end) = rest.iter().position(|byte| !(0x20..=0x3f).contains(byte)) else {
        return if last || rest.len() > LONGEST { Front::Whole(2 + rest.len(), None) } else { Front::Part };
    };
    let (Some(params), Some(&finish)) = (rest.get(..end), rest.get(end)) else { return Front::Part };
    if !(0x40..=0x7e).contains(&finish) {
        // Broken off: what broke it stands for itself.
        return Front::Whole(2 + end, None);
    }
    let used = 2 + end + 1;
    match (params, finish) {
        (b"200", b'~') => Front::Paste(used),
        (b"", b'I') => Front::Whole(used, Some(Meaning::Focus(true))),
        (b"", b'O') => Front::Whole(used, Some(Meaning::Focus(false))),
        ([b'<', told @ ..], b'M' | b'm') => Front::Whole(used, mouse(told, finish).map(Meaning::Mouse)),
        _ => Front::Whole(used, csi_key(params, finish).map(Meaning::Key)),
    }
}

/// Shift, meta and ctrl in the number of a button.
const MODIFIERS: u16 = 4 | 8 | 16;

/// A mouse report (xterm's mode 1006): the button and the cell, from 1; `m` ends a press. Only presses of the left
/// button and the wheel mean anything, whatever modifiers are held.
fn mouse(told: &[u8], finish: u8) -> Option<Mouse> {
    let mut numbers = str::from_utf8(told).ok()?.split(';').map(|number| number.parse::<u16>().ok());
    let (button, x, y) = (numbers.next()??, numbers.next()??, numbers.next()??);
    let act = match (button & !MODIFIERS, finish) {
        (0, b'M') => Act::Press,
        (64, b'M') => Act::WheelUp,
        (65, b'M') => Act::WheelDown,
        _ => return None,
    };
    Some(Mouse { act, at: Position { x: x.checked_sub(1)?, y: y.checked_sub(1)? } })
}

fn csi_key(params: &[u8], finish: u8) -> Option<Key> {
    let params = str::from_utf8(params).ok()?;
    let mut params = params.split(';').map(|param| param.split(':'));
    let first = params.next().and_then(|mut parts| parts.next()).unwrap_or_default();
    let mut second = params.next();
    let held: u32 = second.as_mut().and_then(Iterator::next).and_then(|n| n.parse().ok()).unwrap_or(1);
    // Kitty's kinds of event: 3 is a key let go.
    if second.and_then(|mut parts| parts.next()) == Some("3") {
        return None;
    }
    let held = held.saturating_sub(1);
    let code = match finish {
        b'Z' => Code::BackTab,
        b'~' if first == "27" => letter(params.next()?.next()?.parse().ok()?, held)?,
        b'~' => numbered(first.parse().ok()?)?,
        b'u' => letter(first.parse().ok()?, held)?,
        // With numbers it is the mouse of other modes, not the keypad.
        b'M' => return None,
        _ => ss3(finish)?,
    };
    Some(Key { code, ctrl: held & 4 != 0, alt: held & 2 != 0 })
}

/// The final letter of cursor and function keys.
const fn ss3(letter: u8) -> Option<Code> {
    Some(match letter {
        b'A' => Code::Up,
        b'B' => Code::Down,
        b'C' => Code::Right,
        b'D' => Code::Left,
        b'H' => Code::Home,
        b'F' => Code::End,
        b'M' => Code::Enter,
        b'P'..=b'S' => Code::F(letter - b'P' + 1),
        _ => return None,
    })
}

/// The numbers before `~`.
const fn numbered(number: u8) -> Option<Code> {
    Some(match number {
        1 | 7 => Code::Home,
        4 | 8 => Code::End,
        3 => Code::Delete,
        5 => Code::PageUp,
        6 => Code::PageDown,
        11..=15 => Code::F(number - 10),
        17..=21 => Code::F(number - 11),
        23 | 24 => Code::F(number - 12),
        _ => return None,
    })
}

/// A key named by its code point; shift shows in the character.
fn letter(point: u32, held: u32) -> Option<Code> {
    let shift = held & 1 != 0;
    Some(match char::from_u32(point)? {
        '\r' => Code::Enter,
        '\t' if shift => Code::BackTab,
        '\t' => Code::Tab,
        '\x1b' => Code::Esc,
        '\x7f' | '\x08' => Code::Backspace,
        c if c.is_control() => return None,
        c if shift => Code::Char(c.to_uppercase().next().unwrap_or(c)),
        c => Code::Char(c),
    })
}
