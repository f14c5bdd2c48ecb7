//! A form as a person fills it in: fields are found by their labels, and hidden fields are sent unseen.

use scraper::{ElementRef, Html};

use super::page::{all, by_id, name_of, resolve, text_of};

/// A form, with the button that is about to be pressed.
#[derive(Clone, Debug)]
pub struct Form {
    target: String,
    post: bool,
    is_multipart: bool,
    controls: Vec<Control>,
    button: Option<(String, String)>,
    /// The files that were chosen: the name of the field, the name of the file and its content.
    files: Vec<(String, String, Vec<u8>)>,
}

#[derive(Clone, Debug)]
struct Control {
    name: String,
    label: String,
    /// The legends of the fieldsets around it, innermost first.
    groups: Vec<String>,
    kind: Kind,
    value: String,
    /// Whether it is sent; an unticked box is not.
    sent: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Text,
    Hidden,
    Tick,
    Radio,
    File,
    /// The options: value and text.
    Select(Vec<(String, String)>),
}

impl Form {
    pub(super) fn find(html: &Html, button: &str, path: &str) -> Option<Self> {
        let root = html.root_element();
        let pressed = all(root, "button, input[type=submit]").into_iter().find(|one| {
            name_of(*one) == button || (one.value().name() == "input" && one.attr("value") == Some(button))
        })?;
        let form = match pressed.attr("form") {
            Some(id) => by_id(root, id)?,
            None => pressed.ancestors().filter_map(ElementRef::wrap).find(|one| one.value().name() == "form")?,
        };
        let action = pressed.attr("formaction").or(form.attr("action")).unwrap_or_default();
        let method = pressed.attr("formmethod").or(form.attr("method")).unwrap_or("get");
        let mut controls: Vec<Control> =
            all(form, "input, select, textarea").into_iter().filter_map(|one| control(root, one)).collect();
        if let Some(id) = form.attr("id") {
            let elsewhere = all(root, "input[form], select[form], textarea[form]").into_iter();
            controls.extend(elsewhere.filter(|one| one.attr("form") == Some(id)).filter_map(|one| control(root, one)));
        }
        let button =
            pressed.attr("name").map(|name| (name.to_owned(), pressed.attr("value").unwrap_or_default().to_owned()));
        Some(Self {
            target: resolve(path, action),
            post: method.eq_ignore_ascii_case("post"),
            is_multipart: form.attr("enctype") == Some("multipart/form-data"),
            controls,
            button,
            files: Vec::new(),
        })
    }

    /// Types into the field with this label.
    #[track_caller]
    pub fn fill(self, label: &str, text: &str) -> Self {
        self.fill_in("", label, text)
    }

    /// Types into the field with this label in the group whose legend contains `group`.
    #[track_caller]
    pub fn fill_in(mut self, group: &str, label: &str, text: &str) -> Self {
        let control = self.one(group, label, |kind| *kind == Kind::Text);
        text.clone_into(&mut control.value);
        self
    }

    /// Chooses a file in the field with this label.
    #[track_caller]
    pub fn attach(mut self, label: &str, file_name: &str, content: &[u8]) -> Self {
        let field = self.one("", label, |kind| *kind == Kind::File).name.clone();
        self.files.push((field, file_name.to_owned(), content.to_owned()));
        self
    }

    /// Chooses an option by its text. `label` is the label of the select, or the legend around radio buttons.
    #[track_caller]
    pub fn choose(self, label: &str, words: &str) -> Self {
        self.choose_in("", label, words)
    }

    /// Chooses an option in the group whose legend contains `group`.
    #[track_caller]
    pub fn choose_in(mut self, group: &str, label: &str, words: &str) -> Self {
        let radio = self.controls.iter().position(|one| {
            one.kind == Kind::Radio
                && one.label == words
                && one.groups.iter().any(|legend| legend == label)
                && one.is_in(group)
        });
        if let Some(chosen) = radio {
            let name = self.controls[chosen].name.clone();
            for (index, one) in self.controls.iter_mut().enumerate() {
                if one.kind == Kind::Radio && one.name == name {
                    one.sent = index == chosen;
                }
            }
            return self;
        }
        let control = self.one(group, label, |kind| matches!(kind, Kind::Select(_)));
        let Kind::Select(choices) = &control.kind else { unreachable!("only selects were searched") };
        let Some((value, _)) = choices.iter().find(|(_, shown)| shown == words) else {
            panic!("\"{label}\" does not offer \"{words}\" but {choices:?}");
        };
        control.value = value.clone();
        self
    }

