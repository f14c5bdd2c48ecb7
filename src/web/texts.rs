//! The texts of public pages that organisers can change: what is shipped, what a text may name, and how it is shown. Those of mails are in
//! `mail::wording`.

use super::{Site, markdown};
use crate::{
    domain::{
        Conference, MOST_ATTENDEES, in_words,
        placeholders::{self, as_markdown, names},
    },
    urls,
};

/// A text of a public page.
#[derive(Clone, Copy, Debug)]
pub struct PageText {
    /// Its name, under which it is stored.
    pub name: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// The page that shows it.
    pub page: ShownOn,
    /// The text that is shipped with the program, in Markdown. It is true of every conference.
    pub shipped: &'static str,
}

/// A page that shows texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShownOn {
    /// The home page.
    Home,
    /// The registration form.
    Registration,
    /// The page after registering.
    Registered,
}

/// The name of the sentence below the theme, on the home page.
pub const HERO: &str = "home-hero";
/// The name of the words that say who attends.
pub const WHO: &str = "home-who";
/// The name of the reasons to attend.
pub const WHY: &str = "home-why";
/// The name of the invitation.
pub const INVITATION: &str = "home-invitation";
/// The name of the introduction of the registration form.
pub const INTRODUCTION: &str = "registration-introduction";
/// The name of the words about what happens after registering.
pub const NEXT: &str = "registered-next";

macro_rules! text {
    ($name:ident, $title:literal, $page:ident, $file:literal) => {
        PageText {
            name: $name,
            title: $title,
            page: ShownOn::$page,
            shipped: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/", $file)),
        }
    };
}

/// The texts, in the order of the pages.
pub const ALL: [PageText; 6] = [
    text!(HERO, "Home page: below the theme", Home, "texts/home-hero.md"),
    text!(WHO, "Home page: who attends", Home, "texts/home-who.md"),
    text!(WHY, "Home page: why you should attend", Home, "texts/home-why.md"),
    text!(INVITATION, "Home page: you are invited", Home, "texts/home-invitation.md"),
    text!(INTRODUCTION, "Registration form: introduction", Registration, "texts/registration-introduction.md"),
    text!(NEXT, "After registering: what happens next", Registered, "texts/registered-next.md"),
];

/// The placeholders, each with what it stands for.
pub const PLACEHOLDERS: [(&str, &str); 14] = [
    ("title", "the title of the conference"),
    ("theme", "its theme"),
    ("city", "its city"),
    ("place", "its city and country"),
    ("venue", "its venue"),
    ("dates", "its dates in short, such as “28–30 May 2018”"),
    ("days", "its days in full, such as “Monday 28 to Wednesday 30 May 2018”"),
    ("number_of_days", "how many days it lasts, such as “three days”"),
    ("first_day", "its first day"),
    ("most_people", "how many people one form can register"),
    ("contact", "how to reach the operations desk: “write to … or call …”, with links"),
    ("programme", "the address of the programme, as the target of a link: [Programme]({programme})"),
    ("register", "the address of the registration form, as the target of a link"),
    ("venue_website", "the address of the venue’s website, as the target of a link"),
];

/// Returns the text with this name.
pub fn find(name: &str) -> Option<&'static PageText> {
    ALL.iter().find(|text| text.name == name)
}

/// Returns a text as HTML, as the public reads it.
pub fn published(site: &Site, name: &str) -> String {
    let shipped = find(name).map_or("", |text| text.shipped);
    match site.texts.get(name) {
        Some(text) if unknown(text).is_empty() => html(&site.conference, text),
        Some(_) => {
            tracing::warn!(
                text = name,
                "a text names a placeholder that this program does not know; the shipped text is shown"
            );
            html(&site.conference, shipped)
        }
        None => html(&site.conference, shipped),
    }
}

/// Returns a text of this conference as safe HTML.
pub fn html(conference: &Conference, text: &str) -> String {
    markdown::html(&filled(conference, text))
}

/// Returns a text as Markdown with the facts of this conference.
pub fn filled(conference: &Conference, text: &str) -> String {
    placeholders::filled(text, |name| value(conference, name))
}

/// Returns the placeholders in a text that do not exist.
pub fn unknown(text: &str) -> Vec<&str> {
    let mut unknown: Vec<_> = names(text).filter(|name| PLACEHOLDERS.iter().all(|(known, _)| known != name)).collect();
    unknown.sort_unstable();
    unknown.dedup();
    unknown
}

/// Returns the value of a placeholder as Markdown.
fn value(conference: &Conference, name: &str) -> Option<String> {
    let slug = &conference.slug;
    let words = match name {
        "title" => conference.title.clone(),
        "theme" => conference.theme.clone(),
        "city" => conference.city.clone(),
        "place" => format!("{}, {}", conference.city, conference.country),
        "venue" => conference.venue.clone(),
        "dates" => conference.dates(),
        "days" => conference.days_in_full(),
        "number_of_days" => match conference.days().len() {
            1 => "one day".to_owned(),
            number => format!("{} days", in_words(number)),
        },
        "first_day" => conference.first_day.long(),
        "most_people" => MOST_ATTENDEES.to_string(),
        "contact" => return Some(contact(conference)),
        "programme" => urls::public::programme(slug),
        "register" => urls::public::register(slug),
        "venue_website" if conference.venue_url.is_empty() => urls::public::home(slug),
        "venue_website" => conference.venue_url.clone(),
        _ => return None,
    };
    Some(as_markdown(&words))
}

fn contact(conference: &Conference) -> String {
    let link = |words: &str, address: &str| format!("[{}]({})", as_markdown(words), as_markdown(address));
    let email = link(&conference.contact_email, &urls::mailto(&conference.contact_email));
    let number = &conference.contact_telephone;
    if number.is_empty() {
        return format!("write to {email}");
    }
    format!("write to {email} or call {}", link(number, &urls::telephone(number)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shipped_names_only_placeholders_that_exist() {
        for text in ALL {
            assert_eq!(unknown(text.shipped), Vec::<&str>::new(), "{}", text.name);
        }
        assert_eq!(unknown("{city} {cities} [x]({nowhere})"), ["cities", "nowhere"]);
    }
}
