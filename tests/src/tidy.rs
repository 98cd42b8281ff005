//! The rules of the repository.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

/// A route of the template.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    pub(crate) method: String,
    pub(crate) path: String,
}

impl Route {
    pub(crate) fn key(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// How the paths of the API begin.
const API: &str = "/v1/";

/// A function of the template: its folder and its part of the text.
struct Function {
    name: String,
    logical_id: String,
    block: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// A file of the repository.
pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The functions of the template, by its conventions: two spaces before a logical id.
fn functions() -> Vec<Function> {
    let template = read("template.yaml");
    let mut blocks: Vec<(String, String)> = Vec::new();
    for line in template.lines() {
        let is_id = line.starts_with("  ") && !line.starts_with("   ") && line.ends_with(':') && !line.contains('#');
        if is_id || !line.starts_with(' ') {
            blocks.push((line.trim().trim_end_matches(':').to_owned(), String::new()));
        }
        if let Some((_, block)) = blocks.last_mut() {
            block.push_str(line);
            block.push('\n');
        }
    }
    let functions = blocks.into_iter().filter(|(_, block)| block.contains("Type: AWS::Serverless::Function"));
    functions
        .map(|(logical_id, block)| {
            let binary = block.split("Binary: ").nth(1).unwrap_or_else(|| panic!("{logical_id} has no Binary"));
            let name = binary.split([' ', '}', '\n']).next().unwrap().to_owned();
            Function { name, logical_id, block }
        })
        .collect()
}

/// The routes of the API: those that `docs/openapi.json` describes.
pub(crate) fn routes() -> Vec<Route> {
    all_routes().into_iter().filter(|route| route.path.starts_with(API)).collect()
}

/// The routes of the portal: pages and files for browsers. Whoever asks gets them, so there is nobody to refuse.
pub(crate) fn portal_routes() -> Vec<Route> {
    all_routes().into_iter().filter(|route| !route.path.starts_with(API)).collect()
}

fn all_routes() -> Vec<Route> {
    let mut routes = Vec::new();
    for function in functions() {
        let value = |name: &str| {
            let lines = function.block.lines().map(str::trim);
            lines.filter_map(|line| line.strip_prefix(name)).map(|value| value.trim().to_owned()).collect::<Vec<_>>()
        };
        for (method, path) in value("Method:").into_iter().zip(value("Path:")) {
            routes.push(Route { method: method.to_uppercase(), path });
        }
    }
    routes
}

/// The recorded events, by function.
pub(crate) fn events() -> Vec<(String, Value)> {
    let name = |file: &PathBuf| file.file_stem().unwrap().to_str().unwrap().to_owned();
    let event = |file: &PathBuf| serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    files("events", "json").iter().map(|file| (name(file), event(file))).collect()
}

fn folders(path: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(root().join(path)).unwrap().map(Result::unwrap);
    entries.filter(|entry| entry.path().is_dir()).map(|entry| entry.file_name().into_string().unwrap()).collect()
}

/// Every file of a kind under a folder.
fn files(under: &str, kind: &str) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![root().join(under)]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let is_ours = !entry.ends_with("target") && !entry.ends_with("node_modules");
            if entry.is_dir() && is_ours {
                folders.push(entry);
            } else if entry.extension().is_some_and(|extension| extension == kind) {
                found.push(entry);
            }
        }
    }
    found
}

#[test]
fn every_function_is_a_folder_a_package_a_resource_and_an_event() {
    let functions = functions();
    let names: BTreeSet<String> = functions.iter().map(|function| function.name.clone()).collect();
    assert_eq!(names, folders("functions"));
    for Function { name, logical_id, .. } in &functions {
        let pascal: String =
            name.split('-').map(|word| format!("{}{}", word[..1].to_uppercase(), &word[1..])).collect();
        assert_eq!(*logical_id, pascal);
        assert!(read(&format!("functions/{name}/Cargo.toml")).contains(&format!("name = \"{name}\"")), "{name}");
    }
    let events: BTreeSet<String> = events().into_iter().map(|(name, _)| name).collect();
    assert_eq!(events, names);
}

/// The variables that a method of the configuration reads, itself or through others.
fn variables(config: &str, method: &str) -> BTreeSet<String> {
    let start = config.find(&format!("fn {method}")).unwrap_or_else(|| panic!("config has no {method}"));
    let body = config[start..].split("\n    }\n").next().unwrap();
    let is_variable = |text: &&str| text.len() > 3 && text.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
    let own = body.split('"').skip(1).step_by(2).filter(is_variable).filter(|text| !text.starts_with("AWS_"));
    let mut all: BTreeSet<String> = own.map(str::to_owned).collect();
    for called in body.split("self.").skip(1).filter_map(|rest| rest.split('(').next()) {
        if ["aws", "link_keys", "portals"].contains(&called) {
            all.extend(variables(config, called));
        }
    }
    all
}

