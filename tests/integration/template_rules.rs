//! Rules of `template.yaml`: names, roles, queues, environment; read from the file, and roles and mappings again as SAM deployed them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use domain::campaign::{Campaign, PrivacyPoint, TICKET_RESERVE};
use domain::transparency::MERGE_DELAY;
use harness::emulator::Emulator;
use harness::environment::{Environment, root};
use serde_json::{Map, Value, json};
use serde_norway::Value as Yaml;

/// Types of the emulator's list of what it does not know: each needs the Condition `IsAws`, or nothing deploys locally.
const UNKNOWN_TO_THE_EMULATOR: [&str; 12] = [
    "AWS::WAFv2::WebACLAssociation",
    "AWS::WAFv2::IPSet",
    "AWS::Budgets::Budget",
    "AWS::SES::Template",
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::SecretsManager::RotationSchedule",
    "AWS::SecretsManager::ResourcePolicy",
    "AWS::CloudFront::KeyGroup",
    "AWS::CloudFront::PublicKey",
    "AWS::ApiGatewayV2::Deployment",
    "AWS::Backup::BackupSelection",
    "AWS::CloudTrail::Trail",
];

type Resources = BTreeMap<String, Value>;

/// The template as data, with short tags in their long form.
fn template() -> Value {
    long_form(
        serde_norway::from_str(&fs::read_to_string(root().join("template.yaml")).unwrap()).unwrap(),
    )
}

fn resources(template: &Value) -> Resources {
    template["Resources"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, resource)| (name.clone(), resource.clone()))
        .collect()
}

fn long_form(yaml: Yaml) -> Value {
    match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(value) => json!(value),
        Yaml::Number(number) => {
            number.as_i64().map_or_else(|| json!(number.as_f64()), |number| json!(number))
        }
        Yaml::String(text) => json!(text),
        Yaml::Sequence(values) => values.into_iter().map(long_form).collect(),
        Yaml::Mapping(pairs) => {
            let pair =
                |(key, value): (Yaml, Yaml)| (key.as_str().unwrap().to_owned(), long_form(value));
            Value::Object(pairs.into_iter().map(pair).collect::<Map<_, _>>())
        }
        Yaml::Tagged(tagged) => {
            match (tagged.tag.to_string().trim_start_matches('!'), long_form(tagged.value)) {
                ("Ref", name) => json!({ "Ref": name }),
                ("GetAtt", path) => {
                    json!({ "Fn::GetAtt": path.as_str().unwrap().split('.').collect::<Vec<_>>() })
                }
                (function, value) => json!({ format!("Fn::{function}"): value }),
            }
        }
    }
}

fn of_type<'all>(resources: &'all Resources, kind: &str) -> Vec<(&'all str, &'all Value)> {
    resources
        .iter()
        .filter(|(_, resource)| resource["Type"] == kind)
        .map(|(name, resource)| (name.as_str(), &resource["Properties"]))
        .collect()
}

/// Functions of the source or of the processed template, without `Function` at the end of their names.
fn functions(resources: &Resources) -> Vec<(&str, &Value)> {
    let all = ["AWS::Serverless::Function", "AWS::Lambda::Function"]
        .iter()
        .flat_map(|kind| of_type(resources, kind));
    let functions: Vec<_> = all
        .map(|(name, properties)| {
            (
                name.strip_suffix("Function").expect("a function's resource ends in Function"),
                properties,
            )
        })
        .collect();
    assert!(functions.len() >= 13, "the template has lost functions");
    functions
}

/// `!GetAtt name.attribute` → name.
fn names(reference: &Value) -> &str {
    reference["Fn::GetAtt"][0]
        .as_str()
        .or(reference["Ref"].as_str())
        .unwrap_or_else(|| panic!("{reference} names no resource"))
}

fn list(value: &Value) -> Vec<&Value> {
    value.as_array().map_or_else(|| vec![value], |values| values.iter().collect())
}

/// `SubmitApplication` → `submit-application`.
fn kebab(name: &str) -> String {
    let letter = |(place, letter): (usize, char)| {
        let hyphen = if letter.is_ascii_uppercase() && place > 0 { "-" } else { "" };
        format!("{hyphen}{}", letter.to_ascii_lowercase())
    };
    name.chars().enumerate().map(letter).collect()
}

/// The keys of files of uploads, as `object_key` in `shared/store/src/uploads.rs` makes them.
const FILES_OF_UPLOADS: &str = "app_*/upl_*";

/// `${Bucket.Arn}/*`, in the source's form or as SAM deployed it, all below one prefix, the files of uploads, or one object by
/// its name.
fn is_objects(resource: &Value) -> bool {
    let text = resource["Fn::Sub"].as_str().or(resource.as_str()).unwrap_or_default();
    let Some((bucket, object)) = text.split_once('/') else { return false };
    let named = object.strip_suffix("/*").unwrap_or(object);
    let is_narrow = object == FILES_OF_UPLOADS || !named.contains('*');
    !bucket.contains('*') && (object == "*" || is_narrow)
}

fn roles_are_own_and_exact(resources: &Resources) {
    let mut used = BTreeSet::new();
    for (name, function) in functions(resources) {
        assert_eq!(names(&function["Role"]), format!("{name}Role"), "{name} has a role of its own");
        assert!(
            function["Policies"].is_null(),
            "{name}: SAM's policy templates hide what is allowed"
        );
        used.insert(format!("{name}Role"));
    }
    for (name, role) in of_type(resources, "AWS::IAM::Role") {
        assert!(
            used.contains(name)
                || name
                    .strip_suffix("ScheduleRole")
                    .is_some_and(|function| used.contains(&format!("{function}Role"))),
            "{name} belongs to no function"
        );
        let is_in_a_network = name == "CheckUploadRole"
            && role["ManagedPolicyArns"]["Fn::If"][0] == "HasScanner"
            && role["ManagedPolicyArns"].to_string().contains("AWSLambdaVPCAccessExecutionRole");
        assert!(
            role["ManagedPolicyArns"].is_null() || is_in_a_network,
            "{name} has managed policies, whose statements say `*`"
        );
        for policy in list(&role["Policies"]) {
            for statement in list(&policy["PolicyDocument"]["Statement"]) {
                let actions = list(&statement["Action"]);
                assert!(
                    !statement["Action"].to_string().contains('*'),
                    "{name} allows {}",
                    statement["Action"]
                );
                let names_no_resource = actions == [&json!("dynamodb:ListStreams")];
                // Keys in these buckets are random: no policy can name them beforehand.
                let is_all_of_a_bucket = actions
                    .iter()
                    .all(|action| action.as_str().is_some_and(|action| action.starts_with("s3:")))
                    && list(&statement["Resource"]).iter().all(|resource| is_objects(resource));
                assert!(
                    names_no_resource
                        || is_all_of_a_bucket
                        || !statement["Resource"].to_string().contains('*'),
                    "{name} may do {actions:?} to {}",
                    statement["Resource"]
                );
            }
        }
    }
}

#[test]
fn each_function_has_one_role_that_allows_no_wildcard() {
    roles_are_own_and_exact(&resources(&template()));
}

/// ADR 20, ADR 44: what parses hostile files touches cases, of persons only whose signatures are expected, and of the buckets
/// only files of uploads. It lists nothing, and takes nothing away.
#[test]
fn what_parses_hostile_files_sees_no_drafts_and_no_accounts() {
    let resources = resources(&template());
    let policy = &resources["CheckUploadRole"]["Properties"]["Policies"][0]["PolicyDocument"];
    let partitions = |table: &str, action: &str| -> BTreeSet<String> {
        list(&policy["Statement"])
            .into_iter()
            .filter(|one| one["Resource"]["Fn::GetAtt"][0] == table)
            .filter(|one| list(&one["Action"]).contains(&&json!(action)))
            .flat_map(|one| {
                let keys = &one["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"];
                assert!(keys.is_array(), "{table}: {action} is not held to partitions");
                list(keys)
            })
            .map(|key| key.as_str().unwrap().to_owned())
            .collect()
    };
    let objects = |action: &str| -> BTreeSet<String> {
        list(&policy["Statement"])
            .into_iter()
            .filter(|one| list(&one["Action"]).contains(&&json!(action)))
            .map(|one| one["Resource"]["Fn::Sub"].as_str().unwrap().to_owned())
            .collect()
    };
    let set = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<BTreeSet<_>>();
    let case = set(&["APP#*"]);
    assert_eq!(
        partitions("PortalTable", "dynamodb:Query"),
        set(&["APP#*", "CAMPAIGN#*", "OUTAGES"])
    );
    assert_eq!(partitions("PortalTable", "dynamodb:GetItem"), case);
    for action in ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:ConditionCheckItem"] {
        assert_eq!(partitions("PortalTable", action), case);
        assert_eq!(partitions("SessionsTable", action), set(&[]));
    }
    assert_eq!(partitions("SessionsTable", "dynamodb:GetItem"), set(&["UPLOAD#*"]));
    assert_eq!(partitions("SessionsTable", "dynamodb:Query"), set(&[]));
    let of = |bucket: &str| format!("${{{bucket}.Arn}}/{FILES_OF_UPLOADS}");
    let (uploads, documents) = (of("UploadsBucket"), of("DocumentsBucket"));
    let anchors = "${FactsBucket.Arn}/trust/anchors.pem";
    assert_eq!(objects("s3:GetObject"), set(&[uploads.as_str(), anchors]));
    assert_eq!(objects("s3:GetObjectVersion"), set(&[uploads.as_str()]));
    assert_eq!(objects("s3:PutObject"), set(&[documents.as_str()]));
    // And nothing else: no table of drafts, no index, no list, nothing that deletes, no secret, no mail.
    assert!(!policy.to_string().contains("DraftsTable"));
    let allowed: BTreeSet<String> = list(&policy["Statement"])
        .into_iter()
        .flat_map(|one| list(&one["Action"]))
        .map(|action| action.as_str().unwrap().to_owned())
        .collect();
    let needed = [
        "dynamodb:ConditionCheckItem",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "dynamodb:UpdateItem",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "s3:GetObject",
        "s3:GetObjectVersion",
        "s3:PutObject",
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ReceiveMessage",
    ];
    assert_eq!(allowed, set(&needed));
    assert!(!policy.to_string().contains("/index/"));
}

