// What the page shows: a session that goes on. `ovid replay` answers another word in place of this file.

export const isRecording = false;
