//! The files of a module do not depend on each other in a circle, however many files are involved.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::house::{code, none, sources};

/// The path of a file in the module tree: `["store", "attendees", "list"]`.
type Place = Vec<String>;

/// Returns all files without comments and unit tests.
type Files = BTreeMap<Place, String>;

#[test]
fn no_file_leans_on_one_that_leans_on_it() {
    let mut files = Files::new();
    for file in sources("src") {
        let inner = file.strip_prefix("src").expect("a file of src").with_extension("");
        let mut place: Place = inner.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        place.pop_if(|last| last == "mod");
        files.insert(place, without_tests(&code(&file)));
    }
    none(&circles(&files));
}

fn without_tests(code: &str) -> String {
    code.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned()
}

/// Returns the shortest circle through each file that is in one.
fn circles(files: &Files) -> Vec<String> {
    let arrows: BTreeMap<&Place, BTreeSet<Place>> = files.keys().map(|from| (from, leans_on(files, from))).collect();
    let found: BTreeSet<_> = files.keys().filter_map(|start| circle(&arrows, start)).collect();
    found.into_iter().collect()
}

/// Returns the shortest circle through a file, starting with the first name in alphabetical order.
fn circle(arrows: &BTreeMap<&Place, BTreeSet<Place>>, start: &Place) -> Option<String> {
    let mut ways = VecDeque::from([vec![start.clone()]]);
    let mut seen = BTreeSet::new();
    while let Some(way) = ways.pop_front() {
        for next in &arrows[way.last()?] {
            if next == start {
                let first = way.iter().enumerate().min_by_key(|(_, place)| *place)?.0;
                let mut names: Vec<_> = way.iter().map(|place| place.join("::")).collect();
                names.rotate_left(first);
                return Some(format!("{} → {}", names.join(" → "), names[0]));
            }
            if seen.insert(next.clone()) {
                ways.push_back([way.clone(), vec![next.clone()]].concat());
            }
        }
    }
    None
}

/// Returns the files of the same module that a file uses. A `pub use` alone does not count as use.
fn leans_on(files: &Files, from: &Place) -> BTreeSet<Place> {
    let (trees, body) = split_uses(&files[from]);
    let used = trees.iter().filter(|(is_public, _)| !is_public).flat_map(|(_, tree)| paths(tree));
    let named = body.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | ':'))).filter(|run| run.contains("::"));
    let named = named.flat_map(paths);
    used.chain(named)
        .filter_map(|path| meant(files, from, &path))
        .filter(|to| to != from && !to.is_empty() && to.first() == from.first())
        .collect()
}

/// Returns the file that defines what a path names, if it is a file of this program.
fn meant(files: &Files, from: &Place, path: &[String]) -> Option<Place> {
    let up = path.iter().take_while(|part| *part == "super").count();
    let (at, rest) = match path.first()?.as_str() {
        "crate" => (Place::new(), &path[1..]),
        "self" => (from.clone(), &path[1..]),
        "super" => (from[..from.len().checked_sub(up)?].to_vec(), &path[up..]),
        first if files.contains_key(&[from.clone(), vec![first.to_owned()]].concat()) => (from.clone(), path),
        _ => return None,
    };
    Some(down(files, at, rest))
}

/// Follows a path from a module into its files, and through `pub use`.
fn down(files: &Files, mut at: Place, path: &[String]) -> Place {
    let mut parts = path.iter();
    let mut part = parts.next();
    while let Some(name) = part {
        let inner = [at.clone(), vec![name.clone()]].concat();
        if files.contains_key(&inner) {
            at = inner;
            part = parts.next();
            continue;
        }
        let passed_on = files.get(&at).into_iter().flat_map(|code| split_uses(code).0);
        let passed_on = passed_on.filter(|(is_public, _)| *is_public).flat_map(|(_, tree)| named_paths(&tree));
        let found = passed_on.filter(|(as_name, _)| as_name == name).find_map(|(_, path)| meant(files, &at, &path));
        return found.filter(|to| *to != at).unwrap_or(at);
    }
    at
}

/// Returns the trees of `use` and whether each is public, and the rest of the code.
fn split_uses(code: &str) -> (Vec<(bool, String)>, String) {
    let (mut uses, mut rest) = (Vec::new(), String::new());
    let mut lines = code.lines();
    while let Some(line) = lines.next() {
        let line = line.trim_start();
        let public = line.strip_prefix("pub").map(|rest| rest.trim_start_matches(|c| c != ' ').trim_start());
        let Some(tree) = public.unwrap_or(line).strip_prefix("use ") else {
            rest.push_str(line);
            rest.push('\n');
            continue;
        };
        let mut tree = tree.to_owned();
        while !tree.contains(';') {
            tree.push_str(lines.next().expect("a use ends"));
        }
        uses.push((public.is_some(), tree.split(';').next().unwrap_or_default().to_owned()));
    }
    (uses, rest)
}

/// Returns the paths in a tree of `use`: `a::{b, c::d}` has `a::b` and `a::c::d`.
fn paths(tree: &str) -> Vec<Vec<String>> {
    named_paths(tree).into_iter().map(|(_, path)| path).collect()
}

/// Returns the same paths, each with the name that it is imported as.
fn named_paths(tree: &str) -> Vec<(String, Vec<String>)> {
    let parts = |text: &str| -> Vec<String> {
        text.split("::").map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
    };
    let Some((before, inner)) = tree.split_once('{') else {
        let (path, name) = tree.split_once(" as ").map_or((tree, None), |(path, name)| (path, Some(name)));
        let path = parts(path);
        let name = name.map(|name| name.trim().to_owned()).or_else(|| path.last().cloned());
        return name.map(|name| (name, path)).into_iter().collect();
    };
    let before = parts(before);
    let mut depth = 0;
    let within = inner.trim_end().strip_suffix('}').unwrap_or(inner);
    let trees = within.split(|c| {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        c == ',' && depth == 0
    });
    let below = trees.filter(|tree| !tree.trim().is_empty()).flat_map(named_paths);
    below.map(|(name, path)| (name, [before.clone(), path].concat())).collect()
}

#[test]
fn a_circle_is_seen_through_use_lines_paths_and_what_is_passed_on() {
    let files = |files: &[(&str, &str)]| -> Files {
        files.iter().map(|(place, code)| (place.split("::").map(str::to_owned).collect(), (*code).to_owned())).collect()
    };
    let front = ("shop", "mod door;\nmod till;\npub use door::{Door, Lock as Bolt};\n");
    let door = ("shop::door", "use crate::{clock, shop::till::{self, Coin}};\n");
    for leans_back in ["use super::{\n    Door,\n};\n", "let a = super::Bolt::new();", "use crate::shop::door as d;"] {
        let found = circles(&files(&[front, door, ("shop::till", leans_back)]));
        assert_eq!(found, ["shop::door → shop::till → shop::door"], "{leans_back}");
    }
    assert_eq!(
        circles(&files(&[front, door, ("shop::till", "use crate::clock::Door;\nlet a = other::door::b();")])),
        [""; 0]
    );
    let found = circles(&files(&[("shop", "let a = till::count();"), ("shop::till", "use super::Price;")]));
    assert_eq!(found, ["shop → shop::till → shop"]);
    let own = without_tests("use a::b;\n#[cfg(test)]\nmod tests {\n    use super::*;\n}\n");
    assert_eq!(own, "use a::b;\n");
}
