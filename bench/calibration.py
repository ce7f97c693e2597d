"""Queries of `bench/calibrate.py`: name, document and a function that generates variables, for every root field and for
what is expensive: filters, groups, orders, and fields that are expensive per item of a list.
"""

import random

def values_of(registry):
    """Values for variables, taken from the registry itself."""
    data = registry.ask("""{ pages(first: 100, orderBy: { field: SUBSCRIBERS, direction: DESC }) { nodes { id url nativeId title platformCode handle } }
        institutions(first: 100) { nodes { id code name identifiers { schemeCode value } } } regions { code }
        platforms { code } methodologies { code } registryStatistics(groupBy: [SECTOR]) { groups { keys { code } } } registryDigest { seq } }""")["data"]
    return data


def day():
    return f"20{random.randrange(12, 26)}-{random.randrange(1, 13):02}-{random.randrange(1, 29):02}"


def lists(known):
    """Every argument that filters, orders or groups."""
    bodies, regions = known["institutions"]["nodes"], [region["code"] for region in known["regions"]]
    code, region = (lambda: random.choice(bodies)["code"]), (lambda: random.choice(regions))
    days = lambda: {"from": day(), "to": "2026-11-01"}
    sectors = [group["keys"][0]["code"] for group in known["registryStatistics"]["groups"]]
    sector = lambda: random.choice([code for code in sectors if code])
    pages = "query($f: PageFilter) { pages(first: 1, filter: $f) { totalCount } }"
    for name, values in {
        "kinds": lambda: ["INSTITUTION"], "levels": lambda: ["REGIONAL", "MUNICIPAL"], "branches": lambda: ["EXECUTIVE"],
        "sectors": lambda: [sector()], "statuses": lambda: ["ACTIVE"], "lifecycles": lambda: ["REGISTERED"],
        "availabilities": lambda: ["LIVE", "UNKNOWN"], "widgets": lambda: ["MISSING", "CORRECT"], "categories": lambda: ["ACTIVE"],
        "subtreeOf": lambda: [code() for _ in range(20)], "territories": lambda: [region() for _ in range(20)],
        "registeredOn": days, "lastPostOn": days, "hasPosted": lambda: random.random() < 0.5, "ofOffice": lambda: random.random() < 0.5,
        "owners": lambda: [code() for _ in range(20)], "nativeIds": lambda: [str(random.randrange(1_000_000)) for _ in range(100)],
        "title": lambda: random.choice(["школа", "администрация", "№ 1"]), "updatedSince": lambda: f"{day()}T00:00:00Z",
        "subscribers": lambda: {"from": random.randrange(10_000)},
    }.items():
        yield f"pages by {name}", pages, lambda name=name, values=values: {"f": {name: values()}}
    many = lambda: {"kinds": ["AUTHORITY", "INSTITUTION"], "registeredOn": days(), "marks": ["CONFIRMED", "NONE"], "hasPosted": True}
    yield "pages by many", pages, lambda: {"f": many()}
    for order in [f"{{ field: {field}, direction: {direction} }}" for direction in ("ASC", "DESC")
                  for field in ("ENTRY", "TITLE", "REGISTERED_AT", "SUBSCRIBERS", "UPDATED_AT", "LAST_POST_ON")]:
        ordered = "query($f: PageFilter) { pages(first: 1, filter: $f, orderBy: %s) { nodes { title } } }" % order
        yield f"pages by days, {order}", ordered, lambda: {"f": {"registeredOn": days()}}
        yield f"pages of kinds, {order}", ordered, lambda: {"f": {"kinds": ["INSTITUTION"], "marks": [random.choice(["CONFIRMED", "NONE"])]}}
    twenty = " ".join(f"p{i}: pages(filter: {{ registeredOn: {{ from: $d, to: \"2026-0{i % 9 + 1}-01\" }} }}) {{ totalCount }}" for i in range(20))
    yield "20 × pages by days", "query($d: Date) { %s }" % twenty, lambda: {"d": day()}
    bodies_by = "query($f: OrganizationFilter) { institutions(first: 1, filter: $f, orderBy: { field: NAME }) { totalCount nodes { name } } }"
    for name, values in {
        "levels": lambda: ["REGIONAL"], "sectors": lambda: [sector()], "statuses": lambda: ["ACTIVE", "MERGED"],
        "subtreeOf": lambda: [code() for _ in range(20)], "platforms": lambda: ["vk"], "notOnPlatforms": lambda: ["vk", "ok"],
        "hasPage": lambda: random.random() < 0.5, "createdOn": days,
    }.items():
        yield f"institutions by {name}", bodies_by, lambda name=name, values=values: {"f": {name: values()}}
    lacking = "query($f: OrganizationFilter) { uncovered(first: 1, filter: $f, orderBy: { field: NAME }) { totalCount } }"
    overdue = "query($f: OrganizationFilter) { uncovered(first: 1, filter: $f, orderBy: { field: DAYS_OVERDUE, direction: DESC }) { totalCount } }"
    yield "uncovered, overdue", overdue, lambda: {"f": {"createdOn": days()}}
    by_audience = "query($f: OrganizationFilter) { institutions(last: 1, filter: $f, orderBy: { field: AUDIENCE, direction: DESC }) { nodes { name } } }"
    yield "institutions by audience, backward", by_audience, lambda: {"f": {"createdOn": days()}}
    yield "uncovered by days", lacking, lambda: {"f": {"createdOn": days()}}
    yield "coverage by 3", "query($f: OrganizationFilter) { coverage(filter: $f, groupBy: [TERRITORY, KIND, LEVEL]) { groups { obliged } } }", \
        lambda: {"f": {"createdOn": days()}}
    yield "coverage, total", "query($f: OrganizationFilter) { coverage(filter: $f) { total { obliged } } }", lambda: {"f": {"createdOn": days()}}
    counted = "query($f: RegistryFilter) { registryStatistics(filter: $f, groupBy: [%s], territoryKind: %s) { %s { pages } } }"
    yield "registryStatistics by districts", counted % ("TERRITORY, PLATFORM, MARK", "DISTRICT", "groups"), \
        lambda: {"f": {"kinds": ["AUTHORITY", "INSTITUTION"]}}
    yield "registryStatistics, total", counted % ("", "REGION", "total"), lambda: {"f": {"subtreeOf": [code()]}}
    found = "query($t: String!, $f: RegistryFilter, $k: [SearchKind!]) { search(text: $t, first: 20, filter: $f, kinds: $k) { totalCount nodes { score } } }"
    yield "search, filtered", found, lambda: {"t": "администрация школа", "k": ["PAGE"], "f": {"territories": [region()], "marks": ["CONFIRMED"]}}
    yield "search, one word", found, lambda: {"t": random.choice(["администрация", "школа", "детский", "official"])}
    similar = "query($u: [String!]!) { verifyPages(urls: $u) { verdict lookalikes { title } } }"
    names = [page["handle"] for page in known["pages"]["nodes"] if page["handle"]]
    near = lambda: random.choice(names)[:-1] + random.choice("abcxyz019_")
    yield "verifyPages, look-alikes", similar, lambda: {"u": [f"vk.com/{near()}" for _ in range(100)]}
    yield "verifyPages, long names", similar, lambda: {"u": [f"vk.com/{near()}{near()}"[:38] for _ in range(100)]}


