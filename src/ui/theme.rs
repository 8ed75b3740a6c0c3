//! Styles by role, in the terminal's own 16 colours, so that its palette decides between light and dark.

use ratatui::style::{Color, Modifier, Style};

/// The styles of one screen. A colour never says anything alone: a glyph or a word stands beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    colour: bool,
}

impl Default for Theme {
    fn default() -> Self {
        Self { colour: true }
    }
}

impl Theme {
    /// With colours, or with attributes alone (NO_COLOR).
    pub const fn new(colour: bool) -> Self {
        Self { colour }
    }

    fn fg(self, colour: Color) -> Style {
        if self.colour { Style::new().fg(colour) } else { Style::new() }
    }

    /// The terminal's own.
    pub fn text(self) -> Style {
        Style::new()
    }

    /// What is secondary.
    pub fn dim(self) -> Style {
        if self.colour { Style::new().fg(Color::DarkGray) } else { Style::new().add_modifier(Modifier::DIM) }
    }

    /// What matters most.
    pub fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// The one accent: keys, the program's name, what is under the cursor.
    pub fn accent(self) -> Style {
        self.fg(Color::Cyan).add_modifier(Modifier::BOLD)
    }

    /// Done, live, confirmed.
    pub fn good(self) -> Style {
        self.fg(Color::Green)
    }

    /// Waiting, unconfirmed, marked.
    pub fn warn(self) -> Style {
        self.fg(Color::Yellow)
    }

    /// Failed, banned, down.
    pub fn bad(self) -> Style {
        self.fg(Color::Red)
    }

    /// The selected row.
    pub fn selected(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// A profile's name on its colour; red cannot be mistaken.
    pub fn badge(self, colour: Option<&str>) -> Style {
        let back = match colour {
            Some("red") => Color::Red,
            Some("yellow") => Color::Yellow,
            Some("green") => Color::Green,
            Some("blue") => Color::Blue,
            Some("magenta") => Color::Magenta,
            Some("cyan") => Color::Cyan,
            _ => return self.strong(),
        };
        if self.colour {
            Style::new().fg(Color::White).bg(back).add_modifier(Modifier::BOLD)
        } else {
            Style::new().add_modifier(Modifier::BOLD | Modifier::REVERSED)
        }
    }
}
