//! What the attendees of an invented conference choose from: categories with fees, codes and questions.

use std::collections::HashMap;

use sqlx::PgTransaction;
use time::OffsetDateTime;
use uuid::Uuid;

use super::invented::dice;
use crate::domain::{AccountId, CategoryId, CodeId, ConferenceId, QuestionId, QuestionVersionId, email::normalised};

/// The address of the account that has recorded the payments.
pub const ACCOUNT: &str = "desk@demonstration.example";

/// The categories, each with how many of a hundred people are of it, and its fee in cents.
const CATEGORIES: [(&str, usize, i64); 7] = [
    ("member-city", 44, 45_000),
    ("non-member-city", 20, 55_000),
    ("university", 12, 25_000),
    ("other-public", 10, 40_000),
    ("private", 9, 90_000),
    ("speaker", 3, 0),
    ("staff", 2, 0),
];

/// The categories that are full, so that people wait for them.
pub const FULL: [&str; 2] = ["member-city", "private"];

/// The codes: the category of each, and the fee in cents.
const CODES: [(&str, &str, i64); 3] =
    [("DEMO-GUEST", "member-city", 0), ("DEMO-CAMPUS", "university", 10_000), ("DEMO-2-FOR-1", "private", 45_000)];

/// The questions: who answers them, how, their words and the choices.
const QUESTIONS: [(&str, &str, &str, &[&str]); 3] = [
    ("attendee", "one_of", "Which excursion do you join?", &["City archive", "Data centre", "None"]),
    ("attendee", "number", "How many years have you worked for your city?", &[]),
    ("registration", "short_text", "How did you hear of us?", &[]),
];

/// What attendees are of.
pub struct Settings {
    /// The conference.
    pub conference: ConferenceId,
    /// The version of a text that counts as the privacy notice.
    pub notice: Uuid,
    /// Who has recorded the payments.
    pub account: AccountId,
    categories: Vec<(CategoryId, &'static str, usize, i64)>,
    codes: HashMap<&'static str, (CodeId, i64)>,
    /// The questions with their versions.
    pub questions: Vec<(QuestionId, QuestionVersionId)>,
    /// When people began to register, and now.
    pub from: OffsetDateTime,
    /// Until when they registered.
    pub until: OffsetDateTime,
}

impl Settings {
    /// Returns the category of a person, its slug and its fee.
    pub fn category(&self, registration: usize, person: usize) -> (CategoryId, &'static str, i64) {
        // Colleagues are mostly of one category.
        let number = if dice(person, 20, 10) == 0 { person } else { registration };
        let mut share = dice(number, 21, 100);
        for (id, slug, of_hundred, fee) in &self.categories {
            if share < *of_hundred {
                return (*id, slug, *fee);
            }
            share -= of_hundred;
        }
        let (id, slug, _, fee) = self.categories[0];
        (id, slug, fee)
    }

    /// Returns the code that people of a category may have given, and the fee with it.
    pub fn code(&self, category: &str) -> Option<(CodeId, i64)> {
        self.codes.get(category).copied()
    }
}

/// Sets fees, codes and questions, and returns them.
pub async fn add(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    now: OffsetDateTime,
) -> Result<Settings, sqlx::Error> {
    sqlx::query!(
        "update registration_settings set account_holder = 'The City of Demo City', iban = 'AT611904300234573201',
             bank = 'Bank of Demo City', vat_rate = 2000
         where conference_id = $1",
        conference.0,
    )
    .execute(&mut **tx)
    .await?;
    let mut categories = Vec::new();
    for (slug, share, fee) in CATEGORIES {
        let id = sqlx::query_scalar!(
            r#"update category set fee_cents = $3 where conference_id = $1 and slug = $2 returning id as "id: CategoryId""#,
            conference.0,
            slug,
            fee,
        )
        .fetch_one(&mut **tx)
        .await?;
        categories.push((id, slug, share, fee));
    }
    let notice = sqlx::query_scalar!("select id from revision where conference_id = $1 limit 1", conference.0)
        .fetch_one(&mut **tx)
        .await?;
    Ok(Settings {
        conference,
        notice,
        account: account(tx).await?,
        codes: codes(tx, conference, &categories).await?,
        questions: questions(tx, conference).await?,
        categories,
        from: now - time::Duration::days(200),
        until: now,
    })
}

/// Returns the account that has recorded the payments. Nobody can sign in with it.
async fn account(tx: &mut PgTransaction<'_>) -> Result<AccountId, sqlx::Error> {
    sqlx::query_scalar!(
        r#"insert into account (id, email, email_normalised, name, active) values ($1, $2, $3, 'Demonstration', false)
           on conflict on constraint account_email_unique do update set name = excluded.name
           returning id as "id: AccountId""#,
        AccountId::new().0,
        ACCOUNT,
        normalised(ACCOUNT),
    )
    .fetch_one(&mut **tx)
    .await
}

async fn codes(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
    categories: &[(CategoryId, &'static str, usize, i64)],
) -> Result<HashMap<&'static str, (CodeId, i64)>, sqlx::Error> {
    let mut codes = HashMap::new();
    for (code, of, fee) in CODES {
        let (category, ..) = categories.iter().find(|(_, slug, ..)| *slug == of).expect("one of them");
        let id = CodeId::new();
        sqlx::query!(
            "insert into code (id, conference_id, code, category_id, audience, fee_cents) values ($1, $2, $3, $4, 'Invented', $5)",
            id.0,
            conference.0,
            code,
            category.0,
            fee,
        )
        .execute(&mut **tx)
        .await?;
        codes.insert(of, (id, fee));
    }
    Ok(codes)
}

async fn questions(
    tx: &mut PgTransaction<'_>,
    conference: ConferenceId,
) -> Result<Vec<(QuestionId, QuestionVersionId)>, sqlx::Error> {
    let mut questions = Vec::new();
    for (place, (asked_of, kind, text, choices)) in (1_i16..).zip(QUESTIONS) {
        let (id, version) = (QuestionId::new(), QuestionVersionId::new());
        let choices: Vec<_> = choices.iter().map(|choice| (*choice).to_owned()).collect();
        sqlx::query!(
            "with asked as (
                 insert into question_version (id, conference_id, question_id, number, kind, text, help, purpose, required,
                     readers, choices)
                 values ($1, $2, $3, 1, $4, $5, '', 'plan the conference', false, 'desk', $6)
             )
             insert into question (id, conference_id, place, asked_of, version_id) values ($3, $2, $7, $8, $1)",
            version.0,
            conference.0,
            id.0,
            kind,
            text,
            &choices,
            place,
            asked_of,
        )
        .execute(&mut **tx)
        .await?;
        questions.push((id, version));
    }
    Ok(questions)
}

/// Returns an answer to a question, which is counted from 0.
pub fn answer(question: usize, number: usize) -> String {
    match QUESTIONS[question] {
        (_, "number", ..) => dice(number, 24, 40).to_string(),
        (.., choices @ [_, ..]) => choices[dice(number, 25, choices.len() as u64)].to_owned(),
        _ => {
            ["From a colleague", "\"Cities\", a newsletter", "=SUM(1;2), I always come"][dice(number, 26, 3)].to_owned()
        }
    }
}
