//! The code on the form: an invitation to a category, a lower fee, or a place that is kept.

use askama::Template;
use sqlx::PgConnection;
use time::Duration;

use super::block::field;
use crate::{
    domain::{Attendees, Code, CodeError, CodeId},
    store::{
        rate_limits::{self, Attempt, Rule},
        registrations::{
            categories::{Offer, OfferedCategory},
            codes::{self, CodeRefusal, GivenCode, ValidCode},
        },
    },
    web::{App, Errors, Result, Site, Submitted, Visitor},
};

/// The error messages of the code (`templates/registering/code_errors.txt`).
#[derive(Template)]
#[template(path = "registering/code_errors.txt")]
enum ErrorMessage {
    /// It cannot be used.
    Refused(CodeRefusal),
    /// Only this many more people can use it.
    Left(i32),
    /// It is for this category, in which nobody is.
    ForOthers(String),
}

/// The field with the code.
pub const FIELD: &str = "code";

/// The wrong codes that one network gives: thirty at once and then one a minute, so that nobody can find a code by trying. A whole
/// town hall may share one address.
const WRONG: Rule = Rule { name: "registration_wrong_codes", burst: 30, refill: Duration::minutes(1) };

/// Returns the offer for somebody who gave the code in this form, if there is one. Without a visitor, because staff give it, wrong
/// codes are not counted.
pub async fn apply(
    app: &App,
    conn: &mut PgConnection,
    site: &Site,
    visitor: Option<Visitor>,
    form: &Submitted,
    offer: Offer,
) -> Result<Offer> {
    let code = match Code::parse(form.get(FIELD)) {
        Ok(code) => code,
        Err(CodeError::Missing) => return Ok(offer),
        Err(CodeError::Malformed) => return Ok(refused(offer, CodeRefusal::Unknown)),
    };
    let network = visitor.map(Visitor::network);
    // Counted before the code is looked for, and given back if it is right.
    if let Some(network) = &network
        && let Attempt::TooMany { retry_after } = rate_limits::take(conn, WRONG, network).await?
    {
        return Ok(refused(offer, CodeRefusal::TooMany(retry_after)));
    }
    let Some(found) = codes::find(conn, site.conference.id, &code).await? else {
        return Ok(refused(offer, CodeRefusal::Unknown));
    };
    if let Some(network) = &network {
        rate_limits::give_back(conn, WRONG, network).await?;
    }
    if let Some(since) = found.over_since(app.clock.now()) {
        let since = site.conference.zone.zoned_moment(since);
        return Ok(refused(offer, CodeRefusal::Over(since)));
    }
    if found.code.left.is_some_and(|left| left <= 0) {
        return Ok(refused(offer, CodeRefusal::UsedUp));
    }
    Ok(offer.with_code(found.code))
}

fn refused(offer: Offer, why: CodeRefusal) -> Offer {
    Offer { code: GivenCode::Refused(why), ..offer }
}

/// Returns the code that is used, or adds the error beside the field. Without attendees, because they have errors, it is not
/// checked whom the code is for.
pub fn validate(offer: &Offer, attendees: Option<&Attendees>, errors: &mut Errors) -> Option<CodeId> {
    add_refusal(offer, errors);
    let code = offer.valid_code()?;
    let Some(attendees) = attendees else { return Some(code.id) };
    let using = attendees.iter().filter(|one| one.category == code.category).count();
    if using == 0 {
        let name = category_of(offer, code).map(|category| category.name.clone()).unwrap_or_default();
        errors.add(FIELD, &ErrorMessage::ForOthers(name));
    }
    match code.left {
        Some(left) if usize::try_from(left).unwrap_or_default() < using => {
            errors.add(FIELD, &ErrorMessage::Left(left));
        }
        _ => {}
    }
    Some(code.id)
}

/// Adds the reason why the code cannot be used, if it cannot.
pub fn add_refusal(offer: &Offer, errors: &mut Errors) {
    if let GivenCode::Refused(why) = &offer.code {
        errors.add(FIELD, &ErrorMessage::Refused(why.clone()));
    }
}

/// The part of the form that asks for a code.
pub struct CodePart {
    /// What the code that was given does; `None` if there is none or it cannot be used.
    pub effect: Option<CodeEffect>,
    /// Whether the code was just applied. Then what it does gets focus.
    pub is_new: bool,
}

impl CodePart {
    /// Returns the part of the form, if it asks for a code: if there is any that can be used, or if one was given, which can then be
    /// corrected.
    pub fn of(form: &Submitted, offer: &Offer) -> Option<Self> {
        is_asked(form, offer).then(|| Self { effect: CodeEffect::of(offer), is_new: false })
    }
}

/// Returns whether this form asks for a code.
pub fn is_asked(form: &Submitted, offer: &Offer) -> bool {
    offer.asks_for_code || !form.line(FIELD).is_empty()
}

/// What a valid code does, in words for the form.
pub struct CodeEffect {
    /// The code.
    pub code: String,
    /// The name of its category.
    pub category: String,
    /// What each person pays with it, if the code lowers the fee.
    pub fee: Option<String>,
    /// How many more people can use it.
    pub left: Option<i32>,
    /// Whether places are kept for it.
    pub is_kept: bool,
}

impl CodeEffect {
    /// Returns what the code in this offer does, if it can be used.
    fn of(offer: &Offer) -> Option<Self> {
        let code = offer.valid_code()?;
        let category = category_of(offer, code)?;
        Some(Self {
            code: code.code.to_string(),
            category: category.name.clone(),
            fee: category.reduced_by.as_ref().map(|_| offer.currency.fee(category.fee.at(offer.at))),
            left: code.left,
            is_kept: category.is_kept,
        })
    }
}

fn category_of<'a>(offer: &'a Offer, code: &ValidCode) -> Option<&'a OfferedCategory> {
    offer.categories.iter().find(|category| category.id == code.category)
}

/// Returns the form, which is in order, with the category of the code chosen for person 1 if none was.
pub fn with_category(form: Submitted, offer: &Offer) -> Submitted {
    let name = field(1, "category");
    match offer.valid_code() {
        Some(code) if form.get(&name).is_empty() => {
            let others = form.fields().iter().filter(|(other, _)| *other != name).cloned();
            Submitted::new(others.chain([(name.clone(), code.category.to_string())]).collect())
        }
        _ => form,
    }
}
