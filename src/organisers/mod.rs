//! The organisers' pages. The conference's facts, sessions, their kinds, people, rooms, topics, pages and texts are kinds of items for
//! [`crate::editing`]. What is saved may stay unpublished.

mod changes;
pub mod facts;
mod fields;
pub mod files;
mod in_the_way;
pub mod landing;
mod links;
mod listed;
pub mod move_sessions;
pub mod new_conference;
pub mod page;
mod page_links;
pub mod pages;
pub mod people;
pub mod person;
pub mod picture;
mod picture_field;
mod previews;
pub mod release;
pub mod releases;
pub mod room;
pub mod rooms;
pub mod same_person;
mod scheduled;
pub mod session;
mod session_bulk;
mod session_files;
mod session_filter;
mod session_form;
pub mod session_kind;
pub mod session_kinds;
mod session_people;
mod session_refused;
mod session_schedule;
mod session_together;
pub mod sessions;
pub mod text;
mod text_about;
pub mod texts;
pub mod topic;
pub mod topics;
pub mod unpublished;
pub mod warnings;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::{
        facts::Facts, page::Page, person::Person, room::Room, session::Session, session_kind::SessionKind, topic::Topic,
    };
    use crate::{
        editing::{
            Kind,
            compare::{Beginning, ChangedBy, Comparison, Field},
            marking::{Mark, Piece},
        },
        web::Submitted,
    };

    /// What a person does to a field: for each of the words that it has, whether it stays and the words written after it.
    type Edits = Vec<(bool, Vec<String>)>;

    const WORDS: usize = 4;
    const MOST_FIELDS: usize = 24;

    /// Generates edits to all fields of a form. Some words are written by both people.
    fn edited(own: &'static str) -> impl Strategy<Value = Vec<Option<Edits>>> {
        let word = prop_oneof![3 => own, 1 => "both[0-9]"];
        let edits = prop::collection::vec((prop::bool::weighted(0.7), prop::collection::vec(word, 0..3)), WORDS);
        prop::collection::vec(prop::option::of(edits), MOST_FIELDS)
    }

    fn form(fields: &[Field], edits: &[Option<Edits>]) -> Submitted {
        let filled = fields.iter().zip(edits).map(|(field, edits)| {
            let untouched = vec![(true, Vec::new()); WORDS];
            let edits = edits.as_ref().unwrap_or(&untouched).iter().enumerate();
            let words = edits.flat_map(|(number, (stays, written))| {
                stays.then(|| format!("base{number}")).into_iter().chain(written.iter().cloned())
            });
            (field.name, words.collect::<Vec<_>>().join(if field.is_text() { "\n" } else { " " }))
        });
        Submitted::of(filled)
    }

    fn untouched() -> Vec<Option<Edits>> {
        vec![None; MOST_FIELDS]
    }

    fn words(text: &str) -> BTreeSet<&str> {
        text.split_whitespace().collect()
    }

    /// Returns the text that is shown, without the words that it removes.
    fn said(pieces: &[Piece]) -> String {
        pieces.iter().filter(|piece| piece.mark != Mark::Removed).map(|piece| &*piece.words).collect()
    }

    /// Fails unless every word of either person is in the form or beside it.
    fn loses_nothing<K: Kind>(mine: &[Option<Edits>], theirs: &[Option<Edits>]) -> Result<(), TestCaseError> {
        let fields = K::FIELDS;
        prop_assert!(fields.len() <= MOST_FIELDS);
        let [base, mine, theirs] = [&*untouched(), mine, theirs].map(|edits| form(fields, edits));
        let compared = Comparison::of(fields, &base, (&theirs, "Olga"), &mine, |_, value| value.to_owned());
        for field in fields {
            let [was, theirs, mine, both] = [&base, &theirs, &mine, &compared.form].map(|form| field.value_in(form));
            if theirs == mine {
                prop_assert_eq!(both, mine);
                continue;
            }
            let value = compared.values.iter().find(|value| value.label == field.label);
            let text = compared.texts.iter().find(|text| text.label == field.label);
            let (by, shown_theirs, shown_mine, holds_both) = match (value, text) {
                (Some(value), None) => (value.by, &value.theirs, &value.mine, value.is_combined),
                (None, Some(text)) => (text.by, &text.theirs, &text.mine, text.form != Beginning::MineAlone),
                _ => return Err(TestCaseError::fail(format!("{} is not shown once", field.label))),
            };
            let [shown_theirs, shown_mine] = [shown_theirs, shown_mine].map(|pieces| said(pieces));
            for (shown, written) in [(&shown_theirs, &theirs), (&shown_mine, &mine)] {
                prop_assert_eq!(shown, written, "{}", field.label);
            }
            let has_several = field.value_in(&Submitted::of([(field.name, "one two".to_owned())])).contains('\n');
            prop_assert_eq!(holds_both, field.is_text() || has_several, "{}", field.label);
            match by {
                ChangedBy::Me => prop_assert_eq!(words(&both), words(&mine)),
                ChangedBy::Them => prop_assert_eq!(words(&both), words(&theirs)),
                ChangedBy::Both if holds_both => {
                    let all: BTreeSet<_> = words(&mine).union(&words(&theirs)).copied().collect();
                    let written = all.difference(&words(&was)).copied().collect::<BTreeSet<_>>();
                    let stays: BTreeSet<_> = words(&mine).intersection(&words(&theirs)).copied().collect();
                    let form = words(&both);
                    prop_assert!(form.is_superset(&written) && form.is_superset(&stays), "{}: {}", field.label, both);
                }
                ChangedBy::Both => prop_assert_eq!(words(&both), words(&mine)),
            }
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn of_two_peoples_changes_to_an_item_of_any_kind_no_word_is_lost(
            mine in edited("mine[0-9]"), theirs in edited("theirs[0-9]"),
        ) {
            loses_nothing::<Facts>(&mine, &theirs)?;
            loses_nothing::<Page>(&mine, &theirs)?;
            loses_nothing::<Person>(&mine, &theirs)?;
            loses_nothing::<Room>(&mine, &theirs)?;
            loses_nothing::<Session>(&mine, &theirs)?;
            loses_nothing::<SessionKind>(&mine, &theirs)?;
            loses_nothing::<Topic>(&mine, &theirs)?;
        }
    }
}
