//! Forms: fields, what is typed into them, their checks and the server's refusals at their fields. A form sends nothing
//! itself: it says when it is to be sent.

mod line;
mod ops;
mod secret;
mod spec;
#[cfg(test)]
pub(crate) mod tests;

use tui_input::Input;

pub use line::{Change, LONGEST, Typed, edit_line, one_line};
pub use ops::Op;
pub use secret::SecretInput;
pub use spec::{FieldSpec, FormSpec, Kind, json_object};

use super::cx::Cx;
use super::key::Key;
use super::shell::Tone;
use crate::work::password;

/// What a form asks of the one who opened it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormOut {
    /// Nothing.
    None,
    /// All checks passed: send it.
    Submit,
    /// Close it; [`Form::is_dirty`] says whether to ask first.
    Cancel,
    /// It is being sent: take it out of sight.
    Hide,
    /// Show the keys of forms.
    Help,
    /// Show the raw answer behind the refusal.
    Raw,
}

/// Who found fault with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Author {
    /// The field's own check: gone once the text is good.
    Check,
    /// The server: gone once the text is another one, or is sent again.
    Server,
    /// A warning: sending again overrides it, another text takes it away.
    Warning,
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Who says so.
    pub author: Author,
    /// One sentence; from outside in part, uncleaned.
    pub text: String,
}

/// What a field holds now.
#[derive(Clone, Debug)]
pub enum Value {
    /// Text or JSON.
    Text(Input),
    /// A hidden text.
    Secret(SecretInput),
    /// On or off.
    Toggle(bool),
    /// Which of the choices.
    Choice(usize),
}

/// A field with what it holds.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its table row.
    pub spec: &'static FieldSpec,
    /// What it holds.
    pub value: Value,
    /// What is wrong with it.
    pub fault: Option<Fault>,
    /// A word on what was just typed (lines made one); gone with the next key.
    pub note: Option<String>,
    /// Whether its text was changed and left: only then is it checked.
    touched: bool,
}

impl Field {
    fn new(spec: &'static FieldSpec) -> Self {
        let value = match spec.kind {
            Kind::Text | Kind::Json => Value::Text(Input::default()),
            Kind::Secret { .. } => Value::Secret(SecretInput::default()),
            Kind::Toggle { on } => Value::Toggle(on),
            Kind::Choice(_) => Value::Choice(0),
        };
        Self { spec, value, fault: None, note: None, touched: false }
    }

    /// Its text: of a choice the chosen, of a switch nothing.
    pub fn text(&self) -> &str {
        match &self.value {
            Value::Text(input) => input.value(),
            Value::Secret(input) => input.secret().expose(),
            Value::Toggle(_) => "",
            Value::Choice(at) => match self.spec.kind {
                Kind::Choice(names) => names.get(*at).copied().unwrap_or_default(),
                _ => "",
            },
        }
    }

    fn is_dirty(&self) -> bool {
        match (&self.value, self.spec.kind) {
            (Value::Toggle(now), Kind::Toggle { on }) => *now != on,
            (Value::Choice(at), _) => *at != 0,
            _ => !self.text().is_empty(),
        }
    }
}

/// What the fields hold, by id.
#[derive(Clone, Copy)]
pub struct Values<'a>(&'a [Field]);

impl Values<'_> {
    /// A field's text; empty where there is no such field.
    pub fn text(&self, id: &str) -> &str {
        self.find(id).map_or("", Field::text)
    }

    /// Whether a switch is on.
    pub fn is_on(&self, id: &str) -> bool {
        matches!(self.find(id), Some(Field { value: Value::Toggle(true), .. }))
    }

    /// What a hidden field holds; empty where there is no such field.
    pub fn secret(&self, id: &str) -> crate::secret::Secret {
        match self.find(id).map(|field| &field.value) {
            Some(Value::Secret(input)) => input.secret().clone(),
            _ => crate::secret::Secret::default(),
        }
    }

    fn find(&self, id: &str) -> Option<&Field> {
        self.0.iter().find(|field| field.spec.id == id)
    }
}