#[test]
fn every_variable_that_a_function_reads_is_set_for_it_and_no_other() {
    let config = read("shared/src/config.rs");
    let template = read("template.yaml");
    let global = template.split("\nResources:").next().unwrap();
    assert!(["RUST_LOG:", "STACK_NAME:"].iter().all(|name| global.contains(name)), "what is set for all");
    for Function { name, block, .. } in functions() {
        let main = read(&format!("functions/{name}/src/main.rs"));
        let methods = main.split("env.").skip(1).filter_map(|rest| rest.split('(').next());
        let reads: BTreeSet<String> = methods.flat_map(|method| variables(&config, method)).collect();
        let set = block.split("Variables:\n").nth(1).unwrap_or_default();
        let set = set.lines().take_while(|line| line.starts_with("          "));
        // What is deeper belongs to the value of the variable before it.
        let names = set.filter_map(|line| line.strip_prefix("          ")).filter(|line| !line.starts_with([' ', '#']));
        let set: BTreeSet<String> = names.map(|line| line.split(':').next().unwrap().to_owned()).collect();
        assert_eq!(reads, set, "{name}");
    }
}

#[test]
fn every_route_is_in_the_docs_and_in_its_functions_own_words() {
    for (page, routes) in [("docs/api.md", routes()), ("docs/portal.md", portal_routes())] {
        let docs = read(page);
        for route in routes {
            assert!(docs.contains(&route.key()), "{} is not in {page}", route.key());
        }
    }
    for Function { name, block, .. } in functions() {
        let act = read(&format!("functions/{name}/src/act.rs"));
        let words: String = act.lines().take_while(|line| line.starts_with("//!")).collect();
        for path in block.lines().filter_map(|line| line.trim().strip_prefix("Path: ")) {
            assert!(words.contains(path), "{name} does not say that it is {path}");
        }
    }
}

#[test]
fn every_problem_leads_to_its_section() {
    let source = read("shared/src/http/problem.rs");
    let docs = ["docs/problems.md", "docs/api.md"].iter().filter_map(|path| fs::read_to_string(root().join(path)).ok());
    let docs: String = docs.collect();
    let slugs: BTreeSet<&str> = source
        .split("new(")
        .skip(1)
        .filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next())
        .collect();
    assert!(slugs.len() > 25, "{slugs:?}");
    for slug in slugs {
        assert!(docs.lines().any(|line| line.starts_with('#') && line.contains(slug)), "{slug} has no section");
    }
}

#[test]
fn every_metric_is_explained() {
    let source = read("shared/src/telemetry/metrics.rs");
    let metrics = source.split("enum Metric {").nth(1).unwrap().split('}').next().unwrap();
    let metrics: Vec<&str> = metrics.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    assert!(metrics.len() > 10, "{metrics:?}");
    let docs = read("docs/operations.md");
    for metric in metrics {
        assert!(docs.contains(&format!("`{metric}`")), "{metric} is not in docs/operations.md");
    }
}

#[test]
fn the_domain_is_pure() {
    for file in files("shared/src/domain", "rs") {
        let source = fs::read_to_string(&file).unwrap();
        for word in
            ["aws_", "async ", ".await", "tokio", "lambda_", "std::env", "http::", "crate::store", "crate::config"]
        {
            let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
            let found = code.filter(|line| line.contains(word)).find(|_| !file.ends_with("tests.rs"));
            assert_eq!(found, None, "{word} in {}", file.display());
        }
    }
}

#[test]
fn nothing_scans_and_only_one_place_writes() {
    for folder in ["shared/src", "functions"] {
        for file in files(folder, "rs") {
            let source = fs::read_to_string(&file).unwrap();
            assert!(!source.contains(".scan("), "{}", file.display());
            let writes = [".put_item()", ".update_item()", ".delete_item()", ".transact_write_items()"];
            let is_writer = file.ends_with("store/write.rs");
            assert!(is_writer || !writes.iter().any(|write| source.contains(write)), "{}", file.display());
        }
    }
    assert!(!read("template.yaml").contains("dynamodb:Scan"));
}

/// A heading as links name it: lower case, a hyphen for each space, no punctuation.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn no_link_in_the_docs_is_dead() {
    let mut pages = files("docs", "md");
    pages.extend(["README.md", "CHANGELOG.md", "tests/browser/README.md"].map(|page| root().join(page)));
    let mut links = 0;
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next()) {
            let (path, section) = link.split_once('#').unwrap_or((link, ""));
            if path.starts_with("http") {
                continue;
            }
            let target = if path.is_empty() { page.clone() } else { page.parent().unwrap().join(path) };
            assert!(target.exists(), "{}: {link}", page.display());
            if !section.is_empty() {
                let there = fs::read_to_string(&target).unwrap();
                let headings = there.lines().filter(|line| line.starts_with('#'));
                let is_there = headings.map(|line| anchor(line.trim_start_matches('#').trim())).any(|a| a == section)
                    || there.contains(&format!("<a id=\"{section}\">"));
                assert!(is_there, "{}: {link}", page.display());
            }
            links += 1;
        }
    }
    assert!(links > 100, "{links}");
}

