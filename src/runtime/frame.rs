//! From a drawn frame to the bytes of one write: nothing for an unchanged frame, and the last door to the terminal.
//! Drawing is `ui`'s, writing the event loop's.

#[cfg(test)]
mod tests;

use std::io::{self, Write};

use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Rect, Size};
use ratatui::{Frame, Terminal, TerminalOptions, Viewport};

use crate::text::clean::is_safe_symbol;
use crate::text::width::is_simple;

/// Begin and end of a synchronized update: the terminal shows all of it at once.
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";
/// A frame of fewer bytes arrives whole anyway: it is one packet on any link, and one read of a terminal.
const SMALL: usize = 1_000;
/// How `CrosstermBackend` ends its cells, and what says the same.
const RESETS: &[u8] = b"\x1b[39m\x1b[49m\x1b[59m\x1b[0m";
const RESET: &[u8] = b"\x1b[0m";

/// Collects what is written until the frame is whole; flushing means nothing to it.
#[derive(Debug, Default)]
pub struct FrameWriter(Vec<u8>);

impl FrameWriter {
    /// The bytes collected, a large frame as one synchronized update; `None` when there are none.
    fn take(&mut self) -> Option<Vec<u8>> {
        match self.0.len() {
            0 => None,
            1..SMALL => Some(std::mem::take(&mut self.0)),
            _ => {
                let whole = [BEGIN, &self.0, END].concat();
                self.0.clear();
                Some(whole)
            }
        }
    }

    /// The colours are reset at once rather than each alone first.
    fn shorten(&mut self) {
        if self.0.ends_with(RESETS) {
            self.0.truncate(self.0.len() - RESETS.len());
            self.0.extend_from_slice(RESET);
        }
    }
}

impl Write for FrameWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A back end that says only what changes: ratatui's own writes resets and a cursor command for each frame. It speaks
/// through `CrosstermBackend`, which keeps no state of its own.
#[derive(Debug)]
pub struct Quiet {
    writer: FrameWriter,
    size: Size,
    shown: Option<bool>,
    at: Option<Position>,
}

impl Quiet {
    /// For an empty screen of this size whose cursor is hidden.
    pub fn new(size: Size) -> Self {
        Self { writer: FrameWriter::default(), size, shown: Some(false), at: None }
    }

    fn out(&mut self) -> CrosstermBackend<&mut FrameWriter> {
        CrosstermBackend::new(&mut self.writer)
    }
}

impl Backend for Quiet {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut cells: Vec<_> = content.collect();
        if cells.is_empty() {
            return Ok(());
        }
        let mut refused = Cell::default();
        refused.set_symbol("\u{fffd}");
        for (_, _, cell) in &mut cells {
            let safe = may_pass(cell.symbol());
            debug_assert!(safe, "an unclean symbol came as far as the terminal: {:?}", cell.symbol());
            if !safe {
                *cell = &refused;
            }
        }
        self.at = None;
        self.out().draw(cells.into_iter())?;
        self.writer.shorten();
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        if self.shown.replace(false) == Some(false) { Ok(()) } else { self.out().hide_cursor() }
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        if self.shown.replace(true) == Some(true) { Ok(()) } else { self.out().show_cursor() }
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        // Never asked of the terminal: its answer would come as input.
        Ok(self.at.unwrap_or_default())
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let position = position.into();
        if self.at.replace(position) == Some(position) { Ok(()) } else { self.out().set_cursor_position(position) }
    }

    fn clear(&mut self) -> io::Result<()> {
        self.out().clear()
    }

    fn clear_region(&mut self, region: ClearType) -> io::Result<()> {
        self.out().clear_region(region)
    }

    fn size(&self) -> io::Result<Size> {
        Ok(self.size)
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize { columns_rows: self.size, pixels: Size::default() })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Whether a cell may hold this: no control, no bidi mark, no zero-width character on its own.
fn may_pass(symbol: &str) -> bool {
    let mut chars = symbol.chars();
    matches!((chars.next(), chars.next()), (Some(c), None) if is_simple(c)) || is_safe_symbol(symbol)
}

/// Draws frames and hands back their bytes.
pub struct Painter {
    terminal: Terminal<Quiet>,
}

impl Painter {
    /// For an empty screen of this size with a hidden cursor.
    pub fn new(size: Size) -> io::Result<Self> {
        let viewport = Viewport::Fixed(Rect::from((Position::ORIGIN, size)));
        Ok(Self { terminal: Terminal::with_options(Quiet::new(size), TerminalOptions { viewport })? })
    }

    /// The next frame clears the screen and paints all of it, in this size, whatever the terminal shows now.
    pub fn repaint(&mut self, size: Size) -> io::Result<()> {
        let quiet = self.terminal.backend_mut();
        (quiet.size, quiet.shown, quiet.at) = (size, None, None);
        self.terminal.resize(Rect::from((Position::ORIGIN, size)))
    }

    /// Draws a frame; its bytes, to be written at once, or `None` where the terminal shows it already.
    pub fn paint(&mut self, draw: impl FnOnce(&mut Frame)) -> io::Result<Option<Vec<u8>>> {
        self.terminal.draw(draw)?;
        Ok(self.terminal.backend_mut().writer.take())
    }
}
