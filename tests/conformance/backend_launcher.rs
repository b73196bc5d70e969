//! The contract of `BackendLauncher`, on the three launchers, with scripts in place of the programs.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use cafleet_adapters::launcher::{Claude, Codex, LauncherOptions, Opencode};
use cafleet_domain::backend::Backend;
use cafleet_domain::ports::{BackendLauncher, Installed, LaunchError, LaunchOptions, LaunchRequest, PresetState, Role};
use tempfile::TempDir;

/// What opencode answers to `debug agent cafleet` when it has understood the preset.
const UNDERSTOOD: &str = r#"{"name":"cafleet","mode":"primary","permission":[
{"permission":"*","action":"allow","pattern":"*"},
{"permission":"external_directory","action":"deny","pattern":"*"},
{"permission":"question","action":"deny","pattern":"*"}]}"#;

/// A home directory with a folder of programs.
struct Place {
    root: TempDir,
}

impl Place {
    /// All three programs, as those that were measured.
    fn new() -> Self {
        let place = Self::empty();
        place.install("claude", "echo '2.1.329 (Claude Code)'");
        place.install("codex", "echo '      --no-daemon'; echo '  -a, --ask-for-approval <APPROVAL_POLICY>'");
        place.install("opencode", &format!("echo \"$*\" >> \"$HOME/asked\"\ncat <<'J'\n{UNDERSTOOD}\nJ"));
        place
    }

    fn empty() -> Self {
        let root = TempDir::new().expect("a temporary directory");
        for folder in ["bin", "home"] {
            fs::create_dir(root.path().join(folder)).expect("a folder");
        }
        Self { root }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn install(&self, name: &str, script: &str) {
        let file = self.path("bin").join(name);
        fs::write(&file, format!("#!/bin/sh\n{script}\n")).expect("a script");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("an executable");
    }

    fn options(&self) -> LauncherOptions {
        let mut search_path: OsString = self.path("bin").into_os_string();
        search_path.push(":/usr/bin:/bin");
        LauncherOptions {
            search_path,
            home: self.path("home"),
            writable: vec![self.path("home/data/cafleet")],
            ..LauncherOptions::default()
        }
    }

    /// Returns where opencode's preset is, and how it stands.
    fn preset(&self) -> (PathBuf, PresetState) {
        let preset = Opencode::new(self.options()).preset().expect("opencode needs one");
        (preset.file, preset.state)
    }

    fn launchers(&self) -> [Box<dyn BackendLauncher>; 3] {
        let options = self.options();
        [
            Box::new(Claude::new(options.clone())),
            Box::new(Codex::new(options.clone())),
            Box::new(Opencode::new(options)),
        ]
    }

    /// How often the opencode of this place was asked for its agent.
    fn questions(&self) -> usize {
        fs::read_to_string(self.path("home/asked")).map_or(0, |asked| asked.matches("debug agent cafleet").count())
    }
}

fn request(prompt: &str) -> LaunchRequest {
    LaunchRequest {
        fleet: "7-03fa92".parse().expect("a fleet"),
        role: Role::Member,
        directory: "/nonexistent".into(),
        name: "Ada".to_owned(),
        model: None,
        prompt: prompt.to_owned(),
    }
}

fn detail(error: &LaunchError) -> &str {
    match error {
        LaunchError::Preparation { detail, .. } => detail,
        other => panic!("not a preparation: {other}"),
    }
}

/// Every file below a folder, with its content.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            found.extend(files(&entry));
            found.push((entry, Vec::new()));
        } else {
            let content = fs::read(&entry).expect("a file");
            found.push((entry, content));
        }
    }
    found.sort();
    found
}

#[tokio::test]
async fn starts_with_the_absolute_path_and_carries_the_prompt_as_one_argument() {
    let place = Place::new();
    let long = "x".repeat(100_000);
    for launcher in place.launchers() {
        for prompt in ["hello", "-p", "--help", "two\nlines\n", "{a} \"b\" 'c' $D `e` ; \\", "日本語", "", &long] {
            let argv = launcher.prepare(&request(prompt)).await.expect("prepared");
            let backend = launcher.backend();
            assert_eq!(argv[0], place.path("bin").join(backend.as_str()).to_str().expect("UTF-8"));
            let last = argv.last().expect("arguments");
            match backend {
                Backend::OPENCODE => assert_eq!(last.strip_prefix("--prompt="), Some(prompt)),
                _ => {
                    assert_eq!(last, prompt);
                    assert_eq!(argv[argv.len() - 2], "--");
                }
            }
        }
    }
}

