//! Rules of the house that no compiler holds. Each message says what to do.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::checkout::Checkout;

/// What is installed, built or generated.
const NOT_OURS: [&str; 5] = [".git", ".local", ".aws-sam", "target", "node_modules"];

fn root() -> PathBuf {
    Checkout::here().unwrap().root
}

/// All files below a folder whose names end in one of `endings`, by path relative to the checkout.
fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let (path, name) = (entry.path(), entry.file_name().into_string().unwrap());
            if path.is_dir() && !NOT_OURS.contains(&name.as_str()) {
                open.push(path);
            } else if path.is_file() && endings.iter().any(|ending| name.ends_with(ending)) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn text(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_default()
}

fn shown(file: &Path) -> String {
    file.strip_prefix(root()).unwrap_or(file).display().to_string()
}

fn assert_none(faults: &[String], advice: &str) {
    assert!(faults.is_empty(), "{advice}:\n  {}", faults.join("\n  "));
}

/// A file's code without its tests.
fn without_tests(text: &str) -> &str {
    text.split_once("#[cfg(test)]").map_or(text, |(code, _)| code)
}

fn pascal(name: &str) -> String {
    let capital = |word: &str| {
        word.get(..1)
            .map(|first| first.to_ascii_uppercase() + word.get(1..).unwrap())
            .unwrap_or_default()
    };
    name.split('-').map(capital).collect()
}

/// Texts between back-ticks, outside of fenced blocks.
fn back_ticked(markdown: &str) -> Vec<&str> {
    let mut fenced = false;
    let mut found = Vec::new();
    for line in markdown.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            found.extend(line.split('`').skip(1).step_by(2));
        }
    }
    found
}

#[test]
fn every_source_file_begins_with_a_sentence_about_itself() {
    let faults: Vec<_> = files(&root(), &[".rs"])
        .iter()
        .filter(|file| !text(file).starts_with("//! "))
        .map(|file| shown(file))
        .collect();
    assert_none(&faults, "begin these files with one `//!` sentence that says what they are for");
}

#[test]
fn manifests_inherit_lints_and_versions() {
    let mut faults = Vec::new();
    for file in files(&root(), &["Cargo.toml"]) {
        let manifest = text(&file);
        if manifest.contains("[workspace]") {
            continue;
        }
        if !manifest.contains("[lints]\nworkspace = true") {
            faults.push(format!("{}: add `[lints]` with `workspace = true`", shown(&file)));
        }
        let mut section = "";
        for line in manifest.lines() {
            if line.starts_with('[') {
                section = line;
            } else if section.ends_with("dependencies]")
                && line.contains('=')
                && !line.contains("workspace = true")
                && !line.contains("path = ")
            {
                faults.push(format!(
                    "{}: `{line}` belongs into [workspace.dependencies]",
                    shown(&file)
                ));
            }
        }
    }
    assert_none(&faults, "every version, feature and lint stands in the workspace's Cargo.toml");
}

/// These depend on what others use: one takes in each function's `main.rs`, the other asks for the features of tests.
const FOR_OTHERS: [&str; 2] = ["emulator/functions/Cargo.toml", "tests/Cargo.toml"];

/// What nobody names is compiled all the same, and the crates that wait for it wait.
#[test]
fn every_dependency_is_used() {
    let mut faults = Vec::new();
    for file in files(&root(), &["Cargo.toml"]) {
        let (folder, manifest) = (file.parent().unwrap(), text(&file));
        if manifest.contains("[workspace]") || FOR_OTHERS.contains(&shown(&file).as_str()) {
            continue;
        }
        let sources: String = files(folder, &[".rs"]).iter().map(|source| text(source)).collect();
        let words: BTreeSet<_> =
            sources.split(|part: char| !part.is_alphanumeric() && part != '_').collect();
        let mut section = "";
        for line in manifest.lines() {
            if line.starts_with('[') {
                section = line;
            }
            let name = line.split(['.', ' ', '=']).next().unwrap_or_default();
            // The crate calls itself otherwise than its package.
            let called = if name == "rustls-webpki" { "webpki" } else { name }.replace('-', "_");
            if section.ends_with("dependencies]")
                && line.contains('=')
                && !line.starts_with('#')
                && !words.contains(called.as_str())
            {
                faults.push(format!("{}: {name}", shown(&file)));
            }
        }
    }
    assert_none(&faults, "no code of the crate names these dependencies");
}

