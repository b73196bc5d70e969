//! Members that are started again, and fleets whose Director gets another pane.

use cafleet_domain::backend::Backend;
use cafleet_domain::broker::{BrokerError, MemberSpec, PaneState};
use cafleet_domain::delivery::DeliveryState;
use cafleet_domain::fleet::FleetDetail;
use cafleet_domain::id::{AgentId, PaneId};
use cafleet_domain::placement::Placement;
use cafleet_domain::ports::storage::AgentStore;
use cafleet_domain::ports::{MultiplexerError, PaneHost, SpawnRequest};
use cafleet_tests::doubles::{AgentScreen, Fate, Steps};

use crate::world::{World, spec, until_death};

/// A fleet with one member, which has a message.
struct Scene {
    world: World,
    fleet: FleetDetail,
    member: AgentId,
    pane: String,
}

impl Scene {
    async fn new() -> Self {
        let world = World::new();
        let (fleet, _) = world.fleet().await;
        let spec = MemberSpec { model: Some("large".into()), directory: "/tmp".into(), ..spec("Ada", Backend::CODEX) };
        let created = world.broker().members.create(fleet.fleet.id, fleet.director.id, spec).await;
        let (agent, placement) = created.expect("a member");
        let pane = placement.pane.expect("a pane").id.as_str().to_owned();
        Self { world, fleet, member: agent.id, pane }
    }

    async fn restart(&self, steps: &Steps, force: bool) -> Result<Placement, BrokerError> {
        let broker = self.world.stepped(steps);
        let restarted = broker.members.restart(self.fleet.fleet.id, self.member, force, "/elsewhere".into()).await;
        restarted.map(|(agent, placement)| {
            assert_eq!((agent.id, agent.name.as_str()), (self.member, "Ada"));
            placement
        })
    }

    async fn placement(&self) -> Placement {
        let found = self.world.database.storage().find_agent(self.fleet.fleet.id, self.member).await;
        found.expect("an answer").expect("the member").placement.expect("its placement")
    }

    async fn recorded(&self) -> String {
        self.placement().await.pane.expect("a pane").id.as_str().to_owned()
    }

    fn members(&self) -> usize {
        self.world.probe().active_members()
    }
}

#[tokio::test]
async fn a_member_whose_pane_is_gone_is_started_again_with_its_inbox() {
    let scene = Scene::new().await;
    let (fleet, director) = (scene.fleet.fleet.id, scene.fleet.director.id);
    scene.world.multiplexer.close(&scene.pane);
    let sent = scene.world.broker().mailbox.send(fleet, director, scene.member, "do it".to_owned()).await;
    let task = sent.expect("it is sent").task.id;
    assert!(scene.world.delivery(task).await.expect("a delivery").state == DeliveryState::Failed, "it is given up");
    let placement = scene.restart(&Steps::default(), false).await.expect("a restart");
    let pane = placement.pane.expect("a pane").id.as_str().to_owned();
    assert_ne!(pane, scene.pane);
    assert_eq!(scene.recorded().await, pane);
    assert_eq!((placement.coding_agent, placement.model.as_deref()), (Backend::CODEX, Some("large")));
    assert_eq!(placement.directory.as_deref(), Some("/tmp".as_ref()));
    let prompt = scene.world.multiplexer.pane(&pane).expect("the pane").argv.pop().expect("a prompt");
    for part in ["You were started again", "You are Ada: does what Ada does", "message poll --agent-id 3 "] {
        assert!(prompt.contains(part), "{part}: {prompt}");
    }
    let waiting = scene.world.broker().mailbox.poll(fleet, scene.member, None).await.expect("an inbox");
    assert_eq!(waiting.iter().map(|task| task.id).collect::<Vec<_>>(), [task]);
    // and it is told as soon as it rests
    let _screen = AgentScreen::draw(&scene.world.multiplexer, &pane, Backend::CODEX);
    scene.world.broker().mailbox.send(fleet, director, scene.member, "more".to_owned()).await.expect("it is sent");
    let told = scene.world.submitted(&pane).join("\n");
    assert!(told.contains("do it") && told.contains("more"), "{told}");
}

