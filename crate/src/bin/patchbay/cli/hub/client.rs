//! One GET: what its answer says of the file, and which failures may pass.

use std::io::{self, Read};
use std::time::{Duration, SystemTime};

use anyhow::{Error, anyhow};
use ureq::http::{HeaderMap, Response, StatusCode, header};
use ureq::{Agent, Body, BodyReader, Timeout};

use super::Environment;
use super::retry::{Failure, retry_after};

/// The longest silence: no connection, or no byte.
const PATIENCE: Duration = Duration::from_secs(30);

const MOST_REDIRECTS: usize = 10;

/// Where something begins of which a server does not say where it belongs.
pub const NOWHERE: u64 = u64::MAX;

pub struct Client {
    agent: Agent,
    /// Sent to the hub and to nobody it redirects to.
    token: Option<String>,
    hub: String,
}

/// What the hub says of a file before it redirects to where the bytes are.
#[derive(Debug, Default, PartialEq)]
pub struct Described {
    /// The commit that it is of.
    pub commit: Option<String>,
    pub etag: Option<String>,
    pub size: Option<u64>,
}

pub struct Answer {
    pub described: Described,
    /// The place of its first byte in the file, or [`NOWHERE`].
    pub first: u64,
    /// Bytes of the whole file.
    pub size: Option<u64>,
    body: BodyReader<'static>,
}

impl Client {
    pub fn new(environment: &Environment) -> Self {
        let config = Agent::config_builder()
            .max_redirects(0)
            .http_status_as_error(false)
            .user_agent(concat!("patchbay/", env!("CARGO_PKG_VERSION")))
            // Ranges count the bytes of the file only where nothing is compressed.
            .accept_encoding("identity")
            .timeout_resolve(Some(PATIENCE))
            .timeout_connect(Some(PATIENCE))
            .timeout_per_read(Some(PATIENCE))
            .timeout_per_write(Some(PATIENCE));
        let Environment { token, endpoint, .. } = environment;
        Self { agent: config.build().into(), token: token.clone(), hub: origin(endpoint).to_owned() }
    }

    /// What a hub says of a file, which nothing is sent of.
    pub fn describe(&self, url: &str) -> Result<Described, Failure> {
        let (mut described, end) = self.follow(url, Ask::Description)?;
        if let Some(response) = end {
            if response.status() != StatusCode::OK {
                return Err(refusal(url, response.status(), response.headers()));
            }
            described.size = described.size.or_else(|| length(response.headers()));
        }
        Ok(described)
    }

    /// The file at an address, from this byte on if the server can do that.
    pub fn get(&self, url: &str, from: u64) -> Result<Answer, Failure> {
        match self.follow(url, Ask::Bytes { from })? {
            (described, Some(response)) => answer(url, described, response),
            (_, None) => Err(too_many_redirects(url).into()),
        }
    }

    /// Follows redirects. Of a description there may be no last answer: what is on another server is not described there.
    fn follow(&self, url: &str, ask: Ask) -> Result<(Described, Option<Response<Body>>), Failure> {
        let mut described = Described::default();
        let mut at = url.to_owned();
        for _ in 0..=MOST_REDIRECTS {
            let mut request = match ask {
                Ask::Description => self.agent.head(&at),
                Ask::Bytes { from: 0 } => self.agent.get(&at),
                Ask::Bytes { from } => self.agent.get(&at).header(header::RANGE, format!("bytes={from}-")),
            };
            if let Some(token) = self.token.as_ref().filter(|_| origin(&at) == self.hub) {
                request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
            }
            let response = request.call().map_err(|error| no_answer(&at, error))?;
            let (status, headers) = (response.status(), response.headers());
            let next =
                text(headers, "location").filter(|_| status.is_redirection()).map(|to| target(&at, to));
            let leaves = next.as_ref().is_some_and(|next| origin(next) != origin(url));
            if origin(&at) == origin(url) {
                described.add(headers, next.is_some() && !leaves);
            }
            match next {
                None => return Ok((described, Some(response))),
                Some(next) if at.starts_with("https:") && !next.starts_with("https:") => {
                    let (url, next) = (shown(url), shown(&next));
                    return Err(anyhow!(
                        "expected an answer over https from {url}, found a redirect to {next}"
                    )
                    .into());
                }
                Some(_) if leaves && matches!(ask, Ask::Description) => return Ok((described, None)),
                Some(next) => at = next,
            }
        }
        Err(too_many_redirects(url).into())
    }
}

enum Ask {
    Description,
    Bytes { from: u64 },
}

fn too_many_redirects(url: &str) -> Error {
    anyhow!("{} leads from one address to the next; {MOST_REDIRECTS} were followed", shown(url))
}

fn answer(url: &str, described: Described, response: Response<Body>) -> Result<Answer, Failure> {
    let (status, headers) = (response.status(), response.headers());
    let range = text(headers, "content-range").and_then(content_range);
    let (first, size) = match (status, range) {
        (StatusCode::PARTIAL_CONTENT, Some((first, size))) => (first, size),
        (StatusCode::OK, _) => (0, length(headers)),
        (StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE, _) => (NOWHERE, None),
        _ => return Err(refusal(url, status, headers)),
    };
    if let Some(encoding) = text(headers, "content-encoding").filter(|encoding| *encoding != "identity") {
        let message = "the server compresses it, which was not asked for; expected the file as it is";
        return Err(anyhow!("{}: {message} (Content-Encoding: {encoding})", shown(url)).into());
    }
    let size = described.size.or(size);
    Ok(Answer { described, first, size, body: response.into_body().into_reader() })
}

