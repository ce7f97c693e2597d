SELECT json_build_object('code', a.code, 'name', a.name, 'institutions', (
    SELECT json_agg(json_build_object('code', o.code, 'name', o.name, 'shortName', o.short_name, 'pages', (
        SELECT json_agg(json_build_object('nativeId', p.native_id, 'title', p.title, 'subscribers', l.subscribers))
        FROM (SELECT * FROM page WHERE owner_id = o.id ORDER BY id LIMIT 20) p
        LEFT JOIN page_latest l ON l.page_id = p.id)))
    FROM (SELECT * FROM organization WHERE parent_id = a.id AND kind = 'INSTITUTION' ORDER BY id LIMIT 50) o))
FROM bench_input.q2 i JOIN organization a ON a.code = i.code
WHERE i.number = :number;