/// The table is the store's affair. Simulators, measurements and tests have no store of the portal's and may look at it.
#[test]
fn only_the_store_knows_dynamodb() {
    let may = |manifest: &str| {
        ["shared/store/", "bench/", "tests/", "emulator/", "functions/simulate-"]
            .iter()
            .any(|place| manifest.starts_with(place))
    };
    let faults: Vec<_> = files(&root(), &["Cargo.toml"])
        .iter()
        .filter(|file| {
            !text(file).contains("[workspace]") && text(file).contains("aws-sdk-dynamodb")
        })
        .map(|file| shown(file))
        .filter(|manifest| !may(manifest))
        .collect();
    assert_none(&faults, "let the store do it");
}

/// Without these words cargo links a program of tests, or starts rustdoc, for each crate that has none: minutes in all.
#[test]
fn no_crate_is_compiled_to_run_no_tests() {
    let mut faults = Vec::new();
    for manifest in files(&root(), &["Cargo.toml"]) {
        let (folder, said) = (manifest.parent().unwrap(), text(&manifest));
        let said_of = |target: &str| {
            let (_, said) = said.split_once(target).unwrap_or_default();
            said.split("\n[").next().unwrap_or_default().to_owned()
        };
        let sources = folder.join("src");
        let (lib, main) = (sources.join("lib.rs"), sources.join("main.rs"));
        let has_examples = files(&sources, &[".rs"]).iter().any(|file| {
            text(file).lines().any(|line| {
                line.trim_start().trim_start_matches(['/', '!']).trim_start().starts_with("```")
            })
        });
        if lib.exists() && !has_examples && !said_of("[lib]").contains("doctest = false") {
            faults.push(format!("{}: `[lib]` lacks `doctest = false`", shown(&manifest)));
        }
        // A program beside a library only wires: what it does is tested in the library.
        if lib.exists() && main.exists() && !said_of("[[bin]]").contains("test = false") {
            faults.push(format!("{}: `[[bin]]` lacks `test = false`", shown(&manifest)));
        }
    }
    assert_none(&faults, "say what has no tests");
}

/// What only tests depend on may ask for more features of what programs are made of: cargo would then compile that, and all
/// that uses it, once for programs and once for tests.
#[test]
fn tests_and_programs_are_made_of_the_same_features() {
    let features = |edges: &str| -> BTreeMap<String, BTreeSet<String>> {
        let mut cargo = Command::new("cargo");
        cargo.args(["tree", "--workspace", "--locked", "--offline", "--prefix", "none"]);
        cargo.args(["--edges", edges, "--format", "{p}|{f}"]).current_dir(root());
        let told = String::from_utf8(cargo.output().unwrap().stdout).unwrap();
        let mut features: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (package, of) in told.lines().filter_map(|line| line.split_once('|')) {
            features.entry(package.to_owned()).or_default().insert(of.replace(" (*)", ""));
        }
        features
    };
    let (programs, tests) = (features("normal,build"), features("normal,build,dev"));
    assert!(programs.len() > 100, "the packages were not found: {}", programs.len());
    let faults: Vec<_> = programs
        .iter()
        .filter(|(package, of)| tests.get(*package) != Some(of))
        .map(|(package, of)| format!("{package}: {of:?}, with tests {:?}", tests.get(package)))
        .collect();
    assert_none(&faults, "let tests/Cargo.toml depend on what asks for them, too");
}

