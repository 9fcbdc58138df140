//! What tests ask of the emulator directly: letters, logs, queues, and switches that on AWS an operator would turn.

use std::{collections::BTreeMap, time::Duration};

use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::{
    environment::{Environment, local_client},
    fault_proxy::Order,
    mailbox::{Certified, Letter},
    signing::Signer,
    story::{Deviation, StoryResult},
};

/// The emulator and the fault proxy before its store.
#[derive(Clone, Debug)]
pub struct Emulator {
    client: Client,
    endpoint: String,
    signer: Signer,
    store_proxy: Option<String>,
    pec_provider: Option<String>,
}

/// How often a reader is disturbed by writers before it gives up.
const BUSY: u32 = 20;

/// Version of IAM's interface.
const IAM: &str = "2010-05-08";

/// A line of a log.
#[derive(Clone, Debug)]
pub struct LogLine {
    /// Which group.
    pub group: String,
    /// What it says.
    pub message: String,
}

impl Emulator {
    /// The emulator of this environment.
    pub fn new(environment: &Environment) -> StoryResult<Self> {
        Ok(Self {
            client: local_client().timeout(Duration::from_mins(1)).build()?,
            endpoint: environment.endpoint()?,
            signer: Signer::new(&environment.text("AWS_REGION")?),
            store_proxy: environment.text("STORE_PROXY_URL").ok(),
            pec_provider: environment.text("PEC_PROVIDER_URL").ok(),
        })
    }

    /// Every letter that was sent to an address: by ordinary mail, oldest first, then by PEC, oldest first.
    pub async fn letters_to(&self, address: &str) -> StoryResult<Vec<Letter>> {
        let to =
            form_urlencoded::Serializer::new(String::new()).append_pair("to", address).finish();
        let path = format!("/_ministack/ses/messages?{to}");
        let answer = self.call("ses", Method::GET, &path, None).await?;
        let boxes = answer.get("messages").and_then(Value::as_object).cloned().unwrap_or_default();
        let mut letters: Vec<Letter> = boxes
            .into_iter()
            .filter_map(|(_, letters)| serde_json::from_value::<Vec<Letter>>(letters).ok())
            .flatten()
            .collect();
        if let Some(provider) = &self.pec_provider {
            let taken = self.client.get(format!("{provider}/messages?{to}")).send().await?;
            let taken: Vec<Certified> = taken.json().await?;
            for message in taken {
                letters.push(message.letter()?);
            }
        }
        // An emulator without our launcher gives the letters of everyone.
        letters.retain(|letter| letter.to.iter().any(|to| to.contains(address)));
        Ok(letters)
    }

    /// The names of all log groups.
    pub async fn log_groups(&self) -> StoryResult<Vec<String>> {
        let mut names = Vec::new();
        let mut asked = json!({ "limit": 50 });
        loop {
            let answer = self.target("logs", "Logs_20140328.DescribeLogGroups", &asked).await?;
            let groups =
                answer.get("logGroups").and_then(Value::as_array).cloned().unwrap_or_default();
            names.extend(
                groups
                    .iter()
                    .filter_map(|group| group.get("logGroupName")?.as_str().map(str::to_owned)),
            );
            match answer.get("nextToken").filter(|token| token.is_string()) {
                Some(token) => asked = json!({ "limit": 50, "nextToken": token }),
                None => return Ok(names),
            }
        }
    }

    /// Every line of a log group from an instant on (milliseconds).
    pub async fn log(&self, group: &str, since: i64) -> StoryResult<Vec<LogLine>> {
        const PAGE: usize = 10_000;
        let mut lines = Vec::new();
        let mut from = since;
        loop {
            // The emulator gives no token for the next page: the page after begins at the last line's instant.
            let asked = json!({ "logGroupName": group, "startTime": from, "limit": PAGE });
            let answer = self.target("logs", "Logs_20140328.FilterLogEvents", &asked).await?;
            let events =
                answer.get("events").and_then(Value::as_array).cloned().unwrap_or_default();
            let messages = events.iter().filter_map(|event| event.get("message")?.as_str());
            lines.extend(
                messages.map(|message| LogLine {
                    group: group.to_owned(),
                    message: message.to_owned(),
                }),
            );
            let last =
                events.last().and_then(|event| event.get("timestamp")?.as_i64()).unwrap_or(from);
            if events.len() < PAGE || last == from {
                return Ok(lines);
            }
            from = last;
        }
    }

