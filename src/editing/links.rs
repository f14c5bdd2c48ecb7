//! The links in a text: one that leads nowhere or that browsers must not follow is refused when the text is saved.

use askama::Template;
use sqlx::PgConnection;

use super::{Kind, TEXT, has_text};
use crate::{
    store::programme::{
        items::ItemKind,
        linked::{self, Linked},
    },
    urls,
    web::{Errors, Result, Site, Submitted, markdown},
};

/// The error messages of links. Each begins with the link as it was written.
#[derive(Template)]
#[template(path = "editing/link_errors.txt")]
enum LinkError<'a> {
    /// Its scheme is not one that links may have.
    Scheme(&'a str),
    /// It is relative to the address of a page, and the text is shown on several.
    Relative {
        link: &'a str,
        /// A path to follow.
        example: &'a str,
    },
    /// It is a path of this site that no public page has.
    Nowhere(&'a str),
}

/// What is known of a link without the database.
#[derive(Debug, PartialEq, Eq)]
enum Judged {
    /// It leads out of this site, or to a page that always exists.
    Fine,
    Scheme,
    Relative,
    Nowhere,
    /// It leads somewhere if this exists.
    If(Linked),
}

/// The short addresses of the current conference. They have no function in `urls`, because no page links to them.
const SHORT: [&str; 2] = ["/programme", "/register"];

/// A longer link is shortened in messages.
const MOST_SHOWN: usize = 80;

/// Returns the errors of the links in the text of this form.
pub async fn check<K: Kind>(conn: &mut PgConnection, site: &Site, kind: &K, form: &Submitted) -> Result<Errors> {
    let mut errors = Errors::default();
    if !has_text::<K>() {
        return Ok(errors);
    }
    let mut judged: Vec<(String, Judged)> = Vec::new();
    for link in markdown::link_targets(&kind.text_with_links(form)) {
        if !judged.iter().any(|(other, _)| *other == link) {
            let judgement = judge(&link);
            judged.push((link, judgement));
        }
    }
    let named: Vec<Linked> = judged
        .iter()
        .filter_map(|(_, judgement)| if let Judged::If(linked) = judgement { Some(linked.clone()) } else { None })
        .collect();
    let missing = if named.is_empty() { Vec::new() } else { linked::list_missing(conn, &named).await? };
    let missing: Vec<&Linked> = missing.into_iter().filter_map(|place| named.get(place)).collect();
    let example = urls::public::programme(&site.conference.slug);
    for (link, judgement) in &judged {
        let shown = shortened(link);
        let link = shown.as_str();
        match judgement {
            Judged::Scheme => errors.add(TEXT, &LinkError::Scheme(link)),
            Judged::Relative => errors.add(TEXT, &LinkError::Relative { link, example: &example }),
            Judged::Nowhere => errors.add(TEXT, &LinkError::Nowhere(link)),
            Judged::If(linked) if missing.contains(&linked) => errors.add(TEXT, &LinkError::Nowhere(link)),
            Judged::Fine | Judged::If(_) => {}
        }
    }
    Ok(errors)
}

fn judge(link: &str) -> Judged {
    // Browsers remove white space and control characters from a scheme.
    let bare: String = link.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    let start = bare.split(['/', '?', '#']).next().unwrap_or_default();
    if let Some((scheme, _)) = start.split_once(':') {
        let is_known = markdown::SCHEMES.iter().any(|known| known.eq_ignore_ascii_case(scheme));
        return if is_known { Judged::Fine } else { Judged::Scheme };
    }
    if !bare.starts_with('/') || bare.starts_with("//") {
        return Judged::Relative;
    }
    match urls::public::destination(&bare) {
        None => Judged::Nowhere,
        Some(_) if SHORT.iter().any(|short| bare.trim_end_matches('/').eq_ignore_ascii_case(short)) => Judged::Fine,
        Some(to) if to.conference.is_empty() => Judged::Fine,
        Some(to) => {
            let kind = match to.folder.as_str() {
                "sessions" => Some(ItemKind::Session),
                "pages" => Some(ItemKind::Page),
                _ => None,
            };
            Judged::If(Linked { conference: to.conference, item: kind.map(|kind| (kind, to.slug)) })
        }
    }
}

fn shortened(link: &str) -> String {
    if link.chars().count() <= MOST_SHOWN {
        return link.to_owned();
    }
    link.chars().take(MOST_SHOWN).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_judged_by_their_scheme_and_their_path() {
        for (link, judgement) in [
            ("https://city.eu", Judged::Fine),
            ("HTTP://city.eu", Judged::Fine),
            ("mailto:a@city.eu", Judged::Fine),
            ("tel:+431", Judged::Fine),
            ("/", Judged::Fine),
            ("/programme", Judged::Fine),
            ("javascript:alert(1)", Judged::Scheme),
            ("Java\tScript:alert(1)", Judged::Scheme),
            ("\u{1}javascript:alert(1)", Judged::Scheme),
            ("data:text/html,x", Judged::Scheme),
            ("travel", Judged::Relative),
            ("sessions/x:y", Judged::Relative),
            ("../x", Judged::Relative),
            ("//city.eu", Judged::Relative),
            ("#costs", Judged::Relative),
            ("?day=1", Judged::Relative),
            ("", Judged::Relative),
            ("/leipzig-2018/nothing", Judged::Nowhere),
            ("/leipzig-2018", Judged::If(Linked { conference: "leipzig-2018".to_owned(), item: None })),
        ] {
            assert_eq!(judge(link), judgement, "{link:?}");
        }
    }
}
