//! Attacks: each is tried, and nothing comes of it.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cafleet_tests::environment::{Environment, pause};
use cafleet_tests::http_client::send;
use cafleet_tests::server::{Server, served};
use serde_json::{Value, json};

#[test]
fn a_page_whose_name_was_made_to_lead_here_learns_nothing() {
    let (_environment, fleet, server) = served();
    let port = server.address.port();
    for host in [
        "evil.example".to_owned(),
        format!("evil.example:{port}"),
        format!("localhost.evil.example:{port}"),
        format!("127.0.0.1.nip.io:{port}"),
        format!("192.168.0.1:{port}"),
        format!("[::1]:{port}"),
    ] {
        for path in ["/api/fleets", "/api/agents", "/api/events?fleet_id=1", "/", "/docs", "/openapi.json"] {
            let answer = server.send(&format!("GET {path} HTTP/1.1\nHost: {host}\nX-Fleet-Id: {}", fleet.id), b"");
            let detail = answer.refused(403);
            assert!(detail.as_str().expect("text").starts_with("this server does not answer to the name"), "{detail}");
        }
    }
    for host in [server.address.to_string(), format!("localhost:{port}"), "LOCALHOST".to_owned()] {
        assert_eq!(server.send(&format!("GET /api/fleets HTTP/1.1\nHost: {host}"), b"").status, 200, "{host}");
    }
    for heads in ["", "Host: localhost\nHost: localhost", "Host: ", "Host: a b", "Host: http://localhost/"] {
        let answer = server.send(&format!("GET /api/fleets HTTP/1.1\n{heads}"), b"");
        assert_eq!(answer.status, 400, "{heads}");
    }
}

#[test]
fn further_names_must_be_permitted() {
    let (environment, _fleet) = Environment::with_fleet();
    let server = Server::start_with(&environment, &["--allow-host", "Fleet.example", "--allow-host", "other.example"]);
    let status = |host: &str| server.send(&format!("GET /api/fleets HTTP/1.1\nHost: {host}"), b"").status;
    for host in ["fleet.example", "FLEET.EXAMPLE:443", "other.example", "localhost"] {
        assert_eq!(status(host), 200, "{host}");
    }
    assert_eq!(status("sub.fleet.example"), 403);
}

#[test]
fn what_comes_through_a_proxy_is_of_the_public_url_and_of_no_other() {
    let (environment, fleet) = Environment::with_fleet();
    let server = Server::start_with(&environment, &["--public-url", "https://Fleet.example:8443/team/"]);
    let body = json!({"from_agent_id": fleet.ada, "to_agent_id": fleet.grace, "text": "x"}).to_string();
    let send = |path: &str, host: &str, origin: &str| {
        let head = format!(
            "POST {path}/api/messages/send HTTP/1.1\nHost: {host}\nOrigin: {origin}\nX-Fleet-Id: {}\nContent-Type: application/json\n\
             Content-Length: {}",
            fleet.id,
            body.len()
        );
        server.send(&head, body.as_bytes()).status
    };
    let own = server.address.to_string();
    for host in [own.as_str(), "fleet.example:8443", "fleet.example"] {
        for path in ["", "/team"] {
            assert_eq!(send(path, host, "https://fleet.example:8443"), 200, "{path} {host}");
        }
    }
    assert_eq!(send("", &own, &format!("http://{own}")), 200, "it is there for whoever is on the machine, too");
    for origin in ["http://fleet.example:8443", "https://fleet.example", "https://fleet.example:8443.evil", "null"] {
        assert_eq!(send("", &own, origin), 403, "{origin}");
    }
    assert_eq!(send("", "evil.example", "https://fleet.example:8443"), 403);
    assert_eq!(send("/teams", &own, "https://fleet.example:8443"), 405, "that is a page, which is only read");
    for bad in ["fleet.example", "ftp://fleet.example", "https://fleet.example/?a=b"] {
        let error = environment.run(&["server", "--port", "0", "--public-url", bad]).error(2);
        assert!(error.contains("a public URL is http:// or https://"), "{error}");
    }
}

