//! `ViewStore`: overview and pages.

use cafleet_domain::delivery::{DeliveryState, DeliveryStatus};
use cafleet_domain::id::{AgentId, FleetId, TaskId};
use cafleet_domain::message::{MessagePage, PAGE_SIZE};
use cafleet_domain::ports::storage::{BroadcastRequest, MonitorChange, Sent, ViewStore};
use cafleet_tests::storage_fixtures::{at, fleet, member, send, user};

on_every_storage!(
    a_fleet_is_live_until_it_is_deleted,
    the_overview_knows_all_of_an_agent,
    the_overview_keeps_who_left_and_owns_messages,
    the_overview_names_the_oldest_bell_that_did_not_ring,
    a_message_has_names_and_its_doorbell,
    pages_are_newest_first_and_end,
    pages_are_of_one_fleet,
    messages_are_found_by_their_ids_within_their_fleet,
);

async fn a_fleet_is_live_until_it_is_deleted(store: &dyn ViewStore) {
    let created = fleet(store).await.fleet.id;
    assert_eq!(store.is_live(created).await, Ok(true));
    assert_eq!(store.is_live(FleetId::try_from(99).unwrap()).await, Ok(false));
    store.delete_fleet(created, at(9)).await.unwrap();
    assert_eq!(store.is_live(created).await, Ok(false));
}

async fn the_overview_knows_all_of_an_agent(store: &dyn ViewStore) {
    let created = fleet(store).await;
    let id = created.fleet.id;
    let worker = member(store, &created, "worker", 1).await;
    let helper = user(store, id, "helper").await;
    let other = fleet(store).await;
    user(store, other.fleet.id, "stranger").await;
    for _ in 0..3 {
        send(store, id, helper.id, worker.id, "hello", 2).await;
    }
    let overview = store.overview(id).await.unwrap();
    let ids: Vec<AgentId> = overview.iter().map(|row| row.agent.id).collect();
    assert_eq!(ids, [created.director.id, created.administrator, worker.id, helper.id]);
    let row = &overview[2];
    assert_eq!(row.agent, worker);
    let placed = store.find_agent(id, worker.id).await.unwrap().unwrap();
    assert_eq!((row.placement.clone(), row.pending), (placed.placement, 3));
    let config = store.configure_monitor(id, worker.id, MonitorChange::default()).await.unwrap();
    assert_eq!(row.monitor, config);
    let row = &overview[3];
    assert_eq!((&row.placement, &row.monitor, row.pending), (&None, &None, 0));
}

async fn the_overview_keeps_who_left_and_owns_messages(store: &dyn ViewStore) {
    let created = fleet(store).await;
    let id = created.fleet.id;
    let [sender, receiver, silent] =
        [user(store, id, "a").await, user(store, id, "b").await, user(store, id, "c").await];
    send(store, id, sender.id, created.director.id, "hello", 2).await;
    send(store, id, created.director.id, receiver.id, "hello", 2).await;
    for agent in [&sender, &receiver, &silent] {
        store.deregister_agent(id, agent.id, at(3)).await.unwrap();
    }
    let overview = store.overview(id).await.unwrap();
    let left: Vec<AgentId> = overview.iter().filter(|row| !row.agent.is_active()).map(|row| row.agent.id).collect();
    assert_eq!(left, [sender.id, receiver.id]);
}

async fn the_overview_names_the_oldest_bell_that_did_not_ring(store: &dyn ViewStore) {
    let created = fleet(store).await;
    let id = created.fleet.id;
    let worker = member(store, &created, "worker", 1).await;
    let other = member(store, &created, "other", 2).await;
    let mut tasks = Vec::new();
    for to in [&worker, &worker, &worker, &worker, &other] {
        tasks.push(send(store, id, created.administrator, to.id, "hello", 2).await.id);
    }
    let stuck = async |agent: AgentId| {
        let overview = store.overview(id).await.unwrap();
        overview.into_iter().find(|row| row.agent.id == agent).unwrap().stuck.map(|bell| bell.task)
    };
    assert_eq!(stuck(worker.id).await, None, "owed is not stuck");
    for (task, state) in
        [(tasks[0], DeliveryState::Submitted), (tasks[1], DeliveryState::Failed), (tasks[2], DeliveryState::Held)]
    {
        store.record_deliveries(&[task], &DeliveryStatus::because(state, "a reason"), at(3)).await.unwrap();
    }
    assert_eq!((stuck(worker.id).await, stuck(other.id).await), (Some(tasks[1]), None));
    let overview = store.overview(id).await.unwrap();
    let bell = overview.into_iter().find_map(|row| row.stuck).unwrap();
    assert_eq!(Some(bell), store.find_delivery(tasks[1]).await.unwrap());
    for (done, next) in [(tasks[1], Some(tasks[2])), (tasks[2], None)] {
        store.acknowledge(id, worker.id, done, at(4)).await.unwrap();
        assert_eq!(stuck(worker.id).await, next);
    }
}

