//! `FleetStore`.

use cafleet_domain::agent::{AgentKind, AgentStatus};
use cafleet_domain::backend::Backend;
use cafleet_domain::fleet::{FleetDetail, FleetSummary};
use cafleet_domain::id::FleetId;
use cafleet_domain::ports::Storage;
use cafleet_tests::storage_fixtures::{at, fleet, fleet_request, member, pane, send, user};

on_every_storage![
    a_new_fleet_has_a_director_and_an_administrator,
    live_fleets_are_listed_newest_first,
    a_fleet_is_found_as_it_was_created,
    a_deleted_fleet_keeps_its_history,
    ids_of_fleets_are_separate,
    a_thousand_fleets_are_listed,
];

async fn a_new_fleet_has_a_director_and_an_administrator(store: &dyn Storage) {
    let request = fleet_request(5);
    let FleetDetail { fleet, director, placement, administrator } = store.create_fleet(&request).await.unwrap();
    assert_eq!((fleet.id.get(), fleet.label.as_deref(), fleet.created_at), (1, Some("my-project"), at(5)));
    assert_eq!((fleet.deleted_at, fleet.director), (None, director.id));
    assert_eq!((director.name.as_str(), director.kind), ("Director", AgentKind::Director));
    assert_eq!(director.description, "Root Director for this fleet");
    assert_eq!((director.status, director.registered_at, director.fleet), (AgentStatus::Active, at(5), fleet.id));
    assert_eq!(director.skills, "[]");

    let placement = placement.unwrap();
    assert_eq!((placement.agent, placement.director), (director.id, None));
    assert_eq!((placement.pane, placement.coding_agent), (Some(pane(0)), Backend::CLAUDE));
    assert_eq!(placement.created_at, at(5));

    let found = store.find_agent(fleet.id, administrator).await.unwrap().unwrap();
    assert_eq!((found.agent.name.as_str(), found.agent.kind), ("Administrator", AgentKind::Administrator));
    assert_eq!(found.agent.description, "Built-in administrator agent for this fleet");
    assert_eq!(found.placement, None);
    assert!(store.list_members(fleet.id).await.unwrap().unwrap().is_empty());
}

async fn live_fleets_are_listed_newest_first(store: &dyn Storage) {
    assert_eq!(store.list_fleets().await, Ok(Vec::new()));
    let mut ids = Vec::new();
    for seconds in [10, 20, 10, 30] {
        ids.push(store.create_fleet(&fleet_request(seconds)).await.unwrap().fleet.id);
    }
    user(store, ids[0], "reviewer").await;
    store.delete_fleet(ids[3], at(40)).await.unwrap();

    let listed = store.list_fleets().await.unwrap();
    let summary = |row: &FleetSummary| (row.fleet.id, row.agent_count);
    assert_eq!(listed.iter().map(summary).collect::<Vec<_>>(), [(ids[1], 2), (ids[0], 3), (ids[2], 2)]);
    assert_eq!(listed[1].fleet, store.find_fleet(ids[0]).await.unwrap().unwrap().fleet);
}

async fn a_fleet_is_found_as_it_was_created(store: &dyn Storage) {
    let mut request = fleet_request(0);
    request.label = None;
    let created = store.create_fleet(&request).await.unwrap();
    assert_eq!(store.find_fleet(created.fleet.id).await, Ok(Some(created)));
    assert_eq!(store.find_fleet(FleetId::try_from(99).unwrap()).await, Ok(None));
}

async fn a_deleted_fleet_keeps_its_history(store: &dyn Storage) {
    let created = fleet(store).await;
    let id = created.fleet.id;
    let worker = member(store, &created, "worker", 1).await;
    let gone = user(store, id, "gone").await;
    store.deregister_agent(id, gone.id, at(2)).await.unwrap();
    let task = send(store, id, created.director.id, worker.id, "hello", 3).await;
    let delivery = store.find_delivery(task.id).await.unwrap();

    assert_eq!(store.delete_fleet(FleetId::try_from(99).unwrap(), at(9)).await, Ok(None));
    assert_eq!(store.delete_fleet(id, at(10)).await, Ok(Some(3)));
    assert_eq!(store.delete_fleet(id, at(11)).await, Ok(Some(0)));

    let found = store.find_fleet(id).await.unwrap().unwrap();
    assert_eq!(found.fleet.deleted_at, Some(at(10)));
    assert_eq!((found.placement, found.director.status), (None, AgentStatus::Deregistered(at(10))));
    assert_eq!(found.administrator, created.administrator);
    for (agent, left) in [(worker.id, 10), (created.administrator, 10), (gone.id, 2)] {
        let agent = store.find_agent(id, agent).await.unwrap().unwrap();
        assert_eq!((agent.agent.status, agent.placement), (AgentStatus::Deregistered(at(left)), None));
    }
    assert_eq!(store.find_task(id, task.id).await, Ok(Some(task.clone())));
    assert_eq!(store.find_delivery(task.id).await.unwrap(), delivery);
    assert_eq!(store.list_agents(id).await, Ok(Some(Vec::new())));
    assert_eq!(store.list_members(id).await, Ok(Some(Vec::new())));
    assert_eq!(store.list_fleets().await, Ok(Vec::new()));
}

async fn ids_of_fleets_are_separate(store: &dyn Storage) {
    let (first, second) = (fleet(store).await, fleet(store).await);
    let worker = member(store, &first, "worker", 1).await;
    store.delete_fleet(second.fleet.id, at(5)).await.unwrap();
    let found = store.find_agent(first.fleet.id, worker.id).await.unwrap().unwrap();
    assert!(found.agent.is_active() && found.placement.is_some());
    assert_eq!(store.list_agents(first.fleet.id).await.unwrap().unwrap().len(), 3);
}

async fn a_thousand_fleets_are_listed(store: &dyn Storage) {
    for seconds in 0..1_000 {
        store.create_fleet(&fleet_request(seconds)).await.unwrap();
    }
    let listed = store.list_fleets().await.unwrap();
    assert_eq!(listed.len(), 1_000);
    assert!(listed.is_sorted_by(|newer, older| newer.fleet.created_at > older.fleet.created_at));
    assert!(listed.iter().all(|row| row.agent_count == 2));
}
