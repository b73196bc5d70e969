//! Members with the times at which they last did something.

use cafleet_domain::agent::{Activity, Member};
use cafleet_domain::ports::StorageError;
use cafleet_domain::task::TaskState;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, FromQueryResult, JoinType, QueryResult, QuerySelect, QueryTrait, Select,
};

use super::{PlacedRow, with_placement};
use crate::sqlite::convert::Row;
use crate::sqlite::entity::{agents, tasks};
use crate::sqlite::session::Session;

/// A placed agent with three times.
struct MemberRow {
    placed: PlacedRow,
    last_sent: Option<String>,
    last_received: Option<String>,
    last_acknowledged: Option<String>,
}

impl FromQueryResult for MemberRow {
    fn from_query_result(row: &QueryResult, prefix: &str) -> Result<Self, DbErr> {
        Ok(Self {
            placed: PlacedRow::from_query_result(row, prefix)?,
            last_sent: row.try_get(prefix, "last_sent")?,
            last_received: row.try_get(prefix, "last_received")?,
            last_acknowledged: row.try_get(prefix, "last_acknowledged")?,
        })
    }
}

/// Returns those of the selected agents that are placed, by id, with their activity.
pub(in crate::sqlite) async fn activity_of<C: ConnectionTrait>(
    session: &Session<'_, C>,
    members: &Select<agents::Entity>,
) -> Result<Vec<Member>, StorageError> {
    let select = with_placement(members.clone(), JoinType::InnerJoin)
        .expr_as(Expr::from(last_sent()), "last_sent")
        .expr_as(Expr::from(last_received()), "last_received")
        .expr_as(Expr::from(last_acknowledged()), "last_acknowledged")
        .into_query();
    let rows: Vec<MemberRow> = session.all(&select).await?;
    rows.into_iter().map(member).collect()
}

fn member(row: MemberRow) -> Result<Member, StorageError> {
    let PlacedRow(agent, placement) = row.placed;
    let place = Row { table: "agents", id: agent.agent_id };
    let placement = placement.ok_or_else(|| place.corrupt("agent_id", "a member without a placement"))?;
    let of_task = Row { table: "tasks", id: agent.agent_id };
    Ok(Member {
        agent: agent.try_into()?,
        placement: placement.try_into()?,
        activity: Activity {
            last_sent: of_task.parse_optional("created_at", row.last_sent.as_deref())?,
            last_received: of_task.parse_optional("created_at", row.last_received.as_deref())?,
            last_acknowledged: of_task.parse_optional("status_timestamp", row.last_acknowledged.as_deref())?,
        },
    })
}

fn this_agent() -> (agents::Entity, agents::Column) {
    (agents::Entity, agents::Column::AgentId)
}

/// The newest task by id, for the clock may have gone backwards.
fn newest(condition: Expr) -> SelectStatement {
    Query::select()
        .column(tasks::Column::CreatedAt)
        .from(tasks::Entity)
        .and_where(condition)
        .order_by(tasks::Column::TaskId, Order::Desc)
        .limit(1)
        .take()
}

fn last_sent() -> SelectStatement {
    newest(Expr::col((tasks::Entity, tasks::Column::FromAgentId)).equals(this_agent()))
}

/// Names the context too, for that is what the index begins with.
fn last_received() -> SelectStatement {
    let to = Expr::col((tasks::Entity, tasks::Column::ToAgentId)).equals(this_agent());
    newest(Expr::col((tasks::Entity, tasks::Column::ContextId)).equals(this_agent()).and(to))
}

fn last_acknowledged() -> SelectStatement {
    Query::select()
        .expr(tasks::Column::StatusTimestamp.max())
        .from(tasks::Entity)
        .and_where(Expr::col((tasks::Entity, tasks::Column::ToAgentId)).equals(this_agent()))
        .and_where(tasks::state_is(TaskState::Completed))
        .take()
}
