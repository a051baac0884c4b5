//! A static file server for 127.0.0.1: enough HTTP for a browser, and nothing to install.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};

use crate::Res;

/// Serves a folder from a thread of its own until the process ends; port 0 takes a free one.
/// Returns the port.
pub fn start(folder: PathBuf, port: u16) -> Res<u16> {
    let listener = TcpListener::bind(("127.0.0.1", port)).map_err(|why| {
        format!("port {port}: {why}: name another one, as in `cargo xtask play 4200`")
    })?;
    let port = listener.local_addr().map_err(|why| why.to_string())?.port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let folder = folder.clone();
            // A browser that went away in the middle of an answer is no concern of ours.
            std::thread::spawn(move || drop(converse(stream, &folder)));
        }
    });
    Ok(port)
}

/// What is sent back.
struct Answer {
    status: &'static str,
    kind: &'static str,
    /// Where to go instead.
    location: Option<String>,
    body: Vec<u8>,
}

impl Answer {
    fn plain(status: &'static str) -> Answer {
        Answer {
            status,
            kind: "text/plain; charset=utf-8",
            location: None,
            body: format!("{status}\n").into_bytes(),
        }
    }
}

/// One request, one answer, and the connection is closed.
fn converse(mut stream: TcpStream, folder: &Path) -> std::io::Result<()> {
    let request = read_request(&mut BufReader::new(&stream))?;
    let mut words = request.split(' ');
    let method = words.next().unwrap_or_default();
    let target = words.next().unwrap_or("/");
    let answer = match method {
        "GET" | "HEAD" => find(folder, target),
        _ => Answer::plain("405 Method Not Allowed"),
    };
    write!(
        stream,
        "HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nCache-Control: no-cache\r\nConnection: close\r\n",
        answer.status,
        answer.kind,
        answer.body.len()
    )?;
    if let Some(location) = answer.location {
        write!(stream, "Location: {location}\r\n")?;
    }
    stream.write_all(b"\r\n")?;
    if method != "HEAD" {
        stream.write_all(&answer.body)?;
    }
    stream.flush()
}

/// The request line; the header lines are read and forgotten.
fn read_request(from: &mut impl BufRead) -> std::io::Result<String> {
    let mut line = String::new();
    from.read_line(&mut line)?;
    let mut header = String::new();
    while from.read_line(&mut header)? > 2 {
        header.clear();
    }
    Ok(line)
}

/// The file that a request's target names.
fn find(folder: &Path, target: &str) -> Answer {
    let path = unescape(target.split(['?', '#']).next().unwrap_or_default());
    if path.split('/').any(|part| part == "..") || path.contains(['\\', '\0']) {
        return Answer::plain("400 Bad Request");
    }
    let mut file = folder.join(path.trim_start_matches('/'));
    if file.is_dir() {
        if !path.ends_with('/') {
            return Answer {
                location: Some(format!("{path}/")),
                ..Answer::plain("301 Moved Permanently")
            };
        }
        file.push("index.html");
    }
    match std::fs::read(&file) {
        Ok(body) => Answer {
            status: "200 OK",
            kind: kind(&file),
            location: None,
            body,
        },
        Err(_) => Answer::plain("404 Not Found"),
    }
}

/// Undoes percent-encoding.
fn unescape(text: &str) -> String {
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let byte = match after {
            [high, low, ..] if *first == b'%' => hex(*high, *low),
            _ => None,
        };
        out.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn hex(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

fn kind(file: &Path) -> &'static str {
    match file.extension().and_then(|ending| ending.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("txt" | "md") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
    }

    #[test]
    fn a_file_comes_whole_and_with_its_kind() {
        let answer = find(&source(), "/src/serve%2ers?v=1");
        assert_eq!(answer.status, "200 OK");
        assert_eq!(answer.body, include_bytes!("serve.rs"));
        assert_eq!(kind(Path::new("a.wasm")), "application/wasm");
    }

    #[test]
    fn a_folder_without_a_slash_is_sent_on() {
        let answer = find(&source(), "/src");
        assert_eq!(answer.status, "301 Moved Permanently");
        assert_eq!(answer.location.as_deref(), Some("/src/"));
    }

    #[test]
    fn nothing_outside_the_folder_is_served() {
        for target in [
            "/../Cargo.toml",
            "/%2e%2e/Cargo.toml",
            "/src/..\\..\\Cargo.toml",
        ] {
            assert_eq!(
                find(&source(), target).status,
                "400 Bad Request",
                "{target}"
            );
        }
        assert_eq!(find(&source(), "//etc/passwd").status, "404 Not Found");
    }

    #[test]
    fn a_percent_that_escapes_nothing_stays() {
        assert_eq!(unescape("100%"), "100%");
        assert_eq!(unescape("a%20b%zz"), "a b%zz");
    }

    #[test]
    fn a_whole_conversation() {
        let port = start(source(), 0).unwrap();
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream
            .write_all(b"HEAD /Cargo.toml HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .unwrap();
        let answer = std::io::read_to_string(stream).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.ends_with("\r\n\r\n"), "{answer}");
    }
}
