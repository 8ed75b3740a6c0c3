//! Which key means which operation in which scope: by default, and as the configuration has it. Sentences name keys by
//! their operation (`{users.create}`), so that they always name the ones that work.

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use super::{Op, Scope};
use crate::app::key::{Code, Key};
use crate::app::{form, global, modal, picker};
use crate::text::near::nearest;

/// Line and column in the configuration, each from 1.
pub type Place = (usize, usize);

/// What the configuration says of one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// The operation's name.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// Its keys, each with where it stands; `off` alone for none.
    pub keys: Vec<(String, Place)>,
}

/// What is wrong with an override, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub place: Place,
    /// The sentence, without its full stop. It holds what was written: clean it before it is shown.
    pub what: String,
}

/// Keys to operations, and back.
#[derive(Clone, Debug, PartialEq)]
pub struct Keymap {
    by_key: HashMap<(Scope, Key), Op>,
    by_op: HashMap<Op, Vec<Key>>,
}

impl Default for Keymap {
    /// The keys of the table.
    fn default() -> Self {
        Self::of(Op::all().map(|op| (op, defaults(op).collect())))
    }
}

fn defaults(op: Op) -> impl Iterator<Item = Key> {
    op.spec().keys.iter().filter_map(|key| key.parse().ok())
}

/// The keys of an operation that is overridden, each with where it stands.
type Asked = Vec<(Key, Place)>;

impl Keymap {
    fn of(all: impl Iterator<Item = (Op, Vec<Key>)>) -> Self {
        let by_op: HashMap<Op, Vec<Key>> = all.collect();
        let by_key =
            by_op.iter().flat_map(|(&op, keys)| keys.iter().map(move |&key| ((op.spec().scope, key), op))).collect();
        Self { by_key, by_op }
    }

    /// The keys of the table with these in place of its own, and what is wrong with them. What is wrong is left out.
    pub fn with(overrides: &[Override]) -> (Self, Vec<Fault>) {
        let mut faults = Vec::new();
        let mut asked: HashMap<Op, Asked> = HashMap::new();
        for Override { name, place, keys } in overrides {
            let Some(op) = named(name) else {
                let near = nearest(name, Op::all().map(|op| op.spec().name));
                let near = near.map(|near| format!(" (did you mean `{near}`?)")).unwrap_or_default();
                let what = format!("there is no operation `{name}`{near}; `basedeck config keys` lists all");
                faults.push(Fault { place: *place, what });
                continue;
            };
            if asked.contains_key(&op) {
                faults.push(Fault { place: *place, what: format!("`{name}` stands twice: leave one out") });
                continue;
            }
            let known = faults.len();
            let keys = read(op, *place, keys, &mut faults);
            // Keys that cannot be read have told it: that none is left says nothing new.
            if keys.is_empty() && faults.len() == known && stays(op) {
                let what = format!("`{name}` needs a key: without it one could not get out");
                faults.push(Fault { place: *place, what });
            }
            asked.insert(op, keys);
        }
        let keys = |op: Op| match asked.get(&op) {
            Some(keys) => keys.iter().map(|(key, _)| *key).collect(),
            None => defaults(op).collect(),
        };
        let map = Self::of(Op::all().map(|op| (op, keys(op))));
        faults.extend(conflicts(&map, &asked));
        faults.sort_by_key(|fault| fault.place);
        (map, faults)
    }

    /// What a key means where these scopes are open, the first scope that knows it winning.
    pub fn find(&self, scopes: &[Scope], key: Key) -> Option<Op> {
        scopes.iter().find_map(|&scope| self.by_key.get(&(scope, key)).copied())
    }

    /// The keys of an operation, the first of the table first.
    pub fn keys(&self, op: Op) -> impl Iterator<Item = Key> {
        self.by_op.get(&op).into_iter().flatten().copied()
    }

    /// What to type for an operation: its first key; without one its name, behind the palette's key.
    pub fn key(&self, op: Op) -> String {
        let own = self.keys(op).next();
        own.map_or_else(
            || {
                let name = op.spec().name;
                let palette = self.keys(Op::Global(global::Op::Palette)).next();
                palette.map_or_else(|| name.to_owned(), |palette| format!("{palette} {name}"))
            },
            |key| key.to_string(),
        )
    }

    /// One of our own sentences with each operation in it, such as `{users.create}`, replaced by its key. Never give it
    /// a text from outside.
    pub fn say(&self, text: &str) -> String {
        let mut said = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            said.push_str(before);
            let op = after.split_once('}').and_then(|(name, after)| Some((named(name)?, after)));
            rest = if let Some((op, after)) = op {
                said.push_str(&self.key(op));
                after
            } else {
                said.push('{');
                after
            };
        }
        said + rest
    }
}