/// What nearly every function reads of a case.
const CASE: &[&str] = &["APP#*", "CAMPAIGN#*", "OUTAGES"];
/// What tells whether a session lives.
const LIVE: &[&str] = &["SESSION#*", "SESSIONS#*"];
/// Lists of those who press for all that is theirs.
const PRESSED: &[&str] = &["FILED#*", "REPRESENTATIVE#*"];
/// What an appointment writes, with the end of a person's sessions.
const OFFICIALS: &[&str] = &["ACCOUNT#*", "OFFICIAL#*", "OFFICIALS", "SESSIONS#*"];
const READ: &str = "GetItem Query";
const WRITE: &str = "PutItem UpdateItem DeleteItem ConditionCheckItem";

/// The partitions of each table and index that each function with few of them may touch, by what it does there: the rest of
/// a table does not exist for it. `shared/store/src/keys.rs` has the kinds. A new key of a function is added here and in its
/// role; of a transaction all partitions count for each of its items.
const HELD: &[(&str, &str, &str, &[&str])] = &[
    ("AnswerConfirmation", "PortalTable", READ, CASE),
    ("AnswerConfirmation", "PortalTable", WRITE, &["APP#*", "GIVENUP#*", "WORKER#*"]),
    ("AnswerConfirmation", "SessionsTable", READ, LIVE),
    ("AppointPeople", "PortalTable", "GetItem", &["ACCOUNT#*", "OFFICIALS"]),
    ("AppointPeople", "PortalTable", "Query", &["OFFICIAL#*", "OFFICIALS"]),
    ("AppointPeople", "PortalTable", "PutItem UpdateItem", OFFICIALS),
    ("AppointPeople", "SessionsTable", READ, LIVE),
    ("AppointPeople", "SessionsTable", "PutItem", OFFICIALS),
    ("ArmApplication", "PortalTable", "Query", &["ARMED_RUN#*", "CAMPAIGN#*"]),
    ("ArmApplication", "PortalTable", "GetItem BatchGetItem", &["APP#*"]),
    ("ArmApplication", "PortalTable", "PutItem DeleteItem", &["APP#*", "ARMED#*"]),
    ("ArmApplication", "by-own", "Query", PRESSED),
    ("ArmApplication", "by-representative", "Query", PRESSED),
    ("ArmApplication", "SessionsTable", READ, LIVE),
    ("BlockApplication", "SessionsTable", READ, LIVE),
    ("CheckUpload", "PortalTable", "GetItem PutItem UpdateItem ConditionCheckItem", &["APP#*"]),
    ("CheckUpload", "PortalTable", "Query", CASE),
    ("CheckUpload", "SessionsTable", "GetItem", &["UPLOAD#*"]),
    ("DecideApplication", "SessionsTable", READ, LIVE),
    ("EnrichApplication", "SessionsTable", "UpdateItem", &["ATTEMPTS#*"]),
    ("HandleContract", "PortalTable", READ, CASE),
    ("HandleContract", "PortalTable", WRITE, &["APP#*", "UPLOAD#*"]),
    ("HandleContract", "SessionsTable", READ, LIVE),
    ("HandleContract", "SessionsTable", "PutItem", &["APP#*", "UPLOAD#*"]),
    ("MakeDocument", "PortalTable", READ, CASE),
    ("MakeDocument", "PortalTable", WRITE, &["APP#*"]),
    (
        "ManageCampaign",
        "PortalTable",
        "Query PutItem",
        &["CAMPAIGN#*", "CAMPAIGNS", "NOTICE_BOARD"],
    ),
    ("ManageCampaign", "SessionsTable", READ, LIVE),
    ("ManageOrganisation", "SessionsTable", READ, LIVE),
    ("ManageOrganisation", "SessionsTable", "PutItem", &["SESSIONS#*"]),
    ("ManageOrganisation", "SessionsTable", "UpdateItem", &["ATTEMPTS#*"]),
    ("NotifyConsulate", "PortalTable", "Query UpdateItem", &["APP#*"]),
    ("PublishFacts", "PortalTable", "Query", &["CAMPAIGN#*", "CAMPAIGNS", "NOTICE_BOARD"]),
    ("PublishFacts", "PortalTable", "GetItem", &["RANKING#*", "STATUS"]),
    ("PublishFacts", "PortalTable", "UpdateItem", &["CAMPAIGN#*", "NOTICE_BOARD", "STATUS"]),
    ("PublishLog", "PortalTable", "Query", &["CAMPAIGNS", "UNLOGGED#*"]),
    ("PublishLog", "PortalTable", "GetItem PutItem", &["LOG#*"]),
    ("PublishLog", "PortalTable", "BatchWriteItem DeleteItem", &["UNLOGGED#*"]),
    (
        "RankSubmissions",
        "PortalTable",
        "Query",
        &["ARMED_RUN#*", "CAMPAIGN#*", "CAMPAIGNS", "GIVENUP#*", "RANK#*"],
    ),
    ("RankSubmissions", "PortalTable", "GetItem", &["RANKING#*"]),
    ("RankSubmissions", "PortalTable", "BatchGetItem", &["APP#*"]),
    ("RankSubmissions", "PortalTable", "PutItem", &["APP#*", "RANKING#*"]),
    ("RankSubmissions", "PortalTable", "BatchWriteItem DeleteItem", &["APP#*", "GIVENUP#*"]),
    ("RankSubmissions", "pending", "Query", &["PENDING#history#*"]),
    ("ReadApplications", "SessionsTable", READ, LIVE),
    ("ReceiveVisaEvents", "PortalTable", READ, &["APP#*", "CAMPAIGN#*", "OUTAGES", "REPORT#*"]),
    ("ReceiveVisaEvents", "PortalTable", WRITE, &["APP#*", "GIVENUP#*", "REPORT#*", "WORKER#*"]),
    ("RecordOutage", "PortalTable", "Query PutItem", &["OUTAGES"]),
    ("RecordOutage", "SessionsTable", READ, LIVE),
    ("SaveDraft", "SessionsTable", READ, LIVE),
    ("SendArmed", "PortalTable", "Query", &["ARMED#*", "ARMED_RUN#*", "CAMPAIGN#*", "CAMPAIGNS"]),
    ("SendArmed", "PortalTable", "GetItem BatchWriteItem DeleteItem", &["ARMED#*"]),
    ("SendArmed", "PortalTable", "PutItem", &["ARMED_RUN#*"]),
    ("SendArmed", "PortalTable", "UpdateItem", &["APP#*"]),
    ("SubmitApplication", "PortalTable", "Query", &["CAMPAIGN#*"]),
    ("SubmitApplication", "PortalTable", "GetItem BatchGetItem UpdateItem", &["APP#*"]),
    ("SubmitApplication", "by-own", "Query", PRESSED),
    ("SubmitApplication", "by-representative", "Query", PRESSED),
    ("SubmitApplication", "SessionsTable", READ, LIVE),
    (
        "SweepDeadlines",
        "PortalTable",
        "GetItem BatchGetItem Query",
        &["APP#*", "CAMPAIGN#*", "CAMPAIGNS", "OUTAGES"],
    ),
    (
        "SweepDeadlines",
        "PortalTable",
        WRITE,
        &["APP#*", "ARMED#*", "FLAGGED", "GIVENUP#*", "LIMIT#*", "SWEEPS", "WORKER#*"],
    ),
    ("SweepDeadlines", "by-due", "Query", &["DUE#*"]),
];

