//! Suite: broker.
