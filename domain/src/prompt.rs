//! The first prompt of a member.

use crate::fleet::FleetRef;
use crate::id::AgentId;

/// What every member is told, whatever it is to do first.
macro_rules! commands {
    () => {
        "\
You are a member of a CAFleet fleet: several coding agents that work together through the `cafleet` command.
FLEET ID: {fleet_id}
YOUR AGENT ID: {agent_id}
DIRECTOR AGENT ID: {director_agent_id}

- Read your messages: cafleet --fleet-id {fleet} message poll --agent-id {agent_id} --full
- Acknowledge each one: cafleet --fleet-id {fleet} message ack --agent-id {agent_id} --task-id <id>
- Write to an agent: cafleet --fleet-id {fleet} message send --agent-id {agent_id} --to <id> --text-file .cafleet/message.txt after you have put the text into that file with your file tool; a few plain words can go behind --text instead, but no quotes, backticks or $
- A new message appears here as `[cafleet msg <id> from <sender> <time> <mark>]`; it may be cut, so poll for the whole text, acknowledge it, act on it, and send the result to its sender.
- Type these commands exactly so, one at a time. When a command is denied, ask the Director with a message; do not look for a way around.
- When you have nothing left to do, end your turn. Do not sleep or wait for messages: they wake you."
    };
}

/// The prompt of a member that was given none. Every member pays for its length, so it is short.
pub const DEFAULT_TEMPLATE: &str = concat!(
    commands!(),
    "\n\nFirst send `ready` to the Director: cafleet --fleet-id {fleet} message send --agent-id {agent_id} --to {director_agent_id} --text ready"
);

/// The prompt of a member that is started again; its name and what it is for follow.
const RESTARTED_TEMPLATE: &str = concat!(
    commands!(),
    "\n\nYou were started again: your program had ended, and what you knew is lost. Your inbox is as it was. First read your \
     messages, then go on with what is not done."
);

/// The prompt of a Director that is started together with its fleet.
pub const DIRECTOR_TEMPLATE: &str = "\
You are the Director of a CAFleet fleet: several coding agents that work together through the `cafleet` command.
FLEET ID: {fleet_id}
YOUR AGENT ID: {agent_id}

- Start a member: cafleet --fleet-id {fleet} member create --agent-id {agent_id} --name <name> --description <purpose> -- \"<first prompt>\"
- See the members and what they do: cafleet --fleet-id {fleet} member list
- Write to an agent: cafleet --fleet-id {fleet} message send --agent-id {agent_id} --to <id> --text-file .cafleet/message.txt after you have put the text into that file with your file tool; a few plain words can go behind --text instead, but no quotes, backticks or $
- Read your messages: cafleet --fleet-id {fleet} message poll --agent-id {agent_id} --full
- Acknowledge each one: cafleet --fleet-id {fleet} message ack --agent-id {agent_id} --task-id <id>
- End a member: cafleet --fleet-id {fleet} member delete --member-id <id>
- A new message appears here as `[cafleet msg <id> from <sender> <time> <mark>]`; it may be cut, so poll for the whole text, acknowledge it and act on it.
- When you have nothing left to do, end your turn. Do not sleep or wait for messages: they wake you.

Now wait for what the user asks for.";

/// The numbers that a prompt may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PromptIds {
    /// Its number replaces `{fleet_id}`; number and key, which lead into no other database, replace `{fleet}`.
    pub fleet: FleetRef,
    /// Replaces `{agent_id}`.
    pub agent: AgentId,
    /// Replaces `{director_agent_id}`.
    pub director: AgentId,
}

