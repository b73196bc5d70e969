//! `MonitorStore`. Nothing writes a heartbeat through the port yet, so these rows are written past it.

use cafleet_domain::ports::storage::{Heartbeat, MonitorStore};
use cafleet_tests::storage_fixtures::{at, fleet};
use cafleet_tests::temp_database::TempDatabase;

#[tokio::test]
async fn heartbeats_are_listed_by_fleet() {
    let database = TempDatabase::new();
    let store = database.storage();
    assert_eq!(store.heartbeats().await, Ok(Vec::new()));
    let (first, second) = (fleet(&store).await.fleet.id, fleet(&store).await.fleet.id);
    for (fleet, pid) in [(second, 22), (first, 11)] {
        let row = (fleet.get(), pid, at(1).to_string(), at(2).to_string(), 5);
        database.raw().execute("INSERT INTO monitor_runtime VALUES (?, ?, ?, ?, ?)", row).unwrap();
    }
    let beat = |fleet, pid| Heartbeat { fleet, pid, started_at: at(1), last_tick_at: at(2), tick_seconds: 5 };
    assert_eq!(store.heartbeats().await, Ok(vec![beat(first, 11), beat(second, 22)]));
    cafleet_domain::ports::storage::FleetStore::delete_fleet(&store, first, at(9)).await.unwrap();
    assert_eq!(store.heartbeats().await, Ok(vec![beat(second, 22)]));
    store.close().await.unwrap();
}
