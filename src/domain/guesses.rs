//! A lower bound on the number of guesses that a password takes, for an attacker who first tries common passwords, runs
//! of keys and what is known about the owner.

use std::{collections::HashSet, sync::LazyLock};

use deunicode::deunicode;

use super::Country;

/// The passwords that attackers try first on any site. `common_passwords/README.md` names the source.
static COMMON: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("common_passwords/list.txt").lines().chain(ALSO_COMMON).collect());

/// Common passwords in the languages of our delegates that are not in that list.
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

/// Words that anybody connects with this site.
const SITE_WORDS: [&str; 16] = [
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

/// Cities that delegates come from, in the spellings that people type.
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

/// Rows, columns and zigzags on QWERTY, QWERTZ, AZERTY and Russian keyboards. They are matched in both directions.
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

/// Returns the least number of guesses that this password takes, as a power of ten: about one for each character, and
/// less for characters that form a word, a run or a repetition. `known` is what is known about the owner and the
/// conference.
pub fn least(password: &str, known: &[&str]) -> usize {
    let text = password.to_lowercase();
    let known = words(known);
    let longest = known.iter().map(|word| word.chars().count()).fold(LONGEST_COMMON, usize::max);
    let bounds: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    // `least[n]` is the lowest cost of the first `n` characters.
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

/// Returns every known text and each of its words, with and without accents, in lower case.
fn words(known: &[&str]) -> HashSet<String> {
    let mut words: HashSet<String> = SITE_WORDS.map(str::to_owned).into();
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

/// Returns what a part of a password costs, as a power of ten, if it can be guessed as a whole. `before` is the text in
/// front of the part.
fn cost(part: &str, length: usize, before: &str, known: &HashSet<String>) -> Option<usize> {
    // Attackers try words with and without accents. Most parts are ASCII, which needs no conversion.
    let unaccented = if part.is_ascii() { String::new() } else { deunicode(part).to_lowercase() };
    let typed = if unaccented.is_empty() { part } else { unaccented.as_str() };
    let plain = undo_substitutions(typed);
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

/// Returns whether the part repeats one character, follows the alphabet in either direction or consists of neighbouring
/// keys.
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

/// Replaces digits and signs with the letters that they often stand for, such as `0` with `o`; `None` if there are
/// none.
fn undo_substitutions(part: &str) -> Option<String> {
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
