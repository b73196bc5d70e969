//! The contract of `Storage`: every sentence of the five traits, as a case that runs on every implementation.

#![expect(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

/// Runs each case on a fresh store of each implementation. On SQLite the rules of the data model must hold after it.
macro_rules! on_every_storage {
    ($($case:ident),+ $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test]
                async fn $case() {
                    use cafleet_domain::ports::Maintenance as _;

                    let database = cafleet_tests::temp_database::TempDatabase::new();
                    let store = database.storage();
                    super::$case(&store).await;
                    assert_eq!(store.check().await, Ok(Vec::new()));
                    store.close().await.unwrap();
                }
            )+
        }
    };
}

mod agents;
mod change_feed;
mod contention;
mod corruption;
mod deliveries;
mod fleets;
mod maintenance;
mod members;
mod monitor;
mod plans;
mod tasks;
mod views;
