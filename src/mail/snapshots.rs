//! The examples of every kind, held to the words in `tests/snapshots/mail`, and what every kind must declare.

use std::collections::BTreeSet;

use super::{
    compose,
    kinds::{self, Kind, Receiver},
    text::Letter,
};

/// An example of a kind.
pub struct Example {
    /// The name of its snapshot.
    name: String,
    letter: Letter,
    /// Values that are declared and not filled, or filled and not declared.
    wrong: Vec<&'static str>,
    declared: &'static [&'static str],
    cases: Vec<&'static str>,
    is_to_operations: bool,
}

/// The examples of this kind.
pub fn examples<K: Kind>() -> Vec<Example> {
    let samples = K::samples().into_iter().map(|(name, mail)| {
        let declared = K::PLACEHOLDERS.iter().chain(K::FRAME.placeholders()).map(|one| one.name);
        let (declared, filled) = (declared.collect::<BTreeSet<_>>(), mail.values().names().into_iter().collect());
        Example {
            name: if name.is_empty() { K::NAME.to_owned() } else { format!("{}_{name}", K::NAME) },
            letter: compose::letter(&mail).unwrap_or_else(|error| panic!("{} {name}: {error}", K::NAME)),
            wrong: declared.symmetric_difference(&filled).copied().collect(),
            declared: K::CASES,
            cases: mail.cases(),
            is_to_operations: K::RECEIVER == Receiver::Operations,
        }
    });
    samples.collect()
}

#[test]
fn every_example_reads_as_it_should() {
    let examples = kinds::all().iter().flat_map(|kind| (kind.examples)());
    insta::with_settings!({ snapshot_path => "../../tests/snapshots/mail", prepend_module_to_snapshot => false, omit_expression => true }, {
        for Example { name, letter, .. } in examples {
            insta::assert_snapshot!(format!("{name}.txt"), format!("Subject: {}\n\n{}", letter.subject, letter.text));
            insta::assert_snapshot!(format!("{name}.html"), letter.html);
        }
    });
}

#[test]
fn every_kind_fills_what_it_declares_and_its_examples_show_every_case() {
    for kind in kinds::all() {
        let examples = (kind.examples)();
        let shown: BTreeSet<_> = examples.iter().flat_map(|example| &example.cases).collect();
        for example in &examples {
            assert!(example.wrong.is_empty(), "{}: {:?}", example.name, example.wrong);
            let unknown = example.cases.iter().find(|case| !example.declared.contains(case));
            assert!(unknown.is_none(), "{}: {unknown:?}", example.name);
            let missing = example.declared.iter().find(|case| !shown.contains(case));
            assert!(missing.is_none(), "no example of {} shows “{missing:?}”", kind.name);
            assert_eq!(kind.name.starts_with("operations_"), example.is_to_operations, "{}", kind.name);
            for part in [&example.letter.text, &example.letter.html, &example.letter.subject] {
                assert!(!part.contains('{') || part.contains("<style>"), "{}: {part}", example.name);
            }
            assert!(!example.letter.masked.contains("secret"), "{}: {}", example.name, example.letter.masked);
        }
    }
}

/// The store and the pages put mails into the outbox by their kind's word.
#[test]
fn every_kind_that_is_put_into_the_outbox_is_there() {
    fn sources(folder: &std::path::Path, found: &mut String) {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            if entry.path().is_dir() {
                sources(&entry.path(), found);
            } else {
                found.push_str(&std::fs::read_to_string(entry.path()).unwrap_or_default());
            }
        }
    }
    let mut code = String::new();
    sources(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut code);
    let opening = format!("Kind({}", '"');
    let queued: BTreeSet<_> =
        code.split(&opening).skip(1).filter_map(|rest| rest.split('"').next()).filter(|name| *name != "…").collect();
    assert!(queued.len() > 3, "{queued:?}");
    let unknown: Vec<_> = queued.into_iter().filter(|name| kinds::find(name).is_none()).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