async fn a_message_has_names_and_its_doorbell(store: &dyn ViewStore) {
    let created = fleet(store).await;
    let id = created.fleet.id;
    let worker = member(store, &created, "worker", 1).await;
    let task = send(store, id, created.administrator, worker.id, "hello", 2).await;
    let status = DeliveryStatus::because(DeliveryState::Held, "is asking");
    store.record_deliveries(&[task.id], &status, at(4)).await.unwrap();
    let page = store.timeline_page(id, None).await.unwrap();
    let [message] = page.messages.as_slice() else { panic!("{page:?}") };
    assert_eq!(message.task, task);
    assert_eq!((message.from_name.as_str(), message.to_name.as_str()), ("Administrator", "worker"));
    assert_eq!(message.delivery, store.find_delivery(task.id).await.unwrap());
    assert_eq!(message.delivery.as_ref().map(|delivery| &delivery.status), Some(&status));
    let unrung = send(store, id, worker.id, created.administrator, "hello", 2).await;
    let page = store.timeline_page(id, None).await.unwrap();
    assert_eq!((page.messages[0].task.id, &page.messages[0].delivery), (unrung.id, &None));
}

fn ids(page: &MessagePage) -> Vec<TaskId> {
    page.messages.iter().map(|message| message.task.id).collect()
}

async fn pages_are_newest_first_and_end(store: &dyn ViewStore) {
    let created = fleet(store).await;
    let (id, director, administrator) = (created.fleet.id, created.director.id, created.administrator);
    assert_eq!(store.timeline_page(id, None).await, Ok(MessagePage::default()));
    let mut sent = Vec::new();
    for number in 0..u64::try_from(PAGE_SIZE).unwrap() {
        // the clock goes backwards
        sent.push(send(store, id, director, administrator, "x", 1000 - number).await.id);
    }
    sent.reverse();
    for _ in 0..2 {
        let pages = [
            store.timeline_page(id, None).await.unwrap(),
            store.received_page(id, administrator, None).await.unwrap().unwrap(),
            store.sent_page(id, director, None).await.unwrap().unwrap(),
        ];
        for page in pages {
            assert_eq!(ids(&page), sent[..PAGE_SIZE]);
            assert_eq!(page.next, (sent.len() > PAGE_SIZE).then(|| sent[PAGE_SIZE - 1]));
        }
        sent.insert(0, send(store, id, director, administrator, "one more", 0).await.id);
    }
    sent.remove(0);
    let rest = store.timeline_page(id, Some(sent[PAGE_SIZE - 1])).await.unwrap();
    assert_eq!((ids(&rest), rest.next), (sent[PAGE_SIZE..].to_vec(), None));
    assert_eq!(store.received_page(id, director, None).await, Ok(Some(MessagePage::default())));
}

async fn pages_are_of_one_fleet(store: &dyn ViewStore) {
    let (ours, theirs) = (fleet(store).await, fleet(store).await);
    let (us, them) = (ours.fleet.id, theirs.fleet.id);
    send(store, them, theirs.director.id, theirs.administrator, "secret", 1).await;
    assert_eq!(store.timeline_page(us, None).await, Ok(MessagePage::default()));
    for agent in [theirs.director.id, theirs.administrator, AgentId::try_from(99).unwrap()] {
        assert_eq!(store.received_page(us, agent, None).await, Ok(None));
        assert_eq!(store.sent_page(us, agent, None).await, Ok(None));
    }
    // of a broadcast every part but not the summary
    let request = BroadcastRequest { fleet: them, from: theirs.administrator, text: "all".to_owned(), now: at(3) };
    let Sent::Stored(broadcast) = store.broadcast(&request).await.unwrap() else { panic!("refused") };
    let parts: Vec<TaskId> = broadcast.deliveries.iter().map(|stored| stored.task.id).collect();
    assert_eq!(parts.len(), 1);
    assert_eq!(ids(&store.sent_page(them, theirs.administrator, None).await.unwrap().unwrap()), parts);
    assert_eq!(ids(&store.timeline_page(them, None).await.unwrap())[..1], parts);
}

async fn messages_are_found_by_their_ids_within_their_fleet(store: &dyn ViewStore) {
    let (ours, theirs) = (fleet(store).await, fleet(store).await);
    let mut asked = Vec::new();
    for _ in 0..600 {
        asked.push(send(store, ours.fleet.id, ours.director.id, ours.administrator, "x", 1).await.id);
    }
    let foreign = send(store, theirs.fleet.id, theirs.director.id, theirs.administrator, "x", 1).await.id;
    let sent = asked.clone();
    asked.extend([foreign, TaskId::try_from(9999).unwrap()]);
    asked.reverse();
    let found = store.messages(ours.fleet.id, asked).await.unwrap();
    assert!(found.iter().map(|message| message.task.id).eq(sent));
    assert_eq!(store.messages(ours.fleet.id, Vec::new()).await, Ok(Vec::new()));
}
