//! Deleting fleets whose agents live in panes.

use std::time::Duration;

use cafleet_domain::agent::AgentStatus;
use cafleet_domain::backend::Backend;
use cafleet_domain::broker::{AgentPane, BrokerError, FleetRemoval, OpenPanes, PaneOwner, PaneState};
use cafleet_domain::fleet::FleetDetail;
use cafleet_domain::ports::MultiplexerError;
use cafleet_domain::ports::storage::FleetStore;
use cafleet_tests::doubles::{Fate, Steps};

use crate::world::{Seat, World};

/// A fleet with two members.
struct Scene {
    world: World,
    fleet: FleetDetail,
    seats: [Seat; 2],
}

impl Scene {
    async fn new() -> Self {
        let world = World::new();
        let (fleet, _) = world.fleet().await;
        let seats =
            [world.member(&fleet, "Ada", Backend::CLAUDE).await, world.member(&fleet, "Grace", Backend::CODEX).await];
        Self { world, fleet, seats }
    }

    async fn delete(&self, steps: &Steps, panes: OpenPanes) -> Result<FleetRemoval, BrokerError> {
        self.world.stepped(steps).fleets.delete(self.fleet.fleet.id, panes).await
    }

    async fn is_live(&self) -> bool {
        let found = self.world.database.storage().find_fleet(self.fleet.fleet.id).await.expect("an answer");
        found.is_some_and(|found| found.fleet.deleted_at.is_none())
    }

    fn panes(&self) -> [bool; 3] {
        ["%0", &self.seats[0].pane, &self.seats[1].pane].map(|id| self.world.multiplexer.pane(id).is_some())
    }

    async fn panes_listed(&self) -> Vec<AgentPane> {
        self.world.broker().members.list_panes(&[]).await.expect("panes")
    }
}

fn in_the_way(error: BrokerError) -> Vec<(String, bool)> {
    let BrokerError::FleetInhabited { inhabitants, .. } = error else { panic!("{error:?}") };
    inhabitants.into_iter().map(|found| (found.name, found.unreachable.is_some())).collect()
}

fn names(pairs: &[(&str, bool)]) -> Vec<(String, bool)> {
    pairs.iter().map(|(name, unreachable)| ((*name).to_owned(), *unreachable)).collect()
}

#[tokio::test]
async fn agents_in_panes_are_not_left_behind_without_a_word() {
    let scene = Scene::new().await;
    let error = scene.delete(&Steps::default(), OpenPanes::Refuse).await.expect_err("a refusal");
    assert_eq!(in_the_way(error), names(&[("Ada", false), ("Grace", false)]), "not the Director's own pane");
    assert!(scene.is_live().await);
    assert_eq!(scene.panes(), [true; 3]);
    scene.seats.iter().for_each(|seat| assert_eq!(scene.world.received(&seat.pane), ""));
    scene.world.multiplexer.close(&scene.seats[0].pane);
    let error = scene.delete(&Steps::default(), OpenPanes::Refuse).await.expect_err("a refusal");
    assert_eq!(in_the_way(error), names(&[("Grace", false)]));
    scene.world.multiplexer.change(&scene.seats[1].pane, |pane| pane.dead = true);
    let removal = scene.delete(&Steps::default(), OpenPanes::Refuse).await.expect("nobody lives there");
    assert_eq!(removal.deregistered, 4);
    let again = scene.delete(&Steps::default(), OpenPanes::Refuse).await;
    assert_eq!(again, Ok(FleetRemoval::default()));
}

#[tokio::test]
async fn each_agent_is_asked_to_leave_and_ended_when_it_does_not() {
    let scene = Scene::new().await;
    let (fake, pane) = (scene.world.multiplexer.clone(), scene.seats[0].pane.clone());
    // the first one leaves, the second one does not
    let steps = Steps::new(move |step| {
        let asked = fake.pane(&pane).is_some_and(|pane| pane.submitted.last().is_some_and(|text| text == "/exit"));
        if step.done && asked {
            fake.close(&pane);
        }
        Fate::GoOn
    });
    let begun = scene.world.now();
    let removal = scene.delete(&steps, OpenPanes::Close).await.expect("a removal");
    let closed: Vec<&str> = removal.closed.iter().map(|found| found.name.as_str()).collect();
    assert_eq!((removal.deregistered, closed), (4, vec!["Ada", "Grace"]));
    assert_eq!(removal.left.iter().map(|found| found.is_persons_own).collect::<Vec<_>>(), [true]);
    assert_eq!(scene.panes(), [true, false, false], "the Director's pane was opened by hand");
    assert_eq!(scene.world.received("%0"), "");
    assert_eq!(steps.calls().iter().filter(|call| **call == "kill").count(), 1, "who leaves is not ended");
    assert!(scene.world.now().since(begun) < Duration::from_secs(60));
    assert!(!scene.is_live().await);
}

