//! Compares what was sent, what the ledger says, and what the models were told.

use std::collections::{BTreeMap, BTreeSet};

use cafleet_domain::id::AgentId;
use cafleet_domain::preview::unmarked;
use cafleet_domain::prompt::{self, PromptIds};
use cafleet_domain::text;
use cafleet_tests::environment::Fleet;

use crate::conversations::Conversations;
use crate::yard::Yard;

/// How many characters of a body stand in a preview unless a variable says otherwise.
const MAX_TEXT_LEN: usize = 200;

/// What agents write into a conversation when a person breaks a turn off, and what a person began one with.
const NOT_OURS: [&str; 2] = ["[Request interrupted by user for tool use]", "[Request interrupted by user]"];

/// A message as the database has it.
#[derive(Debug)]
struct Message {
    id: i64,
    to: i64,
    /// The recipient is there at the end.
    is_there: bool,
    /// What its doorbell came to.
    rung: String,
    /// What became of it.
    state: String,
    preview: String,
}

/// What the comparison has found.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    /// Messages by what became of them, with and without a recipient that was there at the end.
    pub(crate) states: BTreeMap<(bool, String, String), u64>,
    pub(crate) messages: u64,
    pub(crate) lost: u64,
    pub(crate) open: u64,
    pub(crate) doubled: u64,
    pub(crate) mangled: u64,
    pub(crate) astray: u64,
    pub(crate) drafts: u64,
    /// Previews that a recipient took with it that was made to leave.
    pub(crate) taken_along: u64,
    pub(crate) aborted: u64,
    /// Everything that must not be, in words.
    pub(crate) wrongs: Vec<String>,
}

impl Verdict {
    pub(crate) fn is_clean(&self) -> bool {
        self.wrongs.is_empty()
    }
}

/// Reads database and notes and compares them to the last message.
pub(crate) fn verdict(yard: &Yard) -> Verdict {
    let told = Conversations::read(&yard.notes());
    let messages = messages(yard);
    let mut verdict = Verdict { wrongs: yard.tally.wrongs(), aborted: told.aborted, ..Verdict::default() };
    for message in &messages {
        judge(&mut verdict, message, &told);
    }
    drafts(&mut verdict, yard, &told);
    let mut known: BTreeMap<i64, &Message> = BTreeMap::new();
    known.extend(messages.iter().map(|message| (message.id, message)));
    let submitted: Vec<String> =
        yard.tally.drafts().into_iter().filter(|draft| draft.submitted).map(|draft| draft.text).collect();
    let mut seen = BTreeSet::new();
    for (agent, text) in told.texts() {
        let fleet = if agent == yard.annex.fleet.director { &yard.annex.fleet } else { &yard.fleet };
        let text = text.replace(&prompt_of(yard, fleet, agent), "");
        let rest = unexplained(&text, agent, fleet.id, &known, &submitted);
        if !rest.is_empty() && seen.insert((agent, text.clone())) {
            verdict.mangled += 1;
            verdict.wrongs.push(format!("{agent} was told what nobody wrote: {rest:?}\n  in {text:?}"));
        }
    }
    verdict
}

fn messages(yard: &Yard) -> Vec<Message> {
    let database = yard.environment.open();
    let query = "SELECT t.task_id, t.from_agent_id, t.to_agent_id, t.created_at, t.status_state, t.text, a.status, \
                 coalesce(d.state, 'none') FROM tasks t JOIN agents a ON a.agent_id = t.to_agent_id \
                 LEFT JOIN deliveries d USING (task_id) WHERE t.type = 'unicast' ORDER BY t.task_id";
    let mut statement = database.prepare(query).expect("a statement");
    let rows = statement.query_map([], |row| {
        let (id, from, at): (i64, i64, String) = (row.get(0)?, row.get(1)?, row.get(3)?);
        let body = text::truncate(&text::drawn_alike(&text::one_line(&row.get::<_, String>(5)?)), MAX_TEXT_LEN);
        Ok(Message {
            id,
            to: row.get(2)?,
            is_there: row.get::<_, String>(6)? == "active",
            rung: row.get(7)?,
            state: row.get(4)?,
            preview: unmarked(&format!("[cafleet msg {id} from {from} {at}]\n{body}")).trim_end().to_owned(),
        })
    });
    rows.expect("the messages").map(|row| row.expect("a message")).collect()
}

