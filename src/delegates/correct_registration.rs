//! `/manage/{token}/registration`: the contact corrects what all attendees share: the organisation, the contact's telephone
//! number and the invoice. Of two people who correct it at once, the second sees both versions put together, and decides.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;

use super::{
    limits,
    manage::{self, Managed},
};
use crate::{
    domain::{Contact, Country, EmailAddress, PersonName, Telephone},
    editing::{
        compare::Field,
        conflict::Conflict,
        shared_form::{self, Merged},
    },
    registering::validate,
    store::{
        audit::Actor,
        outbox::{self, ChangeData, ChangeOf},
        registrations::{
            Registered,
            attendees::{self, Correction, CorrectionError, SharedCorrection, SharedDetails},
        },
    },
    urls,
    web::{
        App, AppError, Errors, Frame, Missing, Named, Nav, Result, Site, Submitted, Token, Visitor, page, reply,
        see_other, unprocessable,
    },
};

/// The page.
#[derive(Template)]
#[template(path = "delegates/correct_registration.html")]
struct CorrectRegistrationPage {
    frame: Frame,
    token: String,
    registered: Registered,
    form: Submitted,
    errors: Errors,
    /// Somebody else has saved since the form was opened, and this person decides.
    conflict: Option<Conflict>,
    /// Whether the form is still as both versions were merged.
    is_fresh: bool,
}

const NAME: Field = Field::value("name", "Name");
const TELEPHONE: Field = Field::value("telephone", "Telephone");

/// The fields, with the names that they have on the registration form.
const FIELDS: [Field; 7] = [
    NAME,
    TELEPHONE,
    Field::value("organisation", "Organisation"),
    Field::value("city", "City"),
    Field::named("country", "Country", Country::name_of),
    Field::value("purchase-order", "Purchase-order number"),
    Field::value("invoice-address", "Invoice address"),
];

/// `GET /manage/{token}/registration`.
pub async fn get(State(app): State<App>, Named(Token(token)): Named<Token>) -> Result {
    let managed = manage::find(&mut *app.store.read().await?, &token).await?;
    must_be_contacts(&managed)?;
    if managed.is_frozen(app.clock.now()) {
        return Ok(see_other(&urls::public::manage(&token)));
    }
    let site = app.sites.named(&app.store, &managed.link.slug).await?;
    let form = shared_form::opened(&FIELDS, &saved(&managed.registered));
    page(&CorrectRegistrationPage::of(&app, &site, managed.registered, token, form))
}

/// `POST /manage/{token}/registration`.
pub async fn post(
    State(app): State<App>,
    Named(Token(token)): Named<Token>,
    visitor: Visitor,
    form: Submitted,
) -> Result {
    limits::change_with(&mut *app.store.read().await?, visitor, &token).await?;
    let now = app.clock.now();
    // Somebody may save between our reading and our saving; then we read again.
    loop {
        let mut tx = app.store.begin().await?;
        let managed = manage::find(&mut tx, &token).await?;
        must_be_contacts(&managed)?;
        if managed.is_frozen(now) {
            return Ok(manage::frozen(&token));
        }
        let about = (managed.registered.conference, managed.registered.id);
        let site = app.sites.named(&app.store, &managed.link.slug).await?;
        let Merged { form, conflict, is_fresh } = Merged::of(&FIELDS, &saved(&managed.registered), form.clone());
        let page = CorrectRegistrationPage::of(&app, &site, managed.registered, token.clone(), form);
        let mut again = CorrectRegistrationPage { conflict, is_fresh, ..page };
        let Some(details) = again.validate()? else { return unprocessable(&again) };
        if is_fresh {
            return reply::conflict(&again);
        }
        let shared = Some(SharedCorrection { revision: again.registered.revision, details });
        let correction = Correction { registration: about.1, attendee: None, shared };
        match attendees::correct(&mut tx, about.0, &correction, Actor::Delegate, now).await {
            Ok(done) if done.is_nothing() => return Ok(see_other(&urls::public::manage(&token))),
            Ok(done) => {
                let changes = done.changes.iter().map(Into::into).collect();
                let data = ChangeData { of: ChangeOf::Details, changes, ..ChangeData::default() };
                outbox::tell_of_change(&mut tx, about, &data, (&app.settings.operations_address, true)).await?;
                tx.commit().await?;
                app.outbox.notify_one();
                return Ok(see_other(&urls::public::manage_done(&token, "corrected", None)));
            }
            Err(CorrectionError::Changed) => {}
            Err(error @ CorrectionError::Twice) => return Err(AppError::internal(error)),
            Err(CorrectionError::Database(error)) => return Err(error.into()),
        }
    }
}

/// Refuses an attendee's link, which does not show what all attendees share.
fn must_be_contacts(managed: &Managed) -> Result<()> {
    if managed.is_contact() { Ok(()) } else { Err(AppError::NotFound) }
}

/// Returns the saved values as the form has them.
fn saved(registered: &Registered) -> Submitted {
    Submitted::of([
        ("name", registered.contact_name.clone()),
        ("telephone", registered.contact_telephone.clone()),
        ("organisation", registered.organisation.clone()),
        ("city", registered.city.clone()),
        ("country", registered.country.code().to_owned()),
        ("purchase-order", registered.purchase_order.clone()),
        ("invoice-address", registered.invoice_address.clone()),
    ])
}

impl CorrectRegistrationPage {
    fn of(app: &App, site: &Arc<Site>, registered: Registered, token: String, form: Submitted) -> Self {
        let frame = Frame::of(app, site, Nav::None).titled("Organisation and invoice");
        Self { frame, token, registered, form, errors: Errors::default(), conflict: None, is_fresh: false }
    }

    /// Returns the corrected values, or `None` after adding the errors of all fields.
    fn validate(&mut self) -> Result<Option<SharedDetails>> {
        let (form, errors) = (&self.form, &mut self.errors);
        // The name of a contact who attends is corrected with the attendee, and a new address on another page.
        let name =
            if self.registered.contact_attendee.is_some() { &self.registered.contact_name } else { form.get("name") };
        let name = errors.check_required("name", PersonName::parse(name), Missing::YourName);
        let telephone = errors.check("telephone", Telephone::parse(form.get("telephone")));
        let origin = validate::origin(form, errors);
        let invoice = validate::invoice(form, errors);
        let email = EmailAddress::parse(&self.registered.contact_email).map_err(AppError::internal)?;
        Ok((|| {
            let contact = Contact { name: name?, email, telephone: telephone? };
            let (organisation, city, country) = origin?;
            let (purchase_order, invoice_address) = invoice?;
            Some(SharedDetails { organisation, city, country, contact, purchase_order, invoice_address })
        })())
    }

    /// Whether both changed the same field, so that this person's value replaces somebody's.
    fn is_contested(&self) -> bool {
        self.conflict.as_ref().is_some_and(|conflict| conflict.compared.is_apart())
    }

    fn here(&self) -> String {
        urls::public::correct_registration(&self.token)
    }
}
