//! What `--model` names: a folder, a model of the hub, an address, or the model within this program.

use std::path::{Path, PathBuf};

use patchbay::hub::gpt2_small;
use patchbay::{Error, Result};

use super::embedded;

/// The hub's own hosts.
const HOSTS: [&str; 3] = ["https://huggingface.co", "https://www.huggingface.co", "https://hf.co"];

#[derive(Debug, Clone, PartialEq)]
pub enum Model {
    Embedded,
    Folder(PathBuf),
    Hub(HubName),
    /// An address that its files' names are put behind.
    Url(Base),
}

/// OWNER/NAME[@REVISION].
#[derive(Debug, Clone, PartialEq)]
pub struct HubName {
    pub id: String,
    /// A commit, branch or tag.
    pub revision: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Base {
    /// Without a slash at its end.
    pub address: String,
    /// With its question mark, or empty. It goes with every file, for signed addresses have one, and nowhere else.
    pub query: String,
}

impl Model {
    /// A path that exists wins. `endpoint` is where the hub is.
    ///
    /// # Errors
    /// [`Error::BadInput`] if it can be none of them.
    pub fn parse(text: &Path, endpoint: &str) -> Result<Self> {
        let folder = || Ok(Self::Folder(text.to_owned()));
        let Some(name) = text.to_str().filter(|_| text.symlink_metadata().is_err()) else {
            return folder();
        };
        if name == embedded::NAME {
            return Ok(Self::Embedded);
        }
        if name.starts_with("huggingface.co/") || name.starts_with("hf.co/") {
            return Self::from_address(&format!("https://{name}"), endpoint);
        }
        if name.contains("://") {
            return Self::from_address(name, endpoint);
        }
        let (id, revision) = name.split_once('@').map_or((name, None), |(id, revision)| (id, Some(revision)));
        match id.split_once('/') {
            Some((owner, repository)) if is_name(owner) && is_name(repository) => {
                HubName::new(id, revision).map(Self::Hub)
            }
            _ => folder(),
        }
    }

    fn from_address(text: &str, endpoint: &str) -> Result<Self> {
        let (rest, secure) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
            (Some(rest), _) => (rest, true),
            (_, Some(rest)) => (rest, false),
            _ => return Err(unexpected("an address that starts with https:// or http://", text)),
        };
        let (rest, query) = match rest.split('#').next().unwrap_or_default().split_once('?') {
            Some((rest, query)) => (rest, format!("?{query}")),
            None => (rest.split('#').next().unwrap_or_default(), String::new()),
        };
        let host = rest.split('/').next().unwrap_or_default();
        if host.is_empty() || rest.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\') {
            return Err(unexpected("an address with a host and without spaces", text));
        }
        // It would be shown and stored with the address.
        if host.contains('@') {
            return Err(Error::input("model", "--model: expected an address without user name and password"));
        }
        let scheme = if secure { "https" } else { "http" };
        let address = format!("{scheme}://{}", rest.trim_end_matches('/'));
        let of_hub =
            HOSTS.into_iter().chain([endpoint]).find_map(|hub| address.strip_prefix(hub)?.strip_prefix('/'));
        match of_hub {
            Some(path) => HubName::of_page(path, text).map(Self::Hub),
            None => Ok(Self::Url(Base { address, query })),
        }
    }
}

fn unexpected(what: &str, found: &str) -> Error {
    let found = found.split('?').next().unwrap_or_default();
    Error::input("model", format!("--model: expected {what}, found \"{found}\""))
}

/// Whether it can be the name of an owner or a repository, as the hub has them.
fn is_name(text: &str) -> bool {
    (1..=96).contains(&text.len())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || ['-', '_', '.'].contains(&c))
        && !text.starts_with(['.', '-'])
        && !text.ends_with(['.', '-'])
        && !text.contains("..")
        && !text.contains("--")
}

/// It becomes a part of paths and addresses.
fn is_revision(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ['-', '_', '.', '+'].contains(&c);
    text.len() <= 200
        && text
            .split('/')
            .all(|part| !part.is_empty() && !part.starts_with('.') && part.chars().all(is_plain))
}

impl HubName {
    /// Without a revision the one that this program knows, or main.
    fn new(id: &str, revision: Option<&str>) -> Result<Self> {
        let known = gpt2_small();
        let usual = if id == known.id { &known.revision } else { "main" };
        let revision = revision.unwrap_or(usual);
        if !is_revision(revision) {
            return Err(unexpected("a commit, branch or tag after the @", revision));
        }
        Ok(Self { id: id.to_owned(), revision: revision.to_owned() })
    }