fn named(name: &str) -> Option<Op> {
    Op::all().find(|op| op.spec().name == name)
}

/// The keys of one override that can be keys of this operation; the others are faults.
fn read(op: Op, place: Place, texts: &[(String, Place)], faults: &mut Vec<Fault>) -> Asked {
    let name = op.spec().name;
    if let [(off, _)] = texts
        && off == OFF
    {
        return Vec::new();
    }
    if texts.is_empty() {
        faults.push(Fault { place, what: format!("`{name}` has an empty list: write \"{OFF}\" to switch it off") });
    }
    let mut keys = Asked::new();
    for (text, place) in texts {
        let wrong = match text.parse::<Key>() {
            _ if text == OFF => Some(format!("\"{OFF}\" stands alone: give keys or switch `{name}` off, not both")),
            Err(error) => Some(error.to_string()),
            Ok(key) => match (sent_as(key), types(op, key)) {
                (Some(sent), _) => Some(format!("a terminal sends `{key}` as `{sent}`: choose another key")),
                (_, true) => Some(format!("`{key}` is typed where `{name}` works: hold ctrl or alt with it")),
                _ => {
                    if keys.iter().all(|(other, _)| *other != key) {
                        keys.push((key, *place));
                    }
                    None
                }
            },
        };
        faults.extend(wrong.map(|what| Fault { place: *place, what }));
    }
    keys
}

/// The word that switches an operation off.
const OFF: &str = "off";

/// As what a key arrives that never arrives as itself.
fn sent_as(key: Key) -> Option<Key> {
    let Code::Char(c) = key.code else { return None };
    let plain = match (key.ctrl, c) {
        (true, 'i') => Key::plain(Code::Tab),
        (true, 'm' | 'j') => Key::plain(Code::Enter),
        (true, 'h') => Key::plain(Code::Backspace),
        (true, '[') => Key::plain(Code::Esc),
        (true, c) if c.is_ascii_uppercase() => Key::ctrl(c.to_ascii_lowercase()),
        _ => return None,
    };
    Some(Key { alt: key.alt, ..plain })
}

/// Whether a key would be taken away from a line that is typed where this operation works: characters, and what erases
/// them. What the table itself takes is meant so.
fn types(op: Op, key: Key) -> bool {
    let types = matches!(key.code, Code::Char(_) | Code::Backspace | Code::Delete) && !key.ctrl && !key.alt;
    let scope = op.spec().scope;
    let typing = |scopes: &&[Scope]| scopes.contains(&scope) && scopes.iter().any(|scope| scope.types());
    types && Scope::TOGETHER.iter().any(typing) && defaults(op).all(|own| own != key)
}

/// What must keep a key: it is the way out of a place that has no other.
const fn stays(op: Op) -> bool {
    matches!(
        op,
        Op::Global(global::Op::Exit | global::Op::FilterClear)
            | Op::Form(form::Op::Cancel)
            | Op::Picker(picker::Op::Cancel)
            | Op::Review(picker::ReviewOp::Back)
            | Op::Modal(modal::Op::No | modal::Op::PaletteClose | modal::Op::ViewerClose)
    )
}

/// Where one key means two operations that are open together: told once for a pair, at the one that was written last.
fn conflicts(map: &Keymap, asked: &HashMap<Op, Asked>) -> Vec<Fault> {
    let place = |op: Op, key: Key| asked.get(&op)?.iter().find(|(own, _)| *own == key).map(|(_, place)| *place);
    let mut faults: Vec<Fault> = Vec::new();
    for scopes in Scope::TOGETHER {
        let mut taken: HashMap<Key, Op> = HashMap::new();
        for op in Op::all().filter(|op| scopes.contains(&op.spec().scope)) {
            for key in map.keys(op) {
                let Some(other) = taken.insert(key, op) else { continue };
                let (at, one, other) = match (place(op, key), place(other, key)) {
                    (Some(at), Some(above)) if above < at => (at, op, other),
                    (Some(at), None) => (at, op, other),
                    (_, Some(at)) => (at, other, op),
                    (None, None) => continue,
                };
                let (one, other) = (one.spec().name, other.spec().name);
                let what =
                    format!("`{key}` means both `{one}` and `{other}`: give one of them another key, or \"{OFF}\"");
                let fault = Fault { place: at, what };
                if !faults.contains(&fault) {
                    faults.push(fault);
                }
            }
        }
    }
    faults
}
