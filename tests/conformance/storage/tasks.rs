//! `TaskStore`.

use cafleet_domain::broadcast::receives;
use cafleet_domain::fleet::FleetDetail;
use cafleet_domain::id::{AgentId, TaskId};
use cafleet_domain::ports::Storage;
use cafleet_domain::ports::storage::{Acknowledged, BroadcastRequest, BroadcastStored, Canceled, Sent};
use cafleet_domain::task::{AcknowledgeRefused, CancelRefused, Task, TaskKind, TaskState};
use cafleet_tests::storage_fixtures::{at, fleet, member, message, pending_member, send, user};

on_every_storage![
    a_message_is_stored_as_it_was_sent,
    a_doorbell_is_owed_to_who_has_a_pane_or_is_about_to_get_one,
    both_ends_of_a_message_must_be_active_in_the_fleet,
    a_broadcast_reaches_everybody_else_but_administrators,
    a_broadcast_needs_an_active_sender,
    a_broadcast_to_nobody_is_a_summary,
    a_broadcast_to_1200_recipients,
    an_inbox_holds_what_waits_by_id,
    acknowledging_happens_once_and_the_first_time_stands,
    only_the_recipient_acknowledges,
    canceling_takes_back_what_waits,
    canceling_a_summary_cancels_the_deliveries_that_wait,
    a_task_is_visible_in_the_fleet_of_its_ends_alone,
];

fn nobody() -> AgentId {
    AgentId::try_from(99_999).unwrap()
}

async fn broadcast(store: &dyn Storage, fleet: &FleetDetail, from: AgentId) -> BroadcastStored {
    let request = BroadcastRequest { fleet: fleet.fleet.id, from, text: "to all".to_owned(), now: at(4) };
    match store.broadcast(&request).await.unwrap() {
        Sent::Stored(stored) => stored,
        refused => panic!("{refused:?}"),
    }
}

async fn a_message_is_stored_as_it_was_sent(store: &dyn Storage) {
    let created = fleet(store).await;
    let (id, from) = (created.fleet.id, created.director.id);
    let to = user(store, id, "helper").await.id;
    let text = "'; DROP TABLE tasks; --\r\n日本語\u{1F600}\u{1b}[0m";
    let task = send(store, id, from, to, text, 4).await;
    let expected = Task {
        id: TaskId::try_from(1).unwrap(),
        context: to,
        from,
        to: Some(to),
        kind: TaskKind::Unicast,
        created_at: at(4),
        state: TaskState::InputRequired,
        state_at: at(4),
        origin: None,
        text: text.to_owned(),
        is_notice: false,
    };
    assert_eq!(task, expected);
    assert_eq!(store.find_task(id, task.id).await, Ok(Some(expected)));
    assert_eq!(send(store, id, from, to, "", 4).await.id.get(), 2);
    let large = "x".repeat(1024 * 1024);
    let task = send(store, id, from, to, &large, 4).await;
    assert_eq!(store.find_task(id, task.id).await.unwrap().unwrap().text, large);
}

async fn a_doorbell_is_owed_to_who_has_a_pane_or_is_about_to_get_one(store: &dyn Storage) {
    let created = fleet(store).await;
    let (id, director) = (created.fleet.id, created.director.id);
    let placed = member(store, &created, "placed", 1).await.id;
    let pending = pending_member(store, &created, "pending").await.id;
    let user = user(store, id, "user").await.id;
    for (from, to, rings) in [
        (director, placed, true),
        (user, director, true),
        (director, pending, true),
        (director, user, false),
        (director, created.administrator, false),
        (placed, placed, false),
    ] {
        let Sent::Stored(stored) = store.send(&message(id, from, to, "ring", 4)).await.unwrap() else {
            panic!("refused")
        };
        assert_eq!(stored.rings, rings, "{from} -> {to}");
        assert_eq!(store.find_delivery(stored.task.id).await.unwrap().is_some(), rings, "{from} -> {to}");
    }
}

