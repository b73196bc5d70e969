//! Pages of messages. Each statement walks an index from its newest end, and stops when the page is full.

use cafleet_domain::delivery::Delivery;
use cafleet_domain::id::{AgentId, FleetId, TaskId};
use cafleet_domain::message::{Message, PAGE_SIZE};
use cafleet_domain::ports::StorageError;
use cafleet_domain::task::TaskKind;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, QueryResult, Statement, Value};

use crate::sqlite::entity::{deliveries, tasks};
use crate::sqlite::session::Session;

/// How many ids one statement names.
pub(super) const IDS: usize = 500;

/// What is read of a message.
const COLUMNS: &str = "tasks.*, sender.name AS from_name, recipient.name AS to_name,
     deliveries.task_id AS delivery_task_id, deliveries.agent_id AS delivery_agent_id,
     deliveries.state AS delivery_state, deliveries.attempts AS delivery_attempts,
     deliveries.last_error AS delivery_last_error, deliveries.updated_at AS delivery_updated_at,
     deliveries.typing AS delivery_typing";

/// Where the rest of a message stands. A cross join is one that SQLite does not turn round.
const JOINS: &str = "CROSS JOIN agents AS sender ON sender.agent_id = tasks.from_agent_id
     CROSS JOIN agents AS recipient ON recipient.agent_id = tasks.to_agent_id
     LEFT JOIN deliveries ON deliveries.task_id = tasks.task_id";

/// A message.
struct MessageRow {
    task: tasks::Model,
    from_name: String,
    to_name: String,
    delivery: Option<deliveries::Model>,
}

impl FromQueryResult for MessageRow {
    fn from_query_result(row: &QueryResult, prefix: &str) -> Result<Self, DbErr> {
        Ok(Self {
            task: tasks::Model::from_query_result(row, prefix)?,
            from_name: row.try_get(prefix, "from_name")?,
            to_name: row.try_get(prefix, "to_name")?,
            delivery: Option::<deliveries::Model>::from_query_result(row, "delivery_")?,
        })
    }
}

/// Returns the messages that a statement of this module selects.
pub(super) async fn read<C: ConnectionTrait>(
    session: &Session<'_, C>,
    statement: Statement,
) -> Result<Vec<Message>, StorageError> {
    let rows: Vec<MessageRow> = session.all_raw(statement).await?;
    let message = |row: MessageRow| {
        Ok(Message {
            task: row.task.try_into()?,
            from_name: row.from_name,
            to_name: row.to_name,
            delivery: row.delivery.map(Delivery::try_from).transpose()?,
        })
    };
    rows.into_iter().map(message).collect()
}

/// What an agent received, and one more than fits on a page.
pub(super) fn received(agent: AgentId, before: Option<TaskId>) -> Statement {
    let condition = "tasks.context_id = ?1 AND tasks.to_agent_id = ?1 AND tasks.task_id < ?2";
    newest(condition, [agent.get().into(), end(before)])
}

/// What an agent sent, and one more than fits on a page.
pub(super) fn sent(agent: AgentId, before: Option<TaskId>) -> Statement {
    let unicast = TaskKind::Unicast.as_str();
    let condition = format!("tasks.from_agent_id = ?1 AND tasks.task_id < ?2 AND tasks.type = '{unicast}'");
    newest(&condition, [agent.get().into(), end(before)])
}

fn newest(condition: &str, values: [Value; 2]) -> Statement {
    let limit = PAGE_SIZE + 1;
    let sql =
        format!("SELECT {COLUMNS} FROM tasks {JOINS} WHERE {condition} ORDER BY tasks.task_id DESC LIMIT {limit}");
    Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)
}

/// What the agents of a fleet received, and one more than fits on a page.
///
/// Of each agent only what can be on the page is looked at, and only in the index; the rows themselves are read when it
/// is known which they are.
pub(super) fn timeline(fleet: FleetId, before: Option<TaskId>) -> Statement {
    let limit = PAGE_SIZE + 1;
    let sql = format!(
        "SELECT {COLUMNS} FROM (
           SELECT task.task_id AS id FROM agents AS member
           CROSS JOIN tasks AS task ON task.context_id = member.agent_id AND task.to_agent_id = member.agent_id
             AND task.task_id < ?2 AND task.task_id >= coalesce((
               SELECT newer.task_id FROM tasks AS newer WHERE newer.context_id = member.agent_id
               AND newer.to_agent_id = member.agent_id AND newer.task_id < ?2
               ORDER BY newer.task_id DESC LIMIT 1 OFFSET {PAGE_SIZE}), 0)
           WHERE member.fleet_id = ?1 ORDER BY task.task_id DESC LIMIT {limit}
         ) AS page CROSS JOIN tasks ON tasks.task_id = page.id {JOINS} ORDER BY tasks.task_id DESC"
    );
    Statement::from_sql_and_values(DbBackend::Sqlite, sql, [fleet.get().into(), end(before)])
}

/// Those of the messages that the fleet has.
pub(super) fn among(fleet: FleetId, tasks: &[TaskId]) -> Statement {
    let marks = vec!["?"; tasks.len()].join(", ");
    let sql =
        format!("SELECT {COLUMNS} FROM tasks {JOINS} WHERE tasks.task_id IN ({marks}) AND recipient.fleet_id = ?");
    let ids = tasks.iter().map(|task| task.get()).chain([fleet.get()]);
    Statement::from_sql_and_values(DbBackend::Sqlite, sql, ids.map(Value::from))
}

fn end(before: Option<TaskId>) -> Value {
    before.map_or(i64::MAX, TaskId::get).into()
}
