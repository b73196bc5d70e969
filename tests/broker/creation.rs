//! Creating fleets and members: whatever fails, and wherever the process dies, no row is left without a pane and no pane
//! without a row.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use cafleet_domain::backend::Backend;
use cafleet_domain::broker::{Broker, BrokerError, OpenPanes, Options, PaneState, Ports};
use cafleet_domain::fleet::FleetDetail;
use cafleet_domain::id::AgentId;
use cafleet_domain::placement::Pane;
use cafleet_domain::ports::storage::AgentStore;
use cafleet_domain::ports::{
    LaunchError, Maintenance, MultiplexerError, OtherStores, PaneHost, SpawnRequest, StorageError,
};
use cafleet_tests::doubles::{FakeMultiplexer, Fate, MockBackendLauncher, MockMultiplexer, Step, Steps};
use cafleet_tests::probe::{Change, Table};
use cafleet_tests::storage_fixtures::member_request;

use crate::world::{World, nobody, spec, until_death};

/// More than a spawn may take.
const LATER: Duration = Duration::from_secs(61);

/// Returns how many panes there are beside the Director's.
fn spawned(multiplexer: &FakeMultiplexer) -> usize {
    (1..10).filter(|number| multiplexer.pane(&format!("%{number}")).is_some()).count()
}

/// Asserts that nothing of a member is left: no row in any table, no pane.
fn assert_no_trace(world: &World, context: &str) {
    for (table, left) in [(Table::Agents, 2), (Table::Placements, 1), (Table::Schedules, 1), (Table::Tasks, 0)] {
        assert_eq!(world.probe().rows(table), left, "{table:?}: {context}");
    }
    assert_eq!(spawned(&world.multiplexer), 0, "{context}");
}

/// Asserts that rows and panes belong together, after the repair that `member list` makes.
async fn assert_settled(world: &World, fleet: &FleetDetail, context: &str) {
    world.clock.advance(LATER);
    let views = world.broker().members.list(fleet.fleet.id).await.expect("a list");
    assert!(views.iter().all(|view| view.pane_state == PaneState::Alive), "{context}: {views:?}");
    assert_eq!(views.len(), spawned(&world.multiplexer), "{context}: {views:?}");
    assert_eq!(world.probe().active_members(), views.len(), "{context}");
    assert_eq!(world.database.storage().check().await, Ok(Vec::new()), "{context}");
}

#[tokio::test]
async fn a_fleet_is_created_as_a_whole_or_not_at_all_wherever_the_process_dies() {
    for number in 0.. {
        let world = World::new();
        world.broker().fleets.list().await.expect("a database");
        let steps = Steps::ending_at(number);
        let created = until_death(&steps, world.stepped(&steps).fleets.create(None, Some(Backend::CODEX), false)).await;
        assert_eq!(world.database.storage().check().await, Ok(Vec::new()));
        let fleets = world.probe().rows(Table::Fleets);
        assert_eq!(world.probe().rows(Table::Agents), 2 * fleets, "step {number}");
        if created.is_some() {
            assert_eq!((fleets, steps.calls()), (1, vec!["caller", "agents_in_pane", "create_fleet"]));
            return;
        }
    }
}

#[tokio::test]
async fn a_fleet_that_cannot_be_created_leaves_no_row() {
    const TABLES: [Table; 4] = [Table::Fleets, Table::Agents, Table::Placements, Table::Schedules];
    for table in TABLES {
        let world = World::new();
        world.broker().fleets.list().await.expect("a database");
        world.probe().refuse(Change::Insert, table);
        let error = world.broker().fleets.create(None, Some(Backend::CLAUDE), false).await.expect_err("no fleet");
        assert!(error.to_string().contains("no room"), "{error}");
        for table in TABLES {
            assert_eq!(world.probe().rows(table), 0, "{table:?}");
        }
    }
}