def below_lists(known):
    """Fields that are expensive per item of a list."""
    month = {"from": "2026-10-01", "to": "2026-10-31"}
    period = lambda: {"p": month}
    yield "latest of regions", "{ regions { statistics { latest { subscribersSum } } } }", dict
    yield "series of regions", "query($p: DateRange!) { regions { statistics { series(period: $p, step: MONTH) { from } } } }", period
    year = {"from": "2025-10-20", "to": "2026-11-20"}
    yield "series of the country", "query($p: DateRange!) { territory(code: \"ru\") { statistics { series(period: $p) { subscribersSum pagesCounted } } } }", lambda: {"p": year}
    codes = [region["code"] for region in known["regions"]]
    narrow = lambda: {"f": {"territories": random.sample(codes, 20), "registeredOn": {"from": day()}}}
    several = " ".join(f"a{i}: pages(filter: $f, first: 1) {{ totalCount }}" for i in range(10))
    yield "10 × filtered pages of 20", "query($f: PageFilter) { authorities(first: 20) { nodes { %s } } }" % several, narrow
    yield "audience by 3", "query($p: DateRange!) { audience(period: $p, groupBy: [TERRITORY, PLATFORM, SECTOR], metric: VIEWS) { groups { value } } }", period
    yield "institutions of regions", "{ regions { institutions(first: 1, filter: { platforms: [\"vk\"] }, orderBy: { field: NAME }) { totalCount } } }", dict
    yield "days in regions", "query($d: Date) { regions { authorities(first: 1, filter: { createdOn: { from: $d } }) { totalCount } } }", lambda: {"d": day()}
    yield "latest of 100 authorities", "{ authorities(first: 100) { nodes { statistics { latest { subscribersSum } } } } }", dict
    yield "pages of 100 authorities", "{ authorities(first: 100) { nodes { pages(first: 1, orderBy: { field: SUBSCRIBERS, direction: DESC }) { totalCount nodes { title } } } } }", dict
    yield "children of 100 authorities", "{ authorities(first: 100) { nodes { children(first: 1) { totalCount } ancestors { name } } } }", dict
    yield "growth of 100", "query($p: DateRange!) { pages(first: 100) { nodes { statistics { growth(period: $p) { subscribers } } } } }", period
    yield "series of 20", "query($p: DateRange!) { pages(first: 20) { nodes { statistics { series(period: $p) { from subscribers } } } } }", period
    yield "history of 20", "{ pages(first: 20) { nodes { history(first: 2) { nodes { seq fields { field before after } } } } } }", dict
    yield "audience by days", "query($p: DateRange!) { audience(period: $p, groupBy: [DAY, TERRITORY], metric: VIEWS) { groups { value } } }", period


