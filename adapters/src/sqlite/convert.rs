//! Stored values → domain values. A value that is not what it must be is an error that names table, column and row.

use std::fmt::Display;
use std::str::FromStr;

use cafleet_domain::id::InvalidId;
use cafleet_domain::ports::StorageError;

/// The row that is being read.
#[derive(Clone, Copy)]
pub(super) struct Row {
    /// Its table.
    pub(super) table: &'static str,
    /// Its primary key.
    pub(super) id: i64,
}

impl Row {
    /// Makes the error for `column`.
    pub(super) fn corrupt(&self, column: &'static str, detail: impl Display) -> StorageError {
        StorageError::Corrupt { table: self.table, column, row: self.id, detail: detail.to_string() }
    }

    /// Reads an identifier.
    pub(super) fn id<T: TryFrom<i64, Error = InvalidId>>(
        &self,
        column: &'static str,
        value: i64,
    ) -> Result<T, StorageError> {
        T::try_from(value).map_err(|error| self.corrupt(column, format!("{value} is not an id: {error}")))
    }

    /// Reads a number of a narrower type.
    pub(super) fn convert<T: TryFrom<i64>>(&self, column: &'static str, value: i64) -> Result<T, StorageError> {
        T::try_from(value).map_err(|_| self.corrupt(column, format!("{value} is out of range")))
    }

    /// Reads a text that stands for something: a time, a state, a kind.
    pub(super) fn parse<T: FromStr<Err: Display>>(&self, column: &'static str, text: &str) -> Result<T, StorageError> {
        text.parse().map_err(|error| self.corrupt(column, error))
    }

    /// As [`Row::parse`], for a column that may be null.
    pub(super) fn parse_optional<T: FromStr<Err: Display>>(
        &self,
        column: &'static str,
        text: Option<&str>,
    ) -> Result<Option<T>, StorageError> {
        text.map(|text| self.parse(column, text)).transpose()
    }
}

/// Converts rows into domain values.
pub(super) fn all<M, T: TryFrom<M, Error = StorageError>>(models: Vec<M>) -> Result<Vec<T>, StorageError> {
    models.into_iter().map(T::try_from).collect()
}