async fn both_ends_of_a_message_must_be_active_in_the_fleet(store: &dyn Storage) {
    let (created, other) = (fleet(store).await, fleet(store).await);
    let (id, director) = (created.fleet.id, created.director.id);
    let gone = user(store, id, "gone").await.id;
    store.deregister_agent(id, gone, at(2)).await.unwrap();
    for (from, to, refused) in [
        (nobody(), director, Sent::UnknownSender),
        (other.director.id, director, Sent::UnknownSender),
        (nobody(), nobody(), Sent::UnknownSender),
        (gone, director, Sent::SenderLeft),
        (gone, gone, Sent::SenderLeft),
        (director, gone, Sent::RecipientNotActive),
        (director, nobody(), Sent::RecipientNotActive),
        (director, other.director.id, Sent::RecipientNotActive),
    ] {
        assert_eq!(store.send(&message(id, from, to, "no", 4)).await, Ok(refused), "{from} -> {to}");
    }
    assert_eq!(send(store, id, director, director, "yes", 4).await.id.get(), 1, "nothing else was written");
}

async fn a_broadcast_reaches_everybody_else_but_administrators(store: &dyn Storage) {
    let created = fleet(store).await;
    let id = created.fleet.id;
    let placed = member(store, &created, "placed", 1).await.id;
    let pending = pending_member(store, &created, "pending").await.id;
    let gone = member(store, &created, "gone", 2).await.id;
    let helper = user(store, id, "helper").await.id;
    let reader = user(store, id, "reader").await.id;
    store.deregister_agent(id, gone, at(2)).await.unwrap();
    member(store, &fleet(store).await, "stranger", 3).await;

    let BroadcastStored { summary, deliveries } = broadcast(store, &created, helper).await;
    assert_eq!((summary.context, summary.from, summary.to), (helper, helper, None));
    assert_eq!((summary.kind, summary.state), (TaskKind::BroadcastSummary, TaskState::Completed));
    assert_eq!((summary.origin, summary.text.as_str()), (Some(summary.id), "Broadcast sent to 4 recipients"));
    assert_eq!(store.find_task(id, summary.id).await, Ok(Some(summary.clone())));

    let reached: Vec<_> = deliveries.iter().map(|row| (row.task.context, row.rings)).collect();
    assert_eq!(reached, [(created.director.id, true), (placed, true), (pending, true), (reader, false)]);
    let agents = store.list_agents(id).await.unwrap().unwrap();
    let named = agents.iter().filter(|agent| receives(agent, helper)).map(|agent| agent.id);
    assert!(reached.into_iter().map(|(agent, _)| agent).eq(named));
    for (row, next) in deliveries.iter().zip(&deliveries[1..]) {
        assert!(row.task.id < next.task.id);
    }
    for row in deliveries {
        assert_eq!((row.task.to, row.task.from), (Some(row.task.context), helper));
        assert_eq!((row.task.origin, row.task.text.as_str()), (Some(summary.id), "to all"));
        assert_eq!(store.find_delivery(row.task.id).await.unwrap().is_some(), row.rings);
        assert_eq!(store.inbox(id, row.task.context).await, Ok(Some(vec![row.task])));
    }
    assert_eq!(store.inbox(id, helper).await, Ok(Some(Vec::new())));
    assert_eq!(store.inbox(id, created.administrator).await, Ok(Some(Vec::new())));
}

async fn a_broadcast_needs_an_active_sender(store: &dyn Storage) {
    let (created, other) = (fleet(store).await, fleet(store).await);
    let gone = user(store, created.fleet.id, "gone").await.id;
    store.deregister_agent(created.fleet.id, gone, at(2)).await.unwrap();
    for (from, refused) in
        [(nobody(), Sent::UnknownSender), (other.director.id, Sent::UnknownSender), (gone, Sent::SenderLeft)]
    {
        let request = BroadcastRequest { fleet: created.fleet.id, from, text: "no".to_owned(), now: at(4) };
        assert_eq!(store.broadcast(&request).await, Ok(refused));
    }
    let director = created.director.id;
    assert_eq!(store.inbox(created.fleet.id, director).await, Ok(Some(Vec::new())));
}

