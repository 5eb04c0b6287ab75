use serde::Serialize;

/// Everything that can go wrong, in words for the person who can mend it: what was expected, what was
/// found, what to do.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// A field of the form, the share link or the command line.
    #[error("{message}")]
    BadInput { field: &'static str, message: String },
    /// config.json, tokenizer.json or model.safetensors.
    #[error("{0}")]
    BadModel(String),
    /// A hook that names something the model, or this run of it, does not have.
    #[error("{0}")]
    BadHook(String),
    /// A lost or failing GPU, nothing computed after which is shown; or a device without room for the model.
    #[error("{0}")]
    Device(String),
}

/// The four kinds of [`Error`], as the page and the exit code see them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum ErrorKind {
    BadInput,
    BadModel,
    BadHook,
    DeviceError,
}

pub type Result<T> = std::result::Result<T, Error>;

/// The beginning of what a file says, for a message: a name in it may be megabytes long.
pub(crate) fn excerpt(text: &str) -> String {
    const MOST: usize = 200;
    match text.char_indices().nth(MOST) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

impl Error {
    pub fn input(field: &'static str, message: impl Into<String>) -> Self {
        Self::BadInput { field, message: message.into() }
    }

    pub fn model(message: impl Into<String>) -> Self {
        Self::BadModel(message.into())
    }

    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::BadInput { .. } => ErrorKind::BadInput,
            Self::BadModel(_) => ErrorKind::BadModel,
            Self::BadHook(_) => ErrorKind::BadHook,
            Self::Device(_) => ErrorKind::DeviceError,
        }
    }

    /// The name of the field to blame, for [`Error::BadInput`].
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::BadInput { field, .. } => Some(field),
            _ => None,
        }
    }
}
