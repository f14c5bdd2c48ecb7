//! The categories of delegates and their places.

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{
    codes::{CodeRefusal, GivenCode, ValidCode},
    questions,
};
use crate::domain::{
    Access, Availability, Capacity, CategoryId, Cents, Code, CodeId, ConferenceId, Currency, Fee, Period, Question,
    RevisionId,
};

/// A category with its places.
#[derive(Clone, Debug)]
pub struct OfferedCategory {
    /// Its key.
    pub id: CategoryId,
    /// Its name.
    pub name: String,
    /// What it is; may be empty.
    pub description: String,
    /// Who it is for; may be empty.
    pub audience: String,
    /// What it costs.
    pub fee: Fee,
    /// When delegates can choose it.
    pub period: Period,
    /// Who can choose it.
    pub access: Access,
    /// Its places.
    pub capacity: Capacity,
    /// The code that lowers its fee, if one was given.
    pub reduced_by: Option<(CodeId, Code)>,
    /// Whether places are kept for those who gave the code. Then they never wait.
    pub is_kept: bool,
}

impl OfferedCategory {
    /// Returns whether nobody can get a place in it.
    pub fn is_full(&self) -> bool {
        self.capacity.is_full() && !self.is_kept
    }
}

/// What the registration form can offer.
#[derive(Clone, Debug)]
pub struct Offer {
    /// All categories, in their order.
    pub categories: Vec<OfferedCategory>,
    /// The places of the whole conference.
    pub whole: Capacity,
    /// Whether delegates can join the waiting list of what is full.
    pub waiting_list: bool,
    /// The published privacy notice; `None` if there is none.
    pub privacy: Option<RevisionId>,
    /// The questions that the form asks, in their order.
    pub questions: Vec<Question>,
    /// Whether the form asks for a code: whether there are any that can be used.
    pub asks_for_code: bool,
    /// The code that was given.
    pub code: GivenCode,
    /// The currency of the fees.
    pub currency: Currency,
    /// What delegates read about VAT; may be empty.
    pub vat_wording: String,
    /// The time of the offer, which decides which categories are open and what they cost.
    pub at: OffsetDateTime,
}

impl Offer {
    /// Iterates over the categories that delegates can choose now.
    pub fn public(&self) -> impl Iterator<Item = &OfferedCategory> {
        self.at_some_time().filter(|category| category.period.contains(self.at))
    }

    /// Iterates over the categories that delegates can choose at some time.
    pub fn at_some_time(&self) -> impl Iterator<Item = &OfferedCategory> {
        self.categories.iter().filter(|category| category.access == Access::Public)
    }

    /// Returns whether delegates can choose a category with a fee, at any time. If not, nothing tells them of fees.
    pub fn has_fees(&self) -> bool {
        self.at_some_time().any(|category| category.fee.full.is_positive() || category.reduced_by.is_some())
    }

    /// Returns the same for somebody who gave this code: they can choose its category, perhaps for less, and have the places that
    /// are kept for it. If only staff assign that category, the code is of no use.
    pub fn with_code(mut self, code: ValidCode) -> Self {
        let at = self.at;
        let category = self.categories.iter_mut().find(|one| one.id == code.category && one.access != Access::Staff);
        let Some(category) = category else {
            return Self { code: GivenCode::Refused(CodeRefusal::Unknown), ..self };
        };
        category.access = Access::Public;
        category.is_kept = code.kept > 0;
        if let Some(fee) = category.fee.reduced_at(code.fee, at) {
            category.fee = Fee { full: fee, early: None };
            category.reduced_by = Some((code.id, code.code.clone()));
        }
        Self { code: GivenCode::Valid(code), ..self }
    }

    /// Returns the same for staff, who can choose every category at any time.
    pub fn for_staff(mut self) -> Self {
        for category in &mut self.categories {
            (category.access, category.period) = (Access::Public, Period::default());
        }
        self
    }

    /// Returns the code that was given, if it can be used.
    pub fn valid_code(&self) -> Option<&ValidCode> {
        if let GivenCode::Valid(code) = &self.code { Some(code) } else { None }
    }

    /// Returns the same with or without a waiting list.
    pub fn with_waiting_list(self, waiting_list: bool) -> Self {
        Self { waiting_list, ..self }
    }

    /// Returns whether nobody can get a place, because the conference or every category that can be chosen now is full.
    pub fn is_full(&self) -> bool {
        (self.whole.is_full() || self.public().all(OfferedCategory::is_full)) && !self.public().any(|one| one.is_kept)
    }

