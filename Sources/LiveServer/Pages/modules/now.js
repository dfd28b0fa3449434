// The clock of what is shown: of a recording, it says when that was.

export const shownTime = {now: () => Date.now() / 1000};
