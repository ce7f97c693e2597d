//! Figures of a page on one day: the facts that all sums are made of.

use sea_orm::entity::prelude::*;

/// Declares the figures that are kept of a page, their columns, and the way from one to the other.
macro_rules! metrics {
    ($($(#[$doc:meta])* $variant:ident $column:ident $number:ty,)+) => {
        crate::closed_set! {
            /// A figure of a page.
            Metric { $($(#[$doc])* $variant,)+ }
        }

        impl Metric {
            /// All figures, in the order of their columns.
            pub const ALL: [Self; METRICS] = [$(Self::$variant,)+];

            /// Column of `page_statistics`.
            pub fn column(self) -> &'static str {
                match self { $(Self::$variant => stringify!($column),)+ }
            }
        }

        /// Row of `page_statistics`. There is no foreign key: pages are never deleted, and the writer, which holds the
        /// registry's lock, knows them all.
        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "page_statistics")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub page_id: i64,
            #[sea_orm(primary_key, auto_increment = false)]
            pub day: Date,
            /// What the page was counted among on that day.
            pub segment_id: i32,
            $(pub $column: Option<$number>,)+
            /// Batch that the figures came with last.
            pub batch_id: i32,
            /// Moment at which the figures were taken.
            pub recorded_at: DateTimeUtc,
            /// Whether subscribers jumped more than tenfold, or fell below a tenth, since the figure before.
            pub is_jump: bool,
        }

        impl Model {
            /// The figures, in the order of [`Metric::ALL`].
            pub fn values(&self) -> Values {
                [$(self.$column.map(i64::from),)+]
            }

            /// Takes figures in the order of [`Metric::ALL`]; those that the column cannot hold are left out.
            pub fn set_values(&mut self, values: Values) {
                let mut values = values.into_iter();
                $(self.$column = values.next().flatten().and_then(|value| value.try_into().ok());)+
            }
        }
    };
}

/// Number of figures that are kept of a page.
pub const METRICS: usize = 12;

/// Figures of a page on one day, in the order of [`Metric::ALL`]; none where nothing is known.
pub type Values = [Option<i64>; METRICS];

metrics! {
    /// Subscribers at the end of the day.
    Subscribers subscribers i32,
    /// Views during the day.
    Views views i64,
    /// People reached during the day, as the platform counts them.
    Reach reach i64,
    /// Posts of the day.
    Posts posts i32,
    /// Reactions of the day, likes included.
    Reactions reactions i32,
    /// Comments of the day.
    Comments comments i32,
    /// Shares of the day.
    Shares shares i32,
    /// Citizens' messages received on the day.
    MessagesReceived messages_received i32,
    /// Citizens' messages answered on the day.
    MessagesAnswered messages_answered i32,
    /// Videos published on the day.
    Videos videos i32,
    /// Short videos published on the day.
    Shorts shorts i32,
    /// Live streams of the day.
    Streams streams i32,
}

impl ActiveModelBehavior for ActiveModel {}

impl Metric {
    /// Whether the figure is a state at the end of a day, and not a count of what happened during it.
    pub fn is_stock(self) -> bool {
        self == Self::Subscribers
    }

    /// Greatest value that is taken in. More than there are people, each day; and sums of it over all pages of a country and
    /// decades of days stay within 64 bits.
    pub fn max(self) -> i64 {
        match self {
            Self::Views | Self::Reach => 10_000_000_000,
            _ => i64::from(i32::MAX),
        }
    }
}
