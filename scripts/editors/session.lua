-- What sessions in Neovim have in common.
local session = {}

function session.out(...) io.stdout:write(table.concat({ ... }, " ") .. "\n") end

-- Waits until `ready` answers something; else says what it waited for, and what `more` answers, and ends.
function session.wait(what, ready, milliseconds, more)
  if not vim.wait(milliseconds, ready, 50) then
    session.out("waited in vain:", what, more())
    vim.cmd("cq")
  end
end

-- The number and the text of the first line that has `text`.
function session.line(text)
  for number, found in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
    if found:find(text, 1, true) then return number, found end
  end
end

function session.hasServer()
  local client = vim.lsp.get_clients({ bufnr = 0 })[1]
  return client and client.initialized
end

return session
