-- What the other contenders need to answer the same questions: functions for what tables alone cannot tell, and indexes
-- for keys and for text.
CREATE SCHEMA IF NOT EXISTS bench;

-- Ours are of live pages alone.
CREATE INDEX IF NOT EXISTS page_key ON public.page (platform_id, native_id);

CREATE OR REPLACE FUNCTION bench.page_by_key(platform_code text, native_id text) RETURNS public.page
LANGUAGE sql STABLE AS $$
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

CREATE OR REPLACE FUNCTION bench.region_views(region text, first_day date, last_day date)
RETURNS TABLE (code text, month date, value bigint)
LANGUAGE sql STABLE ROWS 50 AS $$
    SELECT f.code, date_trunc('month', r.day)::date, sum(r.views)::bigint
    FROM public.audience_segment s
    JOIN public.audience_rollup r ON r.segment_id = s.id
    JOIN public.platform f ON f.id = s.platform_id
    WHERE s.grain = 'REGION' AND s.region_id = (SELECT id FROM public.territory t WHERE t.code = region)
      AND r.day BETWEEN first_day AND last_day
    GROUP BY 1, 2 HAVING sum(r.views) IS NOT NULL
$$;

CREATE INDEX IF NOT EXISTS organization_text ON public.organization
    USING gin (to_tsvector('russian'::regconfig, name || ' ' || coalesce(short_name, '')));

CREATE OR REPLACE FUNCTION bench.search_institutions(words text) RETURNS SETOF public.organization
LANGUAGE sql STABLE ROWS 20 AS $$
    SELECT o.* FROM public.organization o, plainto_tsquery('russian'::regconfig, words) q
    WHERE to_tsvector('russian'::regconfig, o.name || ' ' || coalesce(o.short_name, '')) @@ q AND o.kind = 'INSTITUTION'
    ORDER BY ts_rank(to_tsvector('russian'::regconfig, o.name || ' ' || coalesce(o.short_name, '')), q) DESC, o.id
    LIMIT 20
$$;

ANALYZE;
