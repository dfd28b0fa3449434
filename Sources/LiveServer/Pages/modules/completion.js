// Words that could go on what is typed.

export async function completionsFor(app, document, before, after, workspace) {
  const parameters = {before, after, workspace};
  if (document?.method) Object.assign(parameters,
    {className: document.method.className, isClassSide: document.method.isClassSide});
  else if (document?.isClass) parameters.className = document.place;
  try {
    return await app.session.request('complete', parameters);
  } catch {
    return {prefix: '', items: []};
  }
}
