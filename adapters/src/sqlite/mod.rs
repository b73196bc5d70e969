//! Storage in an embedded SQLite file, through SeaORM.