/// Fills in the placeholders of a template. `{{` and `}}` are literal braces; any other `{…}` stays as it is.
#[must_use]
pub fn fill(template: &str, ids: PromptIds) -> String {
    let placeholders = [
        ("{{", "{".to_owned()),
        ("}}", "}".to_owned()),
        ("{fleet_id}", ids.fleet.id.to_string()),
        ("{fleet}", ids.fleet.to_string()),
        ("{agent_id}", ids.agent.to_string()),
        ("{director_agent_id}", ids.director.to_string()),
    ];
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(brace) = rest.find(['{', '}']) {
        filled.push_str(&rest[..brace]);
        rest = &rest[brace..];
        let (token, value) = match placeholders.iter().find(|(token, _)| rest.starts_with(token)) {
            Some((token, value)) => (*token, value.as_str()),
            None => (&rest[..1], &rest[..1]),
        };
        filled.push_str(value);
        rest = &rest[token.len()..];
    }
    filled + rest
}

/// Returns the prompt of a member that is started again.
#[must_use]
pub fn restarted(ids: PromptIds, name: &str, description: &str) -> String {
    format!("{} You are {name}: {description}", fill(RESTARTED_TEMPLATE, ids))
}

/// Returns the prompt that stands for one that is too long for a command line and waits in the inbox instead.
#[must_use]
pub fn pointer(ids: PromptIds) -> String {
    fill(DEFAULT_TEMPLATE, ids) + " Then read your messages: your instructions are in the first one."
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids() -> PromptIds {
        let agent = |id| AgentId::try_from(id).expect("a positive id");
        PromptIds { fleet: "1-03fa92".parse().expect("a fleet"), agent: agent(4), director: agent(2) }
    }

    #[test]
    fn fills_in_the_placeholders() {
        assert_eq!(fill("f={fleet_id} a={agent_id} d={director_agent_id} a={agent_id}", ids()), "f=1 a=4 d=2 a=4");
        assert_eq!(fill("--fleet-id {fleet} {fleets}", ids()), "--fleet-id 1-03fa92 {fleets}");
    }

    #[test]
    fn doubled_braces_are_literal_and_other_braces_stay() {
        assert_eq!(fill("{{fleet_id}} {x} { } } {fleet_id", ids()), "{fleet_id} {x} { } } {fleet_id");
        assert_eq!(fill("fn main() {{ {{}} }} 日{本}", ids()), "fn main() { {} } 日{本}");
        assert_eq!(fill("{{{agent_id}}}", ids()), "{4}");
        assert_eq!(fill("", ids()), "");
    }

    #[test]
    fn a_director_is_told_who_it_is_and_whom_it_can_start() {
        let prompt = fill(DIRECTOR_TEMPLATE, PromptIds { agent: ids().director, ..ids() });
        for line in [
            "FLEET ID: 1\n",
            "YOUR AGENT ID: 2\n",
            "--fleet-id 1-03fa92 member create --agent-id 2 ",
            "[cafleet msg <id>",
        ] {
            assert!(prompt.contains(line), "{line:?}");
        }
        assert!(!prompt.contains(['{', '}']));
    }

    #[test]
    fn the_default_tells_a_member_who_it_is() {
        let prompt = fill(DEFAULT_TEMPLATE, ids());
        for line in ["FLEET ID: 1\n", "YOUR AGENT ID: 4\n", "DIRECTOR AGENT ID: 2\n", "[cafleet msg <id>", "`ready`"] {
            assert!(prompt.contains(line), "{line:?}");
        }
        assert!(!prompt.contains(['{', '}']));
    }

    #[test]
    fn no_command_that_is_dictated_needs_the_care_of_a_shell() {
        for template in [DEFAULT_TEMPLATE, DIRECTOR_TEMPLATE] {
            let prompt = fill(template, ids());
            assert!(prompt.contains(" message send --agent-id ") && prompt.contains(" --text-file "), "{prompt}");
            assert!(!prompt.contains("--text \""), "{prompt}");
            let commands = prompt.match_indices("cafleet --fleet-id ");
            assert!(commands.clone().count() >= 3);
            for (start, _) in commands {
                assert!(prompt[start..].starts_with("cafleet --fleet-id 1-03fa92 "), "{}", &prompt[start..]);
            }
        }
    }
}
