//! Publication of ratings.

use async_graphql::{Context, Enum, InputObject, Object, SimpleObject};
use registry::{
    analytics::publish::{self, PublishError},
    change_log::Registry,
    model::Scope,
    snapshot::Snapshot,
    statistics::MonthCache,
};

use super::publication::Rating;
use crate::graphql::{
    error::{Error, Result},
    kit::{context::Pinned, date_range::DateRange},
};

/// Rating to publish.
#[derive(InputObject)]
pub struct RatingPublishInput {
    /// Code of the methodology, including its version.
    pub methodology_code: String,
    /// Period of whole months that have ended.
    pub period: DateRange,
}

/// Result of publishing a rating.
#[derive(Default, SimpleObject)]
pub struct RatingPublishPayload {
    /// The published rating; null if there are `userErrors`.
    pub rating: Option<Rating>,
    /// Why the rating was not published; at most one.
    pub user_errors: Vec<RatingPublishError>,
}

/// Code of an error in the input of `ratingPublish`.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum RatingPublishErrorCode {
    /// There is no such methodology.
    UnknownMethodology,
    /// The period does not consist of whole months that have ended.
    NotWholeMonths,
    /// The period begins before the methodology's `validFrom`.
    BeforeMethodology,
    /// The rating is already published and cannot change.
    AlreadyPublished,
    /// No subject of the methodology has statistics in the period.
    NoEntries,
}

/// Error in the input of `ratingPublish`.
#[derive(SimpleObject)]
pub struct RatingPublishError {
    /// Stable code of the error.
    pub code: RatingPublishErrorCode,
    /// What is wrong, and what to do.
    pub message: String,
    /// Path of the field in the input.
    pub field: Vec<String>,
}

/// Mutations of ratings.
#[derive(Default)]
pub struct RatingMutation;

#[Object]
impl RatingMutation {
    /// Computes a rating from the current statistics and publishes it. A published rating is immutable: `rating` returns it
    /// even if the statistics change later. Requires a key with the scope `ratings:publish`, else `FORBIDDEN`.
    async fn rating_publish(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Rating to publish.")] input: RatingPublishInput,
    ) -> Result<RatingPublishPayload> {
        let request = ctx.write_request(Scope::Ratings)?;
        let days = input.period.span(ctx.view().day())?;
        let registry = ctx.data_unchecked::<Registry>();
        let months = ctx.data_unchecked::<MonthCache>();
        let published = publish::publish(registry, months, request, &input.methodology_code, days).await;
        Ok(match published.map_err(Error::from)? {
            Ok(written) => RatingPublishPayload {
                rating: published_rating(&registry.snapshot(), written.result),
                ..Default::default()
            },
            Err(error) => RatingPublishPayload { user_errors: vec![user_error(error)], ..Default::default() },
        })
    }
}

fn published_rating(snapshot: &Snapshot, id: i64) -> Option<Rating> {
    let rating = snapshot.rating(id)?;
    Some(Rating::published(snapshot.methodology(rating.methodology_id)?.clone(), rating.clone()))
}

fn user_error(error: PublishError) -> RatingPublishError {
    use RatingPublishErrorCode as Code;
    let (code, message, field) = match error {
        PublishError::UnknownMethodology => {
            (Code::UnknownMethodology, "Unknown methodology; `methodologies` lists all.", "methodologyCode")
        }
        PublishError::NotWholeMonths => {
            (Code::NotWholeMonths, "The period must consist of whole months that have ended.", "period")
        }
        PublishError::BeforeMethodology => {
            (Code::BeforeMethodology, "The period begins before the methodology's `validFrom`.", "period")
        }
        PublishError::AlreadyPublished => (
            Code::AlreadyPublished,
            "The rating is already published and cannot change; `rating` returns it.",
            "period",
        ),
        PublishError::NoEntries => {
            (Code::NoEntries, "No subject of the methodology has statistics in the period.", "period")
        }
    };
    RatingPublishError { code, message: message.to_owned(), field: vec!["input".into(), field.into()] }
}
