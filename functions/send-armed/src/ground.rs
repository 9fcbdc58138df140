//! What sending rests on: rows and clocks. A test puts others in their place, and stops a run anywhere.

use domain::{
    ids::{ApplicationId, CampaignId, ModelId},
    receipt::ReceiptCode,
};
use jiff::{SignedDuration, Timestamp};
use outside::{aws, clock};
use store::{
    applications::armed::{ArmedOutcome, ArmedSubmit},
    armed_sends::{Armed, ArmedRun, ArmedWalk},
    campaigns::Version,
    retry::Failure,
    rows::{SaveError, StoreError},
};

use crate::App;

/// The rows of what is armed, and the clock.
pub(crate) trait Ground {
    /// The wall clock.
    fn now(&self) -> Timestamp;
    /// Lets time pass.
    async fn pause(&self, time: SignedDuration);
    /// A fresh receipt code.
    fn code(&self) -> Result<ReceiptCode, StoreError>;
    /// The newest versions of a campaign, the newest first, as last written.
    async fn versions(&self, campaign: &CampaignId) -> Result<Vec<Version>, StoreError>;
    async fn runs(
        &self,
        campaign: &CampaignId,
        model: &ModelId,
    ) -> Result<Vec<ArmedRun>, StoreError>;
    async fn begin(
        &self,
        campaign: &CampaignId,
        model: &ModelId,
        run: ArmedRun,
    ) -> Result<(), StoreError>;
    /// None when another run was faster.
    async fn move_on(
        &self,
        campaign: &CampaignId,
        model: &ModelId,
        after: ArmedRun,
    ) -> Result<Option<ArmedRun>, StoreError>;
    async fn page(
        &self,
        campaign: &CampaignId,
        model: &ModelId,
        walk: &ArmedWalk,
        limit: i32,
    ) -> Result<(Vec<Armed>, ArmedWalk), StoreError>;
    async fn find(
        &self,
        campaign: &CampaignId,
        model: &ModelId,
        application: &ApplicationId,
    ) -> Result<Option<Armed>, StoreError>;
    async fn submit(&self, submit: &ArmedSubmit<'_>) -> Result<ArmedOutcome, StoreError>;
    async fn take_out(
        &self,
        campaign: &CampaignId,
        model: &ModelId,
        sent: &[ApplicationId],
    ) -> Result<(), StoreError>;
}

impl Ground for App {
    fn now(&self) -> Timestamp {
        clock::wall()
    }

    async fn pause(&self, time: SignedDuration) {
        tokio::time::sleep(time.unsigned_abs()).await;
    }

    fn code(&self) -> Result<ReceiptCode, StoreError> {
        let random = aws::random().map_err(|source| StoreError::Unavailable {
            what: "receipt code",
            failure: Failure::Server,
            source: Box::new(source),
        })?;
        Ok(ReceiptCode::from_random(random))
    }

    async fn versions(&self, campaign: &CampaignId) -> Result<Vec<Version>, StoreError> {
        self.store.campaigns.versions(campaign).await
    }

    async fn runs(
        &self,
        campaign: &CampaignId,
        model: &ModelId,
    ) -> Result<Vec<ArmedRun>, StoreError> {
        self.store.armed_sends.runs(campaign, model).await
    }

    async fn begin(
        &self,
        campaign: &CampaignId,
        model: &ModelId,
        run: ArmedRun,
    ) -> Result<(), StoreError> {
        self.store.armed_sends.begin(campaign, model, run).await
    }

    async fn move_on(
        &self,
        campaign: &CampaignId,
        model: &ModelId,
        after: ArmedRun,
    ) -> Result<Option<ArmedRun>, StoreError> {
        match self.store.armed_sends.move_on(campaign, model, after).await {
            Ok(run) => Ok(Some(run)),
            Err(SaveError::Store(error)) if !is_conflict(&error) => Err(error),
            Err(_) => Ok(None),
        }
    }

    async fn page(
        &self,
        campaign: &CampaignId,
        model: &ModelId,
        walk: &ArmedWalk,
        limit: i32,
    ) -> Result<(Vec<Armed>, ArmedWalk), StoreError> {
        self.store.armed_sends.page(campaign, model, walk, limit).await
    }

    async fn find(
        &self,
        campaign: &CampaignId,
        model: &ModelId,
        application: &ApplicationId,
    ) -> Result<Option<Armed>, StoreError> {
        self.store.armed_sends.find(campaign, model, application).await
    }

    async fn submit(&self, submit: &ArmedSubmit<'_>) -> Result<ArmedOutcome, StoreError> {
        self.store.applications.submit_armed(submit).await
    }

    async fn take_out(
        &self,
        campaign: &CampaignId,
        model: &ModelId,
        sent: &[ApplicationId],
    ) -> Result<(), StoreError> {
        self.store.armed_sends.take_out(campaign, model, sent).await
    }
}

const fn is_conflict(error: &StoreError) -> bool {
    matches!(error, StoreError::Unavailable { failure: Failure::Conflict, .. })
}
