//! `/administration/{c}/codes/{code}`: adds codes or changes one.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, response::Response};

use super::{
    category::amount,
    code_fields::{ErrorMessage, FIELDS, MOST_AT_ONCE, codes, offers, present, say, shown},
    settings::moment,
};
use crate::{
    access::{Person, ResumedForm},
    domain::{Action, AttendeeState, AuditKind, CategoryId, Code, CodeAudience, CodeId, CodeUses, SignedIn, Stored},
    editing::{
        compare::Field,
        conflict::Conflict,
        shared_form::{self, Merged},
    },
    store::{
        audit::{self, Actor, Entry},
        registrations::code_settings::{self, CodeSettingsError, CodeUser, ListedCode, NewCode},
        settings::{self, CategorySettings},
    },
    urls,
    web::{
        App, AppError, Current, Desk, DeskNav, Errors, FieldMessage, Named, Result, Site, Submitted, page, reply,
        see_other, unprocessable,
    },
};

/// The page.
#[derive(Template)]
#[template(path = "administration/code.html")]
struct CodePage {
    desk: Desk,
    site: Arc<Site>,
    /// `None` for new codes.
    code: Option<ListedCode>,
    categories: Vec<CategorySettings>,
    /// Who has used it.
    users: Vec<CodeUser>,
    is_over: bool,
    form: Submitted,
    errors: Errors,
    /// The conflict that this person has to decide, if somebody else has saved since the form was opened.
    conflict: Option<Conflict>,
    /// Whether the conflict is new, so that the form contains the merged versions as the program made them.
    is_fresh: bool,
}

/// `GET /administration/{c}/codes/new`.
pub async fn get_new(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    resumed: ResumedForm,
) -> Result {
    let form = Submitted::of([("count", "1".to_owned())]);
    page(&CodePage::of(&app, &person, &site, None, Merged::alone(form)).await?.with(resumed))
}

/// `POST /administration/{c}/codes/new`.
pub async fn post_new(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    form: Submitted,
) -> Result {
    let again = CodePage::of(&app, &person, &site, None, Merged::alone(form)).await?;
    let added = save(&app, again, &person).await?;
    added.ok_or_else(|| AppError::internal("a new code was changed by somebody"))
}

/// `GET /administration/{c}/codes/{code}`.
pub async fn get(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(id): Named<CodeId>,
    resumed: ResumedForm,
) -> Result {
    let code = find(&app, &site, id).await?;
    let form = shared_form::opened(&FIELDS, &present(&site.conference.zone, &code));
    page(&CodePage::of(&app, &person, &site, Some(code), Merged::alone(form)).await?.with(resumed))
}

/// `POST /administration/{c}/codes/{code}`.
pub async fn post(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(id): Named<CodeId>,
    form: Submitted,
) -> Result {
    // Somebody else may save between reading and saving. Then the loop reads the code again.
    loop {
        let code = find(&app, &site, id).await?;
        let before = present(&site.conference.zone, &code);
        let mut again = CodePage::of(&app, &person, &site, Some(code), Merged::alone(Submitted::default())).await?;
        let say = |field: &Field, value: &str| say(&again.categories, field, value);
        let Merged { form, conflict, is_fresh } = Merged::said(&FIELDS, &before, form.clone(), say);
        (again.form, again.conflict, again.is_fresh) = (form, conflict, is_fresh);
        if let Some(answer) = save(&app, again, &person).await? {
            return Ok(answer);
        }
    }
}

/// Returns a code of the conference. Not found if there is none with this key.
pub async fn find(app: &App, site: &Site, id: CodeId) -> Result<ListedCode> {
    let listed = code_settings::list(&mut *app.store.read().await?, site.conference.id).await?;
    listed.into_iter().find(|one| one.id == id).ok_or(AppError::NotFound)
}

/// Saves the codes or shows the form again. Returns `None` if somebody else has changed the code since it was read.
async fn save(app: &App, mut again: CodePage, person: &SignedIn) -> Result<Option<Response>> {
    let Some((new, codes)) = again.validate() else { return unprocessable(&again).map(Some) };
    if again.is_fresh {
        return reply::conflict(&again).map(Some);
    }
    let (conference, zone) = (again.site.conference.id, &again.site.conference.zone);
    let when = (app.clock.now(), &app.settings.operations_address);
    let mut tx = app.store.begin().await?;
    let before = again.code.as_ref().map(|code| present(zone, code)).unwrap_or_default();
    let mut error = None;
    for code in codes {
        let new = NewCode { code, ..new.clone() };
        let kept = match &again.code {
            Some(before) => code_settings::change(&mut tx, conference, before, &new, when).await.map(|()| before.id),
            None => code_settings::add(&mut tx, conference, &new, when).await,
        };
        let id = match kept {
            Ok(id) => id,
            Err(refused) => {
                error = Some(refused);
                break;
            }
        };
        let categories = &again.categories;
        let changes = shared_form::changes_said(&FIELDS, &before, &shown(zone, &new), |field, value| {
            say(categories, field, value)
        });
        let kind = if again.code.is_some() { AuditKind::CodeChanged } else { AuditKind::CodeAdded };
        let entry = Entry::of(kind, Actor::Account(person.account));
        audit::note(&mut tx, Entry { conference: Some(conference), subject: Some(id.0), changes: &changes, ..entry })
            .await?;
    }
    if let Some(error) = error {
        drop(tx);
        return again.refused(app, &new, error).await;
    }
    tx.commit().await?;
    app.outbox.notify_one();
    app.published().await;
    Ok(Some(see_other(&urls::administration::codes_done(&again.site.conference.slug, "saved"))))
}

