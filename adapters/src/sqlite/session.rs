//! Statements: each is one round trip to the connection's thread.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use cafleet_domain::ports::StorageError;
use sea_orm::sea_query::SelectStatement;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, ExecResult, FromQueryResult,
    SqliteTransactionMode, Statement, StatementBuilder, TransactionOptions, TransactionTrait,
};

use super::error::storage_error;

/// Hears the SQL of each statement before it runs.
#[derive(Clone)]
pub struct StatementObserver(Arc<dyn Fn(&str) + Send + Sync>);

impl StatementObserver {
    /// Wraps a function that hears each statement.
    pub fn new(observer: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Arc::new(observer))
    }
}

impl fmt::Debug for StatementObserver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StatementObserver")
    }
}

/// Runs statements on a connection (each by itself) or in a transaction (all or none).
pub(super) struct Session<'a, C> {
    pub(super) connection: C,
    pub(super) path: &'a Path,
    pub(super) observer: Option<&'a StatementObserver>,
}

/// Statements that stand by themselves. One that writes is its own immediate transaction: SQLite takes the write lock
/// before it looks at the data, and waits for it.
pub(super) type Single<'a> = Session<'a, DatabaseConnection>;

/// Statements that happen all or not at all. Without [`Transaction::commit`] they did not happen.
pub(super) type Transaction<'a> = Session<'a, DatabaseTransaction>;

impl<C: ConnectionTrait> Session<'_, C> {
    /// Returns all rows of `select`.
    pub(super) async fn all<R: FromQueryResult>(&self, select: &SelectStatement) -> Result<Vec<R>, StorageError> {
        self.all_raw(DbBackend::Sqlite.build(select)).await
    }

    /// Returns the first row of `select`; none when there is none.
    pub(super) async fn one<R: FromQueryResult>(&self, select: &SelectStatement) -> Result<Option<R>, StorageError> {
        let statement = DbBackend::Sqlite.build(select);
        self.observe(&statement.sql);
        let row = self.connection.query_one_raw(statement).await.map_err(|error| self.fail(&error))?;
        row.map(|row| R::from_query_result(&row, "")).transpose().map_err(|error| self.fail(&error))
    }

    /// Returns all rows of a statement that the query builder cannot express.
    pub(super) async fn all_raw<R: FromQueryResult>(&self, statement: Statement) -> Result<Vec<R>, StorageError> {
        self.observe(&statement.sql);
        let rows = self.connection.query_all_raw(statement).await.map_err(|error| self.fail(&error))?;
        let rows = rows.iter().map(|row| R::from_query_result(row, "")).collect::<Result<_, _>>();
        rows.map_err(|error| self.fail(&error))
    }

    /// Inserts one row and returns its id.
    pub(super) async fn insert<S: StatementBuilder + Sync>(&self, insert: &S) -> Result<i64, StorageError> {
        id_of(&self.run(DbBackend::Sqlite.build(insert)).await?)
    }

    /// Inserts one row or, where the condition of the statement does not hold, none; returns its id.
    pub(super) async fn insert_if<S: StatementBuilder + Sync>(&self, insert: &S) -> Result<Option<i64>, StorageError> {
        let result = self.run(DbBackend::Sqlite.build(insert)).await?;
        (result.rows_affected() > 0).then(|| id_of(&result)).transpose()
    }

    /// Runs a statement that writes, and returns what it says of the rows.
    pub(super) async fn returning<R: FromQueryResult, S: StatementBuilder + Sync>(
        &self,
        statement: &S,
    ) -> Result<Vec<R>, StorageError> {
        self.all_raw(DbBackend::Sqlite.build(statement)).await
    }

    /// Runs a statement and returns how many rows it changed.
    pub(super) async fn execute<S: StatementBuilder + Sync>(&self, statement: &S) -> Result<u64, StorageError> {
        Ok(self.run(DbBackend::Sqlite.build(statement)).await?.rows_affected())
    }

    /// Runs a statement that the query builder cannot express, and returns how many rows it changed.
    pub(super) async fn execute_raw(&self, statement: Statement) -> Result<u64, StorageError> {
        Ok(self.run(statement).await?.rows_affected())
    }

    async fn run(&self, statement: Statement) -> Result<ExecResult, StorageError> {
        self.observe(&statement.sql);
        self.connection.execute_raw(statement).await.map_err(|error| self.fail(&error))
    }

    fn observe(&self, sql: &str) {
        if let Some(StatementObserver(observer)) = self.observer {
            observer(sql);
        }
    }

    fn fail(&self, error: &sea_orm::DbErr) -> StorageError {
        storage_error(self.path, error)
    }
}

impl<'a> Single<'a> {
    /// Takes the write lock, waiting up to 10 s for it, and begins a transaction.
    ///
    /// This is the only way to begin one: a transaction that reads first and asks for the lock later fails at once
    /// when somebody else wrote in between, whatever the timeout.
    pub(super) async fn begin(&self) -> Result<Transaction<'a>, StorageError> {
        self.observe("BEGIN IMMEDIATE");
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let connection = self.connection.begin_with_options(options).await.map_err(|error| self.fail(&error))?;
        Ok(Session { connection, path: self.path, observer: self.observer })
    }
}

impl Transaction<'_> {
    /// Makes everything durable that the transaction did.
    pub(super) async fn commit(self) -> Result<(), StorageError> {
        self.observe("COMMIT");
        let path = self.path;
        self.connection.commit().await.map_err(|error| storage_error(path, &error))
    }
}

fn id_of(inserted: &ExecResult) -> Result<i64, StorageError> {
    let id = inserted.last_insert_id();
    i64::try_from(id).map_err(|_| StorageError::Failed(format!("{id} is not an id")))
}

/// Makes a statement from SQL that has no parameters.
pub(super) fn sql(text: impl Into<String>) -> Statement {
    Statement::from_string(DbBackend::Sqlite, text)
}