#[tokio::test]
async fn an_agent_that_cannot_be_asked_is_ended() {
    let scene = Scene::new().await;
    scene.seats[0].screen.turn(cafleet_domain::screen::ScreenState::Asking);
    scene.seats[1].screen.turn(cafleet_domain::screen::ScreenState::Working);
    scene.delete(&Steps::default(), OpenPanes::Close).await.expect("a removal");
    assert_eq!(scene.panes(), [true, false, false]);
}

#[tokio::test]
async fn a_pane_of_which_nothing_is_known_counts_as_one_in_which_an_agent_lives() {
    for panes in [OpenPanes::Refuse, OpenPanes::Close, OpenPanes::Leave] {
        let scene = Scene::new().await;
        let steps = Steps::new(|step| match (step.call, step.done) {
            ("look", false) => Fate::Multiplexer(MultiplexerError::Unreachable("'kill -USR1 7' brings it back".into())),
            _ => Fate::GoOn,
        });
        let outcome = scene.delete(&steps, panes).await;
        if panes == OpenPanes::Leave {
            assert_eq!(outcome.expect("a removal").left.len(), 3);
        } else {
            let error = outcome.expect_err("a refusal");
            assert!(format!("{error:?}").contains("kill -USR1 7"), "{error:?}");
            assert_eq!(in_the_way(error), names(&[("Ada", true), ("Grace", true)]));
            assert!(scene.is_live().await);
        }
        assert_eq!(scene.panes(), [true; 3]);
        assert!(!steps.calls().contains(&"kill"));
    }
}

#[tokio::test]
async fn a_member_in_a_pane_is_deregistered_only_to_be_left() {
    let scene = Scene::new().await;
    let (broker, fleet, ada) = (scene.world.broker(), scene.fleet.fleet.id, scene.seats[0].agent.id);
    let error = broker.members.deregister_agent(fleet, ada, false).await.expect_err("a refusal");
    assert!(matches!(&error, BrokerError::AgentInhabits(found) if found.agent == ada), "{error:?}");
    broker.members.deregister_agent(fleet, ada, true).await.expect("left");
    scene.world.multiplexer.close(&scene.seats[1].pane);
    broker.members.deregister_agent(fleet, scene.seats[1].agent.id, false).await.expect("its pane is gone");
    assert_eq!(scene.panes(), [true, true, false]);
}

#[tokio::test]
async fn panes_are_listed_and_closed_when_their_agent_and_their_fleet_are_gone() {
    let scene = Scene::new().await;
    let listed = scene.panes_listed().await;
    assert_eq!(listed.len(), 3, "{listed:?}");
    assert!(listed.iter().all(|known| matches!(&known.owner, PaneOwner::Agent { agent, .. } if agent.is_active())));
    scene.delete(&Steps::default(), OpenPanes::Leave).await.expect("a removal");
    let listed = scene.panes_listed().await;
    let former = |known: &AgentPane| match &known.owner {
        PaneOwner::Former { fleet, name, .. } => (fleet.to_string(), name.clone(), known.state, known.program.clone()),
        owner => panic!("{owner:?}"),
    };
    let reference = scene.fleet.fleet.reference().to_string();
    let expected = [("Ada", "claude"), ("Grace", "codex")]
        .map(|(name, program)| (reference.clone(), name.to_owned(), PaneState::Alive, program.to_owned()));
    assert_eq!(listed.iter().map(former).collect::<Vec<_>>(), expected, "the Director's pane was not opened for it");
    for known in &listed {
        scene.world.broker().members.close_pane(known).await.expect("it is closed");
    }
    assert_eq!(scene.panes(), [true, false, false]);
    assert_eq!(scene.panes_listed().await, []);
}

#[tokio::test]
async fn a_pane_of_another_database_is_not_taken_for_one_of_the_same_number() {
    let scene = Scene::new().await;
    let other = scene.world.with_another_database();
    let (fleet, _) = other.fleet().await;
    assert_eq!(fleet.fleet.id, scene.fleet.fleet.id, "the same number");
    let listed = other.broker().members.list_panes(&[]).await.expect("panes");
    let unknown = |known: &&AgentPane| matches!(known.owner, PaneOwner::Unknown(_));
    assert_eq!(listed.iter().filter(unknown).count(), 2, "{listed:?}");
}

#[tokio::test]
async fn an_agent_whose_pane_is_closed_stays_registered() {
    let scene = Scene::new().await;
    let listed = scene.panes_listed().await;
    let known = listed.iter().find(|known| known.pane.id.as_str() == scene.seats[1].pane).expect("Grace's");
    scene.world.broker().members.close_pane(known).await.expect("it is closed");
    assert_eq!(scene.panes(), [true, true, false]);
    assert_eq!(scene.world.submitted(&scene.seats[0].pane), Vec::<String>::new());
    let members = scene.world.broker().members.list(scene.fleet.fleet.id).await.expect("members");
    let grace = members.iter().find(|view| view.member.agent.name == "Grace").expect("Grace");
    assert_eq!((grace.member.agent.status, grace.pane_state), (AgentStatus::Active, PaneState::Gone));
}
