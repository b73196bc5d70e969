//! Inserts that happen only while a condition holds.
//!
//! The condition is a part of the statement, so nothing depends on what was read before it.

use cafleet_domain::ports::StorageError;
use sea_orm::sea_query::{Expr, InsertStatement, IntoCondition, Query, SelectStatement};
use sea_orm::{ActiveModelTrait, EntityTrait, Iterable};

/// Inserts a row if a condition holds in the moment in which it is inserted.
pub(super) fn insert_if<A: ActiveModelTrait>(
    row: &A,
    condition: impl IntoCondition,
) -> Result<InsertStatement, StorageError> {
    let mut values = Query::select();
    let mut columns = Vec::new();
    for column in <A::Entity as EntityTrait>::Column::iter() {
        if let Some(value) = row.get(column).into_value() {
            columns.push(column);
            values.expr(Expr::val(value));
        }
    }
    insert_selected::<A::Entity>(columns, values.cond_where(condition).take())
}

/// Inserts what a statement selects.
pub(super) fn insert_selected<E: EntityTrait>(
    columns: impl IntoIterator<Item = E::Column>,
    rows: SelectStatement,
) -> Result<InsertStatement, StorageError> {
    let mut insert = Query::insert();
    insert.into_table(E::default()).columns(columns);
    insert.select_from(rows).map_err(|error| StorageError::Failed(error.to_string()))?;
    Ok(insert)
}
