//! Whether two names are perhaps those of one person.

use deunicode::deunicode;

use super::text::folded;

/// Returns whether two names are perhaps those of one person: each word of the shorter one is a word of the other, in any order,
/// with at most one wrong letter, or its initial. "A. Gruber" and "Grüber, Anna Maria" are alike, those of a couple are not.
pub fn are_alike(one: &str, other: &str) -> bool {
    let (one, other) = (words(one), words(other));
    let (shorter, mut longer) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    !shorter.is_empty()
        && shorter.iter().all(|word| {
            let found = longer.iter().position(|candidate| is_one(word, candidate));
            found.map(|at| longer.swap_remove(at)).is_some()
        })
}

/// Returns the words of a name in Latin letters.
fn words(name: &str) -> Vec<String> {
    let latin = deunicode(&folded(name)).to_lowercase();
    latin.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn is_one(one: &str, other: &str) -> bool {
    let (one, other): (Vec<_>, Vec<_>) = (one.chars().collect(), other.chars().collect());
    let is_initial = one.len().min(other.len()) == 1 && one.first() == other.first();
    is_initial || one == other || one.len().max(other.len()) >= 4 && is_one_letter_apart(&one, &other)
}

/// Whether one letter was replaced, left out, or added.
fn is_one_letter_apart(one: &[char], other: &[char]) -> bool {
    if one.len().abs_diff(other.len()) > 1 {
        return false;
    }
    let same = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let (one, other) = (&one[same..], &other[same..]);
    match one.len().cmp(&other.len()) {
        std::cmp::Ordering::Equal => one.get(1..) == other.get(1..),
        std::cmp::Ordering::Less => *one == other[1..],
        std::cmp::Ordering::Greater => one[1..] == *other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_one_person_are_alike_however_they_are_written() {
        for (one, other) in [
            ("Anna Gruber", "anna  GRUBER"),
            ("Anna Gruber", "Gruber, Anna"),
            ("A. Gruber", "Anna Maria Gruber"),
            ("Jürgen Müller", "Juergen Mueller"),
            ("Anna Gruber", "Ana Gruber"),
            ("Željka Horvat", "Zeljka Horvat"),
            ("Gruber", "Anna Gruber"),
        ] {
            assert!(are_alike(one, other) && are_alike(other, one), "{one} and {other}");
        }
    }

    #[test]
    fn names_of_two_people_are_not_alike() {
        for (one, other) in [
            ("Anna Gruber", "Boris Gruber"),
            ("Anna Gruber", "Anna Maier"),
            ("Anna Anna", "Anna Gruber"),
            ("Li Wu", "Li Wang"),
            ("Eva", "Ewa"),
            ("-", "Anna Gruber"),
            ("", ""),
        ] {
            assert!(!are_alike(one, other) && !are_alike(other, one), "{one} and {other}");
        }
    }
}