#[tokio::test]
async fn passes_the_model_on() {
    let place = Place::new();
    for launcher in place.launchers() {
        let with = LaunchRequest { model: Some("a/b".to_owned()), ..request("go") };
        let argv = launcher.prepare(&with).await.expect("prepared");
        let at = argv.iter().position(|word| word == "--model").expect("the option");
        assert_eq!(argv[at + 1], "a/b");
        let without = launcher.prepare(&request("go")).await.expect("prepared");
        assert!(!without.contains(&"--model".to_owned()));
    }
}

#[tokio::test]
async fn a_missing_program_is_found_out_before_anything_is_written() {
    let place = Place::empty();
    // a file that cannot be run, a folder and a dangling link are no programs
    fs::write(place.path("bin/claude"), "#!/bin/sh\n").expect("a file");
    fs::create_dir(place.path("bin/codex")).expect("a folder");
    std::os::unix::fs::symlink("/nowhere", place.path("bin/opencode")).expect("a link");
    for launcher in place.launchers() {
        let backend = launcher.backend();
        let name = backend.as_str();
        let missing = LaunchError::BinaryMissing(name.to_owned());
        assert_eq!(launcher.check(&LaunchOptions::default()).await, Err(missing.clone()));
        assert_eq!(launcher.prepare(&request("go")).await, Err(missing.clone()));
        assert_eq!(missing.to_string(), format!("binary {name} not found on PATH"));
        assert_eq!(launcher.installed().await, None);
        assert!(!launcher.is_installed());
    }
    assert_eq!(files(&place.path("home")), []);
}

#[tokio::test]
async fn a_check_changes_nothing() {
    let place = Place::new();
    for launcher in place.launchers() {
        assert_eq!(launcher.check(&LaunchOptions { model: Some("a/b".to_owned()) }).await, Ok(()));
    }
    assert_eq!(files(&place.path("home")), []);
}

#[tokio::test]
async fn preparing_again_changes_nothing() {
    let place = Place::new();
    for launcher in place.launchers() {
        let first = launcher.prepare(&request("go")).await.expect("prepared");
        let before = files(&place.path("home"));
        assert_eq!(launcher.prepare(&request("go")).await, Ok(first));
        assert_eq!(files(&place.path("home")), before);
    }
}

#[tokio::test]
async fn relative_folders_of_the_search_path_are_passed_over() {
    let place = Place::new();
    let options = LauncherOptions { search_path: ".:bin::".into(), ..place.options() };
    let missing = Err(LaunchError::BinaryMissing("claude".to_owned()));
    assert_eq!(Claude::new(options).check(&LaunchOptions::default()).await, missing);
}

#[tokio::test]
async fn the_first_folder_that_has_the_program_counts() {
    let place = Place::new();
    fs::create_dir(place.path("later")).expect("a folder");
    fs::copy(place.path("bin/claude"), place.path("later/claude")).expect("a copy");
    let mut search_path = OsString::from("/nowhere:");
    search_path.push(place.path("later"));
    search_path.push(":");
    search_path.push(place.path("bin"));
    let options = LauncherOptions { search_path, ..place.options() };
    let argv = Claude::new(options).prepare(&request("go")).await.expect("prepared");
    assert_eq!(Path::new(&argv[0]), place.path("later/claude"));
}

#[tokio::test]
async fn codex_is_told_to_share_no_server_when_it_knows_how() {
    let place = Place::new();
    let codex = Codex::new(place.options());
    assert_eq!(codex.prepare(&request("go")).await.expect("prepared")[1], "--no-daemon");
    // asked at every spawn: the program may be replaced by another version at any time
    place.install("codex", "echo '      --no-daemon-socket <PATH>'");
    assert_eq!(codex.prepare(&request("go")).await.expect("prepared")[1], "--ask-for-approval");
}

