//! Clock for the timestamps of changes: the database's, so that writers on several machines agree.

use super::append;
use crate::database::{self, Database};
use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::DatabaseTransaction;

/// Maximum difference between two clocks, or between the last change and the clock.
const MAX_DIFFERENCE: TimeDelta = TimeDelta::minutes(5);

/// Why the clock cannot be used for writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClockFault {
    /// The machine's clock and the database's differ.
    #[error(
        "this machine's clock differs by {0} seconds from the database's; writes are refused until both agree"
    )]
    Differs(i64),
    /// The timestamp of the last change is in the future.
    #[error(
        "the last change of the log is dated {0}, which is in the future; writes are refused until the clock has \
         passed it or the database is restored to an earlier state"
    )]
    HeadInFuture(DateTime<Utc>),
}

/// Current time of the database.
///
/// # Errors
/// When the clocks differ, the log's last change is in the future, or the database does not answer.
pub(super) async fn now(db: &DatabaseTransaction, last: DateTime<Utc>) -> Result<DateTime<Utc>> {
    let own = Utc::now();
    let now = database::now(db).await?;
    check(own, now, last)?;
    Ok(now)
}

/// Timestamp of the log's last change, if it is so far in the future that writes are refused.
///
/// # Errors
/// When the database does not answer.
pub async fn head_in_future(database: &Database) -> Result<Option<DateTime<Utc>>> {
    let head = append::head(&database.read).await?.at;
    Ok(Some(head).filter(|head| *head - Utc::now() > MAX_DIFFERENCE))
}

fn check(own: DateTime<Utc>, now: DateTime<Utc>, last: DateTime<Utc>) -> Result<(), ClockFault> {
    let difference = own - now;
    if difference.abs() > MAX_DIFFERENCE {
        return Err(ClockFault::Differs(difference.num_seconds().abs()));
    }
    if last - now > MAX_DIFFERENCE {
        return Err(ClockFault::HeadInFuture(last));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_wrong_writes_nothing() {
        let now = Utc::now();
        let minutes = TimeDelta::minutes;
        assert_eq!(check(now, now + minutes(4), now), Ok(()));
        assert_eq!(check(now + minutes(6), now, now), Err(ClockFault::Differs(360)));
        assert_eq!(check(now - minutes(6), now, now), Err(ClockFault::Differs(360)));
        assert_eq!(check(now, now, now + minutes(4)), Ok(()), "a clock that was set back a little");
        let future = now + TimeDelta::days(400);
        assert_eq!(check(now, now, future), Err(ClockFault::HeadInFuture(future)));
    }
}