    /// Returns the texts of a select's options.
    #[track_caller]
    pub fn choices(&mut self, label: &str) -> Vec<String> {
        match &self.one("", label, |kind| matches!(kind, Kind::Select(_))).kind {
            Kind::Select(choices) => choices.iter().map(|(_, words)| words.clone()).collect(),
            _ => unreachable!("only selects were searched"),
        }
    }

    /// Ticks the box with this label.
    #[track_caller]
    pub fn tick(self, label: &str) -> Self {
        self.ticked("", label, true)
    }

    /// Ticks the box with this label in the group whose legend contains `group`.
    #[track_caller]
    pub fn tick_in(self, group: &str, label: &str) -> Self {
        self.ticked(group, label, true)
    }

    /// Unticks the box with this label.
    #[track_caller]
    pub fn untick(self, label: &str) -> Self {
        self.ticked("", label, false)
    }

    /// Unticks the box with this label in the group whose legend contains `group`.
    #[track_caller]
    pub fn untick_in(self, group: &str, label: &str) -> Self {
        self.ticked(group, label, false)
    }

    #[track_caller]
    fn ticked(mut self, group: &str, label: &str, on: bool) -> Self {
        self.one(group, label, |kind| *kind == Kind::Tick).sent = on;
        self
    }

    /// Ticks the box with this label and no other in the group whose legend contains `group`; none if the label is empty.
    #[track_caller]
    pub fn tick_only(mut self, group: &str, label: &str) -> Self {
        for one in self.controls.iter_mut().filter(|one| one.kind == Kind::Tick && one.is_in(group)) {
            one.sent = false;
        }
        if label.is_empty() { self } else { self.tick_in(group, label) }
    }

    /// Sets any field by its name, even a hidden one, and adds it if it is missing: what no ordinary browser does.
    pub fn forge(mut self, name: &str, value: &str) -> Self {
        match self.controls.iter_mut().find(|one| one.name == name) {
            Some(control) => {
                value.clone_into(&mut control.value);
                control.sent = true;
            }
            None => self.controls.push(Control {
                name: name.to_owned(),
                label: String::new(),
                groups: Vec::new(),
                kind: Kind::Hidden,
                value: value.to_owned(),
                sent: true,
            }),
        }
        self
    }

    /// Changes the URL that the form is sent to: what no ordinary browser does.
    pub fn to(mut self, target: &str) -> Self {
        target.clone_into(&mut self.target);
        self
    }

    /// Returns the value of the field with this label: the text of the chosen option for a select or radio buttons.
    #[track_caller]
    pub fn value(&self, label: &str) -> String {
        self.value_in("", label)
    }

    /// Whether the select with this label has an entry with these words.
    #[track_caller]
    pub fn offers(&self, label: &str, words: &str) -> bool {
        match &self.clone().one("", label, |kind| matches!(kind, Kind::Select(_))).kind {
            Kind::Select(choices) => choices.iter().any(|(_, entry)| entry == words),
            _ => false,
        }
    }

    /// Returns the value of the field with this label in the group whose legend contains `group`.
    #[track_caller]
    pub fn value_in(&self, group: &str, label: &str) -> String {
        let chosen = |one: &&Control| {
            one.kind == Kind::Radio && one.sent && one.is_in(group) && one.groups.iter().any(|legend| legend == label)
        };
        if let Some(radio) = self.controls.iter().find(chosen) {
            return radio.label.clone();
        }
        let control = self.clone().one(group, label, |kind| *kind != Kind::Hidden && *kind != Kind::Radio).clone();
        match &control.kind {
            Kind::Select(choices) => choices
                .iter()
                .find(|(value, _)| *value == control.value)
                .map(|(_, words)| words.clone())
                .unwrap_or_default(),
            Kind::Tick => if control.sent { "on" } else { "" }.to_owned(),
            _ => control.value,
        }
    }

