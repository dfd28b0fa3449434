-- Edits a class in Neovim, and prints what the language server has to say.
local session = dofile(vim.fs.dirname(debug.getinfo(1, "S").source:sub(2)) .. "/session.lua")
local out, line = session.out, session.line
local function wait(what, ready)
  session.wait(what, ready, 30000, function() return vim.inspect(vim.diagnostic.get(0)) end)
end

vim.cmd("edit Account.som")
wait("the server", session.hasServer)
local number = line("initialize ")
vim.api.nvim_buf_set_lines(0, number, number, false, { "    zork = ( | unused | ^self frobnicate )" })
wait("two findings", function() return #vim.diagnostic.get(0) == 2 end)
for _, finding in ipairs(vim.diagnostic.get(0)) do out(finding.message) end

vim.api.nvim_win_set_cursor(0, { number + 1, 5 })
vim.lsp.buf.rename("zorkel")
wait("the new name", function() return line("zorkel") end)
out(select(2, line("zorkel")))

local function ask(method, text, column)
  vim.api.nvim_win_set_cursor(0, { line(text), column })
  local parameters = vim.lsp.util.make_position_params(0, "utf-16")
  for _, answer in pairs(vim.lsp.buf_request_sync(0, method, parameters, 30000)) do return answer.result end
end
local found = ask("textDocument/definition", "balance            =", 28)
out("definition", vim.fs.basename(vim.uri_to_fname((found[1] or found).uri)))
out("hover", (ask("textDocument/hover", "deposit: amount", 6).contents.value:gsub("```%w*\n", "")))
vim.cmd("qa!")
