-- Edits a class in Neovim, and prints what the language server has to say.
local function out(...) io.stdout:write(table.concat({ ... }, " ") .. "\n") end
local function wait(what, ready)
  if not vim.wait(30000, ready, 50) then
    out("waited in vain:", what, vim.inspect(vim.diagnostic.get(0)))
    vim.cmd("cq")
  end
end
local function line(text)
  for number, found in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
    if found:find(text, 1, true) then return number, found end
  end
end

vim.cmd("edit Account.som")
wait("the server", function()
  local client = vim.lsp.get_clients({ bufnr = 0 })[1]
  return client and client.initialized
end)
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
