SELECT json_agg(json_build_object('nativeId', p.native_id, 'title', p.title, 'owner', json_build_object(
    'code', o.code, 'name', o.name)) ORDER BY k.place)
FROM bench_input.q5 i, unnest(i.platform_codes, i.native_ids) WITH ORDINALITY AS k (code, native_id, place)
JOIN platform f ON f.code = k.code
JOIN page p ON p.platform_id = f.id AND p.native_id = k.native_id
JOIN organization o ON o.id = p.owner_id
WHERE i.number = :number;
