//! The rules of the conference that stand against what staff are about to do for a caller, and what they decide about them.

use askama::Template;
use sqlx::PgConnection;

use crate::{
    domain::{Access, Capacity, CategoryId, OverrideReason, SignedIn, WindowState},
    registering::people::{self, Person},
    store::{
        audit::Actor,
        registrations::{
            Authority, Overriding,
            categories::{Offer, OfferedCategory},
            queue,
        },
        settings,
    },
    web::{App, Errors, Missing, Result, Site, Submitted},
};

/// A rule that stands against it, in words (`templates/staff/rule.txt`). Times and names are as the page shows them.
#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(path = "staff/rule.txt")]
pub enum Rule {
    /// The conference is in preparation.
    InPreparation,
    /// Registration opens then.
    NotOpen(String),
    /// Registration closed then.
    Closed(String),
    /// Delegates have changed nothing since then.
    Frozen(String),
    /// The category is only for people with a code.
    NeedsCode(String),
    /// The category opens then.
    CategoryNotOpen(String, String),
    /// The category closed then.
    CategoryClosed(String, String),
    /// The category is full, with this many places.
    CategoryFull(String, i32),
    /// The conference is full, with this many places.
    ConferenceFull(i32),
    /// Others wait for the free places of the category.
    Awaited(String),
}

impl Rule {
    /// Whether it is about places, of which there can be more.
    fn is_about_places(&self) -> bool {
        matches!(self, Self::CategoryFull(..) | Self::ConferenceFull(_) | Self::Awaited(_))
    }

    /// Whether it is about the category, and not the whole conference.
    fn is_about_category(&self) -> bool {
        let is_about_all = matches!(self, Self::InPreparation | Self::NotOpen(_) | Self::Closed(_) | Self::Frozen(_));
        !is_about_all && !matches!(self, Self::ConferenceFull(_))
    }

    /// Returns the word for it in the hidden field.
    fn word(&self) -> &'static str {
        match self {
            Self::InPreparation => "in-preparation",
            Self::NotOpen(_) => "not-open",
            Self::Closed(_) => "closed",
            Self::Frozen(_) => "frozen",
            Self::NeedsCode(_) => "code",
            Self::CategoryNotOpen(..) => "category-not-open",
            Self::CategoryClosed(..) => "category-closed",
            Self::CategoryFull(..) => "category-full",
            Self::ConferenceFull(_) => "full",
            Self::Awaited(_) => "awaited",
        }
    }

    fn in_words(&self) -> String {
        self.render().expect("rendering a rule cannot fail").trim().to_owned()
    }
}

/// What is about to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Registering somebody.
    Registering,
    /// Adding somebody to a registration.
    Adding,
    /// Changing answers, and perhaps the category of somebody who has a place.
    Choosing,
    /// Changing answers, and perhaps the category of somebody who waits.
    ChoosingToWait,
    /// Undoing a cancellation. Only places stand against that.
    Reinstating,
}

/// The rules that stand against it.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// The rules.
    pub list: Vec<Rule>,
    /// How many people who wait would be passed over.
    pub passed: i64,
    /// Whether the waiting list is a way that needs no reason.
    pub can_wait: bool,
    category: Option<CategoryId>,
}

/// What staff decided.
#[derive(Clone, Debug, Default)]
pub struct Decision {
    reason: Option<OverrideReason>,
    words: String,
    raises: bool,
    /// Whether whoever finds no place joins the waiting list.
    pub waits: bool,
}

/// The field with the reason.
const REASON: &str = "reason";

/// The hidden field with the rules that the page showed, so that nobody overrides one that they have not read.
const AGAINST: &str = "against";

impl Rules {
    /// Reads the rules that stand against doing this with a category, if one was chosen. `offer` is what delegates are offered.
    pub async fn read(
        app: &App,
        conn: &mut PgConnection,
        site: &Site,
        (doing, category): (Doing, Option<CategoryId>),
        offer: &Offer,
    ) -> Result<Self> {
        let mut rules = Self { category, ..Self::default() };
        rules.list.extend(outside_window(app, site, doing));
        if !matches!(doing, Doing::Registering | Doing::Reinstating)
            && let Some(until) = settings::changes_until(conn, site.conference.id).await?
            && until <= offer.at
        {
            rules.list.push(Rule::Frozen(site.conference.zone.zoned_moment(until)));
        }
        let Some(category) = offer.categories.iter().find(|one| Some(one.id) == category) else { return Ok(rules) };
        if doing != Doing::Reinstating {
            rules.list.extend(of_category(site, category, offer));
        }
        if doing == Doing::ChoosingToWait || category.is_kept {
            return Ok(rules);
        }
        let is_new = doing != Doing::Choosing;
        if let Some(places) = full(category.capacity) {
            rules.list.push(Rule::CategoryFull(category.name.clone(), places));
        }
        if let Some(places) = full(offer.whole).filter(|_| is_new) {
            rules.list.push(Rule::ConferenceFull(places));
        }
        let is_behind = matches!(doing, Doing::Choosing | Doing::Reinstating);
        if rules.is_about_places() || is_behind {
            rules.passed = queue::count_waiting_for(conn, site.conference.id, category.id, is_new).await?;
        }
        if !rules.is_about_places() && rules.passed > 0 {
            rules.list.push(Rule::Awaited(category.name.clone()));
        }
        rules.can_wait = is_new && rules.is_about_places() && offer.at < site.conference.window().waits_until;
        Ok(rules)
    }

    /// Whether none stands against it.
    pub fn is_none(&self) -> bool {
        self.list.is_empty()
    }

    fn is_about_places(&self) -> bool {
        self.list.iter().any(Rule::is_about_places)
    }

