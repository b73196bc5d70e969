//! Many writers at once, each with a connection of its own, as separate processes have.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cafleet_adapters::sqlite::{SqliteStorage, StatementObserver};
use cafleet_domain::id::TaskId;
use cafleet_domain::ports::storage::{Acknowledged, Canceled, ClaimStore, FleetStore, MonitorStore, Sent, TaskStore};
use cafleet_domain::ports::{Maintenance, StorageError};
use cafleet_domain::screen::ScreenState;
use cafleet_domain::task::TaskState;
use cafleet_tests::storage_fixtures::{at, fleet, fleet_request, member, message, send};
use cafleet_tests::temp_database::TempDatabase;

/// Runs `work` on as many threads as there are numbers, each with its own runtime and storage.
fn on_threads<T: Send + 'static, F>(database: &Arc<TempDatabase>, threads: usize, work: F) -> Vec<T>
where
    F: AsyncFn(usize, &SqliteStorage) -> T + Send + Sync + 'static,
{
    let work = Arc::new(work);
    let running: Vec<_> = (0..threads)
        .map(|number| {
            let (database, work) = (Arc::clone(database), Arc::clone(&work));
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(async {
                    let store = database.storage();
                    let result = work(number, &store).await;
                    store.close().await.unwrap();
                    result
                })
            })
        })
        .collect();
    running.into_iter().map(|thread| thread.join().unwrap()).collect()
}

#[tokio::test]
async fn thirty_two_writers_send_two_hundred_messages_each_without_an_error() {
    let database = Arc::new(TempDatabase::new());
    let store = database.storage();
    let created = fleet(&store).await;
    let (id, from, to) = (created.fleet.id, created.director.id, created.administrator);
    let sent = on_threads(&database, 32, async move |_, store: &SqliteStorage| {
        let mut ids = Vec::new();
        for number in 0..200 {
            match store.send(&message(id, from, to, "hello", number)).await {
                Ok(Sent::Stored(stored)) => ids.push(stored.task.id),
                failed => panic!("{failed:?}"),
            }
        }
        ids
    });
    let ids: BTreeSet<TaskId> = sent.into_iter().flatten().collect();
    assert_eq!(ids.len(), 32 * 200);
    let inbox = store.inbox(id, to).await.unwrap().unwrap();
    assert!(inbox.iter().map(|task| task.id).eq(ids), "every id that was answered is there");
    assert_eq!(store.check().await, Ok(Vec::new()));
    store.close().await.unwrap();
}

#[tokio::test]
async fn of_an_acknowledgement_and_a_cancellation_at_once_one_wins_and_the_other_is_told() {
    let database = Arc::new(TempDatabase::new());
    let store = database.storage();
    let created = fleet(&store).await;
    let (id, from, to) = (created.fleet.id, created.director.id, created.administrator);
    for _ in 0..30 {
        let task = send(&store, id, from, to, "hello", 1).await.id;
        let outcomes = on_threads(&database, 4, async move |number, store: &SqliteStorage| {
            let now = at(10 + number as u64);
            if number % 2 == 0 {
                match store.acknowledge(id, to, task, now).await.unwrap() {
                    Acknowledged::Done(task) => Some((task.state, task.state_at)),
                    Acknowledged::Refused(_) => None,
                    other => panic!("{other:?}"),
                }
            } else {
                match store.cancel(id, from, task, now).await.unwrap() {
                    Canceled::Done(task) => Some((task.state, task.state_at)),
                    Canceled::Refused(_) => None,
                    other => panic!("{other:?}"),
                }
            }
        });
        let stored = store.find_task(id, task).await.unwrap().unwrap();
        assert_ne!(stored.state, TaskState::InputRequired);
        let told: Vec<_> = outcomes.into_iter().flatten().collect();
        assert_eq!(told, [(stored.state, stored.state_at); 2], "both of the winning kind, the same time");
    }
    store.close().await.unwrap();
}

