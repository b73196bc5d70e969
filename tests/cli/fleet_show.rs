//! `cafleet fleet show`

use cafleet_tests::environment::Environment;

use crate::support::{NOT_AN_ID, without_times};

#[test]
fn shows_a_fleet_live_or_deleted() {
    let (environment, fleet) = Environment::with_fleet();
    let line = ["fleet", "show", "1"];
    let live = format!(
        "1\n{}\nlabel:            test\ncreated_at:       <time>\ndirector_name:    Director\n\
         pane:             main:@3:%0\nadministrator:    {}\n",
        fleet.director, fleet.administrator
    );
    assert_eq!(without_times(&environment.ok(&line)), live);
    assert_eq!(
        without_times(&environment.json(&line).to_string()),
        format!(
            r#"{{"fleet_id":1,"label":"test","created_at":"<time>","administrator_agent_id":{},"director":{{"agent_id":{},"name":"Director","description":"Root Director for this fleet","registered_at":"<time>","placement":{{"director_agent_id":null,"tmux_session":"main","tmux_window_id":"@3","tmux_pane_id":"%0","coding_agent":"claude","created_at":"<time>"}}}},"deleted_at":null}}"#,
            fleet.administrator, fleet.director
        )
    );
    environment.ok(&["fleet", "delete", "1"]);
    let deleted =
        live.replace("main:@3:%0", "").replace("pane:             \n", "pane:\n") + "deleted_at:       <time>\n";
    assert_eq!(without_times(&environment.ok(&line)), deleted);
    let json = environment.json(&line);
    assert!(json["deleted_at"].is_string() && json["director"]["placement"].is_null(), "{json}");
}

#[test]
fn an_unknown_fleet_is_an_error() {
    let (environment, _) = Environment::with_fleet();
    environment.fails(&["fleet", "show", "99"], 1, "fleet '99' not found.");
    environment.fails(&["fleet", "show", "9223372036854775807"], 1, "fleet '9223372036854775807' not found.");
    for bad in ["0", "-1", "9223372036854775808", "test"] {
        environment.fails(&["fleet", "show", bad], 2, &format!("invalid value '{bad}' for '<FLEET_ID>': {NOT_AN_ID}"));
    }
    let error = "the following required arguments were not provided: <FLEET_ID>";
    environment.fails(&["fleet", "show"], 2, error);
    environment.fails(&["--fleet-id", "1", "fleet", "show"], 2, error);
}
