//! Daily statistics of a page: the base data of all aggregates.

use sea_orm::entity::prelude::*;

/// Declares the metrics of a page, their columns, and the conversion between both.
macro_rules! metrics {
    ($($(#[$doc:meta])* $variant:ident $column:ident $number:ty,)+) => {
        crate::closed_set! {
            /// A metric of a page.
            Metric { $($(#[$doc])* $variant,)+ }
        }

        impl Metric {
            /// All metrics, in column order.
            pub const ALL: [Self; METRICS] = [$(Self::$variant,)+];

            /// Column of `page_statistics`.
            pub fn column(self) -> &'static str {
                match self { $(Self::$variant => stringify!($column),)+ }
            }
        }

        /// Row of `page_statistics`. No foreign keys: pages are never deleted, and the writer, which holds
        /// the write lock, knows them all.
        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "page_statistics")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub page_id: i64,
            #[sea_orm(primary_key, auto_increment = false)]
            pub day: Date,
            /// Segment of the page on that day.
            pub segment_id: i32,
            $(pub $column: Option<$number>,)+
            /// Last batch that wrote the row.
            pub batch_id: i32,
            /// Timestamp at which the statistics were taken.
            pub recorded_at: DateTimeUtc,
            /// Whether subscribers grew more than tenfold, or fell below a tenth, since the previous value.
            pub is_jump: bool,
        }

        impl Model {
            /// The values, in the order of [`Metric::ALL`].
            pub fn values(&self) -> Values {
                [$(self.$column.map(i64::from),)+]
            }

            /// Sets the values, in the order of [`Metric::ALL`]; values out of the column's range become
            /// null.
            pub fn set_values(&mut self, values: Values) {
                let mut values = values.into_iter();
                $(self.$column = values.next().flatten().and_then(|value| value.try_into().ok());)+
            }
        }
    };
}

/// Number of metrics.
pub const METRICS: usize = 12;

/// Values of a page on one day, in the order of [`Metric::ALL`]; `None` if unknown.
pub type Values = [Option<i64>; METRICS];

metrics! {
    /// Subscribers at the end of the day.
    Subscribers subscribers i32,
    /// Views during the day.
    Views views i64,
    /// People reached during the day, as counted by the platform.
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
    /// Whether the metric is a level at the end of the day, and not a count of events during it.
    pub fn is_stock(self) -> bool {
        self == Self::Subscribers
    }

    /// Maximum accepted value per day. Above the number of people; and low enough that sums over all pages of
    /// a country and decades of days fit into 64 bits.
    pub fn max(self) -> i64 {
        match self {
            Self::Views | Self::Reach => 10_000_000_000,
            _ => i64::from(i32::MAX),
        }
    }
}