#[test]
fn functions_with_few_partitions_are_held_to_them() {
    let mut stated: BTreeMap<(&str, &str, String), BTreeSet<&str>> = BTreeMap::new();
    for (function, table, actions, partitions) in HELD {
        for action in actions.split(' ') {
            let key = (*function, *table, format!("dynamodb:{action}"));
            stated.insert(key, partitions.iter().copied().collect());
        }
    }
    let tables: BTreeSet<(&str, &str)> =
        HELD.iter().map(|(function, table, ..)| (*function, *table)).collect();
    let resources = resources(&template());
    let mut allowed: BTreeMap<(&str, &str, String), BTreeSet<&str>> = BTreeMap::new();
    for function in HELD.iter().map(|(function, ..)| *function).collect::<BTreeSet<_>>() {
        let role = &resources[&format!("{function}Role")]["Properties"];
        for statement in list(&role["Policies"][0]["PolicyDocument"]["Statement"]) {
            for resource in list(&statement["Resource"]) {
                let table = table_or_index(resource);
                if !tables.contains(&(function, table)) {
                    continue;
                }
                let keys = &statement["Condition"]["ForAllValues:StringLike"];
                let keys = &keys["dynamodb:LeadingKeys"];
                assert!(keys.is_array(), "{function} may touch all of {table}");
                for action in list(&statement["Action"]).into_iter().filter_map(Value::as_str) {
                    // For a scan AWS names no partition, and where none is named the condition holds.
                    assert_ne!(action, "dynamodb:Scan", "{function} may read all of {table}");
                    let partitions = list(keys).into_iter().filter_map(Value::as_str);
                    allowed
                        .entry((function, table, action.to_owned()))
                        .or_default()
                        .extend(partitions);
                }
            }
        }
    }
    assert_eq!(allowed, stated);
}

/// `PortalTable` of the ARN of a table, `by-own` of that of an index; nothing of any other.
fn table_or_index(resource: &Value) -> &str {
    let table = resource["Fn::GetAtt"][0].as_str();
    let index = resource["Fn::Sub"].as_str().and_then(|arn| arn.split_once("/index/"));
    table.or(index.map(|(_, index)| index)).unwrap_or_default()
}

/// SAM adds roles and managed policies by itself where it thinks they are missing: what it deployed is looked at.
#[tokio::test]
async fn the_deployed_template_allows_no_wildcard_either() {
    let environment = Environment::read();
    let stack = environment.text("STACK_NAME").unwrap();
    let emulator = Emulator::new(&environment).unwrap();
    let deployed = resources(&emulator.deployed_template(&stack).await.unwrap());
    roles_are_own_and_exact(&deployed);
    let sources: BTreeSet<_> = resources(&template()).into_keys().collect();
    let added: BTreeSet<_> =
        of_type(&deployed, "AWS::IAM::Role").iter().map(|(name, _)| (*name).to_owned()).collect();
    assert!(added.is_subset(&sources), "SAM added roles: {:?}", added.difference(&sources));
    let mappings = of_type(&deployed, "AWS::Lambda::EventSourceMapping");
    assert!(mappings.len() >= 6, "the deployed template has lost event sources");
    for (name, mapping) in
        mappings.iter().filter(|(_, mapping)| names(&mapping["EventSourceArn"]).ends_with("Queue"))
    {
        assert_eq!(mapping["FunctionResponseTypes"], json!(["ReportBatchItemFailures"]), "{name}");
    }
}

/// Every queue with a consumer: who, how long it may take, and the queue.
fn consumed(resources: &Resources) -> Vec<(&str, i64, &str)> {
    let usual = template()["Globals"]["Function"]["Timeout"].as_i64().unwrap();
    let mut all = Vec::new();
    for (name, function) in functions(resources) {
        let timeout = function["Timeout"].as_i64().unwrap_or(usual);
        for event in function["Events"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(_, event)| event)
            .filter(|event| event["Type"] == "SQS")
        {
            let properties = &event["Properties"];
            assert_eq!(
                properties["FunctionResponseTypes"],
                json!(["ReportBatchItemFailures"]),
                "{name}: one poisoned message must not take its batch along"
            );
            all.push((name, timeout, names(&properties["Queue"])));
        }
    }
    assert!(all.len() >= 5, "the template has lost its queues");
    all
}

#[test]
fn a_message_stays_hidden_six_times_as_long_as_its_consumer_may_take() {
    let resources = resources(&template());
    for (name, timeout, queue) in consumed(&resources) {
        let visibility = resources[queue]["Properties"]["VisibilityTimeout"].as_i64().unwrap();
        assert!(
            visibility >= 6 * timeout,
            "{queue}: {visibility} s are less than six times the {timeout} s of {name}"
        );
    }
}

#[test]
fn every_consumed_queue_has_dead_letters_and_an_alarm_on_them() {
    let resources = resources(&template());
    let watched: BTreeSet<_> = of_type(&resources, "AWS::CloudWatch::Alarm")
        .into_iter()
        .filter(|(_, alarm)| {
            alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
                && !alarm["AlarmActions"].is_null()
        })
        .map(|(_, alarm)| names(&alarm["Dimensions"][0]["Value"]).to_owned())
        .collect();
    for (name, _, queue) in consumed(&resources) {
        let redrive = &resources[queue]["Properties"]["RedrivePolicy"];
        let dead = names(&redrive["deadLetterTargetArn"]);
        assert!(
            redrive["maxReceiveCount"].as_i64().unwrap() >= 3,
            "{queue}: {name} gets too few chances"
        );
        assert!(resources.contains_key(dead) && watched.contains(dead), "nobody watches {dead}");
    }
    assert!(watched.contains("StreamFailures"), "nobody watches what the stream gave up");
}

/// A queue that fills in a minute must not take every environment of the account: people who sign in and read need theirs.
#[test]
fn no_queue_takes_more_environments_than_the_account_can_spare() {
    /// Of a thousand, which the runbook asks for, [`SubmitConcurrency`] keeps eight hundred and AWS a hundred for all others.
    const SPARED: i64 = 90;
    let resources = resources(&template());
    let mut together = 0;
    for (name, function) in functions(&resources) {
        for (event, source) in function["Events"].as_object().into_iter().flatten() {
            if source["Type"] != "SQS" {
                continue;
            }
            let most = source["Properties"]["ScalingConfig"]["MaximumConcurrency"].as_i64();
            let most = most.unwrap_or_else(|| panic!("{name}: {event} has no maximum concurrency"));
            assert!(most >= 2, "{name}: AWS takes no less than two");
            together += most;
        }
    }
    assert!(together <= SPARED, "all queues together may take {together}");
}

/// A new account has ten environments and may reserve none of them: a deploy that reserves some would be refused there.
#[test]
fn a_new_account_reserves_no_environments() {
    let template = template();
    assert_eq!(template["Parameters"]["SubmitConcurrency"]["Default"], 0);
    let keeps = &template["Conditions"]["KeepsForSubmissions"]["Fn::And"];
    let is_zero = json!({"Fn::Equals": [{"Ref": "SubmitConcurrency"}, 0]});
    assert_eq!(keeps[1], json!({ "Fn::Not": [is_zero] }));
    let mut reserving = BTreeSet::new();
    for (name, function) in functions(&resources(&template)) {
        let reserved = &function["ReservedConcurrentExecutions"];
        if reserved.is_null() {
            continue;
        }
        let (when, otherwise) = (&reserved["Fn::If"][0], &reserved["Fn::If"][2]);
        assert_eq!(*when, "KeepsForSubmissions", "{name}");
        assert_eq!(*otherwise, json!({"Ref": "AWS::NoValue"}), "{name}");
        reserving.insert(name.to_owned());
    }
    assert!(reserving.contains("SubmitApplication"), "{reserving:?}");
}

/// SUB-2: what a click day meets first can be warmed, by parameters; by itself nothing is, since it is paid and stays.
#[test]
fn what_a_click_day_meets_can_be_warmed_and_is_not_by_itself() {
    let template = template();
    let resources = resources(&template);
    for (parameter, condition) in [
        ("WarmReadUnits", "IsWarm"),
        ("WarmWriteUnits", "IsWarm"),
        ("WarmSessionReads", "WarmsSessions"),
    ] {
        assert_eq!(template["Parameters"][parameter]["Default"], 0, "{parameter}");
        let conditions = list(&template["Conditions"][condition]["Fn::And"]);
        let is_zero = json!({"Fn::Equals": [{"Ref": parameter}, 0]});
        assert!(conditions.contains(&&json!({ "Fn::Not": [is_zero] })), "{condition}");
        // The emulator knows no warm throughput.
        assert!(conditions.contains(&&json!({"Fn::Condition": "IsAws"})), "{condition}");
    }
    let given = |condition: &str, units: Value| {
        let otherwise = json!({"Ref": "AWS::NoValue"});
        json!({"Fn::If": [condition, units, otherwise]})
    };
    let warm = given(
        "IsWarm",
        json!({
            "ReadUnitsPerSecond": {"Ref": "WarmReadUnits"},
            "WriteUnitsPerSecond": {"Ref": "WarmWriteUnits"},
        }),
    );
    let table = |name: &str| &resources[name]["Properties"];
    assert_eq!(table("PortalTable")["WarmThroughput"], warm);
    // A cold index holds its table back; a submission writes this one alone.
    for index in list(&table("PortalTable")["GlobalSecondaryIndexes"]) {
        let expected = if index["IndexName"] == "pending" { warm.clone() } else { Value::Null };
        assert_eq!(index["WarmThroughput"], expected, "{}", index["IndexName"]);
    }
    let sessions = json!({"ReadUnitsPerSecond": {"Ref": "WarmSessionReads"}});
    assert_eq!(table("SessionsTable")["WarmThroughput"], given("WarmsSessions", sessions));
    assert!(table("DraftsTable")["WarmThroughput"].is_null(), "docs/capacity.md asks for none");
}

