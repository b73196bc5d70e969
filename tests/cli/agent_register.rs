//! `cafleet agent register`

use cafleet_tests::environment::Environment;

use crate::support::{FLEET_ID_MISSING, without_times};

fn register(fleet: i64, name: &str, description: &str) -> Vec<String> {
    let fleet = fleet.to_string();
    ["--fleet-id", &fleet, "agent", "register", "--name", name, "--description", description]
        .map(str::to_owned)
        .to_vec()
}

#[test]
fn tells_the_id_and_the_name() {
    let (environment, fleet) = Environment::with_fleet();
    let id = fleet.grace + 1;
    let text = environment.ok(&register(fleet.id, "Linus", "kernels"));
    assert_eq!(text, format!("Agent registered successfully!\n  agent_id:  {id}\n  name:      Linus\n"));
    let json = environment.json(&register(fleet.id, "Linus", "kernels"));
    assert_eq!(
        without_times(&json.to_string()),
        format!(r#"{{"agent_id":{},"name":"Linus","registered_at":"<time>"}}"#, id + 1)
    );
}

#[test]
fn a_name_that_looks_like_another_is_refused_and_has_one_form() {
    let (environment, fleet) = Environment::with_fleet();
    assert_eq!(environment.json(&register(fleet.id, "Ame\u{301}lie", "d"))["name"], "Amélie");
    let named = environment.json(&register(fleet.id, "Amélie", "d"));
    for other in ["\u{410}da", "\u{ff21}da", " Ada"] {
        let error =
            format!("the name looks like that of agent {} (Ada); choose a name that is easy to tell apart", fleet.ada);
        environment.fails(&register(fleet.id, other, "d"), 1, &error);
    }
    for role in ["Director", "Dir\u{435}ctor", "administrator", "you", "all"] {
        let error = format!("'{role}' is the name of a role, or looks like it; choose another name");
        environment.fails(&register(fleet.id, role, "d"), 2, &error);
    }
    let other = environment.create_fleet("other");
    environment.ok(&register(other.id, "Grac\u{435}y", "d"));
    environment.ok(&fleet.words("agent deregister --agent-id @ada"));
    environment.ok(&register(fleet.id, "\u{410}da", "d"));
    // what an older version has written is still read and reached
    let id = named["agent_id"].as_i64().expect("an id");
    environment.sql(&format!("UPDATE agents SET name = 'Ame\u{301}\u{200d}lie' WHERE agent_id = {id}"));
    environment.ok(&fleet.words(&format!("message send --agent-id @grace --to {id} --text hello")));
    assert!(environment.ok(&fleet.words("agent list")).contains(&format!("{id} Ame")));
}

#[test]
fn names_are_short_single_lines_and_come_back_as_they_were_given() {
    let (environment, fleet) = Environment::with_fleet();
    let long = "名".repeat(200);
    for name in ["-x", "👩 é 名前", "`rm -rf` $(x) | y", "a  b", &long] {
        assert_eq!(environment.json(&register(fleet.id, name, "d"))["name"], *name);
    }
    for (name, error) in [
        ("", "name may not be empty"),
        (" \t", "name may not be empty"),
        ("a\nb", "name may not contain line breaks or other control characters"),
        ("a\u{1b}[31mb", "name may not contain line breaks or other control characters"),
        ("a\u{202e}b", "name may not contain line breaks or other control characters"),
        ("a\u{200d}b", "name may not contain invisible characters (U+200D)"),
        ("a\u{ad}b", "name may not contain invisible characters (U+00AD)"),
        ("\u{3164}", "name may not contain invisible characters (U+3164)"),
        ("a\u{e0061}", "name may not contain invisible characters (U+E0061)"),
        (&"x".repeat(10 * 1024), "name is 10240 characters long; the limit is 200"),
    ] {
        environment.fails(&register(fleet.id, name, "d"), 2, error);
    }
}

#[test]
fn descriptions_are_free() {
    let (environment, fleet) = Environment::with_fleet();
    for description in ["", "two\nlines", "-d", &"日本".repeat(5 * 1024)] {
        let id = environment.json(&register(fleet.id, "x", description))["agent_id"].clone();
        let shown = environment.json(&fleet.words(&format!("agent show --full --agent-id @ada --id {id}")));
        assert_eq!(shown["description"], description);
    }
}

#[test]
fn skills_are_a_json_array() {
    let (environment, fleet) = Environment::with_fleet();
    let with_skills = |skills: &str| {
        let mut line = register(fleet.id, "x", "d");
        line.extend(["--skills".to_owned(), skills.to_owned()]);
        line
    };
    for (skills, stored) in [("[]", "[]"), (r#"[{"id":"é","name":"x"}, "y", 1]"#, r#"[{"id":"é","name":"x"},"y",1]"#)]
    {
        let id = environment.json(&with_skills(skills))["agent_id"].as_i64().expect("an id");
        let card: String = environment
            .open()
            .query_row("SELECT agent_card_json FROM agents WHERE agent_id = ?", [id], |row| row.get(0))
            .expect("a card");
        let card: serde_json::Value = serde_json::from_str(&card).expect("JSON");
        assert_eq!((card["skills"].to_string(), &card["name"]), (stored.to_owned(), &"x".into()));
    }
    let before = environment.rows();
    for bad in ["", "[", "{}", "\"x\"", "null", "[1,]", "[] []", "-1"] {
        let error = environment.run(&with_skills(bad)).error(1);
        assert!(error.starts_with("Invalid JSON in --skills: ") && error.len() > 30, "{bad:?}: {error}");
    }
    assert_eq!(environment.rows(), before);
}

#[test]
fn only_in_a_live_fleet() {
    let (environment, fleet) = Environment::with_fleet();
    environment.fails(&register(99, "x", "d"), 1, "fleet '99' not found.");
    environment.ok(&["fleet", "delete", &fleet.id.to_string()]);
    environment.fails(&register(fleet.id, "x", "d"), 1, &format!("fleet {} is deleted", fleet.id));
    environment.fails(&register(fleet.id, "x", "d")[2..], 2, FLEET_ID_MISSING);
    let error = "the following required arguments were not provided: --description <TEXT>";
    environment.fails(&fleet.words("agent register --name x"), 2, error);
    let error = "the following required arguments were not provided: --name <TEXT>";
    environment.fails(&fleet.words("agent register --description x"), 2, error);
}
