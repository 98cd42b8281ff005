//! The model that every function shares.
//!
//! - [`domain`]: the rules, pure functions of state, act and time.
//! - [`store`]: the one table; methods are acts, every write is conditional.
//! - [`http`]: from an API Gateway event to an act's input, and from its outcome to an answer.
//! - [`mail`]: the draft, and the mailer that hands it to SESv2.
//! - [`schedule`], [`sweep`]: functions that a schedule starts, and the walk that they share.
//! - [`origin`]: addresses of others that may be trusted.
//! - [`config`], [`telemetry`], [`deadline`]: the process around them.

pub mod config;
pub mod deadline;
pub mod domain;
pub mod error;
pub mod http;
pub mod mail;
pub mod origin;
pub mod schedule;
pub mod store;
pub mod sweep;
pub mod telemetry;

pub use error::{Error, Fault};
