-- Every region, what is counted there, and spans of whole months that have sums; the month of today is whole up to today.
SELECT t.code AS region, k.metric, k.first AS first_day,
    least((k.last + interval '1 month')::date - 1, (now() AT TIME ZONE 'utc')::date) AS last_day
FROM (SELECT DISTINCT f.region_id, f.metric, f.month AS first, l.month AS last
      FROM bench.region_month f JOIN bench.region_month l USING (region_id, metric)
      WHERE f.month <= l.month) k
JOIN territory t ON t.id = k.region_id AND t.kind = 'REGION'
ORDER BY random() LIMIT :count
