-- Sends the bodies of a file in turn and counts what came: answers, refusals for overload, anything else.
local threads, requests, sent = {}, {}, 0

function setup(thread)
    threads[#threads + 1] = thread
end

function init()
    well, shed, others = 0, 0, 0
    pause = tonumber(os.getenv("PAUSE"))
    wrk.method = "POST"
    wrk.headers["content-type"] = "application/json"
    for body in io.lines(os.getenv("BODIES")) do
        requests[#requests + 1] = wrk.format(nil, nil, nil, body)
    end
end

-- Each time another one, or else all connections would ask together, and be silent together.
function delay()
    return math.random(0, 2 * pause)
end

function request()
    sent = sent % #requests + 1
    return requests[sent]
end

function response(status)
    if status == 200 then well = well + 1 elseif status == 503 then shed = shed + 1 else others = others + 1 end
end

function done(summary, latency)
    local counts = { well = 0, shed = 0, others = summary.errors.connect + summary.errors.read + summary.errors.timeout }
    for _, thread in ipairs(threads) do
        for name in pairs(counts) do counts[name] = counts[name] + thread:get(name) end
    end
    io.write(string.format('{"well": %d, "shed": %d, "others": %d, "seconds": %f, "p50": %f, "p99": %f}\n', counts.well, counts.shed,
        counts.others, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
