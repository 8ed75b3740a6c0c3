//! The loop: waits for whatever comes first, lets `update` see it, does what it asks, draws what changed, and writes
//! each frame without ever waiting for the terminal. Where messages come from and where bytes go are parameters.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use futures_util::{Stream, StreamExt};
use ratatui::Frame;
use ratatui::layout::Size;
use tokio::io::AsyncWrite;
use tokio::sync::mpsc;
use tokio::task::{coop::unconstrained, yield_now};
use tokio::time::{Instant, sleep_until};

use super::clipboard;
use super::frame::Painter;
use crate::app::cx::{Cx, Ticket};
use crate::app::effect::Effect;
use crate::app::msg::{Answer, Body, Msg, Signal};
use crate::app::{App, Exit};

/// At most so many messages, or so long, between two looks at the screen.
const BATCH: usize = 64;
const BATCH_TIME: Duration = Duration::from_millis(4);
/// Frames that no key asked for are at least so far apart, and so long after what they show: what comes together, as the
/// answers of a poll, is drawn once.
const FRAME: Duration = Duration::from_millis(16);
/// A slow terminal gets as long a pause after a frame as its write took, but at most this.
const PAUSE: Duration = Duration::from_millis(32);
/// Shorter writes are no reason to wait: the timer is no finer.
const QUICK: Duration = Duration::from_millis(1);
/// Ticks are at least so far apart, whatever deadline is named.
const TICK: Duration = Duration::from_millis(10);

/// What the loop shows and feeds.
pub trait Screen {
    /// Sees a message.
    fn update(&mut self, cx: &mut Cx, msg: Msg);
    /// When it wants a tick, in `Cx::at`'s time.
    fn deadline(&self) -> Option<Duration>;
    /// Whether it is over.
    fn exit(&self) -> Option<Exit>;
    /// Draws itself; reads only.
    fn draw(&self, frame: &mut Frame);
}

impl Screen for App {
    fn update(&mut self, cx: &mut Cx, msg: Msg) {
        Self::update(self, cx, msg);
    }

    fn deadline(&self) -> Option<Duration> {
        Self::deadline(self)
    }

    fn exit(&self) -> Option<Exit> {
        Self::exit(self)
    }

    fn draw(&self, frame: &mut Frame) {
        crate::ui::draw(self, frame);
    }
}

/// What carries effects out; their answers come through a channel of the loop's.
pub trait Perform {
    /// Begins an effect; returns at once.
    fn perform(&mut self, ticket: Ticket, effect: Effect);
}

/// Why the loop was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    /// The program is over.
    Exit(Exit),
    /// The program is to stop as by ctrl-z; call [`Loop::resume`] before the loop goes on.
    Suspend,
    /// The program was stopped and goes on: the terminal needs its modes again. As above.
    GoneOn,
}

/// The loop's state, which lives through suspends.
pub struct Loop<S> {
    screen: S,
    cx: Cx,
    start: Instant,
    painter: Painter,
    output: Output,
    /// Messages of the loop's own.
    own: VecDeque<Msg>,
    /// Input that was looked at, and came too late for its batch.
    early: Option<Msg>,
    /// Something drawn may have changed.
    dirty: bool,
    /// When it first did, since the last frame.
    changed: Instant,
    /// A key changed it.
    urgent: bool,
    repaint: bool,
    /// `Msg::Resumed` is on its way to the screen.
    resumed: bool,
    leave: Option<Leave>,
    ticked: Option<Instant>,
}

impl<S> Loop<S> {
    /// What it showed, at the end.
    pub fn into_screen(self) -> S {
        self.screen
    }
}

/// What is on its way to the terminal: at most one frame.
struct Output {
    /// Goes out before the next frame, or without one.
    before: Vec<u8>,
    bytes: Vec<u8>,
    sent: usize,
    /// When the frame on its way, or the last one, was drawn.
    began: Option<Instant>,
    ended: Option<Instant>,
}

impl Output {
    fn before(enter: &[u8]) -> Self {
        Self { before: enter.to_vec(), bytes: Vec::new(), sent: 0, began: None, ended: None }
    }

