-- The authorities with the most institutions right below them: at national scale they have about as many as are asked for.
SELECT a.code
FROM organization a JOIN organization o ON o.parent_id = a.id AND o.kind = 'INSTITUTION'
WHERE a.kind = 'AUTHORITY'
GROUP BY a.code ORDER BY count(*) DESC, a.code LIMIT :count
