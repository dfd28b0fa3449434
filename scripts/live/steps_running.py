# Steps about the running program: workspace, watches, debugger, policies.

import json

from stage import METHOD_A, RATE, method_b


async def workspace(stage):
    """A workspace evaluates beside the running program, prints, inspects; Esc stops what never ends"""
    page = stage.anna.page
    await page.run("ovid.desk.reveal('workspace'), 1")
    await page.key("Ctrl-A")
    await page.type("case := TheCase. 6 * 7")
    await page.key("Ctrl-P")
    await page.until("ovid.desk.active.editor.text.includes('6 * 7 42')", "the value is printed")
    await page.until("ovid.desk.active.variables.innerText.includes('case: LiveCase')", "the workspace has a variable")
    await page.key("Ctrl-A")
    await page.type("[ true ] whileTrue: [ case sends ]")
    await page.key("Ctrl-D")
    await page.until("document.querySelector('.status .message').innerText.includes('Still evaluating')", "it goes on")
    await page.key("Escape")
    await page.until("document.querySelector('.status .message').innerText.includes('Stopped')", "Esc stops it")
    await page.key("Ctrl-A")
    await page.type("| a | a := Array new: 1000. a at: 3 put: a. a")
    await page.key("Ctrl-I")
    await page.until("ovid.desk.all.some(window => window.kind === 'inspector')", "an inspector")
    await page.run("ovid.desk.reveal('inspector'), 1")
    inspector = "ovid.desk.all.find(window => window.kind === 'inspector')"
    await page.until(f"{inspector}.element.innerText.includes('of 1,000')", "its pages")
    await page.until(f"{inspector}.body.rows[2].innerText.includes('↺ the same as')", "it is in itself")
    await stage.picture("5-inspector")
    await page.click(f"({inspector}.body.rows[2].querySelector('button.link.mono'))")
    await page.until(f"{inspector}.path.length === 1 && {inspector}.body.rows.length === 100", "its link goes back to it")
    await page.run(f"ovid.desk.close({inspector}), 1")


async def watched_expression(stage):
    """An expression is watched: its value moves, and has a plot"""
    page = stage.anna.page
    await page.run("document.querySelector('.adding input').focus(), 1")
    await page.type("TheCase sends")
    await page.key("Enter")
    first = await page.until("document.querySelector('.watch .value')?.innerText", "a value")
    await page.until(f"document.querySelector('.watch .value').innerText !== {json.dumps(first)}", "it moves")
    await page.until("!document.querySelector('.watch canvas').hidden", "a plot")
    await stage.ben.page.until(
        "document.querySelector('.watch .text')?.innerText === 'TheCase sends'", "Ben sees it, too"
    )


async def error_opens_debugger(stage):
    """An error opens the debugger with the stack; fix and continue: the frame starts again with the new version"""
    await stage.anna.show(1, "LiveCase>>methB")
    await stage.anna.accept(1, method_b("^self zork"))
    await stage.anna.page.until(
        "[...ovid.session.stops.values()].some(stop => stop.reason === 'unhandledError')", "it stops"
    )
    debugger = "ovid.desk.all.find(window => window.kind === 'debugger')"
    await stage.anna.page.until(
        f"{debugger}?.activation?.name.includes('methB') || {debugger}?.activations?.some(a => a.name.includes('methB'))",
        "its stack",
    )
    words = await stage.anna.debugger()
    assert "zork" in words and "LiveCase>>methA" in words, words
    await stage.ben.page.until("document.querySelector('.top .state').innerText.includes('error')", "Ben is told")
    await stage.picture("6-error")
    await stage.anna.accept(1, method_b("^10"))
    choose = f"(() => {{ const w = {debugger}; w.showActivation(w.activations.find(a => a.name === 'LiveCase>>methB')); }})(), 1"
    await stage.anna.page.until(
        f"{debugger}.activations.some(a => a.name === 'LiveCase>>methB' && a.installedVersion !== a.version)",
        "the old version is marked",
    )
    await stage.anna.page.run(choose)
    await stage.anna.page.until(
        f"/runs v\\d+; v\\d+ is installed/.test({debugger}.element.innerText)", "“runs v…, v… is installed”"
    )
    await stage.picture("7-fixed")
    await stage.anna.page.run(f"ovid.desk.focus({debugger}), 1")
    await stage.anna.page.key("Shift-F8")
    await stage.anna.page.until(
        "ovid.session.stops.size === 0 || [...ovid.session.stops.values()].every(stop => stop.reason !== 'unhandledError')",
        "it starts again",
    )
    if await stage.anna.page.run("ovid.session.stops.size"):
        await stage.anna.page.key("F8")
    await stage.anna.page.until("ovid.session.programState.words === 'runs'", "the program goes on")


