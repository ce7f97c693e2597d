//! Fields that authorities and institutions share.

/// Defines a GraphQL type over an `OrganizationView`: the shared fields, then its own.
///
/// A macro, because `#[graphql(flatten)]` leaves out the fields of types that refer to each other.
macro_rules! organization_object {
    ($(#[$doc:meta])* $name:ident { $($own:tt)* }) => {
        $(#[$doc])*
        pub struct $name<'a>(pub(crate) OrganizationView<'a>);

        impl<'a> From<OrganizationView<'a>> for $name<'a> {
            fn from(view: OrganizationView<'a>) -> Self {
                Self(view)
            }
        }

        $crate::graphql::kit::sequential::resolve_sequentially!($name<'_>);

        $(#[$doc])*
        #[Object]
        impl<'a> $name<'a> {
            /// Global id of the organization; it never changes, not even with the kind of the organization.
            pub async fn id(&self) -> ID {
                id::global("Organization", self.0.id)
            }

            /// Stable code of the organization in this registry.
            pub async fn code(&self) -> &str {
                &self.0.code
            }

            /// Kind of the organization.
            pub async fn kind(&self) -> OrganizationKind {
                self.0.kind.into()
            }

            /// Full official name of the organization.
            pub async fn name(&self) -> &str {
                &self.0.name
            }

            /// Short official name of the organization; null if not set.
            pub async fn short_name(&self) -> Option<&str> {
                self.0.short_name.as_deref()
            }

            /// Other names of the organization: translations, former names, abbreviations; tens at most.
            pub async fn other_names(&self) -> Vec<OrganizationName> {
                let names = self.0.other_names.iter().map(|other| OrganizationName {
                    name: other.name.to_string(),
                    kind: other.kind.into(),
                    language: other.language.as_deref().map(str::to_owned),
                    since: other.since.map(Date),
                    until: other.until.map(Date),
                });
                names.collect()
            }

            /// Identifiers of the organization in official registers; units share those of their legal parent; tens at most.
            pub async fn identifiers(&self) -> Vec<OrganizationIdentifier> {
                let identifiers = self.0.identifiers.iter().map(|identifier| OrganizationIdentifier {
                    scheme_code: identifier.scheme.to_string(),
                    value: identifier.value.to_string(),
                    state: identifier.state.into(),
                });
                identifiers.collect()
            }

            /// Statistics summed over the organization's pages.
            pub async fn statistics(&self) -> SumStatistics<'a> {
                self.0.into()
            }

            /// Lifecycle status of the organization.
            pub async fn status(&self) -> OrganizationStatus {
                self.0.status.into()
            }

            /// Territory of the organization; null if not set.
            pub async fn territory(&self) -> Option<SequentialObject<Territory<'a>>> {
                self.0.territory().map(Territory).map(SequentialObject)
            }

            /// Parent organization; null if there is none.
            pub async fn parent(&self) -> Option<SequentialObject<Organization<'a>>> {
                self.0.parent().map(Organization::from).map(SequentialObject)
            }

            /// Ancestors of the organization, nearest first; at most 10.
            pub async fn ancestors(&self) -> SequentialList<Organization<'a>> {
                SequentialList(self.0.ancestors().map(Organization::from).collect())
            }

            /// Organizations whose parent is this one.
            #[allow(clippy::too_many_arguments, reason = "they are the arguments of the field")]
            pub async fn children(
                &self,
                #[graphql(desc = "Conditions that the organizations must meet.")] filter: Option<OrganizationFilter>,
                #[graphql(default, desc = "Order of the list.")] order_by: OrganizationOrder,
                #[graphql(desc = "Number of items from the beginning, 20 unless `last` is given, from 1 to 100.")]
                first: Option<i32>,
                #[graphql(desc = "Return items after this cursor; with `first`.")] after: Option<String>,
                #[graphql(desc = "Number of items from the end, from 1 to 100.")] last: Option<i32>,
                #[graphql(desc = "Return items before this cursor; with `last`.")] before: Option<String>,
            ) -> Result<SequentialObject<Connection<Organization<'a>>>> {
                let filter = filter.unwrap_or_default().compile(self.0.view())?;
                let (name, found) = (format!("children-{}", self.0.id), self.0.children(&filter));
                let part = $crate::graphql::kit::part::Part { first, after, last, before };
                organization::listed(&name, self.0.view(), found, &filter, order_by, part).map(SequentialObject)
            }

            /// Pages that the organization owns or co-owns.
            #[allow(clippy::too_many_arguments, reason = "they are the arguments of the field")]
            pub async fn pages(
                &self,
                #[graphql(desc = "Conditions that the pages must meet.")] filter: Option<PageFilter>,
                #[graphql(default, desc = "Order of the list.")] order_by: PageOrder,
                #[graphql(desc = "Number of items from the beginning, 20 unless `last` is given, from 1 to 100.")]
                first: Option<i32>,
                #[graphql(desc = "Return items after this cursor; with `first`.")] after: Option<String>,
                #[graphql(desc = "Number of items from the end, from 1 to 100.")] last: Option<i32>,
                #[graphql(desc = "Return items before this cursor; with `last`.")] before: Option<String>,
            ) -> Result<SequentialObject<Connection<Page<'a>>>> {
                let filter = filter.unwrap_or_default().compile(self.0.view())?;
                let (name, found) = (format!("pages-{}", self.0.id), self.0.pages(&filter));
                let part = $crate::graphql::kit::part::Part { first, after, last, before };
                page::listed(&name, self.0.view(), found, &filter, order_by, part).map(SequentialObject)
            }

            /// Website of the organization; null if not set.
            pub async fn website(&self) -> Option<Url> {
                self.0.website.as_deref().map(|url| Url(url.to_owned()))
            }

            /// First day of the organization according to its source (valid time); null if unknown.
            pub async fn valid_from(&self) -> Option<Date> {
                self.0.valid_from.map(Date)
            }

            /// Last day of the organization according to its source (valid time); null if unknown.
            pub async fn valid_to(&self) -> Option<Date> {
                self.0.valid_to.map(Date)
            }

            /// Whether `validFrom` is before the registry's first record of the organization, and thus not proven by its log.
            pub async fn is_backdated(&self) -> bool {
                self.0.view().is_backdated(self.0.valid_from, self.0.created_at)
            }

            /// Organizations that succeeded this one after a merger or split; tens at most.
            pub async fn successors(&self) -> SequentialList<Organization<'a>> {
                SequentialList(self.0.successors().into_iter().map(Organization::from).collect())
            }

            /// Organizations that this one succeeded after a merger or split; tens at most.
            pub async fn predecessors(&self) -> SequentialList<Organization<'a>> {
                SequentialList(self.0.predecessors().into_iter().map(Organization::from).collect())
            }

            /// Organization that this one was merged into, following later mergers; null if it was not merged.
            pub async fn merged_into(&self) -> Option<SequentialObject<Organization<'a>>> {
                self.0.merged_into().map(Organization::from).map(SequentialObject)
            }

            /// Obligations of the organization to have pages; null if no rule applies to it.
            pub async fn obligation(&self) -> Option<Obligation<'a>> {
                Obligation::of(self.0)
            }

            /// History of the organization, newest entry first; within `asOf`, up to that time.
            pub async fn history(
                &self,
                ctx: &Context<'_>,
                #[graphql(default = 20, desc = "Number of items, from 1 to 100.")] first: i32,
                #[graphql(desc = "Return items after this cursor.")] after: Option<String>,
            ) -> Result<Connection<HistoryEntry<'a>>> {
                let subject = (SubjectType::Organization, self.0.id);
                // On the heap, so that the futures of other fields stay small.
                Box::pin(history_of(ctx, self.0.view(), subject, first, after)).await
            }

            /// Name of the source of the record; `synthetic` for generated records.
            pub async fn source(&self) -> &str {
                &self.0.source
            }

            /// Sources of the fields that are not of `source`, such as those that an operator corrected; at most 17.
            pub async fn field_sources(&self) -> Vec<$crate::graphql::field_source::FieldSource> {
                $crate::graphql::field_source::FieldSource::visible(self.0.view(), &self.0.field_sources)
            }

            /// Timestamp of the organization's entry into the registry.
            pub async fn created_at(&self) -> DateTime {
                DateTime(self.0.created_at)
            }

            /// Timestamp of the organization's last change in the registry.
            pub async fn updated_at(&self) -> DateTime {
                DateTime(self.0.updated_at)
            }

            $($own)*
        }
    };
}
pub(crate) use organization_object;
