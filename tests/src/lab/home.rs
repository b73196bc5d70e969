//! A home in which the real agents start without a question and talk to the model server.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use cafleet_domain::backend::Backend;
use serde_json::json;

use super::Manners;
use crate::environment::Environment;
use crate::workspace;

/// Not a key; claude asks once whether it may use one, and remembers the answer by its end.
const KEY: &str = "sk-ant-no-real-key-at-all-0000000000";

/// Starts the program of an agent on the command line that it is given: with PROGRAM its path, SWAP the words to give it
/// in place of others in the command line of an agent, VIEW whether claude has no list of sessions, and CHILD whether it is a
/// child of this script.
const WRAPPER: &str = r#"#!/usr/bin/env python3
import os, subprocess, sys
swap = {} if sys.argv[1:2] == ["debug"] else SWAP
words = [word.replace('"disableAgentView":true', '"disableAgentView":VIEW') for word in sys.argv[1:]]
argv = [PROGRAM, *(swap.get(word, word) for word in words)]
if CHILD:
    sys.exit(subprocess.call(argv))
os.execv(PROGRAM, argv)
"#;

/// Makes an environment in which agents can run: their configuration, `cafleet`, and every agent with these manners.
#[must_use]
pub fn environment(manners: Manners, backends: &[Backend]) -> Environment {
    // codex refuses to work from a home below the folder for temporary files
    let environment = Environment::below(Path::new("/var/tmp"));
    environment.link("cafleet", &crate::environment::binary());
    for backend in backends {
        install(&environment, *backend, manners);
    }
    environment
}

/// Answers every question of a first start, and sends the agents to the model server at `port`.
pub fn settle(environment: &mut Environment, port: u16) {
    prepare(environment, port);
    for (name, value) in variables(port) {
        environment.set(name, value);
    }
}

/// Returns the folder with the agents.
#[must_use]
fn agents() -> PathBuf {
    #[expect(clippy::disallowed_methods, reason = "a person may keep the agents elsewhere")]
    let folder = std::env::var_os("CAFLEET_TEST_AGENTS");
    folder.map_or_else(|| workspace::root().join("target/agents"), PathBuf::from).join("bin")
}

fn prepare(environment: &Environment, port: u16) {
    let project = environment.path("work").display().to_string();
    let write = |name: &str, text: String| {
        let file = environment.path("home").join(name);
        fs::create_dir_all(file.parent().expect("a folder")).expect("the folder is made");
        fs::write(file, text).expect("the file is written");
    };
    let claude = json!({
        "hasCompletedOnboarding": true,
        "customApiKeyResponses": { "approved": [&KEY[KEY.len() - 20..]], "rejected": [] },
        "projects": { &project: { "hasTrustDialogAccepted": true } },
    });
    write(".claude.json", claude.to_string());
    let codex = format!(
        "model = \"mock-1\"\nmodel_provider = \"mock\"\ncheck_for_update_on_startup = false\n\
         [model_providers.mock]\nname = \"mock\"\nbase_url = \"http://127.0.0.1:{port}/v1\"\n\
         wire_api = \"responses\"\nenv_key = \"MOCK_API_KEY\"\n[analytics]\nenabled = false\n\
         [projects.\"{project}\"]\ntrust_level = \"trusted\"\n"
    );
    write(".codex/config.toml", codex);
    let provider = json!({
        "npm": "@ai-sdk/openai-compatible", "name": "Mock", "models": { "mock-1": { "name": "Mock 1" } },
        "options": { "baseURL": format!("http://127.0.0.1:{port}/v1"), "apiKey": "none" },
    });
    let opencode = json!({
        "autoupdate": false, "share": "disabled", "model": "mock/mock-1", "small_model": "mock/mock-1",
        "enabled_providers": ["mock"], "provider": { "mock": provider },
        "permission": { "bash": { "*": "ask", "cafleet *": "allow" } },
    });
    write(".config/opencode/opencode.json", opencode.to_string());
    // codex asks a login shell, whose profile sets the search path anew
    write(".profile", format!("PATH=\"{}:$PATH\"\n", environment.path("bin").display()));
}

/// Puts an agent on the search path.
fn install(environment: &Environment, backend: Backend, manners: Manners) {
    let program = agents().join(backend.as_str());
    assert!(program.is_file(), "{} is missing; run tests/agents/install first", program.display());
    let program = program.canonicalize().expect("a path");
    if manners == Manners::Member {
        environment.link(backend.as_str(), &program);
        return;
    }
    // what makes each of them ask before it runs anything but `cafleet`
    let swap = match (manners.asks(), backend) {
        (false, _) => json!({}),
        (true, Backend::CLAUDE) => json!({ "dontAsk": "default" }),
        (true, Backend::CODEX) => json!({ "never": "on-request" }),
        (true, _) => json!({ "cafleet": "build" }),
    };
    let child = if manners.is_stoppable() { "True" } else { "False" };
    let has_no_view = if manners == Manners::Leaving { "false" } else { "true" };
    let program = json!(program.display().to_string()).to_string();
    let script = WRAPPER.replace("PROGRAM", &program).replace("SWAP", &swap.to_string());
    let script = script.replace("VIEW", has_no_view).replace("CHILD", child);
    environment.install(backend.as_str(), &script);
}

/// Returns what the agents are told beside their configuration.
fn variables(port: u16) -> BTreeMap<&'static str, String> {
    let fixed = [
        ("ANTHROPIC_API_KEY", KEY),
        ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1"),
        ("DISABLE_AUTOUPDATER", "1"),
        ("DISABLE_TELEMETRY", "1"),
        ("MOCK_API_KEY", "none"),
        ("OPENCODE_DISABLE_MODELS_FETCH", "1"),
        ("OPENCODE_DISABLE_AUTOUPDATE", "1"),
        ("COLORTERM", "truecolor"),
        // a lab sends as fast as it can
        ("CAFLEET_LOOP_PAIR_LIMIT", "0"),
        ("SHELL", "/bin/sh"),
        ("EDITOR", "vi"),
    ];
    let mut variables: BTreeMap<_, _> = fixed.map(|(name, value)| (name, value.to_owned())).into();
    // what embedded terminals do not hand on by themselves
    let further = [
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC",
        "DISABLE_AUTOUPDATER",
        "DISABLE_TELEMETRY",
        "MOCK_API_KEY",
        "EDITOR",
    ];
    variables.insert("CAFLEET_PANE_VARIABLES", further.join(","));
    variables.insert("ANTHROPIC_BASE_URL", format!("http://127.0.0.1:{port}"));
    variables
}
