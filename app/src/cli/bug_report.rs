//! What a bug report needs to say of the place where cafleet runs, in one file that a person can read before sending it.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use cafleet_domain::agent::AgentKind;
use cafleet_domain::broker::{BrokerError, Explanation};
use cafleet_domain::id::{AgentId, FleetId};
use cafleet_domain::screen::{Reading, Rest};

use super::context::Context;
use crate::diagnostics::{self, DAEMON, MONITOR, SERVER};
use crate::env_vars;
use crate::error::CommandError;
use crate::settings::Settings;
use crate::view::{DoctorView, View};

/// How many of the last lines of each log are told.
const LOG_LINES: usize = 200;

/// How many of the last bytes of each log are read for them.
const LOG_BYTES: u64 = 256 << 10;

/// Writes the report into a new file that only its owner can read.
///
/// # Errors
/// When there is such a file, or it cannot be written.
pub(crate) async fn write(file: &Path, view: &DoctorView, context: &Context) -> Result<(), CommandError> {
    let mut sections = vec![
        format!("cafleet {} on {} {}", env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH),
        without_session(view),
        section("settings", settings(&context.settings)),
        section("agents", agents(context).await),
    ];
    let kept = context.settings.log_directory();
    sections.extend([MONITOR, SERVER, DAEMON].map(|keeper| section(&format!("log of {keeper}"), log(&kept, keeper))));
    let text = without_home(&(sections.join("\n\n") + "\n"), &context.settings.home);
    let written = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    written.and_then(|mut new| new.write_all(text.as_bytes())).map_err(|error| {
        CommandError::failure("report", format!("cannot write the report {}: {error}", file.display()))
    })?;
    context.printer.note(&format!("Report written to {}; read it before you send it.", file.display()));
    Ok(())
}

/// Returns what `doctor` says, without the name of the session.
fn without_session(view: &DoctorView) -> String {
    let mut view = view.clone();
    if let Some(pane) = &mut view.caller {
        "(left out)".clone_into(&mut pane.session);
    }
    view.text()
}

fn section(title: &str, lines: Vec<String>) -> String {
    let lines = if lines.is_empty() { vec!["nothing".to_owned()] } else { lines };
    lines.into_iter().fold(format!("{title}:"), |section, line| format!("{section}\n  {line}"))
}

/// Returns the settings that were made, and those that decide where things are.
fn settings(settings: &Settings) -> Vec<String> {
    let made = env_vars::ALL.iter().filter_map(|known| {
        let value = Settings::value(*known)?;
        Some(format!("{}={value}", known.name))
    });
    let inside = settings.tmux.as_ref().map(|_| "inside tmux".to_owned());
    made.chain(inside).collect()
}

/// Returns what is known of each agent that has a pane: what its screen is taken for, and by which rule. Nothing that the screen
/// says.
async fn agents(context: &Context) -> Vec<String> {
    let fleets = context.broker.fleets.list().await.unwrap_or_default();
    let mut lines = Vec::new();
    for fleet in fleets {
        let fleet = fleet.fleet.id;
        let agents = context.broker.members.list_agents(fleet).await.unwrap_or_default();
        for agent in agents.iter().filter(|agent| matches!(agent.kind, AgentKind::Director | AgentKind::Member)) {
            lines.push(explained(fleet, agent.id, context.broker.members.explain(fleet, agent.id).await));
        }
    }
    lines
}

fn explained(fleet: FleetId, agent: AgentId, explanation: Result<Explanation, BrokerError>) -> String {
    let who = format!("fleet {fleet}, agent {agent}");
    let Explanation { backend, pane, reading, rest, in_front, version, .. } = match explanation {
        Ok(explanation) => explanation,
        Err(error) => return format!("{who}: {error}"),
    };
    let Reading { state, rule, composer, question, scrolled, .. } = reading;
    let composer = composer.map_or("no composer".to_owned(), |draft| format!("a draft of {}", draft.chars().count()));
    let question = question.map_or("no question".to_owned(), |asked| format!("{} answers", asked.options.len()));
    let rest = match rest {
        Rest::Proven(proof) => proof.to_string(),
        Rest::Unproven(doubt) => doubt.to_string(),
    };
    format!(
        "{who}: {backend} ({}) in {}; {} by '{rule}'; {composer}, scrolled: {scrolled}; {question}; rest: {rest}; {in_front}",
        version.as_deref().unwrap_or("no version"),
        pane.multiplexer,
        state.as_str()
    )
}

fn log(directory: &Path, keeper: &str) -> Vec<String> {
    let newest: Option<PathBuf> = diagnostics::newest(directory, keeper);
    let text = newest.and_then(|file| end_of(&file).ok()).unwrap_or_default();
    // what is told above `info` can hold what a screen shows
    let is_harmless = |line: &&str| matches!(line.split_whitespace().nth(1), Some("INFO" | "WARN" | "ERROR"));
    let lines: Vec<&str> = text.lines().filter(is_harmless).collect();
    lines[lines.len().saturating_sub(LOG_LINES)..].iter().map(|&line| line.to_owned()).collect()
}

/// Returns the last [`LOG_BYTES`] of a file.
fn end_of(file: &Path) -> io::Result<String> {
    let mut file = fs::File::open(file)?;
    let begin = file.metadata()?.len().saturating_sub(LOG_BYTES);
    file.seek(SeekFrom::Start(begin))?;
    let mut end = Vec::new();
    file.take(LOG_BYTES).read_to_end(&mut end)?;
    Ok(String::from_utf8_lossy(&end).into_owned())
}

/// Returns a text in which the home directory is `~`, also where links lead to it.
fn without_home(text: &str, home: &Path) -> String {
    let real = fs::canonicalize(home);
    let names = [Some(home), real.as_deref().ok()].into_iter().flatten().filter_map(Path::to_str);
    names.filter(|name| name.len() > 1).fold(text.to_owned(), |text, name| text.replace(name, "~"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_told_above_info_is_left_out_whatever_it_says() {
        let folder = tempfile::tempdir().expect("a folder");
        let lines = "2026-01-01T00:00:00Z  INFO cafleet: begins\n\
                     2026-01-01T00:00:00Z TRACE cafleet: arguments=[\"an ERROR of somebody\"]\nERROR of a second row\n";
        fs::write(folder.path().join("monitor.2026-01-01.log"), lines).expect("a log");
        assert_eq!(log(folder.path(), MONITOR), ["2026-01-01T00:00:00Z  INFO cafleet: begins"]);
    }

    #[test]
    fn a_home_directory_is_left_out_and_a_section_without_lines_says_so() {
        assert_eq!(without_home("/home/ada/x and /home/ada", Path::new("/home/ada")), "~/x and ~");
        assert_eq!(without_home("/x", Path::new("/")), "/x");
        let folder = tempfile::tempdir().expect("a folder");
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::create_dir(&real).expect("a folder");
        std::os::unix::fs::symlink(&real, &link).expect("a link");
        assert_eq!(without_home(&format!("{}/x {}/y", real.display(), link.display()), &link), "~/x ~/y");
        assert_eq!(section("log", Vec::new()), "log:\n  nothing");
    }
}
