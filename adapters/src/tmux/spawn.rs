//! Opens panes: where there is room, without a shell, and never leaving one whose program did not start.

use std::path::PathBuf;
use std::time::Duration;

use cafleet_domain::placement::Pane;
use cafleet_domain::ports::{Look, MultiplexerError, SpawnRequest};
use tokio::time::sleep;

use crate::pane_rules::{self, REASON_ROWS};
use crate::server_fate::with_namespace;

use super::arguments::{self, Place};
use super::parse::{self, Room, State};
use super::process::{Call, Deadline};
use super::{CLEANUP_RESERVE, TmuxMultiplexer, exec_file, failure, proof_of_end, screen};

/// When a fresh program is looked at, while it is watched.
const PAUSES: [Duration; 4] =
    [Duration::from_millis(20), Duration::from_millis(80), Duration::from_millis(100), Duration::from_millis(100)];

/// Opens a pane as `PaneHost::spawn` says.
pub(super) async fn spawn(
    tmux: &TmuxMultiplexer,
    request: &SpawnRequest,
    deadline: Deadline,
) -> Result<Pane, MultiplexerError> {
    pane_rules::check(&request.argv, &request.directory, &request.tag).map_err(MultiplexerError::Failed)?;
    let reply = tmux.ask_ours(&request.beside, arguments::room(&request.beside), deadline).await?;
    let fields: Vec<&str> = reply.fields.iter().map(String::as_str).collect();
    let room = parse::room(&fields)
        .ok_or_else(|| MultiplexerError::Failed("tmux gave an unreadable size of the window".to_owned()))?;
    let handover = Handover::prepare(tmux, request)?;
    let started = open_and_watch(tmux, request, &room, &handover, deadline).await;
    if started.is_err() {
        handover.withdraw();
    }
    started
}

/// Opens the pane, and closes it again unless its program stays.
async fn open_and_watch(
    tmux: &TmuxMultiplexer,
    request: &SpawnRequest,
    room: &Room,
    handover: &Handover,
    deadline: Deadline,
) -> Result<Pane, MultiplexerError> {
    let working = deadline.earlier_by(CLEANUP_RESERVE);
    let pane = open(tmux, request, room, handover, working).await?;
    match watch(tmux, &pane, request, working).await {
        Ok(()) => Ok(pane),
        Err(error) => {
            // the first error is the one that counts; a pane that is gone already needs nothing
            drop(tmux.ask(&pane, Call { arguments: arguments::kill(&pane), ..Call::default() }, deadline).await);
            Err(error)
        }
    }
}

/// The file in which the arguments reach the pane, and the words that start the helper which reads it.
///
/// tmux would read a single argument as a shell command, takes only so many bytes, and shows what a pane was started
/// with: so the arguments never go through it, and the file's name carries the pane's tag.
struct Handover {
    words: Vec<String>,
    file: PathBuf,
}

impl Handover {
    fn prepare(tmux: &TmuxMultiplexer, request: &SpawnRequest) -> Result<Self, MultiplexerError> {
        let mut words = tmux.options.exec_helper.clone();
        let file = exec_file::write(&request.argv, &tmux.options.environment, &request.tag)
            .map_err(|error| MultiplexerError::Failed(format!("cannot write the arguments to a file: {error}")))?;
        match file.to_str() {
            Some(text) => words.push(text.to_owned()),
            None => {
                exec_file::remove(&file);
                return Err(MultiplexerError::Failed("the temporary directory's name is not UTF-8".to_owned()));
            }
        }
        Ok(Self { words, file })
    }

    /// Removes the file of a pane that did not start.
    fn withdraw(&self) {
        exec_file::remove(&self.file);
    }
}

/// Opens the pane in the window of the one beside, or in a new window when there is no room.
async fn open(
    tmux: &TmuxMultiplexer,
    request: &SpawnRequest,
    room: &Room,
    handover: &Handover,
    deadline: Deadline,
) -> Result<Pane, MultiplexerError> {
    let words: Vec<&str> = handover.words.iter().map(String::as_str).collect();
    if room.fits {
        match open_at(tmux, request, Place::Split, &words, deadline).await {
            // the layout that people made can have no room where the size of the window has
            Err(MultiplexerError::Failed(_)) => {}
            other => return other,
        }
    }
    if is_sized_by_hand(tmux, request, deadline).await? {
        return open_apart(tmux, request, &words, deadline).await;
    }
    open_at(tmux, request, Place::Window(&room.session), &words, deadline).await
}

