//! What can go wrong in an act. Knows no HTTP; `http::problem` turns it into an answer.

use crate::domain::Refusal;

/// The outcome of an act that did not do what was asked.
#[derive(Debug)]
pub enum Error {
    /// The request cannot be read: not JSON, a bad cursor, a bad query, too large. Says what to send instead.
    Malformed(String),
    /// The request can be read, and these fields of it are wrong.
    Invalid(Vec<FieldError>),
    /// No identity came with the request.
    Unauthenticated,
    /// The rules refused.
    Refused(Refusal),
    /// `If-Match` names an older version.
    ChangedSince,
    /// Others changed the same thing at the same moment, again and again.
    Conflict,
    /// This deployment sends no mail.
    MailNotConfigured,
    /// The mail service refused; says what it said.
    MailFailed(String),
    /// The store is throttled or away.
    Unavailable(Fault),
    /// Ours. Its chain is logged once, at the boundary, and never shown.
    Internal(Fault),
}

/// One field of a request that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FieldError {
    /// Where, as a JSON pointer (RFC 6901) into the request.
    pub pointer: String,
    /// What is expected there.
    pub detail: String,
}

impl FieldError {
    /// A field error.
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), detail: detail.into() }
    }
}

/// Something that broke, with its chain of causes. Has no public text.
#[derive(Debug)]
pub struct Fault(Box<dyn std::error::Error + Send + Sync>);

impl Fault {
    /// From whatever broke.
    pub fn new(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(cause.into())
    }

    /// The whole chain in one line, for the log.
    #[must_use]
    pub fn chain(&self) -> String {
        let mut chain = self.0.to_string();
        let mut cause = self.0.source();
        while let Some(error) = cause {
            chain.push_str(": ");
            chain.push_str(&error.to_string());
            cause = error.source();
        }
        chain
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Error {
    /// What the log says of it.
    #[must_use]
    pub fn cause(&self) -> String {
        self.broke().unwrap_or_else(|| format!("{self:?}"))
    }

    /// The whole chain of what broke; `None` where the caller is told all there is to say.
    #[must_use]
    pub fn broke(&self) -> Option<String> {
        if let Self::Internal(fault) | Self::Unavailable(fault) = self { Some(fault.chain()) } else { None }
    }

    /// Our own mistake, or the platform's.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(Fault::new(cause))
    }

    /// One wrong field.
    pub fn field(pointer: &str, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(pointer, detail)])
    }
}
