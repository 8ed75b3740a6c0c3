//! What stands over the screen: forms, questions, the palette, something to read, the file picker. One stack: what is
//! opened over a half-filled form leaves it untouched.

mod confirm;
mod ops;
mod palette;
#[cfg(test)]
mod tests;
mod viewer;

use ratatui::layout::Size;

pub use confirm::{Ask, Confirm, Laid};
pub use ops::Op;
pub use palette::{Item, Palette};
pub use viewer::{Line, Look, Row, Viewer, help};

use super::cx::Cx;
use super::form::{Form, FormOut, Typed};
use super::list;
use super::op::{self, Scope};
use super::picker::{self, Picker, PickerOut};
use super::projects::Switcher;
use crate::api::route::Door;
use crate::work::plan::Plan;

/// Which form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormKind {
    /// A new user.
    CreateUser,
    /// Another credential for a door.
    Credential(Door),
    /// Email and password for the control plane.
    SignIn,
    /// The code of a second factor.
    Code,
    /// The name of a protected profile.
    Unlock,
}

/// A form over the screen.
#[derive(Clone, Debug)]
pub struct FormModal {
    /// Which one.
    pub kind: FormKind,
    /// Its fields.
    pub form: Form,
    /// Out of sight while it is being sent.
    pub hidden: bool,
}

/// Something over the screen.
#[derive(Clone, Debug)]
pub enum Modal {
    /// A form.
    Form(Box<FormModal>),
    /// A question.
    Confirm(Confirm),
    /// The command palette.
    Palette(Palette),
    /// The list of projects.
    Projects(Box<Switcher>),
    /// Something to read.
    Viewer(Viewer),
    /// The file picker.
    Picker(Box<Picker>),
}

impl Modal {
    /// A form.
    pub fn form(kind: FormKind, form: Form) -> Self {
        Self::Form(Box::new(FormModal { kind, form, hidden: false }))
    }

    /// The scope of its keys.
    pub fn scope(&self) -> Scope {
        match self {
            Self::Form(_) => Scope::Form,
            Self::Confirm(_) => Scope::Confirm,
            Self::Palette(_) => Scope::Palette,
            Self::Projects(_) => Scope::Projects,
            Self::Viewer(_) => Scope::Viewer,
            Self::Picker(picker) if picker.review.is_some() => Scope::Review,
            Self::Picker(_) => Scope::Picker,
        }
    }

    fn is_visible(&self) -> bool {
        !matches!(self, Self::Form(form) if form.hidden)
    }
}

/// What a modal asks of the root.
#[derive(Clone, Debug, PartialEq)]
pub enum ModalOut {
    /// Nothing.
    None,
    /// Send this form: its checks have passed.
    Submit(FormKind),
    /// This form went out of sight while it is being sent: its end is to be told by a notice.
    Hidden(FormKind),
    /// This form was closed unsent.
    Cancelled(FormKind),
    /// The question was answered with yes.
    Yes(Ask),
    /// The question was answered with no, which is to be remembered.
    No(Ask),
    /// Run this operation: the palette has closed.
    Run(op::Op),
    /// Say why an operation does not run now.
    Dimmed(op::gate::Reason),
    /// Ask this for the picker; the answer goes to [`Stack::picker_received`].
    Picker(picker::Effect),
    /// Begin this upload: the picker has closed.
    Upload(Box<Plan>),
    /// Put this on the clipboard.
    Copy(String),
    /// Show the keys of the topmost modal's scope.
    Help(Scope),
    /// Show the raw answer behind the last error.
    Raw,
}

/// The modals, the topmost last.
#[derive(Clone, Debug, Default)]
pub struct Stack(Vec<Modal>);

impl Stack {
    /// Whether nothing stands over the screen.
    pub fn is_empty(&self) -> bool {
        self.visible().next().is_none()
    }

    /// How many stand over the screen.
    pub fn len(&self) -> usize {
        self.visible().count()
    }

    /// Those in sight, the topmost last.
    pub fn visible(&self) -> impl DoubleEndedIterator<Item = &Modal> {
        self.0.iter().filter(|modal| modal.is_visible())
    }

    /// The one that has the keys.
    pub fn top(&self) -> Option<&Modal> {
        self.visible().next_back()
    }

    /// The scope of the one that has the keys.
    pub fn scope(&self) -> Option<Scope> {
        self.top().map(Modal::scope)
    }

    /// Opens one over what there is.
    pub fn push(&mut self, modal: Modal) {
        self.0.push(modal);
    }

    /// Closes the one that has the keys.
    pub fn pop(&mut self) -> Option<Modal> {
        let at = self.0.iter().rposition(Modal::is_visible)?;
        Some(self.0.remove(at))
    }

