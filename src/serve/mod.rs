//! One page, served to the browsers of this machine, and the news that there is another one.
//!
//! What the page is, whoever shows it on the [`Board`] decides; nothing is ever read from a disk, and
//! what a browser asks for is compared, never used. Only the loopback address listens, and only who
//! calls it by its name is answered: a page from elsewhere whose host was made to lead here is not.
//! Everything a browser may make this hold is bounded: how many it is, what it says, how long it takes.

mod answer;
mod body;

use crate::failure::Failure;
use answer::answer;
use hyper::body::Bytes;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::net::Ipv4Addr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;

/// So many browsers at once; who comes later is turned away until another has gone.
const CONNECTIONS: usize = 64;

/// What a request may say before its body, in bytes. Its body is not read.
const REQUEST: usize = 16 << 10;

/// To say it in.
const ASKING: Duration = Duration::from_secs(10);

/// To be answered in.
const ANSWERING: Duration = Duration::from_secs(60);

/// To be told news in; a browser then asks again by itself.
const LISTENING: Duration = Duration::from_secs(600);

/// What is shown at present.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    /// HTML.
    pub page: Bytes,
    /// What the page may do: a Content-Security-Policy.
    pub policy: String,
    /// For the page's script, on one line.
    pub news: String,
}

/// Where whoever makes the page shows it.
#[derive(Clone, Debug)]
pub struct Board(watch::Sender<Arc<Shown>>);

impl Board {
    pub fn new(first: Shown) -> Board {
        Board(watch::Sender::new(Arc::new(first)))
    }

    /// Shows another, and tells every browser.
    pub fn show(&self, shown: Shown) {
        self.0.send_replace(Arc::new(shown));
    }
}

/// Listens, but answers nobody yet.
#[derive(Debug)]
pub struct Server {
    runtime: Runtime,
    listener: TcpListener,
    port: u16,
    interrupts: Interrupts,
}

impl Server {
    /// Listens on this port of the loopback address, or on a free one for 0. From here on the
    /// program is ended by [`Server::run`] alone.
    pub fn open(port: u16) -> Result<Server, Failure> {
        let failed = |error: std::io::Error| {
            Failure::new(format!("listen on {}:{port}", Ipv4Addr::LOCALHOST), error)
                .to_do("name another port, or none to get one that is free")
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(failed)?;
        let opened = runtime.block_on(async {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
            let port = listener.local_addr()?.port();
            Ok((listener, port, Interrupts::new()?))
        });
        let (listener, port, interrupts) = opened.map_err(failed)?;
        Ok(Server { runtime, listener, port, interrupts })
    }

    pub fn address(&self) -> String {
        format!("http://{}:{}/", Ipv4Addr::LOCALHOST, self.port)
    }

    /// Answers until somebody interrupts the program.
    pub fn run(self, board: &Board) {
        let Server { runtime, listener, port, interrupts } = self;
        runtime.spawn(serve(listener, port, board.0.subscribe()));
        runtime.block_on(interrupts.wait());
        // Nobody is waited for.
        runtime.shutdown_background();
    }
}

/// Ctrl-C, or the wish of whoever started it that it end.
#[cfg(unix)]
#[derive(Debug)]
struct Interrupts([tokio::signal::unix::Signal; 2]);

#[cfg(unix)]
impl Interrupts {
    fn new() -> std::io::Result<Interrupts> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Interrupts([signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?]))
    }

    async fn wait(mut self) {
        std::future::poll_fn(|context| {
            match self.0.iter_mut().any(|one| one.poll_recv(context).is_ready()) {
                true => Poll::Ready(()),
                false => Poll::Pending,
            }
        })
        .await;
    }
}

#[cfg(not(unix))]
#[derive(Debug)]
struct Interrupts;

#[cfg(not(unix))]
impl Interrupts {
    fn new() -> std::io::Result<Interrupts> {
        Ok(Interrupts)
    }

    async fn wait(self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}

async fn serve(listener: TcpListener, port: u16, shown: watch::Receiver<Arc<Shown>>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // No file is left to be opened, say; that passes.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else { continue };
        let shown = shown.clone();
        tokio::spawn(async move {
            converse(stream, port, shown).await;
            drop(place);
        });
    }
}

/// One request and its answer. Who is told news may stay longer.
async fn converse(stream: TcpStream, port: u16, shown: watch::Receiver<Arc<Shown>>) {
    let listens = Arc::new(AtomicBool::new(false));
    let service = service_fn(|request| {
        let answer = answer(&request, port, &shown);
        listens.store(answer.body().is_news(), Ordering::Relaxed);
        std::future::ready(Ok::<_, std::convert::Infallible>(answer))
    });
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(ASKING)
            .max_buf_size(REQUEST)
            .keep_alive(false)
            .serve_connection(TokioIo::new(stream), service)
    );
    // However it ends, the browser is the one that knows what to do about it.
    if timeout(ANSWERING, connection.as_mut()).await.is_err() && listens.load(Ordering::Relaxed) {
        let _ = timeout(LISTENING, connection).await;
    }
}