/// A form being filled in.
#[derive(Clone, Debug)]
pub struct Form {
    /// Its table.
    pub spec: &'static FormSpec,
    /// Where it acts, for the title: `in home`.
    pub place: String,
    /// What is wrong with the form as a whole, or what to know; from outside in part, uncleaned.
    pub said: Option<(Tone, String)>,
    /// Its fields.
    pub fields: Vec<Field>,
    /// Which field has the keys.
    pub focus: usize,
    /// Whether hidden texts are shown.
    pub revealed: bool,
}

impl Form {
    /// An empty form.
    pub fn new(spec: &'static FormSpec, place: impl Into<String>) -> Self {
        let fields = spec.fields.iter().map(Field::new).collect();
        Self { spec, place: place.into(), said: None, fields, focus: 0, revealed: false }
    }

    /// What the fields hold.
    pub fn values(&self) -> Values<'_> {
        Values(&self.fields)
    }

    /// Whether anything was typed or switched.
    pub fn is_dirty(&self) -> bool {
        self.fields.iter().any(Field::is_dirty)
    }

    /// Fills a text, as if typed.
    pub fn set_text(&mut self, id: &str, text: &str) {
        for field in self.fields.iter_mut().filter(|field| field.spec.id == id) {
            match &mut field.value {
                Value::Text(input) => *input = Input::new(text.to_owned()),
                Value::Secret(input) => input.set(crate::secret::Secret::new(text.to_owned())),
                Value::Toggle(_) | Value::Choice(_) => {}
            }
        }
    }

    /// Gives the keys to a field.
    pub fn go_to(&mut self, id: &str) {
        if let Some(at) = self.fields.iter().position(|field| field.spec.id == id) {
            self.focus = at;
        }
    }

    /// Says what is wrong with the form as a whole, until another text is typed or it is sent.
    pub fn say(&mut self, text: impl Into<String>) {
        self.said = Some((Tone::Bad, text.into()));
    }

    /// Says what to know while filling it in: that stays.
    pub fn hint(&mut self, text: impl Into<String>) {
        self.said = Some((Tone::Info, text.into()));
    }

    fn unsay(&mut self) {
        self.said.take_if(|(tone, _)| *tone == Tone::Bad);
    }

    /// Finds fault with a field, by id or by a server's name for it, and goes there; whether there is such a field.
    pub fn blame(&mut self, name: &str, author: Author, text: impl Into<String>) -> bool {
        let found =
            self.fields.iter().position(|field| field.spec.id == name || field.spec.server_names.contains(&name));
        let Some((at, field)) = found.and_then(|at| Some((at, self.fields.get_mut(at)?))) else { return false };
        field.fault = Some(Fault { author, text: text.into() });
        self.focus = at;
        true
    }

    /// The field that one of the servers' names in a sentence points to.
    pub fn named_in(&self, sentence: &str) -> Option<&'static str> {
        let sentence = sentence.to_lowercase();
        self.fields
            .iter()
            .find(|field| field.spec.server_names.iter().any(|name| sentence.contains(name)))
            .map(|field| field.spec.id)
    }

    /// Whether an operation means anything in this form.
    pub fn takes(&self, op: Op) -> bool {
        let any = |wanted: fn(Kind) -> bool| self.fields.iter().any(|field| wanted(field.spec.kind));
        match op {
            Op::Generate => any(|kind| matches!(kind, Kind::Secret { generate: true, .. })),
            Op::Reveal => any(|kind| matches!(kind, Kind::Secret { reveal: true, .. })),
            Op::Next | Op::Previous => self.fields.len() > 1,
            Op::Send | Op::Cancel | Op::Toggle | Op::Help | Op::Raw => true,
        }
    }

    /// Runs an operation; `under_way` says whether the form is being sent: then nothing in it changes.
    pub fn run(&mut self, op: Op, under_way: bool, cx: &mut Cx) -> FormOut {
        match op {
            Op::Cancel if under_way => return FormOut::Hide,
            Op::Cancel => return FormOut::Cancel,
            Op::Help => return FormOut::Help,
            Op::Raw => return FormOut::Raw,
            Op::Reveal => self.revealed = !self.revealed,
            _ if under_way => {}
            Op::Next => self.go(1),
            Op::Previous => self.go(self.fields.len().saturating_sub(1)),
            Op::Toggle => self.toggle(),
            Op::Generate => self.generate(cx),
            Op::Send => return self.send(),
        }
        FormOut::None
    }

    /// Types into the field that has the keys. While the form is being sent nothing is typed: what was sent stands.
    pub fn typed(&mut self, typed: Typed<'_>, under_way: bool) {
        if under_way {
            return;
        }
        let focus = self.focus;
        let Some(field) = self.fields.get_mut(focus) else { return };
        field.note = None;
        let change = match &mut field.value {
            Value::Text(input) => edit_line(input, typed),
            Value::Secret(input) => input.edit(typed),
            Value::Toggle(_) | Value::Choice(_) => match typed {
                Typed::Key(_) => Change::None,
                Typed::Paste(_) => Change::Refused("Nothing can be pasted here.".into()),
            },
        };
        match change {
            Change::None | Change::Moved => {}
            Change::Refused(why) => field.note = Some(why),
            Change::Edited { lines } => {
                if lines > 1 {
                    field.note = Some(format!("{lines} lines were pasted as one."));
                }
                self.edited(focus);
            }
        }
    }

    /// A text is another one: what was said about the old one no longer holds.
    fn edited(&mut self, at: usize) {
        self.unsay();
        let judged = self.judge(at);
        let Some(field) = self.fields.get_mut(at) else { return };
        let was_checked = field.fault.as_ref().is_some_and(|fault| fault.author == Author::Check);
        // While one types only a fault that stands already is looked at again.
        field.fault = if was_checked || field.touched { judged } else { None };
    }

    fn judge(&self, at: usize) -> Option<Fault> {
        let field = self.fields.get(at)?;
        let text = field.text();
        let wrong = if text.is_empty() {
            let missing = field.spec.required && !matches!(field.value, Value::Toggle(_));
            missing.then(|| format!("{} is needed.", field.spec.label))
        } else {
            let own = if field.spec.kind == Kind::Json { json_object(text).map(drop) } else { Ok(()) };
            own.and_then(|()| (field.spec.check)(text, &self.values())).err()
        };
        wrong.map(|text| Fault { author: Author::Check, text })
    }

    fn go(&mut self, by: usize) {
        let (from, count) = (self.focus, self.fields.len().max(1));
        self.focus = (from + by) % count;
        let judged = self.judge(from);
        let Some(field) = self.fields.get_mut(from) else { return };
        field.note = None;
        // An empty field that is only passed by is not scolded.
        if !field.text().is_empty() {
            field.touched = true;
            if field.fault.as_ref().is_none_or(|fault| fault.author == Author::Check) {
                field.fault = judged;
            }
        }
    }

    fn toggle(&mut self) {
        match self.fields.get_mut(self.focus).map(|field| (field.spec.kind, &mut field.value)) {
            Some((_, Value::Toggle(on))) => *on = !*on,
            Some((Kind::Choice(names), Value::Choice(at))) => *at = (*at + 1) % names.len().max(1),
            _ => self.typed(Typed::Key(Key::char(' ')), false),
        }
    }

    /// Fills the hidden field that has the keys, else the first that can be filled.
    fn generate(&mut self, cx: &mut Cx) {
        let can = |field: &Field| matches!(field.spec.kind, Kind::Secret { generate: true, .. });
        let here = self.fields.get(self.focus).filter(|field| can(field)).map(|_| self.focus);
        let Some(at) = here.or_else(|| self.fields.iter().position(can)) else { return };
        if let Some(Field { value: Value::Secret(input), note, .. }) = self.fields.get_mut(at) {
            input.set(password::generate(&mut cx.rng));
            *note = None;
            self.focus = at;
            self.edited(at);
        }
    }

    /// Checks everything; the first field at fault gets the keys.
    fn send(&mut self) -> FormOut {
        let judged: Vec<Option<Fault>> = (0..self.fields.len()).map(|at| self.judge(at)).collect();
        let first = judged.iter().position(Option::is_some);
        for (field, fault) in self.fields.iter_mut().zip(judged) {
            field.touched = true;
            field.note = None;
            let warned = field.fault.as_ref().is_some_and(|fault| fault.author == Author::Warning);
            if fault.is_some() || !warned {
                field.fault = fault;
            }
        }
        if let Some(at) = first {
            self.focus = at;
            return FormOut::None;
        }
        self.unsay();
        FormOut::Submit
    }
}
