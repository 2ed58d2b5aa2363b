//! What is answered to a request: the page, its news, or why not.

use super::Shown;
use super::body::Held;
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use std::sync::Arc;
use tokio::sync::watch;

/// Where the page hears of news.
const NEWS: &str = "/events";

/// What a browser says of who makes a request.
const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// With every answer, whatever it is.
const ALWAYS: [(HeaderName, &str); 6] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

pub fn answer<B>(
    request: &Request<B>,
    port: u16,
    shown: &watch::Receiver<Arc<Shown>>,
) -> Response<Held> {
    let plain = |status, text: &'static str| {
        made(status, "text/plain; charset=utf-8", "default-src 'none'", Held::Text(text.into()))
    };
    if !is_called_so(request, port) {
        return plain(StatusCode::MISDIRECTED_REQUEST, "This is not served under that name.\n");
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut refused = plain(StatusCode::METHOD_NOT_ALLOWED, "It can only be read.\n");
        refused.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return refused;
    }
    match request.uri().path() {
        "/" => {
            let shown = Arc::clone(&shown.borrow());
            let page = Held::Text(shown.page.clone());
            made(StatusCode::OK, "text/html; charset=utf-8", &shown.policy, page)
        }
        NEWS if !is_of_this_page(request.headers()) => {
            plain(StatusCode::FORBIDDEN, "Only the page itself is told.\n")
        }
        NEWS => {
            let news = match *request.method() {
                Method::HEAD => Held::Text(hyper::body::Bytes::new()),
                _ => Held::news(shown),
            };
            made(StatusCode::OK, "text/event-stream", "default-src 'none'", news)
        }
        // Browsers ask by themselves.
        "/favicon.ico" => plain(StatusCode::NO_CONTENT, ""),
        _ => plain(StatusCode::NOT_FOUND, "There is one page here, at /.\n"),
    }
}

fn made(status: StatusCode, kind: &'static str, policy: &str, held: Held) -> Response<Held> {
    let mut response = Response::new(held);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let policy = HeaderValue::try_from(policy);
    let policy = policy.unwrap_or(HeaderValue::from_static("default-src 'none'"));
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

/// Whoever asks names this very address: no other name was made to lead here.
fn is_called_so<B>(request: &Request<B>, port: u16) -> bool {
    let is_ours = |name: &[u8]| {
        let ours = |host: &str| name == format!("{host}:{port}").as_bytes();
        ours("127.0.0.1") || ours("localhost")
    };
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let named = hosts.next().is_some_and(|host| is_ours(host.as_bytes()));
    let named_again = request.uri().authority().is_none_or(|one| is_ours(one.as_str().as_bytes()));
    named && hosts.next().is_none() && named_again
}

/// Programs say nothing of it; browsers do.
fn is_of_this_page(headers: &HeaderMap) -> bool {
    headers.get(SITE).is_none_or(|site| site == "same-origin")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::Board;

    fn asked(method: &str, uri: &str, headers: &[(&str, &str)]) -> Response<Held> {
        let board = Board::new(Shown {
            page: "<p>page".into(),
            policy: "default-src 'none'; x".into(),
            news: "{}".into(),
        });
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        answer(&request.body(()).unwrap(), 4000, &board.0.subscribe())
    }

    #[test]
    fn only_who_calls_it_by_its_name_is_answered() {
        for host in ["127.0.0.1:4000", "localhost:4000"] {
            assert_eq!(asked("GET", "/", &[("host", host)]).status(), 200, "{host}");
        }
        for hosts in [
            &[][..],
            &[("host", "127.0.0.1")],
            &[("host", "127.0.0.1:4001")],
            &[("host", "evil.example:4000")],
            &[("host", "localhost.evil.example:4000")],
            &[("host", "127.0.0.1:4000, evil.example")],
            &[("host", "127.0.0.1:4000"), ("host", "evil.example")],
        ] {
            assert_eq!(asked("GET", "/", hosts).status(), 421, "{hosts:?}");
        }
        let through = asked("GET", "http://evil.example/", &[("host", "127.0.0.1:4000")]);
        assert_eq!(through.status(), 421);
    }

    #[test]
    fn it_can_only_be_read() {
        let host = ("host", "localhost:4000");
        for method in ["POST", "PUT", "DELETE", "OPTIONS", "CONNECT", "PATCH", "BREW"] {
            let refused = asked(method, "/", &[host]);
            assert_eq!(refused.status(), 405, "{method}");
            assert_eq!(refused.headers()[header::ALLOW], "GET, HEAD");
        }
        for path in ["/etc/passwd", "/../x", "//", "/%2e%2e", "/index.html", "/events/"] {
            assert_eq!(asked("GET", path, &[host]).status(), 404, "{path}");
        }
        let fetched = asked("GET", NEWS, &[host, ("sec-fetch-site", "cross-site")]);
        assert_eq!(fetched.status(), 403, "another page's script");
    }

    #[test]
    fn every_answer_says_what_may_be_done_with_it() {
        let page = asked("GET", "/", &[("host", "localhost:4000")]);
        assert_eq!(page.headers()[header::CONTENT_SECURITY_POLICY], "default-src 'none'; x");
        let wrong = asked("GET", "/x", &[("host", "localhost:4000")]);
        assert_eq!(wrong.headers()[header::CONTENT_SECURITY_POLICY], "default-src 'none'");
        for answer in [page, wrong] {
            for (name, value) in ALWAYS {
                assert_eq!(answer.headers()[&name], value);
            }
        }
    }
}
