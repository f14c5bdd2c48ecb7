//! `/{c}/check-your-mail`: the page after a registration that is to be completed with a link in a mail. It is the same for everybody.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;

use crate::web::{App, Current, Frame, Nav, Result, Site, page};

/// The page.
#[derive(Template)]
#[template(path = "delegates/check_mail.html")]
struct CheckMailPage {
    frame: Frame,
    site: Arc<Site>,
}

/// `GET /{c}/check-your-mail`.
pub async fn get(State(app): State<App>, Current(site): Current) -> Result {
    page(&CheckMailPage { frame: Frame::of(&app, &site, Nav::Register).titled("Check your e-mail"), site })
}