    fn is_busy(&self) -> bool {
        self.sent < self.bytes.len()
    }

    fn begin(&mut self, frame: Option<Vec<u8>>, now: Instant) {
        self.bytes = std::mem::take(&mut self.before);
        self.bytes.extend_from_slice(&frame.unwrap_or_default());
        self.sent = 0;
        // What said nothing holds up nothing.
        if self.is_busy() {
            (self.began, self.ended) = (Some(now), Some(now));
        }
    }

    /// Hands bytes on, as many as the terminal takes now.
    async fn push(&mut self, to: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
        let rest = self.bytes.get(self.sent..).unwrap_or_default();
        let count = poll_fn(|cx| Pin::new(&mut *to).poll_write(cx, rest)).await?;
        if count == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        self.sent += count;
        if !self.is_busy() {
            self.ended = Some(Instant::now());
        }
        Ok(())
    }

    /// When the next frame may be drawn.
    fn free_at(&self, urgent: bool) -> Option<Instant> {
        let (began, ended) = (self.began?, self.ended?);
        let took = ended.saturating_duration_since(began);
        let paced = if took < QUICK { began } else { ended + took.min(PAUSE) };
        Some(if urgent { paced } else { paced.max(began + FRAME) })
    }
}

impl<S: Screen> Loop<S> {
    /// For a screen on an empty terminal of `cx.size`; `enter` is written before the first frame, with it.
    pub fn new(screen: S, cx: Cx, enter: &[u8]) -> io::Result<Self> {
        Ok(Self {
            screen,
            painter: Painter::new(cx.size)?,
            cx,
            start: Instant::now(),
            changed: Instant::now(),
            output: Output::before(enter),
            own: VecDeque::new(),
            early: None,
            dirty: true,
            urgent: true,
            repaint: false,
            resumed: false,
            leave: None,
            ticked: None,
        })
    }

    /// After a suspend: the terminal shows something else, and may have another size.
    pub fn resume(&mut self, size: Size, enter: &[u8]) {
        self.output = Output::before(enter);
        if size != self.cx.size {
            self.own.push_back(Msg::Resize(size));
        }
        self.own.push_back(Msg::Resumed);
        self.resumed = true;
        (self.dirty, self.urgent, self.repaint) = (true, true, true);
    }

    /// Runs until the program is over or to be stopped.
    pub async fn run(
        &mut self,
        input: &mut (impl Stream<Item = Msg> + Unpin),
        answers: &mut mpsc::Receiver<Msg>,
        effects: &mut impl Perform,
        terminal: &mut (impl AsyncWrite + Unpin),
    ) -> Leave {
        self.leave = None;
        let (mut input_open, mut answers_open) = (true, true);
        loop {
            self.draw();
            self.tick();
            let wake = [self.tick_at(), self.draw_at()].into_iter().flatten().min();
            let waiting = !self.own.is_empty() || self.early.is_some();
            let first = tokio::select! {
                biased;
                pushed = self.output.push(terminal), if self.output.is_busy() => match pushed {
                    Ok(()) => continue,
                    // The terminal is gone.
                    Err(_) => Some(Msg::Signal(Signal::Hup)),
                },
                () = std::future::ready(()), if waiting => self.early.take().or_else(|| self.own.pop_front()),
                msg = input.next(), if input_open => {
                    input_open = msg.is_some();
                    msg
                }
                msg = answers.recv(), if answers_open => {
                    answers_open = msg.is_some();
                    msg
                }
                () = sleep_until(wake.unwrap_or(self.start)), if wake.is_some() => None,
            };
            let Some(first) = first else { continue };
            self.batch(first, input, answers, effects).await;
            if let Some(leave) = self.leave {
                return leave;
            }
        }
    }

