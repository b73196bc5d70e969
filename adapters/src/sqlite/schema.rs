//! The schema: which one a file has, how it is created and upgraded.

use std::time::{Duration, Instant};

use cafleet_domain::ports::{Prepared, StorageError};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, FromQueryResult, QueryResult};
use sea_orm_migration::SchemaManager;

use super::error::{is_busy, storage_error};
use super::migration::questions_before;
use super::place::{BUSY_TIMEOUT, Place};
use super::session::{Session, Single, Transaction, sql};
use super::{backup, check};

/// `PRAGMA application_id` of our files: "CAFl". A file of another program is recognised by it.
const APPLICATION_ID: i64 = 0x4341_466c;

/// Pause between two attempts to switch to WAL, for which SQLite itself does not wait.
const RETRY_PAUSE: Duration = Duration::from_millis(5);

/// What every command asks, in one round trip. Each pragma reads for itself, so together they may show half of what
/// another process is just doing: only "all is well" can be concluded from them.
const GLANCE: &str = "PRAGMA user_version; PRAGMA application_id; PRAGMA data_version; PRAGMA journal_mode";

/// What tells one kind of file from another, as of one moment.
const INSPECTION: &str = "SELECT (SELECT user_version FROM pragma_user_version) AS schema,
     (SELECT application_id FROM pragma_application_id) AS application,
     (SELECT count(*) FROM sqlite_schema) AS objects";

/// The answer to [`INSPECTION`].
#[derive(FromQueryResult)]
struct Found {
    schema: i64,
    application: i64,
    objects: i64,
}

/// The only column of a pragma's answer.
enum Answer {
    Number(i64),
    Text(String),
}

impl FromQueryResult for Answer {
    fn from_query_result(row: &QueryResult, _prefix: &str) -> Result<Self, DbErr> {
        row.try_get_by_index(0).map(Self::Number).or_else(|_| row.try_get_by_index(0).map(Self::Text))
    }
}

/// What is to be done with a file.
enum Verdict {
    Empty,
    Head,
    Old(u32),
}

/// Makes sure that the file has the schema this program knows: creates it in an empty file, refuses any other.
/// Returns `PRAGMA data_version`, before anybody has read through the connection.
pub(super) async fn check_or_create(place: &Place, raw: &DatabaseConnection) -> Result<i64, StorageError> {
    let session = place.session(raw);
    let answers: Vec<Answer> = session.all_raw(sql(GLANCE)).await?;
    let [Answer::Number(schema), Answer::Number(application), Answer::Number(data_version), Answer::Text(journal)] =
        answers.as_slice()
    else {
        return Err(not_sqlite());
    };
    let head = place.newest_schema();
    if (*schema, *application, journal.as_str()) == (i64::from(head), APPLICATION_ID, "wal") {
        return Ok(*data_version);
    }
    match judge(place, &session).await? {
        // A restored backup, which SQLite writes without a log.
        Verdict::Head => use_wal(place, raw).await?,
        Verdict::Empty => {
            migrate(place, raw, Backup::No).await?;
        }
        Verdict::Old(found) => return Err(StorageError::SchemaTooOld { found, needed: head }),
    }
    let versions: Vec<Answer> = session.all_raw(sql("PRAGMA data_version")).await?;
    match versions.as_slice() {
        [Answer::Number(version)] => Ok(*version),
        _ => Err(not_sqlite()),
    }
}

/// Makes sure that the schema is still the one this program knows.
pub(super) async fn verify(place: &Place, session: &Single<'_>) -> Result<(), StorageError> {
    match judge(place, session).await? {
        Verdict::Head => Ok(()),
        Verdict::Old(found) => Err(StorageError::SchemaTooOld { found, needed: place.newest_schema() }),
        Verdict::Empty => Err(StorageError::Unavailable(format!("database {} is empty", session.path.display()))),
    }
}

/// Returns the number of the schema of a database that can be put in the place of this one.
pub(super) async fn of_copy(place: &Place, session: &Single<'_>) -> Result<u32, StorageError> {
    match judge(place, session).await? {
        Verdict::Head => Ok(place.newest_schema()),
        Verdict::Old(found) => Ok(found),
        Verdict::Empty => {
            Err(StorageError::Unavailable(format!("{} is not a database of cafleet", session.path.display())))
        }
    }
}