/// Returns `true` if new windows get no size from a client: then `new-window` ends tmux up to 3.5a, with all its panes.
async fn is_sized_by_hand(
    tmux: &TmuxMultiplexer,
    request: &SpawnRequest,
    deadline: Deadline,
) -> Result<bool, MultiplexerError> {
    let shown = tmux.run(arguments::window_size(&request.beside.server.socket), deadline).await?;
    Ok(shown.stdout.trim() == "manual")
}

/// Opens the pane beside the other for a moment, and moves it to a window of its own.
async fn open_apart(
    tmux: &TmuxMultiplexer,
    request: &SpawnRequest,
    words: &[&str],
    deadline: Deadline,
) -> Result<Pane, MultiplexerError> {
    let pane = open_at(tmux, request, Place::Split, words, deadline).await.map_err(|error| match error {
        MultiplexerError::Failed(said) => MultiplexerError::Failed(format!(
            "{said}; a new window is not opened, for tmux may end when its option window-size is 'manual': set it to \
             'latest', or make the window larger"
        )),
        error => error,
    })?;
    tmux.ask_ours(&pane, arguments::break_off(&pane), deadline).await?;
    Ok(pane)
}

/// Opens the pane at one place.
async fn open_at(
    tmux: &TmuxMultiplexer,
    request: &SpawnRequest,
    place: Place<'_>,
    words: &[&str],
    deadline: Deadline,
) -> Result<Pane, MultiplexerError> {
    let command = arguments::open(&request.beside, place, words);
    let call = Call {
        arguments: arguments::spawn(&request.beside, &command),
        directory: Some(&request.directory),
        stdin: &[],
    };
    let finished = tmux.run_call(call, deadline).await?;
    let gone = || MultiplexerError::Gone(request.beside.id.clone());
    if let Some(how) = parse::no_server(&finished) {
        return Err(proof_of_end(&request.beside.server, how).map_or_else(|error| error, |_| gone()));
    }
    match parse::guarded(&finished.stdout) {
        Some((State::Gone, ..)) => Err(gone()),
        Some((State::Other, ..)) => {
            let proof = proof_of_end(&request.beside.server, "another server answers at its socket");
            Err(proof.map_or_else(|error| error, |_| gone()))
        }
        // a pane that was printed is there, even if tmux could not lay out the window afterwards
        Some((_, _, rest)) => rest
            .lines()
            .find_map(|line| parse::pane(&request.beside.server.socket, line))
            .map(with_namespace)
            .ok_or_else(|| failure(&finished)),
        None => Err(failure(&finished)),
    }
}

/// Watches a fresh pane, and fails with the program's last screen when it ends.
async fn watch(
    tmux: &TmuxMultiplexer,
    pane: &Pane,
    request: &SpawnRequest,
    deadline: Deadline,
) -> Result<(), MultiplexerError> {
    let ended = |why: String| MultiplexerError::Failed(format!("'{}' ended at once{why}", request.argv[0]));
    let at_once = |error| if error == MultiplexerError::Gone(pane.id.clone()) { ended(String::new()) } else { error };
    tmux.ask_ours(pane, arguments::keep_screen(pane, true), deadline).await.map_err(at_once)?;
    for pause in PAUSES {
        sleep(pause).await;
        match tmux.look_by(pane, deadline).await? {
            Look::Gone(_) => return Err(ended(String::new())),
            Look::Seen(view) if view.dead => {
                let said = last_words(tmux, pane, deadline).await?;
                return Err(ended(if said.is_empty() { said } else { format!(": {said}") }));
            }
            Look::Seen(_) => {}
        }
    }
    tmux.ask_ours(pane, arguments::keep_screen(pane, false), deadline).await.map(|_| ()).map_err(at_once)
}

/// Returns the last rows of a program that has ended, on one line. They are in the history in part: tmux scrolls the screen
/// by one row to say that the pane is dead, and how the program ended.
async fn last_words(tmux: &TmuxMultiplexer, pane: &Pane, deadline: Deadline) -> Result<String, MultiplexerError> {
    let reply = tmux.ask_ours(pane, arguments::capture(pane, REASON_ROWS), deadline).await?;
    Ok(pane_rules::last_words(&screen::tail_plain(&reply.rest, usize::MAX)))
}