impl Described {
    /// A redirect on the same server has an ETag of its own, which is not the file's.
    fn add(&mut self, headers: &HeaderMap, moved: bool) {
        let owned = |name: &str| text(headers, name).map(str::to_owned);
        let commit = owned("x-repo-commit").filter(|commit| is_commit(commit));
        self.commit = self.commit.take().or(commit);
        let etag = owned("x-linked-etag").or_else(|| owned("etag").filter(|_| !moved));
        self.etag = self.etag.take().or(etag);
        self.size = self.size.or_else(|| text(headers, "x-linked-size")?.parse().ok());
    }
}

pub fn is_commit(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

impl Answer {
    /// The next bytes; none at the end.
    pub fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Failure> {
        loop {
            match self.body.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => return read.map_err(|error| Failure::passing(words(error.into()))),
            }
        }
    }
}

/// Why there is no file in an answer, and what to do.
fn refusal(url: &str, status: StatusCode, headers: &HeaderMap) -> Failure {
    let url = shown(url);
    let why = match (status.as_u16(), text(headers, "x-error-code").unwrap_or_default()) {
        (408 | 429 | 500 | 502 | 503 | 504, _) => {
            let wait = text(headers, "retry-after").and_then(|text| retry_after(text, SystemTime::now()));
            return Failure::Passing { why: format!("HTTP {status}"), retry_after: wait };
        }
        (_, "GatedRepo") => {
            "the model is gated: accept its conditions on its page, and set HF_TOKEN to your token"
        }
        (404, "RevisionNotFound") => "the model has no such revision",
        (404, "RepoNotFound") => {
            "the model is misspelt, or private: set HF_TOKEN to a token that may read it"
        }
        (404, _) => {
            let message = "there is no such file; is the address right?";
            return Failure::Absent(anyhow!("{url} answers HTTP {status}: {message}"));
        }
        (401 | 403, _) => {
            "the model is private, gated or misspelt: check its name, and set HF_TOKEN to a token that may read it"
        }
        _ => "expected a file",
    };
    Failure::Final(anyhow!("{url} answers HTTP {status}: {why}"))
}

/// An address as it may be shown: its query may be a signature.
pub fn shown(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}

/// Scheme and host.
fn origin(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at + 3);
    url[host..].find(['/', '?', '#']).map_or(url, |end| &url[..host + end])
}

/// Where a redirect leads.
fn target(from: &str, location: &str) -> String {
    let scheme = from.split("//").next().unwrap_or_default();
    if location.contains("://") && !location.starts_with(['/', '?']) {
        location.to_owned()
    } else if location.starts_with("//") {
        format!("{scheme}{location}")
    } else if location.starts_with('/') {
        format!("{}{location}", origin(from))
    } else {
        let path = shown(from);
        let folder = path.rfind('/').filter(|&at| at >= origin(from).len()).map_or(path, |at| &path[..at]);
        format!("{folder}/{location}")
    }
}

fn length(headers: &HeaderMap) -> Option<u64> {
    text(headers, "content-length")?.parse().ok()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The first byte and the size of the whole file, from `bytes 5-9/10`.
fn content_range(text: &str) -> Option<(u64, Option<u64>)> {
    let (range, total) = text.strip_prefix("bytes ")?.split_once('/')?;
    Some((range.split_once('-')?.0.parse().ok()?, total.parse().ok()))
}

fn no_answer(url: &str, error: ureq::Error) -> Failure {
    use ureq::Error as Http;
    match error {
        // A certificate that is refused comes as invalid data.
        Http::Io(error) if error.kind() == io::ErrorKind::InvalidData => {
            Failure::Final(anyhow!("cannot connect to {}: {error}", shown(url)))
        }
        Http::Io(_)
        | Http::Timeout(_)
        | Http::HostNotFound
        | Http::ConnectionFailed
        | Http::ConnectProxyFailed(_)
        | Http::Protocol(_) => Failure::passing(words(error)),
        // Its own words may have the whole address in them.
        Http::BadUri(_) | Http::Http(_) => {
            Failure::Final(Error::msg(format!("{} is no address", shown(url))))
        }
        other => Failure::Final(anyhow!("cannot fetch {}: {other}", shown(url))),
    }
}

fn words(error: ureq::Error) -> String {
    match error {
        ureq::Error::Io(error) => error.to_string(),
        ureq::Error::Timeout(Timeout::PerRead) => format!("no byte for {} s", PATIENCE.as_secs()),
        ureq::Error::Timeout(Timeout::Connect) => format!("no connection for {} s", PATIENCE.as_secs()),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{content_range, origin, target};

    #[test]
    fn a_content_range_is_its_first_byte_and_the_size() {
        assert_eq!(content_range("bytes 5-9/10"), Some((5, Some(10))));
        assert_eq!(content_range("bytes 5-9/*"), Some((5, None)));
        for text in ["", "bytes */10", "bytes 5/10", "lines 5-9/10", "bytes -5-9/10"] {
            assert_eq!(content_range(text), None, "{text}");
        }
    }

    #[test]
    fn a_redirect_leads_as_in_a_browser() {
        let from = "https://a.org:1/x/y?q=//z";
        assert_eq!(origin(from), "https://a.org:1");
        assert_eq!(origin("https://a.org?q=/"), "https://a.org");
        for (location, expected) in [
            ("https://b.org/c?d", "https://b.org/c?d"),
            ("//b.org/c", "https://b.org/c"),
            ("/c?u=https://b.org", "https://a.org:1/c?u=https://b.org"),
            ("c", "https://a.org:1/x/c"),
        ] {
            assert_eq!(target(from, location), expected);
        }
        assert_eq!(target("https://a.org", "c"), "https://a.org/c");
    }
}
