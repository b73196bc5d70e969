//! Suite: generated.
