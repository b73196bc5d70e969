//! What the environment says, read once.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use cafleet_domain::loop_guard::LoopLimits;
use cafleet_domain::placement::MultiplexerKind;

use crate::env_vars::{self, EnvVar};
use crate::error::CommandError;
use crate::pane_environment;

const DEFAULT_MAX_TEXT_LEN: usize = 200;
const DEFAULT_BROKER_PORT: u16 = 8000;

/// How safe a commit is from a loss of power.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Synchronous {
    #[default]
    Normal,
    Full,
}

/// The settings and what else the environment tells the adapters.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    pub(crate) database_url: String,
    /// Where sockets are; the directory of the database when none.
    pub(crate) runtime_directory: Option<PathBuf>,
    pub(crate) max_text_len: usize,
    pub(crate) loop_limits: LoopLimits,
    /// Which events are told on stderr.
    pub(crate) log: Option<String>,
    pub(crate) synchronous: Synchronous,
    pub(crate) broker_host: String,
    pub(crate) broker_port: u16,
    pub(crate) home: PathBuf,
    /// The value of `PATH`.
    pub(crate) path: OsString,
    /// Whether a person's browser can be opened.
    pub(crate) has_desktop: bool,
    /// This program, which a new pane runs first.
    pub(crate) own_binary: PathBuf,
    /// The multiplexer that was chosen; by where the process runs when none.
    pub(crate) multiplexer: Option<MultiplexerKind>,
    pub(crate) tmux: Option<String>,
    pub(crate) tmux_pane: Option<String>,
    /// The folder in which programs keep their data.
    pub(crate) data_home: PathBuf,
    pub(crate) claude_config_dir: Option<PathBuf>,
    /// The embedded terminal in which the process runs.
    pub(crate) pane: Option<String>,
    /// What programs in embedded terminals find in their environment.
    pub(crate) pane_environment: Vec<(String, String)>,
    pub(crate) codex_home: Option<PathBuf>,
    pub(crate) opencode_config_dir: Option<PathBuf>,
    pub(crate) xdg_config_home: Option<PathBuf>,
    pub(crate) xdg_state_home: Option<PathBuf>,
}

impl Settings {
    /// Returns where the user keeps what is to count for every fleet, by the XDG rules.
    pub(crate) fn config_directory(&self) -> PathBuf {
        self.xdg_config_home.clone().unwrap_or_else(|| self.home.join(".config")).join("cafleet")
    }

    /// Returns the value of a setting that was made.
    pub(crate) fn value(var: EnvVar) -> Option<String> {
        setting(var).ok().flatten()
    }

    /// Returns where programs that run on keep what they tell, by the XDG rules.
    pub(crate) fn log_directory(&self) -> PathBuf {
        self.state_home().join("cafleet/log")
    }

    /// Returns where programs keep what is to outlive them, by the XDG rules.
    pub(crate) fn state_home(&self) -> PathBuf {
        self.xdg_state_home.clone().unwrap_or_else(|| self.home.join(".local/state"))
    }

