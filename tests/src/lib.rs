//! Stories over the whole API, against the real function binaries; races, faults and costs; and the rules of
//! the repository itself. `cargo test --workspace` runs them.

#![cfg(test)]

mod app;
mod description;
mod seed;

mod costs;
mod events;
mod faults;
mod model;
mod oidc;
mod races;
mod random;
mod rules;
mod stories;
mod strangers;
mod tidy;
