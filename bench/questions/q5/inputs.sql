-- Two hundred pages each time: all pages are shuffled as often as it takes, and cut into parts.
WITH known AS (
    SELECT f.code, p.native_id FROM page p JOIN platform f ON f.id = p.platform_id
    WHERE p.lifecycle = 'REGISTERED' AND p.native_id IS NOT NULL)
SELECT json_agg(json_build_object('__typename', 'Page', 'platformCode', code, 'nativeId', native_id)) AS representations,
    array_agg(code) AS platform_codes, array_agg(native_id) AS native_ids
FROM (SELECT known.*, turn, (row_number() OVER (PARTITION BY turn ORDER BY random()) - 1) / 200 AS part
      FROM known, generate_series(0, (SELECT :count / greatest(1, count(*) / 200) FROM known)) turn) shuffled
GROUP BY turn, part HAVING count(*) = 200
ORDER BY random() LIMIT :count
