-- The peer of LiveEdit.som: a loop that calls a method. Usage: lua5.4 loop.lua [n [iterations]]
local Program = {}
Program.__index = Program
function Program:methB(x) return x end
function Program:methA(n)
  local i, total = 0, 0
  while i < n do
    total = total + self:methB(i)
    i = i + 1
  end
  return total
end

local program = setmetatable({}, Program)
local n, iterations = tonumber(arg[1]) or 20000000, tonumber(arg[2]) or 10
for _ = 1, iterations do
  local start = os.clock()
  local result = program:methA(n)
  print(string.format("loop: %d us (%d)", (os.clock() - start) * 1e6 // 1, result))
end
