//! A tmux server of the test's own.
