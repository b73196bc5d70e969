//! The same stories wherever panes are.

/// Writes a test of each agent in each multiplexer, for functions that take both.
macro_rules! in_every_multiplexer {
    ($($story:ident),+) => { $(
        mod $story {
            use cafleet_domain::backend::Backend;
            use cafleet_domain::placement::MultiplexerKind::{Pty, Tmux};

            use super::$story;

            #[test]
            fn claude_in_tmux() {
                $story(Backend::CLAUDE, Tmux);
            }

            #[test]
            fn codex_in_tmux() {
                $story(Backend::CODEX, Tmux);
            }

            #[test]
            fn opencode_in_tmux() {
                $story(Backend::OPENCODE, Tmux);
            }

            #[test]
            fn claude_embedded() {
                $story(Backend::CLAUDE, Pty);
            }

            #[test]
            fn codex_embedded() {
                $story(Backend::CODEX, Pty);
            }

            #[test]
            fn opencode_embedded() {
                $story(Backend::OPENCODE, Pty);
            }
        }
    )+ };
}

pub(crate) use in_every_multiplexer;