#[test]
fn a_page_of_another_site_changes_nothing() {
    let (environment, fleet, server) = served();
    let (address, port) = (server.address, server.address.port());
    let body = json!({"from_agent_id": fleet.ada, "to_agent_id": fleet.grace, "text": "x"}).to_string();
    let schedule = format!("/api/agents/{}/monitor", fleet.director);
    let change = |method: &str, path: &str, body: &str, lines: &str| {
        let head = format!(
            "{method} {path} HTTP/1.1\nHost: {address}\nX-Fleet-Id: {}\nContent-Length: {}\n{lines}",
            fleet.id,
            body.len()
        );
        server.send(&head, body.as_bytes())
    };
    for (method, path, body) in
        [("POST", "/api/messages/send", body.as_str()), ("PATCH", schedule.as_str(), r#"{"enabled":false}"#)]
    {
        for origin in [
            "http://evil.example".to_owned(),
            "null".to_owned(),
            format!("http://localhost:{port}"),
            "http://127.0.0.1".to_owned(),
            "http://127.0.0.1:1".to_owned(),
            format!("http://{address}.evil.example"),
            format!("http://user@{address}"),
        ] {
            let answer = change(method, path, body, &format!("Content-Type: application/json\nOrigin: {origin}"));
            assert_eq!(answer.refused(403), "a page of another site may not change or watch anything here", "{origin}");
        }
        // what a form or a script can send without asking first
        for media_type in [
            "",
            "Content-Type: text/plain",
            "Content-Type: application/x-www-form-urlencoded",
            "Content-Type: multipart/form-data; boundary=x",
            "Content-Type: text/plain; application/json",
            "Content-Type: application/json-patch+json",
        ] {
            assert_eq!(
                change(method, path, body, media_type).refused(415),
                "the body must be declared as application/json",
                "{media_type:?}"
            );
        }
    }
    assert_eq!(environment.number("SELECT count(*) FROM tasks"), 0);
    assert_eq!(environment.number("SELECT enabled FROM monitor_config"), 1);
    // the page itself
    for lines in [
        format!("Content-Type: application/json\nOrigin: http://{address}"),
        "Content-Type: Application/JSON; charset=utf-8".to_owned(),
    ] {
        assert_eq!(change("POST", "/api/messages/send", &body, &lines).status, 200, "{lines}");
    }
}

#[test]
fn nobody_is_permitted_to_read_across_sites() {
    let (_environment, fleet, server) = served();
    let preflight = server.send(
        &format!(
            "OPTIONS /api/messages/send HTTP/1.1\nHost: {}\nOrigin: http://evil.example\n\
             Access-Control-Request-Method: POST\nAccess-Control-Request-Headers: content-type,x-fleet-id",
            server.address
        ),
        b"",
    );
    assert!(preflight.status >= 400, "{preflight:?}");
    let read = server.send(
        &format!(
            "GET /api/agents HTTP/1.1\nHost: {}\nX-Fleet-Id: {}\nOrigin: http://evil.example",
            server.address, fleet.id
        ),
        b"",
    );
    for answer in [preflight, read] {
        let cors = answer.headers.iter().find(|(name, _)| name.starts_with("access-control-"));
        assert_eq!(cors, None);
    }
}

#[test]
fn every_answer_binds_the_browser() {
    let (_environment, fleet, server) = served();
    let paths = ["/", "/x", "/docs", "/docs/explorer-0.js", "/openapi.json", "/api/fleets", "/api/agents", "/api/x"];
    for path in paths {
        for id in [fleet.id, 99] {
            let answer = server.get(id, path);
            let policy = answer.header("content-security-policy").expect("a policy");
            let scripts = policy.split(';').find(|rule| rule.trim().starts_with("script-src")).expect("a rule");
            assert_eq!(scripts.trim(), "script-src 'self'", "{path}");
            for rule in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"] {
                assert!(policy.split(';').any(|known| known.trim() == rule), "{path}: {rule}");
            }
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
            assert_eq!(answer.header("x-frame-options"), Some("DENY"), "{path}");
            assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{path}");
            if path.starts_with("/api") {
                assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
            }
        }
    }
}

#[test]
fn a_body_that_is_too_long_is_refused_before_it_is_read() {
    let (environment, fleet, server) = served();
    let limit = 2 * 1024 * 1024;
    let announced = server.send(
        &format!(
            "POST /api/messages/send HTTP/1.1\nHost: {}\nX-Fleet-Id: {}\nContent-Type: application/json\n\
             Content-Length: {}",
            server.address,
            fleet.id,
            limit + 1
        ),
        b"",
    );
    assert_eq!(announced.refused(413), "the body is longer than 2 MiB");
    // one that does not say how long it is
    let chunk = format!("{:x}\r\n{}\r\n", 65_536, "x".repeat(65_536)).repeat(40) + "0\r\n\r\n";
    let head = format!(
        "POST /api/messages/send HTTP/1.1\nHost: {}\nX-Fleet-Id: {}\nContent-Type: application/json\n\
         Transfer-Encoding: chunked",
        server.address, fleet.id
    );
    assert_eq!(send(server.address, &head, chunk.as_bytes()).refused(413), "the body is longer than 2 MiB");
    // one that just fits is read, and found to be no JSON
    let fits = server.change_raw("POST", fleet.id, "/api/messages/send", &vec![b'x'; limit]);
    assert_eq!(fits.refused(422)[0]["type"], "json_invalid");
    assert_eq!(environment.number("SELECT count(*) FROM tasks"), 0);
    let huge = format!("GET /api/fleets HTTP/1.1\nHost: {}\nX-Huge: {}", server.address, "x".repeat(1 << 20));
    assert_eq!(server.send(&huge, b"").status, 431);
    assert_eq!(server.get(fleet.id, "/api/fleets").status, 200, "it goes on");
}

#[test]
fn paths_lead_nowhere_but_to_the_page() {
    let (environment, _fleet, server) = served();
    let page = server.get(0, "/").body;
    assert!(!page.is_empty());
    let database = environment.database().display().to_string();
    for path in [
        "/../../../../etc/passwd",
        "/..%2f..%2f..%2fetc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/....//....//etc/passwd",
        "//etc/passwd",
        "/etc/passwd%00.html",
        "/index.html/../../Cargo.toml",
        "/\\..\\..\\etc\\passwd",
        database.as_str(),
    ] {
        let answer = server.get(0, path);
        assert!([200, 400, 404].contains(&answer.status), "{path}: {}", answer.status);
        let text = String::from_utf8_lossy(&answer.body);
        assert!(!text.contains("root:") && !text.contains("[workspace]") && !text.contains("SQLite"), "{path}");
        if answer.status == 200 {
            assert!(answer.body == page, "{path} is the page");
        }
    }
    assert_eq!(server.get(0, "/assets/no-such-file.js").refused(404), "Not found");
    assert_eq!(server.change("POST", 0, "/", &json!({})).refused(405), "Method not allowed");
}

#[test]
fn a_client_that_says_nothing_holds_up_nobody() {
    let (_environment, fleet, server) = served();
    let mut idle: Vec<TcpStream> =
        (0..200).map(|_| TcpStream::connect(server.address).expect("the server listens")).collect();
    for stream in &mut idle {
        stream.write_all(b"POST /api/messages/send HTTP/1.1\r\nHost: localhost\r\nContent-Le").expect("a part is sent");
    }
    let begun = Instant::now();
    assert_eq!(server.get(fleet.id, "/api/agents").status, 200);
    assert!(begun.elapsed() < Duration::from_secs(5));
    let mut nothing = [0; 1];
    idle[0].set_read_timeout(Some(Duration::from_millis(50))).expect("a timeout");
    assert!(idle[0].read(&mut nothing).is_err(), "it still waits");
}

#[test]
fn without_descriptors_it_waits_and_says_so_once() {
    let (environment, fleet) = Environment::with_fleet();
    let plain = environment.command(&["server", "--port", "0"]);
    let mut command = Command::new("prlimit");
    command.arg("--nofile=40").arg(plain.get_program()).args(plain.get_args());
    command.env_clear().envs(environment.variables()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut server = Server::of(command.spawn().expect("prlimit runs"));
    let pid = server.child.id();
    let clients: Vec<TcpStream> = (0..60).map(|_| TcpStream::connect(server.address).expect("a connection")).collect();
    let switches = || -> u64 {
        let status = fs::read_to_string(format!("/proc/{pid}/task/{pid}/status")).expect("its status");
        let counts = status.lines().filter(|line| line.contains("ctxt_switches"));
        counts.map(|line| line.split_whitespace().last().and_then(|count| count.parse::<u64>().ok()).unwrap_or(0)).sum()
    };
    let used = || -> u64 {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("its state");
        let fields: Vec<&str> = stat.rsplit(')').next().expect("fields").split_whitespace().collect();
        fields[11].parse::<u64>().expect("ticks") + fields[12].parse::<u64>().expect("ticks")
    };
    let before = (switches(), used());
    pause(Duration::from_secs(2));
    let (switched, used) = (switches() - before.0, used() - before.1);
    assert!(switched < 100 && used < 20, "it spins: {switched} switches, {used} ticks");
    drop(clients);
    assert_eq!(server.get(fleet.id, "/api/fleets").status, 200, "it goes on");
    let mut told = server.child.stderr.take().expect("its errors");
    assert_eq!(server.stop("-TERM"), Some(0));
    let mut text = String::new();
    told.read_to_string(&mut text).expect("text");
    assert_eq!(text.matches("Warning: cannot accept connections").count(), 1, "{text}");
}

/// What another user of the machine is answered.
fn as_another_user(arguments: &[&str]) -> String {
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "curl", "--silent", "--max-time", "5"]);
    let output = command.args(["--write-out", " %{http_code}"]).args(arguments).output().expect("setpriv runs");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
#[expect(clippy::print_stderr, reason = "what was not tried is to be seen")]
fn another_user_of_the_machine_is_served_nothing() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("NOT TRIED: only root can be another user; run this test as root");
        return;
    }
    let (environment, fleet, server) = served();
    let index = server.get(fleet.id, "/").text();
    let assets = index.split('"').filter_map(|word| word.strip_prefix("/")).map(|name| format!("/{name}"));
    let document: Value = serde_json::from_slice(&server.get(fleet.id, "/openapi.json").body).expect("JSON");
    let paths = document["paths"].as_object().expect("paths").iter();
    let mut requests: Vec<(String, String)> = paths
        .flat_map(|(path, methods)| {
            let names = methods.as_object().expect("methods").keys();
            names.map(|method| (method.to_uppercase(), path.replace("{agent_id}", "1").replace("{task_id}", "1")))
        })
        .collect();
    let others = ["/", "/docs", "/docs/explorer-0.js", "/openapi.json", "/no-such-page", "/api/no-such"];
    requests.extend(others.map(|path| ("GET".to_owned(), path.to_owned())));
    requests.extend(assets.map(|path| ("GET".to_owned(), path)));
    assert!(requests.iter().filter(|(_, path)| path.starts_with("/assets/")).count() >= 2, "{requests:?}");
    assert!(requests.len() > 15, "{requests:?}");
    let header = format!("X-Fleet-Id: {}", fleet.id);
    for (method, path) in &requests {
        let url = format!("http://{}{path}", server.address);
        let json = ["--header", "Content-Type: application/json", "--data", "{}"];
        let body = if method == "GET" { &[][..] } else { &json[..] };
        let told = as_another_user(&[&["--request", method, "--header", &header, &url], body].concat());
        assert!(told.ends_with(" 403") && told.contains("only the user who started it"), "{method} {path}: {told}");
    }
    let upgrade = ["--header", "Connection: Upgrade", "--header", "Upgrade: websocket"];
    for path in ["/api/panes/1/stream?token=x", "/api/events/stream?fleet_id=1"] {
        let url = format!("http://{}{path}", server.address);
        assert!(as_another_user(&[&upgrade[..], &[&url]].concat()).ends_with(" 403"), "{path}");
    }
    assert_eq!(server.get(fleet.id, "/api/agents").status, 200, "its own user is");
    drop(environment);
}
