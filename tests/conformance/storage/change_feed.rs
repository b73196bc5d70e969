//! `ChangeFeed`: waiting for others, the record of changes, and which store it is.

use std::time::{Duration, Instant};

use cafleet_adapters::sqlite::{SqliteOptions, SqliteStorage, Synchronous};
use cafleet_domain::change::{Change, Subject};
use cafleet_domain::delivery::{DeliveryState, DeliveryStatus};
use cafleet_domain::id::TaskId;
use cafleet_domain::ports::storage::{BroadcastRequest, FleetStore, Heartbeat, MonitorChange, MonitorClaimed, Sent};
use cafleet_domain::ports::{ChangeFeed, ChangeSpan, Maintenance, Storage};
use cafleet_tests::storage_fixtures::{at, fleet, fleet_request, member, pending_member, send};
use cafleet_tests::temp_database::TempDatabase;

/// Two handles on one store: what is read and waited for goes through the one, what others commit through the other.
#[derive(Clone, Copy)]
struct Handles<'a> {
    store: &'a dyn Storage,
    feed: &'a dyn ChangeFeed,
    other: &'a dyn Storage,
}

/// Runs each case on two handles on a fresh store of each implementation.
macro_rules! on_every_feed {
    ($($case:ident),+ $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test]
                async fn $case() {
                    use cafleet_domain::ports::Maintenance as _;

                    let database = cafleet_tests::temp_database::TempDatabase::new();
                    let (store, other) = (database.storage(), database.storage());
                    super::$case(super::Handles { store: &store, feed: &store, other: &other }).await;
                    assert_eq!(store.check().await, Ok(Vec::new()));
                    other.close().await.unwrap();
                    store.close().await.unwrap();
                }
            )+
        }
    };
}

on_every_feed![
    a_wait_ends_soon_after_a_commit_of_another_handle,
    a_commit_between_the_read_and_the_wait_is_not_missed,
    two_waits_both_notice_what_was_not_read,
    a_wait_ends_with_its_time_and_own_commits_do_not_count,
    everything_that_is_told_is_recorded_in_order,
    what_nobody_is_told_is_not_recorded,
    changes_are_read_in_portions,
    who_asks_again_with_the_last_number_gets_everything_once,
];

const LONG: Duration = Duration::from_secs(20);

async fn a_wait_ends_soon_after_a_commit_of_another_handle(Handles { store, feed, other }: Handles<'_>) {
    let created = fleet(other).await;
    let director = created.director.id;
    assert_eq!(store.inbox(created.fleet.id, director).await, Ok(Some(Vec::new())));
    let write = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        send(other, created.fleet.id, created.administrator, director, "wake up", 1).await;
        Instant::now()
    };
    let wait = async {
        feed.wait(LONG).await.unwrap();
        Instant::now()
    };
    let (committed, woken) = tokio::join!(write, wait);
    assert!(woken.saturating_duration_since(committed) < Duration::from_secs(1));
    assert_eq!(store.inbox(created.fleet.id, director).await.unwrap().unwrap().len(), 1);
}

async fn a_commit_between_the_read_and_the_wait_is_not_missed(Handles { store, feed, other }: Handles<'_>) {
    let created = fleet(other).await;
    for _ in 0..3 {
        store.list_fleets().await.unwrap();
        send(other, created.fleet.id, created.director.id, created.director.id, "early", 1).await;
        let begun = Instant::now();
        feed.wait(LONG).await.unwrap();
        assert!(begun.elapsed() < LONG / 2);
    }
}

async fn two_waits_both_notice_what_was_not_read(Handles { store, feed, other }: Handles<'_>) {
    let created = fleet(other).await;
    store.list_fleets().await.unwrap();
    send(other, created.fleet.id, created.director.id, created.director.id, "early", 1).await;
    let begun = Instant::now();
    feed.wait(LONG).await.unwrap();
    feed.wait(LONG).await.unwrap();
    assert!(begun.elapsed() < LONG / 2);
}

async fn a_wait_ends_with_its_time_and_own_commits_do_not_count(Handles { store, feed, .. }: Handles<'_>) {
    let created = fleet(store).await;
    store.list_fleets().await.unwrap();
    send(store, created.fleet.id, created.director.id, created.director.id, "my own", 1).await;
    let begun = Instant::now();
    feed.wait(Duration::from_millis(60)).await.unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(60));
}

