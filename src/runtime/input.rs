//! The terminal's input and the signals as one stream of messages. Its own reader, not crossterm's: that one can block
//! the loop in the middle of a sequence, and keeps a thread on the terminal. What the bytes mean is `decode`'s.

mod decode;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::Stream;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::time::Sleep;

use self::decode::Decoder;
use crate::app::msg::{Msg, Signal};

/// How long an escape waits for the rest of its sequence before it is the key. Slow links cut sequences.
const SETTLE: Duration = Duration::from_millis(20);
/// A terminal's line discipline holds 4,096 bytes.
const BLOCK: usize = 4096;

/// Keys, pastes, focus and signals, in the order they came; signals first. Ends after the terminal is gone, which it
/// tells as [`Signal::Hup`]. Dropping it lets the terminal go; another one may be made.
pub struct Input<R, S> {
    reader: Option<R>,
    signals: S,
    decoder: Decoder,
    ready: VecDeque<Msg>,
    settle: Option<Pin<Box<Sleep>>>,
}

impl<R, S> Input<R, S> {
    /// Reads bytes from `reader` and messages of another kind (signals, sizes) from `signals`.
    pub fn new(reader: R, signals: S) -> Self {
        Self { reader: Some(reader), signals, decoder: Decoder::default(), ready: VecDeque::new(), settle: None }
    }
}

impl<R: AsyncRead + Unpin, S: Stream<Item = Msg> + Unpin> Stream for Input<R, S> {
    type Item = Msg;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Msg>> {
        let this = &mut *self;
        if let Poll::Ready(Some(msg)) = Pin::new(&mut this.signals).poll_next(cx) {
            return Poll::Ready(Some(msg));
        }
        let mut block = [0; BLOCK];
        loop {
            if let Some(msg) = this.ready.pop_front() {
                return Poll::Ready(Some(msg));
            }
            let Some(reader) = &mut this.reader else { return Poll::Ready(None) };
            let mut read = ReadBuf::new(&mut block);
            match Pin::new(reader).poll_read(cx, &mut read) {
                Poll::Ready(Ok(())) if !read.filled().is_empty() => {
                    this.decoder.feed(read.filled(), &mut this.ready);
                    this.settle = None;
                }
                Poll::Ready(_) => {
                    this.reader = None;
                    this.ready.push_back(Msg::Signal(Signal::Hup));
                }
                Poll::Pending if this.decoder.is_waiting() => {
                    let settle = this.settle.get_or_insert_with(|| Box::pin(tokio::time::sleep(SETTLE)));
                    if settle.as_mut().poll(cx).is_pending() {
                        return Poll::Pending;
                    }
                    this.settle = None;
                    this.decoder.settle(&mut this.ready);
                }
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}
