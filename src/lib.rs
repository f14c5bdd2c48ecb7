//! The website of the annual conference of Major Cities of Europe: one binary, PostgreSQL and an SMTP server.
//!
//! The house in words. Arrows point down only, and never in a circle; tests hold us to it (`tests/behaviour/house.rs` and
//! `circles.rs`).
//!
//! - [`app`] assembles and runs the server; [`commands`] are the other things the binary can do.
//! - `routes` is the map of the site: every address, its handler and the action that it takes.
//! - `delegates`, `staff` and `organisers` are the three groups' pages, `administration` the accounts' and settings'; they
//!   never import each other.
//! - `editing` is the one editor of all that several people change: revisions, merging, decisions.
//! - `access` knows who is asking; `web` is what every page shares.
//! - `jobs` work without a visitor. `mail` is every kind of mail, from what it reads to how it leaves; a kind is one file, with
//!   its text beside the templates.
//! - `documents` makes files.
//! - `store` is what is kept: every SQL statement. `postgres` is the pool, the private server and backups.
//! - `domain` is what the conference *is*: values that cannot be wrong and rules, no I/O.
//! - [`config`], [`clock`] and `urls` stand beside them all.
//!
//! A request that writes goes: raw form → domain type, or every field's error at once → one transaction in
//! `store` (rows, audit entry, outbox messages) → 303 → page. One that reads: a query in `store` → the page's
//! struct → its askama template. Public pages are rendered once per change and kept (`web::page_cache`).
//! Mail is a row first; `jobs::send_mail` sends it later, from any instance.
//!
//! `src/how_to.md` has recipes: how to add a page, a field, a mail and so on.

pub mod app;
pub mod clock;
pub mod commands;
pub mod config;
pub mod routes;

#[cfg(doc)]
#[doc = include_str!("how_to.md")]
pub mod how_to {}

mod access;
mod administration;
mod delegates;
mod documents;
mod domain;
mod editing;
mod jobs;
mod mail;
mod organisers;
mod postgres;
mod staff;
mod store;
mod urls;
mod web;
