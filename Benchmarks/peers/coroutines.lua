-- The peer of the processes' figures. Usage: lua5.4 coroutines.lua switch|crowd n
local what, n = arg[1], tonumber(arg[2])
local start = os.clock()

local function resident()
  for line in io.lines("/proc/self/status") do
    local kilobytes = line:match("^VmHWM:%s*(%d+)")
    if kilobytes then return tonumber(kilobytes) end
  end
  return 0
end

if what == "switch" then
  -- Two that give each other the turn, by way of a loop that resumes them: twice n switches.
  local count = 0
  local function body() for _ = 1, n do count = count + 1; coroutine.yield() end end
  local first, second = coroutine.create(body), coroutine.create(body)
  while coroutine.status(first) ~= "dead" do
    coroutine.resume(first)
    coroutine.resume(second)
  end
  assert(count == 2 * n)
else
  local all = {}
  for i = 1, n do
    all[i] = coroutine.create(function() coroutine.yield() end)
    coroutine.resume(all[i])
  end
end
print(string.format("%s: %d us", what, (os.clock() - start) * 1e6 // 1))
print(string.format("memory: %d us", resident()))