    /// The list of projects, where it is open.
    pub fn switcher(&self) -> Option<&Switcher> {
        self.0.iter().find_map(|modal| match modal {
            Modal::Projects(switcher) => Some(&**switcher),
            _ => None,
        })
    }

    /// The list of projects, where it is open.
    pub fn switcher_mut(&mut self) -> Option<&mut Switcher> {
        self.0.iter_mut().find_map(|modal| match modal {
            Modal::Projects(switcher) => Some(&mut **switcher),
            _ => None,
        })
    }

    /// Whether something typed or marked would be lost with them.
    pub fn is_dirty(&self) -> bool {
        self.0.iter().any(|modal| match modal {
            Modal::Form(form) => form.kind == FormKind::CreateUser && form.form.is_dirty(),
            Modal::Picker(picker) => picker.is_dirty(),
            _ => false,
        })
    }

    /// Whether this form is there, in sight or not.
    pub fn has_form(&self, kind: FormKind) -> bool {
        self.form(kind).is_some()
    }

    /// Whether another credential is being asked for.
    pub fn asks_credential(&self) -> bool {
        let asks = |kind| matches!(kind, FormKind::Credential(_) | FormKind::SignIn | FormKind::Code);
        self.0.iter().any(|modal| matches!(modal, Modal::Form(form) if asks(form.kind)))
    }

    /// A form, in sight or not.
    pub fn form(&self, kind: FormKind) -> Option<&FormModal> {
        self.0.iter().find_map(|modal| match modal {
            Modal::Form(form) if form.kind == kind => Some(&**form),
            _ => None,
        })
    }

    /// A form, in sight or not.
    pub fn form_mut(&mut self, kind: FormKind) -> Option<&mut FormModal> {
        self.0.iter_mut().find_map(|modal| match modal {
            Modal::Form(form) if form.kind == kind => Some(&mut **form),
            _ => None,
        })
    }

    /// Closes a form, wherever it stands, with the question about it.
    pub fn close(&mut self, kind: FormKind) {
        self.0.retain(|modal| !matches!(modal, Modal::Form(form) if form.kind == kind));
        let loses = self.0.iter().any(|modal| matches!(modal, Modal::Form(_) | Modal::Picker(_)));
        self.0.retain(|modal| loses || !matches!(modal, Modal::Confirm(Confirm { what: Ask::Discard, .. })));
    }

    /// Brings a hidden form back into sight, over what there is; whether there was one.
    pub fn show(&mut self, kind: FormKind) -> bool {
        let found = self.0.iter().position(|modal| matches!(modal, Modal::Form(form) if form.kind == kind));
        let Some(at) = found else { return false };
        let mut modal = self.0.remove(at);
        let was_hidden = !modal.is_visible();
        if let Modal::Form(form) = &mut modal {
            form.hidden = false;
        }
        self.0.insert(if was_hidden { self.0.len() } else { at }, modal);
        was_hidden
    }

    /// What the picker asked for has come.
    pub fn picker_received(&mut self, body: picker::Body) -> ModalOut {
        let picker = self.0.iter_mut().find_map(|modal| match modal {
            Modal::Picker(picker) => Some(picker),
            _ => None,
        });
        let out = picker.map_or(PickerOut::None, |picker| picker.receive(body));
        self.picked(out)
    }

    /// Types into the one that has the keys; `under_way` says whether it is a form that is being sent.
    pub fn typed(&mut self, typed: Typed<'_>, under_way: bool) -> ModalOut {
        let out = match self.top_mut() {
            Some(Modal::Form(form)) => {
                form.form.typed(typed, under_way);
                PickerOut::None
            }
            Some(Modal::Palette(palette)) => {
                palette.typed(typed);
                PickerOut::None
            }
            Some(Modal::Projects(switcher)) => {
                switcher.typed(typed);
                PickerOut::None
            }
            Some(Modal::Picker(picker)) => picker.typed(typed),
            Some(Modal::Confirm(_) | Modal::Viewer(_)) | None => PickerOut::None,
        };
        self.picked(out)
    }

    /// Runs an operation of the topmost modal's scope; `under_way` says whether it is a form that is being sent.
    pub fn run(&mut self, op: op::Op, under_way: bool, cx: &mut Cx) -> ModalOut {
        match (op, self.top_mut()) {
            (op::Op::Form(op), Some(Modal::Form(form))) => {
                let (kind, out) = (form.kind, form.form.run(op, under_way, cx));
                self.formed(kind, out)
            }
            (op::Op::Picker(op), Some(Modal::Picker(picker))) => {
                let out = picker.run(op, cx.size);
                self.picked(out)
            }
            (op::Op::Review(op), Some(Modal::Picker(picker))) => {
                let out = picker.run_review(op, cx.size);
                self.picked(out)
            }
            (op::Op::Modal(op), Some(_)) => self.run_own(op, cx.size),
            _ => ModalOut::None,
        }
    }

