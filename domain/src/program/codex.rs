//! Codex CLI.

use super::{Files, JAVASCRIPT, Program};
use crate::backend::Backend;

use crate::profile::{AnswerKeys, MidTurn, Profile, ShellMode, WordsField};
use crate::screen::patterns::{Footer, Frame, Patterns, Place, Placeholder, dialog, ending, sign, words};

const PROFILE: Profile = Profile {
    // it aborts the turn
    mid_turn: MidTurn::Harmful,
    shell_mode: ShellMode::Pasted,
    first_line_takes_feed: false,
    answer_keys: AnswerKeys { next: "j", previous: None },
    words: WordsField::Notes { hint: "to clear notes" },
    confirmation: None,
};

/// Returns what is known of it.
pub(super) fn program() -> Program {
    Program {
        backend: Backend::CODEX,
        title: "Codex CLI",
        files: Files { interpreters: &JAVASCRIPT, packages: &["codex"], versions: None },
        profile: PROFILE,
        patterns: patterns(),
        newest_recorded: "0.171.0",
    }
}

fn patterns() -> Patterns {
    // what a row begins with that tells the keys of a form, a picker or a search
    let keys = ["enter", "esc", "press enter", "tab or", "tab to add", "space", "^", "? /", "reverse-i-search", "ctrl"];
    Patterns {
        frame: Frame::Prompt { prompt: "›".to_owned(), modes: vec!["!".to_owned()], status: 24, scrolled: '↑' },
        spoken: None,
        placeholder: Placeholder::DimWords(vec!["Ask Codex to do anything".to_owned()]),
        footer: Footer {
            known: vec![
                words("", "· ~"),
                words("", "· /"),
                // 20 columns have no room for the directory
                words("", "· …"),
                words("←", "for agents"),
                words("?", "for shortcuts"),
                words("tab", "to queue message"),
                words("", "context left"),
            ],
            alone: Vec::new(),
            foreign: keys.map(|begins| words(begins, "")).into(),
        },
        working: vec![
            // while an answer streams, this is the only sign, and a setting can take it away
            sign("codex: spinner in the title", Place::Title, "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", ""),
            sign("codex: esc to interrupt", Place::Above(3), "•◦", "esc to interrupt)"),
        ],
        ended: vec![
            ending("codex: the last turn is done", "Worked for", ("", 1), true),
            ending("codex: the last turn has failed", "■", ("", 1), false),
            ending("codex: no turn yet", ">_ OpenAI Codex", ("", 1), false),
            ending("codex: no turn yet", "│ >_ OpenAI Codex", ("", 1), false),
        ],
        silent: true,
        asking: vec![
            dialog("codex: choice", "› 1. ", ("Press enter to confirm", 2)),
            dialog("codex: trust", "› 1. ", ("enter continue", 2)),
        ],
    }
}
