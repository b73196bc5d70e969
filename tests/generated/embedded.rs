//! Every command in the page about embedded terminals runs: without tmux, on a daemon of its own.

use cafleet_tests::environment::{Environment, Fleet};
use cafleet_tests::workspace::SourceFile;

use super::links::pages;
use super::running::{WITHOUT_TMUX, commands, complaint};

/// A shell outside of tmux.
struct Shell(Environment);

impl Shell {
    fn new() -> Self {
        let environment = Environment::new();
        environment.install_agents();
        Self(environment)
    }

    /// Runs the commands of a page in their order, with the member that the page goes on to speak of once there is a
    /// fleet; returns what is wrong with them.
    fn run(&self, page: &SourceFile) -> Vec<String> {
        let mut problems = Vec::new();
        for (number, words) in commands(page) {
            let outcome = self.0.run(&words);
            problems
                .extend(complaint(&outcome).map(|what| format!("{}:{number}: {}: {what}", page.path, words.join(" "))));
            if words.starts_with(&["fleet".to_owned(), "create".to_owned()]) {
                self.add_member();
            }
        }
        problems
    }

    fn add_member(&self) {
        let fleet = Fleet { id: 1, director: 1, administrator: 2, ada: 3, grace: 0 };
        let created = self.0.json(&fleet.words("member create --agent-id @director --name Ada --description tests"));
        assert_eq!(created["agent_id"], fleet.ada);
    }
}

#[test]
fn every_command_in_the_page_about_embedded_terminals_runs() {
    let page = pages().into_iter().find(|page| page.path == WITHOUT_TMUX).expect("the page");
    assert!(commands(&page).len() > 4, "it has lost its commands");
    let problems = Shell::new().run(&page);
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn a_command_that_does_not_run_there_is_noticed() {
    let text =
        "```sh\ncafleet fleet create --spawn\ncafleet panes\ncafleet member capture --member-id 3\n```\n".to_owned();
    let problems = Shell::new().run(&SourceFile { path: "docs/page.md".to_owned(), text });
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].starts_with("docs/page.md:4: "), "{problems:?}");
}
