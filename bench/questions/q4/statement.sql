SELECT json_agg(json_build_object('nativeId', p.native_id, 'title', p.title, 'owner', json_build_object(
    'code', o.code, 'name', o.name, 'parent', json_build_object('code', a.code, 'name', a.name))) ORDER BY c.seq)
FROM (SELECT seq, subject_id FROM change
      WHERE seq > (SELECT i.seq FROM bench_input.q4 i WHERE i.number = :number) AND subject_type = 'PAGE'
      ORDER BY seq LIMIT 500) c
JOIN page p ON p.id = c.subject_id
JOIN organization o ON o.id = p.owner_id
LEFT JOIN organization a ON a.id = o.parent_id;
