//! The field of a session's form with the keys of its files, and the word for a file that was refused.

use super::session_form::{Choices, ErrorMessage};
use crate::{
    documents::file_type::FileError,
    domain::FileId,
    editing::{conflict::with, save::PREVIEW},
    store::programme::{files::ListedFile, sessions::SessionContent},
    web::{Errors, Submitted},
};

/// The field with the keys.
pub const FILES: &str = "files";

/// The field for a new file.
pub const NEW_FILE: &str = "files-new";

/// The boxes that are ticked to remove files.
pub const REMOVE: &str = "files-remove";

/// The words for files that are refused, among the keys.
const REFUSED: [(&str, FileError); 4] = [
    ("empty", FileError::Empty),
    ("too-large", FileError::TooLarge),
    ("unpacks-too-large", FileError::UnpacksTooLarge),
    ("other-type", FileError::OtherType),
];

/// Reads the entries, in their order.
pub fn entered(values: &[&str]) -> Vec<String> {
    let mut entries: Vec<String> = Vec::new();
    for entry in values.iter().flat_map(|value| value.split_whitespace()) {
        if !entries.iter().any(|other| other == entry) {
            entries.push(entry.to_owned());
        }
    }
    entries
}

/// Returns the field of a saved session.
pub fn field_of(content: &SessionContent) -> String {
    content.files.iter().map(FileId::to_string).collect::<Vec<_>>().join("\n")
}

/// Returns the form without the files whose boxes are ticked.
pub fn without_removed(form: &Submitted) -> Submitted {
    let mut entries = entries(form);
    entries.retain(|entry| !form.all(REMOVE).any(|removed| removed == entry));
    let others = form.fields().iter().filter(|(name, _)| name != REMOVE).cloned();
    with(&Submitted::new(others.collect()), FILES, entries.join("\n"))
}

/// Returns the form with this file as its last one.
pub fn with_upload(form: &Submitted, file: FileId) -> Submitted {
    with_entry(form, file.to_string())
}

/// Returns the form that says that its file was refused. It shows no preview, which would not mention it.
pub fn with_refused(form: &Submitted, error: FileError) -> Submitted {
    let word = REFUSED.iter().find(|(_, one)| *one == error).map_or("other-type", |(word, _)| word);
    let others = form.fields().iter().filter(|(name, _)| name != PREVIEW).cloned();
    with_entry(&Submitted::new(others.collect()), word.to_owned())
}

fn with_entry(form: &Submitted, entry: String) -> Submitted {
    let mut entries = entries(form);
    entries.push(entry);
    with(form, FILES, entries.join("\n"))
}

fn entries(form: &Submitted) -> Vec<String> {
    entered(&form.all(FILES).collect::<Vec<_>>())
}

/// Returns the files that the form shows.
pub fn shown<'a>(choices: &'a Choices, form: &Submitted) -> Vec<&'a ListedFile> {
    entries(form).iter().filter_map(|entry| choices.file(entry)).collect()
}

/// Reads the files, or adds the error of the field for a new one.
pub fn read(choices: &Choices, form: &Submitted, errors: &mut Errors) -> Option<Vec<FileId>> {
    let mut files = Vec::new();
    for entry in entries(form) {
        if let Some((_, error)) = REFUSED.iter().find(|(word, _)| *word == entry) {
            errors.add(NEW_FILE, &ErrorMessage::File(*error));
            return None;
        }
        let Some(file) = choices.file(&entry) else {
            errors.add(NEW_FILE, &ErrorMessage::FileGone);
            return None;
        };
        files.push(file.id);
    }
    if files.len() > SessionContent::MOST_FILES {
        errors.add(NEW_FILE, &ErrorMessage::TooManyFiles);
        return None;
    }
    Some(files)
}

/// Returns the names of the files.
pub fn say(choices: &Choices, entries: &str) -> String {
    let names = entries.lines().filter_map(|entry| Some(&*choices.file(entry)?.name));
    names.collect::<Vec<_>>().join(", ")
}
