-- Sends bodies of a file at random and prints what came of it as JSON. With CHECKED, responses with errors of GraphQL
-- are failures, too.
local requests = {}
local threads = {}
local authorization = os.getenv("AUTHORIZATION") or ""

-- Of each thread; read from outside.
failed = 0

function setup(thread)
    threads[#threads + 1] = thread
end

function init()
    wrk.method = "POST"
    wrk.headers["content-type"] = "application/json"
    if authorization ~= "" then
        wrk.headers["authorization"] = authorization
    end
    for body in io.lines(os.getenv("BODIES")) do
        requests[#requests + 1] = wrk.format(nil, nil, nil, body)
    end
end

function request()
    return requests[math.random(#requests)]
end

-- wrk reads responses only if there is such a function.
if (os.getenv("CHECKED") or "") ~= "" then
    function response(_, _, body)
        if body:find('"errors"', 1, true) then
            failed = failed + 1
        end
    end
end

function done(summary, latency)
    local errors = summary.errors
    local count = errors.connect + errors.read + errors.write + errors.status + errors.timeout
    for _, thread in ipairs(threads) do
        count = count + thread:get("failed")
    end
    io.write(string.format('{"requests": %d, "seconds": %f, "p50": %f, "p99": %f, "errors": %d}\n',
        summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, count))
end
