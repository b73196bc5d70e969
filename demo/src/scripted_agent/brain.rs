//! What makes it an agent: it reads who it is, sees that messages wait, and decides what to answer.

use cafleet_domain::id::{AgentId, FleetId, TaskId};
use serde_json::Value;

/// How much of a message an answer repeats, in Unicode scalar values.
const QUOTED_CHARS: usize = 60;

/// What an agent tells its Director first.
pub(crate) const READY: &str = "ready";

/// What an agent was told about itself, as far as it was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Identity {
    /// The fleet it belongs to.
    pub(super) fleet: Option<FleetId>,
    /// Its own id.
    pub(super) agent: Option<AgentId>,
    /// Its Director's id.
    pub(super) director: Option<AgentId>,
}

impl Identity {
    /// Learns what `text` says: the lines of a spawn prompt, or a poll command. What it does not say stays known.
    pub(super) fn learn(&mut self, text: &str) {
        let lower = text.to_ascii_lowercase();
        let command = lower.lines().find(|line| is_poll_command(line)).unwrap_or_default();
        self.fleet = number_after(&lower, "fleet id").or_else(|| number_after(command, "--fleet-id")).or(self.fleet);
        self.agent =
            number_after(&lower, "your agent id").or_else(|| number_after(command, "--agent-id")).or(self.agent);
        self.director = number_after(&lower, "director agent id").or(self.director);
    }
}

/// Returns the id that follows `label` on the same line, whatever stands between them but letters and digits.
fn number_after<T: std::str::FromStr>(text: &str, label: &str) -> Option<T> {
    text.match_indices(label).find_map(|(start, _)| {
        let rest = &text[start + label.len()..];
        let rest = rest.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '\n');
        let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
        digits.parse().ok()
    })
}

/// Tells whether `text` says that messages wait: it holds a preview, or the command that reads the inbox.
pub(super) fn calls_to_inbox(text: &str) -> bool {
    text.lines().any(|line| is_preview(line) || is_poll_command(line))
}

fn is_preview(line: &str) -> bool {
    line.match_indices("[cafleet msg ").any(|(start, head)| {
        let mut words = line[start + head.len()..].split(' ');
        let mut is_number = || words.next().is_some_and(|word| word.parse::<u64>().is_ok());
        is_number() && {
            // "from" stands between the two numbers
            words.next() == Some("from") && words.next().is_some_and(|word| word.parse::<u64>().is_ok())
        }
    })
}

fn is_poll_command(line: &str) -> bool {
    line.find("cafleet").is_some_and(|start| line[start..].contains("message poll"))
}

/// A message as the inbox shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    /// Its task.
    pub(super) id: TaskId,
    /// Who sent it.
    pub(super) from: AgentId,
    /// The body, perhaps cut.
    pub(super) text: String,
}

/// Reads the answer of `cafleet --json message poll`; what has not the form of a message is left out.
///
/// # Errors
/// When the answer is no JSON.
pub(super) fn read_inbox(json: &str) -> Result<Vec<Message>, serde_json::Error> {
    let answer: Value = serde_json::from_str(json)?;
    let rows = answer.as_array().map(Vec::as_slice).unwrap_or_default();
    Ok(rows.iter().filter_map(read_message).collect())
}

fn read_message(row: &Value) -> Option<Message> {
    Some(Message {
        id: row.get("id")?.as_i64()?.try_into().ok()?,
        from: row.get("from")?.as_i64()?.try_into().ok()?,
        text: row.get("text")?.as_str()?.to_owned(),
    })
}

/// A message that the agent decided to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outgoing {
    /// The recipient.
    pub(super) to: AgentId,
    /// The body.
    pub(super) text: String,
}

/// Decides what to send because of `message`: one short answer to its sender, before that the question that it
/// asks to pass on (`ask <agent id>: <question>`). An answer or a report of readiness is never answered, so two
/// agents cannot go on for ever.
pub(super) fn react(message: &Message, me: AgentId) -> Vec<Outgoing> {
    let body = message.text.trim();
    if message.from == me || is_answer(body) {
        return Vec::new();
    }
    let question = forwarded(body).filter(|question| question.to != me);
    let answer = Outgoing { to: message.from, text: format!("re: {}", quoted(body)) };
    question.into_iter().chain([answer]).collect()
}

/// Tells whether a body is an answer or a report of readiness, which nobody answers.
pub(crate) fn is_answer(body: &str) -> bool {
    let lower = body.to_lowercase();
    lower.starts_with("re:") || lower == READY
}