    /// Returns whose number of places is raised.
    pub fn raised(&self) -> Vec<String> {
        let raised = |rule: &Rule| match rule {
            Rule::CategoryFull(name, places) => Some(format!("{name} from {places} to {}", places + 1)),
            Rule::ConferenceFull(places) => Some(format!("the conference from {places} to {}", places + 1)),
            _ => None,
        };
        self.list.iter().filter_map(raised).collect()
    }

    /// Returns the value of the hidden field.
    pub fn shown(&self) -> String {
        let category = self.category.iter().map(ToString::to_string);
        category.chain(self.list.iter().map(|rule| rule.word().to_owned())).collect::<Vec<_>>().join(" ")
    }

    /// Whether the page that was sent showed all of these.
    fn were_shown(&self, form: &Submitted) -> bool {
        let is_same_category = !self.list.iter().any(Rule::is_about_category)
            || self.category.is_none_or(|category| form.holds(AGAINST, &category.to_string()));
        is_same_category && self.list.iter().all(|rule| form.holds(AGAINST, rule.word()))
    }

    /// Returns what was decided. `None` if the page has to ask; then errors may have been added.
    pub fn decide(&self, form: &Submitted, errors: &mut Errors) -> Option<Decision> {
        if self.is_none() {
            return Some(Decision::default());
        }
        if !self.were_shown(form) {
            return None;
        }
        let waits = self.can_wait && form.is("do", "wait");
        let overridden: Vec<_> = self.list.iter().filter(|rule| !(waits && rule.is_about_places())).collect();
        if overridden.is_empty() {
            return Some(Decision { waits, ..Decision::default() });
        }
        let reason = errors.check_required(REASON, OverrideReason::parse(form.get(REASON)), Missing::Reason)?;
        let mut words: Vec<_> = overridden.iter().map(|rule| rule.in_words()).collect();
        if !waits && self.passed > 0 {
            words.push(format!("Passed over on the waiting list: {}", self.passed));
        }
        let raises = overridden.iter().any(|rule| rule.is_about_places());
        Some(Decision { reason: Some(reason), words: words.join("; "), raises, waits })
    }
}

impl Decision {
    /// Returns on whose authority it is done. `tells` is whether the people concerned get mails.
    pub fn authority(&self, person: &SignedIn, tells: bool) -> Authority<'_> {
        let overriding = |reason| Overriding { rules: &self.words, reason, raises: self.raises };
        Authority { actor: Actor::Account(person.account), tells, overriding: self.reason.as_ref().map(overriding) }
    }
}

/// Returns the rule about the time in which people can register.
fn outside_window(app: &App, site: &Site, doing: Doing) -> Option<Rule> {
    if !matches!(doing, Doing::Registering | Doing::Adding) {
        return None;
    }
    let zone = &site.conference.zone;
    match site.conference.window().at(app.clock.now()) {
        WindowState::InPreparation => Some(Rule::InPreparation),
        WindowState::NotYet { opens } => Some(Rule::NotOpen(zone.zoned_moment(opens))),
        WindowState::Closed { closed } => Some(Rule::Closed(zone.zoned_moment(closed))),
        WindowState::Open => None,
    }
}

/// Returns the rules about who can choose a category, and when. Staff assign those that nobody can choose.
fn of_category(site: &Site, category: &OfferedCategory, offer: &Offer) -> Vec<Rule> {
    let zone = &site.conference.zone;
    let name = || category.name.clone();
    let needs_code = (category.access == Access::Code).then(|| Rule::NeedsCode(name()));
    let opens = category.period.opens_after(offer.at).map(|at| Rule::CategoryNotOpen(name(), zone.zoned_moment(at)));
    let closed = category.period.closed_by(offer.at).map(|at| Rule::CategoryClosed(name(), zone.zoned_moment(at)));
    [needs_code, opens, closed].into_iter().flatten().collect()
}

/// Returns the number of places if all are taken.
fn full(capacity: Capacity) -> Option<i32> {
    capacity.places.filter(|_| capacity.is_full())
}

/// Returns the fields of a person whom staff register or add, with the categories that they can choose. `staff` is the same offer for
/// staff.
pub fn block(form: &Submitted, errors: &Errors, offer: &Offer, staff: &Offer) -> Person {
    let block = people::only(form, errors, Some(staff), people::said_consent());
    Person { categories: options(offer, staff), ..block }
}

/// Returns the categories to choose from, all with what stands against them. `staff` is the same offer for staff.
pub fn options(offer: &Offer, staff: &Offer) -> Vec<(String, String)> {
    let option = |category: &OfferedCategory| {
        let fee = staff.categories.iter().find(|one| one.id == category.id).map(|one| one.fee.at(staff.at));
        let fee = fee.filter(|_| staff.has_fees()).map(|fee| staff.currency.fee(fee));
        let name = fee.map_or_else(|| category.name.clone(), |fee| format!("{}: {fee}", category.name));
        (category.id.to_string(), format!("{name}{}", remark(offer, category.id)))
    };
    offer.categories.iter().map(option).collect()
}

/// Returns what stands against a category, for the list of those to choose from.
pub fn remark(offer: &Offer, category: CategoryId) -> &'static str {
    let Some(category) = offer.categories.iter().find(|one| one.id == category) else { return "" };
    match category.access {
        _ if category.is_full() => " (full)",
        Access::Code => " (with a code)",
        Access::Staff => " (only staff)",
        Access::Public if category.period.opens_after(offer.at).is_some() => " (not open yet)",
        Access::Public if category.period.closed_by(offer.at).is_some() => " (closed)",
        Access::Public => "",
    }
}
