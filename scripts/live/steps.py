# What is done with the pages, in order: each step is a function whose first line says what it shows, and which may answer
# words, such as a figure. Steps leave methA running in compiled code.

import steps_editing as editing
import steps_page as page
import steps_recording as recording
import steps_running as running

everything = [
    editing.both_come_in,
    page.units,
    editing.picture_moves,
    editing.three_windows,
    editing.seen_at_once,
    editing.lens_is_shown,
    editing.errors_have_places,
    editing.completion,
    editing.guide,
    editing.stale_accept,
    editing.taken_back,
    editing.draft_survives,
    running.workspace,
    running.watched_expression,
    running.error_opens_debugger,
    running.breakpoint_follows,
    running.migrate,
    running.probation,
    running.pause,
    page.arranged_by_keys,
    page.latency,
    page.ten_clients,
    page.accessible,
    page.server_comes_back,
    recording.recorded,
    recording.damaged,
]

# The scenario of three windows itself.
short = [
    editing.both_come_in,
    page.units,
    editing.picture_moves,
    editing.three_windows,
    editing.seen_at_once,
    editing.lens_is_shown,
    editing.stale_accept,
    editing.taken_back,
    editing.draft_survives,
    running.error_opens_debugger,
    recording.recorded,
]
