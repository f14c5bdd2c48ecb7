//! Fields with several entries, such as the rooms of a session, and what two people did to one of them.

/// Reads the entries of a list from the values of a field, in which they are separated by white space.
pub type Entries = fn(&[&str]) -> Vec<String>;

/// Returns a list with the changes of both people: theirs without what I took out, and what I added after the entry that it
/// follows in mine.
pub fn combined(was: &str, theirs: &str, mine: &str) -> String {
    let [was, theirs, mine] = [was, theirs, mine].map(|list| list.lines().collect::<Vec<_>>());
    let mut both: Vec<&str> =
        theirs.iter().copied().filter(|entry| mine.contains(entry) || !was.contains(entry)).collect();
    for (index, entry) in mine.iter().enumerate() {
        if both.contains(entry) || was.contains(entry) {
            continue;
        }
        let before = mine[..index].iter().rev().find_map(|earlier| both.iter().position(|one| one == earlier));
        both.insert(before.map_or(0, |position| position + 1), entry);
    }
    // If only I changed the order, it is mine.
    if was == theirs {
        return mine.join("\n");
    }
    both.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn changes_of_two_people_to_a_list_are_combined() {
        assert_eq!(combined("a\nb\nc", "a\nb\nc\nd", "a\nx\nc"), "a\nx\nc\nd");
        assert_eq!(combined("a\nb", "b\na", "a\nb"), "b\na", "they changed the order");
        assert_eq!(combined("a\nb", "a\nb", "b\na"), "b\na", "I changed the order");
        assert_eq!(combined("", "a", "b"), "b\na");
    }

    proptest! {
        #[test]
        fn a_combined_list_has_what_either_person_added_and_nothing_that_either_took_out(
            was in "[a-f]{0,6}", theirs in "[a-h]{0,6}", mine in "[a-h]{0,6}",
        ) {
            let list = |letters: &str| {
                let mut all: Vec<String> = letters.chars().map(String::from).collect();
                all.sort();
                all.dedup();
                all
            };
            let [was, theirs, mine] = [&was, &theirs, &mine].map(|letters| list(letters));
            let both = combined(&was.join("\n"), &theirs.join("\n"), &mine.join("\n"));
            for entry in list("abcdefgh") {
                let [was, theirs, mine] = [&was, &theirs, &mine].map(|list| list.contains(&entry));
                let stays = if was { theirs && mine } else { theirs || mine };
                prop_assert_eq!(both.lines().filter(|one| **one == *entry).count(), usize::from(stays), "{}", entry);
            }
        }
    }
}
