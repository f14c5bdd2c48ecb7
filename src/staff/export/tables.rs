//! The tables of each recipe, filled from a snapshot of the database.

use std::{
    collections::{HashMap, HashSet},
    io,
};

use super::{
    choices::{Choices, Recipe},
    columns::AttendeeColumn,
};
use crate::{
    documents::table::{Cell, Column, Kind, TableFile},
    domain::{AccountId, Cents, Currency, Day, RegistrationId, Zone, text::folded},
    store::{
        Snapshot,
        registrations::attendees::{Detail, Export, Exported, Wanted},
    },
    web::{AppError, Result},
};

/// The columns of the recipes that are made of columns about attendees.
const BADGES: [AttendeeColumn; 6] = [
    AttendeeColumn::Name,
    AttendeeColumn::Organisation,
    AttendeeColumn::City,
    AttendeeColumn::Country,
    AttendeeColumn::Category,
    AttendeeColumn::Reference,
];
const CANCELLATIONS: [AttendeeColumn; 10] = [
    AttendeeColumn::Reference,
    AttendeeColumn::Name,
    AttendeeColumn::Email,
    AttendeeColumn::Organisation,
    AttendeeColumn::Category,
    AttendeeColumn::Cancelled,
    AttendeeColumn::CancelledBy,
    AttendeeColumn::CancelReason,
    AttendeeColumn::Contact,
    AttendeeColumn::ContactEmail,
];
const IN_NEED: [AttendeeColumn; 4] =
    [AttendeeColumn::Name, AttendeeColumn::Organisation, AttendeeColumn::Category, AttendeeColumn::Reference];
const INVOICED: [AttendeeColumn; 9] = [
    AttendeeColumn::Reference,
    AttendeeColumn::Contact,
    AttendeeColumn::ContactEmail,
    AttendeeColumn::ContactTelephone,
    AttendeeColumn::Organisation,
    AttendeeColumn::City,
    AttendeeColumn::Country,
    AttendeeColumn::PurchaseOrder,
    AttendeeColumn::InvoiceAddress,
];

/// Something that is counted: how it is written first, with further cells, and how often.
type Counts = HashMap<String, (Vec<String>, i64)>;

/// What the tables are made with.
pub struct Filling<'a> {
    /// What was chosen.
    pub choices: &'a Choices,
    /// The conference's time zone.
    pub zone: &'a Zone,
    /// The currency of its amounts.
    pub currency: Currency,
    /// Who gets the file.
    pub by: AccountId,
}

/// Fills the file with the tables of the recipe.
pub async fn fill(
    file: &mut dyn TableFile,
    snapshot: &mut Snapshot,
    wanted: &Wanted,
    filling: Filling<'_>,
) -> Result<()> {
    let mut export = Export::begin(snapshot, wanted, filling.choices.parts()).await?;
    let by = filling.by;
    let mut tables = Tables { filling, invoiced: HashSet::new(), counted: HashMap::new(), countries: HashMap::new() };
    if tables.has_lines() {
        file.table(tables.filling.choices.recipe.title(), &tables.columns(&export)).map_err(AppError::internal)?;
    }
    while let Some(lines) = export.next(snapshot, by).await? {
        for line in &lines {
            let row = tables.row(line);
            row.map_or(Ok(()), |row| file.row(&row)).map_err(AppError::internal)?;
        }
    }
    tables.write_counts(file).map_err(AppError::internal)
}

/// The tables while they are filled. They remember what is counted, and which registrations they have.
struct Tables<'a> {
    filling: Filling<'a>,
    invoiced: HashSet<RegistrationId>,
    /// Needs or cities.
    counted: Counts,
    countries: Counts,
}

