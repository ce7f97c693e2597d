-- Pages whose owner is an institution with at least two levels of authority above it.
SELECT f.code AS platform_code, p.native_id
FROM page p JOIN platform f ON f.id = p.platform_id
JOIN organization o ON o.id = p.owner_id JOIN organization a ON a.id = o.parent_id
WHERE p.lifecycle = 'REGISTERED' AND p.native_id IS NOT NULL AND o.kind = 'INSTITUTION' AND a.parent_id IS NOT NULL
ORDER BY random() LIMIT :count
