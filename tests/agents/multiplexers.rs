//! The same stories wherever panes are.

/// Writes a test of each agent in each multiplexer, for functions that take both.
macro_rules! in_every_multiplexer {
    ($($story:ident),+) => { $(
        mod $story {
            use cafleet_domain::backend::Backend::{Claude, Codex, Opencode};
            use cafleet_domain::placement::MultiplexerKind::{Pty, Tmux};

            use super::$story;

            #[test]
            fn claude_in_tmux() {
                $story(Claude, Tmux);
            }

            #[test]
            fn codex_in_tmux() {
                $story(Codex, Tmux);
            }

            #[test]
            fn opencode_in_tmux() {
                $story(Opencode, Tmux);
            }

            #[test]
            fn claude_embedded() {
                $story(Claude, Pty);
            }

            #[test]
            fn codex_embedded() {
                $story(Codex, Pty);
            }

            #[test]
            fn opencode_embedded() {
                $story(Opencode, Pty);
            }
        }
    )+ };
}

pub(crate) use in_every_multiplexer;