fn forwarded(body: &str) -> Option<Outgoing> {
    let (head, question) = body.strip_prefix("ask ")?.split_once(':')?;
    let question = question.trim();
    let to = head.trim().parse().ok()?;
    (!question.is_empty()).then(|| Outgoing { to, text: question.to_owned() })
}

/// Returns the head of a text on one line.
fn quoted(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(QUOTED_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent(id: i64) -> AgentId {
        id.try_into().expect("a positive id")
    }

    fn message(from: i64, text: &str) -> Message {
        Message { id: 7.try_into().expect("a positive id"), from: agent(from), text: text.to_owned() }
    }

    fn identity(fleet: i64, me: i64, director: Option<i64>) -> Identity {
        Identity { fleet: fleet.try_into().ok(), agent: Some(agent(me)), director: director.map(agent) }
    }

    #[test]
    fn learns_who_it_is_from_a_spawn_prompt() {
        let mut known = Identity::default();
        known.learn("You are Ada.\nFLEET ID: 3\nYOUR AGENT ID: 14\nDIRECTOR AGENT ID: 12\n");
        assert_eq!(known, identity(3, 14, Some(12)));
        known = Identity::default();
        known.learn("**Fleet id** = `3`, your agent ID is to be found here:\n- your agent id: #14");
        assert_eq!(known, identity(3, 14, None));
    }

    #[test]
    fn learns_who_it_is_from_a_poll_command_and_forgets_nothing() {
        let mut known = identity(1, 2, Some(9));
        known.learn("nothing about ids");
        assert_eq!(known, identity(1, 2, Some(9)));
        known.learn("cafleet --fleet-id 5 message poll --agent-id 6 — then resume your work");
        assert_eq!(known, identity(5, 6, Some(9)));
        known.learn("cafleet --fleet-id 7 message send --agent-id 8 --to 9 --text x");
        assert_eq!(known, identity(5, 6, Some(9)), "another command names other agents");
    }

    #[test]
    fn labels_without_ids_teach_nothing() {
        for text in ["FLEET ID:\n7", "FLEET ID: zero", "FLEET ID: 0", "YOUR AGENT ID: -"] {
            let mut known = Identity::default();
            known.learn(text);
            assert_eq!(known, Identity::default(), "{text:?}");
        }
    }

    #[test]
    fn sees_that_messages_wait() {
        for text in [
            "[cafleet msg 12 from 3 2026-04-15T10:00:00.123456+00:00]\nhello",
            "first [cafleet msg 12 from 3 2026]",
            "cafleet --fleet-id 1 message poll --agent-id 2",
            "cafleet --fleet-id 1 --json message poll --agent-id 2",
        ] {
            assert!(calls_to_inbox(text), "{text:?}");
        }
        for text in ["previews appear as `[cafleet msg …]`", "[cafleet msg 12 of 3]", "message poll", "cafleet doctor"]
        {
            assert!(!calls_to_inbox(text), "{text:?}");
        }
    }

    #[test]
    fn reads_the_inbox() {
        let json =
            r#"[{"id":7,"from":3,"ts":"t","text":"héllo","kind":"x"},{"id":0,"from":3,"text":"no id"},{"id":8}]"#;
        assert_eq!(read_inbox(json).expect("JSON"), [message(3, "héllo")]);
        assert_eq!(read_inbox("[]").expect("JSON"), []);
        assert!(read_inbox("No messages found.").is_err());
    }

    #[test]
    fn answers_once_and_never_an_answer() {
        let answer = |text: &str| vec![Outgoing { to: agent(3), text: text.to_owned() }];
        assert_eq!(react(&message(3, "how\nare  you?"), agent(2)), answer("re: how are you?"));
        assert_eq!(react(&message(3, &"日".repeat(80)), agent(2)), answer(&format!("re: {}", "日".repeat(60))));
        for text in ["re: x", "Re: x", "ready", " ready\n"] {
            assert_eq!(react(&message(3, text), agent(2)), [], "{text:?}");
        }
        assert_eq!(react(&message(2, "a note to myself"), agent(2)), []);
        let reply = &react(&message(3, "x"), agent(2))[0].text;
        assert_eq!(react(&message(2, reply), agent(3)), [], "no ping-pong");
    }

    #[test]
    fn passes_a_question_on() {
        let sent = react(&message(3, "ask 5: which shell?"), agent(2));
        assert_eq!(sent[0], Outgoing { to: agent(5), text: "which shell?".to_owned() });
        assert_eq!(sent[1].to, agent(3));
        for text in ["ask 5:", "ask someone: what?", "ask 2: myself?"] {
            assert_eq!(react(&message(3, text), agent(2)).len(), 1, "{text:?}");
        }
    }
}
