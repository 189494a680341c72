// @ts-check
/** On every page: the reader's preferences without losing the place or what was typed. */

const YEAR_S = 365 * 24 * 3600;

document.addEventListener('click', (e) => {
  const link = e.target instanceof Element ? e.target.closest('[data-pref]') : null;
  if (!(link instanceof HTMLAnchorElement)) return;
  const name = link.dataset.pref ?? '';
  const value = link.dataset.value ?? '';
  e.preventDefault();
  document.cookie = `${name}=${value}; Path=/; SameSite=Lax; Max-Age=${YEAR_S}`;
  document.documentElement.dataset[name] = value;
  const other = { light: 'dark', dark: 'light', normal: 'large', large: 'normal', more: 'usual', usual: 'more' }[value] ?? value;
  link.dataset.value = other;
  link.href = `?${name}=${other}`;
  link.textContent = link.dataset[other] ?? link.textContent;
});

// A menu that is open closes when one clicks elsewhere or presses Escape; without this script a second click on it does.
for (const kind of ['click', 'keydown']) {
  document.addEventListener(kind, (e) => {
    const menu = document.querySelector('details.more[open]');
    if (!(menu instanceof HTMLDetailsElement)) return;
    if (e instanceof KeyboardEvent) {
      if (e.key !== 'Escape') return;
      menu.open = false;
      menu.querySelector('summary')?.focus();
    } else if (e.target instanceof Node && !menu.contains(e.target)) menu.open = false;
  });
}
