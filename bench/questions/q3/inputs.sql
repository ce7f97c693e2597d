-- Every region, and whole months that have figures.
SELECT json_build_object('region', t.code, 'from', date_trunc('month', d.first)::date, 'to', d.today)
FROM territory t, (SELECT min(day) AS first, (now() AT TIME ZONE 'utc')::date AS today FROM audience_rollup) d
WHERE t.kind = 'REGION' AND t.id IN (SELECT region_id FROM audience_segment WHERE grain = 'REGION')
ORDER BY random() LIMIT 100
