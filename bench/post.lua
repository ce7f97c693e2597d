-- Sends bodies of a file at random and prints what came of it as JSON.
local requests = {}

function init()
    wrk.method = "POST"
    wrk.headers["content-type"] = "application/json"
    wrk.headers["authorization"] = os.getenv("AUTHORIZATION")
    for body in io.lines(os.getenv("BODIES")) do
        requests[#requests + 1] = wrk.format(nil, nil, nil, body)
    end
end

function request()
    return requests[math.random(#requests)]
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format('{"requests": %d, "seconds": %f, "p50": %f, "p99": %f, "errors": %d}\n',
        summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
        errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
