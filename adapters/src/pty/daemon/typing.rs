//! Typing into a pane: each text and each key under a condition that is looked at in the same step.
//!
//! Nothing of the program's is read between the look and the first byte: both happen on the daemon's only thread, without an
//! `await` in between.

use std::rc::Rc;

use cafleet_domain::paste;
use cafleet_domain::ports::{EnterCondition, KEY_SHOWS_WITHIN, TypingCondition};
use rustix::termios::{LocalModes, tcgetattr, tcgetpgrp};

use super::outbox::Stuck;
use super::pane::Pane;
use crate::pty::protocol::Reply;

/// The longest line that the kernel hands to a program that reads lines (N_TTY_BUF_SIZE, less the line feed).
const LONGEST_COOKED_LINE: usize = 4_095;

impl Pane {
    pub(super) async fn paste(self: &Rc<Self>, front: u32, condition: &TypingCondition, text: &str) -> Reply {
        self.catch_up();
        let is_bracketed = self.terminal.borrow().wants_brackets() && !text.is_empty();
        let (before, after): (&[u8], &[u8]) = if is_bracketed { (paste::BEGIN, paste::END) } else { (b"", b"") };
        self.type_text(front, condition, text, &[before, text.as_bytes(), after].concat()).await
    }

    pub(super) async fn type_keys(self: &Rc<Self>, front: u32, condition: &TypingCondition, text: &str) -> Reply {
        self.type_text(front, condition, text, text.as_bytes()).await
    }

    /// Writes a text as the bytes that it is typed with, if the condition holds.
    async fn type_text(self: &Rc<Self>, front: u32, condition: &TypingCondition, text: &str, bytes: &[u8]) -> Reply {
        if let Err(deaf) = self.hears(front) {
            return deaf;
        }
        let longest = text.split(['\r', '\n']).map(str::len).max().unwrap_or_default();
        if longest > LONGEST_COOKED_LINE && self.reads_lines() {
            let id = self.key().id;
            return Reply::Failed(format!(
                "the program in pane {id} reads whole lines, of which the system cuts off what is beyond \
                 {LONGEST_COOKED_LINE} bytes; one here has {longest}"
            ));
        }
        let may_begin = || {
            self.catch_up();
            self.hears(front).is_ok() && self.terminal.borrow().admits(condition) && self.is_quiet(condition.untouched)
        };
        let given = match self.outbox.turn(&self.master).await {
            Ok(mut turn) => turn.write_if(bytes, may_begin).await,
            Err(stuck) => Err(stuck),
        };
        match given {
            Ok(given) => Reply::Pressed(given),
            Err(Stuck) => {
                self.settle();
                Reply::NotReading
            }
        }
    }

    /// Presses Enter if the condition holds. No other writer has its turn in between either.
    pub(super) async fn submit(self: &Rc<Self>, front: u32, condition: &EnterCondition) -> Reply {
        let Ok(turn) = self.outbox.turn(&self.master).await else { return Reply::NotReading };
        self.catch_up();
        let holds = self.terminal.borrow().meets(condition) && self.is_quiet(condition.untouched);
        if self.hears(front).is_err() || !holds {
            return Reply::Pressed(false);
        }
        turn.press(b"\r").map_or(Reply::NotReading, |()| Reply::Pressed(true))
    }

    /// Fails unless the pane hears and this process group has it.
    fn hears(&self, front: u32) -> Result<(), Reply> {
        let id = self.key().id;
        if self.has_ended() {
            return Err(Reply::Failed(format!("the program in pane {id} has ended")));
        }
        let group = tcgetpgrp(self.master.get_ref()).map(|group| group.as_raw_nonzero().get().unsigned_abs());
        if group == Ok(front) {
            Ok(())
        } else {
            Err(Reply::Failed(format!("another program is in front of pane {id} now")))
        }
    }

    /// Tells whether no viewer has typed of late, where that counts.
    fn is_quiet(&self, counts: bool) -> bool {
        !counts || self.keyed.get().is_none_or(|keyed| keyed.elapsed() > KEY_SHOWS_WITHIN)
    }

    /// Tells whether the kernel edits lines for the program.
    fn reads_lines(&self) -> bool {
        tcgetattr(self.master.get_ref()).is_ok_and(|settings| settings.local_modes.contains(LocalModes::ICANON))
    }
}