    /// From what stands behind the hub's address, of a page or a file.
    fn of_page(path: &str, address: &str) -> Result<Self> {
        let other = || {
            unexpected(
                "the page of a model on the hub, as https://huggingface.co/OWNER/NAME or /tree/REVISION behind it",
                address,
            )
        };
        let path = path.replace("%2F", "/").replace("%2f", "/");
        let parts: Vec<&str> = path.split('/').collect();
        let (owner, name, rest) = match parts.as_slice() {
            ["datasets" | "spaces" | "models" | "api" | "collections" | "papers" | "docs" | "blog", ..] => {
                return Err(other());
            }
            [owner, name, rest @ ..] if is_name(owner) && is_name(name) => (owner, name, rest),
            _ => return Err(other()),
        };
        let revision = match rest {
            [] => None,
            ["tree" | "blob" | "resolve" | "raw" | "blame" | "commits", "refs", kind, name, ..] => {
                Some(format!("refs/{kind}/{name}"))
            }
            ["tree" | "blob" | "resolve" | "raw" | "blame" | "commits" | "commit", revision, ..] => {
                Some((*revision).to_owned())
            }
            // The page's other tabs.
            ["discussions" | "settings" | "edit", ..] => None,
            _ => return Err(other()),
        };
        Self::new(&format!("{owner}/{name}"), revision.as_deref())
    }

    /// Whether it is the one whose files this program knows.
    pub fn is_pinned(&self) -> bool {
        let known = gpt2_small();
        self.id == known.id && self.revision == known.revision
    }
}

impl Base {
    /// The address of one of the model's files.
    pub fn of(&self, name: &str) -> String {
        format!("{}/{name}{}", self.address, self.query)
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use patchbay::hub::gpt2_small;

    use super::{HubName, Model};

    fn parse(text: &str) -> patchbay::Result<Model> {
        Model::parse(Path::new(text), "http://127.0.0.1:7/hub")
    }

    fn hub(text: &str) -> String {
        match parse(text) {
            Ok(Model::Hub(HubName { id, revision })) => format!("{id}@{revision}"),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn the_hubs_names_and_pages_are_models_of_the_hub() {
        assert_eq!(hub("distilbert/distilgpt2"), "distilbert/distilgpt2@main");
        assert_eq!(hub("a/b@v1.0"), "a/b@v1.0");
        assert_eq!(hub("a/b@refs/pr/3"), "a/b@refs/pr/3");
        for page in [
            "https://huggingface.co/a/b",
            "https://huggingface.co/a/b/",
            "huggingface.co/a/b/tree/main",
            "hf.co/a/b",
            "https://huggingface.co/a/b/blob/main/config.json",
            "https://huggingface.co/a/b/resolve/main/model.safetensors?download=true",
            "https://huggingface.co/a/b?library=transformers#usage",
            "https://huggingface.co/a/b/discussions/3",
            "http://127.0.0.1:7/hub/a/b/tree/main",
        ] {
            assert_eq!(hub(page), "a/b@main");
        }
        assert_eq!(hub("https://huggingface.co/a/b/tree/refs%2Fpr%2F3"), "a/b@refs/pr/3");
        assert_eq!(hub("https://huggingface.co/a/b/commit/0123abc"), "a/b@0123abc");
    }

    #[test]
    fn gpt2_small_without_a_revision_is_the_one_that_is_known() {
        let known = gpt2_small();
        let named = format!("{}@{}", known.id, known.revision);
        for text in [known.id.as_str(), &named, &known.base, "https://huggingface.co/openai-community/gpt2"] {
            assert_eq!(hub(text), named);
        }
        assert_eq!(hub("openai-community/gpt2@main"), "openai-community/gpt2@main");
    }

    #[test]
    fn the_model_within_is_known_by_name() {
        assert_eq!(parse("ioi-mini").unwrap(), Model::Embedded);
        assert_eq!(parse("./ioi-mini").unwrap(), Model::Folder(PathBuf::from("./ioi-mini")));
    }

    #[test]
    fn paths_are_folders() {
        for text in [
            "./a/b",
            "/a/b",
            "../b",
            "a",
            "gpt2",
            "a/b/c",
            "src/",
            "~/a",
            ".",
            "src/bin",
            "a\u{1b}/b",
            "a--b/c",
        ] {
            assert_eq!(parse(text).unwrap(), Model::Folder(PathBuf::from(text)));
        }
    }

    #[test]
    fn other_addresses_keep_their_query_apart() {
        let Ok(Model::Url(base)) = parse("https://a.org/m/tiny/?sig=a/b#top") else { panic!("no address") };
        assert_eq!(base.address, "https://a.org/m/tiny");
        assert_eq!(base.of("config.json"), "https://a.org/m/tiny/config.json?sig=a/b");
    }

    #[test]
    fn what_is_no_model_is_refused_without_its_secrets() {
        for text in [
            "ftp://a.org/",
            "https://",
            "http://a b/",
            "https://me:secret@a.org/",
            "https://huggingface.co/datasets/a/b",
            "https://huggingface.co/gpt2",
            "https://huggingface.co/a/b?token=secret&/c/d/e",
            "a/b@../../c",
            "a/b@",
        ] {
            match parse(text) {
                Err(error) => {
                    let error = error.to_string();
                    assert!(error.starts_with("--model: expected ") && !error.contains("secret"), "{error}");
                }
                Ok(found) => assert!(text.contains('?'), "{text}: {found:?}"),
            }
        }
    }
}