#[tokio::test]
async fn a_codex_of_a_member_reaches_neither_the_database_nor_the_network_but_for_its_rules() {
    let place = Place::new();
    let argv = Codex::new(place.options()).prepare(&request("go")).await.expect("prepared");
    assert!(!argv.iter().any(|word| word == "--add-dir" || word.contains("network_access")), "{argv:?}");
    let rules = fs::read_to_string(place.path("home/.codex/rules/cafleet-7-03fa92.rules")).expect("the rules");
    assert!(rules.contains(r#"["cafleet", "--fleet-id", ["7", "7-03fa92"], "message"]"#), "{rules}");
    let options = LauncherOptions { codex_home: Some(place.path("elsewhere")), ..place.options() };
    Codex::new(options).prepare(&request("go")).await.expect("prepared");
    assert!(place.path("elsewhere/rules/cafleet-7-03fa92.rules").exists());
}

#[tokio::test]
async fn a_member_gets_a_folder_for_its_texts_that_version_control_leaves_alone() {
    let place = Place::new();
    for launcher in place.launchers() {
        let project = place.path(&format!("project-{}", launcher.backend()));
        fs::create_dir(&project).expect("a folder");
        let member = LaunchRequest { directory: project.clone(), ..request("go") };
        launcher.prepare(&member).await.expect("prepared");
        assert_eq!(fs::read_to_string(project.join(".cafleet/.gitignore")).expect("a file"), "*\n");
    }
}

#[tokio::test]
async fn the_codex_of_a_director_finds_the_directory_of_the_database() {
    let place = Place::new();
    let request = LaunchRequest { role: Role::Director, ..request("go") };
    let argv = Codex::new(place.options()).prepare(&request).await.expect("prepared");
    let at = argv.iter().position(|word| word == "--add-dir").expect("the option");
    assert_eq!(Path::new(&argv[at + 1]), place.path("home/data/cafleet"));
    assert!(place.path("home/data/cafleet").is_dir());
}

#[tokio::test]
async fn codex_that_floods_both_pipes_is_read_to_the_end() {
    let place = Place::new();
    let flood = "head -c 2000000 /dev/zero | tr '\\0' x";
    place.install("codex", &format!("echo ' --no-daemon '; {flood} >&2; {flood}"));
    let argv = Codex::new(place.options()).prepare(&request("go")).await.expect("prepared");
    assert_eq!(argv[1], "--no-daemon");
}

#[tokio::test]
async fn codex_that_does_not_answer_is_an_error_after_five_seconds() {
    let place = Place::new();
    // the child keeps the pipes open, also when its parent has ended
    place.install("codex", "sleep 60 & echo $! > \"$HOME/child\"");
    let begin = Instant::now();
    let error = Codex::new(place.options()).prepare(&request("go")).await.expect_err("no answer");
    assert!(detail(&error).ends_with("codex --help did not answer within 5 s"), "{error}");
    assert!(begin.elapsed() < Duration::from_secs(9), "{:?}", begin.elapsed());
    let child = fs::read_to_string(place.path("home/child")).expect("a process id");
    let status = format!("/proc/{}/stat", child.trim());
    // a zombie that nobody reaps is no running process
    let runs = || fs::read_to_string(&status).is_ok_and(|stat| !stat.contains(") Z"));
    let end = Instant::now() + Duration::from_secs(2);
    while runs() && Instant::now() < end {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(!runs(), "the child still runs");
}

#[tokio::test]
async fn opencode_gets_its_preset_before_the_first_spawn_and_is_asked_once() {
    let place = Place::new();
    let (file, state) = place.preset();
    assert_eq!(file, place.path("home/.config/opencode/agents/cafleet.md"));
    assert_eq!(state, PresetState::Missing);
    let opencode = Opencode::new(place.options());
    opencode.prepare(&request("go")).await.expect("prepared");
    assert_eq!(place.preset().1, PresetState::Current);
    let content = fs::read_to_string(&file).expect("the preset");
    for line in ["mode: primary", "  \"*\": allow", "    \"*\": deny", "  external_directory: deny", "  question: deny"]
    {
        assert!(content.lines().any(|found| found == line), "{line}");
    }
    opencode.prepare(&request("go")).await.expect("prepared");
    assert_eq!(place.questions(), 1);
}

#[tokio::test]
async fn a_preset_that_a_person_changed_is_kept_and_must_be_valid() {
    let place = Place::new();
    let (file, _) = place.preset();
    fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    fs::write(&file, "mine").expect("a file");
    let opencode = Opencode::new(place.options());
    opencode.prepare(&request("go")).await.expect("prepared");
    assert_eq!(place.preset().1, PresetState::Changed);
    place.install("opencode", "echo '{\"name\":\"cafleet\",\"mode\":\"all\",\"permission\":[]}'");
    let error = opencode.prepare(&request("go")).await.expect_err("not understood");
    assert!(detail(&error).contains("is not a usable preset"), "{error}");
    assert_eq!(fs::read_to_string(&file).expect("the preset"), "mine");
}

#[tokio::test]
async fn a_preset_that_opencode_does_not_accept_is_taken_away_again() {
    let answers = [
        "printf '\\033[91mError: \\033[0mConfiguration is invalid\\n' >&2; exit 1",
        "echo '{\"name\":\"cafleet\",\"mode\":\"all\",\"permission\":[]}'",
        "echo '{\"name\":\"cafleet\",\"mode\":\"primary\",\"permission\":[]}'",
        "echo nonsense",
    ];
    for answer in answers {
        let place = Place::new();
        place.install("opencode", answer);
        let opencode = Opencode::new(place.options());
        let error = opencode.prepare(&request("go")).await.expect_err("not accepted");
        assert!(detail(&error).contains("does not accept the preset"), "{error}");
        assert!(!error.to_string().contains('\u{1b}'), "{error:?}");
        assert_eq!(place.preset().1, PresetState::Missing, "{answer}");
    }
}

#[tokio::test]
async fn opencode_may_take_its_time_to_read_its_preset() {
    let place = Place::new();
    place.install("opencode", &format!("sleep 6\ncat <<'J'\n{UNDERSTOOD}\nJ"));
    Opencode::new(place.options()).prepare(&request("go")).await.expect("prepared");
    assert_eq!(place.preset().1, PresetState::Current);
}

#[tokio::test]
async fn a_place_that_cannot_be_written_is_named() {
    let place = Place::new();
    // tests run as root, whom permissions do not stop
    fs::write(place.path("home/.config"), "").expect("a file");
    fs::write(place.path("home/data"), "").expect("a file");
    fs::write(place.path("home/.codex"), "").expect("a file");
    let [_, codex, opencode] = place.launchers();
    let error = codex.prepare(&request("go")).await.expect_err("no rules");
    assert!(detail(&error).contains("home/.codex/rules/cafleet-7-03fa92.rules"), "{error}");
    let director = LaunchRequest { role: Role::Director, ..request("go") };
    let error = codex.prepare(&director).await.expect_err("no directory");
    assert!(detail(&error).contains("home/data/cafleet"), "{error}");
    assert!(error.to_string().starts_with("cannot prepare codex: cannot create "), "{error}");
    let error = opencode.prepare(&request("go")).await.expect_err("no preset");
    assert!(error.to_string().starts_with("cannot prepare opencode: "), "{error}");
    assert!(detail(&error).contains(".config/opencode/agents/cafleet.md"), "{error}");
}

#[tokio::test]
async fn opencode_wants_the_provider_of_a_model() {
    let place = Place::new();
    let opencode = Opencode::new(place.options());
    let error = opencode.check(&LaunchOptions { model: Some("opus".to_owned()) }).await.expect_err("refused");
    assert_eq!(error.to_string(), "--model for the opencode backend must be '<provider-id>/<model-id>' (got 'opus').");
    let with = LaunchRequest { model: Some("opus".to_owned()), ..request("go") };
    assert_eq!(opencode.prepare(&with).await, Err(error));
    assert_eq!(files(&place.path("home")), []);
}

#[tokio::test]
async fn tells_what_is_installed() {
    let place = Place::new();
    place.install("codex", "echo; echo 'codex-cli 0.169.0'; echo more");
    place.install("opencode", "true");
    let versions = [Ok("2.1.329 (Claude Code)"), Ok("codex-cli 0.169.0"), Err("no version")];
    for (launcher, version) in place.launchers().iter().zip(versions) {
        let version = version.map(str::to_owned).map_err(str::to_owned);
        let program = place.path("bin").join(launcher.backend().as_str());
        assert!(launcher.is_installed());
        assert_eq!(launcher.installed().await, Some(Installed { program, version }));
    }
}
