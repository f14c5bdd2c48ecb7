//! The fields of a picture in a form: the key of the picture, its description, a file with a new one, and the box that is ticked to
//! remove it.

use askama::Template;

use crate::{
    documents::picture::{LARGEST_FILE, LONGEST_SIDE, MOST_PIXELS, PictureError},
    domain::{Conference, DescribedPicture, PictureId, PictureSize, PictureText, PictureUse},
    editing::{Picture, conflict::with},
    urls,
    web::{Errors, FieldMessage, Submitted},
};

/// The names of the fields, and what the picture is for.
#[derive(Clone, Copy, Debug)]
pub struct PictureField {
    /// The field with the key of the picture.
    pub key: &'static str,
    /// The field with what it shows.
    pub text: &'static str,
    /// The field for a file with a new picture.
    pub file: &'static str,
    /// The box that is ticked to remove the picture.
    pub remove: &'static str,
    /// What it is for.
    pub what: PictureUse,
}

#[derive(Template)]
#[template(path = "organisers/picture_errors.txt")]
enum ErrorMessage {
    /// The file is not accepted.
    Refused(PictureError, PictureUse),
    /// The picture was deleted in the meantime.
    Gone,
    /// There is no description, which this picture needs.
    NotDescribed,
    /// There is a description, but no picture.
    NoPicture,
}

/// The words for files that are refused, in the field of the picture: the word, a space and the key of the picture before.
const REFUSED: [(&str, PictureError); 6] = [
    ("empty", PictureError::Empty),
    ("file-too-large", PictureError::FileTooLarge),
    ("no-picture", PictureError::NoPicture),
    ("broken", PictureError::Broken),
    ("too-many-pixels", PictureError::TooManyPixels),
    ("too-few-pixels", PictureError::TooFewPixels),
];

impl PictureField {
    /// Returns the form after a file was received, if there was one: with the key of its picture, or why it is no picture.
    pub fn with_upload(&self, form: &Submitted, uploaded: Option<Result<PictureId, PictureError>>) -> Submitted {
        match uploaded {
            None if form.has(self.remove) && self.what == PictureUse::Person => with(form, self.key, ""),
            // Nothing is left to describe.
            None if form.has(self.remove) => with(&with(form, self.key, ""), self.text, ""),
            None => form.clone(),
            Some(Ok(picture)) => with(form, self.key, picture),
            Some(Err(error)) => {
                let word = REFUSED.iter().find(|(_, one)| *one == error).map_or("broken", |(word, _)| word);
                let before = self.shown(form).map(|picture| picture.to_string()).unwrap_or_default();
                with(form, self.key, format!("{word} {before}"))
            }
        }
    }

    /// Returns the picture that the form shows.
    pub fn shown(&self, form: &Submitted) -> Option<PictureId> {
        form.line(self.key).rsplit(' ').next()?.parse().ok()
    }

    /// Returns the picture that the form shows, as organisers see it. If it is not described, these words do so.
    pub fn picture(&self, conference: &Conference, form: &Submitted, otherwise: &str) -> Option<Picture> {
        let picture = self.shown(form)?;
        let (size, width, height) = match self.what {
            PictureUse::Person => (PictureSize::Medium, 96, 96),
            PictureUse::Hero => (PictureSize::Wide, 320, 180),
            PictureUse::Share => (PictureSize::Share, 320, 168),
        };
        let address = urls::organisers::picture(&conference.slug, picture, size);
        let text = [form.get(self.text), otherwise].into_iter().find(|text| !text.is_empty());
        Some(Picture { address, text: text.unwrap_or_default().to_owned(), width, height })
    }

    /// Reads the picture, or adds the error of its file and returns no picture.
    pub fn read(&self, form: &Submitted, errors: &mut Errors) -> Option<PictureId> {
        let value = form.line(self.key);
        let word = value.split(' ').next().unwrap_or_default();
        if let Some((_, error)) = REFUSED.iter().find(|(refused, _)| *refused == word) {
            errors.add(self.file, &ErrorMessage::Refused(*error, self.what));
            return None;
        }
        if value.is_empty() {
            None
        } else {
            errors.check(self.file, value.parse().map_err(|_| FieldMessage::NotOffered))
        }
    }

    /// Reads a picture that must be described.
    pub fn read_described(&self, form: &Submitted, errors: &mut Errors) -> Option<DescribedPicture> {
        let text = errors.check(self.text, PictureText::parse(form.get(self.text)))?;
        let id = self.read(form, errors);
        if text.as_str().is_empty() && id.is_some() {
            errors.add(self.text, &ErrorMessage::NotDescribed);
        } else if !text.as_str().is_empty() && form.line(self.key).is_empty() {
            errors.add(self.file, &ErrorMessage::NoPicture);
        }
        Some(DescribedPicture { id: id?, text })
    }

    /// Returns the form of a picture that is described.
    pub fn form_of(&self, picture: Option<&DescribedPicture>) -> [(&'static str, String); 2] {
        let key = picture.map(|picture| picture.id.to_string()).unwrap_or_default();
        [(self.key, key), (self.text, picture.map(|picture| picture.text.to_string()).unwrap_or_default())]
    }

    /// Adds the error that the picture was deleted, because it was not saved in time.
    pub fn add_gone(&self, errors: &mut Errors) {
        errors.add(self.file, &ErrorMessage::Gone);
    }

    /// Returns which files are accepted, and what becomes of them.
    pub fn hint(&self) -> String {
        let most = LARGEST_FILE / 1024 / 1024;
        let [width, height] = self.what.least();
        match self.what {
            PictureUse::Person => format!("A JPEG, PNG or WebP of at most {most} MB. It is cut to a square."),
            PictureUse::Hero => format!(
                "A JPEG, PNG or WebP of at most {most} MB and at least {width} × {height} pixels, better 1600 × 900. Other \
                 proportions are cut at the edges."
            ),
            PictureUse::Share => format!(
                "A JPEG, PNG or WebP of at most {most} MB and at least {width} × {height} pixels. Other proportions are cut at \
                 the edges."
            ),
        }
    }
}

/// Returns the value of the field of a picture in words.
pub fn say(conference: &Conference, value: &str) -> Option<String> {
    let uploaded = value.parse().ok().and_then(PictureId::uploaded_at);
    uploaded.map(|at| format!("uploaded on {}", conference.zone.zoned_moment(at)))
}
