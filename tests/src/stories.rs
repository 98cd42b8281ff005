//! Stories: what people do with it, told over the HTTP API.

mod acceptance;
mod customers;
mod delivery;
mod edge;
mod expiry;
mod invitations;
mod lists;
mod mail;
mod main_job;
mod partners;