    /// Handles a message and what waits behind it, all sources in turn, within bounds.
    async fn batch(
        &mut self,
        first: Msg,
        input: &mut (impl Stream<Item = Msg> + Unpin),
        answers: &mut mpsc::Receiver<Msg>,
        effects: &mut impl Perform,
    ) {
        let began = Instant::now();
        let mut next = Some(first);
        let mut count = 0;
        while let Some(msg) = next.take() {
            self.handle(msg, effects);
            count += 1;
            if self.leave.is_some() {
                return;
            }
            // Looked at even when the batch is full: whether a key waits decides how soon to draw.
            if self.early.is_none() {
                // Unconstrained, since "nothing yet" must not mean "you had enough".
                let look = poll_fn(|cx| match input.poll_next_unpin(cx) {
                    Poll::Ready(msg) => Poll::Ready(msg),
                    Poll::Pending => Poll::Ready(None),
                });
                self.early = unconstrained(look).await;
            }
            if count == BATCH || began.elapsed() >= BATCH_TIME {
                // Signals and timers have their turn, however much comes in.
                yield_now().await;
                break;
            }
            let mut other = |this: &mut Self| this.own.pop_front().or_else(|| answers.try_recv().ok());
            next = if count % 2 == 0 {
                self.early.take().or_else(|| other(self))
            } else {
                other(self).or_else(|| self.early.take())
            };
        }
        if self.early.is_some() {
            self.urgent = false;
        }
    }

    fn handle(&mut self, msg: Msg, effects: &mut impl Perform) {
        self.stamp();
        match &msg {
            Msg::Key(_) | Msg::Paste(_) | Msg::Mouse(_) => self.urgent = true,
            Msg::Resize(size) => {
                self.cx.size = *size;
                (self.repaint, self.urgent) = (true, true);
            }
            // Not the loop's own, which follows when the terminal is mended.
            Msg::Resumed if !std::mem::take(&mut self.resumed) => {
                self.leave = Some(Leave::GoneOn);
                return;
            }
            _ => {}
        }
        let signal = if let Msg::Signal(signal) = msg { Some(signal) } else { None };
        self.cx.touch();
        self.screen.update(&mut self.cx, msg);
        if self.cx.is_dirty() && !std::mem::replace(&mut self.dirty, true) {
            self.changed = self.start + self.cx.at;
        }
        for (ticket, effect) in self.cx.take_effects() {
            match effect {
                Effect::Suspend => self.leave = Some(Leave::Suspend),
                Effect::Copy(text) => {
                    self.output.before.extend_from_slice(&clipboard::sequence(&text, clipboard::Wrap::here()));
                    self.own.push_back(Msg::Answer(Answer { ticket, meta: None, body: Body::Nothing }));
                }
                effect => effects.perform(ticket, effect),
            }
        }
        let exit = self.screen.exit().or_else(|| signal.map(|signal| Exit::Code(signal.exit_code())));
        if let Some(exit) = exit {
            self.leave = Some(Leave::Exit(exit));
        }
    }

    fn stamp(&mut self) {
        self.cx.now = jiff::Timestamp::now();
        self.cx.at = self.start.elapsed();
    }

    fn tick_at(&self) -> Option<Instant> {
        let due = self.start + self.screen.deadline()?;
        Some(self.ticked.map_or(due, |last| due.max(last + TICK)))
    }

    /// Puts in the tick when it is due.
    fn tick(&mut self) {
        let now = Instant::now();
        if self.tick_at().is_some_and(|due| due <= now) {
            self.ticked = Some(now);
            self.own.push_back(Msg::Tick);
        }
    }

    /// When to draw what changed; `None` when nothing did, or the terminal has not yet taken the frame before.
    fn draw_at(&self) -> Option<Instant> {
        let wanted = self.dirty || !self.output.before.is_empty();
        let soonest = if self.urgent { self.start } else { self.changed + FRAME };
        (wanted && !self.output.is_busy())
            .then(|| self.output.free_at(self.urgent).map_or(soonest, |at| at.max(soonest)))
    }

    fn draw(&mut self) {
        let now = Instant::now();
        if self.draw_at().is_none_or(|due| due > now) {
            return;
        }
        let (screen, painter) = (&self.screen, &mut self.painter);
        let repainted = if std::mem::take(&mut self.repaint) { painter.repaint(self.cx.size) } else { Ok(()) };
        // Both write to memory only.
        let frame = repainted.and_then(|()| painter.paint(|frame| screen.draw(frame)));
        self.output.begin(frame.unwrap_or_default(), now);
        (self.dirty, self.urgent) = (false, false);
    }
}