    fn top_mut(&mut self) -> Option<&mut Modal> {
        self.0.iter_mut().rev().find(|modal| modal.is_visible())
    }

    fn run_own(&mut self, op: Op, screen: Size) -> ModalOut {
        match (op, self.top_mut()) {
            (Op::Yes, Some(Modal::Confirm(confirm))) => {
                let what = confirm.what;
                self.pop();
                self.agreed(what)
            }
            (Op::No, Some(Modal::Confirm(confirm))) => {
                let what = confirm.what;
                self.pop();
                if what == Ask::TakeKeys { ModalOut::No(what) } else { ModalOut::None }
            }
            (Op::QuestionDown | Op::QuestionUp, Some(Modal::Confirm(confirm))) => {
                confirm.scroll(op == Op::QuestionDown, screen);
                ModalOut::None
            }
            (Op::PaletteClose, Some(Modal::Palette(_))) | (Op::ViewerClose, Some(Modal::Viewer(_))) => {
                self.pop();
                ModalOut::None
            }
            (Op::PaletteRun, Some(Modal::Palette(palette))) => {
                let Some(item) = palette.selected().cloned() else { return ModalOut::None };
                if let Some(reason) = item.dimmed {
                    return ModalOut::Dimmed(reason);
                }
                self.pop();
                ModalOut::Run(item.op)
            }
            (op, Some(Modal::Palette(palette))) => {
                let rows = palette.rows(screen);
                match op {
                    Op::PaletteDown => palette.finder.go(list::Op::Down, rows),
                    Op::PaletteUp => palette.finder.go(list::Op::Up, rows),
                    Op::PalettePageDown => palette.finder.go(list::Op::PageDown, rows),
                    Op::PalettePageUp => palette.finder.go(list::Op::PageUp, rows),
                    _ => {}
                }
                ModalOut::None
            }
            (Op::ViewerCopy, Some(Modal::Viewer(viewer))) => ModalOut::Copy(viewer.content()),
            (op, Some(Modal::Viewer(viewer))) => {
                viewer.scroll(op, screen);
                ModalOut::None
            }
            _ => ModalOut::None,
        }
    }

    /// Yes was said; what concerns only the modals is done here.
    fn agreed(&mut self, what: Ask) -> ModalOut {
        match what {
            Ask::Discard => match self.pop() {
                Some(Modal::Form(form)) => ModalOut::Cancelled(form.kind),
                _ => ModalOut::None,
            },
            Ask::OverLimit => match self.pop() {
                Some(Modal::Picker(picker)) => {
                    picker.agreed().map_or(ModalOut::None, |plan| ModalOut::Upload(Box::new(plan)))
                }
                _ => ModalOut::None,
            },
            Ask::Quit | Ask::LeaveProject | Ask::StopJob(_) | Ask::TakeKeys => ModalOut::Yes(what),
        }
    }

    fn formed(&mut self, kind: FormKind, out: FormOut) -> ModalOut {
        match out {
            FormOut::None => ModalOut::None,
            FormOut::Submit => ModalOut::Submit(kind),
            FormOut::Hide => {
                if let Some(form) = self.form_mut(kind) {
                    form.hidden = true;
                }
                ModalOut::Hidden(kind)
            }
            // A credential is pasted: there is nothing to lose that is not somewhere else.
            FormOut::Cancel
                if kind == FormKind::CreateUser && self.form(kind).is_some_and(|form| form.form.is_dirty()) =>
            {
                self.push(Modal::Confirm(Confirm::discard("What you typed will be lost.")));
                ModalOut::None
            }
            FormOut::Cancel => {
                self.close(kind);
                ModalOut::Cancelled(kind)
            }
            FormOut::Help => ModalOut::Help(Scope::Form),
            FormOut::Raw => ModalOut::Raw,
        }
    }

    fn picked(&mut self, out: PickerOut) -> ModalOut {
        match out {
            PickerOut::None => ModalOut::None,
            PickerOut::Ask(effect) => ModalOut::Picker(effect),
            PickerOut::Help => ModalOut::Help(Scope::Picker),
            PickerOut::Confirm(confirm) => {
                self.push(Modal::Confirm(confirm));
                ModalOut::None
            }
            PickerOut::Upload(plan) => {
                self.pop();
                ModalOut::Upload(plan)
            }
            PickerOut::Close => {
                let marked = match self.top() {
                    Some(Modal::Picker(picker)) => picker.browse.marks().len(),
                    _ => 0,
                };
                if marked == 0 {
                    self.pop();
                } else {
                    let files =
                        if marked == 1 { "The mark of 1 file".into() } else { format!("The marks of {marked} files") };
                    self.push(Modal::Confirm(Confirm::discard(format!(
                        "{files} would be lost; the files stay as they are."
                    ))));
                }
                ModalOut::None
            }
        }
    }
}