#[tokio::test]
async fn a_fleet_is_refused_outside_the_multiplexer_and_where_it_does_not_answer() {
    let world = World { multiplexer: FakeMultiplexer::outside(), ..World::new() };
    let error = world.broker().fleets.create(None, Some(Backend::CLAUDE), false).await.expect_err("no fleet");
    assert_eq!(error.to_string(), "a fleet can only be created where its Director has a pane");
    assert!(!world.database.path().exists(), "not even a database");

    let world = World::new();
    world.multiplexer.fail_next(MultiplexerError::Timeout("tmux".to_owned()));
    let error = world.broker().fleets.create(None, Some(Backend::CLAUDE), false).await.expect_err("no fleet");
    assert_eq!(error.to_string(), "tmux did not answer within 5 s");
    assert!(!world.database.path().exists());
}

#[tokio::test]
async fn a_pane_that_is_a_directors_gets_another_fleet_only_on_demand() {
    let world = World::new();
    let (first, _) = world.fleet().await;
    let error = world.broker().fleets.create(None, None, false).await.expect_err("no fleet");
    let expected = BrokerError::PaneTaken {
        pane: first.placement.and_then(|placement| placement.pane).expect("a pane").id,
        agent: first.director.id,
        fleet: first.fleet.id,
    };
    assert_eq!(error, expected);
    assert_eq!(error.to_string(), "pane %0 already belongs to agent 1 of fleet 1");
    assert_eq!(world.probe().rows(Table::Fleets), 1);
    world.broker().fleets.create(None, None, true).await.expect("another fleet");
    world.broker().fleets.delete(first.fleet.id, OpenPanes::Leave).await.expect("a deletion");
    assert!(world.broker().fleets.create(None, None, false).await.is_err(), "the other one lives there");
    let mut elsewhere = World::new();
    elsewhere.database = world.database;
    elsewhere.multiplexer.restart();
    elsewhere.broker().fleets.create(None, None, false).await.expect("a fleet: the pane is another by now");
}

#[tokio::test]
async fn of_several_that_make_a_fleet_in_one_pane_at_once_one_does() {
    let world = World::new();
    let create = || async { world.broker().fleets.create(None, None, false).await };
    let made = tokio::join!(create(), create(), create());
    let made = [made.0, made.1, made.2];
    assert_eq!(made.iter().filter(|fleet| fleet.is_ok()).count(), 1, "{made:?}");
    let is_taken = |fleet: &&Result<_, _>| matches!(fleet, Err(BrokerError::PaneTaken { .. }));
    assert_eq!(made.iter().filter(is_taken).count(), 2, "{made:?}");
}

/// Reaches one other database, or fails to.
struct Reaches(Arc<World>, Result<(), String>);

#[async_trait]
impl OtherStores for Reaches {
    async fn finish_in_pane(&self, _store: &str, _pane: &Pane) -> Result<(), String> {
        Ok(())
    }

    async fn has_agent_in_pane(&self, _store: &str, pane: &Pane) -> Result<bool, String> {
        self.1.clone()?;
        self.0.broker().fleets.has_agent_in_pane(pane).await.map_err(|error| error.to_string())
    }
}

#[tokio::test]
async fn a_pane_that_is_a_directors_of_another_database_gets_another_fleet_only_on_demand() {
    let one = Arc::new(World::new().with_another_database());
    let two = one.with_another_database();
    let (first, _) = one.fleet().await;
    let create = async |reached: Result<(), String>, again| {
        let broker = two.broker_reaching(Arc::new(Reaches(Arc::clone(&one), reached)));
        broker.fleets.create(None, None, again).await.map_err(|error| error.to_string())
    };
    let refused = create(Ok(()), false).await.expect_err("the pane is taken");
    let place = one.database.path().display().to_string();
    assert!(
        refused.contains(&place) && refused.contains("already belongs to an agent of another database"),
        "{refused}"
    );
    let refused = create(Err("it is of a newer schema".to_owned()), false).await.expect_err("nothing is known");
    assert!(refused.contains("it is of a newer schema"), "{refused}");
    assert_eq!(two.probe().rows(Table::Fleets), 0);
    let second = create(Ok(()), true).await.expect("another fleet");
    two.broker().fleets.delete(second.fleet.id, OpenPanes::Leave).await.expect("a deletion");
    one.broker().fleets.delete(first.fleet.id, OpenPanes::Leave).await.expect("a deletion");
    create(Ok(()), false).await.expect("a fleet: nobody lives there any more");
}

