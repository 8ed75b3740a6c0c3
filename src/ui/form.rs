//! A form over the screen: labels at the left, lines to type into, what is wrong below each.

use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};
use ratatui::style::{Modifier, Style};

use super::text::{self, Run, run};
use super::theme::Theme;
use super::widget::input::input;
use super::widget::modal::{Framed, dim, frame, keys, more, row};
use crate::app::form::{Author, Field, Form, Kind, Op, Value};
use crate::app::op;
use crate::app::op::keymap::Keymap;
use crate::app::shell::Tone;
use crate::text::clean;
use crate::text::width::{self, Align, at_most};

/// The frame's width where the screen has it.
const WIDTH: u16 = 56;
/// From this height of the screen on blanks and hints have room.
const AIRY: u16 = 16;

/// A row inside the frame.
enum Line {
    Blank,
    /// Under the title, over the whole width.
    Said(Run),
    /// A field's label and value.
    Field(usize),
    /// Below a field's value; of which field.
    Below(usize, Run),
    Keys,
}

/// Draws a form; `under_way` says whether it is being sent.
pub fn draw(buffer: &mut Buffer, area: Rect, form: &Form, under_way: bool, keymap: &Keymap, theme: Theme) -> Framed {
    dim(buffer, area, theme);
    let labels = form.fields.iter().map(|field| width::width(field.spec.label)).max().unwrap_or_default() as u16;
    let frame_width = area.width.min(WIDTH);
    let airy = area.height >= AIRY;
    let side = if airy { 2 } else { 1 };
    let (left, right) = (side + labels + 2, side + 1);
    let room = usize::from(frame_width.saturating_sub(2 + left + right)).max(1);
    let whole = usize::from(frame_width.saturating_sub(2 + 2 * side)).max(1);
    let lines = lines(form, airy, room, whole, keymap, theme);
    let size = Size { width: frame_width, height: (lines.len() as u16).saturating_add(2) };
    let title = [run(form.spec.title, theme.strong()), run(format!(" {}", form.place), theme.dim())];
    let height = usize::from(size.height.min(area.height).saturating_sub(2));
    let top = top(&lines, form.focus, height);
    let said = |lines: &[Line]| lines.iter().filter(|line| !matches!(line, Line::Blank)).count();
    let above = said(lines.get(..top).unwrap_or_default());
    let more = more(above, said(lines.get(top + height..).unwrap_or_default()), theme);
    let framed = frame(buffer, area, size, &title, &more, theme);
    let inside = framed.inside;
    for (at, line) in lines.iter().skip(top).take(usize::from(inside.height)).enumerate() {
        let at = at as u16;
        match line {
            Line::Blank => {}
            Line::Said(said) => {
                text::left(buffer, row(inside, at, side, side), std::slice::from_ref(said));
            }
            Line::Below(_, below) => {
                text::left(buffer, row(inside, at, left, right), std::slice::from_ref(below));
            }
            Line::Field(index) => {
                let Some(field) = form.fields.get(*index) else { continue };
                let focused = form.focus == *index;
                let label = Rect { width: labels, ..row(inside, at, side, 0) };
                let style = if focused { theme.strong() } else { theme.dim() };
                text::cell(buffer, label, field.spec.label, Align::Right, style);
                value(buffer, row(inside, at, left, right), form, field, focused && !under_way, theme);
            }
            Line::Keys if under_way => {
                let mut runs = vec![run("sending…   ", theme.warn())];
                runs.extend(keys(keymap, &[(op::Op::Form(Op::Cancel), "hide")], inside.width, theme));
                text::left(buffer, row(inside, at, left.min(side + 13), 1), &runs);
            }
            Line::Keys => {
                let next = (op::Op::Form(Op::Next), "next");
                let hints = [(op::Op::Form(Op::Send), form.spec.submit), (op::Op::Form(Op::Cancel), "cancel"), next];
                let hints = if form.fields.len() > 1 { &hints[..] } else { hints.get(..2).unwrap_or_default() };
                let runs = keys(keymap, hints, inside.width.saturating_sub(side + 1), theme);
                // Under the values where they fit there.
                let under = if text::width_of(&runs) <= room { left } else { side };
                text::left(buffer, row(inside, at, under, 1), &runs);
            }
        }
    }
    framed
}

