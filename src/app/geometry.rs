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

impl Areas {
    /// All between header and notice, where there are no tabs.
    pub fn below(&self) -> Rect {
        self.tabs.union(self.body)
    }
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

/// The upper part of a screen that [`framed`] puts a frame of this size at the top of: what grows later grows downward.
pub fn top(area: Rect, size: Size) -> Rect {
    Rect { height: area.height.min(size.height.saturating_add(ABOVE)), ..area }
}

/// The area inside a frame.
pub fn inside(frame: Rect) -> Rect {
    if frame.width < 2 || frame.height < 2 {
        return Rect { width: 0, height: 0, ..frame };
    }
    Rect { x: frame.x + 1, y: frame.y + 1, width: frame.width - 2, height: frame.height - 2 }
}

/// Cells that the list keeps beside a detail, and the detail beside a list.
const LIST: u16 = 48;
const DETAIL: u16 = 32;

/// How much of a list's body its detail takes where it stands beside the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share(u8);

impl Default for Share {
    fn default() -> Self {
        Self(40)
    }
}

impl Share {
    /// Percent that one step moves the line between the two.
    const STEP: u8 = 5;

    /// From percent; what is beyond any use is brought back to it.
    pub fn of(percent: u8) -> Self {
        Self(percent.clamp(10, 90))
    }

    /// In percent.
    pub const fn percent(self) -> u8 {
        self.0
    }

    /// The detail's cells in a body of a width: both stay usable.
    pub fn cells(self, width: u16) -> u16 {
        let cells = (u32::from(width) * u32::from(self.0) / 100) as u16;
        cells.min(width.saturating_sub(LIST)).max(DETAIL).min(width)
    }

    /// A step more for the detail, or less, in a body of a width; `None` where no more can be had.
    pub fn step(self, more: bool, width: u16) -> Option<Self> {
        // From what is seen: the bounds of a narrower window may have held it back.
        let seen = (u32::from(self.cells(width)) * 100).div_ceil(u32::from(width.max(1))) as u8;
        let next = Self::of(if more { seen + Self::STEP } else { seen.saturating_sub(Self::STEP) });
        (next.cells(width) != self.cells(width)).then_some(next)
    }
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

/// Splits a body; `full` shows the detail alone, else it has its share beside the list where there is room.
pub fn split(body: Rect, full: bool, share: Share) -> Split {
    let rule = Rect { height: 1.min(body.height), ..body };
    let below = Rect { y: body.y + rule.height, height: body.height.saturating_sub(rule.height), ..body };
    let beside = !full && body.width >= WIDE;
    let right = if beside { share.cells(below.width) } else { 0 };
    let list = Rect { width: below.width - right, ..below };
    let detail = if full {
        Some(below)
    } else if beside {
        Some(Rect { x: list.right(), width: right, ..below })
    } else {
        None
    };
    // In so low a body three rows are worth more than two and their heads.
    let heads = Rect { height: u16::from(list.height > 3), ..list };
    let rows = Rect { y: list.y + heads.height, height: list.height - heads.height, ..list };
    Split { rule, heads, rows, detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_between_list_and_detail_moves_step_by_step_and_leaves_both_usable() {
        for width in WIDE..400 {
            assert_eq!(Share::default().cells(width), width * 2 / 5);
            for more in [true, false] {
                let (mut share, mut steps) = (Share::default(), 0);
                while let Some(next) = share.step(more, width) {
                    assert_eq!(next.cells(width) > share.cells(width), more, "{width} {share:?}");
                    (share, steps) = (next, steps + 1);
                }
                let detail = share.cells(width);
                assert!(detail >= DETAIL && width - detail >= LIST && (1..20).contains(&steps), "{width} {detail}");
                // What a wide window was given does not hold the line in a narrower one.
                let there = share.step(!more, WIDE).map(|next| next.cells(WIDE));
                assert!(there.is_some_and(|cells| cells != share.cells(WIDE)), "{width} {share:?}");
            }
        }
    }
}