/// RNK-3: who watches the public log hears of what waits for it long before the promise of a receipt is broken.
#[test]
fn the_public_log_is_watched_long_before_a_receipts_promise_ends() {
    let resources = resources(&template());
    let (metric, alarm) =
        (&resources["LogBehind"]["Properties"], &resources["LogBehindAlarm"]["Properties"]);
    let of_metric = &metric["MetricTransformations"][0];
    let code = sources("functions/publish-log/src");
    for field in ["logs written", "behind_seconds"] {
        assert!(metric.to_string().contains(field) && code.contains(field), "no {field}");
    }
    assert_eq!(alarm["MetricName"], of_metric["MetricName"]);
    assert_eq!(alarm["TreatMissingData"], "breaching", "a writer that is off is seen");
    let of = |name: &str| alarm[name].as_i64().unwrap();
    let rings_after = of("Threshold") + of("Period") * of("EvaluationPeriods");
    assert!(rings_after * 10 <= MERGE_DELAY.as_secs(), "rings after {rings_after} s");
}

/// NEW-1: half an hour after an opening all that was armed for it is sent, or somebody hears of it; also when nobody sends.
#[test]
fn armed_sends_are_watched() {
    let resources = resources(&template());
    let code = sources("functions/send-armed/src");
    for (metric, alarm, field, missing) in [
        ("ArmedBehind", "ArmedBehindAlarm", "behind_seconds", "breaching"),
        ("ArmedRefused", "ArmedRefusedAlarm", "refused", "notBreaching"),
    ] {
        let (metric, alarm) = (&resources[metric]["Properties"], &resources[alarm]["Properties"]);
        for field in ["armed sends", field] {
            assert!(metric.to_string().contains(field) && code.contains(field), "no {field}");
        }
        assert_eq!(alarm["MetricName"], metric["MetricTransformations"][0]["MetricName"]);
        assert_eq!(alarm["TreatMissingData"], missing);
    }
    let threshold = json!({"Ref": "ArmedBehindAfter"});
    assert_eq!(resources["ArmedBehindAlarm"]["Properties"]["Threshold"], threshold);
    assert_eq!(template()["Parameters"]["ArmedBehindAfter"]["Default"], 1_800);
}

/// Scheduler calls asynchronously, and Lambda by itself runs what failed twice more, minutes later, beside the next run.
#[test]
fn a_scheduled_run_that_failed_is_left_to_the_next() {
    let resources = resources(&template());
    let usual = template()["Globals"]["Function"]["Timeout"].as_i64().unwrap();
    let mut scheduled = 0;
    for (name, function) in functions(&resources) {
        let events: Vec<_> = function["Events"].as_object().into_iter().flatten().collect();
        let is_called = |kinds: &[&str]| {
            events.iter().any(|(_, event)| kinds.contains(&event["Type"].as_str().unwrap_or("")))
        };
        if is_called(&["ScheduleV2", "Schedule", "EventBridgeRule", "S3", "SNS"]) {
            scheduled += 1;
            let invoked = &function["EventInvokeConfig"];
            assert_eq!(
                invoked["MaximumRetryAttempts"], 0,
                "{name} would run again beside the next"
            );
            let expressions: Vec<_> = events
                .iter()
                .filter_map(|(_, event)| event["Properties"]["ScheduleExpression"].as_str())
                .collect();
            let seconds = match expressions.as_slice() {
                ["rate(1 minute)"] => 60,
                ["rate(1 hour)"] => 3600,
                other => panic!("{name} runs at {other:?}"),
            };
            let age = invoked["MaximumEventAgeInSeconds"].as_i64();
            assert!(
                age.is_some_and(|age| (60..=seconds).contains(&age)),
                "{name}: an older run is the next one's"
            );
            let timeout = function["Timeout"].as_i64().unwrap_or(usual);
            assert!(timeout < seconds, "{name} may run for {timeout} s, into the next run");
        }
        for (event, source) in events {
            if source["Type"] == "ScheduleV2" {
                let properties = &source["Properties"];
                assert_eq!(properties["RetryPolicy"]["MaximumRetryAttempts"], 0, "{name}: {event}");
            }
        }
    }
    assert!(scheduled >= 4, "the template has lost its schedules");
}

/// A schedule that is off, or whose calls are refused, fails nowhere: that nothing runs is an alarm of its own, for each.
#[test]
fn a_schedule_that_is_off_is_an_alarm() {
    let resources = resources(&template());
    let alarms: Vec<_> = of_type(&resources, "AWS::CloudWatch::Alarm")
        .into_iter()
        .filter(|(_, alarm)| alarm["TreatMissingData"] == "breaching")
        .collect();
    let filters = of_type(&resources, "AWS::Logs::MetricFilter");
    for (name, function) in functions(&resources) {
        let rate = function["Events"]
            .as_object()
            .into_iter()
            .flatten()
            .find_map(|(_, event)| event["Properties"]["ScheduleExpression"].as_str());
        let every = match rate {
            None => continue,
            Some("rate(1 minute)") => 60,
            Some("rate(1 hour)") => 3600,
            Some(other) => panic!("{name} runs at {other}"),
        };
        // A line that each run writes is as good as the count of calls.
        let lines: Vec<_> = filters
            .iter()
            .filter(|(_, filter)| names(&filter["LogGroupName"]) == format!("{name}Logs"))
            .map(|(_, filter)| &filter["MetricTransformations"][0]["MetricName"])
            .collect();
        let called =
            json!([{ "Name": "FunctionName", "Value": {"Ref": format!("{name}Function")} }]);
        let watching = alarms.iter().find(|(_, alarm)| {
            let is_of_calls = alarm["MetricName"] == "Invocations"
                && alarm["Dimensions"] == called
                && alarm["ComparisonOperator"] == "LessThanThreshold"
                && alarm["Threshold"] == 1;
            is_of_calls || lines.contains(&&alarm["MetricName"])
        });
        let (watching, alarm) = watching.unwrap_or_else(|| panic!("{name} may be off unseen"));
        let of = |what: &str| alarm[what].as_i64().unwrap();
        let after = of("Period") * of("EvaluationPeriods");
        // Twice at least: one run that is a little late is no alarm.
        assert!((2 * every..=10 * every).contains(&after), "{watching} rings after {after} s");
    }
}

/// SUB-5: what waits for too long is an alarm, for each queue; that nobody looks is one, too.
#[test]
fn each_queue_has_an_alarm_on_the_age_of_what_waits() {
    let resources = resources(&template());
    let metric = &resources["OldestPending"]["Properties"];
    let of_metric = &metric["MetricTransformations"][0];
    let code = sources("functions/reconcile-pending/src");
    for field in ["oldest that waits", "oldest_seconds", "queue"] {
        let pattern = metric.to_string();
        assert!(pattern.contains(field) && code.contains(field), "the log has no {field}");
    }
    for queue in outside::queue::Queue::ALL {
        let alarm = of_type(&resources, "AWS::CloudWatch::Alarm").into_iter().find(|(_, alarm)| {
            alarm["MetricName"] == of_metric["MetricName"]
                && alarm["Namespace"] == of_metric["MetricNamespace"]
                && alarm["Dimensions"] == json!([{ "Name": "Queue", "Value": queue.code() }])
        });
        let (name, alarm) = alarm.unwrap_or_else(|| panic!("nobody watches {}", queue.code()));
        assert!(!alarm["AlarmActions"].is_null(), "{name} tells nobody");
        if queue.code() == "urgent" {
            assert_eq!(
                alarm["TreatMissingData"], "breaching",
                "{name} must see a reconciler that is off"
            );
        }
    }
}

#[test]
fn a_stream_record_that_fails_is_given_up_in_the_end() {
    let resources = resources(&template());
    let streams: Vec<_> = functions(&resources)
        .into_iter()
        .flat_map(|(_, function)| function["Events"].as_object().cloned().unwrap_or_default())
        .filter(|(_, event)| event["Type"] == "DynamoDB")
        .collect();
    assert_eq!(streams.len(), 1, "relay-changes is the only consumer of the stream");
    for (_, stream) in streams {
        let properties = &stream["Properties"];
        assert!(properties["MaximumRecordAgeInSeconds"].as_i64().is_some_and(|age| age <= 3600));
        assert_eq!(
            names(&properties["DestinationConfig"]["OnFailure"]["Destination"]),
            "StreamFailures"
        );
    }
}

