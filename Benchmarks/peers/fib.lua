-- The peer of Fibonacci.som. Usage: lua5.4 fib.lua [n [iterations]]
local function fib(n)
  if n < 2 then return n end
  return fib(n - 1) + fib(n - 2)
end

local n, iterations = tonumber(arg[1]) or 30, tonumber(arg[2]) or 10
for _ = 1, iterations do
  local start = os.clock()
  local result = fib(n)
  print(string.format("fib: %d us (%d)", (os.clock() - start) * 1e6 // 1, result))
end