async fn who_asks_again_with_the_last_number_gets_everything_once(Handles { store, feed, other }: Handles<'_>) {
    let created = fleet(store).await;
    let (id, from, to) = (created.fleet.id, created.director.id, created.administrator);
    let begin = feed.span().await.unwrap().newest;
    let write = async |through: &dyn Storage| {
        for number in 0..100 {
            send(through, id, from, to, "hello", number).await;
        }
    };
    let read = async {
        let mut read: Vec<Change> = Vec::new();
        while read.len() < 200 {
            let last = read.last().map_or(begin, |change| change.id.get());
            read.extend(feed.after(None, last, 7).await.unwrap());
            tokio::task::yield_now().await;
        }
        read
    };
    let both = async { tokio::join!(write(store), write(other), read).2 };
    let read = tokio::time::timeout(LONG, both).await.expect("nothing is left out");
    assert_eq!(feed.after(None, begin, 1000).await, Ok(read));
}

/// Returns what was recorded since, and moves `after` to its end.
async fn news(feed: &dyn ChangeFeed, after: &mut i64) -> Vec<Subject> {
    let changes = feed.after(None, *after, 1000).await.unwrap();
    let is_after = |change: &Change, number: i64| change.id.get() > number;
    assert!(changes.first().is_none_or(|first| is_after(first, *after)));
    assert!(changes.is_sorted_by(|left, right| is_after(right, left.id.get())));
    *after = changes.last().map_or(*after, |last| last.id.get());
    assert_eq!(feed.span().await.unwrap().newest, *after);
    changes.into_iter().map(|change| change.subject).collect()
}

async fn everything_that_is_told_is_recorded_in_order(Handles { store, feed, .. }: Handles<'_>) {
    assert_eq!(feed.span().await, Ok(ChangeSpan::default()));
    let mut after = 0;
    let created = fleet(store).await;
    let (id, director, administrator) = (created.fleet.id, created.director.id, created.administrator);
    assert_eq!(news(feed, &mut after).await, [Subject::Agent(director), Subject::Agent(administrator)]);
    assert_eq!(feed.span().await, Ok(ChangeSpan { forgotten: 0, newest: after }));

    let worker = pending_member(store, &created, "worker").await.id;
    assert_eq!(news(feed, &mut after).await, [Subject::Agent(worker)]);
    store.record_pane(id, worker, &cafleet_tests::storage_fixtures::pane(1)).await.unwrap();
    assert_eq!(news(feed, &mut after).await, [Subject::Agent(worker)]);

    let task = send(store, id, director, worker, "hello", 2).await.id;
    assert_eq!(news(feed, &mut after).await, [Subject::Message(task)]);
    store.record_deliveries(&[task], &DeliveryStatus::because(DeliveryState::Held, "a"), at(3)).await.unwrap();
    store.record_deliveries(&[task], &DeliveryStatus::because(DeliveryState::Held, "b"), at(3)).await.unwrap();
    assert_eq!(news(feed, &mut after).await, [Subject::Delivery(task), Subject::Delivery(task)]);
    store.acknowledge(id, worker, task, at(4)).await.unwrap();
    assert_eq!(news(feed, &mut after).await, [Subject::Status(task)]);

    let request = BroadcastRequest { fleet: id, from: administrator, text: "all".to_owned(), now: at(5) };
    let Sent::Stored(broadcast) = store.broadcast(&request).await.unwrap() else { panic!("refused") };
    let parts: Vec<TaskId> = broadcast.deliveries.iter().map(|stored| stored.task.id).collect();
    assert!(news(feed, &mut after).await.into_iter().eq(parts.iter().map(|part| Subject::Message(*part))));
    store.cancel(id, administrator, broadcast.summary.id, at(6)).await.unwrap();
    assert!(news(feed, &mut after).await.into_iter().eq(parts.iter().map(|part| Subject::Status(*part))));

    let change = MonitorChange { interval_seconds: Some(5), enabled: None };
    store.configure_monitor(id, worker, change).await.unwrap();
    store.stamp_ping(worker, at(7)).await.unwrap();
    assert_eq!(news(feed, &mut after).await, [Subject::Agent(worker), Subject::Agent(worker)]);
    let run = Heartbeat { fleet: id, pid: 7, started_at: at(7), last_tick_at: at(7), tick_seconds: 5 };
    assert_eq!(store.claim_monitor(&run, None).await, Ok(MonitorClaimed::Owner));
    store.beat(&run, at(8)).await.unwrap();
    store.release_monitor(&run).await.unwrap();
    assert_eq!(news(feed, &mut after).await, [Subject::Monitor; 3]);

    store.deregister_agent(id, worker, at(9)).await.unwrap();
    assert_eq!(news(feed, &mut after).await, [Subject::Agent(worker)]);
    let failed = pending_member(store, &created, "failed").await.id;
    store.withdraw_member(id, failed, at(9)).await.unwrap();
    assert_eq!(news(feed, &mut after).await, [Subject::Agent(failed), Subject::Agent(failed)]);
    store.delete_fleet(id, at(10)).await.unwrap();
    assert_eq!(news(feed, &mut after).await, [Subject::Agent(director), Subject::Agent(administrator)]);
}

