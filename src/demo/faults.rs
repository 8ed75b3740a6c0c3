//! Requests that go wrong on purpose, at a given rate and by a seeded draw.

use std::sync::{Mutex, PoisonError};

use axum::body::Body;
use axum::http::header::{self, HeaderValue};
use axum::response::Response;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::errors;

/// What goes wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fault {
    /// An answer instead of the server's.
    Answer(u16),
    /// The connection ends before the request is looked at.
    CutBefore,
    /// The request is served and the answer lost.
    CutAfter,
}

impl Fault {
    /// The answer that stands in for the server's; empty where the connection is cut.
    pub(super) fn answer(self) -> Response {
        const HTML: &str = "text/html";
        match self {
            Self::Answer(502) => errors::answer(502, HTML, BAD_GATEWAY),
            Self::Answer(503) => {
                let mut response = errors::answer(503, HTML, Body::empty());
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
                response
            }
            Self::Answer(429) => errors::answer(429, HTML, Body::empty()),
            Self::Answer(_) | Self::CutBefore | Self::CutAfter => errors::gateway(500, "An unexpected error occurred"),
        }
    }
}

const BAD_GATEWAY: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n\
    <center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n";

/// The draw.
pub(super) struct Faults {
    rate: f64,
    rng: Mutex<ChaCha8Rng>,
}

impl Faults {
    pub(super) fn new(rate: f64, seed: u64) -> Self {
        Self { rate, rng: Mutex::new(ChaCha8Rng::seed_from_u64(seed ^ 0xfa17)) }
    }

    /// What goes wrong with the next request, if anything.
    pub(super) fn draw(&self) -> Option<Fault> {
        if self.rate <= 0.0 {
            return None;
        }
        let mut rng = self.rng.lock().unwrap_or_else(PoisonError::into_inner);
        if f64::from(rng.next_u32()) / f64::from(u32::MAX) >= self.rate {
            return None;
        }
        Some(match rng.next_u32() % 6 {
            0 => Fault::Answer(500),
            1 => Fault::Answer(502),
            2 => Fault::Answer(503),
            3 => Fault::Answer(429),
            4 => Fault::CutBefore,
            _ => Fault::CutAfter,
        })
    }
}
