SELECT json_build_object('nativeId', p.native_id, 'title', p.title, 'owner', json_build_object(
    'code', o.code, 'name', o.name, 'parent', json_build_object(
    'code', a.code, 'name', a.name, 'parent', json_build_object(
    'code', b.code, 'name', b.name, 'parent', json_build_object('code', c.code, 'name', c.name)))))
FROM bench_input.q1 i
JOIN platform f ON f.code = i.platform_code
JOIN page p ON p.platform_id = f.id AND p.native_id = i.native_id
JOIN organization o ON o.id = p.owner_id
LEFT JOIN organization a ON a.id = o.parent_id
LEFT JOIN organization b ON b.id = a.parent_id
LEFT JOIN organization c ON c.id = b.parent_id
WHERE i.number = :number;
