SELECT json_agg(json_build_object('code', o.code, 'name', o.name) ORDER BY f.rank DESC, o.id)
FROM (SELECT t.organization_id, ts_rank(t.words, q) AS rank
      FROM bench_input.q6 i, plainto_tsquery('russian'::regconfig, i.words) q, bench.institution_text t
      WHERE i.number = :number AND t.words @@ q ORDER BY rank DESC, t.organization_id LIMIT 20) f
JOIN organization o ON o.id = f.organization_id;
