//! opencode.

use super::{Files, JAVASCRIPT, Program};
use crate::backend::Backend;

use crate::profile::{AnswerKeys, Confirmation, MidTurn, Profile, ShellMode, WordsField};
use crate::screen::patterns::{Footer, Frame, Patterns, Place, Placeholder, dialog, ending, sign, words};

const PROFILE: Profile = Profile {
    // it shows a question so late that an Enter on its way to the composer was seen to allow a command
    mid_turn: MidTurn::Harmful,
    shell_mode: ShellMode::OpenedByKey,
    first_line_takes_feed: true,
    answer_keys: AnswerKeys { next: "l", previous: None },
    words: WordsField::OpensField,
    confirmation: Some(Confirmation { of: "Allow always", by: "Confirm" }),
};

/// Returns what is known of it.
pub(super) fn program() -> Program {
    Program {
        backend: Backend::OPENCODE,
        title: "opencode",
        files: Files { interpreters: &JAVASCRIPT, packages: &["opencode-ai"], versions: None },
        profile: PROFILE,
        patterns: patterns(),
        newest_recorded: "1.18.34",
    }
}

fn patterns() -> Patterns {
    Patterns {
        frame: Frame::Bar { bar: '┃', foot: '╹', modes: vec!["Shell".to_owned()] },
        spoken: None,
        placeholder: Placeholder::Words(
            ["Ask anything…", "Run a command…", "Ask anything...", "Run a command..."].map(str::to_owned).into(),
        ),
        footer: Footer {
            known: vec![
                words("", "ctrl+p"),
                words("", "commands"),
                // 20 columns have room for nothing else before the first turn
                words("tab agent", ""),
            ],
            alone: Vec::new(),
            foreign: Vec::new(),
        },
        working: vec![
            sign("opencode: esc interrupt", Place::Below, "", "esc interrupt"),
            // a narrow pane breaks the words
            sign("opencode: progress bar", Place::Below, "⬝■", ""),
        ],
        // the duration is its third part
        ended: vec![ending("opencode: the last turn is done", "▣", ("", 3), false)],
        silent: false,
        asking: vec![dialog("opencode: permission", "△ Permission required", ("Allow once", 3))],
    }
}