/// Code that two functions share belongs to one of the shared crates. The simulators show one population and are no
/// part of the portal.
#[test]
fn functions_do_not_depend_on_each_other() {
    let checkout = Checkout::here().unwrap();
    let functions = checkout.functions().unwrap();
    let mut faults = Vec::new();
    for name in functions.iter().filter(|name| !name.starts_with("simulate-")) {
        let manifest = text(&checkout.root.join("functions").join(name).join("Cargo.toml"));
        let needs = |other: &&String| {
            manifest.lines().any(|line| {
                line.starts_with(&format!("{other} ")) || line.starts_with(&format!("{other}."))
            })
        };
        faults.extend(
            functions.iter().filter(needs).map(|other| format!("{name} depends on {other}")),
        );
    }
    assert_none(&faults, "move what they share to a shared crate");
}

/// What a line such as `pub(crate) struct Name {` declares, from the name on.
fn declared_type(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let line = line.strip_prefix("pub(crate) ").or(line.strip_prefix("pub ")).unwrap_or(line);
    line.strip_prefix("struct ").or(line.strip_prefix("enum "))
}

fn word_of(text: &str) -> String {
    text.chars().take_while(|letter| letter.is_alphanumeric()).collect()
}

/// docs/openapi.json has one schema a name: of two types with the same one the last would describe both.
#[test]
fn every_shape_of_the_api_has_a_name_of_its_own() {
    let root = root();
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in
        ["functions", "shared"].iter().flat_map(|folder| files(&root.join(folder), &[".rs"]))
    {
        let text = text(&file);
        for shape in text.split("ToSchema)]").skip(1) {
            let renamed = shape.trim_start().strip_prefix("#[schema(as = ");
            let declared = shape.lines().find_map(declared_type);
            let named = renamed.or(declared).unwrap_or_default();
            names.entry(word_of(named)).or_default().push(shown(&file));
        }
        // `form!` describes the bodies that it reads.
        for form in text.split("\nform! {").skip(1) {
            let body = form.split_once("\n}").map_or(form, |(body, _)| body);
            for declared in body.lines().filter_map(declared_type) {
                names.entry(word_of(declared)).or_default().push(shown(&file));
            }
        }
    }
    assert!(names.len() > 50, "the shapes were not found: {}", names.len());
    let twice = names.iter().filter(|(_, files)| files.len() > 1);
    let faults: Vec<_> =
        twice.map(|(name, files)| format!("{name}: {}", files.join(", "))).collect();
    assert_none(&faults, "rename one of each, or let both use one type");
}

/// Folder = package = SAM resource = events folder = integration test = row in the README.
#[test]
fn a_function_has_one_name_everywhere() {
    let root = root();
    let functions = Checkout::here().unwrap().functions().unwrap();
    let (template, readme) = (text(&root.join("template.yaml")), text(&root.join("README.md")));
    let mut faults = Vec::new();
    for name in &functions {
        let mut wants = |there: bool, what: String| {
            if !there {
                faults.push(format!("{name}: {what}"));
            }
        };
        let package = text(&root.join("functions").join(name).join("Cargo.toml"));
        wants(
            package.contains(&format!("name = \"{name}\"")),
            format!("its package is to be called `{name}`"),
        );
        wants(
            template.contains(&format!("\n  {}Function:\n", pascal(name))),
            format!("template.yaml lacks {}Function", pascal(name)),
        );
        wants(
            template.contains(&format!("CodeUri: target/lambda/{name}/\n")),
            "template.yaml lacks its CodeUri".to_owned(),
        );
        wants(
            template.contains(&format!("FunctionName: !Sub ${{AWS::StackName}}-{name}\n")),
            "template.yaml lacks its FunctionName".to_owned(),
        );
        let events = root.join("events").join(name);
        wants(
            !files(&events, &[".json"]).is_empty(),
            format!("events/{name}/ lacks a captured payload"),
        );
        let module = name.replace('-', "_");
        wants(
            text(&root.join("emulator/functions/src/main.rs")).contains(&format!(
                "    {module} \"{name}\" \"../../../functions/{name}/src/main.rs\",\n"
            )),
            "emulator/functions does not hold it".to_owned(),
        );
        let has_tests = ["integration", "alone"].iter().any(|suite| {
            let suite = root.join("tests").join(suite);
            suite.join(format!("{module}.rs")).exists()
                && text(&suite.join("main.rs")).contains(&format!("mod {module};"))
        });
        wants(
            has_tests,
            format!("tests/integration/{module}.rs is missing or not a module of the suite"),
        );
        wants(
            readme.lines().any(|line| line.starts_with(&format!("| {name} |"))),
            "README.md lacks its row".to_owned(),
        );
    }
    for resource in
        template.lines().filter_map(|line| line.strip_prefix("  ")?.strip_suffix("Function:"))
    {
        let is_global = resource.is_empty();
        if !is_global && !functions.iter().any(|name| pascal(name) == resource) {
            faults.push(format!("{resource}Function in template.yaml has no folder"));
        }
    }
    assert_none(&faults, "a function has one name everywhere");
}