    /// Writes a line into a log group of its own, so that a search through logs can be seen to find something.
    pub async fn plant_in_log(&self, group: &str, message: &str, now: i64) -> StoryResult {
        // A group or stream that exists already is as good as a new one.
        self.target("logs", "Logs_20140328.CreateLogGroup", &json!({ "logGroupName": group }))
            .await
            .ok();
        let stream = json!({ "logGroupName": group, "logStreamName": "canary" });
        self.target("logs", "Logs_20140328.CreateLogStream", &stream).await.ok();
        let events = json!([{ "timestamp": now, "message": message }]);
        let put = json!({ "logGroupName": group, "logStreamName": "canary", "logEvents": events });
        self.target("logs", "Logs_20140328.PutLogEvents", &put).await.map(|_| ())
    }

    /// The bodies of all messages that lie in a queue, without touching them.
    pub async fn queued(&self, queue_url: &str) -> StoryResult<Vec<String>> {
        let answer = self
            .call(
                "sqs",
                Method::GET,
                &format!("/_ministack/sqs/messages?QueueUrl={queue_url}"),
                None,
            )
            .await?;
        let mut bodies = Vec::new();
        collect_bodies(&answer, &mut bodies);
        Ok(bodies)
    }

    /// Puts a message into a queue.
    pub async fn enqueue(&self, queue_url: &str, body: &str) -> StoryResult {
        let message = json!({ "QueueUrl": queue_url, "MessageBody": body });
        self.target("sqs", "AmazonSQS.SendMessage", &message).await.map(|_| ())
    }

    /// Addresses of all queues whose name begins so.
    pub async fn queues(&self, prefix: &str) -> StoryResult<Vec<String>> {
        let answer = self
            .target("sqs", "AmazonSQS.ListQueues", &json!({ "QueueNamePrefix": prefix }))
            .await?;
        let urls = answer.get("QueueUrls").and_then(Value::as_array).cloned().unwrap_or_default();
        Ok(urls.iter().filter_map(|url| url.as_str().map(str::to_owned)).collect())
    }

    /// Makes a queue; gives its address and its name as other services know it.
    pub async fn make_queue(
        &self,
        name: &str,
        attributes: &Value,
    ) -> StoryResult<(String, String)> {
        let made = self
            .target(
                "sqs",
                "AmazonSQS.CreateQueue",
                &json!({ "QueueName": name, "Attributes": attributes }),
            )
            .await?;
        let url = made.get("QueueUrl").and_then(Value::as_str).unwrap_or_default().to_owned();
        let asked = json!({ "QueueUrl": url, "AttributeNames": ["QueueArn"] });
        let answer = self.target("sqs", "AmazonSQS.GetQueueAttributes", &asked).await?;
        let arn = answer
            .pointer("/Attributes/QueueArn")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        Ok((url, arn))
    }

    /// Makes a secret with this text.
    pub async fn make_secret(&self, name: &str, text: &str) -> StoryResult {
        let secret = json!({ "Name": name, "SecretString": text });
        self.target("secretsmanager", "secretsmanager.CreateSecret", &secret).await.map(|_| ())
    }

    /// Removes a secret.
    pub async fn remove_secret(&self, name: &str) -> StoryResult {
        let gone = json!({ "SecretId": name, "ForceDeleteWithoutRecovery": true });
        self.target("secretsmanager", "secretsmanager.DeleteSecret", &gone).await.map(|_| ())
    }

    /// Removes a queue.
    pub async fn remove_queue(&self, queue_url: &str) -> StoryResult {
        self.target("sqs", "AmazonSQS.DeleteQueue", &json!({ "QueueUrl": queue_url }))
            .await
            .map(|_| ())
    }

    /// Lets a queue feed a function, as the template does: partial batch answers. Gives the source's identifier.
    pub async fn feed(&self, function: &str, queue_arn: &str) -> StoryResult<String> {
        let source = json!({
            "FunctionName": function, "EventSourceArn": queue_arn, "BatchSize": 10, "Enabled": true,
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
        });
        let made = self
            .call("lambda", Method::POST, "/2015-03-31/event-source-mappings/", Some(source))
            .await?;
        made.get("UUID")
            .and_then(Value::as_str)
            .map(str::to_owned)
            .ok_or_else(|| Deviation::new(format!("no source: {made}")))
    }

    /// Ends a feed.
    pub async fn stop_feed(&self, source: &str) -> StoryResult {
        self.call(
            "lambda",
            Method::DELETE,
            &format!("/2015-03-31/event-source-mappings/{source}"),
            None,
        )
        .await
        .map(|_| ())
    }

