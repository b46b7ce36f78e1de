-- Each request comes from another address, as a trusted proxy would say: none meets the limit of one.
require("report")
function request()
  wrk.headers["x-forwarded-for"] = string.format(
    "%d.%d.%d.%d", math.random(1, 223), math.random(0, 255), math.random(0, 255), math.random(1, 254))
  return wrk.format()
end
