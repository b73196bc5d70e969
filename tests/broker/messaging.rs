//! Messages: limits, isolation of fleets, waiting.

use std::sync::Arc;
use std::time::{Duration, Instant};

use cafleet_adapters::system::SystemClock;
use cafleet_domain::backend::Backend;
use cafleet_domain::broker::{Broker, BrokerError, OpenPanes, Options, Ports, Wanted};
use cafleet_domain::task::{AcknowledgeRefused, CancelRefused, TaskState};
use cafleet_tests::doubles::Steps;
use cafleet_tests::probe::Table;

use crate::world::{MAX_TEXT_LEN, World, nobody, spec};

/// The longest body.
const MEBIBYTE: usize = 1024 * 1024;

#[tokio::test]
async fn a_body_of_one_mebibyte_is_sent_and_one_byte_more_is_not() {
    let world = World::new();
    let (fleet, _) = world.fleet().await;
    let seat = world.member(&fleet, "Ada", Backend::CLAUDE).await;
    let (id, director, ada, broker) = (fleet.fleet.id, fleet.director.id, seat.agent.id, world.broker());
    let report = broker.mailbox.send(id, director, ada, "x".repeat(MEBIBYTE)).await.expect("a send");
    assert!(report.delivery.is_submitted());
    let shown = world.submitted(&seat.pane).concat();
    assert!(shown.ends_with(&format!("\n{}…", "x".repeat(MAX_TEXT_LEN))), "{shown}");
    assert_eq!(broker.mailbox.poll(id, ada, None).await.expect("an inbox")[0].text.len(), MEBIBYTE);

    let long = "é".repeat(MEBIBYTE / 2) + "x";
    let message = "message text is 1048577 bytes long; the limit is 1048576 bytes (1 MiB)";
    let error = broker.mailbox.send(id, director, ada, long.clone()).await.expect_err("too long");
    assert_eq!(error.to_string(), message);
    let error = broker.mailbox.broadcast(id, director, long).await.expect_err("too long");
    assert_eq!(error.to_string(), message);
    assert_eq!(world.probe().rows(Table::Tasks), 1, "nothing stored");
}

#[tokio::test]
async fn a_body_keeps_every_character_in_the_inbox_and_may_not_be_empty() {
    let world = World::new();
    let (fleet, _) = world.fleet().await;
    let seat = world.member(&fleet, "Ada", Backend::CLAUDE).await;
    let (id, broker) = (fleet.fleet.id, world.broker());
    for text in ["", " \r\n", "\u{200b}"] {
        let refused = broker.mailbox.send(id, fleet.director.id, seat.agent.id, text.to_owned()).await;
        assert_eq!(refused, Err(BrokerError::TextEmpty { what: "message text" }), "{text:?}");
        let refused = broker.mailbox.broadcast(id, fleet.director.id, text.to_owned()).await;
        assert_eq!(refused, Err(BrokerError::TextEmpty { what: "message text" }), "{text:?}");
    }
    for text in ["x", "tabs\tand\r\nlines\u{1b}[0m 日本語 👍\0"] {
        let report = broker.mailbox.send(id, fleet.director.id, seat.agent.id, text.to_owned()).await.expect("a send");
        assert!(report.delivery.is_submitted());
        let (task, delivery) = broker.mailbox.show(id, seat.agent.id, report.task.id).await.expect("a task");
        assert_eq!(task.text, text);
        assert!(delivery.expect("a record").status.is_submitted());
    }
}

/// What is in every table, and what every pane has read.
fn everything(world: &World) -> Vec<String> {
    let panes = (0..9).filter_map(|number| world.multiplexer.pane(&format!("%{number}"))).map(|pane| pane.received);
    world.probe().everything().into_iter().chain(panes).collect()
}

