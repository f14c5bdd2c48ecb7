//! The wording of mails, which organisers change for their conference: what a text may name, what is wrong with one, and how it reads.
//! Mails about accounts belong to no conference, and staff write mailings themselves: neither has a wording.

use super::{
    kind::Audience,
    kinds::{self, Entry, Sample},
    meanings::meaning,
    text::{self, Stands, TextError},
};
use crate::domain::Conference;

/// The wording of a kind of mail.
#[derive(Clone, Copy)]
pub struct Wording(&'static Entry);

/// A placeholder that a wording may name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placeholder {
    /// Its name, without braces.
    pub name: &'static str,
    /// What it stands for.
    pub meaning: &'static str,
    /// Where it may stand.
    pub stands: Stands,
}

/// What is wrong with a wording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It cannot be read.
    Text(TextError),
    /// It lacks a link that readers need, in the mail of this example.
    NoLink {
        /// The name of the link's placeholder.
        name: &'static str,
        /// The name of the example.
        example: String,
    },
    /// It links to an address that is not complete, so that mail programs could not follow it.
    Incomplete(String),
}

/// A wording, shown with the data of an example.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The name of the example.
    pub example: String,
    /// The subject.
    pub subject: String,
    /// The mail as plain text.
    pub text: String,
}

/// Returns the wordings of all mails of a conference.
pub fn list() -> impl Iterator<Item = Wording> {
    kinds::all().iter().map(Wording).filter(|wording| wording.0.text_name().is_some())
}

/// Returns the wording with this name.
pub fn find(name: &str) -> Option<Wording> {
    list().find(|wording| wording.name() == name)
}

impl Wording {
    /// Returns the name under which it is stored.
    pub fn name(self) -> String {
        self.0.text_name().unwrap_or_default()
    }

    /// Returns what its mail is called.
    pub fn title(self) -> &'static str {
        self.0.title
    }

    /// Returns the text that is shipped with the program.
    pub fn shipped(self) -> &'static str {
        self.0.text
    }

    /// Whether the operations desk receives the mail.
    pub fn is_for_operations(self) -> bool {
        self.0.audience == Audience::Operations
    }

    /// Returns the placeholders that it may name, those about the mail itself first.
    pub fn placeholders(self, of: &Conference) -> Vec<Placeholder> {
        let mut all: Vec<Placeholder> = Vec::new();
        for (name, stands) in (self.0.samples)(of).iter().flat_map(|sample| sample.values.standing()) {
            // In some mails of a kind, a link is one for each person. What is allowed there is allowed everywhere.
            match all.iter_mut().find(|one| one.name == name) {
                Some(known) => known.stands = known.stands.max(stands),
                None => all.push(Placeholder { name, meaning: meaning(self.0.name, name).unwrap_or_default(), stands }),
            }
        }
        let common = |name| super::conference::NAMES.contains(&name);
        all.sort_by_key(|one| (common(one.name), one.name));
        all
    }

    /// Returns the cases that it may distinguish.
    pub fn cases(self, of: &Conference) -> Vec<&'static str> {
        let samples = (self.0.samples)(of);
        samples.first().map(|sample| sample.cases.iter().map(|(name, _)| *name).collect()).unwrap_or_default()
    }

    /// Returns what is wrong with this text as its wording; nothing if it can be used.
    pub fn check(self, of: &Conference, text: &str) -> Vec<Wrong> {
        let mut wrong = Vec::new();
        for sample in (self.0.samples)(of) {
            let found = match self.render(&sample, text) {
                Err(error) => vec![Wrong::Text(error)],
                Ok(_) => self.missing(&sample, text),
            };
            wrong.extend(found.into_iter().filter(|one| !wrong.contains(one)).collect::<Vec<_>>());
        }
        // One example of a missing link says enough.
        let mut named = Vec::new();
        wrong.retain(|one| match one {
            Wrong::NoLink { name, .. } if named.contains(name) => false,
            Wrong::NoLink { name, .. } => {
                named.push(*name);
                true
            }
            _ => true,
        });
        wrong.extend(text::incomplete_links(text).into_iter().map(Wrong::Incomplete));
        wrong
    }

    fn missing(self, sample: &Sample, text: &str) -> Vec<Wrong> {
        let missing = text::missing_links(self.0.text, text, &sample.values, &sample.cases).unwrap_or_default();
        missing.into_iter().map(|name| Wrong::NoLink { name, example: example(sample) }).collect()
    }

    /// Shows this text as its wording with the data of each example. Fails if it cannot be read.
    pub fn show(self, of: &Conference, text: &str) -> Result<Vec<Shown>, TextError> {
        let shown = |sample: Sample| {
            let mail = self.render(&sample, text)?;
            Ok(Shown { example: example(&sample), subject: mail.subject, text: mail.text })
        };
        (self.0.samples)(of).into_iter().map(shown).collect()
    }

    fn render(self, sample: &Sample, text: &str) -> Result<text::Rendered, TextError> {
        text::render(text, self.0.audience.frame(), &sample.values, &sample.cases)
    }
}

/// Returns the name of an example in words.
fn example(sample: &Sample) -> String {
    match sample.name {
        "" => "the usual mail".to_owned(),
        name => name.replace('_', " "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::samples::leipzig;

    #[test]
    fn what_is_shipped_can_be_used_and_each_placeholder_is_explained() {
        for wording in list() {
            assert_eq!(wording.check(&leipzig(), wording.shipped()), [], "{}", wording.name());
            assert!(wording.show(&leipzig(), wording.shipped()).is_ok_and(|shown| !shown.is_empty()));
            for placeholder in wording.placeholders(&leipzig()) {
                assert!(!placeholder.meaning.is_empty(), "{}: {}", wording.name(), placeholder.name);
            }
        }
    }

    #[test]
    fn a_text_without_a_link_that_readers_need_is_found() {
        let offer = find("mail-offer").expect("a wording");
        let text = offer.shipped().replace("[Accept or decline]({offer})", "");
        let example = "the usual mail".to_owned();
        assert_eq!(offer.check(&leipzig(), &text), [Wrong::NoLink { name: "offer", example }]);
        let relative = format!("{}\n\nSee [the programme](/programme).", offer.shipped());
        assert_eq!(offer.check(&leipzig(), &relative), [Wrong::Incomplete("/programme".to_owned())]);
        let nothing = offer.check(&leipzig(), "Subject: x\n\nNo heading");
        assert_eq!(nothing, [Wrong::Text(TextError::Heading)]);
    }
}