async def breakpoint_follows(stage):
    """A breakpoint is set by key, stops, shows variables, steps; it follows its statement when the text changes"""
    page, debugger = stage.anna.page, "ovid.desk.all.find(window => window.kind === 'debugger')"
    await stage.anna.show(0, "LiveCase>>count:")
    original = await stage.anna.text(0)
    await page.run(f"{stage.anna.code(0)}.pane.editor.goTo(2), 1")
    await page.key("F9")
    await page.until("[...ovid.session.stops.values()].some(stop => stop.reason === 'breakpoint')", "it stops there")
    await page.until(f"{debugger}.activation?.name === 'LiveCase>>count:'", "the activation")
    await page.until(f"/n\\s+\\d+/.test({debugger}.variables.element.innerText)", "the argument is shown")
    await page.until("document.querySelectorAll('.debugger .statement-place').length > 0", "the statement is marked")
    await stage.picture("8-breakpoint")
    await stage.anna.accept(0, original.replace("count: n = (\n", 'count: n = (\n    "one line more"\n'))
    await page.until(
        "ovid.session.breakpoints.length === 1 && document.querySelectorAll('.CodeMirror-gutter-elt .break').length > 0"
    )
    line = await page.until(
        f"(() => {{ const all = {stage.anna.code(0)}.pane.editor.mirror; for (let i = 0; i < all.lineCount(); i++) if (all.lineInfo(i).gutterMarkers?.breaks) return i + 1; }})()"
    )
    assert line == 4, f"the breakpoint is in line {line}"
    before = await page.run(f"{debugger}.stop.number")
    await page.run(f"ovid.desk.focus({debugger}), 1")
    await page.key("F10")
    await page.until(f"{debugger}.stop && {debugger}.stop.number > {before}", "a step ends")
    await page.run(
        "Promise.all(ovid.session.breakpoints.map(({id}) => ovid.session.do('removeBreakpoint', {id}))).then(() => 1)"
    )
    await page.key("F8")
    await page.until("ovid.session.programState.words === 'runs'", "the program goes on")


async def migrate(stage):
    """methA itself is replaced while its loop runs: migrate goes on in the new text"""
    await stage.anna.show(0, "LiveCase>>methA")
    await stage.anna.page.run(f"{stage.anna.code(0)}.pane.policy.value = 'migrate', 1")
    await stage.anna.accept(0, METHOD_A.replace("self count: self methB", "self count: self methB + 100"))
    await stage.anna.reads(0, "goes on in the new code")
    await stage.anna.page.run(f"{stage.anna.code(0)}.pane.policy.value = 'next', 1")
    rate = await stage.anna.page.run(RATE)
    assert 95 < rate < 125, f"each send adds {rate}"


async def probation(stage):
    """An accept on probation is taken back by itself when it fails"""
    await stage.anna.show(1, "LiveCase>>methB")
    before = await stage.anna.text(1)
    await stage.anna.page.run(f"{stage.anna.code(1)}.pane.policy.value = 'probation', 1")
    await stage.anna.accept(1, method_b("^self zork"))
    await stage.anna.reads(1, "back by itself, since")
    await stage.anna.page.run(f"{stage.anna.code(1)}.pane.policy.value = 'next', 1")
    await stage.anna.page.until(f"{stage.anna.code(1)}.pane.editor.text === {json.dumps(before)}", "the text of before")
    await stage.anna.page.until("ovid.session.programState.words === 'runs'", "the program goes on")


async def pause(stage):
    """Ctrl-. pauses the program, and lets it go on"""
    await stage.anna.page.key("Ctrl-.")
    await stage.anna.page.until("ovid.session.programStops.length > 0", "it stands still")
    await stage.anna.page.key("Ctrl-.")
    await stage.anna.page.until("ovid.session.programStops.length === 0", "it goes on")