#[test]
fn captured_events_are_json() {
    let events = files(&root().join("events"), &[".json"]);
    let faults: Vec<_> = events
        .iter()
        .filter_map(|file| {
            serde_json::from_str::<serde_json::Value>(&text(file))
                .err()
                .map(|error| format!("{}: {error}", shown(file)))
        })
        .collect();
    assert_none(&faults, "mend these payloads");
}

#[test]
fn every_path_in_the_documents_exists() {
    let root = root();
    let top: BTreeSet<String> = fs::read_dir(&root)
        .unwrap()
        .flatten()
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    let mut faults = Vec::new();
    for file in files(&root, &[".md"]) {
        let content = text(&file);
        for word in back_ticked(&content) {
            let plain = word
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || "/._-".contains(letter));
            let first = word.split('/').next().unwrap_or_default();
            let generated = word.split('/').any(|folder| NOT_OURS.contains(&folder));
            if plain
                && word.contains('/')
                && top.contains(first)
                && !generated
                && !root.join(word).exists()
            {
                faults.push(format!("{}: `{word}`", shown(&file)));
            }
        }
        for link in content.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = link.split('#').next().unwrap_or_default();
            let local = !path.is_empty() && !path.contains("://") && !path.starts_with("mailto:");
            if local && !file.parent().unwrap().join(path).exists() {
                faults.push(format!("{}: ({link})", shown(&file)));
            }
        }
    }
    assert_none(&faults, "these paths lead nowhere: mend the text or bring the file back");
}

#[test]
fn decisions_have_numbers_of_their_own() {
    let decisions = files(&root().join("docs/adr"), &[".md"]);
    let mut seen = BTreeSet::new();
    let mut faults = Vec::new();
    for decision in decisions {
        let name = decision.file_name().unwrap().to_str().unwrap().to_owned();
        match name.get(..5) {
            _ if name == "README.md" => {}
            Some(number)
                if number.ends_with('-')
                    && number.get(..4).unwrap().chars().all(|digit| digit.is_ascii_digit()) =>
            {
                if !seen.insert(number.to_owned()) {
                    faults.push(format!("{name}: its number is taken"));
                }
            }
            _ => faults.push(format!("{name}: wants four digits and a hyphen in front")),
        }
    }
    assert_none(&faults, "number the decisions");
}