    /// Returns the labels of the ticked boxes in the group whose legend contains `group`.
    pub fn ticked_in(&self, group: &str) -> Vec<String> {
        let ticked = self.controls.iter().filter(|one| one.kind == Kind::Tick && one.sent && one.is_in(group));
        ticked.map(|one| one.label.clone()).collect()
    }

    /// Returns a field's value by its name, even if it is hidden.
    pub fn hidden(&self, name: &str) -> Option<String> {
        self.controls.iter().find(|one| one.name == name).map(|one| one.value.clone())
    }

    /// Types a different text into every text field, and returns the texts with the names of the fields.
    pub fn type_everywhere(mut self) -> (Self, Vec<(String, String)>) {
        let mut typed = Vec::new();
        for control in self.controls.iter_mut().filter(|one| one.kind == Kind::Text) {
            control.value = format!("typed {}", typed.len() + 1);
            typed.push((control.name.clone(), control.value.clone()));
        }
        (self, typed)
    }

    /// Returns the path that the form is sent to.
    pub fn goes_to(&self) -> &str {
        self.target.split(['?', '#']).next().unwrap_or_default()
    }

    /// Returns the labels of all fields that a person can fill in.
    pub fn labels(&self) -> Vec<String> {
        self.controls.iter().filter(|one| one.kind != Kind::Hidden).map(|one| one.label.clone()).collect()
    }

    /// Whether it changes something.
    pub fn is_post(&self) -> bool {
        self.post
    }

    /// Returns the URL that the form is sent to, including its fields if the method is GET.
    pub(super) fn target(&self) -> String {
        if self.post {
            return self.target.clone();
        }
        format!("{}?{}", self.target.split('?').next().unwrap_or_default(), self.body())
    }

    /// Returns the fields encoded as a browser sends them.
    pub fn body(&self) -> String {
        let mut body = form_urlencoded::Serializer::new(String::new());
        for one in self.controls.iter().filter(|one| one.sent) {
            // Browsers send line breaks as CR LF.
            body.append_pair(&one.name, &one.value.replace("\r\n", "\n").replace('\n', "\r\n"));
        }
        if let Some((name, value)) = &self.button {
            body.append_pair(name, value);
        }
        body.finish()
    }

    pub(super) fn is_multipart(&self) -> bool {
        self.is_multipart
    }

    /// Returns the fields and files encoded as a browser sends a form with files, with the boundary `line-between-parts`.
    pub fn multipart(&self) -> Vec<u8> {
        let mut body = Vec::new();
        let mut part = |name: &str, more: &str, content: &[u8]| {
            let head = format!("--line-between-parts\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n");
            body.extend([head.as_bytes(), content, b"\r\n"].concat());
        };
        for one in self.controls.iter().filter(|one| one.sent || one.kind == Kind::File) {
            let more = |name: &str| format!("; filename=\"{name}\"\r\nContent-Type: application/octet-stream");
            match self.files.iter().find(|(field, ..)| *field == one.name) {
                Some((_, file_name, content)) => part(&one.name, &more(file_name), content),
                None if one.kind == Kind::File => part(&one.name, &more(""), b""),
                None => part(&one.name, "", one.value.replace("\r\n", "\n").replace('\n', "\r\n").as_bytes()),
            }
        }
        if let Some((name, value)) = &self.button {
            part(name, "", value.as_bytes());
        }
        body.extend(b"--line-between-parts--\r\n");
        body
    }

