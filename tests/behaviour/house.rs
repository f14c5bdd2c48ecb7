//! The rules of the architecture: which modules may use which, where SQL and HTTP are allowed, and how long a file may
//! be.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The layers. A module may only use modules in lower layers, and none in its own layer.
const LAYERS: &[(u8, &[&str])] = &[
    (8, &["main", "lib"]),
    (7, &["commands"]),
    (6, &["app"]),
    (5, &["routes", "jobs"]),
    (4, &["delegates", "staff", "organisers", "administration"]),
    (3, &["editing"]),
    (2, &["access", "registering"]),
    (1, &["web", "mail"]),
    (0, &["documents", "store", "postgres"]),
];

/// Modules outside the layers. All layers may use them, and they may use only `domain`.
const OUTSIDE_LAYERS: &[&str] = &["config", "clock", "urls"];

/// The module that all others may use. It uses no other module.
const DOMAIN: &str = "domain";

#[test]
fn modules_use_only_lower_layers() {
    let mut wrong = Vec::new();
    for file in sources("src") {
        let from = module_of(&file);
        for to in uses(&code(&file)) {
            if !may_use(&from, &to) {
                wrong.push(format!("{}: {from} → {to}", file.display()));
            }
        }
    }
    none(&wrong);
}

/// Paths out of a module start at the crate's root, because the test above reads only those.
#[test]
fn no_path_leaves_a_module_with_super() {
    let mut wrong = Vec::new();
    for file in sources("src") {
        let steps = file.components().count() - 1 - usize::from(file.ends_with("mod.rs"));
        let out = "super::".repeat(steps);
        // Indented lines may be in a `mod tests`, which is one level deeper.
        let lines = code(&file);
        let climbs = |line: &&str| !line.starts_with(' ') && line.contains(&out);
        wrong.extend(lines.lines().filter(climbs).map(|line| format!("{}: {line}", file.display())));
    }
    none(&wrong);
}

/// A new module has to be added to the layers above and to `src/lib.rs`.
#[test]
fn every_module_is_in_a_layer() {
    let known = |name: &str| {
        name == DOMAIN || OUTSIDE_LAYERS.contains(&name) || LAYERS.iter().any(|(_, modules)| modules.contains(&name))
    };
    let strangers: Vec<_> = sources("src").iter().map(|file| module_of(file)).filter(|name| !known(name)).collect();
    none(&strangers);
}

#[test]
fn sql_is_only_in_the_store_and_is_checked_by_the_compiler() {
    let mut wrong = Vec::new();
    for file in sources("src") {
        let code = code(&file);
        let from = module_of(&file);
        let checked = ["query!", "query_as!", "query_scalar!"].iter().any(|word| code.contains(word));
        let unchecked =
            ["sqlx::query(", "query_as(", "query_as::<", "query_scalar(", "query_scalar::<", "raw_sql", "QueryBuilder"]
                .iter()
                .any(|word| code.contains(word));
        if (checked || unchecked) && !matches!(from.as_str(), "store" | "postgres") {
            wrong.push(format!("{}: SQL outside the store", file.display()));
        } else if unchecked && from == "store" && !file.starts_with("src/store/registrations/attendees") {
            // Only the attendees' list builds its statements at run time, because of its filters.
            wrong.push(format!("{}: a statement that the compiler does not check", file.display()));
        }
    }
    none(&wrong);
}

#[test]
fn the_lower_layers_do_not_use_http() {
    let quiet = ["domain", "store", "postgres", "mail", "documents", "jobs"];
    let mut wrong = Vec::new();
    for file in sources("src").iter().filter(|file| quiet.contains(&module_of(file).as_str())) {
        let code = code(file);
        let words = ["axum::", "http::", "hyper::", "tower_http::", "HeaderMap", "StatusCode"];
        wrong
            .extend(words.iter().filter(|word| code.contains(*word)).map(|word| format!("{}: {word}", file.display())));
    }
    none(&wrong);
}

#[test]
fn keys_are_created_in_one_place() {
    let makes = ["Uuid::new", "Uuid::now", "Uuid::nil", "Uuid::max", "Uuid::from", "uuid!("];
    let mut wrong = Vec::new();
    for file in sources("src").iter().filter(|file| !file.ends_with("domain/id.rs")) {
        let code = code(file);
        wrong
            .extend(makes.iter().filter(|make| code.contains(*make)).map(|make| format!("{}: {make}", file.display())));
    }
    none(&wrong);
}

/// Each function in `urls` creates an address from the pattern of its route only.
#[test]
fn addresses_are_created_only_from_patterns() {
    let mut wrong = Vec::new();
    for file in sources("src/urls") {
        let code = code(&file);
        let code = code.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        let glued = code.match_indices("\"/").filter(|(at, _)| !code[..*at].trim_end().ends_with("=>"));
        wrong.extend(
            glued.map(|(at, _)| format!("{}: {}", file.display(), code[at..].lines().next().unwrap_or_default())),
        );
    }
    none(&wrong);
}

