//! Compares the examples of every kind with the texts in `tests/snapshots/mail`, and checks what every kind must keep to.

use std::{collections::BTreeSet, fs, path::Path};

use super::{
    examples::Example,
    kind::Audience,
    kinds,
    samples::{leipzig, venice},
};

#[test]
fn every_example_reads_as_it_should() {
    let examples = kinds::all().iter().flat_map(|kind| (kind.examples)(&leipzig()));
    insta::with_settings!({ snapshot_path => "../../tests/snapshots/mail", prepend_module_to_snapshot => false, omit_expression => true }, {
        for Example { name, rendered, .. } in examples {
            insta::assert_snapshot!(format!("{name}.txt"), format!("Subject: {}\n\n{}", rendered.subject, rendered.text));
            insta::assert_snapshot!(format!("{name}.html"), rendered.html);
        }
    });
}

#[test]
fn the_examples_of_a_kind_show_every_case_and_no_recorded_text_has_a_secret() {
    for kind in kinds::all() {
        let examples = (kind.examples)(&leipzig());
        let names = |wanted: fn(bool) -> bool| -> BTreeSet<_> {
            let cases = examples.iter().flat_map(|example| &example.cases);
            cases.filter(|(_, applies)| wanted(*applies)).map(|(name, _)| *name).collect()
        };
        assert_eq!(names(|_| true), names(|applies| applies), "{}: a case without an example", kind.name);
        for Example { name, rendered, audience, .. } in &examples {
            assert_eq!(kind.name.starts_with("operations_"), *audience == Audience::Operations, "{name}");
            for part in [&rendered.text, &rendered.html, &rendered.subject] {
                assert!(!part.contains('{') || part.contains("<style>"), "{name}: {part}");
            }
            assert!(!rendered.masked.contains("secret"), "{name}: {}", rendered.masked);
        }
    }
}

/// What a mail says of the conference comes from its facts.
#[test]
fn no_mail_of_a_conference_in_venice_names_anything_of_leipzig() {
    for kind in kinds::all() {
        for Example { name, rendered, audience, .. } in (kind.examples)(&venice()) {
            if audience == Audience::AccountOwner {
                continue;
            }
            let whole = [&*rendered.subject, &*rendered.text, &*rendered.html].join("\n");
            for word in
                ["Leipzig", "leipzig", "Kongresshalle", "Germany", " 2018", "/2018", "three days with", "CET 2018"]
            {
                assert!(!whole.contains(word), "{name} says {word}: {}", rendered.text);
            }
        }
    }
}

/// Other modules name a kind by a word, which the compiler does not check.
#[test]
fn every_kind_that_is_put_into_the_outbox_exists() {
    fn sources(folder: &Path, found: &mut String) {
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            if entry.path().is_dir() {
                sources(&entry.path(), found);
            } else {
                found.push_str(&fs::read_to_string(entry.path()).unwrap_or_default());
            }
        }
    }
    let mut code = String::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut code);
    let opening = format!("Kind({}", '"');
    let queued: BTreeSet<_> =
        code.split(&opening).skip(1).filter_map(|rest| rest.split('"').next()).filter(|name| *name != "…").collect();
    assert!(queued.len() > 3, "{queued:?}");
    let unknown: Vec<_> = queued.into_iter().filter(|name| kinds::find(name).is_none()).collect();
    assert!(unknown.is_empty(), "these kinds are sent, but are not in `ALL` of src/mail/kinds/mod.rs: {unknown:?}");
}