/// Returns what an agent was started with.
fn prompt_of(yard: &Yard, fleet: &Fleet, agent: i64) -> String {
    let key = format!("SELECT fleet_id || '-' || fleet_key FROM fleets WHERE fleet_id = {}", fleet.id);
    let key: String = yard.environment.open().query_row(&key, [], |row| row.get(0)).expect("a fleet");
    let id = |id: i64| AgentId::try_from(id).expect("an id");
    let ids = PromptIds { fleet: key.parse().expect("a fleet"), agent: id(agent), director: id(fleet.director) };
    let is_director = agent == fleet.director;
    prompt::fill(if is_director { prompt::DIRECTOR_TEMPLATE } else { prompt::DEFAULT_TEMPLATE }, ids)
}

fn judge(verdict: &mut Verdict, message: &Message, told: &Conversations) {
    let Message { id, to, is_there, rung, state, preview } = message;
    verdict.messages += 1;
    *verdict.states.entry((*is_there, rung.clone(), state.clone())).or_default() += 1;
    let header = preview.lines().next().unwrap_or_default();
    let heard = told.count(*to, header);
    let mut wrong = |count: fn(&mut Verdict) -> &mut u64, what: &str| {
        *count(verdict) += 1;
        verdict.wrongs.push(format!("message {id} to {to} {what}: {rung}, {state}, heard {heard} times"));
    };
    if heard > 1 {
        wrong(|verdict| &mut verdict.doubled, "was doubled");
    }
    if heard > 0 && told.count(*to, preview) != heard {
        wrong(|verdict| &mut verdict.mangled, "was mangled");
    }
    if told.count_elsewhere(*to, header) > 0 {
        wrong(|verdict| &mut verdict.astray, "reached somebody else");
    }
    if *is_there && heard == 0 {
        wrong(|verdict| &mut verdict.lost, "was lost");
    }
    if *is_there && (rung != "submitted" || state != "completed") {
        wrong(|verdict| &mut verdict.open, "is open");
    }
    if heard > 0 && !matches!(rung.as_str(), "submitted" | "typed") {
        wrong(|verdict| &mut verdict.open, "was told and is not in the ledger as such");
    }
    if !is_there && heard == 0 && rung == "submitted" {
        verdict.taken_along += 1;
    }
}

fn drafts(verdict: &mut Verdict, yard: &Yard, told: &Conversations) {
    let removed = yard.tally.removed();
    for draft in yard.tally.drafts() {
        let heard = told.count(draft.agent, &draft.text);
        let expected = usize::from(draft.submitted);
        if heard != expected && !(heard == 0 && removed.contains_key(&draft.agent)) {
            verdict.drafts += 1;
            verdict.wrongs.push(format!("{draft:?} was heard {heard} times"));
        }
    }
}

/// Returns what is left of a text when all that somebody wrote to this agent is taken away.
fn unexplained(text: &str, agent: i64, fleet: i64, messages: &BTreeMap<i64, &Message>, drafts: &[String]) -> String {
    let mut rest = text.to_owned();
    for (at, _) in text.match_indices("[cafleet msg ") {
        let id = text[at + 13..].split(' ').next().and_then(|id| id.parse::<i64>().ok());
        if let Some(message) = id.and_then(|id| messages.get(&id)).filter(|message| message.to == agent) {
            rest = rest.replacen(&message.preview, "", 1);
        }
    }
    let poll = format!("cafleet --fleet-id {fleet} message poll --agent-id {agent}");
    rest = rest.replace(&format!("{poll} — then resume your work if something was still running."), "");
    rest = rest.replace(&poll, "").replace(&format!("FLEET ID: {fleet} YOUR AGENT ID: {agent}"), "");
    for known in NOT_OURS.into_iter().chain(drafts.iter().map(String::as_str)) {
        rest = rest.replace(known, "");
    }
    rest.trim().to_owned()
}
