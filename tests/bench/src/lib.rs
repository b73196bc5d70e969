//! What the benchmark's floor executes. A test of the workspace holds that `cafleet` executes the same.

pub mod statements;
