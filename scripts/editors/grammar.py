# The TextMate grammar of Editors/vscode against the files of Tests/Grammar: each NAME.som has a NAME.scopes with a line for each
# piece of it: its line, its innermost scope, its text. All other SOM sources of the repository must be read without a scope
# that says invalid.
#   grammar.py [--write]     # --write makes the expectations anew; look at the difference
import json
import logging
import sys
from pathlib import Path

from textmate_grammar.parsers.base import LanguageParser

# (It tells what has no scope of its own.)
logging.disable(logging.WARNING)
root = Path(__file__).resolve().parent.parent.parent
grammar = json.loads((root / "Editors/vscode/syntaxes/som.tmLanguage.json").read_text())
parser = LanguageParser(grammar)


def scopes(path):
    """The pieces of a file, in order."""
    element = parser.parse_file(path)
    if element is None:
        return []
    return [
        f"{position[0] + 1}\t{tokens[-1]}\t{text.strip()}"
        for position, text, tokens in element.flatten()
        if text.strip()
    ]


failed = False
for path in sorted((root / "Tests/Grammar").glob("*.som")):
    found, expected = scopes(path), path.with_suffix(".scopes")
    if "--write" in sys.argv:
        expected.write_text("".join(line + "\n" for line in found))
        continue
    wanted = expected.read_text().splitlines() if expected.exists() else []
    if found != wanted:
        failed = True
        for line in [f"- {w}" for w in wanted if w not in found] + [f"+ {f}" for f in found if f not in wanted]:
            print(f"{path.name}: {line}")
sources = [p for folder in ("Examples", "Sources/VM/CoreLibrary", "Benchmarks") for p in sorted((root / folder).rglob("*.som"))]
for path in sources[:: 1 if "--all" in sys.argv else 8]:
    wrong = [line for line in scopes(path) if "\tinvalid." in line]
    if wrong:
        failed = True
        print(f"{path}: {wrong[0]}")
print("grammar: " + ("failed" if failed else "ok"))
sys.exit(failed)