    #[track_caller]
    fn one(&mut self, group: &str, label: &str, fits: impl Fn(&Kind) -> bool) -> &mut Control {
        let fitting = |one: &Control| one.label == label && one.is_in(group) && fits(&one.kind);
        let found = self.controls.iter().filter(|one| fitting(one)).count();
        if found != 1 {
            let shown = self.controls.iter().filter(|one| one.kind != Kind::Hidden);
            let all: Vec<_> = shown.map(|one| format!("  {} ({})", one.label, one.groups.join(" < "))).collect();
            panic!("{found} fields have the label \"{label}\" in \"{group}\"; there are:\n{}", all.join("\n"));
        }
        self.controls.iter_mut().find(|one| fitting(one)).expect("one was found")
    }
}

impl Control {
    fn is_in(&self, group: &str) -> bool {
        group.is_empty() || self.groups.iter().any(|legend| legend.contains(group))
    }
}

fn control(root: ElementRef<'_>, element: ElementRef<'_>) -> Option<Control> {
    let name = element.attr("name").filter(|name| !name.is_empty())?.to_owned();
    if element.attr("disabled").is_some() {
        return None;
    }
    let (kind, value, sent) = match element.value().name() {
        "textarea" => {
            let text: String = element.text().collect();
            (Kind::Text, text.strip_prefix('\n').unwrap_or(&text).to_owned(), true)
        }
        "select" => {
            let options = all(element, "option");
            let value = |option: &ElementRef<'_>| option.attr("value").map_or_else(|| text_of(*option), str::to_owned);
            let chosen = options.iter().find(|option| option.attr("selected").is_some()).or(options.first()).map(value);
            let choices = options.iter().map(|option| (value(option), text_of(*option))).collect();
            (Kind::Select(choices), chosen.unwrap_or_default(), true)
        }
        _ => match element.attr("type").unwrap_or("text") {
            "submit" | "button" | "image" | "reset" => return None,
            "file" => (Kind::File, String::new(), false),
            "hidden" => (Kind::Hidden, element.attr("value").unwrap_or_default().to_owned(), true),
            "checkbox" => {
                (Kind::Tick, element.attr("value").unwrap_or("on").to_owned(), element.attr("checked").is_some())
            }
            "radio" => {
                (Kind::Radio, element.attr("value").unwrap_or("on").to_owned(), element.attr("checked").is_some())
            }
            _ => (Kind::Text, element.attr("value").unwrap_or_default().to_owned(), true),
        },
    };
    let fieldsets = element
        .ancestors()
        .filter_map(ElementRef::wrap)
        .filter(|one| matches!(one.value().name(), "fieldset" | "section") || one.attr("role") == Some("group"));
    let groups = fieldsets.map(|fieldset| name_of_group(root, fieldset)).filter(|words| !words.is_empty()).collect();
    Some(Control { name, label: label_of(root, element), groups, kind, value, sent })
}

/// Returns the name of a group: its legend or label, else its first heading.
fn name_of_group(root: ElementRef<'_>, group: ElementRef<'_>) -> String {
    if let Some(labelling) = group.attr("aria-labelledby").and_then(|id| by_id(root, id)) {
        return without_optional(text_of(labelling));
    }
    if let Some(label) = group.attr("aria-label") {
        return label.to_owned();
    }
    let legend = group.child_elements().find(|one| one.value().name() == "legend").map(text_of);
    let heading = || all(group, "h2, h3, h4").first().map(|heading| text_of(*heading));
    without_optional(legend.or_else(heading).unwrap_or_default())
}

/// Returns the name of a field: its label, else its `aria-label`, else the legend around radio buttons.
pub(super) fn label_of(root: ElementRef<'_>, field: ElementRef<'_>) -> String {
    if field.value().name() == "fieldset" {
        return name_of_group(root, field);
    }
    let by_for =
        field.attr("id").and_then(|id| all(root, "label[for]").into_iter().find(|label| label.attr("for") == Some(id)));
    let around = || field.ancestors().filter_map(ElementRef::wrap).find(|one| one.value().name() == "label");
    match by_for.or_else(around) {
        Some(label) => without_optional(text_of(label)),
        None => field.attr("aria-label").unwrap_or_default().to_owned(),
    }
}

fn without_optional(words: String) -> String {
    words.strip_suffix("(optional)").map(|words| words.trim_end().to_owned()).unwrap_or(words)
}
