//! Suite: e2e.