#[test]
fn every_template_is_used() {
    let templates = files(Path::new("templates"));
    let sources: String = sources("src").iter().map(|file| read(file)).collect();
    let others: String = templates.iter().map(|file| read(file)).collect();
    let mut wrong = Vec::new();
    for file in &templates {
        let name = file.strip_prefix("templates").expect("a template").to_string_lossy().into_owned();
        let by_handler = sources.contains(&format!("\"{name}\""));
        let by_template =
            ["extends", "include", "import"].iter().any(|word| others.contains(&format!("{word} \"{name}\"")));
        if !by_handler && !by_template {
            wrong.push(format!("{name}: no code renders it"));
        }
    }
    none(&wrong);
}

/// A handler's template is in the folder with its module's name: `delegates/register.html` belongs to
/// `delegates/register.rs`.
#[test]
fn a_template_is_in_the_folder_of_its_handler() {
    let rooms = ["delegates", "staff", "organisers", "administration", "editing", "access", "registering"];
    let mut wrong = Vec::new();
    for file in sources("src").iter().filter(|file| rooms.contains(&module_of(file).as_str())) {
        let code = read(file);
        for template in code.split("path = \"").skip(1).filter_map(|rest| rest.split('"').next()) {
            if template.contains('/') && template.split('/').next() != Some(module_of(file).as_str()) {
                wrong.push(format!("{} renders {template}", file.display()));
            }
        }
    }
    none(&wrong);
}

#[test]
fn no_file_is_too_long() {
    let too_large = |file: &PathBuf| {
        let lines = read(file).lines().count();
        // Tests may be longer.
        let limit = if file.starts_with("tests") { 500 } else { 400 };
        (lines > limit).then(|| format!("{}: {lines} lines, so split it", file.display()))
    };
    none(&sources("src").iter().chain(&sources("tests")).filter_map(too_large).collect::<Vec<_>>());
}

#[test]
fn pages_contain_no_inline_styles_or_scripts() {
    let mut wrong = Vec::new();
    for file in files(Path::new("templates")).iter().filter(|file| !file.starts_with("templates/mail")) {
        let text = read(file);
        for forbidden in [" style=\"", "<style", " onclick=", " onchange=", " onsubmit=", "javascript:"] {
            if text.contains(forbidden) {
                wrong.push(format!("{}: {forbidden}", file.display()));
            }
        }
        for script in text.split("<script").skip(1) {
            let tag = script.split('>').next().unwrap_or_default();
            if !tag.contains(" src=") && !tag.contains("application/ld+json") {
                wrong.push(format!("{}: <script{tag}>", file.display()));
            }
        }
    }
    none(&wrong);
}

fn may_use(from: &str, to: &str) -> bool {
    let layer = |name: &str| LAYERS.iter().find(|(_, modules)| modules.contains(&name)).map(|(layer, _)| *layer);
    if from == to || to == DOMAIN {
        return true;
    }
    if from == DOMAIN {
        return false;
    }
    match (layer(from), layer(to)) {
        // Modules outside the layers may use only `domain`, which is allowed above.
        (None, _) => false,
        (Some(_), None) => OUTSIDE_LAYERS.contains(&to),
        // Background jobs do not use pages.
        (Some(_), Some(to_layer)) if from == "jobs" => to_layer == 0 || to == "mail",
        (Some(from_layer), Some(to_layer)) => to_layer < from_layer,
    }
}

/// Returns the names after `crate::` in `use` lines, with or without braces, and in paths.
fn uses(code: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            None => {
                names.insert(identifier(rest));
            }
            Some(group) => {
                let mut depth = 0;
                let mut begins = true;
                for (at, c) in group.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => begins = true,
                        c if depth == 0 && begins && !c.is_whitespace() => {
                            names.insert(identifier(&group[at..]));
                            begins = false;
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    names.remove("");
    names
}

fn identifier(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// Returns the top-level module of a file in `src`.
fn module_of(file: &Path) -> String {
    let inner = file.strip_prefix("src").expect("a file of src");
    let first = inner.components().next().expect("a name");
    first.as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
}

/// Returns the lines of a file without comments.
pub fn code(file: &Path) -> String {
    read(file).lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn read(file: &Path) -> String {
    fs::read_to_string(root().join(file)).expect("a text file")
}

pub fn sources(folder: &str) -> Vec<PathBuf> {
    files(Path::new(folder)).into_iter().filter(|file| file.extension().is_some_and(|kind| kind == "rs")).collect()
}

/// Returns all files in a folder, with paths from the project's root.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root().join(folder)).expect("a folder of the project").flatten() {
        let path = folder.join(entry.file_name());
        if entry.path().is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[track_caller]
pub fn none(wrong: &[String]) {
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn names_are_found_in_groups_and_paths() {
    let code = "use crate::web::App;\nuse crate::{\n    domain::{Role, Secret},\n    store::accounts::{self, SignedIn}, urls,\n};\nlet x = crate::mail::send();";
    assert_eq!(uses(code).into_iter().collect::<Vec<_>>(), ["domain", "mail", "store", "urls", "web"]);
    assert!(may_use("staff", "access") && may_use("access", "store") && may_use("urls", "domain"));
    assert!(!may_use("web", "access") && !may_use("staff", "organisers") && !may_use("mail", "web"));
    assert!(!may_use("domain", "urls") && !may_use("store", "web") && !may_use("jobs", "access"));
}