#[test]
fn every_alarm_is_in_the_docs() {
    let (template, docs) = (read("template.yaml") + &read("edge.yaml"), read("docs/operations.md"));
    let alarms: Vec<&str> = template
        .match_indices("Type: AWS::CloudWatch::Alarm")
        .map(|(at, _)| template[..at].trim_end().lines().last().unwrap().trim().trim_end_matches(':'))
        .collect();
    assert!(alarms.len() > 30, "{alarms:?}");
    for id in alarms {
        // What one of a function asks for is the same for all.
        assert!(docs.contains(&format!("`{id}`")) || id.ends_with("Failing"), "{id} is not in docs/operations.md");
    }
}

#[test]
fn nothing_unfinished_is_left_behind() {
    let words = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("unimple", "mented!"), concat!("#[ig", "nore")];
    let kinds = ["rs", "js", "mjs", "css", "html"];
    for file in ["shared", "functions", "local", "tests"]
        .iter()
        .flat_map(|folder| kinds.map(|kind| files(folder, kind)))
        .flatten()
    {
        let source = fs::read_to_string(&file).unwrap();
        for word in words {
            assert!(!source.contains(word), "{word} in {}", file.display());
        }
    }
}

#[test]
fn only_the_portal_and_the_preview_ask_nobody_who_calls() {
    let open: Vec<String> = functions()
        .into_iter()
        .filter(|function| function.block.contains("Authorizer: NONE"))
        .map(|function| function.name)
        .collect();
    assert_eq!(open, ["portal", "preview-invitation"]);
    for Function { name, block, .. } in functions() {
        let routes = block.lines().filter(|line| line.trim().starts_with("Path: ")).count();
        let opted_out = block.lines().filter(|line| line.trim() == "Auth: { Authorizer: NONE }").count();
        assert!(opted_out == 0 || opted_out == routes, "{name} asks on some routes and not on others");
    }
}

#[test]
fn what_takes_the_rest_of_a_path_has_the_one_name_for_which_sam_makes_a_right_to_invoke() {
    let greedy = all_routes().into_iter().map(|route| route.path).filter(|path| path.contains("+}"));
    for path in greedy {
        assert!(path.ends_with("/{proxy+}"), "{path}");
    }
}

#[test]
fn the_portal_may_do_nothing_and_knows_no_table() {
    let portal = functions().into_iter().find(|function| function.name == "portal").unwrap();
    assert!(!portal.block.contains("Policies:") && !portal.block.contains("Table"), "{}", portal.block);
    for file in files("functions/portal/src", "rs") {
        assert!(!fs::read_to_string(&file).unwrap().contains("shared::store"), "{}", file.display());
    }
}

#[test]
fn the_log_of_the_api_has_no_path_no_query_and_no_header() {
    let template = read("template.yaml");
    let format = template.split("AccessLogSettings:").nth(1).unwrap().split("\n\n").next().unwrap();
    let logged: BTreeSet<&str> = format.split("$context.").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    // `path`, `domainName` and the like would hold a link whose `#` became `%23`.
    let known = [
        "requestId",
        "requestTime",
        "routeKey",
        "status",
        "responseLatency",
        "identity.sourceIp",
        "authorizer.tenant",
        "authorizer.error",
        "integrationErrorMessage",
    ];
    assert_eq!(logged, BTreeSet::from(known));
}

/// Where a module of the portal imports from: what stands between quotes behind `from` or `import`.
fn imports(source: &str) -> impl Iterator<Item = &str> {
    let behind = ["from '", "import '", "import('"].into_iter().flat_map(|word| source.split(word).skip(1));
    behind.filter_map(|rest| rest.split('\'').next()).filter(|path| !path.contains("${"))
}

#[test]
fn every_file_that_the_portal_names_is_there() {
    let web = root().join("functions/portal/web");
    for file in files("functions/portal/web", "js") {
        let source = fs::read_to_string(&file).unwrap();
        let code: String = source
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .map(|line| format!("{line}\n"))
            .collect();
        for path in imports(&code) {
            assert!(path.starts_with('.'), "{} imports {path}, which is no file of its own", file.display());
            assert!(
                file.parent().unwrap().join(path).is_file(),
                "{} imports {path}, and there is none",
                file.display()
            );
        }
    }
    let index = read("functions/portal/web/index.html");
    let named: Vec<&str> = index.split("\"%ASSETS%/").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(named.contains(&"main.js"), "{named:?}");
    for name in named {
        assert!(web.join(name).is_file(), "index.html names {name}");
    }
}

#[test]
fn the_portal_makes_no_markup_of_text_and_no_code_of_it_either() {
    for file in files("functions/portal/web", "js") {
        let source = fs::read_to_string(&file).unwrap();
        for word in
            ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "DOMParser"]
        {
            let code = source.lines().filter(|line| !line.trim_start().starts_with(['/', '*']));
            assert_eq!(code.filter(|line| line.contains(word)).count(), 0, "{word} in {}", file.display());
        }
    }
}
