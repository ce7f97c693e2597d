//! The graph: its schema and its root.

use async_graphql::{EmptyMutation, EmptySubscription, ID, Object, SDLExportOptions, Schema};

use crate::{
    host::{ChannelRecord, Host},
    objects::{Channel, LiveStream, Page, PlatformAccount, Video, length, on_this_host},
};

/// The graph of the video host.
pub(crate) type Graph = Schema<Query, EmptyMutation, EmptySubscription>;

/// The graph of this host, with limits of its own: a router does not protect it from its other clients.
pub(crate) fn of(host: Host) -> Graph {
    Schema::build(Query { host }, EmptyMutation, EmptySubscription)
        .enable_federation()
        .limit_depth(12)
        .limit_complexity(1_000)
        .finish()
}

/// The schema as a router gets it by `_service`.
pub(crate) fn sdl(graph: &Graph) -> String {
    graph.sdl_with_options(SDLExportOptions::new().federation().compose_directive())
}

/// Reads of the video host.
pub(crate) struct Query {
    host: Host,
}

// Fields of the root are nullable: if this host is down, only they become null, not the whole response of the router.
#[Object]
impl Query {
    /// Channel with this id; null if there is none.
    async fn channel(&self, native_id: ID) -> Option<Channel> {
        ChannelRecord::find(&native_id).map(Channel::from)
    }

    /// Latest videos of channels, most views first.
    async fn trending_videos(
        &self,
        #[graphql(
            desc = "Number of items, from 1 to 50.",
            default = 5,
            validator(minimum = 1, maximum = 50)
        )]
        first: i32,
    ) -> Option<Vec<Video>> {
        let channels = self.host.trending().into_iter();
        Some(channels.map(|channel| Video { channel, number: 0 }).take(length(first)).collect())
    }

    /// Live streams, of the channels with most views first.
    async fn live_streams(
        &self,
        #[graphql(
            desc = "Number of items, from 1 to 50.",
            default = 5,
            validator(minimum = 1, maximum = 50)
        )]
        first: i32,
    ) -> Option<Vec<LiveStream>> {
        let channels = self.host.trending().into_iter();
        Some(channels.filter_map(LiveStream::of).take(length(first)).collect())
    }

    /// An unknown channel is null, not an error: the library fails all entities of a request for one error.
    #[graphql(entity)]
    async fn channel_entity(&self, platform_code: String, native_id: ID) -> Option<Channel> {
        on_this_host(&platform_code, Some(&native_id))
    }

    /// `nativeId` is nullable in the registry, so routers send null, too.
    #[graphql(entity)]
    async fn page_entity(&self, platform_code: String, native_id: Option<ID>) -> Page {
        Page { platform_code, native_id }
    }

    #[graphql(entity)]
    async fn account_entity(&self, platform_code: String, native_id: ID) -> PlatformAccount {
        PlatformAccount { platform_code, native_id }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use serde_json::{Value, json};

    use super::*;

    async fn ask(query: &str) -> Value {
        let response = of(Host::default()).execute(query).await;
        assert!(response.errors.is_empty(), "{:?}", response.errors);
        response.data.into_json().expect("JSON")
    }

    #[test]
    fn the_schema_file_is_current() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("partner.graphql");
        let printed = sdl(&of(Host::default()));
        if fs::read_to_string(&path).unwrap_or_default() != printed {
            fs::write(&path, printed).expect("the file is written");
            panic!(
                "partner.graphql was stale and has been rewritten: run `make compose`, review and commit both"
            );
        }
    }

    #[tokio::test]
    async fn a_router_gets_the_same_schema() {
        let served = ask("{ _service { sdl } }").await;
        assert_eq!(served["_service"]["sdl"], json!(sdl(&of(Host::default()))));
    }

    #[tokio::test]
    async fn unknown_keys_are_null_and_do_not_fail_the_others() {
        let asked = r#"{ _entities(representations: [
            { __typename: "Page", platformCode: "rutube", nativeId: "20009658" },
            { __typename: "Page", platformCode: "rutube", nativeId: null },
            { __typename: "Page", platformCode: "vk", nativeId: "20009658" },
            { __typename: "Channel", platformCode: "rutube", nativeId: "1" },
            { __typename: "PlatformAccount", platformCode: "rutube", nativeId: "29999999" }
        ]) { ... on Page { channel { nativeId } } ... on PlatformAccount { channel { nativeId } } } }"#;
        let channel = |id| json!({ "channel": { "nativeId": id } });
        let none = json!({ "channel": null });
        let expected = json!([channel("20009658"), none, none, null, channel("29999999")]);
        assert_eq!(ask(asked).await["_entities"], expected);
    }

    #[tokio::test]
    async fn lists_have_the_channels_of_the_file_and_two_unregistered_ones() {
        let graph = of(Host::with_channels("20000001\n\nno id\n 20000003 \n30000000\n"));
        let response = graph.execute("{ trendingVideos(first: 50) { channel { nativeId } } }").await;
        let data = response.data.into_json().expect("JSON");
        let videos = data["trendingVideos"].as_array().expect("a list");
        let mut ids: Vec<_> = videos.iter().map(|video| video["channel"]["nativeId"].to_string()).collect();
        ids.sort();
        assert_eq!(ids.join(" "), r#""20000001" "20000003" "29999998" "29999999""#);
        for first in [0, 51] {
            let response = graph.execute(format!("{{ trendingVideos(first: {first}) {{ id }} }}")).await;
            assert_eq!(response.errors.len(), 1);
        }
    }
}
