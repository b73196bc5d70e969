//! The keyboard of whoever sits before the fleet: the keys come to tmux through a client, as a person's do.

use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use cafleet_tests::environment::pause;
use cafleet_tests::private_tmux::{PrivateTmux, program};

use crate::tally::lock;
use crate::yard::Yard;

/// How long a person takes to turn from one pane to another.
const TURNS: Duration = Duration::from_millis(500);

/// How long a key may take to come to tmux.
const ARRIVES: Duration = Duration::from_secs(20);

/// The option in which tmux counts how often [`DONE`] came.
const COUNT: &str = "@hands-off";

/// The key that nobody else presses: what was typed before has come to tmux by then.
const DONE: &str = "F12";

/// A client of the fleet's tmux, in a terminal of its own.
#[derive(Debug)]
pub(crate) struct Keyboard {
    terminal: PrivateTmux,
    /// How often it was let go.
    used: Mutex<u64>,
}

/// The keyboard, while its keys go to one pane.
pub(crate) struct Hands<'a> {
    yard: &'a Yard,
    used: MutexGuard<'a, u64>,
}

impl Keyboard {
    /// Attaches a client to the first session, in the size that it has.
    pub(crate) fn attach(tmux: &PrivateTmux) -> Self {
        tmux.tmux(&["set-option", "-s", "escape-time", "10"]);
        // else keys that come fast are a paste, of which none is bound
        tmux.tmux(&["set-option", "-g", "assume-paste-time", "0"]);
        tmux.tmux(&["set-option", "-g", COUNT, "0"]);
        for table in ["root", "copy-mode", "copy-mode-vi"] {
            let next = format!("#{{e|+:#{{{COUNT}}},1}}");
            tmux.tmux(&["bind-key", "-T", table, DONE, "set-option", "-gF", COUNT, &next]);
        }
        let size = |what: &str| tmux.show("%0", what).parse::<u32>().expect("a number");
        // the client has a status line
        let terminal = PrivateTmux::start_sized(size("#{window_width}"), size("#{window_height}") + 1);
        terminal.tmux(&["set-option", "-g", "status", "off"]);
        let attach = format!("exec env -u TMUX '{}' -S '{}' attach-session", program(), tmux.socket());
        terminal.tmux(&["respawn-pane", "-k", "-t", "%0", &attach]);
        tmux.until("the client", || (!tmux.tmux(&["list-clients"]).is_empty()).then_some(()));
        Self { terminal, used: Mutex::default() }
    }
}

impl<'a> Hands<'a> {
    /// Waits until nobody else types, and turns to a pane; none when it is not there.
    pub(crate) fn at(yard: &'a Yard, pane: &str) -> Option<Self> {
        let used = lock(&yard.keyboard.used);
        let is_there = format!("#{{m:?{},#{{pane_id}}}}", pane.trim_start_matches('%'));
        let turned = ["select-window", "-t", pane, ";", "select-pane", "-t", pane, ";"];
        let turned = yard.client(&[&turned[..], &["display-message", "-p", "-t", "main:", &is_there]].concat());
        (turned.trim() == "1").then_some(Self { yard, used })
    }

    /// Presses keys.
    pub(crate) fn press(&self, keys: &[&str]) {
        self.yard.keyboard.terminal.tmux(&[&["send-keys", "-t", "%0"], keys].concat());
    }
}

impl Drop for Hands<'_> {
    /// Leaves the pane once all has come to it.
    fn drop(&mut self) {
        // behind an Escape that has not been told apart it would be another key
        pause(TURNS);
        self.press(&[DONE]);
        *self.used += 1;
        let count = || self.yard.client(&["show-options", "-gqv", COUNT]).trim().parse() == Ok(*self.used);
        if !self.yard.comes(ARRIVES, count) {
            self.yard.tally.wrong("keys of the person have not come to tmux".to_owned());
        }
    }
}