#[test]
fn a_function_has_a_fixed_name_and_a_log_that_forgets() {
    let resources = resources(&template());
    for (name, function) in functions(&resources) {
        let kebab = kebab(name);
        assert_eq!(function["FunctionName"]["Fn::Sub"], format!("${{AWS::StackName}}-{kebab}"));
        assert_eq!(function["CodeUri"], format!("target/lambda/{kebab}/"));
        let log = &resources[&format!("{name}Logs")]["Properties"];
        assert_eq!(
            log["LogGroupName"]["Fn::Sub"],
            format!("/aws/lambda/${{AWS::StackName}}-{kebab}")
        );
        assert!(log["RetentionInDays"].as_i64().is_some(), "{name} would be logged for ever");
    }
}

/// Names in `config::required("…")` and its siblings, also in what the shared crates offer as `from_environment`, and in the
/// template agree, both ways.
#[test]
fn a_function_reads_exactly_the_variables_that_the_template_sets() {
    let template = template();
    let resources = resources(&template);
    let keys = |variables: &Value| {
        variables
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, _)| name.clone())
            .collect::<BTreeSet<_>>()
    };
    let common = keys(&template["Globals"]["Function"]["Environment"]["Variables"]);
    let shared: String =
        ["edge", "outside", "store"].map(|name| sources(&format!("shared/{name}/src"))).concat();
    let offered = offered(&shared);
    assert!(
        offered.contains_key("Authenticator") && offered.contains_key("Registries"),
        "{offered:?}"
    );
    for (name, function) in functions(&resources) {
        let set = keys(&function["Environment"]["Variables"]);
        let code = sources(&format!("functions/{}/src", kebab(name)));
        let used = |of: &str| code.contains(&format!("{of}::from_environment("));
        let by_shared = offered.iter().filter(|(of, _)| used(of)).flat_map(|(_, read)| read);
        for variable in read_by(&code).iter().chain(by_shared) {
            assert!(
                set.contains(*variable) || common.contains(*variable),
                "{name} reads {variable}, which the template does not set"
            );
        }
        for variable in &set {
            let quoted = format!("\"{variable}\"");
            let is_offered = |of: &str| offered[of].contains(variable.as_str());
            // What a shared type reads in its `from_environment` counts where that is called; the rest, such as the queues'
            // addresses, anywhere.
            let by_shared = if offered.keys().any(|of| is_offered(of)) {
                offered.keys().any(|of| used(of) && is_offered(of))
            } else {
                shared.contains(&quoted)
            };
            assert!(
                code.contains(&quoted) || by_shared,
                "{name} is given {variable} and reads it nowhere"
            );
        }
    }
}

/// The variables that some code reads.
fn read_by(code: &str) -> BTreeSet<&str> {
    ["required(\"", "optional(\"", "secret(sdk, \"", "secret(&sdk, \""]
        .into_iter()
        .flat_map(|call| code.split(call).skip(1))
        .filter_map(|rest| rest.split('"').next())
        .collect()
}

/// The variables that `from_environment` of each of the shared crates' types reads.
fn offered(shared: &str) -> BTreeMap<&str, BTreeSet<&str>> {
    shared
        .split("\nimpl ")
        .skip(1)
        .filter_map(|block| {
            let (name, rest) = block.split_once(' ')?;
            let (_, body) = rest.split_once("fn from_environment(")?;
            Some((name, read_by(body.split("\n    }").next()?)))
        })
        .collect()
}

fn sources(folder: &str) -> String {
    let mut all = String::new();
    let mut open = vec![root().join(folder)];
    while let Some(folder) = open.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                open.push(path);
            } else {
                all += &fs::read_to_string(path).unwrap();
            }
        }
    }
    all
}

/// SUB-3: what is sent with the last breath of a ticket is stored before any later arrival gets a final position.
#[test]
fn a_ticket_ends_long_enough_before_the_ranking() {
    let resources = resources(&template());
    let timeout = resources["SubmitApplicationFunction"]["Properties"]["Timeout"].as_i64().unwrap();
    assert!(2 * timeout <= TICKET_RESERVE.as_secs(), "submit may run for {timeout} s");
}

#[test]
fn every_route_leads_to_a_function_that_the_gateway_may_call() {
    let resources = resources(&template());
    let callable: BTreeSet<_> = of_type(&resources, "AWS::Lambda::Permission")
        .into_iter()
        .map(|(_, permission)| names(&permission["FunctionName"]).to_owned())
        .collect();
    let mut keys = BTreeSet::new();
    for (name, route) in of_type(&resources, "AWS::ApiGatewayV2::Route") {
        let target = route["Target"]["Fn::Sub"].as_str().unwrap();
        let integration = target
            .strip_prefix("integrations/${")
            .and_then(|target| target.strip_suffix('}'))
            .unwrap();
        let integration = &resources[integration]["Properties"];
        assert_eq!(integration["ApiId"], route["ApiId"], "{name}");
        assert!(
            callable.contains(names(&integration["IntegrationUri"])),
            "{name}: the gateway may not call its function"
        );
        let key = route["RouteKey"].as_str().unwrap();
        assert!(keys.insert(key.to_owned()), "{key} is there twice");
        let portal = names(&route["ApiId"]) == "PortalApi";
        assert_eq!(
            portal,
            key.split(' ').nth(1).unwrap().starts_with("/api/"),
            "{key}: the portal's routes begin with /api, and only they"
        );
    }
    assert!(keys.contains("POST /api/submissions"));
}

#[test]
fn simulators_do_not_exist_in_production() {
    let template = template();
    assert_eq!(
        template["Conditions"]["IsSimulated"],
        json!({"Fn::Not": [{"Fn::Equals": [{"Ref": "Stage"}, "production"]}]})
    );
    for (name, resource) in resources(&template) {
        if name.starts_with("Simulat")
            || resource["Properties"]["ApiId"] == json!({"Ref": "SimulatorApi"})
        {
            assert_eq!(resource["Condition"], "IsSimulated", "{name}");
        }
    }
}

#[test]
fn what_the_emulator_does_not_know_is_for_aws_alone() {
    for (name, resource) in resources(&template()) {
        let kind = resource["Type"].as_str().unwrap();
        let unknown = UNKNOWN_TO_THE_EMULATOR.contains(&kind)
            || kind.starts_with("AWS::ApplicationAutoScaling")
            || kind.starts_with("AWS::CodeDeploy");
        assert!(
            !unknown || resource["Condition"] == "IsAws",
            "{name}: {kind} needs the Condition IsAws"
        );
        assert_ne!(kind, "AWS::Serverless::HttpApi", "{name}: the emulator makes no routes of it");
    }
}

/// What cannot be made again: applications and their history, files of people, what was published, and the secrets without
/// which nobody is found again, no receipt is verified and no draw repeated.
const STAYS: &[&str] = &[
    "ConsulateSecret",
    "DocumentsBucket",
    "DraftsTable",
    "FactsBucket",
    "KeyingSecret",
    "LogSecret",
    "OrderSecret",
    "PortalTable",
    "ReceiptSecret",
];

/// The resources for which a policy is said.
fn having<'all>(resources: &'all Resources, policy: &str) -> BTreeSet<&'all str> {
    let said = resources.iter().filter(|(_, resource)| !resource[policy].is_null());
    said.map(|(name, _)| name.as_str()).collect()
}

/// Whoever deletes the stack, takes a resource out of the template or changes it so that AWS makes it anew, deletes none of
/// what stays. A first deploy that fails leaves nothing behind, or the next one would find its name taken.
#[test]
fn what_must_outlive_the_stack_stays_when_it_is_deleted_and_when_it_is_replaced() {
    let resources = resources(&template());
    let stays: BTreeSet<&str> = STAYS.iter().copied().collect();
    assert_eq!(having(&resources, "DeletionPolicy"), stays, "kept when the stack goes");
    assert_eq!(
        having(&resources, "UpdateReplacePolicy"),
        stays,
        "kept when another takes its place"
    );
    for name in STAYS {
        assert_eq!(resources[*name]["DeletionPolicy"], "RetainExceptOnCreate", "{name}");
        assert_eq!(resources[*name]["UpdateReplacePolicy"], "Retain", "{name}");
    }
}

