//! The mouse: what is clicked or scrolled becomes the operation that a key would have named, through the same gate.
//! What stands below a modal is out of its reach.

use ratatui::layout::Position;

use super::cx::Cx;
use super::modal::Modal;
use super::op::Op;
use super::op::gate::{Gate, gate};
use super::project::Link;
use super::spots::Spot;
use super::tab::Tab;
use super::{App, activity, buckets, geometry, global, jobs, list, modal, objects, picker, projects, users};

/// Lines that one notch of the wheel moves.
const NOTCH: usize = 3;

/// What the mouse did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// The left button went down.
    Press,
    /// A notch up.
    WheelUp,
    /// A notch down.
    WheelDown,
}

/// The mouse at a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mouse {
    /// What it did.
    pub act: Act,
    /// The cell, from 0.
    pub at: Position,
}

impl App {
    pub(super) fn mouse(&mut self, cx: &mut Cx, mouse: Mouse) {
        let areas = geometry::areas(self.size);
        if !self.mouse || areas.tiny {
            cx.unchanged();
            return;
        }
        let Mouse { act, at } = mouse;
        match act {
            Act::WheelUp => self.wheel(cx, at, false),
            Act::WheelDown => self.wheel(cx, at, true),
            Act::Press if areas.bar.contains(at) => {
                let hit = |hint: &super::spots::Hint| (hint.x..hint.x + hint.width()).contains(&at.x);
                match self.key_line(areas.bar).into_iter().find(hit) {
                    Some(hint) => self.press(cx, hint.op),
                    None => cx.unchanged(),
                }
            }
            Act::Press if !self.modals.is_empty() => self.click_modal(cx, at),
            Act::Press if self.link == Link::None => cx.unchanged(),
            Act::Press if areas.tabs.contains(at) => {
                let (tabs, _) = self.tab_line(areas);
                match tabs.iter().find(|part| (part.x..part.x + part.width).contains(&at.x)) {
                    Some(part) => {
                        let tab = part.tab;
                        self.keep_filter(cx);
                        self.press(cx, Op::Global(show(tab)));
                    }
                    None => cx.unchanged(),
                }
            }
            Act::Press => self.click(cx, at),
        }
    }

    /// A click on a row selects it; on the selected one it opens it.
    fn click(&mut self, cx: &mut Cx, at: Position) {
        let spot = self.spot(at);
        if matches!(spot, Spot::Detail | Spot::Nothing) {
            cx.unchanged();
            return;
        }
        let was_typing = self.filtering;
        self.keep_filter(cx);
        match spot {
            Spot::Row(position) => {
                let (selected, open) = match (self.tab, &self.objects) {
                    (Tab::Users | Tab::Jobs, _) => (self.users.list.at(), Op::Users(users::Op::Detail)),
                    (Tab::Buckets, Some(objects)) => (objects.list.at(), Op::Objects(objects::Op::Open)),
                    (Tab::Buckets, None) => (self.buckets.list.at(), Op::Buckets(buckets::Op::Open)),
                    (Tab::Activity, _) => (self.activity.list.at(), Op::Activity(activity::Op::Detail)),
                };
                if position != selected {
                    self.go(cx, selected, position, list::Op::Down, list::Op::Up, Op::List);
                } else if !was_typing {
                    self.press(cx, open);
                }
            }
            Spot::Job(position) => {
                let was_inside = self.jobs.in_items;
                if was_inside {
                    self.press(cx, Op::Global(global::Op::Back));
                }
                let selected = self.jobs.list.at();
                if position != selected {
                    self.go(cx, selected, position, list::Op::Down, list::Op::Up, Op::List);
                } else if !was_inside {
                    self.press(cx, Op::Jobs(jobs::Op::Items));
                }
            }
            Spot::Item(position) if self.jobs.in_items && position != self.jobs.items.at() => {
                self.go(cx, self.jobs.items.at(), position, list::Op::Down, list::Op::Up, Op::List);
            }
            Spot::Item(_) => self.press(cx, Op::Jobs(jobs::Op::Items)),
            Spot::Detail | Spot::Nothing => {}
        }
    }

