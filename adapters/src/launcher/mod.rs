//! Coding agent programs.
