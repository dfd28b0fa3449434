# What a page must have for people who use only the keyboard, hear it, or cannot tell its colours: names and roles, a
# focus that goes everywhere and can be seen, contrast. `problems(page)` answers sentences; none is good.

import os

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "accessibility.js"), encoding="utf-8") as file:
    IN_PAGE = file.read()

# Roles whose nodes must have a name.
NAMED = {
    "button", "textbox", "searchbox", "combobox", "listbox", "tab", "tabpanel", "tablist", "dialog", "checkbox",
    "slider", "splitter", "img", "link", "spinbutton", "log", "toolbar",
}  # fmt: skip


async def named(page):
    problems = []
    for node in (await page.send("Accessibility.getFullAXTree"))["nodes"]:
        role = node.get("role", {}).get("value")
        if not node.get("ignored") and role in NAMED and not node.get("name", {}).get("value", "").strip():
            problems.append(f"a {role} without a name")
    return problems


async def focus_order(page):
    """Goes once around with Tab (behind Escape in editors): what can have the focus gets it, and shows it."""
    problems, seen = [], set()
    count = await page.run("accessibility.focusable()")
    await page.run("document.activeElement?.blur(), window.getSelection().removeAllRanges()")
    for _ in range(3 * count + 20):
        await page.key("Tab")
        found = await page.run("accessibility.focused()")
        if not found:
            continue
        if found["number"] in seen and found["number"] == min(seen):
            break
        if found["number"] not in seen:
            if not found["isSeen"]:
                problems.append(f"the focus cannot be seen: {found['words']}")
            if not found["isOnPage"]:
                problems.append(f"the focus is outside of the page: {found['words']}")
        seen.add(found["number"])
        if found["isEditor"]:
            await page.key("Escape")
    if len(seen) < count:
        problems.append(f"Tab reaches {len(seen)} of {count} places")
    return problems


async def problems(page, focus=True):
    await page.run(IN_PAGE + "\n1")
    found = await page.run("accessibility.problems()") + await named(page)
    return found + (await focus_order(page) if focus else [])
