-- Each request comes from another address, as a trusted proxy would say: none meets the limit of one.
require("report")

-- Else all threads would make the same ones.
local threads = 0
function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end

function init()
  math.randomseed(os.time() * 64 + number)
end

function request()
  wrk.headers["x-forwarded-for"] = string.format(
    "%d.%d.%d.%d", math.random(1, 223), math.random(0, 255), math.random(0, 255), math.random(1, 254))
  return wrk.format()
end
