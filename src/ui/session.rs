//! What stands in place of the lists once the person has signed out.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::theme::Theme;
use super::widget::empty;
use crate::app::op::keymap::Keymap;

/// Draws that one is signed out and how to sign in again; `leaving` while that is under way, `untold` is why the server
/// could not be told.
pub fn signed_out(buffer: &mut Buffer, area: Rect, leaving: bool, untold: Option<&str>, keymap: &Keymap, theme: Theme) {
    let mut lines = vec![match untold {
        _ if leaving => "Signing out.".to_owned(),
        None => "You are signed out, here and at the server.".to_owned(),
        Some(_) => "You are signed out here; the server could not be told.".to_owned(),
    }];
    if !leaving {
        lines.push(keymap.say("{session.credential} signs in again, {projects.open} goes to another project."));
        lines.extend(untold.map(str::to_owned));
    }
    empty::draw(buffer, area, &lines, theme);
}
