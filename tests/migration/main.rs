//! The life of a database file: creation, upgrade, and every file that is not one of ours.

mod creation;
mod foreign_files;
mod schema;
mod upgrade;