async fn what_nobody_is_told_is_not_recorded(Handles { store, feed, .. }: Handles<'_>) {
    let mut after = 0;
    let created = fleet(store).await;
    let id = created.fleet.id;
    let worker = member(store, &created, "worker", 1).await.id;
    let task = send(store, id, created.director.id, worker, "hello", 2).await.id;
    store.acknowledge(id, worker, task, at(3)).await.unwrap();
    news(feed, &mut after).await;
    store.acknowledge(id, worker, task, at(4)).await.unwrap();
    let claim = store.claim_pane(worker, at(4), Duration::from_secs(5)).await.unwrap().unwrap();
    store.release_pane(worker, claim).await.unwrap();
    let held = DeliveryStatus::because(DeliveryState::Held, "is asking");
    store.record_deliveries(&[task], &held, at(5)).await.unwrap();
    assert_eq!(news(feed, &mut after).await, [Subject::Delivery(task)]);
    store.record_deliveries(&[task], &held, at(6)).await.unwrap();
    store.configure_monitor(id, worker, MonitorChange::default()).await.unwrap();
    store.list_members(id).await.unwrap();
    assert_eq!(news(feed, &mut after).await, []);
}

async fn changes_are_read_in_portions(Handles { store, feed, .. }: Handles<'_>) {
    let (ours, theirs) = (fleet(store).await, fleet(store).await);
    for turn in 0..20 {
        let detail = if turn % 2 == 0 { &ours } else { &theirs };
        send(store, detail.fleet.id, detail.director.id, detail.administrator, "x", 1).await;
    }
    let all = feed.after(None, 0, 1000).await.unwrap();
    assert_eq!(all.len(), 24);
    for fleet in [None, Some(ours.fleet.id), Some(theirs.fleet.id)] {
        let expected: Vec<Change> =
            all.iter().filter(|change| fleet.is_none_or(|fleet| change.fleet == fleet)).copied().collect();
        let mut read: Vec<Change> = Vec::new();
        loop {
            let after = read.last().map_or(0, |last| last.id.get());
            let portion = feed.after(fleet, after, 5).await.unwrap();
            assert!(portion.len() <= 5);
            if portion.is_empty() {
                break;
            }
            read.extend(portion);
        }
        assert_eq!(read, expected);
    }
    assert_eq!(feed.after(None, i64::MAX, 5).await, Ok(Vec::new()));
}

#[tokio::test]
async fn another_store_in_the_same_place_has_another_identity() {
    let database = TempDatabase::new();
    let (store, second) = (database.storage(), database.storage());
    let (feed, other): (&dyn ChangeFeed, &dyn ChangeFeed) = (&store, &second);
    assert_eq!(feed.identity(), None, "there is none");
    fleet(&store).await;
    let first = feed.identity().expect("a store");
    assert!(first.id.as_str().bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'), "{first:?}");
    second.list_fleets().await.unwrap();
    assert_eq!(other.identity(), Some(first.clone()), "both handles are on it");
    let copy = database.directory().join("copy.db");
    store.backup(&copy).await.unwrap();
    let options = SqliteOptions { database: copy.display().to_string(), synchronous: Synchronous::Normal };
    let of_copy = SqliteStorage::new(&options).unwrap().identity().expect("a store");
    assert_ne!(of_copy.id, first.id);
    std::fs::rename(&copy, database.path()).unwrap();
    assert_eq!(feed.identity().expect("a store").id, of_copy.id, "which store is there, not which is open");
    std::fs::remove_file(database.path()).unwrap();
    assert_eq!(feed.identity(), None);
    // what is open has lost its file
    drop((store.close().await, second.close().await));
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
            waiter.wait(Duration::from_millis(50)).await.unwrap();
        }
    };
    let (blocked, ()) = tokio::join!(write, wait);
    assert_eq!(blocked, 0, "a reader would have blocked the truncation");
    assert!(waiter.find_fleet(created.fleet.id).await.unwrap().is_some());
    writer.close().await.unwrap();
    waiter.close().await.unwrap();
}
