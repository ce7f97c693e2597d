//! Publishing ratings.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use registry::{
    analytics::publish::{self, Refusal},
    change_log::{Actor, Registry},
    model::Scope,
    snapshot::Snapshot,
    statistics::MonthCache,
};

use super::publication::Rating;
use crate::graphql::{
    error::{Error, Result},
    kit::{context::Pinned, period::Period, user_error::UserError},
};

/// Rating to publish.
#[derive(InputObject)]
pub struct RatingPublishInput {
    /// Code of the method, with its version.
    pub methodology: String,
    /// Whole months that are over.
    pub period: Period,
}

/// What became of a rating that was to be published.
#[derive(Default, SimpleObject)]
pub struct RatingPublishPayload {
    /// The rating with its frozen places; null where it could not be published.
    pub rating: Option<Rating>,
    /// Why it could not be published; one at most.
    pub user_errors: Vec<UserError>,
}

/// Writes of ratings.
#[derive(Default)]
pub struct RatingMutation;

#[Object]
impl RatingMutation {
    /// Computes the rating of a period by a method from the figures as they are now, and publishes it: from then on
    /// `rating` answers its places, whatever becomes of the figures. Needs a key with the scope `ratings`.
    async fn rating_publish(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Rating to publish.")] input: RatingPublishInput,
    ) -> Result<RatingPublishPayload> {
        let client = ctx.client(Scope::Ratings)?;
        let days = input.period.span()?;
        let registry = ctx.data_unchecked::<Registry>();
        let months = ctx.data_unchecked::<MonthCache>();
        let actor = Actor::Client(client.name.as_ref().into());
        let published = publish::publish(registry, months, actor, &input.methodology, days).await;
        Ok(match published.map_err(Error::from)? {
            Ok(id) => RatingPublishPayload {
                rating: published_rating(&registry.snapshot(), id),
                ..Default::default()
            },
            Err(refusal) => RatingPublishPayload { user_errors: vec![told(refusal)], ..Default::default() },
        })
    }
}

fn published_rating(snapshot: &Snapshot, id: i64) -> Option<Rating> {
    let rating = snapshot.rating(id)?;
    Some(Rating::published(snapshot.methodology(rating.methodology_id)?.clone(), rating.clone()))
}

fn told(refusal: Refusal) -> UserError {
    let (code, message, field) = match refusal {
        Refusal::UnknownMethodology => {
            ("UNKNOWN_METHODOLOGY", "There is no such method; `methodologies` lists all.", "methodology")
        }
        Refusal::NotWholeMonths => {
            ("NOT_WHOLE_MONTHS", "The period must consist of whole months that are over.", "period")
        }
        Refusal::BeforeMethodology => {
            ("BEFORE_METHODOLOGY", "The period begins before the method is valid.", "period")
        }
        Refusal::AlreadyPublished => (
            "ALREADY_PUBLISHED",
            "The rating is published, and never changes; `rating` answers it.",
            "period",
        ),
        Refusal::NoPlaces => {
            ("NO_PLACES", "Nothing that the method rates has figures in the period.", "period")
        }
    };
    UserError::new(code, message, field)
}