    /// Switches the source of a function's events on or off.
    pub async fn switch_source(&self, function: &str, enabled: bool) -> StoryResult {
        let path = format!("/2015-03-31/event-source-mappings/?FunctionName={function}");
        let answer = self.call("lambda", Method::GET, &path, None).await?;
        let mappings = answer
            .get("EventSourceMappings")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        if mappings.is_empty() {
            return Err(Deviation::new(format!("{function} has no event source")));
        }
        for mapping in &mappings {
            let uuid = mapping.get("UUID").and_then(Value::as_str).unwrap_or_default();
            let path = format!("/2015-03-31/event-source-mappings/{uuid}");
            self.call("lambda", Method::PUT, &path, Some(json!({ "Enabled": enabled }))).await?;
            let after = self.call("lambda", Method::GET, &path, None).await?;
            let wanted = if enabled { "Enabled" } else { "Disabled" };
            if after.get("State").and_then(Value::as_str) != Some(wanted) {
                return Err(Deviation::new(format!(
                    "the source of {function} is not {wanted}: {after}"
                )));
            }
        }
        Ok(())
    }

    /// Calls a function directly and gives its answer.
    pub async fn invoke(&self, function: &str, event: &Value) -> StoryResult<Value> {
        let path = format!("/2015-03-31/functions/{function}/invocations");
        self.call("lambda", Method::POST, &path, Some(event.clone())).await
    }

    /// The template as SAM deployed it: what it added, too.
    pub async fn deployed_template(&self, stack: &str) -> StoryResult<Value> {
        let asked = [
            ("Action", "GetTemplate"),
            ("Version", "2010-05-15"),
            ("StackName", stack),
            ("TemplateStage", "Processed"),
        ];
        Ok(serde_json::from_str(&self.query("cloudformation", &asked, "TemplateBody").await?)?)
    }

    /// The environment variables of a function, as they were deployed.
    pub async fn variables(&self, function: &str) -> StoryResult<BTreeMap<String, String>> {
        let path = format!("/2015-03-31/functions/{function}/configuration");
        let configuration = self.call("lambda", Method::GET, &path, None).await?;
        let variables = configuration.pointer("/Environment/Variables").cloned();
        Ok(serde_json::from_value(variables.unwrap_or_default())?)
    }

    /// What a function may do: the name of its role and the role's one policy.
    pub async fn permissions(&self, function: &str) -> StoryResult<(String, Value)> {
        let path = format!("/2015-03-31/functions/{function}/configuration");
        let configuration = self.call("lambda", Method::GET, &path, None).await?;
        let role = configuration.get("Role").and_then(Value::as_str).unwrap_or_default();
        let role = role.rsplit('/').next().unwrap_or_default().to_owned();
        let asked = [
            ("Action", "GetRolePolicy"),
            ("Version", IAM),
            ("RoleName", &role),
            ("PolicyName", "own"),
        ];
        let document = self.query("iam", &asked, "PolicyDocument").await?;
        // IAM gives documents percent-encoded.
        let decoded =
            form_urlencoded::parse(format!("d={}", document.replace('+', "%2B")).as_bytes())
                .next()
                .map(|(_, document)| document.into_owned())
                .unwrap_or_default();
        Ok((role, serde_json::from_str(&decoded)?))
    }

    /// Gives a role another policy.
    pub async fn permit(&self, role: &str, policy: &Value) -> StoryResult {
        let policy = policy.to_string();
        let asked = [
            ("Action", "PutRolePolicy"),
            ("Version", IAM),
            ("RoleName", role),
            ("PolicyName", "own"),
            ("PolicyDocument", &policy),
        ];
        self.query("iam", &asked, "RequestId").await.map(|_| ())
    }

    /// Orders a fault of the store; gives the order's id.
    pub async fn order_fault(&self, order: &Order) -> StoryResult<u64> {
        let answer =
            self.proxy(Method::POST, "/_faults", Some(serde_json::to_value(order)?)).await?;
        answer
            .get("id")
            .and_then(Value::as_u64)
            .ok_or_else(|| Deviation::new(format!("no order: {answer}")))
    }

    /// How often an ordered fault happened.
    pub async fn fault_fired(&self, id: u64) -> StoryResult<u64> {
        let answer = self.proxy(Method::GET, &format!("/_faults/{id}"), None).await?;
        answer
            .get("fired")
            .and_then(Value::as_u64)
            .ok_or_else(|| Deviation::new(format!("no such order: {answer}")))
    }

    /// Takes an order back.
    pub async fn cancel_fault(&self, id: u64) -> StoryResult {
        self.proxy(Method::DELETE, &format!("/_faults/{id}"), None).await.map(|_| ())
    }

    /// How many requests of each operation the store got whose body holds a text.
    pub async fn store_requests(&self, text: &str) -> StoryResult<BTreeMap<String, u64>> {
        self.store_requests_with_any(&[text]).await
    }