    /// Reads the environment.
    pub(crate) fn from_environment() -> Result<Self, CommandError> {
        let home = home()?;
        let data_home = place("XDG_DATA_HOME")?.unwrap_or_else(|| home.join(".local/share"));
        let multiplexer = setting(env_vars::MULTIPLEXER)?.map(|name| {
            name.parse::<MultiplexerKind>().map_err(|_| invalid(env_vars::MULTIPLEXER, &name, "tmux or pty"))
        });
        Ok(Self {
            database_url: database_url(setting(env_vars::DATABASE_URL)?, &data_home, &home),
            runtime_directory: place(env_vars::RUNTIME_DIR.name)?,
            max_text_len: number(env_vars::MAX_TEXT_LEN, DEFAULT_MAX_TEXT_LEN)?,
            loop_limits: LoopLimits {
                pair: number(env_vars::LOOP_PAIR_LIMIT, LoopLimits::DEFAULT.pair)?,
                chain: number(env_vars::LOOP_CHAIN_LIMIT, LoopLimits::DEFAULT.chain)?,
            },
            log: setting(env_vars::LOG)?,
            synchronous: synchronous(setting(env_vars::SQLITE_SYNCHRONOUS)?)?,
            broker_host: setting(env_vars::BROKER_HOST)?.unwrap_or_else(|| "127.0.0.1".to_owned()),
            broker_port: broker_port(setting(env_vars::BROKER_PORT)?)?,
            path: search_path(),
            has_desktop: ["DISPLAY", "WAYLAND_DISPLAY"].into_iter().any(|name| variable(name).is_some()),
            own_binary: env::current_exe().unwrap_or_else(|_| PathBuf::from("cafleet")),
            multiplexer: multiplexer.transpose()?,
            tmux: variable("TMUX"),
            tmux_pane: variable("TMUX_PANE"),
            claude_config_dir: path("CLAUDE_CONFIG_DIR")?,
            pane: variable("CAFLEET_PANE"),
            pane_environment: pane_environment::read(&names(setting(env_vars::PANE_VARIABLES)?)?),
            codex_home: path("CODEX_HOME")?,
            opencode_config_dir: path("OPENCODE_CONFIG_DIR")?,
            xdg_config_home: place("XDG_CONFIG_HOME")?,
            xdg_state_home: place("XDG_STATE_HOME")?,
            data_home,
            home,
        })
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
fn search_path() -> OsString {
    env::var_os("PATH").unwrap_or_default()
}

/// Returns the user's home directory: `HOME`, or where the user database says it is.
fn home() -> Result<PathBuf, CommandError> {
    if let Some(home) = place("HOME")? {
        return Ok(home);
    }
    // without the variable this asks the user database
    env::home_dir().filter(|home| home.is_absolute()).ok_or_else(|| {
        let message = "this user has no home directory; set HOME to an absolute path";
        CommandError::failure("invalid_setting", message)
    })
}

/// Returns a variable that names a directory by its absolute path.
fn place(name: &str) -> Result<Option<PathBuf>, CommandError> {
    match path(name)? {
        Some(path) if path.is_relative() => {
            let message = format!("{name} must be an absolute path (got '{}')", path.display());
            Err(CommandError::failure("invalid_setting", message))
        }
        path => Ok(path),
    }
}

/// Returns a variable that names a directory.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
fn path(name: &str) -> Result<Option<PathBuf>, CommandError> {
    let Some(value) = env::var_os(name).filter(|value| !value.is_empty()) else { return Ok(None) };
    match value.into_string() {
        Ok(value) => Ok(Some(PathBuf::from(value))),
        Err(_) => Err(CommandError::failure("invalid_setting", format!("{name} is not valid UTF-8"))),
    }
}

/// Returns a variable that is set and not empty.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
fn variable(name: &str) -> Option<String> {
    env::var_os(name).map(|value| value.to_string_lossy().into_owned()).filter(|value| !value.is_empty())
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
fn setting(var: EnvVar) -> Result<Option<String>, CommandError> {
    match env::var(var.name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => {
            Err(CommandError::failure("invalid_setting", format!("{} is not valid UTF-8", var.name)))
        }
    }
}

fn invalid(var: EnvVar, value: &str, expected: &str) -> CommandError {
    CommandError::failure("invalid_setting", format!("{} must be {expected} (got '{value}')", var.name))
}

fn number<T: FromStr>(var: EnvVar, default: T) -> Result<T, CommandError> {
    setting(var)?.map_or(Ok(default), |text| parse_number(var, &text))
}

fn parse_number<T: FromStr>(var: EnvVar, text: &str) -> Result<T, CommandError> {
    text.parse().map_err(|_| invalid(var, text, "an integer >= 0"))
}

/// Reads names of variables that are separated by commas.
fn names(value: Option<String>) -> Result<Vec<String>, CommandError> {
    let Some(value) = value else { return Ok(Vec::new()) };
    let names: Vec<String> = value.split(',').map(|name| name.trim().to_owned()).collect();
    let is_name = |name: &String| {
        name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    if names.iter().all(is_name) {
        return Ok(names);
    }
    Err(invalid(env_vars::PANE_VARIABLES, &value, "names of variables, separated by commas"))
}

fn broker_port(value: Option<String>) -> Result<u16, CommandError> {
    match value {
        None => Ok(DEFAULT_BROKER_PORT),
        Some(text) => text.parse().map_err(|_| invalid(env_vars::BROKER_PORT, &text, "a port between 0 and 65535")),
    }
}

fn synchronous(value: Option<String>) -> Result<Synchronous, CommandError> {
    match value.map(|text| text.to_ascii_lowercase()).as_deref() {
        None | Some("normal") => Ok(Synchronous::Normal),
        Some("full") => Ok(Synchronous::Full),
        Some(other) => Err(invalid(env_vars::SQLITE_SYNCHRONOUS, other, "normal or full")),
    }
}

/// Expands `~` in the setting, or returns the default.
fn database_url(setting: Option<String>, data_home: &Path, home: &Path) -> String {
    let Some(url) = setting else {
        return format!("sqlite://{}", data_home.join("cafleet/cafleet.db").display());
    };
    let (scheme, path) = url.split_once("://").map_or(("", url.as_str()), |(scheme, path)| (scheme, path));
    let separator = if scheme.is_empty() { "" } else { "://" };
    match path.strip_prefix('~') {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => {
            format!("{scheme}{separator}{}{rest}", home.display())
        }
        _ => url,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(setting: Option<&str>) -> String {
        database_url(setting.map(str::to_owned), Path::new("/data"), Path::new("/home/ada"))
    }

    #[test]
    fn the_database_is_in_the_folder_for_data_unless_told_otherwise() {
        assert_eq!(url(None), "sqlite:///data/cafleet/cafleet.db");
        assert_eq!(url(Some("sqlite:///x.db")), "sqlite:///x.db");
    }

    #[test]
    fn a_leading_tilde_is_the_home_directory() {
        assert_eq!(url(Some("sqlite://~/x.db")), "sqlite:///home/ada/x.db");
        assert_eq!(url(Some("~/x.db")), "/home/ada/x.db");
        assert_eq!(url(Some("~ada/x.db")), "~ada/x.db");
        assert_eq!(url(Some("/a/~b.db")), "/a/~b.db");
    }

    #[test]
    fn a_setting_that_makes_no_sense_is_an_error_that_names_it() {
        let error = parse_number::<usize>(env_vars::MAX_TEXT_LEN, "many").unwrap_err();
        assert_eq!(error.message, "CAFLEET_MAX_TEXT_LEN must be an integer >= 0 (got 'many')");
        assert_eq!(parse_number(env_vars::MAX_TEXT_LEN, "200"), Ok(200_usize));
        assert!(parse_number::<u32>(env_vars::LOOP_PAIR_LIMIT, "-1").is_err());
        assert_eq!(synchronous(Some("FULL".to_owned())), Ok(Synchronous::Full));
        assert!(broker_port(Some("65536".to_owned())).is_err());
        assert!(synchronous(Some("off".to_owned())).is_err());
        let error = names(Some("A_KEY,B=1".to_owned())).unwrap_err().message;
        assert_eq!(error, "CAFLEET_PANE_VARIABLES must be names of variables, separated by commas (got 'A_KEY,B=1')");
        assert_eq!(names(Some("A_KEY, _b2".to_owned())), Ok(vec!["A_KEY".to_owned(), "_b2".to_owned()]));
        assert!(["A,,B", "2A", "ä"].into_iter().all(|bad| names(Some(bad.to_owned())).is_err()));
    }
}
