SELECT json_agg(json_build_object('code', o.code, 'name', o.name)) FROM (
    SELECT o.code, o.name
    FROM organization o, plainto_tsquery('russian'::regconfig, :words) q
    WHERE to_tsvector('russian'::regconfig, o.name || ' ' || coalesce(o.short_name, '')) @@ q AND o.kind = 'INSTITUTION'
    ORDER BY ts_rank(to_tsvector('russian'::regconfig, o.name || ' ' || coalesce(o.short_name, '')), q) DESC, o.id
    LIMIT 20) o;