fn not_sqlite() -> StorageError {
    StorageError::Failed("the database does not answer as SQLite does".to_owned())
}

/// Creates the schema or upgrades it; see [`super::SqliteStorage::init`].
pub(super) async fn init(place: &Place) -> Result<Prepared, StorageError> {
    let raw = place.open_unchecked().await?;
    let done = migrate(place, &raw, Backup::Yes).await;
    place.close_raw(&raw).await?;
    done
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Backup {
    Yes,
    No,
}

/// Runs the missing migrations in one immediate transaction: whoever comes second finds nothing left to do, and a
/// process that dies leaves the schema as it was.
async fn migrate(place: &Place, raw: &DatabaseConnection, keep: Backup) -> Result<Prepared, StorageError> {
    // A foreign file is refused before anything changes in it, the journal mode included.
    let session = place.session(raw);
    judge(place, &session).await?;
    use_wal(place, raw).await?;
    let transaction = session.begin().await?;
    let needed = place.newest_schema();
    match judge(place, &transaction).await? {
        Verdict::Head => Ok(Prepared::AtHead),
        Verdict::Old(found) if keep == Backup::No => Err(StorageError::SchemaTooOld { found, needed }),
        Verdict::Old(from) => {
            // Nobody can write now, and the copy is made through a second connection: it cannot be made in here.
            let backup = backup::before_upgrade(place, from).await?;
            match apply(place, transaction, from).await? {
                misfits if misfits.is_empty() => Ok(Prepared::Upgraded { from, to: needed, backup }),
                misfits => Err(StorageError::UpgradeRefused { found: from, needed, misfits, backup }),
            }
        }
        Verdict::Empty => {
            apply(place, transaction, 0).await?;
            Ok(Prepared::Created)
        }
    }
}

/// Applies the missing migrations and returns nothing, or applies none of them and returns what does not fit.
async fn apply(place: &Place, transaction: Transaction<'_>, from: u32) -> Result<Vec<String>, StorageError> {
    let manager = SchemaManager::new(&transaction.connection);
    for migration in (place.migrations)().iter().skip(from as usize) {
        // in a database that is only now created there are no rows
        let questions = if from == 0 { Vec::new() } else { questions_before(&**migration) };
        let misfits = check::ask(&transaction, &questions).await?;
        if !misfits.is_empty() {
            return Ok(misfits);
        }
        migration.up(&manager).await.map_err(|error| storage_error(&place.path, &error))?;
    }
    transaction.execute_raw(sql(format!("PRAGMA application_id = {APPLICATION_ID}"))).await?;
    transaction.execute_raw(sql(format!("PRAGMA user_version = {}", place.newest_schema()))).await?;
    transaction.commit().await?;
    Ok(Vec::new())
}

async fn judge<C: ConnectionTrait>(place: &Place, session: &Session<'_, C>) -> Result<Verdict, StorageError> {
    let needed = place.newest_schema();
    let found: Vec<Found> = session.all_raw(sql(INSPECTION)).await?;
    match found.as_slice() {
        [Found { schema, application: APPLICATION_ID, .. }] if *schema > 0 => match u32::try_from(*schema) {
            Ok(schema) if schema == needed => Ok(Verdict::Head),
            Ok(schema) if schema < needed => Ok(Verdict::Old(schema)),
            schema => Err(StorageError::SchemaTooNew { found: schema.unwrap_or(u32::MAX), needed }),
        },
        [Found { schema: 0, application: 0, objects: 0 }] => Ok(Verdict::Empty),
        _ => Err(StorageError::Unavailable(format!(
            "{} is a database of another program; set CAFLEET_DATABASE_URL to another file",
            session.path.display()
        ))),
    }
}

/// Switches the file to WAL, which it keeps. SQLite does not wait for the lock that this takes, so this does.
async fn use_wal(place: &Place, raw: &DatabaseConnection) -> Result<(), StorageError> {
    let deadline = Instant::now() + BUSY_TIMEOUT;
    loop {
        match raw.query_one_raw(sql("PRAGMA journal_mode = WAL")).await {
            Ok(_) => return Ok(()),
            Err(error) if is_busy(&error) && Instant::now() < deadline => tokio::time::sleep(RETRY_PAUSE).await,
            Err(error) => return Err(storage_error(&place.path, &error)),
        }
    }
}