#[tokio::test]
async fn of_many_claims_on_a_pane_at_once_one_is_granted() {
    let database = Arc::new(TempDatabase::new());
    let store = database.storage();
    let created = fleet(&store).await;
    let worker = member(&store, &created, "worker", 1).await.id;
    for round in 0..10 {
        let now = at(round * 10);
        let granted = on_threads(&database, 8, async move |number, store: &SqliteStorage| {
            store.claim_pane(worker, now, Duration::from_millis(9_000 + number as u64)).await.unwrap()
        });
        assert_eq!(granted.iter().flatten().count(), 1, "{granted:?}");
    }
    store.close().await.unwrap();
}

#[tokio::test]
async fn eight_that_start_at_once_where_there_is_no_database_all_succeed() {
    for _ in 0..15 {
        let database = Arc::new(TempDatabase::new());
        let ids = on_threads(&database, 8, async |_, store: &SqliteStorage| {
            store.create_fleet(&fleet_request(1)).await.map(|created| created.fleet.id.get())
        });
        let ids: BTreeSet<i64> = ids.into_iter().map(|id| id.unwrap()).collect();
        assert_eq!(ids, (1..=8).collect());
    }
}

#[tokio::test]
async fn the_log_stays_small_over_thousands_of_short_lives() {
    let database = TempDatabase::new();
    let holder = database.storage();
    let created = fleet(&holder).await;
    let log = database.directory().join("cafleet.db-wal");
    let mut largest = 0;
    for number in 0..1_000 {
        let store = database.storage();
        for _ in 0..3 {
            send(&store, created.fleet.id, created.director.id, created.administrator, "hello", number).await;
        }
        store.close().await.unwrap();
        largest = largest.max(log.metadata().map_or(0, |file| file.len()));
    }
    assert!(largest < 8 * 1024 * 1024, "{largest} bytes, with a process that holds the file open");
    holder.close().await.unwrap();
    assert!(!log.exists(), "the last one to close moves the log into the database");
}

#[tokio::test]
async fn a_locked_database_is_busy_after_the_timeout_and_nothing_is_written() {
    let database = TempDatabase::new();
    let store = database.storage();
    let created = fleet(&store).await;
    let raw = database.raw();
    raw.execute_batch("BEGIN IMMEDIATE").unwrap();
    let begun = std::time::Instant::now();
    let request = message(created.fleet.id, created.director.id, created.administrator, "hello", 1);
    assert_eq!(store.send(&request).await, Err(StorageError::Busy));
    assert!(begun.elapsed() >= Duration::from_secs(9), "{:?}", begun.elapsed());
    assert_eq!(store.inbox(created.fleet.id, created.administrator).await, Ok(Some(Vec::new())), "readers go on");
    raw.execute_batch("COMMIT").unwrap();
    assert!(matches!(store.send(&request).await, Ok(Sent::Stored(_))));
    store.close().await.unwrap();
}

#[tokio::test]
async fn a_sighting_is_joined_to_what_somebody_else_wrote_in_between() {
    let database = Arc::new(TempDatabase::new());
    let between = Arc::clone(&database);
    // somebody else has seen its pane gone, after this one has read and before it writes
    let rests = format!("UPDATE sightings SET state = 'gone', since = '{now}', seen_at = '{now}'", now = at(30));
    let first = AtomicBool::new(true);
    let observer = StatementObserver::new(move |sql| {
        if sql.starts_with("INSERT INTO sightings") && first.swap(false, Ordering::SeqCst) {
            assert_eq!(between.raw().execute(&rests, []).unwrap(), 1);
        }
    });
    let (store, other) = (database.storage().observed_by(observer), database.storage());
    let created = fleet(&other).await;
    let worker = member(&other, &created, "worker", 1).await.id;
    let asking = [(worker, Some(ScreenState::Asking))];
    other.note_pane_statuses(&asking, at(10)).await.unwrap();
    let joined = store.note_pane_statuses(&asking, at(40)).await.unwrap();
    assert_eq!(joined[&worker].since, at(40), "it was gone in between");
    assert_eq!(other.pane_statuses(&[worker]).await, Ok(joined));
    store.close().await.unwrap();
    other.close().await.unwrap();
}