#[tokio::test]
async fn a_member_that_lives_is_started_again_only_by_force() {
    let scene = Scene::new().await;
    let _screen = AgentScreen::draw(&scene.world.multiplexer, &scene.pane, Backend::CODEX);
    let error = scene.restart(&Steps::default(), false).await.expect_err("a refusal");
    assert_eq!(error, BrokerError::MemberLives { agent: scene.member, pane: PaneId::new(scene.pane.clone()) });
    assert_eq!(scene.world.received(&scene.pane), "");
    let steps = Steps::default();
    scene.restart(&steps, true).await.expect("a restart");
    assert!(steps.calls().contains(&"type_keys"), "it is asked first");
    assert!(scene.world.multiplexer.pane(&scene.pane).is_none());
    let dead = Scene::new().await;
    dead.world.multiplexer.change(&dead.pane, |pane| pane.dead = true);
    dead.restart(&Steps::default(), false).await.expect("only its last screen was left");
    assert!(dead.world.multiplexer.pane(&dead.pane).is_none());
}

#[tokio::test]
async fn of_several_that_start_a_member_again_at_once_all_end_with_one_living_pane() {
    for round in 0..20 {
        let scene = Scene::new().await;
        scene.world.multiplexer.close(&scene.pane);
        let steps = [(); 3].map(|()| Steps::default());
        let [one, two, three] = &steps;
        let (one, two, three) =
            tokio::join!(scene.restart(one, false), scene.restart(two, false), scene.restart(three, false));
        let ended = [one, two, three];
        let recorded = scene.recorded().await;
        assert!(ended.iter().any(Result::is_ok), "{round}: {ended:?}");
        assert!(scene.world.multiplexer.pane(&recorded).is_some(), "{round}: {ended:?}");
        let panes = (1..20).filter(|number| scene.world.multiplexer.pane(&format!("%{number}")).is_some());
        assert_eq!(panes.count(), 1, "{round}: {ended:?}");
        for ended in ended {
            let is_ours = ended
                .as_ref()
                .is_ok_and(|placement| placement.pane.as_ref().is_some_and(|pane| pane.id.as_str() == recorded));
            let is_others = matches!(&ended, Err(BrokerError::PaneReplaced(_) | BrokerError::MemberLives { .. }));
            assert!(is_ours || is_others, "{round}: {ended:?}");
        }
    }
}

#[tokio::test]
async fn no_second_program_is_started_where_nothing_is_known_of_the_first() {
    for force in [false, true] {
        let scene = Scene::new().await;
        let mut looks = 0;
        let steps = Steps::new(move |step| {
            looks += i32::from(step.call == "look" && !step.done);
            // the first look is at the Director's pane
            if step.call == "look" && looks > 1 {
                return Fate::Multiplexer(MultiplexerError::Unreachable("'kill -USR1 7' brings it back".to_owned()));
            }
            Fate::GoOn
        });
        let error = scene.restart(&steps, force).await.expect_err("a refusal");
        assert_eq!(error.to_string(), "'kill -USR1 7' brings it back");
        assert!(!steps.calls().contains(&"spawn") && !steps.calls().contains(&"kill"), "{steps:?}");
        assert_eq!(scene.recorded().await, scene.pane);
    }
}

#[tokio::test]
async fn a_restart_that_breaks_off_at_any_step_is_finished_by_the_next_and_leaves_one_pane() {
    for number in 0.. {
        let scene = Scene::new().await;
        scene.world.multiplexer.close(&scene.pane);
        let steps = Steps::ending_at(number);
        let outcome = until_death(&steps, scene.restart(&steps, false)).await;
        if outcome.is_some() {
            break;
        }
        let again = scene.restart(&Steps::default(), false).await;
        let context = format!("{number} {steps:?} {again:?}");
        assert!(matches!(&again, Ok(_) | Err(BrokerError::MemberLives { .. })), "{context}");
        let recorded = scene.recorded().await;
        assert!(scene.world.multiplexer.pane(&recorded).is_some(), "{context}");
        let director = scene.fleet.placement.as_ref().and_then(|placement| placement.pane.clone()).expect("a pane");
        let panes = scene.world.multiplexer.list(&director).await.expect("panes");
        assert_eq!((panes.len(), scene.members()), (2, 1), "the Director's and one more: {context}");
    }
}

