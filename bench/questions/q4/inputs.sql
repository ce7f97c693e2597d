-- Places in the log that 500 changes of pages follow.
SELECT c.seq
FROM change c, (SELECT seq AS last FROM change WHERE subject_type = 'PAGE' ORDER BY seq DESC OFFSET 500 LIMIT 1) l
WHERE c.subject_type = 'PAGE' AND c.seq <= l.last
ORDER BY random() LIMIT :count
