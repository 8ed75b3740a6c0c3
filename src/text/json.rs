//! JSON as lines for a detail view, with parts that fold. Not for copying: that takes the raw text.

use std::fmt::Write;

use serde_json::Value;

use super::clean;

#[cfg(test)]
mod tests;

/// Deeper than this a value is shown folded for good.
const DEPTH: u16 = 32;
/// More lines than this are counted, not shown.
const LINES: usize = 5_000;
/// Characters of one key or value.
const TEXT: usize = 4_000;
/// An array of plain values up to this many characters stands on one line.
const SHORT: usize = 60;

/// One line of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Steps to the right.
    pub indent: u16,
    /// Which value this is, as a JSON pointer (`/user_metadata/plan`); never shown. Empty on lines that close or end.
    pub path: String,
    /// The key, clean, without quotes.
    pub key: Option<String>,
    /// The value or a bracket, clean.
    pub text: String,
    /// Whether it is folded; `None` where nothing folds.
    pub fold: Option<bool>,
}

/// The lines of a value; what `folded` says yes to stands on one line, as `{ 4 keys }`. The outermost brackets are left
/// out.
pub fn lines(value: &Value, folded: &dyn Fn(&str) -> bool) -> Vec<Line> {
    let mut walk = Walk { lines: Vec::new(), left_out: false, folded };
    match value {
        Value::Object(map) if !map.is_empty() => walk.object(map, 0, ""),
        Value::Array(items) if !items.is_empty() => walk.array(items, 0, ""),
        _ => walk.value(None, value, 0, String::new()),
    }
    if walk.left_out {
        walk.lines.push(Line {
            indent: 0,
            path: String::new(),
            key: None,
            text: format!("… cut after {LINES} lines"),
            fold: None,
        });
    }
    walk.lines
}

struct Walk<'a> {
    lines: Vec<Line>,
    left_out: bool,
    folded: &'a dyn Fn(&str) -> bool,
}

impl Walk<'_> {
    fn object(&mut self, map: &serde_json::Map<String, Value>, indent: u16, path: &str) {
        for (key, value) in map {
            let step = key.replace('~', "~0").replace('/', "~1");
            self.value(Some(cut(key)), value, indent, format!("{path}/{step}"));
            if self.left_out {
                return;
            }
        }
    }

    fn array(&mut self, items: &[Value], indent: u16, path: &str) {
        for (at, value) in items.iter().enumerate() {
            self.value(None, value, indent, format!("{path}/{at}"));
            if self.left_out {
                return;
            }
        }
    }

    fn value(&mut self, key: Option<String>, value: &Value, indent: u16, path: String) {
        let (short, open, close) = match value {
            Value::Object(map) if !map.is_empty() => (counted('{', map.len(), "key", '}'), "{", "}"),
            Value::Array(items) if !items.is_empty() => {
                if let Some(text) = on_one_line(items) {
                    return self.push(indent, path, key, text, None);
                }
                (counted('[', items.len(), "item", ']'), "[", "]")
            }
            Value::String(text) => return self.push(indent, path, key, quoted(text), None),
            _ => return self.push(indent, path, key, value.to_string(), None),
        };
        if indent >= DEPTH {
            return self.push(indent, path, key, short, None);
        }
        if (self.folded)(&path) {
            return self.push(indent, path, key, short, Some(true));
        }
        self.push(indent, path.clone(), key, open.to_owned(), Some(false));
        match value {
            Value::Object(map) => self.object(map, indent + 1, &path),
            Value::Array(items) => self.array(items, indent + 1, &path),
            _ => {}
        }
        self.push(indent, String::new(), None, close.to_owned(), None);
    }

    fn push(&mut self, indent: u16, path: String, key: Option<String>, text: String, fold: Option<bool>) {
        if self.lines.len() >= LINES {
            self.left_out = true;
        } else {
            self.lines.push(Line { indent, path, key, text, fold });
        }
    }
}

fn counted(open: char, count: usize, noun: &str, close: char) -> String {
    format!("{open} {count} {noun}{} {close}", if count == 1 { "" } else { "s" })
}

fn on_one_line(items: &[Value]) -> Option<String> {
    let mut text = String::from("[");
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            text.push_str(", ");
        }
        match item {
            Value::Object(_) | Value::Array(_) => return None,
            Value::String(plain) if plain.len() > SHORT => return None,
            Value::String(plain) => text.push_str(&quoted(plain)),
            _ => write!(text, "{item}").ok()?,
        }
        if text.len() > SHORT {
            return None;
        }
    }
    text.push(']');
    Some(text)
}

fn quoted(text: &str) -> String {
    let (start, rest) = split(text);
    let text = serde_json::to_string(start).unwrap_or_default();
    let text = clean::line(&text).into_owned();
    if rest == 0 { text } else { format!("{text} … {rest} more bytes") }
}

fn cut(text: &str) -> String {
    let (start, rest) = split(text);
    let text = clean::line(start).into_owned();
    if rest == 0 { text } else { format!("{text}… {rest} more bytes") }
}

/// The start that is shown, and how many bytes follow it.
fn split(text: &str) -> (&str, usize) {
    let end = text.char_indices().nth(TEXT).map_or(text.len(), |(at, _)| at);
    (text.get(..end).unwrap_or(text), text.len() - end)
}
