//! What came of a click day: the fate of each application, and what was used up on the way.

use crate::{arena::Arena, micros::Micros};

/// Why a try, and in the end perhaps an application, was refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Cause {
    /// The portal said that the window is not open yet.
    TooEarly,
    /// API Gateway: the throttle of the route.
    GatewayRoute,
    /// API Gateway: the throttle of the account in the region.
    GatewayAccount,
    /// Lambda: no environment is free and no more are allowed.
    LambdaConcurrency,
    /// Lambda: environments are not started so fast.
    LambdaScaling,
    /// Lambda: ten requests a second for each environment that is allowed.
    LambdaRequests,
    /// DynamoDB: a partition of the table.
    TablePartition,
    /// DynamoDB: the quota of the table.
    TableQuota,
    /// DynamoDB: a partition of the index, which holds the table's write back.
    IndexPartition,
    /// DynamoDB: the quota of the index.
    IndexQuota,
    /// The function stopped before the turn of this one came, to answer in time.
    OutOfTime,
    /// No answer had come when the simulation ended.
    UnderWay,
}

impl Cause {
    /// All of them, with what the report calls them.
    pub const ALL: [(Self, &'static str); 12] = [
        (Self::TooEarly, "before the opening"),
        (Self::GatewayRoute, "gateway, route"),
        (Self::GatewayAccount, "gateway, account"),
        (Self::LambdaConcurrency, "Lambda, concurrency"),
        (Self::LambdaScaling, "Lambda, scaling rate"),
        (Self::LambdaRequests, "Lambda, requests a second"),
        (Self::TablePartition, "table, partition"),
        (Self::TableQuota, "table, quota"),
        (Self::IndexPartition, "index, partition"),
        (Self::IndexQuota, "index, quota"),
        (Self::OutOfTime, "function out of time"),
        (Self::UnderWay, "still under way"),
    ];

    /// Whose limit it is.
    pub const fn layer(self) -> Layer {
        match self {
            Self::TooEarly | Self::UnderWay => Layer::None,
            Self::GatewayRoute | Self::GatewayAccount => Layer::Gateway,
            Self::LambdaConcurrency | Self::LambdaScaling | Self::LambdaRequests => Layer::Lambda,
            Self::TablePartition
            | Self::TableQuota
            | Self::IndexPartition
            | Self::IndexQuota
            | Self::OutOfTime => Layer::Store,
        }
    }
}

/// Where a limit lies.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Layer {
    /// No limit of AWS.
    None,
    /// API Gateway: the refused has no arrival.
    Gateway,
    /// Lambda: the same.
    Lambda,
    /// The store: the refused holds a ticket that keeps its arrival.
    Store,
}

/// How an application ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fate {
    /// Not yet; no outcome has such a one.
    Open,
    /// Stored, with a receipt.
    Accepted,
    /// Refused by the portal for good: not ready, not theirs.
    Invalid,
    /// Refused at its last try, and nobody has the patience for another.
    Refused(Cause),
}

/// One application's way.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    /// The gateway's millisecond of the first try that reached the function after the opening: a ticket keeps it.
    pub arrival: Option<i64>,
    /// When the receipt stands on the screen.
    pub receipt: Option<Micros>,
    /// How it ended.
    pub fate: Fate,
}

/// What happened in one second.
#[derive(Clone, Copy, Debug, Default)]
pub struct Second {
    /// Receipts on screens.
    pub receipts: usize,
    /// Tries that the gateway refused.
    pub gateway: usize,
    /// Tries that Lambda refused.
    pub lambda: usize,
    /// Applications that got a ticket instead of a receipt.
    pub store: usize,
}

/// All that a run gives.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// By number of the application.
    pub sent: Arena<Sent>,
    /// Requests that left a client.
    pub tries: usize,
    /// Those that the gateway passed on, and charges.
    pub passed: usize,
    /// Those that a function answered.
    pub answered: usize,
    /// Refusals by cause: requests at gateway and Lambda, applications at the store.
    pub refused: [usize; Cause::ALL.len()],
    /// Environments at work at once, at most.
    pub environments: u32,
    /// Environments that were started.
    pub cold_starts: u32,
    /// Time that environments worked, which Lambda charges.
    pub busy: Micros,
    /// Write units, of table and index, of submissions.
    pub write_units: u64,
    /// Looks at a session's row.
    pub session_reads: usize,
    /// When the last armed application was sent.
    pub armed_sent: Option<Micros>,
    /// How often the store refused an armed send.
    pub armed_throttled: usize,
    /// When the last accepted submission was recorded in its history; none if not within a day.
    pub recorded: Option<Micros>,
    /// Seconds since the opening.
    pub seconds: Vec<Second>,
}

impl Outcome {
    /// Counts a refusal.
    pub fn refuse(&mut self, now: Micros, cause: Cause) {
        let places = self.refused.iter_mut().zip(Cause::ALL);
        if let Some((count, _)) = places.into_iter().find(|(_, (other, _))| *other == cause) {
            *count += 1;
        }
        self.in_second(now, |second| match cause.layer() {
            Layer::Gateway => second.gateway += 1,
            Layer::Lambda => second.lambda += 1,
            Layer::Store => second.store += 1,
            Layer::None => {}
        });
    }

    /// Counts something in the second of an instant.
    pub fn in_second(&mut self, now: Micros, count: impl FnOnce(&mut Second)) {
        let number = now.whole_seconds();
        if self.seconds.len() <= number {
            self.seconds.resize(number + 1, Second::default());
        }
        if let Some(second) = self.seconds.get_mut(number) {
            count(second);
        }
    }

    /// How many ended so.
    pub fn ended(&self, is: impl Fn(Fate) -> bool) -> usize {
        self.sent.iter().filter(|sent| is(sent.fate)).count()
    }

    /// When the last receipt came.
    pub fn last_receipt(&self) -> Option<Micros> {
        self.sent.iter().filter_map(|sent| sent.receipt).max()
    }
}