async fn a_broadcast_to_nobody_is_a_summary(store: &dyn Storage) {
    let created = fleet(store).await;
    let stored = broadcast(store, &created, created.director.id).await;
    assert_eq!((stored.deliveries.len(), stored.summary.text.as_str()), (0, "Broadcast sent to 0 recipients"));
}

async fn a_broadcast_to_1200_recipients(store: &dyn Storage) {
    let created = fleet(store).await;
    let id = created.fleet.id;
    let mut last = created.director.id;
    for number in 0..1_200 {
        last = user(store, id, &format!("user {number}")).await.id;
    }
    let stored = broadcast(store, &created, created.director.id).await;
    assert_eq!(stored.deliveries.len(), 1_200);
    assert_eq!(stored.summary.text, "Broadcast sent to 1200 recipients");
    let newest = stored.deliveries.last().unwrap().task.clone();
    assert_eq!(newest.context, last);
    assert_eq!(store.find_task(id, newest.id).await, Ok(Some(newest)));
    assert!(send(store, id, last, last, "next", 5).await.id > stored.deliveries[1_199].task.id);
}

async fn an_inbox_holds_what_waits_by_id(store: &dyn Storage) {
    let (created, other) = (fleet(store).await, fleet(store).await);
    let (id, director) = (created.fleet.id, created.director.id);
    let helper = user(store, id, "helper").await.id;
    assert_eq!(store.inbox(id, helper).await, Ok(Some(Vec::new())));
    let mut sent = Vec::new();
    for seconds in [9, 5, 7, 6] {
        sent.push(send(store, id, director, helper, "hello", seconds).await);
    }
    send(store, id, helper, director, "to another", 4).await;
    store.acknowledge(id, helper, sent[1].id, at(10)).await.unwrap();
    store.cancel(id, director, sent[2].id, at(10)).await.unwrap();
    assert_eq!(store.inbox(id, helper).await, Ok(Some(vec![sent[0].clone(), sent[3].clone()])));
    assert_eq!(store.inbox(id, nobody()).await, Ok(None));
    assert_eq!(store.inbox(other.fleet.id, helper).await, Ok(None));
}

async fn acknowledging_happens_once_and_the_first_time_stands(store: &dyn Storage) {
    let created = fleet(store).await;
    let (id, director) = (created.fleet.id, created.director.id);
    let helper = user(store, id, "helper").await.id;
    let task = send(store, id, director, helper, "hello", 4).await;
    let done = Task { state: TaskState::Completed, state_at: at(8), ..task.clone() };
    assert_eq!(store.acknowledge(id, helper, task.id, at(8)).await, Ok(Acknowledged::Done(done.clone())));
    assert_eq!(store.acknowledge(id, helper, task.id, at(9)).await, Ok(Acknowledged::Done(done.clone())));
    let refused = Canceled::Refused(CancelRefused::Acknowledged(task.id));
    assert_eq!(store.cancel(id, director, task.id, at(9)).await, Ok(refused));
    assert_eq!(store.find_task(id, task.id).await, Ok(Some(done)));
}

async fn only_the_recipient_acknowledges(store: &dyn Storage) {
    let (created, other) = (fleet(store).await, fleet(store).await);
    let (id, director) = (created.fleet.id, created.director.id);
    let helper = user(store, id, "helper").await.id;
    let task = send(store, id, director, helper, "hello", 4).await;
    let refused = Acknowledged::Refused(AcknowledgeRefused::NotRecipient(task.id));
    assert_eq!(store.acknowledge(id, director, task.id, at(8)).await, Ok(refused));
    assert_eq!(store.acknowledge(id, nobody(), task.id, at(8)).await, Ok(Acknowledged::UnknownAgent));
    let stranger = other.director.id;
    assert_eq!(store.acknowledge(id, stranger, task.id, at(8)).await, Ok(Acknowledged::UnknownAgent));
    assert_eq!(
        store.acknowledge(other.fleet.id, stranger, task.id, at(8)).await,
        Ok(Acknowledged::UnknownTask),
        "a task of another fleet"
    );
    let unknown = TaskId::try_from(99).unwrap();
    assert_eq!(store.acknowledge(id, helper, unknown, at(8)).await, Ok(Acknowledged::UnknownTask));
    let summary = broadcast(store, &created, director).await.summary;
    let refused = Acknowledged::Refused(AcknowledgeRefused::NotRecipient(summary.id));
    assert_eq!(store.acknowledge(id, director, summary.id, at(8)).await, Ok(refused));
    assert_eq!(store.find_task(id, task.id).await, Ok(Some(task)));
}