    /// How many calls of each operation the store got whose body holds one of several texts; all tries of one call are one.
    pub async fn store_requests_with_any(
        &self,
        texts: &[&str],
    ) -> StoryResult<BTreeMap<String, u64>> {
        let answer = self.proxy(Method::POST, "/_counts", Some(json!(texts))).await?;
        Ok(serde_json::from_value(answer)?)
    }

    /// From now on the read units of all that the store answers are added up.
    pub async fn begin_counting_reads(&self) -> StoryResult {
        self.proxy(Method::POST, "/_reads", None).await.map(|_| ())
    }

    /// Half read units since then, as AWS counts them.
    pub async fn half_read_units(&self) -> StoryResult<u64> {
        let answer = self.proxy(Method::GET, "/_reads", None).await?;
        answer
            .get("half_units")
            .and_then(Value::as_u64)
            .ok_or_else(|| Deviation::new(format!("reads are not counted: {answer}")))
    }

    async fn proxy(&self, method: Method, path: &str, body: Option<Value>) -> StoryResult<Value> {
        let proxy = self.store_proxy.as_ref();
        let proxy = proxy.ok_or_else(|| {
            Deviation::new("STORE_PROXY_URL is not known: run `cargo xtask up` again")
        })?;
        let mut request = self.client.request(method, format!("{proxy}{path}"));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await?;
        let status = response.status();
        let answer = response.json().await?;
        if status.is_success() {
            Ok(answer)
        } else {
            Err(Deviation::new(format!("the fault proxy refused {path}: {answer}")))
        }
    }

    async fn target(&self, service: &str, target: &str, body: &Value) -> StoryResult<Value> {
        let ask = || {
            let request = self
                .client
                .post(&self.endpoint)
                .header("x-amz-target", target)
                .body(body.to_string());
            self.finish(
                service,
                target,
                request.header("content-type", "application/x-amz-json-1.1"),
            )
        };
        let mut answer = ask().await;
        for _ in 0..BUSY {
            match &answer {
                // The emulator's bookkeeping is not safe against writers beside it.
                Err(deviation) if deviation.what().contains("changed size during iteration") => {
                    answer = ask().await;
                }
                _ => break,
            }
        }
        answer
    }

    async fn call(
        &self,
        service: &str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> StoryResult<Value> {
        let mut request = self.client.request(method, format!("{}{path}", self.endpoint));
        if let Some(body) = body {
            request = request.json(&body);
        }
        self.finish(service, path, request).await
    }

    async fn finish(
        &self,
        service: &str,
        what: &str,
        request: reqwest::RequestBuilder,
    ) -> StoryResult<Value> {
        let text = self.text(service, what, request).await?;
        Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// A call of a service that takes forms and answers XML: the text inside one element of its answer.
    async fn query(
        &self,
        service: &str,
        parameters: &[(&str, &str)],
        element: &str,
    ) -> StoryResult<String> {
        let what = parameters.first().map_or(service, |(_, action)| action);
        let form: String =
            form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        let request = self
            .client
            .post(&self.endpoint)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form);
        let answer = self.text(service, what, request).await?;
        let found = answer
            .split_once(&format!("<{element}>"))
            .and_then(|(_, rest)| rest.split_once(&format!("</{element}>")));
        let (text, _) =
            found.ok_or_else(|| Deviation::new(format!("{what}: no {element}: {answer}")))?;
        Ok([("&quot;", "\""), ("&apos;", "'"), ("&#x27;", "'"), ("&lt;", "<"), ("&gt;", ">")]
            .iter()
            .fold(text.to_owned(), |text, (escaped, letter)| text.replace(escaped, letter))
            .replace("&amp;", "&"))
    }

    /// The emulator finds service and region in the signature's scope; where it enforces roles it checks the signature, too.
    async fn text(
        &self,
        service: &str,
        what: &str,
        request: reqwest::RequestBuilder,
    ) -> StoryResult<String> {
        let mut request = request.build()?;
        self.signer.sign(service, &mut request)?;
        let response = self.client.execute(request).await?;
        let status = response.status();
        let text = response.text().await?;
        if !status.is_success() {
            return Err(Deviation::new(format!("the emulator refused {what}: {status} {text}")));
        }
        Ok(text)
    }
}

/// The peek endpoint groups messages by account, region and queue; only the bodies matter here.
fn collect_bodies(value: &Value, bodies: &mut Vec<String>) {
    match value {
        Value::Object(map) => match map.get("Body").and_then(Value::as_str) {
            Some(body) => bodies.push(body.to_owned()),
            None => map.values().for_each(|inner| collect_bodies(inner, bodies)),
        },
        Value::Array(list) => list.iter().for_each(|inner| collect_bodies(inner, bodies)),
        _ => {}
    }
}