#[tokio::test]
async fn the_agent_that_is_in_front_is_recorded_unless_one_is_named() {
    for (front, named, recorded) in [
        ("codex", None, Backend::CODEX),
        ("opencode", None, Backend::OPENCODE),
        ("bash", None, Backend::CLAUDE),
        ("codex", Some(Backend::OPENCODE), Backend::OPENCODE),
    ] {
        let world = World::new();
        world.multiplexer.change("%0", |pane| front.clone_into(&mut pane.command));
        let fleet = world.broker().fleets.create(None, named, false).await.expect("a fleet");
        assert_eq!(fleet.placement.map(|placement| placement.coding_agent), Some(recorded), "{front} {named:?}");
    }
}

#[tokio::test]
async fn a_label_is_one_line_of_bounded_length() {
    let world = World::new();
    for label in ["", "two\nlines", &"x".repeat(201)] {
        let error = world.broker().fleets.create(Some(label.to_owned()), None, false).await;
        assert!(matches!(error, Err(BrokerError::InvalidName(_))), "{label:?}");
    }
    assert!(!world.database.path().exists());
}

#[tokio::test]
async fn a_program_that_is_missing_is_reported_before_anything_happens() {
    let world = World::new();
    let (fleet, _) = world.fleet().await;
    let mut launcher = MockBackendLauncher::new();
    launcher.expect_backend().return_const(Backend::CODEX);
    launcher.expect_check().returning(|_| Err(LaunchError::BinaryMissing("codex".to_owned())));
    launcher.expect_prepare().never();
    let steps = Steps::default();
    let broker = world.broker_with(&steps, vec![Arc::new(launcher)]);
    let error = broker.members.create(fleet.fleet.id, fleet.director.id, spec("Ada", Backend::CODEX)).await;
    assert_eq!(error.expect_err("no member").to_string(), "binary codex not found on PATH");
    assert!(!steps.calls().contains(&"register_member"), "{:?}", steps.calls());
    assert_no_trace(&world, "check");
}

#[tokio::test]
async fn a_program_that_cannot_be_prepared_leaves_nothing() {
    let world = World::new();
    let (fleet, _) = world.fleet().await;
    let mut launcher = MockBackendLauncher::new();
    launcher.expect_backend().return_const(Backend::OPENCODE);
    launcher.expect_check().returning(|_| Ok(()));
    launcher.expect_prepare().returning(|_| {
        Err(LaunchError::Preparation { backend: Backend::OPENCODE, detail: "cafleet.md: no space".to_owned() })
    });
    let broker = world.broker_with(&Steps::default(), vec![Arc::new(launcher)]);
    let error = broker.members.create(fleet.fleet.id, fleet.director.id, spec("Ada", Backend::OPENCODE)).await;
    assert_eq!(error.expect_err("no member").to_string(), "cannot prepare opencode: cafleet.md: no space");
    assert_no_trace(&world, "prepare");
}

#[tokio::test]
async fn a_program_that_cannot_be_spawned_leaves_nothing() {
    let world = World::new();
    let (fleet, _) = world.fleet().await;
    world.multiplexer.lose_program("/bin/claude");
    let error = world.broker().members.create(fleet.fleet.id, fleet.director.id, spec("Ada", Backend::CLAUDE)).await;
    assert_eq!(error.expect_err("no member").to_string(), "'/bin/claude' is not the absolute path of a program");
    assert_no_trace(&world, "spawn");
}

