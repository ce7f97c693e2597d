-- What the other contenders need to answer the same questions as fast as they can: functions for what tables alone cannot
-- tell, indexes in the order that is asked for, and tables of what the registry keeps ready, too.
SET client_min_messages = warning;
CREATE SCHEMA IF NOT EXISTS bench;

-- Indexes of the registry's own are of live pages alone.
CREATE INDEX IF NOT EXISTS page_key ON public.page (platform_id, native_id);
CREATE INDEX IF NOT EXISTS page_owner_order ON public.page (owner_id, id);
CREATE INDEX IF NOT EXISTS organization_parent_order ON public.organization (parent_id, kind, id);
CREATE INDEX IF NOT EXISTS change_of_page ON public.change (seq) INCLUDE (subject_id) WHERE subject_type = 'PAGE';

-- Functions return sets, and are stable: Postgres puts their statement into the caller's and plans both as one, once.
DROP FUNCTION IF EXISTS bench.page_by_key(text, text);
CREATE FUNCTION bench.page_by_key(platform_code text, native_id text) RETURNS SETOF public.page
LANGUAGE sql STABLE ROWS 1 AS $$
    SELECT p.* FROM public.page p JOIN public.platform f ON f.id = p.platform_id
    WHERE f.code = platform_code AND p.native_id = page_by_key.native_id
$$;

CREATE OR REPLACE FUNCTION bench.pages_by_keys(platform_codes text[], native_ids text[]) RETURNS SETOF public.page
LANGUAGE sql STABLE ROWS 200 AS $$
    SELECT p.* FROM unnest(platform_codes, native_ids) AS k (code, native_id)
    JOIN public.platform f ON f.code = k.code
    JOIN public.page p ON p.platform_id = f.id AND p.native_id = k.native_id
$$;

CREATE OR REPLACE FUNCTION bench.changed_pages(seq bigint) RETURNS SETOF public.page
LANGUAGE sql STABLE ROWS 500 AS $$
    SELECT p.* FROM public.change c JOIN public.page p ON p.id = c.subject_id
    WHERE c.seq > changed_pages.seq AND c.subject_type = 'PAGE' ORDER BY c.seq LIMIT 500
$$;

-- Sums of months: the registry keeps them in memory. Numbers of what happened alone; subscribers are a state.
DROP TABLE IF EXISTS bench.region_month;
CREATE TABLE bench.region_month AS
SELECT s.region_id, m.metric, date_trunc('month', r.day)::date AS month, s.platform_id, sum(m.value)::bigint AS value
FROM public.audience_segment s JOIN public.audience_rollup r ON r.segment_id = s.id,
    LATERAL (VALUES ('VIEWS', r.views), ('REACH', r.reach), ('POSTS', r.posts), ('REACTIONS', r.reactions),
        ('COMMENTS', r.comments), ('SHARES', r.shares)) m (metric, value)
WHERE s.grain = 'REGION' AND s.region_id IS NOT NULL
GROUP BY 1, 2, 3, 4 HAVING sum(m.value) IS NOT NULL;
ALTER TABLE bench.region_month ADD PRIMARY KEY (region_id, metric, month, platform_id) INCLUDE (value);

CREATE OR REPLACE FUNCTION bench.region_sums(region text, metric text, first_day date, last_day date)
RETURNS TABLE (code text, month date, value bigint)
LANGUAGE sql STABLE ROWS 50 AS $$
    SELECT f.code, m.month, m.value
    FROM public.territory t
    JOIN bench.region_month m ON m.region_id = t.id
    JOIN public.platform f ON f.id = m.platform_id
    WHERE t.code = region AND m.metric = region_sums.metric AND m.month BETWEEN first_day AND last_day
$$;

-- Words of institutions, read once: the registry keeps an index of its own. Beside the table, so that rows of it, which the
-- other questions read, stay as narrow as they are.
DROP INDEX IF EXISTS public.organization_text;
DROP TABLE IF EXISTS bench.institution_text;
CREATE TABLE bench.institution_text AS
SELECT id AS organization_id, to_tsvector('russian'::regconfig, name || ' ' || coalesce(short_name, '')) AS words
FROM public.organization WHERE kind = 'INSTITUTION';
ALTER TABLE bench.institution_text ADD PRIMARY KEY (organization_id);
CREATE INDEX institution_text_words ON bench.institution_text USING gin (words) WITH (fastupdate = off);

CREATE OR REPLACE FUNCTION bench.search_institutions(words text) RETURNS SETOF public.organization
LANGUAGE sql STABLE ROWS 20 AS $$
    SELECT o.* FROM (
        SELECT t.organization_id, ts_rank(t.words, q) AS rank
        FROM bench.institution_text t, plainto_tsquery('russian'::regconfig, search_institutions.words) q
        WHERE t.words @@ q ORDER BY rank DESC, t.organization_id LIMIT 20) f
    JOIN public.organization o ON o.id = f.organization_id
    ORDER BY f.rank DESC, o.id
$$;

VACUUM ANALYZE;
