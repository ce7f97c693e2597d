-- Authorities with fifty institutions or more right below them, and with nothing else there.
SELECT json_build_object('code', a.code)
FROM organization a JOIN organization o ON o.parent_id = a.id
GROUP BY a.code HAVING count(*) >= :least AND bool_and(o.kind = 'INSTITUTION')
ORDER BY random() LIMIT 100
