// What the browser keeps between visits: who this page is, its theme, its layout, its drafts. Where storage is not
// allowed, everything works, and is forgotten.

const prefix = 'ovid:';

export const kept = {
  get(key, otherwise) {
    try {
      const text = localStorage.getItem(prefix + key);
      return text === null ? otherwise : JSON.parse(text);
    } catch { return otherwise; }
  },
  set(key, value) {
    try {
      if (value === undefined || value === null) localStorage.removeItem(prefix + key);
      else localStorage.setItem(prefix + key, JSON.stringify(value));
      return true;
    } catch { return false; }
  },
};

const random = () => 'c-' + Array.from(crypto.getRandomValues(new Uint8Array(6)),
  byte => byte.toString(16).padStart(2, '0')).join('');

/// A lock that is held as long as the page lives: two pages are never the same client.
function claim(client) {
  if (!navigator.locks) return Promise.resolve(true);
  return new Promise(answer => {
    navigator.locks.request(prefix + client, {ifAvailable: true}, lock => {
      answer(Boolean(lock));
      return lock ? new Promise(() => {}) : undefined;
    }).catch(() => answer(true));
  });
}

/// The name that this page has for the session. A reload has the same one; so has a page that is opened when the one of
/// before is gone, which finds its drafts.
export async function clientName() {
  let own = null;
  try { own = sessionStorage.getItem(prefix + 'client'); } catch { /* as if there were none */ }
  const known = kept.get('clients', []);
  for (const client of [own, ...known].filter(Boolean)) {
    // A reload may be faster than the end of the page before it.
    const isFree = await claim(client) || (
      client === own && (await new Promise(go => setTimeout(go, 150)), await claim(client))
    );
    if (isFree) return remember(client, known);
  }
  const made = random();
  await claim(made);
  return remember(made, known);
}

function remember(client, known) {
  try { sessionStorage.setItem(prefix + 'client', client); } catch { /* it is forgotten at the next reload */ }
  kept.set('clients', [client, ...known.filter(other => other !== client)].slice(0, 8));
  return client;
}

const themes = ['system', 'light', 'dark'];
// What is drawn, and not laid out, is drawn anew.
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => dispatchEvent(new Event('theme')));

export const theme = {
  get name() { return kept.get('theme', 'system'); },
  apply(name = theme.name) {
    if (name === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = name;
    dispatchEvent(new Event('theme'));
  },
  next() {
    const name = themes[(themes.indexOf(theme.name) + 1) % themes.length];
    kept.set('theme', name);
    theme.apply(name);
    return name;
  },
};
