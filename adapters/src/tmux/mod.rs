//! Panes of tmux.