/// A submission must not write an index (SUB-2); applications can be restored; sessions vanish by themselves.
#[test]
fn tables_keep_and_forget_as_they_should() {
    let resources = resources(&template());
    for table in ["PortalTable", "DraftsTable"] {
        assert_eq!(
            resources[table]["Properties"]["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"],
            true,
            "{table}"
        );
    }
    for index in list(&resources["PortalTable"]["Properties"]["GlobalSecondaryIndexes"]) {
        assert_eq!(index["Projection"]["ProjectionType"], "KEYS_ONLY", "{}", index["IndexName"]);
    }
    for table in ["SessionsTable", "SimulatorTable"] {
        assert_eq!(
            resources[table]["Properties"]["TimeToLiveSpecification"]["AttributeName"],
            "expires_at",
            "{table}"
        );
        assert_eq!(
            resources[table]["Properties"]["TimeToLiveSpecification"]["Enabled"], true,
            "{table}: what has expired would stay"
        );
    }
    assert!(
        resources["DraftsTable"]["Properties"]["StreamSpecification"].is_null(),
        "bodies of drafts go into no stream"
    );
}

/// PRV-1: what the stack keeps for a time of its own is kept for as long as people are told, and as the table of times says.
#[test]
fn the_stack_keeps_things_for_as_long_as_people_are_told() {
    let template = template();
    let resources = resources(&template);
    let times = fs::read_to_string(root().join("docs/retention.md")).unwrap();
    let forgets = &resources["ForgetDataFunction"]["Properties"]["Environment"]["Variables"];
    let stated = [
        ("LetterDays", "LETTER_DAYS", 90, "90 giorni"),
        ("AccountDays", "ACCOUNT_DAYS", 730, "24 mesi dall'ultimo accesso"),
    ];
    for (parameter, variable, days, _) in stated {
        assert_eq!(template["Parameters"][parameter]["Default"], days, "{parameter}");
        assert_eq!(forgets[variable], json!({ "Ref": parameter }));
        assert!(times.contains(&format!("`{parameter}` ({days})")), "{parameter}");
    }
    for file in fs::read_dir(root().join("campaigns")).unwrap().map(Result::unwrap) {
        let campaign = Campaign::parse(&fs::read_to_string(file.path()).unwrap()).unwrap();
        let notice = campaign.public_privacy_notice().unwrap();
        let told: Vec<_> = notice
            .sections
            .iter()
            .filter(|section| section.point == PrivacyPoint::Retention)
            .flat_map(|section| section.paragraphs.clone())
            .collect();
        for (parameter, _, _, time) in stated {
            assert!(told.join(" ").contains(time), "{}: {parameter}", campaign.id());
        }
    }

    let quarantine = &resources["UploadsBucket"]["Properties"]["LifecycleConfiguration"]["Rules"];
    assert_eq!(list(quarantine).len(), 1, "one rule for the whole bucket");
    assert_eq!(quarantine[0]["Status"], "Enabled");
    assert!(quarantine[0]["Prefix"].is_null() && quarantine[0]["Filter"].is_null());
    let days = &quarantine[0]["ExpirationInDays"];
    assert_eq!(*days, 30);
    assert!(times.contains(&format!("| file in quarantine | {days} days |")));
    // What expired or was overwritten is gone a day later.
    assert_eq!(quarantine[0]["NoncurrentVersionExpiration"]["NoncurrentDays"], 1);
}

#[test]
fn no_secret_stands_in_an_environment_variable() {
    for (name, function) in functions(&resources(&template())) {
        let variables = function["Environment"]["Variables"].to_string();
        assert!(
            !variables.contains("{{resolve:"),
            "{name} is given a secret's value: give it the secret's name"
        );
    }
}

/// The parameters that a rule refuses where they are empty; its sentence begins with the name.
fn refused_when_empty(rule: &Value) -> BTreeSet<&str> {
    let mut refused = BTreeSet::new();
    for assertion in list(&rule["Assertions"]) {
        let never = &assertion["Assert"]["Fn::Not"][0];
        // Of a list, that something empty is in it.
        let compared = if never["Fn::Contains"].is_null() { "Fn::Equals" } else { "Fn::Contains" };
        let name = names(&never[compared][0]);
        assert_eq!(assertion["Assert"], json!({"Fn::Not": [{compared: [{"Ref": name}, ""]}]}));
        let text = assertion["AssertDescription"].as_str().unwrap();
        assert!(text.starts_with(&format!("{name} is missing: ")), "{text}");
        refused.insert(name);
    }
    refused
}

/// What staging, a domain of one's own and a scanner cannot do without is named at deploy, too.
#[test]
fn each_other_rule_names_what_is_missing_in_its_case() {
    let template = template();
    let is_given = |name: &str| json!({"Fn::Not": [{"Fn::Equals": [{"Ref": name}, ""]}]});
    let others = BTreeMap::from([
        (
            "StagingIsComplete",
            (
                json!({"Fn::Equals": [{"Ref": "Stage"}, "staging"]}),
                BTreeSet::from(["ConsulateKey", "MailFrom", "PecFrom"]),
            ),
        ),
        ("DomainHasItsCertificate", (is_given("DomainName"), BTreeSet::from(["CertificateArn"]))),
        (
            "ScannerHasItsNetwork",
            (is_given("ClamdAddress"), BTreeSet::from(["ScannerSecurityGroups", "ScannerSubnets"])),
        ),
    ]);
    for (name, rule) in template["Rules"].as_object().unwrap() {
        // The test below holds that one.
        if name == "ProductionIsComplete" {
            continue;
        }
        let (condition, refused) =
            others.get(name.as_str()).unwrap_or_else(|| panic!("no test knows {name}"));
        assert_eq!(rule["RuleCondition"], *condition, "{name}");
        assert_eq!(refused_when_empty(rule), *refused, "{name}");
        for parameter in refused {
            let default = &template["Parameters"][*parameter]["Default"];
            assert_eq!(*default, "", "{name}: {parameter} is never missing");
        }
    }
    assert_eq!(template["Rules"].as_object().unwrap().len(), others.len() + 1);
}

/// People who type the portal's own domain reach it, with its certificate and with no older TLS than 1.2; without a domain
/// CloudFront's own name serves, and is asked for nothing.
#[test]
fn the_site_answers_at_the_domain_that_it_is_given_with_its_certificate() {
    let template = template();
    let resources = resources(&template);
    let given = json!({"Fn::Not": [{"Fn::Equals": [{"Ref": "DomainName"}, ""]}]});
    assert_eq!(template["Conditions"]["HasDomain"], given);
    let site = &resources["SiteDistribution"]["Properties"]["DistributionConfig"];
    assert_eq!(
        site["Aliases"],
        json!({"Fn::If": ["HasDomain", [{"Ref": "DomainName"}], {"Ref": "AWS::NoValue"}]})
    );
    let own = json!({
        "AcmCertificateArn": {"Ref": "CertificateArn"},
        "SslSupportMethod": "sni-only",
        "MinimumProtocolVersion": "TLSv1.2_2021",
    });
    assert_eq!(
        site["ViewerCertificate"],
        json!({"Fn::If": ["HasDomain", own, {"CloudFrontDefaultCertificate": true}]})
    );
}

/// CTR-1: where ClamAV has an address, check-upload knows it and stands in the subnets and security groups from which it is
/// reached. Without one it stands in no network of ours, which would cost it the way to AWS.
#[test]
fn the_function_that_looks_into_files_stands_in_the_scanners_network() {
    let template = template();
    let resources = resources(&template);
    let given = json!({"Fn::Not": [{"Fn::Equals": [{"Ref": "ClamdAddress"}, ""]}]});
    assert_eq!(template["Conditions"]["HasScanner"], given);
    let network = json!({
        "SubnetIds": {"Ref": "ScannerSubnets"},
        "SecurityGroupIds": {"Ref": "ScannerSecurityGroups"},
    });
    for (name, function) in functions(&resources) {
        let scans = name == "CheckUpload";
        let expected = if scans {
            json!({"Fn::If": ["HasScanner", network, {"Ref": "AWS::NoValue"}]})
        } else {
            Value::Null
        };
        assert_eq!(function["VpcConfig"], expected, "{name}");
        let address = &function["Environment"]["Variables"]["CLAMD_ADDRESS"];
        let known = if scans { json!({"Ref": "ClamdAddress"}) } else { Value::Null };
        assert_eq!(*address, known, "{name}");
    }
}

/// `sam deploy --config-env staging` is refused by no rule: `samconfig.toml` gives what staging needs, by names that exist.
#[test]
fn the_settings_of_staging_give_what_its_rule_asks_for() {
    let template = template();
    let settings = fs::read_to_string(root().join("samconfig.toml")).unwrap();
    let settings: toml::Table = toml::from_str(&settings).unwrap();
    let given = |environment: &str| -> BTreeMap<String, String> {
        settings[environment]["deploy"]["parameters"]["parameter_overrides"]
            .as_str()
            .unwrap()
            .split(' ')
            .map(|pair| pair.split_once('=').unwrap())
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    };
    for (environment, stage) in
        [("default", "local"), ("staging", "staging"), ("production", "production")]
    {
        let given = given(environment);
        assert_eq!(given["Stage"], stage, "{environment}");
        for name in given.keys() {
            assert!(!template["Parameters"][name].is_null(), "{environment}: {name}");
        }
    }
    let given = given("staging");
    for name in refused_when_empty(&template["Rules"]["StagingIsComplete"]) {
        assert!(given.get(name).is_some_and(|value| !value.is_empty()), "no {name}");
    }
    // Staging hears the consular system that the local stack hears: the one of `tests/harness/consulate.rs`.
    let stack = include_str!("../../xtask/src/stack.rs");
    let key = format!("const CONSULATE_KEY: &str = \"{}\";", given["ConsulateKey"]);
    assert!(stack.contains(&key), "another key than on the local stack");
}

