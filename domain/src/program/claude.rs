//! Claude Code.

use super::{Files, JAVASCRIPT, Program};
use crate::backend::Backend;
use crate::keystroke;
use crate::profile::{AnswerKeys, MidTurn, Profile, ShellMode, WordsField};
use crate::screen::patterns::{Footer, Frame, Patterns, Place, Placeholder, Spoken, dialog, ending, sign, words};

const PROFILE: Profile = Profile {
    mid_turn: MidTurn::Queued,
    shell_mode: ShellMode::Pasted,
    first_line_takes_feed: false,
    // it takes no letter before a key that can only move, and does not go on from the last answer to the first
    answer_keys: AnswerKeys { next: keystroke::NEXT, previous: Some(keystroke::PREVIOUS) },
    words: WordsField::IsAnswer,
    confirmation: None,
};

/// Returns what is known of it.
pub(super) fn program() -> Program {
    Program {
        backend: Backend::CLAUDE,
        title: "Claude Code",
        files: Files { interpreters: &JAVASCRIPT, packages: &["claude-code"], versions: Some("/claude/versions") },
        profile: PROFILE,
        patterns: patterns(),
        newest_recorded: "2.1.332",
    }
}

/// The modes of claude as its footer tells them.
const CLAUDE_MODES: [(&str, &str); 6] = [
    ("⏵⏵", "don't ask on"),
    ("⏵⏵", "accept edits on"),
    ("⏵⏵", "auto mode on"),
    ("⏵⏵", "bypass permissions on"),
    ("⏸", "plan mode on"),
    ("⏸", "manual mode on"),
];

/// What claude with the keys of vim writes before its mode while it takes text. In VISUAL an Enter does not submit, so no
/// other of its words may stand there.
const CLAUDE_INSERT: &str = "-- INSERT --";

fn claude_footer() -> Footer {
    // the view of all sessions has the same signs with other words behind them
    let plain = CLAUDE_MODES.map(|(sign, mode)| words(sign, mode));
    let insert = CLAUDE_MODES.map(|(sign, mode)| words(&format!("{CLAUDE_INSERT} {sign}"), mode));
    let others = [
        ("? for shortcuts", ""),
        ("esc to interrupt", ""),
        // 20 columns break it
        ("paste again", "paste again to expand"),
        // 20 columns have no room for "on"; the view of all sessions has one blank there
        ("⏵⏵ don't ask  ·", ""),
        ("⏵⏵ accept edits  ·", ""),
        ("⏵⏵ auto mode  ·", ""),
        ("⏸ plan mode  ·", ""),
        ("⏸ manual mode  ·", ""),
    ];
    let others = others.map(|(begins, holds)| words(begins, holds));
    Footer {
        known: plain.into_iter().chain(insert).chain(others).collect(),
        // 20 columns have no room for the mode behind it
        alone: ["⏵⏵", "⏸", "⏸ p"].map(|sign| format!("{CLAUDE_INSERT} {sign}")).into(),
        foreign: ["enter to", "space to", "to navigate", "to select", "to confirm"]
            .map(|holds| words("", holds))
            .into(),
    }
}

fn patterns() -> Patterns {
    Patterns {
        frame: Frame::Rules {
            rule: '─',
            prompt: "❯".to_owned(),
            modes: vec!["!".to_owned()],
            scrolled: "more".to_owned(),
        },
        spoken: Some(Spoken {
            prompt: "$".to_owned(),
            // the last takes their place behind a paste
            modes: [
                "don't ask on",
                "accept edits on",
                "auto mode on",
                "bypass permissions on",
                "plan mode on",
                "manual mode on",
                "paste again to",
            ]
            .map(str::to_owned)
            .into(),
            entries: ["you:", "claude:", "tool", "$"].map(str::to_owned).into(),
            fields: vec!["search prompts:".to_owned()],
            working: "esc to interrupt".to_owned(),
        }),
        placeholder: Placeholder::Dim,
        footer: claude_footer(),
        working: vec![
            sign("claude: esc to interrupt", Place::Below, "", "esc to interrupt"),
            // stays when the row below is cut, and while a draft or INSERT takes its place; 20 columns have no room for the
            // time, and break the tip below it into eight rows
            sign("claude: spinner", Place::Above(12), "·✢✳✶✻✽*", "…"),
        ],
        ended: vec![
            ending("claude: the last turn is done", "✻", ("· done", 2), false),
            ending("claude: no turn yet", "▝", ("", 1), false),
        ],
        silent: false,
        asking: vec![
            dialog("claude: choice", "❯ ", ("Esc to cancel", 2)),
            dialog("claude: confirmation", "❯ ", ("Enter to confirm", 2)),
        ],
    }
}
