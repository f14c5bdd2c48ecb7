//! The table in the privacy notice names all personal data that registration collects.

use crate::support::TestApp;

const NOTICE: &str = include_str!("../../src/store/shipped_pages/privacy.md");

/// Columns that the table need not name, and why. Every other column counts as personal data.
const NOT_NAMED: &[(&str, &str)] = &[
    ("registration.id", "a key"),
    ("registration.conference_id", "a key"),
    ("registration.reference", "a random code"),
    ("registration.contact_attendee_id", "a key"),
    ("registration.contact_email_normalised", "a copy of the address"),
    ("registration.privacy_revision_id", "the notice that was shown"),
    ("registration.submission_id", "a random number of the form"),
    ("registration.submission_hash", "a hash of data that the table names"),
    ("registration.repeat_hash", "a hash of data that the table names"),
    ("registration.revision", "a counter"),
    ("registration.created_at", "when the form was sent"),
    ("registration.is_invented", "whether a demonstration made it up"),
    ("attendee.id", "a key"),
    ("attendee.conference_id", "a key"),
    ("attendee.registration_id", "a key"),
    ("attendee.position", "the order of the form"),
    ("attendee.name_folded", "a copy of the name"),
    ("attendee.email_normalised", "a copy of the address"),
    ("attendee.sort_name", "a copy of the name, in another order"),
    ("attendee.state", "whether the place is taken"),
    ("attendee.queue_rank", "the order of the waiting list"),
    ("attendee.cancel_cause", "who or what freed the place"),
    ("attendee.cancelled_at", "when the place became free"),
    ("attendee.cancel_reason", "a note by staff, not collected on the form"),
    ("attendee.revision", "a counter"),
    ("attendee.created_at", "when the form was sent"),
    ("attendee_needs.attendee_id", "a key"),
    ("attendee_needs.conference_id", "a key"),
    ("attendee_needs.consent_wording", "the proof of consent"),
    ("attendee_needs.consented_at", "the proof of consent"),
    ("email_change.id", "a key"),
    ("email_change.conference_id", "a key"),
    ("email_change.registration_id", "a key"),
    ("email_change.attendee_id", "a key"),
    ("email_change.email_normalised", "a copy of the address"),
    ("email_change.asked_at", "when the form was sent"),
    ("email_change.expires_at", "until when the address can be confirmed"),
    ("email_change.used_at", "when the address was confirmed"),
    ("email_change.cancelled_at", "when the delegate cancelled the change"),
    ("attendee.is_another", "whether the desk sees two people of one name and address"),
    ("pending_registration.id", "a key"),
    ("pending_registration.conference_id", "a key"),
    ("pending_registration.submission_id", "a random number of the form"),
    ("pending_registration.person_hash", "a hash of data that the table names"),
    ("pending_registration.beside_id", "a key"),
    ("pending_registration.asked_at", "when the form was sent"),
    ("pending_registration.expires_at", "until when the registration can be completed"),
    ("pending_registration.used_at", "when the registration was completed"),
];

/// What the table calls columns whose name it does not use.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("attendee.email", "e-mail"),
    ("pending_registration.email", "e-mail"),
    ("pending_registration.fields", "registration that is not complete yet"),
    ("email_change.email", "e-mail address that you want to change to"),
    ("attendee.category_id", "category"),
    ("attendee.code_id", "code"),
    ("registration.contact_email", "e-mail"),
    ("registration.purchase_order", "purchase-order number"),
];

#[tokio::test]
async fn the_privacy_notice_names_every_column_with_personal_data() {
    let app = TestApp::start().await;
    let columns: Vec<(String, String)> = sqlx::query_as(
        "select table_name::text, column_name::text from information_schema.columns
         where table_schema = current_schema() and table_name in ('registration', 'attendee', 'attendee_needs', 'email_change', 'pending_registration')",
    )
    .fetch_all(&app.db)
    .await
    .expect("the columns");
    let known: Vec<String> = columns.iter().map(|(table, column)| format!("{table}.{column}")).collect();
    for (column, _) in NOT_NAMED.iter().chain(OTHER_NAMES) {
        assert!(known.iter().any(|known| known == column), "there is no column {column} any more");
    }
    let missing: Vec<_> = known.iter().filter(|column| !is_not_named(column) && !is_named(column)).collect();
    assert!(
        missing.is_empty(),
        "not in the table of src/store/shipped_pages/privacy.md: {missing:?}. Name them there, or say above why not."
    );
    assert!(!is_named("attendee.shoe_size") && !is_named("registration.contact_job_title"), "nothing is always named");
}

fn is_not_named(column: &str) -> bool {
    NOT_NAMED.iter().any(|(known, _)| *known == column)
}

/// Whether a line of the table names the column: for the contact's data, the line about the contact, for everything else,
/// one of the others.
fn is_named(column: &str) -> bool {
    let (_, name) = column.split_once('.').expect("a table and a column");
    let of_contact = name.starts_with("contact_");
    let other = OTHER_NAMES.iter().find(|(known, _)| *known == column).map(|(_, name)| (*name).to_owned());
    let words = other.unwrap_or_else(|| name.trim_start_matches("contact_").replace('_', " "));
    let lines = NOTICE.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    lines
        .map(|data| format!(" {} ", data.replace([',', '(', ')'], " ")))
        .any(|data| data.contains("of the contact") == of_contact && data.contains(&format!(" {words} ")))
}
