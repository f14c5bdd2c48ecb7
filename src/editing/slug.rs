//! The last part of an item's public address, as a field of its form. Kinds with public pages have it in their fields.

use askama::Template;

use super::{
    Id, InTheWay, Kind, Links, Refusal,
    compare::Field,
    conflict::{KEY, with},
};
use crate::{
    domain::{Key as _, Slug, SlugError},
    store::programme::{
        items::{Content, Revision},
        slugs,
    },
    web::{App, Errors, Result, Site, Submitted},
};

/// The name of the field.
pub const SLUG: &str = "slug";

/// The field.
pub const FIELD: Field = Field::value(SLUG, "Address of the page");

/// The error messages of a slug.
#[derive(Template)]
#[template(path = "editing/slug_errors.txt")]
enum ErrorMessage<'a> {
    /// The field is empty.
    Missing,
    /// It has another shape.
    Malformed,
    /// The item with this title has it.
    Taken(&'a str),
    /// The item with this title once had it.
    OnceTaken(&'a str),
    /// What the other item has.
    Has,
    /// What the other item had.
    Had,
}

/// Whether items of this kind have public pages.
pub fn has_slug<K: Kind>() -> bool {
    K::FIELDS.iter().any(|field| field.name == SLUG)
}

/// Returns the form with this slug, for kinds that have one.
pub fn with_slug<K: Kind>(form: Submitted, slug: &str) -> Submitted {
    if has_slug::<K>() { with(&form, SLUG, slug) } else { form }
}

/// Returns the form of a revision.
pub fn form_of<K: Kind>(kind: &K, revision: &Revision<K::Content>) -> Submitted {
    with_slug::<K>(kind.form_of(&revision.content), &revision.slug)
}

/// Returns the content of a form and its slug, or the errors of all fields. Without a slug, an item keeps the one it has, and
/// a new item gets one that is made from its title.
pub fn validate<K: Kind>(kind: &K, form: &Submitted) -> Result<(K::Content, Option<Slug>), Errors> {
    let mut errors = Errors::default();
    let slug = match Slug::parse(&form.line(SLUG)) {
        _ if !has_slug::<K>() || !form.has(SLUG) => None,
        Err(SlugError::Missing) if form.has(KEY) => None,
        Err(SlugError::Missing) => {
            errors.add(SLUG, &ErrorMessage::Missing);
            None
        }
        Err(SlugError::Malformed) => {
            errors.add(SLUG, &ErrorMessage::Malformed);
            None
        }
        Ok(slug) => Some(slug),
    };
    errors.or(kind.validate(form)).map(|content| (content, slug))
}

/// Returns why this slug was refused: another item has it or once had it.
pub async fn taken<K: Kind>(app: &App, site: &Site, slug: Option<&Slug>) -> Result<Refusal> {
    let mut refusal = Refusal::default();
    let Some(slug) = slug else { return Ok(refusal) };
    let mut conn = app.store.read().await?;
    let owner = slugs::find_owner(&mut conn, site.conference.id, K::Content::KIND, slug).await?;
    let Some(owner) = owner else { return Ok(refusal) };
    let message =
        if owner.is_present { ErrorMessage::Taken(&owner.title) } else { ErrorMessage::OnceTaken(&owner.title) };
    refusal.errors.add(SLUG, &message);
    let editor = Links::<K>::new(site).item(Id::<K>::from_uuid(owner.item));
    let what = if owner.is_present { ErrorMessage::Has } else { ErrorMessage::Had }.render()?.trim().to_owned();
    refusal.in_the_way.push(InTheWay { title: owner.title, editor, what });
    Ok(refusal)
}
