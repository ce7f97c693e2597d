"""pandas: reads exported files as they are."""

import pandas

from shared import REGISTRY

pages = pandas.read_csv(f"{REGISTRY}/export/pages.csv?header=plain")
assert len(pages) > 1000 and pages["id"].is_unique, pages
assert pages["url"].str.startswith("http").all()
german = pandas.read_csv(f"{REGISTRY}/export/pages.csv?header=plain&decimal=,", sep=";", decimal=",")
assert list(german["id"]) == list(pages["id"])
owners = pandas.read_csv(f"{REGISTRY}/export/organizations.csv?header=plain")
joined = pages.merge(owners, left_on="ownerCode", right_on="code", validate="many_to_one")
assert len(joined) == len(pages)
print("pages.csv and organizations.csv with header=plain, decimal=, and a join")
