use futures_util::{FutureExt, StreamExt, stream};
use tokio::io::AsyncWriteExt;
use tokio::time::Instant;

use super::*;
use crate::app::key::{Code, Key};
use crate::app::msg::Pasted;

#[tokio::test(start_paused = true)]
async fn three_thousand_keys_in_one_write_all_come_without_another_byte() {
    let (mut typed, reader) = tokio::io::duplex(1 << 20);
    let mut input = Input::new(reader, stream::pending());
    typed.write_all(&[b'j'; 3000]).await.unwrap();
    for _ in 0..3000 {
        assert_eq!(input.next().await, Some(Msg::Key(Key::char('j'))));
    }
    assert_eq!(input.next().now_or_never(), None);
}

#[tokio::test(start_paused = true)]
async fn a_long_paste_is_whole() {
    let (mut typed, reader) = tokio::io::duplex(1 << 20);
    let mut input = Input::new(reader, stream::pending());
    let text = "x".repeat(10_000);
    typed.write_all(format!("\x1b[200~{text}\x1b[201~").as_bytes()).await.unwrap();
    assert_eq!(input.next().await, Some(Msg::Paste(Pasted(text))));
}

#[tokio::test(start_paused = true)]
async fn escape_comes_after_a_moment_and_a_cut_sequence_is_whole() {
    let (mut typed, reader) = tokio::io::duplex(64);
    let mut input = Input::new(reader, stream::pending());
    let began = Instant::now();
    typed.write_all(b"\x1b").await.unwrap();
    assert_eq!(input.next().await, Some(Msg::Key(Key::plain(Code::Esc))));
    assert!(began.elapsed() <= SETTLE + Duration::from_millis(1));

    typed.write_all(b"\x1b").await.unwrap();
    assert_eq!(input.next().now_or_never(), None);
    typed.write_all(b"[A").await.unwrap();
    assert_eq!(input.next().await, Some(Msg::Key(Key::plain(Code::Up))));
}

#[tokio::test]
async fn signals_come_before_keys() {
    let (mut typed, reader) = tokio::io::duplex(64);
    let mut input = Input::new(reader, stream::iter([Msg::Signal(Signal::Term)]).chain(stream::pending()));
    typed.write_all(b"j").await.unwrap();
    assert_eq!(input.next().await, Some(Msg::Signal(Signal::Term)));
    assert_eq!(input.next().await, Some(Msg::Key(Key::char('j'))));
}

#[tokio::test]
async fn a_terminal_that_is_gone_hangs_up_once() {
    let (typed, reader) = tokio::io::duplex(64);
    let mut input = Input::new(reader, stream::pending());
    drop(typed);
    assert_eq!(input.next().await, Some(Msg::Signal(Signal::Hup)));
    assert_eq!(input.next().await, None);
}
