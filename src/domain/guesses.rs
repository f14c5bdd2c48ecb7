//! How many guesses a password takes: a lower bound, for somebody who tries common passwords, runs of keys and what is
//! known about its owner before anything else.

use std::{collections::HashSet, sync::LazyLock};

use deunicode::deunicode;

use super::Country;

/// What an attacker tries first, wherever the site is; the source is in `common_passwords/README.md`.
static COMMON: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("common_passwords/list.txt").lines().chain(ALSO_COMMON).collect());

/// Common in the languages of our delegates and not in that list.
const ALSO_COMMON: [&str; 24] = [
    "willkommen",
    "bienvenue",
    "benvenuto",
    "bienvenido",
    "contraseña",
    "fruhling",
    "fruehling",
    "herbst",
    "konferenz",
    "januar",
    "februar",
    "oktober",
    "dezember",
    "janvier",
    "fevrier",
    "octobre",
    "gennaio",
    "febbraio",
    "burgermeister",
    "buergermeister",
    "rathaus",
    "stadtverwaltung",
    "digital",
    "blockchain",
];

/// The longest common password, in characters.
const LONGEST_COMMON: usize = 33;

/// What everybody knows about this site.
const HOUSE: [&str; 16] = [
    "major",
    "cities",
    "europe",
    "mce",
    "conference",
    "congress",
    "kongress",
    "programme",
    "registration",
    "register",
    "delegate",
    "staff",
    "organiser",
    "administrator",
    "operations",
    "website",
];

/// Where our delegates come from, in the spellings that people type.
#[rustfmt::skip]
const CITIES: [&str; 203] = [
    "amsterdam", "antwerp", "antwerpen", "athens", "athina", "barcelona", "basel", "belfast", "belgrade", "beograd",
    "berlin", "bern", "bilbao", "birmingham", "bologna", "bonn", "bordeaux", "braga", "bratislava", "bremen", "brno",
    "brussels", "bruxelles", "brussel", "bucharest", "bucuresti", "budapest", "chemnitz", "cluj", "coimbra", "cologne",
    "koeln", "koln", "copenhagen", "kobenhavn", "cork", "cracow", "krakow", "debrecen", "dortmund", "dresden", "dublin",
    "duesseldorf", "dusseldorf", "edinburgh", "eindhoven", "espoo", "essen", "firenze", "florence", "frankfurt",
    "freiburg", "gdansk", "geneva", "geneve", "genf", "genova", "genoa", "gent", "ghent", "glasgow", "goteborg",
    "gothenburg", "granada", "graz", "groningen", "halle", "hamburg", "hannover", "hanover", "heidelberg", "helsinki",
    "innsbruck", "istanbul", "izmir", "karlsruhe", "katowice", "kaunas", "kiel", "kiev", "kyiv", "klagenfurt", "kosice",
    "lausanne", "leeds", "leicester", "leipzig", "liege", "lille", "linkoping", "linz", "lisbon", "lisboa", "liverpool",
    "ljubljana", "lodz", "london", "lublin", "lugano", "luxembourg", "luxemburg", "lviv", "lyon", "madrid", "magdeburg",
    "mainz", "malaga", "malmo", "manchester", "mannheim", "maribor", "marseille", "milan", "milano", "minsk",
    "montpellier", "moscow", "munich", "muenchen", "munchen", "murcia", "nantes", "naples", "napoli", "newcastle",
    "nice", "nicosia", "nottingham", "novisad", "nuremberg", "nuernberg", "nurnberg", "odense", "oslo", "ostrava",
    "oulu", "palermo", "palma", "paris", "patras", "pecs", "plovdiv", "podgorica", "porto", "potsdam", "poznan",
    "prague", "praha", "prishtina", "reykjavik", "riga", "rijeka", "roma", "rome", "rotterdam", "rostock", "salzburg",
    "sarajevo", "sevilla", "seville", "sheffield", "skopje", "sofia", "split", "stavanger", "stockholm", "strasbourg",
    "strassburg", "stuttgart", "szeged", "tallinn", "tampere", "tartu", "thehague", "denhaag", "thessaloniki", "tirana",
    "torino", "turin", "toulouse", "trieste", "trondheim", "turku", "uppsala", "utrecht", "valencia", "valletta",
    "varna", "vasteras", "venice", "venezia", "verona", "vienna", "wien", "vilnius", "warsaw", "warszawa", "wiesbaden",
    "wroclaw", "zagreb", "zaragoza", "zurich", "zuerich",
];