    /// In a modal only the rows of its list can be clicked.
    fn click_modal(&mut self, cx: &mut Cx, at: Position) {
        let Some((position, selected)) = self.modal_row(at) else {
            cx.unchanged();
            return;
        };
        match self.modals.top() {
            Some(Modal::Palette(_)) if position == selected => self.press(cx, Op::Modal(modal::Op::PaletteRun)),
            Some(Modal::Palette(_)) => {
                self.go(cx, selected, position, modal::Op::PaletteDown, modal::Op::PaletteUp, Op::Modal);
            }
            Some(Modal::Projects(_)) if position == selected => self.press(cx, Op::Projects(projects::Op::Switch)),
            Some(Modal::Projects(_)) => {
                self.go(cx, selected, position, projects::Op::Down, projects::Op::Up, Op::Projects);
            }
            _ if position == selected => self.press(cx, Op::Picker(picker::Op::Take)),
            _ => self.go(cx, selected, position, picker::Op::Down, picker::Op::Up, Op::Picker),
        }
    }

    /// The wheel scrolls what has the keys; without a modal, what is below the pointer.
    fn wheel(&mut self, cx: &mut Cx, at: Position, down: bool) {
        let [below, above] = match self.modals.top() {
            Some(Modal::Viewer(_)) => [modal::Op::ViewerDown, modal::Op::ViewerUp].map(Op::Modal),
            Some(Modal::Palette(_)) => [modal::Op::PaletteDown, modal::Op::PaletteUp].map(Op::Modal),
            Some(Modal::Picker(picker)) if picker.review.is_none() => {
                [picker::Op::Down, picker::Op::Up].map(Op::Picker)
            }
            Some(Modal::Picker(_)) => [picker::ReviewOp::Down, picker::ReviewOp::Up].map(Op::Review),
            Some(Modal::Projects(_)) => [projects::Op::Down, projects::Op::Up].map(Op::Projects),
            Some(Modal::Confirm(_)) => [modal::Op::QuestionDown, modal::Op::QuestionUp].map(Op::Modal),
            Some(Modal::Form(_)) => {
                cx.unchanged();
                return;
            }
            None if self.filtering => [global::Op::FilterDown, global::Op::FilterUp].map(Op::Global),
            None if self.spot(at) == Spot::Detail => match (self.tab, &self.objects) {
                (Tab::Users | Tab::Jobs, _) => [users::Op::DetailDown, users::Op::DetailUp].map(Op::Users),
                (Tab::Buckets, Some(_)) => [objects::Op::DetailDown, objects::Op::DetailUp].map(Op::Objects),
                (Tab::Buckets, None) => [buckets::Op::DetailDown, buckets::Op::DetailUp].map(Op::Buckets),
                (Tab::Activity, _) => [activity::Op::DetailDown, activity::Op::DetailUp].map(Op::Activity),
            },
            None => [list::Op::Down, list::Op::Up].map(Op::List),
        };
        let op = if down { below } else { above };
        // One who scrolls asks for nothing: why it does not go on need not be told.
        if gate(op, self) != Gate::Run {
            cx.unchanged();
            return;
        }
        for _ in 0..NOTCH {
            self.run(cx, op);
        }
    }

    /// From one position of a list to another, step by step, as a person would.
    fn go<T: Copy>(&mut self, cx: &mut Cx, from: usize, to: usize, down: T, up: T, op: fn(T) -> Op) {
        let step = op(if to > from { down } else { up });
        // Both are in view: no window is higher.
        for _ in 0..from.abs_diff(to).min(usize::from(u16::MAX)) {
            self.press(cx, step);
        }
    }

    fn keep_filter(&mut self, cx: &mut Cx) {
        if self.filtering {
            self.press(cx, Op::Global(global::Op::FilterKeep));
        }
    }
}

/// The operation that shows a tab.
const fn show(tab: Tab) -> global::Op {
    match tab {
        Tab::Users => global::Op::Users,
        Tab::Buckets => global::Op::Buckets,
        Tab::Jobs => global::Op::Jobs,
        Tab::Activity => global::Op::Activity,
    }
}
