//! What somebody chooses of a file. The choices are in its address, so that the address can be kept and used again.

use askama::Template;

use super::columns::AttendeeColumn;
use crate::{
    documents::csv::Separator,
    domain::text_enum,
    store::{
        audit::Change,
        registrations::attendees::{ExportParts, NeedsPart},
    },
    web::Submitted,
};

/// The fields of an address.
pub const RECIPE: &str = "recipe";
/// The columns, each a value of its own. The field `column` is that of the list on the page.
pub const COLUMN: &str = "field";
/// What stands between two cells of a CSV file.
pub const SEPARATOR: &str = "separator";
/// The word of the column, or rather the columns, of the answers.
pub const ANSWERS: &str = "answers";

text_enum! {
    /// What a file contains.
    pub enum Recipe {
        /// All columns about everybody.
        Everyone = "everyone",
        /// A line for each registration that owes or has paid something.
        Invoices = "invoices",
        /// What people eat, by person and counted.
        Caterer = "caterer",
        /// What people need in the building, by person and counted.
        Access = "access",
        /// What is printed on badges.
        Badges = "badges",
        /// The cities and countries that people come from, counted.
        Places = "places",
        /// Who was cancelled, when, by whom and why.
        Cancellations = "cancellations",
        /// The columns that were chosen.
        Columns = "columns",
    }
}

impl Recipe {
    /// Returns what the page calls it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Everyone => "Everyone",
            Self::Invoices => "Invoices",
            Self::Caterer => "For the caterer",
            Self::Access => "Access needs",
            Self::Badges => "Badges",
            Self::Places => "Cities and countries",
            Self::Cancellations => "Cancellations",
            Self::Columns => "Chosen columns",
        }
    }

    /// Returns what the page says about it.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Everyone => "All columns, with the answers to questions. No dietary or access needs.",
            Self::Invoices => {
                "One line for each registration that owes or has paid something: purchase order, invoice address and amounts."
            }
            Self::Caterer => {
                "Dietary needs of people who have a place, by person and counted. Each reading is recorded in the attendee’s history."
            }
            Self::Access => {
                "Access needs of people who have a place, by person and counted. Each reading is recorded in the attendee’s history."
            }
            Self::Badges => "Name, organisation, city, country, category and reference of people who have a place.",
            Self::Places => "How many people with a place come from each city and each country.",
            Self::Cancellations => {
                "Who was cancelled, when, by whom and why, and what remains owed for the registration."
            }
            Self::Columns => "The columns that you choose below.",
        }
    }

    /// Returns which needs it reads.
    pub fn needs(self) -> Option<NeedsPart> {
        match self {
            Self::Caterer => Some(NeedsPart::Dietary),
            Self::Access => Some(NeedsPart::Access),
            _ => None,
        }
    }
}

/// What was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choices {
    /// What the file contains.
    pub recipe: Recipe,
    /// The chosen columns, in their usual order; empty unless the recipe is made of them.
    pub columns: Vec<AttendeeColumn>,
    /// Whether the answers are among the chosen columns.
    pub answers: bool,
    /// What stands between two cells of a CSV file.
    pub separator: Separator,
}

/// Why there is no file. Displayed beside the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Template)]
#[template(path = "staff/export_errors.txt")]
pub enum ChoicesError {
    /// There is no such recipe, for example because the address is old.
    NoRecipe,
    /// No column was chosen.
    NoColumn,
    /// One of the columns does not exist, for example because the address is old.
    UnknownColumn,
    /// There is no such separator.
    NoSeparator,
}

impl ChoicesError {
    /// Returns the field that is wrong.
    pub fn field(self) -> &'static str {
        match self {
            Self::NoRecipe => RECIPE,
            Self::NoColumn | Self::UnknownColumn => COLUMN,
            Self::NoSeparator => SEPARATOR,
        }
    }
}

