//! The local edge stands where CloudFront stands on AWS: it leads to the portal's own paths and to no other.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

use harness::{
    story::{StoryResult, ensure},
    world::World,
};

/// As a client sends it that does not put the path in order first.
fn ask(origin: &str, path: &str) -> StoryResult<String> {
    let address = origin.trim_start_matches("http://");
    let mut line = TcpStream::connect(address)?;
    write!(line, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    line.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[tokio::test]
async fn no_path_climbs_out_of_the_portal_into_the_emulator() -> StoryResult {
    let world = World::enter().await?;
    let portal = world.environment.portal()?;
    let simulators = portal.replace("127.0.0.1", "localhost");
    let up = "../".repeat(4);
    for (origin, path) in [
        (&portal, format!("/api/{up}_ministack/ses/messages")),
        (&portal, format!("/api/{}_ministack/ses/messages", up.replace("..", "%2e%2E"))),
        (&portal, format!("/api/{}_ministack/ses/messages", up.replace("..", ".%2e"))),
        (&portal, format!("/api/{}_ministack/ses/messages", up.replace('/', "\\"))),
        (&portal, "/api/./session".to_owned()),
        (&portal, format!("/facts/{up}_ministack/health")),
        (&simulators, format!("/identity/{up}_ministack/ses/messages")),
    ] {
        let answer = ask(origin, &path)?;
        ensure(answer.starts_with("HTTP/1.1 400 "), format!("{path}: {answer}"))?;
        ensure(!answer.contains("messages\""), format!("{path} reaches the emulator"))?;
    }
    // Dots that are part of a name lead nowhere.
    let answer = ask(&portal, "/api/session?x=../y")?;
    ensure(answer.starts_with("HTTP/1.1 401 "), answer)
}
