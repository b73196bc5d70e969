//! `AgentStore`: registration, lookup and leaving.

use cafleet_domain::agent::{Agent, AgentKind, AgentStatus};
use cafleet_domain::id::{AgentId, FleetId};
use cafleet_domain::ports::storage::{Deregistered, Registered};
use cafleet_domain::ports::{Storage, StorageError};
use cafleet_tests::storage_fixtures::{at, fleet, member, registration, send, user};

on_every_storage![
    a_registered_agent_is_a_user_without_a_pane,
    skills_must_be_an_array,
    nobody_joins_a_fleet_that_is_not_there,
    agents_are_listed_by_id_while_they_are_active,
    an_agent_of_another_fleet_is_not_found,
    an_agent_leaves_once,
    the_built_in_agents_stay,
];

async fn a_registered_agent_is_a_user_without_a_pane(store: &dyn Storage) {
    let created = fleet(store).await;
    let request = registration(created.fleet.id, "`id` | 名前", 7);
    let Registered::Agent(agent) = store.register_agent(&request).await.unwrap() else { panic!("refused") };
    let expected = Agent {
        id: agent.id,
        fleet: created.fleet.id,
        name: request.name,
        description: request.description,
        kind: AgentKind::User,
        status: AgentStatus::Active,
        registered_at: at(7),
        skills: request.skills,
    };
    assert_eq!(agent, expected);
    let found = store.find_agent(created.fleet.id, agent.id).await.unwrap().unwrap();
    assert_eq!((found.agent, found.placement), (expected, None));
}

async fn skills_must_be_an_array(store: &dyn Storage) {
    let created = fleet(store).await;
    for skills in ["", "{}", "[", "1"] {
        let mut request = registration(created.fleet.id, "worker", 7);
        request.skills = skills.to_owned();
        let failed = store.register_agent(&request).await;
        assert!(matches!(failed, Err(StorageError::Failed(_))), "{skills}: {failed:?}");
    }
    assert_eq!(store.list_agents(created.fleet.id).await.unwrap().unwrap().len(), 2);
}

async fn nobody_joins_a_fleet_that_is_not_there(store: &dyn Storage) {
    let created = fleet(store).await;
    let unknown = registration(FleetId::try_from(99).unwrap(), "worker", 1);
    assert_eq!(store.register_agent(&unknown).await, Ok(Registered::UnknownFleet));
    store.delete_fleet(created.fleet.id, at(5)).await.unwrap();
    let deleted = registration(created.fleet.id, "worker", 6);
    assert_eq!(store.register_agent(&deleted).await, Ok(Registered::DeletedFleet));
    assert_eq!(store.list_agents(created.fleet.id).await, Ok(Some(Vec::new())));
}

async fn agents_are_listed_by_id_while_they_are_active(store: &dyn Storage) {
    let created = fleet(store).await;
    let id = created.fleet.id;
    let worker = member(store, &created, "worker", 1).await;
    let gone = user(store, id, "gone").await;
    let helper = user(store, id, "helper").await;
    user(store, fleet(store).await.fleet.id, "stranger").await;
    store.deregister_agent(id, gone.id, at(9)).await.unwrap();

    let listed: Vec<AgentId> = store.list_agents(id).await.unwrap().unwrap().iter().map(|agent| agent.id).collect();
    assert_eq!(listed, [created.director.id, created.administrator, worker.id, helper.id]);
    assert_eq!(store.list_agents(FleetId::try_from(99).unwrap()).await, Ok(None));
}

async fn an_agent_of_another_fleet_is_not_found(store: &dyn Storage) {
    let (first, second) = (fleet(store).await, fleet(store).await);
    let worker = member(store, &first, "worker", 1).await;
    assert_eq!(store.find_agent(second.fleet.id, worker.id).await, Ok(None));
    assert_eq!(store.find_agent(first.fleet.id, AgentId::try_from(99).unwrap()).await, Ok(None));
    assert_eq!(store.deregister_agent(second.fleet.id, worker.id, at(5)).await, Ok(Deregistered::Unknown));
    assert!(store.find_agent(first.fleet.id, worker.id).await.unwrap().unwrap().agent.is_active());
}

async fn an_agent_leaves_once(store: &dyn Storage) {
    let created = fleet(store).await;
    let id = created.fleet.id;
    let worker = member(store, &created, "worker", 1).await;
    let task = send(store, id, created.director.id, worker.id, "hello", 3).await;
    assert_eq!(store.deregister_agent(id, worker.id, at(5)).await, Ok(Deregistered::Done));
    assert_eq!(store.deregister_agent(id, worker.id, at(9)).await, Ok(Deregistered::Done));
    let found = store.find_agent(id, worker.id).await.unwrap().unwrap();
    assert_eq!((found.agent.status, found.placement), (AgentStatus::Deregistered(at(5)), None));
    assert_eq!(store.inbox(id, worker.id).await, Ok(Some(vec![task])));
    assert_eq!(store.list_members(id).await, Ok(Some(Vec::new())));
}

async fn the_built_in_agents_stay(store: &dyn Storage) {
    let created = fleet(store).await;
    let id = created.fleet.id;
    let refused = store.deregister_agent(id, created.director.id, at(5)).await;
    assert_eq!(refused, Ok(Deregistered::RootDirector));
    let refused = store.deregister_agent(id, created.administrator, at(5)).await;
    assert_eq!(refused, Ok(Deregistered::Administrator));
    assert_eq!(store.list_agents(id).await.unwrap().unwrap().len(), 2);
}
