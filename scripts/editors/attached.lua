-- A session of edits in Neovim against a program that runs: a save is an accept, and is seen in hints and messages.
local messages = {}
local function out(...) io.stdout:write(table.concat({ ... }, " ") .. "\n") end
local function wait(what, ready)
  if not vim.wait(60000, ready, 50) then
    out("waited in vain:", what, table.concat(messages, "; "))
    vim.cmd("cq")
  end
end
local function line(text)
  for number, found in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
    if found:find(text, 1, true) then return number, found end
  end
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
wait("the server", function()
  local client = vim.lsp.get_clients({ bufnr = 0 })[1]
  return client and client.initialized
end)
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
  if not vim.wait(60000, isThere, 50) then
    out("waited in vain:", wanted, "at", text, "which has", found)
    vim.cmd("cq")
  end
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
