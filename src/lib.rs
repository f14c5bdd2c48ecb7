//! The website of the annual conference of Major Cities of Europe: one binary, PostgreSQL and an SMTP server.
//!
//! A module uses only the modules below it in this list, and the files of a module do not depend on each other in a circle.
//! Tests check both (`tests/behaviour/house.rs` and `circles.rs`).
//!
//! - [`app`] assembles and runs the server. [`commands`] are the program's commands.
//! - `routes` is the table of all routes: every address, its handler and the action that it needs.
//! - `delegates`, `staff`, `organisers` and `administration` contain the pages, by who uses them. They do not import each
//!   other.
//! - `editing` is the editor for everything that several people edit: revisions, merging and conflicts.
//! - `registering` is what every form that registers somebody shares: the public one, those behind a link, and the desk's.
//! - `access` contains sign-in and the guard that checks who may use a route. `web` is what all pages share.
//! - `jobs` run in the background. `mail` contains every kind of mail, from its data to its delivery. Each kind is one file;
//!   its text is in `templates/mail`.
//! - `documents` creates files such as calendars, spreadsheets, feeds and pictures.
//! - `store` contains every SQL statement. `postgres` is the connection pool, the private server and backups.
//! - `domain` contains the rules of a conference and types that cannot hold invalid values. It does no I/O.
//! - [`config`], [`clock`] and `urls` can be used everywhere.
//!
//! A request that writes takes these steps: raw form → domain type, or the errors of all fields → one transaction in
//! `store` (rows, audit entry, outbox messages) → redirect (303) → page. A request that reads: query in `store` → the
//! page's struct → its askama template. A public page is rendered once and cached until something changes
//! (`web::page_cache`). A mail is first a row in the outbox; `jobs::send_mail` on any instance sends it later.
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
mod registering;
mod staff;
mod store;
mod urls;
mod web;
