//! `cafleet completions`

use cafleet_tests::environment::Environment;

#[test]
fn every_shell_gets_a_script_that_knows_the_commands() {
    let environment = Environment::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = environment.ok(&["completions", shell]);
        for word in ["broadcast", "send-input", "deregister", "older-than", "fleet-id"] {
            assert!(script.contains(word), "{shell} does not know {word}");
        }
    }
    assert!(!environment.database().exists());
}

#[test]
fn bash_understands_its_script() {
    let environment = Environment::new();
    let script = environment.path("completions.bash");
    std::fs::write(&script, environment.ok(&["completions", "bash"])).expect("the script");
    let test = format!(
        "source {}; COMP_WORDS=(cafleet mess); COMP_CWORD=1; _cafleet cafleet mess cafleet; echo \"${{COMPREPLY[@]}}\"",
        script.display()
    );
    let output = std::process::Command::new("bash")
        .args(["--norc", "-c", &test])
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .output();
    let output = output.expect("bash runs");
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "message", "{output:?}");
}

#[test]
fn an_unknown_shell_is_an_error_that_names_the_known() {
    let environment = Environment::new();
    let error = environment.run(&["completions", "tcsh"]).error(2);
    assert!(error.starts_with("invalid value 'tcsh' for '<SHELL>'") && error.contains("bash"), "{error}");
    environment.fails(&["completions"], 2, "the following required arguments were not provided: <SHELL>");
}
