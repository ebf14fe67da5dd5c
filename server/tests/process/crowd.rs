//! Many connections that never finish asking (promise I3).

use super::server::Server;
use std::io::Write;
use std::net::TcpStream;

/// Connections that are opened and whose requests never come whole.
const HALF_OPEN: usize = 2000;

#[test]
fn two_thousand_connections_that_never_finish_asking_keep_nobody_from_working() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(directory.path());
    let beginnings =
        ["", "G", "GET /livez HTTP/1.1\r\n", "POST /api/v1/tickets HTTP/1.1\r\nhost: 127.0.0.1\r\nx: "];
    let crowd: Vec<TcpStream> = (0..HALF_OPEN)
        .map(|index| {
            let mut stream = TcpStream::connect(server.address)
                .unwrap_or_else(|error| panic!("connection {index}, with `ulimit -n` as it is: {error}"));
            stream.write_all(beginnings[index % beginnings.len()].as_bytes()).unwrap();
            stream
        })
        .collect();
    for ticket in 1..=5 {
        assert_eq!(server.connect().open_ticket(), ticket);
    }
    let mut client = server.connect();
    assert_eq!(client.get("/livez").unwrap().status, 200);
    assert_eq!(crowd.len(), HALF_OPEN);
}
