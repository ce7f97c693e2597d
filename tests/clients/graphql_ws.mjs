// graphql-ws: the change feed as a subscription, from its beginning, and after a reconnect.
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { AUTHORIZATION, PRIVATE, assert, done } from "./shared.mjs";

const query = `subscription ($after: String, $afterSeq: SafeInt) {
  changes(after: $after, afterSeq: $afterSeq, first: 20) {
    nodes { seq kind subjectType subjectId isRemoval }
    pageInfo { endCursor hasNextPage }
  }
}`;

/// The first two events of the subscription.
async function twoEvents(variables) {
  const url = PRIVATE.replace("http", "ws");
  const client = createClient({ url, webSocketImpl: WebSocket, connectionParams: AUTHORIZATION, retryAttempts: 0 });
  const events = [];
  for await (const { data, errors } of client.iterate({ query, variables })) {
    assert.equal(errors, undefined);
    events.push(data.changes);
    if (events.length === 2) break;
  }
  await client.dispose();
  return events;
}

const [first, second] = await twoEvents({ afterSeq: 0 });
const seqs = [...first.nodes, ...second.nodes].map((change) => change.seq);
assert.ok(seqs.every((seq, index) => index === 0 || seqs[index - 1] <= seq));
const [again] = await twoEvents({ after: first.pageInfo.endCursor });
assert.deepEqual(again.nodes, second.nodes);
done("subscription to changes, and its continuation after a cursor");
