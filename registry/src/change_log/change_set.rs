//! Change set: rules read the state at the log's head and upsert new states of subjects.

use std::{collections::BTreeSet, sync::Arc};

use anyhow::Result;
use chrono::{DateTime, SubsecRound, Utc};
use entities::{
    audience_segment::Grain,
    change::{Audience, Kind},
    rating_entry,
};

use super::{
    Actor,
    disclosure::{self, Before, Disclosed},
    figures::StagedFigures,
    kind, owners,
    progress::JobProgress,
    restated::{Restated, restated},
    stamp::{stamped, updated_at},
};
use crate::{
    model::{Evidence, Page, Rating, Record, Segment},
    snapshot::{FormerKey, Snapshot},
};

/// Changes that are written atomically.
///
/// Rules depend only on the snapshot at the log's head: the write lock is held, so nothing can change between
/// the decision and the commit.
pub struct ChangeSet {
    pub(super) snapshot: Snapshot,
    pub(super) at: DateTime<Utc>,
    /// Timestamp of the log's last change.
    last: DateTime<Utc>,
    pub(super) actor: Actor,
    /// Reason of the changes that have none of their own.
    pub(super) reason: Option<Box<str>>,
    pub(super) evidence: Option<Evidence>,
    pub(super) changes: Vec<StagedChange>,
    pub(super) progress: Option<JobProgress>,
    pub(super) figures: StagedFigures,
    pub(super) former_keys: BTreeSet<FormerKey>,
    pub(super) rating_entries: Vec<rating_entry::Model>,
}

pub(super) struct StagedChange {
    pub(super) kind: Kind,
    pub(super) after: Record,
    pub(super) reason: Option<Box<str>>,
    /// Territory of the subject, for feeds by territory; `None` if the change hid the subject.
    pub(super) territory_id: Option<i64>,
    /// Territory before the change, if the change moved or hid the subject.
    pub(super) former_territory_id: Option<i64>,
    pub(super) audience: Audience,
    /// Whether a page releases a key that another page may take in the same write.
    pub(super) frees_key: bool,
    pub(super) changes_mark: bool,
    pub(super) is_new: bool,
}

impl ChangeSet {
    /// A change set that is never written, to preview the effect of rules.
    pub fn preview(snapshot: Snapshot) -> Self {
        Self::new(snapshot, Actor::Other("preview".into()), Utc::now(), DateTime::UNIX_EPOCH)
    }

    /// A change set dated `now`, or `last` when the log's last change is later: timestamps in the log never
    /// decrease.
    pub(super) fn new(snapshot: Snapshot, actor: Actor, now: DateTime<Utc>, last: DateTime<Utc>) -> Self {
        let at = now.trunc_subsecs(6).max(last);
        Self {
            snapshot,
            at,
            last,
            actor,
            reason: None,
            evidence: None,
            changes: Vec::new(),
            progress: None,
            figures: StagedFigures::default(),
            former_keys: BTreeSet::new(),
            rating_entries: Vec::new(),
        }
    }

    /// Backdates the write, for generated registries with a history; never before the log's last change.
    pub fn date_back(&mut self, at: DateTime<Utc>) {
        self.at = at.min(self.at).max(self.last);
    }

    /// The snapshot with all states upserted so far.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Timestamp of the write, in microseconds.
    pub fn now(&self) -> DateTime<Utc> {
        self.at
    }

    /// Upserts the new state of a subject; returns `false` when nothing changes.
    ///
    /// # Errors
    /// When the snapshot cannot apply the state.
    pub fn upsert(&mut self, record: impl Into<Record>, reason: Option<&str>) -> Result<bool> {
        let record = owners::allowed(&self.snapshot, record.into(), self.at);
        let last = updated_at(&self.snapshot, &record).unwrap_or(self.at);
        let record = stamped(&self.snapshot, record, last);
        let Some(kind) = kind::of(&self.snapshot, &record) else { return Ok(false) };
        let is_unseen = disclosure::is_unseen(&self.snapshot, &record);
        // Everyone sees the timestamp, too.
        let after = if is_unseen { record } else { stamped(&self.snapshot, record, self.at) };
        let ending = match &after {
            Record::Organization(after) if owners::ends(&self.snapshot, after) => vec![after.id],
            // Organizations that were merged into it while it was suspended.
            Record::Organization(after) if owners::begins(&self.snapshot, after) => {
                self.snapshot.merged_into(after.id)
            }
            _ => Vec::new(),
        };
        let restated = match &after {
            Record::Organization(after) => restated(&self.snapshot, after),
            _ => Vec::new(),
        };
        let was_in = self.snapshot.territory_of_subject(&after);
        let before = Before { is_public: self.snapshot.is_public(&after), territory_id: was_in, is_unseen };
        self.push_from(before, kind, after, reason)?;
        for Restated { record, reason, before } in restated {
            let record = stamped(&self.snapshot, record, self.at);
            self.push_from(before, Kind::Updated, record, Some(&reason))?;
        }
        self.hand_over(&ending).map(|()| true)
    }

