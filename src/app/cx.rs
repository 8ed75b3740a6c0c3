//! What `update` needs of the world, and where it leaves what it wants done.

use std::time::Duration;

use jiff::Timestamp;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use ratatui::layout::Size;

use super::effect::Effect;

/// The name of one effect under way; its answer bears the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// The world as one message finds it. The loop stamps `now`, `at` and `size` before each message and empties the
/// effects after it.
pub struct Cx {
    /// The wall clock, for what is shown.
    pub now: Timestamp,
    /// Time since the program's start, which never jumps, for what is due.
    pub at: Duration,
    /// The terminal's size in cells.
    pub size: Size,
    /// Makes passwords and jitter; seeded by the operating system, in tests by a constant.
    pub rng: ChaCha20Rng,
    effects: Vec<(Ticket, Effect)>,
    dirty: bool,
    last: u64,
}

impl Cx {
    /// A context at the program's start.
    pub fn new(now: Timestamp, size: Size, seed: [u8; 32]) -> Self {
        Self {
            now,
            at: Duration::ZERO,
            size,
            rng: ChaCha20Rng::from_seed(seed),
            effects: Vec::new(),
            dirty: true,
            last: 0,
        }
    }

    /// Asks the runtime for something; its answer will bear the ticket.
    pub fn effect(&mut self, effect: Effect) -> Ticket {
        self.last += 1;
        let ticket = Ticket(self.last);
        self.effects.push((ticket, effect));
        ticket
    }

    /// Says that this message changed nothing that is drawn.
    pub fn unchanged(&mut self) {
        self.dirty = false;
    }

    /// Marks that something drawn changed: what the loop does before each message.
    pub fn touch(&mut self) {
        self.dirty = true;
    }

    /// Whether the last message may have changed what is drawn.
    pub fn is_dirty(&self) -> bool {
        self.dirty
    }

    /// Takes the effects asked for so far.
    pub fn take_effects(&mut self) -> Vec<(Ticket, Effect)> {
        std::mem::take(&mut self.effects)
    }
}
