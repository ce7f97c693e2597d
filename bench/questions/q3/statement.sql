SELECT json_agg(json_build_object('code', g.code, 'from', g.month, 'value', g.value)) FROM (
    SELECT f.code, date_trunc('month', r.day)::date AS month, sum(r.views)::bigint AS value
    FROM audience_segment s
    JOIN audience_rollup r ON r.segment_id = s.id
    JOIN platform f ON f.id = s.platform_id
    WHERE s.grain = 'REGION' AND s.region_id = (SELECT id FROM territory t WHERE t.code = :region)
      AND r.day BETWEEN :from AND :to
    GROUP BY 1, 2 HAVING sum(r.views) IS NOT NULL) g;