async fn canceling_takes_back_what_waits(store: &dyn Storage) {
    let (created, other) = (fleet(store).await, fleet(store).await);
    let (id, director) = (created.fleet.id, created.director.id);
    let helper = user(store, id, "helper").await.id;
    let task = send(store, id, director, helper, "hello", 4).await;
    let refused = Canceled::Refused(CancelRefused::NotSender(task.id));
    assert_eq!(store.cancel(id, helper, task.id, at(8)).await, Ok(refused));
    assert_eq!(store.cancel(id, nobody(), task.id, at(8)).await, Ok(Canceled::UnknownAgent));
    let foreign = store.cancel(other.fleet.id, other.director.id, task.id, at(8)).await;
    assert_eq!(foreign, Ok(Canceled::UnknownTask));

    let done = Task { state: TaskState::Canceled, state_at: at(8), ..task.clone() };
    assert_eq!(store.cancel(id, director, task.id, at(8)).await, Ok(Canceled::Done(done.clone())));
    assert_eq!(store.cancel(id, director, task.id, at(9)).await, Ok(Canceled::Done(done.clone())));
    let refused = Acknowledged::Refused(AcknowledgeRefused::Canceled(task.id));
    assert_eq!(store.acknowledge(id, helper, task.id, at(9)).await, Ok(refused));
    assert_eq!(store.find_task(id, task.id).await, Ok(Some(done)));
}

async fn canceling_a_summary_cancels_the_deliveries_that_wait(store: &dyn Storage) {
    let created = fleet(store).await;
    let (id, director) = (created.fleet.id, created.director.id);
    for name in ["a", "b", "c"] {
        user(store, id, name).await;
    }
    let other = broadcast(store, &created, director).await;
    let BroadcastStored { summary, deliveries } = broadcast(store, &created, director).await;
    let first = deliveries[0].task.clone();
    store.acknowledge(id, first.context, first.id, at(7)).await.unwrap();

    assert_eq!(store.cancel(id, director, summary.id, at(8)).await, Ok(Canceled::Done(summary.clone())));
    assert_eq!(store.cancel(id, director, summary.id, at(9)).await, Ok(Canceled::Done(summary.clone())));
    let mut states = Vec::new();
    for row in &deliveries {
        let task = store.find_task(id, row.task.id).await.unwrap().unwrap();
        states.push((task.state, task.state_at));
    }
    let canceled = (TaskState::Canceled, at(8));
    assert_eq!(states, [(TaskState::Completed, at(7)), canceled, canceled]);
    assert_eq!(store.find_task(id, summary.id).await, Ok(Some(summary)));
    for row in other.deliveries {
        assert_eq!(store.inbox(id, row.task.context).await, Ok(Some(vec![row.task])));
    }
}

async fn a_task_is_visible_in_the_fleet_of_its_ends_alone(store: &dyn Storage) {
    let (created, other) = (fleet(store).await, fleet(store).await);
    let id = created.fleet.id;
    let task = send(store, id, created.director.id, created.administrator, "hello", 4).await;
    let summary = broadcast(store, &created, created.director.id).await.summary;
    for visible in [task, summary] {
        assert_eq!(store.find_task(other.fleet.id, visible.id).await, Ok(None));
        assert_eq!(store.find_task(id, visible.id).await, Ok(Some(visible)));
    }
    assert_eq!(store.find_task(id, TaskId::try_from(99).unwrap()).await, Ok(None));
}
