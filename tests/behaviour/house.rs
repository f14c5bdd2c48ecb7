//! The house plan, held to: who leans on whom, where SQL and HTTP may stand, and how large a room is.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The floors. A module may use those of lower floors only; neighbours on one floor do not use each other.
const FLOORS: &[(u8, &[&str])] = &[
    (8, &["main", "lib"]),
    (7, &["commands"]),
    (6, &["app"]),
    (5, &["routes", "jobs"]),
    (4, &["delegates", "staff", "organisers", "administration"]),
    (3, &["editing"]),
    (2, &["access"]),
    (1, &["web", "mail"]),
    (0, &["documents", "store", "postgres"]),
];

/// Beside all floors: everybody may use them, and they use nothing but the ground.
const BESIDE: &[&str] = &["config", "clock", "urls"];

/// What the house stands on: uses nothing above itself.
const GROUND: &str = "domain";

#[test]
fn arrows_point_down() {
    let mut wrong = Vec::new();
    for file in sources("src") {
        let from = module_of(&file);
        for to in uses(&code(&file)) {
            if !may_lean(&from, &to) {
                wrong.push(format!("{}: {from} → {to}", file.display()));
            }
        }
    }
    none(&wrong);
}

/// What comes from outside a module is named from the crate's root, where the test above sees it.
#[test]
fn nobody_climbs_out_by_super() {
    let mut wrong = Vec::new();
    for file in sources("src") {
        let steps = file.components().count() - 1 - usize::from(file.ends_with("mod.rs"));
        let out = "super::".repeat(steps);
        // Indented lines may stand in a module of tests, one step further in.
        let lines = code(&file);
        let climbs = |line: &&str| !line.starts_with(' ') && line.contains(&out);
        wrong.extend(lines.lines().filter(climbs).map(|line| format!("{}: {line}", file.display())));
    }
    none(&wrong);
}

/// The house has no rooms beside the plan: a new module gets its floor here and in `src/lib.rs` first.
#[test]
fn every_module_has_its_place() {
    let known = |name: &str| {
        name == GROUND || BESIDE.contains(&name) || FLOORS.iter().any(|(_, modules)| modules.contains(&name))
    };
    let strangers: Vec<_> = sources("src").iter().map(|file| module_of(file)).filter(|name| !known(name)).collect();
    none(&strangers);
}

#[test]
fn sql_stands_in_the_store_only_and_is_checked_by_the_compiler() {
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
            // One place builds its filters: the attendees' list.
            wrong.push(format!("{}: a statement that the compiler does not check", file.display()));
        }
    }
    none(&wrong);
}

#[test]
fn http_stays_above_the_ground_floor() {
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
fn keys_are_made_in_one_place() {
    let makes = ["Uuid::new", "Uuid::now", "Uuid::nil", "Uuid::max", "Uuid::from", "uuid!("];
    let mut wrong = Vec::new();
    for file in sources("src").iter().filter(|file| !file.ends_with("domain/id.rs")) {
        let code = code(file);
        wrong
            .extend(makes.iter().filter(|make| code.contains(*make)).map(|make| format!("{}: {make}", file.display())));
    }
    none(&wrong);
}

/// Each address is made by a function of `urls` from its route's pattern, and from nothing else.
#[test]
fn addresses_are_made_from_patterns_only() {
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
fn every_template_is_somebodys() {
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
            wrong.push(format!("{name}: nobody renders it"));
        }
    }
    none(&wrong);
}

/// A page's template has the name of its handler's file: `delegates/register.html` belongs to `delegates/register.rs`.
#[test]
fn a_template_is_found_beside_its_handler() {
    let rooms = ["delegates", "staff", "organisers", "administration", "editing", "access"];
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
fn one_room_a_file() {
    let too_large = |file: &PathBuf| {
        let lines = read(file).lines().count();
        // A journey's tests may be told at more length.
        let limit = if file.starts_with("tests") { 500 } else { 400 };
        (lines > limit).then(|| format!("{}: {lines} lines; find the seam", file.display()))
    };
    none(&sources("src").iter().chain(&sources("tests")).filter_map(too_large).collect::<Vec<_>>());
}

#[test]
fn nothing_inline_in_pages() {
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

fn may_lean(from: &str, to: &str) -> bool {
    let floor = |name: &str| FLOORS.iter().find(|(_, modules)| modules.contains(&name)).map(|(floor, _)| *floor);
    if from == to || to == GROUND {
        return true;
    }
    if from == GROUND {
        return false;
    }
    match (floor(from), floor(to)) {
        // Those who stand beside the floors use the ground only, as the line above let them.
        (None, _) => false,
        (Some(_), None) => BESIDE.contains(&to),
        // Work without a visitor knows no pages.
        (Some(_), Some(to_floor)) if from == "jobs" => to_floor == 0 || to == "mail",
        (Some(from_floor), Some(to_floor)) => to_floor < from_floor,
    }
}

/// The names behind `crate::`, in `use` lines with and without braces and in paths.
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

/// The top-level module that a file of `src` belongs to.
fn module_of(file: &Path) -> String {
    let inner = file.strip_prefix("src").expect("a file of src");
    let first = inner.components().next().expect("a name");
    first.as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
}

/// The file's lines without those that are comments.
pub fn code(file: &Path) -> String {
    read(file).lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn read(file: &Path) -> String {
    fs::read_to_string(root().join(file)).expect("a text file")
}

pub fn sources(folder: &str) -> Vec<PathBuf> {
    files(Path::new(folder)).into_iter().filter(|file| file.extension().is_some_and(|kind| kind == "rs")).collect()
}

/// All files under a folder of the project, named from the project's root.
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
fn the_reader_of_use_lines_sees_groups_and_paths() {
    let code = "use crate::web::App;\nuse crate::{\n    domain::{Role, Secret},\n    store::accounts::{self, SignedIn}, urls,\n};\nlet x = crate::mail::send();";
    assert_eq!(uses(code).into_iter().collect::<Vec<_>>(), ["domain", "mail", "store", "urls", "web"]);
    assert!(may_lean("staff", "access") && may_lean("access", "store") && may_lean("urls", "domain"));
    assert!(!may_lean("web", "access") && !may_lean("staff", "organisers") && !may_lean("mail", "web"));
    assert!(!may_lean("domain", "urls") && !may_lean("store", "web") && !may_lean("jobs", "access"));
}
