//! What a member's screen says and asks, and what it was answered.

use cafleet_domain::agent_in_front::AgentInFront;
use cafleet_domain::broker::{Chosen, Explanation};
use cafleet_domain::id::AgentId;
use cafleet_domain::placement::Pane;
use cafleet_domain::ports::BackgroundSession;
use cafleet_domain::question::{Answer, Question};
use cafleet_domain::screen::{Reading, Rest, ScreenState};
use serde_json::{Value, json};

use super::View;

/// What a member's screen says.
pub(crate) struct ExplanationView<'a> {
    pub(crate) member: AgentId,
    pub(crate) explanation: &'a Explanation,
}

impl View for ExplanationView<'_> {
    fn text(&self) -> String {
        let Explanation { pane, reading, rows: texts, rest, in_front, version, background_session, .. } =
            self.explanation;
        let Reading { state, rule, rows, question, .. } = reading;
        let headline = format!("member {} ({}): {} ({rule})", self.member, pane.id, state.as_str());
        let numbered = rows.clone().zip(texts).map(|(number, row)| format!("{:>4}  {row}", number + 1));
        let mut lines: Vec<String> =
            std::iter::once(headline).chain(numbered).map(|line| line.trim_end().to_owned()).collect();
        match (state, question) {
            (_, Some(question)) => lines.extend(question_lines(question)),
            (ScreenState::Asking, None) => lines.push("question: its answers cannot be read".to_owned()),
            _ => {}
        }
        if self.explanation.is_newer_than_recorded
            && let Some(version) = version
        {
            let recorded = self.explanation.newest_recorded;
            lines.push(format!(
                "version: {version} is newer than {recorded}, the newest version known; an unrecognised screen holds notifications"
            ));
        }
        if let Some(BackgroundSession { name, stop }) = background_session {
            lines.push(format!(
                "background: its session {name} was moved there; open it again in the pane, or end it with '{stop}'"
            ));
        }
        lines.push(match in_front {
            AgentInFront::Proven { .. } => format!("in front: proven: it {in_front}"),
            AgentInFront::NotProven(_) => format!("in front: not proven: it {in_front}"),
        });
        lines.push(match rest {
            Rest::Proven(proof) => format!("rest: proven: {proof}"),
            Rest::Unproven(doubt) => format!("rest: not proven: {doubt}"),
        });
        lines.join("\n")
    }

    fn json(&self) -> Value {
        let Explanation { pane, reading, rows: texts, rest, in_front, version, background_session, .. } =
            self.explanation;
        let Reading { state, rule, rows, question, .. } = reading;
        let (proven, evidence) = match rest {
            Rest::Proven(proof) => (true, proof.to_string()),
            Rest::Unproven(doubt) => (false, doubt.to_string()),
        };
        json!({
            "member_agent_id": self.member.get(),
            "pane_id": pane.id.as_str(),
            "state": state.as_str(),
            "rule": rule,
            "first_row": (!rows.is_empty()).then_some(rows.start + 1),
            "rows": texts,
            "question": question.as_ref().map(question_json),
            "in_front": {
                "proven": matches!(in_front, AgentInFront::Proven { .. }),
                "evidence": in_front.to_string(),
            },
            "rest": {"proven": proven, "evidence": evidence},
            "background_session": background_session.as_ref().map(|session| &session.name),
            "version": {
                "installed": version,
                "newest_recorded_screens": self.explanation.newest_recorded,
                "newer_than_recorded": self.explanation.is_newer_than_recorded,
            },
        })
    }
}

fn question_lines(question: &Question) -> Vec<String> {
    let headline = format!("question {} ({}): {}", question.id, question.kind.as_str(), question.title);
    let options = question.options.iter().map(|answer| {
        let mark = if question.selected == Some(answer.n) { '>' } else { ' ' };
        let takes = if answer.takes_text { ", takes words" } else { "" };
        format!("  {mark} {}. {} ({}{takes})", answer.n, answer.label, answer.effect.as_str())
    });
    std::iter::once(headline).chain(options).collect()
}

fn question_json(question: &Question) -> Value {
    json!({
        "id": question.id.as_str(),
        "kind": question.kind.as_str(),
        "title": question.title,
        "body": question.body,
        "options": question.options.iter().map(answer_json).collect::<Vec<_>>(),
        "offers_text": question.offers_text(),
        "selected": question.selected,
    })
}

fn answer_json(answer: &Answer) -> Value {
    json!({"n": answer.n, "label": answer.label, "effect": answer.effect.as_str()})
}

/// An answer that was given.
pub(crate) struct InputSentView<'a> {
    pub(crate) member: AgentId,
    pub(crate) name: &'a str,
    pub(crate) pane: &'a Pane,
    /// The words that were written; none when an answer was only chosen.
    pub(crate) words: Option<&'a str>,
    pub(crate) chosen: &'a Chosen,
}

impl View for InputSentView<'_> {
    fn text(&self) -> String {
        let Answer { n, label, .. } = &self.chosen.answer;
        let sent = if self.words.is_some() { "free text".to_owned() } else { format!("choice {n}") };
        let first = format!("Sent {sent} to member {} ({}).", self.name, self.pane.id);
        format!("{first}\nChose {n} '{label}' of member {} {}.", self.member, self.name)
    }

    fn json(&self) -> Value {
        let Chosen { question, answer } = self.chosen;
        let (action, value) = match self.words {
            Some(words) => ("freetext", words.to_owned()),
            None => ("choice", answer.n.to_string()),
        };
        json!({
            "member_agent_id": self.member.get(),
            "pane_id": self.pane.id.as_str(),
            "action": action,
            "value": value,
            "chosen": answer_json(answer),
            "question": {"id": question.id.as_str(), "kind": question.kind.as_str(), "title": question.title},
        })
    }
}
