//! Copying through the terminal (OSC 52): works over SSH and in tmux, where the terminal allows it. Only the bytes are
//! made here; whoever owns the terminal writes them.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// The most bytes of text: what fits into the 100,000 bytes of base64 that terminals take.
pub const MAX_TEXT: usize = 74_994;

/// The bytes that put `text` on the clipboard, wrapped for tmux where `tmux` says so; `None` for too long a text.
pub fn osc52(text: &str, tmux: bool) -> Option<Vec<u8>> {
    if text.len() > MAX_TEXT {
        return None;
    }
    let sequence = format!("\x1b]52;c;{}\x07", BASE64_STANDARD.encode(text));
    // tmux hands on what stands between its own marks, with each escape doubled.
    let bytes = if tmux { format!("\x1bPtmux;{}\x1b\\", sequence.replace('\x1b', "\x1b\x1b")) } else { sequence };
    Some(bytes.into_bytes())
}

/// Whether this process runs inside tmux.
pub fn in_tmux() -> bool {
    std::env::var_os("TMUX").is_some_and(|value| !value.is_empty())
}
