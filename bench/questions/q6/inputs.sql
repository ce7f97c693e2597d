-- Short names of institutions, as somebody types them who looks for one.
SELECT json_build_object('words', short_name) FROM organization
WHERE kind = 'INSTITUTION' AND short_name IS NOT NULL ORDER BY random() LIMIT 100
