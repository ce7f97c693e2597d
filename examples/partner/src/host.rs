//! Channels of the video host. They are computed from their ids, so that the example needs no database.

/// Code of this host in the registry.
pub(crate) const PLATFORM: &str = "rutube";

/// Pages of Rutube in the registry that `make demo` generates.
const DEMO: std::ops::Range<u32> = 20_009_658..20_009_678;
/// Channels that are in no registry.
const UNREGISTERED: [u32; 2] = [29_999_998, 29_999_999];
/// One of so many ids has no channel any more.
const CLOSED: u32 = 11;
/// One of so many channels is live.
const LIVE: u32 = 5;
/// Videos of a channel: at least this number, and fewer than twice of it.
const VIDEOS: u32 = 20;

/// The video host.
pub(crate) struct Host {
    /// Ids of the channels in lists.
    listed: Vec<u32>,
}

impl Default for Host {
    fn default() -> Self {
        Self { listed: DEMO.chain(UNREGISTERED).collect() }
    }
}

impl Host {
    /// A host whose lists have these channels, one id per line, and two that are in no registry. Other lines are ignored.
    pub(crate) fn with_channels(lines: &str) -> Self {
        let listed = lines.lines().filter_map(|line| line.trim().parse::<u32>().ok());
        Self { listed: listed.chain(UNREGISTERED).collect() }
    }

    /// Channels in lists, most views first.
    pub(crate) fn trending(&self) -> Vec<ChannelRecord> {
        let mut channels: Vec<_> = self.listed.iter().filter_map(|id| ChannelRecord::new(*id)).collect();
        channels.sort_by_key(|channel| std::cmp::Reverse(channel.views(0)));
        channels
    }
}

/// A channel that exists.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChannelRecord {
    id: u32,
}

impl ChannelRecord {
    /// The channel with this id: eight digits, of which the first is 2, unless it is closed.
    pub(crate) fn find(native_id: &str) -> Option<Self> {
        let is_id = native_id.len() == 8 && native_id.bytes().all(|byte| byte.is_ascii_digit());
        native_id.parse::<u32>().ok().filter(|_| is_id).and_then(Self::new)
    }

    fn new(id: u32) -> Option<Self> {
        ((20_000_000..30_000_000).contains(&id) && !id.is_multiple_of(CLOSED)).then_some(Self { id })
    }

    pub(crate) fn id(self) -> u32 {
        self.id
    }

    pub(crate) fn subscribers(self) -> u32 {
        mixed(self.id) % 100_000
    }

    pub(crate) fn videos(self) -> u32 {
        VIDEOS + mixed(self.id ^ 1) % VIDEOS
    }

    /// Views of a video; 0 is the latest.
    pub(crate) fn views(self, number: u32) -> u32 {
        mixed(self.id.wrapping_mul(64).wrapping_add(number)) % 1_000_000
    }

    /// Viewers of the live stream, if there is one.
    pub(crate) fn viewers(self) -> Option<u32> {
        let number = mixed(self.id ^ 2);
        number.is_multiple_of(LIVE).then_some(number % 10_000)
    }
}

/// A number that looks random.
fn mixed(number: u32) -> u32 {
    let number = (number ^ (number >> 16)).wrapping_mul(0x045d_9f3b);
    let number = (number ^ (number >> 16)).wrapping_mul(0x045d_9f3b);
    number ^ (number >> 16)
}
