-- A session of edits in Neovim against a program that runs: a save is an accept, and is seen in hints and messages.
local session = dofile(vim.fs.dirname(debug.getinfo(1, "S").source:sub(2)) .. "/session.lua")
local out, line = session.out, session.line
local messages = {}
local function wait(what, ready)
  session.wait(what, ready, 60000, function() return table.concat(messages, "; ") end)
end

vim.lsp.handlers["window/showMessage"] = function(_, result) table.insert(messages, result.message) end
local function message(text)
  local found
  wait(text, function()
    for _, one in ipairs(messages) do if one:find(text, 1, true) then found = one end end
    return found
  end)
  messages = {}
  return found
end
local refreshed = 0
local refresh = vim.lsp.handlers["workspace/inlayHint/refresh"]
vim.lsp.handlers["workspace/inlayHint/refresh"] = function(...)
  refreshed = refreshed + 1
  return refresh(...)
end

vim.cmd("edit Flow.som")
wait("the server", session.hasServer)
vim.lsp.inlay_hint.enable(true)
local function hint(text)
  local number = line(text) - 1
  for _, one in ipairs(vim.lsp.inlay_hint.get({ bufnr = 0 })) do
    if one.inlay_hint.position.line == number then return one.inlay_hint.label end
  end
  return "none"
end
local function waitHint(text, wanted)
  local found
  local function isThere()
    found = hint(text)
    return found:find(wanted, 1, true)
  end
  session.wait(wanted, isThere, 60000, function() return "at " .. text .. " which has " .. tostring(found) end)
end
-- The loop has inlined the method.
waitHint("methB =", "inlined in 1 place")
local function edit(text, new)
  local number = line(text)
  vim.api.nvim_buf_set_lines(0, number - 1, number, false, { new })
  vim.cmd("silent write")
end
for version = 2, 4 do
  edit("methB =", ("    methB = ( ^%d )"):format(version))
  out("accepted", (message("Flow>>methB v" .. (version - 1) .. " → v" .. version):gsub(",.*", "")))
  waitHint("methB =", "v" .. version)
end
out("refreshed", tostring(refreshed > 2))
-- What does not parse is not accepted; what the program refuses is a diagnostic.
edit("methB =", "    methB = ( ^ )")
out("refused", message("does not parse"))
edit("methB =", "    methB = ( ^5 )")
message("v4 → v5")
vim.cmd("qa!")
