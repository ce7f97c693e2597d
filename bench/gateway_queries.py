"""Queries of `bench/gateway`: what an engine is asked, what each side is asked for the same, and the inputs."""

import json
import random
import re
from dataclasses import dataclass
from typing import Callable

from contenders import post
from inputs import COUNT

PLATFORM = "rutube"
KEY = ("platformCode", "nativeId")
# Numbers of videos that are asked for. Engines join equal requests that are under way, which should be rare here.
VIDEOS = range(3, 8)


@dataclass(frozen=True)
class Part:
    """What one server is asked."""

    document: str
    # Type of the entity, where the document looks one up.
    entity: str = ""

    def body(self, values):
        key = {name: values[name] for name in KEY}
        variables = values | {"representations": [{"__typename": self.entity} | key]}
        declared = re.findall(r"\$(\w+)\s*:", self.document)
        return json.dumps({"query": self.document, "variables": {name: variables[name] for name in declared}})


@dataclass(frozen=True)
class Query:
    words: str
    whole: Part
    sides: dict[str, Part]
    # The answer of an engine, made of those of the sides.
    joined: Callable

    def crosses(self):
        return len(self.sides) > 1


def page_and_channel(registry, partner):
    page = {name: value for name, value in registry["pageByNativeId"].items() if name not in KEY}
    return {"pageByNativeId": page | partner["_entities"][0]}


def channel_and_account(registry, partner):
    return {"channel": partner["channel"] | {"account": registry["_entities"][0]}}


PAGE = """query($platformCode: String!, $nativeId: ID!) {
    pageByNativeId(platformCode: $platformCode, nativeId: $nativeId) { %s } }"""
PAGE_WITH_VIDEOS = PAGE.replace("query(", "query($first: Int!, ")
CHANNEL = "query($nativeId: ID!, $first: Int!) { channel(nativeId: $nativeId) { %s } }"
OF_PAGE = "title url owner { name code }"
OF_CHANNEL = "title subscribers videos(first: $first) { title views }"
OF_ACCOUNT = "verdict page { title owner { name } }"
ENTITIES = "query($representations: [_Any!]!) { _entities(representations: $representations) { %s } }"
ENTITIES_WITH_VIDEOS = ENTITIES.replace("query(", "query($first: Int!, ")

QUERIES = {
    "page": Query(
        "a page by its key, with its owner, of the registry alone",
        Part(PAGE % OF_PAGE),
        {"registry": Part(PAGE % OF_PAGE)},
        lambda registry: registry,
    ),
    "page to channel": Query(
        "a page of the registry, with its owner, and the latest videos of its channel at the partner",
        Part(PAGE_WITH_VIDEOS % f"{OF_PAGE} channel {{ {OF_CHANNEL} }}"),
        {
            "registry": Part(PAGE % f"{OF_PAGE} platformCode nativeId"),
            "partner": Part(ENTITIES_WITH_VIDEOS % f"... on Page {{ channel {{ {OF_CHANNEL} }} }}", "Page"),
        },
        page_and_channel,
    ),
    "channel to page": Query(
        "a channel of the partner, with its latest videos, and the registry's verdict on it, with its page and owner",
        Part(CHANNEL % f"{OF_CHANNEL} account {{ {OF_ACCOUNT} }}"),
        {
            "partner": Part(CHANNEL % f"{OF_CHANNEL} account {{ platformCode nativeId }}"),
            "registry": Part(ENTITIES % f"... on PlatformAccount {{ {OF_ACCOUNT} }}", "PlatformAccount"),
        },
        channel_and_account,
    ),
}

LIST = """query($filter: PageFilter, $after: String) { pages(first: 100, filter: $filter, after: $after) {
    nodes { platformCode nativeId } pageInfo { endCursor hasNextPage } } }"""
CHANNELS = ENTITIES % "... on Page { channel { nativeId } }"


def data(url, authorization, body):
    """What a server answers, without errors."""
    answer = post(url, authorization, body)
    if answer.get("errors"):
        raise SystemExit(f"{url}: {answer['errors'][0]}\n{body[:500]}")
    return answer["data"]


def pages(lists, page_filter):
    """Keys of the public pages that have a permanent id, a list of at most 100 at a time."""
    after, is_more = None, True
    while is_more:
        body = json.dumps({"query": LIST, "variables": {"filter": page_filter, "after": after}})
        found = data(lists, None, body)["pages"]
        yield [node for node in found["nodes"] if node["nativeId"]]
        after, is_more = found["pageInfo"]["endCursor"], found["pageInfo"]["hasNextPage"]


def with_channel(partner, keys):
    """Those of the keys of which the partner has a channel."""
    variables = {"representations": [{"__typename": "Page"} | key for key in keys]}
    entities = data(partner, None, json.dumps({"query": CHANNELS, "variables": variables}))["_entities"]
    return [key for key, entity in zip(keys, entities) if entity["channel"]]


def inputs(lists, partner):
    """Variables of each query, at random, but the same ones in each run over a registry."""
    chosen = random.Random(5)
    sample = lambda all_of_them: chosen.sample(all_of_them, min(COUNT, len(all_of_them)))
    everything = [key for keys in pages(lists, None) for key in keys]
    channels = [key for keys in pages(lists, {"platforms": [PLATFORM]}) if keys for key in with_channel(partner, keys)]
    crossing = sample([key | {"first": first} for key in channels for first in VIDEOS])
    return {name: crossing if query.crosses() else sample(everything) for name, query in QUERIES.items()}
