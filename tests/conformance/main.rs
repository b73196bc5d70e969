//! One suite for each port, run on every implementation of it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod backend_launcher;
mod multiplexer;
mod screen;
mod storage;
