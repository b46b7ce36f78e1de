-- Each request is of another person, drawn by Zipf's law: the n-th is asked for 1/n as often as the first. `tokens` is a file of
-- one access token a line.
require("report")
local tokens, shares = {}, {}

function init(arguments)
  math.randomseed(os.time() + tonumber(tostring({}):match("0x(%x+)"), 16) % 100000)
  local sum = 0
  for token in io.lines(arguments[1]) do
    tokens[#tokens + 1] = wrk.format("GET", nil, { authorization = "Bearer " .. token })
    sum = sum + 1 / #tokens
    shares[#tokens] = sum
  end
end

function request()
  local wanted = math.random() * shares[#shares]
  local low, high = 1, #shares
  while low < high do
    local middle = math.floor((low + high) / 2)
    if shares[middle] < wanted then low = middle + 1 else high = middle end
  end
  return tokens[low]
end