fn lines(form: &Form, airy: bool, room: usize, whole: usize, keymap: &Keymap, theme: Theme) -> Vec<Line> {
    let mut lines = Vec::new();
    let blank = |lines: &mut Vec<Line>| {
        if airy && !matches!(lines.last(), Some(Line::Blank)) {
            lines.push(Line::Blank);
        }
    };
    blank(&mut lines);
    if let Some((tone, said)) = &form.said {
        let (sign, style) = if *tone == Tone::Bad { ("✕ ", theme.bad()) } else { ("", theme.text()) };
        let said = at_most(&clean::line(&format!("{sign}{said}")), whole, 6);
        lines.extend(said.into_iter().map(|line| Line::Said(run(line, style))));
        blank(&mut lines);
    }
    for (at, field) in form.fields.iter().enumerate() {
        let typed = !matches!(field.value, Value::Toggle(_) | Value::Choice(_));
        if typed && field.spec.kind != Kind::Json {
            blank(&mut lines);
        }
        lines.push(Line::Field(at));
        let below = below(field, typed, airy, keymap, theme);
        // Room is kept for what may come below a line, so that nothing jumps; a switch has its words beside it.
        if below.is_none() && typed && airy {
            lines.push(Line::Blank);
        }
        if let Some((said, style)) = below {
            let said = at_most(&clean::line(&said), room, 4);
            lines.extend(said.into_iter().map(|line| Line::Below(at, run(line, style))));
            if typed && field.spec.kind != Kind::Json {
                blank(&mut lines);
            }
        }
    }
    blank(&mut lines);
    lines.push(Line::Keys);
    blank(&mut lines);
    lines
}

fn below(field: &Field, typed: bool, airy: bool, keymap: &Keymap, theme: Theme) -> Option<(String, Style)> {
    if let Some(note) = &field.note {
        return Some((note.clone(), theme.warn()));
    }
    if let Some(fault) = &field.fault {
        let (sign, style) = if fault.author == Author::Warning { ("!", theme.warn()) } else { ("✕", theme.bad()) };
        // What the check says is ours; what the server says holds no keys.
        let text = if fault.author == Author::Check { keymap.say(&fault.text) } else { fault.text.clone() };
        return Some((format!("{sign} {text}"), style));
    }
    let hint = field.spec.hint;
    (typed && airy && !hint.is_empty()).then(|| (keymap.say(hint), theme.dim()))
}

/// The first line in view: the focused field and what stands below it are always seen.
fn top(lines: &[Line], focus: usize, height: usize) -> usize {
    if lines.len() <= height {
        return 0;
    }
    let of_focus = |line: &Line| matches!(line, Line::Field(at) | Line::Below(at, _) if *at == focus);
    let first = lines.iter().position(of_focus).unwrap_or_default();
    let last = lines.iter().rposition(of_focus).unwrap_or_default();
    // From the last field on the keys are seen too.
    let last =
        if lines.iter().skip(last + 1).any(|line| matches!(line, Line::Field(_))) { last } else { lines.len() - 1 };
    (last + 1).saturating_sub(height).min(first)
}

fn value(buffer: &mut Buffer, area: Rect, form: &Form, field: &Field, focused: bool, theme: Theme) {
    let style = if focused { theme.strong() } else { theme.text() };
    match &field.value {
        Value::Text(line) => input(buffer, area, line.value(), focused.then(|| line.cursor()), style),
        Value::Secret(line) => {
            let cursor = focused.then(|| line.cursor());
            if form.revealed && matches!(field.spec.kind, Kind::Secret { reveal: true, .. }) {
                input(buffer, area, line.secret().expose(), cursor, style);
            } else {
                // No more bullets than cells: how long a token is concerns nobody.
                let most = usize::from(area.width);
                let hidden = "•".repeat(line.chars().min(most.max(1) - 1));
                input(buffer, area, &hidden, cursor.map(|at| at.min(most)), style);
            }
        }
        Value::Toggle(on) => {
            let sign = if *on { "✓" } else { " " };
            let mark = if focused { theme.good().add_modifier(Modifier::REVERSED) } else { theme.good() };
            let runs = [
                run("[", theme.good()),
                run(sign, mark),
                run("]", theme.good()),
                run(format!(" {}", field.spec.hint), theme.text()),
            ];
            text::left(buffer, area, &runs);
        }
        Value::Choice(_) => {
            let mark = if focused { theme.selected() } else { theme.text() };
            text::left(buffer, area, &[run("‹ ", theme.dim()), run(field.text(), mark), run(" ›", theme.dim())]);
        }
    }
}
