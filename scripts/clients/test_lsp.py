# Every request of `ovid lsp` through pytest-lsp, whose types (lsprotocol) check all that is answered.
import os
import pathlib

import pytest
import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

ROOT = pathlib.Path(os.environ["OVID_PROJECT"])
TEXT = (ROOT / "Account.som").read_text()
URI = (ROOT / "Account.som").as_uri()
DOCUMENT = types.TextDocumentIdentifier(uri=URI)


def place(text, offset=0):
    """The position of a text in Account.som."""
    before = TEXT[: TEXT.index(text) + offset]
    return types.Position(line=before.count("\n"), character=len(before) - before.rfind("\n") - 1)


def span(text):
    return types.Range(start=place(text), end=place(text, len(text)))


@pytest_lsp.fixture(config=ClientServerConfig(server_command=["ovid", "lsp"]))
async def client(lsp_client: LanguageClient):
    # The library says that it can do this, and leaves it to its user.
    lsp_client.feature(types.CLIENT_REGISTER_CAPABILITY)(lambda parameters: None)
    await lsp_client.initialize_session(
        types.InitializeParams(
            capabilities=client_capabilities("visual-studio-code"),
            workspace_folders=[types.WorkspaceFolder(uri=ROOT.as_uri(), name="project")],
        )
    )
    lsp_client.text_document_did_open(
        types.DidOpenTextDocumentParams(
            text_document=types.TextDocumentItem(uri=URI, language_id="som", version=1, text=TEXT)
        )
    )
    yield
    await lsp_client.shutdown_session()


@pytest.mark.asyncio
async def test_diagnostics(client: LanguageClient):
    changed = TEXT.rstrip()[:-1] + "    broken = ( ^self frobnicate )\n)\n"
    client.text_document_did_change(
        types.DidChangeTextDocumentParams(
            text_document=types.VersionedTextDocumentIdentifier(uri=URI, version=2),
            content_changes=[types.TextDocumentContentChangeWholeDocument(text=changed)],
        )
    )
    while not any("frobnicate" in d.message for d in client.diagnostics.get(URI, [])):
        await client.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    line = changed[: changed.index("frobnicate")].count("\n")
    at = types.Position(line=line, character=22)
    actions = await client.text_document_code_action_async(
        types.CodeActionParams(
            text_document=DOCUMENT, range=types.Range(start=at, end=at),
            context=types.CodeActionContext(diagnostics=[]),
        )
    )
    assert "Create method Account class>>frobnicate" in [action.title for action in actions]


@pytest.mark.asyncio
async def test_names(client: LanguageClient):
    at = {"text_document": DOCUMENT, "position": place("deposit: amount")}
    assert "Account>>deposit: amount" in (await client.text_document_hover_async(types.HoverParams(**at))).contents.value
    for request, parameters in [
        (client.text_document_definition_async, types.DefinitionParams(**at)),
        (client.text_document_declaration_async, types.DeclarationParams(**at)),
        (client.text_document_implementation_async, types.ImplementationParams(**at)),
        (client.text_document_document_highlight_async, types.DocumentHighlightParams(**at)),
        (client.text_document_references_async,
         types.ReferenceParams(context=types.ReferenceContext(include_declaration=True), **at)),
    ]:
        assert await request(parameters)
    await client.text_document_type_definition_async(types.TypeDefinitionParams(**at))
    assert await client.text_document_prepare_rename_async(types.PrepareRenameParams(**at))
    edit = await client.text_document_rename_async(types.RenameParams(new_name="take:", **at))
    assert len(edit.document_changes) == 2
    assert (await client.text_document_completion_async(types.CompletionParams(**at))) is not None
    await client.text_document_signature_help_async(types.SignatureHelpParams(**at))


@pytest.mark.asyncio
async def test_structure(client: LanguageClient):
    whole = types.Range(start=types.Position(line=0, character=0), end=types.Position(line=999, character=0))
    options = types.FormattingOptions(tab_size=4, insert_spaces=True)
    symbols = await client.text_document_document_symbol_async(types.DocumentSymbolParams(text_document=DOCUMENT))
    assert symbols[0].name == "Account" and len(symbols[0].children) > 3
    assert await client.workspace_symbol_async(types.WorkspaceSymbolParams(query="dep"))
    tokens = await client.text_document_semantic_tokens_full_async(types.SemanticTokensParams(text_document=DOCUMENT))
    assert len(tokens.data) % 5 == 0 and tokens.data
    await client.text_document_semantic_tokens_range_async(
        types.SemanticTokensRangeParams(text_document=DOCUMENT, range=whole))
    assert await client.text_document_folding_range_async(types.FoldingRangeParams(text_document=DOCUMENT))
    assert await client.text_document_selection_range_async(
        types.SelectionRangeParams(text_document=DOCUMENT, positions=[place("deposit: amount")]))
    assert not await client.text_document_formatting_async(
        types.DocumentFormattingParams(text_document=DOCUMENT, options=options))
    await client.text_document_range_formatting_async(
        types.DocumentRangeFormattingParams(text_document=DOCUMENT, options=options, range=whole))
    assert not await client.text_document_inlay_hint_async(
        types.InlayHintParams(text_document=DOCUMENT, range=whole))
    assert await client.text_document_code_lens_async(types.CodeLensParams(text_document=DOCUMENT))


@pytest.mark.asyncio
async def test_hierarchies(client: LanguageClient):
    methods = await client.text_document_prepare_call_hierarchy_async(
        types.CallHierarchyPrepareParams(text_document=DOCUMENT, position=place("deposit: amount")))
    assert await client.call_hierarchy_incoming_calls_async(types.CallHierarchyIncomingCallsParams(item=methods[0]))
    await client.call_hierarchy_outgoing_calls_async(types.CallHierarchyOutgoingCallsParams(item=methods[0]))
    classes = await client.text_document_prepare_type_hierarchy_async(
        types.TypeHierarchyPrepareParams(text_document=DOCUMENT, position=place("Account = (")))
    above = await client.type_hierarchy_supertypes_async(types.TypeHierarchySupertypesParams(item=classes[0]))
    assert [item.name for item in above] == ["Object"]
    await client.type_hierarchy_subtypes_async(types.TypeHierarchySubtypesParams(item=classes[0]))


@pytest.mark.asyncio
async def test_tests_are_run(client: LanguageClient):
    tests = types.TextDocumentIdentifier(uri=(ROOT / "AccountTest.som").as_uri())
    lenses = await client.text_document_code_lens_async(types.CodeLensParams(text_document=tests))
    commands = [lens.command for lens in lenses if lens.command.command == "ovid.runTests"]
    assert commands[0].title.startswith("run ") and len(commands) > 2
    for command in commands[:2]:
        answer = await client.workspace_execute_command_async(
            types.ExecuteCommandParams(command=command.command, arguments=command.arguments))
        assert answer["isSuccess"], answer["text"]
