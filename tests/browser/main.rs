//! The site in a real browser, Debian's Chromium: with the keyboard alone, without JavaScript, checked by axe-core, and
//! behind a reverse proxy with TLS. Screenshots of every page are stored in `target/artefacts`.

#[path = "../support/mod.rs"]
mod support;

mod at_the_desk;
mod building;
mod check;
mod codes;
mod driver;
mod editing;
mod groups;
mod managing;
mod on_the_spot;
mod opening;
mod pages;
mod proxy;
mod registering;
mod same_person;
mod typed;
mod waiting;
