//! What the screens of the real agents say, over the recordings of all versions in `tests/corpus`.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cafleet_adapters::tmux::parse_screen;
use cafleet_domain::backend::Backend;
use cafleet_domain::program::Programs;
use cafleet_domain::screen::{
    Doubt, Glimpse, Reading, Rest, RestProof, Screen, ScreenState, composer_holds_only, composer_shows, read, rest,
};
use cafleet_domain::timestamp::Timestamp;
use serde_json::Value;

/// What the previews in the corpus have in common.
const HEAD: &str = "[cafleet msg 12 from 3 ";

/// A recorded screen.
struct Recording {
    /// Its file, as `<backend>/<version>/<state>-<name>`.
    name: String,
    backend: Backend,
    state: ScreenState,
    /// The states that it may be read as.
    may_be: Vec<ScreenState>,
    /// What had been typed; none where nothing had, or where the agent shows a stand-in.
    draft: Option<String>,
    screen: Screen,
}

impl Recording {
    fn reading(&self) -> Reading {
        read(&Programs::built_in().of(self.backend).patterns, &self.screen)
    }

    /// Whether it is known to rest, when it was seen with this screen so long before; at once when none.
    fn rest(&self, screen: &Screen, before: Option<Duration>) -> Rest {
        let programs = Programs::built_in();
        let patterns = &programs.of(self.backend).patterns;
        let start: Timestamp = "2026-04-15T10:00:00+00:00".parse().expect("a time");
        let glimpse = Glimpse::of(screen, start);
        let now = start.after(before.unwrap_or_default());
        rest(patterns, screen, &read(patterns, screen), now, before.map(|_| &glimpse))
    }

    fn all() -> Vec<Self> {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
        let recordings = Backend::BUILT_IN.into_iter().flat_map(|backend| {
            let versions = entries(&corpus.join(backend.as_str()));
            versions.into_iter().flat_map(|version| entries(&version)).map(move |file| Self::load(backend, &file))
        });
        recordings.collect()
    }

    fn load(backend: Backend, file: &Path) -> Self {
        let stem = file.file_stem().expect("a name").to_string_lossy();
        let version = file.parent().and_then(Path::file_name).expect("a folder").to_string_lossy();
        let shot: Value = serde_json::from_slice(&fs::read(file).expect("a recording")).expect("JSON");
        let state = state(stem.split('-').next().expect("a state"));
        let may_be = match shot["may_be"].as_array() {
            Some(states) => states.iter().map(|name| self::state(name.as_str().expect("a state"))).collect(),
            None => vec![state],
        };
        let number = |value: &Value| usize::try_from(value.as_u64().expect("a number")).expect("a small number");
        let rows = shot["screen"].as_array().expect("rows").iter().map(|row| row.as_str().expect("a row"));
        let screen = Screen {
            width: number(&shot["columns"]),
            cursor_column: number(&shot["cursor"][0]),
            cursor_row: number(&shot["cursor"][1]),
            title: shot["title"].as_str().expect("a title").to_owned(),
            ..parse_screen(rows)
        };
        let draft = shot["draft"].as_str().map(str::to_owned);
        Self { name: format!("{backend}/{version}/{stem}"), backend, state, may_be, draft, screen }
    }
}

/// Returns what a folder holds, by name.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut entries: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    entries
}

fn state(name: &str) -> ScreenState {
    use ScreenState::{Asking, AtRest, Composing, Unknown, Working};
    let states = [AtRest, Working, Composing, Asking, Unknown];
    states.into_iter().find(|state| state.as_str() == name).unwrap_or_else(|| panic!("{name} is no state"))
}

/// Runs a check on recordings and reports all that fail at once.
fn each(recordings: &[Recording], check: impl Fn(&Recording) -> Result<(), String>) {
    assert!(!recordings.is_empty(), "nothing to check");
    let failed: Vec<String> = recordings
        .iter()
        .filter_map(|recording| check(recording).err().map(|why| format!("{}: {why}", recording.name)))
        .collect();
    assert!(failed.is_empty(), "{} of {}:\n{}", failed.len(), recordings.len(), failed.join("\n"));
}

