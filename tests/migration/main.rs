//! The life of a database file: creation, upgrade, and every file that is not one of ours.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod constraints;
mod creation;
mod foreign_files;
mod schema;
mod upgrade;
