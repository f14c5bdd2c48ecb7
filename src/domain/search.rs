//! How people, their details and the programme are searched and sorted. What is stored for a search and what somebody types
//! are folded by the same function, so that they can only agree.

use unicode_normalization::{UnicodeNormalization, char::canonical_combining_class};

/// The most words of a search; further ones are ignored.
const MOST_WORDS: usize = 8;
/// The most characters of a search that are read.
const MOST_TYPED: usize = 200;
/// Of a longer telephone number, only the last digits are compared, so that "01 7189476" finds "+43 1 7189476".
const LAST_DIGITS: usize = 7;
/// The fewest digits that are looked for as a telephone number.
const FEWEST_DIGITS: usize = 3;

/// The most bytes of a text in Latin letters. Single signs become whole sentences, and an index takes no row of more than about
/// 2,700 bytes, of which a name and an organisation are two parts.
const MOST_LATIN: usize = 500;
/// The most bytes of the words of a text, of which an index has one part.
const MOST_FOLDED: usize = 2000;

/// Returns a text in lower-case Latin letters without accents: Greek by ELOT 743 as far as single letters go, everything else
/// as the crate `deunicode` writes it. Lists are sorted by it. It has at most 500 bytes.
pub fn latin(text: &str) -> String {
    let bare: String = text.nfd().filter(|c| canonical_combining_class(*c) == 0).collect();
    let greek = greek_in_latin(&bare.to_lowercase());
    let latin = deunicode::deunicode(&greek).to_lowercase();
    let latin = latin.trim();
    latin[..latin.floor_char_boundary(MOST_LATIN)].to_owned()
}

/// Writes the Greek letters that `deunicode` does not write as passports do (ELOT 743).
fn greek_in_latin(text: &str) -> String {
    let mut latin = String::with_capacity(text.len());
    let mut before = ' ';
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            'η' => latin.push('i'),
            'χ' => latin.push_str("ch"),
            'φ' => latin.push('f'),
            'υ' if matches!(before, 'α' | 'ε' | 'η') => latin.push('v'),
            'υ' if before == 'ο' => latin.push('u'),
            'υ' => latin.push('y'),
            'γ' if letters.peek() == Some(&'γ') => latin.push('n'),
            other => latin.push(other),
        }
        before = letter;
    }
    latin
}

/// Returns the words of a text as they are stored for a search and looked for in it, with single spaces between them.
///
/// Each word contains only Latin letters and digits: "O'Neill" becomes "oneil" and "anna@graz.example" "anagrazexample". Spellings
/// that people do not tell apart are one: ä, ae and a; y and i; double and single letters. They have at most 2,000 bytes; the
/// words after that are left out.
pub fn words(text: &str) -> String {
    let spaced = latin_of_each_word(text);
    let words = spaced.split_whitespace().map(|word| word.split(|c: char| !c.is_ascii_alphanumeric()).map(folded));
    let mut kept = String::new();
    for word in words.map(Iterator::collect::<String>).filter(|word| !word.is_empty()) {
        if kept.len() + word.len() >= MOST_FOLDED {
            break;
        }
        if !kept.is_empty() {
            kept.push(' ');
        }
        kept.push_str(&word);
    }
    kept
}

/// Like [`latin`], but what was one word stays one: `deunicode` writes Chinese names with spaces between the syllables.
fn latin_of_each_word(text: &str) -> String {
    let words = text.split_whitespace().map(|word| latin(word).split_whitespace().collect::<String>());
    words.collect::<Vec<_>>().join(" ")
}

/// Folds the spellings of one run of letters and digits. The beginning of a run is folded to the beginning of what the run is
/// folded to, so that hits stay while somebody goes on typing.
fn folded(run: &str) -> String {
    let mut folded = String::with_capacity(run.len());
    for letter in run.chars() {
        let letter = if letter == 'y' { 'i' } else { letter };
        let last = folded.chars().next_back();
        let is_double = letter.is_ascii_alphabetic() && last == Some(letter);
        let is_umlaut = letter == 'e' && matches!(last, Some('a' | 'o' | 'u'));
        if !is_double && !is_umlaut {
            folded.push(letter);
        }
    }
    folded
}

/// Returns the digits of a telephone number without what only dials: "00" or "0" before it, and a "(0)" in it.
pub fn digits(telephone: &str) -> String {
    let digits: String = telephone.replace("(0)", "").chars().filter(char::is_ascii_digit).collect();
    digits.trim_start_matches('0').to_owned()
}

/// Splits what was typed or pasted into the search field into the words to look for. A telephone number is one of them, however it
/// is written.
pub fn looked_for(typed: &str) -> Vec<String> {
    let typed: String = typed.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MOST_TYPED).collect();
    let is_number = typed.chars().all(|c| c.is_ascii_digit() || " +-/().\u{A0}".contains(c));
    if is_number {
        let digits = digits(&typed);
        if digits.len() >= FEWEST_DIGITS {
            return vec![digits[digits.len().saturating_sub(LAST_DIGITS)..].to_owned()];
        }
    }
    words(without_label(&typed)).split_whitespace().take(MOST_WORDS).map(str::to_owned).collect()
}