#[tokio::test]
async fn a_spawn_that_answers_too_late_leaves_no_pane() {
    let world = World::new();
    let (fleet, _) = world.fleet().await;
    let steps = Steps::new(|step| if (step.call, step.done) == ("spawn", true) { fault(step) } else { Fate::GoOn });
    let broker = world.stepped(&steps);
    let failed = broker.members.create(fleet.fleet.id, fleet.director.id, spec("Ada", Backend::CLAUDE));
    assert_eq!(failed.await.expect_err("no member").to_string(), "tmux did not answer within 5 s");
    assert!(steps.calls().contains(&"kill"), "{:?}", steps.calls());
    assert_no_trace(&world, "late spawn");
}

#[tokio::test]
async fn a_pane_that_cannot_be_recorded_is_closed_again() {
    let world = World::new();
    let (fleet, _) = world.fleet().await;
    world.probe().refuse(Change::Update, Table::Placements);
    let error = world.broker().members.create(fleet.fleet.id, fleet.director.id, spec("Ada", Backend::CLAUDE)).await;
    let error = error.expect_err("no member").to_string();
    assert!(error.contains("no room"), "{error}");
    assert_no_trace(&world, "record");
}

#[tokio::test]
async fn a_pane_that_can_neither_be_recorded_nor_closed_keeps_its_row_until_a_list_settles_it() {
    let world = World::new();
    let (fleet, _) = world.fleet().await;
    world.probe().refuse(Change::Update, Table::Placements);
    let steps = Steps::new(|step| if step.call == "kill" && !step.done { fault(step) } else { Fate::GoOn });
    let broker = world.stepped(&steps);
    let failed = broker.members.create(fleet.fleet.id, fleet.director.id, spec("Ada", Backend::CLAUDE));
    let error = failed.await.expect_err("no member");
    assert!(matches!(&error, BrokerError::SpawnUnsettled { .. }), "{error:?}");
    assert!(error.to_string().contains("no room") && error.to_string().contains("is incomplete"), "{error}");
    assert_eq!((world.probe().members(), spawned(&world.multiplexer)), (1, 1));
    world.probe().relent();
    assert_settled(&world, &fleet, "after the repair").await;
    assert_eq!(spawned(&world.multiplexer), 1, "the pane is found and recorded");
}

#[tokio::test]
async fn a_row_that_cannot_be_withdrawn_is_said_to_be_left_and_is_settled_later() {
    let world = World::new();
    let (fleet, _) = world.fleet().await;
    world.multiplexer.lose_program("/bin/claude");
    world.probe().refuse(Change::Delete, Table::Agents);
    let failed = world.broker().members.create(fleet.fleet.id, fleet.director.id, spec("Ada", Backend::CLAUDE)).await;
    let error = failed.expect_err("no member").to_string();
    assert!(error.starts_with("'/bin/claude' is not") && error.contains("is incomplete"), "{error}");
    assert_eq!(world.probe().members(), 1);
    world.probe().relent();
    assert_settled(&world, &fleet, "after the repair").await;
    assert_no_trace(&world, "after the repair");
}

#[tokio::test]
async fn a_process_that_dies_at_any_step_of_a_creation_leaves_what_a_list_settles() {
    for number in 0.. {
        let world = World::new();
        let (fleet, _) = world.fleet().await;
        let steps = Steps::ending_at(number);
        let broker = world.stepped(&steps);
        let spec = spec("Ada", Backend::CLAUDE);
        let created = until_death(&steps, broker.members.create(fleet.fleet.id, fleet.director.id, spec)).await;
        assert_settled(&world, &fleet, &format!("step {number}: {steps:?}")).await;
        if created.is_some() {
            let calls = ["spawn", "record_pane", "find_agent", "look", "record_agent_process"];
            assert!(steps.calls().ends_with(&calls), "{steps:?}");
            return;
        }
    }
}

