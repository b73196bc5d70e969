//! Suite: conventions.
