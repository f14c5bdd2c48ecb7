//! People who take part in sessions, as pages show them.

use super::items::{ItemView, Pages};
use crate::{
    domain::{Conference, PersonPart, PictureSize},
    store::programme::{Programme, people::Taking},
};

/// A person on a page.
pub struct PersonView {
    /// The name.
    pub name: String,
    /// The address of their page.
    pub href: String,
    /// What they do and where; the second may be empty, or both.
    pub job_title: String,
    /// Where they do it; may be empty.
    pub organisation: String,
    /// The city and the country that they come from; may be empty.
    pub home: String,
    /// Their picture, if there is one.
    pub portrait: Option<Portrait>,
    /// The first letters of the first and the last word of the name, where there is no picture.
    pub initials: String,
    /// The sessions in which they take part, in order of time.
    pub sessions: Vec<Taken>,
}

/// A session in which a person takes part.
pub struct Taken {
    /// The session.
    pub item: ItemView,
    /// What they do in it.
    pub part: PersonPart,
}

/// The addresses of a picture.
pub struct Portrait {
    /// The picture for lists.
    pub small: String,
    /// The same with twice as many pixels.
    pub medium: String,
    /// The picture for a page of its own.
    pub large: String,
    /// What it shows.
    pub text: String,
}

impl PersonView {
    /// Returns how pages of this conference show the person.
    pub fn of(conference: &Conference, pages: Pages<'_>, programme: &Programme, person: &Taking) -> Self {
        let taken = programme.items.iter().filter_map(|item| {
            let own = item.people.iter().find(|one| one.person == person.id)?;
            Some(Taken { item: ItemView::of(conference, pages, item), part: own.part })
        });
        let country = person.country.map(|country| country.to_string()).unwrap_or_default();
        let home = [person.city.clone(), country].into_iter().filter(|part| !part.is_empty());
        Self {
            name: person.name.clone(),
            href: pages.speaker(conference, &person.slug),
            job_title: person.job_title.clone(),
            organisation: person.organisation.clone(),
            home: home.collect::<Vec<_>>().join(", "),
            portrait: person.picture.map(|picture| {
                let address = |size| pages.picture(conference, picture, size);
                let text = if person.picture_text.is_empty() { &person.name } else { &person.picture_text };
                Portrait {
                    small: address(PictureSize::Small),
                    medium: address(PictureSize::Medium),
                    large: address(PictureSize::Large),
                    text: text.clone(),
                }
            }),
            initials: initials(&person.name),
            sessions: taken.collect(),
        }
    }
}

/// Returns the first letters of the first and the last word that begins with a letter.
fn initials(name: &str) -> String {
    let letters: Vec<char> =
        name.split(' ').filter_map(|word| word.chars().next()).filter(|first| first.is_alphabetic()).collect();
    let last = letters.last().filter(|_| letters.len() > 1);
    letters.first().into_iter().chain(last).flat_map(|letter| letter.to_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_those_of_the_first_and_the_last_name() {
        assert_eq!(initials("Anna Maria Schmidt"), "AS");
        assert_eq!(initials("Željka šimić (2)"), "ŽŠ");
        assert_eq!([initials("Madonna"), initials("(3) 7")], ["M", ""]);
    }
}