impl CodePage {
    async fn of(
        app: &App,
        person: &SignedIn,
        site: &Arc<Site>,
        code: Option<ListedCode>,
        Merged { form, conflict, is_fresh }: Merged,
    ) -> Result<Self> {
        let (mut conn, conference) = (app.store.read().await?, site.conference.id);
        let users = match &code {
            Some(code) if person.may(Action::ReadAttendees, Some(conference)) => {
                code_settings::list_users(&mut conn, conference, code.id).await?
            }
            _ => Vec::new(),
        };
        Ok(Self {
            desk: Desk::new(DeskNav::Settings, Some(site), person),
            site: site.clone(),
            categories: settings::list_categories(&mut conn, conference).await?,
            users,
            is_over: code.as_ref().is_some_and(|code| code.is_over(app.clock.now())),
            code,
            form,
            errors: Errors::default(),
            conflict,
            is_fresh,
        })
    }

    /// Returns the new settings and the codes that get them, or `None` after adding the errors of all fields. The code in the settings
    /// is the first of these.
    fn validate(&mut self) -> Option<(NewCode, Vec<Code>)> {
        let (form, errors, zone) = (&self.form, &mut self.errors, &self.site.conference.zone);
        let count = if self.code.is_some() { Some(1) } else { form.line("count").parse().ok() };
        let count = count.filter(|count| (1..=MOST_AT_ONCE).contains(count));
        if count.is_none() {
            errors.add("count", &ErrorMessage::NoCount);
        }
        let codes = codes(form, count.unwrap_or(1), self.code.is_none(), errors);
        let is_chosen = |one: &&CategorySettings| form.is("category", one.id) && offers(self.code.as_ref(), one);
        let category = self.categories.iter().find(is_chosen);
        if category.is_none() {
            errors.add("category", &FieldMessage::NotOffered);
        }
        let audience = errors.check("audience", CodeAudience::parse(form.get("audience")));
        let fee = amount(form, "fee", errors);
        if let (Some(fee), Some(category)) = (fee, category)
            && fee >= category.details.fee.full
        {
            errors.add("fee", &ErrorMessage::FeeNotBelow);
        }
        let uses = CodeUses::parse(form.get("uses"));
        if uses.is_err() {
            errors.add("uses", &ErrorMessage::NoUses);
        }
        let reserves = form.has("reserves");
        if reserves && uses == Ok(None) {
            errors.add("uses", &ErrorMessage::UsesMissing);
        }
        let until = moment(form, "until", zone, errors);
        if !errors.is_empty() {
            return None;
        }
        let codes = codes?;
        let new = NewCode {
            code: codes.first()?.clone(),
            category: category?.id,
            audience: audience?,
            fee,
            uses: uses.ok()?,
            reserves,
            until,
        };
        Some((new, codes))
    }

    /// Shows the form again with the reason why it was not saved. Returns `None` if somebody else has saved since.
    async fn refused(mut self, app: &App, new: &NewCode, error: CodeSettingsError) -> Result<Option<Response>> {
        let (field, message) = match error {
            CodeSettingsError::Changed => return Ok(None),
            CodeSettingsError::Database(error) => return Err(error.into()),
            CodeSettingsError::Taken => ("code", ErrorMessage::Taken),
            CodeSettingsError::BelowUsed => {
                ("uses", ErrorMessage::BelowUsed(self.code.as_ref().map_or(0, |code| code.used)))
            }
            CodeSettingsError::TooFewPlaces => {
                ("uses", ErrorMessage::TooFewPlaces(self.can_keep(app, new.category).await?))
            }
            CodeSettingsError::SomebodyWaits => ("reserves", ErrorMessage::SomebodyWaits),
            CodeSettingsError::Used => ("category", ErrorMessage::CategoryUsed),
        };
        self.errors.add(field, &message);
        unprocessable(&self).map(Some)
    }

    /// Returns how many places can be kept in a category, those included that this code keeps there.
    async fn can_keep(&self, app: &App, category: CategoryId) -> Result<i32> {
        let (mut conn, conference) = (app.store.read().await?, self.site.conference.id);
        let whole = settings::whole(&mut conn, conference).await?;
        let categories = settings::list_categories(&mut conn, conference).await?;
        let own =
            self.code.as_ref().filter(|code| code.category == category && code.reserves && code.ended_at.is_none());
        let kept = own.and_then(|code| Some(code.uses? - code.used)).unwrap_or_default();
        let of_category = categories.iter().find(|one| one.id == category).and_then(|one| one.capacity.left());
        Ok(whole.left().into_iter().chain(of_category).min().unwrap_or_default() + kept)
    }

    fn slug(&self) -> &str {
        &self.site.conference.slug
    }

    /// Returns the address of the form as it was saved last.
    fn here(&self) -> String {
        match &self.code {
            Some(one) => urls::administration::code(self.slug(), one.id),
            None => urls::administration::new_code(self.slug()),
        }
    }

    fn offered_categories(&self) -> impl Iterator<Item = (String, &str)> {
        let offered = self.categories.iter().filter(|one| offers(self.code.as_ref(), one));
        offered.map(|category| (category.id.to_string(), category.details.name.as_str()))
    }

    fn attendee(&self, user: &CodeUser) -> String {
        urls::staff::attendee(self.slug(), user.attendee)
    }

    /// Shows the form that was sent after the login had ended, if there is one.
    fn with(mut self, resumed: ResumedForm) -> Self {
        self.form = resumed.shown_in(&mut self.desk).unwrap_or(self.form);
        self
    }
}