#[tokio::test]
async fn a_call_that_fails_at_any_step_of_a_creation_leaves_nothing_behind() {
    for lasting in [false, true] {
        for number in 0.. {
            let world = World::new();
            let (fleet, _) = world.fleet().await;
            let steps = Steps::new(move |step| {
                if step.number == number || (lasting && step.number > number) { fault(step) } else { Fate::GoOn }
            });
            let broker = world.stepped(&steps);
            let created = broker.members.create(fleet.fleet.id, fleet.director.id, spec("Ada", Backend::CLAUDE)).await;
            let context = format!("step {number}: {steps:?}: {created:?}");
            match &created {
                Ok(_) => assert_eq!((world.probe().members(), spawned(&world.multiplexer)), (1, 1), "{context}"),
                Err(BrokerError::SpawnUnsettled { .. }) => assert!(lasting, "{context}"),
                // It was registered, but the answer was lost: the caller does not even know the id.
                Err(BrokerError::Storage(_)) if steps.calls().ends_with(&["register_member"]) => {}
                Err(_) => assert_no_trace(&world, &context),
            }
            assert_settled(&world, &fleet, &context).await;
            if created.is_ok() && steps.count() <= number {
                break;
            }
        }
    }
}

/// A multiplexer that does not answer, a database that refuses.
fn fault(step: Step) -> Fate {
    match step.call {
        "caller" | "look" | "spawn" | "kill" | "list" => {
            Fate::Multiplexer(MultiplexerError::Timeout("tmux".to_owned()))
        }
        _ => Fate::Storage(StorageError::Failed("the disk is full".to_owned())),
    }
}

#[tokio::test]
async fn a_repair_does_not_disturb_a_creation_that_is_still_going_on() {
    let world = World::new();
    let (fleet, _) = world.fleet().await;
    // Between spawn and record, somebody lists the members, whose repair records the pane.
    let steps = Steps::new(|step| if (step.call, step.done) == ("spawn", true) { Fate::Die } else { Fate::GoOn });
    let broker = world.stepped(&steps);
    let spec = spec("Ada", Backend::CLAUDE);
    assert!(until_death(&steps, broker.members.create(fleet.fleet.id, fleet.director.id, spec)).await.is_none());
    let views = world.broker().members.list(fleet.fleet.id).await.expect("a list");
    let [view] = &views[..] else { panic!("{views:?}") };
    let (member, pane) = (&view.member.agent, view.member.placement.pane.as_ref().expect("a pane"));
    assert_eq!((pane.id.as_str(), view.pane_state), ("%1", PaneState::Alive));
    // The creation goes on: what it records is there already, and is its own.
    let storage = world.database.storage();
    assert_eq!(storage.record_pane(fleet.fleet.id, member.id, pane).await, Ok(false));
    let placed = storage.find_agent(fleet.fleet.id, member.id).await.expect("an answer").expect("the member");
    assert_eq!(placed.placement.and_then(|placement| placement.pane).as_ref(), Some(pane));

    // The same in one go.
    let world = World::new();
    let (fleet, _) = world.fleet().await;
    let (probe, ids) = (world.probe(), (fleet.fleet.id, AgentId::try_from(3).expect("an id")));
    let steps = Steps::new(move |step| {
        if (step.call, step.done) == ("record_pane", false) {
            probe.place_elsewhere(ids.1);
        }
        Fate::GoOn
    });
    let broker = world.stepped(&steps);
    let spec = crate::world::spec("Ada", Backend::CLAUDE);
    let (agent, placement) = broker.members.create(ids.0, fleet.director.id, spec).await.expect("a member");
    assert_eq!(agent.id, ids.1);
    assert_eq!(placement.pane.map(|pane| pane.window), Some("@9".to_owned()), "moved to another window, yet ours");
    assert_eq!(spawned(&world.multiplexer), 1);
}