def questions(known):
    """Every root field."""
    pages, bodies = known["pages"]["nodes"], known["institutions"]["nodes"]
    regions, seq = [region["code"] for region in known["regions"]], known["registryDigest"]["seq"]
    page, body, region = (lambda: random.choice(pages)), (lambda: random.choice(bodies)), (lambda: random.choice(regions))
    platform = lambda: random.choice(known["platforms"])["code"]
    number = lambda: random.randrange(1_000_000)
    month = {"from": "2026-10-01", "to": "2026-10-31"}
    everything = "id url title handle nativeId lifecycle mark { state } owner { code name territory { name } }"
    filtered = lambda: {"f": {"territories": [region()], "platforms": [platform()]}}
    words = ["администрация", "городского", "округа", "школа", "больница", "министерство", "правительство", "библиотека",
             "центральная", "районная", "детский", "сад", "управление", "культуры", "спорта"]
    long = [word for word in words if len(word) > 6]
    misspelt = lambda: "".join(random.sample(random.choice(long), 6)) + random.choice(words)[:-1]
    yield "node", "query($id: ID!) { node(id: $id) { id ... on Page { title owner { name } } } }", lambda: {"id": page()["id"]}
    yield "nodes 100", "query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Page { title owner { name } } } }", \
        lambda: {"ids": [page()["id"] for _ in range(100)]}
    yield "page", "query($u: String!) { page(url: $u) { %s } }" % everything, lambda: {"u": page()["url"]}
    yield "page asOf", "query($u: String!, $t: DateTime!) { page(url: $u, asOf: $t) { %s } }" % everything, \
        lambda: {"u": page()["url"], "t": f"2026-{random.randrange(1, 10):02}-01T00:00:00Z"}
    yield "pageByNativeId", "query($p: String!, $n: ID!) { pageByNativeId(platformCode: $p, nativeId: $n) { title } }", \
        lambda: {"p": page()["platformCode"], "n": str(number())}
    yield "pagesByNativeIds 100", "query($n: [ID!]!) { pagesByNativeIds(platformCode: \"vk\", nativeIds: $n) { title } }", \
        lambda: {"n": [str(number()) for _ in range(100)]}
    yield "pages 100", "query($f: PageFilter) { pages(first: 100, filter: $f, orderBy: { field: TITLE }) { nodes { %s } } }" % everything, filtered
    yield "pages 100 by subscribers", "{ pages(first: 100, orderBy: { field: SUBSCRIBERS, direction: DESC }) { totalCount nodes { %s } } }" % everything, dict
    twenty = " ".join(f"p{i}: pages(filter: {{ territories: [$r], marks: [CONFIRMED] }}) {{ totalCount }}" for i in range(20))
    yield "20 × pages totalCount", "query($r: String!) { %s }" % twenty, lambda: {"r": region()}
    twenty = " ".join(f"p{i}: pages {{ totalCount }}" for i in range(20))
    yield "20 × all pages totalCount", "{ %s }" % twenty, dict
    yield "institutions 100", "query($f: OrganizationFilter) { institutions(first: 100, filter: $f, orderBy: { field: NAME }) { nodes { code name pages(first: 2) { nodes { title } } } } }", \
        lambda: {"f": {"territories": [region()]}}
    yield "authorities 100", "{ authorities(first: 100) { nodes { code name children(first: 3) { totalCount nodes { name } } } } }", dict
    yield "organization", "query($c: String!) { organization(code: $c) { name kind } }", lambda: {"c": body()["code"]}
    yield "organizationsByCodes 100", "query($c: [String!]!) { organizationsByCodes(codes: $c) { code name } }", \
        lambda: {"c": [body()["code"] for _ in range(100)]}
    organizations = "query($f: OrganizationFilter) { organizations(first: 1, filter: $f) { totalCount } }"
    yield "organizations by obligations", organizations, lambda: {"f": {"obligations": ["MISSING"]}}
    yield "organizations by name", organizations, lambda: {"f": {"name": random.choice(words)}}
    yield "organizations updated since", organizations, lambda: {"f": {"updatedSince": f"{day()}T00:00:00Z"}}
    yield "territories", "query($p: String) { territories(kind: REGION, parentCode: $p, first: 100) { totalCount nodes { name } } }", \
        lambda: {"p": "ru"}
    yield "reference data", "{ sectors { code name } identifierSchemes { code pattern } registry { name timeZone seq startedAt } viewer { name } }", dict
    yield "organizationsByIdentifier", "query($s: String!, $v: String!) { organizationsByIdentifier(schemeCode: $s, value: $v) { code } }", \
        lambda: {"s": "ru-inn", "v": str(number())}
    yield "territory", "query($c: String!) { territory(code: $c) { name } }", lambda: {"c": region()}
    yield "regions", "{ regions { code name } }", dict
    yield "verifyPages 100", "query($u: [String!]!) { verifyPages(urls: $u) { verdict page { title } } }", \
        lambda: {"u": [page()["url"] for _ in range(100)]}
    yield "verifyPages 100 unknown", "query($u: [String!]!) { verifyPages(urls: $u) { verdict lookalikes { title } } }", \
        lambda: {"u": [f"vk.com/{random.choice(words)[:4]}{number()}" for _ in range(100)]}
    yield "verifyPage asOf", "query($u: String!, $t: DateTime!) { verifyPage(url: $u, asOf: $t) { verdict } }", \
        lambda: {"u": page()["url"], "t": f"2026-{random.randrange(1, 10):02}-01T00:00:00Z"}
    yield "coverage by 2", "query($f: OrganizationFilter) { coverage(filter: $f, groupBy: [TERRITORY, KIND]) { total { obliged } groups { obliged covered } } }", dict
    yield "uncovered 100", "query($f: OrganizationFilter) { uncovered(first: 100, filter: $f) { totalCount nodes { name } } }", \
        lambda: {"f": {"territories": [region()]}}
    yield "registryStatistics by 3", "{ registryStatistics(groupBy: [TERRITORY, PLATFORM, KIND]) { groups { pages officialPages } } }", dict
    yield "changes, rare kind", "query($s: SafeInt) { changes(afterSeq: $s, filter: {kinds: [REVOKED]}, first: 1) { nodes { seq } seq } }", \
        lambda: {"s": random.randrange(seq)}
    yield "changes of a territory", "query($s: SafeInt, $t: String!) { changes(afterSeq: $s, filter: {territories: [$t]}, first: 10) { nodes { seq } seq } }", \
        lambda: {"s": random.randrange(seq), "t": region()}
    yield "changes with owners", "query($s: SafeInt) { changes(afterSeq: $s, filter: {platforms: [\"rutube\"], withOwners: true}, first: 10) { nodes { seq } seq } }", \
        lambda: {"s": random.randrange(seq)}
    yield "changes 500", "query($s: SafeInt) { changes(afterSeq: $s, first: 500) { nodes { seq kind subjectId subject { id } } } }", \
        lambda: {"s": random.randrange(seq - 600)}
    yield "registryDigest of the past", "query($s: SafeInt) { registryDigest(seq: $s) { pages { digest } } }", \
        lambda: {"s": seq - random.randrange(2_000, 4_000)}
    yield "registryDigest of owners", "{ registryDigest(filter: {platforms: [\"vk\"], withOwners: true}) { organizations { digest } } }", dict
    yield "search", "query($t: String!) { search(text: $t, first: 20) { totalCount nodes { score } } }", \
        lambda: {"t": " ".join(random.sample(words, 3))}
    yield "search, misspelt", "query($t: String!) { search(text: $t, first: 20) { totalCount nodes { score } } }", \
        lambda: {"t": f"{misspelt()} {misspelt()}"}
    yield "search, long", "query($t: String!) { search(text: $t, first: 20) { totalCount nodes { score } } }", \
        lambda: {"t": " ".join(misspelt() for _ in range(14))[:200]}
    yield "history", "query($u: String!) { page(url: $u) { history(first: 100) { nodes { seq fields { field } } } } }", lambda: {"u": page()["url"]}
    figures = "query($f: AudienceFilter, $p: DateRange!) { audience(filter: $f, period: $p, groupBy: [PLATFORM, TERRITORY], metric: VIEWS) { groups { value } } }"
    yield "audience", figures, lambda: {"f": {"territories": [region()]}, "p": month}
    yield "audience of all", figures, lambda: {"p": month}
    yield "page series", "query($u: String!, $p: DateRange!) { page(url: $u) { statistics { series(period: $p) { from subscribers } } } }", lambda: {"u": page()["url"], "p": month}
    yield "lastDay of 100", "{ pages(first: 100) { nodes { statistics { lastDay { from } } } } }", dict
    leaderboard = "query($k: LeaderboardKind!, $p: DateRange!, $f: PageFilter) { leaderboard(metric: VIEWS, kind: $k, period: $p, filter: $f, first: 50) { nodes { rank } } }"
    for kind in ("PAGE", "INSTITUTION", "REGION"):
        yield f"leaderboard {kind}", leaderboard, lambda kind=kind: {"k": kind, "p": month}
    yield "rating, recomputed", "query($m: String!, $p: DateRange!) { rating(methodologyCode: $m, period: $p, recomputed: true) { entries(first: 10) { totalCount } } }", \
        lambda: {"m": random.choice(known["methodologies"])["code"], "p": month}
    yield "statisticsJumps", "query($p: DateRange!) { statisticsJumps(period: $p, first: 50) { totalCount } }", lambda: {"p": month}
    yield from lists(known)
    yield from below_lists(known)
    yield "publishedRatings", "{ publishedRatings(first: 20) { totalCount } }", dict
    yield "indicators", "{ indicators { code } }", dict
    yield "introspection", "{ __schema { types { name fields { name type { name } args { name } } } } }", dict