#[test]
fn every_invariant_names_a_test_that_exists() {
    let root = root();
    let sources: String = files(&root, &[".rs"]).iter().map(|file| text(file)).collect();
    let invariants = text(&root.join("docs/invariants.md"));
    let mut faults = Vec::new();
    for line in invariants.lines().filter(|line| line.contains("**Invariant**")) {
        let tests: Vec<_> = line
            .split_once("held by")
            .map(|(_, held)| back_ticked(held))
            .unwrap_or_default()
            .into_iter()
            .map(|test| test.rsplit("::").next().unwrap_or_default())
            .collect();
        if tests.is_empty() {
            faults.push(format!("names no test after `held by`: {line}"));
        }
        let missing = tests.iter().filter(|test| !sources.contains(&format!("fn {test}(")));
        faults.extend(missing.map(|test| format!("there is no test `{test}`: {line}")));
    }
    assert_none(&faults, "an invariant that no test holds is a wish");
}

/// `"APP#` and the like.
fn spells_a_key(line: &str) -> bool {
    line.split('"').skip(1).any(|rest| {
        let word = rest.trim_start_matches(|letter: char| letter.is_ascii_uppercase());
        word.len() + 2 <= rest.len() && word.starts_with('#')
    })
}

#[test]
fn only_the_keys_module_spells_a_key() {
    let mut faults = Vec::new();
    // Integration tests spell keys on purpose: taken from the code under test they would check nothing.
    for folder in ["functions", "shared", "tests/harness", "tests/bin"] {
        for file in files(&root().join(folder), &[".rs"]) {
            if file.ends_with("store/src/keys.rs") {
                continue;
            }
            let content = text(&file);
            let lines =
                without_tests(&content).lines().enumerate().filter(|(_, line)| spells_a_key(line));
            faults.extend(
                lines.map(|(number, line)| {
                    format!("{}:{}: {}", shown(&file), number + 1, line.trim())
                }),
            );
        }
    }
    assert_none(&faults, "take keys from store::keys");
}

#[test]
fn the_domain_knows_no_world() {
    let mut faults = Vec::new();
    for file in files(&root().join("shared/domain/src"), &[".rs"]) {
        let content = text(&file);
        for word in [
            "aws_",
            "lambda_",
            "tokio",
            "async ",
            "std::env",
            "std::fs",
            "SystemTime",
            "Timestamp::now",
            "getrandom",
        ] {
            if without_tests(&content)
                .lines()
                .any(|line| !line.trim_start().starts_with("//") && line.contains(word))
            {
                faults.push(format!("{}: `{word}`", shown(&file)));
            }
        }
    }
    assert_none(&faults, "instants, random values and what is stored come as arguments");
}

/// What tells people to reload a page: the pages learn what is new by themselves, and what was typed would be lost.
const RELOADS: [&str; 8] = [
    "ricarica la pagina",
    "ricaricare la pagina",
    "aggiorna la pagina",
    "aggiornare la pagina",
    "aggiorna la pratica",
    "aggiorna l'elenco",
    "aggiorna il riepilogo",
    "riapri la pagina",
];

#[test]
fn no_text_tells_people_to_reload_a_page() {
    let folders = ["functions", "shared"].map(|folder| root().join(folder));
    let texts = folders.iter().flat_map(|folder| files(folder, &[".rs", ".txt", ".html", ".toml"]));
    let faults: Vec<_> = texts
        .filter(|file| {
            let text = text(file).to_lowercase();
            RELOADS.iter().any(|told| text.contains(told))
        })
        .map(|file| shown(&file))
        .collect();
    assert_none(&faults, "say what to look at or do instead of telling people to reload");
}

/// The project is whole by itself: it says what it needs in its own words.
#[test]
fn nothing_points_outside_of_the_checkout() {
    let outside: Vec<String> = ["spec", "facts", "sources", "style.md"]
        .iter()
        .map(|name| format!("../shared/{name}"))
        .collect();
    let mut faults = Vec::new();
    for file in files(&root(), &[".rs", ".md", ".toml", ".yaml", ".py", ".ts", ".tsx", ".sh"]) {
        let content = text(&file);
        if !file.ends_with("xtask/src/tidy.rs") && outside.iter().any(|path| content.contains(path))
        {
            faults.push(shown(&file));
        }
    }
    assert_none(&faults, "say it in the project's own words");
}

