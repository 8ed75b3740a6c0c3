//! The thread that carries out what the program asks for, with its helpers for what blocks, and their end.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use tokio::runtime::{Builder, Runtime};

/// Runs the program with its workers. What hangs in a task of theirs, such as a pipe that nobody reads, holds up neither
/// the program's end nor that of a panic.
pub fn with<T>(run: impl FnOnce(&Runtime) -> T) -> io::Result<T> {
    // One: it waits for the network most of the time, and to hand a small request from thread to thread costs as much as
    // to send it.
    let workers = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let done = catch_unwind(AssertUnwindSafe(|| run(&workers)));
    workers.shutdown_background();
    Ok(done.unwrap_or_else(|panic| resume_unwind(panic)))
}