#[tokio::test]
async fn nothing_of_another_fleet_is_read_or_written() {
    let world = World::new();
    let (ours, _) = world.fleet().await;
    let member = world.member(&ours, "Ada", Backend::CLAUDE).await;
    let (theirs, _) = world.fleet().await;
    let stranger = world.member(&theirs, "Eve", Backend::CODEX).await;
    let setup = world.broker();
    let sent = setup.mailbox.send(ours.fleet.id, ours.director.id, member.agent.id, "secret".to_owned()).await;
    let task = sent.expect("a send").task.id;
    let before = everything(&world);

    let (fleet, eve) = (theirs.fleet.id, stranger.agent.id);
    let (director, ada) = (ours.director.id, member.agent.id);
    let (no_fleet, no_agent) = nobody();
    let steps = Steps::default();
    let broker = world.stepped(&steps);
    for alien in [ada, no_agent] {
        let not_in = || BrokerError::NotInFleet { agent: alien, fleet };
        let not_found = || BrokerError::AgentNotFound(alien);
        let text = || "hello".to_owned();
        assert_eq!(broker.mailbox.send(fleet, alien, eve, text()).await.expect_err("alien sender"), not_in());
        let recipient = broker.mailbox.send(fleet, eve, alien, text()).await.expect_err("alien recipient");
        assert_eq!(recipient, BrokerError::RecipientNotActive(alien));
        assert_eq!(broker.mailbox.broadcast(fleet, alien, text()).await.expect_err("alien"), not_in());
        assert_eq!(broker.mailbox.poll(fleet, alien, None).await.expect_err("alien"), not_in());
        assert_eq!(broker.mailbox.acknowledge(fleet, alien, task).await.expect_err("alien"), not_in());
        assert_eq!(broker.mailbox.cancel(fleet, alien, task).await.expect_err("alien"), not_in());
        assert_eq!(broker.mailbox.show(fleet, alien, task).await.expect_err("alien"), not_in());
        assert_eq!(broker.members.show_agent(fleet, alien, eve).await.expect_err("alien viewer"), not_in());
        assert_eq!(broker.members.show_agent(fleet, eve, alien).await.expect_err("alien target"), not_found());
        assert_eq!(broker.members.deregister_agent(fleet, alien, false).await.expect_err("alien"), not_in());
        assert_eq!(broker.members.delete(fleet, alien, true).await.expect_err("alien"), not_found());
        assert_eq!(broker.members.capture(fleet, alien, 30, false).await.expect_err("alien"), not_found());
        assert_eq!(broker.members.choose(fleet, alien, &Wanted::Number(1)).await.expect_err("alien"), not_found());
        assert_eq!(broker.members.answer(fleet, alien, "yes").await.expect_err("alien"), not_found());
        assert_eq!(broker.members.exec(fleet, alien, "ls").await.expect_err("alien"), not_found());
        assert_eq!(broker.members.ping(fleet, alien).await.expect_err("alien"), not_found());
        let created = broker.members.create(fleet, alien, spec("Mallory", Backend::CLAUDE)).await;
        assert_eq!(created.expect_err("alien"), not_in());
    }
    let created = broker.members.create(fleet, director, spec("Mallory", Backend::CLAUDE)).await;
    assert_eq!(created.expect_err("their Director"), BrokerError::NotInFleet { agent: director, fleet });
    let gone = BrokerError::TaskNotFound(task);
    assert_eq!(broker.mailbox.acknowledge(fleet, eve, task).await.expect_err("alien task"), gone);
    assert_eq!(broker.mailbox.cancel(fleet, eve, task).await.expect_err("alien task"), gone);
    assert_eq!(broker.mailbox.show(fleet, eve, task).await.expect_err("alien task"), gone);
    assert_eq!(broker.mailbox.poll(fleet, eve, None).await, Ok(Vec::new()));
    let theirs_only = broker.members.list(fleet).await.expect("a list");
    assert_eq!(theirs_only.iter().map(|view| view.member.agent.id).collect::<Vec<_>>(), [eve]);
    assert!(broker.members.list_agents(fleet).await.expect("a list").iter().all(|agent| agent.fleet == fleet));
    assert_eq!(broker.members.list_agents(no_fleet).await.expect_err("no fleet"), BrokerError::FleetNotFound(no_fleet));
    assert_eq!(broker.members.list(no_fleet).await.expect_err("no fleet"), BrokerError::FleetNotFound(no_fleet));
    assert_eq!(broker.fleets.show(no_fleet).await.expect_err("no fleet"), BrokerError::FleetNotFound(no_fleet));
    assert_eq!(
        broker.fleets.delete(no_fleet, OpenPanes::Refuse).await.expect_err("no fleet"),
        BrokerError::FleetNotFound(no_fleet)
    );

    assert_eq!(everything(&world), before);
    for call in ["paste", "type_keys", "submit_if_shown", "kill", "spawn", "capture", "record_deliveries", "claim_pane"]
    {
        assert!(!steps.calls().contains(&call), "{call}");
    }
}