#[tokio::test]
async fn a_member_that_is_removed_while_it_is_spawned_leaves_no_pane() {
    let world = World::new();
    let (fleet, _) = world.fleet().await;
    let (probe, third) = (world.probe(), AgentId::try_from(3).expect("an id"));
    let steps = Steps::new(move |step| {
        if (step.call, step.done) == ("record_pane", false) {
            probe.deregister(third);
        }
        Fate::GoOn
    });
    let broker = world.stepped(&steps);
    let created = broker.members.create(fleet.fleet.id, fleet.director.id, spec("Ada", Backend::CLAUDE)).await;
    assert_eq!(created, Err(BrokerError::PaneNotRecorded));
    assert_eq!(spawned(&world.multiplexer), 0);
    assert_settled(&world, &fleet, "removed").await;
}

#[tokio::test]
async fn what_a_killed_process_left_is_repaired_by_a_list() {
    let world = World::new();
    let (fleet, _) = world.fleet().await;
    let storage = world.database.storage();
    let pending = |name| {
        let request = member_request(&fleet, name, 0);
        let storage = &storage;
        async move { storage.register_member(&request).await.expect("a registration") }
    };
    pending("spawned").await;
    pending("not spawned").await;
    let beside = world.multiplexer.caller().await.expect("an answer").expect("a pane");
    let tag = format!("{}-3", fleet.fleet.id);
    let request = SpawnRequest { beside, argv: vec!["/bin/claude".to_owned()], directory: "/".into(), tag };
    world.multiplexer.spawn(&request).await.expect("a pane");

    let views = world.broker().members.list(fleet.fleet.id).await.expect("a list");
    let states: Vec<_> = views.iter().map(|view| (view.member.agent.name.as_str(), view.pane_state)).collect();
    assert_eq!(states, [("spawned", PaneState::Alive), ("not spawned", PaneState::Pending)]);
    world.clock.advance(LATER);
    let views = world.broker().members.list(fleet.fleet.id).await.expect("a list");
    assert_eq!(views.len(), 1);
    assert_settled(&world, &fleet, "repaired").await;
}

#[tokio::test]
async fn nothing_is_repaired_while_the_multiplexer_does_not_answer() {
    let world = World::new();
    let (fleet, _) = world.fleet().await;
    let seat = world.member(&fleet, "Ada", Backend::CLAUDE).await;
    world.database.storage().register_member(&member_request(&fleet, "pending", 0)).await.expect("a registration");
    world.clock.advance(LATER);
    world.multiplexer.fail_next(MultiplexerError::Timeout("tmux".to_owned()));
    let views = world.broker().members.list(fleet.fleet.id).await.expect("a list");
    let states: Vec<_> = views.iter().map(|view| (view.member.agent.id, view.pane_state)).collect();
    assert_eq!(states[0], (seat.agent.id, PaneState::Unknown));
    assert_eq!(states[1].1, PaneState::Pending);

    world.multiplexer.stop();
    let views = world.broker().members.list(fleet.fleet.id).await.expect("a list");
    let states: Vec<_> = views.iter().map(|view| view.pane_state).collect();
    assert_eq!(states, [PaneState::Gone], "after a restart the recorded one is gone, the pending one never was");
}

#[tokio::test]
async fn only_the_root_director_owns_members() {
    let world = World::new();
    let (fleet, _) = world.fleet().await;
    let seat = world.member(&fleet, "Ada", Backend::CLAUDE).await;
    let (id, ada) = (fleet.fleet.id, seat.agent.id);
    let create = |director| {
        let broker = world.broker();
        async move { broker.members.create(id, director, spec("Eve", Backend::CLAUDE)).await.expect_err("no member") }
    };
    for director in [ada, fleet.administrator] {
        assert_eq!(create(director).await, BrokerError::NotRootDirector { agent: director, fleet: id });
    }
    let (_, unknown) = nobody();
    assert_eq!(create(unknown).await, BrokerError::NotInFleet { agent: unknown, fleet: id });
    assert_eq!((world.probe().members(), spawned(&world.multiplexer)), (1, 1));

    world.multiplexer.close("%0");
    let error = create(fleet.director.id).await;
    assert!(matches!(error, BrokerError::DirectorPaneGone(_)), "{error:?}");
    world.broker().fleets.delete(id, OpenPanes::Leave).await.expect("a deletion");
    assert_eq!(create(fleet.director.id).await, BrokerError::FleetDeleted(id));
}

