"""gql: introspection, a typed query over all pages of a list, errors, and the change feed as a subscription."""

import asyncio

from gql import Client, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportQueryError
from gql.transport.websockets import WebsocketsTransport
from graphql import print_schema

from shared import AUTHORIZATION, PRIVATE, PUBLIC

LIST = gql("""
    query ($after: String) {
      authorities(first: 100, after: $after) { totalCount nodes { id code name } pageInfo { endCursor hasNextPage } }
    }
""")
FEED = gql("""
    subscription { changes(afterSeq: 0, first: 20) { nodes { seq kind subjectId isRemoval } pageInfo { endCursor } } }
""")


async def read():
    transport = AIOHTTPTransport(PUBLIC)
    async with Client(transport=transport, fetch_schema_from_transport=True) as session:
        # Validated against the introspected schema before it is sent.
        assert "interface Organization" in print_schema(session.client.schema)
        ids, after = set(), None
        while True:
            found = (await session.execute(LIST, variable_values={"after": after}))["authorities"]
            ids.update(node["id"] for node in found["nodes"])
            if not found["pageInfo"]["hasNextPage"]:
                break
            after = found["pageInfo"]["endCursor"]
        assert len(ids) == found["totalCount"], (len(ids), found["totalCount"])
        try:
            await session.execute(gql("{ authorities(first: 101) { totalCount } }"))
        except TransportQueryError as refused:
            assert refused.errors[0]["extensions"]["code"], refused
        else:
            raise AssertionError("a list of 101 is not refused")


async def subscribe():
    # Otherwise gql looks for `Sec-WebSocket-Protocol` in exactly this case, and takes `sec-websocket-protocol` for none.
    protocols = [WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL]
    transport = WebsocketsTransport(PRIVATE.replace("http", "ws"), subprotocols=protocols, init_payload=AUTHORIZATION)
    async with Client(transport=transport) as session:
        async for event in session.subscribe(FEED):
            assert len(event["changes"]["nodes"]) == 20
            return


asyncio.run(read())
asyncio.run(subscribe())
print("introspection, all pages of a list, error codes, subscription")
