//! Where the panes of a lab are, and what a person does there.

use cafleet_domain::placement::MultiplexerKind;

use crate::embedded::EmbeddedTerminals;
use crate::environment::Environment;
use crate::private_tmux::PrivateTmux;

/// The panes of a private multiplexer; commands run in the first one, `%0`.
#[derive(Debug)]
pub enum Terminals {
    /// A private tmux server.
    Tmux(PrivateTmux),
    /// The daemon of the environment.
    Embedded(EmbeddedTerminals),
}

impl Terminals {
    /// Opens the first pane, in which `argv` runs, and makes the commands of the environment run there.
    ///
    /// # Panics
    /// When it does not open.
    #[must_use]
    pub fn start(kind: MultiplexerKind, environment: &mut Environment, argv: &[&str]) -> Self {
        match kind {
            MultiplexerKind::Tmux => Self::Tmux(in_tmux(environment, argv)),
            MultiplexerKind::Pty => Self::Embedded(embedded(environment, argv)),
        }
    }

    /// Returns the tmux server.
    ///
    /// # Panics
    /// When the panes are elsewhere.
    #[must_use]
    pub fn tmux(&self) -> &PrivateTmux {
        match self {
            Self::Tmux(tmux) => tmux,
            Self::Embedded(_) => panic!("the panes are not in tmux"),
        }
    }

    /// Returns the names of all panes.
    #[must_use]
    pub fn panes(&self) -> Vec<String> {
        match self {
            Self::Tmux(tmux) => tmux.panes(),
            Self::Embedded(terminals) => terminals.panes().into_iter().map(|pane| pane.pane.id.to_string()).collect(),
        }
    }

    /// Returns what a pane shows.
    #[must_use]
    pub fn screen(&self, pane: &str) -> String {
        match self {
            Self::Tmux(tmux) => tmux.tmux(&["capture-pane", "-p", "-t", pane]),
            Self::Embedded(terminals) => terminals.screen(&terminals.pane(pane)),
        }
    }

    /// Returns the process of a pane's program.
    ///
    /// # Panics
    /// When the pane is gone.
    #[must_use]
    pub fn process(&self, pane: &str) -> u32 {
        match self {
            Self::Tmux(tmux) => tmux.show(pane, "#{pane_pid}").parse().expect("a number"),
            Self::Embedded(terminals) => terminals.pane(pane).pid,
        }
    }

    /// Gives a pane the ASCII characters that the keys of a person send.
    pub fn press(&self, pane: &str, keys: &str) {
        match self {
            Self::Tmux(tmux) => {
                let codes: Vec<String> = keys.bytes().map(|code| format!("{code:02x}")).collect();
                let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
                tmux.tmux(&[&["send-keys", "-t", pane, "-H"], &codes[..]].concat());
            }
            Self::Embedded(terminals) => terminals.type_bytes(&terminals.pane(pane), keys.as_bytes()),
        }
    }

    /// Puts a text into the composer in a pane, as a person who pastes does.
    pub fn paste(&self, pane: &str, text: &str) {
        match self {
            Self::Tmux(tmux) => tmux.paste(pane, text),
            Self::Embedded(terminals) => terminals.paste(&terminals.pane(pane), text),
        }
    }

    /// Gives a pane a size; in tmux, in a window of its own.
    pub fn resize(&self, pane: &str, columns: u16, rows: u16) {
        match self {
            Self::Tmux(tmux) => {
                if tmux.show(pane, "#{window_panes}") != "1" {
                    tmux.tmux(&["break-pane", "-d", "-s", pane]);
                }
                let (columns, rows) = (columns.to_string(), rows.to_string());
                tmux.tmux(&["resize-window", "-t", pane, "-x", &columns, "-y", &rows]);
            }
            Self::Embedded(terminals) => terminals.resize(&terminals.pane(pane), columns, rows),
        }
    }
}

fn in_tmux(environment: &mut Environment, argv: &[&str]) -> PrivateTmux {
    let tmux = PrivateTmux::start_sized(200, 120);
    tmux.hand_on(environment);
    let work = environment.path("work").display().to_string();
    // the search path of a new pane is that of the client which opens it
    let path = format!("PATH={}:/usr/bin:/bin", environment.path("bin").display());
    tmux.tmux(&[&["respawn-pane", "-k", "-c", &work, "-t", "%0", "env", &path], argv].concat());
    tmux.adopt(environment);
    tmux
}

fn embedded(environment: &mut Environment, argv: &[&str]) -> EmbeddedTerminals {
    let terminals = EmbeddedTerminals::of(environment);
    let pane = terminals.open(&environment.path("work"), argv);
    environment.set("CAFLEET_PANE", format!("{},{}", pane.id, pane.server));
    terminals
}