#[test]
fn a_spelled_key_is_recognised() {
    assert!(spells_a_key(r#"format!("APP#{id}")"#));
    assert!(!spells_a_key(r##"r#"{"a":1}"#"##));
    assert!(!spells_a_key(r#"let colour = "x#y";"#));
}

/// From the world's side to the core: each crate may use those after it, never those before.
const LAYERS: [&str; 4] = ["edge", "store", "outside", "domain"];

/// Crates of ours that a piece of code names in a path.
fn names_crate(code: &str, name: &str) -> bool {
    code.lines().filter(|line| !line.trim_start().starts_with("//")).any(|line| {
        line.match_indices(&format!("{name}::")).any(|(place, _)| {
            let before = line.get(..place).and_then(|text| text.chars().next_back());
            before.is_none_or(|letter| !letter.is_alphanumeric() && letter != '_' && letter != ':')
        })
    })
}

/// functions, then edge, store, outside, domain: what is further down knows nothing of what is above it.
#[test]
fn no_import_runs_back_up() {
    let root = root();
    let functions = Checkout::here().unwrap().functions().unwrap();
    let mut faults = Vec::new();
    for (place, layer) in LAYERS.iter().enumerate() {
        let above = LAYERS.iter().take(place).map(|name| (*name).to_owned());
        let above: Vec<_> =
            above.chain(functions.iter().map(|name| name.replace('-', "_"))).collect();
        for file in files(&root.join("shared").join(layer).join("src"), &[".rs"]) {
            let content = text(&file);
            let named = above.iter().filter(|name| names_crate(&content, name));
            faults.extend(named.map(|name| format!("{} uses {name}", shown(&file))));
        }
        let manifest = text(&root.join("shared").join(layer).join("Cargo.toml"));
        let depends = above.iter().filter(|name| manifest.contains(&format!("\n{name}.workspace")));
        faults.extend(depends.map(|name| format!("shared/{layer} depends on {name}")));
    }
    assert_none(&faults, "move what both need down, or hand it in as an argument");
}

/// `crate::a::{b, c::d}` in the words of its parts; the caller resolves `super` and `self`.
fn imports(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for rest in code.split("crate::").skip(1) {
        let mut open = vec![String::from("crate")];
        let mut word = String::new();
        let mut path = open.first().cloned().unwrap_or_default();
        for letter in rest.chars() {
            match letter {
                letter if letter.is_alphanumeric() || letter == '_' => word.push(letter),
                ':' => {
                    if !word.is_empty() {
                        path = format!("{path}::{}", std::mem::take(&mut word));
                    }
                }
                '{' => open.push(path.clone()),
                ',' | '}' if open.len() > 1 => {
                    if !word.is_empty() {
                        found.push(format!("{path}::{}", std::mem::take(&mut word)));
                    }
                    if letter == '}' {
                        open.pop();
                        if open.len() == 1 {
                            break;
                        }
                    }
                    path = open.last().cloned().unwrap_or_default();
                }
                letter if letter.is_whitespace() && open.len() > 1 => {}
                _ => break,
            }
        }
        if open.len() == 1 && !word.is_empty() {
            found.push(format!("{path}::{word}"));
        }
    }
    found
}

#[test]
fn imports_are_read_whatever_their_braces() {
    assert_eq!(
        imports("use crate::{keys::{self, Key}, rows::StoreError, table};"),
        ["crate::keys::self", "crate::keys::Key", "crate::rows::StoreError", "crate::table"]
    );
    assert_eq!(imports("crate::aws::random()?"), ["crate::aws::random"]);
}

/// The files of a crate by their module paths, each with the files whose contents it uses.
fn uses_of_files(folder: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let module = |file: &Path| {
        let path = file.strip_prefix(folder).unwrap().with_extension("");
        let parts: Vec<_> =
            path.iter().map(|part| part.to_str().unwrap()).filter(|part| *part != "mod").collect();
        if parts == ["lib"] { "crate".to_owned() } else { format!("crate::{}", parts.join("::")) }
    };
    let all: Vec<_> = files(folder, &[".rs"])
        .into_iter()
        .filter(|file| !file.components().any(|part| part.as_os_str() == "tests"))
        .filter(|file| !file.ends_with("tests.rs"))
        .collect();
    let modules: BTreeSet<_> = all.iter().map(|file| module(file)).collect();
    let mut uses = BTreeMap::new();
    for file in &all {
        let name = module(file);
        let content = text(file);
        let content: String = without_tests(&content)
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .flat_map(|line| [line, "\n"])
            .collect();
        let parent = name.rsplit_once("::").map_or("crate", |(parent, _)| parent);
        let resolved = content
            .replace("super::", &format!("{parent}::"))
            .replace("self::", &format!("{name}::"));
        // A re-export of a file below does not count as a use of it.
        let resolved: String = resolved
            .split_inclusive(';')
            .filter(|statement| !statement.trim_start().starts_with("pub use "))
            .collect();
        let used = imports(&resolved).into_iter().filter_map(|import| {
            let mut path = import.as_str();
            loop {
                if modules.contains(path) {
                    return Some(path.to_owned());
                }
                path = path.rsplit_once("::")?.0;
            }
        });
        // A file and the files below it belong together: a use of a file above does not leave the group.
        let used = used.filter(|other| *other != name && !name.starts_with(&format!("{other}::")));
        let used = used.collect();
        uses.insert(name, used);
    }
    uses
}

/// A circle of files, if there is one: each uses the next, the last the first.
fn circle(uses: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<String>> {
    fn walk(
        uses: &BTreeMap<String, BTreeSet<String>>,
        at: &str,
        path: &mut Vec<String>,
        done: &mut BTreeSet<String>,
    ) -> Option<Vec<String>> {
        if let Some(begin) = path.iter().position(|before| before == at) {
            return Some(path.get(begin..).unwrap_or_default().to_vec());
        }
        if !done.insert(at.to_owned()) {
            return None;
        }
        path.push(at.to_owned());
        let found = uses.get(at)?.iter().find_map(|next| walk(uses, next, path, done));
        path.pop();
        found
    }
    let mut done = BTreeSet::new();
    uses.keys().find_map(|file| walk(uses, file, &mut Vec::new(), &mut done))
}

#[test]
fn a_circle_is_found() {
    let uses = |pairs: &[(&str, &str)]| {
        let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (from, to) in pairs {
            uses.entry((*from).to_owned()).or_default().insert((*to).to_owned());
            uses.entry((*to).to_owned()).or_default();
        }
        uses
    };
    assert_eq!(circle(&uses(&[("a", "b"), ("b", "c"), ("a", "c")])), None);
    assert_eq!(circle(&uses(&[("a", "b"), ("b", "c"), ("c", "b")])).unwrap().len(), 2);
}

/// Files that use each other can only be understood, moved and tested together.
#[test]
fn no_files_use_each_other_in_a_circle() {
    let root = root();
    let functions = Checkout::here().unwrap().functions().unwrap();
    let shared = LAYERS.iter().map(|layer| format!("shared/{layer}/src"));
    let functions = functions.iter().map(|name| format!("functions/{name}/src"));
    let others = ["bench/src", "simulate/src"].map(str::to_owned);
    let faults: Vec<_> = shared
        .chain(functions)
        .chain(others)
        .filter_map(|folder| {
            let circle = circle(&uses_of_files(&root.join(&folder)))?;
            Some(format!("{folder}: {}", circle.join(" → ")))
        })
        .collect();
    assert_none(&faults, "move what both need into a file of its own");
}
