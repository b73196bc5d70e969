//! What several suites here look for.

use cafleet_tests::environment::{Environment, Fleet};
use cafleet_tests::stage::Stage;

use crate::member_list::OUTSIDE;

/// The error of a command that needs a fleet and was given none.
pub(crate) const FLEET_ID_MISSING: &str = "--fleet-id <int> is required for this subcommand. Create a fleet with \
     'cafleet fleet create' and pass its id.";

/// The error of an id that can be none.
pub(crate) const NOT_AN_ID: &str = "must be an integer between 1 and 9223372036854775807";

/// Replaces every time in an output by `<time>`, and checks its form on the way.
pub(crate) fn without_times(output: &str) -> String {
    let mut words = output.to_owned();
    while let Some(start) = words.find("+00:00").and_then(|end| end.checked_sub(26)) {
        let time = &words[start..start + 26];
        let form: String = time.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        assert_eq!(form, "0000-00-00T00:00:00.000000", "{output}");
        words.replace_range(start..start + 32, "<time>");
    }
    words
}

/// Checks what every command does that acts as an agent: it refuses one that is not of the fleet, unknown or foreign
/// alike, and it needs a fleet. `rest` is the command line after the identity.
pub(crate) fn refuses_strangers(environment: &Environment, fleet: &Fleet, command: &str, rest: &str) {
    let other = environment.create_fleet("other");
    for stranger in [other.ada, other.director, 4_711, i64::MAX] {
        let line = fleet.words(&format!("{command} --agent-id {stranger} {rest}"));
        let error = format!("agent {stranger} is not a member of fleet {}.", fleet.id);
        environment.fails(&line, 1, &error);
    }
    for (bad, option) in
        [("0", "--agent-id"), ("-1", "--agent-id"), ("9223372036854775808", "--agent-id"), ("Ada", "--agent-id")]
    {
        let line = fleet.words(&format!("{command} {option} {bad} {rest}"));
        environment.fails(&line, 2, &format!("invalid value '{bad}' for '--agent-id <INT>': {NOT_AN_ID}"));
    }
    let without = &fleet.words(&format!("{command} --agent-id @ada {rest}"))[2..];
    environment.fails(without, 2, FLEET_ID_MISSING);
    let unknown = fleet.ada;
    let line = [vec!["--fleet-id".to_owned(), "99".to_owned()], without.to_vec()].concat();
    environment.fails(&line, 1, &format!("agent {unknown} is not a member of fleet 99."));
}

/// Checks what every command with `--member-id` does to a target that is none. `rest` is what follows the target;
/// `action` the word for it in the error about a pane that is not there yet.
pub(crate) fn refuses_other_targets(stage: &Stage, fleet: &Fleet, command: &str, rest: &str, action: Option<&str>) {
    let environment = &stage.environment;
    let line = |target: i64| fleet.words(&format!("member {command} --member-id {target} {rest}"));
    let other = environment.create_fleet("other");
    environment.ok(&fleet.words("agent deregister --agent-id @grace"));
    for nobody in [4_711, i64::MAX, other.ada, other.director, fleet.grace] {
        environment.fails(&line(nobody), 1, &format!("Agent {nobody} not found"));
    }
    for unplaced in [fleet.ada, fleet.administrator] {
        let error = format!("agent {unplaced} has no placement row; it was not spawned via `cafleet member create`.");
        environment.fails(&line(unplaced), 1, &error);
    }
    for bad in ["0", "-1", "Linus"] {
        let line = fleet.words(&format!("member {command} --member-id {bad} {rest}"));
        environment.fails(&line, 2, &format!("invalid value '{bad}' for '--member-id <INT>': {NOT_AN_ID}"));
    }
    assert_eq!(stage.outside(&line(fleet.ada)).error(1), OUTSIDE);
    let Some(action) = action else { return };
    // as a spawn leaves it that has registered its member and opened no pane yet
    environment.sql(&format!(
        "INSERT INTO agents (fleet_id, name, description, kind, status, registered_at, agent_card_json)
         SELECT fleet_id, 'Pending', '', 'member', 'active', registered_at, agent_card_json FROM agents WHERE agent_id = {ada};
         INSERT INTO agent_placements (agent_id, director_agent_id, multiplexer, coding_agent, created_at)
         SELECT max(agent_id), {director}, 'tmux', 'claude', '2999-01-01T00:00:00.000000+00:00' FROM agents",
        ada = fleet.ada,
        director = fleet.director
    ));
    let pending = environment.number("SELECT max(agent_id) FROM agents");
    let error = format!("member {pending} has no pane yet (pending placement) — nothing to {action}.");
    environment.fails(&line(pending), 1, &error);
}
