//! The fields of a code's form.

use askama::Template;

use crate::{
    domain::{Access, Code, CodeError, CodeId, CodeUses, Zone},
    editing::compare::Field,
    store::{
        registrations::code_settings::{ListedCode, NewCode},
        settings::CategorySettings,
    },
    web::{Errors, Submitted},
};

/// The error messages of a code.
#[derive(Template)]
#[template(path = "administration/code_errors.txt")]
pub enum ErrorMessage {
    /// The text is not a code.
    Malformed,
    /// The field is empty, but the code exists.
    Missing,
    /// The conference has this code already.
    Taken,
    /// Several codes are to be made, but one is given.
    SeveralGiven,
    /// The text is not a number of codes.
    NoCount,
    /// The fee is not below that of the category.
    FeeNotBelow,
    /// The text is not a number of people.
    NoUses,
    /// So many people use it.
    BelowUsed(i32),
    /// Places are to be kept, but not how many.
    UsesMissing,
    /// Only so many places can be kept.
    TooFewPlaces(i32),
    /// Somebody with it waits for a place.
    SomebodyWaits,
    /// People have used it, so its category stays.
    CategoryUsed,
}

/// The fields, in the order of the form.
pub const FIELDS: [Field; 7] = [
    Field::value("code", "Code"),
    Field::value("category", "Category"),
    Field::line("audience", "For"),
    Field::value("fee", "Reduced fee"),
    Field::value("uses", "How many people can use it"),
    Field::tick("reserves", "Places are kept"),
    Field::value("until", "Until"),
];

/// How many codes can be made at once.
pub const MOST_AT_ONCE: usize = 100;

/// Returns a code in the fields of its form.
pub fn present(zone: &Zone, code: &ListedCode) -> Submitted {
    // Every field is named, so that a new field does not compile until the form has it.
    let ListedCode {
        id: _,
        code,
        category,
        category_name: _,
        audience,
        fee,
        uses,
        used: _,
        reserves,
        kept: _,
        until,
        ended_at: _,
        revision: _,
    } = code;
    let fields = [
        ("code", code.to_string()),
        ("category", category.to_string()),
        ("audience", audience.to_string()),
        ("fee", fee.map(|fee| fee.to_string()).unwrap_or_default()),
        ("uses", uses.map(|uses| uses.to_string()).unwrap_or_default()),
        ("until", until.map(|until| zone.field(until)).unwrap_or_default()),
    ];
    Submitted::of(fields.into_iter().chain(reserves.then(|| ("reserves", "on".to_owned()))))
}

/// Returns new settings in the fields of the form.
pub fn shown(zone: &Zone, new: &NewCode) -> Submitted {
    let NewCode { code, category, audience, fee, uses, reserves, until } = new.clone();
    let listed = ListedCode {
        id: CodeId::new(),
        code,
        category,
        category_name: String::new(),
        audience,
        fee,
        uses: uses.map(CodeUses::number),
        used: 0,
        reserves,
        kept: 0,
        until,
        ended_at: None,
        revision: 0,
    };
    present(zone, &listed)
}

/// Returns a value in words.
pub fn say(categories: &[CategorySettings], field: &Field, value: &str) -> String {
    let category = categories.iter().find(|one| field.name == "category" && one.id.to_string() == value);
    category.map_or_else(|| field.say(value), |category| category.details.name.to_string())
}

/// Returns whether a code can be for this category. One that only staff assign stays with the code that it has.
pub fn offers(code: Option<&ListedCode>, category: &CategorySettings) -> bool {
    category.details.access != Access::Staff || code.is_some_and(|code| code.category == category.id)
}

/// Returns the code in the form, or new ones if it is empty.
pub fn codes(form: &Submitted, count: usize, may_generate: bool, errors: &mut Errors) -> Option<Vec<Code>> {
    let message = match Code::parse(form.get("code")) {
        Ok(code) if count == 1 => return Some(vec![code]),
        Ok(_) => ErrorMessage::SeveralGiven,
        Err(CodeError::Missing) if may_generate => return Some((0..count).map(|_| Code::random()).collect()),
        Err(CodeError::Missing) => ErrorMessage::Missing,
        Err(CodeError::Malformed) => ErrorMessage::Malformed,
    };
    errors.add("code", &message);
    None
}
