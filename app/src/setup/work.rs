//! Looks at what is there, and does what is to be done about it.

use std::io;
use std::path::{Path, PathBuf};

use cafleet_domain::backend::Backend;
use serde_json::{Value, json};

use super::classify::{Found, State, classify};
use super::manifest::Manifest;
use super::permissions::{self, Grant};
use super::plan::{Item, Places, plan};
use super::{Done, ItemReport, PermissionReport, PermissionState, Report, assets, files};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Tells how everything stands that the agents need. Writes nothing.
pub(crate) fn examine(places: &Places, agents: &[Backend]) -> Report {
    let mut report = Report::default();
    let manifest = manifest(places);
    for item in plan(places, agents, &assets::skills()) {
        let seen = look(&item, &manifest);
        let found = seen.map(|(state, _)| ItemReport::of(&item, state)).map_err(|error| cannot("read", &item, &error));
        report.take(found);
    }
    report.grants(places, agents, false);
    report
}

/// Puts in place what the agents need, one setup at a time. What is as it should be is not touched; of what a person
/// changed a copy is kept; links are left alone. Settings are changed only when `write_permissions` says so.
pub(crate) fn install(places: &Places, agents: &[Backend], write_permissions: bool) -> Report {
    let mut report = Report::default();
    let items = plan(places, agents, &assets::skills());
    let locked = files::lock(&places.data).and_then(|lock| Ok((lock, note(places, &items)?)));
    let (_lock, manifest) = match locked {
        Ok(locked) => locked,
        Err(error) => {
            let folder = places.data.display();
            report.problems.push(format!("cannot write in {folder}: {error}; make it writable, or set XDG_DATA_HOME"));
            return report;
        }
    };
    for item in items {
        let written = put(&item, &manifest).map_err(|error| cannot("write", &item, &error));
        report.take(written);
    }
    report.grants(places, agents, write_permissions);
    report
}

/// Takes away what setup has put in place, but not what a person has changed since.
pub(crate) fn remove(places: &Places, agents: &[Backend]) -> Report {
    let mut report = Report::default();
    let _lock = match files::lock(&places.data) {
        Ok(lock) => lock,
        Err(error) => {
            report.problems.push(format!("cannot write in {}: {error}; make it writable", places.data.display()));
            return report;
        }
    };
    let manifest = manifest(places);
    for item in plan(places, agents, &assets::skills()) {
        let removed = take_away(&item, &manifest).map_err(|error| cannot("remove", &item, &error));
        report.take(removed);
    }
    report
}

impl Report {
    fn take(&mut self, item: Result<ItemReport, String>) {
        match item {
            Ok(item) => self.items.push(item),
            Err(problem) => self.problems.push(problem),
        }
    }

    /// Reports what the agents' settings grant, and adds what is missing where that is asked for.
    fn grants(&mut self, places: &Places, agents: &[Backend], write: bool) {
        for grant in agents.iter().filter_map(|agent| permissions::grant(places, *agent)) {
            match settle(&grant, write) {
                Ok(state) => {
                    let Grant { agent, file, lines } = grant;
                    self.permissions.push(PermissionReport { agent, file, lines: lines.to_string(), state });
                }
                Err(reason) => self.problems.push(format!(
                    "{}: {reason}; correct it, or add by hand: {}",
                    grant.file.display(),
                    grant.lines
                )),
            }
        }
    }
}

impl ItemReport {
    fn of(item: &Item, state: State) -> Self {
        let Item { agents, name, place, .. } = item;
        let (agents, name, place) = (agents.clone(), name.clone(), place.clone());
        Self { agents, name, place, state, done: None, copies: Vec::new() }
    }
}

fn manifest_file(places: &Places) -> PathBuf {
    places.data.join("setup.json")
}

fn manifest(places: &Places) -> Manifest {
    // without it nothing is known again, which is safe
    let text = files::read(&manifest_file(places)).ok().flatten();
    text.map_or_else(Manifest::default, |text| Manifest::parse(&text))
}

/// Notes what is about to be written, before it is: should this process die, its files are still known for its own.
fn note(places: &Places, items: &[Item]) -> io::Result<Manifest> {
    let known = manifest(places);
    let mut manifest = known.clone();
    for file in items.iter().flat_map(|item| &item.files) {
        manifest.note(&file.content, VERSION);
    }
    if manifest != known {
        files::put(&manifest_file(places), manifest.to_json().as_bytes())?;
    }
    Ok(manifest)
}