impl Tables<'_> {
    /// Whether there is a table with a line for each attendee or registration.
    fn has_lines(&self) -> bool {
        self.filling.choices.recipe != Recipe::Places
    }

    fn attendee_columns(&self) -> &[AttendeeColumn] {
        match self.filling.choices.recipe {
            Recipe::Everyone => &AttendeeColumn::ALL,
            Recipe::Invoices => &INVOICED,
            Recipe::Caterer | Recipe::Access => &IN_NEED,
            Recipe::Badges => &BADGES,
            Recipe::Places => &[],
            Recipe::Cancellations => &CANCELLATIONS,
            Recipe::Columns => &self.filling.choices.columns,
        }
    }

    fn columns(&self, export: &Export) -> Vec<Column> {
        let mut columns: Vec<_> = self.attendee_columns().iter().map(|column| column.column()).collect();
        columns.extend(export.questions().iter().map(|(_, text)| Column::of(Kind::Lines, text, 24)));
        match self.filling.choices.recipe {
            Recipe::Invoices => {
                columns.extend(["Owed", "Paid", "Open"].map(|heading| Column::plain(heading, 12)));
                columns.extend([Column::plain("Currency", 9), Column::plain("Due", 12)]);
            }
            Recipe::Cancellations => {
                columns.extend([Column::plain("Registration owes", 14), Column::plain("Currency", 9)]);
            }
            Recipe::Caterer | Recipe::Access => columns.insert(0, self.needs_column()),
            Recipe::Everyone | Recipe::Badges | Recipe::Places | Recipe::Columns => {}
        }
        columns
    }

    fn needs_column(&self) -> Column {
        let heading = if self.filling.choices.recipe == Recipe::Access { "Access needs" } else { "Dietary needs" };
        Column::of(Kind::Lines, heading, 44)
    }

    /// Returns the row of an attendee, or nothing if the recipe is not about them.
    fn row(&mut self, line: &Exported) -> Option<Vec<Cell>> {
        let Exported { detail, answers, balance, needs } = line;
        let comes = detail.attendee.is_coming();
        let cells = |this: &Self| -> Vec<Cell> {
            this.attendee_columns().iter().map(|column| column.cell(detail, this.filling.zone)).collect()
        };
        match self.filling.choices.recipe {
            Recipe::Everyone | Recipe::Columns => {
                let mut row = cells(self);
                row.extend(answers.iter().map(Cell::text));
                Some(row)
            }
            Recipe::Invoices => {
                let balance = balance.as_ref()?;
                if !self.invoiced.insert(detail.registration.id) {
                    return None;
                }
                let mut row = cells(self);
                row.extend([balance.owed, balance.paid, balance.open()].map(Cell::Amount));
                let due = balance.due.map_or(Cell::Empty, |due| {
                    let Day(day) = self.filling.zone.day(due);
                    Cell::Day(day)
                });
                row.extend([Cell::text(self.filling.currency.as_str()), due]);
                Some(row)
            }
            Recipe::Caterer | Recipe::Access => {
                if !comes || needs.is_empty() {
                    return None;
                }
                count(&mut self.counted, &[needs]);
                let mut row = cells(self);
                row.insert(0, Cell::text(needs));
                Some(row)
            }
            Recipe::Badges => comes.then(|| cells(self)),
            Recipe::Places => {
                if comes {
                    self.count_place(detail);
                }
                None
            }
            Recipe::Cancellations => {
                let owed = balance.as_ref().map_or(Cents::ZERO, |balance| balance.owed);
                detail.attendee.is_cancelled().then(|| {
                    let mut row = cells(self);
                    row.extend([Cell::Amount(owed), Cell::text(self.filling.currency.as_str())]);
                    row
                })
            }
        }
    }

    fn count_place(&mut self, Detail { registration, .. }: &Detail) {
        let country = registration.country.name();
        count(&mut self.counted, &[&registration.city, country]);
        count(&mut self.countries, &[country]);
    }

    /// Writes what was counted, the most frequent first.
    fn write_counts(self, file: &mut dyn TableFile) -> io::Result<()> {
        let number = || Column::plain("People", 9);
        match self.filling.choices.recipe {
            Recipe::Caterer | Recipe::Access => {
                file.table("Counted", &[self.needs_column(), number()])?;
                write_counts(file, self.counted)
            }
            Recipe::Places => {
                file.table("Cities", &[Column::plain("City", 30), Column::plain("Country", 24), number()])?;
                write_counts(file, self.counted)?;
                file.table("Countries", &[Column::plain("Country", 24), number()])?;
                write_counts(file, self.countries)
            }
            _ => Ok(()),
        }
    }
}

/// Counts something that may be written with other capitals.
fn count(counts: &mut Counts, words: &[&str]) {
    let key = words.iter().map(|word| folded(word)).collect::<Vec<_>>().join("\n");
    let (_, number) = counts.entry(key).or_insert_with(|| (words.iter().map(|&word| word.to_owned()).collect(), 0));
    *number += 1;
}

fn write_counts(file: &mut dyn TableFile, counts: Counts) -> io::Result<()> {
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by(|(one, (_, number)), (other, (_, others))| others.cmp(number).then_with(|| one.cmp(other)));
    for (_, (words, number)) in counts {
        let cells: Vec<_> = words.into_iter().map(Cell::text).chain([Cell::Number(number)]).collect();
        file.row(&cells)?;
    }
    Ok(())
}
