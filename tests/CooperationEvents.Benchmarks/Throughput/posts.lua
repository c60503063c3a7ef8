-- Posts one command after the other, and says at the end how many were accepted: organisations; or where FRAMEWORK is set
-- meetings under it; or where MEETINGS is set the attendance of one of PEOPLE at one of them, each pair once.
local key, tag, organisation, framework = os.getenv("KEY") or "", os.getenv("TAG"), os.getenv("ORGANISATION"), os.getenv("FRAMEWORK")
local function list(name)
  local items = {}
  for id in (os.getenv(name) or ""):gmatch("[^,]+") do items[#items + 1] = id end
  return items
end
local meetings, people = list("MEETINGS"), list("PEOPLE")

-- Meetings have days of their own, as far as days go: from 2013 on, for 5,000 days, of up to 20 days each. Each run begins elsewhere.
local FIRST_DAY, DAYS, offset = 1356998400, 5000, 0
for i = 1, #(tag or "") do offset = (offset * 31 + tag:byte(i)) % 100000 end
local threads = {}

function setup(thread)
  thread:set("number", #threads)
  thread:set("count", tonumber(os.getenv("THREADS")))
  threads[#threads + 1] = thread
end

function init()
  posted, accepted = 0, 0
end

function request()
  posted = posted + 1
  local path, body
  if #meetings > 0 then
    local index = (posted - 1) * count + number
    local person = people[math.floor(index / #meetings) % #people + 1]
    path = "/v1/meetings/" .. meetings[index % #meetings + 1] .. "/attendance"
    body = '{"attendees":[{"personId":"' .. person .. '","organisationId":"' .. organisation .. '","status":"attended"}]}'
  elseif framework then
    local id = tag .. "-" .. number .. "-" .. posted
    path = "/v1/meetings"
    local index = (posted - 1) * count + number + offset
    local first = index % DAYS
    local last = first + math.floor(index / DAYS) % 20
    body = '{"title":"Meeting ' .. id .. '","frameworks":[{"frameworkId":"' .. framework .. '","level":"technical-experts"}],"start":"'
      .. os.date("!%Y-%m-%d", FIRST_DAY + first * 86400) .. '","end":"' .. os.date("!%Y-%m-%d", FIRST_DAY + last * 86400)
      .. '","externalReference":{"system":"bench","id":"' .. id .. '"}}'
  else
    local id = tag .. "-" .. number .. "-" .. posted
    path = "/v1/organisations"
    body = '{"name":"Organisation ' .. id .. '","shortName":"ORG","externalReference":{"system":"bench","id":"' .. id .. '"}}'
  end
  return wrk.format("POST", path, { ["Content-Type"] = "application/json", ["X-Api-Key"] = key }, body)
end

function response(status)
  if status == 200 or status == 201 then accepted = accepted + 1 end
end

function done(summary, latency)
  local sum = 0
  for _, thread in ipairs(threads) do sum = sum + thread:get("accepted") end
  io.write(string.format("RESULT %d %d %.3f %.3f %d\n", sum, summary.duration, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status + summary.errors.timeout))
end