    /// Updates the pages of organizations that are suspended or dissolved: a successor, if any, becomes the
    /// owner, and confirmed marks are lost.
    fn hand_over(&mut self, ids: &[i64]) -> Result<()> {
        for id in ids {
            for (page, reason) in owners::handed_over(&self.snapshot, *id, self.at) {
                self.upsert(page, Some(&reason))?;
            }
        }
        Ok(())
    }

    pub(super) fn push(
        &mut self,
        kind: Kind,
        after: Record,
        reason: Option<&str>,
        was_public: bool,
    ) -> Result<()> {
        let territory_id = self.snapshot.territory_of_subject(&after);
        let before = Before { is_public: was_public, territory_id, is_unseen: false };
        self.push_from(before, kind, after, reason)
    }

    /// Adds a change of a subject that was in this state before.
    fn push_from(&mut self, known: Before, kind: Kind, after: Record, reason: Option<&str>) -> Result<()> {
        let before = match &after {
            Record::Page(page) => self.snapshot.page(page.id).cloned(),
            _ => None,
        };
        self.former_keys.extend(self.snapshot.lost_keys(&after));
        self.snapshot.apply(after.clone())?;
        let is_new = matches!(kind, Kind::Created) || (before.is_none() && matches!(after, Record::Page(_)));
        let Disclosed { audience, kind, territory_id, former_territory_id } =
            disclosure::of(&self.snapshot, known, kind, &after);
        self.changes.push(StagedChange {
            kind,
            reason: reason.map(Into::into),
            territory_id,
            former_territory_id,
            audience,
            frees_key: matches!((&before, &after), (Some(before), Record::Page(after)) if frees_key(before, after)),
            changes_mark: matches!(&after, Record::Page(page) if changes_mark(before.as_ref(), page)),
            is_new,
            after,
        });
        Ok(())
    }

    /// Puts a rating with its entries.
    ///
    /// # Errors
    /// When the snapshot cannot apply the rating.
    pub fn put_rating(&mut self, rating: Rating, entries: Vec<rating_entry::Model>) -> Result<()> {
        self.rating_entries.extend(entries);
        self.upsert(rating, None).map(|_| ())
    }

    /// Id of a segment; adds the segment and its coarser segments if they are new.
    pub fn segment_id(&mut self, segment: Segment) -> i32 {
        if let Some(known) = self.snapshot.segments().id(&segment) {
            return known;
        }
        for grain in [Grain::Platform, Grain::Class, Grain::Region] {
            let coarser = segment.at(grain);
            if self.snapshot.segments().id(&coarser).is_none() {
                self.snapshot.add_segment(coarser);
            }
        }
        self.snapshot.add_segment(segment)
    }

    /// Sets why all changes are made, and what they are based on.
    pub fn describe(&mut self, reason: Option<Box<str>>, evidence: Option<Evidence>) {
        self.reason = reason;
        self.evidence = evidence.filter(|evidence| !evidence.is_empty());
    }

    /// Actor of the changes.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Sets the progress of an import; only the last call counts.
    pub fn note_progress(&mut self, progress: JobProgress) {
        self.progress = Some(progress);
    }

    /// The snapshot after the changes up to `seq` were written.
    pub(super) fn into_snapshot(mut self, seq: i64, hash: &[u8]) -> Snapshot {
        self.snapshot.advance(seq, hash, self.at);
        self.snapshot
    }
}

/// Ids are dense and assigned under the write lock, so that a repeated run assigns the same ids.
macro_rules! next_ids {
    ($($(#[$doc:meta])* $name:ident from $table:ident;)+) => {
        impl ChangeSet {
            $($(#[$doc])* pub fn $name(&self) -> i64 {
                self.snapshot.$table().get_max().map_or(1, |(id, _)| id + 1)
            })+
        }
    };
}

next_ids! {
    /// Id for the next territory.
    next_territory_id from territories;
    /// Id for the next sector.
    next_sector_id from sectors;
    /// Id for the next identifier scheme.
    next_scheme_id from schemes;
    /// Id for the next platform.
    next_platform_id from platforms;
    /// Id for the next organization.
    next_organization_id from organizations;
    /// Id for the next page.
    next_page_id from pages;
    /// Id for the next client.
    next_client_id from clients;
    /// Id for the next obligation rule.
    next_rule_id from obligation_rules;
    /// Id for the next exemption.
    next_exemption_id from exemptions;
    /// Id for the next abbreviation.
    next_abbreviation_id from abbreviations;
    /// Id for the next indicator.
    next_indicator_id from indicators;
    /// Id for the next rating methodology.
    next_methodology_id from methodologies;
    /// Id for the next rating.
    next_rating_id from ratings;
    /// Id for the next pack.
    next_pack_id from packs;
    /// Id for the next proposal.
    next_proposal_id from proposals;
}

fn frees_key(before: &Page, after: &Page) -> bool {
    before.is_live()
        && (!after.is_live() || before.handle != after.handle || before.native_id != after.native_id)
}

/// Whether the mark differs from the one before, or a new page has a mark.
pub(super) fn changes_mark(before: Option<&Arc<Page>>, after: &Page) -> bool {
    before.map_or(after.mark.state != entities::page::Mark::None, |before| before.mark != after.mark)
}