/// Returns the state of an item, and files in its folder that another version wrote and this one does not have.
fn look(item: &Item, manifest: &Manifest) -> io::Result<(State, Vec<PathBuf>)> {
    let mut worst = State::Current;
    for file in &item.files {
        worst = worst.max(classify(&files::look(&item.place, &file.path)?, &file.content, manifest));
    }
    let mut left_over = Vec::new();
    for path in files::below(&item.place)? {
        let is_wanted = item.files.iter().any(|file| file.path == path);
        let version = files::read(&path)?.and_then(|content| manifest.version_of(&content).map(str::to_owned));
        if let (false, Some(version)) = (is_wanted, version) {
            worst = worst.max(State::OtherVersion(version));
            left_over.push(path);
        }
    }
    Ok((worst, left_over))
}

fn put(item: &Item, manifest: &Manifest) -> io::Result<ItemReport> {
    let (state, left_over) = look(item, manifest)?;
    let mut report = ItemReport::of(item, state);
    for file in &item.files {
        let found = files::look(&item.place, &file.path)?;
        match (classify(&found, &file.content, manifest), found) {
            (State::Current | State::Linked(_), _) => continue,
            (State::Changed, Found::File(content)) => report.copies.push(files::save(&file.path, &content)?),
            _ => {}
        }
        files::put(&file.path, &file.content)?;
    }
    for path in left_over {
        files::remove(&path)?;
    }
    report.done = Some(match report.state {
        State::Current => Done::Kept,
        State::Missing | State::OtherVersion(_) => Done::Written,
        State::Changed => Done::Replaced,
        State::Linked(_) => Done::Left,
    });
    Ok(report)
}

fn take_away(item: &Item, manifest: &Manifest) -> io::Result<ItemReport> {
    let (state, left_over) = look(item, manifest)?;
    let mut report = ItemReport::of(item, state);
    let mut done = Done::Kept;
    // first what an agent finds a skill by
    for file in item.files.iter().rev() {
        match files::look(&item.place, &file.path)? {
            Found::Nothing => {}
            Found::File(content) if content == *file.content || manifest.version_of(&content).is_some() => {
                files::remove(&file.path)?;
                done = if done == Done::Left { Done::Left } else { Done::Removed };
            }
            Found::File(_) | Found::Linked(..) => done = Done::Left,
        }
    }
    for path in left_over {
        files::remove(&path)?;
    }
    if item.place.is_dir() && !item.place.is_symlink() {
        files::remove_empty(&item.place)?;
    }
    report.done = Some(done);
    Ok(report)
}

/// Tells how a grant stands, after it was written where that is asked for. An error is the reason in words.
fn settle(grant: &Grant, write: bool) -> Result<PermissionState, String> {
    let words = |error: io::Error| error.to_string();
    let content = files::read(&grant.file).map_err(words)?;
    let settings = match &content {
        // a file of no text at all is how some create it
        Some(content) if !content.trim_ascii().is_empty() => {
            serde_json::from_slice(content).map_err(|error| format!("it is not JSON: {error}"))?
        }
        _ => json!({}),
    };
    match permissions::add(grant, &settings)? {
        None => Ok(PermissionState::Granted),
        Some(_) if !write => Ok(PermissionState::Missing),
        Some(more) => add(&grant.file, content.as_deref(), &more).map_err(words).map(PermissionState::Added),
    }
}

/// Writes settings, through a link if they are behind one, and returns the copy of what was there.
fn add(file: &Path, old: Option<&[u8]>, settings: &Value) -> io::Result<Option<PathBuf>> {
    let file = file.canonicalize().unwrap_or_else(|_| file.to_owned());
    let copy = old.map(|old| files::save(&file, old)).transpose()?;
    let text = serde_json::to_string_pretty(settings).map_err(io::Error::other)? + "\n";
    files::put(&file, text.as_bytes())?;
    Ok(copy)
}

fn cannot(verb: &str, item: &Item, error: &io::Error) -> String {
    let place = item.place.display();
    let advice = match item.agents.first().copied() {
        Some(Backend::CLAUDE) => "make its folder writable, or set CLAUDE_CONFIG_DIR",
        _ if item.name == "rules" => "make its folder writable, or set CODEX_HOME",
        _ if item.name == "preset" => "make its folder writable, or set OPENCODE_CONFIG_DIR",
        _ => "make its folder writable",
    };
    format!("cannot {verb} the {} at {place}: {error}; {advice}", item.name)
}
