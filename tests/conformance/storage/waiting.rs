//! `wait_for_change`.

use std::time::{Duration, Instant};

use cafleet_domain::ports::Maintenance;
use cafleet_domain::ports::storage::{FleetStore, TaskStore};
use cafleet_tests::storage_fixtures::{fleet, fleet_request, send};
use cafleet_tests::temp_database::TempDatabase;

const LONG: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_wait_ends_soon_after_a_commit_of_somebody_else() {
    let database = TempDatabase::new();
    let (waiter, writer) = (database.storage(), database.storage());
    let created = fleet(&writer).await;
    let director = created.director.id;
    assert_eq!(waiter.inbox(created.fleet.id, director).await, Ok(Some(Vec::new())));
    let write = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        send(&writer, created.fleet.id, created.administrator, director, "wake up", 1).await;
        Instant::now()
    };
    let wait = async {
        waiter.wait_for_change(LONG).await.unwrap();
        Instant::now()
    };
    let (committed, woken) = tokio::join!(write, wait);
    assert!(woken.saturating_duration_since(committed) < Duration::from_secs(1));
    assert_eq!(waiter.inbox(created.fleet.id, director).await.unwrap().unwrap().len(), 1);
    writer.close().await.unwrap();
    waiter.close().await.unwrap();
}

#[tokio::test]
async fn a_commit_between_the_read_and_the_wait_is_not_missed() {
    let database = TempDatabase::new();
    let (waiter, writer) = (database.storage(), database.storage());
    let created = fleet(&writer).await;
    for _ in 0..3 {
        waiter.list_fleets().await.unwrap();
        send(&writer, created.fleet.id, created.director.id, created.director.id, "early", 1).await;
        let begun = Instant::now();
        waiter.wait_for_change(LONG).await.unwrap();
        assert!(begun.elapsed() < LONG / 2);
    }
    writer.close().await.unwrap();
    waiter.close().await.unwrap();
}

#[tokio::test]
async fn two_waiters_on_one_store_both_notice_what_neither_has_read() {
    let database = TempDatabase::new();
    let (waiter, writer) = (database.storage(), database.storage());
    let created = fleet(&writer).await;
    waiter.list_fleets().await.unwrap();
    send(&writer, created.fleet.id, created.director.id, created.director.id, "early", 1).await;
    let begun = Instant::now();
    waiter.wait_for_change(LONG).await.unwrap();
    waiter.wait_for_change(LONG).await.unwrap();
    assert!(begun.elapsed() < LONG / 2);
    writer.close().await.unwrap();
    waiter.close().await.unwrap();
}

#[tokio::test]
async fn a_wait_ends_with_its_time_and_own_commits_do_not_count() {
    let database = TempDatabase::new();
    let store = database.storage();
    let created = fleet(&store).await;
    store.list_fleets().await.unwrap();
    send(&store, created.fleet.id, created.director.id, created.director.id, "my own", 1).await;
    let begun = Instant::now();
    store.wait_for_change(Duration::from_millis(60)).await.unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(60));
    store.close().await.unwrap();
}

#[tokio::test]
async fn a_wait_holds_no_lock() {
    let database = TempDatabase::new();
    let (waiter, writer) = (database.storage(), database.storage());
    let created = fleet(&writer).await;
    waiter.list_fleets().await.unwrap();
    let write = async {
        for seconds in 0..20 {
            writer.create_fleet(&fleet_request(seconds)).await.unwrap();
        }
        let raw = database.raw();
        raw.busy_timeout(Duration::from_millis(200)).unwrap();
        raw.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0)).unwrap()
    };
    let wait = async {
        for _ in 0..5 {
            waiter.wait_for_change(Duration::from_millis(50)).await.unwrap();
        }
    };
    let (blocked, ()) = tokio::join!(write, wait);
    assert_eq!(blocked, 0, "a reader would have blocked the truncation");
    assert!(waiter.find_fleet(created.fleet.id).await.unwrap().is_some());
    writer.close().await.unwrap();
    waiter.close().await.unwrap();
}