/// Rows, columns and zigzags of keyboards, which are read in both directions.
const KEYS: [&str; 16] = [
    "1234567890",
    "qwertyuiop",
    "qwertzuiop",
    "azertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "yxcvbnm",
    "wxcvbn",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik",
    "1qay2wsx3edc4rfv5tgb6zhn7ujm8ik",
    "1q2w3e4r5t6y7u8i9o0p",
    "1q2w3e4r5t6z7u8i9o0p",
    "1a2z3e4r5t6y7u8i9o0p",
    "йцукенгшщзхъ",
    "фывапролджэ",
    "ячсмитьбю",
];

/// How many guesses this password takes at least, as a power of ten: about one for each character, less for those that
/// make a word, a run or a repetition. `known` is what is known about its owner and the place it is for.
pub fn least(password: &str, known: &[&str]) -> usize {
    let text = password.to_lowercase();
    let known = words(known);
    let longest = known.iter().map(|word| word.chars().count()).fold(LONGEST_COMMON, usize::max);
    let bounds: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    // The cheapest way to put together the first characters, for each number of them.
    let mut least = vec![0; bounds.len()];
    for to in 1..bounds.len() {
        least[to] = least[to - 1] + 1;
        for from in to.saturating_sub(longest)..to - 1 {
            if least[from] + 1 < least[to]
                && let Some(cost) = cost(&text[bounds[from]..bounds[to]], to - from, &text[..bounds[from]], &known)
            {
                least[to] = least[to].min(least[from] + cost);
            }
        }
    }
    least[bounds.len() - 1]
}

/// Every text that is known as a whole, its words, and both without accents, in lower case.
fn words(known: &[&str]) -> HashSet<String> {
    let mut words: HashSet<String> = HOUSE.map(str::to_owned).into();
    words.extend(CITIES.map(str::to_owned));
    words.extend(Country::all().iter().map(|country| deunicode(country.name()).to_lowercase()));
    for text in known.iter().map(|text| text.to_lowercase()) {
        for word in text.split(|c: char| !c.is_alphanumeric()).chain([text.as_str()]) {
            words.insert(deunicode(word).to_lowercase());
            words.insert(word.to_owned());
        }
    }
    words
}

/// What a part of a password costs that is more than its characters; `before` is what stands in front of it.
fn cost(part: &str, length: usize, before: &str, known: &HashSet<String>) -> Option<usize> {
    // Without accents too, however it was typed; most parts have none.
    let unaccented = if part.is_ascii() { String::new() } else { deunicode(part).to_lowercase() };
    let typed = if unaccented.is_empty() { part } else { unaccented.as_str() };
    let plain = without_disguise(typed);
    let plain = plain.as_deref().unwrap_or(typed);
    let is_first_guess = known.contains(part)
        || known.contains(plain)
        || (length >= 3 && is_run(part))
        || (length == 4 && is_year(part));
    if is_first_guess {
        Some(1)
    } else if length >= 3 && before.contains(part) {
        Some(2)
    } else if length >= 4 && (COMMON.contains(part) || COMMON.contains(plain)) {
        Some(3)
    } else {
        None
    }
}

/// The same character again and again, characters in the order of the alphabet, or neighbouring keys.
fn is_run(part: &str) -> bool {
    let steps = |step: i64| {
        part.chars().zip(part.chars().skip(1)).all(|(a, b)| i64::from(u32::from(b)) - i64::from(u32::from(a)) == step)
    };
    let back: String = part.chars().rev().collect();
    [0, 1, -1].into_iter().any(steps) || KEYS.iter().any(|keys| keys.contains(part) || keys.contains(&back))
}

fn is_year(part: &str) -> bool {
    (part.starts_with("19") || part.starts_with("20")) && part.bytes().all(|byte| byte.is_ascii_digit())
}

/// The part with letters instead of the digits and marks that often stand for them; `None` when there are none.
fn without_disguise(part: &str) -> Option<String> {
    let letter = |c| match c {
        '0' => 'o',
        '1' | '!' | '|' => 'i',
        '3' | '€' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    };
    part.chars().any(|c| letter(c) != c).then(|| part.chars().map(letter).collect())
}