/// `NextSteps` counts its steps, names only what exists, and the runbook knows each name.
#[test]
fn what_is_left_to_do_after_a_deploy_is_named_as_it_is() {
    let template = template();
    let steps = template["Outputs"]["NextSteps"]["Value"].to_string();
    let runbook = fs::read_to_string(root().join("docs/operations.md")).unwrap();
    for step in 1..=8 {
        assert!(steps.contains(&format!("{step}. ")), "step {step}");
    }
    assert!(!steps.contains("9. "), "a step that this test does not know");
    for path in ["trust/anchors.pem", "SES"] {
        assert!(steps.contains(path) && runbook.contains(path), "{path}");
    }
    let has_hump = |word: &&str| {
        word.chars()
            .zip(word.chars().skip(1))
            .any(|(one, next)| one.is_ascii_lowercase() && next.is_ascii_uppercase())
    };
    let mut named = 0;
    for word in steps.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(has_hump) {
        if !template["Conditions"][word].is_null() {
            continue;
        }
        let exists = ["Parameters", "Resources", "Outputs"]
            .iter()
            .any(|section| !template[*section][word].is_null());
        assert!(exists, "{word} is no parameter, resource or output");
        assert!(runbook.contains(word), "docs/operations.md does not know {word}");
        named += 1;
    }
    assert!(named > 10, "{named} names");
}

/// What production cannot do without is refused at deploy, by name, and not found missing at the first request.
#[test]
fn a_parameter_that_is_missing_in_production_is_named_at_deploy() {
    let template = template();
    let rules = &template["Rules"];
    let optional = [
        "Stage",
        "PublicOrigin",
        "IdentityClientId",
        "RegistriesClientId",
        "ConsulateClientId",
        "ClamdAddress",
        "ScannerSubnets",
        "ScannerSecurityGroups",
        "Architecture",
        "StoreEndpoint",
        "PendingAgeSeconds",
        "ReceiptsLateMinutes",
        "HumanCheckWork",
        "SubmitConcurrency",
        "WarmReadUnits",
        "WarmWriteUnits",
        "WarmSessionReads",
        "ArmedBehindAfter",
        // No first administrator where there is one; the times of keeping have defaults that the notices name.
        "FirstAdministrator",
        "LetterDays",
        "AccountDays",
        // Changed where functions are to start anew with keys that were added.
        "KeysOf",
    ];
    let production = &rules["ProductionIsComplete"];
    assert_eq!(
        production["RuleCondition"],
        json!({"Fn::Equals": [{"Ref": "Stage"}, "production"]})
    );
    let asserted = refused_when_empty(production);
    for (name, parameter) in template["Parameters"].as_object().unwrap() {
        assert!(
            asserted.contains(name.as_str()) != optional.contains(&name.as_str()),
            "{name}: either production needs it, or it is listed here as optional"
        );
        let default = parameter["Default"].as_str();
        assert!(
            !asserted.contains(name.as_str()) || default == Some(""),
            "{name}: a default that stands for nothing real hides that it is missing"
        );
    }
}

/// CloudFront keeps errors for ten seconds, whatever they say themselves: of each status that it would keep, none is kept.
#[test]
fn no_error_is_kept_at_the_edge() {
    let resources = resources(&template());
    let distribution = &resources["SiteDistribution"]["Properties"]["DistributionConfig"];
    let kept: BTreeMap<i64, i64> = list(&distribution["CustomErrorResponses"])
        .into_iter()
        .map(|row| {
            (row["ErrorCode"].as_i64().unwrap(), row["ErrorCachingMinTTL"].as_i64().unwrap())
        })
        .collect();
    let cached_by_cloudfront = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];
    assert_eq!(kept, cached_by_cloudfront.map(|status| (status, 0)).into());
}

/// Each function that a gateway calls refuses what did not come through CloudFront (ADR 11).
#[test]
fn each_function_that_people_call_knows_the_secret_of_the_edge() {
    let resources = resources(&template());
    let of_the_portal = |(name, resource): (&String, &Value)| {
        let is_ours = resource["Properties"]["ApiId"] == json!({"Ref": "PortalApi"});
        name.strip_suffix("Integration").filter(|_| is_ours).map(str::to_owned)
    };
    let called: Vec<String> = resources.iter().filter_map(of_the_portal).collect();
    assert!(called.len() > 10, "{called:?}");
    for name in called {
        let main =
            fs::read_to_string(root().join(format!("functions/{}/src/main.rs", kebab(&name))))
                .unwrap();
        assert!(main.contains("origin?.serve(&app?, handle)"), "{name} answers past the edge");
    }
}

/// Errors, throttles and calls near their timeout of every function reach the mailbox of alarms, each in one group; the
/// runbook says of each alarm what it means.
#[test]
fn every_function_has_its_alarms() {
    let resources = resources(&template());
    let told = fs::read_to_string(root().join("docs/operations.md")).unwrap();
    let mut watched: BTreeMap<(String, String), u32> = BTreeMap::new();
    for (name, alarm) in of_type(&resources, "AWS::CloudWatch::Alarm") {
        assert_eq!(alarm["AlarmActions"], json!([{"Ref": "AlertsTopic"}]), "{name} tells nobody");
        let description = alarm["AlarmDescription"].as_str().unwrap();
        assert!(description.ends_with('.'), "{name} says in a sentence what is wrong");
        // Those that are there for each queue or each group stand in the runbook by the end of their names.
        let is_told = told.contains(&format!("`{name}`"))
            || ["DeadLettersAlarm", "ThrottlesAlarm", "SlowAlarm"]
                .iter()
                .any(|kind| name.ends_with(kind) && told.contains(&format!("`…{kind}`")))
            || (name.starts_with("Oldest") && told.contains("`OldestUrgentAlarm` and its kind"));
        assert!(is_told, "docs/operations.md does not say what {name} means");
        for metric in list(&alarm["Metrics"]) {
            let metric = &metric["MetricStat"]["Metric"];
            if let Some(kind) = metric["MetricName"].as_str() {
                let function = names(&metric["Dimensions"][0]["Value"]);
                let function = function.strip_suffix("Function").unwrap_or(function).to_owned();
                *watched.entry((function, kind.to_owned())).or_default() += 1;
            }
        }
    }
    for (name, _) in functions(&resources) {
        if name.starts_with("Simulate") {
            continue;
        }
        for kind in ["Errors", "Throttles", "Duration"] {
            let alarms = watched.get(&(name.to_owned(), kind.to_owned()));
            assert_eq!(alarms, Some(&1), "{name}: {kind}");
        }
    }
}

/// Each alarm that no other test holds: what it looks at, when it rings, and what it makes of silence.
#[test]
fn alarms_ring_when_they_say() {
    let template = template();
    let resources = resources(&template);
    let calls = |function: &str| {
        let function = format!("{function}Function");
        json!([{ "Name": "FunctionName", "Value": {"Ref": function} }])
    };
    let not_called = |function: &str, seconds: i64| {
        json!({
            "Namespace": "AWS/Lambda", "MetricName": "Invocations", "Dimensions": calls(function),
            "Statistic": "Sum", "Period": seconds, "EvaluationPeriods": 1,
            "ComparisonOperator": "LessThanThreshold", "Threshold": 1,
            "TreatMissingData": "breaching",
        })
    };
    let late = &template["Parameters"]["ReceiptsLateMinutes"]["Default"];
    let alarms = [
        ("SweepsMissingAlarm", not_called("SweepDeadlines", 600)),
        ("ReconcilesMissingAlarm", not_called("ReconcilePending", 600)),
        ("ReceiptsMissingAlarm", not_called("ReadPecReceipts", 600)),
        ("RanksMissingAlarm", not_called("RankSubmissions", 600)),
        ("FactsMissingAlarm", not_called("PublishFacts", 600)),
        ("ForgettingMissingAlarm", not_called("ForgetData", 10_800)),
        (
            "StreamLagAlarm",
            json!({
                "Namespace": "AWS/Lambda", "MetricName": "IteratorAge",
                "Dimensions": calls("RelayChanges"),
                "Statistic": "Maximum", "Period": 300, "EvaluationPeriods": 2,
                "ComparisonOperator": "GreaterThanThreshold", "Threshold": 60_000,
                "TreatMissingData": "notBreaching",
            }),
        ),
        (
            "GatewayFailuresAlarm",
            json!({
                "Namespace": "AWS/ApiGateway", "MetricName": "5xx",
                "Dimensions": [{ "Name": "ApiId", "Value": {"Ref": "PortalApi"} }],
                "Statistic": "Average", "Period": 300, "EvaluationPeriods": 2,
                "ComparisonOperator": "GreaterThanThreshold", "Threshold": 0.01,
                "TreatMissingData": "notBreaching",
            }),
        ),
        (
            "ReceiptsStoppedAlarm",
            json!({
                "Namespace": {"Ref": "AWS::StackName"}, "MetricName": "ReceiptsOverdueSeconds",
                "Statistic": "Maximum", "Period": 300, "EvaluationPeriods": 1,
                "ComparisonOperator": "GreaterThanOrEqualToThreshold",
                // Those of the parameter where nobody changes it.
                "Threshold": late.as_i64().unwrap() * 60,
                "TreatMissingData": "breaching",
            }),
        ),
        (
            "GivenUpAlarm",
            json!({
                "Namespace": {"Ref": "AWS::StackName"}, "MetricName": "GivenUp",
                "Statistic": "Maximum", "Period": 300, "EvaluationPeriods": 1,
                "ComparisonOperator": "GreaterThanThreshold", "Threshold": 0,
                "TreatMissingData": "notBreaching",
            }),
        ),
        (
            "SubmitFailuresAlarm",
            json!({
                "EvaluationPeriods": 1, "ComparisonOperator": "GreaterThanThreshold",
                "Threshold": 0, "TreatMissingData": "notBreaching",
            }),
        ),
    ];
    for (name, expected) in alarms {
        let alarm = &resources[name]["Properties"];
        for (key, value) in expected.as_object().unwrap() {
            assert_eq!(alarm[key], *value, "{name}: {key}");
        }
    }
}

