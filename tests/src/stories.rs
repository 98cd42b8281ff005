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
mod portal;
mod record;
mod responsibility;
mod search;
mod service_requests;
mod subscriptions;
mod support;
mod telemetry;
mod users;
