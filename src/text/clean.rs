//! THE sanitizer: every string from outside passes here before it reaches a cell, a log or a terminal's stdout.
//!
//! Nothing is dropped in silence: a control character becomes its picture, what is invisible or turns text round becomes
//! `�`, a mark without a letter gets `◌`. Not for secrets (they are never shown) and not for JSON (see `text::json`).

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthChar;

use super::width::simple;

#[cfg(test)]
mod tests;

/// What stands for a character that must not be written.
const REPLACED: char = '\u{FFFD}';
/// The base that a lone mark is put on.
const BASE: char = '◌';
/// The most zero-width marks, and the most further letters, that one grapheme keeps.
const MARKS: usize = 4;
/// A tab in a block.
const TAB: &str = "    ";

/// Text for one line: line breaks and tabs become pictures too. Printable ASCII is handed back as it is.
pub fn line(text: &str) -> Cow<'_, str> {
    clean(text, false)
}

/// Text over several lines: `\n` stays, a tab becomes spaces.
pub fn block(text: &str) -> Cow<'_, str> {
    clean(text, true)
}

/// Whether a terminal cell may hold this symbol: what `line` leaves as it is.
pub fn is_safe_symbol(symbol: &str) -> bool {
    line(symbol) == symbol
}

fn clean(text: &str, breaks: bool) -> Cow<'_, str> {
    if simple(text).is_some() || (breaks && text.split('\n').all(|line| simple(line).is_some())) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut before = None;
    for c in text.chars() {
        match c {
            '\n' if breaks => plain.push(c),
            '\t' if breaks => plain.push_str(TAB),
            '\0'..='\x1f' => plain.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or(REPLACED)),
            '\x7f' => plain.push('\u{2421}'),
            // An emoji that is wide by itself stays as wide as it is; elsewhere terminals disagree about the width.
            '\u{FE0F}' if before.is_some_and(is_wide_emoji) => plain.push(c),
            _ if is_hidden(c) => plain.push(REPLACED),
            _ => plain.push(c),
        }
        before = Some(c);
    }
    let done = if plain.chars().all(|c| c < '\u{300}') { plain } else { limit_marks(&plain) };
    if done == text { Cow::Borrowed(text) } else { Cow::Owned(done) }
}

/// Gives each grapheme a base and at most `MARKS` marks.
fn limit_marks(text: &str) -> String {
    let mut done = String::with_capacity(text.len());
    for grapheme in text.graphemes(true) {
        if grapheme.len() == 1 {
            done.push_str(grapheme);
            continue;
        }
        if grapheme.chars().next().is_some_and(is_zero_width) {
            let based = format!("{BASE}{}", start(grapheme, MARKS * 2));
            if based.graphemes(true).nth(1).is_some() {
                done.push(REPLACED);
                continue;
            }
            done.push(BASE);
            push_limited(&mut done, grapheme.chars());
        } else {
            let mut chars = grapheme.chars();
            done.extend(chars.next());
            push_limited(&mut done, chars);
        }
    }
    done
}

fn push_limited(done: &mut String, chars: impl Iterator<Item = char>) {
    let (mut zero, mut wide) = (0, 0);
    for c in chars {
        let kind = if is_zero_width(c) { &mut zero } else { &mut wide };
        *kind += 1;
        if *kind > MARKS {
            done.push(REPLACED);
            return;
        }
        done.push(c);
    }
}

fn start(text: &str, chars: usize) -> &str {
    text.char_indices().nth(chars).and_then(|(at, _)| text.get(..at)).unwrap_or(text)
}

fn is_zero_width(c: char) -> bool {
    c != '\n' && UnicodeWidthChar::width(c).unwrap_or(0) == 0
}

fn is_wide_emoji(c: char) -> bool {
    matches!(c, '\u{2300}'..='\u{2BFF}' | '\u{1F000}'..='\u{1FAFF}') && UnicodeWidthChar::width(c) == Some(2)
}

/// C1 controls, format characters (Unicode's Cf: bidi, joiners, tags and others), line separators, fillers that look
/// empty, variation selectors, and code points that will never be characters.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{80}'..='\u{9F}'
        | '\u{AD}'
        | '\u{34F}'
        | '\u{600}'..='\u{605}' | '\u{61C}' | '\u{6DD}' | '\u{70F}' | '\u{890}' | '\u{891}' | '\u{8E2}'
        | '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}'
        | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}'
        | '\u{FFF0}'..='\u{FFFB}'
        | '\u{FDD0}'..='\u{FDEF}'
        | '\u{110BD}' | '\u{110CD}'
        | '\u{13430}'..='\u{1343F}'
        | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}'
    ) || u32::from(c) & 0xFFFE == 0xFFFE
}
