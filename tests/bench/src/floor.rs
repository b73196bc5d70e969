//! The floor: what a command costs when nothing but SQLite is in it.
//!
//! `floor DATABASE send FROM TO TEXT | poll AGENT | ack AGENT TASK`: opens the file with the same pragmas as `cafleet`,
//! executes the same statements and prints what they returned.

use std::time::Duration;

use cafleet_bench::statements::{
    ACKNOWLEDGE, BEGIN, COMMIT, FIND_TASK, INBOX, INSERT_DELIVERY, INSERT_TASK, INSPECTION, PRAGMAS,
};
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, Params, params};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const FLEET: i64 = 1;
const AT: &str = "2026-04-15T10:00:00.123456+00:00";

#[expect(clippy::print_stdout, reason = "printing is part of what the floor must cost")]
fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let [database, arguments @ ..] = arguments.as_slice() else { return Err("no database".into()) };
    let file = open(database)?;
    let answer = match arguments {
        ["send", from, to, text] => send(&file, from.parse()?, to.parse()?, text)?,
        ["poll", agent] => poll(&file, agent.parse()?)?,
        ["ack", agent, task] => acknowledge(&file, agent.parse()?, task.parse()?)?,
        _ => return Err("neither send, poll nor ack".into()),
    };
    println!("{answer}");
    file.close().map_err(|(_, error)| error)?;
    Ok(())
}

fn open(database: &str) -> Outcome<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let file = Connection::open_with_flags(database, flags)?;
    file.busy_timeout(Duration::from_secs(10))?;
    file.execute_batch(PRAGMAS)?;
    for pragma in INSPECTION {
        rows(&file, pragma, ())?;
    }
    Ok(file)
}

fn send(file: &Connection, from: i64, to: i64, text: &str) -> Outcome<String> {
    file.execute_batch(BEGIN)?;
    let row = params![
        to,
        from,
        to,
        "unicast",
        AT,
        "input_required",
        AT,
        None::<i64>,
        text,
        false,
        from,
        FLEET,
        "active",
        to,
        FLEET,
        "active"
    ];
    if file.prepare(INSERT_TASK)?.execute(row)? != 1 {
        return Err("no such agents".into());
    }
    let id = file.last_insert_rowid();
    file.prepare(INSERT_DELIVERY)?.execute(("pending", 0, None::<String>, false, id))?;
    file.execute_batch(COMMIT)?;
    Ok(format!("{id}"))
}

fn poll(file: &Connection, agent: i64) -> Outcome<String> {
    Ok(format!("{:?}", rows(file, INBOX, (agent, agent, FLEET))?))
}

fn acknowledge(file: &Connection, agent: i64, task: i64) -> Outcome<String> {
    file.execute_batch(BEGIN)?;
    if file.prepare(ACKNOWLEDGE)?.execute(("completed", AT, task, agent, agent, FLEET))? != 1 {
        return Err("no such task".into());
    }
    let found = rows(file, FIND_TASK, (task, 1, FLEET, agent, FLEET))?;
    file.execute_batch(COMMIT)?;
    Ok(format!("{found:?}"))
}

/// Reads every column of every row.
fn rows(file: &Connection, sql: &str, parameters: impl Params) -> Outcome<Vec<Vec<Value>>> {
    let mut statement = file.prepare(sql)?;
    let columns = statement.column_count();
    let mut rows = statement.query(parameters)?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push((0..columns).map(|column| row.get(column)).collect::<Result<_, _>>()?);
    }
    Ok(all)
}
