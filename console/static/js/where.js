// @ts-check
/** Fills in where somebody stands. The page works without: the field can be typed in. */

for (const form of /** @type {NodeListOf<HTMLFormElement>} */ (document.querySelectorAll('form[data-locate]'))) {
  const field = form.elements.namedItem('where');
  if (!(field instanceof HTMLInputElement) || !navigator.geolocation) continue;
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'btn small';
  button.textContent = form.dataset.locate ?? '';
  const said = document.createElement('p');
  said.className = 'help';
  said.setAttribute('role', 'status');
  field.after(button, said);
  button.addEventListener('click', () => {
    said.textContent = form.dataset.locating ?? '';
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const at = `${coords.latitude.toFixed(5)},${coords.longitude.toFixed(5)}`;
        field.value = `${at} ±${Math.round(coords.accuracy)}m`;
        const shown = form.elements.namedItem('evidence');
        if (shown instanceof HTMLSelectElement) shown.value = 'gps';
        said.textContent = '';
      },
      () => { said.textContent = form.dataset.failed ?? ''; },
      { enableHighAccuracy: true, timeout: 15_000, maximumAge: 0 },
    );
  });
}
