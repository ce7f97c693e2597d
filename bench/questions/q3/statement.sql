SELECT json_agg(json_build_object('code', f.code, 'month', m.month, 'value', m.value))
FROM bench_input.q3 i
JOIN territory t ON t.code = i.region
JOIN bench.region_month m ON m.region_id = t.id AND m.metric = i.metric AND m.month BETWEEN i.first_day AND i.last_day
JOIN platform f ON f.id = m.platform_id
WHERE i.number = :number;