/// Returns what was pasted without the label that our mails have before a reference: "Reference: CM3-HPGZ" is "CM3-HPGZ".
fn without_label(typed: &str) -> &str {
    let typed = typed.trim();
    let (label, rest) = typed.split_once([' ', ':']).unwrap_or(("", typed));
    let is_label = ["ref", "ref.", "reference"].iter().any(|known| label.eq_ignore_ascii_case(known));
    let rest = rest.trim_start_matches([' ', ':']);
    // Somebody may be called Ref. A reference is one word with a digit.
    let is_reference = !rest.contains(' ') && rest.contains(|c: char| c.is_ascii_digit());
    if is_label && is_reference { rest } else { typed }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_typed_becomes_words() {
        assert_eq!(looked_for("  Müller,\tgraz\u{0} "), ["muler", "graz"]);
        assert_eq!(looked_for("Jürgen Müller <j.mueller@city.example>"), ["jurgen", "muler", "jmulercitiexample"]);
        assert_eq!(looked_for("#CM3-HPGZ"), ["cm3hpgz"]);
        assert_eq!(looked_for("(cm3hpgz),"), ["cm3hpgz"]);
        assert_eq!(looked_for("Reference: CM3-HPGZ"), ["cm3hpgz"]);
        assert_eq!(looked_for("ref CM3-HPGZ"), ["cm3hpgz"]);
        assert_eq!(looked_for("Ref Anna"), ["ref", "ana"]);
        assert!(looked_for(" -. % ").is_empty());
        assert_eq!(looked_for(&"a ".repeat(5000)).len(), MOST_WORDS);
        assert_eq!(looked_for(&"x".repeat(10_000)), ["x"]);
    }

    #[test]
    fn people_are_found_by_every_usual_spelling_of_their_name() {
        for (name, typed) in [
            ("Müller", "mueller"),
            ("Müller", "MULLER"),
            ("Brandstätter", "brandstaetter"),
            ("Nørgaard", "noergaard"),
            ("Nørgård", "norgaard"),
            ("Århus", "aarhus"),
            ("Strauß", "strauss"),
            ("O’Neill", "o'neill"),
            ("O’Neill", "ONEILL"),
            ("Oʼbrien", "o`brien"),
            ("ΠΑΠΑΔΟΠΟΥΛΟΣ", "Παπαδόπουλος"),
            ("Παπαδόπουλος", "papadopoulos"),
            ("Χρήστος Καζαντζάκης", "christos kazantzakis"),
            ("Ευαγγελία", "Evangelia"),
            ("Φίλιππος", "Filippos"),
            ("Щербаков", "shcherbakov"),
            ("Юлия", "Yulia"),
            ("Алёна", "alena"),
            ("Şahin", "sahin"),
            ("Işık", "isik"),
            ("Łukasz", "lukasz"),
            ("Đorđe", "dorde"),
            ("王小明", "wangxiaoming"),
        ] {
            assert_eq!(words(name), words(typed), "{name} and {typed}");
        }
    }

    #[test]
    fn a_telephone_number_is_found_however_it_is_written() {
        let stored = digits("+43 (0)1 7189476-33");
        assert_eq!(stored, "431718947633");
        for typed in
            ["+43 1 7189476-33", "0043 1 7189476 33", "01/718 94 76 33", "(01) 7189476-33", "7189476", "718 94"]
        {
            let looked_for = looked_for(typed);
            assert!(looked_for.len() == 1 && stored.contains(&looked_for[0]), "{typed}: {looked_for:?}");
        }
        assert_eq!(looked_for("1"), ["1"]);
        assert!(looked_for("+").is_empty());
    }

    #[test]
    fn signs_that_become_sentences_stay_short() {
        let sign = "\u{FDFA}";
        assert!(deunicode::deunicode(sign).len() > 10, "one letter of Arabic script is a sentence");
        assert!(latin(&sign.repeat(200)).len() <= MOST_LATIN);
        assert!(words(&format!("{sign} ").repeat(200)).len() <= MOST_FOLDED);
        assert!(looked_for(&sign.repeat(200)).iter().all(|word| word.len() <= MOST_LATIN));
    }

    #[test]
    fn lists_are_sorted_without_accents() {
        assert_eq!(latin("Željka Šimić"), "zeljka simic");
        assert_eq!(latin("Ödön"), "odon");
        assert_eq!(latin("Ψαρρός"), "psarros");
    }

    proptest! {
        #[test]
        fn each_word_of_a_text_is_found_in_it(text in any::<String>()) {
            let stored = words(&text);
            for word in text.split_whitespace() {
                prop_assert!(words(word).split(' ').all(|part| stored.contains(part)), "{word:?} in {stored:?}");
            }
        }

        #[test]
        fn the_beginning_of_a_word_is_found_while_it_is_typed(word in "[a-zäöüøåßéèçñA-Z]{1,20}", length in 1_usize..20) {
            let beginning: String = word.chars().take(length).collect();
            prop_assert!(words(&word).starts_with(&words(&beginning)), "{} {}", words(&word), words(&beginning));
        }
    }
}
