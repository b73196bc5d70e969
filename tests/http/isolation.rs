//! No operation of the document shows or changes anything of another fleet.

use cafleet_tests::environment::{Environment, Fleet};
use cafleet_tests::http_client::{Answer, EventSource};
use cafleet_tests::server::Server;
use serde_json::{Map, Value, json};

/// Stands in everything that belongs to the fleet that must not be seen.
const SECRET: &str = "secret-of-the-other-fleet";

/// The message in the other fleet.
const THEIR_MESSAGE: i64 = 1;

/// Operations that are about no fleet in particular.
const UNSCOPED: [&str; 1] = ["list_fleets"];

/// An operation of the document.
struct Operation {
    id: String,
    method: String,
    path: String,
    parameters: Vec<Value>,
    body: Option<Map<String, Value>>,
}

impl Operation {
    fn has(&self, name: &str, place: &str) -> bool {
        self.parameters.iter().any(|parameter| parameter["name"] == name && parameter["in"] == place)
    }

    fn is_stream(&self) -> bool {
        self.has("fleet_id", "query")
    }
}

/// Returns every operation, and the fields of its body.
fn operations(document: &Value) -> Vec<Operation> {
    let paths = document["paths"].as_object().expect("paths");
    let all = paths.iter().flat_map(|(path, methods)| {
        methods.as_object().expect("methods").iter().map(move |(method, operation)| {
            let schema = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].as_str();
            let fields = schema.and_then(|reference| document.pointer(reference.trim_start_matches('#')));
            Operation {
                id: operation["operationId"].as_str().expect("every operation has an id").to_owned(),
                method: method.to_uppercase(),
                path: path.clone(),
                parameters: operation["parameters"].as_array().cloned().unwrap_or_default(),
                // one without fields is an empty object
                body: fields.map(|schema| schema["properties"].as_object().cloned().unwrap_or_default()),
            }
        })
    });
    all.collect()
}

/// Two fleets: ours, and one in which everything is secret.
fn two_fleets() -> (Environment, Fleet, Fleet) {
    let (environment, ours) = Environment::with_fleet();
    let theirs = environment.create_fleet(SECRET);
    environment
        .sql(&format!("UPDATE agents SET name = '{SECRET}', description = '{SECRET}' WHERE fleet_id = {}", theirs.id));
    assert_eq!(theirs.send(&environment, theirs.ada, theirs.grace, SECRET), THEIR_MESSAGE);
    let _ = ours.send(&environment, ours.ada, ours.grace, "hello");
    (environment, ours, theirs)
}

fn call(server: &Server, operation: &Operation, fleet: i64, agent: i64, body: &Value) -> Answer {
    let agent = agent.to_string();
    let path = operation.path.replace("{id}", &agent).replace("{agent_id}", &agent);
    assert!(!path.contains('{'), "a parameter that this test does not know: {path}");
    match operation.method.as_str() {
        "GET" => server.get(fleet, &path),
        method => server.change(method, fleet, &path, body),
    }
}

/// Makes a body that is right, but for the field `foreign`, which names their agent.
fn body(fields: &Map<String, Value>, ours: &Fleet, theirs: &Fleet, foreign: Option<&str>) -> Value {
    let value = |(name, schema): (&String, &Value)| {
        let is_agent = name.ends_with("agent_id");
        let value = match schema["type"].as_str() {
            _ if is_agent && foreign == Some(name) => json!(theirs.ada),
            _ if is_agent => json!(ours.ada),
            Some("integer") => json!(7),
            Some("boolean") => json!(false),
            Some("string") => json!("x"),
            other => panic!("a field that this test does not know: {name} ({other:?})"),
        };
        (name.clone(), value)
    };
    Value::Object(fields.iter().map(value).collect())
}