impl Choices {
    /// Reads the choices from an address. Without any, a file has everyone.
    pub fn read(fields: &Submitted) -> Result<Self, ChoicesError> {
        let or = |name, default| Some(fields.get(name)).filter(|word| !word.is_empty()).unwrap_or(default);
        let recipe = Recipe::parse(or(RECIPE, Recipe::Everyone.as_str())).ok_or(ChoicesError::NoRecipe)?;
        let separator = Separator::parse(or(SEPARATOR, Separator::Comma.as_str())).ok_or(ChoicesError::NoSeparator)?;
        let mut choices = Self { recipe, columns: Vec::new(), answers: false, separator };
        if recipe == Recipe::Columns {
            let is_known = |word: &str| word == ANSWERS || AttendeeColumn::parse(word).is_some();
            if !fields.all(COLUMN).all(is_known) {
                return Err(ChoicesError::UnknownColumn);
            }
            let is_chosen = |column: &AttendeeColumn| fields.all(COLUMN).any(|word| word == column.as_str());
            choices.columns = AttendeeColumn::ALL.into_iter().filter(is_chosen).collect();
            choices.answers = fields.all(COLUMN).any(|word| word == ANSWERS);
            if choices.columns.is_empty() && !choices.answers {
                return Err(ChoicesError::NoColumn);
            }
        }
        Ok(choices)
    }

    /// Returns what the file reads.
    pub fn parts(&self) -> ExportParts {
        ExportParts {
            answers: self.recipe == Recipe::Everyone || self.answers,
            balances: matches!(self.recipe, Recipe::Invoices | Recipe::Cancellations),
            needs: self.recipe.needs(),
        }
    }

    /// Returns what is recorded (`AttendeesExported`): the recipe, the chosen columns and the view.
    pub fn recorded(&self, view: Vec<(&'static str, String)>) -> Vec<Change> {
        let words = self.columns.iter().map(|column| column.as_str()).chain(self.answers.then_some(ANSWERS));
        let columns = words.collect::<Vec<_>>().join(", ");
        let mut recorded = vec![(RECIPE, self.recipe.to_string())];
        recorded.extend(Some((COLUMN, columns)).filter(|(_, columns)| !columns.is_empty()));
        Change::of_fields(recorded.into_iter().chain(view))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<Choices, ChoicesError> {
        Choices::read(&Submitted::decode(query.as_bytes()))
    }

    #[test]
    fn an_address_without_choices_has_everyone() {
        let choices = read("q=graz&recipe=&separator=").expect("a file");
        assert_eq!((choices.recipe, choices.separator), (Recipe::Everyone, Separator::Comma));
    }

    #[test]
    fn columns_are_in_their_usual_order_and_at_least_one_is_chosen() {
        let choices = read("recipe=columns&field=email&field=answers&field=name&separator=tab").expect("a file");
        assert_eq!(choices.columns, [AttendeeColumn::Name, AttendeeColumn::Email]);
        assert!(choices.answers && choices.separator == Separator::Tab);
        assert_eq!(read("recipe=columns"), Err(ChoicesError::NoColumn));
    }

    #[test]
    fn an_old_address_is_not_mistaken_for_another_file() {
        assert_eq!(read("recipe=hotels"), Err(ChoicesError::NoRecipe));
        assert_eq!(read("recipe=columns&field=name&field=hotel"), Err(ChoicesError::UnknownColumn));
        assert_eq!(read("separator=pipe"), Err(ChoicesError::NoSeparator));
    }

    #[test]
    fn several_values_of_a_field_are_recorded_once() {
        let choices = read("recipe=badges").expect("a file");
        let recorded = choices.recorded(vec![("id", "1".to_owned()), ("id", "2".to_owned())]);
        let recorded: Vec<_> = recorded.iter().map(|change| (change.field, &*change.after)).collect();
        assert_eq!(recorded, [("recipe", "badges"), ("id", "1, 2")]);
    }
}
