//! The screen's I/O.

mod clipboard;
pub mod event_loop;
pub mod frame;
pub mod input;
pub mod terminal;
