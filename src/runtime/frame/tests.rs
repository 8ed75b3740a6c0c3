use ratatui::style::{Color, Style};

use super::*;

const SIZE: Size = Size { width: 20, height: 4 };

fn show(text: &'static str) -> impl Fn(&mut Frame) {
    move |frame| {
        frame.buffer_mut().set_string(0, 0, text, Style::new());
    }
}

fn screen(bytes: &[u8]) -> String {
    let mut screen = vt100::Parser::new(SIZE.height.try_into().unwrap(), SIZE.width.try_into().unwrap(), 0);
    screen.process(bytes);
    screen.screen().contents()
}

#[test]
fn a_large_frame_is_one_synchronized_update_and_a_small_one_needs_no_marks() {
    let mut painter = Painter::new(Size { width: 200, height: 10 }).unwrap();
    let rows = |frame: &mut Frame| {
        for y in 0..10 {
            frame.buffer_mut().set_string(0, y, "x".repeat(200), Style::new());
        }
    };
    let bytes = painter.paint(rows).unwrap().unwrap();
    assert!(bytes.starts_with(BEGIN) && bytes.ends_with(END));
    let mut painter = Painter::new(SIZE).unwrap();
    let bytes = painter.paint(show("hello")).unwrap().unwrap();
    assert_eq!(bytes, b"\x1b[1;1Hhello\x1b[0m");
    assert_eq!(screen(&bytes), "hello");
}

#[test]
fn an_unchanged_frame_is_no_byte() {
    let mut painter = Painter::new(SIZE).unwrap();
    painter.paint(show("hello")).unwrap();
    assert_eq!(painter.paint(show("hello")).unwrap(), None);
    assert_eq!(painter.paint(show("hello")).unwrap(), None);
}

#[test]
fn an_unchanged_frame_with_a_cursor_is_no_byte() {
    let mut painter = Painter::new(SIZE).unwrap();
    let at = |x: u16| {
        move |frame: &mut Frame| {
            show("hello")(frame);
            frame.set_cursor_position((x, 0));
        }
    };
    let first = painter.paint(at(2)).unwrap().unwrap();
    assert!(first.windows(6).any(|part| part == b"\x1b[?25h"));
    assert_eq!(painter.paint(at(2)).unwrap(), None);
    let moved = painter.paint(at(3)).unwrap().unwrap();
    assert_eq!(moved, b"\x1b[1;4H", "the cursor moves and nothing else is said");
    let hidden = painter.paint(show("hello")).unwrap().unwrap();
    assert_eq!(hidden, b"\x1b[?25l");
}

#[test]
fn the_cursor_is_set_again_after_cells_moved_it() {
    let mut painter = Painter::new(SIZE).unwrap();
    let with = |text: &'static str| {
        move |frame: &mut Frame| {
            show(text)(frame);
            frame.set_cursor_position((5, 2));
        }
    };
    painter.paint(with("a")).unwrap();
    let bytes = painter.paint(with("b")).unwrap().unwrap();
    assert!(bytes.ends_with(b"\x1b[3;6H"));
}

#[test]
fn one_changed_cell_costs_few_bytes() {
    let mut painter = Painter::new(SIZE).unwrap();
    painter.paint(show("hello")).unwrap();
    let bytes = painter.paint(show("hullo")).unwrap().unwrap();
    assert!(bytes.len() < 60, "{} bytes", bytes.len());
}

#[test]
fn a_repaint_says_all_in_the_new_size() {
    let mut painter = Painter::new(SIZE).unwrap();
    painter.paint(show("hello")).unwrap();
    painter.repaint(Size { width: 3, height: 2 }).unwrap();
    let bytes = painter.paint(show("hello")).unwrap().unwrap();
    assert_eq!(screen(&bytes), "hel");
    painter.repaint(SIZE).unwrap();
    let bytes = painter.paint(show("hello")).unwrap().unwrap();
    assert_eq!(screen(&bytes), "hello");
    assert_eq!(painter.paint(show("hello")).unwrap(), None);
}

#[test]
fn colours_end_with_the_frame() {
    let mut painter = Painter::new(SIZE).unwrap();
    let draw = |frame: &mut Frame| {
        frame.buffer_mut().set_string(0, 0, "red", Style::new().fg(Color::Red));
    };
    let bytes = painter.paint(draw).unwrap().unwrap();
    assert!(bytes.ends_with(b"\x1b[0m") && !bytes.ends_with(RESETS));
}

#[test]
fn the_last_door_lets_only_clean_symbols_pass() {
    for clean in ["a", " ", "é", "漢", "e\u{301}", "▌"] {
        assert!(may_pass(clean), "{clean:?}");
    }
    for unclean in ["\x1b", "\x07", "\u{9b}", "\u{202e}", "\u{200b}", "\n", "a\x1b[2J"] {
        assert!(!may_pass(unclean), "{unclean:?}");
    }
}

#[test]
#[cfg_attr(debug_assertions, should_panic(expected = "an unclean symbol"))]
fn an_unclean_cell_never_reaches_the_terminal() {
    let mut painter = Painter::new(SIZE).unwrap();
    let draw = |frame: &mut Frame| {
        frame.buffer_mut()[(0, 0)].set_symbol("\u{202e}");
    };
    let bytes = painter.paint(draw).unwrap().unwrap();
    assert_eq!(screen(&bytes), "\u{fffd}");
}
