//! Which program in front of a pane is taken for the agent, with real processes in real panes.

use std::path::Path;

use cafleet_domain::agent_in_front::{AgentInFront, NotInFront};
use cafleet_domain::placement::Pane;
use cafleet_domain::ports::{Look, Multiplexer, SpawnRequest};
use cafleet_domain::program::Programs;
use cafleet_tests::private_pty::PrivatePty;
use cafleet_tests::private_tmux::{PrivateTmux, binary};

/// A place with panes, and the file that a recorder which is called `claude` writes.
struct Scene<'a> {
    port: &'a dyn Multiplexer,
    request: SpawnRequest,
    /// An agent.
    agent: String,
    /// One that runs what it is given as a shell does.
    editing: String,
}

impl Scene<'_> {
    /// Opens a pane with a shell command, and judges who is in front of it until that is what `is_wanted` waits for.
    async fn judged(
        &self,
        script: &str,
        what: &str,
        is_wanted: impl Fn(&AgentInFront) -> bool,
    ) -> (Pane, AgentInFront) {
        let script = script.replace("AGENT", &self.agent).replace("EDITING", &self.editing);
        let argv = ["/bin/bash", "--norc", "-c", &script].map(str::to_owned).to_vec();
        let pane = self.port.spawn(&SpawnRequest { argv, ..self.request.clone() }).await.unwrap();
        for _ in 0..500 {
            let Look::Seen(view) = self.port.look(&pane).await.unwrap() else { panic!("{what}: no pane") };
            let judged = AgentInFront::classify(&Programs::built_in(), &view.foreground, pane.pid, None);
            if is_wanted(&judged) {
                self.port.kill(&pane).await.unwrap();
                return (pane, judged);
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("{what}: never so");
    }

    async fn all(&self) {
        let is_proven = |judged: &AgentInFront| matches!(judged, AgentInFront::Proven { backend: Some(_), .. });
        let (pane, by_itself) = self.judged("exec AGENT", "by itself", is_proven).await;
        assert!(matches!(by_itself, AgentInFront::Proven { process, .. } if process.id.pid == pane.pid));
        for (script, what) in [
            ("AGENT; true", "below a wrapper"),
            ("/bin/sh -c 'AGENT; true'; true", "below two"),
            ("set -m; AGENT; true", "below a shell with jobs"),
        ] {
            let (pane, below) = self.judged(script, what, is_proven).await;
            assert!(matches!(below, AgentInFront::Proven { process, .. } if process.id.pid != pane.pid), "{what}");
        }
        for (script, program) in [
            ("exec cat", "cat"),
            ("exec python3 -i", "python3"),
            ("exec bash --norc -i", "bash"),
            ("exec -a claude cat", "cat"),
            ("seq 900 | exec less", "less"),
        ] {
            let is_other = |judged: &AgentInFront| {
                matches!(judged, AgentInFront::NotProven(
                NotInFront::Another { program: found, .. }) if found.starts_with(program))
            };
            self.judged(script, program, is_other).await;
        }
        let is_covered = |judged: &AgentInFront| {
            matches!(judged, AgentInFront::NotProven(
            NotInFront::Covered { program, .. }) if program == "cat")
        };
        self.judged("exec EDITING --norc -c 'cat; true'", "behind what it has opened", is_covered).await;
        self.judged("set -m; EDITING --norc -c 'kill -STOP $$; true'; cat", "suspended", is_covered).await;
    }
}

/// Puts two programs there that are called as an agent is, and returns how they are started.
fn agents(directory: &Path) -> (String, String) {
    // copies, for the system tells which file is run, not by which name
    let copy = |program: &str, folder: &str| {
        let folder = directory.join(folder);
        std::fs::create_dir(&folder).unwrap();
        std::fs::copy(program, folder.join("claude")).unwrap();
        folder.join("claude").display().to_string()
    };
    let agent = format!("{} bracketed {}", copy(&binary("pane_recorder"), "agent"), directory.join("heard").display());
    (agent, copy("/bin/bash", "editing"))
}

#[tokio::test]
async fn an_agent_is_found_below_a_wrapper_and_below_a_shell_and_not_behind_what_covers_it() {
    let server = PrivateTmux::start();
    let port = server.multiplexer();
    let (agent, editing) = agents(server.directory());
    Scene { port: &port, request: server.recorder("plain", "x", &[]), agent, editing }.all().await;
}

#[tokio::test]
async fn the_same_holds_in_embedded_terminals() {
    let server = PrivatePty::start().await;
    let port = server.multiplexer();
    let (agent, editing) = agents(server.file("x").parent().unwrap());
    Scene { port: &port, request: server.recorder("plain", "x", &[]), agent, editing }.all().await;
}
