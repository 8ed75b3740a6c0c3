//! A server on a raw socket: answers each request with canned bytes and keeps what it was asked. For the exchanges that
//! were recorded from real servers, and for servers that lie.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use basedeck::api::client::{Client, Connection, DoorConfig, install_tls};
use basedeck::api::route::Door;
use basedeck::secret::Secret;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use url::Url;

/// A request as it came.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Reads a head, and a body of the length it names.
    pub fn parse(head: &str) -> Self {
        let mut lines = head.lines();
        let mut first = lines.next().unwrap().split(' ');
        let (method, target) = (first.next().unwrap().to_owned(), first.next().unwrap().to_owned());
        let headers = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(key, value)| (key.to_owned(), value.trim().to_owned()))
            .collect();
        Self { method, target, headers, body: Vec::new() }
    }
}

/// Reads a request's head only.
pub async fn read_head(stream: &mut TcpStream) -> Option<Request> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    Some(Request::parse(std::str::from_utf8(&head).unwrap()))
}

/// Reads a whole request.
pub async fn read_request(stream: &mut TcpStream) -> Option<Request> {
    let mut request = read_head(stream).await?;
    let length = request.header("content-length").map_or(0, |length| length.parse().unwrap());
    request.body = vec![0; length];
    stream.read_exact(&mut request.body).await.ok()?;
    Some(request)
}

/// A listening server and what it was asked so far.
pub struct Server {
    pub url: Url,
    asked: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Answers the requests in turn, the last answer for ever; keeps connections open.
    pub async fn answering<T: Into<Vec<u8>>>(answers: impl IntoIterator<Item = T>) -> Self {
        let answers: Arc<[Vec<u8>]> = answers.into_iter().map(Into::into).collect();
        Self::judging(move |count, _| std::future::ready(answers[count.min(answers.len() - 1)].clone())).await
    }

    /// Answers each request as a function says; keeps connections open.
    pub async fn serving<F: Future<Output = String> + Send>(
        judge: impl Fn(Request) -> F + Clone + Send + 'static,
    ) -> Self {
        Self::judging(move |_, request| {
            let answer = judge(request);
            async { answer.await.into_bytes() }
        })
        .await
    }

    /// Answers each request, of which so many came before it, as a function says.
    async fn judging<F: Future<Output = Vec<u8>> + Send>(
        judge: impl Fn(usize, Request) -> F + Clone + Send + 'static,
    ) -> Self {
        let (listener, url) = listen().await;
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = asked.clone();
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let (log, judge) = (log.clone(), judge.clone());
                tokio::spawn(async move {
                    while let Some(request) = read_request(&mut stream).await {
                        let before = {
                            let mut log = log.lock().unwrap();
                            log.push(request.clone());
                            log.len() - 1
                        };
                        let answer = judge(before, request).await;
                        // No answer at all: the connection is closed.
                        if answer.is_empty() || stream.write_all(&answer).await.is_err() {
                            return;
                        }
                    }
                });
            }
        });
        Self { url, asked }
    }

    /// Hands each connection to a function that may do with it as it likes.
    pub async fn with<F: Future<Output = ()> + Send + 'static>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> Url {
        let (listener, url) = listen().await;
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(stream));
            }
        });
        url
    }

    pub fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }
}

async fn listen() -> (TcpListener, Url) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    (listener, url)
}

/// An address where nobody listens: while the socket lives, nobody else can.
pub fn deaf() -> (TcpSocket, Url) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = Url::parse(&format!("http://{}", socket.local_addr().unwrap())).unwrap();
    (socket, url)
}

/// An answer with its length.
pub fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len())
}

/// A client of one door.
pub fn client(door: Door, url: &Url, key: &str) -> Client {
    connect(&[(door, url, key)], false)
}

/// A client of several doors.
pub fn connect(doors: &[(Door, &Url, &str)], read_only: bool) -> Client {
    install_tls();
    let doors = doors.iter().map(|&(door, base, key)| DoorConfig {
        door,
        user: (door == Door::Studio).then(|| "ops".to_owned()),
        base: base.clone(),
        reference: Some("default".into()),
        credential: Secret::new(key.into()),
        renew: None,
    });
    Client::new(Connection { doors: doors.collect(), read_only, ca_file_pem: None, detect: false, watch: None })
}

/// Long enough for a busy machine, short enough for a test that must see it pass.
pub const SOON: Duration = Duration::from_millis(300);
