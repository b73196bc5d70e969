//! Suite: migration.
