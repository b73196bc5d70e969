//! One suite for each port, run on every implementation of it.

mod backend_launcher;
mod multiplexer;
mod screen;
mod storage;
