//! Objects of the graph.

use async_graphql::{ComplexObject, ID, Object, SimpleObject};

use crate::host::{ChannelRecord, PLATFORM};

/// Channel of the video host.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct Channel {
    /// Code of this host in the registry.
    platform_code: String,
    /// Permanent id of the channel.
    native_id: ID,
    /// Title of the channel.
    title: String,
    /// Number of subscribers.
    subscribers: u32,
    #[graphql(skip)]
    record: ChannelRecord,
}

impl From<ChannelRecord> for Channel {
    fn from(record: ChannelRecord) -> Self {
        Self {
            platform_code: PLATFORM.to_owned(),
            native_id: ID(record.id().to_string()),
            title: format!("Channel {}", record.id()),
            subscribers: record.subscribers(),
            record,
        }
    }
}

#[ComplexObject]
impl Channel {
    /// Videos of the channel, latest first.
    async fn videos(
        &self,
        #[graphql(
            desc = "Number of items, from 1 to 50.",
            default = 5,
            validator(minimum = 1, maximum = 50)
        )]
        first: i32,
    ) -> Vec<Video> {
        let numbers = (0..self.record.videos()).take(length(first));
        numbers.map(|number| Video { channel: self.record, number }).collect()
    }

    /// Live stream of the channel; null if there is none.
    async fn live_stream(&self) -> Option<LiveStream> {
        LiveStream::of(self.record)
    }

    /// What the registry says of the channel: its verdict, and its page if there is one; null if the registry is down.
    // Not `page: Page`: a reference to a page that the registry does not have is an error in the router's response.
    async fn account(&self) -> Option<PlatformAccount> {
        Some(PlatformAccount { platform_code: self.platform_code.clone(), native_id: self.native_id.clone() })
    }
}

pub(crate) struct Video {
    pub(crate) channel: ChannelRecord,
    /// 0 is the latest.
    pub(crate) number: u32,
}

/// Video of a channel.
#[Object]
impl Video {
    /// Id of the video.
    async fn id(&self) -> ID {
        ID(format!("{}-{}", self.channel.id(), self.channel.videos() - self.number))
    }

    /// Title of the video.
    async fn title(&self) -> String {
        format!("Video {}", self.channel.videos() - self.number)
    }

    /// Number of views.
    async fn views(&self) -> u32 {
        self.channel.views(self.number)
    }

    /// Channel of the video.
    async fn channel(&self) -> Channel {
        self.channel.into()
    }
}

pub(crate) struct LiveStream {
    channel: ChannelRecord,
    viewers: u32,
}

impl LiveStream {
    pub(crate) fn of(channel: ChannelRecord) -> Option<Self> {
        channel.viewers().map(|viewers| Self { channel, viewers })
    }
}

/// Live stream of a channel.
#[Object]
impl LiveStream {
    /// Id of the live stream.
    async fn id(&self) -> ID {
        ID(format!("{}-live", self.channel.id()))
    }

    /// Number of viewers.
    async fn viewers(&self) -> u32 {
        self.viewers
    }

    /// Channel of the live stream.
    async fn channel(&self) -> Channel {
        self.channel.into()
    }
}

/// Page of the registry, to which this host adds the channel.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct Page {
    /// Code of the page's platform.
    pub(crate) platform_code: String,
    /// Permanent id of the page on its platform.
    pub(crate) native_id: Option<ID>,
}

#[ComplexObject]
impl Page {
    /// Channel of the page; null for a page of another platform.
    async fn channel(&self) -> Option<Channel> {
        on_this_host(&self.platform_code, self.native_id.as_ref())
    }
}

/// Account of which the registry gives a verdict, to which this host adds the channel.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct PlatformAccount {
    /// Code of the account's platform.
    pub(crate) platform_code: String,
    /// Permanent id of the account on its platform.
    pub(crate) native_id: ID,
}

#[ComplexObject]
impl PlatformAccount {
    /// Channel of the account; null for an account of another platform.
    async fn channel(&self) -> Option<Channel> {
        on_this_host(&self.platform_code, Some(&self.native_id))
    }
}

/// The channel with a key, if it is of this host.
pub(crate) fn on_this_host(platform_code: &str, native_id: Option<&ID>) -> Option<Channel> {
    let native_id = native_id.filter(|_| platform_code == PLATFORM)?;
    ChannelRecord::find(native_id).map(Channel::from)
}

/// Length of a list; the library has checked that it is from 1 to 50.
pub(crate) fn length(first: i32) -> usize {
    usize::try_from(first).unwrap_or_default()
}
