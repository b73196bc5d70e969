//! The messages of the demo's fleet, as they come and are acknowledged.

use std::collections::BTreeMap;

use cafleet_domain::id::{AgentId, TaskId};
use serde_json::Value;

use crate::scripted_agent::{READY, is_answer};

/// What `message show --full` says about a task, as far as the story needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    id: TaskId,
    from: AgentId,
    /// None on the summary of a broadcast.
    to: Option<AgentId>,
    acknowledged: bool,
    text: String,
}

impl Shown {
    /// Reads the JSON of `message show --full`; none when it is not of that form.
    pub(super) fn read(json: &str) -> Option<Self> {
        let row: Value = serde_json::from_str(json).ok()?;
        let number = |name: &str| row.get(name).and_then(Value::as_i64);
        let text = |name: &str| row.get(name).and_then(Value::as_str);
        Some(Self {
            id: number("task_id")?.try_into().ok()?,
            from: number("from_agent_id")?.try_into().ok()?,
            to: match text("type")? {
                "unicast" => Some(number("to_agent_id")?.try_into().ok()?),
                _ => None,
            },
            acknowledged: text("status_state")? == "completed",
            text: text("text")?.to_owned(),
        })
    }
}

/// All messages so far, and which of them still wait.
#[derive(Debug, Default)]
pub(super) struct Conversation {
    names: BTreeMap<AgentId, String>,
    /// Whose inbox nobody reads by itself.
    unattended: Option<AgentId>,
    waiting: BTreeMap<TaskId, Shown>,
    last: Option<TaskId>,
    ready: usize,
    questions: usize,
    answers: usize,
}

impl Conversation {
    /// Makes a participant known.
    pub(super) fn introduce(&mut self, agent: AgentId, name: &str) {
        self.names.insert(agent, name.to_owned());
    }

    /// Makes a participant known whose messages nobody waits for.
    pub(super) fn introduce_unattended(&mut self, agent: AgentId, name: &str) {
        self.introduce(agent, name);
        self.unattended = Some(agent);
    }

    /// Returns the number of the task that may come next: the database counts them up.
    pub(super) fn next(&self) -> i64 {
        self.last.map_or(1, |last| last.get() + 1)
    }

    /// Returns the tasks that are not acknowledged yet.
    pub(super) fn waiting(&self) -> Vec<TaskId> {
        self.waiting.keys().copied().collect()
    }

    /// Takes a task that was not seen before. Returns the line that tells of it.
    pub(super) fn came(&mut self, task: Shown) -> String {
        self.last = Some(task.id);
        let Some(to) = task.to else {
            return format!("  [{}] {} to all: {}", task.id, self.name(task.from), task.text);
        };
        let body = task.text.trim();
        if body == READY {
            self.ready += 1;
        } else if is_answer(body) {
            self.answers += 1;
        } else if Some(to) != self.unattended {
            self.questions += 1;
        }
        let line = format!("  [{}] {} -> {}: {}", task.id, self.name(task.from), self.name(to), task.text);
        if Some(to) != self.unattended {
            self.waiting.insert(task.id, task);
        }
        line
    }

    /// Takes a new look at a task that waited. Returns the line that tells of its acknowledgement, once.
    pub(super) fn looked(&mut self, task: &Shown) -> Option<String> {
        if !task.acknowledged {
            return None;
        }
        let before = self.waiting.remove(&task.id)?;
        Some(format!("  [{}] acknowledged by {}", task.id, self.name(before.to?)))
    }

    /// Tells whether all is said: `members` are ready, every message is acknowledged, every question answered.
    pub(super) fn is_settled(&self, members: usize) -> bool {
        self.ready >= members && self.waiting.is_empty() && self.answers >= self.questions
    }

    fn name(&self, agent: AgentId) -> String {
        self.names.get(&agent).cloned().unwrap_or_else(|| format!("agent {agent}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent(id: i64) -> AgentId {
        id.try_into().expect("a positive id")
    }

    fn shown(id: i64, from: i64, to: i64, state: &str, text: &str) -> Shown {
        let json = format!(
            r#"{{"task_id":{id},"context_id":{to},"from_agent_id":{from},"to_agent_id":{to},"type":"unicast",
               "created_at":"t","status_state":"{state}","status_timestamp":"t","origin_task_id":null,"text":"{text}"}}"#
        );
        Shown::read(&json).expect("the form of a task")
    }

    fn conversation() -> Conversation {
        let mut conversation = Conversation::default();
        conversation.introduce(agent(1), "Director");
        conversation.introduce_unattended(agent(2), "Administrator");
        conversation.introduce(agent(3), "Ada");
        conversation
    }

    #[test]
    fn tells_each_message_and_each_acknowledgement_once() {
        let mut conversation = conversation();
        assert_eq!(conversation.next(), 1);
        assert_eq!(conversation.came(shown(1, 3, 1, "input_required", "ready")), "  [1] Ada -> Director: ready");
        assert_eq!((conversation.next(), conversation.is_settled(1)), (2, false));
        assert_eq!(conversation.looked(&shown(1, 3, 1, "input_required", "ready")), None);
        let acknowledged = shown(1, 3, 1, "completed", "ready");
        assert_eq!(conversation.looked(&acknowledged).as_deref(), Some("  [1] acknowledged by Director"));
        assert_eq!(conversation.looked(&acknowledged), None);
        assert!(conversation.is_settled(1) && !conversation.is_settled(2));
    }

    #[test]
    fn a_question_is_open_until_it_is_answered() {
        let mut conversation = conversation();
        conversation.came(shown(1, 2, 3, "input_required", "how are you?"));
        conversation.looked(&shown(1, 2, 3, "completed", "how are you?"));
        assert!(!conversation.is_settled(0));
        conversation.came(shown(2, 3, 2, "input_required", "re: how are you?"));
        assert!(conversation.is_settled(0), "nobody reads the Administrator's inbox by itself");
    }

    #[test]
    fn a_broadcast_is_told_but_never_waited_for() {
        let mut conversation = conversation();
        let json = r#"{"task_id":4,"from_agent_id":1,"to_agent_id":0,"type":"broadcast_summary",
            "status_state":"completed","text":"Broadcast sent to 1 recipients"}"#;
        let line = conversation.came(Shown::read(json).expect("the form of a task"));
        assert_eq!(line, "  [4] Director to all: Broadcast sent to 1 recipients");
        assert!(conversation.is_settled(0));
        assert_eq!(Shown::read("[]"), None);
        assert_eq!(Shown::read("{"), None);
    }
}
