-- Two hundred pages each time.
SELECT json_build_object(
    'representations', json_agg(json_build_object('__typename', 'Page', 'platformCode', code, 'nativeId', native_id)),
    'platformCodes', json_agg(code), 'nativeIds', json_agg(native_id))
FROM (SELECT f.code, p.native_id, row_number() OVER (ORDER BY random()) - 1 AS number
      FROM page p JOIN platform f ON f.id = p.platform_id
      WHERE p.lifecycle = 'REGISTERED' AND p.native_id IS NOT NULL
      ORDER BY number LIMIT 20000) p
GROUP BY number / 200 HAVING count(*) = 200