fn changeable(environment: &Environment) -> [i64; 3] {
    let counts = [
        "SELECT count(*) FROM tasks",
        "SELECT sum(interval_seconds) FROM monitor_config",
        "SELECT sum(enabled) FROM monitor_config",
    ];
    counts.map(|query| environment.number(query))
}

#[test]
fn every_operation_stays_in_its_fleet() {
    let (environment, ours, theirs) = two_fleets();
    let server = Server::start(&environment);
    let document: Value = serde_json::from_str(&server.get(0, "/openapi.json").text()).expect("a document");
    let operations = operations(&document);
    assert!(operations.len() >= 10, "{}", operations.len());
    let mut tried = 0;
    for operation in operations.iter().filter(|operation| !UNSCOPED.contains(&operation.id.as_str())) {
        let id = &operation.id;
        if operation.is_stream() {
            continue;
        }
        assert!(operation.has("X-Fleet-Id", "header"), "{id} is about a fleet");
        let empty = Map::new();
        let fields = operation.body.as_ref().unwrap_or(&empty);
        let before = changeable(&environment);
        // a message has a number of its own
        if id == "acknowledge_message" {
            let answer = call(&server, operation, ours.id, THEIR_MESSAGE, &body(fields, &ours, &theirs, None));
            assert!(!answer.text().contains(SECRET), "{id}: {}", answer.text());
            let _ = answer.refused(404);
            continue;
        }
        // their agent in our fleet
        if operation.has("id", "path") || operation.has("agent_id", "path") {
            for agent in [theirs.director, theirs.administrator, theirs.ada] {
                let answer = call(&server, operation, ours.id, agent, &body(fields, &ours, &theirs, None));
                assert!(!answer.text().contains(SECRET), "{id}: {}", answer.text());
                let _ = answer.refused(404);
                tried += 1;
            }
        } else if operation.body.is_none() {
            let answer = call(&server, operation, ours.id, ours.ada, &Value::Null);
            assert!(!answer.ok().to_string().contains(SECRET), "{id}: {}", answer.text());
            tried += 1;
        }
        for field in fields.keys().filter(|name| name.ends_with("agent_id")) {
            let answer = call(&server, operation, ours.id, ours.ada, &body(fields, &ours, &theirs, Some(field)));
            assert!([400, 404].contains(&answer.status), "{id}, {field}: {}", answer.text());
            tried += 1;
        }
        assert_eq!(changeable(&environment), before, "{id} changed something");
        // the same question, asked of the fleet it is about, is answered: the refusals above are not for another reason
        let answer = call(&server, operation, ours.id, ours.director, &body(fields, &ours, &theirs, None));
        assert_eq!(answer.status, 200, "{id}: {}", answer.text());
    }
    assert!(tried >= 12, "only {tried} were tried");
}

#[test]
fn a_stream_tells_nothing_of_another_fleet() {
    let (environment, ours, theirs) = two_fleets();
    let server = Server::start(&environment);
    let mut live = server.listen(ours.id);
    let mut resumed = EventSource::open(server.address, ours.id, live_id(&server, ours.id).as_deref());
    let _ = theirs.send(&environment, theirs.ada, theirs.grace, SECRET);
    environment.ok(&theirs.words("message ack --agent-id @grace --task-id 1"));
    environment.ok(&theirs.words("monitor config --agent-id @director --interval 5"));
    let last = ours.send(&environment, ours.ada, ours.grace, "the last one");
    for events in [&mut live, &mut resumed] {
        loop {
            let event = events.next_event().expect("an event");
            assert!(!event.data.to_string().contains(SECRET), "{event:?}");
            if event.name != "agent" {
                assert_eq!((event.name.as_str(), &event.data["task_id"]), ("message", &json!(last)));
                break;
            }
            // what the screen of our Director says
            assert_eq!(event.data["agent_id"], ours.director);
        }
    }
}

fn live_id(server: &Server, fleet: i64) -> Option<String> {
    EventSource::open(server.address, fleet, None).next_event().expect("a first event").last_id
}
