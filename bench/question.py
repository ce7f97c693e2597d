"""The six questions: what is asked, what is to be reached, and what is not the same work."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    words: str
    # Requests per second as a multiple of another contender's: what must be reached, and what is aimed at.
    beside_postgraphile: tuple[float, float]
    beside_sql: tuple[float, float]
    not_the_same: str


# What holds for all questions, printed once.
FOR_ALL = """\
Not the same work, in all questions: the registry reads records from memory, checks what the caller may see and counts what
the request costs; PostGraphile and SQL read tables, see every row and count nothing. One SQL statement is sent by pgbench
over Postgres's own protocol, without HTTP and GraphQL; it looks its input up in a table by number, which the others are sent."""

QUESTIONS = {
    "q1": Question(
        "a page by its key, with its owner and three levels above",
        (10, 15),
        (1.4, 2),
        "only what holds for all questions, below.",
    ),
    "q2": Question(
        "an authority's first 50 institutions with pages and latest statistics",
        (4, 12),
        (1.9, 5),
        "only what holds for all questions, below; the others have indexes in the order of the lists.",
    ),
    "q3": Question(
        "a region's views, posts or the like by platform and month",
        (3.5, 5),
        (0.65, 0.8),
        "the registry adds up each page's month when it is first asked for, keeps the sums in memory and makes them again "
        "after a load; the others read a table of monthly sums that was filled before and that nothing keeps up to date.",
    ),
    "q4": Question(
        "500 changed pages with owner and authority",
        (3.5, 12),
        (1.5, 4.5),
        "the registry reads entries of the log (kind, actor, hash) and tells who may learn of them; the others read the ids "
        "of pages from an index made for this question.",
    ),
    "q5": Question(
        "200 entities with their owners",
        (3.5, 7),
        (1.9, 4),
        "the registry answers `_entities` of Apollo Federation, whose representations are of any type; the others are given "
        "two arrays of keys.",
    ),
    "q6": Question(
        "search for an institution",
        (20, 20),
        (15, 15),
        "the registry finds word forms, typing errors, transliteration, short forms and the wrong keyboard layout, and ranks by "
        "rules of its own; Postgres finds what has all words in a stored tsvector, and ranks by ts_rank. Hits differ.",
    ),
}
