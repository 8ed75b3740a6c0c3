//! Where things are, from the size and the state alone: `update` pages by it and `ui` draws by it.

use ratatui::layout::{Rect, Size};

/// Below this width or height the screen is one line that says so.
pub const SMALLEST: Size = Size { width: 40, height: 10 };
/// From this width on the detail stands beside the list.
pub const WIDE: u16 = 110;

/// The parts of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Areas {
    /// Too small for anything but one line.
    pub tiny: bool,
    /// Below 60x16: fewer words, no line for notices of its own.
    pub compact: bool,
    /// Program, connection, liveness.
    pub header: Rect,
    /// The tabs.
    pub tabs: Rect,
    /// All between tabs and notice: rule, list, detail.
    pub body: Rect,
    /// One line of what happened; in compact screens the body's last line.
    pub notice: Rect,
    /// The keys.
    pub bar: Rect,
}

/// The parts at a size.
pub fn areas(size: Size) -> Areas {
    let line = |y: u16| Rect { x: 0, y, width: size.width, height: 1 };
    if size.width < SMALLEST.width || size.height < SMALLEST.height {
        return Areas { tiny: true, ..Areas::default() };
    }
    let compact = size.width < 60 || size.height < 16;
    let bar = line(size.height - 1);
    let notice = line(size.height - 2);
    let body = Rect { x: 0, y: 2, width: size.width, height: if compact { bar.y } else { notice.y } - 2 };
    Areas { tiny: false, compact, header: line(0), tabs: line(1), body, notice, bar }
}

/// Rows above the body: header and tabs, which a modal leaves in sight where it can.
const ABOVE: u16 = 2;

/// Where the frame of a modal stands that would have this size: in the middle of the body, over header and tabs only
/// where it needs them. Empty where there is no room for a frame.
pub fn framed(area: Rect, size: Size) -> Rect {
    let (width, height) = (size.width.min(area.width), size.height.min(area.height));
    if width < 4 || height < 3 {
        return Rect { width: 0, height: 0, ..area };
    }
    let above = if height + ABOVE <= area.height { ABOVE } else { 0 };
    let y = area.y + above + (area.height - above - height) / 2;
    Rect { x: area.x + (area.width - width) / 2, y, width, height }
}

/// The area inside a frame.
pub fn inside(frame: Rect) -> Rect {
    if frame.width < 2 || frame.height < 2 {
        return Rect { width: 0, height: 0, ..frame };
    }
    Rect { x: frame.x + 1, y: frame.y + 1, width: frame.width - 2, height: frame.height - 2 }
}

/// A list's body split: the rule, the column heads, the rows, and the detail where there is room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Split {
    /// The rule with the title.
    pub rule: Rect,
    /// The column heads.
    pub heads: Rect,
    /// The rows.
    pub rows: Rect,
    /// The detail, beside the rows or, where it is full, over them.
    pub detail: Option<Rect>,
}

/// Splits a body; `full` shows the detail alone, else it stands beside the list where there is room.
pub fn split(body: Rect, full: bool) -> Split {
    let rule = Rect { height: 1.min(body.height), ..body };
    let below = Rect { y: body.y + rule.height, height: body.height.saturating_sub(rule.height), ..body };
    let beside = !full && body.width >= WIDE;
    let right = if beside { below.width * 2 / 5 } else { 0 };
    let list = Rect { width: below.width - right, ..below };
    let detail = if full {
        Some(below)
    } else if beside {
        Some(Rect { x: list.right(), width: right, ..below })
    } else {
        None
    };
    let heads = Rect { height: 1.min(list.height), ..list };
    let rows = Rect { y: list.y + heads.height, height: list.height - heads.height, ..list };
    Split { rule, heads, rows, detail }
}
