//! `cafleet member ping`

use cafleet_tests::environment::eventually;
use cafleet_tests::stage::Stage;

use crate::support::refuses_other_targets;

#[test]
fn makes_the_member_look_into_its_inbox() {
    let (stage, fleet) = Stage::with_fleet();
    let (member, pane) = stage.member(&fleet, "claude", "Linus");
    // a message whose doorbell nobody rang
    stage.environment.sql(&format!(
        "INSERT INTO tasks (context_id, from_agent_id, to_agent_id, type, created_at, status_state, status_timestamp, text)
         SELECT {member}, {ada}, {member}, 'unicast', registered_at, 'input_required', registered_at, 'ready'
         FROM agents WHERE agent_id = {ada}",
        ada = fleet.ada
    ));
    let line = fleet.words(&format!("member ping --member-id {member}"));
    assert_eq!(stage.environment.ok(&line), format!("Pinged member Linus ({pane}) — poll keystroke dispatched.\n"));
    eventually("the acknowledgement", || {
        (stage.environment.number("SELECT count(*) FROM tasks WHERE status_state = 'completed'") == 1).then_some(())
    });
    assert_eq!(
        stage.environment.json(&line).to_string(),
        format!(r#"{{"member_agent_id":{member},"pane_id":"{pane}"}}"#)
    );
    assert_eq!(stage.environment.ok(&[line.clone(), vec!["--quiet".to_owned()]].concat()), "");
}

#[test]
fn says_why_it_could_not() {
    let (stage, fleet) = Stage::with_fleet();
    let (member, pane) = stage.member(&fleet, "claude", "Linus");
    stage.tell(&pane, "[[ask]]");
    stage.until_shown(&pane, "Do you want to proceed?");
    let before = stage.screen(&pane);
    let error =
        format!("member {member} is asking a question; answer it with 'cafleet member send-input' or in its pane");
    stage.environment.fails(&fleet.words(&format!("member ping --member-id {member}")), 1, &error);
    assert_eq!(stage.screen(&pane), before, "no key reached the dialog");
    refuses_other_targets(&stage, &fleet, "ping", "", Some("ping"));
}