#[tokio::test]
async fn a_message_is_acknowledged_by_its_recipient_and_canceled_by_its_sender_once() {
    let world = World::new();
    let (fleet, _) = world.fleet().await;
    let seat = world.member(&fleet, "Ada", Backend::CLAUDE).await;
    let (id, director, ada, broker) = (fleet.fleet.id, fleet.director.id, seat.agent.id, world.broker());
    let send = || async {
        let report = broker.mailbox.send(id, director, ada, "hello".to_owned()).await;
        report.expect("a send").task.id
    };
    let task = send().await;
    let refused = broker.mailbox.acknowledge(id, director, task).await;
    assert_eq!(refused, Err(AcknowledgeRefused::NotRecipient(task).into()));
    let refused = broker.mailbox.cancel(id, ada, task).await;
    assert_eq!(refused, Err(CancelRefused::NotSender(task).into()));
    let first = broker.mailbox.acknowledge(id, ada, task).await.expect("an acknowledgement");
    assert_eq!(first.state, TaskState::Completed);
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(broker.mailbox.acknowledge(id, ada, task).await, Ok(first), "the first time stands");
    let refused = broker.mailbox.cancel(id, director, task).await;
    assert_eq!(refused, Err(CancelRefused::Acknowledged(task).into()));

    let task = send().await;
    let canceled = broker.mailbox.cancel(id, director, task).await.expect("a cancellation");
    assert_eq!(canceled.state, TaskState::Canceled);
    let refused = broker.mailbox.acknowledge(id, ada, task).await;
    assert_eq!(refused, Err(AcknowledgeRefused::Canceled(task).into()));
    assert_eq!(broker.mailbox.poll(id, ada, None).await, Ok(Vec::new()));
}

#[tokio::test]
async fn who_has_left_neither_sends_nor_receives() {
    let world = World::new();
    let (fleet, _) = world.fleet().await;
    let (id, director, broker) = (fleet.fleet.id, fleet.director.id, world.broker());
    let eve =
        broker.members.register_agent(id, "Eve".to_owned(), String::new(), "[]".to_owned()).await.expect("an agent").id;
    broker.members.deregister_agent(id, eve, false).await.expect("a deregistration");
    broker.members.deregister_agent(id, eve, false).await.expect("again");
    let sent = broker.mailbox.send(id, eve, director, "hello".to_owned()).await;
    assert_eq!(sent.expect_err("it has left"), BrokerError::SenderLeft(eve));
    let sent = broker.mailbox.broadcast(id, eve, "hello".to_owned()).await;
    assert_eq!(sent.expect_err("it has left"), BrokerError::SenderLeft(eve));
    let sent = broker.mailbox.send(id, director, eve, "hello".to_owned()).await;
    assert_eq!(sent.expect_err("it has left"), BrokerError::RecipientNotActive(eve));
    let sent = broker.mailbox.broadcast(id, director, "hello".to_owned()).await.expect("a broadcast");
    assert_eq!((sent.recipients, sent.notified), (0, 0));
    let stays = broker.members.deregister_agent(id, director, false).await;
    assert_eq!(stays, Err(BrokerError::DirectorStays));
    let stays = broker.members.deregister_agent(id, fleet.administrator, false).await;
    assert_eq!(stays, Err(BrokerError::AdministratorStays));
}

/// Returns a broker of a process of its own that lives in real time, as waiting for another process does.
fn waiting_process(world: &World) -> Broker {
    let ports = Ports { clock: Arc::new(SystemClock), ..world.ports() };
    Broker::new(&ports, &Options::previewing(MAX_TEXT_LEN))
}

#[tokio::test]
async fn a_poll_waits_until_a_message_comes() {
    let world = World::new();
    let (fleet, _) = world.fleet().await;
    let seat = world.member(&fleet, "Ada", Backend::CLAUDE).await;
    let (id, director, ada) = (fleet.fleet.id, fleet.director.id, seat.agent.id);
    let waiter = waiting_process(&world);
    let begun = Instant::now();
    let (tasks, report) = tokio::join!(waiter.mailbox.poll(id, ada, Some(Duration::from_secs(60))), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        // What is not for it does not end the wait.
        let broker = world.broker();
        broker.mailbox.send(id, ada, director, "not for you".to_owned()).await.expect("a send");
        tokio::time::sleep(Duration::from_millis(50)).await;
        broker.mailbox.send(id, director, ada, "at last".to_owned()).await.expect("a send")
    });
    assert_eq!(tasks, Ok(vec![report.task]));
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    let at_once = waiter.mailbox.poll(id, ada, Some(Duration::from_secs(60))).await;
    assert_eq!(at_once.expect("an inbox").len(), 1, "what is there already is not waited for");
}

#[tokio::test]
async fn a_poll_that_waits_in_vain_ends_in_time_with_nothing() {
    let world = World::new();
    let (fleet, _) = world.fleet().await;
    let waiter = waiting_process(&world);
    let begun = Instant::now();
    let tasks = waiter.mailbox.poll(fleet.fleet.id, fleet.director.id, Some(Duration::from_millis(200))).await;
    assert_eq!(tasks, Ok(Vec::new()));
    assert!(begun.elapsed() >= Duration::from_millis(200));
    let (_, no_agent) = nobody();
    let unknown = waiter.mailbox.poll(fleet.fleet.id, no_agent, Some(Duration::from_secs(60))).await;
    assert!(matches!(unknown, Err(BrokerError::NotInFleet { .. })), "refused at once");
}
