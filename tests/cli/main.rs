//! Suite: cli.

mod counts;
