-- Short names of institutions, as somebody types them who looks for one.
SELECT words FROM (
    SELECT DISTINCT short_name AS words FROM organization WHERE kind = 'INSTITUTION' AND short_name IS NOT NULL) names
ORDER BY random() LIMIT :count