#[tokio::test]
async fn the_director_is_not_started_by_us() {
    let scene = Scene::new().await;
    let (fleet, director) = (scene.fleet.fleet.id, scene.fleet.director.id);
    let error = scene.world.broker().members.restart(fleet, director, true, "/".into()).await;
    assert_eq!(error, Err(BrokerError::DirectorMoves(director)));
}

/// Lets the calling process run in a new pane.
async fn step_aside(scene: &Scene) -> String {
    let beside = scene.fleet.placement.as_ref().and_then(|placement| placement.pane.clone()).expect("a pane");
    let argv = vec!["/bin/claude".to_owned()];
    let request = SpawnRequest { beside, argv, directory: "/".into(), tag: "by-hand".to_owned() };
    let pane = scene.world.multiplexer.spawn(&request).await.expect("a pane").id.as_str().to_owned();
    scene.world.multiplexer.step_into(&pane);
    pane
}

#[tokio::test]
async fn a_fleet_moves_to_the_calling_pane_once_its_director_has_left_the_old_one() {
    let scene = Scene::new().await;
    let fleet = scene.fleet.fleet.id;
    let broker = scene.world.broker();
    let same = broker.fleets.move_here(fleet, false).await.expect("nothing is to be done");
    assert_eq!(same.placement, scene.fleet.placement);
    let pane = step_aside(&scene).await;
    let error = broker.fleets.move_here(fleet, false).await.expect_err("a refusal");
    assert_eq!(error, BrokerError::DirectorLives { fleet, pane: PaneId::new("%0") });
    scene.world.multiplexer.change("%0", |pane| "bash".clone_into(&mut pane.command));
    let moved = broker.fleets.move_here(fleet, false).await.expect("a move");
    let placement = moved.placement.expect("a placement");
    assert_eq!(placement.pane.as_ref().map(|pane| pane.id.as_str()), Some(pane.as_str()));
    assert!(scene.world.multiplexer.pane("%0").is_some(), "nothing is closed");
    // messages reach it there, and members open beside it
    let _screen = AgentScreen::draw(&scene.world.multiplexer, &pane, Backend::CLAUDE);
    let director = scene.fleet.director.id;
    broker.mailbox.send(fleet, scene.member, director, "ready".to_owned()).await.expect("it is sent");
    assert!(scene.world.submitted(&pane).join("\n").contains("ready"));
    broker.members.create(fleet, director, spec("Grace", Backend::CLAUDE)).await.expect("a member");
}

#[tokio::test]
async fn a_director_that_lives_or_of_which_nothing_is_known_is_left_behind_only_by_force() {
    for unreachable in [false, true] {
        let scene = Scene::new().await;
        let fleet = scene.fleet.fleet.id;
        step_aside(&scene).await;
        let steps = Steps::new(move |step| match step.call {
            "look" if unreachable => Fate::Multiplexer(MultiplexerError::Unreachable("its socket is gone".to_owned())),
            _ => Fate::GoOn,
        });
        let error =
            scene.world.stepped(&steps).fleets.move_here(fleet, false).await.expect_err("a refusal").to_string();
        assert!(
            error.contains("still run") && error.contains(if unreachable { "its socket is gone" } else { "%0" }),
            "{error}"
        );
        scene.world.stepped(&steps).fleets.move_here(fleet, true).await.expect("a move");
        assert_eq!(scene.world.received("%0"), "");
    }
}

#[tokio::test]
async fn a_pane_in_which_an_agent_lives_is_not_given_to_a_director() {
    let scene = Scene::new().await;
    scene.world.multiplexer.step_into(&scene.pane);
    for force in [false, true] {
        let error = scene.world.broker().fleets.move_here(scene.fleet.fleet.id, force).await.expect_err("a refusal");
        assert!(matches!(error, BrokerError::PaneInhabited { agent, .. } if agent == scene.member), "{error:?}");
    }
    let members = scene.world.broker().members.list(scene.fleet.fleet.id).await.expect("members");
    assert_eq!(members[0].pane_state, PaneState::Alive);
}