#[tokio::test]
async fn names_and_descriptions_are_checked_before_the_multiplexer_is_asked() {
    let world = World::new();
    let (fleet, _) = world.fleet().await;
    // A mock without expectations panics at any call.
    let ports = Ports { multiplexer: Arc::new(MockMultiplexer::new()), ..world.ports() };
    let broker = Broker::new(&ports, &Options::previewing(200));
    let (id, director) = (fleet.fleet.id, fleet.director.id);
    for name in ["", " ", "a\nb", "a\u{1b}b", &"x".repeat(201)] {
        let created = broker.members.create(id, director, spec(name, Backend::CLAUDE)).await;
        assert!(matches!(created, Err(BrokerError::InvalidName(_))), "{name:?}");
        let registered = broker.members.register_agent(id, name.to_owned(), String::new(), "[]".to_owned()).await;
        assert!(matches!(registered, Err(BrokerError::InvalidName(_))), "{name:?}");
    }
    let long = "x".repeat(1024 * 1024 + 1);
    let mut wordy = spec("Ada", Backend::CLAUDE);
    wordy.description.clone_from(&long);
    let error = broker.members.create(id, director, wordy).await.expect_err("too long");
    assert_eq!(error, BrokerError::TextTooLong { what: "description", bytes: long.len() });
    let mut wordy = spec("Ada", Backend::CLAUDE);
    wordy.prompt = Some(long.clone());
    let error = broker.members.create(id, director, wordy).await.expect_err("too long");
    assert_eq!(error, BrokerError::TextTooLong { what: "prompt", bytes: long.len() });
    assert_no_trace(&world, "names");
    let hostile = "`rm -rf ~` $(id) | x";
    let agent =
        broker.members.register_agent(id, hostile.to_owned(), String::new(), "[]".to_owned()).await.expect("a name");
    assert_eq!(agent.name, hostile);
}

#[tokio::test]
async fn a_prompt_too_long_for_a_command_line_waits_in_the_inbox() {
    let world = World::new();
    let (fleet, _) = world.fleet().await;
    let mut spec = spec("Ada", Backend::CLAUDE);
    let limit = 100 * 1024;
    spec.prompt = Some(format!("{{agent_id}}{}", "x".repeat(limit)));
    let created = world.broker().members.create(fleet.fleet.id, fleet.director.id, spec.clone()).await;
    let (agent, placement) = created.expect("a member");
    let argv = world.multiplexer.pane(placement.pane.expect("a pane").id.as_str()).expect("the pane").argv;
    assert!(argv[2].ends_with("your instructions are in the first one."), "{argv:?}");
    let inbox = world.broker().mailbox.poll(fleet.fleet.id, agent.id, None).await.expect("an inbox");
    let [task] = &inbox[..] else { panic!("{inbox:?}") };
    assert_eq!((task.from, task.text.len()), (fleet.director.id, limit + 1));
    assert!(task.text.starts_with("3x"), "filled in");
    assert_eq!(world.received("%1"), "", "the program is told by its prompt, not by keys");

    spec.prompt = Some("x".repeat(limit));
    let created = world.broker().members.create(fleet.fleet.id, fleet.director.id, spec.clone()).await;
    let pane = created.expect("a member").1.pane.expect("a pane");
    assert_eq!(world.multiplexer.pane(pane.id.as_str()).expect("the pane").argv[2].len(), limit);

    // Should the spawn fail, the message stays with an agent that has left, because nothing sent is ever deleted.
    world.multiplexer.lose_program("/bin/claude");
    spec.prompt = Some("x".repeat(limit + 1));
    let failed = world.broker().members.create(fleet.fleet.id, fleet.director.id, spec).await;
    assert!(failed.is_err());
    assert_eq!(world.probe().deregistered(), 1);
    assert_settled(&world, &fleet, "withdrawn").await;
}