fn some(wanted: impl Fn(&Recording) -> bool) -> Vec<Recording> {
    Recording::all().into_iter().filter(wanted).collect()
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

fn on_screen(screen: &Screen, text: &str) -> bool {
    let shown: String = screen.rows.iter().map(cafleet_domain::screen::Row::text).collect();
    squeezed(&shown).contains(&squeezed(text))
}

#[test]
fn every_recording_reads_as_it_may() {
    each(&Recording::all(), |recording| {
        let reading = recording.reading();
        if recording.may_be.contains(&reading.state) { Ok(()) } else { Err(format!("{reading:?}")) }
    });
}

#[test]
fn what_waits_for_a_person_is_never_read_as_a_rest_or_a_turn() {
    use ScreenState::{AtRest, Working};
    let waits = some(|recording| !matches!(recording.state, AtRest | Working));
    assert!(waits.iter().all(|one| !one.may_be.contains(&AtRest) && !one.may_be.contains(&Working)));
    each(&waits, |recording| match recording.reading().state {
        AtRest | Working => Err("taken for a composer that waits for a message".to_owned()),
        _ => Ok(()),
    });
}

#[test]
fn a_turn_without_any_sign_of_it_is_not_taken_for_a_rest() {
    let works = some(|one| one.backend == Backend::CODEX && one.state == ScreenState::Working);
    each(&works, |recording| {
        // a setting of codex or of tmux takes the spinner away
        let screen = Screen { title: "project".to_owned(), ..recording.screen.clone() };
        for before in [None, Some(Duration::from_secs(1)), Some(Duration::from_secs(20))] {
            if let Rest::Proven(proof) = recording.rest(&screen, before) {
                return Err(format!("{before:?}: {proof}"));
            }
        }
        Ok(())
    });
}

/// The version that writes nothing when a turn is over.
const SAYS_NO_END: &str = "codex/0.149.1/";

#[test]
fn a_rest_is_proven_at_once_by_the_end_of_a_turn_and_else_by_a_second_look() {
    each(&some(|one| one.may_be == [ScreenState::AtRest]), |recording| {
        let after_turn = recording.name.contains("-turn") || recording.name.contains("-prose");
        let after_turn = after_turn && !recording.name.starts_with(SAYS_NO_END);
        match (
            recording.rest(&recording.screen, None),
            recording.rest(&recording.screen, Some(Duration::from_secs(30))),
        ) {
            (Rest::Proven(RestProof::Ended(_)), _) => Ok(()),
            (Rest::Unproven(Doubt::LookAgain(_)), Rest::Proven(RestProof::Still(_))) if !after_turn => Ok(()),
            other => Err(format!("{other:?}")),
        }
    });
}

#[test]
fn the_newest_version_that_was_recorded_is_the_one_that_is_said() {
    for backend in Backend::BUILT_IN {
        let (programs, folder) = (Programs::built_in(), Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus"));
        let (program, folders) = (programs.of(backend), entries(&folder.join(backend.as_str())));
        let versions: Vec<String> =
            folders.iter().map(|folder| folder.file_name().expect("a name").to_string_lossy().into_owned()).collect();
        assert!(versions.iter().any(|version| version == program.newest_recorded), "{backend}: {versions:?}");
        for version in versions {
            assert_eq!(program.is_newer_than_recorded(&version), Some(false), "{backend} {version}");
        }
    }
}

#[test]
fn each_agent_was_recorded_in_each_state() {
    use ScreenState::{Asking, AtRest, Composing, Working};
    let recordings = Recording::all();
    for backend in Backend::BUILT_IN {
        for (state, least) in [(AtRest, 8), (Working, 3), (Composing, 16), (Asking, 4)] {
            let found = recordings.iter().filter(|one| one.backend == backend && one.state == state).count();
            assert!(found >= least, "{backend} {state:?}: {found} of {least}");
        }
    }
}

/// The versions that show the end of a draft that is higher than the pane, without a word about its beginning.
const HIDES_THE_BEGINNING: [&str; 3] = ["claude/2.1.246/", "claude/2.1.304/", "codex/0.149.1/"];

fn hides_the_beginning(recording: &Recording) -> bool {
    HIDES_THE_BEGINNING.iter().any(|version| recording.name.starts_with(version))
}

#[test]
fn a_draft_is_read_as_it_was_typed() {
    each(&some(|recording| recording.draft.is_some()), |recording| {
        let reading = recording.reading();
        let (read, typed) =
            (squeezed(&reading.composer.unwrap_or_default()), squeezed(recording.draft.as_deref().unwrap_or_default()));
        // claude shows the end of a draft that is higher than its pane allows; every agent has a stand-in for long pastes
        let whole =
            if reading.scrolled || hides_the_beginning(recording) { typed.ends_with(&read) } else { typed == read };
        if !read.is_empty() && (whole || read.contains("[Pasted")) { Ok(()) } else { Err(read) }
    });
}

#[test]
fn an_empty_composer_is_empty_whatever_placeholder_it_shows() {
    each(&some(|recording| matches!(recording.state, ScreenState::AtRest | ScreenState::Working)), |recording| {
        match recording.reading().composer.as_deref() {
            Some("") => Ok(()),
            None if recording.may_be.contains(&ScreenState::Unknown) => Ok(()),
            other => Err(format!("{other:?}")),
        }
    });
}

#[test]
fn a_short_preview_is_found_in_the_composer_at_every_width() {
    // in ten rows claude shows a stand-in for any text with a line feed
    let shown = |recording: &Recording| recording.backend != Backend::CLAUDE || !recording.name.ends_with("x10");
    each(&some(|recording| recording.name.contains("-preview10_") && shown(recording)), |recording| {
        let reading = recording.reading();
        let text = recording.draft.as_deref().unwrap_or_default();
        let found = (reading.scrolled || composer_shows(&reading, HEAD))
            && composer_holds_only(&reading, text)
            && !composer_shows(&reading, "[cafleet msg 13 from 3 ")
            && !composer_holds_only(&reading, HEAD);
        if found { Ok(()) } else { Err(format!("{reading:?}")) }
    });
}

#[test]
fn the_head_of_a_long_preview_is_found_when_it_was_pasted_by_itself() {
    each(&some(|recording| recording.name.contains("-in_two_") && !hides_the_beginning(recording)), |recording| {
        let reading = recording.reading();
        let text = recording.draft.as_deref().unwrap_or_default();
        let head = reading.scrolled || composer_shows(&reading, HEAD);
        let whole = composer_holds_only(&reading, text);
        if head && whole { Ok(()) } else { Err(format!("{reading:?}")) }
    });
}

#[test]
fn a_preview_in_the_transcript_has_left_the_composer() {
    let left = some(|recording| {
        matches!(recording.state, ScreenState::AtRest | ScreenState::Working) && on_screen(&recording.screen, HEAD)
    });
    for backend in Backend::BUILT_IN {
        assert!(left.iter().any(|one| one.backend == backend && one.state == ScreenState::AtRest), "{backend}");
    }
    each(&left, |recording| {
        let reading = recording.reading();
        if composer_shows(&reading, HEAD) { Err(format!("{reading:?}")) } else { Ok(()) }
    });
}

#[test]
fn a_dialog_shows_nothing_of_what_is_pasted() {
    each(&some(|recording| recording.may_be == [ScreenState::Asking]), |recording| {
        let reading = recording.reading();
        let shows = composer_shows(&reading, "nobody sees") || reading.composer.is_some();
        if shows { Err(format!("{reading:?}")) } else { Ok(()) }
    });
}

#[test]
fn the_rows_that_were_recognised_are_on_the_screen() {
    each(&some(|recording| recording.reading().state != ScreenState::Unknown), |recording| {
        let reading = recording.reading();
        if !reading.rows.is_empty() && reading.rows.end <= recording.screen.rows.len() {
            Ok(())
        } else {
            Err(format!("{reading:?}"))
        }
    });
}

#[test]
fn a_composer_elsewhere_than_the_cursor_is_part_of_a_transcript() {
    each(&some(|recording| recording.state == ScreenState::AtRest), |recording| {
        let screen = Screen { cursor_row: 0, ..recording.screen.clone() };
        match read(&Programs::built_in().of(recording.backend).patterns, &screen).state {
            ScreenState::Unknown => Ok(()),
            other => Err(format!("{other:?}")),
        }
    });
}

/// What is asked on recordings whose names begin so: kind, title, labels, and whether words are taken.
const QUESTIONS: [(&str, &str, &str, &[&str], bool); 14] = [
    ("claude/2.1.329/asking-command_", "permission", "Do you want to proceed?", &PERMISSION, false),
    (
        "claude/2.1.329/asking-trust",
        "trust",
        "Quick safety check: Is this a project you created or one you trust?",
        &["No, exit", "Yes, I trust this folder"],
        false,
    ),
    (
        "claude/2.1.329/asking-trial_question_two",
        "choice",
        ROOF,
        &["Red", "Blue", "Type something", "Chat about this"],
        true,
    ),
    (
        "claude/2.1.332/asking-trial_question_two",
        "choice",
        ROOF,
        &["Red", "Blue", "Type something", "Chat about this"],
        true,
    ),
    (
        "claude/2.1.246/asking-trial_question_two",
        "choice",
        ROOF,
        &["Red", "Blue", "Type something", "Chat about this"],
        true,
    ),
    (
        "claude/2.1.332/asking-trial_question_four",
        "choice",
        ROOF,
        &["Red", "Blue", "Green", "Grey", "Type something", "Chat about this"],
        true,
    ),
    ("codex/0.169.0/asking-command_", "permission", "Would you like to run the following command?", &CODEX, false),
    (
        "codex/0.169.0/asking-trust",
        "trust",
        "Trust this folder?",
        &["Trust and continue", "Back to Agent Command Center"],
        false,
    ),
    ("codex/0.171.0/asking-trial_question_two", "choice", "Which colour?", &["Red", "Blue", "None of the above"], true),
    (
        "codex/0.171.0/asking-trial_plan_question",
        "choice",
        "May I drop the table users?",
        &["Yes", "No", "None of the above"],
        true,
    ),
    (
        "codex/0.171.0/asking-trial_picker_permissions",
        "choice",
        "Update Model Permissions",
        &["Ask for approval", "Approve for me", "Full Access", "Read Only"],
        false,
    ),
    (
        "codex/0.171.0/asking-trial_firstrun_login",
        "choice",
        "Choose how you want to use Codex.",
        &["Sign in with ChatGPT", "Sign in with Device Code", "Sign in another way"],
        false,
    ),
    ("opencode/1.18.33/asking-command_", "permission", "", &["Allow once", "Allow always", "Reject"], false),
    (
        "opencode/1.18.34/asking-trial_question_two",
        "choice",
        "Which colour?",
        &["Red", "Blue", "Type your own answer"],
        true,
    ),
];
const ROOF: &str = "Which colour shall the roof have?";
const PERMISSION: [&str; 4] = [
    "Yes",
    "Yes, and always allow access to /etc from this project",
    "Yes, and switch to auto mode · auto mode handles these prompts for you",
    "No",
];
const CODEX: [&str; 3] = [
    "Yes, proceed",
    "Yes, and don't ask again for commands that start with `touch /etc/cafleet-never`",
    "No, and tell Codex what to do differently",
];

#[test]
fn a_question_is_read_into_its_answers_and_is_the_same_at_every_width() {
    for (beginning, kind, title, labels, takes_words) in QUESTIONS {
        let mut ids = std::collections::HashSet::new();
        let recordings = some(|recording| recording.name.starts_with(beginning));
        each(&recordings, |recording| {
            let Some(question) = recording.reading().question else { return Err("no question".to_owned()) };
            let read: Vec<String> = question.options.iter().map(|answer| squeezed(&answer.label)).collect();
            let wanted: Vec<String> = labels.iter().map(|label| squeezed(label)).collect();
            let same = read == wanted
                && question.kind.as_str() == kind
                && (title.is_empty() || question.title == title)
                && question.offers_text() == takes_words;
            if same { Ok(()) } else { Err(format!("{question:?}")) }
        });
        ids.extend(recordings.iter().filter_map(|recording| recording.reading().question.map(|question| question.id)));
        assert_eq!(ids.len(), 1, "{beginning}: {ids:?}");
    }
}

#[test]
fn the_answer_that_enter_takes_is_seen() {
    for (name, selected) in [
        ("claude/2.1.332/asking-trial_question_two_119x50", 1),
        ("claude/2.1.332/asking-trial_question_two_cursor_on_type_119x50", 3),
        ("claude/2.1.332/asking-trial_question_two_cursor_on_chat_119x50", 4),
        ("claude/2.1.332/asking-trial_question_two_typed_something_119x50", 3),
        ("claude/2.1.329/asking-trust", 1),
        ("codex/0.171.0/asking-trial_question_two_cursor_on_last_119x50", 3),
        ("codex/0.171.0/asking-trial_permission_20x24", 1),
        ("opencode/1.18.33/asking-command_120", 1),
        ("opencode/1.18.34/asking-trial_question_two_119x50", 1),
        ("opencode/1.18.34/asking-trial_question_two_cursor_on_last_119x50", 3),
    ] {
        each(&some(|recording| recording.name == name), |recording| match recording.reading().question {
            Some(question) if question.selected == Some(selected) => Ok(()),
            other => Err(format!("{other:?}")),
        });
    }
}
