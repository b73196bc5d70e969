//! The demo's own directory: database, home, and a PATH on which the agents are the scripted one.

use std::ffi::{OsStr, OsString};
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;
use tokio::time::sleep;

use crate::scripted_agent::Style;

/// Short enough for a socket path, which ends at 108 bytes.
const PREFIX: &str = "cafleet-demo-";

/// How often the directory is tried to be removed.
const REMOVALS: usize = 10;

/// How long to wait between two of these.
const REMOVE_AGAIN: Duration = Duration::from_millis(100);

/// A private directory that vanishes with the value.
#[derive(Debug)]
pub(super) struct Sandbox {
    root: TempDir,
    search_path: OsString,
}

impl Sandbox {
    /// Makes the directory; `cafleet` is the program to show, `search_path` where other programs are found.
    pub(super) fn create(cafleet: &Path, search_path: &OsStr) -> io::Result<Self> {
        let root = tempfile::Builder::new().prefix(PREFIX).tempdir()?;
        for folder in ["bin", "home", "data", "work"] {
            fs::create_dir(root.path().join(folder))?;
        }
        let bin = root.path().join("bin");
        let program = bin.join("cafleet");
        symlink(cafleet, &program)?;
        for style in Style::ALL {
            let shim = bin.join(style.as_str());
            fs::write(&shim, shim_text(&program, style))?;
            fs::set_permissions(&shim, Permissions::from_mode(0o755))?;
        }
        let mut folders = vec![bin];
        folders.extend(std::env::split_paths(search_path));
        let search_path = std::env::join_paths(folders).map_err(io::Error::other)?;
        Ok(Self { root, search_path })
    }

    /// Returns the program that stands in for the agent of this style.
    pub(super) fn agent(&self, style: Style) -> PathBuf {
        self.root.path().join("bin").join(style.as_str())
    }

    /// Returns the `cafleet` program.
    pub(super) fn cafleet(&self) -> PathBuf {
        self.root.path().join("bin/cafleet")
    }

    /// Returns where the tmux server listens.
    pub(super) fn socket(&self) -> PathBuf {
        self.root.path().join("tmux")
    }

    /// Returns where the database is, as a setting.
    pub(super) fn database(&self) -> OsString {
        let mut database = OsString::from("sqlite://");
        database.push(self.root.path().join("data/cafleet.db"));
        database
    }

    /// Returns the directory in which the agents work.
    pub(super) fn work(&self) -> PathBuf {
        self.root.path().join("work")
    }

    /// Returns the directory itself.
    pub(super) fn path(&self) -> &Path {
        self.root.path()
    }

    /// Returns the whole environment of everything in the demo: nothing of the caller's but the search path, so that
    /// no setting leads to another fleet.
    pub(super) fn environment(&self) -> Vec<(&'static str, OsString)> {
        let root = self.root.path();
        vec![
            ("PATH", self.search_path.clone()),
            ("HOME", root.join("home").into()),
            ("TMPDIR", root.into()),
            ("TERM", "xterm-256color".into()),
            ("LC_ALL", "C.UTF-8".into()),
            ("CAFLEET_DATABASE_URL", self.database()),
        ]
    }

    /// Removes the directory. A process that is just ending may still write there, so it is tried for a while.
    pub(super) async fn remove(self) -> io::Result<()> {
        for _ in 0..REMOVALS {
            if fs::remove_dir_all(self.root.path()).is_ok() {
                break;
            }
            sleep(REMOVE_AGAIN).await;
        }
        if self.root.path().exists() { self.root.close() } else { Ok(()) }
    }
}

/// Returns a program that starts the scripted agent in place of `style`.
fn shim_text(cafleet: &Path, style: Style) -> String {
    let program = cafleet.to_string_lossy().replace('\'', r"'\''");
    format!("#!/bin/sh\nexec '{program}' demo-agent --style {style} -- \"$@\"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shim_survives_any_path() {
        let text = shim_text(Path::new("/tmp/it's $HOME `x` \"y\"/cafleet"), Style::Codex);
        assert_eq!(
            text,
            "#!/bin/sh\nexec '/tmp/it'\\''s $HOME `x` \"y\"/cafleet' demo-agent --style codex -- \"$@\"\n"
        );
    }

    #[tokio::test]
    async fn everything_is_inside_and_vanishes() {
        let sandbox =
            Sandbox::create(Path::new("/bin/echo"), OsStr::new("/usr/bin:/bin")).expect("a private directory");
        let root = sandbox.path().to_owned();
        let environment = sandbox.environment();
        let value = |name| environment.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone());
        let path = value("PATH").expect("a search path");
        assert_eq!(std::env::split_paths(&path).next(), Some(root.join("bin")), "the shims come first");
        for name in ["HOME", "TMPDIR"] {
            assert!(Path::new(&value(name).expect("a directory")).starts_with(&root), "{name}");
        }
        let out = std::process::Command::new(sandbox.agent(Style::Claude)).args(["--name", "a b"]).output();
        let out = out.expect("the shim starts");
        assert_eq!(String::from_utf8_lossy(&out.stdout), "demo-agent --style claude -- --name a b\n");
        sandbox.remove().await.expect("the directory can be removed");
        assert!(!root.exists());
    }
}