    /// Returns whether nobody can register, not even for the waiting list.
    pub fn is_closed(&self) -> bool {
        self.is_full() && (!self.waiting_list || self.public().next().is_none())
    }

    /// Returns whether somebody who registers for this category joins the waiting list.
    pub fn waits_in(&self, category: &OfferedCategory) -> bool {
        self.waiting_list && !category.is_kept && (self.whole.is_full() || category.capacity.is_full())
    }
}

/// Returns what the conference offers at this instant.
pub async fn offer(
    conn: &mut PgConnection,
    conference: ConferenceId,
    at: OffsetDateTime,
) -> Result<Offer, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select category.id as "id?: CategoryId", category.name as "name?",
               category.description as "description?", category.audience as "audience?",
               category.fee_cents as "fee?: Cents", category.early_fee_cents as "early_fee?: Cents",
               category.early_until, category.opens, category.closes, category.access as "access?: Access",
               capacity.places, coalesce(capacity.taken, 0) as "taken!",
               exists (select from question where conference_id = $1 and is_asked) as "has_questions!",
               exists (select from code where code.conference_id = $1 and ended_at is null and (until is null or until > $2))
                   as "asks_for_code!",
               (select published_id from slug join item on item.id = item_id
                where slug.conference_id = $1 and slug.kind = 'page' and slug.slug = 'privacy')
                   as "privacy: RevisionId",
               settings.currency as "currency: Currency", settings.vat_wording
           from category
           full join capacity on capacity.category_id = category.id
           join registration_settings settings on settings.conference_id = $1
           where coalesce(category.conference_id, capacity.conference_id) = $1
           order by category.place, category.name"#,
        conference.0,
        at,
    )
    .fetch_all(&mut *conn)
    .await?;
    // Most conferences ask none.
    let has_questions = rows.first().is_some_and(|row| row.has_questions);
    let questions = if has_questions { questions::asked(conn, conference).await? } else { Vec::new() };
    let mut offer = Offer {
        categories: Vec::with_capacity(rows.len()),
        whole: Capacity { places: None, taken: 0 },
        waiting_list: false,
        privacy: rows.first().and_then(|row| row.privacy),
        questions,
        asks_for_code: rows.first().is_some_and(|row| row.asks_for_code),
        code: GivenCode::None,
        currency: rows.first().map_or(Currency::Euro, |row| row.currency),
        vat_wording: rows.first().map(|row| row.vat_wording.clone()).unwrap_or_default(),
        at,
    };
    for row in rows {
        let capacity = Capacity { places: row.places, taken: row.taken };
        let (Some(id), Some(name), Some(access)) = (row.id, row.name, row.access) else {
            offer.whole = capacity;
            continue;
        };
        offer.categories.push(OfferedCategory {
            id,
            name,
            description: row.description.unwrap_or_default(),
            audience: row.audience.unwrap_or_default(),
            fee: Fee::read(row.fee.unwrap_or_default(), row.early_fee, row.early_until),
            period: Period { opens: row.opens, closes: row.closes },
            access,
            capacity,
            reduced_by: None,
            is_kept: false,
        });
    }
    Ok(offer)
}

/// Returns the smaller availability of the conference and of the public category that has the most places left, whether it can
/// be chosen now or not. If all can be chosen, it is `Full`, or `None` if no category is public, if and only if
/// [`Offer::is_full`] returns true.
pub async fn availability(
    conn: &mut PgConnection,
    conference: ConferenceId,
) -> Result<Option<Availability>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select coalesce(capacity.availability, 'free') as "left!: Availability", category.id is null as "whole!"
           from category
           full join capacity on capacity.category_id = category.id
           where coalesce(category.conference_id, capacity.conference_id) = $1 and coalesce(category.access, 'public') = 'public'"#,
        conference.0,
    )
    .fetch_all(conn)
    .await?;
    let (mut whole, mut public) = (Availability::Free, None);
    for row in rows {
        if row.whole {
            whole = row.left;
        } else {
            public = public.max(Some(row.left));
        }
    }
    Ok(public.map(|public| whole.min(public)))
}

/// Lists the keys and names of a conference's categories in their order.
pub async fn list(conn: &mut PgConnection, conference: ConferenceId) -> Result<Vec<(CategoryId, String)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select id as "id: CategoryId", name from category where conference_id = $1 order by place, name"#,
        conference.0,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}
