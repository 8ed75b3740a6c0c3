//! The body of an upload as a stream of pieces: one is with the connection while the next is read.
//!
//! Only one piece is ever with the connection: the HTTP library then never holds so much that it no longer asks for
//! more, so it notices at once that the upload has ended, and closes a connection that nobody reads.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use bytes::Bytes;
use futures_util::Stream;
use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};

use super::{Form, Progress};

/// Bytes of a piece. Less than what the HTTP library holds at most (some 400 KiB), or it would not ask for more.
const PIECE: usize = 256 << 10;

type Reading = Pin<Box<dyn AsyncRead + Send>>;

/// Shared by the upload, its stream, and the piece that is with the connection.
pub(super) struct Flow {
    progress: Arc<Progress>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Whether a piece is with the connection.
    out: bool,
    /// The buffer of the piece before.
    spare: Vec<u8>,
    /// Give no more for now.
    held: bool,
    /// End with an error when asked again.
    ended: bool,
    fault: Option<String>,
    waker: Option<Waker>,
}

/// Ends the flow, whatever happens to the upload.
pub(super) struct EndOnDrop(pub Arc<Flow>);

impl Drop for EndOnDrop {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.ended = true;
        wake(state);
    }
}

impl Flow {
    pub fn new(progress: Arc<Progress>) -> Self {
        Self { progress, state: Mutex::default() }
    }

    /// Gives no more: the answer has come.
    pub fn hold(&self) {
        self.state().held = true;
    }

    /// What was wrong with the source.
    pub fn fault(&self) -> Option<String> {
        self.state().fault.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn wake(mut state: MutexGuard<'_, State>) {
    let waker = state.waker.take();
    drop(state);
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// A piece on its way: dropped by the HTTP library as soon as all of it is written.
struct Piece {
    buffer: Vec<u8>,
    filled: usize,
    /// How much of it is of the object.
    payload: u64,
    last: bool,
    flow: Arc<Flow>,
}

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        self.buffer.get(..self.filled).unwrap_or_default()
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        self.flow.progress.add(self.payload);
        if self.last {
            self.flow.progress.finish();
        }
        let mut state = self.flow.state();
        state.out = false;
        state.spare = std::mem::take(&mut self.buffer);
        wake(state);
    }
}

/// The stream: form's head, the source's bytes, form's tail.
pub(super) struct Streamed {
    source: Reading,
    /// Bytes of the object that are still to be read.
    left: u64,
    tail: Vec<u8>,
    /// The piece that is being read, as long as the largest one.
    buffer: Vec<u8>,
    filled: usize,
    payload: u64,
    /// Whether the source was seen to end where it should.
    checked: bool,
    over: bool,
    flow: Arc<Flow>,
}

impl Streamed {
    pub fn new(source: Reading, size: u64, form: Form, flow: Arc<Flow>) -> Self {
        let filled = form.head.len();
        let mut buffer = form.head;
        let room = filled + form.tail.len() + PIECE.min(usize::try_from(size).unwrap_or(PIECE));
        buffer.resize(room, 0);
        Self { source, left: size, tail: form.tail, buffer, filled, payload: 0, checked: false, over: false, flow }
    }

    /// Reads on until the piece is full or the source has ended where it should.
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), String>> {
        while self.left > 0 && self.payload < PIECE as u64 {
            let most = self.left.min(PIECE as u64 - self.payload) as usize;
            let room = self.buffer.get_mut(self.filled..self.filled + most).unwrap_or_default();
            let mut room = ReadBuf::new(room);
            ready!(self.source.as_mut().poll_read(cx, &mut room)).map_err(|cause| unreadable(&cause))?;
            let read = room.filled().len();
            if read == 0 {
                return Poll::Ready(Err(changed()));
            }
            self.filled += read;
            self.payload += read as u64;
            self.left -= read as u64;
        }
        if self.left == 0 && !self.checked {
            let mut one = [0];
            let mut room = ReadBuf::new(&mut one);
            ready!(self.source.as_mut().poll_read(cx, &mut room)).map_err(|cause| unreadable(&cause))?;
            if !room.filled().is_empty() {
                return Poll::Ready(Err(changed()));
            }
            self.checked = true;
            for (to, from) in self.buffer.iter_mut().skip(self.filled).zip(&self.tail) {
                *to = *from;
            }
            self.filled += self.tail.len();
        }
        Poll::Ready(Ok(()))
    }

    /// The piece that has been read; the next one is read into the buffer of the one before.
    fn take(&mut self) -> Bytes {
        let mut state = self.flow.state();
        state.out = true;
        let mut next = std::mem::take(&mut state.spare);
        drop(state);
        if self.checked {
            self.over = true;
        } else {
            next.resize(self.buffer.len(), 0);
        }
        Bytes::from_owner(Piece {
            buffer: std::mem::replace(&mut self.buffer, next),
            filled: std::mem::take(&mut self.filled),
            payload: std::mem::take(&mut self.payload),
            last: self.over,
            flow: self.flow.clone(),
        })
    }
}

impl Stream for Streamed {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let mut state = this.flow.state();
        if state.ended {
            return Poll::Ready(Some(Err(io::Error::other("the upload has ended"))));
        }
        state.waker = Some(cx.waker().clone());
        let wait = state.out || state.held;
        drop(state);
        if this.over {
            return if wait { Poll::Pending } else { Poll::Ready(None) };
        }
        if let Err(said) = ready!(this.poll_fill(cx)) {
            this.flow.state().fault = Some(said.clone());
            return Poll::Ready(Some(Err(io::Error::other(said))));
        }
        if wait {
            return Poll::Pending;
        }
        Poll::Ready(Some(Ok(this.take())))
    }
}

/// Whether a source that should be empty is.
pub(super) async fn is_at_end(source: &mut Reading) -> Result<(), String> {
    let read = source.read(&mut [0]).await.map_err(|cause| unreadable(&cause))?;
    if read == 0 { Ok(()) } else { Err(changed()) }
}

fn changed() -> String {
    "the file changed while it was read".into()
}

fn unreadable(cause: &io::Error) -> String {
    format!("the file cannot be read: {cause}")
}