/// The alarm on failed submissions counts both routes that send, and AWS counts a route by itself only where it is told to.
#[test]
fn failures_of_both_routes_that_submit_are_counted() {
    let resources = resources(&template());
    let settings = &resources["PortalApiStage"]["Properties"]["RouteSettings"];
    let metrics = list(&resources["SubmitFailuresAlarm"]["Properties"]["Metrics"]);
    assert_eq!(metrics[0]["Expression"], "SUM(METRICS())");
    let mut counted = BTreeSet::new();
    for metric in &metrics[1..] {
        let (of, metric) = (&metric["MetricStat"], &metric["MetricStat"]["Metric"]);
        assert_eq!((&of["Stat"], &of["Period"]), (&json!("Sum"), &json!(60)));
        assert_eq!(metric["Namespace"], "AWS/ApiGateway");
        assert_eq!(metric["MetricName"], "5xx");
        let dimensions: BTreeMap<_, _> = list(&metric["Dimensions"])
            .into_iter()
            .map(|one| (one["Name"].as_str().unwrap(), &one["Value"]))
            .collect();
        assert_eq!(*dimensions["ApiId"], json!({"Ref": "PortalApi"}));
        assert_eq!(*dimensions["Stage"], "$default");
        let named = ["Method", "Resource"].map(|name| dimensions[name].as_str().unwrap());
        let route = named.join(" ");
        assert_eq!(settings[&route]["DetailedMetricsEnabled"], true, "{route}");
        counted.insert(route);
    }
    let both = ["POST /api/submissions", "POST /api/submissions/batch"];
    assert_eq!(counted, both.map(str::to_owned).into());
}

/// A metric that is made of a log reads a line that its function writes, with the fields that it has; and an alarm reads it.
#[test]
fn each_metric_of_a_log_reads_a_line_that_is_written() {
    let resources = resources(&template());
    let alarms = of_type(&resources, "AWS::CloudWatch::Alarm");
    let filters = of_type(&resources, "AWS::Logs::MetricFilter");
    assert!(filters.len() >= 6, "the template has lost metrics");
    for (name, filter) in filters {
        let function = names(&filter["LogGroupName"]).strip_suffix("Logs").unwrap();
        let code = sources(&format!("functions/{}/src", kebab(function)));
        let pattern = filter["FilterPattern"].as_str().unwrap();
        let message =
            pattern.strip_prefix("{ $.message = ").and_then(|rest| rest.strip_suffix(" }"));
        let message = message.unwrap_or_else(|| panic!("{name} reads {pattern}"));
        let line = code
            .split("tracing::")
            .filter_map(|rest| rest.split(");").next())
            .find(|call| call.contains(message))
            .unwrap_or_else(|| panic!("{function} writes no line {message}"));
        let metric = &filter["MetricTransformations"][0];
        let dimensions = list(&metric["Dimensions"]).into_iter().map(|one| &one["Value"]);
        for field in dimensions.chain([&metric["MetricValue"]]).filter_map(Value::as_str) {
            let field = field.strip_prefix("$.").unwrap();
            let is_written = [" =", ","].iter().any(|end| line.contains(&format!(" {field}{end}")))
                || line.contains(&format!("({field} ="));
            assert!(is_written, "{name}: {message} has no {field}");
        }
        assert_eq!(metric["MetricNamespace"], json!({"Ref": "AWS::StackName"}), "{name}");
        let is_watched = alarms.iter().any(|(_, alarm)| {
            alarm["MetricName"] == metric["MetricName"]
                && alarm["Namespace"] == metric["MetricNamespace"]
        });
        assert!(is_watched, "no alarm looks at {name}");
    }
}

/// Who gives a mailbox hears of every alarm; who gives none has a topic to which nobody listens, and `NextSteps` says so.
#[test]
fn the_mailbox_of_alarms_hears_of_them() {
    let resources = resources(&template());
    let subscription = &resources["AlertsSubscription"];
    assert_eq!(subscription["Condition"], "HasAlertsEmail");
    assert_eq!(
        subscription["Properties"],
        json!({
            "TopicArn": {"Ref": "AlertsTopic"},
            "Protocol": "email",
            "Endpoint": {"Ref": "AlertsEmail"},
        })
    );
}

/// The dashboard is a text inside a text: CloudFormation refuses the stack where it is no JSON, and nothing here makes it.
#[test]
fn the_dashboard_is_json_and_looks_at_this_stack_alone() {
    let resources = resources(&template());
    let body = resources["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"].as_str().unwrap();
    let body: Value = serde_json::from_str(body).unwrap();
    let widgets = list(&body["widgets"]);
    assert!(widgets.len() >= 8, "{} widgets", widgets.len());
    for widget in widgets {
        let properties = &widget["properties"];
        assert_eq!(properties["region"], "${AWS::Region}", "{}", properties["title"]);
        let metrics = properties["metrics"].to_string();
        let of_this_stack = ["${AWS::StackName}", "${PortalApi}", "${PortalTable}"];
        assert!(of_this_stack.iter().any(|name| metrics.contains(name)), "{metrics}");
    }
}

/// A call is slow when it took most of what its function may take: each alarm knows the timeouts of its functions.
#[test]
fn slow_calls_are_measured_by_the_timeouts_of_their_functions() {
    let template = template();
    let usual = template["Globals"]["Function"]["Timeout"].as_i64().unwrap();
    let resources = resources(&template);
    let mut measured = 0;
    for (name, alarm) in of_type(&resources, "AWS::CloudWatch::Alarm") {
        if !name.ends_with("SlowAlarm") {
            continue;
        }
        let metrics = list(&alarm["Metrics"]);
        let expression = metrics[0]["Expression"].as_str().unwrap();
        let shares = expression.strip_prefix("MAX([").and_then(|rest| rest.strip_suffix("])"));
        let shares: Vec<&str> = shares.unwrap().split(", ").collect();
        for metric in &metrics[1..] {
            let function = names(&metric["MetricStat"]["Metric"]["Dimensions"][0]["Value"]);
            let timeout = resources[function]["Properties"]["Timeout"].as_i64().unwrap_or(usual);
            // Percent of the timeout, of a duration in milliseconds.
            let share = format!("{} / {}", metric["Id"].as_str().unwrap(), timeout * 10);
            assert!(shares.contains(&share.as_str()), "{name}: {function} has {timeout} s");
            measured += 1;
        }
    }
    assert!(measured > 20, "{measured} functions are measured");
}

/// Files of people, and what anybody may read, travel encrypted or not at all.
#[test]
fn buckets_refuse_what_is_not_encrypted_on_its_way() {
    let resources = resources(&template());
    let refused = json!({"Bool": {"aws:SecureTransport": false}});
    for (bucket, _) in of_type(&resources, "AWS::S3::Bucket") {
        let policy = of_type(&resources, "AWS::S3::BucketPolicy")
            .into_iter()
            .find(|(_, policy)| policy["Bucket"] == json!({"Ref": bucket}))
            .unwrap_or_else(|| panic!("{bucket} has no policy"));
        let refuses = list(&policy.1["PolicyDocument"]["Statement"]).into_iter().any(|statement| {
            statement["Effect"] == "Deny"
                && statement["Action"] == "s3:*"
                && statement["Condition"] == refused
        });
        assert!(refuses, "{bucket}");
    }
}
