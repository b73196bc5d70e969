//! The `cafleet` binary: command line, views, and the one place that puts adapters behind ports.

pub mod cli;
mod composition;
pub mod env_vars;
mod error;
pub mod exit_code;
mod printer;
mod settings;
mod view;

pub use cli::main;
