//! A web server of a few lines, which counts, and fails in the ways that servers fail.

use percent_encoding::percent_decode_str;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// When every file was written.
const MODIFIED: &str = "Mon, 07 Sep 2026 08:00:00 GMT";

/// A server on a port of its own, which ends with the process.
pub struct HttpServer {
    /// `http://127.0.0.1:PORT`.
    pub url: String,
    /// What was asked for and answered.
    pub log: Arc<Mutex<Vec<Answered>>>,
    /// Most requests that were under way at once.
    pub most_at_once: Arc<AtomicUsize>,
}

/// A request, and how many bytes of the file it was given.
#[derive(Debug, Clone)]
pub struct Answered {
    pub method: String,
    pub path: String,
    pub bytes: usize,
}

/// What the server does with a request for a file that it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    Answers,
    /// Answers once two requests were under way at the same time.
    WaitsForAnother,
    /// Fails so many requests for a file, and answers the next one.
    Fails(usize),
    /// Sends half of what it promised so many times, and the whole the next time.
    HangsUpFirst(usize),
    /// Sends half of what it promised, and hangs up.
    HangsUp,
    /// Never answers.
    Hangs,
    /// Knows no ranges.
    GivesWholeFiles,
    /// Answers with a status and nothing else, also for files that it does not have.
    Says(u16),
    /// Answers with a status and this text, also for files that it does not have; as always, HEAD is given no text.
    Explains(u16, &'static str),
}

impl HttpServer {
    /// Serves files, and behaves as `behaviour` says for each path.
    pub fn start(
        files: BTreeMap<String, Vec<u8>>,
        behaviour: impl Fn(&str) -> Behaviour + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (log, most_at_once) = (Arc::default(), Arc::default());
        let server = Arc::new(Server {
            files,
            behaviour: Box::new(behaviour),
            log: Arc::clone(&log),
            at_once: AtomicUsize::new(0),
            most_at_once: Arc::clone(&most_at_once),
        });
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (server, stream) = (Arc::clone(&server), stream.unwrap());
                std::thread::spawn(move || server.serve(&stream));
            }
        });
        Self { url, log, most_at_once }
    }
}

struct Server {
    files: BTreeMap<String, Vec<u8>>,
    behaviour: Box<dyn Fn(&str) -> Behaviour + Send + Sync>,
    log: Arc<Mutex<Vec<Answered>>>,
    at_once: AtomicUsize,
    most_at_once: Arc<AtomicUsize>,
}

impl Server {
    /// Answers the requests of one connection. A client that goes away ends it.
    fn serve(&self, stream: &TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        while let Some((method, path, range)) = read_request(&mut reader) {
            let now = self.at_once.fetch_add(1, Ordering::SeqCst) + 1;
            self.most_at_once.fetch_max(now, Ordering::SeqCst);
            let goes_on = self.answer(stream, &method, &path, range);
            self.at_once.fetch_sub(1, Ordering::SeqCst);
            if !goes_on {
                break;
            }
        }
    }

    fn answer(&self, mut stream: &TcpStream, method: &str, path: &str, range: Option<Range<usize>>) -> bool {
        let is_same = |it: &&Answered| it.method == method && it.path == path;
        let asked_before = self.log.lock().unwrap().iter().filter(is_same).count();
        let log = |bytes| {
            let (method, path) = (method.to_owned(), path.to_owned());
            self.log.lock().unwrap().push(Answered { method, path, bytes });
        };
        let mut send = |head: &str, body: &[u8]| {
            stream.write_all(format!("HTTP/1.1 {head}\r\n\r\n").as_bytes()).is_ok()
                && stream.write_all(body).is_ok()
        };
        let nothing = |status: u16| format!("{status} Status\r\nContent-Length: 0");
        let behaviour = (self.behaviour)(path);
        match behaviour {
            Behaviour::Says(status) if method != "PROPFIND" => {
                log(0);
                return send(&nothing(status), &[]);
            }
            Behaviour::Explains(status, text) => {
                log(0);
                let body = if method == "HEAD" { "" } else { text };
                return send(&format!("{status} Status\r\nContent-Length: {}", body.len()), body.as_bytes());
            }
            _ => {}
        }
        let (Some(file), "GET" | "HEAD") = (self.files.get(path), method) else {
            log(0);
            return send(&nothing(if method == "PROPFIND" { 405 } else { 404 }), &[]);
        };
        let whole = 0..file.len();
        let wanted = range.filter(|_| behaviour != Behaviour::GivesWholeFiles);
        let given = wanted.clone().map_or(whole.clone(), |it| it.start.min(whole.end)..it.end.min(whole.end));
        let body = if method == "HEAD" { &[] } else { &file[given.clone()] };
        log(body.len());
        let head = match wanted {
            Some(_) => format!(
                "206 Partial Content\r\nContent-Range: bytes {}-{}/{}",
                given.start,
                given.end.saturating_sub(1),
                file.len()
            ),
            None => "200 OK".to_owned(),
        };
        let head = format!("{head}\r\nContent-Length: {}\r\nLast-Modified: {MODIFIED}", given.len());
        let breaks_off = match behaviour {
            Behaviour::HangsUp => true,
            Behaviour::HangsUpFirst(times) => asked_before < times,
            _ => false,
        };
        if breaks_off && method == "GET" {
            // Without an `ETag`: where there is one, a client may go on where the answer broke off.
            send(&head, &body[..body.len() / 2]);
            let _ = stream.shutdown(std::net::Shutdown::Both);
            return false;
        }
        let head = format!("{head}\r\nETag: \"1\"");
        match behaviour {
            Behaviour::WaitsForAnother => {
                // So long that a client which waits for this answer before it asks again is given up on.
                let deadline = Instant::now() + Duration::from_mins(1);
                while self.most_at_once.load(Ordering::SeqCst) < 2 && Instant::now() < deadline {
                    std::thread::sleep(Duration::from_millis(5));
                }
                send(&head, body)
            }
            Behaviour::Fails(times) if asked_before < times => send(&nothing(503), &[]),
            Behaviour::Hangs => {
                std::thread::sleep(Duration::from_mins(1));
                false
            }
            _ => send(&head, body),
        }
    }
}

/// Method, path and range of the next request.
fn read_request(reader: &mut impl BufRead) -> Option<(String, String, Option<Range<usize>>)> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let (mut words, mut range, mut length) = (line.split_whitespace(), None, 0);
    let method = words.next()?.to_owned();
    let path = percent_decode_str(words.next()?).decode_utf8_lossy().into_owned();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok().filter(|read| *read > 0)?;
        let header = header.trim().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some((start, end)) = header.strip_prefix("range: bytes=").and_then(|it| it.split_once('-')) {
            range = Some(start.parse().ok()?..end.parse::<usize>().ok()? + 1);
        }
        if let Some(value) = header.strip_prefix("content-length: ") {
            length = value.parse().ok()?;
        }
    }
    reader.read_exact(&mut vec![0; length]).ok()?;
    Some((method, path, range))
}
