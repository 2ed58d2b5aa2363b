//! What an answer holds: a text, or news for as long as somebody listens.

use super::Shown;
use hyper::body::{Body, Bytes, Frame, SizeHint};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

/// Silence after which something is said, so that who has gone is missed.
const SILENCE: Duration = Duration::from_secs(15);

/// What an answer holds.
#[derive(Debug)]
pub enum Held {
    Text(Bytes),
    News(mpsc::Receiver<Bytes>),
}

impl Held {
    pub fn is_news(&self) -> bool {
        matches!(self, Held::News(_))
    }

    /// What is shown now, and whatever is shown after it. Who reads slowly misses what was between.
    pub fn news(shown: &watch::Receiver<Arc<Shown>>) -> Held {
        let (says, heard) = mpsc::channel(1);
        tokio::spawn(tell(shown.clone(), says));
        Held::News(heard)
    }
}

async fn tell(mut shown: watch::Receiver<Arc<Shown>>, says: mpsc::Sender<Bytes>) {
    loop {
        let news = format!("data: {}\n\n", shown.borrow_and_update().news);
        if says.send(news.into()).await.is_err() {
            return;
        }
        loop {
            match timeout(SILENCE, shown.changed()).await {
                Ok(Ok(())) => break,
                Ok(Err(_)) => return,
                // A line that begins with a colon is none that a browser tells its page of.
                Err(_) => {
                    if says.send(Bytes::from_static(b":\n\n")).await.is_err() {
                        return;
                    }
                }
            }
        }
    }
}

impl Body for Held {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let frame = |bytes| Ok(Frame::data(bytes));
        match self.get_mut() {
            Held::Text(text) if text.is_empty() => Poll::Ready(None),
            Held::Text(text) => Poll::Ready(Some(frame(std::mem::take(text)))),
            Held::News(heard) => heard.poll_recv(context).map(|news| news.map(frame)),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Held::Text(text) if text.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Held::Text(text) => SizeHint::with_exact(text.len() as u64),
            Held::News(_) => SizeHint::default(),
        }
    }
}
